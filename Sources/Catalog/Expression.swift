/// A condition or rule of the expression language (Documentation/pipelines-format.md), parsed.
///
/// Keeps the text it was read from; equal texts are equal expressions.
package struct Expression: Sendable, Hashable, CustomStringConvertible {
  package let source: String
  package let root: Node

  package init(source: String, root: Node) {
    self.source = source
    self.root = root
  }

  package var description: String { source }

  /// A node of the syntax tree. Offsets count bytes of the source text, from 0: of the first byte of
  /// a value, of the operator or keyword of everything else.
  package indirect enum Node: Sendable, Hashable {
    case number(String, offset: Int)
    case text(String, offset: Int)
    case boolean(Bool, offset: Int)
    /// Year, month, day as `2026-01-01`.
    case date(String, offset: Int)
    case duration(Node, Unit, offset: Int)
    /// An element; `isOther` for a record found by `exists` or `count`.
    case element(String, isOther: Bool, offset: Int)
    case parameter(String, offset: Int)
    case today(offset: Int)
    case night(offset: Int)
    case now(offset: Int)
    /// `value` in the domain of an element.
    case value(offset: Int)
    case negated(Node, offset: Int)
    case arithmetic(Node, ArithmeticOperator, Node, offset: Int)
    /// `a <= b <= c`: `operands.count == operators.count + 1`.
    case comparison(operands: [Node], operators: [ComparisonOperator], offset: Int)
    case membership(Node, [Node], offset: Int)
    case has(Node, Node, offset: Int)
    /// `x subset of ('01', '02')`.
    case subset(Node, [Node], offset: Int)
    /// `x subset of y`, both with several values.
    case subsetOfElement(Node, Node, offset: Int)
    case present(Node, offset: Int)
    case absent(Node, offset: Int)
    case not(Node, offset: Int)
    case and([Node], offset: Int)
    case or([Node], offset: Int)
    case implies(Node, Node, offset: Int)
    case equivalent(Node, Node, offset: Int)
    case call(Function, [Node], offset: Int)
    case countDistinct(Node, offset: Int)
    case exists(category: String, Node, offset: Int)
    case count(category: String, Node, offset: Int)
    /// `every x exists C where (…)`: inside the clause, `x` is one of the values of `x`.
    case every(String, category: String, Node, offset: Int)
  }

  package enum Unit: String, Sendable, CaseIterable {
    case minutes, hours, days, workdays, months, years
  }

  package enum ArithmeticOperator: String, Sendable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
  }

  package enum ComparisonOperator: String, Sendable, CaseIterable {
    case less = "<"
    case lessOrEqual = "<="
    case equal = "="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case greater = ">"
  }

  package enum Function: String, Sendable, CaseIterable {
    case substr, abs, ceil, year, date, length, workdays, normalized
    /// `default(x, y)`: x, or y where x is null.
    case fallback = "default"

    /// Number of arguments.
    package var arity: Int {
      switch self {
      case .substr: 3
      case .workdays, .fallback: 2
      default: 1
      }
    }
  }
}

extension Expression.Node {
  /// Where the node stands in the source text.
  package var offset: Int {
    switch self {
    case .number(_, let offset), .text(_, let offset), .boolean(_, let offset),
      .date(_, let offset), .duration(_, _, let offset), .element(_, _, let offset),
      .parameter(_, let offset), .today(let offset), .night(let offset), .now(let offset),
      .value(let offset), .negated(_, let offset), .arithmetic(_, _, _, let offset),
      .comparison(_, _, let offset), .membership(_, _, let offset), .has(_, _, let offset),
      .subset(_, _, let offset), .subsetOfElement(_, _, let offset), .present(_, let offset),
      .absent(_, let offset), .not(_, let offset), .and(_, let offset), .or(_, let offset),
      .implies(_, _, let offset), .equivalent(_, _, let offset), .call(_, _, let offset),
      .countDistinct(_, let offset), .exists(_, _, let offset), .count(_, _, let offset),
      .every(_, _, _, let offset):
      offset
    }
  }

  /// The nodes directly below this one, from left to right.
  package var children: [Expression.Node] {
    switch self {
    case .number, .text, .boolean, .date, .element, .parameter, .today, .night, .now, .value:
      []
    case .duration(let node, _, _), .negated(let node, _), .present(let node, _),
      .absent(let node, _), .not(let node, _), .countDistinct(let node, _),
      .exists(_, let node, _), .count(_, let node, _), .every(_, _, let node, _):
      [node]
    case .arithmetic(let left, _, let right, _), .has(let left, let right, _),
      .subsetOfElement(let left, let right, _), .implies(let left, let right, _),
      .equivalent(let left, let right, _):
      [left, right]
    case .membership(let node, let list, _), .subset(let node, let list, _):
      [node] + list
    case .comparison(let nodes, _, _), .and(let nodes, _), .or(let nodes, _),
      .call(_, let nodes, _):
      nodes
    }
  }
}
