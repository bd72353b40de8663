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
