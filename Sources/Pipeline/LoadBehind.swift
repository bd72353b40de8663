import Dispatch
import Warehouse

/// Brings a judged delivery into the warehouse while the next one is judged.
///
/// One delivery at a time, and none ahead: whoever needs what the last one brings waits for it first, so
/// that every verdict is the one that it would be without this.
///
/// Unchecked: one thread asks, one queue works; the outcome is handed on when the queue is empty.
final class LoadBehind: @unchecked Sendable {
  private struct Load {
    var stream: String
    var category: String
    var fileName: String
    var work: () throws -> DeliveryEntry
    var outcome: Result<DeliveryEntry, any Error>?
  }

  private let queue = DispatchQueue(label: "load")
  private var load: Load?
  private let progress: any ProgressReporter

  init(_ progress: any ProgressReporter) { self.progress = progress }

  /// Waits for the last load and begins this one.
  ///
  /// - Parameter work: Called on another thread; gives the ledger's entry as it is afterwards.
  func begin(
    _ entry: DeliveryEntry, _ work: @escaping () throws -> DeliveryEntry
  ) throws {
    try finish()
    load = Load(
      stream: DeliveryProcess.stream(entry), category: entry.category, fileName: entry.fileName,
      work: work)
    queue.async { [self] in
      guard let work = load?.work else { return }
      load?.outcome = Result { try work() }
    }
  }

  /// Waits if the last load changes states of the stream.
  func finish(stream: String) throws {
    if load?.stream == stream { try finish() }
  }

  /// Waits if the last load brings records that those of the category are judged against.
  ///
  /// - Parameter looksIntoOwn: The category's own records are among them.
  func finish(before category: String, looksIntoOwn: Bool) throws {
    if let load, looksIntoOwn || load.category != category { try finish() }
  }

  /// Waits for the last load.
  ///
  /// - Throws: What the load threw.
  func finish() throws {
    guard let fileName = load?.fileName else { return }
    progress.begin(.load, fileName, total: 0)
    queue.sync {}
    progress.end()
    guard let entry = try load.take()?.outcome?.get() else { return }
    progress.note("\(entry.system) \(entry.category) \(entry.fileName): \(entry.balance)")
  }

  /// Waits for the last load, whatever became of it: an error is on its way already.
  func abandon() {
    queue.sync {}
    load = nil
  }
}
