import CSVParsing
import Catalog
import Pipeline
import Records
import Standardization
import Warehouse

/// A return of lines of fields: the header and every returned record as received, with the columns of a
/// return behind.
///
/// Formulas are neutralized (design.md §6). These columns may stay in the file when it is delivered
/// again: readers pass over them.
struct CSVReturnForm: ReturnForm {
  let head: [UInt8]
  /// Names of the columns as the delivery has them.
  let columns: [String]
  private let own: OwnColumns
  /// That of the returned records, which a `sep=` line may have named.
  let delimiter: UInt8
  private let written: UInt8
  /// A record is several lines.
  let isGathered: Bool

  init(
    _ original: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, _ limits: ReadingLimits
  ) throws {
    isGathered = mapping.rowsPer != nil
    let (header, delimiter) = try Self.head(original, inspection, adapter, limits)
    columns = header.first ?? []
    let own = OwnColumns(header: header)
    var writer = CSVWriter(delimiter: adapter.delimiter, lineEnding: .crlf)
    for (index, row) in header.enumerated() {
      writer.write(own.of(row) + (index == 0 ? returnColumns : returnColumns.map { _ in "" }))
    }
    head = writer.output
    self.own = own
    self.delimiter = delimiter
    written = adapter.delimiter
  }

  func append(_ record: ReturnedRecord, isFirst: Bool, to text: inout [UInt8]) {
    var writer = CSVWriter(delimiter: written, lineEnding: .crlf)
    let remarks = record.remarks.map(\.text)
    let rows = Self.rows(of: record.record.raw, delimiter)
    for row in isGathered ? rows : Array(rows.prefix(1)) { writer.write(fields(row, remarks)) }
    text += writer.output
  }

  func tail(count: Int) -> [UInt8] { [] }

  /// The columns that the sender's own form has.
  private struct OwnColumns: Sendable {
    let columnCount: Int
    /// Columns that a correction has from the last time.
    private let isOld: [Bool]

    init(header: [[String]]) {
      columnCount = header.first?.count ?? 0
      isOld = header.first?.map { returnColumns.contains($0) } ?? []
    }

    func of(_ row: [String]) -> [String] {
      guard isOld.contains(true) else { return row }
      return row.enumerated().filter { $0.offset >= isOld.count || !isOld[$0.offset] }
        .map(\.element)
    }
  }

  private func fields(_ row: [String], _ remarks: [String]) -> [String] {
    var fields = row
    // A malformed record keeps its fields in front, and the reasons stand below their headers; what
    // it has too many comes behind, so that it is too many again if nobody corrects it.
    while fields.count < own.columnCount { fields.append("") }
    let surplus = own.columnCount > 0 ? Array(fields[own.columnCount...]) : []
    fields.removeLast(surplus.count)
    return own.of(fields) + remarks + surplus
  }

  private struct Stop: Error {}

  /// The header rows of a delivery, and the delimiter that it uses: a `sep=` line may name another than
  /// the adapter.
  private static func head(
    _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter, _ limits: ReadingLimits
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

  /// The lines of a record as received, in fields; a record whose quotes do not fit cannot be taken
  /// apart and is one field. Characters that must not be there are no reason to keep the fields
  /// together.
  static func rows(of raw: String, _ delimiter: UInt8) -> [[String]] {
    // It is what was kept of a record, so that no limit concerns it; one row of room will do.
    let dialect = CSVDialect(
      delimiter: delimiter, headerRows: 0, maximumRecordBytes: max(1, raw.utf8.count),
      maximumFields: raw.utf8.count + 1, chunkRecords: 1)
    var parser = CSVReader(dialect, path: .plain)
    var rows: [[String]] = []
    var isWhole = true
    parser.feed(Array(raw.utf8).span, isLast: true) { chunk in
      isWhole =
        chunk.faults.allSatisfy {
          rows.isEmpty
            ? $0.kind == .undecodableBytes || $0.kind == .controlCharacter
            : $0.kind != .unclosedQuote && $0.kind != .strayQuote
        } && isWhole
      for row in 0..<chunk.recordCount {
        rows.append((0..<chunk.columnCount).map { chunk.text.string(chunk.field(row, $0)) })
      }
    }
    // A line of a separator in the middle of a file is read as nothing at its beginning.
    return isWhole && !rows.isEmpty ? rows : [[raw]]
  }
}
