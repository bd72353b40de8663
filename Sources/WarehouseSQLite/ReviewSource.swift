package import Catalog
import GRDB
import Warehouse

/// What the review queue is made of, as SQL over an attached warehouse (decision 20).
package enum ReviewSource {
  /// Between the parts of a finding, and between findings.
  package static let partSeparator: Character = "\u{1F}"
  package static let findingSeparator: Character = "\u{1E}"

  /// What stands in the place of a rule for records that the second check of core values withheld.
  package static let recheckRule = "core-recheck"

  /// Every record that waits for somebody as of a publication: `row_id`, `status`, `category`, `system`,
  /// `publication` (that brought it here), `attempt`, `record_id`, `entity_key`, `record_key` (of all its
  /// attempts; empty where it has none), and `signature`: its findings but for notes, each once, as code, rule,
  /// element and severity.
  ///
  /// - Parameter schema: Name of the attached warehouse.
  package static func openRecords(_ schema: String, publication: Int64) -> String {
    let point = WarehouseViews.Point.publication(publication)
    let parts = "code, rule, coalesce(element, '') AS element, severity"
    let findings = """
      SELECT \(parts) FROM \(schema).finding AS f
        WHERE f.row_id = q.row_id AND f.opened_by <= \(publication)
      UNION SELECT \(parts) FROM \(schema).label AS l
        WHERE l.row_id = q.row_id AND \(WarehouseViews.visible("l", point))
      UNION SELECT \(SQLName.literal(AuthorityRule.issue.rawValue)), rule, element, severity
        FROM \(schema).conflict AS x
        WHERE x.row_id = q.row_id AND \(WarehouseViews.visible("x", point))
      """
    let signature = """
      (SELECT group_concat(code || char(31) || rule || char(31) || element || char(31) || severity,
        char(30)) FROM (SELECT * FROM (\(findings)) WHERE severity <> 'note'
        ORDER BY code, rule, element))
      """
    func open(_ table: String, _ status: String) -> String {
      // Two ranges of the index on closed_by instead of every return that ever was.
      ["q.closed_by IS NULL", "q.closed_by > \(publication)"].map { isOpen in
        """
        SELECT q.row_id, '\(status)' AS status, q.category, q.system,
          q.opened_by AS publication, q.attempt, q.source_record_id AS record_id, q.entity_key,
          q.record_key, coalesce(\(signature), '') AS signature
        FROM \(schema).\(table) AS q WHERE q.opened_by <= \(publication) AND \(isOpen)
        """
      }.joined(separator: "\nUNION ALL ")
    }
    return open(TableModel.quarantine.name, "returned") + "\nUNION ALL "
      + open(TableModel.waiting.name, "pending")
  }

  /// The business key of a version as text, parts between bars; `''` for a category without one.
  static func entityKey(_ category: Category, of alias: String) -> String {
    guard !category.entityKey.isEmpty else { return "''" }
    return category.entityKey.map { "coalesce(\(alias).\(SQLName.quoted($0)), '')" }
      .joined(separator: " || '|' || ")
  }

  /// Nights of publications: `publication`, `night`.
  package static func nights(_ schema: String, publication: Int64) -> String {
    "SELECT publication, night FROM \(schema).publication_night "
      + "WHERE publication <= \(publication)"
  }

  /// Records that the second check of core values has withheld and nobody has replaced since: columns as
  /// of ``openRecords(_:publication:)``. Deliveries without any, which are nearly all, are not read.
  package static func withheldRecords(
    _ schema: String, _ catalog: Catalog, publication: Int64
  ) -> [String] {
    let point = WarehouseViews.Point.publication(publication)
    return catalog.categories.filter { !$0.entityKey.isEmpty }.map { category in
      let table = "\(schema).\(SQLName.quoted(TableModel.recordTable(category.id)))"
      let columns = category.entityKey.map(SQLName.quoted)
      let isSame = columns.map { "n.\($0) = v.\($0)" }.joined(separator: " AND ")
      let key = entityKey(category, of: "v")
      return """
        SELECT v.row_id, 'withheld' AS status, d.category, d.system, v.opened_by AS publication,
          1 AS attempt, NULL AS record_id, \(key) AS entity_key, '' AS record_key,
          char(31) || \(SQLName.literal(recheckRule)) || char(31) || char(31) || 'hold' AS signature
        FROM \(schema).measure AS m JOIN \(schema).delivery AS d ON d.id = m.delivery
        JOIN \(table) AS v ON v.row_id BETWEEN d.id << 32 AND (d.id << 32) + 4294967295
        WHERE m.name = 'withheld' AND m.value > 0
          AND d.category = \(SQLName.literal(category.id))
          AND v.closed_by = v.opened_by AND v.opened_by <= \(publication)
          AND NOT EXISTS (SELECT 1 FROM \(table) AS n WHERE \(isSame) AND n.row_id > v.row_id
            AND \(WarehouseViews.visible("n", point)))
        """
    }
  }
}
