import Reconciliation
import Warehouse

/// Brings a judged delivery's segment file into the warehouse, some blocks at a time; a load that was
/// cut off goes on behind the last block that is there.
struct DeliveryLoader {
  let engine: any WarehouseEngine
  let publication: Int64
  /// Blocks of one transaction: enough that its cost does not count, few enough that memory is small.
  private static let blocksPerStep = 16

  /// - Parameters:
  ///   - onProgress: Called with the blocks loaded so far.
  func load(_ delivery: DeliveryEntry, segment path: String, onProgress: (Int) -> Void) throws {
    var reader = try SegmentReader(path: path)
    try reader.skip(delivery.loadedBlocks)
    var loaded = delivery.loadedBlocks
    var isAtEnd = false
    while !isAtEnd {
      var step = LoadStep(delivery: delivery.id, publication: publication, loadedBlocks: loaded)
      while step.loadedBlocks - loaded < Self.blocksPerStep {
        guard let batches = try reader.next() else {
          isAtEnd = true
          break
        }
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
