import Catalog
import Records
import Warehouse

/// How one category of one system kept to its contract in a night: the cadence of its adapter says when a
/// delivery is due, the ledger when one came, the official calendar how many working days lie between.
package struct Timeliness: Sendable, Equatable {
  package enum State: String, Sendable {
    /// Came by the first run after it was due, or with nothing outstanding.
    case onTime = "on-time"
    /// A run had passed after it was due, and then it came.
    case late
    /// Was due and has not come.
    case missing
    /// Nothing is due tonight, nothing is outstanding.
    case notDue = "not-due"
  }

  package var system: String
  package var category: String
  /// As the adapter says it, e.g. `nightly`.
  package var cadence: String
  package var state: State
  /// The first of the nights not served in which it was due; tonight for what came with nothing
  /// outstanding; nil if nothing was due and nothing came. Days since 1970-01-01.
  package var expected: Int?
  /// The last night in which it came; nil if it has not come for a year.
  package var arrived: Int?
  /// Working days from ``expected`` to the arrival or, of what is missing, to the night; nil where
  /// nothing was due, or the calendar does not have the year.
  package var workingDays: Int?

  /// One entry per system and category that an adapter delivers, in the order of systems and categories.
  static func all(_ catalog: Catalog, _ ledger: NightLedger, night: Int) -> [Timeliness] {
    let systems = catalog.systems.sorted { $0.order < $1.order }
    return systems.compactMap { catalog.adapter($0.id) }.flatMap { adapter -> [Timeliness] in
      let delivered = Set(adapter.categories.map(\.category))
      return catalog.categories.filter { delivered.contains($0.id) }.map { category in
        let stream = NightLedger.Stream(system: adapter.system, category: category.id)
        return Timeliness(
          adapter, category.id, ledger.arrivals[stream], ledger, night: night,
          calendar: catalog.calendar)
      }
    }
  }

  init(
    _ adapter: SourceAdapter, _ category: String, _ arrivals: NightLedger.Arrivals?,
    _ ledger: NightLedger, night: Int, calendar: WorkingDayCalendar
  ) {
    system = adapter.system
    self.category = category
    cadence = adapter.cadence
    arrived = arrivals?.last
    let hasCome = arrivals?.last == night
    let before = hasCome ? arrivals?.before : arrivals?.last
    let contract = Cadence(adapter.cadence)
    let due =
      contract.map { $0.firstDue(after: before, from: ledger.firstNight, upTo: night) } ?? night
    expected = due ?? (hasCome ? night : nil)
    if let due {
      let isLate = due <= ledger.previousNight ?? .min
      state = hasCome ? (isLate ? .late : .onTime) : .missing
    } else {
      state = hasCome ? .onTime : .notDue
    }
    workingDays = expected.flatMap { calendar.workingDays(from: $0, to: night) }
  }
}
