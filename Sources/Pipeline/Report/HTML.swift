/// A piece of an HTML document in its XML form, made of literals and values: what stands in the literal is
/// markup, every value that is put into it is escaped, other pieces are taken as they are. Text from
/// outside cannot become markup by being forgotten.
///
/// Attributes stand in double quotes, so that one way to escape serves both places.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
  package private(set) var text: String

  package init(stringLiteral value: String) { text = value }

  package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  package struct StringInterpolation: StringInterpolationProtocol {
    var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 12)
    }

    package mutating func appendLiteral(_ literal: String) { text += literal }

    package mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }

    package mutating func appendInterpolation(_ value: Int) { text += String(value) }

    package mutating func appendInterpolation(_ value: HTML) { text += value.text }

    package mutating func appendInterpolation(_ values: [HTML]) {
      for value in values { text += value.text }
    }
  }

  package static func + (left: HTML, right: HTML) -> HTML { "\(left)\(right)" }

  /// A text that keeps its line breaks, for where they count: in text areas.
  package static func lines(_ text: String) -> HTML {
    HTML(
      stringLiteral: text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .map { escaped(String($0)) }.joined(separator: "\n"))
  }

  /// Characters that mean something are written as references, those that XML does not allow as U+FFFD, and
  /// line breaks as blanks, as one inside of an attribute counts.
  package static func escaped(_ value: String) -> String {
    var result = ""
    result.reserveCapacity(value.utf8.count)
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
