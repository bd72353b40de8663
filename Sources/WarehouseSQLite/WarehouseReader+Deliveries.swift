import Foundation
import GRDB
package import Warehouse

/// Which deliveries of some nights a list is of.
package struct DeliverySelection: Sendable, Hashable {
  package var span: LedgerSpan
  /// Only of these; nil for all.
  package var systems: Set<String>?
  package var category: String?
  /// Only those that have such records: a column of ``DeliverySelection/columns``.
  package var column: String?

  /// What a delivery's balance counts, as the ledger names it.
  package static let columns: Set<String> = [
    "read", "accepted", "unchanged", "duplicate", "returned", "pending", "held", "deleted",
  ]

  package init(
    span: LedgerSpan, systems: Set<String>?, category: String?, column: String?
  ) {
    self.span = span
    self.systems = systems
    self.category = category
    self.column = column
  }
}

extension WarehouseReader {
  /// A page of the deliveries of a selection, in the order of the ledger, and how many there are: a year has
  /// more than anybody wants to read at once.
  package func deliveries(
    _ selection: DeliverySelection, skipping: Int, limit: Int
  ) throws -> (page: [DeliveryEntry], count: Int) {
    let column = selection.column.flatMap { DeliverySelection.columns.contains($0) ? $0 : nil }
    // What was held before its records were counted has no number, and is held all the same.
    let hasRecords =
      column.map { $0 == "held" ? "(d.held > 0 OR d.status = 'held')" : "d.\($0) > 0" } ?? "TRUE"
    let systems = try selection.systems.map {
      String(decoding: try JSONEncoder().encode($0.sorted()), as: UTF8.self)
    }
    let from = """
      FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id
      WHERE \(LedgerQueries.isInSpan) AND \(hasRecords) AND (?4 IS NULL OR d.category = ?4)
        AND (?5 IS NULL OR d.system IN (SELECT value FROM json_each(?5)))
      """
    let (span, category) = (selection.span, selection.category)
    return try read { database in
      let count = try Int.fetchOne(
        database, sql: "SELECT count(*) \(from)",
        arguments: [span.first, span.last, span.publication, category, systems])
      let page = try Row.fetchAll(
        database, sql: "SELECT d.* \(from) ORDER BY d.id LIMIT ?6 OFFSET ?7",
        arguments: [
          span.first, span.last, span.publication, category, systems, limit, skipping,
        ]
      ).map(SQLiteWarehouse.entry)
      return (page, count ?? 0)
    }
  }
}
