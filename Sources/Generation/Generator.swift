package import Catalog
import Dispatch
import Synchronization

/// What is to be generated.
package struct GenerationRequest: Sendable {
  /// Of the first night.
  package var records: Int
  /// At least 1.
  package var nights: Int
  /// Decides every choice.
  package var seed: UInt64
  /// Share of the records that get a planted fault, 0…1.
  package var faultRate: Double
  /// The only category that is written.
  package var category: Kind?
  /// The first night, days since 1970-01-01.
  package var start: Int
  /// Small extra files that are damaged as a whole.
  package var hasFileFaults: Bool

  /// - Parameters: See the properties.
  package init(
    records: Int, nights: Int, seed: UInt64, faultRate: Double, category: Kind?, start: Int,
    hasFileFaults: Bool = false
  ) {
    self.records = records
    self.nights = nights
    self.seed = seed
    self.faultRate = faultRate
    self.category = category
    self.start = start
    self.hasFileFaults = hasFileFaults
  }
}

/// Writes the nights of an invented city, block by block; memory does not grow with their records.
package struct Generator: Sendable {
  let request: GenerationRequest
  let catalog: Catalog
  let city: City
  private let mappings: [CategoryMapping]
  /// By category, then by group.
  private let faults: [[[Fault]]]

  /// Records of one block; blocks are made at the same time and written in their order.
  private static let blockRecords = 2048

  /// - Returns: nil if the catalog has no adapter for market supervision with all its categories.
  package init?(_ request: GenerationRequest, _ catalog: Catalog) {
    guard let adapter = catalog.adapter("SAM") else { return nil }
    self.request = request
    self.catalog = catalog
    let census = Census(records: request.records, nights: request.nights, only: request.category)
    city = City(seed: request.seed, start: request.start, census: census)
    var mappings: [CategoryMapping] = []
    var faults: [[[Fault]]] = []
    for kind in Kind.allCases {
      guard let mapping = adapter.categories.first(where: { $0.category == kind.id }),
        let category = catalog.category(kind.id)
      else { return nil }
      mappings.append(mapping)
      faults.append(Fault.all(kind, mapping, category))
    }
    self.mappings = mappings
    self.faults = faults
  }

  /// Writes all nights, the truth and what is expected of every file.
  ///
  /// - Parameter folder: Made if it is not there; files of the same names are replaced.
  /// - Throws: `CocoaError` if a file cannot be written.
  package func write(to folder: String) throws {
    let truth = try DeliveryFile("\(folder)/truth.jsonl")
    var nights: [JSONText.Item] = []
    for night in 1...request.nights {
      nights.append(try write(night: night, folder, truth))
    }
    try truth.close()
    let expected = try DeliveryFile("\(folder)/expected.json")
    try expected.write(Array((JSONText.line(.object([("nights", .list(nights))])) + "\n").utf8))
    try expected.close()
  }

  private func write(night: Int, _ folder: String, _ truth: DeliveryFile) throws -> JSONText.Item {
    let target = request.category == nil ? "\(folder)/night-\(night)/SAM" : folder
    var files: [FileRecord] = []
    for kind in Kind.allCases where request.category == nil || request.category == kind {
      files.append(try write(kind, night, target, truth))
    }
    if request.category == nil {
      if night == 2 { files.append(try repeatFile(folder)) }
      if request.hasFileFaults { files += try writeDamagedFiles(night, target, truth) }
    }
    var total = ExpectedBalance()
    for file in files where file.status == "loaded" { total += file.balance }
    return .object([
      ("night", .number(night)), ("date", .text(Spelling.date(request.start + night - 1))),
      ("files", .list(files.map(\.json))), ("total", total.json),
    ])
  }

  // MARK: One file

  func mapping(_ kind: Kind) -> CategoryMapping { mappings[kind.rawValue] }

  func recordWriter(_ kind: Kind, usesOldNames: Bool = false) -> RecordWriter {
    RecordWriter(
      kind, mapping(kind), catalog, seed: request.seed, usesOldNames: usesOldNames,
      blankColumns: kind == .vio || kind == .rnd ? 3 : 0)
  }

  /// `行政处罚_20260302.csv`
  func fileName(_ kind: Kind, _ night: Int, _ middle: String = "") -> String {
    let prefix = mapping(kind).files[0].prefix { $0 != "*" }
    return "\(prefix)\(middle)\(Spelling.compactDate(request.start + night - 1)).csv"
  }

  private func write(
    _ kind: Kind, _ night: Int, _ folder: String, _ truth: DeliveryFile
  ) throws -> FileRecord {
    let isFull = DeliveryHistory.isFull(kind, night)
    let container: Container =
      request.category == nil && night == 1
      ? (kind == .evd ? .gzip : kind == .opn ? .zip : .none) : .none
    let plain = fileName(kind, night, isFull ? "全量_" : "")
    var record = FileRecord(name: plain + container.suffix, kind: kind)
    let usesOldNames = DeliveryHistory.usesOldNames(kind, night)
    let writer = recordWriter(kind, usesOldNames: usesOldNames)
    let file = try DeliveryFile("\(folder)/\(record.name)", container: container, inner: plain)
    var text: [UInt8] = []
    writer.writeHeader(into: &text)
    try file.write(Encoding.gb18030(text))
    try eachBlock(kind, night, usesOldNames: usesOldNames) { block in
      try file.write(block.bytes)
      for planted in block.truths {
        let line = record.truthLine(planted, night: night, rowsBefore: record.rows)
        try truth.write(Array(line.utf8))
      }
      record.rows += block.rows
      record.balance += block.balance
    }
    try file.write(Encoding.gb18030(footer(kind, record.rows)))
    try file.close()
    if request.category == nil { try writeSign(kind, night, folder, record) }
    return record
  }

  /// Two offices pack their first files.
  private func container(_ kind: Kind, _ night: Int) -> Container {
    guard request.category == nil, night == 1 else { return .none }
    switch kind {
    case .evd: return .gzip
    case .opn: return .zip
    default: return .none
    }
  }

  /// What one of several blocks that are made at the same time uses; nothing is shared, because
  /// counting references to one object from two cores costs more than the work itself.
  private struct Worker: Sendable {
    var history: DeliveryHistory
    var writer: RecordWriter
  }

  private func worker(_ kind: Kind, usesOldNames: Bool) -> Worker {
    let city = City(seed: request.seed, start: request.start, census: city.census)
    let kit = FaultKit(kind, mapping(kind), catalog, start: request.start)
    return Worker(
      history: DeliveryHistory(
        city, kind, faults: faults[kind.rawValue], kit: kit, rate: request.faultRate),
      writer: recordWriter(kind, usesOldNames: usesOldNames))
  }

  /// Calls `body` with the blocks of a file in their order; several are made at the same time.
  private func eachBlock(
    _ kind: Kind, _ night: Int, usesOldNames: Bool, _ body: (RowBlock) throws -> Void
  ) throws {
    let count = city.census.count(kind, night: night)
    let blocks = (count + Self.blockRecords - 1) / Self.blockRecords
    let workers = (0..<min(16, blocks)).map { _ in worker(kind, usesOldNames: usesOldNames) }
    var next = 0
    while next < blocks {
      let batch = min(workers.count, blocks - next)
      let first = next
      let results = Mutex<[RowBlock]>(Array(repeating: RowBlock(), count: batch))
      DispatchQueue.concurrentPerform(iterations: batch) { place in
        let start = (first + place) * Self.blockRecords
        var history = workers[place].history
        let block = history.block(
          start..<min(count, start + Self.blockRecords), night: night, workers[place].writer,
          usesOldNames: usesOldNames)
        results.withLock { $0[place] = block }
      }
      for block in results.withLock({ $0 }) { try body(block) }
      next += batch
    }
  }

  /// Lines of totals and notes that some forms end with.
  private func footer(_ kind: Kind, _ rows: Int) -> [UInt8] {
    switch kind {
    case .pen: Array("合计,\(rows)条\r\n注:金额单位为万元\r\n".utf8)
    case .cas: Array("注：本表由系统导出,仅供内部使用\r\n".utf8)
    case .mon: Array("填表人:示例\r\n".utf8)
    default: []
    }
  }

  /// The sign that a file is complete, as two of the offices give it.
  private func writeSign(
    _ kind: Kind, _ night: Int, _ folder: String, _ record: FileRecord
  ) throws {
    let path = "\(folder)/\(record.name)"
    if kind == .ago {
      try DeliveryFile(path + ".ok").close()
    } else if kind == .pen {
      let bytes = try DeliveryFile.contents(path)
      let manifest = JSONText.Item.object([
        ("name", .text(record.name)), ("size", .number(bytes.count)),
        ("sha256", .text(SecureHash.sha256(bytes))), ("records", .number(record.rows)),
      ])
      let file = try DeliveryFile(path + ".manifest.json")
      try file.write(Array((JSONText.line(manifest) + "\n").utf8))
      try file.close()
    }
  }

  /// The officers of the first night once more, under another name.
  private func repeatFile(_ folder: String) throws -> FileRecord {
    let first = fileName(.ago, 1)
    let name = first.replacing(".csv", with: "(1).csv")
    let bytes = try DeliveryFile.contents("\(folder)/night-1/SAM/\(first)")
    let file = try DeliveryFile("\(folder)/night-2/SAM/\(name)")
    try file.write(bytes)
    try file.close()
    return FileRecord(name: name, kind: .ago, status: "repeated")
  }
}

/// What is known of a file that was written.
struct FileRecord {
  var name: String
  var kind: Kind
  /// loaded, held or repeated
  var status = "loaded"
  /// Issue code of the reason for which it is held.
  var hold: String?
  var rows = 0
  var balance = ExpectedBalance()

  var json: JSONText.Item {
    var members: [(String, JSONText.Item)] = [
      ("file", .text(name)), ("category", .text(kind.id)), ("status", .text(status)),
    ]
    if let hold { members.append(("hold", .text(hold))) }
    return .object(members + [("balance", balance.json)])
  }

  func truthLine(_ planted: RowBlock.Truth, night: Int, rowsBefore: Int) -> String {
    let findings = planted.findings.map { finding in
      JSONText.Item.object([
        ("code", .text(finding.code)), ("rule", .text(finding.rule)),
        ("element", finding.element.map { .text($0) } ?? .null),
        ("severity", .text(finding.severity)),
      ])
    }
    return JSONText.line(
      .object([
        ("night", .number(night)), ("file", .text(name)),
        ("record", .number(rowsBefore + planted.row + 1)), ("category", .text(kind.id)),
        ("record_id", .text(planted.recordNumber)), ("fault", .text(planted.fault)),
        ("expect", .list(findings)),
      ])) + "\n"
  }
}
