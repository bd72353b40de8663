import Records

/// One walk over an expression that finds types and collects problems.
struct ExpressionWalk {
  typealias Node = Expression.Node

  let checker: ExpressionChecker
  var problems: [ExpressionProblem] = []
  /// Category of the other record, inside `where`.
  var other: String?
  var isInsideReference = false
  /// Element that stands for one of its values, inside `every`.
  var everyElement: String?

  init(checker: ExpressionChecker) { self.checker = checker }

  mutating func report(_ offset: Int, _ message: String, _ suggestion: String? = nil) {
    problems.append(ExpressionProblem(offset: offset, message: message, suggestion: suggestion))
  }

  // MARK: Types

  mutating func type(of node: Node) -> ExpressionType {
    switch node {
    case .number(let digits, let offset): return number(digits, offset)
    case .text: return .text
    case .boolean: return .boolean
    case .date, .today, .night: return .date
    case .now: return .dateTime
    case .duration(let count, let unit, let offset): return duration(count, unit, offset)
    case .element(let name, let isOther, let offset): return element(name, isOther, offset)
    case .parameter(let name, let offset): return parameter(name, offset)
    case .value(let offset): return value(offset)
    case .negated(let node, let offset): return negated(node, offset)
    case .arithmetic(let left, let sign, let right, let offset):
      return arithmetic(left, sign, right, offset)
    case .call(let function, let arguments, let offset):
      return call(function, arguments, offset)
    case .countDistinct(let node, let offset):
      let type = type(of: node)
      if type != .unresolved, !type.isMultiValued {
        report(offset, "\"count distinct\" needs a many-valued element, found \(type.words)")
      }
      return .number(decimals: 0)
    case .count(let category, let condition, let offset):
      reference(category, condition, offset, isCount: true)
      return .number(decimals: 0)
    default: return condition(node)
    }
  }

  private mutating func condition(_ node: Node) -> ExpressionType {
    switch node {
    case .comparison(let operands, let operators, let offset):
      compare(operands, operators, offset)
    case .membership(let node, let list, let offset): membership(node, list, offset)
    case .has(let node, let value, let offset): has(node, value, offset)
    case .subset(let node, let list, let offset): subset(node, list, offset)
    case .subsetOfElement(let node, let values, let offset): subset(node, of: values, offset)
    case .present(let node, let offset), .absent(let node, let offset):
      presence(node, offset)
    case .not(let node, _): demandCondition(node)
    case .and(let nodes, _), .or(let nodes, _): for node in nodes { demandCondition(node) }
    case .implies(let left, let right, _), .equivalent(let left, let right, _):
      demandCondition(left)
      demandCondition(right)
    case .exists(let category, let condition, let offset):
      reference(category, condition, offset, isCount: false)
    case .every(let element, let category, let condition, let offset):
      every(element, category, condition, offset)
    default: break
    }
    return .boolean
  }

  private mutating func demandCondition(_ node: Node) {
    let type = type(of: node)
    guard type != .boolean, type != .unresolved else { return }
    report(node.offset, "found \(type.words), expected a condition")
  }

  // MARK: Names and constants

  private mutating func number(_ digits: String, _ offset: Int) -> ExpressionType {
    guard let number = ExactNumber(digits) else {
      report(offset, "the number has more than 18 digits")
      return .unresolved
    }
    return .number(decimals: number.decimals)
  }

  private mutating func element(
    _ name: String, _ isOther: Bool, _ offset: Int
  ) -> ExpressionType {
    if isOther, !isInsideReference {
      report(offset, "\"other.\" stands only inside where (…)")
      return .unresolved
    }
    if isOther, other == nil { return .unresolved }
    let category = isOther ? other : checker.category
    if let element = checker.element(name, in: category) {
      if !isOther, name == everyElement { return single(element.expressionType) }
      return element.expressionType
    }
    if let category, checker.catalog.category(category) == nil { return .unresolved }
    reportMissing(name, isOther, category, offset)
    return .unresolved
  }

  private mutating func reportMissing(
    _ name: String, _ isOther: Bool, _ category: String?, _ offset: Int
  ) {
    let prefix = isOther ? "other." : ""
    let all = checker.catalog.elements.map(\.identifier)
    let carried = category.flatMap { checker.catalog.category($0) }?.elements
      .map(\.element.identifier)
    let meant =
      suggestion(for: name, among: carried ?? all) ?? suggestion(for: name, among: all)
    if let category, all.contains(name) {
      if !isOther, isInsideReference, checker.element(name, in: other) != nil {
        report(offset, "category \(category) does not carry \"\(name)\"", "other." + name)
      } else {
        let near = carried.flatMap { suggestion(for: name, among: $0) }
        report(
          offset, "category \(category) does not carry \"\(name)\"", near.map { prefix + $0 })
      }
    } else {
      report(offset, "\"\(name)\" is not an element of the catalog", meant.map { prefix + $0 })
    }
  }

  private mutating func parameter(_ name: String, _ offset: Int) -> ExpressionType {
    guard let values = checker.parameters[name] else {
      report(
        offset, "the rule has no parameter \"\(name)\"",
        suggestion(for: name, among: checker.parameters.keys).map { "$" + $0 })
      return .unresolved
    }
    let numbers = values.compactMap { ExactNumber($0) }
    if numbers.count == values.count {
      return .number(decimals: numbers.map(\.decimals).max() ?? 0)
    }
    return values.allSatisfy { $0.utf8.count == 10 && CivilDate($0) != nil } ? .date : .text
  }

  private mutating func value(_ offset: Int) -> ExpressionType {
    if let element = checker.valueElement { return element.expressionType }
    report(offset, "\"value\" stands only in the domain of an element")
    return .unresolved
  }

  private func single(_ type: ExpressionType) -> ExpressionType {
    switch type {
    case .texts: .text
    case .codes(let list): .code(list: list)
    default: type
    }
  }

  private mutating func presence(_ node: Node, _ offset: Int) {
    _ = type(of: node)
    switch node {
    case .element, .value: break
    default: report(offset, "only an element can be present or absent")
    }
  }

  // MARK: References

  private mutating func reference(
    _ category: String, _ condition: Node, _ offset: Int, isCount: Bool
  ) {
    if isInsideReference {
      report(offset, "a reference cannot stand inside another one")
      return
    }
    let isKnown = checker.catalog.category(category) != nil
    if !isKnown {
      report(
        offset, "\"\(category)\" is not a category",
        suggestion(for: category, among: checker.catalog.categories.map(\.id)))
    }
    other = isKnown ? category : nil
    isInsideReference = true
    let before = problems.count
    demandCondition(condition)
    if isKnown, problems.count == before { joinKeys(category, condition, offset, isCount) }
    isInsideReference = false
    other = nil
  }

  private mutating func joinKeys(
    _ category: String, _ condition: Node, _ offset: Int, _ isCount: Bool
  ) {
    let clause = ReferenceClause(condition) { checker.element($0, in: category) }
    if clause.keys.isEmpty {
      report(
        offset,
        "no part of the clause says other.x = y with a text or code of the own record; "
          + "every record of \(category) would have to be looked at")
    }
    let several = clause.keys.filter { type(of: $0.own).isMultiValued }
    let otherSeveral = clause.keys.filter(\.isMultiValued)
    if let key = several.first, isCount || several.count > 1 {
      report(
        key.own.offset,
        isCount
          ? "\"count\" cannot find records by a many-valued element"
          : "records can be found by one many-valued element only, found \(several.count)")
    }
    if otherSeveral.count > 1 {
      report(
        offset,
        "records can be found by one many-valued element of theirs only, found "
          + "\(otherSeveral.map(\.otherElement).joined(separator: ", "))")
    }
  }

  private mutating func every(
    _ name: String, _ category: String, _ condition: Node, _ offset: Int
  ) {
    let type = element(name, false, offset)
    if type != .unresolved, !type.isMultiValued {
      report(offset, "\"every\" needs a many-valued element, found \(type.words)")
    }
    everyElement = name
    reference(category, condition, offset, isCount: false)
    everyElement = nil
  }
}
