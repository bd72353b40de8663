import Catalog
import Records

/// Accuracy: a date is not older than anything that the records tell of, such as the dates that a
/// spreadsheet makes of an empty cell (Q29).
struct EarliestDateCheck: ElementCheck {
  let column: Int
  let check: Int
  /// In days or seconds, as the element.
  let earliest: Int64

  /// - Returns: nil for elements that are no date, and where the catalog knows no earliest date.
  init?(
    _ element: DataElement, column: Int, _ catalog: Catalog, _ registry: inout CheckRegistry
  ) {
    guard let date = catalog.earliestDate, element.type == .date || element.type == .dateTime
    else { return nil }
    self.column = column
    earliest = Int64(date.dayNumber) * (element.type == .dateTime ? 86_400 : 1)
    check = registry.add(
      element, .q29, "earliest", chinese: "不早于\(date)",
      english: "a date not before \(date)")
  }

  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding]) {
    for row in 0..<chunk.recordCount
    where chunk.columns[column].states[row] == .present
      && chunk.columns[column].numbers[row] < earliest && !scope.isSkipped[row]
    {
      findings.append(Finding(row: row, check: check, value: chunk.columns[column].texts[row]))
    }
  }
}
