/// A value of a YAML document and where it stands.
struct DocumentNode {
  enum Style {
    case plain
    case quoted
    case block
  }

  struct Entry {
    var key: String
    var keyPlace: Place
    var value: DocumentNode
  }

  enum Content {
    case scalar(String, Style)
    case list([DocumentNode])
    case map([Entry])
  }

  var content: Content
  var place: Place

  /// Word for the content in messages.
  var shown: String {
    switch content {
    case .list: "a list"
    case .map: "a mapping"
    case .scalar(let text, let style):
      switch PlainScalar(text, style: style) {
      case .null: "nothing"
      case .flag: text
      case .number: "the number \(text)"
      case .text: "\"\(text.count > 60 ? text.prefix(60) + "…" : text[...])\""
      }
    }
  }

  /// The place of a byte of the text; exact unless the text has escapes or is folded.
  func place(atByte offset: Int) -> Place {
    guard case .scalar(let text, let style) = content else { return place }
    let end = text.utf8.index(text.startIndex, offsetBy: offset, limitedBy: text.endIndex)
    let before = text[..<(end ?? text.endIndex)].unicodeScalars
    let newlines = before.count { $0 == "\n" }
    var result = place
    switch style {
    case .plain: result.column += before.count
    case .quoted: result.column += 1 + before.count
    case .block:
      result.line += 1 + newlines
      result.column = 0
    }
    return result
  }
}

/// What YAML 1.2 takes a scalar for.
enum PlainScalar {
  case null
  case flag(Bool)
  case number
  case text

  init(_ text: String, style: DocumentNode.Style) {
    guard style == .plain else {
      self = .text
      return
    }
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .flag(true)
    case "false", "False", "FALSE": self = .flag(false)
    default: self = Self.isNumber(text) ? .number : .text
    }
  }

  /// Digits with sign, point and exponent; also hexadecimal, octal, infinity and not-a-number.
  private static func isNumber(_ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") {
      bytes = bytes.dropFirst()
    }
    guard let first = bytes.first else { return false }
    let rest = String(decoding: bytes, as: UTF8.self).lowercased()
    if rest == ".inf" || rest == ".nan" { return true }
    if rest.hasPrefix("0x") { return rest.dropFirst(2).allSatisfy(\.isHexDigit) }
    if rest.hasPrefix("0o") { return rest.dropFirst(2).allSatisfy { $0 >= "0" && $0 <= "7" } }
    let isFraction = first == UInt8(ascii: ".") && bytes.dropFirst().contains(where: isDigit)
    guard isDigit(first) || isFraction else { return false }
    return Double(rest.filter { $0 != "_" }) != nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
