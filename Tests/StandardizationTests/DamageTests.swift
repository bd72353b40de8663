import Standardization
import Testing

@Suite("Damage by spreadsheets and encodings")
struct DamageTests {
  @Test(
    "Damage is recognised",
    arguments: [
      ("9.15101E+17", DamageContext.identifier, Damage.scientificNotation),
      ("1.38e+10", .identifier, .scientificNotation), ("张?", .name, .questionMark),
      ("张\u{FFFD}", .text, .replacementCharacter), ("琛屾斂澶勭綒", .text, .readAsGBK),
      ("鎴愰兘甯傞敠姹熷尯椁愰ギ鏈嶅姟鏈夐檺鍏徃", .name, .readAsGBK),
      ("锟斤拷锟斤拷", .text, .readAsGBK), ("烫烫烫烫", .text, .readAsGBK),
      ("è¡\u{8C}æ\u{94}¿", .text, .readAsLatin), ("è¡Œæ”¿", .text, .readAsLatin),
      ("è¡æ¿", .text, .readAsLatin),
      ("a\u{0}b", .text, .controlCharacter), ("a\u{7F}", .text, .controlCharacter),
      ("#REF!", .text, .formulaError), ("#N/A", .name, .formulaError),
      ("#VALUE!", .identifier, .formulaError),
      ("#NAME?", .text, .formulaError), ("########", .text, .hashes),
      ("51010?", .identifier, .questionMark), ("??", .text, .questionMark),
      ("？？？", .text, .questionMark), ("?？?", .name, .questionMark),
    ])
  func damaged(_ text: String, _ context: DamageContext, _ expected: Damage) {
    #expect(text.withBytes { damage(in: $0, as: context) } == expected)
  }

  @Test(
    "Sound values are left alone",
    arguments: [
      "", "行政处罚", "成都市锦江区餐饮服务有限公司", "朱镕基", "陶喆", "䶮㐂𬬭", "斂屾", "Café", "naïve façade", "90°±5",
      "a\tb\r\nc", "#1", "###", "镕喆珺", "§12", "é", "大鑫淼焱", "陳奕迅", "臺灣積體電路製造股份有限公司",
    ])
  func sound(_ text: String) {
    #expect(text.withBytes { damage(in: $0, as: .name) } == nil)
  }

  @Test("A question mark in free text is a question mark")
  func questions() {
    for text in ["是否属实?", "是否属实??", "?", "？", "？是", "??否", "｜？"] {
      #expect(text.withBytes { damage(in: $0, as: .text) } == nil, "\(text)")
    }
  }

  @Test("Identifiers with an E are not scientific notation")
  func notScientific() {
    for text in ["12E45", "E12", "1E", "1.2.3E+4", "91510104MA6C7K2P9X", "+1E+5", "1E+"] {
      #expect(!text.withBytes { isScientificNotation($0) })
    }
  }

  @Test("A zeroed tail is 18 digits of which the last three are zero")
  func zeroedTail() {
    #expect("510104199503152000".withBytes { hasZeroedTail($0) })
    #expect(!"510104199503152412".withBytes { hasZeroedTail($0) })
    #expect(!"91510104MA6C7K2000".withBytes { hasZeroedTail($0) })
    #expect(!"51010419950315200".withBytes { hasZeroedTail($0) })
  }
}
