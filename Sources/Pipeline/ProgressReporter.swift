/// What a run tells while it works; shown on a terminal or written to a log.
package protocol ProgressReporter: AnyObject {
  /// A stage of one delivery begins.
  ///
  /// - Parameter total: Records or blocks to come; 0 if not known.
  func begin(_ stage: RunStage, _ delivery: String, total: Int)
  /// Records or blocks done since the stage began.
  func advance(to done: Int)
  func end()
  /// A sentence for the log.
  func note(_ message: String)
}

/// What is being done with a delivery.
package enum RunStage: String, Sendable {
  case receive
  case survey
  case judge
  case load
  /// Indexes of a first load are built and its file takes its place.
  case indexes
  /// Rules between records are judged.
  case references
  /// The core values of what was loaded are read back.
  case recheck
  /// Golden records are composed.
  case authority
  /// Registrations of subjects are found.
  case subjects
  case publish
  /// The files that leave the house are built.
  case tiers
  case returns
  /// Files are compared with what is known of them.
  case examine
  /// Files are copied to a backup or from it.
  case copy
}

/// Says nothing.
package final class SilentProgress: ProgressReporter {
  package init() {}
  package func begin(_ stage: RunStage, _ delivery: String, total: Int) {}
  package func advance(to done: Int) {}
  package func end() {}
  package func note(_ message: String) {}
}
