import Records

// From a unit that has ended to rows of the chunk.

extension XMLReader {
  /// A unit that has ended and whose records go into chunks.
  struct Emission {
    var end: Int
    var next = 0
    /// By kind of rows: the first that has not gone.
    var nextChild: [Int]
    /// Nil until asked for, and where the unit has one record only.
    var rest: UnitRest?
  }

  /// A unit without its records, and where each of them stood.
  struct UnitRest {
    var size: Int
    /// It is too large to be repeated; there are no bytes.
    var isLeftOut: Bool
    var bytes: [UInt8] = []
    var places: [Int] = []
  }

  mutating func endUnit(_ offset: Int) {
    census.unitCount += 1
    unitEnd = offset
    unitLevel = .max
    keepOffset = .max
    if let start = unit?.start, offset - start > limits.recordBytes, unit?.head == nil {
      let head = headOfUnit(start..<offset)
      unit?.head = head
      isCollecting = false
    }
    emission = Emission(end: offset, nextChild: Array(repeating: 0, count: values.rows.count))
  }

  /// Puts the records of the unit that has ended into the chunk.
  ///
  /// - Returns: false if the chunk has to be handed out first.
  mutating func emitRecords() -> Bool {
    guard var emission, let unit else { return true }
    if isCollecting {
      while emission.next < unit.records.count {
        guard emit(record: emission.next, of: unit, &emission) else {
          self.emission = emission
          return false
        }
        emission.next += 1
      }
    } else {
      guard emitWhole(unit, end: emission.end) else { return false }
    }
    self.emission = nil
    self.unit = nil
    isCollecting = false
    values.removeAll()
    return true
  }

  /// Whether `length` more bytes have to wait for the next chunk.
  private func isTooFull(for length: Int) -> Bool {
    chunk.isFull || (chunk.recordCount > 0 && chunk.text.count + length > chunk.byteLimit)
  }

  /// One record for a unit that is over a limit.
  private mutating func emitWhole(_ unit: OpenUnit, end: Int) -> Bool {
    let length = end - unit.start
    guard !isTooFull(for: unit.head?.count ?? length) else { return false }
    if let head = unit.head {
      chunk.text += head
    } else {
      input.append(unit.start..<end, to: &chunk.text)
    }
    let row = appendRow(length: unit.head?.count ?? length, unit.line, unit.start)
    if let kept = unit.kept {
      let base = chunk.text.count
      chunk.text += kept.text
      for (column, ref) in kept.fields {
        chunk.setField(row, column, TextRef(offset: base + ref.offset, length: ref.length))
      }
    }
    if unit.head != nil {
      chunk.faults.append(
        RecordFault(
          row: row, kind: .recordSize, found: length, expected: limits.recordBytes,
          offsetInRecord: limits.recordBytes))
    } else {
      chunk.faults.append(
        RecordFault(
          row: row, kind: .fieldLimit, found: fieldCount, expected: limits.fields,
          offsetInRecord: (unit.fieldLimitOffset ?? unit.start) - unit.start))
    }
    noteDamage(row)
    return true
  }

  private mutating func emit(
    record: Int, of unit: OpenUnit, _ emission: inout Emission
  ) -> Bool {
    let bounds = unit.records[record]
    var size = emission.end - unit.start
    var rest: UnitRest?
    if unit.records.count > 1 {
      rest = emission.rest ?? self.rest(of: unit, end: emission.end)
      emission.rest = rest
      size = bounds.end - bounds.start + (rest?.bytes.count ?? 0)
    }
    guard !isTooFull(for: size) else { return false }
    let rawOffset = chunk.text.count
    var source = UnitValues.Source(range: 0..<size, offset: rawOffset)
    if let rest {
      appendRaw(record, bounds, rest)
      source.range = bounds.start - unit.start..<bounds.end - unit.start
      source.offset = rawOffset + (rest.isLeftOut ? 0 : rest.places[record])
    } else {
      input.append(unit.start..<emission.end, to: &chunk.text)
    }
    let row = appendRow(length: size, bounds.line, bounds.start)
    appendValues(record: record, row: row, source, &emission)
    if let rest, rest.isLeftOut {
      chunk.faults.append(
        RecordFault(
          row: row, kind: .recordSize, found: rest.size + size, expected: Self.repeatedBytes))
    }
    chunk.faults += unit.faults(ofRecord: record, row: row)
    noteDamage(row)
    return true
  }

  private mutating func appendValues(
    record: Int, row: Int, _ source: UnitValues.Source, _ emission: inout Emission
  ) {
    let instance = values.rows[0][record].instance
    values.appendFields(of: 0, instance: instance, to: &chunk, source, input) {
      $0.setField(row, $1, $2)
    }
    for kind in values.rows.indices.dropFirst() {
      while emission.nextChild[kind] < values.rows[kind].count {
        let child = values.rows[kind][emission.nextChild[kind]]
        guard child.record == record else { break }
        let childRow = chunk.children[kind - 1].append(owner: row)
        values.appendFields(of: kind, instance: child.instance, to: &chunk, source, input) {
          $0.children[kind - 1].setField(childRow, $1, $2)
        }
        emission.nextChild[kind] += 1
      }
    }
  }

  /// Opens a row for the record whose text is the last `length` bytes of the chunk.
  private mutating func appendRow(length: Int, _ line: Int, _ offset: Int) -> Int {
    recordCount += 1
    return chunk.appendRecord(
      position: SourcePosition(recordNumber: recordCount, line: line, byteOffset: offset),
      raw: TextRef(offset: chunk.text.count - length, length: length))
  }

  /// Bytes that the encoding did not allow have become U+FFFD.
  private mutating func noteDamage(_ row: Int) {
    let raw = chunk.raws[row]
    let damage = XMLBytes.replacements(chunk.text.span.extracting(raw.range))
    guard damage.count > 0 else { return }
    chunk.faults.append(
      RecordFault(
        row: row, kind: .undecodableBytes, found: damage.count, offsetInRecord: damage.first))
  }

  // MARK: - Units of several records

  /// The unit without its records.
  private func rest(of unit: OpenUnit, end: Int) -> UnitRest {
    let size = unit.records.reduce(end - unit.start) { $0 - ($1.end - $1.start) }
    var rest = UnitRest(size: size, isLeftOut: size > Self.repeatedBytes)
    guard !rest.isLeftOut else { return rest }
    var start = unit.start
    for record in unit.records {
      input.append(start..<record.start, to: &rest.bytes)
      rest.places.append(rest.bytes.count)
      start = record.end
    }
    input.append(start..<end, to: &rest.bytes)
    return rest
  }

  /// Appends the unit with one of its records, or the record by itself.
  private mutating func appendRaw(_ record: Int, _ bounds: OpenUnit.Record, _ rest: UnitRest) {
    let place = rest.isLeftOut ? 0 : rest.places[record]
    chunk.text += rest.bytes[..<place]
    input.append(bounds.start..<bounds.end, to: &chunk.text)
    chunk.text += rest.bytes[place...]
  }
}
