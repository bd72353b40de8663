import Records

/// Puts records into a chunk: text, field references, position, faults.
struct RecordAssembler {
  let quote: UInt8
  var chunk: RecordChunk
  /// Records appended since the beginning of the file.
  var recordCount = 0

  init(columnCount: Int, _ dialect: CSVDialect) {
    quote = dialect.quote
    chunk = RecordChunk(
      columnCount: columnCount, stride: dialect.chunkRecords, byteLimit: dialect.chunkBytes)
  }

  /// Whether `length` more bytes would make the chunk too large, so that it has to be handed out
  /// first. An empty chunk takes a record of any size.
  @inline(__always)
  func isTooFull(for length: Int) -> Bool {
    chunk.isFull
      || (chunk.recordCount > 0 && chunk.text.count + length > chunk.byteLimit)
  }

  /// Appends one scanned record; `cuts` and `scan` refer into `bytes`. `row` of the faults is set
  /// here.
  mutating func append(
    _ bytes: Span<UInt8>, _ scan: RecordScan, cuts: [FieldCut], faults: [RecordFault], line: Int,
    byteOffset: Int
  ) {
    let base = chunk.text.count
    chunk.text.appendBytes(bytes, scan.start..<scan.end)
    let row = appendRow(TextRef(offset: base, length: scan.end - scan.start), line, byteOffset)
    for column in 0..<chunk.columnCount {
      var ref = TextRef.absent
      if column < cuts.count {
        let cut = cuts[column]
        ref = TextRef(offset: base + cut.start - scan.start, length: cut.end - cut.start)
        if cut.isEscaped { ref = appendUnescaped(ref) }
      }
      chunk.setField(row, column, ref)
    }
    for var fault in faults {
      fault.row = row
      chunk.faults.append(fault)
    }
  }

  /// Opens a row for the record whose bytes are `raw`.
  @inline(__always)
  mutating func appendRow(_ raw: TextRef, _ line: Int, _ byteOffset: Int) -> Int {
    recordCount += 1
    return chunk.appendRecord(
      position: SourcePosition(recordNumber: recordCount, line: line, byteOffset: byteOffset),
      raw: raw)
  }

  /// Appends a copy of `ref` in which doubled quotes are single ones.
  mutating func appendUnescaped(_ ref: TextRef) -> TextRef {
    let offset = chunk.text.count
    var isSecondOfPair = false
    for index in ref.range {
      let byte = chunk.text[index]
      if byte == quote, !isSecondOfPair {
        isSecondOfPair = true
      } else {
        chunk.text.append(byte)
        isSecondOfPair = false
      }
    }
    return chunk.text.text(from: offset)
  }
}

extension RecordScanner {
  /// What is wrong with a scanned record, the gravest first; at most one of a kind.
  ///
  /// A wrong number of fields is not reported beside a quote fault, which explains it.
  func faults(_ scan: RecordScan) -> [RecordFault] {
    var faults: [RecordFault] = []
    func add(_ kind: RecordFault.Kind, _ found: Int, _ expected: Int, _ offset: Int) {
      faults.append(
        RecordFault(
          row: 0, kind: kind, found: found, expected: expected,
          offsetInRecord: offset - scan.start))
    }
    if scan.fieldCount > maximumFields {
      add(.fieldLimit, scan.fieldCount, maximumFields, cuts.last?.end ?? scan.start)
    }
    if let kind = scan.quoteFault {
      add(kind, scan.fieldCount, columnCount ?? scan.fieldCount, scan.quoteFaultAt)
    } else if faults.isEmpty, let columnCount, !hasRightCount(scan) {
      add(.fieldCount, scan.fieldCount, columnCount, scan.surplusStart ?? scan.end)
    }
    if scan.replacementCount > 0 {
      add(.undecodableBytes, scan.replacementCount, 0, scan.firstReplacement)
    }
    if scan.controlCount > 0 { add(.controlCharacter, scan.controlCount, 0, scan.firstControl) }
    return faults
  }
}
