import Catalog
import GRDB
import Reconciliation
import Records
package import Warehouse

extension SQLiteWarehouse {
  /// Makes sure that records can be found by these keys without reading their tables.
  package func prepareLookups(_ keys: [LookupKey]) throws {
    for key in keys { try linkRows(category: key.category) }
    let connection = try loading()
    try connection.transaction("building indexes of \(connection.path)", durable: false) {
      database in
      for key in keys {
        for index in try LookupPlan(key, model).indexes { try database.execute(sql: index.sql) }
      }
    }
  }

  /// Ids of up to `limit` rows of a category, behind row `id`, that this unpublished run has closed.
  package func closedRows(category: String, after id: Int64, limit: Int) throws -> [Int64] {
    try loading().access("looking for closed rows of \(category)") { database in
      try Int64.fetchAll(
        database,
        sql: """
          SELECT DISTINCT u.row_id FROM closing_undo AS u JOIN delivery AS d ON d.id = u.row_id >> 32
          WHERE u.is_return = \(ClosingKind.row.rawValue) AND d.category = ? AND u.row_id > ?
          ORDER BY 1 LIMIT ?
          """, arguments: [category, id, limit])
    }
  }

  var finder: SQLiteRowFinder {
    get throws { SQLiteRowFinder(connection: try loading(), model: model) }
  }

  package func candidates(_ query: CandidateQuery) throws -> StoredRows {
    try linkRows(category: query.key.category)
    return try finder.candidates(query)
  }

  package func plan(of query: CandidateQuery) throws -> [String] { try finder.plan(of: query) }

  package func rows(
    _ ids: [Int64], category: String, elements: [String], publication: Int64?
  ) throws -> StoredRows {
    try linkRows(category: category)
    return try finder.rows(ids, category: category, elements: elements, publication: publication)
  }

  package func openRows(
    delivery: Int64, publication: Int64, category: String, elements: [String], after id: Int64,
    limit: Int
  ) throws -> StoredRows {
    try linkRows(category: category)
    return try finder.openRows(
      delivery: delivery, publication: publication, category: category, elements: elements,
      after: id, limit: limit)
  }

  /// - Throws: ``WarehouseError`` with code `.freshBuild` while one is open: nobody else may read its file.
  package func rowFinders(_ count: Int) throws -> [any RowFinder] {
    guard build == nil else {
      throw WarehouseError(
        .freshBuild, "\(buildingPath) is still being built and cannot be read by others")
    }
    return try (0..<count).map { _ in
      let connection = try Connection(path: path, mode: .reading, options: options)
      try connection.registerBatches(columnCount: model.widestTable)
      return SQLiteRowFinder(connection: connection, model: model)
    }
  }
}

/// Rows found by keys. Every query names the index that it uses, so that none of them can fall back to
/// reading a table.
final class SQLiteRowFinder: RowFinder {
  let connection: Connection
  let model: WarehouseModel

  init(connection: Connection, model: WarehouseModel) {
    self.connection = connection
    self.model = model
  }

  /// The rows with the keys of a query that are visible at its publication, by probe, then by row: that
  /// is the order in which the probes and the index give them.
  func candidates(_ query: CandidateQuery) throws -> StoredRows {
    let sql = try candidateSQL(query)
    let decimals = try model.decimals(query.elements ?? [], query.key.category)
    var result = StoredRows(columnCount: decimals.count)
    guard let count = query.probes.first?.count, count > 0 else { return result }
    let batch = TableBatch(
      table: "probes", rowCount: count,
      columns: [.integers((0..<Int64(count)).map { $0 })] + query.probes.map { .texts($0) },
      text: query.text)
    try connection.access("looking for records of \(query.key.category)") { database in
      let statement = try connection.statement(sql, database)
      statement.bind(query.publication, at: 1)
      try connection.withBatch(batch) {
        defer { statement.reset() }
        while try statement.step() {
          result.probes.append(Int32(statement.integer(0)))
          Self.append(statement, from: 1, decimals, to: &result)
        }
      }
    }
    return result
  }

  /// How a query is going to be answered, in SQLite's words.
  func plan(of query: CandidateQuery) throws -> [String] {
    let sql = try candidateSQL(query)
    return try connection.access("explaining a look-up") { database in
      try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql.replacing("?1", with: "1"))
        .map { $0["detail"] }
    }
  }

  private func candidateSQL(_ query: CandidateQuery) throws -> String {
    let plan = try LookupPlan(query.key, model)
    let visible =
      "t.opened_by \(query.leavesOutNew ? "<" : "<=") ?1 "
      + "AND (t.closed_by IS NULL OR t.closed_by > ?1)"
    let batch = BatchModuleName.table
    guard let elements = query.elements else {
      return "SELECT b.c0, 0, 0, 0 FROM \(batch) AS b WHERE EXISTS (SELECT 1 FROM \(plan.source) "
        + "WHERE \(plan.condition) AND \(visible))"
    }
    let names = (["row_id", "line", "byte_offset"] + elements).map { "t." + SQLName.quoted($0) }
    return "SELECT b.c0, \(names.joined(separator: ", ")) FROM \(batch) AS b "
      + "CROSS JOIN \(plan.source) WHERE \(plan.condition) AND \(visible)"
  }

  /// The rows with these ids, ascending, that are visible at a publication (nil: whoever sees them).
  func rows(
    _ ids: [Int64], category: String, elements: [String], publication: Int64?
  ) throws -> StoredRows {
    guard !ids.isEmpty else { return StoredRows(columnCount: elements.count) }
    let visible =
      publication == nil
      ? "" : " AND t.opened_by <= ?1 AND (t.closed_by IS NULL OR t.closed_by > ?1)"
    return try rows(
      category, elements,
      "FROM \(BatchModuleName.table) AS b CROSS JOIN \(try table(category)) AS t "
        + "ON t.row_id = b.c0\(visible)", batch: ids, publication.map { [$0] } ?? [])
  }

  /// Up to `limit` rows of a delivery that `publication` opens and nothing has closed, behind row `id`.
  func openRows(
    delivery: Int64, publication: Int64, category: String, elements: [String], after id: Int64,
    limit: Int
  ) throws -> StoredRows {
    let range = SQLiteWarehouse.rowIDs(ofDelivery: delivery)
    return try rows(
      category, elements,
      "FROM \(try table(category)) AS t WHERE t.row_id BETWEEN ?1 AND ?2 AND t.opened_by = ?3 "
        + "AND t.closed_by IS NULL ORDER BY t.row_id LIMIT ?4",
      batch: nil,
      [max(range.lowerBound, id + 1), range.upperBound, publication, Int64(limit)])
  }

  private func rows(
    _ category: String, _ elements: [String], _ source: String, batch: [Int64]?,
    _ parameters: [Int64]
  ) throws -> StoredRows {
    let decimals = try model.decimals(elements, category)
    let names = (["row_id", "line", "byte_offset"] + elements).map { "t." + SQLName.quoted($0) }
    var result = StoredRows(columnCount: elements.count)
    try connection.access("reading rows of \(category)") { database in
      let statement = try connection.statement(
        "SELECT \(names.joined(separator: ", ")) \(source)", database)
      for (index, value) in parameters.enumerated() { statement.bind(value, at: Int32(index + 1)) }
      func read() throws {
        defer { statement.reset() }
        while try statement.step() {
          Self.append(statement, from: 0, decimals, to: &result)
        }
      }
      guard let batch else { return try read() }
      try connection.withBatch(.rows(batch), read)
    }
    return result
  }

  func goldenPage(
    _ keys: GoldenKeys, of entity: GoldenEntity, elements: [String], publication: Int64
  ) throws -> GoldenPage {
    let decimals = try model.decimals(elements, entity.category)
    let sql = try GoldenSource(entity, model).page(of: elements)
    let batch = TableBatch(
      table: "keys", rowCount: keys.ids.count,
      columns: [.integers(keys.ids.indices.map(Int64.init))] + keys.texts.map { .texts($0) },
      text: keys.text)
    var page = GoldenPage(keys: keys.ids, rows: StoredRows(columnCount: elements.count))
    try connection.access("reading records of \(entity.id)") { database in
      let statement = try connection.statement(sql, database)
      statement.bind(publication, at: 1)
      try connection.withBatch(batch) {
        try statement.forEachRow {
          page.rows.probes.append(Int32(statement.integer(0)))
          page.places.append(
            GoldenPlace(speaker: Int(statement.integer(1)), ordinal: Int(statement.integer(2))))
          Self.append(statement, from: 3, decimals, to: &page.rows)
        }
      }
    }
    return page
  }

  private func table(_ category: String) throws -> String {
    guard let tables = model.category(category) else {
      throw WarehouseError(.notFound, "the warehouse has no category \(category)")
    }
    return SQLName.quoted(tables.records.name)
  }

  static func append(
    _ statement: RawStatement, from first: Int32, _ decimals: [Int?], to rows: inout StoredRows
  ) {
    let id = statement.integer(first)
    rows.rowIDs.append(id)
    rows.positions.append(
      SourcePosition(
        recordNumber: Int(id & 0xFFFF_FFFF), line: Int(statement.integer(first + 1)),
        byteOffset: Int(statement.integer(first + 2))))
    for (field, decimals) in decimals.enumerated() {
      let ref = statement.appendElement(first + 3 + Int32(field), decimals, to: &rows.text)
      rows.columns[field].append(ref)
    }
  }
}

extension TableBatch {
  /// Row ids alone.
  static func rows(_ ids: [Int64]) -> TableBatch {
    TableBatch(table: "rows", rowCount: ids.count, columns: [.integers(ids)])
  }
}

/// The tables and the index that answer a key.
struct LookupPlan {
  struct Index {
    var name: String
    var sql: String
  }

  /// `table AS t INDEXED BY …`, with the table of values before it where the key needs it.
  let source: String
  /// What equates the columns of the probes, `b.c1…`, with those of the table.
  let condition: String
  /// What must exist for the source to be usable.
  let indexes: [Index]

  /// - Throws: ``WarehouseError`` with code `.notFound` for a key without elements, or with one that
  ///   the category does not carry.
  init(_ key: LookupKey, _ model: WarehouseModel) throws(WarehouseError) {
    guard let tables = model.category(key.category), !key.elements.isEmpty,
      key.elements.allSatisfy({ tables.category.column(of: $0) != nil })
    else {
      throw WarehouseError(
        .notFound,
        "records of \(key.category) cannot be found by \(key.elements.joined(separator: ", "))")
    }
    let table = SQLName.quoted(tables.records.name)
    var conditions: [String] = []
    for (place, element) in key.elements.enumerated() where place != key.multiValued {
      conditions.append("t.\(SQLName.quoted(element)) = b.c\(place + 1)")
    }
    if let place = key.multiValued,
      let values = tables.values.first(where: { $0.element == key.elements[place] })?.table
    {
      let index = Self.index(values.name, ["value"])
      source =
        "\(SQLName.quoted(values.name)) AS e INDEXED BY \(SQLName.quoted(index.name)) "
        + "CROSS JOIN \(table) AS t"
      conditions.insert("e.value = b.c\(place + 1) AND t.row_id = e.row_id", at: 0)
      indexes = [index]
    } else {
      let index = Self.index(
        tables.records, Set(key.elements), key.elements, entityKey: tables.category.entityKey)
      source = "\(table) AS t INDEXED BY \(SQLName.quoted(index.name))"
      indexes = [index]
    }
    condition = conditions.joined(separator: " AND ")
  }

  /// An index of the table's own that has the columns of the key, or those of them that tell records apart; else
  /// one for this key. One of fewer columns would lead through all records of one enterprise for each of them.
  private static func index(
    _ table: TableModel, _ wanted: Set<String>, _ columns: [String], entityKey: [String]
  ) -> Index {
    for (own, created) in zip(table.indexes, table.indexCreations)
    where Set(own) == wanted
      || (wanted.isSuperset(of: own) && !entityKey.isEmpty && Set(own).isSuperset(of: entityKey))
    {
      return Index(name: created.name, sql: created.sql)
    }
    return index(table.name, columns)
  }

  private static func index(_ table: String, _ columns: [String]) -> Index {
    let name = "lookup_\(table)_" + columns.joined(separator: "_")
    let list = columns.map(SQLName.quoted).joined(separator: ", ")
    return Index(
      name: name,
      sql: "CREATE INDEX IF NOT EXISTS \(SQLName.quoted(name)) "
        + "ON \(SQLName.quoted(table)) (\(list))")
  }
}
