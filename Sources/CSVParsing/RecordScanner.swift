import Records

/// Where one field's content stands in the bytes that were scanned.
struct FieldCut: Equatable {
  var start: Int
  var end: Int
  /// The content has doubled quotes to be halved.
  var isEscaped: Bool
}

/// What the scanner found out about one record.
struct RecordScan {
  enum Outcome {
    /// Ends at `end`; `next` is the first byte of the next record.
    case complete
    /// More bytes are needed.
    case incomplete
    /// Quotes and line breaks do not agree; the record must be resynchronized.
    case ambiguous
    /// Longer than the limit, on one line.
    case overlong
  }

  var outcome = Outcome.incomplete
  let start: Int
  /// The terminator's first byte.
  var end: Int
  /// The first byte after the terminator.
  var next: Int
  var fieldCount = 0
  /// First byte of the first field beyond the columns.
  var surplusStart: Int?
  /// A field beyond the columns is not empty.
  var hasFilledSurplus = false
  /// Line breaks inside quotes; CRLF is one.
  var lineBreaks = 0
  var quoteFault: RecordFault.Kind?
  var quoteFaultAt = 0
  var controlCount = 0
  var firstControl = 0
  var replacementCount = 0
  var firstReplacement = 0

  init(start: Int) {
    self.start = start
    end = start
    next = start
  }

  /// Counts control characters and U+FFFD; `at` is the offset of `byte`.
  @inline(__always)
  mutating func noteOddByte(_ byte: UInt8, _ bytes: Span<UInt8>, at: Int) {
    if Byte.isControl(byte) {
      if controlCount == 0 { firstControl = at }
      controlCount += 1
    } else if byte == 0xBD, at >= start + 2, bytes[at - 1] == 0xBF, bytes[at - 2] == 0xEF {
      if replacementCount == 0 { firstReplacement = at - 2 }
      replacementCount += 1
    }
  }

  mutating func noteQuoteFault(_ kind: RecordFault.Kind, at offset: Int) {
    guard quoteFault == nil else { return }
    quoteFault = kind
    quoteFaultAt = offset
  }
}

/// The plain path: takes one record apart byte by byte, by the letter of RFC 4180.
///
/// A quote opens a field only as its first byte; a quote in an unquoted field is literal and a fault;
/// text after a closing quote is literal and a fault; a field that ends inside quotes is a fault.
/// Malformed fields keep their bytes as they are, quotes included.
struct RecordScanner {
  var delimiter: UInt8
  let quote: UInt8
  let maximumFields: Int
  /// First fields that mark a line of totals or notes, UTF-8.
  let footerPrefixes: [[UInt8]]
  /// nil until header or first record are known; then any number of fields is right.
  var columnCount: Int?
  /// Fields that a record may have if those beyond the columns are empty; no less than the columns.
  var widest = 0
  /// Fields of the last scan, at most `maximumFields`.
  private(set) var cuts: [FieldCut] = []
  /// Bytes looked at since the beginning, for tests of linear time.
  var steps = 0

  init(_ dialect: CSVDialect) {
    delimiter = dialect.delimiter
    quote = dialect.quote
    maximumFields = dialect.maximumFields
    footerPrefixes = dialect.footerPrefixes.filter { !$0.isEmpty }.map { Array($0.utf8) }
  }

  /// How far one scan may look, and what the end of it means.
  struct Window {
    /// End of the bytes that are there.
    var end: Int
    /// Nothing follows `end`: it is the end of the file, or of a piece cut out for good.
    var isClosed: Bool
    /// A longer record is overlong.
    var limit: Int
    /// The borders are known; whatever is in between is one record.
    var isLenient = false

    /// One record from a known start to `end`.
    static func whole(_ end: Int) -> Window {
      Window(end: end, isClosed: true, limit: .max / 2, isLenient: true)
    }
  }

  /// Scans the record that begins at `start`; its fields are in `cuts` afterwards.
  mutating func scan(
    _ bytes: Span<UInt8>, from start: Int, in window: Window
  ) -> RecordScan {
    var scan = RecordScan(start: start)
    cuts.removeAll(keepingCapacity: true)
    var view = window
    // One byte more than the limit, so that a terminator just behind it is seen.
    view.end = min(window.end, start + window.limit + 1)
    view.isClosed = window.isClosed && window.end - start <= window.limit
    var at = start
    repeat {
      let fieldStart = at
      let cut = field(bytes, &at, view, &scan)
      guard let cut else {
        steps += at - start
        let isOverlong = at - start > window.limit
        if isOverlong, scan.outcome != .ambiguous {
          scan.outcome = scan.lineBreaks > 0 ? .ambiguous : .overlong
        }
        return scan
      }
      add(cut, from: fieldStart, to: &scan)
    } while at < view.end && skipDelimiter(bytes[at], &at)
    steps += at + 1 - start
    scan.end = at
    finish(&scan, bytes, window)
    return scan
  }

  /// Whether the record of the last scan begins like a line of totals or notes.
  func isFooter(_ bytes: Span<UInt8>) -> Bool {
    guard !footerPrefixes.isEmpty, var start = cuts.first?.start, let end = cuts.first?.end else {
      return false
    }
    while start < end, bytes[start] == Byte.space { start += 1 }
    return footerPrefixes.contains { prefix in
      guard prefix.count <= end - start else { return false }
      return prefix.indices.allSatisfy { prefix[$0] == bytes[start + $0] }
    }
  }

  /// Whether the number of fields is that of the columns; empty fields beyond them do not count where
  /// the file has them throughout.
  func hasRightCount(_ scan: RecordScan) -> Bool {
    guard scan.fieldCount <= maximumFields else { return false }
    guard let columnCount else { return true }
    return scan.fieldCount == columnCount
      || (scan.fieldCount > columnCount && !scan.hasFilledSurplus && scan.fieldCount <= widest)
  }

  private func skipDelimiter(_ byte: UInt8, _ at: inout Int) -> Bool {
    guard byte == delimiter else { return false }
    at += 1
    return true
  }

  private mutating func add(_ cut: FieldCut, from fieldStart: Int, to scan: inout RecordScan) {
    scan.fieldCount += 1
    if cuts.count < maximumFields { cuts.append(cut) }
    guard let columnCount, scan.fieldCount > columnCount else { return }
    if scan.surplusStart == nil { scan.surplusStart = fieldStart }
    if cut.end > cut.start { scan.hasFilledSurplus = true }
  }

  /// Reads one field; afterwards `at` is on the delimiter, the line break or the end.
  ///
  /// - Returns: nil if the bytes ran out, or if `scan` has become ambiguous.
  private func field(
    _ bytes: Span<UInt8>, _ at: inout Int, _ view: Window, _ scan: inout RecordScan
  ) -> FieldCut? {
    let start = at
    var isEscaped = false
    if at < view.end, bytes[at] == quote {
      at += 1
      switch quoted(bytes, &at, view, &isEscaped, &scan) {
      case .ranOut:
        guard view.isClosed else { return nil }
        scan.noteQuoteFault(.unclosedQuote, at: start)
        return FieldCut(start: start, end: at, isEscaped: false)
      case .closed:
        return FieldCut(start: start + 1, end: at - 1, isEscaped: isEscaped)
      case .trailed:
        scan.noteQuoteFault(.strayQuote, at: at)
        if scan.lineBreaks > 0, !view.isLenient {
          scan.outcome = .ambiguous
          return nil
        }
      case .doubtful:
        scan.outcome = .ambiguous
        return nil
      }
    }
    unquoted(bytes, &at, view, &scan)
    guard at < view.end || view.isClosed else { return nil }
    return FieldCut(start: start, end: at, isEscaped: false)
  }

  private enum Quoted {
    case closed
    case trailed
    case ranOut
    /// Goes on over the end of the line in a record that has a stray quote before.
    case doubtful
  }

  /// Reads up to the closing quote; afterwards `at` is behind it.
  private func quoted(
    _ bytes: Span<UInt8>, _ at: inout Int, _ view: Window, _ isEscaped: inout Bool,
    _ scan: inout RecordScan
  ) -> Quoted {
    while at < view.end {
      let byte = bytes[at]
      at += 1
      if byte == quote {
        guard at < view.end else { return view.isClosed ? .closed : .ranOut }
        let next = bytes[at]
        if next == delimiter || (Byte.isLineBreak(next) && !view.isLenient) { return .closed }
        guard next == quote else { return .trailed }
        isEscaped = true
        at += 1
      } else if Byte.isLineBreak(byte) {
        // It would be ambiguous however it ended. To know that now keeps the work linear where every line has
        // lost its outer quotes.
        if scan.quoteFault != nil, !view.isLenient { return .doubtful }
        if byte == Byte.carriageReturn || bytes[at - 2] != Byte.carriageReturn {
          scan.lineBreaks += 1
        }
      } else {
        scan.noteOddByte(byte, bytes, at: at - 1)
      }
    }
    return .ranOut
  }

  /// Reads up to a delimiter, a line break or the end; a quote on the way is a fault.
  private func unquoted(
    _ bytes: Span<UInt8>, _ at: inout Int, _ view: Window, _ scan: inout RecordScan
  ) {
    while at < view.end {
      let byte = bytes[at]
      if byte == delimiter { return }
      if byte == quote {
        scan.noteQuoteFault(.strayQuote, at: at)
      } else if byte < 0x20 || byte >= 0x7F {
        if Byte.isLineBreak(byte), !view.isLenient { return }
        scan.noteOddByte(byte, bytes, at: at)
      }
      at += 1
    }
  }

  /// Sets outcome and `next` of a scan that stands on its terminator.
  private func finish(_ scan: inout RecordScan, _ bytes: Span<UInt8>, _ window: Window) {
    scan.next = scan.end
    if scan.end < window.end, !window.isLenient {
      guard let next = lineBreakEnd(bytes, at: scan.end, window) else { return }
      scan.next = next
    }
    let isDoubtful = scan.quoteFault != nil || !hasRightCount(scan)
    scan.outcome = isDoubtful && scan.lineBreaks > 0 && !window.isLenient ? .ambiguous : .complete
  }

  /// The first byte after the line break at `at`; nil if that is not yet known.
  func lineBreakEnd(_ bytes: Span<UInt8>, at: Int, _ window: Window) -> Int? {
    guard bytes[at] == Byte.carriageReturn else { return at + 1 }
    guard at + 1 < window.end else { return window.isClosed ? at + 1 : nil }
    return bytes[at + 1] == Byte.lineFeed ? at + 2 : at + 1
  }
}
