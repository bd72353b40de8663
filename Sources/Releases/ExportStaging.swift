import GRDB
import Warehouse

/// Rows of an export on their way into its order: a private database in the export's own folder, so that
/// memory does not grow with the export. It holds nothing that does not leave.
final class ExportStaging {
  private let queue: DatabaseQueue
  private let path: String
  private let tables: [ExportTable]
  private(set) var recordCount = 0

  init(_ path: String, _ tables: [ExportTable]) throws {
    self.path = path
    self.tables = tables
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      for pragma in ["journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"] {
        try database.execute(sql: "PRAGMA \(pragma)")
      }
    }
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try PosixFile.setMode(0o600, of: path)
    try queue.writeWithoutTransaction { database in
      for (index, table) in tables.enumerated() {
        let own = table.isChild ? "owner INTEGER, ordinal INTEGER" : "rank INTEGER"
        let cells = Self.cells(table).map { "\($0) TEXT" }
        try database.execute(
          sql: "CREATE TABLE t\(index) (sequence INTEGER PRIMARY KEY, "
            + "\(([own] + cells).joined(separator: ", ")))")
      }
    }
  }

  /// Elements, and for records objection and its day.
  private static func cells(_ table: ExportTable) -> [String] {
    (0..<table.elements.count + (table.isChild ? 0 : 2)).map { "c\($0)" }
  }

  /// A record and the rows inside it, with the table of each.
  struct Record {
    var rank: Int64
    /// nil for nothing.
    var cells: [String?]
    var rows: [(table: Int, cells: [String?])]
  }

  func add(_ records: [Record]) throws {
    try queue.inTransaction(.immediate) { database in
      for record in records {
        recordCount += 1
        try insert(0, [recordCount, record.rank], record.cells, database)
        var ordinals: [Int: Int] = [:]
        for row in record.rows {
          ordinals[row.table, default: 0] += 1
          try insert(
            row.table, [nil, recordCount, ordinals[row.table]], row.cells, database)
        }
      }
      return .commit
    }
  }

  private func insert(
    _ table: Int, _ numbers: [(any DatabaseValueConvertible)?], _ cells: [String?],
    _ database: Database
  ) throws {
    let values: [(any DatabaseValueConvertible)?] = numbers + cells.map { $0 }
    let marks = values.map { _ in "?" }.joined(separator: ", ")
    let statement = try database.cachedStatement(sql: "INSERT INTO t\(table) VALUES (\(marks))")
    try statement.execute(arguments: StatementArguments(values))
  }

  /// Visits the records in the order of their ranks, each with the rows inside it.
  ///
  /// - Parameter body: Table, position of the record from 1, ordinal of a row inside it, cells.
  func visit(_ body: (Int, Int, Int, [String?]) throws -> Void) throws {
    try queue.writeWithoutTransaction { database in
      for index in tables.indices.dropFirst() {
        try database.execute(sql: "CREATE INDEX i\(index) ON t\(index) (owner, ordinal)")
      }
      let children = try tables.indices.dropFirst().map { index in
        (
          index,
          try database.makeStatement(
            sql: "SELECT * FROM t\(index) WHERE owner = ? ORDER BY ordinal")
        )
      }
      var position = 0
      let records = try Row.fetchCursor(database, sql: "SELECT * FROM t0 ORDER BY rank, sequence")
      while let record = try records.next() {
        position += 1
        try body(0, position, 0, Self.texts(record, from: 2))
        let sequence: Int64 = record[0]
        for (index, statement) in children {
          let rows = try Row.fetchCursor(statement, arguments: [sequence])
          while let row = try rows.next() {
            try body(index, position, row[2], Self.texts(row, from: 3))
          }
        }
      }
    }
  }

  private static func texts(_ row: Row, from first: Int) -> [String?] {
    (first..<row.count).map { row[$0] }
  }

  /// Closes and removes the database.
  func close() throws {
    try queue.close()
    try PosixFile.remove(path)
  }
}
