import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// Judges records again that earlier nights left waiting: those that want what came tonight, and those
/// whose days are over. No other is looked at.
///
/// To be run for a category with waiting records when everything that they wait for is loaded, and before
/// its own deliveries. May be repeated: a record that waits no longer is not among the waiting ones.
struct WaitingPass {
  let bench: ReferenceBench
  let run: RunEntry
  /// Days since 1970-01-01.
  let night: Int
  private let excuses: Excuses

  init(bench: ReferenceBench, run: RunEntry, night: Int) {
    self.bench = bench
    self.run = run
    self.night = night
    excuses = Excuses(bench, run, night: night)
  }

  private var engine: any WarehouseEngine { bench.engine }

  func apply(_ category: Category) throws {
    let rules = try bench.judge(category, "").validator.referenceRules.filter(\.waits)
    try engine.prepareLookups(rules.flatMap(\.allReferences).map(\.lookupKey))
    var rows = Set<Int64>()
    for key in Set(rules.flatMap(\.allReferences).map(\.lookupKey)) {
      try OpenedRows(bench: bench, run: run).forEachPage(key.category, key.elements) { _, page in
        let keys = KeyTexts(page, multiValued: key.multiValued).keys.map {
          WantedKeys.fingerprint(key.category, key.elements, $0)
        }
        rows.formUnion(try engine.waitingRows(wanting: keys.sorted()))
      }
    }
    let day = CivilDate(dayNumber: night).description
    rows.formUnion(try engine.waitingRows(category: category.id, due: day))
    var ripe: [Int64: WaitingRecord] = [:]
    for record in try engine.waitingRecords(rows.sorted()) where record.category == category.id {
      ripe[record.rowID] = record
    }
    let judge = try bench.judge(category, "")
    try bench.forEachPage(
      of: ripe.keys.sorted(), category.id, judge.records.elements, isVisible: false
    ) { delivery, page in
      try settle(page, ripe, delivery, category)
    }
  }

  /// Judges waiting records of one delivery.
  private func settle(
    _ page: StoredRows, _ ripe: [Int64: WaitingRecord], _ delivery: DeliveryEntry,
    _ category: Category
  ) throws {
    let judge = try bench.judge(category, delivery.system)
    let chunk = judge.records.chunk(page)
    let findings = try judge.findings(
      page, chunk, bench.catalog, bench.engine, publication: bench.publication, where: \.waits)
    let failed = Dictionary(grouping: findings) { Int($0.finding.row) }
    var labels = findings
    var settlement = try Settlement(engine, page.rowIDs.compactMap { ripe[$0] })
    for row in 0..<page.count {
      guard let record = ripe[page.rowIDs[row]] else { continue }
      if let reasons = failed[row] {
        guard record.due <= CivilDate(dayNumber: night).description,
          try !excuses.hold(for: reasons, delivery.system)
        else { continue }
        settlement.giveBack(record)
      } else if settlement.publish(record) == .returned {
        labels.append(
          ReferenceFinding(
            finding: Finding(row: row, check: judge.validator.duplicateCheck)))
      }
    }
    labels.sort { ($0.finding.row, $0.finding.check) < ($1.finding.row, $1.finding.check) }
    // First the labels, which may be written again: what is settled is not looked at a second time.
    try engine.replaceLabels(
      LabelUpdate(
        publication: run.publication, rows: page.rowIDs,
        labels: judge.labels(labels, page, chunk, bench.catalog).batch, reviews: []))
    guard settlement.transition.count > 0 else { return }
    var step = LoadStep(delivery: LoadStep.night, publication: run.publication, loadedBlocks: 0)
    step.take(settlement.transition)
    try engine.apply(step)
  }

  /// States that several records of one step may change one after the other.
  private struct Settlement {
    var transition = StateTransition()
    private var records: [Fingerprint: RecordState] = [:]
    private var entities: [Fingerprint: EntityState] = [:]

    init(_ engine: any WarehouseEngine, _ waiting: [WaitingRecord]) throws {
      for state in try engine.recordStates(Set(waiting.map(\.recordKey)).sorted()) {
        records[state.key] = state
      }
      let keys = Set(records.values.compactMap { $0.waiting?.entity }).sorted()
      for state in try engine.entityStates(keys) { entities[state.key] = state }
    }

    /// - Returns: What became of the record; it is returned where it contradicts another one.
    mutating func publish(_ record: WaitingRecord) -> WaitingOutcome {
      guard let state = records[record.recordKey], state.waiting?.rowID == record.rowID else {
        return .replaced
      }
      var change = StateTransition()
      let outcome = change.publishWaiting(
        state, entity: state.waiting?.entity.flatMap { entities[$0] })
      guard outcome != .returned else {
        giveBack(record)
        return outcome
      }
      take(change)
      return outcome
    }

    mutating func giveBack(_ record: WaitingRecord) {
      guard let state = records[record.recordKey], state.waiting?.rowID == record.rowID else {
        return
      }
      var change = StateTransition()
      change.returnWaiting(state)
      take(change)
    }

    private mutating func take(_ change: StateTransition) {
      for state in change.recordStates { records[state.key] = state }
      for state in change.entityStates { entities[state.key] = state }
      // A later record of the step may take over what an earlier one opened.
      transition.recordStates.removeAll { old in
        change.recordStates.contains { $0.key == old.key }
      }
      transition.entityStates.removeAll { old in
        change.entityStates.contains { $0.key == old.key }
      }
      transition.recordStates += change.recordStates
      transition.entityStates += change.entityStates
      transition.removedEntities += change.removedEntities
      transition.overtakenRecords += change.overtakenRecords
      transition.openedRows += change.openedRows
      transition.closedRows += change.closedRows
      transition.closedReturns += change.closedReturns
      transition.closedWaiting += change.closedWaiting
    }
  }
}

/// Knows whether some delivery that may hold what a record waits for has not come or is held: then the
/// record is not to blame (semantics.md §7).
private final class Excuses {
  private let bench: ReferenceBench
  private let run: RunEntry
  private let night: Int
  /// Systems whose deliveries of a category are missing tonight or held, once they are known.
  private var absent: [String: Set<String>]?

  init(_ bench: ReferenceBench, _ run: RunEntry, night: Int) {
    self.bench = bench
    self.run = run
    self.night = night
  }

  func hold(for reasons: [ReferenceFinding], _ system: String) throws -> Bool {
    let absent = try absentSystems()
    return Set(reasons.flatMap(\.targets).map(\.category)).contains { category in
      guard let systems = absent[category] else { return false }
      let isOwn = bench.catalog.adapter(system)?.categories.contains { $0.category == category }
      // Anybody may bring what the system itself does not deliver.
      return isOwn == true ? systems.contains(system) : true
    }
  }

  private func absentSystems() throws -> [String: Set<String>] {
    if let absent { return absent }
    var result: [String: Set<String>] = [:]
    for delivery in try bench.engine.deliveries(status: .held) {
      result[delivery.category, default: []].insert(delivery.system)
    }
    let ledger = try NightLedger(bench.engine, upTo: night)
    // The ledger tells of published nights; what came tonight is not missing.
    let tonight = try bench.engine.deliveries(run: run.id).filter {
      [.taken, .judged, .loaded].contains($0.status)
    }
    let due = Timeliness.all(bench.catalog, ledger, night: night).filter { entry in
      entry.state == .missing
        && !tonight.contains { $0.system == entry.system && $0.category == entry.category }
    }
    for missing in due {
      result[missing.category, default: []].insert(missing.system)
    }
    absent = result
    return result
  }
}

/// The keys of stored rows: every text of the elements that make them, each key once.
struct KeyTexts {
  private(set) var keys: [[ArraySlice<UInt8>]] = []

  /// - Parameters:
  ///   - rows: Read with the elements of the key.
  ///   - multiValued: Index of the element with several values; nil if none.
  init(_ rows: StoredRows, multiValued: Int?) {
    var known = Set<[ArraySlice<UInt8>]>()
    for row in 0..<rows.count {
      let refs = rows.columns.map { $0[row] }
      guard refs.allSatisfy({ !$0.isAbsent }) else { continue }
      let key = refs.map { rows.text[$0.range] }
      let values = multiValued.map { key[$0].split(separator: UInt8(ascii: ";")) } ?? [[]]
      for value in values {
        var single = key
        if let multiValued { single[multiValued] = value }
        if known.insert(single).inserted { keys.append(single) }
      }
    }
  }
}
