/// A slice of a chunk's text arena: where a value starts and how many bytes it has.
///
/// A reference is eight bytes and owns nothing; it is meaningless without the arena it was made for.
/// ``absent`` is a value of its own, different from an empty slice: a source column that is not
/// there, or a value that was standardized to null.
@frozen
public struct TextRef: Hashable, Sendable {
  /// Offset in the upper 32 bits, length in the lower 32.
  public let raw: UInt64

  /// - Parameters:
  ///   - offset: First byte, from 0.
  ///   - length: Number of bytes.
  @inlinable
  public init(offset: Int, length: Int) {
    raw = UInt64(truncatingIfNeeded: offset) << 32 | UInt64(UInt32(truncatingIfNeeded: length))
  }

  @inlinable
  public init(raw: UInt64) { self.raw = raw }

  /// No value.
  @inlinable public static var absent: TextRef { TextRef(raw: .max) }

  @inlinable public var isAbsent: Bool { raw == .max }
  @inlinable public var offset: Int { Int(truncatingIfNeeded: raw >> 32) }
  @inlinable public var length: Int { isAbsent ? 0 : Int(truncatingIfNeeded: raw & 0xFFFF_FFFF) }
  @inlinable public var range: Range<Int> { isAbsent ? 0..<0 : offset..<offset + length }
}

/// UTF-8 bytes that values refer to by ``TextRef``.
public typealias TextArena = [UInt8]

extension Array where Element == UInt8 {
  /// The bytes of `ref`, borrowed.
  @inlinable
  public func withText<R, E: Error>(
    _ ref: TextRef, _ body: (Span<UInt8>) throws(E) -> R
  ) throws(E) -> R {
    try body(span.extracting(ref.range))
  }

  /// The text of `ref` as a `String`; malformed UTF-8 is repaired. For messages, never on a hot path.
  public func string(_ ref: TextRef) -> String {
    ref.isAbsent ? "" : String(decoding: self[ref.range], as: UTF8.self)
  }

  /// Appends a copy of a text of another arena and returns the reference to it.
  @inlinable
  public mutating func appendText(_ ref: TextRef, from other: [UInt8]) -> TextRef {
    let offset = count
    append(contentsOf: other[ref.range])
    return TextRef(offset: offset, length: ref.length)
  }

  /// Appends the UTF-8 of `text` and returns the reference to it.
  @inlinable
  public mutating func appendText(_ text: String) -> TextRef {
    let offset = count
    append(contentsOf: text.utf8)
    return TextRef(offset: offset, length: count - offset)
  }

  /// Closes a value that was appended byte by byte since `offset`.
  @inlinable
  public func text(from offset: Int) -> TextRef {
    TextRef(offset: offset, length: count - offset)
  }
}
