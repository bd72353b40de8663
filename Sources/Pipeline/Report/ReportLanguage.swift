import Catalog
import Records

/// The language of a report, and how it writes numbers and dates.
package enum ReportLanguage: String, Sendable, CaseIterable {
  case chinese
  case english

  /// Value of `lang`.
  package var tag: String { self == .chinese ? "zh-CN" : "en" }

  /// The one of two texts that is asked for.
  package func of(_ chinese: String, _ english: String) -> String {
    self == .chinese ? chinese : english
  }

  /// `1,234,567`.
  package func number(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return value < 0 ? "−" + result : result
  }

  /// For narrow cells: exact below 10,000, then `12.3万`, `1.2亿`; `12.3k`, `1.2M` in English. Cut, not
  /// rounded.
  package func compact(_ value: Int) -> String {
    guard value >= 10_000 else { return String(value) }
    let units =
      self == .chinese ? [(100_000_000, "亿"), (10_000, "万")] : [(1_000_000, "M"), (1_000, "k")]
    let (unit, name) = units.first { value >= $0.0 } ?? (1, "")
    let whole = value / unit
    return whole >= 100 ? "\(whole)\(name)" : "\(whole).\(value % unit * 10 / unit)\(name)"
  }

  /// `98.31 %`, cut so that a missed target never looks met.
  package func percent(_ share: Double?) -> String {
    guard let share else { return "–" }
    let hundredths = Self.hundredths(share)
    return "\(hundredths / 100).\(Self.twoDigits(hundredths % 100)) %"
  }

  /// `98.3`; `100`.
  func shortPercent(_ share: Double) -> String {
    let tenths = Self.hundredths(share) / 10
    return tenths == 1000 ? "100" : "\(tenths / 10).\(tenths % 10)"
  }

  /// `+0.31`, in points of percent.
  func points(_ share: Double, _ before: Double) -> String {
    let difference = Self.hundredths(share) - Self.hundredths(before)
    let size = difference.magnitude
    let sign = difference > 0 ? "+" : difference < 0 ? "−" : "±"
    return "\(sign)\(size / 100).\(Self.twoDigits(Int(size % 100)))"
  }

  /// `+12`, `−3`, `±0`.
  func difference(_ value: Int) -> String {
    value > 0 ? "+" + number(value) : value < 0 ? number(value) : "±0"
  }

  /// `2026年3月2日`; `2 March 2026`.
  package func date(_ text: String) -> String {
    guard let date = CivilDate(text) else { return text }
    return of(
      "\(date.year)年\(date.month)月\(date.day)日",
      "\(date.day) \(Self.months[date.month - 1]) \(date.year)")
  }

  package func weekday(_ text: String) -> String {
    guard let date = CivilDate(text) else { return "" }
    let day = ((date.dayNumber + 4) % 7 + 7) % 7
    return of("星期" + ["日", "一", "二", "三", "四", "五", "六"][day], Self.days[day])
  }

  /// At most `length` characters of a text from outside.
  package func cut(_ text: String, to length: Int = ReportLimits.textLength) -> String {
    let rest = text.count - length
    guard rest > 0 else { return text }
    return text.prefix(length) + of("…（另有 \(rest) 个字符）", "… (\(rest) more characters)")
  }

  private static func hundredths(_ share: Double) -> Int {
    Int((share * 10_000 + 1e-7).rounded(.down))
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let days = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
}
