import Catalog
@testable import Reconciliation
import Records
import TestSupport
import Testing

/// What one system says, in a form that a person can write down.
private struct Saying: Hashable {
  var system: Int
  var home = -1
  var time: Int64?
  var id: String
  /// By element; absent ones say nothing.
  var values: [String: String] = [:]
}

/// A category of one key, four texts and a number, and rules for them.
private struct Table {
  let category: Category
  let names = ["key", "name", "address", "grade", "tags", "id_no", "amount", "updated", "record"]

  init() {
    func element(_ name: String, _ type: ElementType, _ domain: ValueDomain = .freeText)
      -> CategoryElement
    {
      CategoryElement(
        element: DataElement(
          id: name, identifier: name, name: name, english: name, definition: "", group: "G01",
          type: type, notation: "", representation: .text(.any, length: 0...100), domain: domain,
          isMultiValued: name == "tags", origin: "test"),
        obligation: .optional, isKey: name == "key")
    }
    category = Category(
      id: "T", number: 1, name: "T", english: "T", group: "A",
      elements: [
        element("key", .text), element("name", .text), element("address", .text),
        element("grade", .text), element("tags", .text), element("id_no", .text, .check("id")),
        element("amount", .number), element("updated", .dateTime), element("record", .text),
      ], entityKey: ["key"], isIssuerScoped: false, eventTime: "updated", deliveredBy: [],
      origin: "test")
  }

  func members(_ sayings: [Saying], applies: [[Bool]]) -> GoldenMembers {
    var chunk = ElementChunk(
      recordCount: sayings.count, columnCount: category.elements.count, text: [])
    for (row, saying) in sayings.enumerated() {
      for (column, name) in names.enumerated() {
        let value = name == "record" ? saying.id : saying.values[name]
        if name == "updated", let time = saying.time {
          chunk.columns[column].numbers[row] = time
          chunk.columns[column].texts[row] = chunk.text.appendText("\(time)")
          chunk.columns[column].states[row] = .present
        } else if let value {
          chunk.columns[column].numbers[row] = Int64(value) ?? 0
          chunk.columns[column].texts[row] = chunk.text.appendText(value)
          chunk.columns[column].states[row] = .present
        }
      }
    }
    return GoldenMembers(
      chunk: chunk, isTyped: category.elements.map { $0.element.type != .text },
      systemCodes: ["S0", "S1", "S2", "S3"], systems: sayings.map(\.system),
      homes: sayings.map(\.home), applies: applies)
  }

  func composer(
    rules: [AuthorityRule] = [], strategies: [ElementStrategy] = [], on day: Int = 20_000
  ) -> GoldenComposer {
    var policy = AuthorityPolicy()
    policy.rules = rules
    let entity = GoldenEntity(
      id: "T", name: "T", english: "T", category: "T", matchKey: ["key"], elements: names,
      strategies: strategies, origin: "test")
    return GoldenComposer(
      entity, policy, category, on: CivilDate(dayNumber: day), timeElement: "updated",
      recordIDElement: "record")
  }

  func rule(
    _ elements: [String], owner: AuthoritySource, fallback: [AuthoritySource] = [],
    ties: [AuthorityTieBreak] = []
  ) -> AuthorityRule {
    AuthorityRule(
      id: "AR90", name: "", english: "", entity: "T", elements: elements, owner: owner,
      fallback: fallback, tieBreaks: ties, origin: "test")
  }

  /// The values of what is composed, by element.
  func compose(_ sayings: [Saying], _ composer: GoldenComposer) -> ([String: String], GoldenRecord)
  {
    let members = members(
      sayings, applies: composer.rules.map { _ in sayings.map { _ in true } })
    let record = composer.compose(Array(sayings.indices), of: members)
    var values: [String: String] = [:]
    for (column, name) in names.enumerated() {
      if let union = record.unions[column] {
        values[name] = String(decoding: union, as: UTF8.self)
      } else if record.winners[column] != GoldenRecord.none {
        values[name] = members.chunk.text.string(
          members.chunk.columns[column].texts[record.winners[column]])
      }
    }
    return (values, record)
  }
}

@Suite("Composing golden records")
struct GoldenComposerTests {
  private let table = Table()

  private func say(_ system: Int, _ time: Int64?, _ values: [String: String], home: Int = -1)
    -> Saying
  {
    Saying(
      system: system, home: home, time: time, id: "R\(system)\(time ?? 0)",
      values: values.merging(["key": "K"]) { first, _ in first })
  }

  @Test func `the owner's group comes together, what it lacks included`() {
    let composer = table.composer(rules: [table.rule(["name", "address"], owner: .system("S1"))])
    let (values, record) = table.compose(
      [
        say(0, 9, ["name": "late", "address": "late street", "grade": "A"]),
        say(1, 1, ["name": "owned"]), say(2, 5, ["name": "owned", "address": "other"]),
      ], composer)
    #expect(values["name"] == "owned")
    #expect(values["address"] == nil)
    #expect(values["grade"] == "A")
    #expect(record.decisions == [GoldenDecision(rule: 0, winner: 1, basis: .owner)])
    // Whoever says the same, or something where the owner says nothing, contradicts nobody.
    #expect(record.conflicts == [GoldenConflict(rule: 0, column: 1, row: 0, winner: 1)])
  }

  @Test func `without the owner a fallback decides, then the total order, unowned`() {
    let composer = table.composer(
      rules: [table.rule(["name"], owner: .system("S3"), fallback: [.system("S2")])])
    let sayings = [say(0, 9, ["name": "zero"]), say(2, 1, ["name": "two"])]
    let (values, record) = table.compose(sayings, composer)
    #expect(values["name"] == "two")
    #expect(record.decisions.map(\.basis) == [.fallback])
    #expect(record.conflicts.isEmpty)
    let (alone, unowned) = table.compose(
      [say(0, 3, ["name": "zero"]), say(1, 4, ["name": "one"])], composer)
    #expect(alone["name"] == "one")
    #expect(unowned.decisions.map(\.basis) == [.unowned])
    #expect(unowned.conflicts.isEmpty)
  }

  @Test func `a value that came masked never wins, even from the owner`() {
    let composer = table.composer(rules: [table.rule(["id_no"], owner: .system("S0"))])
    let (values, record) = table.compose(
      [say(0, 9, ["id_no": "510***1234"]), say(1, 1, ["id_no": "510100199001011234"])], composer)
    #expect(values["id_no"] == "510100199001011234")
    #expect(record.decisions.map(\.basis) == [.unowned])
  }

  @Test func `the home system of the agency owns, and the first to register`() {
    let home = table.composer(rules: [table.rule(["grade"], owner: .homeOfAgency)])
    #expect(
      table.compose(
        [say(0, 9, ["grade": "x"], home: 2), say(2, 1, ["grade": "y"], home: 2)], home
      ).0["grade"] == "y")
    let first = table.composer(
      rules: [
        table.rule(
          ["grade"], owner: .first, ties: [AuthorityTieBreak(element: "updated", isLatest: false)])
      ])
    #expect(
      table.compose([say(0, 9, ["grade": "x"]), say(3, 2, ["grade": "y"])], first).0["grade"]
        == "y")
  }

  @Test func `a rule counts on its days only`() {
    var rule = table.rule(["name"], owner: .system("S1"))
    rule.from = CivilDate(dayNumber: 20_001)
    let sayings = [say(0, 9, ["name": "late"]), say(1, 1, ["name": "owned"])]
    #expect(table.compose(sayings, table.composer(rules: [rule])).0["name"] == "late")
    #expect(
      table.compose(sayings, table.composer(rules: [rule], on: 20_001)).0["name"] == "owned")
  }

  @Test(
    arguments: [
      (ElementStrategy.Kind.recency, "amount", "3"), (.oldest, "amount", "10"),
      (.largest, "amount", "200"), (.smallest, "amount", "3"), (.union, "tags", "a;b;c"),
      (.mostComplete, "name", "full"),
    ])
  func `each strategy chooses as it says`(
    _ kind: ElementStrategy.Kind, _ element: String, _ expected: String
  ) {
    let elements = kind == .mostComplete ? ["name", "address", "grade"] : [element]
    let composer = table.composer(
      strategies: [ElementStrategy(kind: kind, elements: elements, origin: "test")])
    let (values, _) = table.compose(
      [
        say(0, 5, ["amount": "200", "tags": "b;a", "name": "half", "grade": "1"]),
        say(1, 9, ["amount": "3", "tags": "c", "name": "thin"]),
        say(2, 1, ["amount": "10", "name": "full", "address": "x", "grade": "2"]),
      ], composer)
    #expect(values[element] == expected)
    if kind == .mostComplete { #expect(values["address"] == "x" && values["grade"] == "2") }
  }

  // MARK: Any order, and a second implementation

  private static let owners: [AuthoritySource] = [
    .system("S0"), .system("S1"), .system("S2"), .homeOfAgency,
  ]

  private func random(_ generator: inout SeededGenerator) -> ([Saying], AuthorityRule) {
    let home = Int.random(in: -1...3, using: &generator)
    var sayings: [Saying] = []
    for number in 0..<Int.random(in: 1...6, using: &generator) {
      var values = ["key": "K"]
      for name in ["name", "address", "grade", "amount"]
      where Int.random(in: 0...3, using: &generator) > 0 {
        values[name] = "\(Int.random(in: 1...3, using: &generator))"
      }
      sayings.append(
        Saying(
          system: Int.random(in: 0...3, using: &generator), home: home,
          time: Bool.random(using: &generator) ? Int64.random(in: 1...4, using: &generator) : nil,
          id: "R\(number % 3)", values: values))
    }
    let fallback = Self.owners.shuffled(using: &generator).prefix(2)
    var rule = table.rule(
      ["name", "address"], owner: fallback[0], fallback: Array(fallback.dropFirst()))
    if Bool.random(using: &generator) {
      rule.tieBreaks = [
        AuthorityTieBreak(element: "amount", isLatest: Bool.random(using: &generator))
      ]
    }
    return (sayings, rule)
  }

  /// The same in the plainest words: sort everything by everything, take the first.
  private func witness(_ sayings: [Saying], _ rule: AuthorityRule) -> [String: String] {
    func order(_ saying: Saying) -> [String] {
      let time = saying.time.map { "0\(1000 - $0)" } ?? "1"
      let texts = table.names.map { name -> String in
        if name == "updated" { return saying.time.map { "0\($0)" } ?? "1" }
        return (name == "record" ? saying.id : saying.values[name]).map { "0\($0)" } ?? "1"
      }
      return [time, "\(saying.system)", "0\(saying.id)"] + texts
    }
    func isBefore(_ left: [String], _ right: [String]) -> Bool {
      for (one, other) in zip(left, right) where one != other { return one < other }
      return false
    }
    func rank(_ saying: Saying) -> String {
      for (place, source) in ([rule.owner] + rule.fallback).enumerated() {
        if source == .system("S\(saying.system)") { return "\(place)" }
        if source == .homeOfAgency, saying.home == saying.system { return "\(place)" }
      }
      return "9"
    }
    func tie(_ saying: Saying) -> String {
      guard let tie = rule.tieBreaks.first else { return "" }
      guard let amount = saying.values[tie.element].flatMap({ Int($0) }) else { return "1" }
      return "0\(tie.isLatest ? 9 - amount : amount)"
    }
    let sorted = sayings.sorted { isBefore(order($0), order($1)) }
    var values: [String: String] = [:]
    for name in table.names {
      if name == "updated" {
        values[name] = sorted.compactMap(\.time).first.map { "\($0)" }
      } else if name == "record" {
        values[name] = sorted[0].id
      } else {
        values[name] = sorted.compactMap { $0.values[name] }.first
      }
    }
    let speakers = sayings.filter { $0.values["name"] != nil || $0.values["address"] != nil }
    let winner = speakers.min {
      isBefore([rank($0), tie($0)] + order($0), [rank($1), tie($1)] + order($1))
    }
    values["name"] = winner?.values["name"]
    values["address"] = winner?.values["address"]
    return values
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `any order gives the same record, the one that a plain search gives`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<40 { check(&generator) }
  }

  private func check(_ generator: inout SeededGenerator) {
    let (sayings, rule) = random(&generator)
    let composer = table.composer(rules: [rule])
    let expected = witness(sayings, rule)
    for _ in 0..<4 {
      let shuffled = sayings.shuffled(using: &generator)
      let (values, record) = table.compose(shuffled, composer)
      #expect(values == expected)
      for conflict in record.conflicts {
        let (loser, winner) = (shuffled[conflict.row], shuffled[conflict.winner])
        let name = table.names[conflict.column]
        #expect(loser.values[name] != nil && winner.values[name] != nil)
        #expect(loser.values[name] != winner.values[name])
        #expect(loser.system != winner.system)
      }
    }
  }
}
