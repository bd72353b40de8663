import Access
import Catalog
import Records
import TestSupport

/// Seconds of a moment in Beijing.
func at(_ text: String) -> Int64 { Moment.second(text) ?? .min }

func user(_ name: String, _ department: String = "市场监管局") -> Person {
  guard let person = try? Person(user: name, department: department) else {
    preconditionFailure("\(name) is no user")
  }
  return person
}

extension AccessEvent {
  /// An event that differs from others by its number.
  static func sample(_ number: Int) -> AccessEvent {
    var event = AccessEvent(
      time: at("2026-03-02T09:00:00") + Int64(number), person: user("user\(number % 7)"),
      action: .read, outcome: number % 3 == 0 ? .denied : .allowed, rule: "T\(number % 5)")
    event.category = "PEN"
    event.elements = ["penalty_doc_no", "uscc"]
    event.see((0..<(number % 4)).map { Fingerprint(high: UInt64(number), low: UInt64($0)) })
    event.purpose = LoggedText(cleaning: "第\(number)次 \"核查\"")
    event.reference = "R00000\(number % 9)"
    return event
  }
}

/// A log in memory, as it is written.
struct Chain {
  var entries: [AccessEntry] = []

  init(_ count: Int) { for number in 0..<count { add(.sample(number)) } }

  mutating func add(_ event: AccessEvent) {
    entries.append(
      AccessEntry(
        sequence: entries.count + 1, event, file: nil, previous: entries.last?.hash ?? .zero))
  }

  var bytes: [UInt8] { entries.flatMap(\.line) }

  var anchor: ChainAnchor? {
    entries.last.map {
      ChainAnchor(sequence: $0.sequence, hash: $0.hash, byteCount: bytes.count)
    }
  }
}

/// Checks bytes as a log.
func check(
  _ bytes: [UInt8], _ anchor: ChainAnchor?, _ witnesses: [ChainWitness] = []
) -> ChainReport {
  var check = ChainCheck(anchor: anchor, witnesses: witnesses)
  var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
  let rest = lines.popLast() ?? []
  for line in lines { check.add(line: Array(line)) }
  return check.finish(rest: rest.count)
}
