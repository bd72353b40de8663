import Records

/// How often a system delivers, as its adapter says: `nightly`, `hourly`, `weekly-sunday`, `weekly`,
/// `monthly-5`, `monthly`.
package struct Cadence: Sendable, Hashable {
  private enum Kind: Hashable {
    case nightly
    /// 0 is Sunday; nil is any day.
    case weekly(Int?)
    /// Day of the month; nil is any.
    case monthly(Int?)
  }

  private let kind: Kind

  private static let days = [
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
  ]

  /// Everything that can be written, for suggestions.
  package static let spellings =
    ["nightly", "hourly", "weekly", "monthly"] + days.map { "weekly-\($0)" }
    + (1...31).map { "monthly-\($0)" }

  /// - Returns: nil for what is no cadence.
  package init?(_ text: String) {
    guard Self.spellings.contains(text) else { return nil }
    let words = text.split(separator: "-").map(String.init)
    switch words[0] {
    case "weekly": kind = .weekly(Self.days.firstIndex(of: words.last ?? ""))
    case "monthly": kind = .monthly(Int(words.last ?? ""))
    default: kind = .nightly
    }
  }

  /// Whether a delivery is due in a night.
  ///
  /// - Parameters:
  ///   - night: Days since 1970-01-01.
  ///   - last: The last night in which one came before; nil if none did for a month.
  package func isDue(_ night: Int, last: Int?) -> Bool {
    switch kind {
    case .nightly: return true
    case .weekly(let day?): return ((night + 4) % 7 + 7) % 7 == day
    case .weekly(nil): return last.map { night - $0 >= 7 } ?? true
    case .monthly(let day?):
      let date = CivilDate(dayNumber: night)
      // The 31st is the last day of a shorter month.
      let isLast = CivilDate(dayNumber: night + 1).day == 1
      return date.day == day || (isLast && date.day < day)
    case .monthly(nil): return last.map { night - $0 >= 31 } ?? true
    }
  }

  /// The first night after `last` in which a delivery was due; nil if none was up to `night`.
  ///
  /// - Parameters:
  ///   - last: The night of the last delivery; nil if none came since `start`.
  ///   - start: The first night that is looked at, days since 1970-01-01 like the others.
  package func firstDue(after last: Int?, from start: Int, upTo night: Int) -> Int? {
    let first = max(start, last.map { $0 + 1 } ?? start)
    guard first <= night else { return nil }
    return (first...night).first { isDue($0, last: last) }
  }
}
