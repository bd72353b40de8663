import GRDB
import Warehouse

extension WarehouseReader {
  /// A value of a query's result.
  package enum Value: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    /// Number of bytes.
    case blob(Int)
  }

  /// Runs one query and hands out its rows.
  ///
  /// - Parameters:
  ///   - onColumns: Gets the names of the columns, once, before the first row.
  ///   - onRow: Gets every row.
  package func rows(
    _ sql: String, onColumns: ([String]) throws -> Void, onRow: ([Value]) throws -> Void
  ) throws {
    try read { database in
      let statement = try database.makeStatement(sql: sql)
      guard statement.isReadonly else {
        throw WarehouseError(
          .database, "the statement would change the warehouse; only queries run")
      }
      try onColumns(statement.columnNames)
      let cursor = try Row.fetchCursor(statement)
      while let row = try cursor.next() {
        try onRow(
          (0..<statement.columnCount).map { column in
            let value: DatabaseValue = row[column]
            return Self.value(value)
          })
      }
    }
  }

  private static func value(_ value: DatabaseValue) -> Value {
    switch value.storage {
    case .null: .null
    case .int64(let number): .integer(number)
    case .double(let number): .real(number)
    case .string(let text): .text(text)
    case .blob(let data): .blob(data.count)
    }
  }
}
