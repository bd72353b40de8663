import Records
import Warehouse

/// What the ledger says of the nights up to one: the balances of its year, and when each category of
/// each system came last.
struct NightLedger {
  struct Stream: Hashable {
    var system: String
    var category: String
  }

  /// Balances of the year up to and including the night.
  private(set) var year: [Stream: Balance] = [:]
  /// Days since 1970-01-01; only of nights within ``reach``.
  private(set) var lastNight: [Stream: Int] = [:]

  /// Nights that a cadence looks back.
  private static let reach = 31

  init(_ engine: any WarehouseEngine, upTo night: Int) throws {
    let today = CivilDate(dayNumber: night)
    for run in try engine.runs(limit: .max) {
      guard let date = CivilDate(run.night), date.dayNumber <= night else { continue }
      let isOfYear = date.year == today.year
      guard isOfYear || night - date.dayNumber <= Self.reach else { continue }
      for delivery in try engine.deliveries(run: run.id) {
        let stream = Stream(system: delivery.system, category: delivery.category)
        if isOfYear { year[stream, default: Balance()] += delivery.balance }
        lastNight[stream] = max(lastNight[stream] ?? .min, date.dayNumber)
      }
    }
  }
}

/// How often a system delivers, as its adapter says: `nightly`, `hourly`, `weekly-sunday`, `weekly`,
/// `monthly-5`, `monthly`.
struct Cadence {
  private enum Kind {
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

  /// What is not known is due every night: better a name too many than one that nobody misses.
  init(_ text: String) {
    let words = text.lowercased().split { $0 == "-" || $0 == " " }.map(String.init)
    switch words.first {
    case "weekly": kind = .weekly(words.lazy.compactMap { Self.days.firstIndex(of: $0) }.first)
    case "monthly": kind = .monthly(words.lazy.compactMap { Int($0) }.first)
    default: kind = .nightly
    }
  }

  /// Whether a delivery is due in a night.
  ///
  /// - Parameters:
  ///   - night: Days since 1970-01-01.
  ///   - last: The last night in which one came before; nil if none did for a month.
  func isDue(_ night: Int, last: Int?) -> Bool {
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
}
