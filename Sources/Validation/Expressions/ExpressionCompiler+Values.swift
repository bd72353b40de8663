import Catalog
import Records

/// Values: constants, elements, arithmetic and functions.
extension ExpressionCompiler {
  mutating func value(_ node: Node) throws(ExpressionError) -> Value {
    var value = try unmarkedValue(node)
    value.isConstant = node.isConstant
    return value
  }

  private mutating func unmarkedValue(_ node: Node) throws(ExpressionError) -> Value {
    switch node {
    case .number(let digits, _): return try numberConstant(digits, node)
    case .text(let text, _):
      return Value(type: .text, storage: .text(.constant(Array(text.utf8))), constant: text)
    case .date(let text, _): return try dateConstant(text, node)
    case .today: return Value(type: .date, storage: .number(.clock(.today)))
    case .night: return Value(type: .date, storage: .number(.clock(.night)))
    case .now: return Value(type: .dateTime, storage: .number(.clock(.now)))
    case .parameter(let name, _): return try parameter(name, node)
    case .element(let name, let isOther, _): return try element(name, isOther: isOther, node)
    case .value:
      guard let name = scope.valueElement?.identifier else {
        throw failure(node, "\"value\" stands only in the domain of an element")
      }
      return try element(name, isOther: false, node)
    case .duration(let count, let unit, _): return try duration(count, unit, node)
    case .negated(let inner, _): return try negated(inner, node)
    case .arithmetic(let left, let sign, let right, _):
      return try arithmetic(left, sign, right, node)
    case .call(let function, let arguments, _): return try call(function, arguments, node)
    case .countDistinct(let inner, _):
      let texts = try text(try value(inner), inner)
      let count = emitNumber { .countDistinct(texts, into: $0) }
      return Value(type: .number(decimals: 0), storage: .number(count))
    case .count(let category, let condition, _):
      let index = try reference(.count, category, condition, node)
      let count = emitNumber { .count(reference: index, into: $0) }
      return Value(type: .number(decimals: 0), storage: .number(count))
    default:
      return Value(type: .boolean, storage: .truth(try truth(node)))
    }
  }

  private func numberConstant(_ digits: String, _ node: Node) throws(ExpressionError) -> Value {
    guard let number = ExactNumber(digits) else {
      throw failure(node, "the number has more than 18 digits")
    }
    return Value(
      type: .number(decimals: number.decimals), storage: .number(.constant(number.digits)))
  }

  private func dateConstant(_ text: String, _ node: Node) throws(ExpressionError) -> Value {
    guard let date = CivilDate(text) else { throw failure(node, "no day of the calendar") }
    return Value(type: .date, storage: .number(.constant(Int64(date.dayNumber))))
  }

  private func parameter(_ name: String, _ node: Node) throws(ExpressionError) -> Value {
    guard let text = scope.parameters[name] else {
      throw failure(node, "the rule has no parameter \"\(name)\"")
    }
    var value: Value
    if let number = ExactNumber(text) {
      value = Value(
        type: .number(decimals: number.decimals), storage: .number(.constant(number.digits)))
    } else if text.utf8.count == 10, CivilDate(text) != nil {
      value = try dateConstant(text, node)
    } else {
      value = Value(type: .text, storage: .text(.constant(Array(text.utf8))))
    }
    value.constant = text
    return value
  }

  private mutating func duration(
    _ count: Node, _ unit: Expression.Unit, _ node: Node
  ) throws(ExpressionError) -> Value {
    let value = try value(count)
    guard case .number(0) = value.type else {
      throw failure(count, "a duration needs a whole number of \(unit.rawValue)")
    }
    let operand = try scaled(try number(value, count), by: unit.factor, count)
    return Value(type: .duration(unit.span), storage: .number(operand))
  }

  private mutating func negated(_ inner: Node, _ node: Node) throws(ExpressionError) -> Value {
    let value = try value(inner)
    switch value.type {
    case .number, .duration: break
    default: throw failure(node, "\"-\" needs a number or a duration")
    }
    let operand = try scaled(try number(value, inner), by: -1, inner)
    return Value(type: value.type, storage: .number(operand))
  }

  // MARK: Arithmetic

  private mutating func arithmetic(
    _ left: Node, _ sign: Expression.ArithmeticOperator, _ right: Node, _ node: Node
  ) throws(ExpressionError) -> Value {
    let (a, b) = (try value(left), try value(right))
    switch (a.type, b.type) {
    case (.number(let x), .number(let y)):
      let operands = (try number(a, left), try number(b, right))
      return try numeric(operands, (x, y), sign, node)
    case (.date, .duration(let span)), (.dateTime, .duration(let span)):
      return try moved(a, left, sign, b, right, span, node)
    case (.date, .date), (.date, .dateTime), (.dateTime, .date):
      let operands = (try day(a, left), try day(b, right))
      return plain(operands, sign, .duration(.days))
    case (.dateTime, .dateTime):
      return plain((try number(a, left), try number(b, right)), sign, .duration(.seconds))
    case (.duration(let x), .duration(let y)):
      let span: ExpressionType.Span = x == y ? x : .seconds
      let operands = (try exact(a, left, span), try exact(b, right, span))
      return plain(operands, sign, .duration(span))
    default:
      throw failure(
        node, "\"\(sign.rawValue)\" has no meaning for \(a.type.words) and \(b.type.words)")
    }
  }

  private mutating func plain(
    _ operands: (NumberOperand, NumberOperand), _ sign: Expression.ArithmeticOperator,
    _ type: ExpressionType
  ) -> Value {
    let (left, right) = (column(operands.0), column(operands.1))
    let result = emitNumber {
      .arithmetic(left, sign == .subtract ? .subtract : .add, right, into: $0)
    }
    return Value(type: type, storage: .number(result))
  }

  private mutating func numeric(
    _ operands: (NumberOperand, NumberOperand), _ decimals: (Int, Int),
    _ sign: Expression.ArithmeticOperator, _ node: Node
  ) throws(ExpressionError) -> Value {
    let result = ExpressionType.decimals(decimals.0, sign, decimals.1)
    guard result <= 12 else { throw failure(node, "the result has \(result) decimals") }
    let type = ExpressionType.number(decimals: result)
    switch sign {
    case .add, .subtract:
      let left = try scaled(operands.0, by: powerOfTen(result - decimals.0), node)
      let right = try scaled(operands.1, by: powerOfTen(result - decimals.1), node)
      return plain((left, right), sign, type)
    case .multiply:
      let (left, right) = (column(operands.0), column(operands.1))
      let product = emitNumber { .arithmetic(left, .multiply, right, into: $0) }
      return Value(type: type, storage: .number(product))
    case .divide:
      let (left, right) = (column(operands.0), column(operands.1))
      let factor = Int128(powerOfTen(result - decimals.0)) * Int128(powerOfTen(decimals.1))
      let quotient = emitNumber { .divide(left, right, factor: factor, into: $0) }
      return Value(type: type, storage: .number(quotient))
    }
  }

  /// A duration in days or seconds.
  func exactFactor(_ type: ExpressionType, _ span: ExpressionType.Span) -> Int64? {
    switch (type, span) {
    case (.duration(let own), _) where own == span: 1
    case (.duration(.days), .seconds): 86_400
    default: nil
    }
  }

  mutating func exact(
    _ value: Value, _ node: Node, _ span: ExpressionType.Span
  ) throws(ExpressionError) -> NumberOperand {
    guard let factor = exactFactor(value.type, span) else {
      throw failure(node, "found \(value.type.words) of another kind")
    }
    return try scaled(try number(value, node), by: factor, node)
  }

  private mutating func moved(
    _ date: Value, _ dateNode: Node, _ sign: Expression.ArithmeticOperator, _ duration: Value,
    _ durationNode: Node, _ span: ExpressionType.Span, _ node: Node
  ) throws(ExpressionError) -> Value {
    guard sign == .add || sign == .subtract, span != .seconds || date.type == .dateTime else {
      throw failure(node, "\"\(sign.rawValue)\" has no meaning for a date and this duration")
    }
    switch span {
    case .days, .seconds:
      let unit: ExpressionType.Span = date.type == .dateTime ? .seconds : .days
      let operand = try exact(duration, durationNode, unit)
      return plain((try number(date, dateNode), operand), sign, date.type)
    case .months, .workdays:
      let signed = try scaled(
        try number(duration, durationNode), by: sign == .subtract ? -1 : 1, durationNode)
      let count = column(signed)
      if span == .workdays {
        let day = column(try day(date, dateNode))
        let result = emitNumber { .addWorkdays(day, count, into: $0) }
        return Value(type: .date, storage: .number(result))
      }
      let start = column(try number(date, dateNode))
      let isDateTime = date.type == .dateTime
      let result = emitNumber { .addMonths(start, count, isDateTime: isDateTime, into: $0) }
      return Value(type: date.type, storage: .number(result))
    }
  }

  // MARK: Functions

  private mutating func call(
    _ function: Expression.Function, _ arguments: [Node], _ node: Node
  ) throws(ExpressionError) -> Value {
    let first = try value(arguments[0])
    switch function {
    case .substr: return try substring(first, arguments)
    case .fallback: return try fallback(first, try value(arguments[1]), arguments)
    case .normalized:
      let operand = try text(first, arguments[0])
      return Value(type: .text, storage: .text(emitText { .normalized(operand, into: $0) }))
    case .length:
      let operand = try text(first, arguments[0])
      return whole(emitNumber { .length(operand, into: $0) })
    case .date:
      return Value(type: .date, storage: .number(try day(first, arguments[0])))
    case .year:
      let day = column(try day(first, arguments[0]))
      return whole(emitNumber { .year(day, into: $0) })
    case .workdays:
      let from = column(try day(first, arguments[0]))
      let to = column(try day(try value(arguments[1]), arguments[1]))
      return whole(emitNumber { .workdays(from, to, into: $0) })
    case .abs:
      let operand = column(try number(first, arguments[0]))
      return Value(
        type: first.type, storage: .number(emitNumber { .absolute(operand, into: $0) }))
    case .ceil:
      guard case .number(let decimals) = first.type else {
        throw failure(arguments[0], "\"ceil\" needs a number")
      }
      let operand = column(try number(first, arguments[0]))
      return whole(emitNumber { .ceiling(operand, unit: powerOfTen(decimals), into: $0) })
    }
  }

  private func whole(_ operand: NumberOperand) -> Value {
    Value(type: .number(decimals: 0), storage: .number(operand))
  }

  private mutating func substring(
    _ first: Value, _ arguments: [Node]
  ) throws(ExpressionError) -> Value {
    var bounds: [Int] = []
    for node in arguments.dropFirst() {
      guard case .number(.constant(let number)) = try value(node).storage, number >= 1 else {
        throw failure(node, "\"substr\" needs a whole number from 1 here")
      }
      bounds.append(Int(number))
    }
    let isMultiValued = first.type.isMultiValued
    let texts = ExpressionProgram.Texts(
      operand: try text(first, arguments[0]), isMultiValued: isMultiValued)
    let result = emitText {
      .substring(texts, from: bounds[0], length: bounds[1], into: $0)
    }
    return Value(type: isMultiValued ? .texts : .text, storage: .text(result))
  }

  private mutating func fallback(
    _ first: Value, _ second: Value, _ nodes: [Node]
  ) throws(ExpressionError) -> Value {
    if first.type.isTextual {
      let (left, right) = (try text(first, nodes[0]), try text(second, nodes[1]))
      let result = emitText { .textFallback(left, right, into: $0) }
      return Value(type: .text, storage: .text(result))
    }
    var (left, right) = (try number(first, nodes[0]), try number(second, nodes[1]))
    var type = first.type
    if case (.number(let a), .number(let b)) = (first.type, second.type) {
      left = try scaled(left, by: powerOfTen(max(a, b) - a), nodes[0])
      right = try scaled(right, by: powerOfTen(max(a, b) - b), nodes[1])
      type = .number(decimals: max(a, b))
    } else if first.type != second.type {
      throw failure(nodes[1], "\"default\" needs two values of one kind")
    }
    let (a, b) = (column(left), column(right))
    return Value(type: type, storage: .number(emitNumber { .fallback(a, b, into: $0) }))
  }
}
