import Records
import TestSupport

@testable import Catalog
@testable import Validation

/// Makes random conditions and records.
struct ConditionMaker {
  typealias Node = Expression.Node

  /// Few elements, one or two of each kind.
  static let catalog = ExpressionFixture.make(
    elements: """
      whole number n..6 - one
      money number n..10,2 - one
      ratio number n..8,4 - one
      large number n..18,6 - one
      first_day date YYYYMMDD - one
      last_day date YYYYMMDD - one
      start_time date-time YYYYMMDDThhmmss - one
      end_time date-time YYYYMMDDThhmmss - one
      kind text n2 CL1 one
      open_kind text n2 CL2 one
      kinds text n2 CL1 many
      open_kinds text n2 CL2 many
      many_kinds text n2 CL3 many
      name text c..50 - one
      label text c..50 - one
      names text c..50 - many
      more_names text c..50 - many
      """,
    lists: "CL1 01 02 03 11 12\nCL2+ 01 02 21\n"
      + "CL3 " + (10..<80).map(String.init).joined(separator: " "),
    categories: """
      AAA whole money ratio large first_day last_day start_time end_time kind open_kind kinds \
      open_kinds many_kinds name label names more_names
      BBB name label names whole first_day kind kinds
      """)

  /// Whose records conditions are about.
  static let category = catalog.categories[0]

  var generator: SeededGenerator
  private var other: Set<String>?
  /// Inside `every`, `names` is one value.
  private var isInsideEvery = false
  private static let otherElements: Set<String> = [
    "name", "label", "whole", "first_day", "kind", "kinds",
  ]

  init(generator: SeededGenerator) { self.generator = generator }

  private mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

  private mutating func pick<T>(_ items: [T]) -> T { items[number(items.count)] }

  // MARK: Conditions

  mutating func condition(_ depth: Int) -> Node {
    if depth > 0, number(3) > 0 { return logic(depth - 1) }
    if other == nil, number(6) == 0 { return reference() }
    return atom()
  }

  private mutating func logic(_ depth: Int) -> Node {
    switch number(5) {
    case 0: .not(condition(depth), offset: 0)
    case 1: .and((0..<2 + number(2)).map { _ in condition(depth) }, offset: 0)
    case 2: .or((0..<2 + number(2)).map { _ in condition(depth) }, offset: 0)
    case 3: .implies(condition(depth), condition(depth), offset: 0)
    default: .equivalent(condition(depth), condition(depth), offset: 0)
    }
  }

  private mutating func atom() -> Node {
    switch number(12) {
    case 0: return .present(element(["money", "first_day", "kind", "kinds", "name"]), offset: 0)
    case 1: return .absent(element(["whole", "end_time", "open_kinds", "names"]), offset: 0)
    case 2, 3: return chain((0..<2 + number(3)).map { _ in amount(2) })
    case 4, 5: return chain((0..<2 + number(3)).map { _ in moment(2) })
    case 6: return chain([span(), span()])
    case 7: return textComparison()
    case 8: return codeComparison()
    case 9: return membership()
    case 10: return manyValued()
    default: return .boolean(number(2) == 0, offset: 0)
    }
  }

  private mutating func chain(_ operands: [Node]) -> Node {
    let signs: [Expression.ComparisonOperator] =
      operands.count == 2
      ? Expression.ComparisonOperator.allCases
      : number(2) == 0 ? [.less, .lessOrEqual, .equal] : [.greater, .greaterOrEqual, .equal]
    return .comparison(
      operands: operands, operators: operands.dropFirst().map { _ in pick(signs) }, offset: 0)
  }

  private mutating func reference() -> Node {
    let keys = ["name", "label"].prefix(1 + number(2))
    let isEvery = number(3) == 0
    let isCount = !isEvery && number(2) == 0
    var parts: [Node] = keys.map { key in
      var own: Node = .element(pick(["name", "label", "kind"]), isOther: false, offset: 0)
      if isEvery || (!isCount && number(3) == 0 && key == "name") {
        own = .element("names", isOther: false, offset: 0)
      }
      if number(5) == 0, key == "label" { own = .call(.normalized, [text(0)], offset: 0) }
      if !own.usesElement(isOther: false) { own = .element("label", isOther: false, offset: 0) }
      let found = key == "name" && number(4) == 0 ? "names" : key
      let sides = [Node.element(found, isOther: true, offset: 0), own]
      return .comparison(
        operands: number(2) == 0 ? sides : sides.reversed(), operators: [.equal], offset: 0)
    }
    other = Self.otherElements
    isInsideEvery = isEvery
    if number(3) > 0 { parts.append(condition(1)) }
    (other, isInsideEvery) = (nil, false)
    let clause: Node = parts.count == 1 ? parts[0] : .and(parts, offset: 0)
    if isEvery { return .every("names", category: "BBB", clause, offset: 0) }
    guard isCount else { return .exists(category: "BBB", clause, offset: 0) }
    return chain([.count(category: "BBB", clause, offset: 0), .number("\(number(3))", offset: 0)])
  }

  private mutating func textComparison() -> Node {
    let signs: [Expression.ComparisonOperator] = [.equal, .notEqual]
    return .comparison(operands: [text(1), text(1)], operators: [pick(signs)], offset: 0)
  }

  private mutating func codeComparison() -> Node {
    if number(3) == 0 { return chain([code(), element(["kind", "kind"]), code()]) }
    if number(4) == 0 {
      return .comparison(
        operands: [element(["kind"]), substring(element(["kind"]))], operators: [.notEqual],
        offset: 0)
    }
    return chain(number(2) == 0 ? [element(["kind"]), code()] : [code(), element(["open_kind"])])
  }

  private mutating func code() -> Node { .text(pick(["01", "02"]), offset: 0) }

  private mutating func membership() -> Node {
    switch number(4) {
    case 0: .membership(element(["kind", "open_kind"]), oneOrTwo(code(), code()), offset: 0)
    case 1:
      .membership(
        text(1), oneOrTwo(.text(word(), offset: 0), .text(word(), offset: 0)), offset: 0)
    case 2: .membership(amount(1), oneOrTwo(literal(), literal()), offset: 0)
    default: .membership(moment(1), oneOrTwo(day(), .today(offset: 0)), offset: 0)
    }
  }

  private mutating func oneOrTwo(_ first: Node, _ second: Node) -> [Node] {
    number(3) == 0 ? [first] : [first, second]
  }

  private mutating func manyValued() -> Node {
    switch number(6) {
    case 0: .has(element(["kinds", "open_kinds"]), code(), offset: 0)
    case 1: .has(element(["many_kinds"]), .text("\(10 + number(70))", offset: 0), offset: 0)
    case 2: .subset(element(["kinds", "open_kinds"]), [code(), code()], offset: 0)
    case 3:
      .subset(
        element(["many_kinds"]), (10..<40).map { .text("\($0)", offset: 0) }, offset: 0)
    case 4: .subsetOfElement(texts(), texts(), offset: 0)
    default:
      // Inside a clause this might be taken for a second many-valued key.
      other == nil
        ? .comparison(operands: [texts(), text(0)], operators: [.equal], offset: 0)
        : .has(texts(), text(0), offset: 0)
    }
  }

  // MARK: Values

  private mutating func element(_ names: [String]) -> Node {
    var name = pick(names)
    if isInsideEvery, name == "names" { name = "more_names" }
    let isOther = other?.contains(name) == true && number(2) == 0
    return .element(name, isOther: isOther, offset: 0)
  }

  private mutating func literal() -> Node {
    .number(pick(["0", "1", "2", "7.5", "100", "0.25", "9000000"]), offset: 0)
  }

  private mutating func amount(_ depth: Int) -> Node {
    guard depth > 0 else {
      return number(3) == 0 ? literal() : element(["whole", "money", "ratio", "large"])
    }
    switch number(12) {
    case 0: return .negated(amount(depth - 1), offset: 0)
    case 1: return .call(.abs, [amount(depth - 1)], offset: 0)
    case 2: return .call(.ceil, [amount(depth - 1)], offset: 0)
    case 3: return .call(.year, [moment(0)], offset: 0)
    case 4: return .call(.length, [text(1)], offset: 0)
    case 5: return .call(.workdays, [moment(0), moment(0)], offset: 0)
    case 6: return .countDistinct(element(["names", "kinds"]), offset: 0)
    case 7: return .call(.fallback, [amount(depth - 1), amount(0)], offset: 0)
    case 8, 9:
      let sign = pick(Expression.ArithmeticOperator.allCases)
      // Two products deep, decimals would go beyond the limit.
      return .arithmetic(
        amount(0), sign, sign == .multiply ? element(["whole"]) : amount(0), offset: 0)
    default: return amount(0)
    }
  }

  private mutating func day() -> Node {
    .date("202\(5 + number(3))-0\(1 + number(9))-\(10 + number(18))", offset: 0)
  }

  private mutating func moment(_ depth: Int) -> Node {
    guard depth > 0 else {
      switch number(6) {
      case 0: return day()
      case 1: return pick([.today(offset: 0), .night(offset: 0), .now(offset: 0)])
      default: return element(["first_day", "last_day", "start_time", "end_time"])
      }
    }
    let sign = pick([Expression.ArithmeticOperator.add, .subtract])
    switch number(7) {
    case 0: return .call(.date, [moment(0)], offset: 0)
    case 1: return .arithmetic(element(["start_time"]), sign, span(), offset: 0)
    case 2, 3:
      let unit = pick([Expression.Unit.days, .workdays, .months, .years])
      let count: Node =
        number(2) == 0 ? .number("\(number(40))", offset: 0) : .call(.length, [text(0)], offset: 0)
      return .arithmetic(moment(0), sign, .duration(count, unit, offset: 0), offset: 0)
    case 4: return .call(.fallback, [element(["first_day"]), day()], offset: 0)
    default: return moment(0)
    }
  }

  /// A duration of days, hours or minutes.
  private mutating func span() -> Node {
    switch number(5) {
    case 0: .arithmetic(moment(0), .subtract, moment(0), offset: 0)
    case 1: .duration(element(["whole"]), .hours, offset: 0)
    case 2: .call(.abs, [.arithmetic(moment(0), .subtract, moment(0), offset: 0)], offset: 0)
    case 3: .negated(.duration(.number("30", offset: 0), .minutes, offset: 0), offset: 0)
    default: .duration(.number("\(number(400))", offset: 0), .days, offset: 0)
    }
  }

  private mutating func word() -> String { pick(["甲", "甲(公司)", "ＡＢ", "ab", "c"]) }

  private mutating func substring(_ node: Node) -> Node {
    .call(
      .substr,
      [node, .number("\(1 + number(2))", offset: 0), .number("\(1 + number(3))", offset: 0)],
      offset: 0)
  }

  private mutating func text(_ depth: Int) -> Node {
    guard depth > 0 else { return element(["name", "label"]) }
    switch number(6) {
    case 0: return .text(word(), offset: 0)
    case 1: return substring(text(0))
    case 2: return .call(.normalized, [text(0)], offset: 0)
    case 3: return .call(.fallback, [text(0), .text(word(), offset: 0)], offset: 0)
    default: return text(0)
    }
  }

  private mutating func texts() -> Node {
    number(3) == 0
      ? substring(element(["names", "kinds"])) : element(["names", "more_names", "names"])
  }

  // MARK: Conditions that may be idle

  /// Few elements and few constants, so that contradictions are frequent.
  mutating func idleCandidate() -> Node {
    let parts = (0..<2 + number(2)).map { _ in simple() }
    switch number(4) {
    case 0: return .and(parts, offset: 0)
    case 1: return .or(parts, offset: 0)
    case 2: return .implies(parts[0], parts[1], offset: 0)
    default: return .and([parts[0], .not(parts[1], offset: 0)], offset: 0)
    }
  }

  private mutating func simple() -> Node {
    switch number(6) {
    case 0: .present(element(["kind", "whole"]), offset: 0)
    case 1: .membership(element(["kind"]), [code(), .text("03", offset: 0)], offset: 0)
    case 2: chain([element(["kind"]), code()])
    case 3: chain([element(["whole"]), .number("\(number(3))", offset: 0)])
    case 4:
      chain([.number("1", offset: 0), element(["whole"]), .number("\(number(4))", offset: 0)])
    default: .has(element(["kinds"]), code(), offset: 0)
    }
  }

  // MARK: Records

  mutating func record(withUnlistedCodes: Bool = true) -> TestRecord {
    var record: TestRecord = [:]
    for carried in Self.category.elements {
      switch number(10) {
      case 0, 1: break
      case 2: record[carried.element.identifier] = .unreadable
      default:
        record[carried.element.identifier] = .text(value(carried.element, withUnlistedCodes))
      }
    }
    return record
  }

  private mutating func value(_ element: DataElement, _ withUnlistedCodes: Bool) -> String {
    switch element.identifier {
    case "whole": return pick(["0", "1", "2", "3", "24", "100"])
    case "money": return pick(["0", "0.25", "7.5", "-1", "99999999.99"])
    case "ratio": return pick(["0", "0.25", "1.0001", "-7.5", "100"])
    case "large": return pick(["0", "1", "999999999999.999999", "-999999999999.999999"])
    case "first_day", "last_day": return date()
    case "start_time", "end_time":
      return date() + "T" + pick(["00:00:00", "12:00:00", "23:59:59"])
    case "kind": return pick(["01", "02", "03", "11"])
    case "open_kind": return pick(["01", "02", withUnlistedCodes ? "99" : "21"])
    case "kinds": return several(["01", "02", "03"])
    case "open_kinds": return several(["01", "02", withUnlistedCodes ? "99" : "21"])
    case "many_kinds": return several((10..<80).map { "\($0)" })
    case "names", "more_names": return several(["甲", "乙", "ab", "c"])
    default: return pick(["甲", "甲（公司）", "甲 ( 公司 )", "AB", "ab", "c", "乙", "A·b", "01"])
    }
  }

  private mutating func date() -> String {
    pick([
      "2026-01-31", "2026-03-10", "2026-03-09", "2024-02-29", "2025-12-31", "2027-11-30",
      "2026-03-08", "1969-12-31", "9999-12-31",
    ])
  }

  private mutating func several(_ words: [String]) -> String {
    (0...number(3)).map { _ in pick(words) }.joined(separator: ";")
  }
}
