import Records
import Standardization
import Testing
import TestSupport

@Suite("Dates with times as exports write them")
struct DateTimeReaderTests {
  private static let midnight =
    Int64(CivilDate(year: 2026, month: 3, day: 1)?.dayNumber ?? 0) * 86_400

  private func read(_ text: String, _ forms: DateForms = []) -> DateTimeReading {
    text.withBytes { readDateTime($0, forms: forms) }
  }

  @Test(
    "Canonical forms are read without a change",
    arguments: ["20260301T093000", "2026-03-01T09:30:00", "2026-03-01 09:30:00"])
  func canonical(_ text: String) {
    #expect(
      read(text)
        == .dateTime(seconds: Self.midnight + 34_200, wasCanonical: true, dateOnly: false))
  }

  @Test(
    "What a zone or 24:00 leads out of the calendar is no time",
    arguments: ["9999-12-31T23:59:59Z", "9999-12-31 24:00:00", "0001-01-01T00:00:00+14:00"])
  func outsideOfCalendar(_ text: String) {
    #expect(read(text) == .impossible)
  }

  @Test(
    "Other forms are read with a change",
    arguments: [
      ("2026-03-01T09:30:00+08:00", 34_200), ("2026-03-01T01:30:00Z", 34_200),
      ("2026-02-28T20:30:00-05:00", 34_200), ("2026-03-01T09:30:00+0800", 34_200),
      ("2026-03-01T09:30:00+08", 34_200), ("2026-03-01 09:30", 34_200),
      ("2026-03-01 9:05", 32_700), ("2026/3/1 9:05:07", 32_707), ("20260301 093000", 34_200),
      ("20260301093000", 34_200), ("202603010930", 34_200), ("20260301T0930", 34_200),
      ("2026-03-01 09:30:00.123", 34_200), ("2026年3月1日上午9时", 32_400),
      ("2026年3月1日 上午9时5分", 32_700), ("2026年3月1日下午3时30分", 55_800),
      ("2026年3月1日15时30分20秒", 55_820), ("2026年3月1日九时三十分", 34_200),
      ("2026年3月1日上午九时", 32_400), ("2026年3月1日9点半", 34_200), ("2026年3月1日9点整", 32_400),
      ("2026-03-01 下午12时", 43_200), ("2026-03-01 12:30 AM", 1800), ("2026-03-01 12:30 PM", 45_000),
      ("2026-03-01 3:30 PM", 55_800), ("2026-03-01 中午12时", 43_200), ("2026-03-01 凌晨2时", 7200),
      ("2026-03-01 晚上8时", 72_000), ("２０２６－０３－０１　０９：３０：００", 34_200),
      ("二〇二六年三月一日 九时五分", 32_700), ("2026-03-01 24:00:00", 86_400),
    ])
  func otherForms(_ text: String, _ seconds: Int64) {
    #expect(
      read(text)
        == .dateTime(seconds: Self.midnight + seconds, wasCanonical: false, dateOnly: false))
  }

  @Test("A date alone counts as its midnight", arguments: ["20260301", "2026-03-01", "2026年3月1日"])
  func dateOnly(_ text: String) {
    #expect(
      read(text) == .dateTime(seconds: Self.midnight, wasCanonical: false, dateOnly: true))
  }

  @Test("Epoch milliseconds become local time")
  func epoch() {
    #expect(
      read("1772328600000", .epoch)
        == .dateTime(seconds: Self.midnight + 34_200, wasCanonical: false, dateOnly: false))
    #expect(read("1772328600000") == .unreadable)
  }

  @Test(
    "A time that no clock shows is impossible",
    arguments: [
      "20260301T250000", "2026-03-01 09:60:00", "2026-03-01 09:30:60", "20260230T093000",
      "2026-02-30 09:30:00", "2026年3月1日25时", "2026-03-01 24:00:01", "2026-03-01 上午13时",
    ])
  func impossible(_ text: String) {
    #expect(read(text) == .impossible)
  }

  @Test(
    "What is no time is unreadable",
    arguments: ["", "9:05", "2026-03-01 9", "2026-03-01 09:30:00 CST", "20260301T09300", "上午9时"])
  func unreadable(_ text: String) {
    #expect(read(text) == .unreadable)
  }

  @Test("What is written back is read again unchanged")
  func roundTrip() {
    var generator = SeededGenerator(seed: 20_260_301)
    for _ in 0..<20_000 {
      let seconds = Int64.random(in: -2_208_988_800...4_102_444_800, using: &generator)
      var arena: TextArena = []
      let ref = arena.appendDateTime(seconds)
      let reading = arena.withText(ref) { readDateTime($0) }
      #expect(reading == .dateTime(seconds: seconds, wasCanonical: true, dateOnly: false))
    }
  }
}
