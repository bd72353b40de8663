import Records
import Standardization
import Testing
import TestSupport

@Suite("Rewriting of text")
struct TextRewritingTests {
  @Test(
    "The narrow table folds what it names and nothing else",
    arguments: [
      ("Ａ１ｚ（）－／．＃＋＆", "A1z()-/.#+&"), ("成都（集团）有限公司", "成都(集团)有限公司"),
      ("甲、乙，丙；丁：戊。", nil), ("①㎡〇", nil), ("abc", nil), ("１，２", "1，2"), ("张　三", nil),
    ])
  func narrow(_ text: String, _ expected: String?) {
    #expect(text.rewritten { foldedWidth($0, .narrow, into: &$1) } == expected)
    #expect(expected == nil || text.withBytes { mayNeedFolding($0) })
  }

  @Test("Identifiers fold punctuation and space as well")
  func identifier() {
    #expect("Ａ：１　２，".rewritten { foldedWidth($0, .identifier, into: &$1) } == "A:1 2,")
  }

  @Test(
    "Invisible edges and Excel's marks are taken off",
    arguments: [
      ("a", "a"), (" a ", "a"), ("\t\r\na\t", "a"), ("　a　", "a"), ("\u{A0}a\u{A0}", "a"),
      ("\u{FEFF}a\u{200B}", "a"), ("'051010", "051010"), ("'a'", "'a'"), ("'", ""), ("", ""),
      ("  ", ""),
      ("\u{200C}", ""), ("\u{2003}甲\u{2060}", "甲"), ("甲\u{202F}", "甲"), ("\u{200E}\u{200F}", ""),
      ("甲\u{2010}", "甲\u{2010}"), ("\u{2026}", "\u{2026}"), ("丯", "丯"), ("é\u{A0}", "é"),
      ("=\"051010\"", "051010"), ("a b", "a b"), ("510104199503152412\t", "510104199503152412"),
      ("　\u{A0} ", ""), ("处罚", "处罚"), ("倀", "倀"), ("à", "à"),
    ])
  func trimming(_ text: String, _ expected: String) {
    let bytes = Array(text.utf8)
    let range = trimmedRange(bytes.span)
    #expect(String(decoding: bytes[range], as: UTF8.self) == expected)
    #expect(text == expected || mayNeedTrimming(bytes.span))
  }

  @Test(
    "Document numbers get one spelling",
    arguments: [
      ("市监罚字[2026]12号", "市监罚字〔2026〕12号"), ("市监罚字（2026）12号", "市监罚字〔2026〕12号"),
      ("市监罚字(2026)12号", "市监罚字〔2026〕12号"), ("市监罚字〔２０２６〕１２号", "市监罚字〔2026〕12号"),
      ("市监罚字 〔2026〕 12 号", "市监罚字〔2026〕12号"), ("市监罚字【2026】012号", "市监罚字〔2026〕012号"),
      ("市监罚字〔2026〕12号", nil), ("成应急罚[2026]第3号", "成应急罚〔2026〕第3号"),
      ("锦江（食）罚〔2026〕5号", "锦江(食)罚〔2026〕5号"), ("锦江(食)罚〔2026〕5号", nil),
      ("市监罚字〔26〕12号", nil), ("市监罚字[26]12号", nil),
    ])
  func documentNumbers(_ text: String, _ expected: String?) {
    #expect(text.rewritten { normalizedDocNo($0, into: &$1) } == expected)
  }

  @Test("The compare key drops 第 and keeps leading zeros")
  func compareKey() {
    #expect(
      "成应急罚〔2026〕第003号".rewritten { normalizedDocNo($0, form: .compareKey, into: &$1) }
        == "成应急罚〔2026〕003号")
    #expect(
      "成应急罚〔2026〕003号".rewritten { normalizedDocNo($0, form: .compareKey, into: &$1) } == nil)
  }

  @Test(
    "Court numbers keep parentheses round the year",
    arguments: [
      ("（2026）川01行初123号", "(2026)川01行初123号"), ("〔2026〕川01行初123号", "(2026)川01行初123号"),
      ("(2026)川01行初123号", nil), ("川府复[2026]12号", "川府复〔2026〕12号"),
    ])
  func reviewNumbers(_ text: String, _ expected: String?) {
    #expect(text.rewritten { normalizedDocNo($0, form: .review, into: &$1) } == expected)
  }

  @Test(
    "Names get one middle dot and no inner space",
    arguments: [
      ("阿卜杜拉•买买提", "阿卜杜拉·买买提"), ("阿卜杜拉．买买提", "阿卜杜拉·买买提"), ("阿卜杜拉.买买提", "阿卜杜拉·买买提"),
      ("阿卜杜拉・买买提", "阿卜杜拉·买买提"), ("阿卜杜拉·买买提", nil), ("J.Smith", nil), ("John Smith", nil),
      ("张　三", "张三"), ("张  三", "张三"), ("张三", nil), ("𬬭㐂 李", "𬬭㐂李"),
    ])
  func names(_ text: String, _ expected: String?) {
    #expect(text.rewritten { normalizedName($0, into: &$1) } == expected)
  }

  @Test("A name of spaces keeps nobody waiting")
  func spaces() {
    let spaces = String(repeating: " ", count: 1_000_000)
    #expect(("李" + spaces + "x").rewritten { normalizedName($0, into: &$1) } == nil)
    #expect(("李" + spaces + "明").rewritten { normalizedName($0, into: &$1) } == "李明")
  }

  @Test("Private-use characters become those of GB18030-2022")
  func privateUse() {
    #expect(
      "\u{E81E}\u{E864}a".rewritten { normalizedPrivateUse($0, into: &$1) } == "\u{9FB4}\u{9FBB}a")
    #expect(
      "\u{E790}\u{E796}".rewritten { normalizedPrivateUse($0, into: &$1) } == "\u{FE13}\u{FE19}")
    #expect("\u{E000}".rewritten { normalizedPrivateUse($0, into: &$1) } == nil)
    let mapped = (0xE000...0xF8FF).compactMap { value in
      Unicode.Scalar(UInt32(value)).flatMap { standardScalar(privateUse: $0) }
    }
    #expect(mapped.count == 18)
    #expect(Set(mapped).count == 18)
  }

  @Test("Identifiers are raised to upper case")
  func upperCase() {
    #expect("91510104ma6c7k2p9x".rewritten { uppercased($0, into: &$1) } == "91510104MA6C7K2P9X")
    #expect("91510104MA".rewritten { uppercased($0, into: &$1) } == nil)
  }

  @Test("15-digit identity numbers get a century and a check character")
  func residentID() {
    #expect(
      "510104950315241".rewritten { upgradedResidentID($0, into: &$1) } == "510104199503152412")
    #expect("510104950230241".rewritten { upgradedResidentID($0, into: &$1) } == nil)
    #expect("510104950315998".rewritten { upgradedResidentID($0, into: &$1) } == nil)
    #expect("51010495031524X".rewritten { upgradedResidentID($0, into: &$1) } == nil)
  }

  @Test("A value inside the arena is rewritten into the same arena")
  func insideArena() {
    var arena: TextArena = []
    let ref = arena.appendText("Ａ１")
    let folded = arena.rewriteText(ref) { foldedWidth($0, .narrow, into: &$1) }
    #expect(folded.map { arena.string($0) } == "A1")
    #expect(arena.string(ref) == "Ａ１")
  }

  @Test("Any bytes are decoded without a trap, and valid UTF-8 as the library decodes it")
  func decoding() {
    var generator = SeededGenerator(seed: 18_030)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator) | (Bool.random(using: &generator) ? 0x80 : 0)
      }
      var index = 0
      var text = ""
      while index < bytes.count { text.unicodeScalars.append(decodeScalar(bytes.span, at: &index)) }
      _ = damage(in: bytes.span, as: .name)
      _ = readDate(bytes.span, forms: [.epoch, .excelSerial, .openEnd])
      _ = readNumber(bytes.span, form: NumberForm(totalDigits: 16, decimals: 2))
      _ = trimmedRange(bytes.span)
      if let valid = String(validating: bytes, as: UTF8.self) { #expect(text == valid) }
    }
  }
}
