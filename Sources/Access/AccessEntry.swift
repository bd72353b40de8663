package import Records

/// A file beside the log whose content an entry vouches for.
package struct AttachedFile: Sendable, Hashable {
  /// Path below the folder of the log.
  package var name: String
  package var hash: ChainHash

  package init(name: String, hash: ChainHash) {
    self.name = name
    self.hash = hash
  }
}

/// A line of the access log: an event, its place in the chain, and the hash over both.
///
/// One JSON object per line with always the same keys in the same order. `hash` is SHA-256 over all bytes
/// of the line before `,"hash":`, and `previous` is the hash of the line above, so that no byte of any line
/// can change without a trace.
package struct AccessEntry: Sendable, Hashable {
  /// Keys that stand in the line itself; more go to a file of their own.
  package static let inlineKeys = 64

  /// From 1, without gaps.
  package let sequence: Int
  /// Its keys are those in the line; see ``file``.
  package let event: AccessEvent
  /// Keys of many records, what was left of a torn line, or the secret's hash.
  package let file: AttachedFile?
  package let previous: ChainHash
  package let hash: ChainHash

  /// Makes the entry that follows `previous`.
  package init(sequence: Int, _ event: AccessEvent, file: AttachedFile?, previous: ChainHash) {
    self.sequence = sequence
    self.event = event
    self.file = file
    self.previous = previous
    hash = ChainHash(of: Array(Self.body(sequence, event, file, previous).utf8))
  }

  /// The line with its newline.
  package var line: [UInt8] {
    Array("\(Self.body(sequence, event, file, previous)),\"hash\":\"\(hash)\"}\n".utf8)
  }

  private static func body(
    _ sequence: Int, _ event: AccessEvent, _ file: AttachedFile?, _ previous: ChainHash
  ) -> String {
    var text = "{\"sequence\":\(sequence)"
    func add(_ key: String, _ value: String) { text += ",\"\(key)\":\(value)" }
    func list(_ values: [String]) -> String {
      "[" + values.map(quoted).joined(separator: ",") + "]"
    }
    add("time", quoted(Moment.text(event.time)))
    add("user", quoted(event.person.user))
    add("department", quoted(event.person.department))
    add("action", quoted(event.action.rawValue))
    add("category", quoted(event.category))
    add("rows", "\(event.rows)")
    add("keys", list(event.keys.map(\.hexadecimal)))
    add("elements", list(event.elements))
    add("condition", quoted(event.condition.text))
    add("purpose", quoted(event.purpose.text))
    add("reference", quoted(event.reference))
    add("outcome", quoted(event.outcome.rawValue))
    add("rule", quoted(event.rule))
    add("file", quoted(file?.name ?? ""))
    add("fileHash", quoted(file?.hash.hexadecimal ?? ""))
    add("previous", quoted(previous.hexadecimal))
    return text
  }

  /// A JSON string; control characters are escaped, so that an entry is always one line.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// An entry as it stands in a file, which may be damaged.
package struct WrittenEntry: Sendable {
  package let sequence: Int
  package let time: Int64
  package let user: String
  package let department: String
  package let action: AccessAction
  package let category: String
  package let rows: Int
  package let keys: [Fingerprint]
  package let elements: [String]
  package let condition: String
  package let purpose: String
  package let reference: String
  package let outcome: AccessEvent.Outcome
  package let rule: String
  package let file: AttachedFile?
  package let previous: ChainHash
  /// The hash in the line.
  package let hash: ChainHash
  /// The hash that the line's content gives.
  package let computedHash: ChainHash

  package var isIntact: Bool { hash == computedHash }

  /// Reads a line without its newline.
  ///
  /// - Returns: nil if it is not of the form that ``AccessEntry`` writes.
  package init?(line: [UInt8]) {
    var reader = EntryLineReader(line)
    guard let sequence = reader.number("{\"sequence\":"), sequence > 0,
      let time = reader.text("time").flatMap(Moment.second),
      let user = reader.text("user"), let department = reader.text("department"),
      let action = reader.text("action"), let category = reader.text("category"),
      let rows = reader.number(",\"rows\":"), let keys = reader.list("keys"),
      let elements = reader.list("elements"), let condition = reader.text("condition"),
      let purpose = reader.text("purpose"), let reference = reader.text("reference"),
      let outcome = reader.text("outcome").flatMap(AccessEvent.Outcome.init),
      let rule = reader.text("rule"), let file = reader.text("file"),
      let fileHash = reader.text("fileHash"),
      let previous = reader.text("previous").flatMap({ ChainHash($0) })
    else { return nil }
    let end = reader.position
    guard let hash = reader.text("hash").flatMap({ ChainHash($0) }), reader.ends("}") else {
      return nil
    }
    let fingerprints = keys.compactMap { Fingerprint(hexadecimal: $0) }
    guard fingerprints.count == keys.count, file.isEmpty == fileHash.isEmpty else { return nil }
    self.file = ChainHash(fileHash).map { AttachedFile(name: file, hash: $0) }
    guard file.isEmpty == (self.file == nil) else { return nil }
    self.sequence = sequence
    self.time = time
    self.user = user
    self.department = department
    self.action = AccessAction(rawValue: action)
    self.category = category
    self.rows = rows
    self.keys = fingerprints
    self.elements = elements
    self.condition = condition
    self.purpose = purpose
    self.reference = reference
    self.outcome = outcome
    self.rule = rule
    self.previous = previous
    self.hash = hash
    computedHash = ChainHash(of: Array(line[..<end]))
  }
}
