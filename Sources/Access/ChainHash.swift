import Crypto

/// A SHA-256 digest as 64 lower-case hexadecimal digits.
package struct ChainHash: Sendable, Hashable, CustomStringConvertible {
  package let hexadecimal: String

  /// What stands before the first entry.
  package static let zero = ChainHash(unchecked: String(repeating: "0", count: 64))

  private init(unchecked text: String) { hexadecimal = text }

  /// - Returns: nil if the text is anything but 64 lower-case hexadecimal digits.
  package init?(_ text: String) {
    let isDigit: (UInt8) -> Bool = { (48...57).contains($0) || (97...102).contains($0) }
    guard text.utf8.count == 64, text.utf8.allSatisfy(isDigit) else { return nil }
    hexadecimal = text
  }

  /// The digest of `bytes`.
  package init(of bytes: [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in SHA256.hash(data: bytes) {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    hexadecimal = String(decoding: text, as: UTF8.self)
  }

  package var description: String { hexadecimal }
}
