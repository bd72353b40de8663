/// What an expression's value is.
package enum ExpressionType: Sendable, Hashable {
  /// How a duration is counted; only the first two are a fixed number of seconds.
  package enum Span: String, Sendable, Hashable {
    case days
    /// Hours and minutes.
    case seconds
    /// Months and years of the calendar.
    case months
    case workdays
  }

  case boolean
  case number(decimals: Int)
  case text
  /// Several texts, joined by `;`.
  case texts
  /// One permissible value of a code list.
  case code(list: String)
  /// Several permissible values of a code list.
  case codes(list: String)
  case date
  case dateTime
  case duration(Span)
  /// Not known, because of a problem that is reported already.
  case unresolved

  /// Whether the type is a text or a code.
  package var isTextual: Bool {
    switch self {
    case .text, .texts, .code, .codes: true
    default: false
    }
  }

  /// Whether a value of the type may be several.
  package var isMultiValued: Bool {
    switch self {
    case .texts, .codes: true
    default: false
    }
  }

  /// Whether the type is a date or a date-time.
  package var isTemporal: Bool { self == .date || self == .dateTime }

  /// Identifier of the code list.
  package var codeList: String? {
    switch self {
    case .code(let list), .codes(let list): list
    default: nil
    }
  }

  /// The type in words, with its article.
  package var words: String {
    switch self {
    case .boolean: "a condition"
    case .number: "a number"
    case .text: "a text"
    case .texts: "a many-valued text"
    case .code(let list): "a code of \(list)"
    case .codes(let list): "a many-valued code of \(list)"
    case .date: "a date"
    case .dateTime: "a date-time"
    case .duration(.workdays): "a number of working days"
    case .duration: "a duration"
    case .unresolved: "a value"
    }
  }
}

extension DataElement {
  /// The type of the element's values in expressions.
  package var expressionType: ExpressionType {
    switch type {
    case .number: return isMultiValued ? .texts : .number(decimals: representation.decimals)
    case .date: return isMultiValued ? .texts : .date
    case .dateTime: return isMultiValued ? .texts : .dateTime
    case .text, .flag:
      guard let codeList else { return isMultiValued ? .texts : .text }
      return isMultiValued ? .codes(list: codeList) : .code(list: codeList)
    }
  }
}

extension Expression.Unit {
  /// How durations of this unit are counted.
  package var span: ExpressionType.Span {
    switch self {
    case .minutes, .hours: .seconds
    case .days: .days
    case .workdays: .workdays
    case .months, .years: .months
    }
  }

  /// Days, seconds, months or working days in one unit.
  package var factor: Int64 {
    switch self {
    case .minutes: 60
    case .hours: 3600
    case .days, .workdays, .months: 1
    case .years: 12
    }
  }
}

/// A number of an expression, exact: `digits` × 10^-`decimals`.
package struct ExactNumber: Sendable, Hashable {
  package var digits: Int64
  package var decimals: Int

  package init(digits: Int64, decimals: Int) {
    self.digits = digits
    self.decimals = decimals
  }

  /// Reads `-12.50`: at most 18 digits, trailing zeros of the fraction are dropped.
  package init?(_ text: String) {
    var digits: Int64 = 0
    var decimals = 0
    var count = 0
    var isFraction = false
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    for byte in isNegative ? text.utf8.dropFirst() : text.utf8[...] {
      if byte == UInt8(ascii: "."), !isFraction, count > 0 {
        isFraction = true
        continue
      }
      guard byte >= 48, byte <= 57, count < 18 else { return nil }
      digits = digits * 10 + Int64(byte - 48)
      count += 1
      if isFraction { decimals += 1 }
    }
    guard count > 0, !isFraction || decimals > 0 else { return nil }
    while decimals > 0, digits % 10 == 0 {
      digits /= 10
      decimals -= 1
    }
    self.init(digits: isNegative ? -digits : digits, decimals: decimals)
  }

  /// The number × 10^18.
  var wide: Int128 {
    var value = Int128(digits)
    for _ in decimals..<18 { value *= 10 }
    return value
  }
}

/// How the records of another category are found and then chosen (`exists`, `count`, `every`).
///
/// The clause is cut at its outermost `&`: what equates a text or code of the other record with a
/// value of the own record is a key to find candidates by; the rest decides about each candidate.
package struct ReferenceClause: Sendable {
  package struct Key: Sendable {
    /// Element of the other record.
    package var otherElement: String
    /// The other record fits if one of the element's values is the own value.
    package var isMultiValued: Bool
    /// A value made of elements of the own record.
    package var own: Expression.Node
  }

  package var keys: [Key] = []
  /// Conditions that are left, in order.
  package var residual: [Expression.Node] = []

  /// - Parameter otherElement: Looks up an element that the other category carries.
  package init(_ condition: Expression.Node, otherElement: (String) -> DataElement?) {
    var parts = [condition]
    if case .and(let nodes, _) = condition { parts = nodes }
    for part in parts {
      if let key = Self.key(part, otherElement) { keys.append(key) } else { residual.append(part) }
    }
  }

  private static func key(
    _ node: Expression.Node, _ otherElement: (String) -> DataElement?
  ) -> Key? {
    guard case .comparison(let operands, let operators, _) = node, operators == [.equal] else {
      return nil
    }
    for (left, right) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      guard case .element(let name, true, _) = left, let element = otherElement(name),
        element.expressionType.isTextual,
        right.usesElement(isOther: false), !right.usesElement(isOther: true)
      else { continue }
      return Key(
        otherElement: name, isMultiValued: element.expressionType.isMultiValued, own: right)
    }
    return nil
  }
}

extension Expression.Node {
  /// Whether an element of the own (or the other) record stands in the node.
  package func usesElement(isOther: Bool) -> Bool {
    if case .element(_, isOther, _) = self { return true }
    if case .value = self { return !isOther }
    return children.contains { $0.usesElement(isOther: isOther) }
  }

  /// Whether the value is the same for every record: no element stands in it.
  package var isConstant: Bool {
    switch self {
    case .element, .value, .exists, .count, .every: false
    default: children.allSatisfy(\.isConstant)
    }
  }
}
