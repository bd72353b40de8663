import Access
import AccessStore
import ArgumentParser
import Foundation

/// Who reads the warehouse with our commands. All of it goes to the access log; nothing of it is needed to read.
struct ReaderOptions: ParsableArguments {
  @Option(help: "Who reads; the login if not given.") var user: String?

  @Option(help: "In the name of which department; QINGYUAN_DEPARTMENT if not given.")
  var department: String?

  @Option(help: "What for; stands in the access log.") var purpose = ""

  @Option(help: "The moment, as 2026-03-01T09:00:00 in Beijing; the clock if not given.")
  var now: String?

  /// What stands in the log where no department was named.
  static let unnamed = "未注明"

  var person: Person {
    get throws {
      let department =
        department ?? ProcessInfo.processInfo.environment["QINGYUAN_DEPARTMENT"] ?? Self.unnamed
      do {
        return try Person(user: user ?? NSUserName(), department: department)
      } catch {
        throw CommandFailure(CommandFailure.usage, error.english)
      }
    }
  }

  var second: Int64 {
    get throws {
      guard let now else { return Int64(Date().timeIntervalSince1970) }
      return try PersonOptions.second(now, option: "now")
    }
  }

  /// An event of this reader.
  func event(_ action: AccessAction, rule: String) throws -> AccessEvent {
    var event = AccessEvent(
      time: try second, person: try person, action: action, outcome: .allowed, rule: rule)
    event.purpose = LoggedText(cleaning: purpose)
    return event
  }
}
