import Catalog
import Reconciliation
import Records
import Standardization
import Validation
import Warehouse

/// The independent pass over the tables between load and publication: reads the rows that a publication
/// is about to open back from the warehouse, judges their core elements anew and withholds the rows
/// that fail.
///
/// Nothing of the first judgement is used: no verdict, no finding, no number that standardization left.
/// Only columns of core elements are read, and what their checks and the domains' predicates need; a
/// category without core elements is not read at all. One delivery after the other, in the order of the
/// ledger, each ended by one transaction: what a killed pass had not ended is read again.
///
/// A withheld row is closed by the publication that opened it, so that no reader ever sees it, and its
/// record is unknown as if it had been deleted: the next delivery of it is judged anew. The row that it
/// had replaced stays closed: what it says is known to be out of date.
///
/// - Source: semantics.md §2, *core accuracy as published*.
final class CoreRecheck {
  /// What is compiled once for a system's deliveries of one category.
  fileprivate struct Bench {
    let stream: UInt16
    let category: Category
    let standardizer: Standardizer
    let validator: CategoryValidator
    let context: ValidationContext
  }

  private let catalog: Catalog
  private let configuration: RunConfiguration
  private let engine: any WarehouseEngine
  private let moment: RunMoment
  private let progress: any ProgressReporter
  /// By stream; nil where there is nothing to look at.
  private var benches: [String: Bench?] = [:]

  init(
    catalog: Catalog, configuration: RunConfiguration, engine: any WarehouseEngine,
    moment: RunMoment, progress: any ProgressReporter
  ) {
    self.catalog = catalog
    self.configuration = configuration
    self.engine = engine
    self.moment = moment
    self.progress = progress
  }

  /// Looks at all loaded deliveries of a run that an earlier pass did not end.
  func run(_ run: RunEntry) throws {
    let done = Set(
      try engine.measures(run: run.id).filter { $0.name == Measure.corePublishedChecked }
        .map(\.delivery))
    for delivery in try engine.deliveries(run: run.id)
    where delivery.status == .loaded && delivery.balance.accepted > 0
      && !done.contains(delivery.id)
    {
      try look(at: delivery, run)
    }
    // What earlier nights left waiting and this one shows; its numbers stay those of its own night.
    let waited = try engine.closedWaiting(publication: run.publication).filter {
      $0.outcome == .published
    }
    for id in Set(waited.map { $0.rowID >> 32 }).sorted() {
      if let delivery = try engine.delivery(id: id), delivery.run != run.id {
        try look(at: delivery, run)
      }
    }
  }

  private func look(at delivery: DeliveryEntry, _ run: RunEntry) throws {
    guard let bench = try bench(delivery) else { return }
    progress.begin(.recheck, delivery.fileName, total: delivery.balance.accepted)
    let (accuracy, failed) = try recheck(delivery, run, bench)
    try store(accuracy, failed, delivery, run, bench)
    progress.end()
    guard !failed.isEmpty else { return }
    progress.note(
      "\(delivery.system) \(delivery.category) \(delivery.fileName): \(failed.count) records are "
        + "withheld, their core values as stored are not accurate")
  }

  private func bench(_ delivery: DeliveryEntry) throws -> Bench? {
    let stream = DeliveryProcess.stream(delivery)
    if let bench = benches[stream] { return bench }
    guard
      let plan = DeliveryPlan(
        catalog: catalog, system: delivery.system, category: delivery.category,
        configuration: configuration)
    else {
      throw PipelineError(
        .invariant, "\(delivery.fileName) was loaded without an adapter; nothing is published")
    }
    let bench = try catalog.coreOnly(plan.category).map { catalog, category in
      try Bench(plan, catalog, category, moment)
    }
    benches[stream] = .some(bench)
    return bench
  }

  /// - Returns: What was counted, and the rows with a core value that is wrong.
  private func recheck(
    _ delivery: DeliveryEntry, _ run: RunEntry, _ bench: Bench
  ) throws -> (CoreAccuracy, Set<Int64>) {
    let result = Result()
    let line = OrderedWork(
      slots: (0..<OrderedWork<Slot>.coreCount + 2).map { _ in
        Slot(elements: bench.standardizer.makeResult())
      },
      work: { $0.judge(bench) },
      settle: { slot in
        result.accuracy.add(slot.accuracy)
        for number in slot.failed { result.failed.insert(delivery.id << 32 | Int64(number)) }
        slot.chunk.removeAll()
      })
    var count = 0
    try line.finish(after: {
      try engine.openRows(
        delivery: delivery.id, publication: run.publication, category: bench.category.id,
        elements: bench.category.elements.map(\.element.identifier)
      ) { chunk in
        count += chunk.recordCount
        try line.submit { $0.chunk.exchange(with: &chunk) }
        progress.advance(to: count)
      }
    })
    return (result.accuracy, result.failed)
  }

  /// What a pass over one delivery has found; filled by one thread at a time.
  private final class Result {
    var accuracy = CoreAccuracy()
    var failed: Set<Int64> = []
  }

  /// Room for the rows of one chunk while they are judged.
  private final class Slot {
    var chunk = RecordChunk(columnCount: 0, stride: 0)
    private var elements: ElementChunk
    private var findings: [Finding] = []
    private(set) var accuracy = CoreAccuracy()
    /// Record numbers.
    private(set) var failed: [Int] = []

    init(elements: ElementChunk) { self.elements = elements }

    func judge(_ bench: Bench) {
      findings.removeAll(keepingCapacity: true)
      failed.removeAll(keepingCapacity: true)
      bench.standardizer.standardize(&chunk, into: &elements)
      let isSkipped = [Bool](repeating: false, count: chunk.recordCount)
      bench.validator.validate(
        elements, skipping: isSkipped, context: bench.context, into: &findings)
      accuracy = bench.validator.coreAccuracy(
        elements, isSkipped, findings, context: bench.context
      ) { failed.append(chunk.positions[$0].recordNumber) }
    }
  }

  /// Writes the numbers and withholds the rows, together.
  private func store(
    _ accuracy: CoreAccuracy, _ failed: Set<Int64>, _ delivery: DeliveryEntry, _ run: RunEntry,
    _ bench: Bench
  ) throws {
    var transition = StateTransition()
    if !failed.isEmpty {
      // Failures are few or something is badly wrong: an index of states by row would be paid for by
      // every load.
      var stateless = failed
      try engine.scanRecordStates(stream: bench.stream) { state in
        guard let row = state.rowID, stateless.remove(row) != nil else { return }
        _ = transition.removeRecord(state)
      }
      transition.closedRows += stateless
    }
    let isOwn = delivery.run == run.id
    var step = LoadStep(
      delivery: isOwn ? delivery.id : LoadStep.night, publication: run.publication,
      loadedBlocks: delivery.loadedBlocks + 1)
    step.take(transition)
    step.closedRows.sort()
    for (domain, count) in accuracy.counts.sorted(by: { $0.key.rawValue < $1.key.rawValue })
    where isOwn {
      step.measures += [
        Measure(
          delivery: delivery.id, name: Measure.corePublishedChecked, domain: domain.rawValue,
          value: Int64(count.checked)),
        Measure(
          delivery: delivery.id, name: Measure.corePublishedFailed, domain: domain.rawValue,
          value: Int64(count.failed)),
      ]
    }
    if !failed.isEmpty, isOwn {
      step.measures.append(
        Measure(delivery: delivery.id, name: Measure.withheld, value: Int64(failed.count)))
    }
    try engine.apply(step)
  }
}

extension CoreRecheck.Bench {
  /// - Parameters:
  ///   - catalog: With `category` in it, which is the plan's reduced to what core accuracy looks at.
  fileprivate init(
    _ plan: DeliveryPlan, _ catalog: Catalog, _ category: Category, _ moment: RunMoment
  ) throws {
    stream = plan.stream
    self.category = category
    // Columns of the table instead of the export's; no labels, units or constants of the system.
    let names = category.elements.map(\.element.identifier)
    let mapping = CategoryMapping(
      category: category.id, files: [],
      columns: names.map { ColumnMapping(column: $0, element: $0) })
    standardizer = Standardizer(
      catalog: catalog, category: category, adapter: plan.adapter, mapping: mapping,
      columns: Array(names.indices), values: [:])
    validator = try CategoryValidator(
      catalog: catalog, category: category, system: plan.system.id)
    context = validator.context(
      ValidationDates(today: moment.today, night: moment.night, now: moment.now))
  }
}

extension Measure {
  /// Core values of a delivery's records as they came, by domain.
  static let coreChecked = "core-checked"
  /// Of these, the ones that were wrong.
  static let coreFailed = "core-failed"
  /// Core values of a delivery's rows that were looked at before their publication, by domain.
  static let corePublishedChecked = "core-published-checked"
  /// Of these, the ones that were wrong.
  static let corePublishedFailed = "core-published-failed"
  /// Accepted records of a delivery whose rows were not published.
  static let withheld = "withheld"
}
