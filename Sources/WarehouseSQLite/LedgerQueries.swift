import Catalog
package import GRDB
package import Warehouse

/// The SQL behind ``LedgerReader``, for the writer's connection and for readers.
///
/// Every query starts at the runs of the nights asked for and goes on by index, so that its cost is that of
/// those nights, however long the history is; a cross join is one whose order SQLite keeps.
enum LedgerQueries {
  static func publications(
    _ database: Database, upTo night: String, publication: Int64?, limit: Int
  ) throws -> [PublicationEntry] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT max(p.publication) AS publication, p.night, p.run, p.published_at, r.rule_set_hash
        FROM publication_night AS p JOIN run AS r ON r.id = p.run
        WHERE p.night <= ?1
          AND p.publication <= coalesce(?2, (SELECT number FROM publication))
        GROUP BY p.night ORDER BY p.night DESC LIMIT ?3
        """, arguments: [night, publication, limit]
    ).map { row in
      PublicationEntry(
        publication: row["publication"], night: row["night"], run: row["run"],
        publishedAt: row["published_at"], ruleSetHash: row["rule_set_hash"])
    }
  }

  static func streamSums(_ database: Database, _ span: LedgerSpan) throws -> [StreamSum] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT d.system, d.category, \(sums), max(r.night) AS last_night,
          max(CASE WHEN r.night < ?2 THEN r.night END) AS last_night_before
        FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id
        WHERE \(isInSpan)
        GROUP BY d.system, d.category ORDER BY d.system, d.category
        """, arguments: arguments(span)
    ).map { row in
      StreamSum(
        system: row["system"], category: row["category"], deliveries: row["deliveries"],
        held: row["held_deliveries"], uncounted: row["uncounted"], lastNight: row["last_night"],
        lastNightBefore: row["last_night_before"], balance: Balance(row))
    }
  }

  static func nightSums(_ database: Database, _ span: LedgerSpan) throws -> [NightSum] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT r.night, \(sums) FROM run AS r LEFT JOIN delivery AS d ON d.run = r.id
        WHERE \(isInSpan) GROUP BY r.night ORDER BY r.night
        """, arguments: arguments(span)
    ).map { row in
      NightSum(
        night: row["night"], deliveries: row["deliveries"], held: row["held_deliveries"],
        balance: Balance(row))
    }
  }

  static func deliveries(_ database: Database, _ span: LedgerSpan) throws -> [DeliveryEntry] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT d.* FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id WHERE \(isInSpan) ORDER BY d.id
        """, arguments: arguments(span)
    ).map(SQLiteWarehouse.entry)
  }

  /// The archive keeps the night in which a delivery came; its run is the one that took it last. What a
  /// person has released waits as `taken` for the next run.
  static func waitingDeliveries(
    _ database: Database, _ span: LedgerSpan
  ) throws -> [DeliveryEntry] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT d.* FROM delivery AS d JOIN run AS r ON r.id = d.run
        WHERE d.status IN ('held', 'taken') AND r.night <= ?1 AND r.publication <= ?2
          AND r.status <> 'running'
        UNION
        SELECT d.* FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id
        WHERE r.publication > ?2 AND replace(substr(d.archive_path, 1, 10), '/', '-') <= ?1
          AND r.night > ?1
        ORDER BY 1
        """, arguments: [span.first, span.publication]
    ).map(SQLiteWarehouse.entry)
  }

  static func measureSums(
    _ database: Database, _ span: LedgerSpan, names: [String]
  ) throws -> [Measure] {
    let list = names.map(SQLName.literal).joined(separator: ", ")
    return try Row.fetchAll(
      database,
      sql: """
        SELECT m.name, m.domain, sum(m.value) AS value
        FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id JOIN measure AS m ON m.delivery = d.id
        WHERE \(isInSpan) AND m.name IN (\(list))
        GROUP BY m.name, m.domain ORDER BY m.name, m.domain
        """, arguments: arguments(span)
    ).map { row in
      Measure(delivery: 0, name: row["name"], domain: row["domain"], value: row["value"])
    }
  }

  static func coverageSums(_ database: Database, _ span: LedgerSpan) throws -> [CoverageSum] {
    let list = [Measure.judged, Measure.filled].map(SQLName.literal).joined(separator: ", ")
    return try Row.fetchAll(
      database,
      sql: """
        SELECT d.system, d.category, m.element, sum(m.value) AS value
        FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id JOIN measure AS m ON m.delivery = d.id
        WHERE \(isInSpan) AND m.name IN (\(list))
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """, arguments: arguments(span)
    ).map { row in
      CoverageSum(
        system: row["system"], category: row["category"], element: row["element"],
        count: row["value"])
    }
  }

  static func findingSums(_ database: Database, _ span: LedgerSpan) throws -> [FindingSum] {
    func lasts(_ alias: String) -> String {
      "(\(alias).closed_by IS NULL OR \(alias).closed_by > ?3)"
    }
    // What a record waits for, or what an earlier night shows all the same, returned nothing.
    let isReturned =
      "EXISTS (SELECT 1 FROM quarantined_record AS q WHERE q.row_id = f.row_id "
      + "AND q.opened_by <= ?3 AND \(lasts("q")))"
    func part(_ table: String, code: String, closes: Bool) -> String {
      """
      SELECT d.system, \(code) AS code, f.rule, coalesce(f.element, '') AS element, f.severity
      FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id
      JOIN \(table) AS f ON f.row_id BETWEEN d.id << 32 AND (d.id << 32) + 4294967295
      WHERE \(isInSpan) AND f.opened_by <= ?3
      """ + (closes ? " AND \(lasts("f")) AND (f.severity = 'note' OR \(isReturned))" : "")
    }
    var parts = [
      part("finding", code: "f.code", closes: false), part("label", code: "f.code", closes: true),
    ]
    if try hasConflicts(database) {
      parts.append(
        part("conflict", code: SQLName.literal(AuthorityRule.issue.rawValue), closes: true))
    }
    return try Row.fetchAll(
      database,
      sql: """
        SELECT system, code, rule, element, severity, count(*) AS count
        FROM (\(parts.joined(separator: "\nUNION ALL "))) GROUP BY 1, 2, 3, 4, 5
        ORDER BY 1, 2, 3, 4, 5
        """, arguments: arguments(span)
    ).map { row in
      FindingSum(
        system: row["system"], code: row["code"], rule: row["rule"], element: row["element"],
        severity: row["severity"], count: row["count"])
    }
  }

  /// Looks only at conflicts that stand or were closed since the span began. One that is opened in other
  /// words, or on a newer version of the record, is neither new nor settled.
  static func conflictSums(_ database: Database, _ span: LedgerSpan) throws -> [ConflictSum] {
    guard try hasConflicts(database) else { return [] }
    func isKnown(_ condition: String) -> String {
      """
      EXISTS (SELECT 1 FROM conflict AS o JOIN delivery AS e ON e.id = o.row_id >> 32
        WHERE o.record_key = x.record_key AND o.rule = x.rule AND o.element = x.element
        AND e.system = d.system AND \(condition))
      """
    }
    let stands = "opened_by <= ?3 AND (o.closed_by IS NULL OR o.closed_by > ?3)"
    let stood = "opened_by < s.first AND (o.closed_by IS NULL OR o.closed_by >= s.first)"
    return try Row.fetchAll(
      database,
      sql: """
        WITH s AS (SELECT coalesce(min(r.publication), ?3 + 1) AS first FROM run AS r
          WHERE \(isInSpan)),
        known AS (
          SELECT x.rule, d.system, x.record_key, x.element,
            x.opened_by <= ?3 AND (x.closed_by IS NULL OR x.closed_by > ?3) AS stands,
            \(isKnown("o." + stands)) AS remains, \(isKnown("o." + stood)) AS stood
          FROM s JOIN conflict AS x JOIN delivery AS d ON d.id = x.row_id >> 32
          WHERE (x.closed_by IS NULL OR x.closed_by >= s.first) AND x.opened_by <= ?3)
        SELECT rule, system, sum(stands) AS standing, sum(stands AND NOT stood) AS new,
          count(DISTINCT CASE WHEN stood AND NOT remains THEN hex(record_key) || element END)
            AS settled
        FROM known GROUP BY 1, 2 HAVING standing + new + settled > 0 ORDER BY 1, 2
        """, arguments: arguments(span)
    ).map { row in
      ConflictSum(
        system: row["system"], rule: row["rule"], standing: row["standing"], new: row["new"],
        settled: row["settled"])
    }
  }

  /// A reader may look at a warehouse of an earlier program, or of a catalog that names no owners.
  private static func hasConflicts(_ database: Database) throws -> Bool {
    try database.tableExists(TableModel.conflicts.name)
  }

  /// Looks only at deliveries that had pending records when they were judged. Why they wait is what is said of
  /// them as of the publication.
  static func pendingSums(_ database: Database, _ span: LedgerSpan) throws -> [PendingSum] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT q.system, q.category, coalesce(f.rule, '') AS rule, r.night,
          count(DISTINCT q.row_id) AS records
        FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id AND d.pending > 0
        JOIN waiting_record AS q ON q.row_id BETWEEN d.id << 32 AND (d.id << 32) + 4294967295
        LEFT JOIN label AS f ON f.row_id = q.row_id AND f.severity <> 'note' AND f.opened_by <= ?3
          AND (f.closed_by IS NULL OR f.closed_by > ?3)
        WHERE \(isInSpan) AND q.opened_by <= ?3 AND (q.closed_by IS NULL OR q.closed_by > ?3)
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """, arguments: arguments(span)
    ).map { row in
      PendingSum(
        system: row["system"], category: row["category"], rule: row["rule"], night: row["night"],
        records: row["records"])
    }
  }

  // MARK: Parts

  static let isInSpan =
    "r.night BETWEEN ?1 AND ?2 AND r.publication <= ?3 AND r.status <> 'running'"

  static func arguments(_ span: LedgerSpan) -> StatementArguments {
    [span.first, span.last, span.publication]
  }

  private static let counts = [
    "read", "accepted", "unchanged", "duplicate", "returned", "pending", "held", "deleted",
    "accepted_first", "returned_first", "removed",
  ]

  private static let sums =
    "count(d.id) AS deliveries, count(CASE WHEN d.status = 'held' THEN 1 END) AS held_deliveries, "
    + "count(CASE WHEN d.status = 'held' AND d.read = 0 THEN 1 END) AS uncounted, "
    + counts.map { "coalesce(sum(d.\($0)), 0) AS \($0)" }.joined(separator: ", ")
}

extension Balance {
  /// What a row of the ledger, or a sum of such rows, has.
  init(_ row: Row) {
    self.init()
    read = row["read"]
    accepted = row["accepted"]
    unchanged = row["unchanged"]
    duplicate = row["duplicate"]
    returned = row["returned"]
    pending = row["pending"]
    held = row["held"]
    deleted = row["deleted"]
    acceptedFirst = row["accepted_first"]
    returnedFirst = row["returned_first"]
    removed = row["removed"]
  }
}

/// A ledger in SQLite: every question of ``LedgerReader`` is one query.
package protocol LedgerDatabase: LedgerReader {
  /// Runs `body` on the connection that sees the ledger.
  func ledger<Result>(_ body: (Database) throws -> Result) throws -> Result
}

extension SQLiteWarehouse: LedgerDatabase {
  package func ledger<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try current().access("reading the ledger of \(path)", body)
  }
}

extension WarehouseReader: LedgerDatabase {
  package func ledger<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try read(body)
  }
}

extension LedgerDatabase {
  package func publications(
    upTo night: String, publication: Int64?, limit: Int
  ) throws -> [PublicationEntry] {
    try ledger {
      try LedgerQueries.publications($0, upTo: night, publication: publication, limit: limit)
    }
  }

  package func streamSums(_ span: LedgerSpan) throws -> [StreamSum] {
    try ledger { try LedgerQueries.streamSums($0, span) }
  }

  package func nightSums(_ span: LedgerSpan) throws -> [NightSum] {
    try ledger { try LedgerQueries.nightSums($0, span) }
  }

  package func deliveries(_ span: LedgerSpan) throws -> [DeliveryEntry] {
    try ledger { try LedgerQueries.deliveries($0, span) }
  }

  package func waitingDeliveries(_ span: LedgerSpan) throws -> [DeliveryEntry] {
    try ledger { try LedgerQueries.waitingDeliveries($0, span) }
  }

  package func measureSums(_ span: LedgerSpan, names: [String]) throws -> [Measure] {
    try ledger { try LedgerQueries.measureSums($0, span, names: names) }
  }

  package func coverageSums(_ span: LedgerSpan) throws -> [CoverageSum] {
    try ledger { try LedgerQueries.coverageSums($0, span) }
  }

  package func findingSums(_ span: LedgerSpan) throws -> [FindingSum] {
    try ledger { try LedgerQueries.findingSums($0, span) }
  }

  package func conflictSums(_ span: LedgerSpan) throws -> [ConflictSum] {
    try ledger { try LedgerQueries.conflictSums($0, span) }
  }

  package func pendingSums(_ span: LedgerSpan) throws -> [PendingSum] {
    try ledger { try LedgerQueries.pendingSums($0, span) }
  }
}
