import Catalog
import TestSupport
import Testing

@testable import Reconciliation

/// What the definition links, what it proposes, and what it leaves alone.
@Suite("Matching of subjects")
struct SubjectMatcherTests {
  private static let matching = TestPipeline.real.map(\.catalog.matching)

  private func matching() throws -> SubjectMatching { try #require(try Self.matching.get()) }

  private func namer() throws -> SubjectNamer { SubjectNamer(try matching().names) }

  private func mention(
    _ name: String?, number: String? = nil, code: String? = nil
  ) throws -> SubjectMention {
    SubjectMention(code: code, number: number, name: try name.flatMap { try namer().name($0) })
  }

  private func registration(
    _ code: String, _ name: String, _ number: String? = nil, copies: [(String, String?)] = []
  ) throws -> RegisteredSubject {
    let namer = try namer()
    let golden = RegisteredSubject.Statement(
      number: number, name: try #require(namer.name(name)), isGolden: true)
    let others = try copies.map { name, number in
      RegisteredSubject.Statement(
        number: number, name: try #require(namer.name(name)), isGolden: false)
    }
    return RegisteredSubject(code: code, statements: [golden] + others)
  }

  // MARK: Names

  @Test(
    arguments: [
      "清源福来(锦江)餐饮有限公司", "清源福来（锦江）餐饮有限公司", "清源福来〔锦江〕餐饮有限公司",
      " 清源福来【锦江】 餐饮有限公司　", "清源·福来(锦江)餐饮有限公司",
    ])
  func `spellings of one name are the same`(_ spelling: String) throws {
    let name = try #require(try namer().name(spelling))
    #expect(name.normalized == "清源福来(锦江)餐饮有限公司")
    #expect(name.core == "清源福来锦江餐饮" && !name.isBranch)
  }

  /// Names of plain letters take a way of their own.
  @Test func `letter by letter names get the forms that they have by characters`() throws {
    let namer = try namer()
    let pieces = [
      "清源", "福来", "锦江", "餐饮", "有限公司", "有限责任公司", "公司", "分公司", "营业部", "省", "市", "区", "县",
      "(", ")", "（", "【", "〕", "·", "-", "，", "Ａ", "b", "１", "　", " ", "\t", "\u{301}", "e\u{301}",
      "々",
      "👨‍👩‍👧", "\u{FE0F}", "㐀", "𠮷", "ﾞ", "か\u{3099}", "\u{200D}", "\r\n", "･", "•", "《", "﹙",
    ]
    var random = SeededGenerator(seed: 20_260_615)
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      let name = namer.name(text)
      #expect(name == namer.nameByCharacters(text), "\(text.unicodeScalars.map { $0 })")
    }
  }

  @Test func `letters and digits are the same in every width and case`() throws {
    let name = try #require(try namer().name("清源ＡＢｃ１２餐饮公司"))
    #expect(name.normalized == "清源abc12餐饮公司")
  }

  @Test func `legal form and places tell names apart that their core does not`() throws {
    let plain = try #require(try namer().name("清源福来餐饮有限公司"))
    for other in ["清源福来餐饮有限责任公司", "清源市福来餐饮有限公司", "清源福来餐饮公司"] {
      let name = try #require(try namer().name(other))
      #expect(name.normalized != plain.normalized && name.core == plain.core, "\(other)")
      #expect(!name.isBranch)
    }
    let branch = try #require(try namer().name("清源福来餐饮有限公司锦江分公司"))
    #expect(branch.isBranch && branch.core == plain.core)
    // Nothing of a whole stands before it: it is a name of its own.
    #expect(try namer().name("清源福来分店")?.isBranch == false)
    #expect(try namer().name(" · ") == nil)
    #expect(try namer().name("有限公司")?.core.isEmpty == false)
  }

  @Test func `one character makes names near, two do not, and short names are never near`() throws {
    let name = try #require(try namer().name("清源福来餐饮有限公司"))
    for (other, isNear) in [
      ("清源福莱餐饮有限公司", true), ("青源福来餐饮有限公司", true), ("清源福来餐歆有限责任公司", true),
      ("清原福莱餐饮有限公司", false), ("清源福来来餐饮有限公司", false), ("清源福来餐饮有限公司", false),
    ] {
      let other = try #require(try namer().name(other))
      #expect(name.isNear(other) == isNear && other.isNear(name) == isNear, "\(other.normalized)")
      // What is near shares a half, by which it is found.
      #expect(!isNear || name.head == other.head || name.tail == other.tail)
    }
    let short = try #require(try namer().name("福来饭店"))
    #expect(try !short.isNear(#require(namer().name("福莱饭店"))))
  }

  // MARK: Links

  @Test func `an exact code links, whatever the name says`() throws {
    let matcher = SubjectMatcher(try matching())
    let subjects = [
      try registration("A", "清源福来餐饮有限公司"), try registration("B", "清源百味餐饮有限公司", "1"),
    ]
    let outcome = matcher.match(
      try mention("清源百味餐饮有限公司", number: "1", code: "A"), among: subjects)
    #expect(outcome.link == SubjectOutcome.Link(subject: "A", rule: "SM1", act: nil))
    #expect(outcome.candidates == [])
  }

  @Test func `number and normalized name link together, each alone proposes`() throws {
    let matcher = SubjectMatcher(try matching())
    let subjects = [try registration("A", "清源福来(锦江)餐饮有限公司", "1")]
    func outcome(_ name: String?, _ number: String?, _ code: String? = nil) throws -> String {
      let outcome = matcher.match(
        try mention(name, number: number, code: code), among: subjects)
      if let link = outcome.link { return "\(link.subject) \(link.rule ?? "")" }
      return outcome.candidates.map { "\($0.subject) \($0.rule) \($0.score)" }
        .joined(separator: ", ")
    }
    #expect(try outcome("清源福来（锦江）餐饮有限公司", "1") == "A SM2")
    // A code that is in no registration does not stand in the way; weak evidence loses by it.
    #expect(try outcome("清源福来（锦江）餐饮有限公司", "1", "X") == "A SM2")
    #expect(try outcome("清源福来餐饮（锦江）有限公司", "1") == "A SC5 70")
    #expect(try outcome("清源福来(锦江)餐饮有限责任公司", "1") == "A SC2 90")
    #expect(try outcome("清源福来(锦江)餐饮有限责任公司", "1", "X") == "A SC2 80")
    #expect(try outcome("清源福莱(锦江)餐饮有限公司", "1") == "A SC3 88")
    #expect(try outcome("清源福来(锦江)餐饮有限公司东门分店", "1") == "A SC4 75")
    #expect(try outcome("清源旧名商行", "1") == "A SC5 70")
    #expect(try outcome(nil, "1") == "A SC5 70")
    #expect(try outcome("清源福来(锦江)餐饮有限公司", nil) == "A SC6 80")
    #expect(try outcome("清源福来锦江餐饮有限责任公司", nil) == "A SC7 60")
    #expect(try outcome("清源福莱(锦江)餐饮有限公司", nil) == "A SC8 45")
    #expect(try outcome("清源福来(锦江)餐饮有限公司东门分店", nil) == "A SC9 40")
    #expect(try outcome("清源福来(锦江)餐饮有限公司", "2") == "A SC10 35")
    #expect(try outcome("清源旧名商行", "2") == "")
    #expect(try outcome("清源旧名商行", nil) == "")
  }

  @Test func `what is far behind the best is not proposed beside it, but without it`() throws {
    var definition = try matching()
    definition.margin = 30
    let name = "清源福来餐饮有限公司"
    let subjects = [
      try registration("A", name), try registration("B", "清源福来餐饮有限责任公司"),
      try registration("C", "清源福莱餐饮有限公司"),
    ]
    func found(_ margin: Int, _ subjects: [RegisteredSubject], _ said: String) throws -> [String] {
      definition.margin = margin
      return SubjectMatcher(definition).match(try mention(said), among: subjects).candidates
        .map { "\($0.subject) \($0.score)" }
    }
    #expect(try found(100, subjects, name) == ["A 80", "B 60", "C 45"])
    #expect(try found(35, subjects, name) == ["A 80", "B 60", "C 45"])
    #expect(try found(34, subjects, name) == ["A 80", "B 60"])
    #expect(try found(0, subjects, name) == ["A 80"])
    // Whoever is best now counts; a code that nobody has lowers all alike.
    #expect(try found(30, Array(subjects.dropFirst()), name) == ["B 60", "C 45"])
    definition.margin = 30
    let refusal = SubjectDecision(
      act: 1, kind: .reject, subject: "A", mention: try mention(name).evidence,
      registration: subjects[0].evidence)
    #expect(
      SubjectMatcher(definition).match(try mention(name), among: subjects, [refusal]).candidates
        .map(\.subject) == ["B", "C"])
    #expect(
      SubjectMatcher(definition).match(try mention(name, code: "X"), among: subjects).candidates
        .map(\.score) == [70, 50])
  }

  @Test func `the definition may keep an unknown code from linking`() throws {
    var definition = try matching()
    for index in definition.links.indices { definition.links[index].unknownCode = .candidate }
    let matcher = SubjectMatcher(definition)
    let subjects = [try registration("A", "清源福来餐饮有限公司", "1")]
    let outcome = matcher.match(
      try mention("清源福来餐饮有限公司", number: "1", code: "X"), among: subjects)
    #expect(outcome.link == nil)
    #expect(outcome.candidates.map(\.rule) == ["SC1"])
    #expect(
      matcher.match(try mention("清源福来餐饮有限公司", number: "1"), among: subjects).link != nil)
  }

  @Test func `two registrations that fit equally are no link`() throws {
    let matcher = SubjectMatcher(try matching())
    let name = "清源福来餐饮有限公司"
    let subjects = [try registration("B", name, "1"), try registration("A", name, "1")]
    let outcome = matcher.match(try mention(name, number: "1"), among: subjects)
    #expect(outcome.link == nil)
    #expect(outcome.candidates.map { "\($0.subject) \($0.rule)" } == ["A SC1", "B SC1"])
  }

  @Test func `only the golden record links; copies propose`() throws {
    let matcher = SubjectMatcher(try matching())
    let subjects = [
      try registration("A", "清源福来餐饮有限公司", "1", copies: [("清源旧名餐饮有限公司", "1")])
    ]
    let outcome = matcher.match(
      try mention("清源旧名餐饮有限公司", number: "1"), among: subjects)
    #expect(outcome.link == nil)
    #expect(outcome.candidates.map(\.rule) == ["SC1"])
  }

  // MARK: People

  @Test func `a confirmation links as long as the record says the same`() throws {
    let matcher = SubjectMatcher(try matching())
    let subject = try registration("A", "清源福来餐饮有限公司", "1")
    let said = try mention("清源福来餐饮有限公司")
    let decision = SubjectDecision(
      act: 7, kind: .confirm, subject: "A", mention: said.evidence, registration: "")
    #expect(
      matcher.match(said, among: [subject], [decision]).link
        == SubjectOutcome.Link(subject: "A", rule: nil, act: 7))
    let other = try mention("清源福来餐饮有限责任公司")
    #expect(matcher.match(other, among: [subject], [decision]).candidates.map(\.rule) == ["SC7"])
    // Nobody is registered under the code any more.
    #expect(matcher.match(said, among: [], [decision]) == SubjectOutcome())
    var contradiction = decision
    contradiction.subject = "B"
    contradiction.act = 8
    let both = [subject, try registration("B", "清源福来餐饮有限公司", "2")]
    #expect(matcher.match(said, among: both, [decision, contradiction]).link == nil)
  }

  @Test func `a refusal holds until the evidence changes, on either side`() throws {
    let matcher = SubjectMatcher(try matching())
    let subject = try registration("A", "清源福来餐饮有限公司", "1")
    let said = try mention("清源福来餐饮有限公司", number: "1")
    let decision = SubjectDecision(
      act: 7, kind: .reject, subject: "A", mention: said.evidence,
      registration: subject.evidence)
    #expect(matcher.match(said, among: [subject], [decision]) == SubjectOutcome())
    // The other of two that were equal is a link now.
    let both = [subject, try registration("B", "清源福来餐饮有限公司", "1")]
    #expect(matcher.match(said, among: both, [decision]).link?.subject == "B")
    let renumbered = try registration("A", "清源福来餐饮有限公司", "2")
    #expect(
      matcher.match(said, among: [renumbered], [decision]).candidates.map(\.rule) == ["SC10"])
    let other = try mention("清源福来餐饮有限责任公司", number: "1")
    #expect(matcher.match(other, among: [subject], [decision]).candidates.map(\.rule) == ["SC2"])
  }

  // MARK: Order

  @Test func `no order of registrations, copies or decisions decides anything`() throws {
    let names = ["清源福来餐饮有限公司", "清源福来餐饮有限责任公司", "清源福莱餐饮有限公司", "清源市福来餐饮公司"]
    var random = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: 0..<1 << 40, using: &random)
    var dice = Steps(state: seed)
    var candidates = 0
    var links = 0
    for round in 0..<300 {
      let subjects = try (0..<Int(dice.next() % 8)).map { index in
        try registration(
          "C\(index)", names[Int(dice.next() % 4)],
          dice.next() % 3 == 0 ? nil : "\(dice.next() % 3)",
          copies: dice.next() % 2 == 0 ? [] : [(names[Int(dice.next() % 4)], nil)])
      }
      let said = try mention(
        names[Int(dice.next() % 4)], number: dice.next() % 2 == 0 ? nil : "\(dice.next() % 3)")
      let decisions = subjects.filter { _ in dice.next() % 6 == 0 }.map { subject in
        SubjectDecision(
          act: Int64(dice.next() % 100), kind: dice.next() % 2 == 0 ? .confirm : .reject,
          subject: subject.code, mention: said.evidence, registration: subject.evidence)
      }
      let matcher = SubjectMatcher(try matching())
      let expected = matcher.match(said, among: subjects, decisions)
      candidates += expected.candidates.count
      links += expected.link == nil ? 0 : 1
      for _ in 0..<3 {
        var shuffled = subjects.shuffled(using: &dice)
        for index in shuffled.indices { shuffled[index].statements.shuffle(using: &dice) }
        let found = matcher.match(said, among: shuffled, decisions.shuffled(using: &dice))
        #expect(found == expected, "seed \(seed), round \(round)")
      }
      #expect(expected.candidates.count <= 5)
      #expect(expected.link == nil || expected.candidates.isEmpty)
    }
    #expect(candidates > 100 && links > 20, "seed \(seed)")
  }

  /// A source of choices that a seed repeats.
  private struct Steps: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }
}
