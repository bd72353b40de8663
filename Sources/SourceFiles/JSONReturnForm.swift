import Catalog
import Pipeline
import Records
import Standardization
import Warehouse

/// A return of JSON: the documents as the adapter knows them, with the returned units and, in each, the
/// members of a return behind its own.
///
/// A unit whose text is broken goes back as one string, because a document around it would be broken
/// too.
struct JSONReturnForm: ReturnForm {
  let head: [UInt8]
  private let end: [UInt8]
  /// Stands before every unit but the first.
  private let separator: [UInt8]
  /// Members of the document that stand around the units, innermost last.
  private let names: [String]
  /// Name of the unit count and how many of ``names`` it shares; nil if there is no place for it.
  private let total: (name: String, depth: Int)?
  private let isLines: Bool

  init(_ adapter: SourceAdapter, _ mapping: CategoryMapping) {
    isLines = adapter.format == .ndjson
    var names: [String] = []
    var holdsUnits = false
    for step in (mapping.records ?? adapter.document.records)?.steps ?? [] {
      if step == .each {
        holdsUnits = true
        break
      }
      if case .child(let name) = step { names.append(name) }
    }
    // Lines are units, and so are documents that follow each other.
    guard !isLines, holdsUnits else {
      head = []
      end = []
      separator = []
      self.names = []
      total = nil
      return
    }
    self.names = names
    let open = names.map { "{" + Self.quoted($0) + ":" }.joined()
    head = Array((open + "[\n").utf8)
    end = Array("\n]".utf8)
    separator = Array(",\n".utf8)
    var inside = 0
    var place: (name: String, depth: Int)?
    for step in adapter.document.total?.steps ?? [] {
      guard case .child(let name) = step else {
        place = nil
        break
      }
      if inside < names.count, names[inside] == name {
        inside += 1
      } else {
        place = (name, inside)
      }
    }
    total = names.isEmpty ? nil : place
  }

  func append(_ record: ReturnedRecord, isFirst: Bool, to text: inout [UInt8]) {
    if !isFirst { text += separator }
    let raw = Array(record.record.raw.utf8)
    if let object = record.isBroken ? nil : JSONObjectText(raw) {
      text.append(UInt8(ascii: "{"))
      for member in object.members where !returnColumns.contains(member.name) {
        text += raw[member.range]
        text.append(UInt8(ascii: ","))
      }
    } else {
      text += Array("{\"原文\":".utf8)
      text += Array(Self.quoted(record.record.raw).utf8)
      text.append(UInt8(ascii: ","))
    }
    let remarks = record.remarks.map { Self.quoted($0.name) + ":" + Self.quoted($0.text) }
    text += Array(remarks.joined(separator: ",").utf8)
    text.append(UInt8(ascii: "}"))
    if separator.isEmpty { text.append(UInt8(ascii: "\n")) }
  }

  func tail(count: Int) -> [UInt8] {
    var text = end
    for depth in names.indices.reversed() {
      if let total, total.depth == depth {
        text += Array(("," + Self.quoted(total.name) + ":" + String(count)).utf8)
      }
      text.append(UInt8(ascii: "}"))
    }
    if !end.isEmpty { text.append(UInt8(ascii: "\n")) }
    return text
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// The members of a well-formed JSON object, as slices of its text.
struct JSONObjectText {
  struct Member {
    /// Without quotes; escapes are not resolved.
    var name: String
    /// Name and value as written.
    var range: Range<Int>
    /// The value, and what stands between it and what follows.
    var value: Range<Int>
  }

  private(set) var members: [Member] = []

  /// - Returns: nil if the text is not an object.
  init?(_ text: [UInt8]) {
    var index = 0
    func skipSpace() {
      while index < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[index]) { index += 1 }
    }
    /// - Returns: false if the text ends inside.
    func skipString() -> Bool {
      index += 1
      while index < text.count, text[index] != UInt8(ascii: "\"") {
        index += text[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      index += 1
      return index <= text.count
    }
    skipSpace()
    guard index < text.count, text[index] == UInt8(ascii: "{") else { return nil }
    index += 1
    while true {
      skipSpace()
      guard index < text.count else { return nil }
      if text[index] == UInt8(ascii: "}") { return }
      if text[index] == UInt8(ascii: ",") {
        index += 1
        continue
      }
      let start = index
      guard text[index] == UInt8(ascii: "\""), skipString() else { return nil }
      let name = String(decoding: text[start + 1..<index - 1], as: UTF8.self)
      skipSpace()
      guard index < text.count, text[index] == UInt8(ascii: ":") else { return nil }
      index += 1
      skipSpace()
      let value = index
      var depth = 0
      loop: while index < text.count {
        switch text[index] {
        case UInt8(ascii: "\""):
          guard skipString() else { return nil }
          continue loop
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          if depth == 0 { break loop }
          depth -= 1
        case UInt8(ascii: ",") where depth == 0: break loop
        default: break
        }
        index += 1
      }
      guard index < text.count else { return nil }
      members.append(Member(name: name, range: start..<index, value: value..<index))
    }
  }
}

/// A well-formed array, as slices of its text.
enum JSONArrayText {
  /// The items, without what stands around them; none where the text is no array.
  static func items(of text: [UInt8]) -> [Range<Int>] {
    let spaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
    guard let open = text.firstIndex(where: { !spaces.contains($0) }),
      text[open] == UInt8(ascii: "[")
    else { return [] }
    var items: [Range<Int>] = []
    var depth = 0
    var isQuoted = false
    var start: Int?
    var end = open
    var index = open + 1
    while index < text.count {
      let byte = text[index]
      if isQuoted {
        if byte == UInt8(ascii: "\\") { index += 1 }
        if byte == UInt8(ascii: "\"") { isQuoted = false }
        end = index + 1
      } else if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
        if let start { items.append(start..<end) }
        if byte == UInt8(ascii: "]") { return items }
        start = nil
      } else if !spaces.contains(byte) {
        if start == nil { start = index }
        switch byte {
        case UInt8(ascii: "\""): isQuoted = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
        end = index + 1
      }
      index += 1
    }
    // It has no end.
    return []
  }
}
