import CXMLEvents
import Records

/// The bytes of a document on their way through the parser, and where they stand.
///
/// The parser gets pieces of one size, counted from the first byte, however the caller cuts them.
/// The window keeps the bytes from the first one that is still wanted.
struct XMLInput: ~Copyable {
  var source: XMLEventSource
  /// Bytes kept; those behind the parser included.
  private(set) var window: [UInt8] = []
  /// Offset of `window[0]` in the text.
  private(set) var windowOffset = 0
  /// First byte in the window that the parser has not taken.
  private var next = 0
  /// Bytes in the window that the parser has not seen.
  private var fresh = 0
  private let pieceBytes: Int
  /// Bytes of a byte-order mark, which the parser does not get; nil until known.
  private var markBytes: Int?
  /// Line breaks are counted up to here.
  private var countedOffset = 0
  private var line = 1
  private var lastCounted: UInt8 = 0
  /// Of `window[0]`.
  private var windowLine = 1
  /// Nothing of the first bytes is given up: what is wrong with them may be told late.
  private static let keptOfHead = 4096

  init(_ limits: DocumentLimits, pieceBytes: Int) {
    source = XMLEventSource(limits)
    self.pieceBytes = pieceBytes
  }

  /// Takes in bytes up to the end of a piece.
  ///
  /// - Returns: Index of the first byte not taken in.
  mutating func take(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let end = min(bytes.count, start + pieceBytes - fresh)
    XMLBytes.append(bytes, start..<end, to: &window)
    fresh += end - start
    return end
  }

  var hasPiece: Bool { fresh >= pieceBytes }

  /// Parses what has been taken in.
  mutating func parse(isLast: Bool) {
    fresh = 0
    if markBytes == nil {
      let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
      if window.count < mark.count, !isLast, mark.starts(with: window) { return }
      markBytes = window.starts(with: mark) ? mark.count : 0
      next = markBytes ?? 0
    }
    let bytes = window
    let taken = source.push(bytes.span.extracting(next..<bytes.count), isLast: isLast)
    next += taken
  }

  /// Appends the bytes of the text from `range`, which are in the window.
  func append(_ range: Range<Int>, to text: inout [UInt8]) {
    XMLBytes.append(window.span, indices(range), to: &text)
  }

  /// Appends the text of a text or an attribute of the current batch.
  func appendText(of event: qy_xml_event, to text: inout [UInt8]) {
    if XMLEventSource.isInDocument(event) {
      append(range(of: event), to: &text)
    } else {
      source.appendText(of: event, to: &text)
    }
  }

  /// Where the text of an event stands that is in the document as it is.
  @inline(__always)
  func range(of event: qy_xml_event) -> Range<Int> {
    let start = textOffset(event.offset)
    return start..<start + Int(event.length)
  }

  /// Whether the bytes from `range` are white space.
  @inline(__always)
  func isBlank(_ range: Range<Int>) -> Bool {
    let range = indices(range)
    guard let first = range.first else { return true }
    guard XMLSpace.contains(window[first]) else { return false }
    return XMLSpace.isAll(window, in: range)
  }

  /// Offset in the text of what the parser calls `offset`.
  func textOffset(_ offset: UInt64) -> Int { Int(offset) + (markBytes ?? 0) }

  /// Offset of the first byte that the parser has not taken.
  var parsedOffset: Int { windowOffset + next }

  /// Where the bytes of the text from `range` stand in the window.
  func indices(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound - windowOffset..<range.upperBound - windowOffset
  }

  /// Gives up the bytes before `offset`, as far as the parser has taken them.
  mutating func drop(before offset: Int) {
    let count = min(offset, parsedOffset) - windowOffset
    guard count > 0, parsedOffset > Self.keptOfHead else { return }
    windowLine = line(at: windowOffset + count)
    window.removeFirst(count)
    windowOffset += count
    next -= count
  }

  /// The line of the byte at `offset`, which is in the window and not before the last one asked
  /// for.
  mutating func line(at offset: Int) -> Int {
    let end = min(offset, windowOffset + window.count)
    guard end > countedOffset else { return line }
    let range = indices(countedOffset..<end)
    line += XMLBytes.lineBreaks(window.span.extracting(range), previous: lastCounted)
    lastCounted = window[range.upperBound - 1]
    countedOffset = end
    return line
  }

  /// The first fault, with its place in the text.
  mutating func takeFault() -> DocumentFault? {
    guard var fault = source.fault else { return nil }
    fault.byteOffset = textOffset(UInt64(fault.byteOffset))
    if fault.byteOffset < countedOffset {
      // libxml2 told it when it had gone on.
      let end = max(fault.byteOffset, windowOffset)
      let range = indices(windowOffset..<end)
      fault.line =
        windowLine + XMLBytes.lineBreaks(window.span.extracting(range), previous: UInt8(ascii: " "))
    } else {
      fault.line = line(at: fault.byteOffset)
    }
    return fault
  }
}
