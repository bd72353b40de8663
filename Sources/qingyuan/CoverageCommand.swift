import ArgumentParser
import CSVParsing
import Catalog
import Foundation
import Pipeline
import Warehouse
import WarehouseSQLite

struct CoverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage",
    abstract: "Which systems deliver which data elements: mapped, filled, never seen.",
    discussion: """
      One line per element, one column per system. A number is the share of judged records that had a \
      value; ! mapped and never seen; ? mapped and nothing judged yet; – the categories of the system \
      have the element and its adapter does not; blank: no category of the system has it.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

  @Option(help: "Nights to count, from the last one back.") var nights = 30

  @Option(help: "Only this system.") var system: String?

  @Option(help: "table, csv or json (one object per line).") var format = Format.table

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    let (catalog, _, _) = try pipeline.load()
    var sums: [CoverageSum] = []
    // Without a warehouse the matrix still says what is mapped.
    if FileManager.default.fileExists(atPath: home.folder.warehouse) {
      let ledger = try WarehouseReader(folder: home.folder.warehouse)
      let published = try ledger.publications(upTo: "9999-12-31", publication: nil, limit: nights)
      if let last = published.first, let first = published.last {
        sums = try ledger.coverageSums(
          LedgerSpan(first: first.night, last: last.night, publication: last.publication))
      }
    }
    let matrix = CoverageMatrix(catalog, sums)
    let chosen = matrix.systems.indices.filter { index in
      system.map { $0.uppercased() == matrix.systems[index].id } ?? true
    }
    guard !chosen.isEmpty else {
      throw CommandFailure(CommandFailure.usage, "system \(system ?? "") is not defined")
    }
    switch format {
    case .table: printTable(matrix, chosen)
    case .csv: printCSV(matrix, chosen)
    case .json: printJSON(matrix, chosen)
    }
  }

  private func printTable(_ matrix: CoverageMatrix, _ chosen: [Int]) {
    print(
      Terminal.padded("", 36)
        + chosen.map { Terminal.padded(matrix.systems[$0].id, 5, right: true) }.joined())
    for (element, cells) in zip(matrix.elements, matrix.cells) {
      var name = "\(element.id) \(element.name)"
      while Terminal.width(name) > 35 { name.removeLast() }
      print(
        Terminal.padded(name, 36)
          + chosen.map { Terminal.padded(cells[$0].sign, 5, right: true) }.joined())
    }
    print(String(repeating: "─", count: 36 + 5 * chosen.count))
    let sums = chosen.map { matrix.summary(system: $0) }
    for (title, numbers) in [
      ("mapped", sums.map(\.mapped)), ("with values", sums.map(\.seen)),
    ] {
      print(
        Terminal.padded(title, 36)
          + numbers.map { Terminal.padded(String($0), 5, right: true) }.joined())
    }
  }

  private static func word(_ cell: CoverageMatrix.Cell) -> String {
    switch cell {
    case .notCarried: "not-carried"
    case .notMapped: "not-mapped"
    case .notDelivered: "not-delivered"
    case .neverSeen: "never-seen"
    case .filled(let share): String((share * 10_000).rounded() / 10_000)
    }
  }

  private func printCSV(_ matrix: CoverageMatrix, _ chosen: [Int]) {
    var writer = CSVWriter(lineEnding: .lf, neutralizesFormulas: false)
    writer.write(["element", "identifier", "name"] + chosen.map { matrix.systems[$0].id })
    for (element, cells) in zip(matrix.elements, matrix.cells) {
      writer.write(
        [element.id, element.identifier, element.name] + chosen.map { Self.word(cells[$0]) })
    }
    Terminal.write(writer.output)
  }

  private func printJSON(_ matrix: CoverageMatrix, _ chosen: [Int]) {
    for (element, cells) in zip(matrix.elements, matrix.cells) {
      var object: [String: Any] = ["element": element.id, "identifier": element.identifier]
      object["name"] = element.name
      object["systems"] = Dictionary(
        uniqueKeysWithValues: chosen.map { index in
          let cell = cells[index]
          if case .filled(let share) = cell { return (matrix.systems[index].id, share as Any) }
          return (matrix.systems[index].id, Self.word(cell) as Any)
        })
      print(jsonText(object))
    }
  }
}
