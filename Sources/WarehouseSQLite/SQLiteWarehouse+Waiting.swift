import GRDB
package import Reconciliation
package import Records
package import Warehouse

/// Records that wait for others.
extension SQLiteWarehouse {
  private static let isOpen = "w.closed_by IS NULL"

  /// Whether any record of the category waits.
  package func hasWaiting(category: String) throws -> Bool {
    try loading().access("looking for waiting records") { database in
      try Bool.fetchOne(
        database,
        sql:
          "SELECT EXISTS (SELECT 1 FROM waiting_record AS w WHERE category = ? AND \(Self.isOpen))",
        arguments: [category]) ?? false
    }
  }

  /// Waiting rows that want one of the keys, ascending.
  package func waitingRows(wanting keys: [Fingerprint]) throws -> [Int64] {
    guard !keys.isEmpty else { return [] }
    let connection = try loading()
    return try connection.access("looking for waiting records") { database in
      let statement = try connection.statement(
        """
        SELECT DISTINCT w.row_id FROM \(BatchModuleName.table) AS b
        CROSS JOIN wanted_key AS k ON k.key = b.c0
        CROSS JOIN waiting_record AS w ON w.row_id = k.row_id
        WHERE \(Self.isOpen) ORDER BY 1
        """, database)
      return try connection.withBatch(.keys(keys)) {
        defer { statement.reset() }
        var rows: [Int64] = []
        while try statement.step() { rows.append(statement.integer(0)) }
        return rows
      }
    }
  }

  /// Waiting rows of a category that are due on a day (`2026-03-01`) or before, ascending.
  package func waitingRows(category: String, due day: String) throws -> [Int64] {
    try loading().access("looking for waiting records") { database in
      try Int64.fetchAll(
        database,
        sql: """
          SELECT w.row_id FROM waiting_record AS w
          WHERE w.due <= ? AND w.category = ? AND \(Self.isOpen) ORDER BY 1
          """, arguments: [day, category])
    }
  }

  /// Waiting records by their rows, ascending; absent and closed ones are left out.
  package func waitingRecords(_ rows: [Int64]) throws -> [WaitingRecord] {
    let connection = try loading()
    return try connection.access("reading waiting records") { database in
      let statement = try connection.statement(
        """
        SELECT w.row_id, w.category, w.system, w.record_key, w.due FROM \(BatchModuleName.table) AS b
        CROSS JOIN waiting_record AS w ON w.row_id = b.c0 WHERE \(Self.isOpen)
        """, database)
      return try connection.withBatch(.rows(rows)) {
        defer { statement.reset() }
        var result: [WaitingRecord] = []
        while try statement.step() {
          guard let key = Fingerprint(hexadecimal: statement.text(3)) else {
            throw WarehouseError(.corrupt, "a waiting record has a key that is no fingerprint")
          }
          result.append(
            WaitingRecord(
              rowID: statement.integer(0), category: statement.text(1), system: statement.text(2),
              recordKey: key, due: statement.text(4)))
        }
        return result
      }
    }
  }

  /// Versions that stopped waiting in a publication, with what became of them, ascending by row.
  package func closedWaiting(publication: Int64) throws -> [ClosedWaiting] {
    try loading().access("reading waiting records") { database in
      try Row.fetchAll(
        database,
        sql: "SELECT row_id, wait_outcome FROM waiting_record WHERE closed_by = ? ORDER BY row_id",
        arguments: [publication]
      ).compactMap { row in
        WaitingOutcome(rawValue: row["wait_outcome"] ?? "").map {
          ClosedWaiting(rowID: row["row_id"], outcome: $0)
        }
      }
    }
  }

  package func neededOriginals(upTo day: String) throws -> Set<String> {
    let unsettled = [DeliveryStatus.taken, .judged, .held].map { SQLName.literal($0.rawValue) }
    return try loading().access("looking for originals that are needed") { database in
      try Set(
        String.fetchAll(
          database,
          sql: """
            SELECT d.archive_path FROM delivery AS d JOIN run AS r ON r.id = d.run
            WHERE d.archive_path <> '' AND replace(substr(d.archive_path, 1, 10), '/', '-') <= ?1
              AND (d.status IN (\(unsettled.joined(separator: ", ")))
                OR r.status <> \(SQLName.literal(RunEntry.Status.finished.rawValue)) OR r.night > ?1
                OR d.id IN (SELECT w.row_id >> 32 FROM waiting_record AS w WHERE \(Self.isOpen)))
            """, arguments: [day]))
    }
  }

  /// How many records wait as of a publication.
  package func waitingCount(publication: Int64) throws -> Int {
    try loading().access("counting waiting records") { database in
      try Int.fetchOne(
        database,
        sql: """
          SELECT count(*) FROM waiting_record
          WHERE opened_by <= ?1 AND (closed_by IS NULL OR closed_by > ?1)
          """, arguments: [publication]) ?? 0
    }
  }

  /// Removes the rows of versions that will never be shown; a part of the publication.
  static func removeParkedRows(
    _ database: Database, _ model: WarehouseModel, publication: Int64
  ) throws {
    let rows = try Int64.fetchAll(
      database,
      sql: "SELECT row_id FROM waiting_record WHERE closed_by = ?", arguments: [publication])
    guard !rows.isEmpty else { return }
    let closed = "(SELECT row_id FROM waiting_record WHERE closed_by = \(publication))"
    try database.execute(sql: "DELETE FROM wanted_key WHERE row_id IN \(closed)")
    for tables in model.categories {
      let name = SQLName.quoted(tables.records.name)
      let parked = """
        (SELECT t.row_id FROM \(closed) AS w CROSS JOIN \(name) AS t ON t.row_id = w.row_id
         WHERE t.opened_by = \(TableModel.parked))
        """
      for inner in tables.inner {
        try database.execute(
          sql: "DELETE FROM \(SQLName.quoted(inner.name)) WHERE row_id IN \(parked)")
      }
      try database.execute(sql: "DELETE FROM \(name) WHERE row_id IN \(parked)")
    }
  }
}
