package import Catalog
import GRDB
package import Records
import Warehouse

/// Which published rows of a category are read.
package struct PublishedSelection: Sendable {
  /// Category.
  package var category: String
  /// Identifiers, in the order in which they become columns; nil for all of the category.
  package var elements: [String]?
  /// Values that the rows have, in canonical text by element; of texts, codes and dates only. An index
  /// answers it where the entity key or its first elements are among them.
  package var values: [String: String] = [:]
  /// Only rows behind this one.
  package var after: Int64 = 0
  /// Whether the rows of child tables are read too.
  package var hasChildren = true

  package init(category: String, elements: [String]? = nil, values: [String: String] = [:]) {
    self.category = category
    self.elements = elements
    self.values = values
  }
}

/// Up to a chunk of published rows.
package struct PublishedChunk: Sendable {
  /// Ids of the rows, ascending: `delivery << 32 | record number`.
  package fileprivate(set) var rowIDs: [Int64] = []
  /// The publication that showed each row first.
  package fileprivate(set) var openings: [Int64] = []
  /// Stored values in canonical text, a column for each element read. `children` has an entry for each
  /// child table of the category, in its order, with all its elements as columns.
  package var records: RecordChunk

  /// Empties the chunk and keeps its memory.
  fileprivate mutating func removeAll() {
    rowIDs.removeAll(keepingCapacity: true)
    openings.removeAll(keepingCapacity: true)
    records.removeAll()
  }
}

/// Reads the rows that the readers of one publication see, chunk by chunk, in the order of their ids.
///
/// It has a connection of its own and needs no lock: what a publication shows stays the same while later
/// nights are loaded. One instance belongs to one thread.
package final class PublishedRows {
  /// The publication that is read.
  package let publication: Int64
  /// The night of the publication, as `2026-03-01`; empty before the first.
  package let night: String
  private let connection: Connection
  private let model: WarehouseModel

  /// Opens the warehouse in `folder`.
  ///
  /// - Parameter publication: nil for the last one.
  /// - Throws: ``WarehouseError`` with code `.notFound` where there is no warehouse, or no such publication.
  package init(folder: String, catalog: Catalog, publication: Int64? = nil) throws {
    let path = folder + "/" + SQLiteWarehouse.fileName
    guard PosixFile.exists(path) else {
      throw WarehouseError(.notFound, "there is no warehouse in \(folder)")
    }
    model = try WarehouseModel(catalog)
    connection = try Connection(path: path, mode: .reading, options: .init())
    let last = try connection.access("opening \(path)") { database in
      try SchemaMigration.checkIdentity(database, path: path)
      return try SQLiteWarehouse.pointer(database)
    }
    let wanted = publication ?? last
    guard wanted >= 0, wanted <= last else {
      throw WarehouseError(
        .notFound, "publication \(wanted) does not exist; the last one is \(last)")
    }
    self.publication = wanted
    night = try connection.access("opening \(path)") { database in
      try String.fetchOne(
        database, sql: "SELECT night FROM publication_night WHERE publication = ?",
        arguments: [wanted]) ?? ""
    }
  }

  deinit { try? connection.close() }

  /// Whether there is a warehouse in `folder`.
  package static func exists(folder: String) -> Bool {
    PosixFile.exists(folder + "/" + SQLiteWarehouse.fileName)
  }

  /// Visits the selected rows.
  ///
  /// - Parameter body: May change the chunk, which is emptied afterwards, and must not call this reader.
  ///   Returns whether to go on.
  package func visit(
    _ selection: PublishedSelection, _ body: (inout PublishedChunk) throws -> Bool
  ) throws {
    let plan = try SelectionPlan(selection, model)
    try connection.access("reading rows of \(selection.category)") { database in
      let statement = try connection.statement(plan.sql, database)
      let children = try plan.children.map { child in
        (try connection.statement(child.sql, database), child.decimals)
      }
      defer { statement.reset() }
      statement.bind(publication, at: 1)
      statement.bind(selection.after, at: 2)
      for (index, value) in plan.values.enumerated() {
        statement.bind(text: value, at: Int32(index + 3))
      }
      var chunk = PublishedChunk(records: RecordChunk(columnCount: plan.decimals.count))
      chunk.records.children = plan.children.map { ChildRows(columnCount: $0.decimals.count) }
      while try statement.step() {
        Self.append(statement, plan.decimals, to: &chunk)
        guard chunk.records.isFull else { continue }
        try Self.addChildren(children, to: &chunk)
        guard try body(&chunk) else { return }
        chunk.removeAll()
      }
      guard !chunk.rowIDs.isEmpty else { return }
      try Self.addChildren(children, to: &chunk)
      _ = try body(&chunk)
    }
  }

  /// How a selection is going to be answered, in SQLite's words.
  package func plan(of selection: PublishedSelection) throws -> [String] {
    var sql = try SelectionPlan(selection, model).sql
    for number in (1...9).reversed() { sql = sql.replacing("?\(number)", with: "'1'") }
    return try connection.access("explaining a reading") { database in
      try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] }
    }
  }

  private static func append(
    _ statement: RawStatement, _ decimals: [Int?], to chunk: inout PublishedChunk
  ) {
    let id = statement.integer(0)
    chunk.rowIDs.append(id)
    chunk.openings.append(statement.integer(1))
    let position = SourcePosition(
      recordNumber: Int(id & 0xFFFF_FFFF), line: Int(statement.integer(2)),
      byteOffset: Int(statement.integer(3)))
    let row = chunk.records.appendRecord(position: position, raw: .absent)
    for (field, decimals) in decimals.enumerated() {
      let column = Int32(field + 4)
      let value = statement.appendElement(column, decimals, to: &chunk.records.text)
      if !value.isAbsent { chunk.records.setField(row, field, value) }
    }
  }

  /// The rows inside the records of a chunk: one range of the table, which has the same order.
  private static func addChildren(
    _ children: [(statement: RawStatement, decimals: [Int?])], to chunk: inout PublishedChunk
  ) throws {
    guard let first = chunk.rowIDs.first, let last = chunk.rowIDs.last else { return }
    for (table, child) in children.enumerated() {
      child.statement.bind(first, at: 1)
      child.statement.bind(last, at: 2)
      defer { child.statement.reset() }
      var owner = 0
      while try child.statement.step() {
        let id = child.statement.integer(0)
        while owner < chunk.rowIDs.count, chunk.rowIDs[owner] < id { owner += 1 }
        // The range has rows of records that are not visible, too.
        guard owner < chunk.rowIDs.count, chunk.rowIDs[owner] == id else { continue }
        let row = chunk.records.children[table].append(owner: owner)
        for (field, decimals) in child.decimals.enumerated() {
          let value = child.statement.appendElement(
            Int32(field + 1), decimals, to: &chunk.records.text)
          chunk.records.children[table].setField(row, field, value)
        }
      }
    }
  }
}

/// A selection as SQL. Parameters: publication, row, then the values.
private struct SelectionPlan {
  struct Child {
    var sql: String
    var decimals: [Int?]
  }

  var sql: String
  var decimals: [Int?]
  var values: [String]
  var children: [Child] = []

  init(_ selection: PublishedSelection, _ model: WarehouseModel) throws {
    guard let tables = model.category(selection.category) else {
      throw WarehouseError(.notFound, "the warehouse has no category \(selection.category)")
    }
    let elements = selection.elements ?? tables.category.elements.map(\.element.identifier)
    decimals = try model.decimals(elements, selection.category)
    let names = (["row_id", "opened_by", "line", "byte_offset"] + elements).map(SQLName.quoted)
    var conditions = [
      "t.opened_by <= ?1", "(t.closed_by IS NULL OR t.closed_by > ?1)",
    ]
    // Where values are given, the range of ids must not keep their index from being used.
    conditions.append(selection.values.isEmpty ? "t.row_id > ?2" : "+t.row_id > ?2")
    let wanted = selection.values.sorted { $0.key < $1.key }
    for (index, value) in wanted.enumerated() {
      guard let scale = try model.decimals([value.key], selection.category).first, scale == nil
      else {
        throw WarehouseError(.notFound, "rows are not found by the number \(value.key)")
      }
      conditions.append("t.\(SQLName.quoted(value.key)) = ?\(index + 3)")
    }
    values = wanted.map(\.value)
    sql =
      "SELECT \(names.map { "t." + $0 }.joined(separator: ", ")) "
      + "FROM \(SQLName.quoted(tables.records.name)) AS t "
      + "WHERE \(conditions.joined(separator: " AND ")) ORDER BY t.row_id"
    guard selection.hasChildren else { return }
    children = tables.children.map { rows in
      let elements = rows.child.elements.map(\.element)
      let names = (["row_id"] + elements.map(\.identifier)).map(SQLName.quoted)
      return Child(
        sql: "SELECT \(names.joined(separator: ", ")) FROM \(SQLName.quoted(rows.table.name)) "
          + "WHERE row_id BETWEEN ?1 AND ?2 ORDER BY row_id, ordinal",
        decimals: elements.map { $0.type == .number ? $0.representation.decimals : nil })
    }
  }
}
