import Foundation
import Pipeline

/// Progress on standard error: one line that is rewritten on a terminal, log lines elsewhere.
final class ProgressLine: ProgressReporter {
  private let isInteractive: Bool
  /// Shorter stages leave no line in a log; every delivery leaves one of its own.
  private static let longStage = 0.5
  private var stage = RunStage.receive
  private var delivery = ""
  private var total = 0
  private var done = 0
  private var started = Date()
  private var lastShown = Date.distantPast
  private var spent: [(stage: RunStage, seconds: Double)] = []

  init(isInteractive: Bool = Terminal.isInteractive) { self.isInteractive = isInteractive }

  func begin(_ stage: RunStage, _ delivery: String, total: Int) {
    self.stage = stage
    self.delivery = delivery
    self.total = total
    done = 0
    started = Date()
    show(force: isInteractive)
  }

  func advance(to done: Int) {
    self.done = done
    show(force: false)
  }

  func end() {
    let seconds = Date().timeIntervalSince(started)
    if let place = spent.firstIndex(where: { $0.stage == stage }) {
      spent[place].seconds += seconds
    } else {
      spent.append((stage, seconds))
    }
    if isInteractive {
      Terminal.writeError("\r\u{1B}[K")
    } else if seconds >= Self.longStage {
      log("\(stage.rawValue) \(delivery): \(amount) in \(tenths(seconds)) s")
    }
  }

  func note(_ message: String) {
    if isInteractive {
      Terminal.writeError("\r\u{1B}[K\(message)\n")
    } else {
      log(message)
    }
  }

  /// Leaves in the log how long the stages of all deliveries took together. Deliveries are surveyed while
  /// others are judged; of that only what had to be waited for counts.
  func summarize() {
    guard !isInteractive, !spent.isEmpty else { return }
    log(
      "stages: "
        + spent.map { "\($0.stage.rawValue) \(tenths($0.seconds)) s" }.joined(separator: ", "))
  }

  private func show(force: Bool) {
    let now = Date()
    let pause = isInteractive ? 0.1 : 10
    guard force || now.timeIntervalSince(lastShown) >= pause else { return }
    guard isInteractive || done > 0 else { return }
    lastShown = now
    let seconds = now.timeIntervalSince(started)
    var text = "\(stage.rawValue) \(delivery)"
    if done > 0 {
      text += ": \(amount)"
      if seconds > 0.5 {
        let rate = Double(done) / seconds
        text += ", \(Terminal.grouped(Int(rate)))/s"
        if total > done { text += ", \(duration(Double(total - done) / rate)) left" }
      }
    }
    if isInteractive { Terminal.writeError("\r\u{1B}[K\(text)") } else { log(text) }
  }

  private var amount: String {
    let unit =
      switch stage {
      case .load: "blocks"
      case .examine, .copy: "files"
      default: "records"
      }
    guard total > 0 else { return done > 0 ? "\(Terminal.grouped(done)) \(unit)" : "done" }
    let count = done > 0 ? done : total
    return "\(Terminal.grouped(count)) of \(Terminal.grouped(total)) \(unit)"
  }

  private func tenths(_ seconds: Double) -> String {
    let value = Int((seconds * 10).rounded())
    return "\(value / 10).\(value % 10)"
  }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 90 ? "\(whole) s" : "\((whole + 59) / 60) min"
  }

  private func log(_ message: String) {
    Terminal.note("\(clock.string(from: Date())) \(message)")
  }

  /// Made once: making one costs more than a line of log.
  private let clock: ISO8601DateFormatter = {
    let formatter = ISO8601DateFormatter()
    formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
    return formatter
  }()
}
