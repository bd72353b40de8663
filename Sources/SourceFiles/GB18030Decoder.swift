/// The mapping between GB 18030-2022 and Unicode, built once from the generated two-byte table.
///
/// - Two bytes: the table, 23 940 codes.
/// - Four bytes, `81308130`…`8431A439`: the code points of the Basic Multilingual Plane from U+0080 on
///   that have no two-byte code and are no surrogates, in ascending order, except that a code point
///   which a later edition gave a two-byte code *exchanges* places with the one it replaced.
/// - Four bytes from `90308130`: U+10000…U+10FFFF in order.
///
/// So the mapping is one to one: every code point has one code, and what is decoded is encoded to the
/// bytes it came from. (The Unicode consortium recommends decoding both codes of the 18 exchanged
/// characters to the same code point; that would lose where a value stood and what it was. The private
/// use code points that can still come from four-byte codes are normalized in `Standardization`.)
///
/// Verified: all codes against Python's codec and glibc 2.36, whose differences are listed in
/// `GB18030Tests`; the 18 pairs of 2022 against glibc, which has them, and the four-byte halves of the
/// exchange `82359037`…`82359134`, `84318236`… against the published tables of GB/T 22321.1-2018 and
/// of ICU. The printed standard was not at hand.
struct GB18030Mapping: Sendable {
  static let shared = GB18030Mapping()

  /// Code points that a later edition gave a two-byte code: (before, since).
  static let exchanged: [(UInt16, UInt16)] = [
    (0xE7C7, 0x1E3F),
    (0xE78D, 0xFE10), (0xE78E, 0xFE12), (0xE78F, 0xFE11), (0xE790, 0xFE13), (0xE791, 0xFE14),
    (0xE792, 0xFE15), (0xE793, 0xFE16), (0xE794, 0xFE17), (0xE795, 0xFE18), (0xE796, 0xFE19),
    (0xE81E, 0x9FB4), (0xE826, 0x9FB5), (0xE82B, 0x9FB6), (0xE82C, 0x9FB7), (0xE832, 0x9FB8),
    (0xE843, 0x9FB9), (0xE854, 0x9FBA), (0xE864, 0x9FBB),
  ]

  /// Trail bytes of a two-byte code: 0x40…0x7E and 0x80…0xFE.
  static let trailCount = 190

  /// Code points by `(lead - 0x81) * 190 + trail index`.
  let twoByte: [UInt16]
  /// Code points by number of the four-byte code; 39 420 in the Basic Multilingual Plane.
  let fourByte: [UInt16]
  /// UTF-8 of two-byte codes by `(lead - 0x81) * 256 + trail`: bytes from the lowest on, length in the
  /// highest byte, 0 where there is no code.
  let utf8: [UInt32]
  /// The code of every code point of the Basic Multilingual Plane: below 0x10000 the two bytes, above
  /// 0x10000 the number of the four-byte code plus 0x10000, 0 for surrogates and ASCII.
  let codes: [UInt32]

  private init() {
    twoByte = Self.expand(gb18030TwoByteTable)
    fourByte = Self.fourByteCodes(without: twoByte)
    var utf8 = [UInt32](repeating: 0, count: 126 * 256)
    var codes = [UInt32](repeating: 0, count: 0x10000)
    for (index, point) in twoByte.enumerated() {
      let lead = index / Self.trailCount
      let trail = index % Self.trailCount
      let byte = trail < 0x3F ? trail + 0x40 : trail + 0x41
      utf8[lead * 256 + byte] = Self.packed(point)
      codes[Int(point)] = UInt32((lead + 0x81) << 8 | byte)
    }
    for (number, point) in fourByte.enumerated() { codes[Int(point)] = UInt32(0x10000 + number) }
    self.utf8 = utf8
    self.codes = codes
  }

  /// Reads the generated table: characters, and `[first~length]` for ascending runs.
  private static func expand(_ table: StaticString) -> [UInt16] {
    var points: [UInt16] = []
    points.reserveCapacity(126 * trailCount)
    var run = ""
    var isInRun = false
    for scalar in table.description.unicodeScalars {
      switch scalar {
      case "[": isInRun = true
      case "]":
        let parts = run.split(separator: "~").compactMap { UInt16($0, radix: 16) }
        precondition(parts.count == 2, "run of the generated table")
        points.append(contentsOf: parts[0]..<parts[0] + parts[1])
        run = ""
        isInRun = false
      case _ where isInRun: run.unicodeScalars.append(scalar)
      default: points.append(UInt16(scalar.value))
      }
    }
    precondition(points.count == 126 * trailCount, "size of the generated table")
    return points
  }

  private static func fourByteCodes(without twoByte: [UInt16]) -> [UInt16] {
    var isTaken = [Bool](repeating: false, count: 0x10000)
    for point in twoByte { isTaken[Int(point)] = true }
    // In the order of the first edition, before the exchanges.
    var partner: [UInt16: UInt16] = [:]
    for (before, since) in exchanged {
      isTaken[Int(since)] = false
      isTaken[Int(before)] = true
      partner[since] = before
    }
    var points: [UInt16] = []
    points.reserveCapacity(39_420)
    for point in UInt16(0x80)...0xFFFF where !(0xD800...0xDFFF).contains(point) {
      if !isTaken[Int(point)] { points.append(partner[point] ?? point) }
    }
    precondition(points.count == 39_420, "four-byte codes of the first plane")
    return points
  }

  private static func packed(_ point: UInt16) -> UInt32 {
    let point = UInt32(point)
    if point < 0x800 { return 2 << 24 | (0x80 | point & 0x3F) << 8 | (0xC0 | point >> 6) }
    return 3 << 24 | (0x80 | point & 0x3F) << 16 | (0x80 | point >> 6 & 0x3F) << 8
      | (0xE0 | point >> 12)
  }

  /// The code point of a four-byte code by its number; nil if it stands for nothing.
  ///
  /// U+FFFD is refused: an encoded replacement character is damage that happened before.
  func scalar(fourByte number: Int) -> UInt32? {
    if number < fourByte.count {
      let point = UInt32(fourByte[number])
      return point == 0xFFFD ? nil : point
    }
    let supplementary = number - 189_000
    guard supplementary >= 0, supplementary < 0x100000 else { return nil }
    return UInt32(0x10000 + supplementary)
  }

  /// Number of bytes that `scalar` has in GB 18030.
  func length(of scalar: UInt32) -> Int {
    if scalar < 0x80 || scalar == 0xFFFD { return 1 }
    return scalar < 0x10000 && codes[Int(scalar)] < 0x10000 ? 2 : 4
  }
}

/// Decodes a GB 18030 stream (and so GBK and GB 2312) to UTF-8, in blocks of any size.
///
/// A byte that cannot be decoded becomes one U+FFFD and reading goes on with the next byte, so that a
/// damaged character never takes a following delimiter with it.
package struct GB18030Decoder: Sendable {
  /// Offsets of the first undecodable bytes, from 0, in the original stream; at most
  /// ``maximumOffsets``.
  package private(set) var badOffsets: [Int] = []
  /// Exact number of undecodable bytes.
  package private(set) var badByteCount = 0
  /// Characters of four bytes so far.
  internal(set) package var fourByteCount = 0
  /// Bytes of the original taken in, those of an unfinished character included.
  package private(set) var consumed = 0

  /// Offsets kept of undecodable bytes; our choice.
  package static let maximumOffsets = 10_000

  /// The unfinished character at the end of the last block.
  private var carried: [UInt8] = []

  /// Bytes of the unfinished character at the end.
  var unfinishedCount: Int { carried.count }

  /// A decoder at the first byte of a stream.
  package init() {}

  /// Appends the UTF-8 of `bytes` to `output`.
  ///
  /// - Parameter isLast: Nothing follows; an unfinished character is undecodable.
  /// - Complexity: O(`bytes.count`); `output` grows by at most three bytes a byte.
  package mutating func decode(_ bytes: Span<UInt8>, isLast: Bool, to output: inout [UInt8]) {
    var start = 0
    if !carried.isEmpty {
      // Complete the unfinished character, byte by byte: three more bytes at most.
      var head = carried
      carried.removeAll()
      let origin = consumed - head.count
      let taken = min(bytes.count, 8)
      for index in 0..<taken { head.append(bytes[index]) }
      let isWhole = isLast && taken == bytes.count
      let used = decodeBlock(head.span, origin: origin, isLast: isWhole, to: &output)
      if taken == bytes.count {
        carried = Array(head[used...])
        consumed += bytes.count
        return
      }
      start = used - (head.count - taken)
    }
    let rest = bytes.extracting(start..<bytes.count)
    let used = decodeBlock(rest, origin: consumed + start, isLast: isLast, to: &output)
    for index in used..<rest.count { carried.append(rest[index]) }
    consumed += bytes.count
  }

  mutating func noteBadByte(at offset: Int) {
    if badOffsets.count < Self.maximumOffsets { badOffsets.append(offset) }
    badByteCount += 1
  }

  /// Whether every character so far had one byte or two, so that a character of three bytes in UTF-8
  /// had two in the original and every other as many as now.
  package var hasShortCharactersOnly: Bool { fourByteCount == 0 && badByteCount == 0 }

  /// Number of bytes that `decoded` had in the original: 1, 2 or 4 for a character, 1 for U+FFFD.
  ///
  /// Turns an offset in decoded text into one in the original (semantics.md §14).
  ///
  /// - Parameter decoded: UTF-8 from a decoder of this kind, cut between characters.
  package static func originalLength(ofDecoded decoded: Span<UInt8>) -> Int {
    originalLength(decoded, GB18030Mapping.shared)
  }

  /// The scalar at `at` and its length; a malformed byte counts as U+FFFD of length 1.
  static func scalar(of text: Span<UInt8>, at: Int) -> (UInt32, Int) {
    let lead = UInt32(text[at])
    if lead < 0x80 { return (lead, 1) }
    let size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0
    guard size > 0, at + size <= text.count else { return (0xFFFD, 1) }
    var scalar = lead & (0x7F >> UInt32(size))
    for index in 1..<size {
      guard text[at + index] & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      scalar = scalar << 6 | UInt32(text[at + index] & 0x3F)
    }
    return (scalar, size)
  }
}

/// Encodes UTF-8 to GB 18030, for files that go back in the encoding they came in.
package struct GB18030Encoder: Sendable {
  private let mapping = GB18030Mapping.shared

  /// An encoder; it has no state.
  package init() {}

  /// Appends the GB 18030 bytes of `text` to `output`; malformed UTF-8 becomes the code of U+FFFD.
  ///
  /// - Parameter text: UTF-8, cut between characters.
  package func encode(_ text: Span<UInt8>, to output: inout [UInt8]) {
    var at = 0
    while at < text.count {
      let (scalar, size) = GB18030Decoder.scalar(of: text, at: at)
      append(scalar, to: &output)
      at += size
    }
  }

  func append(_ scalar: UInt32, to output: inout [UInt8]) {
    if scalar < 0x80 {
      output.append(UInt8(scalar))
      return
    }
    var number = Int(scalar) - 0x10000 + 189_000
    if scalar < 0x10000 {
      let code = mapping.codes[Int(scalar)]
      if code < 0x10000 {
        output.append(UInt8(code >> 8))
        output.append(UInt8(code & 0xFF))
        return
      }
      number = Int(code) - 0x10000
    }
    output.append(UInt8(0x81 + number / 12_600))
    output.append(UInt8(0x30 + number / 1260 % 10))
    output.append(UInt8(0x81 + number / 10 % 126))
    output.append(UInt8(0x30 + number % 10))
  }
}
