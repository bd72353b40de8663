/// Name of an element or an attribute, without its prefix.
struct XMLName: Hashable {
  var local: String
  /// Empty for none.
  var namespace: String

  static let schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"
  static let xml = "http://www.w3.org/XML/1998/namespace"

  /// Says something about the text, not about the data: `xsi:nil`, `xml:lang`.
  var isTechnical: Bool { namespace == Self.schemaInstance || namespace == Self.xml }
  var isNil: Bool { namespace == Self.schemaInstance && local == "nil" }
}

/// White space of XML.
enum XMLSpace {
  @inline(__always)
  static func contains(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// Whether `bytes` from `start` on are nothing else.
  @inline(__always)
  static func isAll(_ bytes: [UInt8], from start: Int) -> Bool {
    isAll(bytes, in: start..<bytes.count)
  }

  static func isAll(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    for index in range where !contains(bytes[index]) { return false }
    return true
  }

  /// `bytes` without white space around them.
  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, contains(first) { bytes.removeFirst() }
    while let last = bytes.last, contains(last) { bytes.removeLast() }
    return bytes
  }
}
