package import Catalog
import GRDB
package import Warehouse

/// A record that went back or waits, as it stands in quarantine.
package struct ReviewRow: Sendable {
  package var record: QuarantinedRecord
  /// `returned`, `pending`, `withheld` or `accepted`.
  package var status: String
  package var system: String
  package var category: String
  package var sourceRecordID: String
  /// The night of the publication that brought it here, and of the one that ended it; nil while it is open.
  package var night: String
  package var closedNight: String?
  /// The last day of its waiting; nil for what has gone back.
  package var due: String?
}

/// A record that went back and is not open any more.
package struct ClosedReturn: Sendable, Hashable {
  package var row: Int64
  package var system: String
  package var category: String
  package var night: String
  package var closedNight: String
  /// It came back wrong; else it was accepted or taken away.
  package var cameAgain: Bool
  /// Code, rule and element of each finding but notes.
  package var findings: Set<[String]>
}

/// A version of a record that readers have seen.
package struct AcceptedVersion: Sendable {
  package var row: Int64
  package var system: String
  package var night: String
  package var closedNight: String?
}

/// How far a run is, from the ledger alone.
package struct RunState: Sendable {
  package var run: Int64
  package var night: String
  /// `running`, `published` or `finished`.
  package var status: String
  /// Deliveries by what has become of them.
  package var deliveries: [DeliveryStatus: Int]
  /// Bytes of all deliveries, and of those that are through.
  package var bytes: Int64
  package var settledBytes: Int64
  /// Records that were read of those that are through.
  package var records: Int
}

extension WarehouseReader {
  /// The number of the publication that readers see; 0 before the first.
  package func publicationNumber() throws -> Int64 { try read(SQLiteWarehouse.pointer) }

  /// When a publication was made, local time; empty where there is none.
  package func publicationTime(_ number: Int64) throws -> String {
    try read { database in
      try String.fetchOne(
        database, sql: "SELECT published_at FROM publication_night WHERE publication = ?",
        arguments: [number]) ?? ""
    }
  }

  package func delivery(_ id: Int64) throws -> DeliveryEntry? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM delivery WHERE id = ?", arguments: [id])
        .map(SQLiteWarehouse.entry)
    }
  }

  /// The last run; nil before the first.
  package func lastRun() throws -> RunState? {
    try read { database in
      guard
        let run = try Row.fetchOne(database, sql: "SELECT * FROM run ORDER BY id DESC LIMIT 1")
      else { return nil }
      var state = RunState(
        run: run["id"], night: run["night"], status: run["status"], deliveries: [:], bytes: 0,
        settledBytes: 0, records: 0)
      for row in try Row.fetchAll(
        database,
        sql: """
          SELECT status, count(*) AS count, sum(length) AS bytes, sum(read) AS records
          FROM delivery WHERE run = ? GROUP BY status
          """,
        arguments: [run["id"] as Int64])
      {
        guard let status = DeliveryStatus(rawValue: row["status"]) else { continue }
        state.deliveries[status] = row["count"]
        state.bytes += row["bytes"]
        if status != .taken, status != .judged { state.settledBytes += row["bytes"] }
        if status != .taken { state.records += row["records"] }
      }
      return state
    }
  }

  /// A record in quarantine, open or not, with the findings that it has or had; nil where no published
  /// night has it.
  package func reviewRow(_ row: Int64) throws -> ReviewRow? {
    try read { database in
      try Self.quarantined(database, "q.row_id = ?1", [row]).last.map { found in
        var found = found
        found.record.findings = try Self.findings(of: row, database)
        return found
      }
    }
  }

  /// A record that the second check of core values has kept from readers; nil where there is none such.
  ///
  /// Its own text is not kept: it was accepted, and its text is in the archive.
  package func withheldRow(_ row: Int64, _ category: Category) throws -> ReviewRow? {
    guard !category.entityKey.isEmpty else { return nil }
    let table = SQLName.quoted(TableModel.recordTable(category.id))
    let isSame = category.entityKey.map(SQLName.quoted).map { "n.\($0) = v.\($0)" }
      .joined(separator: " AND ")
    let replaced = """
      SELECT c.night FROM \(table) AS n
      JOIN publication_night AS c ON c.publication = n.opened_by
      WHERE \(isSame) AND n.row_id > v.row_id
        AND n.opened_by <= (SELECT number FROM publication)
        AND (n.closed_by IS NULL OR n.closed_by > n.opened_by)
      ORDER BY n.row_id LIMIT 1
      """
    let isWithheld = """
      v.closed_by = v.opened_by AND EXISTS (SELECT 1 FROM measure AS m WHERE m.delivery = d.id
        AND m.name = 'withheld' AND m.value > 0)
      """
    let found = try version(row, category, status: "withheld", closed: replaced, isWithheld)
    return found.map { found in
      var found = found
      found.record.findings = [
        StoredFinding(
          code: "", rule: ReviewSource.recheckRule, ruleVersion: 1, element: "", severity: "hold",
          value: "", expected: "")
      ]
      return found
    }
  }

  /// A version of a record that readers see or saw, with what was noted of it; nil where there is none such.
  package func acceptedRow(_ row: Int64, _ category: Category) throws -> ReviewRow? {
    let closed = """
      SELECT c.night FROM publication_night AS c
      WHERE c.publication = v.closed_by AND c.publication <= (SELECT number FROM publication)
      """
    let wasSeen = "(v.closed_by IS NULL OR v.closed_by > v.opened_by)"
    guard
      var found = try version(row, category, status: "accepted", closed: closed, wasSeen)
    else { return nil }
    found.record.findings = try read { try Self.findings(of: row, $0) }
    return found
  }

  /// - Parameters:
  ///   - closed: Selects the night that ended it.
  ///   - condition: On the version `v` and its delivery `d`.
  private func version(
    _ row: Int64, _ category: Category, status: String, closed: String, _ condition: String
  ) throws -> ReviewRow? {
    let key = ReviewSource.entityKey(category, of: "v")
    return try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT v.line, v.byte_offset, \(key) AS entity_key, d.system, o.night, (\(closed)) AS closed
          FROM \(SQLName.quoted(TableModel.recordTable(category.id))) AS v
          JOIN delivery AS d ON d.id = v.row_id >> 32
          JOIN publication_night AS o ON o.publication = v.opened_by
          WHERE v.row_id = ? AND v.opened_by <= (SELECT number FROM publication) AND \(condition)
          """, arguments: [row]
      ).map {
        ReviewRow(
          record: QuarantinedRecord(
            rowID: row, recordNumber: Int(row & 0xFFFF_FFFF), line: $0["line"],
            byteOffset: $0["byte_offset"], attempt: 1, recordKey: "",
            entityKey: $0["entity_key"], raw: "", findings: []),
          status: status, system: $0["system"], category: category.id, sourceRecordID: "",
          night: $0["night"], closedNight: $0["closed"], due: nil)
      }
    }
  }

  /// All returns and waits of a record, in the order of nights.
  ///
  /// - Parameter recordKey: ``QuarantinedRecord/recordKey``.
  package func attempts(of recordKey: String) throws -> [ReviewRow] {
    guard !recordKey.isEmpty else { return [] }
    return try read { database in
      try Self.quarantined(database, "q.record_key = ?1", [recordKey]).map { found in
        var found = found
        found.record.findings = try Self.findings(of: found.record.rowID, database)
        return found
      }
    }
  }

  /// The versions with an entity key, in the order of nights.
  ///
  /// - Parameter key: Texts of ``Category/entityKey``.
  package func versions(of category: Category, key: [String]) throws -> [AcceptedVersion] {
    guard !key.isEmpty, key.count == category.entityKey.count else { return [] }
    let table = SQLName.quoted(TableModel.recordTable(category.id))
    let isKey = category.entityKey.map { "v.\(SQLName.quoted($0)) = ?" }
    return try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT v.row_id, d.system, o.night, c.night AS closed FROM \(table) AS v
          JOIN delivery AS d ON d.id = v.row_id >> 32
          JOIN publication_night AS o ON o.publication = v.opened_by
          LEFT JOIN publication_night AS c ON c.publication = v.closed_by
            AND c.publication <= (SELECT number FROM publication)
          WHERE \(isKey.joined(separator: " AND "))
            AND v.opened_by <= (SELECT number FROM publication)
            AND (v.closed_by IS NULL OR v.closed_by > v.opened_by)
          ORDER BY v.opened_by, v.row_id LIMIT 200
          """, arguments: StatementArguments(key)
      ).map {
        AcceptedVersion(
          row: $0["row_id"], system: $0["system"], night: $0["night"], closedNight: $0["closed"])
      }
    }
  }

  /// Records that went back and are closed, those that closed last, the newest first.
  ///
  /// Only so many, so that the cost does not grow with the history.
  package func closedReturns(limit: Int) throws -> [ClosedReturn] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT q.row_id, q.system, q.category, o.night, c.night AS closed, EXISTS (
            SELECT 1 FROM quarantined_record AS n WHERE n.record_key = q.record_key
              AND q.record_key <> '' AND n.opened_by >= q.closed_by
              AND n.opened_by <= (SELECT number FROM publication)) AS came_again
          FROM (SELECT row_id, system, category, opened_by, closed_by, record_key
            FROM quarantined_record
            WHERE closed_by BETWEEN 1 AND (SELECT number FROM publication)
            ORDER BY closed_by DESC LIMIT \(limit)) AS q
          JOIN publication_night AS o ON o.publication = q.opened_by
          JOIN publication_night AS c ON c.publication = q.closed_by
          ORDER BY q.closed_by DESC, q.row_id DESC
          """
      ).map { row in
        let found = try Self.findings(of: row["row_id"], database).filter { $0.severity != "note" }
        return ClosedReturn(
          row: row["row_id"], system: row["system"], category: row["category"],
          night: row["night"], closedNight: row["closed"], cameAgain: row["came_again"],
          findings: Set(found.map { [$0.code, $0.rule, $0.element] }))
      }
    }
  }

  static func quarantined(
    _ database: Database, _ condition: String, _ arguments: StatementArguments
  ) throws -> [ReviewRow] {
    let plain =
      "q.row_id, q.opened_by, q.system, q.category, q.record_number, q.line, q.byte_offset, "
      + "q.attempt, q.record_key, q.source_record_id, q.entity_key, q.raw, o.night, "
      + "c.night AS closed"
    func select(_ table: String, _ status: String, _ due: String) -> String {
      """
      SELECT \(plain), '\(status)' AS status, \(due) AS due FROM \(table) AS q
      JOIN publication_night AS o ON o.publication = q.opened_by
      LEFT JOIN publication_night AS c ON c.publication = q.closed_by
        AND c.publication <= (SELECT number FROM publication)
      WHERE \(condition) AND q.opened_by <= (SELECT number FROM publication)
      """
    }
    return try Row.fetchAll(
      database,
      sql: select("waiting_record", "pending", "q.due") + " UNION ALL "
        + select("quarantined_record", "returned", "NULL") + " ORDER BY opened_by, row_id",
      arguments: arguments
    ).map { row in
      ReviewRow(
        record: QuarantinedRecord(
          rowID: row["row_id"], recordNumber: row["record_number"], line: row["line"],
          byteOffset: row["byte_offset"], attempt: row["attempt"], recordKey: row["record_key"],
          entityKey: row["entity_key"] ?? "", raw: row["raw"], findings: []),
        status: row["status"], system: row["system"], category: row["category"],
        sourceRecordID: row["source_record_id"] ?? "", night: row["night"],
        closedNight: row["closed"], due: row["due"])
    }
  }

  /// What is or was said of a record: the strict ones first.
  private static func findings(of row: Int64, _ database: Database) throws -> [StoredFinding] {
    let names = "code, rule, rule_version, element, severity, value, expected"
    return try Row.fetchAll(
      database,
      sql: """
        SELECT \(names) FROM (
          SELECT \(names), 0 AS part, ordinal FROM finding WHERE row_id = ?1
            AND opened_by <= (SELECT number FROM publication)
          UNION ALL SELECT \(names), 1, ordinal FROM label WHERE row_id = ?1
            AND opened_by <= (SELECT number FROM publication)
          UNION ALL SELECT '\(AuthorityRule.issue.rawValue)', rule, rule_version, element, severity,
            value, expected, 2, coalesce(ordinal, 0) FROM conflict WHERE row_id = ?1
            AND opened_by <= (SELECT number FROM publication)
          )
        GROUP BY \(names) ORDER BY severity = 'note', min(part), min(ordinal)
        """, arguments: [row]
    ).map {
      StoredFinding(
        code: $0["code"], rule: $0["rule"], ruleVersion: $0["rule_version"],
        element: $0["element"] ?? "", severity: $0["severity"], value: $0["value"] ?? "",
        expected: $0["expected"] ?? "")
    }
  }
}
