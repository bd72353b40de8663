import CSVParsing

/// How the text of a delivery is encoded. One decision for a whole file, never per record.
package enum SourceEncoding: String, Sendable, CaseIterable {
  case utf8
  /// UTF-8 after the bytes EF BB BF.
  case utf8BOM = "utf8-bom"
  /// GB 18030-2022, and so GBK and GB 2312.
  case gb18030
  /// UTF-16, little end first, after the bytes FF FE.
  case utf16LE = "utf16-le"
  /// UTF-16, big end first, after the bytes FE FF.
  case utf16BE = "utf16-be"

  /// Decoded text is as long as the file.
  var isUTF8: Bool { self == .utf8 || self == .utf8BOM }
  private var isUTF16: Bool { self == .utf16LE || self == .utf16BE }
  /// Bytes of a character of ASCII.
  var lengthOfASCII: Int { isUTF16 ? 2 : 1 }

  /// Number of bytes that `decoded` had in the original file (semantics.md §14).
  ///
  /// Exact for every encoding; in UTF-8 files with undecodable bytes use
  /// ``TextDecoder/originalOffset(ofDecoded:)``.
  ///
  /// - Parameter decoded: UTF-8 from a ``TextDecoder``, cut between characters.
  package func originalLength(ofDecoded decoded: Span<UInt8>) -> Int {
    switch self {
    case .utf8, .utf8BOM: return decoded.count
    case .gb18030: return GB18030Decoder.originalLength(ofDecoded: decoded)
    case .utf16LE, .utf16BE:
      var length = 0
      var at = 0
      while at < decoded.count {
        let (scalar, size) = GB18030Decoder.scalar(of: decoded, at: at)
        length += scalar < 0x10000 ? 2 : 4
        at += size
      }
      return length
    }
  }
}

/// What a file's bytes say about its encoding.
package struct EncodingDecision: Sendable, Hashable {
  /// Why the encoding was chosen; the order of belief (facts.md §3.1).
  package enum Reason: String, Sendable {
    case byteOrderMark
    /// Nothing but ASCII, which is the same in both.
    case ascii
    /// The only encoding that all bytes are valid in; UTF-8 also if both are.
    case valid
    /// Valid in both; the adapter says which one.
    case adapter
    /// Valid in neither; the one with fewer undecodable bytes.
    case fewestBadBytes
  }

  /// Bytes that one encoding cannot explain.
  package struct Damage: Sendable, Hashable {
    package var badByteCount = 0
    /// Counting stopped here, because the other encoding fits far better.
    package var isLowerBound = false
    /// From 0, in the decompressed original.
    package var firstOffset: Int?
    /// The file ends inside a character.
    package var isCut = false
  }

  package var encoding: SourceEncoding
  package var reason: Reason
  /// Bytes of the file, decompressed.
  package var length: Int
  package var utf8: Damage
  package var gb18030: Damage
  package var mojibake: MojibakeEvidence

  /// Damage under the encoding chosen; none for UTF-16, which has hardly an invalid byte.
  package var damage: Damage {
    switch encoding {
    case .utf8, .utf8BOM: utf8
    case .gb18030: gb18030
    case .utf16LE, .utf16BE: Damage()
    }
  }
}

/// Looks at a whole file, block by block, and then decides its encoding.
package struct EncodingDetector: ~Copyable {
  private var head: [UInt8] = []
  private var length = 0
  private var isASCII = true
  private var utf8 = Candidate()
  private var gb18030 = Candidate()
  private var mojibake = MojibakeScanner()

  /// Bad bytes by which an encoding may be behind the other one before counting stops; our choice.
  private static let hopeless = 4096

  /// One encoding's reading of the file so far.
  private struct Candidate {
    var damage = EncodingDecision.Damage()
    /// Bytes looked at.
    var used = 0
    /// Up to three bytes that may begin a character.
    var carried: [UInt8] = []
    /// Bad bytes, but one for a character that the end of the file cut: that says nothing about the
    /// encoding.
    var weight: Int { damage.badByteCount - cutBytes + (damage.isCut ? 1 : 0) }
    private var cutBytes = 0

    mutating func feed(_ bytes: Span<UInt8>, count: (Span<UInt8>, Bool) -> TextDamage) {
      guard !damage.isLowerBound else { return }
      var start = 0
      if !carried.isEmpty {
        let taken = min(bytes.count, 8)
        var joint = carried
        for index in 0..<taken { joint.append(bytes[index]) }
        let found = count(joint.span, false)
        add(found)
        let before = carried.count
        carried = []
        if taken == bytes.count {
          carried = Array(joint[found.used...])
          return
        }
        start = found.used - before
      }
      let rest = bytes.extracting(start..<bytes.count)
      let found = count(rest, false)
      add(found)
      for index in found.used..<rest.count { carried.append(rest[index]) }
    }

    /// Counts what is left over at the end of the file.
    mutating func end(count: (Span<UInt8>, Bool) -> TextDamage) {
      guard !carried.isEmpty, !damage.isLowerBound else { return }
      damage.isCut = true
      let found = count(carried.span, true)
      cutBytes = found.badByteCount
      add(found)
      carried = []
    }

    private mutating func add(_ found: TextDamage) {
      if let first = found.firstBad, damage.firstOffset == nil { damage.firstOffset = used + first }
      damage.badByteCount += found.badByteCount
      used += found.used
    }
  }

  /// A detector before the first byte.
  package init() {}

  /// Takes in the next block of the decompressed file.
  package mutating func feed(_ bytes: Span<UInt8>) {
    for index in 0..<min(bytes.count, 3 - head.count) { head.append(bytes[index]) }
    length += bytes.count
    if isASCII {
      isASCII = TextDamage.isASCII(bytes)
      // Both encodings agree about ASCII.
      if isASCII {
        utf8.used += bytes.count
        gb18030.used += bytes.count
        return
      }
    }
    count(bytes)
    if !utf8.damage.isLowerBound { mojibake.feed(bytes) }
  }

  private mutating func count(_ bytes: Span<UInt8>) {
    utf8.feed(bytes) { TextDamage.utf8($0, isLast: $1) }
    gb18030.feed(bytes) { TextDamage.gb18030($0, isLast: $1) }
    let (a, b) = (utf8.damage.badByteCount, gb18030.damage.badByteCount)
    if a > 2 * b + Self.hopeless { utf8.damage.isLowerBound = true }
    if b > 2 * a + Self.hopeless { gb18030.damage.isLowerBound = true }
  }

  /// Decides after the last block.
  ///
  /// - Parameter adapterHint: What the adapter of the system says; asked only if both are valid.
  package consuming func decision(adapterHint: SourceEncoding? = nil) -> EncodingDecision {
    utf8.end { TextDamage.utf8($0, isLast: $1) }
    gb18030.end { TextDamage.gb18030($0, isLast: $1) }
    let (encoding, reason) = choice(adapterHint)
    return EncodingDecision(
      encoding: encoding, reason: reason, length: length, utf8: utf8.damage,
      gb18030: gb18030.damage, mojibake: mojibake.evidence)
  }

  private func choice(
    _ hint: SourceEncoding?
  ) -> (SourceEncoding, EncodingDecision.Reason) {
    if head == [0xEF, 0xBB, 0xBF] { return (.utf8BOM, .byteOrderMark) }
    if head.starts(with: [0xFF, 0xFE]) { return (.utf16LE, .byteOrderMark) }
    if head.starts(with: [0xFE, 0xFF]) { return (.utf16BE, .byteOrderMark) }
    if isASCII { return (.utf8, .ascii) }
    switch (utf8.weight, gb18030.weight) {
    case (0, 0): return hint == .gb18030 ? (.gb18030, .adapter) : (.utf8, .valid)
    case (0, _): return (.utf8, .valid)
    case (_, 0): return (.gb18030, .valid)
    case (let a, let b): return (a <= b ? .utf8 : .gb18030, .fewestBadBytes)
    }
  }
}

/// Turns blocks of a file into UTF-8, for every ``SourceEncoding``.
///
/// A byte that cannot be decoded becomes one U+FFFD and is counted. Byte-order marks stay in the text,
/// as EF BB BF; parsers skip them and count them.
package struct TextDecoder: Sendable {
  package let encoding: SourceEncoding
  private var gb18030 = GB18030Decoder()
  private var carried: [UInt8] = []
  private var consumed = 0
  private var ownBadOffsets: [Int] = []
  private var ownBadCount = 0
  /// Where in the output of the last ``decode(_:isLast:to:)`` a U+FFFD stands for one byte of a UTF-8 file.
  private(set) var replaced: [Int] = []

  /// A decoder at the first byte of a file.
  package init(_ encoding: SourceEncoding) { self.encoding = encoding }

  /// Offsets of the first undecodable bytes in the original; at most
  /// ``GB18030Decoder/maximumOffsets``.
  package var badOffsets: [Int] {
    encoding == .gb18030 ? gb18030.badOffsets : ownBadOffsets
  }

  /// Exact number of undecodable bytes so far.
  package var badByteCount: Int { encoding == .gb18030 ? gb18030.badByteCount : ownBadCount }

  /// Whether the original is GB18030 without characters of four bytes and without damage so far.
  var hasShortCharactersOnly: Bool { encoding == .gb18030 && gb18030.hasShortCharactersOnly }

  /// Bytes of the original whose text has been given out.
  package var decodedLength: Int {
    encoding == .gb18030 ? gb18030.consumed - gb18030.unfinishedCount : consumed - carried.count
  }

  /// Appends the UTF-8 of `bytes` to `output`; an unfinished character waits for the next block.
  package mutating func decode(_ bytes: Span<UInt8>, isLast: Bool, to output: inout [UInt8]) {
    replaced.removeAll(keepingCapacity: true)
    switch encoding {
    case .gb18030: gb18030.decode(bytes, isLast: isLast, to: &output)
    case .utf8, .utf8BOM: repairUTF8(bytes, isLast: isLast, to: &output)
    case .utf16LE, .utf16BE: decodeUTF16(bytes, isLast: isLast, to: &output)
    }
  }

  /// The offset in the original file of an offset in the decoded text of a UTF-8 file.
  ///
  /// Exact up to the last of ``badOffsets``.
  package func originalOffset(ofDecoded offset: Int) -> Int {
    // An undecodable byte takes three bytes of decoded text.
    var shift = 0
    for bad in ownBadOffsets where bad + shift < offset { shift += 2 }
    return offset - shift
  }

  private mutating func noteBadByte(at offset: Int) {
    if ownBadOffsets.count < GB18030Decoder.maximumOffsets { ownBadOffsets.append(offset) }
    ownBadCount += 1
  }

  private mutating func repairUTF8(
    _ bytes: Span<UInt8>, isLast: Bool, to output: inout [UInt8]
  ) {
    var start = 0
    if !carried.isEmpty {
      let taken = min(bytes.count, 8)
      var joint = carried
      for index in 0..<taken { joint.append(bytes[index]) }
      let before = carried.count
      carried = []
      let isWhole = taken == bytes.count
      let used = repairBlock(
        joint.span, origin: consumed - before, isLast: isLast && isWhole, to: &output)
      if isWhole {
        carried = Array(joint[used...])
        consumed += bytes.count
        return
      }
      start = used - before
    }
    let rest = bytes.extracting(start..<bytes.count)
    let used = repairBlock(rest, origin: consumed + start, isLast: isLast, to: &output)
    for index in used..<rest.count { carried.append(rest[index]) }
    consumed += bytes.count
  }

  /// - Returns: Bytes used.
  private mutating func repairBlock(
    _ bytes: Span<UInt8>, origin: Int, isLast: Bool, to output: inout [UInt8]
  ) -> Int {
    let damage = TextDamage.utf8(bytes, isLast: isLast)
    guard let first = damage.firstBad else {
      output.appendSpan(bytes.extracting(0..<damage.used))
      return damage.used
    }
    output.appendSpan(bytes.extracting(0..<first))
    var at = first
    while at < damage.used {
      let (_, size) = GB18030Decoder.scalar(of: bytes, at: at)
      let character = bytes.extracting(at..<at + size)
      if TextDamage.utf8(character, isLast: true).badByteCount == 0 {
        output.appendSpan(character)
        at += size
      } else {
        noteBadByte(at: origin + at)
        replaced.append(output.count)
        output.append(contentsOf: [0xEF, 0xBF, 0xBD])
        at += 1
      }
    }
    return damage.used
  }

  private mutating func decodeUTF16(
    _ bytes: Span<UInt8>, isLast: Bool, to output: inout [UInt8]
  ) {
    let origin = consumed - carried.count
    consumed += bytes.count
    for index in bytes.indices { carried.append(bytes[index]) }
    let isLittle = encoding == .utf16LE
    func unit(_ at: Int) -> UInt32 {
      let (first, second) = (UInt32(carried[at]), UInt32(carried[at + 1]))
      return isLittle ? second << 8 | first : first << 8 | second
    }
    var at = 0
    while at + 2 <= carried.count {
      var scalar = unit(at)
      var size = 2
      if (0xD800...0xDBFF).contains(scalar) {
        guard at + 4 <= carried.count || isLast else { break }
        let low = at + 4 <= carried.count ? unit(at + 2) : 0
        if (0xDC00...0xDFFF).contains(low) {
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
          size = 4
        }
      }
      appendUTF16(scalar, origin: origin + at, to: &output)
      at += size
    }
    carried.removeFirst(at)
    if isLast, !carried.isEmpty {
      appendUTF16(0xD800, origin: origin + at, to: &output)
      carried.removeAll()
    }
  }

  private mutating func appendUTF16(_ value: UInt32, origin: Int, to output: inout [UInt8]) {
    let scalar = Unicode.Scalar(value)
    if scalar == nil { noteBadByte(at: origin) }
    output.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}").map { Array($0) } ?? [])
  }
}
