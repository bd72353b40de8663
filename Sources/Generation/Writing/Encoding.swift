import SourceFiles

/// Turns finished text into the bytes of a file.
enum Encoding: Sendable {
  case utf8
  case gb18030
  /// Without the characters that GBK does not have, for which people write others.
  case gbk

  /// - Parameter name: As adapters write it.
  init(_ name: String) {
    switch name {
    case "gb18030", "gb2312": self = .gb18030
    case "gbk": self = .gbk
    default: self = .utf8
    }
  }

  /// Stands in the text for a byte that no text of any encoding has; see ``brokenByte``.
  static let breakMark: UInt8 = 0x1A
  /// Not the beginning of any character of GB 18030 or UTF-8.
  static let brokenByte: UInt8 = 0xFF

  func bytes(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    switch self {
    case .utf8: bytes = text
    case .gb18030:
      bytes.reserveCapacity(text.count)
      GB18030Encoder().encode(text.span, to: &bytes)
    case .gbk:
      bytes.reserveCapacity(text.count)
      GB18030Encoder().encode(Self.withoutRareCharacters(text).span, to: &bytes)
    }
    if bytes.contains(Self.breakMark) {
      bytes = bytes.map { $0 == Self.breakMark ? Self.brokenByte : $0 }
    }
    return bytes
  }

  private static let substitutes = [("䶮", "龑"), ("㐂", "喜"), ("𬬭", "铼")].map {
    (Array($0.0.utf8), Array($0.1.utf8))
  }

  private static func withoutRareCharacters(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if text[place] >= 0xE3,
        let (rare, usual) = substitutes.first(where: { text[place...].starts(with: $0.0) })
      {
        result.append(contentsOf: usual)
        place += rare.count
      } else {
        result.append(text[place])
        place += 1
      }
    }
    return result
  }
}
