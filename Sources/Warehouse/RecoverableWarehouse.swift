/// What an engine offers beside a night's ordinary work: taking unpublished work back, proving that
/// the content is sound, and a form of the content that can be compared byte by byte.
package protocol RecoverableWarehouse: WarehouseEngine {
  /// Deliveries that have rows above the pointer, in the order of the ledger: to be resumed from
  /// their segments, or discarded.
  func unpublishedDeliveries() throws -> [DeliveryEntry]
  /// Takes back everything that an unpublished delivery put into the warehouse: rows, closings,
  /// states, measures. Its ledger entry stays, with `loadedBlocks` 0.
  func discardUnpublished(delivery: Int64) throws
  /// Throws a fresh build away; nothing happens where none is open.
  func abandonFreshBuild() throws
  /// Checks the file and the content.
  ///
  /// - Returns: One line per broken promise, without values; empty if all is well.
  func verify() throws -> [String]
  /// Writes all published content, sorted, without anything that depends on the course of events.
  func canonicalDump(to target: String) throws
  /// Closes the warehouse. To be called once, last.
  func close() throws
}
