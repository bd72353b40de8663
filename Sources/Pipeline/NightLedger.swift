import Records
import Warehouse

/// What the ledger says of the nights up to one: the balances of its year, and when each category of
/// each system came last.
struct NightLedger {
  struct Stream: Hashable {
    var system: String
    var category: String
  }

  /// When a category came.
  struct Arrivals: Hashable {
    /// Days since 1970-01-01.
    var last: Int
    /// The last time before the night; nil if there was none within ``reach``.
    var before: Int?
  }

  /// Balances of the year up to and including the night.
  private(set) var year: [Stream: Balance] = [:]
  /// Only of nights within ``reach``.
  private(set) var arrivals: [Stream: Arrivals] = [:]
  /// The first night within ``reach`` that has a run, days since 1970-01-01; what never came is missing
  /// from then on.
  private(set) var firstNight: Int
  /// The last night before this one that has a run; what came since then was not late by our doing.
  private(set) var previousNight: Int?

  /// Nights that are looked back for the last delivery of a category.
  private static let reach = 366

  /// - Parameter publication: Later ones do not count; nil for the one that readers see.
  init(
    _ ledger: any LedgerReader, upTo night: Int, publication: Int64? = nil
  ) throws {
    let today = CivilDate(dayNumber: night)
    let last = today.description
    firstNight = night
    let publications = try ledger.publications(upTo: last, publication: publication, limit: 2)
    guard let newest = publications.first?.publication else { return }
    previousNight =
      publications.first { $0.night < last }.flatMap { CivilDate($0.night)?.dayNumber }
    let newYear = CivilDate(year: today.year, month: 1, day: 1) ?? today
    let ofYear = try ledger.streamSums(
      LedgerSpan(first: newYear.description, last: last, publication: newest))
    for sum in ofYear {
      year[Stream(system: sum.system, category: sum.category)] = sum.balance
    }
    let span = LedgerSpan(
      first: CivilDate(dayNumber: night - Self.reach).description, last: last,
      publication: newest)
    for sum in try ledger.streamSums(span) {
      guard let date = CivilDate(sum.lastNight) else { continue }
      arrivals[Stream(system: sum.system, category: sum.category)] = Arrivals(
        last: date.dayNumber, before: sum.lastNightBefore.flatMap { CivilDate($0)?.dayNumber })
    }
    firstNight =
      try ledger.nightSums(span).first.flatMap { CivilDate($0.night)?.dayNumber } ?? night
  }
}
