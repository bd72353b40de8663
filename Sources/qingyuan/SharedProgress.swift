import Foundation
import Pipeline

/// Shows the progress of a night to whoever started it, and writes it down for the console.
final class SharedProgress: ProgressReporter {
  private let line: ProgressLine
  private let home: HomeFolder
  private var state: NightProgress
  private var lastWritten = Date.distantPast

  /// Seconds between two writings.
  private static let pause = 1.0

  /// - Parameter night: As `2026-03-01`.
  init(_ line: ProgressLine, home: HomeFolder, night: String) {
    self.line = line
    self.home = home
    let now = Int64(Date().timeIntervalSince1970)
    state = NightProgress(
      night: night, begun: now, written: now, stage: RunStage.receive.rawValue, subject: night,
      done: 0, total: 0)
  }

  func begin(_ stage: RunStage, _ delivery: String, total: Int) {
    line.begin(stage, delivery, total: total)
    state.stage = stage.rawValue
    state.subject = delivery
    state.done = 0
    state.total = total
    write()
  }

  func advance(to done: Int) {
    line.advance(to: done)
    state.done = done
    write()
  }

  func end() { line.end() }

  func note(_ message: String) { line.note(message) }

  private func write() {
    let now = Date()
    guard now.timeIntervalSince(lastWritten) >= Self.pause else { return }
    lastWritten = now
    state.written = Int64(now.timeIntervalSince1970)
    state.write(home)
  }
}
