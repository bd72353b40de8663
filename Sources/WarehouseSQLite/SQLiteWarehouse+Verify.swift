import Catalog
import GRDB
import Warehouse

extension SQLiteWarehouse {
  /// Checks the file page by page and the content against what the engine promises.
  ///
  /// - Returns: One line per broken promise, with a count and no values; empty if all is well.
  package func verify() throws -> [String] {
    let connection = try current()
    return try quickCheck(connection)
      + connection.access("verifying \(connection.path)") { database in
        try invariants.compactMap { invariant in
          let count = try Int64.fetchOne(database, sql: invariant.sql) ?? 0
          return count == 0 ? nil : "\(invariant.what): \(count)"
        }
      }
  }

  /// What SQLite itself finds wrong with a file.
  func quickCheck(_ connection: Connection) throws -> [String] {
    try connection.access("checking the pages of \(connection.path)") { database in
      try String.fetchAll(database, sql: "PRAGMA quick_check(20)").filter { $0 != "ok" }
    }
  }

  private struct Invariant {
    /// What is broken where the count is not 0.
    var what: String
    /// Counts what is broken.
    var sql: String
  }

  private var invariants: [Invariant] {
    stateInvariants + model.categories.flatMap(Self.invariants) + quarantineInvariants
      + (goldenInvariants + subjectInvariants).map { Invariant(what: $0.what, sql: $0.sql) }
  }

  private var openRows: String {
    let parts = model.categories.map {
      "SELECT row_id FROM \(SQLName.quoted($0.records.name)) WHERE closed_by IS NULL "
        + "AND opened_by <> \(TableModel.parked)"
    }
    return parts.isEmpty ? "SELECT 0 AS row_id WHERE 0" : parts.joined(separator: " UNION ALL ")
  }

  private var parkedRows: String {
    let parts = model.categories.map {
      "SELECT row_id FROM \(SQLName.quoted($0.records.name)) WHERE opened_by = \(TableModel.parked)"
    }
    return parts.isEmpty ? "SELECT 0 AS row_id WHERE 0" : parts.joined(separator: " UNION ALL ")
  }

  private var stateInvariants: [Invariant] {
    [
      Invariant(
        what: "records with two states",
        sql: """
          SELECT count(*) - count(DISTINCT row_id) FROM record_state WHERE row_id IS NOT NULL
          """),
      Invariant(
        what: "record states whose row does not exist or is closed",
        sql: """
          SELECT count(*) FROM record_state
          WHERE row_id IS NOT NULL AND row_id NOT IN (\(openRows))
          """),
      Invariant(
        what: "open rows without a record state",
        sql: """
          SELECT count(*) FROM (\(openRows)) WHERE row_id NOT IN (
            SELECT row_id FROM record_state WHERE row_id IS NOT NULL)
          """),
      Invariant(
        what: "rows with two business keys",
        sql: "SELECT count(*) - count(DISTINCT row_id) FROM entity_state WHERE row_id <> 0"),
      Invariant(
        what: "business keys whose row does not exist or is closed",
        sql: """
          SELECT count(*) FROM entity_state WHERE row_id <> 0 AND row_id NOT IN (\(openRows))
          """),
      Invariant(
        what: "records with two states of waiting, or waiting without one",
        sql: """
          SELECT (SELECT count(*) FROM record_state WHERE waiting_row_id IS NOT NULL)
            - (SELECT count(*) FROM record_state AS s JOIN waiting_record AS w
              ON w.row_id = s.waiting_row_id AND w.closed_by IS NULL)
            + (SELECT count(*) FROM waiting_record WHERE closed_by IS NULL
              AND row_id NOT IN (SELECT waiting_row_id FROM record_state
                WHERE waiting_row_id IS NOT NULL))
          """),
      Invariant(
        what: "waiting records without a row that waits",
        sql: """
          SELECT count(*) FROM waiting_record WHERE closed_by IS NULL AND row_id NOT IN (\(parkedRows))
          """),
      Invariant(
        what: "record states whose return does not exist or is closed",
        sql: """
          SELECT count(*) FROM record_state WHERE returned_row_id IS NOT NULL
          AND returned_row_id NOT IN (
            SELECT row_id FROM quarantined_record WHERE closed_by IS NULL)
          """),
    ]
  }

  private static func invariants(_ tables: WarehouseModel.CategoryTables) -> [Invariant] {
    let name = SQLName.quoted(tables.records.name)
    let category = SQLName.literal(tables.category.id)
    var result = [
      Invariant(
        what: "rows of \(tables.records.name) without a delivery of that category",
        sql: """
          SELECT count(*) FROM \(name) WHERE row_id >> 32 NOT IN (
            SELECT id FROM delivery WHERE category = \(category))
          """),
      Invariant(
        what: "rows of \(tables.records.name) closed before they were opened",
        sql: "SELECT count(*) FROM \(name) WHERE closed_by < opened_by"),
      Invariant(
        what: "rows of \(tables.records.name) that wait without a record that waits",
        sql: """
          SELECT count(*) FROM \(name) WHERE opened_by = \(TableModel.parked)
          AND row_id NOT IN (SELECT row_id FROM waiting_record
            WHERE closed_by IS NULL OR closed_by > (SELECT number FROM publication))
          """),
      Invariant(
        what: "rows of \(tables.records.name) above the pointer outside an unfinished run",
        sql: """
          SELECT count(*) FROM \(name)
          WHERE opened_by <> \(TableModel.parked)
          AND max(opened_by, coalesce(closed_by, 0)) > (SELECT number FROM publication)
          AND max(opened_by, coalesce(closed_by, 0)) NOT IN (
            SELECT publication FROM run WHERE status = 'running')
          """),
    ]
    for table in tables.inner {
      result.append(
        Invariant(
          what: "rows of \(table.name) without a record",
          sql: """
            SELECT count(*) FROM \(SQLName.quoted(table.name))
            WHERE row_id NOT IN (SELECT row_id FROM \(name))
            """))
    }
    if let key = openKeys(tables.category) {
      let isKnown = key.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
      result.append(
        Invariant(
          what: "business keys of \(tables.category.id) with two open rows",
          sql: """
            SELECT count(*) FROM (SELECT 1 FROM \(name)
            WHERE closed_by IS NULL AND opened_by <> \(TableModel.parked) AND \(isKnown)
            GROUP BY \(key.joined(separator: ", ")) HAVING count(*) > 1)
            """))
    }
    return result
  }

  /// System, issuer where there is one, and the key's elements; nil where the system is not known.
  private static func openKeys(_ category: Category) -> [String]? {
    let system = "source_system_code"
    guard category.column(of: system) != nil, !category.entityKey.isEmpty else { return nil }
    var names = [system]
    if category.isIssuerScoped, category.column(of: "agency_uscc") != nil {
      names.append("agency_uscc")
    }
    for element in category.entityKey where !names.contains(element) { names.append(element) }
    return names.map(SQLName.quoted)
  }

  private var quarantineInvariants: [Invariant] {
    let rows = model.categories.map { "SELECT row_id FROM \(SQLName.quoted($0.records.name))" }
    let waiting = "SELECT row_id FROM waiting_record"
    let all = (["SELECT row_id FROM quarantined_record", waiting] + rows)
      .joined(separator: " UNION ALL ")
    return [
      Invariant(
        what: "findings without a record",
        sql:
          "SELECT count(*) FROM (SELECT DISTINCT row_id FROM finding) WHERE row_id NOT IN (\(all))"
      ),
      Invariant(
        what: "labels without a record",
        sql: "SELECT count(*) FROM (SELECT DISTINCT row_id FROM label) WHERE row_id NOT IN (\(all))"
      ),
      Invariant(
        what: "wanted keys of records that do not wait",
        sql: """
          SELECT count(*) FROM wanted_key WHERE row_id NOT IN (\(waiting)
            WHERE closed_by IS NULL OR closed_by > (SELECT number FROM publication))
          """),
      Invariant(
        what: "labels that stand twice",
        sql: """
          SELECT count(*) FROM (SELECT 1 FROM label WHERE closed_by IS NULL
          GROUP BY row_id, rule HAVING count(*) > 1)
          """),
      Invariant(
        what: "quarantined records without a delivery",
        sql: """
          SELECT count(*) FROM quarantined_record
          WHERE row_id >> 32 NOT IN (SELECT id FROM delivery)
          """),
      Invariant(
        what: "publications without a date",
        sql: """
          SELECT count(*) FROM publication AS p WHERE p.number > 0
          AND p.number NOT IN (SELECT publication FROM publication_night)
          """),
    ]
  }
}
