/// Signs that text was decoded wrongly before it was written, as counts over a whole file.
///
/// Correct text has hardly any of these, so the caller holds a file by share, not by presence (Q28).
package struct MojibakeEvidence: Sendable, Hashable {
  /// Characters that are UTF-8 read as GBK, such as `琛屾斂澶勭綒` for 行政处罚: runs of at least
  /// six characters whose GBK bytes are again Chinese UTF-8.
  package var utf8ReadAsGBK = 0
  /// Chinese characters that were read as Latin-1 or Windows-1252 from UTF-8, such as `è¡Œ` for 行.
  package var utf8ReadAsLatin1 = 0
  /// `锟斤拷`: a pair of U+FFFD that was read as GBK.
  package var replacementReadAsGBK = 0
  /// Runs of U+FFFD, and how many there are in all.
  package var replacementRuns = 0
  package var replacements = 0
  /// Characters beyond ASCII looked at.
  package var characters = 0

  /// All signs weighed as characters.
  package var suspiciousCharacters: Int {
    utf8ReadAsGBK + 3 * utf8ReadAsLatin1 + 3 * replacementReadAsGBK + replacements
  }

  /// Share of suspicious characters, 0…1.
  package var share: Double {
    characters == 0 ? 0 : min(1, Double(suspiciousCharacters) / Double(characters))
  }
}

/// Looks for ``MojibakeEvidence`` in UTF-8, in blocks of any size; malformed bytes are passed over.
struct MojibakeScanner: Sendable {
  private(set) var evidence = MojibakeEvidence()
  private var scalar: UInt32 = 0
  /// Continuation bytes that the current character still needs.
  private var needed = 0
  /// Place in the pattern A, B, C of ``classes``, and whole patterns in a row.
  private var place = 0
  private var patterns = 0
  private var latinPlace = 0
  private var replacementPlace = 0
  private var isInReplacements = false
  /// In the middle of no sign: only a starter matters.
  private var isIdle = true

  /// What the GBK bytes of a character can be in a Chinese UTF-8 pair of characters: the first two
  /// bytes (1), the third and the fourth (2), the last two (3); 0 for none, by code point. With
  /// ``starter`` where the character begins any of the signs.
  private static let classes: [UInt8] = {
    let codes = GB18030Mapping.shared.codes
    var classes = codes.map { code -> UInt8 in
      guard code > 0x80, code < 0x10000 else { return 0 }
      let lead = UInt8(code >> 8)
      let trail = UInt8(code & 0xFF)
      let isLead = { (byte: UInt8) in (0xE4...0xE9).contains(byte) }
      let isTrail = { (byte: UInt8) in (0x80...0xBF).contains(byte) }
      if isLead(lead), isTrail(trail) { return 1 | starter }
      if isTrail(lead), isLead(trail) { return 2 }
      return isTrail(lead) && isTrail(trail) ? 3 : 0
    }
    for scalar in [0x951F, 0xFFFD] + Array(0xE4...0xE9) { classes[scalar] |= starter }
    return classes
  }()

  private static let starter: UInt8 = 0x80

  /// What Windows-1252 makes of the bytes 0x80…0x9F.
  private static let windows1252: Set<UInt32> = [
    0x20AC, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0x017D, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
    0x0153, 0x017E, 0x0178,
  ]

  mutating func feed(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe Self.classes.withUnsafeBufferPointer { classes in
        unsafe feed(bytes, classes)
      }
    }
  }

  private mutating func feed(
    _ bytes: UnsafeBufferPointer<UInt8>, _ classes: UnsafeBufferPointer<UInt8>
  ) {
    precondition(classes.count == 0x10000)
    guard let base = bytes.baseAddress, let table = classes.baseAddress else { return }
    var at = 0
    let end = bytes.count
    while at < end {
      if isIdle, needed == 0 {
        unsafe at = skipHarmless(base, at, end, table)
        guard at < end else { return }
      }
      // Whole three-byte characters, which Chinese text consists of, without the state machine.
      if needed == 0, at + 3 <= end {
        let first = unsafe base[at]
        if first >= 0xE3, first <= 0xEF {
          let (second, third) = unsafe (base[at + 1], base[at + 2])
          if second & 0xC0 == 0x80, third & 0xC0 == 0x80 {
            let value =
              UInt32(first & 0x0F) << 12 | UInt32(second & 0x3F) << 6 | UInt32(third & 0x3F)
            unsafe see(value, table[Int(value)])
            at += 3
            continue
          }
        }
      }
      let byte = unsafe base[at]
      at += 1
      if byte < 0x80 {
        needed = 0
        endRun()
      } else if byte & 0xC0 == 0x80, needed > 0 {
        scalar = scalar << 6 | UInt32(byte & 0x3F)
        needed -= 1
        if needed == 0 {
          unsafe see(scalar, scalar < 0x10000 ? table[Int(scalar)] : 0)
        }
      } else {
        begin(byte)
      }
    }
  }

  /// Passes over ASCII and three-byte characters that begin no sign.
  ///
  /// - Returns: The first byte of anything else.
  @inline(__always)
  private mutating func skipHarmless(
    _ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ table: UnsafePointer<UInt8>
  ) -> Int {
    var at = start
    var count = 0
    while at + 3 <= end {
      var first = unsafe base[at]
      if first < 0x80 {
        if at + 8 <= end {
          let word = unsafe UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
          let others = UInt64(littleEndian: word & 0x8080_8080_8080_8080)
          if others == 0 {
            at += 8
            continue
          }
          at += others.trailingZeroBitCount >> 3
          first = unsafe base[at]
          guard at + 3 <= end else { break }
        } else {
          at += 1
          continue
        }
      }
      let (second, third) = unsafe (base[at + 1], base[at + 2])
      guard first & 0xF0 == 0xE0, second & 0xC0 == 0x80, third & 0xC0 == 0x80 else { break }
      let value = Int(first & 0x0F) << 12 | Int(second & 0x3F) << 6 | Int(third & 0x3F)
      guard unsafe table[value] & Self.starter == 0 else { break }
      at += 3
      count += 1
    }
    evidence.characters += count
    return at
  }

  private mutating func begin(_ byte: UInt8) {
    needed = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC2 ? 1 : 0
    if needed == 0 { endRun() }
    scalar = UInt32(byte) & (0x3F >> UInt32(needed))
  }

  @inline(__always)
  private mutating func endRun() {
    guard !isIdle else { return }
    place = 0
    patterns = 0
    latinPlace = 0
    replacementPlace = 0
    isInReplacements = false
    isIdle = true
  }

  /// Takes in one character beyond ASCII.
  @inline(__always)
  private mutating func see(_ scalar: UInt32, _ kind: UInt8) {
    evidence.characters += 1
    if isIdle, kind & Self.starter == 0 { return }
    let place = kind & 3
    if Int(place) == self.place + 1 {
      self.place += 1
      if self.place == 3 { endPattern() }
    } else {
      self.place = place == 1 ? 1 : 0
      patterns = 0
    }
    if scalar < 0x2200 { seeLatin(scalar) } else { latinPlace = 0 }
    seeReplacement(scalar)
    isIdle =
      self.place == 0 && patterns == 0 && latinPlace == 0 && replacementPlace == 0
      && !isInReplacements
  }

  /// One pattern alone happens by chance in rare names; two in a row count.
  private mutating func endPattern() {
    place = 0
    patterns += 1
    if patterns == 2 { evidence.utf8ReadAsGBK += 6 }
    if patterns > 2 { evidence.utf8ReadAsGBK += 3 }
  }

  private mutating func seeLatin(_ scalar: UInt32) {
    if (0xE4...0xE9).contains(scalar) {
      latinPlace = 1
    } else if latinPlace > 0, (0x80...0xBF).contains(scalar) || Self.windows1252.contains(scalar) {
      latinPlace += 1
      if latinPlace == 3 {
        evidence.utf8ReadAsLatin1 += 1
        latinPlace = 0
      }
    } else {
      latinPlace = 0
    }
  }

  @inline(__always)
  private mutating func seeReplacement(_ scalar: UInt32) {
    if scalar == 0xFFFD {
      evidence.replacements += 1
      if !isInReplacements { evidence.replacementRuns += 1 }
    }
    isInReplacements = scalar == 0xFFFD
    switch (replacementPlace, scalar) {
    case (_, 0x951F): replacementPlace = 1
    case (1, 0x65A4): replacementPlace = 2
    case (2, 0x62F7):
      evidence.replacementReadAsGBK += 1
      replacementPlace = 0
    default: replacementPlace = 0
    }
  }
}

extension Array where Element == UInt8 {
  /// Appends `bytes` by one copy.
  mutating func appendSpan(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
