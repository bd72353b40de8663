package import Catalog
package import Pipeline
import Records
import Standardization
import Warehouse

/// Writes return packages in the format and encoding in which the records came.
package struct FileReturnWriter: ReturnWriter {
  private let limits: ReadingLimits

  package init(limits: ReadingLimits = ReadingLimits()) { self.limits = limits }

  package func write(
    to path: String, original: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, records: ((ReturnedRecord) throws -> Void) throws -> Void
  ) throws -> Int {
    let temporary = path + ".writing"
    let output = try EncodedFile(temporary, encoding: inspection.encoding)
    let count: Int
    switch adapter.format {
    case .csv:
      let form = try CSVReturnForm(original, inspection, adapter, mapping, limits)
      count = try ReturnFile(output: output, form: form).write(records)
    case .json, .ndjson:
      count = try ReturnFile(output: output, form: JSONReturnForm(adapter, mapping)).write(records)
    case .xml:
      let form = try XMLReturnForm(original, inspection, adapter, mapping, limits)
      count = try ReturnFile(output: output, form: form).write(records)
    }
    try output.finish()
    try PosixFile.rename(temporary, to: path)
    return count
  }
}

extension FileReturnWriter: RecordEditing {
  package func editor(
    original: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping
  ) throws -> any RecordEditor {
    switch adapter.format {
    case .csv:
      let form = try CSVReturnForm(original, inspection, adapter, mapping, limits)
      return CSVRecordEditor(
        header: form.columns, delimiter: form.delimiter, isGathered: form.isGathered, mapping)
    case .json, .ndjson: return JSONRecordEditor(RecordPlaces(adapter, mapping))
    case .xml: return XMLRecordEditor(RecordPlaces(adapter, mapping))
    }
  }
}

/// How the records of a return stand in a file.
protocol ReturnForm: Sendable {
  /// What stands before the first record.
  var head: [UInt8] { get }
  /// Appends a record.
  ///
  /// - Parameter isFirst: No record stands before it.
  func append(_ record: ReturnedRecord, isFirst: Bool, to text: inout [UInt8])
  /// What stands behind the last record.
  func tail(count: Int) -> [UInt8]
}

/// Forms records on every core and writes them in their order.
struct ReturnFile<Form: ReturnForm> {
  let output: EncodedFile
  let form: Form

  /// - Returns: Records written.
  func write(_ records: ((ReturnedRecord) throws -> Void) throws -> Void) throws -> Int {
    try output.append(output.encoded(form.head))
    let line = OrderedWork(
      slots: (0..<OrderedWork<Part>.coreCount + 2).map { _ in Part() },
      work: { [form, output] part in
        var text: [UInt8] = []
        for (index, record) in part.records.enumerated() {
          form.append(record, isFirst: part.isFirst && index == 0, to: &text)
        }
        part.output = output.encoded(text)
      },
      settle: { [output] part in
        try output.append(part.output)
        part.records.removeAll()
      })
    var count = 0
    var pending: [ReturnedRecord] = []
    var byteCount = 0
    func submit() throws {
      let isFirst = count == pending.count
      try line.submit { part in
        swap(&part.records, &pending)
        part.isFirst = isFirst
      }
      byteCount = 0
    }
    do {
      try records { record in
        count += 1
        byteCount += record.record.raw.utf8.count
        pending.append(record)
        guard pending.count >= Part.records || byteCount >= Part.bytes else { return }
        try submit()
      }
      try submit()
    } catch {
      // Nothing may still be at work when the file is gone.
      try? line.finish()
      throw error
    }
    try line.finish()
    try output.append(output.encoded(form.tail(count: count)))
    return count
  }

  /// Some records on their way into the file.
  private final class Part {
    /// Enough that handing them on does not count, few enough that memory is small.
    static var records: Int { 256 }
    static var bytes: Int { 1 << 20 }

    var records: [ReturnedRecord] = []
    var isFirst = false
    var output: [UInt8] = []
  }
}

extension ReturnedRecord {
  /// What is said of a record, by the names of ``returnColumns``.
  var remarks: [(name: String, text: String)] {
    let texts = [
      codes.joined(separator: ";"), CSVReturnForm.joined(explanations),
      CSVReturnForm.joined(hints), String(record.attempt), record.recordKey,
    ]
    return Array(zip(returnColumns, texts)).map { (name: $0.0, text: $0.1) }
  }

  /// The text of the record cannot be taken apart, or is only its beginning.
  var isBroken: Bool {
    record.findings.contains { finding in
      finding.rule == "record.\(RecordFault.Kind.malformed.rawValue)"
        || finding.rule == "record.\(RecordFault.Kind.recordSize.rawValue)"
    }
  }
}
