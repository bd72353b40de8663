import Records

@testable import XMLParsing

/// Any bytes: what is read without libxml2 comes out as libxml2 has it, and the records do not depend
/// on how the text is cut.
enum XMLFuzzing {
  private static let columns = ["T", "A/T", "A[]", "B[2]", "@k", "T/@k", "N/A/B", ".", "T/@d"]
  private static let shapes = [
    RecordShape("R/U[]", columns, children: [("A[]", [".", "@k"]), ("C[]/T[]", ["."])]),
    RecordShape("R/U[]/C[]", columns + ["../@k", "../T"]),
    RecordShape("R/U[]", ["T", "C/T"], total: "R/@count"),
    RecordShape("R", columns),
  ]

  private struct Reading {
    var records = Transcript()
    var fault: DocumentFault?
    var rest = Transcript()
  }

  static func run(_ input: FuzzInput) {
    let shape = shapes[Int(input.options & 3)]
    var limits = DocumentLimits()
    limits.chunkRecords = input.has(2) ? 64 : 2
    if input.has(3) { limits.recordBytes = 100 }
    if input.has(4) { limits.fields = 6 }
    if input.has(5) { limits.nesting = 4 }
    let piece = input.has(6) ? 7 : XMLReader.pieceBytes
    // The product decodes before it parses; what libxml2 says of other bytes depends on its buffers.
    let isText = String(validating: input.bytes, as: UTF8.self) != nil
    let library = read(
      input.bytes, shape, limits, piece, cut: isText ? nil : input.cut, isLibXML2Only: true)
    let whole = read(input.bytes, shape, limits, piece, cut: input.cut)
    expect(whole.records, is: library.records, "records as libxml2 has them, cut at \(input.cut)")
    // What libxml2 says of a broken document type, or of long text in small pieces, depends on how
    // much came at once.
    let isFaultSure = isText && !input.has(6) && !input.bytes.contains("<!DOCTYPE".utf8)
    expect(
      isFaultSure ? whole.fault == library.fault : (whole.fault == nil) == (library.fault == nil),
      "\(whole.fault as Any), not \(library.fault as Any)")
    expect(whole.rest, is: library.rest, "frame and census as with libxml2")
    guard isText else { return }
    guard input.has(7) else { return }
    // A parser that gets other pieces may say otherwise what is wrong, but not find other records.
    let small = read(input.bytes, shape, limits, 1 + input.cut, cut: nil)
    expect((small.fault == nil) == (whole.fault == nil), "fault in pieces of \(1 + input.cut)")
    guard whole.fault == nil else { return }
    expect(small.records, is: whole.records, "records in pieces of \(1 + input.cut)")
  }

  private static func read(
    _ bytes: [UInt8], _ shape: RecordShape, _ limits: DocumentLimits, _ piece: Int, cut: Int?,
    isLibXML2Only: Bool = false
  ) -> Reading {
    var reader = XMLReader(shape, limits: limits, pieceBytes: piece)
    if isLibXML2Only { reader.input.source.useLibXML2Only() }
    var reading = Reading()
    var positions = PositionCheck(length: bytes.count)
    func take(_ chunk: inout RecordChunk) {
      positions.check(chunk)
      reading.records.add(chunk)
    }
    if let cut {
      reader.feed(bytes.span.extracting(0..<cut), isLast: false, onChunk: take)
      reader.feed(bytes.span.extracting(cut..<bytes.count), isLast: true, onChunk: take)
    } else {
      reader.feed(bytes.span, isLast: true, onChunk: take)
    }
    reading.fault = reader.fault
    let census = reader.census
    reading.rest.add("\(reader.frame.openTags) \(reader.frame.closeTags)")
    reading.rest.add("\(census.hasColumn) \(census.unknown.sorted()) \(census.unitCount)")
    reading.rest.add("\(census.total ?? -1) \(census.unreadableTotal ?? "") \(census.hasUnits)")
    return reading
  }
}
