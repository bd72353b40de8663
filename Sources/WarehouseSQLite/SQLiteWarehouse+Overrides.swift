import Catalog
import GRDB
package import Warehouse

/// What people state, before all systems. The tables are no bulk tables: a first load copies them, and
/// nothing that is taken back removes them.
extension SQLiteWarehouse {
  /// Between the parts of a key.
  static let keySeparator = "\u{1F}"

  package func overrides(standing: Bool) throws -> [StewardOverride] {
    try loading().access("reading overrides") { try Self.overrides($0, standing: standing) }
  }

  static func overrides(_ database: Database, standing: Bool) throws -> [StewardOverride] {
    var values: [Int64: [StewardOverride.Value]] = [:]
    for row in try Row.fetchAll(
      database,
      sql: """
        SELECT v.* FROM golden_override AS o JOIN golden_override_value AS v ON v.override = o.id
        WHERE \(standing ? "o.closed_by IS NULL" : "1") ORDER BY v.override, v.element
        """)
    {
      values[row["override"], default: []].append(
        StewardOverride.Value(
          element: row["element"], value: row["value"], replaced: row["replaced"]))
    }
    return try Row.fetchAll(
      database,
      sql: "SELECT * FROM golden_override \(standing ? "WHERE closed_by IS NULL" : "") ORDER BY id"
    ).map { row in
      var override = StewardOverride(
        id: row["id"], entity: row["entity"],
        key: (row["key"] as String).split(
          separator: Self.keySeparator, omittingEmptySubsequences: false
        ).map(String.init),
        rule: row["rule"], values: values[row["id"]] ?? [], author: row["author"],
        reason: row["reason"], time: row["stated_at"], until: row["until"])
      if let author: String = row["retired_author"] {
        override.retirement = StewardOverride.Retirement(
          author: author, reason: row["retired_reason"], time: row["retired_at"])
      }
      override.openedBy = row["opened_by"]
      override.closedBy = row["closed_by"]
      override.outcome = (row["outcome"] as String?).flatMap(StewardOverride.Outcome.init)
      return override
    }
  }

  package func add(_ overrides: [StewardOverride]) throws -> [StewardOverride] {
    try loading().transaction("storing overrides", durable: true) { database in
      try overrides.map { override in
        var stored = override
        stored.id = try Self.insert(override, database)
        return stored
      }
    }
  }

  private static func insert(_ override: StewardOverride, _ database: Database) throws -> Int64 {
    try database.execute(
      sql: """
        INSERT INTO golden_override (entity, key, rule, author, reason, stated_at, until)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        override.entity, override.key.joined(separator: Self.keySeparator), override.rule,
        override.author, override.reason, override.time, override.until,
      ])
    let id = database.lastInsertedRowID
    for value in override.values {
      try database.execute(
        sql: "INSERT INTO golden_override_value VALUES (?, ?, ?, ?)",
        arguments: [id, value.element, value.value, value.replaced])
    }
    return id
  }

  package func retireOverrides(
    _ ids: [Int64], _ retirement: StewardOverride.Retirement
  ) throws {
    try loading().transaction("retiring overrides", durable: true) { database in
      for id in ids {
        try database.execute(
          sql: """
            UPDATE golden_override SET retired_author = ?, retired_reason = ?, retired_at = ?
            WHERE id = ? AND closed_by IS NULL AND retired_author IS NULL
            """, arguments: [retirement.author, retirement.reason, retirement.time, id])
        guard database.changesCount == 1 else {
          throw WarehouseError(.notFound, "there is no override \(id) that stands")
        }
      }
    }
  }

  package func settleOverrides(
    _ counting: [Int64], ended: [(id: Int64, outcome: StewardOverride.Outcome)],
    publication: Int64
  ) throws {
    guard !counting.isEmpty || !ended.isEmpty else { return }
    try loading().transaction("settling overrides", durable: false) { database in
      for id in counting {
        try database.execute(
          sql: "UPDATE golden_override SET opened_by = coalesce(opened_by, ?) WHERE id = ?",
          arguments: [publication, id])
      }
      for (id, outcome) in ended {
        try database.execute(
          sql: "UPDATE golden_override SET closed_by = ?, outcome = ? WHERE id = ?",
          arguments: [publication, outcome.rawValue, id])
      }
    }
  }

  /// Takes back what an unpublished run has settled.
  static func removeUnpublishedOverrides(_ database: Database) throws {
    let pointer = "(SELECT number FROM publication)"
    try database.execute(
      sql: "UPDATE golden_override SET opened_by = NULL WHERE opened_by > \(pointer)")
    try database.execute(
      sql:
        "UPDATE golden_override SET closed_by = NULL, outcome = NULL WHERE closed_by > \(pointer)"
    )
  }

  /// What must hold of overrides as readers see them.
  var overrideInvariants: [(what: String, sql: String)] {
    let counts = WarehouseViews.visible("o", .pointer)
    return [
      (
        what: "golden values of overrides that do not exist",
        sql: "SELECT count(*) FROM golden_part WHERE override IS NOT NULL "
          + "AND override NOT IN (SELECT id FROM golden_override)"
      ),
      (
        what: "overrides that count and stand in no golden record",
        sql: "SELECT count(*) FROM golden_override AS o WHERE \(counts) "
          + "AND id NOT IN (SELECT override FROM golden_part WHERE override IS NOT NULL)"
      ),
    ]
  }
}

extension WarehouseReader {
  /// Ascending by number; none in a warehouse of an earlier program.
  package func overrides() throws -> [StewardOverride] {
    try read { database in
      guard try database.tableExists("golden_override") else { return [] }
      return try SQLiteWarehouse.overrides(database, standing: false)
    }
  }
}
