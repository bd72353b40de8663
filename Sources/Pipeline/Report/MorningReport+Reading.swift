package import Catalog
import Records
import Validation
package import Warehouse

extension MorningReport {
  /// Reads the report of a night.
  ///
  /// - Parameters:
  ///   - night: As `2026-03-01`.
  ///   - inbox: What the run left in the inbox; empty for a report that is made again.
  /// - Throws: ``PipelineError`` where nothing was published in that night; what the ledger throws.
  package init(
    _ ledger: any LedgerReader, catalog: Catalog, configuration: RunConfiguration,
    night: String, inbox: InboxListing = InboxListing()
  ) throws {
    let last = try Self.publication(ledger, night)
    let nights = try ledger.publications(
      upTo: night, publication: last.publication, limit: ReportLimits.trendNights)
    let tonight = LedgerSpan(first: night, last: night, publication: last.publication)
    let before = nights.dropFirst().first.map {
      LedgerSpan(first: $0.night, last: $0.night, publication: last.publication)
    }
    guard let day = CivilDate(night)?.dayNumber else {
      throw PipelineError(.configuration, "\(night) is not a night of the ledger")
    }
    let known = try NightLedger(ledger, upTo: day, publication: last.publication)

    self.night = night
    self.catalog = catalog
    self.inbox = inbox
    publication = last
    previousNight = before?.first
    attainmentTarget = configuration.attainmentTarget
    coreAccuracyTarget = configuration.coreAccuracyTarget
    categories = catalog.categories
    cells = Self.cells(
      catalog, try ledger.streamSums(tonight), known, Timeliness.all(catalog, known, night: day))
    systems = Self.systems(catalog, cells)
    yearToDate = known.year.values.reduce(into: Balance()) { $0 += $1 }
    let shown = LedgerSpan(
      first: nights.last?.night ?? night, last: night, publication: last.publication)
    trend = try ledger.nightSums(shown)
    coverage = CoverageMatrix(catalog, try ledger.coverageSums(shown))
    total = trend.last?.balance ?? Balance()
    deliveryCount = trend.last?.deliveries ?? 0
    previousTotal = trend.dropLast().last?.balance

    let measures = try ledger.measureSums(tonight, names: Self.measureNames)
    let earlier = try before.map { try ledger.measureSums($0, names: Self.measureNames) } ?? []
    core = catalog.coreDomains.map { Core($0, measures, earlier) }
    withheld = measures.filter { $0.name == Measure.withheld }.reduce(0) { $0 + Int($1.value) }

    let findings = try ledger.findingSums(tonight)
    noteCount = findings.filter { $0.severity == Severity.note.rawValue }
      .reduce(0) { $0 + $1.count }
    causes = Self.causes(findings, try before.map { try ledger.findingSums($0) } ?? [])
    conflicts = try ledger.conflictSums(tonight)
    subjects = SubjectTally(measures)
    let deliveries = try ledger.deliveries(tonight)
    held = Self.held(deliveries, try ledger.waitingDeliveries(tonight), last, tonight)
    drift = deliveries.filter { !$0.drift.isEmpty && $0.status == .loaded }
    repeated = deliveries.filter { $0.status == .repeated }
    pending = Self.pending(
      try ledger.pendingSums(
        LedgerSpan(
          first: CivilDate(dayNumber: day - Self.pendingReach).description, last: night,
          publication: last.publication)), day, catalog.calendar)
  }

  /// Nights that are looked back for records that still wait; ours: three times what they wait at most.
  private static let pendingReach = 60

  private static let measureNames = [
    Measure.coreChecked, Measure.coreFailed, Measure.corePublishedChecked,
    Measure.corePublishedFailed, Measure.withheld, Measure.subjects,
  ]

  private static func publication(
    _ ledger: any LedgerReader, _ night: String
  ) throws -> PublicationEntry {
    let entries = try ledger.publications(upTo: night, publication: nil, limit: 1)
    guard let entry = entries.first, entry.night == night else {
      let hint = entries.first.map { "; the last night before it is \($0.night)" } ?? ""
      throw PipelineError(.environment, "nothing was published in the night of \(night)\(hint)")
    }
    return entry
  }

  // MARK: Systems and categories

  private static func cells(
    _ catalog: Catalog, _ sums: [StreamSum], _ ledger: NightLedger, _ timeliness: [Timeliness]
  ) -> [Cell] {
    func index<Value>(_ values: [Value], _ key: (Value) -> NightLedger.Stream)
      -> [NightLedger.Stream: Value]
    {
      Dictionary(values.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    }
    let tonight = index(sums) { .init(system: $0.system, category: $0.category) }
    let contract = index(timeliness) { .init(system: $0.system, category: $0.category) }
    return catalog.systems.sorted { $0.order < $1.order }.flatMap { system in
      catalog.categories.map { category in
        let stream = NightLedger.Stream(system: system.id, category: category.id)
        return Cell(
          system: system.id, category: category.id, isContracted: contract[stream] != nil,
          tonight: tonight[stream], yearToDate: ledger.year[stream] ?? Balance(),
          timeliness: contract[stream])
      }
    }
  }

  private static func systems(_ catalog: Catalog, _ cells: [Cell]) -> [SystemSummary] {
    catalog.systems.sorted { $0.order < $1.order }.map { system in
      var summary = SystemSummary(
        system: system, isConnected: catalog.adapter(system.id) != nil, tonight: Balance(),
        yearToDate: Balance(), deliveries: 0, held: 0)
      for cell in cells where cell.system == system.id {
        summary.yearToDate += cell.yearToDate
        guard let sum = cell.tonight else { continue }
        summary.tonight += sum.balance
        summary.deliveries += sum.deliveries
        summary.held += sum.held
      }
      return summary
    }
  }

  // MARK: Lists

  private static func causes(_ tonight: [FindingSum], _ before: [FindingSum]) -> [Cause] {
    func key(_ sum: FindingSum) -> String { "\(sum.code)\t\(sum.rule)\t\(sum.element)" }
    var causes: [String: Cause] = [:]
    for sum in tonight where sum.severity != Severity.note.rawValue {
      causes[
        key(sum),
        default: Cause(
          code: sum.code, rule: sum.rule, element: sum.element, count: 0, previous: 0, systems: [])
      ].add(sum)
    }
    for sum in before where sum.severity != Severity.note.rawValue {
      causes[key(sum)]?.previous += sum.count
    }
    return causes.values.map { cause in
      var sorted = cause
      sorted.systems.sort { ($1.count, $0.system) < ($0.count, $1.system) }
      return sorted
    }.sorted {
      ($1.count, $0.code, $0.rule, $0.element) < ($0.count, $1.code, $1.rule, $1.element)
    }
  }

  private static func held(
    _ deliveries: [DeliveryEntry], _ waiting: [DeliveryEntry], _ publication: PublicationEntry,
    _ span: LedgerSpan
  ) -> [HeldDelivery] {
    let own = deliveries.filter { [.held, .rejected, .taken].contains($0.status) }
    let known = Set(own.map(\.id))
    let folder = span.first.replacing("-", with: "/")
    let all = own + waiting.filter { !known.contains($0.id) }
    return all.map { delivery in
      let isDecided = delivery.status != .held
      return HeldDelivery(
        delivery: delivery,
        decision: !isDecided ? .waiting : delivery.status == .rejected ? .rejected : .released,
        isOlder: !delivery.archivePath.hasPrefix(folder),
        reasons: delivery.reason.split(separator: "\n").compactMap {
          HoldReason(ledgerLine: $0)
        })
    }.sorted { ($0.isOlder ? 1 : 0, $0.delivery.id) < ($1.isOlder ? 1 : 0, $1.delivery.id) }
  }

  private static func pending(
    _ sums: [PendingSum], _ night: Int, _ calendar: WorkingDayCalendar
  ) -> [Pending] {
    var groups: [String: Pending] = [:]
    for sum in sums {
      let key = "\(sum.system)\t\(sum.category)\t\(sum.rule)"
      var group =
        groups[key]
        ?? Pending(
          system: sum.system, category: sum.category, rule: sum.rule, records: 0, overFive: 0,
          overTen: 0, since: sum.night)
      let age =
        CivilDate(sum.night).flatMap { calendar.workingDays(from: $0.dayNumber, to: night) } ?? 0
      group.records += sum.records
      group.overFive += age > 5 ? sum.records : 0
      group.overTen += age > 10 ? sum.records : 0
      group.since = min(group.since, sum.night)
      groups[key] = group
    }
    return groups.values.sorted {
      ($1.records, $0.system, $0.category, $0.rule)
        < ($0.records, $1.system, $1.category, $1.rule)
    }
  }
}

extension MorningReport.Cause {
  fileprivate mutating func add(_ sum: FindingSum) {
    count += sum.count
    if let index = systems.firstIndex(where: { $0.system == sum.system }) {
      systems[index].count += sum.count
    } else {
      systems.append(.init(system: sum.system, count: sum.count))
    }
  }
}

extension MorningReport.Core {
  fileprivate init(
    _ domain: CoreDomainDefinition, _ tonight: [Measure], _ before: [Measure]
  ) {
    self.domain = domain
    func count(_ measures: [Measure], _ checked: String, _ failed: String)
      -> CoreAccuracy.Count?
    {
      var count = CoreAccuracy.Count()
      for measure in measures where measure.domain == domain.domain.rawValue {
        if measure.name == checked { count.checked += Int(measure.value) }
        if measure.name == failed { count.failed += Int(measure.value) }
      }
      return count.checked > 0 ? count : nil
    }
    delivered = count(tonight, Measure.coreChecked, Measure.coreFailed)
    published = count(tonight, Measure.corePublishedChecked, Measure.corePublishedFailed)
    previousDelivered = count(before, Measure.coreChecked, Measure.coreFailed)
    previousPublished = count(before, Measure.corePublishedChecked, Measure.corePublishedFailed)
  }
}
