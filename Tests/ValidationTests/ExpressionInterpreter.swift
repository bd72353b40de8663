import Records

@testable import Catalog
@testable import Validation

/// A second, naive way to evaluate conditions: one record at a time, on optionals and strings.
///
/// Shares with the kernels only the parser, the static types and the split of `where`.
struct ExpressionInterpreter {
  typealias Node = Expression.Node

  enum Value: Equatable {
    case number(Int128, decimals: Int)
    case date(Int)
    case dateTime(Int64)
    case duration(Int64, ExpressionType.Span)
    case text(String)
    case texts([String])
  }

  let catalog: Catalog
  let category: Category
  var records: [String: [TestRecord]] = [:]
  private var own: TestRecord = [:]
  private var other: TestRecord = [:]
  private var otherCategory: Category?
  private var every: (name: String, value: String)?

  init(catalog: Catalog, category: Category) {
    self.catalog = catalog
    self.category = category
  }

  func evaluate(_ expression: Expression, _ record: TestRecord) -> Truth {
    var copy = self
    copy.own = record
    return copy.truth(expression.root).map { Truth($0) } ?? .unknown
  }

  // MARK: Conditions

  private func truth(_ node: Node) -> Bool? {
    switch node {
    case .boolean(let flag, _): return flag
    case .not(let inner, _): return truth(inner).map { !$0 }
    case .and(let nodes, _): return all(nodes.map { truth($0) })
    case .or(let nodes, _): return all(nodes.map { truth($0).map { !$0 } }).map { !$0 }
    case .implies(let a, let b, _): return truth(.or([.not(a, offset: 0), b], offset: 0))
    case .equivalent(let a, let b, _):
      guard let x = truth(a), let y = truth(b) else { return nil }
      return x == y
    case .present(let node, _): return isPresent(node)
    case .absent(let node, _): return !isPresent(node)
    case .comparison(let nodes, let signs, _): return compare(nodes, signs)
    case .membership(let node, let list, _):
      return truth(
        .or(
          list.map { .comparison(operands: [node, $0], operators: [.equal], offset: 0) },
          offset: 0))
    case .has(let node, let item, _):
      guard case .texts(let values)? = value(node), case .text(let text)? = value(item) else {
        return nil
      }
      return values.contains(text)
    case .subset(let node, let list, _):
      guard case .texts(let values)? = value(node) else { return nil }
      return values.allSatisfy { list.compactMap { value($0) }.contains(.text($0)) }
    case .subsetOfElement(let node, let set, _):
      guard case .texts(let a)? = value(node), case .texts(let b)? = value(set) else { return nil }
      return a.allSatisfy { b.contains($0) }
    default: return reference(node)
    }
  }

  private func all(_ truths: [Bool?]) -> Bool? {
    if truths.contains(false) { return false }
    return truths.contains(nil) ? nil : true
  }

  private func isPresent(_ node: Node) -> Bool {
    switch node {
    case .element(let name, let isOther, _): (isOther ? other : own)[name] != nil
    default: false
    }
  }

  private func compare(_ nodes: [Node], _ signs: [Expression.ComparisonOperator]) -> Bool? {
    if let code = codeOrder(nodes, signs) { return code }
    if signs == [.equal], let shared = shared(nodes) { return shared }
    let decimals = nodes.map { staticDecimals($0) }.max() ?? 0
    let values = nodes.map { rescaled(value($0), decimals) }
    var last: Int?
    var strict = 0
    var results: [Bool] = []
    for index in nodes.indices {
      if index > 0 { strict = max(strict, Self.strictness(signs[index - 1])) }
      guard let here = values[index] else { continue }
      if let before = last.flatMap({ values[$0] }) {
        let order = Self.order(before, here)
        let rise = signs.contains(.greater) || signs.contains(.greaterOrEqual) ? -order : order
        results.append(
          signs == [.notEqual] ? order != 0 : strict == 0 ? rise == 0 : rise <= 1 - strict)
      }
      last = index
      strict = 0
    }
    let known = nodes.indices.filter { values[$0] != nil }
    if results.isEmpty || (nodes.count > 2 && known.allSatisfy { nodes[$0].isConstant }) {
      return nil
    }
    return results.allSatisfy { $0 }
  }

  private static func strictness(_ sign: Expression.ComparisonOperator) -> Int {
    switch sign {
    case .less, .greater: 2
    case .lessOrEqual, .greaterOrEqual: 1
    default: 0
    }
  }

  /// A code outside its list has no place in the order.
  private func codeOrder(_ nodes: [Node], _ signs: [Expression.ComparisonOperator]) -> Bool?? {
    guard nodes.count == 2, signs != [.equal], signs != [.notEqual] else { return nil }
    for (node, constant) in [(nodes[0], nodes[1]), (nodes[1], nodes[0])] {
      guard constant.isConstant, let list = staticType(node).codeList,
        case .text(let text)? = value(node), case .element = node
      else { continue }
      if catalog.codeList(list)?.index(of: text) == nil { return .some(nil) }
    }
    return nil
  }

  private func shared(_ nodes: [Node]) -> Bool? {
    let values = nodes.map { value($0) }
    switch (values[0], values[1]) {
    case (.texts(let a), .texts(let b)): return !Set(a).isDisjoint(with: b)
    case (.texts(let a), .text(let b)), (.text(let b), .texts(let a)): return a.contains(b)
    default: return nil
    }
  }

  private func rescaled(_ value: Value?, _ decimals: Int) -> Value? {
    guard case .number(let digits, let own)? = value else { return value }
    return fit(digits * Int128(powerOfTen(decimals - own)), decimals)
  }

  private func fit(_ digits: Int128, _ decimals: Int) -> Value? {
    Int64(exactly: digits).map { .number(Int128($0), decimals: decimals) }
  }

  private static func order(_ a: Value, _ b: Value) -> Int {
    func sign(_ left: Int64, _ right: Int64) -> Int { left < right ? -1 : left > right ? 1 : 0 }
    switch (a, b) {
    case (.number(let x, _), .number(let y, _)): return x < y ? -1 : x > y ? 1 : 0
    case (.dateTime(let x), .dateTime(let y)): return sign(x, y)
    case (.duration, .duration): return sign(seconds(a), seconds(b))
    case (.text(let x), .text(let y)):
      let (left, right) = (Array(x.utf8), Array(y.utf8))
      return left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
    default: return sign(Int64(day(a) ?? 0), Int64(day(b) ?? 0))
    }
  }

  private static func seconds(_ value: Value) -> Int64 {
    guard case .duration(let count, let span) = value else { return 0 }
    return span == .days ? count * 86_400 : count
  }

  private static func day(_ value: Value?) -> Int? {
    switch value {
    case .date(let day): day
    case .dateTime(let seconds): Int((Double(seconds) / 86_400).rounded(.down))
    default: nil
    }
  }

  // MARK: Values

  private func staticType(_ node: Node) -> ExpressionType {
    let checker = ExpressionChecker(catalog: catalog, category: category.id)
    var walk = ExpressionWalk(checker: checker)
    walk.other = otherCategory?.id
    walk.isInsideReference = otherCategory != nil
    return walk.type(of: node)
  }

  private func staticDecimals(_ node: Node) -> Int {
    if case .number(let decimals) = staticType(node) { return decimals }
    return 0
  }

  private func value(_ node: Node) -> Value? {
    switch node {
    case .number(let digits, _):
      return ExactNumber(digits).map { .number(Int128($0.digits), decimals: $0.decimals) }
    case .text(let text, _): return .text(text)
    case .date(let text, _): return CivilDate(text).map { .date($0.dayNumber) }
    case .today: return .date(ExpressionFixture.context.today)
    case .night: return .date(ExpressionFixture.context.night)
    case .now: return .dateTime(ExpressionFixture.context.now)
    case .element(let name, let isOther, _): return element(name, isOther)
    case .duration(let count, let unit, _):
      guard case .number(let number, _)? = value(count) else { return nil }
      let (product, isOverflow) = Int64(number).multipliedReportingOverflow(by: unit.factor)
      return isOverflow ? nil : .duration(product, unit.span)
    case .negated(let inner, _):
      switch value(inner) {
      case .number(let digits, let decimals): return .number(-digits, decimals: decimals)
      case .duration(let count, let span): return .duration(-count, span)
      default: return nil
      }
    case .arithmetic(let left, let sign, let right, _): return arithmetic(left, sign, right)
    case .call(let function, let arguments, _): return call(function, arguments)
    case .countDistinct(let inner, _):
      guard case .texts(let values)? = value(inner) else { return nil }
      return .number(Int128(Set(values).count), decimals: 0)
    case .count(let name, let condition, _): return count(name, condition)
    default: return nil
    }
  }

  private func element(_ name: String, _ isOther: Bool) -> Value? {
    if !isOther, let every, every.name == name { return .text(every.value) }
    let carrier = isOther ? otherCategory : category
    guard case .text(let text)? = (isOther ? other : own)[name],
      let element = carrier?.elements.first(where: { $0.element.identifier == name })?.element
    else { return nil }
    switch element.expressionType {
    case .number(let decimals):
      return .number(
        Int128(ExpressionFixture.number(text, element, catalog)), decimals: decimals)
    case .date: return CivilDate(text).map { .date($0.dayNumber) }
    case .dateTime: return .dateTime(ExpressionFixture.seconds(text))
    case .texts, .codes: return .texts(text.split(separator: ";").map(String.init))
    default: return .text(text)
    }
  }

  private func arithmetic(
    _ left: Node, _ sign: Expression.ArithmeticOperator, _ right: Node
  ) -> Value? {
    guard let a = value(left), let b = value(right) else { return nil }
    let minus: Int64 = sign == .subtract ? -1 : 1
    switch (a, b) {
    case (.number(let x, let m), .number(let y, let n)): return numeric(x, m, sign, y, n)
    case (.duration, .duration(let count, let span)):
      guard case .duration(let first, let ownSpan) = a else { return nil }
      if ownSpan == span { return .duration(first + minus * count, span) }
      return .duration(Self.seconds(a) + minus * Self.seconds(b), .seconds)
    case (_, .duration(let count, let span)): return moved(a, minus * count, span)
    case (.dateTime(let x), .dateTime(let y)): return .duration(x - y, .seconds)
    default:
      guard let x = Self.day(a), let y = Self.day(b) else { return nil }
      return .duration(Int64(x - y), .days)
    }
  }

  private func numeric(
    _ x: Int128, _ m: Int, _ sign: Expression.ArithmeticOperator, _ y: Int128, _ n: Int
  ) -> Value? {
    let decimals = ExpressionType.decimals(m, sign, n)
    func wide(_ digits: Int128, _ own: Int) -> Int128? {
      Int64(exactly: digits * Int128(powerOfTen(decimals - own))).map { Int128($0) }
    }
    switch sign {
    case .multiply: return fit(x * y, decimals)
    case .add, .subtract:
      guard let a = wide(x, m), let b = wide(y, n) else { return nil }
      return fit(sign == .add ? a + b : a - b, decimals)
    case .divide:
      guard y != 0 else { return nil }
      let numerator = x * Int128(powerOfTen(decimals - m)) * Int128(powerOfTen(n))
      let doubled = (numerator.magnitude * 2 + y.magnitude) / (y.magnitude * 2)
      return fit((numerator < 0) == (y < 0) ? Int128(doubled) : -Int128(doubled), decimals)
    }
  }

  private func moved(_ start: Value, _ count: Int64, _ span: ExpressionType.Span) -> Value? {
    guard let day = Self.day(start) else { return nil }
    switch (start, span) {
    case (_, .workdays):
      return ExpressionFixture.calendar.adding(Int(count), to: day).map { .date($0) }
    case (.dateTime(let seconds), .seconds): return .dateTime(seconds + count)
    case (.dateTime(let seconds), .days): return .dateTime(seconds + count * 86_400)
    case (_, .days): return .date(day + Int(count))
    case (_, .months):
      guard let moved = monthsLater(day, Int(count)) else { return nil }
      guard case .dateTime(let seconds) = start else { return .date(moved) }
      return .dateTime(seconds + Int64(moved - day) * 86_400)
    default: return nil
    }
  }

  /// Goes month by month, and back from the end of a month that is too short.
  private func monthsLater(_ day: Int, _ count: Int) -> Int? {
    let date = CivilDate(dayNumber: day)
    var (year, month) = (date.year, date.month)
    for _ in 0..<abs(count) {
      month += count > 0 ? 1 : -1
      if month == 13 { (year, month) = (year + 1, 1) }
      if month == 0 { (year, month) = (year - 1, 12) }
    }
    return (28...31).reversed().lazy.filter { $0 <= max(date.day, 28) }
      .compactMap { CivilDate(year: year, month: month, day: min($0, date.day))?.dayNumber }
      .first
  }

  private func call(_ function: Expression.Function, _ arguments: [Node]) -> Value? {
    if function == .fallback {
      let decimals = arguments.map { staticDecimals($0) }.max() ?? 0
      return rescaled(value(arguments[0]), decimals) ?? rescaled(value(arguments[1]), decimals)
    }
    let values = arguments.map { value($0) }
    switch (function, values[0]) {
    case (.substr, .text(let text)?): return .text(part(text, values))
    case (.substr, .texts(let texts)?):
      return .texts(texts.map { part($0, values) }.filter { !$0.isEmpty })
    case (.length, .text(let text)?):
      return .number(Int128(text.unicodeScalars.count), decimals: 0)
    case (.normalized, .text(let text)?): return .text(normalized(text))
    case (.abs, .number(let digits, let decimals)?):
      return .number(Int128(digits.magnitude), decimals: decimals)
    case (.abs, .duration(let count, let span)?): return .duration(abs(count), span)
    case (.ceil, .number(let digits, let decimals)?):
      var whole = digits / Int128(powerOfTen(decimals))
      while whole * Int128(powerOfTen(decimals)) < digits { whole += 1 }
      return .number(whole, decimals: 0)
    case (.year, let date?):
      return Self.day(date).map { .number(Int128(CivilDate(dayNumber: $0).year), decimals: 0) }
    case (.date, let date?): return Self.day(date).map { .date($0) }
    case (.workdays, let from?):
      guard let from = Self.day(from), let to = Self.day(values[1]) else { return nil }
      return ExpressionFixture.calendar.workingDays(from: from, to: to)
        .map { .number(Int128($0), decimals: 0) }
    default: return nil
    }
  }

  private func part(_ text: String, _ values: [Value?]) -> String {
    guard case .number(let from, _)? = values[1], case .number(let length, _)? = values[2] else {
      return ""
    }
    let scalars = text.unicodeScalars.dropFirst(Int(from) - 1).prefix(Int(length))
    return String(String.UnicodeScalarView(scalars))
  }

  private func normalized(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      var folded = scalar
      if (0xFF01...0xFF5E).contains(scalar.value) {
        folded = Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
      }
      if folded.properties.isWhitespace || "·•‧∙⋅・･".unicodeScalars.contains(folded) { continue }
      if "[{【〔〖".unicodeScalars.contains(folded) { folded = "(" }
      if "]}】〕〗".unicodeScalars.contains(folded) { folded = ")" }
      if folded.isASCII { folded = Character(folded).lowercased().unicodeScalars.first ?? folded }
      result.append(folded)
    }
    return String(result)
  }

  // MARK: Other records

  private func count(_ name: String, _ condition: Node) -> Value? {
    outcomes(name, condition).map { .number(Int128($0.count { $0 == true }), decimals: 0) }
  }

  private func reference(_ node: Node) -> Bool? {
    switch node {
    case .exists(let name, let condition, _):
      return outcomes(name, condition).flatMap { some($0) }
    case .every(let element, let name, let condition, _):
      guard case .texts(let values)? = value(.element(element, isOther: false, offset: 0)) else {
        return nil
      }
      var copy = self
      return all(
        values.map { value in
          copy.every = (element, value)
          return copy.outcomes(name, condition).flatMap { some($0) }
        })
    default: return nil
    }
  }

  private func some(_ truths: [Bool?]) -> Bool? {
    truths.contains(true) ? true : truths.contains(nil) ? Bool?.none : false
  }

  /// The clause for every record whose keys fit; nil if an own key is null.
  private func outcomes(_ name: String, _ condition: Node) -> [Bool?]? {
    guard let target = catalog.category(name) else { return nil }
    let clause = ReferenceClause(condition) { name in
      target.elements.first { $0.element.identifier == name }?.element
    }
    guard clause.keys.allSatisfy({ value($0.own) != nil }) else { return nil }
    var result: [Bool?] = []
    for record in records[name] ?? [] {
      var copy = self
      copy.other = record
      copy.otherCategory = target
      let fits = clause.keys.allSatisfy { key in
        let sides = [Node.element(key.otherElement, isOther: true, offset: 0), key.own]
        return copy.compare(sides, [.equal]) == true
      }
      if fits { result.append(copy.all(clause.residual.map { copy.truth($0) })) }
    }
    return result
  }
}
