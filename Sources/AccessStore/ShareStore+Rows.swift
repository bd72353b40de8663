import Access
import Foundation
import GRDB

extension Database {
  func insert(_ step: ShareStore.Step, _ entry: AccessEntry) throws {
    if let opening = step.opening {
      try execute(
        sql: "INSERT INTO subject (id, kind, body) VALUES (?, ?, ?)",
        arguments: [step.subject, opening.kind, try JSONText.encode(opening.body)])
    }
    try execute(
      sql: """
        INSERT INTO step (subject, kind, user, department, time, body, log_sequence, log_hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        step.subject, step.kind, step.person.user, step.person.department, step.time,
        try JSONText.encode(step.body), entry.sequence, entry.hash.hexadecimal,
      ])
  }

  /// The number that the next subject of a kind gets: `R000001`.
  func nextID(_ letter: String, _ kind: String) throws -> String {
    let count =
      try Int.fetchOne(
        self, sql: "SELECT count(*) FROM subject WHERE kind = ?", arguments: [kind]) ?? 0
    let digits = String(count + 1)
    return letter + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  func subjects(_ kind: String) throws -> [StoredSubject] {
    let rows = try Row.fetchAll(
      self, sql: "SELECT id, body FROM subject WHERE kind = ? ORDER BY rowid", arguments: [kind])
    let steps = try Row.fetchAll(
      self,
      sql: """
        SELECT subject, step.body FROM step JOIN subject ON subject.id = subject
        WHERE subject.kind = ? ORDER BY number
        """, arguments: [kind])
    let bySubject = Dictionary(grouping: steps) { row -> String in row["subject"] }
    return rows.map { row in
      let id: String = row["id"]
      return StoredSubject(body: row["body"], steps: (bySubject[id] ?? []).map { $0["body"] })
    }
  }

  func subject(_ id: String, _ kind: String) throws -> StoredSubject? {
    let body = try String.fetchOne(
      self, sql: "SELECT body FROM subject WHERE id = ? AND kind = ?", arguments: [id, kind])
    guard let body else { return nil }
    let steps = try String.fetchAll(
      self, sql: "SELECT body FROM step WHERE subject = ? ORDER BY number", arguments: [id])
    return StoredSubject(body: body, steps: steps)
  }
}

/// A request or objection as it is stored, and its steps in order, as JSON.
struct StoredSubject {
  var body: String
  var steps: [String]
}

extension ShareCase {
  init(_ stored: StoredSubject) throws {
    self.init(
      request: try JSONText.decode(stored.body),
      steps: try stored.steps.map { try JSONText.decode($0) })
  }
}

extension ObjectionCase {
  init(_ stored: StoredSubject) throws {
    self.init(
      objection: try JSONText.decode(stored.body),
      steps: try stored.steps.map { try JSONText.decode($0) })
  }
}

private enum JSONText {
  static func encode(_ value: any Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func decode<Value: Decodable>(_ text: String) throws -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    } catch {
      throw AccessLogError(.store, "\(ShareStore.fileName) has a row that cannot be read")
    }
  }
}

extension Array where Element: Hashable {
  /// Each element once, at its first place.
  var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
