/// Why a text is not an expression, or why an expression cannot be used.
package struct ExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Byte of the source text, from 0.
  package var offset: Int
  /// What was found and what was expected, without the place.
  package var message: String

  package init(offset: Int, message: String) {
    self.offset = offset
    self.message = message
  }

  /// `byte 12: found ")", expected a value`.
  package var description: String { "byte \(offset): \(message)" }
}

/// A word, sign or constant of an expression.
struct ExpressionToken: Equatable {
  enum Kind: Equatable {
    case number(String)
    case text(String)
    case word(String)
    case parameter(String)
    case symbol(String)
    case end
  }

  var kind: Kind
  var offset: Int

  /// The token as messages show it.
  var shown: String {
    switch kind {
    case .number(let digits): "\"\(digits)\""
    case .text(let text): "'\(text.prefix(40))'"
    case .word(let word): "\"\(word.prefix(40))\""
    case .parameter(let name): "\"$\(name.prefix(40))\""
    case .symbol(let symbol): "\"\(symbol)\""
    case .end: "the end"
    }
  }
}

/// Takes the source text of an expression apart, byte by byte.
struct ExpressionLexer {
  static let maximumLength = 16 * 1024
  static let maximumDigits = 18

  private let bytes: [UInt8]
  private var position = 0

  /// - Throws: if the text is longer than ``maximumLength`` bytes.
  init(_ source: String) throws(ExpressionError) {
    bytes = Array(source.utf8)
    guard bytes.count <= Self.maximumLength else {
      throw ExpressionError(
        offset: Self.maximumLength,
        message: "the expression has \(bytes.count) bytes, expected at most \(Self.maximumLength)")
    }
  }

  /// All tokens; the last one is `.end`.
  mutating func tokens() throws(ExpressionError) -> [ExpressionToken] {
    var tokens: [ExpressionToken] = []
    while true {
      let token = try next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private mutating func next() throws(ExpressionError) -> ExpressionToken {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    let start = position
    guard position < bytes.count else { return ExpressionToken(kind: .end, offset: start) }
    let byte = bytes[position]
    let kind: ExpressionToken.Kind
    if Self.isDigit(byte) {
      kind = .number(try number())
    } else if Self.isLetter(byte) {
      kind = .word(word())
    } else if byte == UInt8(ascii: "'") {
      kind = .text(try text())
    } else if byte == UInt8(ascii: "$") {
      kind = .parameter(try parameter())
    } else {
      kind = .symbol(try symbol())
    }
    return ExpressionToken(kind: kind, offset: start)
  }

  private mutating func number() throws(ExpressionError) -> String {
    let start = position
    skip(while: Self.isDigit)
    if position + 1 < bytes.count, bytes[position] == UInt8(ascii: "."),
      Self.isDigit(bytes[position + 1])
    {
      position += 1
      skip(while: Self.isDigit)
    }
    if position < bytes.count, Self.isLetter(bytes[position]) {
      throw ExpressionError(
        offset: position,
        message: "a letter follows a number; put a space before a unit, quote a code with '")
    }
    let digits = String(decoding: bytes[start..<position], as: UTF8.self)
    guard digits.utf8.count <= Self.maximumDigits + 1 else {
      throw ExpressionError(
        offset: start,
        message: "the number has \(digits.utf8.count) digits, expected at most "
          + "\(Self.maximumDigits); quote a code with '")
    }
    return digits
  }

  private mutating func word() -> String {
    let start = position
    skip { Self.isLetter($0) || Self.isDigit($0) }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func parameter() throws(ExpressionError) -> String {
    let start = position
    position += 1
    guard position < bytes.count, Self.isLetter(bytes[position]) else {
      throw ExpressionError(offset: start, message: "found \"$\", expected a name after it")
    }
    let first = position
    skip { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "-") }
    return String(decoding: bytes[first..<position], as: UTF8.self)
  }

  /// A text between `'`; `''` stands for one quote.
  private mutating func text() throws(ExpressionError) -> String {
    let start = position
    var content: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "'") {
        guard position < bytes.count, bytes[position] == byte else {
          return String(decoding: content, as: UTF8.self)
        }
        position += 1
      }
      content.append(byte)
    }
    throw ExpressionError(offset: start, message: "the text has no closing '")
  }

  private static let symbols = [
    "<=>", "<=", "=>", ">=", "!=", "<", ">", "=", "(", ")", ",", ".", "&", "|", "+", "-", "*", "/",
  ]

  private static let foreign: [(String, String)] = [
    ("==", "="), ("<>", "!="), ("&&", "&"), ("||", "|"), ("->", "=>"), ("!", "not"), ("\"", "'"),
    ("\u{2264}", "<="), ("\u{2265}", ">="), ("\u{FF08}", "("), ("\u{FF09}", ")"),
    ("\u{FF0C}", ","), ("\u{2018}", "'"), ("\u{2019}", "'"), ("\u{FF1D}", "="),
  ]

  private mutating func symbol() throws(ExpressionError) -> String {
    for (sign, meant) in Self.foreign where starts(with: sign) && !starts(with: "!=") {
      throw ExpressionError(
        offset: position, message: "found \"\(sign)\", expected \"\(meant)\"")
    }
    for sign in Self.symbols where starts(with: sign) {
      position += sign.utf8.count
      return sign
    }
    var end = position + 1
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    let found = String(decoding: bytes[position..<end], as: UTF8.self)
    throw ExpressionError(
      offset: position, message: "found \"\(found)\", expected a name, a value or an operator")
  }

  private func starts(with sign: String) -> Bool {
    bytes[position...].starts(with: sign.utf8)
  }

  private mutating func skip(while condition: (UInt8) -> Bool) {
    while position < bytes.count, condition(bytes[position]) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == UInt8(ascii: "_")
  }
}
