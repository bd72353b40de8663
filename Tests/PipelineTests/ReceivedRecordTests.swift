import Access
import Catalog
import Foundation
import Pipeline
import Records
import Review
import Sharing
import SourceFiles
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// Records read again from the archive, for the people who look at them.
@Suite("Received records")
struct ReceivedRecordTests {
  /// Reads every file from its beginning.
  private struct PlainReader: DeliveryReader {
    let reader: FileDeliveryReader

    func inspect(_ path: String, _ adapter: SourceAdapter) throws -> FileInspection {
      try reader.inspect(path, adapter)
    }

    func sha256(_ path: String) throws -> String { try reader.sha256(path) }

    func read(
      _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
      _ mapping: CategoryMapping, exactPositions: Bool, onHeader: ([[String]]) throws -> Void,
      onChunk: (inout RecordChunk) throws -> Void
    ) throws -> ReadSummary {
      try reader.read(
        path, inspection, adapter, mapping, exactPositions: exactPositions, onHeader: onHeader,
        onChunk: onChunk)
    }
  }

  private struct ReadFromStart: Error {}

  /// Reads single records where they stand, and nothing else.
  private struct JumpingReader: DeliveryReader {
    let reader: FileDeliveryReader

    func inspect(_ path: String, _ adapter: SourceAdapter) throws -> FileInspection {
      try reader.inspect(path, adapter)
    }

    func sha256(_ path: String) throws -> String { try reader.sha256(path) }

    func read(
      _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
      _ mapping: CategoryMapping, exactPositions: Bool, onHeader: ([[String]]) throws -> Void,
      onChunk: (inout RecordChunk) throws -> Void
    ) throws -> ReadSummary { throw ReadFromStart() }

    func record(
      at offset: Int, of path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
      _ mapping: CategoryMapping, onHeader: ([[String]]) throws -> Void
    ) throws -> RecordChunk? {
      try reader.record(at: offset, of: path, inspection, adapter, mapping, onHeader: onHeader)
    }
  }

  private func text(_ record: ReceivedRecord) -> [String] {
    [record.raw, "\(record.position)", "\(record.isBroken)"]
      + record.fields.map { "\($0.name)=\($0.text) \($0.column ?? -1)" }
      + record.rows.map { "\($0.table) \($0.rows.recordCount) \($0.owners)" }
  }

  /// The first of the sample nights.
  private func firstNight() throws -> TestHome {
    let home = try TestHome(TestPipeline.real)
    let night = Repository.root + "/SampleData/night-1"
    for name in Files.below(night) {
      try home.folder.write("home/inbox/\(name)", try Files.bytes(night + "/" + name))
    }
    try home.run("2026-03-06")
    return home
  }

  private func returned(_ home: TestHome) throws -> [(ReviewRow, DeliveryEntry)] {
    let reader = try WarehouseReader(folder: home.home.warehouse)
    return try home.column("SELECT record FROM returned_record ORDER BY 1").map { text in
      let number = try #require(Int64(text))
      let row = try #require(try reader.reviewRow(number))
      return (row, try #require(try reader.delivery(row.record.rowID >> 32)))
    }
  }

  @Test func `a record read where it stands is the one read from the beginning`() throws {
    let home = try firstNight()
    let files = FileDeliveryReader(limits: home.limits)
    var jumps: [String: Int] = [:]
    var all = 0
    for (row, delivery) in try returned(home) {
      let plan = try #require(
        DeliveryPlan(
          catalog: home.pipeline.catalog, system: row.system, category: row.category,
          configuration: home.configuration))
      func read(_ reader: any DeliveryReader) throws -> ReceivedRecord? {
        try ReceivedRecord.read(
          row.record, of: delivery, archive: home.home.archive, plan, reader)
      }
      let plain = try #require(try read(PlainReader(reader: files)))
      let found = try #require(try read(files), "\(delivery.fileName)")
      #expect(text(found) == text(plain), "\(delivery.fileName) record \(row.record.recordNumber)")
      #expect(found.raw == row.record.raw)
      all += 1
      if let jumped = try? read(JumpingReader(reader: files)) {
        #expect(text(jumped) == text(plain))
        jumps["\(plan.adapter.format.rawValue) \(delivery.encoding)", default: 0] += 1
      }
    }
    #expect(all > 40)
    // Every format has its records that need not be looked for.
    for form in ["csv gb18030", "json utf8", "json gb18030", "xml utf8", "xml gb18030"] {
      #expect(jumps[form] ?? 0 > 0, "\(form) of \(jumps)")
    }
  }

  /// Puts a byte that cannot be decoded before the first Chinese character of every third record.
  ///
  /// - Returns: The file, and where its records are now.
  private func damaged(
    _ bytes: [UInt8], _ records: [(offset: Int, length: Int)]
  ) throws -> (bytes: [UInt8], offsets: [Int]) {
    var result = bytes
    var inserted: [Int] = []
    for (offset, length) in records.enumerated().filter({ $0.offset % 3 == 0 }).map(\.element) {
      guard let place = bytes[offset..<offset + length].firstIndex(where: { $0 >= 0x80 }) else {
        continue
      }
      inserted.append(place)
    }
    for place in inserted.reversed() { result.insert(0xFF, at: place) }
    return (
      result,
      records.map { record in record.offset + inserted.count { $0 < record.offset } }
    )
  }

  @Test func `places behind bytes that cannot be decoded are places of the file`() throws {
    let home = try firstNight()
    let files = FileDeliveryReader(limits: home.limits)
    var formats: Set<String> = []
    var seen: Set<String> = []
    for (row, delivery) in try returned(home) where delivery.encoding == "utf8" {
      guard seen.insert(delivery.archivePath).inserted,
        let plan = DeliveryPlan(
          catalog: home.pipeline.catalog, system: row.system, category: row.category,
          configuration: home.configuration)
      else { continue }
      func records(_ path: String) throws -> [(offset: Int, raw: String)] {
        var found: [(offset: Int, raw: String)] = []
        _ = try files.read(
          path, try files.inspect(path, plan.adapter), plan.adapter, plan.mapping,
          exactPositions: true, onHeader: { _ in }
        ) { chunk in
          for row in 0..<chunk.recordCount {
            found.append((chunk.positions[row].byteOffset, chunk.text.string(chunk.raws[row])))
          }
        }
        return found
      }
      let path = home.home.archive + "/" + delivery.archivePath
      let bytes = try Files.bytes(path)
      let before = try records(path)
      // What is damaged already, or has several records in a unit, has no such simple places.
      guard before.count > 3, zip(before, before.dropFirst()).allSatisfy({ $0.offset < $1.offset }),
        before.allSatisfy({
          bytes[$0.offset...].starts(with: $0.raw.utf8)
        })
      else { continue }
      let (changed, offsets) = try damaged(bytes, before.map { ($0.offset, $0.raw.utf8.count) })
      guard changed.count > bytes.count else { continue }
      let copy = try home.folder.write("damaged", changed)
      let after = try records(copy)
      #expect(after.map(\.offset) == offsets, "\(delivery.fileName)")
      let inspection = try files.inspect(copy, plan.adapter)
      #expect(inspection.badByteCount == changed.count - bytes.count)
      for record in after.suffix(3) {
        let one = try files.record(
          at: record.offset, of: copy, inspection, plan.adapter, plan.mapping, onHeader: { _ in })
        guard let one else { continue }
        #expect(one.text.string(one.raws[0]) == record.raw)
        formats.insert(plan.adapter.format.rawValue)
      }
    }
    #expect(formats.isSuperset(of: ["json", "xml"]), "\(formats)")
  }

  @Test func `a place that does not hold the record is not believed`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: (1...60).map { number in
        penalty(number, number % 6 == 0 ? ["uscc": "91510104MAQY00013Q"] : [:])
      })
    try home.run("2026-06-02")
    let files = FileDeliveryReader(limits: home.limits)
    let rows = try returned(home)
    try #require(rows.count == 10)
    for (row, delivery) in rows.suffix(3) {
      let plan = try #require(
        DeliveryPlan(
          catalog: home.pipeline.catalog, system: row.system, category: row.category,
          configuration: home.configuration))
      for shift in [-1, 0, 1, 1_000_000] {
        var moved = row.record
        moved.byteOffset += shift
        let found = try ReceivedRecord.read(
          moved, of: delivery, archive: home.home.archive, plan, files)
        #expect(found?.raw == row.record.raw, "\(shift)")
      }
      #expect(throws: ReadFromStart.self) {
        var moved = row.record
        moved.byteOffset += 1
        _ = try ReceivedRecord.read(
          moved, of: delivery, archive: home.home.archive, plan, JumpingReader(reader: files))
      }
    }
  }

  // MARK: Rows inside of records

  /// Decisions about one person each, whose name stands where companies have theirs, as a night of the sample has
  /// them; the date cannot be.
  private func decisionsAboutPersons(partyType: String) throws -> (TestHome, [RecordCase]) {
    let home = try TestHome(TestPipeline.real)
    let sample = Repository.root + "/SampleData/night-3/HUD/HUD_Penalties_20260308.xml"
    var text = try Files.text(sample)
    let head = try #require(text.firstRange(of: "<Decision>")).lowerBound
    let decisions = text[head...].matches(of: /<Decision>.*?<\/Decision>/.dotMatchesNewlines()).map
    {
      String($0.0)
    }.filter { $0.matches(of: /<Party>/).count == 1 && $0.contains("<PartyType>4") }
    try #require(!decisions.isEmpty)
    let end = text.suffix(
      from: try #require(text.range(of: "</Decision>", options: .backwards)).upperBound)
    text = text[..<head] + decisions.joined() + end
    text.replace(/<PartyType>4[^<]*/, with: "<PartyType>\(partyType)")
    text.replace(/<DecisionDate>[^<]*/, with: "<DecisionDate>2025-13-40")
    text.replace(/<CompanyName>[^<]*/, with: "<CompanyName>\(Self.name)")
    try home.folder.write("home/inbox/HUD/HUD_Penalties_20260308.xml", text)
    try home.run("2026-03-08")
    let reader = try WarehouseReader(folder: home.home.warehouse)
    let desk = try RecordDesk(
      home.pipeline.catalog, home.configuration, archive: home.home.archive,
      files: FileDeliveryReader(limits: home.limits), secret: Files.maskSecret)
    let rows = try returned(home).map(\.0.record.rowID)
    #expect(rows.count == decisions.count)
    let cases = try [SharingTier.shared, .restricted].flatMap { clearance in
      let account = Account(
        person: try Person(user: "steward", department: "住房和城乡建设局"), role: .steward,
        systems: ["HUD"], clearance: clearance)
      return try rows.map { try #require(try desk.open($0, for: account, reader, now: 0)) }
    }
    return (home, cases)
  }

  private static let name = "刘鹏振"

  @Test func `a name that was moved is shown to nobody who may not see it where it went`() throws {
    let (_, cases) = try decisionsAboutPersons(partyType: "4-自然人")
    for (place, record) in cases.enumerated() {
      let maySee = place >= cases.count / 2
      let texts =
        record.fields.compactMap(\.received.text)
        + record.rows.flatMap { $0.fields.joined().map(\.text) }
        + record.rows.flatMap { $0.values.joined().compactMap(\.text) }
      #expect(texts.contains(Self.name) == maySee, "\(texts)")
      let change = FieldChange(
        element: "subject_name", text: "x", row: FieldChange.Row(table: "parties", number: 1))
      #expect(record.mayChange(change) == maySee)
    }
  }

  @Test func `what could not be read in a row is where its reason is, and in the access log`()
    throws
  {
    let (_, cases) = try decisionsAboutPersons(partyType: "火星人")
    for record in cases.suffix(cases.count / 2) {
      let parties = try #require(record.rows.first { $0.table.name == "parties" })
      let place = try #require(parties.elements.firstIndex { $0.identifier == "party_type_code" })
      #expect(!parties.reasons[place].isEmpty && parties.values[0][place] == .empty)
      #expect(record.shownElements.contains("party_type_code"))
    }
  }

  @Test func `a record that the second check withheld can be opened`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...5).map { penalty($0) })
    try home.run("2026-06-02") { engine in
      engine.beforeReading = { _ in
        let sql =
          "UPDATE PEN_version SET uscc = '91510104MAQY00013Q' WHERE source_record_id = 'P-2'"
        let tool = try Program(
          "/usr/bin/env", ["sqlite3", home.home.warehouse + "/warehouse.sqlite", sql]
        ).wait()
        try #require(tool.code == 0, "\(tool.errorText)")
      }
    }
    let catalog = home.pipeline.catalog
    let reader = try WarehouseReader(folder: home.home.warehouse)
    let file = try ReviewFile.current(folder: home.home.warehouse, catalog, reader)
    let desk = try RecordDesk(
      catalog, home.configuration, archive: home.home.archive,
      files: FileDeliveryReader(limits: home.limits), secret: Files.maskSecret)
    func account(_ system: String) throws -> Account {
      Account(
        person: try Person(user: "steward", department: "市场监管局"), role: .steward,
        systems: [system], clearance: .restricted)
    }
    let queue = ReviewQueue(
      file, catalog, try account("SAM"), plans: desk.plans(for: .restricted),
      recordID: home.configuration.recordIDElement)
    var filter = QueueFilter()
    filter[.status] = "withheld"
    let item = try #require(try queue.page(filter).items.first)
    let record = try #require(try desk.open(item.row, for: account("SAM"), reader, now: 0))
    #expect(record.status == "withheld" && record.night == "2026-06-02")
    #expect(record.recordNumber == 2 && record.closedNight == nil)
    #expect(record.reasons.map(\.finding.rule) == ["core-recheck"])
    #expect(record.reasons[0].chinese.contains("没有发布"))
    #expect(record.fields.contains { $0.received == .shown("P-2") })
    #expect(try desk.open(item.row, for: account("MEM"), reader, now: 0) == nil)
    // What readers see is no case, and opens without reasons.
    let first = try home.column("SELECT record FROM PEN WHERE source_record_id = 'P-1'")
    let seen = try #require(first.first.flatMap { Int64($0) })
    let accepted = try #require(try desk.open(seen, for: account("SAM"), reader, now: 0))
    #expect(accepted.status == "accepted" && accepted.reasons.isEmpty)
    #expect(accepted.recordNumber == 1 && accepted.fields.contains { $0.received == .shown("P-1") })
    #expect(try desk.open(seen, for: account("MEM"), reader, now: 0) == nil)
  }
}
