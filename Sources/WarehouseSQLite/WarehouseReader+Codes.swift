import Catalog
import GRDB
package import Warehouse

/// A value that a code list did not know when it came, with what it was found in.
package struct UnknownValue: Sendable {
  package var system: String
  package var category: String
  package var element: String
  package var value: String
  /// The list takes new values: the records were accepted with a note.
  package var isNote: Bool
  package var records: Int
  package var lastNight: String
  /// The last of the records.
  package var row: Int64
}

extension WarehouseReader {
  /// Values of some nights that no code list knew, those of most records first. What may not be read by everybody
  /// with the warehouse's tier is not kept with its finding and not here.
  package func unknownValues(_ span: LedgerSpan) throws -> [UnknownValue] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT d.system, d.category, f.element, f.value, f.severity = 'note' AS is_note,
            count(DISTINCT f.row_id) AS records, max(r.night) AS night, max(f.row_id) AS row
          FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id
          JOIN finding AS f ON f.row_id BETWEEN d.id << 32 AND (d.id << 32) + 4294967295
          WHERE \(LedgerQueries.isInSpan) AND f.opened_by <= ?3 AND f.code = \(SQLName.literal(IssueCode.q24.rawValue))
            AND (f.rule LIKE '%.new-value' OR f.rule LIKE '%.domain')
            AND f.element IS NOT NULL AND f.value <> '' AND f.value NOT LIKE '<restricted, %'
          GROUP BY 1, 2, 3, 4, 5 ORDER BY records DESC, 1, 2, 3, 4
          """, arguments: LedgerQueries.arguments(span)
      ).map {
        UnknownValue(
          system: $0["system"], category: $0["category"], element: $0["element"],
          value: $0["value"], isNote: $0["is_note"], records: $0["records"],
          lastNight: $0["night"], row: $0["row"])
      }
    }
  }
}
