import Access
import AccessStore
import ArgumentParser
import CSVParsing
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import WarehouseSQLite

struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Read the published warehouse by SQL, as it is or as a past night's readers saw it.",
    discussion: """
      The views are documented in Documentation/warehouse.md. Who reads, which elements and how many rows \
      stand in the access log; where the result has all parts of a category's key, the records too.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

  @Argument(help: "One SELECT over the views, e.g. 'SELECT count(*) FROM PEN'.") var sql: String

  @Option(help: "A past night, as 2026-03-01.") var asOf: String?

  @Option(help: "table, csv or json (one object per line).") var format = Format.table

  @OptionGroup var reading: ReaderOptions
  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    let reader = try WarehouseReader(folder: home.folder.warehouse)
    if let asOf {
      let (catalog, _, _) = try pipeline.load()
      _ = try LocalClock.day(asOf, option: "as-of")
      try reader.showAsOf(night: asOf, catalog: catalog)
    }
    let log = try QueryLog(sql, reader, reading, home, pipeline)
    var names: [String] = []
    var writer = CSVWriter(lineEnding: .lf, neutralizesFormulas: false)
    var table: [[String]] = []
    try reader.rows(sql) { columns in
      names = columns
      try log.begin(columns)
      if format == .csv { writer.write(columns) }
    } onRow: { row in
      log.add(row)
      switch format {
      case .csv:
        writer.write(row.map(Self.text))
        if writer.output.count > 1 << 16 { flush(&writer) }
      case .json: print(jsonText(Self.object(names, row)))
      case .table: table.append(row.map(Self.text))
      }
    }
    try log.finish()
    if format == .csv { flush(&writer) }
    if format == .table { printTable(names, table) }
  }

  private func flush(_ writer: inout CSVWriter) {
    Terminal.write(writer.output)
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

/// Enters a query in the access log: before its rows what it reads, and at its end how many rows it gave.
private final class QueryLog {
  private let log: AccessLog
  private let reading: ReaderOptions
  private let sql: String
  private let footprints: [WarehouseReader.Footprint]
  private let pipeline: PipelineOptions
  private var subject: (category: String, columns: [Int])?
  private var keys: Set<SubjectKey> = []
  private var rowCount = 0

  init(
    _ sql: String, _ reader: WarehouseReader, _ reading: ReaderOptions, _ home: HomeOptions,
    _ pipeline: PipelineOptions
  ) throws {
    self.sql = sql
    self.reading = reading
    self.pipeline = pipeline
    log = AccessLog(folder: home.folder.access)
    footprints = try reader.footprints(sql)
  }

  /// - Parameter columns: Of the result.
  func begin(_ columns: [String]) throws {
    var events = footprints.map { ($0.category, $0.elements) }
    if events.isEmpty { events = [("", [])] }
    for (category, elements) in events {
      var event = try reading.event(.query, rule: "sql")
      event.category = category
      event.elements = elements
      event.condition = LoggedText(sql: sql)
      try log.append(event)
    }
    subject = key(columns)
  }

  /// Where the key of the only category stands in the result. The definitions say what it is; without them
  /// the rows are counted all the same.
  private func key(_ columns: [String]) -> (category: String, columns: [Int])? {
    guard footprints.count == 1, !footprints[0].elements.isEmpty,
      let (catalog, settings, _) = try? pipeline.load(),
      let category = catalog.category(footprints[0].category)
    else { return nil }
    let names = SubjectKey.elements(
      of: category, agency: settings.roles.agency, system: settings.roles.system)
    let places = names.compactMap { columns.firstIndex(of: $0) }
    return places.count == names.count ? (category.id, places) : nil
  }

  func add(_ row: [WarehouseReader.Value]) {
    rowCount += 1
    guard let subject else { return }
    let parts = subject.columns.map { column in
      if case .text(let text) = row[column] { return text }
      return ""
    }
    keys.insert(SubjectKey(category: subject.category, parts: parts))
  }

  func finish() throws {
    var event = try reading.event(.queryResult, rule: "sql")
    event.category = footprints.count == 1 ? footprints[0].category : ""
    event.elements = footprints.count == 1 ? footprints[0].elements : []
    event.reference = "rows:\(rowCount)"
    _ = try log.withWriter(event.person, event.time) { writer in
      event.see(keys.map { $0.fingerprint(writer.secret) })
      return try writer.append(event)
    }
  }
}
