import Catalog
import Reconciliation
import Records
import Standardization
import Validation
import Warehouse

/// Takes one delivery from the archive to the warehouse: survey, judge, gate, load.
struct DeliveryProcess {
  let home: HomeFolder
  let catalog: Catalog
  let configuration: RunConfiguration
  let engine: any WarehouseEngine
  let reader: any DeliveryReader
  let moment: RunMoment
  let publication: Int64
  let progress: any ProgressReporter
  /// What was found when a delivery was received in this process, so that it is not read once more.
  let inspections: [Int64: FileInspection]
  /// Everything of this night goes to a private build of the warehouse.
  let isFirstLoad: Bool
  /// Full deliveries of the night by stream.
  let fullCounts: [String: Int]

  /// System and category of a delivery.
  static func stream(_ entry: DeliveryEntry) -> String { "\(entry.system) \(entry.category)" }

  static func segmentName(_ delivery: Int64) -> String { "delivery-\(delivery).segment" }

  private func segmentPath(_ delivery: Int64) -> String {
    home.work + "/" + Self.segmentName(delivery)
  }

  /// What is known of a delivery before any of its records is judged.
  enum Survey {
    /// It can be judged.
    case ready(DeliveryEntry, DeliveryPlan, DeliverySurvey)
    /// It waits for a person.
    case held(DeliveryEntry, [HoldReason], recordCount: Int)
  }

  /// Brings a delivery as far as it will go tonight: loaded or held.
  func run(_ entry: DeliveryEntry, _ surveys: SurveyAhead) throws -> DeliveryEntry {
    var entry = entry
    let rows =
      isFirstLoad && entry.status == .taken
      ? RowLoader(engine: engine, delivery: entry.id, publication: publication) : nil
    if entry.status == .taken {
      progress.begin(.survey, entry.fileName, total: 0)
      let survey = try surveys.take(entry)
      progress.end()
      switch survey {
      case .held(let found, let reasons, let count): entry = held(found, reasons, count)
      case .ready(let found, let plan, let survey):
        try survey.resolve(engine)
        entry = try judge(found, plan, survey, rows)
      }
      try engine.update(entry)
    }
    guard entry.status == .judged else { return entry }
    progress.begin(.load, entry.fileName, total: 0)
    try DeliveryLoader(engine: engine, publication: publication).load(
      entry, segment: segmentPath(entry.id), after: rows?.stepCount ?? 0
    ) { progress.advance(to: $0) }
    progress.end()
    if var loaded = try engine.delivery(id: entry.id) {
      loaded.status = .loaded
      try engine.update(loaded)
      entry = loaded
    }
    progress.note("\(entry.system) \(entry.category) \(entry.fileName): \(entry.balance)")
    return entry
  }

  // MARK: Survey

  /// Reads a delivery once. Asks nothing of the warehouse and tells nobody, so that it may run beside
  /// the judging of another.
  func survey(_ delivery: DeliveryEntry) throws -> Survey {
    guard
      let plan = DeliveryPlan(
        catalog: catalog, system: delivery.system, category: delivery.category,
        configuration: configuration)
    else {
      return .held(
        delivery, [HoldReason(.q15, .noAdapter, "\(delivery.system) \(delivery.category)")],
        recordCount: 0)
    }
    let path = archivePath(delivery)
    var entry = delivery
    let inspection: FileInspection
    do {
      inspection = try inspections[delivery.id] ?? reader.inspect(path, plan.adapter)
    } catch  where PipelineError.concernsDelivery(error) {
      return .held(entry, [HoldReason(.q15, .unreadable, "\(error)")], recordCount: 0)
    }
    entry.encoding = inspection.encoding
    if let problem = inspection.problem {
      return .held(entry, [HoldReason(.q15, .unreadable, problem)], recordCount: 0)
    }
    let survey = try DeliverySurvey(plan: plan, inspection: inspection, folder: home.work)
    do {
      try survey.read(path, reader)
    } catch  where PipelineError.concernsDelivery(error) {
      return .held(entry, [HoldReason(.q15, .unreadable, "\(error)")], recordCount: 0)
    }
    entry.drift = DriftReport(survey.match, plan.adapter).text
    if survey.match.isCorrection { entry.isFull = false }
    let reasons = HoldGate().reasons(
      survey, expected: entry.expectedRecords, isFull: entry.isFull)
    let binding = entry.isReleased ? reasons.filter(\.isSecret) : reasons
    guard binding.isEmpty else {
      // Of a delivery with classified records nothing is said but their number.
      if binding.contains(where: \.isSecret) { entry.drift = "" }
      return .held(entry, binding, recordCount: survey.entries.count)
    }
    return .ready(entry, plan, survey)
  }

  private func archivePath(_ delivery: DeliveryEntry) -> String {
    home.archive + "/" + delivery.archivePath
  }

  // MARK: Judging

  private func judge(
    _ delivery: DeliveryEntry, _ plan: DeliveryPlan, _ survey: DeliverySurvey, _ rows: RowLoader?
  ) throws -> DeliveryEntry {
    var entry = delivery
    let isReleased = delivery.isReleased
    let validator = try CategoryValidator(
      catalog: catalog, category: plan.category, system: plan.system.id)
    let references = try ReferenceJudge(
      engine, catalog, validator, publication: publication,
      due: catalog.calendar.adding(configuration.pendingWorkdays, to: moment.night))
    let builder = BatchBuilder(survey, delivery: entry.id, due: references?.due ?? "")
    let segment = try DeliverySegment(
      folder: home.work, name: Self.segmentName(entry.id), builder: builder, rows: rows)
    let judge = try DeliveryJudge(
      survey: survey, validator: validator, moment: moment, batchNumber: entry.batchNumber,
      folder: home.work, sink: segment, references: references)
    progress.begin(.judge, entry.fileName, total: survey.entries.count)
    judge.onProgress = { progress.advance(to: $0) }
    var result: JudgeResult
    do {
      result = try judge.run(archivePath(delivery), reader)
    } catch  where PipelineError.concernsDelivery(error) {
      progress.end()
      try segment.discard()
      return held(
        entry, [HoldReason(.q15, .unreadable, "\(error)")], survey.entries.count)
    }
    progress.end()
    let reasons = isReleased ? [] : HoldGate().reasons(result, validator, plan.adapter)
    guard reasons.isEmpty else {
      try segment.discard()
      return held(entry, reasons, survey.entries.count)
    }
    var removes = entry.isFull && !isReleased && survey.isComplete
    if removes, let count = fullCounts[Self.stream(entry)], count > 1 {
      // They may be parts of one export; then what one lacks is in another.
      removes = false
      entry.reason +=
        (entry.reason.isEmpty ? "" : "\n")
        + "\(count) full deliveries in one night: nothing was removed"
      progress.note("\(entry.fileName): \(count) full deliveries tonight, nothing is removed")
    }
    result.balance.removed = try segment.appendStates(
      survey, judge.verdicts, engine: engine, isFull: removes)
    try segment.finish()
    entry.balance = result.balance
    guard entry.balance.isBalanced else {
      throw PipelineError(
        .invariant,
        "\(entry.fileName): \(entry.balance.difference) of \(entry.balance.read) records are "
          + "unaccounted for; nothing of the delivery was loaded")
    }
    try engine.replaceMeasures(measures(entry.id, result, validator), delivery: entry.id)
    entry.status = .judged
    return entry
  }

  private func held(_ entry: DeliveryEntry, _ reasons: [HoldReason], _ records: Int)
    -> DeliveryEntry
  {
    var held = entry
    held.status = .held
    held.reason = reasons.map(\.ledgerLine).joined(separator: "\n")
    held.balance = Balance()
    held.balance.read = records
    held.balance.held = records
    progress.note("\(entry.fileName) is held: \(held.reason)")
    return held
  }

  private func measures(
    _ delivery: Int64, _ result: JudgeResult, _ validator: CategoryValidator
  ) -> [Measure] {
    var measures: [Measure] = []
    for (check, count) in result.findingCounts.enumerated() where count > 0 {
      let description = validator.descriptions[check]
      measures.append(
        Measure(
          delivery: delivery, name: "findings", domain: description.rule,
          element: description.element ?? "", code: description.issue.rawValue,
          value: Int64(count)))
    }
    let judged = result.balance.accepted + result.balance.returned + result.balance.pending
    for (column, count) in result.filled.enumerated() where count > 0 {
      let element = validator.category.elements[column].element.identifier
      measures.append(
        Measure(delivery: delivery, name: Measure.filled, element: element, value: Int64(count)))
    }
    if judged > 0 {
      measures.append(Measure(delivery: delivery, name: Measure.judged, value: Int64(judged)))
    }
    for domain in CoreDomain.allCases {
      guard let count = result.core.counts[domain] else { continue }
      measures.append(
        Measure(
          delivery: delivery, name: Measure.coreChecked, domain: domain.rawValue,
          value: Int64(count.checked)))
      measures.append(
        Measure(
          delivery: delivery, name: Measure.coreFailed, domain: domain.rawValue,
          value: Int64(count.failed)))
    }
    return measures
  }
}

extension DeliveryEntry {
  /// Begins the reason of a delivery that a person let pass.
  package static let releasedPrefix = "released"

  /// Whether a person let it pass.
  var isReleased: Bool { reason.hasPrefix(Self.releasedPrefix) }

  /// Records that the sender's manifest promised; nil without a manifest.
  var expectedRecords: Int? {
    reason.split(separator: "\n").first { $0.hasPrefix("manifest records ") }
      .flatMap { Int($0.dropFirst("manifest records ".count)) }
  }
}
