package import Catalog
package import Records

/// Values in canonical text as records that rules and sharing can be decided on.
package struct CanonicalChunk: Sendable {
  /// The rows of one child table.
  package struct Rows: Sendable {
    /// Index of the table in ``Category/children``.
    package var table: Int
    package var rows: ElementChunk
    /// Record of each row, ascending.
    package var owners: [Int32]
  }

  package var records: ElementChunk
  /// One entry for each child table that the source has.
  package var children: [Rows] = []
}

/// Reads what stands in the tables of a warehouse: canonical text to typed values, for the records of a
/// category and the rows inside them. Elements that were not read are null.
package struct CanonicalReader: Sendable {
  package let category: Category
  private let own: Standardizer
  private let children: [Standardizer]

  /// - Parameter elements: Identifiers of the elements read, in the order of the columns; nil for all.
  package init(_ catalog: Catalog, _ category: Category, elements: [String]? = nil) {
    self.category = category
    own = Self.standardizer(
      catalog, category, elements ?? category.elements.map(\.element.identifier))
    children = category.children.map { table in
      let rows = category.asCategory(table)
      return Self.standardizer(catalog, rows, rows.elements.map(\.element.identifier))
    }
  }

  /// A standardizer of values in canonical text, whose columns are `elements`.
  package static func standardizer(
    _ catalog: Catalog, _ category: Category, _ elements: [String]
  ) -> Standardizer {
    let mapping = CategoryMapping(
      category: category.id, files: [],
      columns: elements.map { ColumnMapping(column: $0, element: $0) })
    // Values are in canonical form; no system's labels or units are left in them.
    let adapter = SourceAdapter(
      system: "", version: 0, format: .csv, encoding: "utf-8", categories: [mapping],
      origin: "the warehouse")
    return Standardizer(
      catalog: catalog, category: category, adapter: adapter, mapping: mapping,
      columns: Array(elements.indices), values: [:], only: Set(elements), isCanonical: true)
  }

  /// - Parameter chunk: Its `children`, where it has any, are those of the category's child tables, in
  ///   their order. Its `text` is taken and left empty.
  package func read(_ chunk: inout RecordChunk) -> CanonicalChunk {
    let text = chunk.children.isEmpty ? [] : chunk.text
    var records = ElementChunk(
      recordCount: chunk.recordCount, columnCount: category.elements.count, text: [])
    own.standardize(&chunk, into: &records)
    var result = CanonicalChunk(records: records)
    for (table, rows) in chunk.children.enumerated() where table < children.count {
      result.children.append(read(rows, of: table, text))
    }
    return result
  }

  private func read(_ rows: ChildRows, of table: Int, _ text: TextArena) -> CanonicalChunk.Rows {
    var source = RecordChunk(columnCount: rows.columnCount, stride: max(1, rows.count))
    source.text = text
    for row in 0..<rows.count {
      for column in 0..<rows.columnCount {
        source.setField(row, column, rows.field(row, column))
      }
    }
    var result = ElementChunk(
      recordCount: rows.count, columnCount: category.children[table].elements.count, text: [])
    children[table].standardize(&source, recordCount: rows.count, into: &result)
    return CanonicalChunk.Rows(table: table, rows: result, owners: rows.owners)
  }
}
