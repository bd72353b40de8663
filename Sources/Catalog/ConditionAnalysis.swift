import Records

/// Finds conditions that can never be true or never be false.
///
/// For every condition two sets of cases are made, those in which it is true and those in which it
/// is false; a case says what must hold of each element. A set is never too small, only too large
/// (conditions that are not understood, too many cases), so that nothing is reported wrongly.
struct ConditionAnalysis {
  typealias Node = Expression.Node

  /// What one case says about one element or condition.
  private enum Demand: Hashable {
    case truth(Bool)
    /// The text is one (or none) of these.
    case texts(Set<String>, isExcluding: Bool)
    /// The number × 10^18, or the day number, lies in this range.
    case range(ClosedRange<Int128>)
  }

  private typealias Case = [String: Demand]

  private struct Outcome {
    var whenTrue: [Case]
    var whenFalse: [Case]
  }

  private static let maximumCases = 64
  private static let anything: ClosedRange<Int128> = Int128.min...Int128.max

  let checker: ExpressionChecker
  /// Offsets of problems that were found already; what holds one is not analysed.
  let faulty: Set<Int>
  private(set) var problems: [ExpressionProblem] = []
  private var other: String?

  init(checker: ExpressionChecker, faulty: Set<Int>) {
    self.checker = checker
    self.faulty = faulty
  }

  /// Looks at every condition of `node`; of conditions inside each other, the innermost is reported.
  mutating func examine(_ node: Node) { _ = outcome(node) }

  /// False only if no record can make the condition true.
  mutating func mayBeTrue(_ node: Node) -> Bool { !outcome(node).whenTrue.isEmpty }

  private mutating func outcome(_ node: Node) -> Outcome {
    let before = problems.count
    let result = combined(node)
    guard problems.count == before, !isFaulty(node) else { return result }
    if case .boolean = node { return result }
    if result.whenTrue.isEmpty {
      problems.append(
        ExpressionProblem(offset: node.offset, message: "the condition can never be true"))
    } else if result.whenFalse.isEmpty {
      problems.append(
        ExpressionProblem(offset: node.offset, message: "the condition can never be false"))
    }
    return result
  }

  private func isFaulty(_ node: Node) -> Bool {
    faulty.contains(node.offset) || node.children.contains { isFaulty($0) }
  }

  private mutating func combined(_ node: Node) -> Outcome {
    switch node {
    case .boolean(let flag, _):
      return Outcome(whenTrue: flag ? [[:]] : [], whenFalse: flag ? [] : [[:]])
    case .not(let node, _):
      let inner = outcome(node)
      return Outcome(whenTrue: inner.whenFalse, whenFalse: inner.whenTrue)
    case .and(let nodes, _):
      let parts = nodes.map { outcome($0) }
      return Outcome(
        whenTrue: parts.map(\.whenTrue).reduce([[:]]) { both($0, $1) },
        whenFalse: either(parts.map(\.whenFalse)))
    case .or(let nodes, _):
      let parts = nodes.map { outcome($0) }
      return Outcome(
        whenTrue: either(parts.map(\.whenTrue)),
        whenFalse: parts.map(\.whenFalse).reduce([[:]]) { both($0, $1) })
    case .implies(let left, let right, _):
      let (a, b) = (outcome(left), outcome(right))
      return Outcome(
        whenTrue: either([a.whenFalse, b.whenTrue]), whenFalse: both(a.whenTrue, b.whenFalse))
    case .equivalent(let left, let right, _):
      let (a, b) = (outcome(left), outcome(right))
      return Outcome(
        whenTrue: either([both(a.whenTrue, b.whenTrue), both(a.whenFalse, b.whenFalse)]),
        whenFalse: either([both(a.whenTrue, b.whenFalse), both(a.whenFalse, b.whenTrue)]))
    case .exists(let category, let condition, _), .count(let category, let condition, _),
      .every(_, let category, let condition, _):
      examineReference(category, condition)
      return opaque(node)
    default:
      for child in node.children where child.holdsReference { _ = combined(child) }
      return isFaulty(node) ? opaque(node) : atom(node) ?? opaque(node)
    }
  }

  private mutating func examineReference(_ category: String, _ condition: Node) {
    other = category
    _ = outcome(condition)
    other = nil
  }

  private func opaque(_ node: Node) -> Outcome {
    let key = "=" + node.canonicalText
    return Outcome(whenTrue: [[key: .truth(true)]], whenFalse: [[key: .truth(false)]])
  }

  // MARK: Cases

  private func either(_ sets: [[Case]]) -> [Case] {
    let all = sets.flatMap { $0 }
    return all.count > Self.maximumCases ? [[:]] : all
  }

  private func both(_ left: [Case], _ right: [Case]) -> [Case] {
    var result: [Case] = []
    for a in left {
      for b in right {
        guard let merged = merge(a, b) else { continue }
        result.append(merged)
        if result.count > Self.maximumCases { return [[:]] }
      }
    }
    return result
  }

  /// - Returns: nil if the two contradict each other.
  private func merge(_ left: Case, _ right: Case) -> Case? {
    var result = left
    for (key, demand) in right {
      guard let mine = result[key] else {
        result[key] = demand
        continue
      }
      guard let narrowed = narrow(mine, demand) else { return nil }
      result[key] = narrowed
    }
    return result
  }

  private func narrow(_ left: Demand, _ right: Demand) -> Demand? {
    switch (left, right) {
    case (.truth(let a), .truth(let b)): return a == b ? left : nil
    case (.range(let a), .range(let b)): return a.overlaps(b) ? .range(a.clamped(to: b)) : nil
    case (.texts(let a, let notA), .texts(let b, let notB)):
      if notA, notB { return .texts(a.union(b), isExcluding: true) }
      let rest = notA ? b.subtracting(a) : notB ? a.subtracting(b) : a.intersection(b)
      return rest.isEmpty ? nil : .texts(rest, isExcluding: false)
    default: return left
    }
  }

  // MARK: Single conditions

  private func element(_ node: Node) -> DataElement? {
    switch node {
    case .element(let name, let isOther, _):
      checker.element(name, in: isOther ? other : checker.category)
    case .value: checker.valueElement
    default: nil
    }
  }

  private func presence(_ node: Node, _ isPresent: Bool) -> Case {
    ["?" + node.canonicalText: .truth(isPresent)]
  }

  private func outcome(_ node: Node, _ whenTrue: [Demand], _ whenFalse: [Demand]) -> Outcome {
    let present = presence(node, true)
    func cases(_ demands: [Demand]) -> [Case] {
      demands.map { demand in
        var result = present
        result[node.canonicalText] = demand
        return result
      }
    }
    return Outcome(whenTrue: cases(whenTrue), whenFalse: cases(whenFalse))
  }

  private func atom(_ node: Node) -> Outcome? {
    switch node {
    case .present(let element, _):
      Outcome(whenTrue: [presence(element, true)], whenFalse: [presence(element, false)])
    case .absent(let element, _):
      Outcome(whenTrue: [presence(element, false)], whenFalse: [presence(element, true)])
    case .comparison(let operands, let operators, _): chain(operands, operators)
    case .membership(let node, let list, _): membership(node, list)
    case .has(let node, .text(let code, _), _):
      Outcome(whenTrue: [bit(node, code, true)], whenFalse: [bit(node, code, false)])
    case .subset(let node, let list, _): subset(node, list)
    default: nil
    }
  }

  private func bit(_ node: Node, _ code: String, _ isSet: Bool) -> Case {
    var result = presence(node, true)
    result["\(node.canonicalText) has \(code)"] = .truth(isSet)
    return result
  }

  private func subset(_ node: Node, _ list: [Node]) -> Outcome? {
    guard let codes = element(node)?.codeList.flatMap({ checker.catalog.codeList($0) }),
      !codes.isExtensible
    else { return nil }
    let texts = Set(list.compactMap(Self.text))
    guard texts.count == list.count else { return nil }
    var whenTrue = presence(node, true)
    for value in codes.values where !texts.contains(value.code) {
      whenTrue["\(node.canonicalText) has \(value.code)"] = .truth(false)
    }
    let outside = codes.values.map(\.code).filter { !texts.contains($0) }
    return Outcome(whenTrue: [whenTrue], whenFalse: outside.map { bit(node, $0, true) })
  }

  private static func text(_ node: Node) -> String? {
    if case .text(let text, _) = node { return text }
    return nil
  }

  private func membership(_ node: Node, _ list: [Node]) -> Outcome? {
    guard let element = element(node) else { return nil }
    if element.expressionType.isTextual {
      let texts = Set(list.compactMap(Self.text))
      guard texts.count == list.count else { return nil }
      return choice(node, element) { texts.contains($0) }
        ?? outcome(
          node, [.texts(texts, isExcluding: false)], [.texts(texts, isExcluding: true)])
    }
    let parts = list.compactMap { compare(node, element, .equal, $0) }
    guard parts.count == list.count else { return nil }
    return Outcome(
      whenTrue: either(parts.map(\.whenTrue)),
      whenFalse: parts.map(\.whenFalse).reduce([[:]]) { both($0, $1) })
  }

  /// Chains with one element only are understood; what the element is compared with are constants.
  private func chain(
    _ operands: [Node], _ operators: [Expression.ComparisonOperator]
  ) -> Outcome? {
    let named = operands.filter { !$0.isConstant }
    guard named.count == 1, let element = element(named[0]),
      !operators.contains(.notEqual) || operators.count == 1
    else { return nil }
    var parts: [Outcome] = []
    for index in operators.indices {
      let (left, right) = (operands[index], operands[index + 1])
      guard left.isConstant != right.isConstant else { return nil }
      let part =
        left.isConstant
        ? compare(right, element, operators[index].mirrored, left)
        : compare(left, element, operators[index], right)
      guard let part else { return nil }
      parts.append(part)
    }
    return Outcome(
      whenTrue: parts.map(\.whenTrue).reduce([[:]]) { both($0, $1) },
      whenFalse: either(parts.map(\.whenFalse)))
  }

  private func compare(
    _ node: Node, _ element: DataElement, _ sign: Expression.ComparisonOperator, _ constant: Node
  ) -> Outcome? {
    if element.expressionType.isTextual {
      guard let text = Self.text(constant), !element.isMultiValued else { return nil }
      return choice(node, element, sign, text)
    }
    guard let bound = Self.bound(constant), let domain = Self.domain(of: element) else {
      return nil
    }
    let isTrue = Self.ranges(sign, bound, domain)
    let isFalse = Self.ranges(sign.negated, bound, domain)
    return outcome(node, isTrue.map { .range($0) }, isFalse.map { .range($0) })
  }

  private func choice(
    _ node: Node, _ element: DataElement, _ sign: Expression.ComparisonOperator, _ text: String
  ) -> Outcome? {
    if let list = element.codeList, let codes = checker.catalog.codeList(list),
      !codes.isExtensible
    {
      return choice(node, element) { sign.holds(Self.order($0, text)) }
    }
    let (this, others) = (
      [Demand.texts([text], isExcluding: false)], [Demand.texts([text], isExcluding: true)]
    )
    switch sign {
    case .equal: return outcome(node, this, others)
    case .notEqual: return outcome(node, others, this)
    default: return nil
    }
  }

  /// Splits the codes of a closed list by `isTrue`; of any other text only equality is known.
  private func choice(
    _ node: Node, _ element: DataElement, _ isTrue: (String) -> Bool
  ) -> Outcome? {
    guard let list = element.codeList, let codes = checker.catalog.codeList(list),
      !codes.isExtensible
    else { return nil }
    let chosen = Set(codes.values.map(\.code).filter(isTrue))
    let rest = Set(codes.values.map(\.code)).subtracting(chosen)
    return outcome(
      node, chosen.isEmpty ? [] : [.texts(chosen, isExcluding: false)],
      rest.isEmpty ? [] : [.texts(rest, isExcluding: false)])
  }

  private static func order(_ left: String, _ right: String) -> Int {
    if left.utf8.elementsEqual(right.utf8) { return 0 }
    return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
  }

  // MARK: Numbers

  private static func bound(_ node: Node) -> Int128? {
    switch node {
    case .number(let digits, _): ExactNumber(digits)?.wide
    case .negated(.number(let digits, _), _): ExactNumber(digits).map { -$0.wide }
    case .date(let text, _): CivilDate(text).map { Int128($0.dayNumber) }
    default: nil
    }
  }

  /// Least value, greatest value and step of what the element can hold.
  private static func domain(of element: DataElement) -> (ClosedRange<Int128>, step: Int128)? {
    switch element.representation {
    case .decimal(let digits, let decimals):
      let step = ExactNumber(digits: 1, decimals: decimals).wide
      var limit = step
      for _ in 0..<digits { limit *= 10 }
      return (-(limit - step)...(limit - step), step)
    case .date, .dateTime: return (-719_162...2_932_896, 1)
    case .text: return nil
    }
  }

  private static func ranges(
    _ sign: Expression.ComparisonOperator, _ bound: Int128,
    _ domain: (ClosedRange<Int128>, step: Int128)
  ) -> [ClosedRange<Int128>] {
    let (all, step) = domain
    let floor = bound - remainder(bound, step)
    let ceiling = floor == bound ? bound : floor + step
    var ranges: [(Int128, Int128)]
    switch sign {
    case .less: ranges = [(all.lowerBound, ceiling - step)]
    case .lessOrEqual: ranges = [(all.lowerBound, floor)]
    case .greater: ranges = [(floor + step, all.upperBound)]
    case .greaterOrEqual: ranges = [(ceiling, all.upperBound)]
    case .equal: ranges = [(ceiling, floor)]
    case .notEqual: ranges = [(all.lowerBound, ceiling - step), (floor + step, all.upperBound)]
    }
    ranges = ranges.map { (max($0.0, all.lowerBound), min($0.1, all.upperBound)) }
    return ranges.filter { $0.0 <= $0.1 }.map { $0.0...$0.1 }
  }

  private static func remainder(_ value: Int128, _ step: Int128) -> Int128 {
    let rest = value % step
    return rest < 0 ? rest + step : rest
  }
}

extension Expression.ComparisonOperator {
  /// The operator with its sides changed.
  package var mirrored: Self {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .notEqual: self
    }
  }

  /// The operator that is true where this one is false.
  package var negated: Self {
    switch self {
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    case .equal: .notEqual
    case .notEqual: .equal
    }
  }

  /// Whether it holds of two values whose order is `order` (negative, 0, positive).
  package func holds(_ order: Int) -> Bool {
    switch self {
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .equal: order == 0
    case .notEqual: order != 0
    case .greaterOrEqual: order >= 0
    case .greater: order > 0
    }
  }
}

extension Expression.Node {
  /// Whether `exists`, `count` or `every` stands in the node.
  package var holdsReference: Bool {
    switch self {
    case .exists, .count, .every: true
    default: children.contains(where: \.holdsReference)
    }
  }
}
