/// Finds where a unit ends by its brackets and strings alone, whatever else is wrong with it.
///
/// Goes on from piece to piece and keeps one bit for each open bracket, so that a unit of any size
/// takes constant memory.
struct UnitExtent {
  enum Outcome: Equatable {
    /// Ends before the index.
    case end(Int)
    /// Goes on behind the bytes that are there.
    case more
    /// A bracket at the index closes another kind than was opened.
    case mismatch(Int)
    /// More open brackets at the index than can be followed.
    case tooDeep(Int)
  }

  /// Brackets that are followed; far more than any limit on nesting that makes sense. Our choice.
  static let maximumDepth = 1 << 16

  private enum Place {
    case start
    case structure
    case string
    case escape
    case scalar
  }

  private var place = Place.start
  /// Bit by depth: 1 is an object.
  private var kinds: [UInt64] = []
  private var depth = 0

  init() {}

  /// Looks at the bytes from `start` on, which follow those of the last call.
  ///
  /// - Parameter isLast: Nothing follows; a number or literal may end there.
  mutating func scan(_ bytes: Span<UInt8>, from start: Int, isLast: Bool) -> Outcome {
    var at = start
    while at < bytes.count {
      let byte = bytes[at]
      switch place {
      case .escape: place = .string
      case .string:
        if byte == Byte.backslash {
          place = .escape
        } else if byte == Byte.quote {
          if depth == 0 { return .end(at + 1) }
          place = .structure
        }
      case .scalar:
        if Byte.endsScalar(byte) { return .end(at) }
      case .start where byte != Byte.quote && Byte.endsScalar(byte) && !isOpening(byte):
        return .end(at)
      case .start, .structure:
        switch byte {
        case Byte.quote: place = .string
        case Byte.openObject, Byte.openArray:
          place = .structure
          guard depth < Self.maximumDepth else { return .tooDeep(at) }
          push(isObject: byte == Byte.openObject)
        case Byte.closeObject, Byte.closeArray:
          guard isObject == (byte == Byte.closeObject) else { return .mismatch(at) }
          depth -= 1
          if depth == 0 { return .end(at + 1) }
        default: if place == .start { place = .scalar }
        }
      }
      at += 1
    }
    return isLast && place == .scalar ? .end(at) : .more
  }

  private func isOpening(_ byte: UInt8) -> Bool {
    byte == Byte.openObject || byte == Byte.openArray
  }

  private mutating func push(isObject: Bool) {
    let (word, bit) = (depth >> 6, UInt64(1) << UInt64(depth & 63))
    if word == kinds.count { kinds.append(0) }
    kinds[word] = isObject ? kinds[word] | bit : kinds[word] & ~bit
    depth += 1
  }

  private var isObject: Bool { kinds[(depth - 1) >> 6] >> UInt64((depth - 1) & 63) & 1 == 1 }
}
