/// What happens when quotes and line breaks do not agree.
///
/// A quote that nobody meant as one opens a field that goes on over the end of its line and swallows
/// good records until the next quote. A record is therefore only believed to span lines if it is clean
/// and has the right number of fields. Otherwise it is *ambiguous*, and is cut again:
///
/// 1. Go through the line breaks from the record's first byte on, inside quotes or not.
/// 2. Try to read one record behind each. The first line break behind which a clean record with the
///    right number of fields begins (or a line of totals, or the end of the file) ends the malformed
///    piece. Blank lines before it belong to nobody.
/// 3. The piece becomes one record with a fault, all its bytes kept; reading goes on behind it as if
///    nothing had happened.
/// 4. If no line break within ``lookAhead`` bytes will do, the piece ends at the last one tried. No
///    record is lost by that, since none of the lines inside began one.
///
/// Every line is tried once and then belongs to a piece or begins a record. A trial that runs over
/// several lines does so inside quotes; inside these quotes the trials of the following lines end at
/// their own line break or at a stray quote, and a line with a stray quote ends
/// at the first line break inside quotes, so the work is linear in the size of the file.
extension RecordScanner {
  /// How far a malformed piece may reach, and how long the record may be that ends it; our choice.
  static let lookAhead = 64 * 1024

  /// A malformed record, cut out by its line breaks.
  struct Piece {
    var end: Int
    /// First byte behind the terminator.
    var next: Int
    /// Line breaks before `end`.
    var lineBreaks: Int
  }

  /// The piece that the ambiguous record at `start` is reduced to.
  ///
  /// - Returns: nil if more bytes are needed.
  mutating func malformedPiece(
    _ bytes: Span<UInt8>, from start: Int, in window: Window
  ) -> Piece? {
    var piece: Piece?
    var lineBreaks = 0
    var at = start
    while true {
      let lineStart = at
      let border = piece == nil ? window.end : min(window.end, start + Self.lookAhead)
      while at < border, !Byte.isLineBreak(bytes[at]) { at += 1 }
      steps += at - lineStart
      guard at < border else {
        if let piece, border < window.end || at - start >= Self.lookAhead { return piece }
        guard window.isClosed else { return nil }
        return Piece(end: window.end, next: window.end, lineBreaks: lineBreaks)
      }
      guard let next = lineBreakEnd(bytes, at: at, window) else { return nil }
      if at > lineStart { piece = Piece(end: at, next: next, lineBreaks: lineBreaks) }
      lineBreaks += 1
      switch beginsRecord(bytes, at: next, window) {
      case .some(true): return piece
      case .some(false): at = next
      case .none: return nil
      }
    }
  }

  /// Whether a clean record begins at `start`; nil if that is not yet known.
  private mutating func beginsRecord(
    _ bytes: Span<UInt8>, at start: Int, _ window: Window
  ) -> Bool? {
    guard start < window.end else { return window.isClosed ? true : nil }
    if Byte.isLineBreak(bytes[start]) { return false }
    let trial = Window(end: window.end, isClosed: window.isClosed, limit: Self.lookAhead)
    let scan = scan(bytes, from: start, in: trial)
    switch scan.outcome {
    case .incomplete: return nil
    case .ambiguous, .overlong: return false
    case .complete: return scan.quoteFault == nil && (hasRightCount(scan) || isFooter(bytes))
    }
  }
}
