import Reconciliation
import Records
import Validation
import Warehouse

/// Everything a judged delivery will change, in one private file: rows first, then the states of its
/// records and keys. The file alone is enough to finish a load.
///
/// In a first load the warehouse itself is still a private file that nobody reads: there the rows go to
/// their tables at once (`rows`), and are taken out again if the delivery is held.
///
/// Unchecked: chunks are prepared side by side from what never changes; everything else has one caller.
final class DeliverySegment: JudgedChunkSink, @unchecked Sendable {
  /// A chunk on its way to the file or to the tables.
  enum Prepared {
    case block([UInt8])
    case batches([TableBatch])
    case nothing
  }

  private var writer: SegmentWriter?
  private let builder: BatchBuilder
  private let rows: RowLoader?
  /// States are read while others are found: those have to wait in the file.
  private var hasPriorStates = true
  /// Kept to the end, see ``StateTransition/overtakenRecords``.
  private var overtaken = StateTransition()

  /// State changes of one block.
  private static let statesPerBlock = 16_384

  /// - Parameter rows: Takes rows at once; nil if they have to wait in the file.
  init(folder: String, name: String, builder: BatchBuilder, rows: RowLoader?) throws {
    writer = try SegmentWriter(folder: folder, name: name)
    self.builder = builder
    self.rows = rows
  }

  func prepare(
    _ chunk: borrowing JudgedChunk, _ validator: CategoryValidator
  ) throws -> Prepared {
    let batches = builder.batches(chunk, validator, isCompact: rows == nil)
    if batches.isEmpty { return .nothing }
    return rows == nil ? .block(try SegmentCodec.encode(batches)) : .batches(batches)
  }

  func take(_ prepared: Prepared) throws {
    switch prepared {
    case .block(let bytes): try writer?.append(encoded: bytes)
    case .batches(let batches): try rows?.take(batches)
    case .nothing: break
    }
  }

  private func append(_ batches: [TableBatch]) throws {
    guard !batches.isEmpty else { return }
    try writer?.append(batches)
  }

  /// Appends what the verdicts do to the states of records and keys.
  ///
  /// - Parameters:
  ///   - isFull: The delivery holds every record of its source: those missing are removed.
  /// - Returns: How many rows a full delivery removes.
  func appendStates(
    _ survey: DeliverySurvey, _ verdicts: MappedArray<Verdict>, engine: any WarehouseEngine,
    isFull: Bool
  ) throws -> Int {
    let hasState = try engine.hasState(stream: survey.plan.stream)
    hasPriorStates = hasState
    var transition = StateTransition()
    let rowID: (Int) -> Int64 = { self.builder.rowID($0 + 1) }
    try settleVersions(survey, verdicts, &transition, rowID)
    let none = StateSource<EntityState>(fetch: { _ in [] }, key: \.key)
    try survey.forEachGroup(
      \.entity, survey.byEntity, hasState ? engine.entityStateSource() : none,
      isRelevant: { verdicts[$0] != .none }
    ) { members, prior in
      settleEntities(members, prior, survey, verdicts, &transition, rowID)
      if transition.count >= Self.statesPerBlock { try flush(&transition) }
    }
    try flush(&transition)
    let noRecords = StateSource<RecordState>(fetch: { _ in [] }, key: \.key)
    try survey.forEachGroup(
      \.record, survey.byRecord,
      hasState ? engine.recordStateSource() : noRecords,
      isRelevant: { verdicts[$0] != .none }
    ) { members, prior in
      survey.entries.withSpan { entries in
        survey.attempts.withSpan { attempts in
          verdicts.withSpan { verdicts in
            transition.settleRecord(
              members, prior: prior, entries, verdicts: verdicts, attempts: attempts, rowID: rowID)
          }
        }
      }
      if transition.count >= Self.statesPerBlock { try flush(&transition) }
    }
    try flush(&transition)
    if hasState { try settleAnswers(survey, verdicts, engine, &transition) }
    var removed = 0
    if isFull, hasState { removed = try removeMissing(survey, engine, &transition) }
    try flush(&transition)
    try store(overtaken)
    return removed
  }

  private func settleAnswers(
    _ survey: DeliverySurvey, _ verdicts: MappedArray<Verdict>, _ engine: any WarehouseEngine,
    _ transition: inout StateTransition
  ) throws {
    var last: Fingerprint?
    try survey.forEachAnswer(engine, isRelevant: { verdicts[$0] != .none }) { _, state in
      guard state.key != last else { return }
      last = state.key
      transition.settleAnswered(state)
      if transition.count >= Self.statesPerBlock { try flush(&transition) }
    }
    try flush(&transition)
  }

  private func settleVersions(
    _ survey: DeliverySurvey, _ verdicts: MappedArray<Verdict>,
    _ transition: inout StateTransition, _ rowID: (Int) -> Int64
  ) throws {
    let none = StateSource<RecordState>(fetch: { _ in [] }, key: \.key)
    try survey.forEachGroup(
      \.record, survey.byRecord, none, isRelevant: { verdicts[$0] != .none }
    ) { members, _ in
      survey.entries.withSpan { entries in
        survey.dispositions.withSpan { dispositions in
          verdicts.withMutableSpan { verdicts in
            transition.settleVersions(
              members, entries, dispositions: dispositions, verdicts: &verdicts, rowID: rowID)
          }
        }
      }
      if transition.count >= Self.statesPerBlock { try flush(&transition) }
    }
  }

  private func settleEntities(
    _ members: Span<KeyOrderEntry>, _ prior: EntityState?, _ survey: DeliverySurvey,
    _ verdicts: MappedArray<Verdict>, _ transition: inout StateTransition,
    _ rowID: (Int) -> Int64
  ) {
    survey.entries.withSpan { entries in
      verdicts.withMutableSpan { verdicts in
        transition.settleEntity(members, prior: prior, entries, verdicts: &verdicts, rowID: rowID)
      }
    }
  }

  /// Walks all states of the stream beside the delivery's keys; both ascend.
  private func removeMissing(
    _ survey: DeliverySurvey, _ engine: any WarehouseEngine, _ transition: inout StateTransition
  ) throws -> Int {
    var removed = 0
    var next = 0
    let order = survey.byRecord
    try engine.scanRecordStates(stream: survey.plan.stream) { state in
      while next < order.count, survey.entries[Int(order[next].index)].record < state.key {
        next += 1
      }
      let isThere =
        next < order.count && survey.entries[Int(order[next].index)].record == state.key
      if !isThere, transition.removeRecord(state) { removed += 1 }
      if transition.count >= Self.statesPerBlock { try flush(&transition) }
    }
    return removed
  }

  private func flush(_ transition: inout StateTransition) throws {
    overtaken.overtakenRecords += transition.overtakenRecords
    transition.overtakenRecords = []
    try store(transition)
    transition.removeAll()
  }

  private func store(_ transition: StateTransition) throws {
    guard transition.count > 0 else { return }
    if let rows, !hasPriorStates {
      try rows.take(transition)
    } else {
      try append(StateBatches.encode(transition))
    }
  }

  /// Leaves nothing of a delivery that is held.
  func discard() throws {
    try rows?.withdraw()
    if let writer = writer.take() { try PosixFile.remove(writer.path) }
  }

  /// Makes the file durable; only then may the ledger say that the delivery was judged.
  func finish() throws {
    try rows?.finish()
    if let writer = writer.take() { _ = try writer.finish() }
  }
}
