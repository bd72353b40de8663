import Records
import Standardization
import Testing

@Suite("Codes and labels")
struct LabelMatcherTests {
  private static let penalty = LabelMatcher(
    values: [
      .init(code: "01", label: "警告", synonyms: ["给予警告"]),
      .init(code: "02", label: "通报批评", synonyms: ["公开通报"]),
      .init(code: "03", label: "罚款", synonyms: ["处以罚款"]),
      .init(code: "04", label: "没收违法所得", synonyms: ["没收非法所得"]),
      .init(code: "05", label: "没收非法财物"),
      .init(code: "06", label: "暂扣许可证件、降低资质等级、吊销许可证件", synonyms: ["吊销许可证"]),
      .init(code: "07", label: "限制开展生产经营活动、责令停产停业、责令关闭、限制从业"),
      .init(code: "08", label: "行政拘留"),
      .init(code: "09", label: "法律、行政法规规定的其他行政处罚", synonyms: ["其他"]),
    ],
    aliases: [
      .init(text: "罚没", codes: ["03", "04"]), .init(text: "没收违法所得、没收非法财物", codes: ["04", "05"]),
      .init(text: "罚金", codes: [], note: "a criminal fine"),
      .init(text: "责令改正", codes: [], note: "an administrative order"),
      .init(text: "拘留", codes: ["08"]),
    ])

  private func match(_ text: String, _ matcher: LabelMatcher = penalty) -> LabelMatcher.Match {
    text.withBytes { matcher.match($0) }
  }

  @Test("A code as the catalog has it needs no change")
  func exact() {
    for (index, code) in Self.penalty.codes.enumerated() {
      #expect(match(code) == .code(index, exact: true))
    }
  }

  @Test(
    "Other spellings are changes",
    arguments: [
      ("罚款", 2), ("处以罚款", 2), ("罚款(03)", 2), ("罚款（03）", 2), ("03-罚款", 2), ("03 罚款", 2), ("03罚款", 2),
      ("罚款-03", 2), ("03:罚款", 2), ("03(罚款)", 2), ("０３", 2), ("3", 2), ("003", 2), ("3.0", 2),
      ("3-罚款", 2), (" 罚款 ", 2), ("拘留", 7), ("08－行政拘留", 7), ("限制开展生产经营活动、责令停产停业、责令关闭、限制从业", 6),
    ])
  func spellings(_ text: String, _ index: Int) {
    #expect(match(text) == .code(index, exact: false))
  }

  @Test(
    "What is outside the list is unknown",
    arguments: ["10", "", "罚", "罚款(50000元)", "(03)", "x", "03-x"])
  func unknown(_ text: String) {
    #expect(match(text) == .unknown)
  }

  @Test("Aliases may mean several codes, or be undecidable")
  func aliases() {
    #expect(match("罚没") == .many([2, 3]))
    #expect(match("罚金") == .undecidable(reason: 0))
    #expect(Self.penalty.reasons[0] == "a criminal fine")
    #expect(match("责令改正") == .undecidable(reason: 1))
    #expect(Self.penalty.problems.isEmpty)
  }

  @Test("Code and label that disagree are a contradiction")
  func contradiction() {
    #expect(match("03-警告") == .contradiction(code: 2, label: 0))
    #expect(match("警告(03)") == .contradiction(code: 0, label: 2))
  }

  @Test("A code without its zero is not guessed where two codes share it")
  func looseCodes() {
    let matcher = LabelMatcher(values: [
      .init(code: "1", label: "甲"), .init(code: "01", label: "乙"), .init(code: "02", label: "丙"),
    ])
    #expect(match("1", matcher) == .code(0, exact: true))
    #expect(match("01", matcher) == .code(1, exact: true))
    #expect(match("001", matcher) == .code(1, exact: false))
    #expect(match("2", matcher) == .code(2, exact: false))
  }

  @Test("Flags are read in all their spellings")
  func flags() {
    let matcher = LabelMatcher(values: [
      .init(code: "0", label: "否", synonyms: LabelMatcher.noSpellings),
      .init(code: "1", label: "是", synonyms: LabelMatcher.yesSpellings),
    ])
    for text in ["1", "是", "Y", "y", "TRUE", "true", "√", "01"] {
      guard case .code(1, _) = match(text, matcher) else {
        Issue.record("\(text) is not yes")
        return
      }
    }
    for text in ["0", "否", "N", "False"] {
      guard case .code(0, _) = match(text, matcher) else {
        Issue.record("\(text) is not no")
        return
      }
    }
    #expect(matcher.problems.isEmpty)
  }

  @Test("Lower-case system codes are found")
  func letters() {
    let matcher = LabelMatcher(values: [.init(code: "SAM", label: "市场监管综合业务系统")])
    #expect(match("sam", matcher) == .code(0, exact: false))
    #expect(match("SAM", matcher) == .code(0, exact: true))
  }

  @Test("Two values that claim one spelling are a problem of the catalog")
  func problems() {
    let matcher = LabelMatcher(
      values: [
        .init(code: "1", label: "甲", synonyms: ["丙"]),
        .init(code: "2", label: "乙", synonyms: ["丙"]),
      ], aliases: [.init(text: "丁", codes: ["9"])])
    #expect(matcher.problems.count == 2)
  }

  private func matchMany(_ text: String) -> LabelMatcher.ManyMatch {
    text.withBytes { Self.penalty.matchMany($0) }
  }

  @Test(
    "Cells with several values are taken apart",
    arguments: [
      ("03;04", 0b1100, false), ("04;03", 0b1100, true), ("03", 0b100, false), ("罚款", 0b100, true),
      ("罚款、没收违法所得", 0b1100, true), ("罚款；没收违法所得；", 0b1100, true), ("03,04", 0b1100, true),
      ("03|04|", 0b1100, true), ("03 04", 0b1100, true), ("罚没", 0b1100, true),
      ("03;03", 0b100, true),
      ("暂扣许可证件、降低资质等级、吊销许可证件", 0b10_0000, true),
      ("罚款、暂扣许可证件、降低资质等级、吊销许可证件", 0b10_0100, true), ("没收违法所得、没收非法财物", 0b1_1000, true),
      ("没收违法所得、没收非法财物、罚款", 0b1_1100, true), ("02 通报批评 03 罚款", 0b110, true),
      ("罚款(03)、警告(01)", 0b101, true), ("罚没、警告", 0b1101, true), ("01;02;03", 0b111, false),
    ])
  func many(_ text: String, _ mask: Int64, _ changed: Bool) {
    let result = matchMany(text)
    #expect(result.mask == mask)
    #expect(result.changed == changed)
    #expect(result.firstTrouble == nil)
  }

  @Test("An unknown part is marked and placed, the others are kept")
  func unknownPart() {
    let result = matchMany("罚款、罚、警告")
    #expect(result.mask == 0b101 | ElementColumn.unknownCodeBit)
    #expect(result.hasUnknown)
    #expect(result.firstTrouble == 9..<12)
    let undecidable = matchMany("警告、罚金")
    #expect(undecidable.undecidable == 0)
    #expect(undecidable.hasUnknown)
  }

  @Test("Codes are written back in ascending order")
  func codes() {
    var arena: TextArena = []
    let many = Self.penalty.appendCodes(0b1101, into: &arena)
    #expect(arena.string(many) == "01;03;04")
    let one = Self.penalty.appendCode(8, into: &arena)
    #expect(arena.string(one) == "09")
  }

  @Test("Free values are split at separators, and at spaces only where asked")
  func splitting() {
    func parts(_ text: String, spaces: Bool) -> [String] {
      let bytes = Array(text.utf8)
      var ranges: [Range<Int>] = []
      MultiValueSplitter.split(bytes.span, splitsAtSpace: spaces, into: &ranges)
      return ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
    #expect(parts("张三、李四；王五", spaces: true) == ["张三", "李四", "王五"])
    #expect(parts("、张三，李四,,", spaces: true) == ["张三", "李四"])
    #expect(parts("John Smith/李四", spaces: false) == ["John Smith", "李四"])
    #expect(parts("a b　c", spaces: true) == ["a", "b", "c"])
    #expect(parts("张三、#N/A/李四", spaces: true) == ["张三", "#N/A", "李四"])
    #expect(parts("#DIV/0!；#1/2", spaces: true) == ["#DIV/0!", "#1", "2"])
    #expect(parts("", spaces: true).isEmpty)
  }

  @Test("Every mask is read back from what is written for it")
  func roundTrip() {
    for mask in Int64(1)..<512 {
      var arena: TextArena = []
      let ref = Self.penalty.appendCodes(mask, into: &arena)
      let result = arena.withText(ref) { Self.penalty.matchMany($0) }
      #expect(result.mask == mask)
      #expect(!result.changed)
    }
  }
}
