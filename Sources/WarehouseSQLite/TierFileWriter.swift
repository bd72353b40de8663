import Catalog
import GRDB
import Glibc
import Warehouse

/// Builds a tier file in a private file without a journal, beside the warehouse that it copies from: of
/// nothing, or of a copy of an earlier file.
///
/// What was taken out of an earlier file, or moved within it, is in no page when the file takes its place
/// (``FileScrub``). Killed at any moment it leaves the old file, and a private one that the next one removes.
final class TierFileWriter: TierWriter {
  /// What one category needs, made once.
  private struct Statements {
    var table: TierFile.Table
    var records: String
    var values: [String]
    var children: [String]
    var removals: [String]
  }

  private let schema: TierSchema
  private let path: String
  private let base: TierBase?
  private var buildingPath: String { path + ".building" }
  private let connection: Connection
  private var statements: [String: Statements] = [:]
  private var pending: [TierRows] = []
  /// Records in the file.
  private var recordCount: Int64
  private var isClosed = false

  /// Each transaction writes the last page of every table once more.
  private static let pagesPerTransaction = 8

  init(
    _ file: TierFile, path: String, base: TierBase?, warehouse: String, _ model: WarehouseModel,
    _ options: SQLiteWarehouse.Options
  ) throws {
    schema = TierSchema(file: file, model: model)
    self.path = path
    self.base = base
    recordCount = base?.recordCount ?? 0
    let building = path + ".building"
    try SQLiteWarehouse.removeDatabase(building)
    // Made here so that it is never readable for others while it is built.
    let empty = try PosixFile(building, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    if base != nil { try empty.append(contentsOf: PosixFile(path, flags: O_RDONLY)) }
    connection = try Connection(
      path: building, mode: base == nil ? .building : .updating, options: options)
    try prepare(warehouse)
    try connection.registerBatches(columnCount: model.widestTable)
    for table in file.tables {
      statements[table.category.id] = Statements(
        table: table, records: try schema.insertion(table),
        values: schema.valueInsertions(table), children: schema.childInsertions(table),
        removals: schema.removals(table))
    }
  }

  deinit { abandon() }

  func abandon() {
    guard !isClosed else { return }
    isClosed = true
    try? connection.close()
    try? SQLiteWarehouse.removeDatabase(buildingPath)
  }

  private func prepare(_ warehouse: String) throws {
    try connection.access("preparing \(buildingPath)") { database in
      if base == nil {
        // So that pages that become free later can be given back, and every page says what it is.
        try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        try database.execute(sql: "PRAGMA application_id = \(TierSchema.applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(TierSchema.formatVersion)")
      }
      try database.execute(
        sql: "ATTACH DATABASE ? AS \(TierSchema.warehouse)", arguments: [warehouse])
      if base == nil {
        for sql in schema.creations() { try database.execute(sql: sql) }
      } else {
        for table in schema.file.tables {
          guard let entity = schema.golden(table) else { continue }
          try database.execute(sql: schema.touchedCreation(entity))
        }
      }
    }
  }

  // MARK: Records

  func remove(_ rows: [Int64], category: String) throws {
    guard let own = statements[category], base != nil else {
      throw WarehouseError(.notFound, "\(path) has no rows of \(category) to be removed")
    }
    guard !rows.isEmpty else { return }
    try connection.transaction("writing \(buildingPath)", durable: false) { database in
      try connection.withBatch(.rows(rows)) {
        for (place, sql) in own.removals.enumerated() {
          try database.execute(sql: sql)
          if place == 0 { recordCount -= Int64(database.changesCount) }
        }
        if let entity = schema.golden(own.table) {
          try database.execute(sql: schema.touchedByRecords(entity))
        }
      }
    }
  }

  func write(_ rows: TierRows) throws {
    guard let own = statements[rows.category], own.children.count == rows.children.count else {
      throw WarehouseError(.notFound, "\(path) has no room for rows of \(rows.category)")
    }
    pending.append(rows)
    if pending.count >= Self.pagesPerTransaction { try flush() }
  }

  private func flush() throws {
    guard !pending.isEmpty else { return }
    try connection.transaction("writing \(buildingPath)", durable: false) { database in
      for rows in pending {
        guard let own = statements[rows.category] else { continue }
        try insert(rows.records, [own.records], database)
        let found = database.changesCount
        guard found == rows.records.rowCount || rows.records.rowCount == 0 else {
          throw WarehouseError(
            .corrupt,
            "\(buildingPath) has \(found) of \(rows.records.rowCount) released records of "
              + rows.category)
        }
        recordCount += Int64(rows.records.rowCount)
        try insert(rows.records, own.values, database)
        for (child, sql) in zip(rows.children, own.children) {
          try insert(child, [sql], database)
        }
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  private func insert(_ batch: TableBatch, _ statements: [String], _ database: Database) throws {
    guard batch.rowCount > 0, !statements.isEmpty else { return }
    try connection.withBatch(batch) {
      for sql in statements { try connection.statement(sql, database).run() }
    }
  }

  // MARK: The end

  func finish(mode: UInt32) throws {
    try flush()
    try connection.transaction("finishing \(buildingPath)", durable: false) { database in
      for table in schema.file.tables {
        if base == nil {
          for sql in try schema.indexes(table) { try database.execute(sql: sql) }
        }
        try addGolden(table, database)
      }
      try database.execute(sql: "DELETE FROM main.objection")
      for table in schema.file.tables {
        try database.execute(sql: schema.objectionInsertion(table))
      }
      try describe(database)
    }
    try check()
    try connection.access("finishing \(buildingPath)") { database in
      try database.execute(sql: "DETACH DATABASE \(TierSchema.warehouse)")
    }
    isClosed = true
    try connection.close()
    do {
      try settle(mode)
    } catch {
      try? SQLiteWarehouse.removeDatabase(buildingPath)
      throw error
    }
  }

  /// Clears the pages, makes the file durable and gives it its rights and its name.
  private func settle(_ mode: UInt32) throws {
    _ = try FileScrub.run(buildingPath, against: base == nil ? nil : path)
    try PosixFile.setMode(mode, of: buildingPath)
    try PosixFile(buildingPath, flags: O_RDONLY).synchronize()
    try PosixFile.rename(buildingPath, to: path)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    try PosixFile.synchronizeFolder(folder.isEmpty ? "/" : folder)
  }

  private func addGolden(_ table: TierFile.Table, _ database: Database) throws {
    guard let entity = schema.golden(table) else { return }
    let touched = base == nil ? nil : schema.touched(table.category.id)
    if let base {
      let collections = schema.touchedByComposing(entity, since: base.publication)
      for sql in collections + schema.goldenRemovals(table, entity) {
        try database.execute(sql: sql)
      }
    }
    try database.execute(sql: schema.memberInsertion(table, entity, touched: touched))
    try database.execute(sql: schema.composedInsertion(table, entity, touched: touched))
    try database.execute(
      sql: "CREATE TEMP TABLE part AS "
        + schema.partSelection(table, entity, touched: touched))
    try database.execute(sql: "CREATE INDEX temp.part_name ON part (part, golden_id)")
    let parts = try String.fetchAll(database, sql: "SELECT DISTINCT part FROM temp.part")
    // Of two rules for one element the first decides. An element that a person stated stands before the rule that
    // decides the rest of its group.
    let groups = schema.model.authorityRules.map(\.id).filter(Set(parts).contains)
    for part in groups.reversed() + parts.filter({ !groups.contains($0) }) {
      let elements = schema.elements(ofPart: part, entity)
      let updates = [
        schema.partUpdate(table, elements: elements),
        elements.count == 1
          ? schema.togetherUpdate(table, entity, element: elements.first ?? "") : nil,
      ]
      for sql in updates.compactMap({ $0 }) {
        try database.execute(sql: sql, arguments: [part])
      }
    }
    try database.execute(sql: "DROP TABLE temp.part")
    if let sql = schema.decidedRemoval(table, entity, touched: touched) {
      try database.execute(sql: sql)
    }
  }

  /// What the file says about itself.
  private func describe(_ database: Database) throws {
    let file = schema.file
    let about = [
      ("tier", file.tier.rawValue), ("publication", "\(file.publication)"),
      ("night", file.night), ("day", file.day), ("records", "\(recordCount)"),
      ("basis", file.basis), ("schema", try schema.mark()), ("history", file.history),
      ("stamp", file.stamp),
    ]
    for (name, value) in about {
      try database.execute(
        sql: "INSERT OR REPLACE INTO about VALUES (?, ?)", arguments: [name, value])
    }
    // Of an earlier file it is the same, or its mark would be another.
    guard base == nil else { return }
    for row in schema.dictionary() {
      try database.execute(
        sql: "INSERT INTO dictionary VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: StatementArguments(row))
    }
  }

  /// Nothing is missing, and no page holds what is not part of a table.
  private func check() throws {
    try connection.access("checking \(buildingPath)") { database in
      if base == nil {
        let counts = try statements.keys.map { id in
          try Int64.fetchOne(
            database, sql: "SELECT count(*) FROM main.\(SQLName.quoted(id))") ?? 0
        }
        let found = counts.reduce(0, +)
        guard found == recordCount else {
          throw WarehouseError(
            .corrupt, "\(buildingPath) has \(found) records, \(recordCount) were released")
        }
      } else {
        _ = try Row.fetchAll(database, sql: "PRAGMA main.incremental_vacuum")
      }
      let free = try Int64.fetchOne(database, sql: "PRAGMA main.freelist_count") ?? 0
      guard free == 0 else {
        throw WarehouseError(.corrupt, "\(buildingPath) has \(free) pages that belong to nothing")
      }
    }
  }

  /// What a finished file says about itself; nothing where there is no sound one.
  static func about(path: String) -> [String: String] {
    guard PosixFile.exists(path) else { return [:] }
    var configuration = Configuration()
    configuration.readonly = true
    let about = try? DatabaseQueue(path: path, configuration: configuration).read { database in
      // Anybody may have put another file there.
      try Row.fetchAll(database, sql: "SELECT name, value FROM about").compactMap {
        row -> (String, String)? in
        guard let name = String.fromDatabaseValue(row[0]),
          let value = String.fromDatabaseValue(row[1])
        else { return nil }
        return (name, value)
      }
    }
    return Dictionary(about ?? [], uniquingKeysWith: { first, _ in first })
  }
}

extension TierSchema {
  /// Elements whose values a part of a golden record decides about.
  fileprivate func elements(ofPart part: String, _ entity: WarehouseModel.EntityTables) -> Set<
    String
  > {
    Set(model.ruleElements[part] ?? [part]).intersection(entity.entity.elements)
  }
}
