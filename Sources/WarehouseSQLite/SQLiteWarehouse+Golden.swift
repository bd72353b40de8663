package import Catalog
import GRDB
import Reconciliation
import Records
package import Warehouse

/// Golden records: what several records say of one thing, composed.
///
/// Keys to be composed stand in a temporary table of the writing connection, numbered; pages of them are
/// read, composed by the caller and stored. A record that speaks alone of its key is not copied: views
/// show its own row.
extension SQLiteWarehouse {
  /// Makes ready to compose for a publication, taking back what an attempt that was killed left.
  package func beginGolden(publication: Int64, policy: String) throws -> Bool {
    let connection = try current()
    return try connection.transaction("preparing golden records", durable: false) { database in
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM golden_state") else {
        throw WarehouseError(.corrupt, "\(path) has lost the state of its golden records")
      }
      if row["attempt"] == publication {
        try Self.removeUnpublishedGolden(database, model)
      }
      try database.execute(
        sql: "UPDATE golden_state SET attempt = ?", arguments: [publication])
      let composed: Int64 = row["composed"]
      return row["policy"] != policy || composed == 0 || composed >= publication
    }
  }

  /// Notes that a publication has been composed under a policy.
  package func endGolden(publication: Int64, policy: String, run: Int64) throws {
    try current().transaction("finishing golden records", durable: false) { database in
      try countConflicts(database, publication: publication, run: run)
      try database.execute(sql: "DROP TABLE IF EXISTS temp.golden_key")
      try database.execute(
        sql: "UPDATE golden_state SET policy = ?, composed = ?", arguments: [policy, publication])
    }
  }

  /// Takes back everything above the pointer.
  static func removeUnpublishedGolden(_ database: Database, _ model: WarehouseModel) throws {
    guard !model.entities.isEmpty else { return }
    let pointer = "(SELECT number FROM publication)"
    for entity in model.entities {
      let name = SQLName.quoted(entity.composed.name)
      try database.execute(
        sql: "DELETE FROM golden_part WHERE golden_id IN "
          + "(SELECT golden_id FROM \(name) WHERE opened_by > \(pointer))")
    }
    for table in model.entities.map(\.composed) + [TableModel.conflicts] {
      let name = SQLName.quoted(table.name)
      try database.execute(sql: "DELETE FROM \(name) WHERE opened_by > \(pointer)")
      try database.execute(
        sql: "UPDATE \(name) SET closed_by = NULL WHERE closed_by > \(pointer)")
    }
    try removeUnpublishedOverrides(database)
    try database.execute(sql: "UPDATE golden_state SET attempt = 0")
  }

  // MARK: Keys

  /// Collects the keys of an entity that must be composed anew.
  package func collectGoldenKeys(
    _ entity: GoldenEntity, publication: Int64, run: Int64, all: Bool, agencyElement: String,
    agencies: [String]
  ) throws -> Int {
    let source = try GoldenSource(entity, model)
    let connection = try current()
    try prepare(source)
    return try connection.transaction("collecting keys of \(entity.id)", durable: false) {
      database in
      try Self.makeKeyTable(database, source)
      if all {
        try database.execute(sql: source.collectAll)
      } else {
        for speaker in source.speakers {
          try collect(speaker, publication: publication, run: run, database)
          guard !agencies.isEmpty, speaker.holder.category.column(of: agencyElement) != nil else {
            continue
          }
          let list = "(SELECT c0 FROM \(BatchModuleName.table))"
          try connection.withBatch(.texts(agencies)) {
            try database.execute(
              sql: speaker.collect(where: "t.\(SQLName.quoted(agencyElement)) IN \(list)"))
          }
        }
      }
      if source.tables.isWhole {
        try database.execute(sql: source.dropAlone, arguments: [publication, publication])
      }
      return try Int.fetchOne(database, sql: "SELECT count(*) FROM temp.golden_key") ?? 0
    }
  }

  private func prepare(_ source: GoldenSource) throws {
    try prepareLookups([source.lookup])
    let indexes = source.speakers.compactMap(\.index)
    guard !indexes.isEmpty else { return }
    try current().transaction("building indexes of \(path)", durable: false) { database in
      for index in indexes { try database.execute(sql: index) }
    }
  }

  /// Collects keys of what the run opened and closed.
  private func collect(
    _ speaker: GoldenSpeaker, publication: Int64, run: Int64, _ database: Database
  ) throws {
    for delivery in try Int64.fetchAll(
      database, sql: "SELECT id FROM delivery WHERE run = ? AND category = ? ORDER BY id",
      arguments: [run, speaker.holder.category.id])
    {
      let rows = Self.rowIDs(ofDelivery: delivery)
      try database.execute(
        sql: speaker.collectOpened, arguments: [rows.lowerBound, rows.upperBound, publication])
    }
    try database.execute(sql: speaker.collectClosed)
  }

  /// Collects these keys of an entity too, however many records speak of them.
  package func collectGoldenKeys(
    _ entity: GoldenEntity, keys: [[String]], alone: Bool
  ) throws -> Int {
    let source = try GoldenSource(entity, model)
    if alone { try prepare(source) }
    return try current().transaction("collecting keys of \(entity.id)", durable: false) {
      database in
      if alone { try Self.makeKeyTable(database, source) }
      let places = source.keyNames.map { _ in "?" }.joined(separator: ", ")
      for key in keys where key.count == source.keyNames.count {
        try database.execute(
          sql: "INSERT OR IGNORE INTO temp.golden_key (\(source.keyList)) VALUES (\(places))",
          arguments: StatementArguments(key))
      }
      return try Int.fetchOne(database, sql: "SELECT count(*) FROM temp.golden_key") ?? 0
    }
  }

  private static func makeKeyTable(_ database: Database, _ source: GoldenSource) throws {
    let columns = source.keyNames.map { "\(SQLName.quoted($0)) TEXT" }.joined(separator: ", ")
    try database.execute(sql: "DROP TABLE IF EXISTS temp.golden_key")
    try database.execute(
      sql: "CREATE TEMP TABLE golden_key (id INTEGER PRIMARY KEY, \(columns), "
        + "UNIQUE (\(source.keyList)))")
  }

  /// Up to `limit` of the collected keys behind `key`; none at the end.
  package func goldenKeys(
    _ entity: GoldenEntity, after key: Int64, limit: Int
  ) throws -> GoldenKeys {
    let source = try GoldenSource(entity, model)
    let connection = try current()
    return try connection.access("reading keys of \(entity.id)") { database in
      let statement = try connection.statement(
        "SELECT id, \(source.keyList) FROM temp.golden_key WHERE id > ? ORDER BY id LIMIT ?",
        database)
      statement.bind(key, at: 1)
      statement.bind(Int64(limit), at: 2)
      var keys = GoldenKeys(elementCount: source.keyNames.count)
      try statement.forEachRow {
        keys.ids.append(statement.integer(0))
        for place in keys.texts.indices {
          keys.texts[place].append(statement.appendText(Int32(place + 1), to: &keys.text))
        }
      }
      return keys
    }
  }

  package func goldenPage(
    _ keys: GoldenKeys, of entity: GoldenEntity, elements: [String], publication: Int64
  ) throws -> GoldenPage {
    try linkRows(category: entity.category)
    return try finder.goldenPage(keys, of: entity, elements: elements, publication: publication)
  }

  /// Which systems' records of a category name which agencies, as of a publication.
  package func agencyMentions(
    category: String, element: String, publication: Int64
  ) throws -> [AgencyMention] {
    guard let tables = model.category(category), tables.category.column(of: element) != nil else {
      throw WarehouseError(.notFound, "records of \(category) do not name \(element)")
    }
    return try current().access("looking for agencies in \(category)") { database in
      try Self.agencyMentions(tables, element, publication, database)
    }
  }

  static func agencyMentions(
    _ tables: WarehouseModel.CategoryTables, _ element: String, _ publication: Int64,
    _ database: Database
  ) throws -> [AgencyMention] {
    let name = "t.\(SQLName.quoted(element))"
    return try Row.fetchAll(
      database,
      sql: """
        SELECT \(name) AS agency, d.system AS system, count(*) AS number
        FROM \(SQLName.quoted(tables.records.name)) AS t JOIN delivery AS d
          ON d.id = t.row_id >> 32
        WHERE \(name) IS NOT NULL AND t.opened_by <= ?1
          AND (t.closed_by IS NULL OR t.closed_by > ?1)
        GROUP BY 1, 2 ORDER BY 1, 2
        """, arguments: [publication]
    ).map {
      AgencyMention(agency: $0["agency"], system: $0["system"], recordCount: $0["number"])
    }
  }

  // MARK: Storing

  /// Stores what was composed. What did not change stays as it is.
  package func storeGolden(_ update: GoldenUpdate) throws {
    guard let first = update.keys.first, let last = update.keys.last else { return }
    let source = try GoldenSource(update.entity, model)
    let connection = try current()
    try connection.transaction("storing golden records of \(update.entity.id)", durable: false) {
      database in
      let open = try openRecords(source, first...last, connection, database)
      let contents = update.composed.fingerprints(column: 1)
      var closed: [Int64] = []
      var isKept = [Bool](repeating: false, count: update.composedKeys.count)
      var next = 0
      for record in open {
        while next < update.composedKeys.count, update.composedKeys[next] < record.key {
          next += 1
        }
        if next < update.composedKeys.count, update.composedKeys[next] == record.key,
          contents[next] == record.content
        {
          isKept[next] = true
        } else {
          closed.append(record.id)
        }
      }
      if !closed.isEmpty {
        try connection.withBatch(.rows(closed)) {
          try database.execute(
            sql: "UPDATE \(source.composed) SET closed_by = ? WHERE golden_id IN "
              + "(SELECT c0 FROM \(BatchModuleName.table))", arguments: [update.publication])
        }
      }
      try insert(update, source, isKept, connection, database)
      try replaceConflicts(
        update, keys: Set(open.map(\.recordKey)).union(update.composed.fingerprints(column: 0)),
        connection, database)
    }
  }

  private struct OpenRecord {
    var key: Int64
    var id: Int64
    var recordKey: Fingerprint
    var content: Fingerprint
  }

  /// Composed records of the page's keys that stand open, by key.
  private func openRecords(
    _ source: GoldenSource, _ keys: ClosedRange<Int64>, _ connection: Connection,
    _ database: Database
  ) throws -> [OpenRecord] {
    let statement = try connection.statement(
      "SELECT g.id, c.golden_id, c.record_key, c.content FROM temp.golden_key AS g "
        + "CROSS JOIN \(source.composed) AS c WHERE g.id BETWEEN ?1 AND ?2 "
        + "AND \(source.composedMatch) AND c.closed_by IS NULL ORDER BY g.id", database)
    statement.bind(keys.lowerBound, at: 1)
    statement.bind(keys.upperBound, at: 2)
    defer { statement.reset() }
    var result: [OpenRecord] = []
    while try statement.step() {
      guard let recordKey = statement.fingerprint(2), let content = statement.fingerprint(3) else {
        throw WarehouseError(.corrupt, "a golden record has a key that is no fingerprint")
      }
      result.append(
        OpenRecord(
          key: statement.integer(0), id: statement.integer(1), recordKey: recordKey,
          content: content))
    }
    return result
  }

  private func insert(
    _ update: GoldenUpdate, _ source: GoldenSource, _ isKept: [Bool], _ connection: Connection,
    _ database: Database
  ) throws {
    guard isKept.contains(false) else { return }
    var next = try nextGoldenID(database)
    // NULL stands for a record that is there already.
    var ids: [Int64] = []
    for isKept in isKept {
      ids.append(isKept ? BatchColumn.null : next)
      if !isKept { next += 1 }
    }
    var composed = update.composed
    composed.columns.insert(.integers(ids), at: 0)
    let names = (["golden_id"] + source.tables.composed.columns.dropFirst(3).map(\.name))
      .map(SQLName.quoted)
    let sources = names.indices.map { "c\($0)" }.joined(separator: ", ")
    try connection.withBatch(composed) {
      try database.execute(
        sql: "INSERT INTO \(source.composed) (\(names.joined(separator: ", ")), opened_by) "
          + "SELECT \(sources), ? FROM \(BatchModuleName.table) WHERE c0 IS NOT NULL",
        arguments: [update.publication])
    }
    var parts = update.parts
    guard parts.rowCount > 0 else { return }
    parts.columns.insert(.integers(update.partOwners.map { ids[$0] }), at: 0)
    try connection.withBatch(parts) {
      try database.execute(
        sql: "INSERT INTO golden_part (golden_id, part, row_id, rule_version, basis, override, "
          + "child, child_ordinal) SELECT c0, c1, c2, c3, c4, c5, c6, c7 "
          + "FROM \(BatchModuleName.table) WHERE c0 IS NOT NULL"
      )
    }
  }

  private func nextGoldenID(_ database: Database) throws -> Int64 {
    try model.entities.map { entity in
      try Int64.fetchOne(
        database, sql: "SELECT max(golden_id) FROM \(SQLName.quoted(entity.composed.name))") ?? 0
    }.max().map { $0 + 1 } ?? 1
  }
}

extension SQLiteWarehouse {
  /// What must hold of the golden records that readers see: what is broken, and how to count it.
  var goldenInvariants: [(what: String, sql: String)] {
    guard !model.entities.isEmpty else { return [] }
    return conflictInvariants + overrideInvariants + entityInvariants
  }

  private var entityInvariants: [(what: String, sql: String)] {
    model.entities.compactMap { try? GoldenSource($0.entity, model) }.flatMap { source in
      let name = source.tables.entity.id
      let isSeen = { (alias: String) in WarehouseViews.visible(alias, .pointer) }
      var invariants = [
        (
          what: "golden records of \(name) whose first record is not there",
          sql: "SELECT count(*) FROM \(source.composed) AS c WHERE \(isSeen("c"))"
            + source.tables.holders.map {
              " AND NOT EXISTS (SELECT 1 FROM \(SQLName.quoted($0.records.name)) AS t "
                + "WHERE t.row_id = c.base_row AND \(isSeen("t")))"
            }.joined()
        ),
        (
          what: "things with two golden records of \(name)",
          sql: "SELECT count(*) FROM (SELECT 1 FROM \(source.composed) AS c WHERE \(isSeen("c")) "
            + "GROUP BY c.record_key HAVING count(*) > 1)"
        ),
      ]
      guard source.tables.isWhole else { return invariants }
      invariants.append(
        (
          what: "things of \(name) that several records speak of, without a golden record",
          // A warehouse of an earlier version has none until its next night.
          sql: "SELECT count(*) FROM (SELECT \(source.recordKeyList) FROM \(source.records) AS t "
            + "WHERE \(isSeen("t")) AND \(source.hasKey) GROUP BY \(source.recordKeyList) "
            + "HAVING count(*) > 1) AS g WHERE (SELECT composed FROM golden_state) >= "
            + "(SELECT number FROM publication) AND NOT EXISTS (SELECT 1 FROM \(source.composed) "
            + "AS c WHERE \(source.composedMatch) AND \(isSeen("c")))"
        ))
      return invariants
    }
  }
}

extension TableBatch {
  /// Texts alone.
  fileprivate static func texts(_ texts: [String]) -> TableBatch {
    var arena = TextArena()
    let refs = texts.map { arena.appendText($0) }
    return TableBatch(table: "texts", rowCount: refs.count, columns: [.texts(refs)], text: arena)
  }

  /// The fingerprints in a column of bytes.
  fileprivate func fingerprints(column: Int) -> [Fingerprint] {
    guard column < columns.count, case .blobs(let refs) = columns[column] else { return [] }
    return refs.map { ref in
      var high: UInt64 = 0
      var low: UInt64 = 0
      for (place, byte) in text[ref.range].enumerated() {
        if place < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
      }
      return Fingerprint(high: high, low: low)
    }
  }
}
