import Catalog
import Records

/// Consistency: a record that gives the same thing under two elements gives one value (Q31).
///
/// The standardizer has moved what could be moved; where both elements are still filled, they differ
/// (semantics.md §4: the name of a natural person).
struct MoveCheck: ElementCheck {
  let from: Int
  let to: Int
  let condition: Int
  let codes: Set<Int64>
  let check: Int

  /// - Returns: nil if the category lacks one of the elements.
  init?(
    _ move: ElementMove, _ category: Category, _ catalog: Catalog, _ registry: inout CheckRegistry
  ) {
    guard let from = category.column(of: move.from), let to = category.column(of: move.to),
      let condition = category.column(of: move.element),
      let list = category.elements[condition].element.codeList.flatMap(catalog.codeList)
    else { return nil }
    self.from = from
    self.to = to
    self.condition = condition
    codes = Set(move.codes.compactMap { list.index(of: $0) }.map(Int64.init))
    let (element, other) = (category.elements[from].element, category.elements[to].element)
    check = registry.add(
      CheckDescription(
        issue: .q31, rule: "\(element.id).moved", element: element.identifier,
        severity: .return, expectedChinese: "与“\(other.name)”一致,或者只填“\(other.name)”",
        expectedEnglish: "the same as \(other.english), or only that one",
        tier: max(element.tier, other.tier)))
  }

  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding]) {
    for row in 0..<chunk.recordCount
    where chunk.columns[from].states[row] != .null && chunk.columns[to].states[row] != .null
      && chunk.columns[condition].states[row] == .present
      && codes.contains(chunk.columns[condition].numbers[row]) && !scope.isSkipped[row]
    {
      findings.append(Finding(row: row, check: check, value: chunk.columns[from].texts[row]))
    }
  }
}
