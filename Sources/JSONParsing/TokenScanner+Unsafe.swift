import CSeparatorIndex

/// Finds the ends of strings, numbers and literals by the letter of RFC 8259.
///
/// Positions are indexes into `bytes`. Every scan gives the first index behind its token, or -1; then
/// ``failure`` says whether the text ends too early or is wrong at ``faultAt``. Bytes from 0x80 on are
/// taken in strings as they are; whether they are UTF-8 is checked over whole units.
///
/// ADVICE FOR HACKERS: strings are looked at eight bytes at a time. `specials` marks bytes by
/// subtracting across the whole word; a borrow may mark a byte wrongly, but only above one that is
/// marked rightly, and only the lowest mark is used.
@safe
struct TokenScanner {
  enum Failure {
    case none
    /// The text ends inside the token.
    case incomplete
    case malformed
  }

  let bytes: UnsafePointer<UInt8>
  let end: Int
  /// Nothing follows `end`: a number may end there.
  let isClosed: Bool
  var failure = Failure.none
  var faultAt = 0
  /// The last string has escapes; the last number has an exponent.
  var isEscaped = false
  /// Escapes like `\u0000` that stand for control characters other than TAB, LF and CR.
  var controlCount = 0
  var firstControl = 0

  init(_ bytes: UnsafePointer<UInt8>, count: Int, isClosed: Bool) {
    unsafe self.bytes = bytes
    end = count
    self.isClosed = isClosed
  }

  @inline(__always)
  subscript(at: Int) -> UInt8 { unsafe bytes[at] }

  @inline(__always)
  func word(_ at: Int) -> UInt64 {
    unsafe UInt64(
      littleEndian: UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self))
  }

  @inline(never)
  mutating func incomplete() -> Int {
    failure = .incomplete
    faultAt = end
    return -1
  }

  @inline(never)
  mutating func malformed(_ at: Int) -> Int {
    failure = .malformed
    faultAt = at
    return -1
  }

  /// The first byte from `at` on that is no white space, or `end`.
  @inline(__always)
  func skipSpace(_ at: Int) -> Int {
    if at < end, self[at] > 0x20 { return at }
    return skipLongSpace(at)
  }

  private func skipLongSpace(_ start: Int) -> Int {
    var at = start
    while at < end, Byte.isSpace(self[at]) {
      at += 1
      while at + 8 <= end, word(at) == 0x2020_2020_2020_2020 { at += 8 }
    }
    return at
  }

  // MARK: - Strings

  /// Marks the bytes of `word` that are a quote, a backslash or a control character.
  @inline(__always)
  private static func specials(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    return
      (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
      | ((word &- (ones &* 0x20)) & ~word)) & (ones &* 0x80)
  }

  /// Scans a string.
  ///
  /// - Parameter start: The first byte behind the opening quote.
  /// - Returns: The index behind the closing quote.
  @inline(__always)
  mutating func string(_ start: Int) -> Int {
    isEscaped = false
    var at = start
    while at + 8 <= end {
      let marks = Self.specials(word(at))
      if marks != 0 {
        at += marks.trailingZeroBitCount >> 3
        if self[at] == Byte.quote { return at + 1 }
        return stringRest(at)
      }
      at += 8
    }
    return stringRest(at)
  }

  /// Scans a string on from where there may be anything.
  @inline(never)
  private mutating func stringRest(_ start: Int) -> Int {
    var at = start
    while true {
      while at + 8 <= end {
        let marks = Self.specials(word(at))
        if marks != 0 {
          at += marks.trailingZeroBitCount >> 3
          break
        }
        at += 8
      }
      guard at < end else { return incomplete() }
      let byte = self[at]
      if byte == Byte.quote { return at + 1 }
      if byte < 0x20 { return malformed(at) }
      if byte == Byte.backslash {
        at = escape(at)
        guard at >= 0 else { return -1 }
      } else {
        at += 1
      }
    }
  }

  /// Scans the escape at `at`; a pair of surrogates is one.
  private mutating func escape(_ at: Int) -> Int {
    isEscaped = true
    guard at + 1 < end else { return incomplete() }
    switch self[at + 1] {
    case Byte.quote, Byte.backslash, UInt8(ascii: "/"), UInt8(ascii: "n"), UInt8(ascii: "r"),
      UInt8(ascii: "t"):
      return at + 2
    case UInt8(ascii: "b"), UInt8(ascii: "f"):
      noteControl(at)
      return at + 2
    case UInt8(ascii: "u"): break
    default: return malformed(at)
    }
    let unit = hexadecimal(at + 2, of: at)
    guard unit >= 0 else { return -1 }
    if unit < 0x20, unit != 0x09, unit != 0x0A, unit != 0x0D { noteControl(at) }
    if unit & 0xFC00 == 0xDC00 { return malformed(at) }
    guard unit & 0xFC00 == 0xD800 else { return at + 6 }
    guard at + 6 < end else { return incomplete() }
    guard self[at + 6] == Byte.backslash else { return malformed(at) }
    guard at + 7 < end else { return incomplete() }
    guard self[at + 7] == UInt8(ascii: "u") else { return malformed(at) }
    let low = hexadecimal(at + 8, of: at)
    guard low >= 0 else { return -1 }
    return low & 0xFC00 == 0xDC00 ? at + 12 : malformed(at)
  }

  private mutating func noteControl(_ at: Int) {
    if controlCount == 0 { firstControl = at }
    controlCount += 1
  }

  /// The value of four hexadecimal digits.
  private mutating func hexadecimal(_ start: Int, of escape: Int) -> Int {
    var value = 0
    for at in start..<start + 4 {
      guard at < end else { return incomplete() }
      guard let digit = Self.hexadecimalDigit(self[at]) else { return malformed(escape) }
      value = value << 4 | digit
    }
    return value
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte) - 0x30
    case 0x41...0x46: Int(byte) - 0x37
    case 0x61...0x66: Int(byte) - 0x57
    default: nil
    }
  }

  /// Appends what `range`, the inside of a string that was scanned, stands for.
  func unescape(_ range: Range<Int>, into target: inout [UInt8]) {
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = self[at]
      guard byte == Byte.backslash else {
        target.append(byte)
        at += 1
        continue
      }
      let kind = self[at + 1]
      at += 2
      switch kind {
      case UInt8(ascii: "n"): target.append(0x0A)
      case UInt8(ascii: "r"): target.append(0x0D)
      case UInt8(ascii: "t"): target.append(0x09)
      case UInt8(ascii: "b"): target.append(0x08)
      case UInt8(ascii: "f"): target.append(0x0C)
      case UInt8(ascii: "u"):
        var code = codeUnit(at)
        at += 4
        if code & 0xFC00 == 0xD800 {
          code = 0x10000 + ((code & 0x3FF) << 10 | codeUnit(at + 2) & 0x3FF)
          at += 6
        }
        Self.append(code, to: &target)
      default: target.append(kind)
      }
    }
  }

  /// Appends the UTF-8 of a code point that is no surrogate.
  private static func append(_ code: UInt32, to target: inout [UInt8]) {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | code >> shift & 0x3F) }
    switch code {
    case ..<0x80: target.append(UInt8(code))
    case ..<0x800:
      target.append(UInt8(0xC0 | code >> 6))
      target.append(tail(0))
    case ..<0x10000:
      target.append(UInt8(0xE0 | code >> 12))
      target.append(tail(6))
      target.append(tail(0))
    default:
      target.append(UInt8(0xF0 | code >> 18))
      target.append(tail(12))
      target.append(tail(6))
      target.append(tail(0))
    }
  }

  private func codeUnit(_ start: Int) -> UInt32 {
    var value: UInt32 = 0
    for at in start..<start + 4 {
      value = value << 4 | UInt32(Self.hexadecimalDigit(self[at]) ?? 0)
    }
    return value
  }

  // MARK: - Numbers and literals

  /// Scans the number that begins at `start`, with its minus sign or first digit.
  @inline(__always)
  mutating func number(_ start: Int) -> Int {
    isEscaped = false
    var at = start
    if self[at] == Byte.minus { at += 1 }
    guard at < end else { return incomplete() }
    let first = self[at]
    guard Byte.isDigit(first) else { return malformed(at) }
    at += 1
    if first == Byte.zero {
      if at < end, Byte.isDigit(self[at]) { return malformed(at) }
    } else {
      while at < end, Byte.isDigit(self[at]) { at += 1 }
    }
    guard at < end else { return isClosed ? at : incomplete() }
    let next = self[at]
    if next == Byte.point || next | 0x20 == UInt8(ascii: "e") { return numberRest(at) }
    return at
  }

  private mutating func numberRest(_ point: Int) -> Int {
    var at = point
    if self[at] == Byte.point {
      at = digits(at + 1)
      guard at >= 0 else { return -1 }
    }
    if at < end, self[at] | 0x20 == UInt8(ascii: "e") {
      isEscaped = true
      at += 1
      if at < end, self[at] == Byte.plus || self[at] == Byte.minus { at += 1 }
      at = digits(at)
      guard at >= 0 else { return -1 }
    }
    return at < end || isClosed ? at : incomplete()
  }

  /// Scans one digit or more.
  private mutating func digits(_ start: Int) -> Int {
    var at = start
    while at < end, Byte.isDigit(self[at]) { at += 1 }
    if at > start { return at }
    return at < end ? malformed(at) : incomplete()
  }

  /// Scans `true`, `false` or `null`, by the first byte at `start`.
  @inline(__always)
  mutating func literal(_ start: Int) -> Int {
    switch self[start] {
    case UInt8(ascii: "t"): literal("true", start)
    case UInt8(ascii: "f"): literal("false", start)
    case UInt8(ascii: "n"): literal("null", start)
    default: malformed(start)
    }
  }

  @inline(__always)
  private mutating func literal(_ word: StaticString, _ start: Int) -> Int {
    let count = word.utf8CodeUnitCount
    for index in 0..<count {
      guard start + index < end else { return incomplete() }
      guard unsafe self[start + index] == word.utf8Start[index] else {
        return malformed(start + index)
      }
    }
    return start + count
  }
}

/// What one pass over the bytes of a unit counts.
struct ByteSurvey: Equatable {
  var lineFeeds = 0
  /// U+FFFD, which a decoder puts where it cannot read.
  var replacementCount = 0
  var firstReplacement = 0

  static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> ByteSurvey {
    var survey = ByteSurvey()
    guard let base = bytes.baseAddress else { return survey }
    survey.lineFeeds = unsafe qy_line_feeds(base, bytes.count)
    survey.replacementCount = unsafe qy_replacements(base, bytes.count, &survey.firstReplacement)
    return survey
  }

  /// The first bytes of `bytes` that are UTF-8; all of them if it is.
  static func validPrefix(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    return unsafe qy_utf8_valid_prefix(base, bytes.count)
  }
}

extension Span where Element == UInt8 {
  /// Runs a scanner over all bytes; -1 and `.incomplete` if there are none.
  func scan<R>(isClosed: Bool, _ body: (inout TokenScanner) -> R) -> R {
    unsafe withUnsafeBufferPointer { bytes in
      var nothing: UInt8 = 0
      guard let base = bytes.baseAddress else {
        return unsafe withUnsafePointer(to: &nothing) { nothing in
          var scanner = unsafe TokenScanner(nothing, count: 0, isClosed: isClosed)
          return body(&scanner)
        }
      }
      var scanner = unsafe TokenScanner(base, count: bytes.count, isClosed: isClosed)
      return body(&scanner)
    }
  }

  func survey(_ range: Range<Int>) -> ByteSurvey {
    unsafe extracting(range).withUnsafeBufferPointer { unsafe ByteSurvey.of($0) }
  }

  /// The index of the first line feed from `start` on.
  func lineEnd(from start: Int) -> Int? {
    unsafe withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let ones: UInt64 = 0x0101_0101_0101_0101
      var at = start
      while at + 8 <= bytes.count {
        let word = unsafe UInt64(
          littleEndian: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self))
        let feed = word ^ (ones &* 0x0A)
        let marks = (feed &- ones) & ~feed & (ones &* 0x80)
        if marks != 0 { return at + (marks.trailingZeroBitCount >> 3) }
        at += 8
      }
      while at < bytes.count {
        if unsafe bytes[at] == Byte.lineFeed { return at }
        at += 1
      }
      return nil
    }
  }

  func isUTF8(_ range: Range<Int>) -> Bool {
    unsafe extracting(range).withUnsafeBufferPointer {
      unsafe ByteSurvey.validPrefix($0) == $0.count
    }
  }
}

extension Array where Element == UInt8 {
  /// Appends a range of `bytes` by one copy.
  mutating func appendBytes(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
