import Records

/// What is to be put into chunks: the rows of the unit just parsed, or one row with a fault.
struct Emission {
  /// Bytes of the unit in the window, from the cursor; they are done with afterwards.
  var length = 0
  /// Where else the unit's text stands: repaired, or the beginning of an overlong one.
  var text: [UInt8]?
  /// Its first byte.
  var line = 1
  var byteOffset = 0
  /// The unit as a whole is one row with this fault.
  var fault: RecordFault?
  var survey = ByteSurvey()
  /// The next row of the parser, the place in the unit that `line` is for, and whether the way to
  /// records among others has been worked out.
  var row = 0
  var lineAt = 0
  var surroundings: Surroundings?
  /// Set when the last row is out.
  var fate: DocumentFault?
}

extension JSONReader {
  // MARK: - Units in documents

  /// Parses the unit at the cursor.
  mutating func readUnit(isLast: Bool) -> Step {
    let available = window.count - cursor
    switch parse(available, isClosed: isLast) {
    case .read where parser.length <= limits.recordBytes:
      return begin(parser.length)
    case .incomplete where !isLast && available <= limits.recordBytes:
      return .needsBytes
    case .read, .incomplete, .fault:
      extent = UnitExtent()
      scanned = 0
      skipped = 0
      emission = Emission()
      emission.line = grammar.line
      emission.byteOffset = windowOffset + cursor
      phase = .extent
      return .progress
    }
  }

  /// Looks for the end of the unit by its brackets and strings.
  mutating func findEnd(isLast: Bool) -> Step {
    let bytes = window
    switch extent.scan(bytes.span, from: cursor + scanned, isLast: isLast) {
    case .end(let end):
      guard end > cursor || skipped > 0 else {
        return lose(
          .malformed, at: end, "found \(Byte.name(window[end])) where a record should begin")
      }
      return endExtent(end - cursor)
    case .mismatch(let at):
      return lose(
        .malformed, at: at, "found \(Byte.name(window[at])), which closes what was not opened")
    case .tooDeep(let at):
      return lose(
        .nesting, at: at, "more than \(UnitExtent.maximumDepth) objects and arrays in each other")
    case .more:
      guard !isLast else {
        return lose(.truncated, at: window.count, "the text ends inside a record")
      }
      scanned = window.count - cursor
      if skipped + scanned > limits.recordBytes { keepBeginning() }
      return .needsBytes
    }
  }

  private mutating func lose(_ kind: DocumentFault.Kind, at: Int, _ message: String) -> Step {
    let line = grammar.line + window.span.survey(cursor..<at).lineFeeds
    pending = documentFault(
      kind, at: at, line: line, message + "; it began at byte \(emission.byteOffset)")
    return .needsBytes
  }

  /// Keeps the first bytes of an overlong unit and gives up all that were seen.
  private mutating func keepBeginning() {
    if emission.text == nil {
      emission.text = beginning(scanned)
    }
    grammar.line += window.span.survey(cursor..<cursor + scanned).lineFeeds
    cursor += scanned
    skipped += scanned
    scanned = 0
  }

  /// The first bytes of the unit at the cursor that are kept, without a cut character.
  private func beginning(_ length: Int) -> [UInt8] {
    // No more than what is there of every unit over the limit, however it was cut into pieces.
    var end = cursor + min(length, Self.keptOfOverlong, limits.recordBytes)
    while end > cursor, end < cursor + length, window[end] & 0xC0 == 0x80 { end -= 1 }
    return Self.repaired(Array(window[cursor..<end]))
  }

  /// Makes a record of the unit whose last `length` bytes stand at the cursor.
  private mutating func endExtent(_ length: Int) -> Step {
    let whole = skipped + length
    if whole > limits.recordBytes {
      if emission.text == nil { emission.text = beginning(length) }
      emission.fault = RecordFault(
        row: 0, kind: .recordSize, found: whole, expected: limits.recordBytes,
        offsetInRecord: limits.recordBytes)
      return beginFault(length)
    }
    switch parse(length, isClosed: true) {
    case .read where parser.length == length: return begin(length)
    case .fault: emission.fault = parser.fault
    case .read:
      emission.fault = RecordFault(row: 0, kind: .malformed, offsetInRecord: parser.length)
    case .incomplete:
      emission.fault = RecordFault(row: 0, kind: .malformed, offsetInRecord: length)
    }
    return beginFault(length)
  }

  private mutating func beginFault(_ length: Int) -> Step {
    emission.length = length
    emission.row = 0
    if emission.text == nil, !window.span.isUTF8(cursor..<cursor + length) {
      emission.text = Self.repaired(Array(window[cursor..<cursor + length]))
    }
    phase = .emission
    return .progress
  }

  // MARK: - Lines

  /// Reads the document on the line at the cursor.
  mutating func readLine(isLast: Bool) -> Step {
    while cursor < window.count, Byte.isSpace(window[cursor]) {
      if window[cursor] == Byte.lineFeed { grammar.line += 1 }
      cursor += 1
    }
    guard cursor < window.count else { return .needsBytes }
    let end = window.span.lineEnd(from: cursor)
    guard let end, end - cursor <= limits.recordBytes else {
      if end == nil, !isLast, window.count - cursor <= limits.recordBytes { return .needsBytes }
      extent = UnitExtent()
      scanned = 0
      skipped = 0
      emission = Emission()
      emission.line = grammar.line
      emission.byteOffset = windowOffset + cursor
      isOpen = true
      phase = .lineExtent
      return .progress
    }
    return take(line: end - cursor, isCut: false)
  }

  /// Takes the line at the cursor, whose line break, if there is one, stands behind `length` bytes.
  private mutating func take(line length: Int, isCut: Bool) -> Step {
    census.documentCount += 1
    var inked = length
    while inked > 0, Byte.isSpace(window[cursor + inked - 1]) { inked -= 1 }
    let outcome = parse(inked, isClosed: true)
    if case .read = outcome, parser.length == inked {
      if parser.hasContainer || !hasNestedRecords { census.hasUnits = true }
      return begin(inked)
    }
    emission = Emission()
    emission.line = grammar.line
    emission.byteOffset = windowOffset + cursor
    switch outcome {
    case .read:
      emission.fault = RecordFault(row: 0, kind: .malformed, offsetInRecord: behindDocument)
    case .incomplete:
      emission.fault = RecordFault(row: 0, kind: .malformed, offsetInRecord: inked)
      if isCut { emission.fate = cutLine(inked) }
    case .fault: emission.fault = parser.fault
    }
    if isCut, emission.fate == nil, outcome == .fault {
      // Wrong somewhere; cut as well if a string or bracket is open at the end.
      var structure = UnitExtent()
      let end = cursor + inked
      if structure.scan(window.span.extracting(..<end), from: cursor, isLast: true) == .more {
        emission.fate = cutLine(inked)
      }
    }
    return beginFault(inked)
  }

  /// The first byte behind a document that should not be there, from the cursor.
  private var behindDocument: Int {
    var at = parser.length
    while Byte.isSpace(window[cursor + at]) { at += 1 }
    return at
  }

  private func cutLine(_ length: Int) -> DocumentFault {
    documentFault(
      .truncated, at: cursor + length, line: grammar.line,
      "the text ends inside the document that began at byte \(windowOffset + cursor)")
  }

  /// Looks for the end of a line that has none yet or is too long.
  mutating func findLineEnd(isLast: Bool) -> Step {
    let start = cursor + scanned
    let end = window.span.lineEnd(from: start)
    if end == nil, !isLast {
      follow(from: start, to: window.count)
      scanned = window.count - cursor
      if skipped + scanned > limits.recordBytes { keepBeginning() }
      return .needsBytes
    }
    let stop = end ?? window.count
    if skipped == 0, stop - cursor <= limits.recordBytes {
      return take(line: stop - cursor, isCut: end == nil)
    }
    follow(from: start, to: stop)
    census.documentCount += 1
    let whole = skipped + stop - cursor
    if emission.text == nil { emission.text = beginning(stop - cursor) }
    emission.fault = RecordFault(
      row: 0, kind: .recordSize, found: whole, expected: limits.recordBytes,
      offsetInRecord: limits.recordBytes)
    if end == nil, isOpen {
      emission.fate = documentFault(
        .truncated, at: window.count, line: grammar.line,
        "the text ends inside the document that began at byte \(emission.byteOffset)")
    }
    return beginFault(stop - cursor)
  }

  /// Follows the structure of an overlong line, to know whether it ends where its document does.
  private mutating func follow(from start: Int, to end: Int) {
    guard isOpen else { return }
    let bytes = window
    isOpen = extent.scan(bytes.span.extracting(..<end), from: start, isLast: false) == .more
  }

  // MARK: - Parsing

  /// Whether records lie in arrays of their unit.
  private var hasNestedRecords: Bool { parser.plan.recordSteps.contains(.each) }

  /// Begins to put the rows of the unit that was just parsed into chunks.
  private mutating func begin(_ length: Int) -> Step {
    emission.length = length
    emission.line = grammar.line
    emission.byteOffset = windowOffset + cursor
    emission.fault = nil
    emission.fate = nil
    emission.row = 0
    emission.lineAt = 0
    emission.text = nil
    emission.surroundings = nil
    emission.survey = window.span.survey(cursor..<cursor + length)
    if !window.span.isUTF8(cursor..<cursor + length) { return beginRepaired(length) }
    let bytes = window
    takeCensus(bytes.span, cursor)
    phase = .emission
    return .progress
  }

  /// Begins with a unit that has bytes that are not UTF-8: they are replaced as a decoder does.
  private mutating func beginRepaired(_ length: Int) -> Step {
    let text = Self.repaired(Array(window[cursor..<cursor + length]))
    emission.survey = text.span.survey(0..<text.count)
    phase = .emission
    // Only strings can have had such bytes, so it reads as before.
    if parser.parse(text, nesting: nesting) == .read {
      takeCensus(text.span, 0)
    } else {
      emission.fault = RecordFault(
        row: 0, kind: .undecodableBytes, found: emission.survey.replacementCount,
        offsetInRecord: emission.survey.firstReplacement)
    }
    emission.text = text
    return .progress
  }

  private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    bytes.span.isUTF8(0..<bytes.count) ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  /// Takes over what the parser found out beside the rows.
  private mutating func takeCensus(_ bytes: Span<UInt8>, _ origin: Int) {
    parser.updateCensus(&census, bytes, origin)
    guard !parser.total.isAbsent else { return }
    var text: [UInt8] = []
    parser.appendText(parser.total, bytes, origin, to: &text)
    add(total: text)
  }

  private mutating func parse(_ length: Int, isClosed: Bool) -> UnitParser.Outcome {
    parser.parse(window, cursor..<cursor + length, isClosed: isClosed, nesting: nesting)
  }

  private var nesting: Int { isLines ? 0 : grammar.frames.count }

  /// Goes on behind the unit that is out.
  mutating func endUnit() {
    grammar.line += window.span.survey(cursor..<cursor + emission.length).lineFeeds
    cursor += emission.length
    unitEnd = windowOffset + cursor
    census.unitCount += 1
    pending = emission.fate
    emission.text = nil
    if isLines {
      phase = .line
    } else {
      if unitPath == nil { census.hasUnits = true }
      grammar.valueTaken()
      phase = .envelope
    }
  }
}
