package import Catalog
import Records
package import Validation
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
    /// The night in which it was due first, as `2026-03-01`.
    package var since: String
    /// Working days since then; 0 in the night itself, nil where the calendar does not have the year.
    package var workingDays: Int?
  }

  package var run: RunEntry
  package var lines: [Line]
  package var total: Balance
  /// Of all systems and categories, also of those that did not come tonight.
  package var yearToDate: Balance
  package var deliveries: [DeliveryEntry]
  /// Core values of the records delivered, accepted or returned (semantics.md §2).
  package var coreDelivered: [CoreDomain: CoreAccuracy.Count]
  /// Core values of the rows loaded, as read back before they were published (semantics.md §2).
  package var corePublished: [CoreDomain: CoreAccuracy.Count]
  /// Accepted records that were not published, because they failed when they were read back; by
  /// delivery.
  package var withheld: [Int64: Int]
  /// What became of records that waited for others, whatever night they came in.
  package struct Waiting: Sendable, Equatable {
    /// Shown by this night.
    package var published: Int
    /// Returned by this night.
    package var returned: Int
    /// Still waiting, tonight's among them.
    package var open: Int

    package init(published: Int, returned: Int, open: Int) {
      self.published = published
      self.returned = returned
      self.open = open
    }
  }

  package var waiting: Waiting
  /// Values that differ from those of owners, of all records; by rule and system.
  package var conflicts: [ConflictSum]
  /// What is known of the subjects of tonight's records.
  package var subjects: SubjectTally
  package var listing: InboxListing
  /// How every category that an adapter delivers kept to its contract.
  package var timeliness: [Timeliness]
  /// What was due by the cadence of its system, in this night or an earlier one, and has not come since,
  /// in whatever run.
  package var missingCategories: [Missing]
  /// Systems that delivered nothing of what was due, nor anything since.
  package var missing: [String]
  package var attainmentTarget: Double
  package var coreAccuracyTarget: Double
  package var home: HomeFolder
  /// What became of the files that leave.
  package var tiers: [TierOutcome] = []

  init(
    run: RunEntry, deliveries: [DeliveryEntry], measures: [Measure], listing: InboxListing,
    catalog: Catalog, configuration: RunConfiguration, home: HomeFolder, night: Int,
    ledger: NightLedger, waiting: Waiting, conflicts: [ConflictSum] = []
  ) {
    self.run = run
    self.waiting = waiting
    self.conflicts = conflicts
    subjects = SubjectTally(measures)
    self.deliveries = deliveries
    self.listing = listing
    self.home = home
    attainmentTarget = configuration.attainmentTarget
    coreAccuracyTarget = configuration.coreAccuracyTarget
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
    coreDelivered = Self.core(measures, Measure.coreChecked, Measure.coreFailed)
    corePublished = Self.core(
      measures, Measure.corePublishedChecked, Measure.corePublishedFailed)
    withheld = Dictionary(
      measures.filter { $0.name == Measure.withheld }.map { ($0.delivery, Int($0.value)) },
      uniquingKeysWith: +)
    timeliness = Timeliness.all(catalog, ledger, night: night)
    let absent = timeliness.filter { $0.state == .missing }
    missingCategories = absent.map { entry in
      Missing(
        system: entry.system, category: entry.category,
        name: catalog.category(entry.category)?.name ?? "",
        since: CivilDate(dayNumber: entry.expected ?? night).description,
        workingDays: entry.workingDays)
    }
    missing = catalog.adapters.map(\.system).filter { system in
      // The last night in which something of it was due and did not come.
      guard let due = absent.filter({ $0.system == system }).compactMap(\.expected).max() else {
        return false
      }
      return !ledger.arrivals.contains { $0.key.system == system && $0.value.last >= due }
    }
  }

  /// Sums over deliveries; domains of which no value was looked at are left out.
  private static func core(
    _ measures: [Measure], _ checked: String, _ failed: String
  ) -> [CoreDomain: CoreAccuracy.Count] {
    var counts: [CoreDomain: CoreAccuracy.Count] = [:]
    for measure in measures {
      guard let domain = CoreDomain(rawValue: measure.domain) else { continue }
      if measure.name == checked {
        counts[domain, default: .init()].checked += Int(measure.value)
      } else if measure.name == failed {
        counts[domain, default: .init()].failed += Int(measure.value)
      }
    }
    return counts.filter { $0.value.checked > 0 }
  }

  /// Accepted ÷ (accepted + returned) of first submissions; nil where there were none.
  package var attainment: Double? { total.attainment }

  /// Systems and categories that had first submissions and missed the target.
  package var linesBelowTarget: [Line] {
    lines.filter { ($0.balance.attainment ?? 1) < attainmentTarget }
  }

  package var heldCount: Int { deliveries.count { $0.status == .held } }

  /// Domains whose core accuracy as published missed the target.
  package var domainsBelowTarget: [CoreDomain] {
    CoreDomain.allCases.filter { (corePublished[$0]?.accuracy ?? 1) < coreAccuracyTarget }
  }

  /// Whether every system and category and every core domain as published meets its threshold and
  /// nothing waits for a person. Core accuracy as delivered is shown and binds nobody: what failed was
  /// returned (semantics.md §2).
  package var isWithinThresholds: Bool {
    heldCount == 0 && listing.unreadable.isEmpty && linesBelowTarget.isEmpty
      && domainsBelowTarget.isEmpty
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
