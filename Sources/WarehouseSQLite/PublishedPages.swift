import Catalog
import GRDB
import Records
package import Warehouse

extension SQLiteWarehouse {
  /// - Throws: ``WarehouseError`` with code `.freshBuild` while one is open.
  package func publishedReader() throws -> any PublishedReader {
    guard build == nil else {
      throw WarehouseError(
        .freshBuild, "\(buildingPath) is still being built and cannot be read by others")
    }
    let connection = try Connection(path: path, mode: .reading, options: options)
    try connection.registerBatches(columnCount: model.widestTable)
    return SQLitePublishedReader(connection: connection, model: model)
  }
}

/// Reads published rows in the order of their ids, with the rows inside them.
final class SQLitePublishedReader: PublishedReader {
  private let connection: Connection
  private let model: WarehouseModel

  init(connection: Connection, model: WarehouseModel) {
    self.connection = connection
    self.model = model
  }

  func page(
    category: String, elements: [String], children: [[String]], publication: Int64,
    after id: Int64, limit: Int
  ) throws -> TierPage {
    let plan = try PagePlan(model, category, elements, children)
    return try connection.access("reading rows of \(category)") { database in
      var page = plan.emptyPage
      let statement = try connection.statement(
        "\(plan.selection) FROM \(plan.records) AS t WHERE t.row_id > ?2 AND \(plan.isVisible) "
          + "ORDER BY t.row_id LIMIT ?3", database)
      statement.bind(publication, at: 1)
      statement.bind(id, at: 2)
      statement.bind(Int64(limit), at: 3)
      try read(statement, plan, into: &page)
      guard let first = page.rows.rowIDs.first, let last = page.rows.rowIDs.last else {
        return page
      }
      for place in plan.childPlaces {
        let statement = try connection.statement(
          "\(plan.selection(ofChild: place)) WHERE c.row_id BETWEEN ?1 AND ?2 "
            + "ORDER BY c.row_id, c.ordinal", database)
        statement.bind(first, at: 1)
        statement.bind(last, at: 2)
        try read(statement, plan, child: place, into: &page)
      }
      return page
    }
  }

  func page(
    category: String, elements: [String], children: [[String]], publication: Int64, rows: [Int64]
  ) throws -> TierPage {
    let plan = try PagePlan(model, category, elements, children)
    let batch = BatchModuleName.table
    return try connection.access("reading rows of \(category)") { database in
      var page = plan.emptyPage
      // The batch gives the rows in their order, one after the other.
      let statement = try connection.statement(
        "\(plan.selection) FROM \(batch) AS b CROSS JOIN \(plan.records) AS t "
          + "WHERE t.row_id = b.c0 AND \(plan.isVisible)", database)
      statement.bind(publication, at: 1)
      try connection.withBatch(.rows(rows)) { try read(statement, plan, into: &page) }
      guard !page.rows.rowIDs.isEmpty else { return page }
      try connection.withBatch(.rows(page.rows.rowIDs)) {
        for place in plan.childPlaces {
          let statement = try connection.statement(
            "\(plan.selection(ofChild: place, before: "\(batch) AS b CROSS JOIN ")) "
              + "WHERE c.row_id = b.c0", database)
          try read(statement, plan, child: place, into: &page)
        }
      }
      return page
    }
  }

  private func read(
    _ statement: RawStatement, _ plan: PagePlan, into page: inout TierPage
  ) throws {
    defer { statement.reset() }
    while try statement.step() {
      SQLiteRowFinder.append(statement, from: 0, plan.decimals, to: &page.rows)
    }
  }

  private func read(
    _ statement: RawStatement, _ plan: PagePlan, child place: Int, into page: inout TierPage
  ) throws {
    defer { statement.reset() }
    let rows = page.rows.rowIDs
    var owner = 0
    while try statement.step() {
      let row = statement.integer(0)
      while owner < rows.count, rows[owner] < row { owner += 1 }
      // Of a record that is not published any more.
      guard owner < rows.count, rows[owner] == row else { continue }
      page.children[place].owners.append(Int32(owner))
      page.children[place].ordinals.append(statement.integer(1))
      SQLiteRowFinder.append(
        statement, from: 0, plan.childDecimals[place], to: &page.children[place].rows)
    }
  }

  func changedRows(
    category: String, since earlier: Int64, publication: Int64
  ) throws -> [Int64] {
    guard let tables = model.category(category) else {
      throw WarehouseError(.notFound, "the warehouse has no category \(category)")
    }
    let name = tables.records.name
    let isOpened = "t.opened_by > ?1 AND t.opened_by <= ?2"
    // Rows of deliveries, rows that waited for others and are shown, and rows that were closed.
    let sql = """
      SELECT t.row_id FROM run AS r CROSS JOIN delivery AS d CROSS JOIN \(SQLName.quoted(name)) AS t
      WHERE r.publication > ?1 AND r.publication <= ?2 AND d.run = r.id
        AND t.row_id BETWEEN d.id << 32 AND (d.id << 32) + 4294967295 AND \(isOpened)
      UNION SELECT t.row_id FROM \(ChangeIndex.closed.source(TableModel.waiting.name, as: "w"))
        CROSS JOIN \(SQLName.quoted(name)) AS t
      WHERE \(ChangeIndex.closed.condition("w", "?1", "?2")) AND t.row_id = w.row_id AND \(isOpened)
      UNION SELECT t.row_id FROM \(ChangeIndex.closed.source(name, as: "t"))
      WHERE \(ChangeIndex.closed.condition("t", "?1", "?2"))
      ORDER BY 1
      """
    return try connection.access("looking for changed rows of \(category)") { database in
      let statement = try connection.statement(sql, database)
      statement.bind(earlier, at: 1)
      statement.bind(publication, at: 2)
      defer { statement.reset() }
      var rows: [Int64] = []
      while try statement.step() { rows.append(statement.integer(0)) }
      return rows
    }
  }
}

/// What is read of the rows of one category, as SQL.
private struct PagePlan {
  let tables: WarehouseModel.CategoryTables
  let elements: [String]
  let children: [[String]]
  let decimals: [Int?]
  let childDecimals: [[Int?]]

  init(
    _ model: WarehouseModel, _ category: String, _ elements: [String], _ children: [[String]]
  ) throws {
    guard let tables = model.category(category), tables.children.count == children.count else {
      throw WarehouseError(.notFound, "the warehouse has no category \(category)")
    }
    self.tables = tables
    self.elements = elements
    self.children = children
    decimals = try model.decimals(elements, category)
    childDecimals = zip(tables.children, children).map { table, names in
      names.map { name in
        let element = table.child.elements.first { $0.element.identifier == name }?.element
        return element.flatMap { $0.type == .number ? $0.representation.decimals : nil }
      }
    }
  }

  var emptyPage: TierPage {
    TierPage(
      rows: StoredRows(columnCount: elements.count),
      children: children.map { TierPage.Child(columnCount: $0.count) })
  }

  var records: String { SQLName.quoted(tables.records.name) }

  var selection: String {
    let names = (["row_id", "line", "byte_offset"] + elements).map { "t." + SQLName.quoted($0) }
    return "SELECT \(names.joined(separator: ", "))"
  }

  /// Parameter 1 is the publication.
  var isVisible: String { "t.opened_by <= ?1 AND (t.closed_by IS NULL OR t.closed_by > ?1)" }

  /// Child tables of which anything is read.
  var childPlaces: [Int] { children.indices.filter { !children[$0].isEmpty } }

  func selection(ofChild place: Int, before: String = "") -> String {
    let names = ["c.row_id", "c.ordinal", "0"] + children[place].map { "c." + SQLName.quoted($0) }
    return "SELECT \(names.joined(separator: ", ")) FROM \(before)"
      + "\(SQLName.quoted(tables.children[place].table.name)) AS c"
  }
}
