import Catalog
import Records

/// Completeness: an element that a record must carry is empty (Q11; Q14 for a key).
struct RequiredCheck: ElementCheck {
  let column: Int
  let check: Int

  init(_ entry: CategoryElement, column: Int, _ registry: inout CheckRegistry) {
    self.column = column
    check = registry.add(
      CheckDescription(
        issue: entry.isKey ? .q14 : .q11, rule: "\(entry.element.id).required",
        element: entry.element.identifier, severity: .return, expectedChinese: "必填",
        expectedEnglish: "a value", tier: entry.element.tier))
  }

  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding]) {
    for row in 0..<chunk.recordCount
    where chunk.columns[column].states[row] == .null && !scope.isSkipped[row] {
      findings.append(Finding(row: row, check: check))
    }
  }
}
