import Records

/// Blocks of batches as bytes: what waits in private segment files until a delivery's gate has
/// passed (semantics.md §9).
///
/// A block is a header of 32 bytes and a payload, little endian:
///
/// | bytes | header |
/// |---|---|
/// | 0…3 | `QYSB` |
/// | 4…5 | version of the format, 1 |
/// | 6…7 | 0 |
/// | 8…15 | bytes of the payload |
/// | 16…19 | number of batches |
/// | 20…23 | 0 |
/// | 24…31 | 31 × XXH64 of bytes 0…23 + XXH64 of the payload |
///
/// The payload holds the batches one after another: length and bytes of the table's name, rows,
/// columns, length of the text, the columns (a tag, then one entry per row), the text.
package enum SegmentCodec {
  /// Bytes of a block's header.
  package static let headerSize = 32

  static let magic: [UInt8] = Array("QYSB".utf8)
  static let version: UInt16 = 1
  /// No block that we write comes near; a length above it is damage and is not allocated.
  package static let maximumPayload = 1 << 34

  private enum Tag: UInt8 {
    case integers = 1
    case dates32, dates64, dateTimes, texts, blobs, constantInteger, constantText, constantNull
    /// Texts that stand one behind another: the first offset and 16-bit lengths.
    case adjacentTexts
  }

  /// The header of a block.
  package struct Header: Sendable, Equatable {
    /// Bytes that follow the header.
    package var payloadSize: Int
    package var batchCount: Int
    var checksum: UInt64
  }

  // MARK: Writing

  /// One block that holds `batches` in their order.
  ///
  /// - Throws: ``SegmentError`` with code `.malformedBatch` where a column does not have one entry
  ///   per row or refers outside its batch's text.
  package static func encode(_ batches: [TableBatch]) throws(SegmentError) -> [UInt8] {
    var output = SegmentOutput(reserving: headerSize + batches.reduce(0) { $0 + estimate($1) })
    output.append(bytes: magic)
    output.append(version)
    output.append(UInt16(0))
    output.append(UInt64(0))
    output.append(UInt32(truncatingIfNeeded: batches.count))
    output.append(UInt32(0))
    output.append(UInt64(0))
    for batch in batches {
      try check(batch)
      write(batch, to: &output)
    }
    output.overwrite(UInt64(output.bytes.count - headerSize), at: 8)
    output.overwrite(checksum(of: output.bytes), at: 24)
    return output.bytes
  }

  private static func estimate(_ batch: TableBatch) -> Int {
    batch.rowCount * 8 * batch.columns.count + batch.text.count + 16 * batch.columns.count + 256
  }

  private static func write(_ batch: TableBatch, to output: inout SegmentOutput) {
    write(batch.table, to: &output)
    output.append(UInt32(truncatingIfNeeded: batch.rowCount))
    output.append(UInt32(truncatingIfNeeded: batch.columns.count))
    output.append(UInt64(batch.text.count))
    for column in batch.columns { write(column, to: &output) }
    output.append(bytes: batch.text)
  }

  private static func write(_ text: String, to output: inout SegmentOutput) {
    let bytes = Array(text.utf8)
    output.append(UInt32(truncatingIfNeeded: bytes.count))
    output.append(bytes: bytes)
  }

  private static func write(_ column: BatchColumn, to output: inout SegmentOutput) {
    switch column {
    case .integers(let values):
      output.append(Tag.integers.rawValue)
      output.append(array: values)
    case .dates(let days):
      if let narrow = narrowed(days) {
        output.append(Tag.dates32.rawValue)
        output.append(array: narrow)
      } else {
        output.append(Tag.dates64.rawValue)
        output.append(array: days)
      }
    case .dateTimes(let seconds):
      output.append(Tag.dateTimes.rawValue)
      output.append(array: seconds)
    case .texts(let references):
      if let (start, lengths) = adjacent(references) {
        output.append(Tag.adjacentTexts.rawValue)
        output.append(UInt32(truncatingIfNeeded: start))
        output.append(array: lengths)
      } else {
        output.append(Tag.texts.rawValue)
        output.append(array: references)
      }
    case .blobs(let references):
      output.append(Tag.blobs.rawValue)
      output.append(array: references)
    case .constantInteger(let value):
      output.append(Tag.constantInteger.rawValue)
      output.append(value)
    case .constantText(let text?):
      output.append(Tag.constantText.rawValue)
      write(text, to: &output)
    case .constantText(nil):
      output.append(Tag.constantNull.rawValue)
    }
  }

  /// Days as 32 bits, or nil where one does not fit.
  private static func narrowed(_ days: [Int64]) -> [Int32]? {
    var fits = true
    let narrow = days.map { day -> Int32 in
      let value = day == BatchColumn.null ? Int32.min : Int32(truncatingIfNeeded: day)
      fits = fits && (day == BatchColumn.null || (Int64(value) == day && value != .min))
      return value
    }
    return fits ? narrow : nil
  }

  /// Length that stands for an absent text.
  private static let absentLength: UInt16 = .max

  /// Where the first text stands and how long each is, if they stand one behind another; a quarter of
  /// the bytes of references.
  private static func adjacent(_ references: [TextRef]) -> (Int, [UInt16])? {
    let start = references.first { !$0.isAbsent }?.offset ?? 0
    var next = start
    var lengths: [UInt16] = []
    lengths.reserveCapacity(references.count)
    for reference in references {
      if reference.isAbsent {
        lengths.append(absentLength)
        continue
      }
      guard reference.offset == next, reference.length < Int(absentLength) else { return nil }
      lengths.append(UInt16(truncatingIfNeeded: reference.length))
      next += reference.length
    }
    return (start, lengths)
  }

  private static func references(
    _ input: inout SegmentInput, rows: Int
  ) throws(SegmentError) -> [TextRef] {
    var next = Int(try input.next(UInt32.self))
    return try input.nextUInt16s(rows).map { length in
      guard length != absentLength else { return .absent }
      defer { next += Int(length) }
      return TextRef(offset: next, length: Int(length))
    }
  }

  /// Throws where a column of `batch` does not have one entry per row, or one refers outside the
  /// text.
  package static func check(_ batch: TableBatch) throws(SegmentError) {
    guard batch.rowCount >= 0, batch.rowCount <= UInt32.max, batch.columns.count <= UInt32.max
    else { throw malformed(batch.table, "has an impossible number of rows or columns") }
    for (index, column) in batch.columns.enumerated() {
      guard column.count.map({ $0 == batch.rowCount }) ?? true else {
        throw malformed(batch.table, "column \(index + 1) does not have one entry per row")
      }
      guard column.references(fitIn: batch.text.count) else {
        throw malformed(batch.table, "column \(index + 1) refers outside the text")
      }
    }
  }

  private static func malformed(_ table: String, _ what: String) -> SegmentError {
    SegmentError(.malformedBatch, "batch of \(table) \(what)")
  }

  // MARK: Reading

  /// The header at the beginning of `bytes`.
  ///
  /// - Throws: ``SegmentError`` where they are too short, no header, or of a newer format.
  package static func header(_ bytes: [UInt8]) throws(SegmentError) -> Header {
    var input = SegmentInput(bytes)
    guard try input.nextBytes(4) == magic else {
      throw SegmentError(.corrupt, "the segment has no block where one should begin")
    }
    let format = try input.next(UInt16.self)
    guard format <= version else {
      throw SegmentError(.newerFormat, "the segment has format \(format); this program knows 1")
    }
    _ = try input.next(UInt16.self)
    let size = try input.next(UInt64.self)
    let count = try input.next(UInt32.self)
    _ = try input.next(UInt32.self)
    guard size <= maximumPayload else {
      throw SegmentError(.corrupt, "a block of the segment has an impossible length")
    }
    return Header(
      payloadSize: Int(size), batchCount: Int(count), checksum: try input.next(UInt64.self))
  }

  /// The batches of one block, header included.
  ///
  /// - Throws: ``SegmentError``; never traps, whatever the bytes.
  package static func decode(_ bytes: [UInt8]) throws(SegmentError) -> [TableBatch] {
    let header = try header(bytes)
    guard bytes.count == headerSize + header.payloadSize else {
      throw SegmentError(
        .truncated,
        "a block of the segment has \(bytes.count) bytes of \(headerSize + header.payloadSize)")
    }
    guard checksum(of: bytes) == header.checksum else {
      throw SegmentError(.corrupt, "a block of the segment changed since it was written")
    }
    var input = SegmentInput(bytes, from: headerSize)
    var batches: [TableBatch] = []
    for _ in 0..<header.batchCount { batches.append(try batch(&input)) }
    guard input.remaining == 0 else {
      throw SegmentError(.corrupt, "a block of the segment has bytes after its last batch")
    }
    return batches
  }

  private static func checksum(of block: [UInt8]) -> UInt64 {
    // The first 24 bytes of the header enter as a checksum of their own.
    let head = BlockChecksum.of(Array(block[0..<24]))
    return head &* 31 &+ BlockChecksum.of(block, from: headerSize)
  }

  private static func batch(_ input: inout SegmentInput) throws(SegmentError) -> TableBatch {
    let table = try text(&input)
    let rows = Int(try input.next(UInt32.self))
    let columnCount = Int(try input.next(UInt32.self))
    let textSize = try input.next(UInt64.self)
    var columns: [BatchColumn] = []
    for _ in 0..<columnCount { columns.append(try column(&input, rows: rows)) }
    guard textSize <= UInt64(input.remaining) else {
      throw SegmentError(.truncated, "a block of the segment ends too early")
    }
    let batch = TableBatch(
      table: table, rowCount: rows, columns: columns, text: try input.nextBytes(Int(textSize)))
    try check(batch)
    return batch
  }

  private static func column(
    _ input: inout SegmentInput, rows: Int
  ) throws(SegmentError) -> BatchColumn {
    switch Tag(rawValue: try input.next(UInt8.self)) {
    case .integers: return .integers(try input.nextInt64s(rows))
    case .dates32:
      return .dates(
        try input.nextInt32s(rows).map { $0 == .min ? BatchColumn.null : Int64($0) })
    case .dates64: return .dates(try input.nextInt64s(rows))
    case .dateTimes: return .dateTimes(try input.nextInt64s(rows))
    case .texts: return .texts(try input.nextReferences(rows))
    case .adjacentTexts: return .texts(try references(&input, rows: rows))
    case .blobs: return .blobs(try input.nextReferences(rows))
    case .constantInteger: return .constantInteger(try input.next(Int64.self))
    case .constantText: return .constantText(try text(&input))
    case .constantNull: return .constantText(nil)
    case nil: throw SegmentError(.corrupt, "a column of the segment has an unknown kind")
    }
  }

  private static func text(_ input: inout SegmentInput) throws(SegmentError) -> String {
    let count = Int(try input.next(UInt32.self))
    return String(decoding: try input.nextBytes(count), as: UTF8.self)
  }
}

extension BatchColumn {
  /// Entries, or nil for a constant.
  package var count: Int? {
    switch self {
    case .integers(let values), .dates(let values), .dateTimes(let values): values.count
    case .texts(let references), .blobs(let references): references.count
    case .constantInteger, .constantText: nil
    }
  }

  /// Whether every reference lies inside a text of `size` bytes.
  package func references(fitIn size: Int) -> Bool {
    switch self {
    case .texts(let references), .blobs(let references):
      var furthest = 0
      for reference in references where !reference.isAbsent {
        furthest = max(furthest, reference.offset + reference.length)
      }
      return furthest <= size
    case .integers, .dates, .dateTimes, .constantInteger, .constantText: return true
    }
  }
}
