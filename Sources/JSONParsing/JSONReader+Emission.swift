import Records

/// What stands around the records of a unit that has several, and how places move when all of them but
/// one are taken out.
struct Surroundings {
  /// The insides of the arrays of records, ascending; nothing but records is in them.
  let arrays: [UnitParser.RecordArray]
  /// Bytes in the arrays before each, and in all of them.
  private let before: [Int]
  /// Bytes of the unit outside of the arrays.
  let count: Int
  private let unitCount: Int

  init(_ parser: borrowing UnitParser) {
    var arrays: [UnitParser.RecordArray] = []
    var before = [0]
    for index in 0..<parser.arrays.count {
      let array = parser.arrays[index]
      arrays.append(array)
      before.append(before[index] + array.end - array.start)
    }
    self.arrays = arrays
    self.before = before
    unitCount = parser.length
    count = parser.length - before[arrays.count]
  }

  /// The parts of the unit that are left with the item of `row` alone.
  func parts(_ row: UnitParser.Row) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var at = 0
    for (index, array) in arrays.enumerated() {
      parts.append(at..<array.start)
      if index == row.array { parts.append(row.itemStart..<row.itemEnd) }
      at = array.end
    }
    parts.append(at..<unitCount)
    return parts
  }

  /// Where a range of the unit is in the parts; nil if it was taken out.
  func moved(_ range: Range<Int>, _ row: UnitParser.Row) -> Range<Int>? {
    if range.lowerBound >= row.itemStart, range.upperBound <= row.itemEnd {
      let start = arrays[row.array].start - before[row.array] - row.itemStart
      return range.lowerBound + start..<range.upperBound + start
    }
    guard let start = moved(range.lowerBound, row), let end = moved(range.upperBound, row) else {
      return nil
    }
    return start..<end
  }

  private func moved(_ place: Int, _ row: UnitParser.Row) -> Int? {
    // The arrays that end at or before the place.
    var (low, high) = (0, arrays.count)
    while low < high {
      let middle = (low + high) / 2
      if arrays[middle].end <= place { low = middle + 1 } else { high = middle }
    }
    if low < arrays.count, arrays[low].start < place { return nil }
    return place - before[low] + (row.array < low ? row.itemEnd - row.itemStart : 0)
  }
}

extension JSONReader {
  /// A larger value from outside of a record's own text is not copied for each record. Our choice.
  static var maximumCopy: Int { 64 * 1024 }

  /// Puts as many rows of the unit into the chunk as it takes.
  mutating func emit() -> Step {
    guard var chunk = chunk.take() else { return .needsBytes }
    defer { self.chunk = chunk }
    let bytes = emission.text ?? window
    let origin = emission.text == nil ? cursor : 0
    if let fault = emission.fault {
      let count = emission.text?.count ?? emission.length
      guard hasRoom(for: count, in: chunk) else { return .chunkReady }
      let row = append(bytes.span, [origin..<origin + count], start: 0, to: &chunk)
      add(fault, row, &chunk)
    } else if parser.recordCount == 1 {
      guard hasRoom(for: parser.length, in: chunk) else { return .chunkReady }
      emitOnly(bytes.span, origin, to: &chunk)
    } else if parser.recordCount > 1 {
      let surroundings = emission.surroundings ?? Surroundings(parser)
      emission.surroundings = surroundings
      while emission.row < parser.rows.count {
        guard emitNext(surroundings, bytes.span, origin, to: &chunk) else { return .chunkReady }
      }
    }
    endUnit()
    return .progress
  }

  private func hasRoom(for count: Int, in chunk: RecordChunk) -> Bool {
    !chunk.isFull && (chunk.recordCount == 0 || chunk.text.count + count <= chunk.byteLimit)
  }

  /// Opens a row whose text is `parts` of `bytes`; the record begins at `start` of the unit.
  private mutating func append(
    _ bytes: Span<UInt8>, _ parts: [Range<Int>], start: Int, to chunk: inout RecordChunk
  ) -> Int {
    let base = chunk.text.count
    for part in parts { chunk.text.appendBytes(bytes, part) }
    recordCount += 1
    return chunk.appendRecord(
      position: SourcePosition(
        recordNumber: recordCount, line: emission.line, byteOffset: emission.byteOffset + start),
      raw: chunk.text.text(from: base))
  }

  private func add(_ fault: RecordFault, _ row: Int, _ chunk: inout RecordChunk) {
    var fault = fault
    fault.row = row
    chunk.faults.append(fault)
  }

  // MARK: - One record in its unit

  private mutating func emitOnly(
    _ bytes: Span<UInt8>, _ origin: Int, to chunk: inout RecordChunk
  ) {
    let base = chunk.text.count
    var index = 0
    while parser.rows[index].space != 0 { index += 1 }
    let record = parser.rows[index]
    countLines(to: record.start, bytes, origin)
    chunk.text.appendBytes(bytes, origin..<origin + parser.length)
    recordCount += 1
    let row = chunk.appendRecord(
      position: SourcePosition(
        recordNumber: recordCount, line: emission.line,
        byteOffset: emission.byteOffset + record.start),
      raw: TextRef(offset: base, length: parser.length))
    if parser.writePlain(record.cells, to: &chunk, row: row, at: base) {
      for column in 0..<chunk.columnCount {
        let ref = parser.cells[record.cells + column]
        if ref.isAbsent || ref.isPlain { continue }
        chunk.setField(row, column, text(ref, bytes, origin, in: &chunk))
      }
    }
    for index in 0..<parser.rows.count where parser.rows[index].space > 0 {
      let child = parser.rows[index]
      addChild(child, owner: row, to: &chunk) { ref, chunk in
        ref.isPlain ? ref.text(at: base) : text(ref, bytes, origin, in: &chunk)
      }
    }
    if record.misfitAt >= 0 {
      add(
        RecordFault(row: row, kind: .malformed, offsetInRecord: record.misfitAt), row, &chunk)
    }
    if emission.survey.replacementCount > 0 {
      add(
        RecordFault(
          row: row, kind: .undecodableBytes, found: emission.survey.replacementCount,
          offsetInRecord: emission.survey.firstReplacement), row, &chunk)
    }
    let controls = record.controlCount + parser.outerControlCount
    if controls > 0 {
      let first = record.controlCount > 0 ? record.firstControl : 0
      add(
        RecordFault(row: row, kind: .controlCharacter, found: controls, offsetInRecord: first),
        row, &chunk)
    }
  }

  private mutating func countLines(to place: Int, _ bytes: Span<UInt8>, _ origin: Int) {
    guard place > emission.lineAt else { return }
    emission.line += bytes.survey(origin + emission.lineAt..<origin + place).lineFeeds
    emission.lineAt = place
  }

  /// Copies what `ref` stands for behind the text of the chunk.
  private func text(
    _ ref: ValueRef, _ bytes: Span<UInt8>, _ origin: Int, in chunk: inout RecordChunk
  ) -> TextRef {
    let start = chunk.text.count
    parser.appendText(ref, bytes, origin, to: &chunk.text)
    return chunk.text.text(from: start)
  }

  private func addChild(
    _ child: UnitParser.Row, owner: Int, to chunk: inout RecordChunk,
    _ value: (ValueRef, inout RecordChunk) -> TextRef
  ) {
    let list = child.space - 1
    let row = chunk.children[list].append(owner: owner)
    for column in 0..<chunk.children[list].columnCount {
      let ref = parser.cells[child.cells + column]
      if ref.isAbsent { continue }
      let text = value(ref, &chunk)
      chunk.children[list].setField(row, column, text)
    }
  }

  // MARK: - One record among others

  /// Puts the next record and its children into the chunk.
  ///
  /// - Returns: false if the chunk has to be handed out first.
  private mutating func emitNext(
    _ surroundings: Surroundings, _ bytes: Span<UInt8>, _ origin: Int, to chunk: inout RecordChunk
  ) -> Bool {
    let record = parser.rows[emission.row]
    let place = RecordPlace(
      record, surroundings, isAlone: surroundings.count > Self.maximumSurroundings)
    let parts = place.parts
    guard hasRoom(for: parts.reduce(0) { $0 + $1.count }, in: chunk) else { return false }
    countLines(to: record.start, bytes, origin)
    let base = chunk.text.count
    let placed = parts.map { origin + $0.lowerBound..<origin + $0.upperBound }
    let row = append(bytes, placed, start: record.start, to: &chunk)
    // The largest value that was left out.
    var left = 0
    func value(_ ref: ValueRef, _ chunk: inout RecordChunk) -> TextRef {
      if ref.isPlain, let range = place.moved(ref.range) {
        return TextRef(offset: base + range.lowerBound, length: range.count)
      }
      let count = parser.textCount(ref)
      guard count <= max(Self.maximumCopy, record.end - record.start) else {
        left = max(left, count)
        return .absent
      }
      return text(ref, bytes, origin, in: &chunk)
    }
    for column in 0..<chunk.columnCount {
      let ref = parser.cells[record.cells + column]
      if !ref.isAbsent { chunk.setField(row, column, value(ref, &chunk)) }
    }
    emission.row += 1
    while emission.row < parser.rows.count, parser.rows[emission.row].space > 0 {
      addChild(parser.rows[emission.row], owner: row, to: &chunk, value)
      emission.row += 1
    }
    addFaults(place, row, left, &chunk)
    return true
  }

  private func addFaults(_ place: RecordPlace, _ row: Int, _ left: Int, _ chunk: inout RecordChunk)
  {
    let record = place.record
    func note(_ kind: RecordFault.Kind, _ found: Int = 0, _ expected: Int = 0, at offset: Int) {
      add(
        RecordFault(
          row: row, kind: kind, found: found, expected: expected, offsetInRecord: offset), row,
        &chunk)
    }
    if place.isAlone {
      note(.recordSize, place.surroundings.count, Self.maximumSurroundings, at: 0)
    } else if left > 0 {
      note(.recordSize, left, Self.maximumCopy, at: 0)
    }
    if record.misfitAt >= 0 { note(.malformed, at: place.moved(record.misfitAt)) }
    if emission.survey.replacementCount > 0 {
      let survey = chunk.text.span.survey(chunk.raws[row].range)
      if survey.replacementCount > 0 {
        note(.undecodableBytes, survey.replacementCount, at: survey.firstReplacement)
      }
    }
    let controls = record.controlCount + parser.outerControlCount
    if controls > 0 {
      note(
        .controlCharacter, controls,
        at: record.controlCount > 0 ? place.moved(record.firstControl) : 0)
    }
  }
}

/// How the places of a unit move in the text of one record of several.
private struct RecordPlace {
  let record: UnitParser.Row
  let surroundings: Surroundings
  /// The text is the record's own and nothing around it.
  let isAlone: Bool

  init(_ record: UnitParser.Row, _ surroundings: Surroundings, isAlone: Bool) {
    self.record = record
    self.surroundings = surroundings
    self.isAlone = isAlone
  }

  /// The parts of the unit that make the text.
  var parts: [Range<Int>] {
    isAlone ? [record.start..<record.end] : surroundings.parts(record)
  }

  /// nil if the range is not in the text.
  func moved(_ range: Range<Int>) -> Range<Int>? {
    guard isAlone else { return surroundings.moved(range, record) }
    guard range.lowerBound >= record.start, range.upperBound <= record.end else { return nil }
    return range.lowerBound - record.start..<range.upperBound - record.start
  }

  /// The place of a byte of the record.
  func moved(_ offset: Int) -> Int { moved(offset..<offset)?.lowerBound ?? 0 }
}
