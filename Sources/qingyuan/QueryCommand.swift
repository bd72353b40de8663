import ArgumentParser
import CSVParsing
import Foundation
import Pipeline
import WarehouseSQLite

struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Read the published warehouse by SQL, as it is or as a past night's readers saw it.",
    discussion: "The views are documented in Documentation/warehouse.md.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

  @Argument(help: "One SELECT over the views, e.g. 'SELECT count(*) FROM PEN'.") var sql: String

  @Option(help: "A past night, as 2026-03-01.") var asOf: String?

  @Option(help: "table, csv or json (one object per line).") var format = Format.table

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    let reader = try WarehouseReader(folder: home.folder.warehouse)
    if let asOf {
      let (catalog, _, _) = try pipeline.load()
      _ = try LocalClock.day(asOf, option: "as-of")
      try reader.showAsOf(night: asOf, catalog: catalog)
    }
    var names: [String] = []
    var writer = CSVWriter(lineEnding: .lf, neutralizesFormulas: false)
    var table: [[String]] = []
    try reader.rows(sql) { columns in
      names = columns
      if format == .csv { writer.write(columns) }
    } onRow: { row in
      switch format {
      case .csv:
        writer.write(row.map(Self.text))
        if writer.output.count > 1 << 16 { flush(&writer) }
      case .json: print(jsonText(Self.object(names, row)))
      case .table: table.append(row.map(Self.text))
      }
    }
    if format == .csv { flush(&writer) }
    if format == .table { printTable(names, table) }
  }

  private func flush(_ writer: inout CSVWriter) {
    FileHandle.standardOutput.write(Data(writer.output))
    writer.output.removeAll(keepingCapacity: true)
  }

  private func printTable(_ names: [String], _ rows: [[String]]) {
    let widths = names.indices.map { column in
      min(60, ([names[column]] + rows.map { $0[column] }).map(Terminal.width).max() ?? 0)
    }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).map { Terminal.padded($0, $1) }.joined(separator: "  ")
    }
    print(Terminal.styled(line(names), "1"))
    for row in rows { print(line(row)) }
  }

  private static func text(_ value: WarehouseReader.Value) -> String {
    switch value {
    case .null: ""
    case .integer(let number): String(number)
    case .real(let number): String(number)
    case .text(let text): text
    case .blob(let count): "<\(count) bytes>"
    }
  }

  private static func object(_ names: [String], _ row: [WarehouseReader.Value]) -> [String: Any] {
    var object: [String: Any] = [:]
    for (name, value) in zip(names, row) {
      switch value {
      case .null: object[name] = NSNull()
      case .integer(let number): object[name] = number
      case .real(let number): object[name] = number
      case .text, .blob: object[name] = text(value)
      }
    }
    return object
  }
}
