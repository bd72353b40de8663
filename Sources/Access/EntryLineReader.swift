/// Reads exactly the JSON that ``AccessEntry`` writes: known keys in a fixed order, no blanks.
///
/// Anything looser would let two different lines mean the same.
struct EntryLineReader {
  private let bytes: [UInt8]
  /// Index of the next byte.
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// More than any number of an entry has, and far from where sums overflow.
  private static let mostDigits = 15

  /// A number after `prefix`, without leading zeros.
  mutating func number(_ prefix: String) -> Int? {
    guard take(prefix) else { return nil }
    let start = position
    while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
    let digits = bytes[start..<position]
    guard digits.count <= Self.mostDigits, digits.count == 1 || digits.first != 48 else {
      return nil
    }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  /// The text of the next key, which must be `key`.
  mutating func text(_ key: String) -> String? {
    guard take(",\"\(key)\":") else { return nil }
    return string()
  }

  /// The list of texts of the next key, which must be `key`.
  mutating func list(_ key: String) -> [String]? {
    guard take(",\"\(key)\":[") else { return nil }
    if take("]") { return [] }
    var values: [String] = []
    repeat {
      guard let value = string() else { return nil }
      values.append(value)
    } while take(",")
    return take("]") ? values : nil
  }

  /// Whether nothing but `text` is left.
  mutating func ends(_ text: String) -> Bool { take(text) && position == bytes.count }

  private mutating func take(_ text: String) -> Bool {
    let end = position + text.utf8.count
    guard end <= bytes.count, bytes[position..<end].elementsEqual(text.utf8) else { return false }
    position = end
    return true
  }

  private mutating func string() -> String? {
    guard take("\"") else { return nil }
    let start = position
    // Most texts have nothing to unescape.
    while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\""),
      bytes[position] != UInt8(ascii: "\\")
    {
      position += 1
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      position += 1
      return String(validating: bytes[start..<position - 1], as: UTF8.self)
    }
    var result = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: result, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        result.append(escaped)
      case 0..<0x20: return nil
      default: result.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> UInt8? {
    if take("\"") { return UInt8(ascii: "\"") }
    if take("\\") { return UInt8(ascii: "\\") }
    guard take("u00"), position + 2 <= bytes.count else { return nil }
    let digits = String(decoding: bytes[position..<(position + 2)], as: UTF8.self)
    position += 2
    return UInt8(digits, radix: 16)
  }
}
