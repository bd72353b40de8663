import SourceFiles

/// Turns finished text into the bytes of a file.
enum Encoding {
  /// Stands in the text for a byte that no GB 18030 text has; see ``brokenByte``.
  static let breakMark: UInt8 = 0x1A
  /// Not the beginning of any character of GB 18030.
  static let brokenByte: UInt8 = 0xFF

  static func gb18030(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    GB18030Encoder().encode(text.span, to: &bytes)
    if bytes.contains(breakMark) {
      bytes = bytes.map { $0 == breakMark ? brokenByte : $0 }
    }
    return bytes
  }
}
