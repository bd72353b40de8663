import JSONParsing
import Records

/// Any bytes as documents or lines, however they are cut: one reading, whose texts are UTF-8.
enum JSONFuzzing {
  private static let columns = ["id", "name", "a/b", "list[]", "list[2]", "list[]/id", "."]
  private static let shapes = [
    RecordShape("[]", columns),
    RecordShape("data/visits[]", columns, children: [("list[]", ["id", "."])], total: "total"),
    RecordShape("[]/s[]/r[]", columns + ["../n", "../../k"]),
    RecordShape("", columns),
  ]

  static func run(_ input: FuzzInput) {
    let shape = shapes[Int(input.options & 3)]
    let isLines = input.has(2)
    var limits = DocumentLimits()
    limits.chunkRecords = input.has(3) ? 64 : 2
    if input.has(4) { limits.recordBytes = 40 }
    if input.has(5) { limits.fields = 6 }
    if input.has(6) { limits.nesting = 5 }
    if input.has(7) { limits.chunkBytes = 32 }
    if input.isOdd {
      let whole = outline(input.bytes, limits, isLines, cut: nil)
      let cut = outline(input.bytes, limits, isLines, cut: input.cut)
      expect(cut, is: whole, "outline cut at \(input.cut)")
    } else {
      let whole = read(input.bytes, shape, limits, isLines, cut: nil)
      let cut = read(input.bytes, shape, limits, isLines, cut: input.cut)
      expect(cut, is: whole, "cut at \(input.cut)")
    }
  }

  private static func read(
    _ bytes: [UInt8], _ shape: RecordShape, _ limits: DocumentLimits, _ isLines: Bool, cut: Int?
  ) -> Transcript {
    var reader = JSONReader(shape, limits: limits, isLines: isLines)
    var transcript = Transcript()
    var positions = PositionCheck(length: bytes.count)
    // Offsets inside of a unit count its text, in which U+FFFD stands for what is not UTF-8; the
    // product decodes before it parses.
    let isText = String(validating: bytes, as: UTF8.self) != nil
    func take(_ chunk: inout RecordChunk) {
      if isText { positions.check(chunk) }
      checkText(chunk)
      transcript.add(chunk)
    }
    if let cut {
      reader.feed(bytes.span.extracting(0..<cut), isLast: false, onChunk: take)
      reader.feed(bytes.span.extracting(cut..<bytes.count), isLast: true, onChunk: take)
    } else {
      reader.feed(bytes.span, isLast: true, onChunk: take)
    }
    let census = reader.census
    transcript.add(reader.fault?.description ?? "whole")
    transcript.add("\(census.hasColumn) \(census.unknown.sorted()) \(census.unitCount)")
    transcript.add("\(census.total ?? -1) \(census.unreadableTotal ?? "") \(census.hasUnits)")
    expect(transcript.recordCount <= reader.recordCount, "no more records than were counted")
    return transcript
  }

  private static func checkText(_ chunk: RecordChunk) {
    for row in 0..<chunk.recordCount {
      for ref in (0..<chunk.columnCount).map({ chunk.field(row, $0) }) + [chunk.raws[row]]
      where !ref.isAbsent {
        expect(
          String(validating: chunk.text[ref.range], as: UTF8.self) != nil, "a field is UTF-8")
      }
    }
  }

  private static func outline(
    _ bytes: [UInt8], _ limits: DocumentLimits, _ isLines: Bool, cut: Int?
  ) -> Transcript {
    var outline = JSONOutline(limits: limits, isLines: isLines)
    var transcript = Transcript()
    let borders = [0, cut ?? 0, bytes.count]
    for (start, end) in zip(borders, borders.dropFirst()) where start < end || end == bytes.count {
      outline.feed(bytes.span.extracting(start..<end), isLast: end == bytes.count) {
        transcript.add("\($0) \($1.rawValue) \($2)")
      }
      if end == bytes.count { break }
    }
    transcript.add(outline.fault?.description ?? "whole")
    return transcript
  }
}

extension RecordShape {
  /// Traps if one of the texts is no path.
  init(
    _ records: String, _ columns: [String], children: [(String, [String])] = [],
    total: String? = nil
  ) {
    func path(_ text: String) -> FieldPath {
      guard let path = FieldPath(text) else { preconditionFailure("path \(text)") }
      return path
    }
    self.init(
      records: path(records), columns: columns.map(path),
      children: children.map { ChildShape(path: path($0.0), columns: $0.1.map(path)) },
      total: total.map(path))
  }
}
