import Catalog
import Records
import Standardization

/// Makes one record of the adjacent lines of a flat file that share a key, each of which is a row of one
/// child table: a case with one line per party (semantics.md §5).
///
/// The record has the fields of its first line. What is not the row's own must be the same in all lines;
/// where it is not, the record has a ``RecordFault/Kind/gatheredLines``. Lines beyond the size of a record begin
/// another one; all of its pieces have a ``RecordFault/Kind/recordSize``.
struct GatheredRows {
  /// Columns that make the key; lines without one of them, or with a word for nothing in it, stand alone.
  private let key: [Int]
  /// Columns of the row's own fields; nil where the file has none.
  private let own: [Int?]
  /// Columns that must be the same in all lines.
  private let shared: [Int]
  /// Records that wait for more lines or for the chunk to be full.
  private var waiting: RecordChunk
  private var recordCount = 0
  /// Fault of the record that is being gathered.
  private var differs = false
  private var isTooLong = false
  private var lastIsFaulty = false
  /// The lines of that record as received, where there are several: its text in `waiting` has the first alone
  /// until it is complete, because what is written there stays there.
  private var lines: [UInt8] = []
  private var hasSeveralLines = false
  private let recordBytes: Int

  /// - Parameters:
  ///   - header: Names of the file's columns.
  ///   - child: The rows that the lines are.
  ///   - recordBytes: Most bytes of a record (semantics.md §16).
  init(
    _ header: [String], _ mapping: CategoryMapping, _ child: ChildMapping, form: RecordChunk,
    recordBytes: Int
  ) {
    self.recordBytes = recordBytes
    let main = HeaderMatch(header: header, mappings: mapping.columns)
    let rows = HeaderMatch(header: header, mappings: child.columns)
    own = rows.columns
    key = zip(mapping.columns, main.columns).compactMap { column, place in
      column.element.map(mapping.keyElements.contains) ?? false ? place : nil
    }
    let ownColumns = Set(own.compactMap { $0 })
    shared = zip(mapping.columns, main.columns).compactMap { column, place in
      column.element == nil || place.map(ownColumns.contains) ?? true ? nil : place
    }
    waiting = RecordChunk(
      columnCount: form.columnCount, stride: form.stride, byteLimit: form.byteLimit)
    waiting.children = [ChildRows(columnCount: child.columns.count)]
  }

  /// Takes the lines of a chunk; hands out what is complete.
  mutating func take(
    _ chunk: borrowing RecordChunk, _ onChunk: (inout RecordChunk) throws -> Void
  ) throws {
    var nextFault = 0
    for row in 0..<chunk.recordCount {
      let first = nextFault
      while nextFault < chunk.faults.count, chunk.faults[nextFault].row == row { nextFault += 1 }
      let isFaulty = nextFault > first
      if waiting.recordCount > 0, !isFaulty, !lastIsFaulty, continues(chunk, row) {
        if lines.count + 1 + chunk.raws[row].length <= recordBytes {
          append(line: row, of: chunk)
        } else {
          noteLength()
          if waiting.isFull { try handOut(onChunk) }
          open(row, of: chunk, [])
          noteLength()
        }
      } else {
        if waiting.isFull { try handOut(onChunk) }
        open(row, of: chunk, chunk.faults[first..<nextFault])
      }
      lastIsFaulty = isFaulty
    }
  }

  mutating func finish(_ onChunk: (inout RecordChunk) throws -> Void) throws {
    try handOut(onChunk)
  }

  private mutating func handOut(_ onChunk: (inout RecordChunk) throws -> Void) throws {
    guard waiting.recordCount > 0 else { return }
    close()
    try onChunk(&waiting)
    waiting.removeAll()
  }

  /// Gives the record that was gathered all of its lines.
  private mutating func close() {
    guard hasSeveralLines else { return }
    let offset = waiting.text.count
    waiting.text.append(contentsOf: lines[...])
    waiting.raws[waiting.recordCount - 1] = waiting.text.text(from: offset)
    hasSeveralLines = false
  }

  /// The record that is being gathered is a piece of one that is too long.
  private mutating func noteLength() {
    guard !isTooLong else { return }
    isTooLong = true
    waiting.faults.append(
      RecordFault(
        row: waiting.recordCount - 1, kind: .recordSize, found: lines.count, expected: recordBytes))
  }

  private func continues(_ chunk: borrowing RecordChunk, _ row: Int) -> Bool {
    !key.isEmpty
      && key.allSatisfy { column in
        let field = chunk.field(row, column)
        return equals(field, chunk, column) && !meansNothing(field, chunk)
      }
  }

  private func meansNothing(_ field: TextRef, _ chunk: borrowing RecordChunk) -> Bool {
    let text = Array(chunk.text[field.range])
    let trimmed = trimmedRange(text.span)
    return NullSpellings.standard.contains(text.span.extracting(trimmed))
  }

  /// Whether a field is that of the record being gathered.
  private func equals(_ field: TextRef, _ chunk: borrowing RecordChunk, _ column: Int) -> Bool {
    let known = waiting.field(waiting.recordCount - 1, column)
    return waiting.text[known.range] == chunk.text[field.range]
  }

  private mutating func open(
    _ row: Int, of chunk: borrowing RecordChunk, _ faults: ArraySlice<RecordFault>
  ) {
    close()
    recordCount += 1
    differs = false
    isTooLong = false
    lines.removeAll(keepingCapacity: lines.capacity < 1 << 16)
    lines.append(contentsOf: chunk.text[chunk.raws[row].range])
    var position = chunk.positions[row]
    position.recordNumber = recordCount
    let raw = waiting.text.appendText(chunk.raws[row], from: chunk.text)
    let record = waiting.appendRecord(position: position, raw: raw)
    for column in 0..<chunk.columnCount {
      let field = chunk.field(row, column)
      guard !field.isAbsent else { continue }
      waiting.setField(record, column, waiting.text.appendText(field, from: chunk.text))
    }
    for var fault in faults {
      fault.row = record
      waiting.faults.append(fault)
    }
    appendRow(row, of: chunk)
  }

  private mutating func append(line row: Int, of chunk: borrowing RecordChunk) {
    let record = waiting.recordCount - 1
    hasSeveralLines = true
    lines.append(UInt8(ascii: "\n"))
    lines.append(contentsOf: chunk.text[chunk.raws[row].range])
    if !differs, let column = shared.first(where: { !equals(chunk.field(row, $0), chunk, $0) }) {
      differs = true
      waiting.faults.append(RecordFault(row: record, kind: .gatheredLines, found: column))
    }
    appendRow(row, of: chunk)
  }

  private mutating func appendRow(_ row: Int, of chunk: borrowing RecordChunk) {
    let child = waiting.children[0].append(owner: waiting.recordCount - 1)
    for (index, column) in own.enumerated() {
      guard let column, !chunk.field(row, column).isAbsent else { continue }
      waiting.children[0].setField(
        child, index, waiting.text.appendText(chunk.field(row, column), from: chunk.text))
    }
  }
}
