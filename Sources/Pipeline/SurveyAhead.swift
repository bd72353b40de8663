import Dispatch
import Synchronization
import Warehouse

/// Surveys deliveries while earlier ones are judged and loaded: a survey asks nothing of the warehouse, so
/// that what it finds is the same at any time of the night.
///
/// One survey at a time, at most ``depth`` ahead, so that neither memory nor temporary files grow with
/// the number of deliveries.
///
/// Unchecked: one thread asks, one queue works; a result is handed on by its semaphore.
final class SurveyAhead: @unchecked Sendable {
  /// Unchecked: written before its semaphore is signalled, read after.
  private final class Result: @unchecked Sendable {
    let isThere = DispatchSemaphore(value: 0)
    var value: Swift.Result<Survey, any Error>?
  }

  typealias Survey = DeliveryProcess.Survey

  /// Deliveries that wait, surveyed, for their turn.
  private static let depth = 2

  private let queue = DispatchQueue(label: "survey")
  private let entries: [DeliveryEntry]
  private let survey: (DeliveryEntry) throws -> Survey
  private var results: [Int64: Result] = [:]
  private var startedCount = 0
  private let isStopped = Mutex(false)

  /// - Parameters:
  ///   - entries: In the order in which they are going to be asked for.
  ///   - survey: Called on another thread.
  init(_ entries: [DeliveryEntry], _ survey: @escaping (DeliveryEntry) throws -> Survey) {
    self.entries = entries
    self.survey = survey
  }

  /// Waits for the survey of the next delivery.
  func take(_ entry: DeliveryEntry) throws -> Survey {
    guard let place = entries.firstIndex(where: { $0.id == entry.id }) else {
      return try survey(entry)
    }
    while startedCount < min(entries.count, place + 1 + Self.depth) {
      start(entries[startedCount])
      startedCount += 1
    }
    guard let result = results.removeValue(forKey: entry.id) else { return try survey(entry) }
    result.isThere.wait()
    guard let value = result.value else { return try survey(entry) }
    return try value.get()
  }

  private func start(_ entry: DeliveryEntry) {
    let result = Result()
    results[entry.id] = result
    queue.async { [self] in
      if !isStopped.withLock({ $0 }) {
        result.value = Swift.Result { try survey(entry) }
      }
      result.isThere.signal()
    }
  }

  /// Waits for the survey under way and begins no other.
  func stop() {
    isStopped.withLock { $0 = true }
    queue.sync {}
    results.removeAll()
  }
}
