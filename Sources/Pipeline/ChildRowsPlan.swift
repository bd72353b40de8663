import Catalog
import Records
import Standardization

/// How the rows inside the records of a delivery are standardized.
struct ChildRowsPlan: Sendable {
  /// Index of the child table in the category.
  let table: Int
  private let standardizer: Standardizer
  private let columnCount: Int

  /// - Returns: nil if the category has no such table.
  init?(_ child: ChildMapping, _ plan: DeliveryPlan) {
    guard let table = plan.category.children.firstIndex(where: { $0.name == child.name }) else {
      return nil
    }
    self.table = table
    columnCount = child.columns.count
    let category = plan.category.asCategory(plan.category.children[table])
    standardizer = Standardizer(
      catalog: plan.catalog, category: category, adapter: plan.adapter,
      mapping: CategoryMapping(category: category.id, files: [], columns: child.columns),
      columns: Array(0..<child.columns.count), values: [:])
  }

  func makeRows() -> JudgedRows {
    JudgedRows(table: table, elements: standardizer.makeResult())
  }

  /// - Parameters:
  ///   - rows: Fields in the arena of `records`.
  ///   - records: Their arena takes the standardized texts of the rows too.
  func standardize(
    _ rows: borrowing ChildRows, _ records: inout ElementChunk, into judged: inout JudgedRows
  ) {
    judged.owners = rows.owners
    var chunk = RecordChunk(columnCount: columnCount, stride: max(1, rows.count))
    for row in 0..<rows.count {
      for column in 0..<columnCount { chunk.setField(row, column, rows.field(row, column)) }
    }
    // The columns grow with the rows.
    judged.elements.reset(recordCount: rows.count)
    swap(&chunk.text, &records.text)
    standardizer.standardize(&chunk, recordCount: rows.count, into: &judged.elements)
    swap(&records.text, &judged.elements.text)
  }
}

extension DeliveryPlan {
  /// By the mapping's child tables.
  var childRows: [ChildRowsPlan] { mapping.children.compactMap { ChildRowsPlan($0, self) } }
}
