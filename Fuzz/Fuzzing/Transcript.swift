import Records

/// Everything that a reading gave, as bytes, so that two readings can be compared.
struct Transcript: Equatable {
  private(set) var bytes: [UInt8] = []
  /// Records so far.
  private(set) var recordCount = 0

  mutating func add(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: "\n"))
  }

  mutating func add(_ chunk: RecordChunk) {
    add("chunk \(chunk.recordCount)")
    var fault = 0
    for row in 0..<chunk.recordCount {
      let position = chunk.positions[row]
      add("record \(position.recordNumber) \(position.line) \(position.byteOffset)")
      add(chunk.raws[row], of: chunk)
      for column in 0..<chunk.columnCount { add(chunk.field(row, column), of: chunk) }
      while fault < chunk.faults.count, chunk.faults[fault].row == row {
        let found = chunk.faults[fault]
        add("\(found.kind) \(found.found) \(found.expected) \(found.offsetInRecord)")
        fault += 1
      }
    }
    expect(fault == chunk.faults.count, "faults are ordered by row")
    for rows in chunk.children {
      for row in 0..<rows.count {
        expect(Int(rows.owners[row]) < chunk.recordCount, "an owner is a row of the chunk")
        add("child of \(rows.owners[row])")
        for column in 0..<rows.columnCount { add(rows.field(row, column), of: chunk) }
      }
    }
    recordCount += chunk.recordCount
  }

  private mutating func add(_ ref: TextRef, of chunk: RecordChunk) {
    if ref.isAbsent {
      bytes.append(UInt8(ascii: "-"))
    } else {
      expect(ref.range.upperBound <= chunk.text.count, "a reference stays in the arena")
      bytes.append(contentsOf: chunk.text[ref.range])
    }
    bytes.append(0xFF)
  }
}

/// Ends the process unless two readings are the same, and shows the first line in which they differ.
func expect(_ found: Transcript, is expected: Transcript, _ message: @autoclosure () -> String) {
  guard found != expected else { return }
  let sides = [found, expected].map { $0.bytes.split(separator: UInt8(ascii: "\n")) }
  let line = zip(sides[0], sides[1]).enumerated().first { $0.element.0 != $0.element.1 }?.offset
  let shown = sides.map { lines in
    line.map { String(decoding: lines[$0], as: UTF8.self) } ?? "\(lines.count) lines"
  }
  expect(false, "\(message()): «\(shown[0])», not «\(shown[1])»")
}

/// What has to be true of the records of any chunk.
struct PositionCheck {
  /// Bytes of the input.
  let length: Int
  private var number = 0
  private var offset = 0
  private var line = 1

  init(length: Int) { self.length = length }

  mutating func check(_ chunk: RecordChunk) {
    for position in chunk.positions {
      expect(position.recordNumber == number + 1, "records are numbered in order")
      expect(position.byteOffset >= offset, "offsets ascend")
      expect(position.byteOffset <= length, "an offset lies in the input")
      expect(position.line >= line, "lines ascend")
      number = position.recordNumber
      offset = position.byteOffset
      line = position.line
    }
  }
}
