import Reconciliation
import Warehouse

/// Puts the rows of a delivery into a first load, some chunks at a time, while others are judged.
final class RowLoader {
  private let engine: any WarehouseEngine
  private let delivery: Int64
  private let publication: Int64
  /// Steps applied so far.
  private(set) var stepCount = 0
  private var batches: [TableBatch] = []
  private var byteCount = 0

  /// Bytes of one transaction: enough that its cost does not count, few enough that memory is small.
  private static let bytesPerStep = 4 << 20

  init(engine: any WarehouseEngine, delivery: Int64, publication: Int64) {
    self.engine = engine
    self.delivery = delivery
    self.publication = publication
  }

  func take(_ more: [TableBatch]) throws {
    batches += more
    for batch in more { byteCount += batch.text.count + batch.rowCount * 8 * batch.columns.count }
    if byteCount >= Self.bytesPerStep { try finish() }
  }

  /// Stores states of records whose rows are all there, in a stream that had none.
  func take(_ transition: StateTransition) throws {
    try finish()
    stepCount += 1
    var step = LoadStep(
      delivery: delivery, publication: publication, loadedBlocks: stepCount)
    step.beginsStream = true
    step.take(transition)
    try engine.apply(step)
  }

  /// Takes back what was put in, because the delivery is held.
  func withdraw() throws {
    batches.removeAll()
    if stepCount > 0 { try engine.withdrawRows(delivery: delivery) }
  }

  /// Applies what is still waiting.
  func finish() throws {
    guard !batches.isEmpty else { return }
    stepCount += 1
    try engine.apply(
      LoadStep(
        delivery: delivery, publication: publication, loadedBlocks: stepCount, batches: batches))
    batches.removeAll(keepingCapacity: true)
    byteCount = 0
  }
}

extension LoadStep {
  /// Adds what a transition does to states and rows, in the order that an engine expects.
  mutating func take(_ transition: StateTransition) {
    recordStates += transition.recordStates
    entityStates += transition.entityStates
    closedRows += transition.closedRows
    closedReturns += transition.closedReturns
    removedEntities += transition.removedEntities
    overtakenRecords += transition.overtakenRecords
    parkedRows += transition.parkedRows
    closedWaiting += transition.closedWaiting
    openedRows += transition.openedRows
    recordStates.sort { $0.key < $1.key }
    entityStates.sort { $0.key < $1.key }
    removedEntities.sort { $0.key < $1.key }
  }
}

/// Brings a judged delivery's segment file into the warehouse, some blocks at a time; a load that was
/// cut off goes on behind the last block that is there.
struct DeliveryLoader {
  let engine: any WarehouseEngine
  let publication: Int64
  /// Blocks of one transaction: enough that its cost does not count, few enough that memory is small.
  private static let blocksPerStep = 16
  /// Texts of one transaction; records may be large.
  private static let bytesPerStep = 16 << 20

  /// - Parameters:
  ///   - stepCount: Steps that brought the rows before, of a first load; it is never resumed.
  ///   - onProgress: Called with the blocks loaded so far.
  func load(
    _ delivery: DeliveryEntry, segment path: String, after stepCount: Int,
    onProgress: (Int) -> Void
  ) throws {
    var reader = try SegmentReader(path: path)
    if stepCount == 0 { try reader.skip(delivery.loadedBlocks) }
    var loaded = max(stepCount, delivery.loadedBlocks)
    var isAtEnd = false
    while !isAtEnd {
      var step = LoadStep(delivery: delivery.id, publication: publication, loadedBlocks: loaded)
      var byteCount = 0
      while step.loadedBlocks - loaded < Self.blocksPerStep, byteCount < Self.bytesPerStep {
        guard let batches = try reader.next() else {
          isAtEnd = true
          break
        }
        for batch in batches { byteCount += batch.text.count }
        StateBatches.decode(batches, into: &step)
        step.loadedBlocks += 1
      }
      guard step.loadedBlocks > loaded else { break }
      step.recordStates.sort { $0.key < $1.key }
      step.entityStates.sort { $0.key < $1.key }
      try engine.apply(step)
      loaded = step.loadedBlocks
      onProgress(loaded)
    }
  }
}
