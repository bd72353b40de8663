import Records

/// A second of the clock, as people in Beijing read it.
///
/// All times of the access log, of requests and grants are whole seconds since
/// 1970-01-01T00:00:00Z. They are inputs everywhere; nothing here looks at a clock.
package enum Moment {
  private static let zone: Int64 = 8 * 3600
  private static let day: Int64 = 86_400
  /// Years that are written with four digits; what a damaged file says beyond them is taken for their ends.
  private static let known: ClosedRange<Int64> = -62_135_596_800...253_402_271_999

  private static func bounded(_ second: Int64) -> Int64 {
    min(max(second, known.lowerBound), known.upperBound)
  }

  /// Day number in Beijing (days since 1970-01-01) of a second.
  package static func dayNumber(_ second: Int64) -> Int {
    let local = bounded(second) + zone
    return Int(local >= 0 ? local / day : (local - day + 1) / day)
  }

  /// First second of a day in Beijing.
  package static func start(ofDay number: Int) -> Int64 { Int64(number) * day - zone }

  /// Last second of a day in Beijing.
  package static func end(ofDay number: Int) -> Int64 { start(ofDay: number) + day - 1 }

  /// `2026-03-01T03:10:00+08:00`.
  package static func text(_ second: Int64) -> String {
    let number = dayNumber(second)
    let rest = Int(bounded(second) - start(ofDay: number))
    let parts = [rest / 3600, rest / 60 % 60, rest % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(CivilDate(dayNumber: number))T\(parts.joined(separator: ":"))+08:00"
  }

  /// Reads `2026-03-01T03:10:00`, with or without `+08:00`.
  ///
  /// - Returns: nil for anything else; another zone than that of Beijing is something else.
  package static func second(_ text: String) -> Int64? {
    var text = text
    if text.hasSuffix("+08:00") { text.removeLast(6) }
    let parts = text.split(separator: "T", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 10, let date = CivilDate(parts[0]),
      parts[1].utf8.count == 8
    else { return nil }
    let clock = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3,
      clock.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy(\.isASCIIDigit) }),
      let hour = Int64(clock[0]), let minute = Int64(clock[1]), let second = Int64(clock[2]),
      hour < 24, minute < 60, second < 60
    else { return nil }
    return start(ofDay: date.dayNumber) + hour * 3600 + minute * 60 + second
  }
}

extension Character {
  var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
