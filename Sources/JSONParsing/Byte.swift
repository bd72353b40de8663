/// The bytes that JSON gives a meaning to.
enum Byte {
  static let lineFeed = UInt8(ascii: "\n")
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let comma = UInt8(ascii: ",")
  static let colon = UInt8(ascii: ":")
  static let openObject = UInt8(ascii: "{")
  static let closeObject = UInt8(ascii: "}")
  static let openArray = UInt8(ascii: "[")
  static let closeArray = UInt8(ascii: "]")
  static let minus = UInt8(ascii: "-")
  static let plus = UInt8(ascii: "+")
  static let point = UInt8(ascii: ".")
  static let zero = UInt8(ascii: "0")
  static let semicolon = UInt8(ascii: ";")

  /// The byte-order mark, and what a decoder puts in the place of bytes that it cannot read.
  static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// What ends a scalar that is not a string.
  @inline(__always)
  static func endsScalar(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == comma || byte == colon || byte == quote || byte == openObject
      || byte == closeObject || byte == openArray || byte == closeArray
  }

  /// The character, or its code where it cannot be shown: for messages.
  static func name(_ byte: UInt8) -> String {
    if byte > 0x20, byte < 0x7F { return "\"\(Character(UnicodeScalar(byte)))\"" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "byte 0x" + (digits.count == 1 ? "0" : "") + digits
  }
}
