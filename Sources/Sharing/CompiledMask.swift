import Catalog
import Crypto
import Records

/// A mask ready to write into an arena.
struct CompiledMask: Sendable {
  let mask: Mask
  /// UTF-8 of the surnames of more than one character, longest first.
  private let surnames: [[UInt8]]
  private let counties: CountyTree?
  private let secret: [UInt8]

  private static let star = UInt8(ascii: "*")
  private static let separator = UInt8(ascii: ";")

  /// - Throws: ``SharingError`` with code `secretMissing`.
  init(
    _ mask: Mask, policy: SharingPolicy, counties: CountyTree, secret: [UInt8]
  ) throws(SharingError) {
    if mask.kind == .hash, secret.count < SharingPlan.minimumSecret {
      throw SharingError(
        .secretMissing,
        "the mask \(mask.id) needs a secret of at least \(SharingPlan.minimumSecret) bytes")
    }
    self.mask = mask
    surnames =
      mask.kind == .name
      ? policy.compoundSurnames.map { Array($0.utf8) }.sorted { $0.count > $1.count } : []
    self.counties = mask.kind == .county ? counties : nil
    self.secret = mask.kind == .hash ? secret : []
  }

  /// Writes the masked form of a value.
  ///
  /// - Parameters:
  ///   - text: The arena that holds the value.
  ///   - day: Days since 1970-01-01, for dates that can be read.
  ///   - isMultiValued: The value is several, joined by `;`, and each is masked.
  ///   - arena: Appended to.
  /// - Returns: ``TextRef/absent`` if nothing may be shown.
  func write(
    _ value: TextRef, in text: [UInt8], day: Int?, isMultiValued: Bool, into arena: inout TextArena
  ) -> TextRef {
    let start = arena.count
    if isMultiValued {
      for part in text[value.range].split(separator: Self.separator) {
        let before = arena.count
        if before > start { arena.append(Self.separator) }
        if !writeOne(part.startIndex..<part.endIndex, in: text, day: nil, into: &arena) {
          arena.removeLast(arena.count - before)
        }
      }
    } else {
      _ = writeOne(value.range, in: text, day: day, into: &arena)
    }
    return arena.count == start ? .absent : arena.text(from: start)
  }

  /// Writes the masked form of one value or of a part of a text.
  ///
  /// - Returns: Whether something was written. What would still contain the value is not.
  func writeOne(
    _ range: Range<Int>, in text: [UInt8], day: Int?, into arena: inout TextArena
  ) -> Bool {
    let start = arena.count
    switch mask.kind {
    case .blank: break
    case .name: writeName(range, in: text, into: &arena)
    case .ends(let first, let last, let hidden):
      writeEnds(range, in: text, first, last, hidden, into: &arena)
    case .county:
      if let prefix = counties?.prefix(of: text, range) { arena.append(contentsOf: text[prefix]) }
    case .year:
      if let day { Self.write(CivilDate(dayNumber: day).year, into: &arena) }
    case .hash:
      let code = HMAC<SHA256>.authenticationCode(
        for: Array(text[range]), using: SymmetricKey(data: secret))
      Self.write(code.prefix(16), into: &arena)
    }
    if Self.contains(arena[start...], text[range]) { arena.removeLast(arena.count - start) }
    return arena.count > start
  }

  private static func write(_ bytes: some Sequence<UInt8>, into text: inout [UInt8]) {
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
  }

  /// Hexadecimal digits that are the same for the same secret.
  static func mark(of secret: [UInt8]) -> String {
    // No value of a record has a zero byte in it.
    let code = HMAC<SHA256>.authenticationCode(
      for: [0] + Array("secret of masks".utf8), using: SymmetricKey(data: secret))
    var text: [UInt8] = []
    write(code.prefix(16), into: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private static let digits = Array("0123456789abcdef".utf8)

  /// Four digits, as in the dates themselves.
  private static func write(_ year: Int, into arena: inout TextArena) {
    for power in [1000, 100, 10, 1] { arena.append(digits[year / power % 10]) }
  }

  /// A name of one character is its surname and shows nothing; one that is a compound surname by
  /// itself has only its first character for one.
  private func writeName(_ range: Range<Int>, in text: [UInt8], into arena: inout TextArena) {
    let value = text[range]
    let compound = surnames.first { value.count > $0.count && value.starts(with: $0) }
    let first = UTF8Walk.end(of: range.lowerBound, in: text, range)
    if let compound {
      arena.append(contentsOf: compound)
    } else if first < range.upperBound {
      arena.append(contentsOf: text[range.lowerBound..<first])
    }
    arena.append(Self.star)
    arena.append(Self.star)
  }

  private func writeEnds(
    _ range: Range<Int>, in text: [UInt8], _ first: Int, _ last: Int, _ hidden: Int,
    into arena: inout TextArena
  ) {
    let count = UTF8Walk.count(text, range)
    let isLong = count - first - last >= hidden
    var index = range.lowerBound
    for place in 0..<count {
      let end = UTF8Walk.end(of: index, in: text, range)
      if isLong, place < first || place >= count - last {
        arena.append(contentsOf: text[index..<end])
      } else {
        arena.append(Self.star)
      }
      index = end
    }
  }

  private static func contains(_ text: ArraySlice<UInt8>, _ part: ArraySlice<UInt8>) -> Bool {
    guard let first = part.first, text.count >= part.count else { return false }
    for start in text.startIndex...text.endIndex - part.count
    where text[start] == first && text[start..<start + part.count].elementsEqual(part) {
      return true
    }
    return false
  }
}

/// Characters of UTF-8, without making a `String`. Malformed bytes count as one character each.
enum UTF8Walk {
  /// First byte after the character that begins at `index`.
  @inline(__always)
  static func end(of index: Int, in text: [UInt8], _ range: Range<Int>) -> Int {
    let length =
      switch text[index] {
      case 0xC0..<0xE0: 2
      case 0xE0..<0xF0: 3
      case 0xF0...: 4
      default: 1
      }
    return min(index + length, range.upperBound)
  }

  static func count(_ text: [UInt8], _ range: Range<Int>) -> Int {
    var count = 0
    var index = range.lowerBound
    while index < range.upperBound {
      index = end(of: index, in: text, range)
      count += 1
    }
    return count
  }

  /// The scalar of the character in `range`; the first byte if it is malformed.
  @inline(__always)
  static func scalar(_ text: [UInt8], _ range: Range<Int>) -> UInt32 {
    let start = range.lowerBound
    func tail(_ offset: Int) -> UInt32 { UInt32(text[start + offset] & 0x3F) }
    let lead = UInt32(text[start])
    switch range.count {
    case 2: return (lead & 0x1F) << 6 | tail(1)
    case 3: return (lead & 0x0F) << 12 | tail(1) << 6 | tail(2)
    case 4: return (lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3)
    default: return lead
    }
  }
}
