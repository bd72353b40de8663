import JSONParsing
import Records
import Testing

/// Everything that a reading of a file gave, in plain values.
struct Reading: Equatable, CustomStringConvertible {
  struct Row: Equatable {
    /// nil is an absent field.
    var fields: [String?]
    var raw: String
    var position: SourcePosition
    var faults: [RecordFault]
    /// By kind of children, then by row.
    var children: [[[String?]]]
  }

  var rows: [Row] = []
  /// Number of records of each chunk.
  var chunks: [Int] = []
  var fault: DocumentFault?
  var census = ShapeCensus(columnCount: 0)
  var recordCount = 0

  var fields: [[String?]] { rows.map(\.fields) }
  var faults: [RecordFault.Kind] { rows.flatMap { $0.faults.map(\.kind) } }
  var faultyRows: [Int] { rows.indices.filter { !rows[$0].faults.isEmpty } }

  var description: String {
    let lines = rows.map {
      "  \($0.position) \($0.fields) \($0.faults) \($0.children) \($0.raw.prefix(200))"
    }
    return (["chunks \(chunks) fault \(fault?.description ?? "none") \(census)"] + lines)
      .joined(separator: "\n")
  }

  mutating func add(_ chunk: RecordChunk) {
    chunks.append(chunk.recordCount)
    func text(_ ref: TextRef) -> String? {
      guard !ref.isAbsent else { return nil }
      guard let text = String(validating: chunk.text[ref.range], as: UTF8.self) else {
        Issue.record("a field that is not UTF-8")
        return nil
      }
      return text
    }
    for row in 0..<chunk.recordCount {
      let children = chunk.children.map { list in
        (0..<list.count).filter { Int(list.owners[$0]) == row }.map { child in
          (0..<list.columnCount).map { text(list.field(child, $0)) }
        }
      }
      let faults = chunk.faults.filter { $0.row == row }.map { fault in
        var fault = fault
        fault.row = 0
        return fault
      }
      rows.append(
        Row(
          fields: (0..<chunk.columnCount).map { text(chunk.field(row, $0)) },
          raw: text(chunk.raws[row]) ?? "", position: chunk.positions[row], faults: faults,
          children: children))
    }
  }
}

func path(_ text: String) -> FieldPath {
  guard let path = FieldPath(text) else {
    Issue.record("\(text) is no path")
    return path("")
  }
  return path
}

func shape(
  _ records: String, _ columns: [String] = ["."], children: [(String, [String])] = [],
  total: String? = nil, ignored: Set<String> = []
) -> RecordShape {
  RecordShape(
    records: path(records), columns: columns.map(path),
    children: children.map { ChildShape(path: path($0.0), columns: $0.1.map(path)) },
    total: total.map(path), ignored: ignored)
}

/// Reads `bytes` in pieces that end at `cuts`.
func read(
  _ bytes: [UInt8], _ shape: RecordShape, isLines: Bool = false,
  limits: DocumentLimits = DocumentLimits(), cuts: some Sequence<Int> = [Int]()
) -> Reading {
  var reading = Reading()
  var reader = JSONReader(shape, limits: limits, isLines: isLines)
  var start = 0
  for cut in cuts {
    reader.feed(bytes.span.extracting(start..<cut), isLast: false) { reading.add($0) }
    start = cut
  }
  reader.feed(bytes.span.extracting(start..<bytes.count), isLast: true) { reading.add($0) }
  reading.fault = reader.fault
  reading.census = reader.census
  reading.recordCount = reader.recordCount
  return reading
}

func read(
  _ text: String, _ shape: RecordShape, isLines: Bool = false,
  limits: DocumentLimits = DocumentLimits(), cuts: some Sequence<Int> = [Int]()
) -> Reading {
  read(Array(text.utf8), shape, isLines: isLines, limits: limits, cuts: cuts)
}

struct OutlineLine: Equatable, CustomStringConvertible {
  var path: String
  var kind: JSONValueKind
  var text: String

  init(_ path: String, _ kind: JSONValueKind, _ text: String) {
    self.path = path
    self.kind = kind
    self.text = text
  }

  var description: String { "\(path) \(kind.rawValue) \(text)" }
}

func outline(
  _ bytes: [UInt8], isLines: Bool = false, limits: DocumentLimits = DocumentLimits(),
  cuts: some Sequence<Int> = [Int]()
) -> (lines: [OutlineLine], fault: DocumentFault?) {
  var lines: [OutlineLine] = []
  var outline = JSONOutline(limits: limits, isLines: isLines)
  var start = 0
  for cut in Array(cuts) + [bytes.count] {
    outline.feed(bytes.span.extracting(start..<cut), isLast: cut == bytes.count) {
      lines.append(OutlineLine($0, $1, $2))
    }
    start = cut
  }
  return (lines, outline.fault)
}

/// A small generator of numbers, so that a failing test can be run again by its seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }
}
