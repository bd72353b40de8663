import Records
import Standardization
import Testing
import TestSupport

@Suite("Numbers as exports write them")
struct NumberReaderTests {
  private static let money = NumberForm(totalDigits: 16, decimals: 2)

  private func read(_ text: String, _ form: NumberForm = money) -> NumberReading {
    text.withBytes { readNumber($0, form: form) }
  }

  @Test(
    "Plain decimals are read without a change",
    arguments: [
      ("0", 0), ("12300", 1_230_000), ("1.23", 123), ("1.2", 120), ("-1.23", -123), ("0.01", 1),
      ("00012", 1200), ("12300.00", 1_230_000), ("12.500", 1250),
      ("99999999999999.99", 9_999_999_999_999_999),
    ])
  func plain(_ text: String, _ scaled: Int64) {
    #expect(read(text) == .number(scaled, changed: false))
  }

  @Test(
    "Other forms are read with a change",
    arguments: [
      ("1,234.50", 123_450), ("1，234.50", 123_450), ("12,345,678", 1_234_567_800),
      ("12 300", 1_230_000), ("￥12300", 1_230_000), ("¥12,300.00", 1_230_000),
      ("12300元", 1_230_000), ("12300.5 元", 1_230_050), ("12300圆整", 1_230_000),
      ("1.2万", 1_200_000), ("1.2万元", 1_200_000), ("3千元", 300_000), ("1.5亿元", 15_000_000_000),
      ("300百万元", 30_000_000_000), ("人民币12300元", 1_230_000), ("RMB 12300", 1_230_000),
      ("+5", 500), (".5", 50), ("-￥5.00", -500), ("１２３．４５", 12_345), (" 12.3 ", 1230),
      ("'12.3", 1230), ("1.23E+03", 123_000), ("1.5E-01", 15), ("1.23E7", 1_230_000_000),
      ("壹万贰仟叁佰元整", 1_230_000), ("壹拾贰元叁角肆分", 1234), ("十二万三千", 12_300_000), ("零", 0),
      ("零元整", 0), ("叁角", 30), ("伍分", 5), ("壹佰元零伍分", 10_005), ("人民币贰拾元整", 2000),
      ("一百二十三点四五", 12_345), ("两千", 200_000), ("十", 1000), ("一百零五", 10_500),
      ("壹亿零伍佰万元", 10_500_000_000), ("拾万元整", 10_000_000), ("一万亿元", 100_000_000_000_000),
      ("壹万零仟叁佰零拾伍元零角零分", 1_030_500), ("十二点五万", 12_500_000),
    ])
  func otherForms(_ text: String, _ scaled: Int64) {
    #expect(read(text) == .number(scaled, changed: true))
  }

  @Test(
    "What could be two numbers, or none, is refused",
    arguments: [
      "", " ", "abc", "12abc", "1,23", "1,2345", "1234,567", "1.234,50", "1.2.3", "--5", "1-2",
      "5元6",
      "一八四四六七四四〇七三七〇九五五一六元二角", "十二万三", "三百五", "壹仟贰元", "百", "一二三十", "万", "12%", "元", "￥", "1E", "E5",
      "十十", "一千万千",
      "5L6", "约5", "5-10", "<", "<a", "一百零十",
    ])
  func refused(_ text: String) {
    #expect(read(text) == .notANumber)
  }

  /// 注册资本 is counted in 万元: a value that names its own unit came out ten thousand times too large.
  @Test(
    "A value that names its unit is the same amount in an element of 万元",
    arguments: [
      ("500万元", 500_000_000), ("5000000元", 500_000_000), ("伍佰万元整", 500_000_000),
      ("0.05亿元", 500_000_000), ("人民币5,000,000元", 500_000_000), ("1元", 100), ("伍分", nil),
      ("500", 500_000_000), ("500万", nil), ("5百", nil), ("0.5亿", nil),
    ])
  func elementOfMyriads(_ text: String, _ scaled: Int64?) {
    var form = NumberForm(totalDigits: 18, decimals: 6, unit: "万元")
    form.elementPower = 4
    // 0.05 元 are 0.000005 万元.
    let expected = text == "伍分" ? 5 : scaled
    let reading = read(text, form)
    guard let expected else { return #expect(reading == .notANumber) }
    #expect(reading == .number(expected, changed: text != "500"))
  }

  /// `五角` was a satisfaction of 0.50.
  @Test(
    "Money is read in elements of money alone",
    arguments: [
      ("五分", 500), ("5分", 500), ("5", 500), ("五", 500), ("五角", nil), ("5元", nil), ("￥5", nil),
      ("人民币5", nil), ("伍元", nil), ("五点五分", 550),
    ])
  func points(_ text: String, _ scaled: Int64?) {
    var form = NumberForm(totalDigits: 5, decimals: 2, unit: "分")
    form.isMoney = false
    guard let scaled else { return #expect(read(text, form) == .notANumber) }
    #expect(read(text, form) == .number(scaled, changed: text != "5"))
  }

  @Test("More decimals than the representation are rounded half-up and reported")
  func rounding() {
    #expect(read("1.235") == .tooManyDecimals(rounded: 124))
    #expect(read("-1.235") == .tooManyDecimals(rounded: -124))
    #expect(read("1.2349999") == .tooManyDecimals(rounded: 123))
    #expect(read("0.001") == .tooManyDecimals(rounded: 0))
    #expect(read("1.230000000000000000000000") == .number(123, changed: false))
    #expect(read("1.230000000000000000000001") == .tooManyDecimals(rounded: 123))
    #expect(read("5", NumberForm(totalDigits: 3, decimals: 0)) == .number(5, changed: false))
    #expect(
      read("5.5", NumberForm(totalDigits: 3, decimals: 0)) == .tooManyDecimals(rounded: 6))
  }

  @Test("The tail of a binary fraction is not a loss")
  func binaryTail() {
    #expect(read("0.30000000000000004") == .number(30, changed: false))
    #expect(read("1.2299999999999998") == .number(123, changed: false))
    #expect(read("123456.78999999999") == .number(12_345_679, changed: false))
    #expect(read("1.0049999999999999") == .tooManyDecimals(rounded: 101))
  }

  @Test("More digits than the representation overflow")
  func overflow() {
    #expect(read("100000000000000") == .overflow)
    #expect(read("99999999999999.999") == .overflow)
    #expect(read("123456789012345678901234567890") == .overflow)
    #expect(read("1万亿元") == .number(100_000_000_000_000, changed: true))
    #expect(read("100万亿元") == .overflow)
    #expect(read("10", NumberForm(totalDigits: 4, decimals: 3)) == .overflow)
    #expect(
      read("999999999999.999999", NumberForm(totalDigits: 18, decimals: 6))
        == .number(999_999_999_999_999_999, changed: false))
  }

  @Test("A header in 万元 multiplies, unless the value names its own unit")
  func headerUnit() {
    let form = NumberForm(totalDigits: 16, decimals: 2, unitPower: 4)
    #expect(read("1.23", form) == .number(1_230_000, changed: true))
    #expect(read("1.234567", form) == .number(1_234_567, changed: true))
    #expect(read("1.2345678", form) == .tooManyDecimals(rounded: 1_234_568))
    #expect(read("12300元", form) == .number(1_230_000, changed: true))
    #expect(read("1.23万元", form) == .number(1_230_000, changed: true))
    #expect(read("1.23万", form) == .notANumber)
    #expect(read("壹万贰仟叁佰元整", form) == .number(1_230_000, changed: true))
    #expect(read("十二", form) == .number(12_000_000, changed: true))
  }

  @Test("Percent is read as the element wants it")
  func percent() {
    let number = NumberForm(totalDigits: 5, decimals: 2, percent: .asNumber)
    let ratio = NumberForm(totalDigits: 5, decimals: 4, percent: .asFraction)
    #expect(read("98.5%", number) == .number(9850, changed: true))
    #expect(read("98.5％", ratio) == .number(9850, changed: true))
    #expect(read("0.985", ratio) == .number(9850, changed: false))
  }

  @Test("The element's own unit may stand behind the number")
  func elementUnit() {
    let days = NumberForm(totalDigits: 4, decimals: 0, unit: "日")
    #expect(read("30日", days) == .number(30, changed: true))
    #expect(read("30 日", days) == .number(30, changed: true))
    #expect(read("30人", days) == .notANumber)
  }

  @Test("Scientific notation that lost digits is damage")
  func scientific() {
    #expect(read("9.15E+17") == .excelDamage)
    #expect(read("1.23456E+11") == .excelDamage)
    #expect(read("1.23456789012E+11") == .number(12_345_678_901_200, changed: true))
  }

  @Test(
    "A laboratory's answers become qualifiers",
    arguments: [
      ("未检出", NumberQualifier.notDetected), ("ND", .notDetected), ("N.D.", .notDetected),
      ("<0.05", .below), ("＜0.05", .below), ("≤0.05", .below), ("< 0.05", .below),
      ("<0.05mg/L", .below), ("0.004L", .below), (">1000", .above), ("小于0.05", .below),
      ("阴性", .negative), ("阳性", .positive), ("痕量", .trace), ("低于检出限", .below),
    ])
  func qualifiers(_ text: String, _ qualifier: NumberQualifier) {
    #expect(read(text) == .qualified(qualifier))
  }

  @Test("Amounts written in Chinese capitals are read back identical")
  func capitals() {
    var generator = SeededGenerator(seed: 327)
    var amounts: [Int64] = Array(0...12_000)
    for digits in 4...15 {
      let limit = Int64("1" + String(repeating: "0", count: digits)) ?? 1
      amounts += (0..<2000).map { _ in Int64.random(in: 0..<limit, using: &generator) }
      // Numbers with many zeros are the hard ones.
      amounts += (0..<500).map { _ in
        Int64.random(in: 1...9, using: &generator) * (limit / 10)
          + Int64.random(in: 0...999, using: &generator)
      }
    }
    for amount in amounts {
      let text = Capitals.amount(amount)
      let reading = read(text, NumberForm(totalDigits: 18, decimals: 2))
      guard reading == .number(amount, changed: true) else {
        Issue.record("\(text) of \(amount) was read as \(reading)")
        return
      }
    }
  }

  @Test("Everyday numerals are read back identical")
  func everyday() {
    for value in 0...120_000 {
      let text = Capitals.integer(Int64(value), Capitals.everyday)
      let reading = read(text, NumberForm(totalDigits: 9, decimals: 0))
      guard reading == .number(Int64(value), changed: true) else {
        Issue.record("\(text) of \(value) was read as \(reading)")
        return
      }
    }
  }

  @Test("What is written back is read again unchanged")
  func roundTrip() {
    var generator = SeededGenerator(seed: 98)
    for decimals in 0...6 {
      for _ in 0..<2000 {
        let scaled = Int64.random(
          in: -999_999_999_999_999_999...999_999_999_999_999_999, using: &generator)
        var arena: TextArena = []
        let ref = arena.appendNumber(scaled, decimals: decimals)
        let form = NumberForm(totalDigits: 18, decimals: decimals)
        #expect(
          arena.withText(ref) { readNumber($0, form: form) } == .number(scaled, changed: false))
      }
    }
  }

  @Test(
    arguments: [
      ("38.2 mg/m3", .number(38_200_000, changed: true)),
      ("38.2mg/m³", .number(38_200_000, changed: true)),
      ("-3℃", .number(-3_000_000, changed: true)),
      ("7.2 ", .number(7_200_000, changed: true)), ("7.2", .number(7_200_000, changed: false)),
      ("12 %", .number(12_000_000, changed: true)), ("5 e/L", .number(5_000_000, changed: true)),
      ("mg/L", .notANumber), ("3.-4 mg", .notANumber), ("3 4 mg", .notANumber),
      ("<0.05mg/L", .qualified(.below)), ("未检出", .qualified(.notDetected)),
    ] as [(String, NumberReading)])
  func `any unit may stand behind a number where another element says it`(
    text: String, reading: NumberReading
  ) {
    var form = NumberForm(totalDigits: 18, decimals: 6)
    form.takesAnyUnit = true
    let found = readNumber(Array(text.utf8).span, form: form)
    #expect(found == reading)
    form.takesAnyUnit = false
    let refused = readNumber(Array("38.2 mg/m3".utf8).span, form: form)
    #expect(refused == .notANumber)
  }
}

/// Writes amounts in Chinese numerals, independently of the reader.
enum Capitals {
  struct Style {
    var digits: [String]
    var units: [String]
  }

  static let formal = Style(
    digits: ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"], units: ["", "拾", "佰", "仟"])
  static let everyday = Style(
    digits: ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"], units: ["", "十", "百", "千"])

  /// - Parameter fen: Not negative.
  static func amount(_ fen: Int64) -> String {
    let yuan = fen / 100
    let jiao = Int(fen / 10 % 10)
    let cent = Int(fen % 10)
    var text = yuan > 0 || fen == 0 ? integer(yuan, formal) + "元" : ""
    if jiao == 0, cent == 0 { return text + "整" }
    if jiao > 0 {
      text += formal.digits[jiao] + "角"
    } else if yuan > 0 {
      text += "零"
    }
    return cent > 0 ? text + formal.digits[cent] + "分" : text + "整"
  }

  static func integer(_ value: Int64, _ style: Style) -> String {
    guard value > 0 else { return style.digits[0] }
    let names = ["", "万", "亿", "万亿"]
    var groups: [Int] = []
    var rest = value
    while rest > 0 {
      groups.append(Int(rest % 10_000))
      rest /= 10_000
    }
    var text = ""
    var needsZero = false
    for index in groups.indices.reversed() {
      let group = groups[index]
      if group == 0 {
        needsZero = !text.isEmpty
        if index == 2, !text.isEmpty { text += "亿" }
        continue
      }
      if needsZero || (!text.isEmpty && group < 1000) { text += style.digits[0] }
      needsZero = false
      text += section(group, style) + (index == 3 ? "万" : names[index])
    }
    return text
  }

  private static func section(_ value: Int, _ style: Style) -> String {
    var text = ""
    var pendingZero = false
    for place in [3, 2, 1, 0] {
      let digit = value / [1, 10, 100, 1000][place] % 10
      if digit == 0 {
        pendingZero = !text.isEmpty
      } else {
        if pendingZero { text += style.digits[0] }
        pendingZero = false
        text += style.digits[digit] + style.units[place]
      }
    }
    return text
  }
}
