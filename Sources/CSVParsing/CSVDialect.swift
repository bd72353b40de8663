import Records

/// How a delivery writes its table: delimiter, header rows, limits.
package struct CSVDialect: Sendable, Hashable {
  /// The byte between two fields. A first line such as `sep=;` overrules it.
  package var delimiter: UInt8
  /// The byte around a quoted field.
  package var quote: UInt8
  /// Rows before the first record: 0, 1, or 2 (a row of labels and a row of codes).
  package var headerRows: Int
  /// A longer record is reduced to a fault; semantics.md §16.
  package var maximumRecordBytes: Int
  /// A record with more fields is reduced to a fault; semantics.md §16.
  package var maximumFields: Int
  /// Records and bytes of text after which a chunk is handed out.
  package var chunkRecords: Int
  package var chunkBytes: Int
  /// Beginnings of the first field, such as `合计` or `注`, that mark a line of totals or notes.
  ///
  /// Such a line is left out only where nothing but such lines and blank lines follow it.
  package var footerPrefixes: [String]

  /// Delimiters that a `sep=` line may name.
  package static let delimiters: [UInt8] = [
    UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"),
  ]

  /// - Parameters:
  ///   - delimiter: An ASCII byte other than the quote, CR and LF.
  ///   - headerRows: 0, 1 or 2.
  ///   - maximumRecordBytes: From 1 byte to 1 GiB.
  ///   - maximumFields: At least 1.
  ///   - chunkRecords: From 1 to ``RecordChunk/maximumRecords``.
  ///   - chunkBytes: From 1 to ``RecordChunk/maximumBytes``.
  ///
  /// Traps: a delimiter or a limit outside these bounds is a mistake of ours; configuration is checked
  /// before it gets here.
  package init(
    delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8 = UInt8(ascii: "\""), headerRows: Int = 1,
    maximumRecordBytes: Int = 16 << 20, maximumFields: Int = 4096,
    chunkRecords: Int = RecordChunk.maximumRecords, chunkBytes: Int = RecordChunk.maximumBytes,
    footerPrefixes: [String] = []
  ) {
    precondition(delimiter != quote && delimiter < 0x80 && quote < 0x80, "delimiter equals quote")
    precondition(delimiter != 10 && delimiter != 13 && quote != 10 && quote != 13, "line break")
    precondition((0...2).contains(headerRows), "0, 1 or 2 header rows")
    precondition((1...1 << 30).contains(maximumRecordBytes) && maximumFields > 0, "limits")
    precondition((1...RecordChunk.maximumRecords).contains(chunkRecords), "records of a chunk")
    precondition((1...RecordChunk.maximumBytes).contains(chunkBytes), "bytes of a chunk")
    self.delimiter = delimiter
    self.quote = quote
    self.headerRows = headerRows
    self.maximumRecordBytes = maximumRecordBytes
    self.maximumFields = maximumFields
    self.chunkRecords = chunkRecords
    self.chunkBytes = chunkBytes
    self.footerPrefixes = footerPrefixes
  }
}

/// Bytes that the parser and the writer name.
enum Byte {
  static let tab = UInt8(ascii: "\t")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")

  @inline(__always)
  static func isLineBreak(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

  /// A control character that no text export contains: all but TAB, LF and CR, and DEL.
  @inline(__always)
  static func isControl(_ byte: UInt8) -> Bool {
    (byte < 0x20 && byte != tab && !isLineBreak(byte)) || byte == 0x7F
  }
}
