import Records

extension Expression {
  /// Longest text that ``parse(_:)`` reads, in bytes.
  package static let maximumLength = ExpressionLexer.maximumLength
  /// Deepest nesting of parentheses and of the syntax tree.
  package static let maximumDepth = 64

  /// Words with a meaning of their own; no element may be named so.
  package static let reservedWords: Set<String> = {
    let words: Set<String> = [
      "in", "has", "subset", "of", "present", "absent", "not", "and", "or", "exists", "count",
      "distinct", "where", "every", "other", "today", "night", "now", "value", "true", "false",
    ]
    return words.union(Unit.allCases.map(\.rawValue)).union(Function.allCases.map(\.rawValue))
  }()

  /// Reads one expression.
  ///
  /// Names are not looked up; see ``ExpressionChecker``.
  ///
  /// - Throws: ``ExpressionError`` at the first byte that cannot be read, or where a limit of
  ///   length or nesting is passed.
  /// - Complexity: O(length of `source`).
  package static func parse(_ source: String) throws(ExpressionError) -> Expression {
    var lexer = try ExpressionLexer(source)
    var parser = ExpressionParser(tokens: try lexer.tokens())
    return Expression(source: source, root: try parser.root())
  }
}

/// Recursive descent over the tokens, one function per level of precedence.
private struct ExpressionParser {
  typealias Node = Expression.Node

  /// A node and the height of its tree. Trees higher than the limit are never built, so that
  /// everything that walks them, and their release, may recurse.
  private struct Part {
    var node: Node
    var height: Int
  }

  private let tokens: [ExpressionToken]
  private var position = 0
  private var nesting = 0

  init(tokens: [ExpressionToken]) { self.tokens = tokens }

  mutating func root() throws(ExpressionError) -> Node {
    let part = try equivalence()
    guard current.kind == .end else { throw unexpected("an operator or the end") }
    return part.node
  }

  // MARK: Tokens

  private var current: ExpressionToken { tokens[position] }

  private mutating func advance() { if position + 1 < tokens.count { position += 1 } }

  private mutating func take(_ symbol: String) -> Bool {
    guard current.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  private mutating func takeWord(_ word: String) -> Bool {
    guard current.kind == .word(word) else { return false }
    advance()
    return true
  }

  private mutating func expect(_ symbol: String) throws(ExpressionError) {
    guard take(symbol) else { throw unexpected("\"\(symbol)\"") }
  }

  private mutating func expectWord(_ word: String) throws(ExpressionError) {
    guard takeWord(word) else { throw unexpected("\"\(word)\"") }
  }

  private func unexpected(_ expected: String) -> ExpressionError {
    ExpressionError(
      offset: current.offset, message: "found \(current.shown), expected \(expected)")
  }

  private func tooDeep(_ offset: Int) -> ExpressionError {
    ExpressionError(
      offset: offset,
      message: "nested more than \(Expression.maximumDepth) levels deep; split the expression")
  }

  /// A node over `children`.
  private func part(_ node: Node, over children: [Part]) throws(ExpressionError) -> Part {
    let height = (children.map(\.height).max() ?? 0) + 1
    guard height <= Expression.maximumDepth else { throw tooDeep(node.offset) }
    return Part(node: node, height: height)
  }

  private mutating func nested(
    _ body: (inout Self) throws(ExpressionError) -> Part
  ) throws(ExpressionError) -> Part {
    guard nesting < Expression.maximumDepth else { throw tooDeep(current.offset) }
    nesting += 1
    let result = try body(&self)
    nesting -= 1
    return result
  }

  // MARK: Logic

  private mutating func equivalence() throws(ExpressionError) -> Part {
    var left = try implication()
    while current.kind == .symbol("<=>") {
      let offset = current.offset
      advance()
      let right = try implication()
      left = try part(.equivalent(left.node, right.node, offset: offset), over: [left, right])
    }
    return left
  }

  private mutating func implication() throws(ExpressionError) -> Part {
    let left = try disjunction()
    let offset = current.offset
    guard take("=>") else { return left }
    let right = try nested { (parser) throws(ExpressionError) in try parser.implication() }
    return try part(.implies(left.node, right.node, offset: offset), over: [left, right])
  }

  private mutating func disjunction() throws(ExpressionError) -> Part {
    var parts = [try conjunction()]
    let offset = current.offset
    while take("|") || takeWord("or") { parts.append(try conjunction()) }
    guard parts.count > 1 else { return parts[0] }
    return try part(.or(parts.map(\.node), offset: offset), over: parts)
  }

  private mutating func conjunction() throws(ExpressionError) -> Part {
    var parts = [try negation()]
    let offset = current.offset
    while take("&") || takeWord("and") { parts.append(try negation()) }
    guard parts.count > 1 else { return parts[0] }
    return try part(.and(parts.map(\.node), offset: offset), over: parts)
  }

  private mutating func negation() throws(ExpressionError) -> Part {
    let offset = current.offset
    guard takeWord("not") else { return try comparison() }
    let inner = try nested { (parser) throws(ExpressionError) in try parser.negation() }
    return try part(.not(inner.node, offset: offset), over: [inner])
  }

  // MARK: Comparisons

  private mutating func comparison() throws(ExpressionError) -> Part {
    let first = try sum()
    let offset = current.offset
    switch current.kind {
    case .symbol(let symbol) where Expression.ComparisonOperator(rawValue: symbol) != nil:
      return try chain(first)
    case .word("in"):
      advance()
      let list = try list()
      return try part(
        .membership(first.node, list.map(\.node), offset: offset), over: [first] + list)
    case .word("has"):
      advance()
      let value = try sum()
      return try part(.has(first.node, value.node, offset: offset), over: [first, value])
    case .word("subset"):
      return try subset(of: first)
    case .word("present"):
      advance()
      return try part(.present(first.node, offset: offset), over: [first])
    case .word("absent"):
      advance()
      return try part(.absent(first.node, offset: offset), over: [first])
    case .word("not"), .word("between"), .word("is"), .word("like"):
      throw ExpressionError(
        offset: offset,
        message: "found \(current.shown), expected an operator; write not (x in (…)), "
          + "a <= x <= b, x absent")
    default:
      return first
    }
  }

  private mutating func chain(_ first: Part) throws(ExpressionError) -> Part {
    let offset = current.offset
    var parts = [first]
    var operators: [Expression.ComparisonOperator] = []
    while case .symbol(let symbol) = current.kind,
      let sign = Expression.ComparisonOperator(rawValue: symbol)
    {
      advance()
      operators.append(sign)
      parts.append(try sum())
    }
    return try part(
      .comparison(operands: parts.map(\.node), operators: operators, offset: offset), over: parts)
  }

  private mutating func subset(of first: Part) throws(ExpressionError) -> Part {
    let offset = current.offset
    try expectWord("subset")
    try expectWord("of")
    guard current.kind == .symbol("(") else {
      let values = try sum()
      return try part(
        .subsetOfElement(first.node, values.node, offset: offset), over: [first, values])
    }
    let list = try list()
    return try part(.subset(first.node, list.map(\.node), offset: offset), over: [first] + list)
  }

  private mutating func list() throws(ExpressionError) -> [Part] {
    try expect("(")
    var parts = [try sum()]
    while take(",") { parts.append(try sum()) }
    try expect(")")
    return parts
  }

  // MARK: Arithmetic

  private mutating func sum() throws(ExpressionError) -> Part {
    var left = try product()
    while case .symbol(let symbol) = current.kind, symbol == "+" || symbol == "-" {
      left = try arithmetic(left, symbol) { (parser) throws(ExpressionError) in
        try parser.product()
      }
    }
    return left
  }

  private mutating func product() throws(ExpressionError) -> Part {
    var left = try unary()
    while case .symbol(let symbol) = current.kind, symbol == "*" || symbol == "/" {
      left = try arithmetic(left, symbol) { (parser) throws(ExpressionError) in
        try parser.unary()
      }
    }
    return left
  }

  private mutating func arithmetic(
    _ left: Part, _ symbol: String, _ operand: (inout Self) throws(ExpressionError) -> Part
  ) throws(ExpressionError) -> Part {
    let offset = current.offset
    guard let sign = Expression.ArithmeticOperator(rawValue: symbol) else {
      throw unexpected("an operator")
    }
    advance()
    let right = try operand(&self)
    return try part(
      .arithmetic(left.node, sign, right.node, offset: offset), over: [left, right])
  }

  private mutating func unary() throws(ExpressionError) -> Part {
    let offset = current.offset
    guard take("-") else { return try measured() }
    let inner = try nested { (parser) throws(ExpressionError) in try parser.unary() }
    return try part(.negated(inner.node, offset: offset), over: [inner])
  }

  /// A value, with a unit if one follows.
  private mutating func measured() throws(ExpressionError) -> Part {
    let offset = current.offset
    let value = try primary()
    guard case .word(let word) = current.kind else { return value }
    if let unit = Expression.Unit(rawValue: word) {
      advance()
      return try part(.duration(value.node, unit, offset: offset), over: [value])
    }
    if case .number = value.node, let unit = Self.meantUnit(word) {
      throw ExpressionError(
        offset: current.offset, message: "found \"\(word)\", expected \"\(unit)\"")
    }
    return value
  }

  private static func meantUnit(_ word: String) -> String? {
    guard !Expression.reservedWords.contains(word) else { return nil }
    if word == "h" { return "hours" }
    return suggestion(for: word, among: Expression.Unit.allCases.map(\.rawValue))
  }

  // MARK: Values

  private mutating func primary() throws(ExpressionError) -> Part {
    let token = current
    switch token.kind {
    case .number(let digits):
      advance()
      return Part(node: .number(digits, offset: token.offset), height: 1)
    case .text(let text):
      advance()
      return Part(node: .text(text, offset: token.offset), height: 1)
    case .parameter(let name):
      advance()
      return Part(node: .parameter(name, offset: token.offset), height: 1)
    case .symbol("("):
      advance()
      let inner = try nested { (parser) throws(ExpressionError) in try parser.equivalence() }
      try expect(")")
      return inner
    case .word(let word):
      advance()
      return try named(word, at: token)
    case .symbol, .end:
      throw unexpected("a name or a value")
    }
  }

  private mutating func named(
    _ word: String, at token: ExpressionToken
  ) throws(ExpressionError) -> Part {
    let offset = token.offset
    switch word {
    case "true": return Part(node: .boolean(true, offset: offset), height: 1)
    case "false": return Part(node: .boolean(false, offset: offset), height: 1)
    case "today": return Part(node: .today(offset: offset), height: 1)
    case "night": return Part(node: .night(offset: offset), height: 1)
    case "now": return Part(node: .now(offset: offset), height: 1)
    case "value": return Part(node: .value(offset: offset), height: 1)
    case "other":
      try expect(".")
      let name = try name("the name of an element")
      return Part(node: .element(name, isOther: true, offset: offset), height: 1)
    case "exists", "count", "every": return try reference(word, offset)
    case "date":
      if case .text(let text) = current.kind { return try date(text, offset) }
      return try call(word, offset)
    default:
      if current.kind == .symbol("(") { return try call(word, offset) }
      guard !Expression.reservedWords.contains(word) else {
        throw ExpressionError(
          offset: offset, message: "found \(token.shown), expected a name or a value")
      }
      return Part(node: .element(word, isOther: false, offset: offset), height: 1)
    }
  }

  private mutating func name(_ expected: String) throws(ExpressionError) -> String {
    guard case .word(let word) = current.kind, !Expression.reservedWords.contains(word) else {
      throw unexpected(expected)
    }
    advance()
    return word
  }

  private mutating func date(_ text: String, _ offset: Int) throws(ExpressionError) -> Part {
    guard text.utf8.count == 10, CivilDate(text) != nil else {
      throw ExpressionError(
        offset: current.offset,
        message: "found \(current.shown), expected a day of the calendar as '2026-01-31'")
    }
    advance()
    return Part(node: .date(text, offset: offset), height: 1)
  }

  private mutating func call(_ word: String, _ offset: Int) throws(ExpressionError) -> Part {
    let names = Expression.Function.allCases.map(\.rawValue)
    guard let function = Expression.Function(rawValue: word) else {
      let hint = suggestion(for: word, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
      throw ExpressionError(offset: offset, message: "\"\(word)\" is not a function\(hint)")
    }
    let arguments = try nestedList()
    guard arguments.count == function.arity else {
      throw ExpressionError(
        offset: offset,
        message: "\"\(word)\" has \(arguments.count) arguments, expected \(function.arity)")
    }
    return try part(.call(function, arguments.map(\.node), offset: offset), over: arguments)
  }

  private mutating func nestedList() throws(ExpressionError) -> [Part] {
    guard nesting < Expression.maximumDepth else { throw tooDeep(current.offset) }
    nesting += 1
    let parts = try list()
    nesting -= 1
    return parts
  }

  private mutating func reference(_ word: String, _ offset: Int) throws(ExpressionError) -> Part {
    if word == "count", takeWord("distinct") {
      let operand = try nested { (parser) throws(ExpressionError) in try parser.primary() }
      return try part(.countDistinct(operand.node, offset: offset), over: [operand])
    }
    var element = ""
    if word == "every" {
      element = try name("the name of an element")
      try expectWord("exists")
    }
    let category = try name("the code of a category")
    try expectWord("where")
    guard current.kind == .symbol("(") else { throw unexpected("\"(\"") }
    let condition = try primary()
    let node: Node
    switch word {
    case "every": node = .every(element, category: category, condition.node, offset: offset)
    case "count": node = .count(category: category, condition.node, offset: offset)
    default: node = .exists(category: category, condition.node, offset: offset)
    }
    return try part(node, over: [condition])
  }
}
