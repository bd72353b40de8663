package import Catalog
import Dispatch
import Records
import Synchronization

/// What is to be generated.
package struct GenerationRequest: Sendable {
  /// Of the first night, all systems and categories together.
  package var records: Int
  /// At least 1.
  package var nights: Int
  /// Decides every choice.
  package var seed: UInt64
  /// Share of the records that get a planted fault, 0…1.
  package var faultRate: Double
  /// The only system that is written.
  package var bureau: Bureau?
  /// The only category that is written, of ``bureau`` or else of market supervision.
  package var category: Kind?
  /// The first night, days since 1970-01-01.
  package var start: Int
  /// Small extra files that are damaged as a whole.
  package var hasFileFaults: Bool
  /// Of a hundred records of some categories so many name their subject by anything but its code;
  /// `subjects.jsonl` says whom they mean.
  package var weakSubjects: Int

  /// - Parameters: See the properties.
  package init(
    records: Int, nights: Int, seed: UInt64, faultRate: Double, bureau: Bureau? = nil,
    category: Kind?, start: Int, hasFileFaults: Bool = false, weakSubjects: Int = 0
  ) {
    self.records = records
    self.nights = nights
    self.seed = seed
    self.faultRate = faultRate
    self.bureau = bureau
    self.category = category
    self.start = start
    self.hasFileFaults = hasFileFaults
    self.weakSubjects = weakSubjects
  }
}

/// Writes the nights of an invented city as its systems export them, block by block; memory does not
/// grow with their records.
package struct Generator: Sendable {
  let request: GenerationRequest
  let catalog: Catalog
  let city: City
  let plan: NightPlan
  /// By system and category; see ``Histories/place(_:_:)``.
  let channels: [Channel?]
  let bureaus: [Bureau]

  /// Records of one block; blocks are made at the same time and written in their order.
  private static let blockRecords = 2048

  /// - Returns: nil if the catalog has no adapter for a system that is to be written, or if one does
  ///   not deliver the category asked for.
  package init?(_ request: GenerationRequest, _ catalog: Catalog) {
    self.request = request
    self.catalog = catalog
    let only = request.category.map { (bureau: request.bureau ?? .sam, kind: $0) }
    if let only, !only.bureau.delivers(only.kind) { return nil }
    let population = Population(records: request.records, nights: request.nights, only: only)
    city = City(
      seed: request.seed, start: request.start, population: population,
      hasEchoes: request.category == nil, weakSubjects: request.weakSubjects)
    plan = NightPlan(
      start: request.start, hasLateFiles: request.faultRate > 0 && request.category == nil,
      hasLateOwners: request.faultRate > 0 && request.category == nil && request.nights > 1)
    var channels = [Channel?](repeating: nil, count: Bureau.allCases.count * Kind.allCases.count)
    for bureau in Bureau.allCases {
      guard let adapter = catalog.adapter(bureau.id) else { continue }
      for kind in Kind.allCases where bureau.delivers(kind) {
        channels[Histories.place(bureau, kind)] = Self.channel(
          bureau, kind, adapter, catalog, start: request.start)
      }
    }
    self.channels = channels
    bureaus = only.map { [$0.bureau] } ?? request.bureau.map { [$0] } ?? Bureau.allCases
    for bureau in bureaus {
      for kind in Kind.allCases where bureau.delivers(kind) {
        guard channels[Histories.place(bureau, kind)] != nil else { return nil }
      }
    }
  }

  private static func channel(
    _ bureau: Bureau, _ kind: Kind, _ adapter: SourceAdapter, _ catalog: Catalog, start: Int
  ) -> Channel? {
    guard let mapping = adapter.categories.first(where: { $0.category == kind.id }),
      let category = catalog.category(kind.id)
    else { return nil }
    var channel = Channel(bureau, kind, mapping, category, catalog, start: start)
    let others = adapter.categories.filter {
      $0.files == mapping.files && $0.category != mapping.category
    }
    if let other = others.first, let neighbour = Kind(id: other.category) {
      let own = (mapping.records ?? adapter.document.records)?.steps.count ?? 0
      let its = (other.records ?? adapter.document.records)?.steps.count ?? 0
      if own < its {
        channel.follower = neighbour
        channel.kit.entangle(Self.borrowed(other))
      } else {
        channel.leader = neighbour
        channel.kit.entangle(Self.borrowed(mapping))
      }
    }
    let isAlone = channel.leader == nil && channel.follower == nil
    let steps = (mapping.records ?? adapter.document.records)?.steps ?? []
    let isShared =
      adapter.format.isTree && steps.last == .each
      && (adapter.document.records == nil && adapter.format == .ndjson
        || steps.count { $0 == .each } > 1)
    channel.faults = Fault.all(kind, mapping, category, adapter.format, isShared: isShared)
    if !isAlone { channel.faults.removeLast() }
    return channel
  }

  /// What records take from the one in which they lie.
  private static func borrowed(_ mapping: CategoryMapping) -> [Field] {
    mapping.columns.filter { $0.column.hasPrefix("../") }
      .compactMap { $0.element.flatMap { Field(identifier: $0) } }
  }

  /// Writes all nights, the truth, the findings between records that stand after each night, and what
  /// is expected of every file.
  ///
  /// - Parameter folder: Made if it is not there; files of the same names are replaced.
  /// - Throws: `CocoaError` if a file cannot be written.
  package func write(to folder: String) throws {
    let truth = try DeliveryFile("\(folder)/truth.jsonl")
    let links = try DeliveryFile("\(folder)/links.jsonl")
    var nights: [JSONText.Item] = []
    for night in 1...request.nights {
      nights.append(try write(night: night, folder, truth))
      if request.faultRate > 0, request.category == nil, request.bureau == nil {
        try writeLinks(night, links)
      }
    }
    try truth.close()
    try links.close()
    if request.weakSubjects > 0 {
      let subjects = try DeliveryFile("\(folder)/subjects.jsonl")
      try writeSubjects(subjects)
      try subjects.close()
    }
    let expected = try DeliveryFile("\(folder)/expected.json")
    try expected.write(Array((JSONText.line(.object([("nights", .list(nights))])) + "\n").utf8))
    try expected.close()
  }

  private func write(night: Int, _ folder: String, _ truth: DeliveryFile) throws -> JSONText.Item {
    var files: [FileRecord] = []
    for bureau in bureaus {
      let target = request.category == nil ? "\(folder)/night-\(night)/\(bureau.id)" : folder
      for kind in Kind.allCases where request.category == nil || request.category == kind {
        guard let channel = channels[Histories.place(bureau, kind)], channel.leader == nil,
          let turn = plan.turn(bureau, kind, night: night)
        else { continue }
        for part in parts(channel, turn) {
          files += try write(channel, turn, part, night, target, truth)
        }
      }
    }
    if request.category == nil, bureaus.contains(.sam) {
      if night == 2 { files.append(try repeatFile(folder)) }
      if request.hasFileFaults {
        files += try writeDamagedFiles(night, "\(folder)/night-\(night)", truth)
      }
    }
    var total = ExpectedBalance()
    for file in files where file.status == "loaded" { total += file.balance }
    return .object([
      ("night", .number(night)), ("date", .text(Spelling.date(request.start + night - 1))),
      ("files", .list(files.map(\.json))), ("total", total.json),
    ])
  }

  // MARK: One file

  func channel(_ bureau: Bureau, _ kind: Kind) -> Channel? {
    channels[Histories.place(bureau, kind)]
  }

  func form(_ channel: Channel, usesOldNames: Bool = false) -> FileForm? {
    guard let adapter = catalog.adapter(channel.bureau.id) else { return nil }
    let follower = channel.follower.flatMap { self.channel(channel.bureau, $0)?.mapping }
    return FileForm(
      channel, follower: follower, adapter, catalog, usesOldNames: usesOldNames)
  }

  /// `行政处罚_20260302.csv`, made from the first pattern of the adapter.
  func fileName(_ channel: Channel, _ turn: Int, _ middle: String = "", hour: Int? = nil) -> String
  {
    let pattern = channel.mapping.files[0]
    let night = plan.night(channel.bureau, turn: turn)
    let end =
      pattern.split(separator: "*", omittingEmptySubsequences: false).dropFirst().first ?? ""
    return pattern.prefix { $0 != "*" } + middle + Spelling.compactDate(request.start + night - 1)
      + (hour.map { Spelling.padded($0, 2) } ?? "") + end
  }

  /// One of the files in which a system delivers the records of a night.
  private struct FilePart {
    var hour: Int?
    /// Of those that the category has by the night.
    var records: Range<Int>
    /// Of those that repeat what other systems report.
    var echoes = 0..<0
  }

  /// Environment delivers every hour; ours are three.
  private func parts(_ channel: Channel, _ turn: Int) -> [FilePart] {
    let city = city.seen(by: channel.bureau)
    let count = city.census.count(channel.kind, night: turn)
    guard channel.bureau == .mee, request.category == nil else {
      return [
        FilePart(
          hour: nil, records: 0..<count, echoes: city.echoes(channel.kind, turn: turn))
      ]
    }
    // Nobody tells environment what it does not know.
    let third = count / 24 * 8
    return [
      FilePart(hour: 1, records: 0..<third), FilePart(hour: 9, records: third..<2 * third),
      FilePart(hour: 17, records: 2 * third..<count),
    ].filter { !$0.records.isEmpty }
  }

  /// Two offices pack their first files.
  private func container(_ channel: Channel, _ night: Int) -> Container {
    guard request.category == nil, night == 1 else { return .none }
    switch (channel.bureau, channel.kind) {
    case (.sam, .evd), (.mee, .mon): return .gzip
    case (.sam, .opn), (.urb, .opn), (.hud, .rev): return .zip
    default: return .none
    }
  }

  /// - Returns: Nothing if no record is new or changed.
  private func write(
    _ channel: Channel, _ turn: Int, _ part: FilePart, _ night: Int, _ folder: String,
    _ truth: DeliveryFile
  ) throws -> [FileRecord] {
    let usesOldNames = plan.usesOldNames(channel.bureau, channel.kind, turn: turn)
    guard let form = form(channel, usesOldNames: usesOldNames) else { return [] }
    let isFull = channel.isFull(turn, plan)
    let container = container(channel, night)
    let mark = isFull && channel.mapping.delivery != .full ? "全量_" : ""
    let plain = fileName(channel, turn, mark, hour: part.hour)
    var own = FileRecord(name: plain + container.suffix, channel.bureau, channel.kind)
    var nested = channel.follower.map { FileRecord(name: own.name, channel.bureau, $0) }
    var file: DeliveryFile?
    let opening = form.encoding.bytes(
      form.opening(Spelling.date(request.start + night - 1)))
    var units = 0
    try eachBlock(channel, turn, [part.records, part.echoes], form) { block in
      guard block.own.rows > 0 else { return own.balance.removed += block.own.balance.removed }
      if let file {
        try file.write(form.separator)
      } else {
        let made = try DeliveryFile(
          "\(folder)/\(own.name)", container: container, inner: plain)
        try made.write(opening)
        file = made
      }
      try file?.write(block.bytes)
      for truths in [own.take(block.own, night), nested?.take(block.nested, night) ?? ""] {
        try truth.write(Array(truths.utf8))
      }
      units += block.units
    }
    guard let file else { return [] }
    try file.write(form.encoding.bytes(form.closing(channel.kind, rows: own.rows, units: units)))
    if case .elements = form.body,
      let place = opening.firstRange(of: Array(FileForm.unknownCount.utf8))
    {
      file.patch(at: place.lowerBound, Array(Spelling.padded(units, place.count).utf8))
    }
    try file.close()
    if request.category == nil { try writeSign(channel, folder, own, units: units) }
    return [own] + (nested.map { [$0] } ?? [])
  }

  /// What one of several blocks that are made at the same time uses; nothing is shared, because
  /// counting references to one object from two cores costs more than the work itself.
  struct Worker: Sendable {
    var city: City
    var form: FileForm?
    var channels: [Channel?]
  }

  /// Calls `body` with the blocks of a file in their order; several are made at the same time.
  private func eachBlock(
    _ channel: Channel, _ turn: Int, _ records: [Range<Int>], _ form: FileForm,
    _ body: (RowBlock) throws -> Void
  ) throws {
    let usesOldNames = plan.usesOldNames(channel.bureau, channel.kind, turn: turn)
    for records in records {
      try eachRange(records, { self.form(channel, usesOldNames: usesOldNames) }) {
        range, worker, histories in
        histories[channel.bureau, channel.kind]?.block(range, turn: turn, worker.form ?? form)
          ?? RowBlock()
      } take: { block in
        try body(block)
      }
    }
  }

  /// Makes something of every two thousand records, of several at the same time, and hands it over in
  /// their order.
  func eachRange<Made: Sendable>(
    _ records: Range<Int>, _ form: () -> FileForm?,
    _ make: @Sendable (Range<Int>, Worker, Histories) -> Made, take: (Made) throws -> Void
  ) throws {
    let starts = Array(
      stride(from: records.lowerBound, to: records.upperBound, by: Self.blockRecords))
    let workers = (0..<min(16, starts.count)).map { _ in
      Worker(city: city.copied(), form: form(), channels: channels)
    }
    var next = 0
    while next < starts.count {
      let batch = min(workers.count, starts.count - next)
      let first = next
      let results = Mutex<[Int: Made]>([:])
      DispatchQueue.concurrentPerform(iterations: batch) { place in
        let start = starts[first + place]
        let worker = workers[place]
        let histories = Histories(worker.city, plan, worker.channels, rate: request.faultRate)
        let range = start..<min(records.upperBound, start + Self.blockRecords)
        let made = make(range, worker, histories)
        results.withLock { $0[place] = made }
      }
      let made = results.withLock { $0 }
      for place in 0..<batch {
        if let part = made[place] { try take(part) }
      }
      next += batch
    }
  }

  /// The sign that a file is complete, as some of the offices give it.
  private func writeSign(
    _ channel: Channel, _ folder: String, _ record: FileRecord, units: Int
  ) throws {
    guard let signs = catalog.adapter(channel.bureau.id)?.readySigns else { return }
    let path = "\(folder)/\(record.name)"
    let isRequired = !signs.contains(.stable)
    if signs.contains(.ok), isRequired || channel.kind == .ago {
      try DeliveryFile(path + ".ok").close()
    } else if signs.contains(.manifest), isRequired || channel.kind == .pen {
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
    let first = channel(.sam, .ago).map { fileName($0, 1) } ?? ""
    let name = first.replacing(".csv", with: "(1).csv")
    let bytes = try DeliveryFile.contents("\(folder)/night-1/SAM/\(first)")
    let file = try DeliveryFile("\(folder)/night-2/SAM/\(name)")
    try file.write(bytes)
    try file.close()
    return FileRecord(name: name, .sam, .ago, status: "repeated")
  }
}

/// What is known of a file that was written, or of the records of one category in it.
struct FileRecord {
  var name: String
  var bureau: Bureau
  var kind: Kind
  /// loaded, held or repeated
  var status = "loaded"
  /// Issue code of the reason for which it is held.
  var hold: String?
  var rows = 0
  var balance = ExpectedBalance()

  init(name: String, _ bureau: Bureau, _ kind: Kind, status: String = "loaded") {
    self.name = name
    self.bureau = bureau
    self.kind = kind
    self.status = status
  }

  var json: JSONText.Item {
    var members: [(String, JSONText.Item)] = [
      ("system", .text(bureau.id)), ("file", .text(name)), ("category", .text(kind.id)),
      ("status", .text(status)),
    ]
    if let hold { members.append(("hold", .text(hold))) }
    return .object(members + [("balance", balance.json)])
  }

  /// Counts the rows of a block.
  ///
  /// - Returns: Lines of the truth.
  mutating func take(_ part: RowBlock.Part, _ night: Int) -> String {
    let lines = part.truths.map { truthLine($0, night: night) }.joined()
    rows += part.rows
    balance += part.balance
    return lines
  }

  private func truthLine(_ planted: RowBlock.Truth, night: Int) -> String {
    func list(_ findings: [ExpectedFinding]) -> JSONText.Item {
      .list(
        findings.map { finding in
          .object([
            ("code", .text(finding.code)), ("rule", .text(finding.rule)),
            ("element", finding.element.map { .text($0) } ?? .null),
            ("severity", .text(finding.severity)),
          ])
        })
    }
    let between = planted.between.isEmpty ? [] : [("between", list(planted.between))]
    return JSONText.line(
      .object(
        [
          ("night", .number(night)), ("system", .text(bureau.id)), ("file", .text(name)),
          ("record", .number(rows + planted.row + 1)), ("category", .text(kind.id)),
          ("record_id", .text(planted.recordNumber)), ("fault", .text(planted.fault)),
          ("expect", list(planted.findings)),
        ] + between)) + "\n"
  }
}
