import Access
import AccessStore
import Foundation
import Records
import TestSupport

func at(_ text: String) -> Int64 { Moment.second(text) ?? .min }

func user(_ name: String, _ department: String = "市场监管局") -> Person {
  guard let person = try? Person(user: name, department: department) else {
    preconditionFailure("\(name) is no user")
  }
  return person
}

/// A reading of `count` records, all others than those of another number.
func reading(_ number: Int, keys count: Int = 2) -> AccessEvent {
  var event = AccessEvent(
    time: at("2026-03-02T09:00:00") + Int64(number), person: user("li"), action: .read,
    outcome: .allowed, rule: "T1")
  event.category = "PEN"
  event.elements = ["penalty_doc_no"]
  event.see((0..<count).map { Fingerprint(high: UInt64(number), low: UInt64($0)) })
  event.purpose = LoggedText(cleaning: "核查\(number)")
  return event
}

/// An access log in a folder of its own.
final class LogFolder: Sendable {
  let folder: TemporaryFolder
  var path: String { folder + "access" }
  var log: AccessLog { AccessLog(folder: path) }
  var logFile: String { path + "/log.jsonl" }

  init(_ count: Int = 0) throws {
    folder = try TemporaryFolder("access")
    for number in 0..<count { try log.append(reading(number)) }
  }

  func bytes(_ name: String = "log.jsonl") throws -> [UInt8] { try Files.bytes(path + "/" + name) }

  func write(_ bytes: [UInt8], _ name: String = "log.jsonl") throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func actions() throws -> [String] {
    var actions: [String] = []
    _ = try log.verify { actions.append($0.action.rawValue) }
    return actions
  }
}
