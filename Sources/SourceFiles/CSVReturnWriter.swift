import CSVParsing
package import Catalog
import Glibc
package import Pipeline
import Records
import Standardization
import Warehouse

/// Writes return packages of CSV deliveries: the header and every returned record as received, in the
/// encoding received, with the columns of a return behind.
///
/// Formulas are neutralized (design.md §6). These columns may stay in the file when it is delivered
/// again: readers pass over them.
package struct CSVReturnWriter: ReturnWriter {
  private let limits: ReadingLimits

  package init(limits: ReadingLimits = ReadingLimits()) { self.limits = limits }

  private struct Stop: Error {}

  package func write(
    to path: String, original: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    records: ((ReturnedRecord) throws -> Void) throws -> Void
  ) throws -> Int {
    let (header, delimiter) = try head(original, inspection, adapter)
    let form = Form(header: header, delimiter: delimiter)
    let temporary = path + ".writing"
    let output = try EncodedFile(temporary, encoding: inspection.encoding)
    var writer = CSVWriter(delimiter: adapter.delimiter, lineEnding: .crlf)
    for (index, row) in header.enumerated() {
      writer.write(form.own(row) + (index == 0 ? returnColumns : returnColumns.map { _ in "" }))
    }
    try output.append(output.encoded(writer.output))
    let line = OrderedWork(
      slots: (0..<OrderedWork<Part>.coreCount + 2).map { _ in Part() },
      work: { part in
        var writer = CSVWriter(delimiter: adapter.delimiter, lineEnding: .crlf)
        for record in part.records { writer.write(form.fields(record)) }
        part.output = output.encoded(writer.output)
      },
      settle: { part in
        try output.append(part.output)
        part.records.removeAll()
      })
    var count = 0
    var pending: [ReturnedRecord] = []
    var byteCount = 0
    do {
      try records { record in
        count += 1
        byteCount += record.record.raw.utf8.count
        pending.append(record)
        guard pending.count >= Part.records || byteCount >= Part.bytes else { return }
        try line.submit { swap(&$0.records, &pending) }
        byteCount = 0
      }
      try line.submit { swap(&$0.records, &pending) }
    } catch {
      // Nothing may still be at work when the file is gone.
      try? line.finish()
      throw error
    }
    try line.finish()
    try output.finish()
    try PosixFile.rename(temporary, to: path)
    return count
  }

  /// Some records on their way into the file.
  private final class Part {
    /// Enough that handing them on does not count, few enough that memory is small.
    static let records = 256
    static let bytes = 1 << 20

    var records: [ReturnedRecord] = []
    var output: [UInt8] = []
  }

  /// What every record of a return file has in common.
  private struct Form: Sendable {
    let delimiter: UInt8
    private let columnCount: Int
    /// Columns that a correction has from the last time.
    private let isOld: [Bool]

    init(header: [[String]], delimiter: UInt8) {
      self.delimiter = delimiter
      columnCount = header.first?.count ?? 0
      isOld = header.first?.map { returnColumns.contains($0) } ?? []
    }

    func own(_ row: [String]) -> [String] {
      guard isOld.contains(true) else { return row }
      return row.enumerated().filter { $0.offset >= isOld.count || !isOld[$0.offset] }
        .map(\.element)
    }

    func fields(_ record: ReturnedRecord) -> [String] {
      var fields = CSVReturnWriter.fields(of: record.record.raw, delimiter)
      // A malformed record keeps its fields in front, and the reasons stand below their headers; what
      // it has too many comes behind, so that it is too many again if nobody corrects it.
      while fields.count < columnCount { fields.append("") }
      let surplus = columnCount > 0 ? Array(fields[columnCount...]) : []
      fields.removeLast(surplus.count)
      fields = own(fields)
      fields += [
        record.codes.joined(separator: ";"), CSVReturnWriter.joined(record.explanations),
        CSVReturnWriter.joined(record.hints), String(record.record.attempt),
        record.record.recordKey,
      ]
      return fields + surplus
    }
  }

  /// The header rows of a delivery, and the delimiter that it uses: a `sep=` line may name another than
  /// the adapter.
  private func head(
    _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter
  ) throws -> (rows: [[String]], delimiter: UInt8) {
    var rows: [[String]] = []
    var parser = CSVReader(
      CSVDialect(
        delimiter: adapter.delimiter, headerRows: adapter.headerRows,
        maximumRecordBytes: limits.recordBytes, maximumFields: limits.fields))
    var source = try ByteSource(path: path, limits: limits.decompression)
    var decoder = TextDecoder(SourceEncoding(rawValue: inspection.encoding) ?? .utf8)
    do {
      try source.decodedBlocks(&decoder) { text, block in
        try parser.feed(text, isLast: block.isLast) { header in
          rows = header
          throw Stop()
        } onChunk: { _ in
          throw Stop()
        }
      }
    } catch is Stop {}
    return (rows, parser.delimiter)
  }

  /// One sentence per finding, each hint once; one full stop at the end, if the last has one.
  static func joined(_ texts: [String]) -> String {
    var seen: Set<String> = []
    var parts = texts.filter { !$0.isEmpty && seen.insert($0).inserted }
    for index in parts.indices.dropLast() {
      while let last = parts[index].last, "。;;. ".contains(last) { parts[index].removeLast() }
    }
    return parts.joined(separator: ";")
  }

  /// The fields of a record as received; one whose quotes do not fit cannot be taken apart and is one
  /// field. Characters that must not be there are no reason to keep the fields together.
  static func fields(of raw: String, _ delimiter: UInt8) -> [String] {
    // It is what was kept of a record, so that no limit concerns it; one row of room will do.
    let dialect = CSVDialect(
      delimiter: delimiter, headerRows: 0, maximumRecordBytes: max(1, raw.utf8.count),
      maximumFields: raw.utf8.count + 1, chunkRecords: 1)
    var parser = CSVReader(dialect, path: .plain)
    var fields: [String] = []
    parser.feed(Array(raw.utf8).span, isLast: true) { chunk in
      guard fields.isEmpty, chunk.recordCount > 0 else { return }
      let isWhole = chunk.faults.allSatisfy {
        $0.kind == .undecodableBytes || $0.kind == .controlCharacter
      }
      guard isWhole else {
        fields = [raw]
        return
      }
      fields = (0..<chunk.columnCount).map { chunk.text.string(chunk.field(0, $0)) }
    }
    return fields
  }
}

/// A file that takes UTF-8 and writes it in another encoding.
///
/// Unchecked: texts are encoded on several threads by what never changes, and appended by one.
final class EncodedFile: @unchecked Sendable {
  private let file: PosixFile
  private let encoding: SourceEncoding
  private let encoder = GB18030Encoder()

  init(_ path: String, encoding: String) throws {
    self.encoding = SourceEncoding(rawValue: encoding) ?? .utf8
    file = try PosixFile(path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
    switch self.encoding {
    case .utf8, .gb18030: break
    case .utf8BOM: try file.write([0xEF, 0xBB, 0xBF])
    case .utf16LE: try file.write([0xFF, 0xFE])
    case .utf16BE: try file.write([0xFE, 0xFF])
    }
  }

  /// - Parameter text: Whole characters.
  func encoded(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    switch encoding {
    case .utf8, .utf8BOM: return text
    case .gb18030: encoder.encode(text.span, to: &bytes)
    case .utf16LE, .utf16BE:
      let isLittle = encoding == .utf16LE
      bytes.reserveCapacity(text.count * 2)
      for unit in String(decoding: text, as: UTF8.self).utf16 {
        let low = UInt8(unit & 0xFF)
        let high = UInt8(unit >> 8)
        bytes.append(isLittle ? low : high)
        bytes.append(isLittle ? high : low)
      }
    }
    return bytes
  }

  func append(_ bytes: [UInt8]) throws { try file.write(bytes) }

  func finish() throws { try file.synchronize() }
}
