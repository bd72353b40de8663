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
  }

  package var run: RunEntry
  package var lines: [Line]
  package var total: Balance
  package var deliveries: [DeliveryEntry]
  package var core: [CoreDomain: (checked: Int, failed: Int)]
  package var listing: InboxListing
  /// Systems with an adapter that delivered nothing.
  package var missing: [String]
  package var attainmentTarget: Double
  package var home: HomeFolder

  init(
    run: RunEntry, deliveries: [DeliveryEntry], measures: [Measure], listing: InboxListing,
    catalog: Catalog, configuration: RunConfiguration, home: HomeFolder, night: Int
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
            deliveries: own.count, balance: balance))
      }
    }
    self.lines = lines
    self.total = total
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
    missing = catalog.adapters.map(\.system).filter { system in
      !deliveries.contains { $0.system == system }
    }
  }

  /// Accepted ÷ (accepted + returned) of first submissions; nil where there were none.
  package var attainment: Double? { total.attainment }

  package var heldCount: Int { deliveries.count { $0.status == .held } }

  /// Whether the threshold is met and nothing waits for a person. Core accuracy as delivered is shown
  /// and binds nobody: what failed was returned (semantics.md §2).
  package var isWithinThresholds: Bool {
    heldCount == 0 && listing.unreadable.isEmpty && (attainment ?? 1) >= attainmentTarget
  }
}

extension Balance {
  /// 达标率: accepted ÷ (accepted + returned), first submissions only (semantics.md §3).
  package var attainment: Double? {
    let judged = acceptedFirst + returnedFirst
    return judged == 0 ? nil : Double(acceptedFirst) / Double(judged)
  }
}
