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
    var at = start
    while at < bytes.count {
      guard contains(bytes[at]) else { return false }
      at += 1
    }
    return true
  }
}
