import Records
import Testing

@testable import CSVParsing

/// Everything that a reading of a file gave, in plain values.
struct Reading: Equatable, CustomStringConvertible {
  struct Row: Equatable {
    /// nil is an absent field.
    var fields: [String?]
    var raw: String
    var position: SourcePosition
    var faults: [RecordFault]
  }

  var header: [[String]] = []
  var headerFaults: [RecordFault] = []
  var rows: [Row] = []
  /// Number of records of each chunk.
  var chunks: [Int] = []
  var blankLines = 0
  var footers = 0
  var delimiter: UInt8 = 0
  var columnCount: Int?

  var fields: [[String?]] { rows.map(\.fields) }
  var faults: [RecordFault.Kind] { rows.flatMap { $0.faults.map(\.kind) } }
  var faultyRows: [Int] { rows.indices.filter { !rows[$0].faults.isEmpty } }

  var description: String {
    let lines = rows.map { "  \($0.position) \($0.fields) \($0.faults)" }
    return (["header \(header) \(headerFaults) chunks \(chunks)"] + lines).joined(separator: "\n")
  }

  mutating func add(_ chunk: RecordChunk) {
    chunks.append(chunk.recordCount)
    for row in 0..<chunk.recordCount {
      let fields = (0..<chunk.columnCount).map { column -> String? in
        let ref = chunk.field(row, column)
        return ref.isAbsent ? nil : chunk.text.string(ref)
      }
      let faults = chunk.faults.filter { $0.row == row }.map { fault in
        var fault = fault
        fault.row = 0
        return fault
      }
      rows.append(
        Row(
          fields: fields, raw: chunk.text.string(chunk.raws[row]),
          position: chunk.positions[row], faults: faults))
    }
  }
}

/// Reads `bytes` in pieces that end at `cuts`.
func read(
  _ bytes: [UInt8], _ dialect: CSVDialect = CSVDialect(), path: CSVReader.Path = .indexed,
  cuts: some Sequence<Int> = [Int]()
) -> Reading {
  var reading = Reading()
  var reader = CSVReader(dialect, path: path)
  var start = 0
  for cut in cuts where cut >= start && cut < bytes.count {
    reader.feed(Array(bytes[start..<cut]).span, isLast: false) { reading.add($0) }
    start = cut
  }
  reader.feed(Array(bytes[start...]).span, isLast: true) { reading.add($0) }
  reading.header = reader.headerRows
  reading.headerFaults = reader.headerFaults
  reading.blankLines = reader.blankLineCount
  reading.footers = reader.footerCount
  reading.delimiter = reader.delimiter
  reading.columnCount = reader.columnCount
  return reading
}

func read(_ text: String, _ dialect: CSVDialect = CSVDialect()) -> Reading {
  read(Array(text.utf8), dialect)
}

/// Reads `bytes` every way there is: both paths, whole, byte by byte, cut at every place; all must
/// agree.
///
/// - Returns: The one reading.
@discardableResult
func readEveryWay(
  _ bytes: [UInt8], _ dialect: CSVDialect = CSVDialect(),
  sourceLocation: SourceLocation = #_sourceLocation
) -> Reading {
  let plain = read(bytes, dialect, path: .plain)
  for path in CSVReader.Path.allCases {
    let whole = read(bytes, dialect, path: path)
    #expect(whole == plain, "whole, \(path)", sourceLocation: sourceLocation)
    let single = read(bytes, dialect, path: path, cuts: bytes.indices)
    #expect(single == plain, "byte by byte, \(path)", sourceLocation: sourceLocation)
    for cut in bytes.indices {
      let split = read(bytes, dialect, path: path, cuts: [cut])
      if split != plain {
        #expect(split == plain, "cut at \(cut), \(path)", sourceLocation: sourceLocation)
        return plain
      }
    }
  }
  return plain
}

@discardableResult
func readEveryWay(
  _ text: String, _ dialect: CSVDialect = CSVDialect(),
  sourceLocation: SourceLocation = #_sourceLocation
) -> Reading {
  readEveryWay(Array(text.utf8), dialect, sourceLocation: sourceLocation)
}
