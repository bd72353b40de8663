import CSeparatorIndex

/// Bytes that an encoding does not allow, counted by the vector code of `CSeparatorIndex`.
package struct TextDamage: Sendable, Hashable {
  /// Bytes looked at; up to three at the end are left if they may begin a character.
  package var used: Int
  /// Bytes that are no part of a valid character.
  package var badByteCount: Int
  /// Index of the first of them.
  package var firstBad: Int?

  /// Counts what is not UTF-8.
  ///
  /// - Parameter isLast: Nothing follows; a character cut at the end is damage.
  package static func utf8(_ bytes: Span<UInt8>, isLast: Bool) -> TextDamage {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return TextDamage() }
      return TextDamage(unsafe qy_utf8_damage(base, bytes.count, isLast ? 1 : 0))
    }
  }

  /// Counts what is not GB 18030.
  ///
  /// - Parameter isLast: Nothing follows; a character cut at the end is damage.
  package static func gb18030(_ bytes: Span<UInt8>, isLast: Bool) -> TextDamage {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return TextDamage() }
      return TextDamage(unsafe qy_gb18030_damage(base, bytes.count, isLast ? 1 : 0))
    }
  }

  /// Whether all bytes are below 0x80.
  package static func isASCII(_ bytes: Span<UInt8>) -> Bool {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return true }
      return unsafe qy_ascii_prefix(base, bytes.count) == bytes.count
    }
  }

  private init() {
    used = 0
    badByteCount = 0
    firstBad = nil
  }

  private init(_ damage: qy_damage) {
    used = damage.used
    badByteCount = damage.bad
    firstBad = damage.bad > 0 ? damage.first_bad : nil
  }
}
