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

  /// A node of the syntax tree. Offsets count bytes of the source text, from 0.
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
    case subset(Node, [Node], offset: Int)
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
  }

  package enum Unit: String, Sendable, CaseIterable {
    case minutes, hours, days, workdays, months, years
  }

  package enum ArithmeticOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
  }

  package enum ComparisonOperator: String, Sendable {
    case less = "<"
    case lessOrEqual = "<="
    case equal = "="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case greater = ">"
  }

  package enum Function: String, Sendable, CaseIterable {
    case substr, abs, ceil, year, date, length, workdays, normalized
  }
}
