package import Records

/// Decodes the scalar that starts at `index` and moves `index` behind it.
///
/// Malformed bytes give U+FFFD one byte at a time, so that the loop always ends.
///
/// - Parameter index: A valid index of `bytes`.
package func decodeScalar(_ bytes: Span<UInt8>, at index: inout Int) -> Unicode.Scalar {
  let lead = bytes[index]
  if lead < 0x80 {
    index += 1
    return Unicode.Scalar(lead)
  }
  let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
  guard lead >= 0xC2, lead <= 0xF4, index + length <= bytes.count else {
    index += 1
    return "\u{FFFD}"
  }
  var value = UInt32(lead) & (0x7F >> UInt32(length))
  for offset in 1..<length {
    let next = bytes[index + offset]
    guard next & 0xC0 == 0x80 else {
      index += 1
      return "\u{FFFD}"
    }
    value = value << 6 | UInt32(next & 0x3F)
  }
  guard let scalar = Unicode.Scalar(value), value >= minimumValue(length: length) else {
    index += 1
    return "\u{FFFD}"
  }
  index += length
  return scalar
}

/// Smallest scalar that needs `length` bytes; anything less is an overlong form.
private func minimumValue(length: Int) -> UInt32 {
  switch length {
  case 2: 0x80
  case 3: 0x800
  default: 0x1_0000
  }
}

extension Array where Element == UInt8 {
  /// Appends the UTF-8 of `scalar`.
  package mutating func appendScalar(_ scalar: Unicode.Scalar) {
    let value = scalar.value
    switch value {
    case 0..<0x80:
      append(UInt8(truncatingIfNeeded: value))
    case 0x80..<0x800:
      append(UInt8(truncatingIfNeeded: 0xC0 | value >> 6))
      append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
    case 0x800..<0x1_0000:
      append(UInt8(truncatingIfNeeded: 0xE0 | value >> 12))
      append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
      append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
    default:
      append(UInt8(truncatingIfNeeded: 0xF0 | value >> 18))
      append(UInt8(truncatingIfNeeded: 0x80 | value >> 12 & 0x3F))
      append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
      append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
    }
  }

  /// Rewrites the text of `ref` by a function of this module that appends to an arena.
  ///
  /// A span of an arena may not be read while the arena grows, so the text is copied first; call
  /// this only for values that need rewriting.
  ///
  /// - Returns: The new text, or nil where `rewrite` found nothing to change.
  package mutating func rewriteText(
    _ ref: TextRef, _ rewrite: (Span<UInt8>, inout TextArena) -> TextRef?
  ) -> TextRef? {
    let copy = Array(self[ref.range])
    return rewrite(copy.span, &self)
  }
}

/// A short value as scalars: trimmed, full-width forms narrowed, dashes and spaces unified.
///
/// Dates, numbers and document numbers are read from this form when the fast path for plain ASCII
/// does not apply. It lives on the stack; longer values are none of these things.
package struct FoldedScalars {
  /// Scalars that fit; our choice, twice the longest legitimate amount in Chinese capitals.
  package static let capacity = 64

  private var scalars: InlineArray<64, Unicode.Scalar>
  /// Number of scalars, 0 to ``capacity``.
  package private(set) var count: Int

  /// - Returns: nil if more than ``capacity`` scalars remain after folding.
  package init?(_ bytes: Span<UInt8>) {
    scalars = InlineArray(repeating: "\0")
    count = 0
    let range = trimmedRange(bytes)
    var index = range.lowerBound
    while index < range.upperBound {
      let scalar = Self.folded(decodeScalar(bytes, at: &index))
      guard let scalar else { continue }
      if scalar == " ", count > 0, scalars[count - 1] == " " { continue }
      guard count < Self.capacity else { return nil }
      scalars[count] = scalar
      count += 1
    }
  }

  /// U+0000 behind the end, so that a parser may look ahead without asking.
  package subscript(index: Int) -> Unicode.Scalar {
    index >= 0 && index < count ? scalars[index] : "\0"
  }

  /// - Returns: nil for scalars that print nothing.
  private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0x21...0x7E, 0x4E00...0x9FFF: return scalar
    case 0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x2000...0x200A, 0x202F, 0x3000: return " "
    case 0x200B...0x200F, 0x2060, 0xFEFF: return nil
    case 0x2010...0x2015, 0x2212: return "-"
    case 0xFF01...0xFF5E: return Unicode.Scalar(scalar.value - 0xFEE0)
    default: return scalar
    }
  }
}
