extension Expression {
  /// The expression in one fixed spelling, with no more parentheses than needed.
  ///
  /// Reading it back gives the same tree, save for the offsets.
  package var canonicalText: String { root.canonicalText }
}

extension Expression.Node {
  /// How tightly a node binds; a child that binds less tightly than its place needs parentheses.
  private enum Level: Int, Comparable {
    case equivalence, implication, disjunction, conjunction, negation, comparison
    case sum, product, unary, measured, primary

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// See ``Expression/canonicalText``.
  package var canonicalText: String {
    switch self {
    case .number(let digits, _): digits
    case .text(let text, _): Self.quoted(text)
    case .boolean(let flag, _): flag ? "true" : "false"
    case .date(let date, _): "date '\(date)'"
    case .duration(let count, let unit, _): "\(count.text(.primary)) \(unit.rawValue)"
    case .element(let name, let isOther, _): isOther ? "other.\(name)" : name
    case .parameter(let name, _): "$\(name)"
    case .today: "today"
    case .night: "night"
    case .now: "now"
    case .value: "value"
    case .negated(let node, _): "-\(node.text(.unary))"
    case .not(let node, _): "not \(node.text(.negation))"
    case .and(let nodes, _): nodes.map { $0.text(.negation) }.joined(separator: " & ")
    case .or(let nodes, _): nodes.map { $0.text(.conjunction) }.joined(separator: " | ")
    case .implies(let left, let right, _):
      "\(left.text(.disjunction)) => \(right.text(.implication))"
    case .equivalent(let left, let right, _):
      "\(left.text(.equivalence)) <=> \(right.text(.implication))"
    case .call(let function, let arguments, _):
      "\(function.rawValue)(\(Self.list(arguments)))"
    case .countDistinct(let node, _): "count distinct \(node.text(.primary))"
    case .exists(let category, let condition, _):
      "exists \(category) where (\(condition.canonicalText))"
    case .count(let category, let condition, _):
      "count \(category) where (\(condition.canonicalText))"
    case .every(let element, let category, let condition, _):
      "every \(element) exists \(category) where (\(condition.canonicalText))"
    case .arithmetic, .comparison, .membership, .has, .subset, .subsetOfElement, .present,
      .absent:
      infixText
    }
  }

  private var infixText: String {
    switch self {
    case .arithmetic(let left, let sign, let right, _):
      sign == .add || sign == .subtract
        ? "\(left.text(.sum)) \(sign.rawValue) \(right.text(.product))"
        : "\(left.text(.product)) \(sign.rawValue) \(right.text(.unary))"
    case .comparison(let operands, let operators, _):
      zip(operators, operands.dropFirst()).reduce(operands.first?.text(.sum) ?? "") {
        "\($0) \($1.0.rawValue) \($1.1.text(.sum))"
      }
    case .membership(let node, let list, _): "\(node.text(.sum)) in (\(Self.list(list)))"
    case .has(let node, let value, _): "\(node.text(.sum)) has \(value.text(.sum))"
    case .subset(let node, let list, _): "\(node.text(.sum)) subset of (\(Self.list(list)))"
    case .subsetOfElement(let node, let values, _):
      "\(node.text(.sum)) subset of \(values.text(.sum))"
    case .present(let node, _): "\(node.text(.sum)) present"
    case .absent(let node, _): "\(node.text(.sum)) absent"
    default: ""
    }
  }

  private var level: Level {
    switch self {
    case .equivalent: .equivalence
    case .implies: .implication
    case .or: .disjunction
    case .and: .conjunction
    case .not: .negation
    case .comparison, .membership, .has, .subset, .subsetOfElement, .present, .absent: .comparison
    case .arithmetic(_, let sign, _, _): sign == .add || sign == .subtract ? .sum : .product
    case .negated: .unary
    case .duration: .measured
    default: .primary
    }
  }

  private func text(_ place: Level) -> String {
    level < place ? "(\(canonicalText))" : canonicalText
  }

  private static func list(_ nodes: [Self]) -> String {
    nodes.map { $0.text(.sum) }.joined(separator: ", ")
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
