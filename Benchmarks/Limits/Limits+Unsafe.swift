import CSVParsing
import CSeparatorIndex
import Catalog
import Foundation
import PipelineDefinition
import Records
import SourceFiles
import Standardization
import Validation

/// Measures what the building blocks reach on a file, beside the whole run (Scripts/bench).
///
/// Usage: `limits FILE PIPELINES SYSTEM CATEGORY`. One line of JSON.
@main
struct Limits {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 5 else {
      FileHandle.standardError.write(Data("usage: limits FILE PIPELINES SYSTEM CATEGORY\n".utf8))
      exit(64)
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: arguments[1]), options: .alwaysMapped)
    let index = seconds { indexOnly(data) }
    let survey = try FileSurvey.of(path: arguments[1])
    var records = 0
    let parse = try seconds { records = try read(arguments[1], survey) { _ in } }
    let bench = try Bench(
      pipelines: arguments[2], system: arguments[3], category: arguments[4], arguments[1], survey)
    let kernels = try seconds { try bench.run() }
    let megabytes = Double(data.count) / 1e6
    print(
      "{\"records\":\(records),\"megabytes\":\(megabytes),\"indexSeconds\":\(index),"
        + "\"parseSeconds\":\(parse),\"kernelSeconds\":\(kernels),"
        + "\"columns\":\(bench.columnCount)}")
  }

  /// Median of three.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<3 {
      let start = DispatchTime.now().uptimeNanoseconds
      try body()
      times.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
    }
    return times.sorted()[1]
  }

  /// Separator positions of the whole file, 64 KiB at a time.
  static func indexOnly(_ data: Data) {
    let room = 65_536 + Int(QY_INDEX_SLACK)
    var separators = [UInt32](repeating: 0, count: room)
    var marks = separators
    var anomalies = separators
    unsafe data.withUnsafeBytes { bytes in
      guard let base = unsafe bytes.bindMemory(to: UInt8.self).baseAddress else { return }
      var state = qy_index_start(44, 34)
      var offset = 0
      while offset < bytes.count {
        let count = min(65_536, bytes.count - offset)
        _ = unsafe qy_csv_index(
          base + offset, count, 0, &state, &separators, &marks, &anomalies)
        offset += count
      }
    }
  }

  /// File to chunks: decompress, decode, take apart.
  static func read(
    _ path: String, _ survey: FileSurvey, onHeader: ([[String]]) -> Void = { _ in },
    _ body: (inout RecordChunk) throws -> Void
  ) throws -> Int {
    var source = try ByteSource(path: path)
    var decoder = TextDecoder(survey.encoding.encoding)
    var parser = CSVReader(CSVDialect())
    var count = 0
    try source.decodedBlocks(&decoder) { text, position in
      try parser.feed(text, isLast: position.isLast, onHeader: onHeader) { chunk in
        count += chunk.recordCount
        try body(&chunk)
      }
    }
    return count
  }
}

/// Parse, standardize and validate on one core: no keys, no findings kept, nothing written.
struct Bench {
  let validator: CategoryValidator
  let standardizer: Standardizer
  let context: ValidationContext
  let path: String
  let survey: FileSurvey
  let columnCount: Int

  init(
    pipelines: String, system: String, category: String, _ path: String, _ survey: FileSurvey
  ) throws {
    guard let catalog = PipelineFolder.load(pipelines).catalog,
      let adapter = catalog.adapter(system), let found = catalog.category(category),
      let mapping = adapter.categories.first(where: { $0.category == category })
    else { throw CocoaError(.fileReadUnknown) }
    var header: [String] = []
    struct Stop: Error {}
    do {
      _ = try Limits.read(path, survey, onHeader: { header = $0.first ?? [] }) { _ in throw Stop() }
    } catch is Stop {}
    let match = HeaderMatch(header: header, mappings: mapping.columns)
    validator = try CategoryValidator(catalog: catalog, category: found, system: system)
    standardizer = Standardizer(
      catalog: catalog, category: found, adapter: adapter, mapping: mapping,
      columns: match.columns,
      values: ["batch_no": "SAM20260615001", "operation_type_code": "1"])
    let today = CivilDate("2026-06-15")?.dayNumber ?? 0
    context = validator.context(
      ValidationDates(today: today, night: today, now: Int64(today) * 86_400))
    columnCount = header.count
    self.path = path
    self.survey = survey
  }

  func run() throws {
    var elements = standardizer.makeResult()
    var findings: [Finding] = []
    let isSkipped = [Bool](repeating: false, count: RecordChunk.maximumRecords)
    _ = try Limits.read(path, survey) { chunk in
      standardizer.standardize(&chunk, into: &elements)
      findings.removeAll(keepingCapacity: true)
      validator.validate(elements, skipping: isSkipped, context: context, into: &findings)
    }
  }
}
