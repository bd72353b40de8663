import CSeparatorIndex
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import Records
import SourceFiles
import Standardization
import Validation

/// Measures what the building blocks reach on a file, beside the whole run (Scripts/bench).
///
/// Usage: `limits FILE PIPELINES SYSTEM CATEGORY`. One line of JSON; times are of one core.
@main
struct Limits {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 5 else {
      FileHandle.standardError.write(Data("usage: limits FILE PIPELINES SYSTEM CATEGORY\n".utf8))
      exit(64)
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: arguments[1]), options: .alwaysMapped)
    let bench = try Bench(
      pipelines: arguments[2], system: arguments[3], category: arguments[4], arguments[1])
    let index = bench.adapter.format == .csv ? seconds { indexOnly(data) } : 0
    var records = 0
    let parse = try seconds { records = try bench.parse() }
    let kernels = try seconds { try bench.run() }
    print(
      "{\"records\":\(records),\"megabytes\":\(Double(data.count) / 1e6),"
        + "\"indexSeconds\":\(index),\"parseSeconds\":\(parse),\"kernelSeconds\":\(kernels),"
        + "\"columns\":\(bench.mapping.columns.count)}")
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
}

/// Parse, standardize and validate on one core: no keys, no findings kept, nothing written.
struct Bench {
  let catalog: Catalog
  let adapter: SourceAdapter
  let category: Category
  let mapping: CategoryMapping
  let path: String
  private let reader = FileDeliveryReader()
  private let inspection: FileInspection

  init(pipelines: String, system: String, category: String, _ path: String) throws {
    guard let catalog = PipelineFolder.load(pipelines).catalog,
      let adapter = catalog.adapter(system), let found = catalog.category(category),
      let mapping = adapter.categories.first(where: { $0.category == category })
    else { throw CocoaError(.fileReadUnknown) }
    self.catalog = catalog
    self.adapter = adapter
    self.category = found
    self.mapping = mapping
    self.path = path
    inspection = try reader.inspect(path, adapter)
  }

  /// File to chunks: decompress, decode, take apart.
  ///
  /// - Returns: The number of records.
  func parse() throws -> Int {
    var count = 0
    _ = try reader.read(
      path, inspection, adapter, mapping, exactPositions: true, onHeader: { _ in }
    ) { count += $0.recordCount }
    return count
  }

  func run() throws {
    let validator = try CategoryValidator(
      catalog: catalog, category: category, system: adapter.system)
    let today = CivilDate("2026-06-15")?.dayNumber ?? 0
    let context = validator.context(
      ValidationDates(today: today, night: today, now: Int64(today) * 86_400))
    let isSkipped = [Bool](repeating: false, count: RecordChunk.maximumRecords)
    var standardizer: Standardizer?
    var elements: ElementChunk?
    var findings: [Finding] = []
    _ = try reader.read(
      path, inspection, adapter, mapping, exactPositions: true,
      onHeader: { header in
        let match = HeaderMatch(header: header.first ?? [], mappings: mapping.columns)
        standardizer = Standardizer(
          catalog: catalog, category: category, adapter: adapter, mapping: mapping,
          columns: match.columns,
          values: ["batch_no": "SAM20260615001", "operation_type_code": "1"])
        elements = standardizer?.makeResult()
      }
    ) { chunk in
      guard let standardizer, var room = elements.take() else { return }
      standardizer.standardize(&chunk, into: &room)
      findings.removeAll(keepingCapacity: true)
      validator.validate(room, skipping: isSkipped, context: context, into: &findings)
      elements = room
    }
  }
}
