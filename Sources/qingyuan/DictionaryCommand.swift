import ArgumentParser
import Catalog
import Foundation
import Pipeline
import Releases
import Warehouse
import WarehouseSQLite

struct DictionaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dictionary",
    abstract: "The data dictionary of every published table and view.",
    discussion: """
      Columns with their names, types, code lists, tiers and owners, after the definitions; with a \
      warehouse also when it was updated and how good the last night of each category was. The page needs \
      no network and no script.

      Exit 0 written, 2 error in the definitions, 3 environment, 64 wrong usage.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case markdown, html }

  @Option(help: "markdown or html; as the file's name ends, if not given, and html without one.")
  var format: Format?

  @Option(help: "The file; standard output if not given.") var out: String?

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    let (catalog, _, _) = try pipeline.load()
    let ledger =
      PublishedRows.exists(folder: home.folder.warehouse)
      ? try WarehouseReader(folder: home.folder.warehouse) : nil
    let dictionary = try DataDictionary(catalog, ledger: ledger)
    let isMarkdown = [".md", ".markdown"].contains { out?.lowercased().hasSuffix($0) ?? false }
    let text =
      switch format ?? (isMarkdown ? .markdown : .html) {
      case .html: dictionary.html
      case .markdown: dictionary.markdown
      }
    guard let out else {
      print(text, terminator: "")
      return
    }
    do {
      try text.write(toFile: out, atomically: true, encoding: .utf8)
    } catch {
      throw CommandFailure(
        CommandFailure.environment, "cannot write \(out): \(SystemReason(error))")
    }
  }
}
