import Records

/// Walks through JSON documents token by token, by the letter of RFC 8259, in pieces of any size.
///
/// Used for what stands around units, and for whole documents by ``JSONOutline``. The caller asks for
/// the next ``Event``; at a value it takes it by ``enter(_:_:)``, ``takeScalar(_:_:isLast:)`` or, if it
/// read the value by itself, ``valueTaken()``.
///
/// Documents are separated by white space. Names of an object are kept until it ends, to find
/// duplicates; how many is limited.
struct JSONGrammar {
  enum Event {
    /// The rest of the bytes is no whole token.
    case needsBytes
    /// The name of a member: inside of its quotes.
    case name(Range<Int>, isEscaped: Bool)
    /// A value begins at the place; it is still to be taken.
    case value
    /// The innermost object or array ended.
    case closed
    case fault(Breach)
  }

  enum Scalar {
    case needsBytes
    /// Strings without their quotes.
    case text(Range<Int>, JSONValueKind, isEscaped: Bool)
    case fault(Breach)
  }

  /// What ends the reading.
  struct Breach: Error {
    var kind = DocumentFault.Kind.malformed
    var at: Int
    var message: String
  }

  private enum Expected {
    case document
    case memberValue
    case item
    case itemOrEnd
    /// Reported and not yet taken.
    case takenValue
    case name
    case nameOrEnd
    case colon
    case commaOrEnd
  }

  struct Frame {
    var isObject: Bool
    /// Items begun.
    var count = 0
    var names: Set<[UInt8]> = []
    var nameBytes = 0
  }

  /// Line of the next byte, from 1.
  var line = 1
  /// Documents begun.
  private(set) var documentCount = 0
  private(set) var frames: [Frame] = []
  private var expected = Expected.document
  /// White space, a line break if documents are lines, or nothing at all stands before the next byte.
  private var isSeparated = true
  /// Bytes of all names that are kept.
  private var nameBytes = 0
  private let maximumNesting: Int
  private let maximumTokenBytes: Int
  /// A line break ends a document, and nothing else does.
  private let isLines: Bool

  init(_ limits: DocumentLimits, isLines: Bool) {
    maximumNesting = limits.nesting
    maximumTokenBytes = limits.recordBytes
    self.isLines = isLines
  }

  /// Between two documents.
  var isOutside: Bool { expected == .document }

  // MARK: - Tokens

  /// Takes punctuation and names until there is something to report.
  mutating func next(_ bytes: Span<UInt8>, _ at: inout Int, isLast: Bool) -> Event {
    while true {
      if let breach = skipSpace(bytes, &at) { return .fault(breach) }
      guard at < bytes.count else { return .needsBytes }
      let byte = bytes[at]
      switch expected {
      case .document:
        guard isSeparated else {
          let wanted = isLines ? "a line break" : "white space"
          return .fault(
            Breach(
              at: at,
              message: "found \(Byte.name(byte)) behind the end of a document, expected \(wanted)"))
        }
        documentCount += 1
        expected = .takenValue
        return .value
      case .itemOrEnd where byte == Byte.closeArray: return close(&at)
      case .item, .itemOrEnd:
        frames[frames.count - 1].count += 1
        expected = .takenValue
        return .value
      case .memberValue, .takenValue:
        expected = .takenValue
        return .value
      case .nameOrEnd where byte == Byte.closeObject: return close(&at)
      case .name, .nameOrEnd: return name(bytes, &at)
      case .colon:
        guard byte == Byte.colon else { return wrong(byte, at, "\":\"") }
        at += 1
        expected = .memberValue
      case .commaOrEnd:
        let isObject = frames.last?.isObject == true
        if byte == Byte.comma {
          at += 1
          expected = isObject ? .name : .item
        } else if byte == (isObject ? Byte.closeObject : Byte.closeArray) {
          return close(&at)
        } else {
          return wrong(byte, at, isObject ? "\",\" or \"}\"" : "\",\" or \"]\"")
        }
      }
    }
  }

  private mutating func skipSpace(_ bytes: Span<UInt8>, _ at: inout Int) -> Breach? {
    while at < bytes.count, Byte.isSpace(bytes[at]) {
      if bytes[at] == Byte.lineFeed {
        if isLines, !isOutside {
          return Breach(
            kind: .truncated, at: at, message: "the line ends before its document does")
        }
        line += 1
        isSeparated = true
      } else if !isLines {
        isSeparated = true
      }
      at += 1
    }
    return nil
  }

  private func wrong(_ byte: UInt8, _ at: Int, _ expected: String) -> Event {
    .fault(Breach(at: at, message: "found \(Byte.name(byte)), expected \(expected)"))
  }

  private mutating func close(_ at: inout Int) -> Event {
    at += 1
    if let frame = frames.popLast() { nameBytes -= frame.nameBytes }
    valueTaken()
    return .closed
  }

  private mutating func name(_ bytes: Span<UInt8>, _ at: inout Int) -> Event {
    guard bytes[at] == Byte.quote else {
      return wrong(bytes[at], at, expected == .nameOrEnd ? "a name or \"}\"" : "a name")
    }
    switch string(bytes, at) {
    case .needsBytes: return .needsBytes
    case .fault(let breach): return .fault(breach)
    case .text(let range, _, let isEscaped):
      let name = Self.text(bytes, range, isEscaped: isEscaped)
      let size = name.count + 32
      nameBytes += size
      frames[frames.count - 1].nameBytes += size
      guard nameBytes <= maximumTokenBytes else {
        return .fault(
          Breach(at: at, message: "names of one object take more than \(maximumTokenBytes) bytes"))
      }
      guard frames[frames.count - 1].names.insert(name).inserted else {
        let text = String(decoding: name.prefix(80), as: UTF8.self)
        return .fault(Breach(at: at, message: "the name \"\(text)\" stands twice in one object"))
      }
      at = range.upperBound + 1
      expected = .colon
      return .name(range, isEscaped: isEscaped)
    }
  }

  // MARK: - Values

  /// Takes the bracket of the object or array that begins at `at`.
  mutating func enter(_ bytes: Span<UInt8>, _ at: inout Int) -> Breach? {
    guard frames.count < maximumNesting else {
      return Breach(
        kind: .nesting, at: at,
        message: "found \(frames.count + 1) objects and arrays in each other, "
          + "expected at most \(maximumNesting)")
    }
    let isObject = bytes[at] == Byte.openObject
    frames.append(Frame(isObject: isObject))
    expected = isObject ? .nameOrEnd : .itemOrEnd
    at += 1
    return nil
  }

  /// Says that the value was read to its end.
  mutating func valueTaken() {
    expected = frames.isEmpty ? .document : .commaOrEnd
    isSeparated = false
  }

  /// Takes the string, number or literal that begins at `at`.
  mutating func takeScalar(_ bytes: Span<UInt8>, _ at: inout Int, isLast: Bool) -> Scalar {
    let start = at
    let first = bytes[at]
    let result = first == Byte.quote ? string(bytes, at) : plain(bytes, at, isLast: isLast)
    if case .text(let range, let kind, _) = result {
      at = range.upperBound + (kind == .string ? 1 : 0)
      if at - start > maximumTokenBytes { return .fault(tooLong(start)) }
      valueTaken()
    }
    return result
  }

  private func tooLong(_ at: Int) -> Breach {
    Breach(at: at, message: "one value has more than \(maximumTokenBytes) bytes")
  }

  /// Bytes of a pair of surrogates.
  private static let longestEscape = 12

  private func string(_ bytes: Span<UInt8>, _ at: Int) -> Scalar {
    let (end, failure, isEscaped) = bytes.extracting(at...).scan(isClosed: false) { scanner in
      let end = scanner.string(1)
      return (end < 0 ? scanner.faultAt : end, scanner.failure, scanner.isEscaped)
    }
    switch failure {
    case .incomplete:
      // The rest of an escape could still be malformed within the limit.
      return bytes.count - at > maximumTokenBytes + Self.longestEscape
        ? .fault(tooLong(at)) : .needsBytes
    case .malformed:
      if end > maximumTokenBytes { return .fault(tooLong(at)) }
      let byte = bytes[at + end]
      let what = byte == Byte.backslash ? "an escape that is none" : Byte.name(byte)
      return .fault(Breach(at: at + end, message: "found \(what) in a string"))
    case .none: break
    }
    if end > maximumTokenBytes { return .fault(tooLong(at)) }
    let range = at + 1..<at + end - 1
    guard bytes.isUTF8(range) else {
      return .fault(Breach(at: at, message: "found a string that is not UTF-8"))
    }
    return .text(range, .string, isEscaped: isEscaped)
  }

  private func plain(_ bytes: Span<UInt8>, _ at: Int, isLast: Bool) -> Scalar {
    let first = bytes[at]
    let isNumber = first == Byte.minus || Byte.isDigit(first)
    let (end, failure) = bytes.extracting(at...).scan(isClosed: isLast) { scanner in
      let end = isNumber ? scanner.number(0) : scanner.literal(0)
      return (end < 0 ? scanner.faultAt : end, scanner.failure)
    }
    switch failure {
    case .incomplete:
      return bytes.count - at > maximumTokenBytes ? .fault(tooLong(at)) : .needsBytes
    case .malformed:
      if end > maximumTokenBytes { return .fault(tooLong(at)) }
      let what = Byte.name(bytes[at + end])
      let place = end == 0 ? "expected a value" : isNumber ? "in a number" : "in a literal"
      return .fault(Breach(at: at + end, message: "found \(what), \(place)"))
    case .none: break
    }
    let kind: JSONValueKind =
      isNumber ? .number : first == UInt8(ascii: "n") ? .null : .boolean
    return .text(at..<at + end, kind, isEscaped: false)
  }

  /// What the inside of a string stands for.
  static func text(_ bytes: Span<UInt8>, _ range: Range<Int>, isEscaped: Bool) -> [UInt8] {
    var text: [UInt8] = []
    if isEscaped {
      bytes.scan(isClosed: true) { $0.unescape(range, into: &text) }
    } else {
      text.appendBytes(bytes, range)
    }
    return text
  }

  /// What is missing when the text ends at `at`; nil if nothing is.
  func missing(_ at: Int) -> Breach? {
    guard !isOutside else { return nil }
    let place =
      frames.isEmpty ? "a value" : frames.last?.isObject == true ? "an object" : "an array"
    return Breach(
      kind: .truncated, at: at,
      message: "the text ends inside \(place), with \(frames.count) still open")
  }
}

/// What a value of a document is.
package enum JSONValueKind: String, Sendable, CaseIterable {
  case string
  case number
  case boolean
  case null
  case object
  case array
}
