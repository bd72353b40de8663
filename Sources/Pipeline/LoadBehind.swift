import Dispatch
import Synchronization
import Warehouse

/// Brings a judged delivery into the warehouse while the next one is judged.
///
/// One delivery at a time, and none ahead: whoever needs what the last one brings waits for it first, so
/// that every verdict is the one that it would be without this.
///
/// Used by one thread; what the queue works on is a ``Load`` of its own.
final class LoadBehind {
  /// Unchecked: the queue writes the outcome before it signals the end, others read it after.
  private final class Load: @unchecked Sendable {
    let entry: DeliveryEntry
    let work: (_ onProgress: (Int) -> Void) throws -> DeliveryEntry
    let isDone = DispatchSemaphore(value: 0)
    /// Blocks loaded so far.
    let progress = Mutex(0)
    var outcome: Result<DeliveryEntry, any Error>?

    init(
      _ entry: DeliveryEntry,
      _ work: @escaping (_ onProgress: (Int) -> Void) throws -> DeliveryEntry
    ) {
      self.entry = entry
      self.work = work
    }
  }

  private let queue = DispatchQueue(label: "load")
  private var load: Load?
  private let progress: any ProgressReporter

  init(_ progress: any ProgressReporter) { self.progress = progress }

  /// Waits for the last load and begins this one.
  ///
  /// - Parameter work: Called on another thread, with what is to be told of the blocks loaded so far; gives
  ///   the ledger's entry as it is afterwards.
  func begin(
    _ entry: DeliveryEntry,
    _ work: @escaping (_ onProgress: (Int) -> Void) throws -> DeliveryEntry
  ) throws {
    try finish()
    let load = Load(entry, work)
    self.load = load
    queue.async {
      load.outcome = Result { try load.work { done in load.progress.withLock { $0 = done } } }
      load.isDone.signal()
    }
  }

  /// Waits if the last load changes states of the stream.
  func finish(stream: String) throws {
    if let load, DeliveryProcess.stream(load.entry) == stream { try finish() }
  }

  /// Waits if the last load brings records that those of the category are judged against.
  ///
  /// - Parameter looksIntoOwn: The category's own records are among them.
  func finish(before category: String, looksIntoOwn: Bool) throws {
    if let load, looksIntoOwn || load.entry.category != category { try finish() }
  }

  /// Waits for the last load.
  ///
  /// - Throws: What the load threw.
  func finish() throws {
    guard let load = self.load.take() else { return }
    progress.begin(.load, load.entry.fileName, total: 0)
    while load.isDone.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
      progress.advance(to: load.progress.withLock { $0 })
    }
    progress.end()
    guard let entry = try load.outcome?.get() else { return }
    progress.note("\(entry.system) \(entry.category) \(entry.fileName): \(entry.balance)")
  }

  /// Waits for the last load, whatever became of it: an error is on its way already.
  func abandon() {
    queue.sync {}
    load = nil
  }
}
