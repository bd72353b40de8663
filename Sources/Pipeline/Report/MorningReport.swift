package import Catalog
import Records
package import Validation
package import Warehouse

/// Everything that the report of a night says, as numbers and names: no value of any record is in it.
///
/// It is read from the ledger as it was at the night's last publication, so that a report made again later
/// says the same; see ``HeldDelivery`` for what a person has decided since. Its size depends on systems,
/// categories and the caps of ``ReportLimits``, never on the history.
package struct MorningReport: Sendable {
  /// A source system and its share of the night.
  package struct SystemSummary: Sendable {
    package var system: SourceSystem
    /// Whether an adapter reads what it delivers.
    package var isConnected: Bool
    package var tonight: Balance
    package var yearToDate: Balance
    package var deliveries: Int
    package var held: Int
  }

  /// One category of one system.
  package struct Cell: Sendable {
    package var system: String
    package var category: String
    /// Whether an adapter delivers it.
    package var isContracted: Bool
    /// nil where nothing came.
    package var tonight: StreamSum?
    package var yearToDate: Balance
    /// nil where no adapter delivers it.
    package var timeliness: Timeliness?
  }

  /// Core accuracy of one domain (semantics.md §2).
  package struct Core: Sendable {
    package var domain: CoreDomainDefinition
    package var delivered: CoreAccuracy.Count?
    package var published: CoreAccuracy.Count?
    package var previousDelivered: CoreAccuracy.Count?
    package var previousPublished: CoreAccuracy.Count?
  }

  /// One kind of finding that returned records.
  package struct Cause: Sendable, Equatable {
    package var code: String
    package var rule: String
    package var element: String
    package var count: Int
    package var previous: Int
    /// Most first.
    package var systems: [SystemCount]
  }

  package struct SystemCount: Sendable, Equatable {
    package var system: String
    package var count: Int
  }

  /// A delivery that waited for a person when the night was published.
  package struct HeldDelivery: Sendable {
    /// What has become of it since, as the ledger says now.
    package enum Decision: Sendable, Equatable {
      case waiting
      case released
      case rejected
    }

    package var delivery: DeliveryEntry
    package var decision: Decision
    /// It came in an earlier night.
    package var isOlder: Bool
    package var reasons: [HoldReason]
  }

  /// Records that wait for the same thing.
  package struct Pending: Sendable, Equatable {
    package var system: String
    package var category: String
    package var rule: String
    package var records: Int
    /// Of `records`: wait for more than five working days, and for more than ten.
    package var overFive: Int
    package var overTen: Int
    /// The night in which the first of them came.
    package var since: String
  }

  package var night: String
  /// The night before that has a publication; nil for the first.
  package var previousNight: String?
  package var publication: PublicationEntry
  package var systems: [SystemSummary]
  package var categories: [Category]
  /// System after system, each with all its categories.
  package var cells: [Cell]
  package var deliveryCount: Int
  package var total: Balance
  package var previousTotal: Balance?
  package var yearToDate: Balance
  package var attainmentTarget: Double
  package var coreAccuracyTarget: Double
  package var core: [Core]
  /// Accepted records that are not published, because they failed when they were read back.
  package var withheld: Int
  /// Most frequent first.
  package var causes: [Cause]
  /// Findings that were kept with their accepted records.
  package var noteCount: Int
  /// Values that differ from those of owners, of all records.
  package var conflicts: [ConflictSum]
  /// What is known of the subjects of this night's records.
  package var subjects: SubjectTally
  /// Those of this night first, then the older ones.
  package var held: [HeldDelivery]
  /// Most records first.
  package var pending: [Pending]
  /// Deliveries whose columns were not those of the adapter, and that were not held.
  package var drift: [DeliveryEntry]
  package var repeated: [DeliveryEntry]
  /// Which elements came from whom in the nights of ``trend``.
  package var coverage: CoverageMatrix
  /// At most ``ReportLimits/trendNights`` nights, the last one is this one.
  package var trend: [NightSum]
  /// What lay in the inbox at the end of the run; the warehouse does not know it, so that it is empty in
  /// a report that is made again.
  package var inbox: InboxListing
  /// Texts of codes, rules and elements.
  package var catalog: Catalog
}

/// How much of a list is shown; what is left out is counted.
package enum ReportLimits {
  package static let trendNights = 30
  package static let causes = 20
  package static let systemsOfCause = 4
  package static let held = 24
  package static let olderHeld = 12
  package static let pending = 30
  package static let files = 30
  package static let attention = 12
  package static let neverSeen = 8
  /// Characters of a name or sentence from outside.
  package static let textLength = 240
}

extension MorningReport {
  /// Timeliness of everything that an adapter delivers.
  package var timeliness: [Timeliness] { cells.compactMap(\.timeliness) }

  package var missing: [Timeliness] { timeliness.filter { $0.state == .missing } }
  package var late: [Timeliness] { timeliness.filter { $0.state == .late } }

  /// What misses the target of its attainment, worst first.
  package var belowTarget: [Cell] {
    cells.filter { ($0.tonight?.balance.attainment ?? 1) < attainmentTarget }.sorted {
      ($0.tonight?.balance.attainment ?? 1, $0.system, $0.category)
        < ($1.tonight?.balance.attainment ?? 1, $1.system, $1.category)
    }
  }

  /// Domains whose core accuracy as published misses its target.
  package var coreBelowTarget: [Core] {
    core.filter { ($0.published?.accuracy ?? 1) < coreAccuracyTarget }
  }

  /// Held deliveries that nobody has decided on.
  package var undecided: [HeldDelivery] { held.filter { $0.decision == .waiting } }

  package func cells(of system: String) -> [Cell] { cells.filter { $0.system == system } }
}
