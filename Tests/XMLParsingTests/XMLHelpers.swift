import Foundation
import Records
import Testing

@testable import XMLParsing

/// A record as it came out of a reader.
struct ReadRecord: Equatable, CustomStringConvertible {
  var fields: [String?]
  var raw: String
  var position: SourcePosition
  var faults: [RecordFault]
  /// By kind, then row.
  var children: [[[String?]]]

  var description: String { "\(fields) \(children) \(faults) \(position) «\(raw)»" }
}

/// Everything that a reader said about a document.
struct ReadDocument: Equatable {
  var records: [ReadRecord] = []
  /// Records of each chunk.
  var chunks: [Int] = []
  var fault: DocumentFault?
  var census = ShapeCensus(columnCount: 0)
  var frame = XMLFrame()

  var values: [[String?]] { records.map(\.fields) }
}

extension RecordShape {
  /// - Parameter paths: Column paths. Traps if one is no path.
  init(
    _ records: String, _ paths: [String], children: [(String, [String])] = [],
    total: String? = nil, ignored: Set<String> = [], namespaces: [String: String] = [:]
  ) {
    func path(_ text: String) -> FieldPath {
      guard let path = FieldPath(text) else { preconditionFailure("path \(text)") }
      return path
    }
    self.init(
      records: path(records), columns: paths.map(path),
      children: children.map { ChildShape(path: path($0.0), columns: $0.1.map(path)) },
      total: total.map(path), ignored: ignored, namespaces: namespaces)
  }
}

/// Reads `bytes`, cut at `cuts` for the reader and every `pieceBytes` for the parser.
func read(
  _ bytes: [UInt8], _ shape: RecordShape, limits: DocumentLimits = DocumentLimits(),
  cuts: [Int] = [], pieceBytes: Int = XMLReader.pieceBytes, isLibXML2Only: Bool = false
) -> ReadDocument {
  var reader = XMLReader(shape, limits: limits, pieceBytes: pieceBytes)
  if isLibXML2Only { reader.input.source.useLibXML2Only() }
  var document = ReadDocument()
  let borders = [0] + cuts.sorted() + [bytes.count]
  for (index, start) in borders.dropLast().enumerated() {
    reader.feed(
      bytes.span.extracting(start..<borders[index + 1]), isLast: index == borders.count - 2
    ) { (chunk: inout RecordChunk) in
      document.chunks.append(chunk.recordCount)
      document.records += records(of: chunk)
    }
  }
  document.fault = reader.fault
  document.census = reader.census
  document.frame = reader.frame
  return document
}

func read(
  _ text: String, _ shape: RecordShape, limits: DocumentLimits = DocumentLimits(),
  cuts: [Int] = [], pieceBytes: Int = XMLReader.pieceBytes
) -> ReadDocument {
  read(Array(text.utf8), shape, limits: limits, cuts: cuts, pieceBytes: pieceBytes)
}

private func records(of chunk: RecordChunk) -> [ReadRecord] {
  (0..<chunk.recordCount).map { row in
    ReadRecord(
      fields: (0..<chunk.columnCount).map { text(chunk.field(row, $0), chunk) },
      raw: chunk.text.string(chunk.raws[row]), position: chunk.positions[row],
      faults: chunk.faults.filter { $0.row == row }.map { fault in
        var fault = fault
        fault.row = 0
        return fault
      },
      children: chunk.children.map { rows in
        (0..<rows.count).filter { rows.owners[$0] == Int32(row) }.map { child in
          (0..<rows.columnCount).map { text(rows.field(child, $0), chunk) }
        }
      })
  }
}

private func text(_ ref: TextRef, _ chunk: RecordChunk) -> String? {
  ref.isAbsent ? nil : chunk.text.string(ref)
}

/// Where a text begins in another, in bytes.
func offset(of part: String, in text: String) -> Int {
  guard let range = text.range(of: part) else { return -1 }
  return text.utf8.distance(from: text.utf8.startIndex, to: range.lowerBound)
}

/// Python's expat, which shares no code with libxml2.
enum Witness {
  static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Runs a script with `input` as JSON on its standard input; its output is JSON too.
  static func run<Input: Encodable, Output: Decodable>(
    _ script: String, _ input: Input, as: Output.Type
  ) throws -> Output {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appending(path: "in.json")
    let result = folder.appending(path: "out.json")
    try JSONEncoder().encode(input).write(to: source)
    let process = Process()
    process.executableURL = URL(filePath: try #require(python))
    process.arguments = ["-c", script, source.path, result.path]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try JSONDecoder().decode(Output.self, from: Data(contentsOf: result))
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
