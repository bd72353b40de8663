import CSVParsing
package import Catalog
import Crypto
import JSONParsing
package import Pipeline
package import Records
import XMLParsing

/// Reads deliveries from files: opens, decompresses, decodes and drives the parser of their format.
package struct FileDeliveryReader: DeliveryReader {
  var limits: ReadingLimits
  /// Bytes that are passed over; see ``ByteSource``.
  var gap: Range<Int>?

  package init(limits: ReadingLimits = ReadingLimits()) { self.limits = limits }

  package func inspect(_ path: String, _ adapter: SourceAdapter) throws -> FileInspection {
    do {
      let survey = try FileSurvey.of(
        path: path, adapterHint: SourceEncoding(rawValue: adapter.encoding),
        limits: limits.decompression)
      return FileInspection(
        content: survey.identity.fingerprint, length: Int64(survey.identity.length),
        encoding: survey.encoding.encoding.rawValue,
        badByteCount: survey.encoding.damage.badByteCount,
        mojibakeShare: survey.encoding.mojibake.share,
        mojibakeCount: survey.encoding.mojibake.suspiciousCharacters)
    } catch {
      guard ![.cannotOpen, .cannotRead, .device].contains(error.code) else {
        throw Self.failure(error)
      }
      // A broken container is the delivery's fault, not ours: it is identified by its bytes and held.
      do {
        let identity = try FileIdentity.of(path: path)
        return FileInspection(
          content: identity.fingerprint, length: Int64(identity.length), encoding: "",
          problem: "\(error)")
      } catch {
        throw Self.failure(error)
      }
    }
  }

  /// A failing disk ends the night: nothing that it says of a delivery is true of the delivery.
  private static func failure(_ error: SourceFileError) -> PipelineError {
    PipelineError(error.code == .device ? .environment : .unreadable, "\(error)")
  }

  package func sha256(_ path: String) throws -> String {
    do {
      return try Self.sha256(of: path)
    } catch {
      throw Self.failure(error)
    }
  }

  private static func sha256(of path: String) throws(SourceFileError) -> String {
    var hash = SHA256()
    let file = try RawFile(path)
    var offset = 0
    while true {
      let block = try file.read(at: offset, count: 1 << 20)
      guard !block.isEmpty else { break }
      hash.update(data: block)
      offset += block.count
    }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  package func read(
    _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, exactPositions: Bool, onHeader: ([[String]]) throws -> Void,
    onChunk: (inout RecordChunk) throws -> Void
  ) throws -> ReadSummary {
    do {
      return try readRecords(
        path, inspection, adapter, mapping, exactPositions, onHeader, onChunk)
    } catch let error as SourceFileError where error.code == .device {
      throw Self.failure(error)
    }
  }

  private func readRecords(
    _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, _ exactPositions: Bool, _ onHeader: ([[String]]) throws -> Void,
    _ onChunk: (inout RecordChunk) throws -> Void
  ) throws -> ReadSummary {
    let encoding = SourceEncoding(rawValue: inspection.encoding) ?? .utf8
    guard adapter.format.isTree else {
      return try readTable(path, encoding, adapter, mapping, exactPositions, onHeader, onChunk)
    }
    let names = mapping.columns.map(\.column)
    try onHeader([names])
    let shape = RecordShape(adapter, mapping)
    let delivery = TreeDelivery(
      path: path, encoding: encoding, limits: limits, isExact: exactPositions,
      earlier: TreeDelivery.EarlierPaths(mapping.columns), gap: gap)
    switch adapter.format {
    case .json, .ndjson:
      var reader = JSONReader(
        shape, limits: DocumentLimits(limits), isLines: adapter.format == .ndjson)
      return try delivery.read(&reader, onChunk)
    case .xml, .csv:
      var reader = XMLReader(shape, limits: DocumentLimits(limits))
      return try delivery.read(&reader, onChunk)
    }
  }

  private func readTable(
    _ path: String, _ encoding: SourceEncoding, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, _ exactPositions: Bool, _ onHeader: ([[String]]) throws -> Void,
    _ onChunk: (inout RecordChunk) throws -> Void
  ) throws -> ReadSummary {
    let dialect = CSVDialect(
      delimiter: adapter.delimiter, headerRows: adapter.headerRows,
      maximumRecordBytes: limits.recordBytes, maximumFields: limits.fields,
      chunkRecords: limits.chunkRecords, chunkBytes: limits.chunkBytes,
      footerPrefixes: adapter.footers)
    var parser = CSVReader(dialect)
    var source = try ByteSource(path: path, limits: limits.decompression, skipping: gap)
    var decoder = TextDecoder(encoding)
    var positions = OriginalPositions(encoding: encoding)
    var summary = ReadSummary()
    let child = mapping.children.first { $0.name == mapping.rowsPer }
    var header: [String] = []
    var gathered: GatheredRows?
    func handOn(_ chunk: inout RecordChunk) throws {
      summary.recordCount += chunk.recordCount
      try onChunk(&chunk)
    }
    try source.decodedBlocks(&decoder) { text, block in
      positions.take(text, block)
      try parser.feed(text, isLast: block.isLast) { (rows: [[String]]) throws in
        header = rows.first ?? []
        try onHeader(rows)
      } onChunk: { (chunk: inout RecordChunk) throws in
        if exactPositions { positions.makeExact(&chunk, isShort: block.hasShortCharactersOnly) }
        guard let child else { return try handOn(&chunk) }
        var lines =
          gathered.take()
          ?? GatheredRows(header, mapping, child, form: chunk, recordBytes: limits.recordBytes)
        try lines.take(chunk, handOn)
        gathered = lines
      }
    }
    try gathered?.finish(handOn)
    summary.content = try source.content(of: path, isExact: exactPositions)
    summary.isTruncated = parser.isTruncated
    summary.footerCount = parser.footerCount
    summary.blankLineCount = parser.blankLineCount
    summary.delimiter = parser.delimiter
    return summary
  }
}

/// Turns offsets in decoded text into offsets of the original file, record by record (semantics.md §14).
///
/// Between two records stand only ASCII characters (separators, quotes, line ends), all of one length; headers
/// and records are measured. Behind a record over the size limit, whose end is not kept, offsets are too large by
/// what its Chinese characters take less.
struct OriginalPositions {
  let encoding: SourceEncoding
  /// Beginning of the text, where the header is.
  private var head: [UInt8] = []
  /// End of the last record in the decoded text, and in the original.
  private var decodedEnd = 0
  private var originalEnd = 0
  private var hasBegun = false
  private var replacements = Replacements()

  /// Longer headers are measured as ASCII.
  private static let maximumHead = 256 * 1024

  init(encoding: SourceEncoding) { self.encoding = encoding }

  /// - Parameter text: The next block.
  mutating func take(_ text: Span<UInt8>, _ block: BlockPosition) {
    replacements.take(block)
    guard !encoding.isUTF8, block.decodedOffset == 0, head.isEmpty else { return }
    head = text.extracting(0..<min(text.count, Self.maximumHead)).copied()
  }

  /// - Parameter isShort: The decoder, which is ahead of the chunks, has met no character of four
  ///   bytes and no damage.
  mutating func makeExact(_ chunk: inout RecordChunk, isShort: Bool) {
    replacements.makeExact(&chunk)
    guard !encoding.isUTF8 else { return }
    for row in 0..<chunk.recordCount {
      let decoded = chunk.positions[row].byteOffset
      if !hasBegun { skipHead(decoded) }
      let start = originalEnd + (decoded - decodedEnd) * encoding.lengthOfASCII
      let raw = chunk.raws[row]
      chunk.positions[row].byteOffset = start
      decodedEnd = decoded + raw.length
      originalEnd =
        start
        + chunk.text.withText(raw) { text in
          isShort && encoding == .gb18030
            ? GB18030Decoder.originalLength(ofShortCharacters: text)
            : encoding.originalLength(ofDecoded: text)
        }
    }
  }

  private mutating func skipHead(_ decoded: Int) {
    hasBegun = true
    let length = min(decoded, head.count)
    decodedEnd = length
    originalEnd = encoding.originalLength(ofDecoded: head.span.extracting(0..<length))
    head = []
  }
}

/// Characters that stand for one undecodable byte of a UTF-8 file, and that no record has been behind of yet.
///
/// Each takes two bytes more in the decoded text than in the original. Records ascend.
struct Replacements {
  /// Offsets in the decoded text.
  private var offsets: [Int] = []
  private var passed = 0
  /// Bytes by which offsets in the decoded text are larger than those of the original.
  private var shift = 0

  /// A record has 16 MiB at most; what has more of them than this is no text, and places in it stay inexact.
  private static let most = 1 << 20

  mutating func take(_ block: BlockPosition) {
    guard !block.replaced.isEmpty else { return }
    offsets.removeFirst(passed)
    passed = 0
    offsets += block.replaced.prefix(Self.most - offsets.count).map { block.decodedOffset + $0 }
  }

  mutating func makeExact(_ chunk: inout RecordChunk) {
    guard shift > 0 || !offsets.isEmpty else { return }
    for row in 0..<chunk.recordCount {
      while passed < offsets.count, offsets[passed] < chunk.positions[row].byteOffset {
        passed += 1
        shift += 2
      }
      chunk.positions[row].byteOffset -= shift
    }
  }
}
