import Catalog
import Records

/// Accuracy: a readable code that is not a permissible value on the record's date, or a new value of
/// an extensible value domain (Q24).
///
/// Values that are neither code nor label are the matter of ``ReadabilityCheck``.
struct CodeListCheck: ElementCheck {
  let column: Int
  /// Column that dates the record; -1 if it has none.
  let dateColumn: Int
  let dateIsTime: Bool
  let isMultiValued: Bool
  let newValue: Int
  let outOfForce: Int
  /// Days on which a value may be used, by its index; empty if all may always be used.
  let force: [ClosedRange<Int64>]

  /// - Returns: nil if there is nothing left to check.
  init?(
    _ element: DataElement, column: Int, _ category: Category, _ catalog: Catalog,
    _ registry: inout CheckRegistry
  ) {
    guard let list = element.codeList.flatMap(catalog.codeList) else { return nil }
    let isDated = list.values.contains { $0.from != nil || $0.until != nil }
    guard isDated || list.isExtensible else { return nil }
    self.column = column
    isMultiValued = element.isMultiValued
    dateColumn = category.column(of: category.eventTime) ?? -1
    dateIsTime = dateColumn >= 0 && category.elements[dateColumn].element.type == .dateTime
    newValue = registry.add(
      element, .q24, "new-value", severity: .note, chinese: "\(list.chinese)中已有的值",
      english: "a known value of \(list.id) (\(list.english))")
    outOfForce = registry.add(
      element, .q24, "in-force", chinese: "\(list.chinese)中在业务发生日期有效的代码",
      english: "a code of \(list.id) (\(list.english)) that is in force on the record's date")
    force =
      isDated
      ? list.values.map { value in
        let from = value.from.map { Int64($0.dayNumber) } ?? .min
        return from...max(from, value.until.map { Int64($0.dayNumber) } ?? .max)
      } : []
  }

  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding]) {
    for row in 0..<chunk.recordCount
    where chunk.columns[column].states[row] == .present && !scope.isSkipped[row] {
      let number = chunk.columns[column].numbers[row]
      if number < 0 {
        findings.append(
          Finding(row: row, check: newValue, value: chunk.columns[column].texts[row]))
      }
      guard !force.isEmpty, dateColumn >= 0, let day = day(chunk, row) else { continue }
      if !isInForce(number, on: day) {
        findings.append(
          Finding(row: row, check: outOfForce, value: chunk.columns[column].texts[row]))
      }
    }
  }

  private func day(_ chunk: borrowing ElementChunk, _ row: Int) -> Int64? {
    guard chunk.columns[dateColumn].states[row] == .present else { return nil }
    let number = chunk.columns[dateColumn].numbers[row]
    guard dateIsTime else { return number }
    return number >= 0 ? number / 86_400 : (number - 86_399) / 86_400
  }

  private func isInForce(_ number: Int64, on day: Int64) -> Bool {
    if !isMultiValued {
      guard number >= 0, number < force.count else { return true }
      return force[Int(number)].contains(day)
    }
    var rest = number & .max
    while rest != 0 {
      let index = rest.trailingZeroBitCount
      if index < force.count, !force[index].contains(day) { return false }
      rest &= rest - 1
    }
    return true
  }
}
