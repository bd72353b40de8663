/// Durations, arithmetic and functions.
extension ExpressionWalk {
  /// Most decimals that a product or a quotient may have.
  static let maximumDecimals = 12

  mutating func duration(
    _ count: Node, _ unit: Expression.Unit, _ offset: Int
  ) -> ExpressionType {
    let type = type(of: count)
    switch type {
    case .number(0), .unresolved: break
    case .number: report(offset, "a duration needs a whole number of \(unit.rawValue)")
    default: report(offset, "found \(type.words) before \"\(unit.rawValue)\", expected a number")
    }
    // More than the calendar has in any unit but seconds, of which a century has more.
    if case .number(let text, _) = count, let value = Double(text), value > Self.longestDuration {
      report(offset, "\(text) \(unit.rawValue) are beyond every date")
    }
    return .duration(unit.span)
  }

  private static let longestDuration = 4_000_000_000.0

  mutating func negated(_ node: Node, _ offset: Int) -> ExpressionType {
    let type = type(of: node)
    switch type {
    case .number, .duration, .unresolved: return type
    default:
      report(offset, "\"-\" needs a number or a duration, found \(type.words)")
      return .unresolved
    }
  }

  mutating func arithmetic(
    _ left: Node, _ sign: Expression.ArithmeticOperator, _ right: Node, _ offset: Int
  ) -> ExpressionType {
    let types = (type(of: left), type(of: right))
    switch types {
    case (.unresolved, _), (_, .unresolved): return .unresolved
    case (.number(let a), .number(let b)): return numeric(a, sign, b, offset)
    case (.date, .duration(let span)), (.dateTime, .duration(let span)):
      return moved(types.0, sign, span, offset)
    case (.duration(let a), .duration(let b)) where sign == .add || sign == .subtract:
      return durations(a, b, offset)
    case (.date, .date), (.date, .dateTime), (.dateTime, .date):
      if sign == .subtract { return .duration(.days) }
    case (.dateTime, .dateTime):
      if sign == .subtract { return .duration(.seconds) }
    case (.date, .number), (.dateTime, .number), (.duration, .number):
      guard sign == .add || sign == .subtract else { break }
      report(
        right.offset, "a number cannot be added to \(types.0.words); its unit is missing",
        withUnit(right))
      return types.0
    case (.number, .duration) where sign == .add || sign == .subtract:
      report(
        left.offset, "a duration cannot be added to a number; its unit is missing",
        withUnit(left))
      return .unresolved
    case (.duration, .date) where sign == .add, (.duration, .dateTime) where sign == .add:
      report(
        offset, "a duration is added to a date, not a date to a duration",
        "\(right.canonicalText) + \(left.canonicalText)")
      return .unresolved
    default: break
    }
    report(
      offset, "\"\(sign.rawValue)\" has no meaning for \(types.0.words) and \(types.1.words)")
    return .unresolved
  }

  private func withUnit(_ node: Node) -> String {
    switch node {
    case .number, .parameter, .element: "\(node.canonicalText) days"
    default: "(\(node.canonicalText)) days"
    }
  }

  private mutating func numeric(
    _ a: Int, _ sign: Expression.ArithmeticOperator, _ b: Int, _ offset: Int
  ) -> ExpressionType {
    let decimals = ExpressionType.decimals(a, sign, b)
    guard decimals <= Self.maximumDecimals else {
      report(
        offset, "the result has \(decimals) decimals, expected at most \(Self.maximumDecimals)")
      return .unresolved
    }
    return .number(decimals: decimals)
  }

  private mutating func moved(
    _ type: ExpressionType, _ sign: Expression.ArithmeticOperator, _ span: ExpressionType.Span,
    _ offset: Int
  ) -> ExpressionType {
    guard sign == .add || sign == .subtract else {
      report(offset, "\"\(sign.rawValue)\" has no meaning for \(type.words) and a duration")
      return .unresolved
    }
    if type == .date, span == .seconds {
      report(offset, "hours and minutes cannot be added to a date, only to a date-time")
      return .unresolved
    }
    return span == .workdays ? .date : type
  }

  private mutating func durations(
    _ a: ExpressionType.Span, _ b: ExpressionType.Span, _ offset: Int
  ) -> ExpressionType {
    if a == b { return .duration(a) }
    if Set([a, b]) == [.days, .seconds] { return .duration(.seconds) }
    report(
      offset, "\(a.rawValue) and \(b.rawValue) cannot be added; add one after the other to a date")
    return .unresolved
  }

  mutating func call(
    _ function: Expression.Function, _ arguments: [Node], _ offset: Int
  ) -> ExpressionType {
    let types = arguments.map { type(of: $0) }
    guard let first = types.first, first != .unresolved else {
      return Self.result(of: function) ?? .unresolved
    }
    switch function {
    case .substr:
      demand(first.isTextual, "substr", "a text", first, arguments[0])
      for argument in arguments.dropFirst() { demandCount(argument) }
      return first.isMultiValued ? .texts : .text
    case .abs:
      if case .number = first { return first }
      demand(first.isExactDuration, "abs", "a number or a duration", first, arguments[0])
      return first
    case .ceil:
      if case .number = first { return .number(decimals: 0) }
      demand(false, "ceil", "a number", first, arguments[0])
      return .number(decimals: 0)
    case .year, .date:
      demand(first.isTemporal, function.rawValue, "a date", first, arguments[0])
    case .length, .normalized:
      let isOne = first.isTextual && !first.isMultiValued
      demand(isOne, function.rawValue, "a text", first, arguments[0])
    case .workdays:
      for (type, argument) in zip(types, arguments) where type != .unresolved {
        demand(type.isTemporal, "workdays", "a date", type, argument)
      }
    case .fallback: return fallback(types, arguments)
    }
    return Self.result(of: function) ?? .unresolved
  }

  private static func result(of function: Expression.Function) -> ExpressionType? {
    switch function {
    case .ceil, .year, .length, .workdays: .number(decimals: 0)
    case .date: .date
    case .normalized: .text
    case .substr, .abs, .fallback: nil
    }
  }

  private mutating func fallback(_ types: [ExpressionType], _ nodes: [Node]) -> ExpressionType {
    switch (types[0], types[1]) {
    case (_, .unresolved): return types[0]
    case (.number(let a), .number(let b)): return .number(decimals: max(a, b))
    case (let a, let b) where a.isTextual && !a.isMultiValued && b.isTextual && !b.isMultiValued:
      demandCodes([nodes[1]], in: a)
      return .text
    case (.date, .date), (.dateTime, .dateTime): return types[0]
    case (.duration(let a), .duration(let b)) where a == b: return types[0]
    default:
      report(
        nodes[1].offset,
        "\"default\" needs two values of one kind, found \(types[0].words) and \(types[1].words)")
      return .unresolved
    }
  }

  private mutating func demand(
    _ isRight: Bool, _ name: String, _ expected: String, _ found: ExpressionType, _ node: Node
  ) {
    guard !isRight else { return }
    report(node.offset, "\"\(name)\" needs \(expected), found \(found.words)")
  }

  private mutating func demandCount(_ node: Node) {
    switch node {
    case .number(let digits, _) where ExactNumber(digits).map { $0.isCount } ?? false: break
    case .parameter(let name, _)
    where checker.parameters[name]?.allSatisfy { ExactNumber($0)?.isCount ?? false } ?? true:
      break
    default: report(node.offset, "\"substr\" needs a whole number from 1 here")
    }
  }
}

extension ExactNumber {
  /// A whole number from 1.
  package var isCount: Bool { decimals == 0 && digits >= 1 }
}

extension ExpressionType {
  /// Whether the type is a duration of a fixed number of seconds.
  package var isExactDuration: Bool { self == .duration(.days) || self == .duration(.seconds) }

  /// Decimals of the result of an operation; a quotient is rounded to at least six.
  package static func decimals(
    _ a: Int, _ sign: Expression.ArithmeticOperator, _ b: Int
  ) -> Int {
    switch sign {
    case .add, .subtract: max(a, b)
    case .multiply: a + b
    case .divide: max(a, b, 6)
    }
  }
}
