import GRDB
package import Warehouse

extension SQLiteWarehouse {
  /// Visits the open returns of a delivery's records that a publication opened, by record number, each
  /// with its findings.
  ///
  /// Rows stream from disk, one record in memory at a time. `body` must not call the warehouse.
  package func returns(
    delivery: Int64, publication: Int64, _ body: (QuarantinedRecord) throws -> Void
  ) throws {
    let connection = try current()
    try connection.access("reading the returns of delivery \(delivery)") { database in
      let records = try connection.statement(
        """
        SELECT row_id, record_number, line, byte_offset, attempt, record_key, entity_key, raw
        FROM quarantined_record
        WHERE row_id BETWEEN ?1 AND ?2 AND closed_by IS NULL AND opened_by = ?3
        ORDER BY row_id
        """, database)
      let findings = try connection.statement(
        """
        SELECT code, rule, rule_version, element, severity, value, expected
        FROM (SELECT * FROM finding WHERE row_id = ?1 ORDER BY ordinal)
        UNION ALL
        SELECT code, rule, rule_version, element, severity, value, expected
        FROM (SELECT * FROM label WHERE row_id = ?1 AND closed_by IS NULL ORDER BY ordinal)
        """, database)
      let rows = Self.rowIDs(ofDelivery: delivery)
      records.bind(rows.lowerBound, at: 1)
      records.bind(rows.upperBound, at: 2)
      records.bind(publication, at: 3)
      defer { records.reset() }
      while try records.step() {
        var record = Self.quarantined(records)
        findings.bind(record.rowID, at: 1)
        defer { findings.reset() }
        while try findings.step() { record.findings.append(Self.finding(findings)) }
        try body(record)
      }
    }
  }

  private static func quarantined(_ row: RawStatement) -> QuarantinedRecord {
    QuarantinedRecord(
      rowID: row.integer(0), recordNumber: Int(row.integer(1)), line: Int(row.integer(2)),
      byteOffset: Int(row.integer(3)), attempt: Int(row.integer(4)), recordKey: row.text(5),
      entityKey: row.text(6), raw: row.text(7), findings: [])
  }

  private static func finding(_ row: RawStatement) -> StoredFinding {
    StoredFinding(
      code: row.text(0), rule: row.text(1), ruleVersion: Int(row.integer(2)),
      element: row.text(3), severity: row.text(4), value: row.text(5), expected: row.text(6))
  }
}
