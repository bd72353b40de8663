/// 128 bits that stand for a text: content of a record, or one of its keys.
///
/// Ordered by its bytes, so that a sorted run of fingerprints is a sorted run in every engine.
@frozen
public struct Fingerprint: Hashable, Sendable, Comparable, BitwiseCopyable {
  public var high: UInt64
  public var low: UInt64

  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  @inlinable
  public static func < (left: Self, right: Self) -> Bool {
    left.high != right.high ? left.high < right.high : left.low < right.low
  }

  /// The same fingerprint with its first two bytes replaced by a stream: the keys of one system's
  /// deliveries of one category stand together. 112 bits remain, so that two of ten million keys
  /// meet with a chance below 10⁻¹⁹.
  @inlinable
  public func inStream(_ stream: UInt16) -> Fingerprint {
    Fingerprint(high: high & 0x0000_FFFF_FFFF_FFFF | UInt64(stream) << 48, low: low)
  }

  /// Whether ``inStream(_:)`` with this stream made it.
  @inlinable
  public func isInStream(_ stream: UInt16) -> Bool { high >> 48 == UInt64(stream) }

  /// Reads 32 hexadecimal digits; nil if the text is anything else.
  public init?(hexadecimal text: String) {
    guard text.utf8.count == 32 else { return nil }
    var halves: (high: UInt64, low: UInt64) = (0, 0)
    for byte in text.utf8 {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      halves.high = halves.high << 4 | halves.low >> 60
      halves.low = halves.low << 4 | UInt64(digit)
    }
    self.init(high: halves.high, low: halves.low)
  }

  /// 32 hexadecimal digits.
  public var hexadecimal: String {
    func digits(_ value: UInt64) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return digits(high) + digits(low)
  }
}
