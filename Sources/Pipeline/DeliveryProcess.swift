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
    case ready(DeliveryEntry, DeliverySurvey, CategoryValidator)
    /// It waits for a person.
    case held(DeliveryEntry, [HoldReason], recordCount: Int)
  }

  /// A delivery that has been judged and let in; its states and its segment are still to be brought in.
  private struct Judged {
    var entry: DeliveryEntry
    var result: JudgeResult
    let survey: DeliverySurvey
    let validator: CategoryValidator
    let verdicts: MappedArray<Verdict>
    let segment: DeliverySegment
    /// The delivery holds every record of its source: those missing are removed.
    let removes: Bool
  }

  /// Brings a delivery as far as it will go tonight: loaded, which `loads` may still be at, or held.
  func run(_ delivery: DeliveryEntry, _ surveys: SurveyAhead, _ loads: LoadBehind) throws {
    guard delivery.status == .taken else {
      if delivery.status == .judged {
        try loads.begin(delivery) { try load(delivery, after: 0, onProgress: $0) }
      }
      return
    }
    let rows =
      isFirstLoad
      ? RowLoader(engine: engine, delivery: delivery.id, publication: publication) : nil
    progress.begin(.survey, delivery.fileName, total: 0)
    let survey = try surveys.take(delivery)
    progress.end()
    switch survey {
    case .held(let entry, let reasons, let count):
      try engine.update(held(entry, reasons, count))
    case .ready(let entry, let survey, let validator):
      try loads.finish(stream: Self.stream(entry))
      try survey.resolve(engine)
      switch try judge(entry, survey, validator, rows, loads) {
      case .held(let entry): try engine.update(entry)
      case .judged(let judged):
        try loads.begin(judged.entry) { onProgress in
          let entry = try settle(judged)
          try engine.update(entry)
          return try load(entry, after: rows?.stepCount ?? 0, onProgress: onProgress)
        }
      }
    }
  }

  /// Brings the segment of a judged delivery into the warehouse.
  private func load(
    _ entry: DeliveryEntry, after stepCount: Int, onProgress: (Int) -> Void
  ) throws -> DeliveryEntry {
    try DeliveryLoader(engine: engine, publication: publication).load(
      entry, segment: segmentPath(entry.id), after: stepCount, onProgress: onProgress)
    guard var loaded = try engine.delivery(id: entry.id) else { return entry }
    loaded.status = .loaded
    try engine.update(loaded)
    return loaded
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
    guard inspection.content.hexadecimal == entry.content, inspection.length == entry.length else {
      return .held(entry, [HoldReason(.q15, .changed)], recordCount: 0)
    }
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
    let validator = try CategoryValidator(
      catalog: catalog, category: plan.category, system: plan.system.id)
    return .ready(entry, survey, validator)
  }

  private func archivePath(_ delivery: DeliveryEntry) -> String {
    home.archive + "/" + delivery.archivePath
  }

  // MARK: Judging

  private enum Verdicts {
    case held(DeliveryEntry)
    case judged(Judged)
  }

  private func judge(
    _ delivery: DeliveryEntry, _ survey: DeliverySurvey, _ validator: CategoryValidator,
    _ rows: RowLoader?, _ loads: LoadBehind
  ) throws -> Verdicts {
    var entry = delivery
    let plan = survey.plan
    let isReleased = delivery.isReleased
    let references = try ReferenceJudge(
      engine, catalog, validator, publication: publication,
      due: catalog.calendar.adding(configuration.pendingWorkdays, to: moment.night))
    if let references {
      try loads.finish(
        before: plan.category.id, looksIntoOwn: references.looksIntoOwnCategory)
    }
    let builder = BatchBuilder(survey, delivery: entry.id, due: references?.due ?? "")
    let segment = try DeliverySegment(
      folder: home.work, name: Self.segmentName(entry.id), builder: builder, rows: rows)
    let judge = try DeliveryJudge(
      survey: survey, validator: validator, moment: moment, batchNumber: entry.batchNumber,
      folder: home.work, sink: segment, references: references)
    progress.begin(.judge, entry.fileName, total: survey.entries.count)
    judge.onProgress = { progress.advance(to: $0) }
    let result: JudgeResult
    do {
      result = try judge.run(archivePath(delivery), reader)
    } catch  where PipelineError.concernsDelivery(error) {
      progress.end()
      try segment.discard()
      return .held(
        held(entry, [HoldReason(.q15, .unreadable, "\(error)")], survey.entries.count))
    }
    progress.end()
    let reasons = isReleased ? [] : HoldGate().reasons(result, validator, plan.adapter)
    guard reasons.isEmpty else {
      try segment.discard()
      return .held(held(entry, reasons, survey.entries.count))
    }
    var removes = entry.isFull && !isReleased && survey.isComplete
    if removes, let count = fullCounts[Self.stream(entry)], count > 1 {
      // They may be parts of one export; then what one lacks is in another.
      removes = false
      let words = "full deliveries in one night: nothing was removed"
      // A run that was killed may have said so before.
      var lines = entry.reason.split(separator: "\n").map(String.init)
      lines.removeAll { $0.hasSuffix(words) }
      lines.append("\(count) \(words)")
      entry.reason = lines.joined(separator: "\n")
      progress.note("\(entry.fileName): \(count) full deliveries tonight, nothing is removed")
    }
    return .judged(
      Judged(
        entry: entry, result: result, survey: survey, validator: validator,
        verdicts: judge.verdicts, segment: segment, removes: removes))
  }

  /// Settles the states of a judged delivery's records and closes its books.
  private func settle(_ judged: Judged) throws -> DeliveryEntry {
    var (entry, result) = (judged.entry, judged.result)
    result.balance.removed = try judged.segment.appendStates(
      judged.survey, judged.verdicts, engine: engine, isFull: judged.removes)
    try judged.segment.finish()
    entry.balance = result.balance
    guard entry.balance.isBalanced else {
      throw PipelineError(
        .invariant,
        "\(entry.fileName): \(entry.balance.difference) of \(entry.balance.read) records are "
          + "unaccounted for; nothing of the delivery was loaded")
    }
    try engine.replaceMeasures(measures(entry.id, result, judged.validator), delivery: entry.id)
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
