import Catalog
import GRDB
package import Records
import Warehouse

extension SQLiteWarehouse {
  /// Visits the rows of a delivery that `publication` opens and nothing has closed, by record number, up
  /// to a chunk at a time: the stored values of `elements`, in canonical text, as the fields.
  ///
  /// Rows are found by the range of their ids; no other row is read. A row has no raw text. `body` may
  /// change the chunk and must not call the warehouse.
  package func openRows(
    delivery: Int64, publication: Int64, category: String, elements: [String],
    _ body: (inout RecordChunk) throws -> Void
  ) throws {
    guard let tables = model.category(category) else {
      throw WarehouseError(.notFound, "the warehouse has no category \(category)")
    }
    let decimals = try model.decimals(elements, category)
    let names = (["row_id", "line", "byte_offset"] + elements).map(SQLName.quoted)
    let sql = """
      SELECT \(names.joined(separator: ", ")) FROM \(SQLName.quoted(tables.records.name))
      WHERE row_id BETWEEN ?1 AND ?2 AND opened_by = ?3 AND closed_by IS NULL ORDER BY row_id
      """
    let connection = try current()
    try connection.access("reading the rows of delivery \(delivery)") { database in
      let statement = try connection.statement(sql, database)
      let rows = Self.rowIDs(ofDelivery: delivery)
      statement.bind(rows.lowerBound, at: 1)
      statement.bind(rows.upperBound, at: 2)
      statement.bind(publication, at: 3)
      defer { statement.reset() }
      var chunk = RecordChunk(columnCount: elements.count)
      while try statement.step() {
        Self.append(statement, decimals, to: &chunk)
        guard chunk.isFull else { continue }
        try body(&chunk)
        chunk.removeAll()
      }
      if chunk.recordCount > 0 { try body(&chunk) }
    }
  }

  private static func append(
    _ statement: RawStatement, _ decimals: [Int?], to chunk: inout RecordChunk
  ) {
    let position = SourcePosition(
      recordNumber: Int(statement.integer(0) & 0xFFFF_FFFF), line: Int(statement.integer(1)),
      byteOffset: Int(statement.integer(2)))
    let row = chunk.appendRecord(position: position, raw: .absent)
    for (field, decimals) in decimals.enumerated() {
      let column = Int32(field + 3)
      guard !statement.isNull(column) else { continue }
      chunk.setField(row, field, statement.appendElement(column, decimals, to: &chunk.text))
    }
  }
}

extension WarehouseModel {
  /// By element, decimals of a number; nil for other types.
  func decimals(_ elements: [String], _ category: String) throws -> [Int?] {
    guard let tables = self.category(category) else {
      throw WarehouseError(.notFound, "the warehouse has no category \(category)")
    }
    return try elements.map { name -> Int? in
      guard let column = tables.category.column(of: name) else {
        throw WarehouseError(.notFound, "category \(category) has no element \(name)")
      }
      let element = tables.category.elements[column].element
      return element.type == .number ? element.representation.decimals : nil
    }
  }
}

extension RawStatement {
  /// Appends a value of an element in canonical text; absent for NULL.
  ///
  /// - Parameter decimals: Of a number; nil for other types.
  func appendElement(_ column: Int32, _ decimals: Int?, to arena: inout TextArena) -> TextRef {
    guard !isNull(column) else { return .absent }
    return decimals.map { arena.appendDecimal(integer(column), decimals: $0) }
      ?? appendText(column, to: &arena)
  }
}

extension TextArena {
  /// Appends a number that is stored × 10^`decimals`: 1234 with two decimals is `12.34`.
  fileprivate mutating func appendDecimal(_ scaled: Int64, decimals: Int) -> TextRef {
    let digits = String(scaled.magnitude)
    guard decimals > 0 else { return appendText((scaled < 0 ? "-" : "") + digits) }
    let padded = String(repeating: "0", count: Swift.max(0, decimals + 1 - digits.count)) + digits
    return appendText(
      (scaled < 0 ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals))
  }
}
