import ArgumentParser
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import Validation

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
      case issues
    }

    @Option(
      help: "markdown, json-schema, table-schema, csv or issues (the reference of issue types).")
    var format: Format

    @Option(help: "Only this category (json-schema, table-schema).") var category: String?

    @Option(help: "Write one file per category into this folder.") var out: String?

    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      switch format {
      case .markdown: print(CatalogExport.markdown(catalog))
      case .csv: print(CatalogExport.csv(catalog), terminator: "")
      case .issues:
        print(CatalogExport.issues(catalog, checks: try RaisingCheck.all(catalog)), terminator: "")
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
          CommandFailure.environment, "cannot write to \(out): \(SystemReason(error))")
      }
    }
  }
}

extension RaisingCheck {
  /// What the validators of all categories can raise.
  static func all(_ catalog: Catalog) throws -> [RaisingCheck] {
    try catalog.categories.flatMap { category in
      // The descriptions are the same for every system; parameters of rules are not in them.
      try CategoryValidator(
        catalog: catalog, category: category, system: category.deliveredBy.first ?? ""
      ).descriptions.compactMap(Self.init)
    }
  }

  /// - Returns: nil for what a validator is prepared for and never raises: an issue that a kind of
  ///   identifier does not have, and faults of records for the rows inside them.
  private init?(_ description: CheckDescription) {
    let parts = description.rule.split(separator: "/")
    guard let rule = parts.last, parts.count == 1 || !rule.hasPrefix("record."),
      Self.isRaised(description.issue, by: rule)
    else { return nil }
    // `parties/ZF04003.required` is the check of the element in the rows of a child table.
    self.init(
      issue: description.issue, rule: String(rule), severity: description.severity,
      expectedChinese: description.expectedChinese, expectedEnglish: description.expectedEnglish)
  }

  /// - Parameter rule: As `ZF01005.check.uscc`; its warnings are `ZF01005.check.uscc.note`.
  private static func isRaised(_ issue: IssueCode, by rule: Substring) -> Bool {
    let parts = rule.split(separator: ".")
    guard parts.count > 2, parts[1] == "check",
      let kind = IdentifierKind(rawValue: String(parts[2]))
    else { return true }
    return (parts.count == 3 ? kind.issues.failures : kind.issues.warnings).contains(issue)
  }
}
