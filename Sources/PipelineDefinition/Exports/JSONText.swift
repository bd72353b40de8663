/// A JSON value whose members keep their order.
indirect enum JSONText {
  case text(String)
  /// A number as written.
  case number(String)
  case flag(Bool)
  case list([JSONText])
  case object([(String, JSONText)])

  static func texts(_ texts: [String]) -> JSONText { .list(texts.map { .text($0) }) }

  /// The value over several lines, with two spaces for every level.
  var formatted: String {
    var result = ""
    write(to: &result, indentation: "")
    return result + "\n"
  }

  private func write(to result: inout String, indentation: String) {
    switch self {
    case .text(let text): Self.quote(text, into: &result)
    case .number(let digits): result += digits
    case .flag(let flag): result += flag ? "true" : "false"
    case .list(let items):
      Self.write(items, "[", "]", indentation, &result) { item, inner, result in
        item.write(to: &result, indentation: inner)
      }
    case .object(let members):
      Self.write(members, "{", "}", indentation, &result) { member, inner, result in
        Self.quote(member.0, into: &result)
        result += ": "
        member.1.write(to: &result, indentation: inner)
      }
    }
  }

  private static func write<Item>(
    _ items: [Item], _ open: String, _ close: String, _ indentation: String,
    _ result: inout String, _ body: (Item, String, inout String) -> Void
  ) {
    guard !items.isEmpty else {
      result += open + close
      return
    }
    let inner = indentation + "  "
    result += open
    for (index, item) in items.enumerated() {
      result += index == 0 ? "\n\(inner)" : ",\n\(inner)"
      body(item, inner, &result)
    }
    result += "\n\(indentation)\(close)"
  }

  private static func quote(_ text: String, into result: inout String) {
    result += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    result += "\""
  }
}
