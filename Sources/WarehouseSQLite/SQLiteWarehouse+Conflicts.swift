import Catalog
import GRDB
import Records
import Warehouse

/// The register of conflicts with owners. It is the only place where they are kept: views show its rows as
/// findings on the records that differ.
extension SQLiteWarehouse {
  /// Closes the conflicts of these keys that are no more, and opens the new ones.
  func replaceConflicts(
    _ update: GoldenUpdate, keys: Set<Fingerprint>, _ connection: Connection, _ database: Database
  ) throws {
    guard !keys.isEmpty else { return }
    let same = """
      n.row_id = o.row_id AND n.rule = o.rule AND n.element = o.element
      AND n.child IS o.child AND n.child_ordinal IS o.child_ordinal
      AND n.winner_child IS o.winner_child AND n.winner_ordinal IS o.winner_ordinal
      AND n.rule_version = o.rule_version AND n.severity = o.severity
      AND n.winner_row = o.winner_row AND n.value IS o.value AND n.expected IS o.expected
      """
    try database.execute(
      sql: "CREATE TEMP TABLE IF NOT EXISTS new_conflict AS SELECT * FROM conflict WHERE 0")
    try database.execute(
      sql:
        "CREATE INDEX IF NOT EXISTS temp.new_conflict_row ON new_conflict (row_id, rule, element)")
    try database.execute(sql: "DELETE FROM temp.new_conflict")
    if update.conflicts.rowCount > 0 {
      let names = TableModel.conflicts.batchColumns.map(\.name)
      try connection.withBatch(update.conflicts) {
        try database.execute(
          sql: "INSERT INTO temp.new_conflict (\(names.joined(separator: ", ")), opened_by) SELECT "
            + "\(names.indices.map { "c\($0)" }.joined(separator: ", ")), ? "
            + "FROM \(BatchModuleName.table)", arguments: [update.publication])
      }
    }
    // The plus keeps SQLite from reading all that is open in place of what these keys have.
    try connection.withBatch(.keys(keys.sorted())) {
      try database.execute(
        sql: """
          UPDATE conflict AS o SET closed_by = ?
          WHERE o.record_key IN (SELECT c0 FROM \(BatchModuleName.table)) AND +o.closed_by IS NULL
          AND NOT EXISTS (SELECT 1 FROM temp.new_conflict AS n WHERE \(same))
          """, arguments: [update.publication])
    }
    try database.execute(
      sql: """
        INSERT INTO conflict SELECT n.* FROM temp.new_conflict AS n WHERE NOT EXISTS (
          SELECT 1 FROM conflict AS o WHERE o.row_id = n.row_id AND o.closed_by IS NULL AND \(same))
        """)
  }

  /// Counts what a run's deliveries have in the register beside the findings of their judgement, and
  /// what of it sent records back. May be repeated.
  func countConflicts(_ database: Database, publication: Int64, run: Int64) throws {
    let issue = SQLName.literal(AuthorityRule.issue.rawValue)
    func list(_ rules: [AuthorityRule]) -> String {
      rules.map { SQLName.literal($0.id) }.joined(separator: ", ")
    }
    let returning = model.authorityRules.filter { $0.severity == .return }
    try database.execute(
      sql: "DELETE FROM measure WHERE name = 'findings' AND domain IN "
        + "(\(list(model.authorityRules))) AND delivery IN (SELECT id FROM delivery WHERE run = ?)",
      arguments: [run])
    for delivery in try Int64.fetchAll(
      database, sql: "SELECT id FROM delivery WHERE run = ? ORDER BY id", arguments: [run])
    {
      let rows = Self.rowIDs(ofDelivery: delivery)
      var source =
        "SELECT rule, element FROM conflict WHERE row_id BETWEEN ?2 AND ?3 AND closed_by IS NULL"
      if !returning.isEmpty {
        source +=
          " UNION ALL SELECT rule, element FROM finding WHERE row_id BETWEEN ?2 AND ?3 "
          + "AND rule IN (\(list(returning)))"
      }
      try database.execute(
        sql: "INSERT INTO measure (delivery, name, domain, element, code, value) "
          + "SELECT ?1, 'findings', rule, element, \(issue), count(*) FROM (\(source)) GROUP BY rule, element",
        arguments: [delivery, rows.lowerBound, rows.upperBound])
    }
  }

  /// What must hold of the register as readers see it.
  var conflictInvariants: [(what: String, sql: String)] {
    let isSeen = { (alias: String) in WarehouseViews.visible(alias, .pointer) }
    let rows = Set(model.entities.map(\.category.records.name)).sorted().map {
      "SELECT row_id FROM \(SQLName.quoted($0)) AS t WHERE \(isSeen("t"))"
    }.joined(separator: " UNION ALL ")
    return [
      (
        what: "conflicts of records that are not shown",
        sql: "SELECT count(*) FROM conflict AS x WHERE \(isSeen("x")) AND row_id NOT IN (\(rows))"
      ),
      (
        what: "conflicts with records that are not shown",
        sql: "SELECT count(*) FROM conflict AS x WHERE \(isSeen("x")) "
          + "AND winner_row NOT IN (\(rows))"
      ),
      (
        what: "conflicts that stand twice",
        sql: "SELECT count(*) FROM (SELECT 1 FROM conflict AS x WHERE \(isSeen("x")) "
          + "GROUP BY row_id, rule, element, child, child_ordinal HAVING count(*) > 1)"
      ),
      (
        what: "records that contradict themselves",
        sql: "SELECT count(*) FROM conflict AS x WHERE \(isSeen("x")) AND row_id = winner_row"
      ),
    ]
  }
}
