import CSVParsing
import Records

/// Any bytes, by both paths and however they are cut: one reading. A cut at the first byte is none.
enum CSVFuzzing {
  static func run(_ input: FuzzInput) {
    let dialect = dialect(input)
    let plain = read(input.bytes, dialect, .plain, cut: nil)
    let path: CSVReader.Path = input.isOdd ? .plain : .indexed
    expect(
      read(input.bytes, dialect, path, cut: input.cut), is: plain, "\(path) cut at \(input.cut)")
  }

  private static func dialect(_ input: FuzzInput) -> CSVDialect {
    CSVDialect(
      delimiter: UInt8(ascii: input.has(0) ? ";" : ","),
      headerRows: [1, 0, 2, 1][Int(input.options >> 1 & 3)],
      maximumRecordBytes: input.has(3) ? 24 : 1 << 20, maximumFields: input.has(4) ? 4 : 4096,
      chunkRecords: input.has(5) ? 64 : 2, chunkBytes: input.has(6) ? 32 : RecordChunk.maximumBytes,
      footerPrefixes: input.has(7) ? ["合计", "#"] : [])
  }

  private static func read(
    _ bytes: [UInt8], _ dialect: CSVDialect, _ path: CSVReader.Path, cut: Int?
  ) -> Transcript {
    var reader = CSVReader(dialect, path: path)
    var transcript = Transcript()
    var positions = PositionCheck(length: bytes.count)
    func take(_ chunk: inout RecordChunk) {
      positions.check(chunk)
      checkSlices(chunk, of: bytes)
      transcript.add(chunk)
    }
    if let cut {
      reader.feed(bytes.span.extracting(0..<cut), isLast: false, onChunk: take)
      reader.feed(bytes.span.extracting(cut..<bytes.count), isLast: true, onChunk: take)
    } else {
      reader.feed(bytes.span, isLast: true, onChunk: take)
    }
    transcript.add(
      "\(reader.headerRows) \(reader.headerFaults) \(reader.blankLineCount) \(reader.footerCount) "
        + "\(reader.delimiter) \(reader.columnCount ?? -1) \(reader.isTruncated) "
        + "\(reader.hasByteOrderMark) \(reader.recordCount)")
    return transcript
  }

  /// A raw text is a slice of the input; of a record over the limit it is the beginning of one.
  private static func checkSlices(_ chunk: RecordChunk, of bytes: [UInt8]) {
    for row in 0..<chunk.recordCount {
      let start = chunk.positions[row].byteOffset
      let raw = chunk.text[chunk.raws[row].range]
      expect(start + raw.count <= bytes.count, "a raw text lies in the input")
      expect(
        raw.elementsEqual(bytes[start..<start + raw.count]), "a raw text is as it was received")
    }
  }
}
