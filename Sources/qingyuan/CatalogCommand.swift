import ArgumentParser
import Catalog
import Foundation
import PipelineDefinition

struct CatalogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalog", abstract: "The data-element catalog in other forms.",
    subcommands: [Export.self])

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the catalog to standard output, or the schemas to a folder.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
      case markdown
      case jsonSchema = "json-schema"
      case tableSchema = "table-schema"
      case csv
    }

    @Option(help: "markdown, json-schema, table-schema or csv.") var format: Format

    @Option(help: "Only this category (json-schema, table-schema).") var category: String?

    @Option(help: "Write one file per category into this folder.") var out: String?

    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      switch format {
      case .markdown: print(CatalogExport.markdown(catalog))
      case .csv: print(CatalogExport.csv(catalog), terminator: "")
      case .jsonSchema: try schemas(catalog) { CatalogExport.jsonSchema($0, in: catalog) }
      case .tableSchema: try schemas(catalog) { CatalogExport.tableSchema($0, in: catalog) }
      }
    }

    private func schemas(_ catalog: Catalog, _ text: (Category) -> String) throws {
      let chosen = catalog.categories.filter { one in
        category.map { one.id == $0.uppercased() } ?? true
      }
      guard !chosen.isEmpty else {
        throw CommandFailure(CommandFailure.usage, "category \(category ?? "") is not defined")
      }
      guard let out else {
        for category in chosen { print(text(category)) }
        return
      }
      do {
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        for category in chosen {
          try text(category).write(
            toFile: "\(out)/\(category.id).json", atomically: true, encoding: .utf8)
        }
      } catch {
        throw CommandFailure(
          CommandFailure.environment, "cannot write to \(out): \(error.localizedDescription)")
      }
    }
  }
}
