import Catalog
import GRDB
import Glibc
package import Warehouse

extension SQLiteWarehouse {
  package func tierStamp(path: String) -> String? { TierFileWriter.stamp(path: path) }

  package func tierWriter(_ file: TierFile, path: String) throws -> any TierWriter {
    try TierFileWriter(file, path: path, warehouse: self.path, model, options)
  }
}

/// Builds a tier file in a private copy without a journal, beside the warehouse that it copies from.
///
/// The file is new every time: nothing that an earlier one held, or that was taken out of one, can be in
/// its pages. Killed at any moment it leaves the old file, and a copy that the next one removes.
final class TierFileWriter: TierWriter {
  /// What one category needs, made once.
  private struct Statements {
    var table: TierFile.Table
    var records: String
    var values: [String]
    var children: [String]
    var rowCount: Int64 = 0
  }

  private let schema: TierSchema
  private let path: String
  private var buildingPath: String { path + ".building" }
  private let connection: Connection
  private var statements: [String: Statements] = [:]
  private var pending: [TierRows] = []
  private var isClosed = false

  /// Each transaction writes the last page of every table once more.
  private static let pagesPerTransaction = 8

  init(
    _ file: TierFile, path: String, warehouse: String, _ model: WarehouseModel,
    _ options: SQLiteWarehouse.Options
  ) throws {
    schema = TierSchema(file: file, model: model)
    self.path = path
    let building = path + ".building"
    try SQLiteWarehouse.removeDatabase(building)
    // Made here so that it is never readable for others while it is built.
    _ = try PosixFile(building, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    connection = try Connection(path: building, mode: .building, options: options)
    let schema = schema
    try connection.access("preparing \(building)") { database in
      try database.execute(sql: "PRAGMA application_id = \(TierSchema.applicationID)")
      try database.execute(sql: "PRAGMA user_version = \(TierSchema.formatVersion)")
      try database.execute(
        sql: "ATTACH DATABASE ? AS \(TierSchema.warehouse)", arguments: [warehouse])
      for sql in schema.creations() { try database.execute(sql: sql) }
    }
    try connection.registerBatches(columnCount: model.widestTable)
    for table in file.tables {
      statements[table.category.id] = Statements(
        table: table, records: try schema.insertion(table),
        values: schema.valueInsertions(table), children: schema.childInsertions(table))
    }
  }

  deinit {
    guard !isClosed else { return }
    try? connection.close()
    try? SQLiteWarehouse.removeDatabase(buildingPath)
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
        try insert(rows.records, [own.records] + own.values, database)
        for (child, sql) in zip(rows.children, own.children) {
          try insert(child, [sql], database)
        }
        statements[rows.category]?.rowCount += Int64(rows.records.rowCount)
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  private func insert(_ batch: TableBatch, _ statements: [String], _ database: Database) throws {
    guard batch.rowCount > 0 else { return }
    try connection.withBatch(batch) {
      for sql in statements { try connection.statement(sql, database).run() }
    }
  }

  // MARK: The end

  func finish(mode: UInt32) throws {
    try flush()
    try connection.transaction("finishing \(buildingPath)", durable: false) { database in
      for table in schema.file.tables {
        for sql in try schema.indexes(table) { try database.execute(sql: sql) }
        try addGolden(table, database)
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
    try PosixFile.setMode(mode, of: buildingPath)
    try PosixFile(buildingPath, flags: O_RDONLY).synchronize()
    try PosixFile.rename(buildingPath, to: path)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    try PosixFile.synchronizeFolder(folder.isEmpty ? "/" : folder)
  }

  private func addGolden(_ table: TierFile.Table, _ database: Database) throws {
    guard let entity = schema.golden(table) else { return }
    try database.execute(sql: schema.memberInsertion(table, entity))
    try database.execute(sql: schema.composedInsertion(table, entity))
    try database.execute(
      sql: """
        CREATE TEMP TABLE part AS SELECT p.part AS part, p.golden_id AS golden_id, p.row_id AS row_id
          FROM main.\(SQLName.quoted(schema.composed(table.category.id))) AS g
          CROSS JOIN \(TierSchema.warehouse).golden_part AS p
          WHERE p.golden_id = g.golden AND p.row_id IS NOT g.record
          ORDER BY p.part, p.golden_id
        """)
    try database.execute(sql: "CREATE INDEX temp.part_name ON part (part, golden_id)")
    let parts = try String.fetchAll(database, sql: "SELECT DISTINCT part FROM temp.part")
    // An element that a person stated stands before the rule that decides the rest of its group.
    let (groups, single) = (
      parts.filter { schema.isRule($0) }, parts.filter { !schema.isRule($0) }
    )
    for part in groups + single {
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
  }

  /// What the file says about itself.
  private func describe(_ database: Database) throws {
    let file = schema.file
    let about = [
      ("tier", file.tier.rawValue), ("publication", "\(file.publication)"),
      ("night", file.night), ("stamp", file.stamp),
    ]
    for (name, value) in about {
      try database.execute(sql: "INSERT INTO about VALUES (?, ?)", arguments: [name, value])
    }
    for table in file.tables {
      try describe(table.columns, of: table.category.id, database)
      for child in table.children {
        try describe(
          child.columns, of: WarehouseViews.valueView(table.category.id, child.table.name),
          database)
      }
    }
  }

  private func describe(
    _ columns: [TierFile.Column], of table: String, _ database: Database
  ) throws {
    for column in columns {
      let element = column.element
      for part in WarehouseViews.columns(element, stored: "") {
        try database.execute(
          sql: "INSERT INTO dictionary VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            table, part.name, element.identifier, element.name, element.english,
            part.name == element.identifier ? element.unit ?? "" : "分",
            element.tier.rawValue, column.mask,
          ])
      }
    }
  }

  /// Nothing is missing, and no page holds what is not part of a table.
  private func check() throws {
    try connection.access("checking \(buildingPath)") { database in
      for own in statements.values {
        let id = own.table.category.id
        let found =
          try Int64.fetchOne(database, sql: "SELECT count(*) FROM main.\(SQLName.quoted(id))") ?? 0
        guard found == own.rowCount else {
          throw WarehouseError(
            .corrupt, "\(buildingPath) has \(found) records of \(id), \(own.rowCount) were released"
          )
        }
      }
      let free = try Int64.fetchOne(database, sql: "PRAGMA main.freelist_count") ?? 0
      guard free == 0 else {
        throw WarehouseError(.corrupt, "\(buildingPath) has \(free) pages that belong to nothing")
      }
    }
  }

  /// ``TierFile/stamp`` of a finished file.
  static func stamp(path: String) -> String? {
    guard PosixFile.exists(path) else { return nil }
    var configuration = Configuration()
    configuration.readonly = true
    let stamp = try? DatabaseQueue(path: path, configuration: configuration).read { database in
      try String.fetchOne(database, sql: "SELECT value FROM about WHERE name = 'stamp'")
    }
    return stamp ?? nil
  }
}

extension TierSchema {
  /// Whether a part is a rule and not an element.
  fileprivate func isRule(_ part: String) -> Bool { model.ruleElements[part] != nil }

  /// Elements whose values a part of a golden record decides about.
  fileprivate func elements(ofPart part: String, _ entity: WarehouseModel.EntityTables) -> Set<
    String
  > {
    Set(model.ruleElements[part] ?? [part]).intersection(entity.entity.elements)
  }
}
