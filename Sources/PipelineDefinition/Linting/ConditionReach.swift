import Catalog

/// What a condition can come to in the records of one system.
///
/// Three values as in validation. Elements that the system never delivers are always null;
/// constants are known; of all others nothing is.
struct ConditionReach: OptionSet {
  let rawValue: Int

  static let isTrue = ConditionReach(rawValue: 1)
  static let isFalse = ConditionReach(rawValue: 2)
  static let isUnknown = ConditionReach(rawValue: 4)
  static let anything: ConditionReach = [.isTrue, .isFalse, .isUnknown]

  /// What a system delivers for an element.
  enum Supply {
    case constant(String)
    case column
    case nothing
  }

  /// What `node` can come to.
  static func of(_ node: Expression.Node, _ supply: (String) -> Supply) -> ConditionReach {
    switch node {
    case .boolean(let flag, _): flag ? .isTrue : .isFalse
    case .not(let inner, _): of(inner, supply).negated
    case .and(let nodes, _): nodes.map { of($0, supply) }.reduce(.isTrue) { $0.and($1) }
    case .or(let nodes, _): nodes.map { of($0, supply) }.reduce(.isFalse) { $0.or($1) }
    case .implies(let left, let right, _): of(left, supply).negated.or(of(right, supply))
    case .equivalent(let left, let right, _): of(left, supply).equivalent(of(right, supply))
    case .present(let node, _): presence(node, supply)
    case .absent(let node, _): presence(node, supply).negated
    case .membership(let node, let list, _): choice(node, list, supply)
    case .comparison(let operands, let operators, _): comparison(operands, operators, supply)
    case .has(let node, let value, _):
      split(node, supply) { $0.contains(text(value)) } ?? other(node, supply)
    case .subset(let node, let list, _):
      split(node, supply) { Set($0).isSubset(of: list.map { text($0) }) } ?? other(node, supply)
    default: node.holdsReference ? .anything : other(node, supply)
    }
  }

  // MARK: Single conditions

  private static func text(_ node: Expression.Node) -> String? {
    if case .text(let text, _) = node { return text }
    return nil
  }

  private static func supply(
    _ node: Expression.Node, _ supply: (String) -> Supply
  ) -> Supply? {
    if case .element(let name, false, _) = node { return supply(name) }
    return nil
  }

  private static func presence(
    _ node: Expression.Node, _ supply: (String) -> Supply
  ) -> ConditionReach {
    switch self.supply(node, supply) {
    case .constant: .isTrue
    case .nothing: .isFalse
    case .column, nil: [.isTrue, .isFalse]
    }
  }

  /// One null operand makes a comparison unknown.
  private static func other(
    _ node: Expression.Node, _ supply: (String) -> Supply
  ) -> ConditionReach {
    var hasNull = false
    func visit(_ node: Expression.Node) {
      if case .nothing = self.supply(node, supply) { hasNull = true }
      if case .call(.fallback, _, _) = node { return }
      for child in node.children { visit(child) }
    }
    visit(node)
    return hasNull ? .isUnknown : .anything
  }

  private static func choice(
    _ node: Expression.Node, _ list: [Expression.Node], _ supply: (String) -> Supply
  ) -> ConditionReach {
    guard case .constant(let value) = self.supply(node, supply) else { return other(node, supply) }
    let texts = list.map { text($0) }
    if texts.contains(value) { return .isTrue }
    return texts.contains(nil) ? .anything : .isFalse
  }

  private static func comparison(
    _ operands: [Expression.Node], _ operators: [Expression.ComparisonOperator],
    _ supply: (String) -> Supply
  ) -> ConditionReach {
    guard operands.count == 2 else { return .anything }
    for (left, right) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      guard case .constant(let value) = self.supply(left, supply), let text = text(right) else {
        continue
      }
      if operators == [.equal] { return value == text ? .isTrue : .isFalse }
      if operators == [.notEqual] { return value != text ? .isTrue : .isFalse }
    }
    let sides = operands.map { other($0, supply) }
    return sides.contains(.isUnknown) ? .isUnknown : .anything
  }

  private static func split(
    _ node: Expression.Node, _ supply: (String) -> Supply, _ holds: ([String?]) -> Bool
  ) -> ConditionReach? {
    guard case .constant(let value) = self.supply(node, supply) else { return nil }
    return holds(value.split(separator: ";").map(String.init)) ? .isTrue : .isFalse
  }

  // MARK: Three values

  private var values: [ConditionReach] {
    [.isTrue, .isFalse, .isUnknown].filter { contains($0) }
  }

  private var negated: ConditionReach {
    var result: ConditionReach = contains(.isUnknown) ? .isUnknown : []
    if contains(.isTrue) { result.insert(.isFalse) }
    if contains(.isFalse) { result.insert(.isTrue) }
    return result
  }

  private func and(_ other: ConditionReach) -> ConditionReach {
    combined(other) { left, right in
      if left == .isFalse || right == .isFalse { return .isFalse }
      return left == .isTrue && right == .isTrue ? .isTrue : .isUnknown
    }
  }

  private func or(_ other: ConditionReach) -> ConditionReach {
    negated.and(other.negated).negated
  }

  private func equivalent(_ other: ConditionReach) -> ConditionReach {
    combined(other) { left, right in
      if left == .isUnknown || right == .isUnknown { return .isUnknown }
      return left == right ? .isTrue : .isFalse
    }
  }

  private func combined(
    _ other: ConditionReach, _ body: (ConditionReach, ConditionReach) -> ConditionReach
  ) -> ConditionReach {
    var result: ConditionReach = []
    for left in values {
      for right in other.values { result.insert(body(left, right)) }
    }
    return result
  }
}
