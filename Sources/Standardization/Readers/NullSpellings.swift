/// The spellings of "no value" that one element accepts, compiled for a fast no.
///
/// ASCII letters match in either case. The empty text is always null.
///
/// - Source: facts §3.3, null spellings. 无 means "nothing" in 备注 but is a value in 曾用名: take it
///   out per element with ``removing(_:)``.
package struct NullSpellings: Sendable {
  /// Lower-case UTF-8, sorted.
  private let spellings: [[UInt8]]
  /// Bit `n` set if a spelling has `n` bytes; all bits from 63 bytes on share bit 63.
  private let lengths: UInt64
  /// One bit of 256 per spelling, by first byte, last byte and length.
  private let signatures: InlineArray<4, UInt64>

  /// The list of facts §3.3 and the same signs in full width.
  package static let standard = NullSpellings([
    "无", "/", "-", "——", "空", "NULL", "N/A", "不详", "未知", "无数据", "暂无", "0000-00-00",
    "NA", "None", "NaN", "nil", "(null)", "--", "—", "－", "／", "\\", "\\N",
    "0000/00/00", "0000-00-00 00:00:00", "0000年00月00日",
  ])

  /// - Parameter spellings: Trimmed texts; order and repetition do not matter.
  package init(_ spellings: some Sequence<String>) {
    let bytes = Set(spellings.map { Array($0.utf8).map(lowercased) })
    self.spellings = bytes.sorted { $0.lexicographicallyPrecedes($1) }
    var lengths: UInt64 = 1
    var signatures = InlineArray<4, UInt64>(repeating: 0)
    for spelling in bytes where !spelling.isEmpty {
      lengths |= 1 << UInt64(min(63, spelling.count))
      let signature = Self.signature(spelling.span)
      signatures[signature >> 6] |= 1 << UInt64(signature & 63)
    }
    self.lengths = lengths
    self.signatures = signatures
  }

  /// Whether `bytes` means "no value".
  ///
  /// - Parameter bytes: UTF-8, trimmed.
  /// - Complexity: Two tests of a bit for nearly every value.
  @inline(__always)
  package func contains(_ bytes: Span<UInt8>) -> Bool {
    let count = bytes.count
    guard count > 0 else { return true }
    guard lengths & (1 << UInt64(min(63, count))) != 0 else { return false }
    let signature = Self.signature(bytes)
    guard signatures[signature >> 6] & (1 << UInt64(signature & 63)) != 0 else { return false }
    return spellings.contains { equals($0, bytes) }
  }

  /// The same set without some spellings.
  package func removing(_ removed: some Sequence<String>) -> NullSpellings {
    let taken = Set(removed.map { $0.lowercased() })
    return NullSpellings(texts.filter { !taken.contains($0) })
  }

  /// The same set with more spellings.
  package func adding(_ added: some Sequence<String>) -> NullSpellings {
    NullSpellings(texts + added)
  }

  /// The spellings, lower case, in byte order.
  package var texts: [String] { spellings.map { String(decoding: $0, as: UTF8.self) } }

  /// 0 to 255; `bytes` is not empty.
  private static func signature(_ bytes: Span<UInt8>) -> Int {
    let first = UInt(lowercased(bytes[0]))
    let last = UInt(lowercased(bytes[bytes.count - 1]))
    return Int((first &* 7 &+ last &* 37 &+ UInt(bytes.count) &* 101) & 255)
  }

  private func equals(_ spelling: [UInt8], _ bytes: Span<UInt8>) -> Bool {
    guard spelling.count == bytes.count else { return false }
    for index in bytes.indices where spelling[index] != lowercased(bytes[index]) { return false }
    return true
  }
}

/// ASCII only; every other byte stays.
func lowercased(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 0x20 : byte
}
