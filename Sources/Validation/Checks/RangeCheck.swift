import Catalog
import Records

/// Accuracy: a number lies in the range of its element (Q23), a date between the dates that bound it
/// (Q22); a bound may be another element of the record.
struct RangeCheck: ElementCheck {
  /// One end of the range; value and bound are brought to one unit before they are compared.
  struct Bound {
    enum Source {
      case number(Int64)
      case column(Int)
    }

    var source: Source
    var isInclusive: Bool
    /// Powers of ten by which value and bound get the same decimals.
    var valueScale: Int64 = 1
    var boundScale: Int64 = 1
    /// Date-times of which only the day counts, because the other side is a date (semantics.md §1).
    var takesDayOfValue = false
    var takesDayOfBound = false
  }

  let column: Int
  let check: Int
  /// nil: open.
  let lower: Bound?
  let upper: Bound?

  init?(
    _ element: DataElement, column: Int, _ category: Category, _ registry: inout CheckRegistry
  ) {
    guard case .range(let lower, let upper) = element.domain,
      [.number, .date, .dateTime].contains(element.type)
    else { return nil }
    self.lower = Self.bound(lower, element, category)
    self.upper = Self.bound(upper, element, category)
    if self.lower == nil, self.upper == nil { return nil }
    self.column = column
    let text = Self.text(lower, upper) + (element.unit.map { " " + $0 } ?? "")
    let isNumber = element.type == .number
    check = registry.add(
      element, isNumber ? .q23 : .q22, "range",
      chinese: Self.words(lower, upper, element, category),
      english: "a \(isNumber ? "number" : "date") in \(text)")
  }

  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding]) {
    for row in 0..<chunk.recordCount
    where chunk.columns[column].states[row] == .present && !scope.isSkipped[row] {
      let value = chunk.columns[column].numbers[row]
      if isWrong(value, lower, chunk, row, isLower: true)
        || isWrong(value, upper, chunk, row, isLower: false)
      {
        findings.append(
          Finding(row: row, check: check, value: chunk.columns[column].texts[row]))
      }
    }
  }

  /// Whether a value lies on the wrong side of a bound; never where the record lacks the bound.
  private func isWrong(
    _ value: Int64, _ bound: Bound?, _ chunk: borrowing ElementChunk, _ row: Int, isLower: Bool
  ) -> Bool {
    guard let bound else { return false }
    var limit: Int64
    switch bound.source {
    case .number(let number): limit = number
    case .column(let other):
      guard chunk.columns[other].states[row] == .present else { return false }
      limit = chunk.columns[other].numbers[row]
    }
    if bound.takesDayOfBound { limit = day(limit) }
    let value = bound.takesDayOfValue ? day(value) : value
    if bound.valueScale == 1, bound.boundScale == 1 {
      if value == limit { return !bound.isInclusive }
      return isLower ? value < limit : value > limit
    }
    // Wide enough for any product of two 64-bit numbers, so that no value passes by overflow.
    let left = Int128(value) * Int128(bound.valueScale)
    let right = Int128(limit) * Int128(bound.boundScale)
    if left == right { return !bound.isInclusive }
    return isLower ? left < right : left > right
  }

  private func day(_ seconds: Int64) -> Int64 {
    seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
  }

  /// - Returns: nil if there is no bound: none is stated, or the category lacks the other element.
  private static func bound(_ bound: RangeBound?, _ element: DataElement, _ category: Category)
    -> Bound?
  {
    switch bound {
    case nil: return nil
    case .number(let text, let isInclusive):
      guard let number = ExactNumber(text) else { return nil }
      var result = Bound(source: .number(number.digits), isInclusive: isInclusive)
      result.align(element.representation.decimals, number.decimals)
      let (scaled, isOverflow) = number.digits.multipliedReportingOverflow(by: result.boundScale)
      if !isOverflow {
        result.source = .number(scaled)
        result.boundScale = 1
      }
      return result
    case .element(let identifier, let isInclusive):
      guard let other = category.column(of: identifier) else { return nil }
      let type = category.elements[other].element.type
      var result = Bound(source: .column(other), isInclusive: isInclusive)
      result.align(
        element.representation.decimals,
        category.elements[other].element.representation.decimals)
      result.takesDayOfValue = element.type == .dateTime && type == .date
      result.takesDayOfBound = element.type == .date && type == .dateTime
      return result
    }
  }

  /// The range in words, such as `不小于0元` or `不晚于许可有效期止`.
  private static func words(
    _ lower: RangeBound?, _ upper: RangeBound?, _ element: DataElement, _ category: Category
  ) -> String {
    let isNumber = element.type == .number
    let unit = element.unit ?? ""
    func name(_ bound: RangeBound) -> (String, Bool) {
      switch bound {
      case .number(let text, let isInclusive): (text + unit, isInclusive)
      case .element(let identifier, let isInclusive):
        (
          category.column(of: identifier).map { "“\(category.elements[$0].element.name)”" }
            ?? identifier, isInclusive
        )
      }
    }
    if case .number(let low, true)? = lower, case .number(let high, true)? = upper {
      return "\(low)至\(high)\(unit)"
    }
    var parts: [String] = []
    if let (text, isInclusive) = lower.map(name) {
      parts.append((isNumber ? isInclusive ? "不小于" : "大于" : isInclusive ? "不早于" : "晚于") + text)
    }
    if let (text, isInclusive) = upper.map(name) {
      parts.append((isNumber ? isInclusive ? "不大于" : "小于" : isInclusive ? "不晚于" : "早于") + text)
    }
    return parts.joined(separator: ",")
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

extension RangeCheck.Bound {
  /// Brings both sides to the larger number of decimals.
  fileprivate mutating func align(_ value: Int, _ bound: Int) {
    valueScale = powerOfTen(bound - value)
    boundScale = powerOfTen(value - bound)
  }
}
