import Reconciliation
import Records
import Validation
import Warehouse

/// Everything a judged delivery will change, in one private file: rows first, then the states of its
/// records and keys. The file alone is enough to finish a load.
/// Unchecked: chunks are prepared side by side from what never changes; everything else has one caller.
final class DeliverySegment: JudgedChunkSink, @unchecked Sendable {
  private var writer: SegmentWriter?
  private let builder: BatchBuilder
  private(set) var blockCount = 0

  /// State changes of one block.
  private static let statesPerBlock = 16_384

  init(folder: String, name: String, builder: BatchBuilder) throws {
    writer = try SegmentWriter(folder: folder, name: name)
    self.builder = builder
  }

  /// - Returns: The encoded block; nil if the chunk leaves nothing.
  func prepare(
    _ chunk: borrowing JudgedChunk, _ validator: CategoryValidator
  ) throws -> [UInt8]? {
    let batches = builder.batches(chunk, validator)
    return batches.isEmpty ? nil : try SegmentCodec.encode(batches)
  }

  func take(_ block: [UInt8]?) throws {
    guard let block else { return }
    try writer?.append(encoded: block)
    blockCount += 1
  }

  private func append(_ batches: [TableBatch]) throws {
    guard !batches.isEmpty else { return }
    try writer?.append(batches)
    blockCount += 1
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
    var transition = StateTransition()
    let rowID: (Int) -> Int64 = { self.builder.rowID($0 + 1) }
    for index in survey.outdated.sorted()
    where verdicts[index] == .accepted || verdicts[index] == .deleted {
      if verdicts[index] == .accepted { transition.closedRows.append(rowID(index)) }
      verdicts[index] = .superseded
    }
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
        verdicts.withSpan { verdicts in
          transition.settleRecord(members, prior: prior, entries, verdicts: verdicts, rowID: rowID)
        }
      }
      if transition.count >= Self.statesPerBlock { try flush(&transition) }
    }
    var removed = 0
    if isFull, hasState { removed = try removeMissing(survey, engine, &transition) }
    try flush(&transition)
    return removed
  }

  private func settleEntities(
    _ members: Span<KeyOrderEntry>, _ prior: EntityState?, _ survey: DeliverySurvey,
    _ verdicts: MappedArray<Verdict>, _ transition: inout StateTransition,
    _ rowID: (Int) -> Int64
  ) {
    let first = Int(members[0].index)
    guard survey.entries[first].hasEntity else { return }
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
    guard transition.count > 0 else { return }
    try append(StateBatches.encode(transition))
    transition.removeAll()
  }

  /// Makes the file durable; only then may the ledger say that the delivery was judged.
  func finish() throws {
    if let writer = writer.take() { _ = try writer.finish() }
  }
}
