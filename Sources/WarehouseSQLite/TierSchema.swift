import Catalog
import Warehouse

/// The tables of a tier file as SQL text: those of the warehouse's views, under the same names, without
/// what the file's readers may not see. A query that runs on one runs on the other.
struct TierSchema {
  /// A table or a part of one: what is read into which columns.
  struct Column {
    /// Unquoted.
    var name: String
    /// `INTEGER`, `REAL` or `TEXT`.
    var type: String
    /// The value in the statement that fills the table.
    var sql: String
  }

  /// `QYTF`, in the header of every tier file.
  static let applicationID: Int32 = 0x5159_5446
  static let formatVersion: Int32 = 1
  /// Raised when the same tables get other values, so that files of an earlier program are built anew.
  static let contentVersion = 2
  /// Name under which the warehouse is attached.
  static let warehouse = "warehouse"

  let file: TierFile
  let model: WarehouseModel

  /// Statements that make everything but indexes.
  func creations() -> [String] {
    [
      "CREATE TABLE about (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
      """
      CREATE TABLE dictionary (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
        element TEXT NOT NULL, name TEXT NOT NULL, english TEXT NOT NULL, unit TEXT NOT NULL,
        tier TEXT NOT NULL, mask TEXT NOT NULL, PRIMARY KEY (table_name, column_name))
        STRICT, WITHOUT ROWID
      """,
      """
      CREATE TABLE objection (category TEXT NOT NULL, record INTEGER NOT NULL, objection TEXT NOT NULL,
        state TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (category, record, objection))
        STRICT, WITHOUT ROWID
      """,
    ] + file.tables.flatMap(creations)
  }

  private func creations(_ table: TierFile.Table) -> [String] {
    let id = table.category.id
    let records = """
      CREATE TABLE \(SQLName.quoted(id)) (record INTEGER PRIMARY KEY,
        delivery INTEGER GENERATED ALWAYS AS (record >> 32) VIRTUAL,
        record_number INTEGER GENERATED ALWAYS AS (record & 4294967295) VIRTUAL,
        publication INTEGER NOT NULL\(Self.definitions(columns(table)))) STRICT
      """
    let inner =
      values(table).map { values in
        "CREATE TABLE \(SQLName.quoted(WarehouseViews.valueView(id, values.element))) (record INTEGER, "
          + "ordinal INTEGER, value TEXT NOT NULL, PRIMARY KEY (record, ordinal)) "
          + "STRICT, WITHOUT ROWID"
      }
      + table.children.map { child in
        "CREATE TABLE \(SQLName.quoted(WarehouseViews.valueView(id, child.table.name))) "
          + "(record INTEGER, ordinal INTEGER\(Self.definitions(columns(child))), "
          + "PRIMARY KEY (record, ordinal)) STRICT, WITHOUT ROWID"
      }
    return [records] + inner + goldenCreations(table)
  }

  private func goldenCreations(_ table: TierFile.Table) -> [String] {
    guard golden(table) != nil else { return [] }
    let id = table.category.id
    let names = columns(table).map { SQLName.quoted($0.name) }
    let list = names.map { ", \($0)" }.joined()
    return [
      "CREATE TABLE \(SQLName.quoted(member(id))) (record INTEGER PRIMARY KEY, golden INTEGER NOT NULL) STRICT",
      """
      CREATE TABLE \(SQLName.quoted(composed(id))) (golden INTEGER PRIMARY KEY, record INTEGER NOT NULL,
        members INTEGER NOT NULL, publication INTEGER NOT NULL\(Self.definitions(columns(table)))) STRICT
      """,
      """
      CREATE VIEW \(SQLName.quoted(WarehouseViews.goldenView(id))) AS
        SELECT record, golden, members, publication\(list) FROM \(SQLName.quoted(composed(id)))
        UNION ALL SELECT record, NULL, 1, publication\(list) FROM \(SQLName.quoted(id)) AS t
        WHERE NOT EXISTS (SELECT 1 FROM \(SQLName.quoted(member(id))) AS m WHERE m.record = t.record)
      """,
    ]
  }

  private static func definitions(_ columns: [Column]) -> String {
    columns.map { ", \(SQLName.quoted($0.name)) \($0.type)" }.joined()
  }

  // MARK: Filling

  /// Records of the batch, whose first column is the row.
  func insertion(_ table: TierFile.Table) throws -> String {
    let columns = columns(table)
    let names = columns.map { ", \(SQLName.quoted($0.name))" }.joined()
    let values = columns.map { ", \($0.sql)" }.joined()
    return """
      INSERT INTO main.\(SQLName.quoted(table.category.id)) (record, publication\(names))
      SELECT r.row_id, r.opened_by\(values)
      FROM \(BatchModuleName.table) AS b
      CROSS JOIN \(Self.warehouse).\(SQLName.quoted(try records(table).name)) AS r
      WHERE r.row_id = b.c0
      """
  }

  /// Values of many-valued elements of the records of the batch.
  func valueInsertions(_ table: TierFile.Table) -> [String] {
    values(table).map { values in
      """
      INSERT INTO main.\(SQLName.quoted(WarehouseViews.valueView(table.category.id, values.element)))
      SELECT e.row_id, e.ordinal, e.value FROM \(BatchModuleName.table) AS b
      CROSS JOIN \(Self.warehouse).\(SQLName.quoted(values.table.name)) AS e WHERE e.row_id = b.c0
      """
    }
  }

  /// Rows inside records: record, ordinal, values.
  func childInsertions(_ table: TierFile.Table) -> [String] {
    table.children.map { child in
      "INSERT INTO main."
        + SQLName.quoted(WarehouseViews.valueView(table.category.id, child.table.name))
        + " SELECT b.c0, b.c1" + columns(child).map { ", \($0.sql)" }.joined()
        + " FROM \(BatchModuleName.table) AS b"
    }
  }

  /// Indexes of the warehouse whose columns every reader of the file sees as they are.
  func indexes(_ table: TierFile.Table) throws -> [String] {
    let shown = Set(table.columns.filter(\.isCopied).map(\.element.identifier))
    return try records(table).indexes.filter { shown.isSuperset(of: $0) }.enumerated()
      .map { number, columns in
        "CREATE INDEX \(SQLName.quoted("index_\(table.category.id)_\(number + 1)")) "
          + "ON \(SQLName.quoted(table.category.id)) "
          + "(\(columns.map(SQLName.quoted).joined(separator: ", ")))"
      }
  }

  /// Marks on records of the file, as of the moment it is built.
  func objectionInsertion(_ table: TierFile.Table) -> String {
    """
    INSERT INTO main.objection (category, record, objection, state, since)
    SELECT \(SQLName.literal(table.category.id)), t.record, m.id, m.state, m.since
    FROM \(Self.warehouse).\(ObjectionMarkTable.name) AS m
    CROSS JOIN main.\(SQLName.quoted(table.category.id)) AS t WHERE t.record = m.record
    """
  }

  // MARK: Golden records

  /// The entity whose golden records the records of a category are; nil if none was composed.
  func golden(_ table: TierFile.Table) -> WarehouseModel.EntityTables? {
    model.entities.first { $0.isWhole && $0.entity.category == table.category.id }
  }

  func member(_ category: String) -> String { "\(category)_golden_member" }
  func composed(_ category: String) -> String { "\(category)_composed" }

  /// Which records of the file stand together.
  ///
  /// - Parameter touched: Table of the keys that are meant; nil for all.
  func memberInsertion(
    _ table: TierFile.Table, _ entity: WarehouseModel.EntityTables, touched: String? = nil
  ) -> String {
    let point = WarehouseViews.Point.publication(file.publication)
    return """
      INSERT INTO main.\(SQLName.quoted(member(table.category.id))) (record, golden)
      SELECT t.record, c.golden_id
      FROM \(keys(touched, entity, "c"))
      CROSS JOIN \(Self.warehouse).\(SQLName.quoted(entity.category.records.name)) AS r
      CROSS JOIN main.\(SQLName.quoted(table.category.id)) AS t
      WHERE \(WarehouseViews.visible("c", point)) AND \(Self.equal("r", "c", entity))
        AND \(WarehouseViews.visible("r", point)) AND t.record = r.row_id\(isTouched(touched, entity))
      ORDER BY t.record
      """
  }

  /// The composed records of the warehouse, `c`, with the keys that are meant before them.
  private func keys(
    _ touched: String?, _ entity: WarehouseModel.EntityTables, _ alias: String
  ) -> String {
    (touched.map { "temp.\(SQLName.quoted($0)) AS k CROSS JOIN " } ?? "")
      + "\(Self.warehouse).\(SQLName.quoted(entity.composed.name)) AS \(alias)"
  }

  private func isTouched(_ touched: String?, _ entity: WarehouseModel.EntityTables) -> String {
    touched == nil ? "" : " AND \(Self.equal("c", "k", entity))"
  }

  /// Whether two rows have the same match key.
  static func equal(
    _ left: String, _ right: String, _ entity: WarehouseModel.EntityTables
  ) -> String {
    entity.entity.matchKey.map {
      "\(left).\(SQLName.quoted($0)) = \(right).\(SQLName.quoted($0))"
    }.joined(separator: " AND ")
  }

  /// Golden records of which every record is in the file, with the values of their base record.
  ///
  /// - Parameter touched: Table of the keys that are meant; nil for all.
  func composedInsertion(
    _ table: TierFile.Table, _ entity: WarehouseModel.EntityTables, touched: String? = nil
  ) -> String {
    let names = columns(table).map { SQLName.quoted($0.name) }
    let point = WarehouseViews.Point.publication(file.publication)
    let members = SQLName.quoted(member(table.category.id))
    let values = names.map { ", t.\($0)" }.joined()
    let target = """
      INSERT INTO main.\(SQLName.quoted(composed(table.category.id)))
        (golden, record, members, publication\(names.map { ", \($0)" }.joined()))
      SELECT c.golden_id, c.base_row, c.member_count, c.opened_by\(values)
      """
    guard touched != nil else {
      return """
        \(target)
        FROM (SELECT golden, count(*) AS number FROM main.\(members) GROUP BY golden) AS m
        CROSS JOIN \(keys(nil, entity, "c"))
        CROSS JOIN main.\(SQLName.quoted(table.category.id)) AS t
        WHERE c.golden_id = m.golden AND c.member_count = m.number AND t.record = c.base_row
          AND \(WarehouseViews.visible("c", point))
        """
    }
    return """
      \(target)
      FROM \(keys(touched, entity, "c"))
      CROSS JOIN main.\(SQLName.quoted(table.category.id)) AS t
      WHERE t.record = c.base_row AND \(WarehouseViews.visible("c", point))\(isTouched(touched, entity))
        AND c.member_count = (SELECT count(*)
          FROM \(Self.warehouse).\(SQLName.quoted(entity.category.records.name)) AS r
          CROSS JOIN main.\(members) AS m
          WHERE \(Self.equal("r", "c", entity)) AND m.record = r.row_id AND m.golden = c.golden_id)
      ORDER BY c.golden_id
      """
  }

  /// Where the values of the golden records of the file come from that are not their base record's.
  ///
  /// - Parameter touched: Table of the keys that are meant; nil for all.
  func partSelection(
    _ table: TierFile.Table, _ entity: WarehouseModel.EntityTables, touched: String? = nil
  ) -> String {
    let point = WarehouseViews.Point.publication(file.publication)
    let source =
      touched == nil
      ? "" : "\(keys(touched, entity, "c")) CROSS JOIN "
    let meant =
      touched == nil
      ? ""
      : " AND g.golden = c.golden_id AND \(WarehouseViews.visible("c", point))"
        + isTouched(touched, entity)
    return """
      SELECT p.part AS part, p.golden_id AS golden_id, p.row_id AS row_id
      FROM \(source)main.\(SQLName.quoted(composed(table.category.id))) AS g
      CROSS JOIN \(Self.warehouse).golden_part AS p
      WHERE p.golden_id = g.golden AND (p.row_id IS NOT g.record\(contested(entity)))\(meant)
      ORDER BY p.part, p.golden_id
      """
  }

  /// Parts of rules that share elements: what another rule's part brought has to be replaced by the base record's.
  private func contested(_ entity: WarehouseModel.EntityTables) -> String {
    let rules = model.authorityRules.filter { $0.entity == entity.entity.id }
    let shared = rules.filter { rule in
      rules.contains { $0.id != rule.id && !Set($0.elements).isDisjoint(with: rule.elements) }
    }
    guard !shared.isEmpty else { return "" }
    return " OR p.part IN (\(shared.map { SQLName.literal($0.id) }.joined(separator: ", ")))"
  }

  /// Takes away what no record could say of an element that rules decide, whatever the base record says.
  ///
  /// - Parameter touched: Table of the keys that are meant; nil for all.
  /// - Returns: nil if the file has no such element.
  func decidedRemoval(
    _ table: TierFile.Table, _ entity: WarehouseModel.EntityTables, touched: String? = nil
  ) -> String? {
    let decided = Set(
      model.authorityRules.filter { $0.entity == entity.entity.id }.flatMap(\.elements)
    ).intersection(entity.entity.elements)
    var sets: [String] = []
    var wrong: [String] = []
    for column in table.columns where decided.contains(column.element.identifier) {
      let stored = "c.\(SQLName.quoted(column.element.identifier))"
      for name in columns([column]).map({ SQLName.quoted($0.name) }) {
        sets.append("\(name) = CASE WHEN \(stored) IS NULL THEN NULL ELSE g.\(name) END")
        wrong.append("\(stored) IS NULL AND g.\(name) IS NOT NULL")
      }
    }
    guard !sets.isEmpty else { return nil }
    let point = WarehouseViews.Point.publication(file.publication)
    return """
      UPDATE main.\(SQLName.quoted(composed(table.category.id))) AS g
      SET \(sets.joined(separator: ", "))
      FROM \(keys(touched, entity, "c"))
      WHERE g.golden = c.golden_id AND \(WarehouseViews.visible("c", point))
        AND (\(wrong.joined(separator: " OR ")))\(isTouched(touched, entity))
      """
  }

  /// Moves the values of a part from the record that they come from: what may be seen of them there is
  /// what may be seen of them here. Parameter 1 is the part.
  ///
  /// - Parameter elements: Of the part.
  /// - Returns: nil if the file has none of them.
  func partUpdate(
    _ table: TierFile.Table, elements: Set<String>
  ) -> String? {
    let names = columns(table.columns.filter { elements.contains($0.element.identifier) }).map {
      SQLName.quoted($0.name)
    }
    guard !names.isEmpty else { return nil }
    let sets = names.map { "\($0) = t.\($0)" }.joined(separator: ", ")
    return """
      UPDATE main.\(SQLName.quoted(composed(table.category.id))) AS g SET \(sets)
      FROM temp.part AS p CROSS JOIN main.\(SQLName.quoted(table.category.id)) AS t
      WHERE p.part = ?1 AND g.golden = p.golden_id AND t.record = p.row_id
      """
  }

  /// Values that several records have together are shown if all records show the element as it is, and
  /// not at all otherwise. Parameter 1 is the part.
  func togetherUpdate(
    _ table: TierFile.Table, _ entity: WarehouseModel.EntityTables, element: String
  ) -> String? {
    guard let column = table.columns.first(where: { $0.element.identifier == element }) else {
      return nil
    }
    let stored = "c.\(SQLName.quoted(element))"
    let sets = WarehouseViews.columns(column.element, stored: stored).map {
      "\(SQLName.quoted($0.name)) = \(column.isCopied ? $0.sql : "NULL")"
    }
    return """
      UPDATE main.\(SQLName.quoted(composed(table.category.id))) AS g
      SET \(sets.joined(separator: ", "))
      FROM temp.part AS p
      CROSS JOIN \(Self.warehouse).\(SQLName.quoted(entity.composed.name)) AS c
      WHERE p.part = ?1 AND p.row_id IS NULL AND g.golden = p.golden_id AND c.golden_id = p.golden_id
      """
  }

  // MARK: Parts

  func records(_ table: TierFile.Table) throws -> TableModel {
    guard let tables = model.category(table.category.id) else {
      throw WarehouseError(.notFound, "the warehouse has no category \(table.category.id)")
    }
    return tables.records
  }

  /// Many-valued elements whose values the file has one by one: those that it shows as they are.
  func values(_ table: TierFile.Table) -> [WarehouseModel.ValueTable] {
    let shown = Set(table.columns.filter(\.isCopied).map(\.element.identifier))
    return model.category(table.category.id)?.values.filter { shown.contains($0.element) } ?? []
  }

  /// Columns of the records' table from the first element on.
  func columns(_ table: TierFile.Table) -> [Column] { columns(table.columns) }

  private func columns(_ columns: [TierFile.Column]) -> [Column] {
    var written = 0
    return columns.flatMap { column -> [Column] in
      if !column.isCopied { written += 1 }
      return Self.columns(
        column.element,
        stored: column.isCopied ? "r.\(SQLName.quoted(column.element.identifier))" : "b.c\(written)"
      )
    }
  }

  /// Columns of a table of rows inside records, from the first element on.
  func columns(_ child: TierFile.Child) -> [Column] {
    child.columns.enumerated().flatMap { place, column in
      Self.columns(column.element, stored: "b.c\(place + 2)")
    }
  }

  private static func columns(_ element: DataElement, stored: String) -> [Column] {
    WarehouseViews.columns(element, stored: stored).enumerated().map { place, column in
      let isNumber = element.type == .number
      let isWhole = place > 0 || element.representation.decimals == 0
      return Column(
        name: column.name, type: isNumber ? (isWhole ? "INTEGER" : "REAL") : "TEXT",
        sql: column.sql)
    }
  }
}
