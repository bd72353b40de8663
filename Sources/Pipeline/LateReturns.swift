import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// Returns records of tonight that contradict other systems in a way that a rule does not let pass: a rule
/// between systems, or one that names an owner.
///
/// That can only be said when all deliveries are loaded, in whatever order they came. The record's row is
/// closed by the publication that opened it, so that nobody ever sees it; what it had replaced stays; the
/// record is read once more from its original. A row that an earlier publication shows is not taken back,
/// it gets a label.
struct LateReturns {
  let bench: ReferenceBench
  let run: RunEntry
  let home: HomeFolder
  let reader: any DeliveryReader
  let configuration: RunConfiguration
  let moment: RunMoment
  let progress: any ProgressReporter

  private var engine: any WarehouseEngine { bench.engine }

  /// Goes round until nothing is left to return: what had been replaced may be tonight's too.
  ///
  /// Rules between systems come first, so that an owner that has to go back itself returns nobody. Of the
  /// deliveries of a round the last comes first, see ``StateReversal``.
  func apply() throws {
    repeat {
      for category in bench.catalog.categories {
        let rules = try bench.judge(category, "").validator.referenceRules
        guard rules.contains(where: \.returns) else { continue }
        while try round(category) {}
      }
    } while try authorityRound()
  }

  /// - Returns: Whether anything was returned.
  private func authorityRound() throws -> Bool {
    let findings = try AuthorityReturns(
      bench: bench, run: run, configuration: configuration, moment: moment
    ).findings()
    var steps: [LoadStep] = []
    var reversal = StateReversal()
    for (id, rows) in Dictionary(grouping: findings.keys, by: { $0 >> 32 })
      .sorted(by: { $0.key > $1.key })
    {
      let delivery = try bench.delivery(id)
      guard let category = bench.catalog.category(delivery.category) else { continue }
      steps += try returns(rows.sorted(), delivery, category, &reversal) { _, page, _ in
        page.rowIDs.flatMap { findings[$0] ?? [] }.batch(page)
      }
    }
    try engine.apply(together: steps)
    return !steps.isEmpty
  }

  /// - Returns: Whether anything was returned.
  private func round(_ category: Category) throws -> Bool {
    var failed: [Int64: [Int64]] = [:]
    let elements = try bench.judge(category, "").records.elements
    // All are judged before the first goes back: of two that contradict each other both do.
    try OpenedRows(bench: bench, run: run).forEachPage(category.id, elements) { delivery, page in
      let judge = try bench.judge(category, delivery.system)
      let findings = try judge.findings(
        page, judge.records.chunk(page), bench.catalog, engine, publication: bench.publication,
        where: \.returns)
      for finding in findings {
        let row = page.rowIDs[Int(finding.finding.row)]
        if failed[delivery.id]?.last != row { failed[delivery.id, default: []].append(row) }
      }
    }
    var steps: [LoadStep] = []
    var reversal = StateReversal()
    for (id, rows) in failed.sorted(by: { $0.key > $1.key }) {
      steps += try returns(rows, try bench.delivery(id), category, &reversal) {
        judge, page, chunk in
        let findings = try judge.findings(
          page, chunk, bench.catalog, engine, publication: bench.publication, where: \.returns)
        return judge.labels(findings, page, chunk, bench.catalog).batch
      }
    }
    // All or none: what is left of a contradiction would stand alone after a kill.
    try engine.apply(together: steps)
    return !steps.isEmpty
  }

  /// - Parameters:
  ///   - reversal: Of the round, whose later deliveries were here before.
  ///   - reasons: Gives what is said of the records of a page.
  private func returns(
    _ ids: [Int64], _ delivery: DeliveryEntry, _ category: Category,
    _ reversal: inout StateReversal,
    reasons: (ReferenceBench.Judge, StoredRows, ElementChunk) throws -> TableBatch
  ) throws -> [LoadStep] {
    guard
      let plan = DeliveryPlan(
        catalog: bench.catalog, system: delivery.system, category: category.id,
        configuration: configuration)
    else {
      throw PipelineError(
        .invariant, "\(delivery.fileName) was loaded without an adapter; nothing is published")
    }
    let judge = try bench.judge(category, delivery.system)
    let isOwn = delivery.run == run.id
    var states: [Int64: RecordState] = [:]
    let wanted = Set(ids)
    // Contradictions are few or something is badly wrong, as in ``CoreRecheck``.
    try engine.scanRecordStates(stream: plan.stream) { state in
      if let row = state.rowID, wanted.contains(row) { states[row] = state }
    }
    let originals = try OriginalRecords(
      home.archive + "/" + delivery.archivePath, plan.adapter, plan.mapping, reader,
      numbers: Set(ids.map { Int($0 & 0xFFFF_FFFF) }))
    var steps: [LoadStep] = []
    var blocks = try engine.delivery(id: delivery.id)?.loadedBlocks ?? 0
    try bench.forEachPage(of: ids, category.id, judge.records.elements) { _, page in
      let chunk = judge.records.chunk(page)
      blocks += 1
      var step = LoadStep(
        delivery: isOwn ? delivery.id : LoadStep.night, publication: run.publication,
        loadedBlocks: isOwn ? blocks : 0)
      var batch = QuarantineBatch(plan)
      try begin(&reversal, step.delivery, page.rowIDs.compactMap { states[$0] })
      for row in 0..<page.count {
        let id = page.rowIDs[row]
        guard let record = states[id]?.key, let attempts = reversal.takeBack(record, id) else {
          // It would be found once more in every round.
          throw PipelineError(
            .invariant, "row \(id) goes back and no record shows it; nothing is published")
        }
        step.returnedLate.count += isOwn ? 1 : 0
        step.returnedLate.firstCount += isOwn && attempts == 0 ? 1 : 0
        batch.append(
          id, chunk, row, originals.record(page.positions[row].recordNumber), state: record,
          attempt: attempts + 1)
      }
      let (transition, reopenedRows) = reversal.changes()
      step.take(transition)
      step.reopenedRows = reopenedRows
      step.batches = [batch.batch, try reasons(judge, page, chunk)]
      steps.append(step)
    }
    progress.note(
      "\(delivery.system) \(delivery.category) \(delivery.fileName): \(ids.count) records go back, "
        + "they contradict other systems")
    return steps
  }

  /// Reads what it takes to give records and their business keys the states that they had before.
  ///
  /// - Parameter delivery: Whose records they are; ``LoadStep/night`` for what had waited.
  private func begin(
    _ reversal: inout StateReversal, _ delivery: Int64, _ states: [RecordState]
  ) throws {
    var before = StateReversal.States()
    func note(_ keys: [Fingerprint]) throws {
      let noted = try engine.recordStatesBefore(delivery: delivery, Set(keys).sorted())
      before.records.merge(noted.compactMapValues { $0 }) { old, _ in old }
    }
    try note(states.map(\.key))
    // The key that the record gives up, and the one that it had.
    let keys = Set(states.compactMap(\.entity))
      .union(before.records.values.compactMap(\.entity)).sorted()
    before.entities = try engine.entityStatesBefore(delivery: delivery, keys)
      .compactMapValues { $0 }
    let others = Set(before.entities.values.map(\.record)).subtracting(states.map(\.key)).sorted()
    try note(others)
    var now = StateReversal.States()
    for state in states + (try engine.recordStates(others)) { now.records[state.key] = state }
    for state in try engine.entityStates(keys) { now.entities[state.key] = state }
    reversal.begin(now: now, before: before)
  }
}

/// Records of a delivery as they came, read once more from its original.
struct OriginalRecords {
  struct Record {
    var position: SourcePosition
    var raw: [UInt8]
  }

  private var records: [Int: Record] = [:]

  /// - Parameter numbers: Of the records that are wanted.
  /// - Throws: ``PipelineError`` if one of them is not there any more.
  init(
    _ path: String, _ adapter: SourceAdapter, _ mapping: CategoryMapping,
    _ reader: any DeliveryReader, numbers: Set<Int>
  ) throws {
    var found: [Int: Record] = [:]
    _ = try reader.read(
      path, try reader.inspect(path, adapter), adapter, mapping, exactPositions: true,
      onHeader: { _ in }
    ) { chunk in
      for row in 0..<chunk.recordCount where numbers.contains(chunk.positions[row].recordNumber) {
        found[chunk.positions[row].recordNumber] = Record(
          position: chunk.positions[row], raw: Array(chunk.text[chunk.raws[row].range]))
      }
    }
    guard found.count == numbers.count else {
      throw PipelineError(
        .unreadable, "\(path) no longer has the records that were loaded from it")
    }
    records = found
  }

  func record(_ number: Int) -> Record {
    records[number]
      ?? Record(position: SourcePosition(recordNumber: number, line: 0, byteOffset: 0), raw: [])
  }
}

/// Records on their way to quarantine that were accepted at first.
struct QuarantineBatch {
  private let plan: DeliveryPlan
  private let keys: RecordKeys
  private var text: TextArena = []
  private var rows: [Int64] = []
  private var positions: [SourcePosition] = []
  private var attempts: [Int64] = []
  /// Record key, source record id, entity key, raw.
  private var texts: [[TextRef]] = Array(repeating: [], count: 4)

  init(_ plan: DeliveryPlan) {
    self.plan = plan
    keys = RecordKeys(plan, header: [])
  }

  mutating func append(
    _ id: Int64, _ chunk: ElementChunk, _ row: Int, _ original: OriginalRecords.Record,
    state: Fingerprint, attempt: Int
  ) {
    rows.append(id)
    positions.append(original.position)
    attempts.append(Int64(attempt))
    texts[0].append(text.appendText(state.hexadecimal))
    let column = plan.column(plan.configuration.recordIDElement)
    let name = column.map { chunk.columns[$0].texts[row] } ?? .absent
    texts[1].append(name.isAbsent ? .absent : text.appendText(chunk.text.string(name)))
    texts[2].append(text.appendText(keys.entityText(chunk, row)))
    let start = text.count
    text.append(contentsOf: original.raw)
    texts[3].append(text.text(from: start))
  }

  var batch: TableBatch {
    let tier = plan.category.elements.map(\.element.tier).max() ?? .restricted
    return TableBatch(
      table: TableModel.quarantine.name, rowCount: rows.count,
      columns: [
        .integers(rows), .constantText("returned"), .constantText(plan.category.id),
        .constantText(plan.system.id), .integers(positions.map { Int64($0.recordNumber) }),
        .integers(positions.map { Int64($0.line) }),
        .integers(positions.map { Int64($0.byteOffset) }), .integers(attempts),
        .texts(texts[0]), .texts(texts[1]), .texts(texts[2]), .texts(texts[3]),
        .constantText(tier.rawValue),
      ], text: text)
  }
}
