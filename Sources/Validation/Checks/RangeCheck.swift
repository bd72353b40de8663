import Catalog
import Records
import Standardization

/// Accuracy: a number lies in the range of its element; a bound may be another element (Q23).
struct RangeCheck: ElementCheck {
  enum Bound {
    case open
    case number(Int64, inclusive: Bool)
    /// The other column, scaled by a power of ten to this element's decimals.
    case column(Int, scale: Int64, inclusive: Bool)
  }

  let column: Int
  let check: Int
  let lower: Bound
  let upper: Bound

  init?(_ element: DataElement, column: Int, _ category: Category, _ registry: inout CheckRegistry)
  {
    guard case .range(let lower, let upper) = element.domain, element.type == .number else {
      return nil
    }
    self.lower = Self.bound(lower, element, category)
    self.upper = Self.bound(upper, element, category)
    if case .open = self.lower, case .open = self.upper { return nil }
    self.column = column
    let text = Self.text(lower, upper)
    check = registry.add(
      element, .q23, "range", chinese: "值域 \(text)\(element.unit.map { " " + $0 } ?? "")",
      english: "a number in \(text)\(element.unit.map { " " + $0 } ?? "")")
  }

  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding]) {
    for row in 0..<chunk.recordCount
    where chunk.columns[column].states[row] == .present && !scope.isSkipped[row] {
      let value = chunk.columns[column].numbers[row]
      if !isAbove(value, chunk, row) || !isBelow(value, chunk, row) {
        findings.append(
          Finding(row: row, check: check, value: chunk.columns[column].texts[row]))
      }
    }
  }

  private func isAbove(_ value: Int64, _ chunk: borrowing ElementChunk, _ row: Int) -> Bool {
    switch lower {
    case .open: return true
    case .number(let bound, let inclusive): return inclusive ? value >= bound : value > bound
    case .column(let other, let scale, let inclusive):
      guard chunk.columns[other].states[row] == .present else { return true }
      let (bound, overflow) = chunk.columns[other].numbers[row].multipliedReportingOverflow(
        by: scale)
      return overflow || (inclusive ? value >= bound : value > bound)
    }
  }

  private func isBelow(_ value: Int64, _ chunk: borrowing ElementChunk, _ row: Int) -> Bool {
    switch upper {
    case .open: return true
    case .number(let bound, let inclusive): return inclusive ? value <= bound : value < bound
    case .column(let other, let scale, let inclusive):
      guard chunk.columns[other].states[row] == .present else { return true }
      let (bound, overflow) = chunk.columns[other].numbers[row].multipliedReportingOverflow(
        by: scale)
      return overflow || (inclusive ? value <= bound : value < bound)
    }
  }

  private static func bound(_ bound: RangeBound?, _ element: DataElement, _ category: Category)
    -> Bound
  {
    switch bound {
    case nil: return .open
    case .number(let text, let inclusive):
      let form = NumberForm(totalDigits: 18, decimals: element.representation.decimals)
      if case .number(let scaled, _) = readNumber(Array(text.utf8).span, form: form) {
        return .number(scaled, inclusive: inclusive)
      }
      return .open
    case .element(let identifier, let inclusive):
      // A category that does not carry the other element has no bound there.
      guard let other = category.column(of: identifier) else { return .open }
      let decimals = category.elements[other].element.representation.decimals
      var scale: Int64 = 1
      for _ in 0..<max(0, element.representation.decimals - decimals) { scale *= 10 }
      return .column(other, scale: scale, inclusive: inclusive)
    }
  }

  private static func text(_ lower: RangeBound?, _ upper: RangeBound?) -> String {
    func part(_ bound: RangeBound?) -> (String, Bool) {
      switch bound {
      case nil: ("", false)
      case .number(let text, let inclusive): (text, inclusive)
      case .element(let identifier, let inclusive): (identifier, inclusive)
      }
    }
    let (low, lowInclusive) = part(lower)
    let (high, highInclusive) = part(upper)
    return "\(lowInclusive ? "[" : "(")\(low),\(high)\(highInclusive ? "]" : ")")"
  }
}
