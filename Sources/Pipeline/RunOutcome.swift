package import Catalog
import Records
package import Warehouse

/// What a run did, in the numbers that people see.
package struct RunOutcome: Sendable {
  /// One system's deliveries of one category.
  package struct Line: Sendable {
    package var system: String
    package var category: String
    package var name: String
    package var deliveries: Int
    package var balance: Balance
    /// Of `deliveries`: held before their records were counted.
    package var uncounted: Int
    /// The year's deliveries up to and including tonight's.
    package var yearToDate: Balance
  }

  /// A category that was due and did not come.
  package struct Missing: Sendable, Equatable {
    package var system: String
    package var category: String
    package var name: String
  }

  package var run: RunEntry
  package var lines: [Line]
  package var total: Balance
  /// Of all systems and categories, also of those that did not come tonight.
  package var yearToDate: Balance
  package var deliveries: [DeliveryEntry]
  package var core: [CoreDomain: (checked: Int, failed: Int)]
  package var listing: InboxListing
  /// What was due by the cadence of its system and did not come in this night, in whatever run.
  package var missingCategories: [Missing]
  /// Systems that delivered nothing of what was due.
  package var missing: [String]
  package var attainmentTarget: Double
  package var home: HomeFolder

  init(
    run: RunEntry, deliveries: [DeliveryEntry], measures: [Measure], listing: InboxListing,
    catalog: Catalog, configuration: RunConfiguration, home: HomeFolder, night: Int,
    ledger: NightLedger
  ) {
    self.run = run
    self.deliveries = deliveries
    self.listing = listing
    self.home = home
    attainmentTarget = configuration.attainmentTarget
    var lines: [Line] = []
    var total = Balance()
    for system in catalog.systems.sorted(by: { $0.order < $1.order }) {
      for category in catalog.categories {
        let own = deliveries.filter { $0.system == system.id && $0.category == category.id }
        guard !own.isEmpty else { continue }
        var balance = Balance()
        for delivery in own { balance += delivery.balance }
        total += balance
        lines.append(
          Line(
            system: system.id, category: category.id, name: category.name,
            deliveries: own.count, balance: balance,
            uncounted: own.count { $0.status == .held && $0.balance.read == 0 },
            yearToDate: ledger.year[.init(system: system.id, category: category.id)] ?? balance))
      }
    }
    self.lines = lines
    self.total = total
    yearToDate = ledger.year.values.reduce(into: Balance()) { $0 += $1 }
    var core: [CoreDomain: (checked: Int, failed: Int)] = [:]
    for domain in CoreDomain.allCases {
      let checked = measures.filter { $0.name == "core-checked" && $0.domain == domain.rawValue }
      let failed = measures.filter { $0.name == "core-failed" && $0.domain == domain.rawValue }
      guard !checked.isEmpty else { continue }
      core[domain] = (
        checked.reduce(0) { $0 + Int($1.value) }, failed.reduce(0) { $0 + Int($1.value) }
      )
    }
    self.core = core
    missingCategories = Self.missing(catalog, ledger, night)
    let absent = missingCategories
    missing = catalog.adapters.map(\.system).filter { system in
      absent.contains { $0.system == system }
        && !ledger.lastNight.contains { $0.key.system == system && $0.value == night }
    }
  }

  private static func missing(
    _ catalog: Catalog, _ ledger: NightLedger, _ night: Int
  ) -> [Missing] {
    catalog.adapters.flatMap { adapter -> [Missing] in
      let cadence = Cadence(adapter.cadence)
      let listed = Set(adapter.categories.map(\.category))
      return catalog.categories.filter { listed.contains($0.id) }.compactMap { category in
        let last = ledger.lastNight[.init(system: adapter.system, category: category.id)]
        guard last != night, cadence?.isDue(night, last: last) ?? true else { return nil }
        return Missing(system: adapter.system, category: category.id, name: category.name)
      }
    }
  }

  /// Accepted ÷ (accepted + returned) of first submissions; nil where there were none.
  package var attainment: Double? { total.attainment }

  /// Systems and categories that had first submissions and missed the target.
  package var linesBelowTarget: [Line] {
    lines.filter { ($0.balance.attainment ?? 1) < attainmentTarget }
  }

  package var heldCount: Int { deliveries.count { $0.status == .held } }

  /// Whether every system and category meets the threshold and nothing waits for a person. Core
  /// accuracy as delivered is shown and binds nobody: what failed was returned (semantics.md §2).
  package var isWithinThresholds: Bool {
    heldCount == 0 && listing.unreadable.isEmpty && linesBelowTarget.isEmpty
  }
}

extension Balance {
  /// 达标率: accepted ÷ (accepted + returned), first submissions only (semantics.md §3).
  package var attainment: Double? {
    let judged = acceptedFirst + returnedFirst
    return judged == 0 ? nil : Double(acceptedFirst) / Double(judged)
  }

  /// Records judged that had been returned before.
  package var resubmitted: Int { accepted + returned - acceptedFirst - returnedFirst }
}
