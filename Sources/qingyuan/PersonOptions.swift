import Access
import ArgumentParser
import Foundation

/// Who acts, and when. All of it may be given, so that an act can be repeated to the second.
struct PersonOptions: ParsableArguments {
  @Option(help: "Who acts; the login if not given.") var user: String?

  @Option(help: "In the name of which department.") var department: String?

  @Option(help: "The moment, as 2026-03-01T09:00:00 in Beijing; the clock if not given.")
  var now: String?

  @Flag(help: "English texts.") var english = false

  var person: Person {
    get throws {
      let environment = ProcessInfo.processInfo.environment
      guard let department = department ?? environment["QINGYUAN_DEPARTMENT"] else {
        throw CommandFailure(
          CommandFailure.usage, "name your department with --department or QINGYUAN_DEPARTMENT")
      }
      do {
        return try Person(user: user ?? NSUserName(), department: department)
      } catch {
        throw CommandFailure(CommandFailure.usage, error.text(english))
      }
    }
  }

  var second: Int64 {
    get throws {
      guard let now else { return Int64(Date().timeIntervalSince1970) }
      return try Self.second(now, option: "now")
    }
  }

  static func second(_ text: String, option: String) throws -> Int64 {
    if let second = Moment.second(text) { return second }
    throw CommandFailure(
      CommandFailure.usage, "--\(option) \(text) is not a moment; write it as 2026-03-01T09:00:00")
  }

  /// First or last second of a day, or the moment that is given.
  static func bound(_ text: String, option: String, isEnd: Bool) throws -> Int64 {
    if text.contains("T") { return try second(text, option: option) }
    let day = try LocalClock.day(text, option: option)
    return isEnd ? Moment.end(ofDay: day) : Moment.start(ofDay: day)
  }
}

extension Denial {
  func text(_ english: Bool) -> String { english ? self.english : chinese }
}

/// Runs an act; a denied one ends the command with 1 and its reason, or 2 where the calendar is too short.
func acting<Result>(_ english: Bool, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let denial as Denial {
    throw CommandFailure(
      denial.code == "calendar" ? CommandFailure.configuration : CommandFailure.findings,
      "\(denial.text(english)) (\(denial.code))")
  }
}
