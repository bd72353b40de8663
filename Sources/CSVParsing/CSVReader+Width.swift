/// Empty fields beyond the columns: a spreadsheet writes as many delimiters in every line as its widest
/// row has cells, the header's line included, and some programs end every record with a delimiter but
/// not the header. Both are habits of a whole file. A single record with one empty field too many is
/// something else: a delimiter inside a value has moved every later value by one column, and the last
/// column was empty.
///
/// Empty fields are therefore accepted as far as the header has them, or as far as the first two
/// records agree to have them.
extension CSVReader {
  /// Settles how many fields a record may have if those beyond the columns are empty.
  ///
  /// - Returns: false if more bytes are needed.
  mutating func learnWidth(isLast: Bool) -> Bool {
    let bytes = window
    let headerWidth = scanner.widest
    let view = RecordScanner.Window(
      end: bytes.count, isClosed: isLast, limit: dialect.maximumRecordBytes)
    var at = cursor
    var widths: [Int] = []
    scanner.widest = dialect.maximumFields
    while widths.count < 2 {
      while at < bytes.count, Byte.isLineBreak(bytes[at]) { at += 1 }
      guard at < bytes.count else {
        guard !isLast else { break }
        scanner.widest = headerWidth
        return false
      }
      let scan = scanner.scan(bytes.span, from: at, in: view)
      if scan.outcome == .incomplete {
        scanner.widest = headerWidth
        return false
      }
      guard scan.outcome == .complete, scan.quoteFault == nil, scan.fieldCount > headerWidth,
        scanner.hasRightCount(scan)
      else { break }
      widths.append(scan.fieldCount)
      at = scan.next
    }
    scanner.widest =
      widths.count == 2 && widths[0] == widths[1] ? max(headerWidth, widths[0]) : headerWidth
    isWidthKnown = true
    return true
  }
}
