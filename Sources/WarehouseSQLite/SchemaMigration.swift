import Catalog
import GRDB
import Warehouse

/// Brings the schema of a file up to this program and this catalog; only ever adds, but for tables without rows
/// and for indexes that an earlier program made over other columns.
enum SchemaMigration {
  /// Refuses what is no warehouse, or one that a newer program wrote.
  static func checkIdentity(_ database: Database, path: String) throws {
    let id = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let version = try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    if objects == 0, id == 0, version == 0 { return }
    guard id == CoreSchema.applicationID else {
      throw WarehouseError(
        .notAWarehouse, "\(path) is a database of another program; choose another folder")
    }
    let unknown = try CoreSchema.migrator.hasBeenSuperseded(database)
    guard version <= CoreSchema.userVersion, !unknown else {
      throw WarehouseError(
        .newerFormat,
        "\(path) was written by a newer program (format \(version)); update this one")
    }
  }

  /// Adds what the catalog has and the file lacks, in one transaction.
  static func synchronize(_ database: Database, with model: WarehouseModel, path: String) throws {
    try checkElements(database, model, path: path)
    for table in model.tables { try synchronize(database, table) }
    try recordElements(database, model)
    for view in WarehouseViews.all(model, at: .pointer) { try synchronize(database, view) }
  }

  private static func synchronize(_ database: Database, _ table: TableModel) throws {
    var types: [String: String] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT name, type FROM pragma_table_info(?)", arguments: [table.name])
    {
      types[SQLName.folded(row["name"])] = row["type"]
    }
    if !types.isEmpty, try !hasColumns(of: table, database), try isEmpty(table, database) {
      // Of a catalog before the first night, which may have had other columns, or the same in another order.
      try database.execute(sql: "DROP TABLE \(SQLName.quoted(table.name))")
      types = [:]
    }
    if types.isEmpty {
      try database.execute(sql: table.creation)
    } else {
      for column in table.columns where types[SQLName.folded(column.name)] == nil {
        // A column that comes later is empty in the rows that came before, required or not.
        try database.execute(
          sql: "ALTER TABLE \(SQLName.quoted(table.name)) ADD COLUMN "
            + "\(SQLName.quoted(column.name)) \(column.storage.rawValue)")
      }
      for column in table.columns {
        guard let type = types[SQLName.folded(column.name)], type != column.storage.rawValue
        else { continue }
        throw retyped("\(table.name).\(column.name)", "\(type) to \(column.storage.rawValue)")
      }
    }
    for index in table.indexCreations {
      // SQLite keeps the words from CREATE INDEX on, without the condition.
      let stored = try String.fetchOne(
        database, sql: "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?",
        arguments: [index.name])
      if let stored, stored != index.sql.replacing("IF NOT EXISTS ", with: "", maxReplacements: 1) {
        try database.execute(sql: "DROP INDEX \(SQLName.quoted(index.name))")
      }
      try database.execute(sql: index.sql)
    }
  }

  /// Whether the file's table has the columns of a table, no others, and in their order.
  static func hasColumns(of table: TableModel, _ database: Database) throws -> Bool {
    let columns = try String.fetchAll(
      database, sql: "SELECT name FROM pragma_table_info(?) ORDER BY cid", arguments: [table.name])
    return columns.map(SQLName.folded) == table.columns.map { SQLName.folded($0.name) }
  }

  private static func isEmpty(_ table: TableModel, _ database: Database) throws -> Bool {
    try Bool.fetchOne(
      database, sql: "SELECT NOT EXISTS (SELECT 1 FROM \(SQLName.quoted(table.name)))") ?? false
  }

  private static func synchronize(_ database: Database, _ view: WarehouseViews.View) throws {
    let sql = "CREATE VIEW \(SQLName.quoted(view.name)) AS \(view.select)"
    let existing = try String.fetchOne(
      database, sql: "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?",
      arguments: [view.name])
    guard existing != sql else { return }
    try database.execute(sql: "DROP VIEW IF EXISTS \(SQLName.quoted(view.name))")
    try database.execute(sql: sql)
  }

  /// Refuses an element that means something else than when its column was made.
  private static func checkElements(
    _ database: Database, _ model: WarehouseModel, path: String
  ) throws {
    var known: [String: ElementShape] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT * FROM catalog_element") {
      let name: String = row["category"] + "." + row["element"]
      known[name] = ElementShape(
        type: row["type"], decimals: row["decimals"], unit: row["unit"],
        isMultiValued: row["is_multi_valued"])
    }
    for tables in model.categories {
      for entry in tables.category.elements {
        let name = "\(tables.category.id).\(entry.element.identifier)"
        guard let old = known[name], old != ElementShape(entry.element) else { continue }
        throw retyped(name, "\(old) to \(ElementShape(entry.element))")
      }
    }
  }

  private static func recordElements(_ database: Database, _ model: WarehouseModel) throws {
    for tables in model.categories {
      for entry in tables.category.elements {
        let shape = ElementShape(entry.element)
        try database.execute(
          sql: "INSERT OR IGNORE INTO catalog_element VALUES (?, ?, ?, ?, ?, ?)",
          arguments: [
            tables.category.id, entry.element.identifier, shape.type, shape.decimals, shape.unit,
            shape.isMultiValued,
          ])
      }
    }
  }

  private static func retyped(_ name: String, _ change: String) -> WarehouseError {
    WarehouseError(
      .retypedElement,
      "the catalog changes \(name) from \(change), but the warehouse holds values of the old form;"
        + " give the new form a new identifier")
  }
}

/// What must not change about an element once its column holds values.
private struct ElementShape: Equatable, CustomStringConvertible {
  var type: String
  var decimals: Int
  var unit: String
  var isMultiValued: Bool

  init(type: String, decimals: Int, unit: String, isMultiValued: Bool) {
    self.type = type
    self.decimals = decimals
    self.unit = unit
    self.isMultiValued = isMultiValued
  }

  init(_ element: DataElement) {
    self.init(
      type: element.type.rawValue,
      decimals: element.type == .number ? element.representation.decimals : 0,
      unit: element.type == .number ? element.unit ?? "" : "",
      isMultiValued: element.isMultiValued)
  }

  var description: String {
    type + (decimals > 0 ? " with \(decimals) decimals" : "") + (unit.isEmpty ? "" : " in \(unit)")
      + (isMultiValued ? ", many values" : "")
  }
}
