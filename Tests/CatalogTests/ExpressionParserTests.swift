import Testing
import TestSupport

@testable import Catalog

@Suite struct ExpressionParserTests {
  @Test(
    "the canonical text shows how a text was understood",
    arguments: [
      ("a<=b <= c", "a <= b <= c"), ("not x = '1' & y present", "not x = '1' & y present"),
      ("(not x = '1') & (y present)", "not x = '1' & y present"),
      ("a = 1 or b = 2 and c = 3", "a = 1 | b = 2 & c = 3"),
      ("(a = 1 or b = 2) and c = 3", "(a = 1 | b = 2) & c = 3"),
      ("a = 1 => b = 2 => c = 3", "a = 1 => b = 2 => c = 3"),
      ("(a = 1 => b = 2) => c = 3", "(a = 1 => b = 2) => c = 3"),
      ("a present <=> b present <=> c present", "a present <=> b present <=> c present"),
      ("a + b * -c - (d - e) / 2", "a + b * -c - (d - e) / 2"),
      ("d + $limit workdays", "d + $limit workdays"), ("d+(a+b) days", "d + (a + b) days"),
      ("-3 days", "-3 days"), ("x in('1','2' )", "x in ('1', '2')"),
      ("x subset of ('1')", "x subset of ('1')"), ("x subset of y", "x subset of y"),
      ("name = 'it''s'", "name = 'it''s'"), ("d >= date '2026-01-31'", "d >= date '2026-01-31'"),
      ("date(t) = today", "date(t) = today"), ("count distinct x >= 2", "count distinct x >= 2"),
      ("count PEN where (other.u = u) >= 3", "count PEN where (other.u = u) >= 3"),
      (
        "not exists CAS where (other.a = a & true)", "not exists CAS where (other.a = a & true)"
      ),
      ("every c exists AGO where (other.c = c)", "every c exists AGO where (other.c = c)"),
      ("default(x, 0) <= substr(y, 1, 2)", "default(x, 0) <= substr(y, 1, 2)"),
      ("x has\n '罚款'", "x has '罚款'"),
    ])
  func canonicalText(source: String, expected: String) throws {
    let expression = try Expression.parse(source)
    #expect(expression.canonicalText == expected)
    #expect(try Expression.parse(expected).canonicalText == expected)
  }

  @Test(
    "a wrong text is refused at its place",
    arguments: [
      ("", 0, "the end"), ("a >", 3, "found the end"), ("a = = b", 4, "found \"=\""),
      ("(a = 1", 6, "expected \")\""), ("a = 1)", 5, "found \")\""),
      ("a == 1", 2, "expected \"=\""),
      ("a <> 1", 2, "expected \"!=\""), ("a = 1 && b = 2", 6, "expected \"&\""),
      ("a = \"x\"", 4, "expected \"'\""), ("a = 'x", 4, "no closing"),
      ("a = 60days", 6, "letter follows"), ("a = 60 day", 7, "expected \"days\""),
      ("a = 24 h", 7, "expected \"hours\""), ("sustr(a, 1, 2) = 'x'", 0, "did you mean \"substr\""),
      ("substr(a, 1) = 'x'", 0, "2 arguments, expected 3"),
      ("d = date '2026-02-30'", 9, "a day of the calendar"), ("a not in (1)", 2, "not (x in"),
      ("a between 1", 2, "a <= x <= b"), ("exists where (a = 1)", 7, "the code of a category"),
      ("exists CAS (a = 1)", 11, "expected \"where\""), ("a \u{FF1D} 1", 2, "expected \"=\""),
      ("a # 1", 2, "found \"#\""), ("$ = 1", 0, "expected a name"),
      ("in = 1", 0, "expected a name"),
      ("a = 1234567890123456789012", 4, "at most 18"), ("a subset ('1')", 9, "expected \"of\""),
      ("x present present", 10, "an operator or the end"), ("\u{0}", 0, "expected a name"),
    ])
  func refuses(source: String, offset: Int, message: String) throws {
    let error = #expect(throws: ExpressionError.self) { try Expression.parse(source) }
    #expect(error?.offset == offset)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test(
    "hostile nesting and length are refused, not followed",
    arguments: [
      String(repeating: "(", count: 16_000), String(repeating: "not ", count: 4000),
      String(repeating: "- ", count: 8000) + "1 = 1", String(repeating: "a => ", count: 3000),
      "a" + String(repeating: "+1", count: 8000) + " = 1",
      "a" + String(repeating: " days", count: 100),
      String(repeating: "abs(", count: 4000), String(repeating: "a", count: 16_385),
      "a present" + String(repeating: " <=> a present", count: 1000),
      String(repeating: "exists A where (", count: 1000),
      String(repeating: "count distinct ", count: 1000),
    ])
  func refusesHostileInput(source: String) {
    #expect(throws: ExpressionError.self) { try Expression.parse(source) }
  }

  @Test func longFlatExpressionsAreRead() throws {
    let source = Array(repeating: "a = '1'", count: 1600).joined(separator: " | ")
    guard case .or(let nodes, _) = try Expression.parse(source).root else {
      Issue.record("expected a disjunction")
      return
    }
    #expect(nodes.count == 1600)
  }

  @Test func everyPrefixAndEveryDamageIsReadOrRefused() throws {
    let source = "every c exists AGO where (other.c = c & 1 <= other.d <= x + 7 days) => n has '03'"
    let bytes = Array(source.utf8)
    for length in bytes.indices {
      _ = try? Expression.parse(String(decoding: bytes[..<length], as: UTF8.self))
      var damaged = bytes
      damaged[length] = UInt8(ascii: "(")
      _ = try? Expression.parse(String(decoding: damaged, as: UTF8.self))
      damaged.remove(at: length)
      _ = try? Expression.parse(String(decoding: damaged, as: UTF8.self))
    }
  }

  @Test(arguments: 0..<8)
  func printedTreesReadBackTheSame(seed: UInt64) throws {
    var maker = TreeMaker(generator: SeededGenerator(seed: seed))
    for _ in 0..<200 {
      let tree = maker.condition(4)
      let text = tree.canonicalText
      let read = try Expression.parse(text)
      #expect(read.canonicalText == text, "seed \(seed)")
      #expect(TreeMaker.shape(read.root) == TreeMaker.shape(tree), "seed \(seed): \(text)")
    }
  }
}

/// Makes random trees of every form.
private struct TreeMaker {
  typealias Node = Expression.Node

  var generator: SeededGenerator

  private mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

  mutating func condition(_ depth: Int) -> Node {
    guard depth > 0 else { return .present(value(0), offset: 0) }
    let below = depth - 1
    switch number(13) {
    case 0: return .not(condition(below), offset: 0)
    case 1: return .and((0..<2 + number(2)).map { _ in condition(below) }, offset: 0)
    case 2: return .or((0..<2 + number(2)).map { _ in condition(below) }, offset: 0)
    case 3: return .implies(condition(below), condition(below), offset: 0)
    case 4: return .equivalent(condition(below), condition(below), offset: 0)
    case 5: return .membership(value(below), [value(below), value(0)], offset: 0)
    case 6: return .has(value(below), value(below), offset: 0)
    case 7: return .subset(value(below), [value(0)], offset: 0)
    case 8: return .absent(value(below), offset: 0)
    case 9: return .exists(category: "CAS", condition(below), offset: 0)
    case 10: return .every("c", category: "AGO", condition(below), offset: 0)
    case 11: return .boolean(number(2) == 0, offset: 0)
    default:
      let count = 1 + number(3)
      return .comparison(
        operands: (0...count).map { _ in value(below) },
        operators: (0..<count).map { _ in
          Expression.ComparisonOperator.allCases[number(6)]
        }, offset: 0)
    }
  }

  mutating func value(_ depth: Int) -> Node {
    let below = depth - 1
    switch depth > 0 ? number(14) : number(8) {
    case 0: return .number("12.50", offset: 0)
    case 1: return .text("it's", offset: 0)
    case 2: return .date("2026-01-31", offset: 0)
    case 3: return .element("other_thing", isOther: number(2) == 0, offset: 0)
    case 4: return .parameter("limit", offset: 0)
    case 5: return .today(offset: 0)
    case 6: return .now(offset: 0)
    case 7: return .value(offset: 0)
    case 8: return .negated(value(below), offset: 0)
    case 9: return .duration(value(below), Expression.Unit.allCases[number(6)], offset: 0)
    case 10: return .call(.workdays, [value(below), value(below)], offset: 0)
    case 11: return .countDistinct(value(below), offset: 0)
    case 12: return .count(category: "PEN", condition(below), offset: 0)
    default:
      let sign = Expression.ArithmeticOperator.allCases[number(4)]
      return .arithmetic(value(below), sign, value(below), offset: 0)
    }
  }

  /// The tree without offsets, every node in brackets.
  static func shape(_ node: Node) -> String {
    let name = String("\(node)".prefix { $0 != "(" })
    let children = node.children.map { shape($0) }.joined(separator: ";")
    return node.children.isEmpty ? "[\(node.canonicalText)]" : "[\(name):\(children)]"
  }
}
