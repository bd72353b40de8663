package import Records

/// Takes a CSV stream apart: bytes in, in pieces of any size; ``RecordChunk``s out.
///
/// ```swift
/// var reader = CSVReader(CSVDialect())
/// while let block = … {
///   try reader.feed(block, isLast: …) { chunk in … }
/// }
/// ```
///
/// RFC 4180 with what exports really contain: CR, LF and CRLF, a byte-order mark, a `sep=;` line, no,
/// one or two header rows, blank lines (left out), trailing empty columns (accepted where the file has
/// them throughout, see `CSVReader+Width.swift`), totals and notes at the end (left out if the dialect
/// names them). A malformed record stays a row, with a ``RecordFault``; its neighbours are not touched
/// (see `RecordScanner+Recovery.swift`).
///
/// What comes out (records, fields, faults, positions, the borders of chunks) depends only on the
/// bytes, not on how they were cut into pieces. Memory is bounded by the dialect's limits.
///
/// Two paths give the same result: clean records are cut by an index of separators made 64 bytes at a
/// time (`CSVReader+Unsafe.swift`), everything else byte by byte (`RecordScanner`).
package struct CSVReader: ~Copyable {
  /// Which code cuts clean records; both give the same result.
  package enum Path: Sendable, CaseIterable {
    case indexed
    case plain
  }

  /// The delimiter in use: the dialect's, or that of a `sep=` line.
  package var delimiter: UInt8 { scanner.delimiter }
  /// Every header row, cells unquoted and as written; empty cells at the end are left out.
  package private(set) var headerRows: [[String]] = []
  /// What was wrong with header rows; `row` counts header rows from 0.
  package private(set) var headerFaults: [RecordFault] = []
  /// Blank lines left out so far.
  package internal(set) var blankLineCount = 0
  /// Lines of totals and notes left out at the end of the file.
  package private(set) var footerCount = 0
  /// Whether the stream began with a byte-order mark.
  package private(set) var hasByteOrderMark = false

  /// The file ended in the middle of a record: no line break behind the last one, and it has too few
  /// fields or an open quote.
  package private(set) var isTruncated = false

  /// The first header row; empty if there is none.
  package var header: [String] { headerRows.first ?? [] }
  /// Columns of the header without empty names at the end, or fields of the first record if there is
  /// no header; nil until known.
  package var columnCount: Int? { scanner.columnCount }
  /// Records handed out or waiting in the current chunk.
  package var recordCount: Int { assembler?.recordCount ?? 0 }
  /// Bytes looked at by the plain path, for tests of linear time.
  var plainSteps: Int { scanner.steps }

  /// Trailing lines of totals or notes held back at a time; earlier ones become records. Our choice.
  package static let maximumFooters = 64
  /// Bytes kept of a record that is over the limit; our choice.
  package static let keptOfOverlong = 64 * 1024
  /// Bytes taken in at a time, so that the window stays in the second-level cache.
  static let pieceBytes = 64 * 1024

  enum Phase {
    case byteOrderMark
    case separatorLine
    case header
    case records
    /// Behind the limit of an overlong record, looking for the next line break.
    case skipping
  }

  let dialect: CSVDialect
  let path: Path
  var phase = Phase.byteOrderMark
  var scanner: RecordScanner
  var assembler: RecordAssembler?
  var index: StructuralIndex
  /// Bytes taken in and not yet done with; `cursor` is the first one of the next record.
  var window: [UInt8] = []
  var cursor = 0
  /// Offset of `window[0]` in the stream.
  var windowOffset = 0
  /// Physical line of `cursor`, from 1.
  var line = 1
  /// No attempt is made before the window has so many bytes behind `cursor`; doubled after each vain
  /// attempt, so that a long record fed in small pieces is not scanned again and again.
  var wantedBytes = 0
  private var isHeaderKnown = false
  /// ``RecordScanner/widest`` has been settled.
  var isWidthKnown = false
  var held: [HeldRecord] = []
  var overlong: HeldRecord?

  /// A record that is kept outside the window.
  struct HeldRecord {
    var bytes: [UInt8]
    var line: Int
    var byteOffset: Int
    /// Its length in the stream, terminator not counted.
    var length: Int
  }

  /// A reader at the first byte of a stream.
  package init(_ dialect: CSVDialect, path: Path = .indexed) {
    self.dialect = dialect
    self.path = path
    scanner = RecordScanner(dialect)
    index = StructuralIndex(delimiter: dialect.delimiter, quote: dialect.quote)
  }

  /// Takes in the next piece of the stream.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, any number of bytes, none included; copied.
  ///   - isLast: Nothing follows. Called once with true, as the last call.
  ///   - onHeader: Called once, before the first chunk, with ``headerRows``; at the latest with the
  ///     last piece, also if the file is empty.
  ///   - onChunk: Gets every full chunk, and the rest at the end; never an empty one. The chunk is
  ///     emptied and used again afterwards; its text may be taken. If it throws, the reader must not
  ///     be used any further.
  package mutating func feed<E: Error>(
    _ bytes: Span<UInt8>, isLast: Bool, onHeader: ([[String]]) throws(E) -> Void,
    onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    var taken = 0
    repeat {
      let size = min(bytes.count - taken, Self.pieceBytes)
      dropConsumed()
      window.appendBytes(bytes, taken..<taken + size)
      taken += size
      try drain(isLast: isLast && taken == bytes.count, onHeader: onHeader, onChunk: onChunk)
    } while taken < bytes.count
  }

  /// Takes in the next piece of the stream, for callers who look at ``headerRows`` themselves.
  package mutating func feed<E: Error>(
    _ bytes: Span<UInt8>, isLast: Bool, onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    try feed(
      bytes, isLast: isLast, onHeader: { (_: [[String]]) throws(E) -> Void in }, onChunk: onChunk)
  }

  enum Step {
    case progress
    case needsBytes
    /// The chunk has to be handed out before anything else happens.
    case chunkReady
  }

  private mutating func drain<E: Error>(
    isLast: Bool, onHeader: ([[String]]) throws(E) -> Void,
    onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    guard isLast || window.count - cursor >= wantedBytes else { return }
    wantedBytes = 0
    loop: while true {
      let next = step(isLast: isLast)
      if !isHeaderKnown, assembler != nil || (isLast && next == .needsBytes) {
        isHeaderKnown = true
        try onHeader(headerRows)
      }
      switch next {
      case .progress: continue
      case .chunkReady: try handOut(onChunk)
      case .needsBytes: break loop
      }
    }
    if isLast {
      footerCount += held.count
      held.removeAll()
      try handOut(onChunk)
    } else {
      wantedBytes = 2 * (window.count - cursor)
    }
  }

  private mutating func handOut<E: Error>(
    _ onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    guard var taken = assembler.take() else { return }
    if taken.chunk.recordCount > 0 {
      try onChunk(&taken.chunk)
      taken.chunk.removeAll()
    }
    assembler = taken
  }

  private mutating func step(isLast: Bool) -> Step {
    switch phase {
    case .byteOrderMark: return readByteOrderMark(isLast: isLast)
    case .separatorLine: return readSeparatorLine(isLast: isLast)
    case .skipping: return skipOverlong(isLast: isLast)
    case .header, .records: break
    }
    guard cursor < window.count else { return .needsBytes }
    if phase == .records, !isWidthKnown, assembler != nil {
      guard learnWidth(isLast: isLast) else { return .needsBytes }
    }
    if phase == .records, path == .indexed, held.isEmpty, assembler != nil {
      switch takeCleanRecords(isLast: isLast) {
      case .needsBytes: return .needsBytes
      case .chunkReady: return .chunkReady
      case .plain: break
      }
      guard cursor < window.count else { return .needsBytes }
    }
    return readPlain(isLast: isLast)
  }

  // MARK: - Before the records

  private mutating func readByteOrderMark(isLast: Bool) -> Step {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let isMark = window.starts(with: mark)
    if !isMark, window.count < 3, !isLast, mark.starts(with: window) { return .needsBytes }
    hasByteOrderMark = isMark
    cursor = isMark ? 3 : 0
    phase = .separatorLine
    return .progress
  }

  private mutating func readSeparatorLine(isLast: Bool) -> Step {
    let line = window[cursor...].prefix(7)
    let name: [UInt8] = Array("sep=".utf8)
    let head = line.prefix(4)
    let isStart = name.starts(with: head.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
    if isStart, line.count < 7, !isLast { return .needsBytes }
    phase = dialect.headerRows > 0 ? .header : .records
    guard isStart, line.count >= 5 else { return .progress }
    let named = line[line.startIndex + 4]
    let end = line.dropFirst(5)
    guard CSVDialect.delimiters.contains(named), end.first.map(Byte.isLineBreak) ?? true else {
      return .progress
    }
    scanner.delimiter = named
    index = StructuralIndex(delimiter: named, quote: dialect.quote)
    cursor += 5
    guard !end.isEmpty else { return .progress }
    cursor += end.starts(with: [Byte.carriageReturn, Byte.lineFeed]) ? 2 : 1
    self.line += 1
    return .progress
  }

  /// Takes the record just scanned as a header row.
  private mutating func takeHeader(_ scan: RecordScan) {
    let row = headerRows.count
    var names = scanner.cuts.map { cut in
      var bytes = Array(window[cut.start..<cut.end])
      if cut.isEscaped { bytes = unescaped(bytes) }
      return String(decoding: bytes, as: UTF8.self)
    }
    let cellCount = names.count
    while names.last == "" { names.removeLast() }
    headerRows.append(names)
    for var fault in scanner.faults(scan) {
      fault.row = row
      headerFaults.append(fault)
    }
    scanner.widest = max(scanner.widest, cellCount)
    if headerRows.count == dialect.headerRows { endHeader(cellCount: cellCount) }
  }

  private mutating func endHeader(cellCount: Int) {
    phase = .records
    let columns = headerRows.map(\.count).max() ?? 0
    start(columnCount: columns > 0 ? columns : max(1, cellCount))
  }

  private func unescaped(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var isSecondOfPair = false
    for byte in bytes {
      isSecondOfPair = byte == dialect.quote && !isSecondOfPair
      if !isSecondOfPair { result.append(byte) }
    }
    return result
  }

  private mutating func start(columnCount: Int) {
    scanner.columnCount = columnCount
    assembler = RecordAssembler(columnCount: columnCount, dialect)
    index.restart(at: cursor)
  }
}

// MARK: - The plain path

extension CSVReader {
  /// Takes one record, or one blank line, by the plain path.
  private mutating func readPlain(isLast: Bool) -> Step {
    // A local reference, so that the scanner may change while it looks at the bytes.
    let bytes = window
    let view = RecordScanner.Window(
      end: bytes.count, isClosed: isLast, limit: dialect.maximumRecordBytes)
    if Byte.isLineBreak(bytes[cursor]) {
      guard let next = scanner.lineBreakEnd(bytes.span, at: cursor, view) else {
        return .needsBytes
      }
      blankLineCount += 1
      line += 1
      move(to: next)
      return .progress
    }
    var scan = scanner.scan(bytes.span, from: cursor, in: view)
    switch scan.outcome {
    case .incomplete: return .needsBytes
    case .overlong: return beginOverlong()
    case .complete: break
    case .ambiguous:
      guard let piece = scanner.malformedPiece(bytes.span, from: cursor, in: view) else {
        return .needsBytes
      }
      scan = scanner.scan(bytes.span, from: cursor, in: .whole(piece.end))
      scan.next = piece.next
      scan.lineBreaks = piece.lineBreaks
    }
    return take(scan, of: bytes)
  }

  /// Puts a record that is known from border to border where it belongs.
  private mutating func take(_ scan: RecordScan, of bytes: [UInt8]) -> Step {
    if phase == .header {
      takeHeader(scan)
    } else {
      if assembler == nil { startWithoutHeader(scan) }
      if scanner.isFooter(bytes.span) {
        guard held.count < Self.maximumFooters || releaseHeld(limit: 1) else {
          return .chunkReady
        }
        held.append(
          HeldRecord(
            bytes: Array(bytes[scan.start..<scan.end]), line: line,
            byteOffset: windowOffset + scan.start, length: scan.end - scan.start))
      } else {
        if !held.isEmpty {
          guard releaseHeld(limit: held.count) else { return .chunkReady }
          // The scanner has been used for the held records.
          return .progress
        }
        guard !(assembler?.isTooFull(for: scan.end - scan.start) ?? true) else {
          return .chunkReady
        }
        let faults = scanner.faults(scan)
        assembler?.append(
          bytes.span, scan, cuts: scanner.cuts, faults: faults, line: line,
          byteOffset: windowOffset + scan.start)
        // Only the end of the file ends a record without a line break.
        isTruncated = scan.next == scan.end && faults.contains { Self.isCut($0) }
      }
    }
    line += scan.lineBreaks + (scan.next > scan.end ? 1 : 0)
    move(to: scan.next)
    return .progress
  }

  private static func isCut(_ fault: RecordFault) -> Bool {
    fault.kind == .unclosedQuote || (fault.kind == .fieldCount && fault.found < fault.expected)
  }

  /// The first record of a file without header tells the number of columns.
  private mutating func startWithoutHeader(_ scan: RecordScan) {
    isWidthKnown = true
    start(columnCount: min(scan.fieldCount, dialect.maximumFields))
  }

  /// Makes records of what looked like totals or notes and was not at the end.
  ///
  /// - Returns: false if the chunk has to be handed out first.
  private mutating func releaseHeld(limit: Int) -> Bool {
    var released = 0
    defer { held.removeFirst(released) }
    while released < limit {
      guard append(held[released]) else { return false }
      released += 1
    }
    return true
  }

  private mutating func append(_ record: HeldRecord) -> Bool {
    guard !(assembler?.isTooFull(for: record.bytes.count) ?? true) else { return false }
    let scan = scanner.scan(record.bytes.span, from: 0, in: .whole(record.bytes.count))
    var cuts = scanner.cuts
    var faults = scanner.faults(scan)
    if record.length > dialect.maximumRecordBytes {
      faults = [limitFault(record, row: 0)]
      // The last field is cut; what it was is not known.
      if record.bytes.count < record.length { cuts.removeLast() }
    }
    assembler?.append(
      record.bytes.span, scan, cuts: cuts, faults: faults, line: record.line,
      byteOffset: record.byteOffset)
    return true
  }

  // MARK: - Records over the limit

  private mutating func beginOverlong() -> Step {
    overlong = HeldRecord(bytes: [], line: line, byteOffset: windowOffset + cursor, length: 0)
    phase = .skipping
    return .progress
  }

  /// Skips to the next line break, keeping the first bytes of the record.
  ///
  /// There is no line break before the limit: outside quotes it would have ended the record, inside
  /// quotes it would have made it ambiguous.
  private mutating func skipOverlong(isLast: Bool) -> Step {
    var at = cursor
    while at < window.count, !Byte.isLineBreak(window[at]) { at += 1 }
    if var record = overlong.take() {
      let room = Self.keptOfOverlong - record.bytes.count
      record.bytes.append(contentsOf: window[cursor..<min(at, cursor + room)])
      record.length += at - cursor
      overlong = record
    }
    cursor = at
    var next = at
    if at < window.count {
      let view = RecordScanner.Window(end: window.count, isClosed: isLast, limit: 0)
      guard let end = scanner.lineBreakEnd(window.span, at: at, view) else { return .needsBytes }
      next = end
    } else if !isLast {
      return .needsBytes
    }
    return endOverlong(next: next)
  }

  private mutating func endOverlong(next: Int) -> Step {
    guard var record = overlong else { return .progress }
    record.bytes.removeLast(Self.cutCharacter(record.bytes))
    if headerRows.count < dialect.headerRows {
      headerRows.append([])
      headerFaults.append(limitFault(record, row: headerRows.count - 1))
      phase = .header
      if headerRows.count == dialect.headerRows { endHeader(cellCount: 1) }
    } else {
      phase = .records
      if assembler == nil {
        let scan = scanner.scan(record.bytes.span, from: 0, in: .whole(record.bytes.count))
        start(columnCount: max(1, min(scan.fieldCount - 1, dialect.maximumFields)))
      }
      guard releaseHeld(limit: held.count), append(record) else {
        phase = .skipping
        return .chunkReady
      }
    }
    overlong = nil
    line += next > cursor ? 1 : 0
    move(to: next)
    return .progress
  }

  private func limitFault(_ record: HeldRecord, row: Int) -> RecordFault {
    RecordFault(
      row: row, kind: .recordSize, found: record.length, expected: dialect.maximumRecordBytes,
      offsetInRecord: dialect.maximumRecordBytes)
  }

  /// How many bytes at the end of `bytes` belong to a character that was cut.
  private static func cutCharacter(_ bytes: [UInt8]) -> Int {
    var back = 1
    while back <= min(3, bytes.count), bytes[bytes.count - back] & 0xC0 == 0x80 { back += 1 }
    guard back <= bytes.count else { return 0 }
    let lead = bytes[bytes.count - back]
    let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    return length > back ? back : 0
  }

  // MARK: - The window

  /// Moves on to the next record and tells the index.
  private mutating func move(to next: Int) {
    cursor = next
    if path == .indexed { index.realign(to: next) }
  }

  /// Gives up the bytes before `cursor`.
  private mutating func dropConsumed() {
    guard cursor > 0 else { return }
    window.removeFirst(cursor)
    windowOffset += cursor
    index.shift(by: cursor)
    cursor = 0
  }
}
