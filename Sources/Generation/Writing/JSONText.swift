/// Writes JSON with its keys in the order given.
enum JSONText {
  indirect enum Item {
    case text(String)
    case number(Int)
    case share(Double)
    case list([Item])
    case object([(String, Item)])
    case null
  }

  static func line(_ item: Item) -> String {
    switch item {
    case .text(let text): quoted(text)
    case .number(let number): String(number)
    case .share(let share): String(share)
    case .null: "null"
    case .list(let items): "[" + items.map(line).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { quoted($0.0) + ":" + line($0.1) }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20: result += "\\u00" + Spelling.hexadecimal(scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
