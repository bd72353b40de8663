import Records

/// The values of a text, one after the other: its parts between `;`, or the text itself.
struct TextParts {
  private var offset: Int
  private let end: Int
  private let isMultiValued: Bool

  init(_ ref: TextRef, isMultiValued: Bool) {
    offset = ref.range.lowerBound
    end = ref.range.upperBound
    self.isMultiValued = isMultiValued
    isDone = false
  }

  private var isDone: Bool

  /// The next value that is not empty; a single value is given even if it is empty.
  @inline(__always)
  mutating func next(_ arena: Span<UInt8>) -> TextRef? {
    guard isMultiValued else {
      if isDone { return nil }
      isDone = true
      return TextRef(offset: offset, length: end - offset)
    }
    while offset < end {
      let start = offset
      while offset < end, arena[offset] != UInt8(ascii: ";") { offset += 1 }
      let part = TextRef(offset: start, length: offset - start)
      offset += 1
      if part.length > 0 { return part }
    }
    return nil
  }
}

/// Comparisons and measures of texts, byte by byte.
enum TextKernels {
  static func isEqual(
    _ a: TextRef, _ first: Span<UInt8>, _ b: TextRef, _ second: Span<UInt8>
  ) -> Bool {
    let length = a.length
    guard length == b.length else { return false }
    let (x, y) = (first.extracting(a.range), second.extracting(b.range))
    for index in 0..<length where x[index] != y[index] { return false }
    return true
  }

  /// Negative, 0 or positive, by bytes.
  static func order(
    _ a: TextRef, _ first: Span<UInt8>, _ b: TextRef, _ second: Span<UInt8>
  ) -> Int {
    let (x, y) = (first.extracting(a.range), second.extracting(b.range))
    for index in 0..<min(x.count, y.count) where x[index] != y[index] {
      return Int(x[index]) - Int(y[index])
    }
    return x.count - y.count
  }

  /// Whether some value of the one is a value of the other.
  static func shares(
    _ a: TextRef, _ first: Span<UInt8>, _ isFirstMultiValued: Bool, _ b: TextRef,
    _ second: Span<UInt8>, _ isSecondMultiValued: Bool
  ) -> Bool {
    guard a.length * b.length <= fewSteps else {
      return !values(a, first, isFirstMultiValued).isDisjoint(
        with: values(b, second, isSecondMultiValued))
    }
    var parts = TextParts(a, isMultiValued: isFirstMultiValued)
    while let part = parts.next(first) {
      if contains(b, second, isSecondMultiValued, part, first) { return true }
    }
    return false
  }

  /// Whether all values of the first are values of the second.
  static func isSubset(
    _ a: TextRef, _ first: Span<UInt8>, _ isFirstMultiValued: Bool, _ b: TextRef,
    _ second: Span<UInt8>, _ isSecondMultiValued: Bool
  ) -> Bool {
    guard a.length * b.length <= fewSteps else {
      return values(a, first, isFirstMultiValued).isSubset(
        of: values(b, second, isSecondMultiValued))
    }
    var parts = TextParts(a, isMultiValued: isFirstMultiValued)
    while let part = parts.next(first) {
      if !contains(b, second, isSecondMultiValued, part, first) { return false }
    }
    return true
  }

  /// Values are compared with each other up to so many steps, as any honest text needs; beyond they are put into
  /// a set.
  private static let fewSteps = 1 << 16

  private static func values(
    _ ref: TextRef, _ arena: Span<UInt8>, _ isMultiValued: Bool
  ) -> Set<[UInt8]> {
    var values = Set<[UInt8]>()
    var parts = TextParts(ref, isMultiValued: isMultiValued)
    while let part = parts.next(arena) {
      var value: [UInt8] = []
      for index in part.range { value.append(arena[index]) }
      values.insert(value)
    }
    return values
  }

  private static func contains(
    _ b: TextRef, _ second: Span<UInt8>, _ isMultiValued: Bool, _ value: TextRef,
    _ arena: Span<UInt8>
  ) -> Bool {
    var parts = TextParts(b, isMultiValued: isMultiValued)
    while let part = parts.next(second) {
      if isEqual(part, second, value, arena) { return true }
    }
    return false
  }

  /// Number of characters (Unicode scalars).
  static func length(_ ref: TextRef, _ arena: Span<UInt8>) -> Int {
    var count = 0
    for index in ref.range where arena[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }

  /// Number of different values of a many-valued text.
  static func distinctParts(_ ref: TextRef, _ arena: Span<UInt8>) -> Int {
    guard ref.length * ref.length <= fewSteps else { return values(ref, arena, true).count }
    var count = 0
    var parts = TextParts(ref, isMultiValued: true)
    while let part = parts.next(arena) {
      var earlier = TextParts(ref, isMultiValued: true)
      var isNew = true
      while isNew, let other = earlier.next(arena), other.offset < part.offset {
        isNew = !isEqual(part, arena, other, arena)
      }
      if isNew { count += 1 }
    }
    return count
  }

  /// `length` characters from the `from`-th on, counted from 1; fewer if the text is shorter.
  static func substring(
    _ ref: TextRef, _ arena: Span<UInt8>, _ from: Int, _ length: Int
  ) -> TextRef {
    let range = ref.range
    let start = skip(from - 1, range.lowerBound, range.upperBound, arena)
    let end = skip(length, start, range.upperBound, arena)
    return TextRef(offset: start, length: end - start)
  }

  /// The place `count` characters after `offset`.
  private static func skip(
    _ count: Int, _ offset: Int, _ end: Int, _ arena: Span<UInt8>
  ) -> Int {
    var offset = offset
    var rest = count
    while rest > 0, offset < end {
      offset += 1
      while offset < end, arena[offset] & 0xC0 == 0x80 { offset += 1 }
      rest -= 1
    }
    return offset
  }

  /// As ``substring(_:_:_:_:)``, of every value of a many-valued text; empty results are left out.
  static func substrings(
    _ ref: TextRef, _ arena: Span<UInt8>, _ from: Int, _ length: Int, into made: inout TextArena
  ) -> TextRef {
    let offset = made.count
    var parts = TextParts(ref, isMultiValued: true)
    while let part = parts.next(arena) {
      let piece = substring(part, arena, from, length)
      guard piece.length > 0 else { continue }
      if made.count > offset { made.append(UInt8(ascii: ";")) }
      for index in piece.range { made.append(arena[index]) }
    }
    return made.text(from: offset)
  }
}

/// The form in which names are compared.
///
/// Full-width letters, digits and signs become ASCII, letters of ASCII lower case, all round, square
/// and curly brackets round ones; spaces and middle dots are left out.
package enum NameNormalizer {
  /// Appends the form of `name` to `bytes`.
  package static func append(_ name: Span<UInt8>, to bytes: inout [UInt8]) {
    var index = 0
    while index < name.count {
      let lead = name[index]
      if lead < 0x80 {
        append(ascii: lead, to: &bytes)
        index += 1
        continue
      }
      let length = min(
        lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1, name.count - index)
      var scalar = UInt32(lead) & (length == 2 ? 0x1F : 0x0F)
      for offset in index + 1..<index + max(length, 1) {
        scalar = scalar << 6 | UInt32(name[offset] & 0x3F)
      }
      if length < 2 || length > 3 || !append(scalar, to: &bytes) {
        for offset in index..<index + length { bytes.append(name[offset]) }
      }
      index += length
    }
  }

  private static func append(ascii byte: UInt8, to bytes: inout [UInt8]) {
    switch byte {
    case 0x09...0x0D, 0x20: break
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
    case UInt8(ascii: "["), UInt8(ascii: "{"): bytes.append(UInt8(ascii: "("))
    case UInt8(ascii: "]"), UInt8(ascii: "}"): bytes.append(UInt8(ascii: ")"))
    default: bytes.append(byte)
    }
  }

  /// - Returns: false if the scalar stays as it is.
  private static func append(_ scalar: UInt32, to bytes: inout [UInt8]) -> Bool {
    switch scalar {
    case 0xFF01...0xFF5E: append(ascii: UInt8(scalar - 0xFEE0), to: &bytes)
    case 0x3010, 0x3014, 0x3016, 0xFE59, 0xFE5D: bytes.append(UInt8(ascii: "("))
    case 0x3011, 0x3015, 0x3017, 0xFE5A, 0xFE5E: bytes.append(UInt8(ascii: ")"))
    case 0x85, 0xA0, 0x2000...0x200B, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: break
    case 0xB7, 0x387, 0x2022, 0x2027, 0x2219, 0x22C5, 0x30FB, 0xFF65: break
    default: return false
    }
    return true
  }
}
