import Records
import Standardization
import Testing

@Suite("Dates as exports write them")
struct DateReaderTests {
  private static let day = CivilDate(year: 2026, month: 3, day: 1)?.dayNumber ?? 0

  private func read(_ text: String, _ forms: DateForms = []) -> DateReading {
    text.withBytes { readDate($0, forms: forms) }
  }

  @Test("Both canonical forms are read without a change", arguments: ["20260301", "2026-03-01"])
  func canonical(_ text: String) {
    #expect(read(text) == .date(dayNumber: Self.day, wasCanonical: true))
  }

  @Test(
    "Other forms of one day are read with a change",
    arguments: [
      "2026/3/1", "2026-3-1", "2026.03.01", "2026.3.1", "2026年3月1日", "2026年03月01日",
      "二〇二六年三月一日", "二零二六年三月一日", "二○二六年三月一日", "二◯二六年三月一日",
      "２０２６０３０１", "２０２６－０３－０１", "２０２６年３月１日", "2026 年 3 月 1 日", " 2026-03-01 ", "2026-03-01\t",
      "'20260301", "\u{FEFF}2026-03-01", "2026年三月一日", "2026年3月1号", "2026–03–01",
      "2026-03-01 00:00:00", "2026-03-01T00:00:00", "2026-03-01 00:00", "2026-03-01T00:00:00+08:00",
      "2026-02-28T16:00:00Z", "2026-03-01 00:00:00.000", "20260301000000", "贰零贰陆年叁月零壹日",
      "2026年3月1日 0时", "　2026年3月1日　", "2026/03/01 0:00", "2026-02-28 24:00:00",
    ])
  func otherForms(_ text: String) {
    #expect(read(text) == .date(dayNumber: Self.day, wasCanonical: false))
  }

  @Test(
    "A date that is not in the calendar is impossible, not unreadable",
    arguments: [
      "2026年2月30日", "1900-01-00", "0000-00-00", "00000000", "20260230", "2026-13-01", "20261301",
      "2025/2/29", "1900.2.29", "二〇二六年二月三十日", "2026-00-10", "2026年13月1日", "2026-03-01 25:00:00",
      "2026-03-01 09:60:00", "2026-03-01T09:30:00+99:00",
    ])
  func impossible(_ text: String) {
    #expect(read(text) == .impossible)
  }

  @Test(
    "What is no date, or could be two, is unreadable",
    arguments: [
      "", " ", "不详", "2026", "202603", "2026-03", "26-3-1", "3/1/2026", "2026-3/1", "2026年3月",
      "2026年3月1", "46082", "1772323200", "1772323200000", "长期", "2026-03-01x", "x2026-03-01",
      "2026-03-01 at 9", "2026-003-01", "20260301T", "2026-03-01 09", "2026-03-01 上午12时",
      "2026-03-01 晚上12时", "三月一日", "二〇二六", "2026--03-01", "￥20260301",
      String(repeating: "2", count: 100),
    ])
  func unreadable(_ text: String) {
    #expect(read(text) == .unreadable)
  }

  @Test("A date with a time of day keeps the time")
  func withTime() {
    let midnight = Int64(Self.day) * 86_400
    #expect(read("2026-03-01 09:30:00") == .dateTime(seconds: midnight + 34_200))
    #expect(read("2026-03-01T01:30:00Z") == .dateTime(seconds: midnight + 34_200))
    #expect(read("2026年3月1日 下午3时30分") == .dateTime(seconds: midnight + 55_800))
  }

  @Test("Epoch numbers are read only where they are allowed, as +08:00")
  func epoch() {
    // 2026-03-01T00:00:00+08:00 is 2026-02-28T16:00:00Z.
    #expect(read("1772294400", .epoch) == .date(dayNumber: Self.day, wasCanonical: false))
    #expect(read("1772294400000", .epoch) == .date(dayNumber: Self.day, wasCanonical: false))
    #expect(
      read("1772294401999", .epoch) == .dateTime(seconds: Int64(Self.day) * 86_400 + 1))
    #expect(read("20260301", .epoch) == .date(dayNumber: Self.day, wasCanonical: true))
  }

  @Test("Excel serials are read only where they are allowed")
  func excel() {
    #expect(read("46082", .excelSerial) == .date(dayNumber: Self.day, wasCanonical: false))
    #expect(read("46082.0", .excelSerial) == .date(dayNumber: Self.day, wasCanonical: false))
    #expect(
      read("46082.395833333336", .excelSerial)
        == .dateTime(seconds: Int64(Self.day) * 86_400 + 34_200))
    #expect(read("60", .excelSerial) == .impossible)
    #expect(read("0", .excelSerial) == .impossible)
    #expect(read("2026", .excelSerial) == .unreadable)
    #expect(read("20260301", .excelSerial) == .date(dayNumber: Self.day, wasCanonical: true))
  }

  @Test("Excel's calendar has no serial 60 and its two epochs meet around it")
  func excelCalendar() {
    #expect(excelDayNumber(1) == CivilDate(year: 1900, month: 1, day: 1)?.dayNumber)
    #expect(excelDayNumber(59) == CivilDate(year: 1900, month: 2, day: 28)?.dayNumber)
    #expect(excelDayNumber(60) == nil)
    #expect(excelDayNumber(61) == CivilDate(year: 1900, month: 3, day: 1)?.dayNumber)
    #expect(excelDayNumber(46_082) == Self.day)
    #expect(excelDayNumber(2_958_465) == openEndDayNumber)
    #expect(excelDayNumber(2_958_466) == nil)
  }

  @Test(
    "An open end becomes 9999-12-31 only where it is allowed",
    arguments: [
      "长期", "永久", "长期有效", " 永久有效 ", "无固定期限", "2099-12-31", "20991231", "2099年12月31日",
      "2099-12-31 23:59:59", "2099/12/31 23:59:59", "2099-12-31T23:59:59Z", "2099-12-31 00:00:00",
    ])
  func openEnd(_ text: String) {
    #expect(
      read(text, .openEnd) == .date(dayNumber: openEndDayNumber, wasCanonical: false))
    #expect(read(text) != read(text, .openEnd))
  }

  @Test(
    "The last day of the calendar in another zone, or its end, is an open end where one is allowed",
    arguments: [
      "9999-12-31T23:59:59Z", "9999-12-31 24:00:00", "9999-12-31T20:00:00-05:00",
      "9999年12月31日24时",
    ])
  func endOfCalendar(_ text: String) {
    #expect(read(text) == .impossible)
    #expect(
      read(text, .openEnd) == .date(dayNumber: openEndDayNumber, wasCanonical: false))
  }

  @Test("A zone cannot lead before the first day of the calendar")
  func beginningOfCalendar() {
    #expect(read("0001-01-01T00:00:00+14:00") == .impossible)
    #expect(read("0001-01-01T00:00:00Z") == .dateTime(seconds: -62_135_596_800 + 28_800))
  }

  @Test("9999-12-31 itself is a canonical date")
  func lastDay() {
    #expect(read("99991231") == .date(dayNumber: openEndDayNumber, wasCanonical: true))
  }

  @Test("A letter O among Chinese digits is a zero")
  func letterO() {
    #expect(
      read("二OO八年八月八日")
        == .date(
          dayNumber: CivilDate(year: 2008, month: 8, day: 8)?.dayNumber ?? 0, wasCanonical: false))
  }

  @Test("廿, 卅 and 元月 are read")
  func oldNumerals() {
    let expected = CivilDate(year: 2026, month: 1, day: 21)?.dayNumber ?? 0
    #expect(read("二〇二六年元月廿一日") == .date(dayNumber: expected, wasCanonical: false))
    #expect(read("2026年元月卅一日") == .date(dayNumber: expected + 10, wasCanonical: false))
  }

  @Test("Every day from 1900 to 2100 is read in every form")
  func everyDay() throws {
    let first = try #require(CivilDate(year: 1900, month: 1, day: 1)).dayNumber
    let last = try #require(CivilDate(year: 2100, month: 12, day: 31)).dayNumber
    for dayNumber in first...last {
      let date = CivilDate(dayNumber: dayNumber)
      for text in Self.forms(date) {
        let reading = read(text)
        guard case .date(dayNumber, _) = reading else {
          Issue.record("\(text) was read as \(reading)")
          return
        }
      }
      let serial = String(dayNumber + 25_569)
      if dayNumber > first + 59, serial.utf8.count == 5 {
        #expect(
          read(serial, .excelSerial) == .date(dayNumber: dayNumber, wasCanonical: false))
      }
    }
  }

  /// Nine spellings, made without the code under test.
  private static func forms(_ date: CivilDate) -> [String] {
    let (y, m, d) = (date.year, date.month, date.day)
    let mm = m < 10 ? "0\(m)" : "\(m)"
    let dd = d < 10 ? "0\(d)" : "\(d)"
    let year = String(y).map { chineseDigits[Int(String($0)) ?? 0] }.joined()
    return [
      "\(y)\(mm)\(dd)", "\(y)-\(mm)-\(dd)", "\(y)/\(m)/\(d)", "\(y)-\(m)-\(d)", "\(y).\(mm).\(dd)",
      "\(y)年\(m)月\(d)日", "\(year)年\(spoken(m))月\(spoken(d))日", "\(y)-\(mm)-\(dd) 00:00:00",
      "\(y)-\(mm)-\(dd)T00:00:00+08:00",
    ]
  }

  private static let chineseDigits = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"]

  private static func spoken(_ value: Int) -> String {
    let tens = value / 10
    let ones = value % 10 == 0 ? "" : chineseDigits[value % 10]
    return tens == 0 ? ones : (tens == 1 ? "" : chineseDigits[tens]) + "十" + ones
  }
}
