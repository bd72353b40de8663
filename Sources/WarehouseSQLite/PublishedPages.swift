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
    return SQLitePublishedReader(
      connection: try Connection(path: path, mode: .reading, options: options), model: model)
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
    guard let tables = model.category(category), tables.children.count == children.count else {
      throw WarehouseError(.notFound, "the warehouse has no category \(category)")
    }
    let decimals = try model.decimals(elements, category)
    let names = (["row_id", "line", "byte_offset"] + elements).map { "t." + SQLName.quoted($0) }
    let sql = """
      SELECT \(names.joined(separator: ", ")) FROM \(SQLName.quoted(tables.records.name)) AS t
      WHERE t.row_id > ?1 AND t.opened_by <= ?2 AND (t.closed_by IS NULL OR t.closed_by > ?2)
      ORDER BY t.row_id LIMIT ?3
      """
    return try connection.access("reading rows of \(category)") { database in
      var page = TierPage(
        rows: StoredRows(columnCount: elements.count),
        children: children.map { TierPage.Child(columnCount: $0.count) })
      let statement = try connection.statement(sql, database)
      statement.bind(id, at: 1)
      statement.bind(publication, at: 2)
      statement.bind(Int64(limit), at: 3)
      defer { statement.reset() }
      while try statement.step() {
        SQLiteRowFinder.append(statement, from: 0, decimals, to: &page.rows)
      }
      for (place, table) in tables.children.enumerated() where !children[place].isEmpty {
        try read(
          table, children[place], of: page.rows.rowIDs, into: &page.children[place], database)
      }
      return page
    }
  }

  private func read(
    _ table: WarehouseModel.ChildRowTable, _ elements: [String], of rows: [Int64],
    into child: inout TierPage.Child, _ database: Database
  ) throws {
    guard let first = rows.first, let last = rows.last else { return }
    let decimals = elements.map { name -> Int? in
      let element = table.child.elements.first { $0.element.identifier == name }?.element
      return element.flatMap { $0.type == .number ? $0.representation.decimals : nil }
    }
    let names = (["row_id", "ordinal", "0"] + elements.map(SQLName.quoted))
    let statement = try connection.statement(
      "SELECT \(names.joined(separator: ", ")) FROM \(SQLName.quoted(table.table.name)) "
        + "WHERE row_id BETWEEN ?1 AND ?2 ORDER BY row_id, ordinal", database)
    statement.bind(first, at: 1)
    statement.bind(last, at: 2)
    defer { statement.reset() }
    var owner = 0
    while try statement.step() {
      let row = statement.integer(0)
      while owner < rows.count, rows[owner] < row { owner += 1 }
      // Of a record that is not published any more.
      guard owner < rows.count, rows[owner] == row else { continue }
      child.owners.append(Int32(owner))
      child.ordinals.append(statement.integer(1))
      SQLiteRowFinder.append(statement, from: 0, decimals, to: &child.rows)
    }
  }
}
