import GRDB
import Warehouse

/// The mark of an objection on one row.
package struct RowMark: Sendable, Hashable {
  package var record: Int64
  /// Number of the objection.
  package var id: String
  /// `raised` or `verified`.
  package var state: String
  /// Day, as `2026-03-01`.
  package var since: String
  /// Identifier of the element that is said to be wrong; nil for the record as a whole.
  package var element: String?

  package init(record: Int64, id: String, state: String, since: String, element: String?) {
    self.record = record
    self.id = id
    self.state = state
    self.since = since
    self.element = element
  }
}

/// The marks that the views show. They are no part of what a night publishes: they come and go with acts of
/// people, in small transactions of their own, beside a run too.
package enum ObjectionMarkTable {
  static let name = "objection_mark"

  /// Makes the marks of the warehouse in `folder` what they are now.
  ///
  /// - Returns: False where there is no warehouse, or one that no run of this program has opened yet; the
  ///   next run brings the marks.
  @discardableResult
  package static func replace(folder: String, with marks: [RowMark]) throws -> Bool {
    let path = folder + "/" + SQLiteWarehouse.fileName
    guard PosixFile.exists(path) else { return false }
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    return try wrapping("marking records of \(path)") {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      defer { try? queue.close() }
      var isThere = true
      try queue.writeWithoutTransaction { database in
        try SchemaMigration.checkIdentity(database, path: path)
        try database.inTransaction(.immediate) {
          isThere = try database.tableExists(name)
          guard isThere else { return .rollback }
          try database.execute(sql: "DELETE FROM \(name)")
          for mark in marks {
            try database.execute(
              sql: "INSERT OR REPLACE INTO \(name) VALUES (?, ?, ?, ?, ?)",
              arguments: [mark.record, mark.id, mark.state, mark.since, mark.element])
          }
          return .commit
        }
      }
      return isThere
    }
  }
}

extension WarehouseReader {
  /// Marks on any of some rows, by objection, then row.
  package func marks(of rows: [Int64]) throws -> [RowMark] {
    try read { database in
      guard try database.tableExists(ObjectionMarkTable.name) else { return [] }
      return try rows.flatMap { row in
        try Row.fetchAll(
          database, sql: "SELECT * FROM \(ObjectionMarkTable.name) WHERE record = ?",
          arguments: [row])
      }.map { row in
        RowMark(
          record: row["record"], id: row["id"], state: row["state"], since: row["since"],
          element: row["element"])
      }.sorted { ($0.id, $0.record) < ($1.id, $1.record) }
    }
  }
}
