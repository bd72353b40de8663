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
    standardizer = CanonicalReader.standardizer(catalog, category, elements)
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
