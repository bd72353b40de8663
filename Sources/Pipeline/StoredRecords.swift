import Catalog
import Records
import Standardization
import Warehouse

/// Turns rows as stored into records that rules can be judged on: columns of the category, the elements
/// that were read filled, everything else null.
struct StoredRecords {
  let category: Category
  /// Identifiers of the elements that are read.
  let elements: [String]
  private let standardizer: Standardizer

  /// - Parameter columns: Of the category.
  init(_ catalog: Catalog, _ category: Category, columns: [Int]) {
    self.category = category
    elements = columns.map { category.elements[$0].element.identifier }
    let mapping = CategoryMapping(
      category: category.id, files: [],
      columns: elements.map { ColumnMapping(column: $0, element: $0) })
    // Values are stored in canonical form; no system's labels or units are left in them.
    let adapter = SourceAdapter(
      system: "", version: 0, format: .csv, encoding: "utf-8", categories: [mapping],
      origin: "the warehouse")
    standardizer = Standardizer(
      catalog: catalog, category: category, adapter: adapter, mapping: mapping,
      columns: Array(elements.indices), values: [:], only: Set(elements))
  }

  /// - Parameter rows: Read with ``elements``.
  func chunk(_ rows: StoredRows) -> ElementChunk {
    var source = RecordChunk(columnCount: elements.count, stride: max(1, rows.count))
    source.text = rows.text
    for row in 0..<rows.count {
      _ = source.appendRecord(position: rows.positions[row], raw: .absent)
      for column in elements.indices { source.setField(row, column, rows.columns[column][row]) }
    }
    var result = ElementChunk(
      recordCount: rows.count, columnCount: category.elements.count, text: [])
    standardizer.standardize(&source, into: &result)
    return result
  }
}
