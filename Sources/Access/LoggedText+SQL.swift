extension LoggedText {
  /// Digits from which on a number in a query may be a key; counts, limits and years have fewer.
  private static let shortestSQLNumber = 6

  /// A query without the values in it: whatever is quoted becomes `'…'`, since SQLite takes a quoted name that
  /// it does not know for a text, and numbers of six digits or more become `…`; comments are left out.
  package init(sql: String) {
    var result = ""
    var rest = sql.unicodeScalars[...]
    while let scalar = rest.first {
      switch scalar {
      case "'", "\"", "`":
        result += Self.quoted(&rest, scalar)
      case "[":
        rest = rest.drop { $0 != "]" }.dropFirst()
        result += "[…]"
      case "-" where rest.dropFirst().first == "-":
        rest = rest.drop { $0 != "\n" }
      case "/" where rest.dropFirst().first == "*":
        rest = Self.behindComment(rest)
        result += " "
      case "0"..."9":
        let digits = rest.prefix { ("0"..."9").contains($0) }
        result += digits.count < Self.shortestSQLNumber ? String(digits) : "…"
        rest = rest[digits.endIndex...]
      default:
        result.unicodeScalars.append(scalar)
        rest = rest.dropFirst()
      }
    }
    self.init(cleaning: result)
  }

  /// Takes a quoted part off; a doubled quote stands for itself.
  private static func quoted(
    _ rest: inout Substring.UnicodeScalarView, _ quote: Unicode.Scalar
  ) -> String {
    rest = rest.dropFirst()
    while let scalar = rest.first {
      rest = rest.dropFirst()
      if scalar == quote {
        guard rest.first == quote else { break }
        rest = rest.dropFirst()
      }
    }
    return "\(quote)…\(quote)"
  }

  private static func behindComment(
    _ text: Substring.UnicodeScalarView
  ) -> Substring.UnicodeScalarView {
    var rest = text.dropFirst(2)
    while !rest.isEmpty {
      if rest.first == "*", rest.dropFirst().first == "/" { return rest.dropFirst(2) }
      rest = rest.dropFirst()
    }
    return rest
  }
}
