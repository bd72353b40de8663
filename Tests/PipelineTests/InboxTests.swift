import Catalog
import Foundation
import Records
import SourceFiles
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline

@Suite("What is taken from the inbox")
struct InboxTests {
  @Test func `files that no adapter knows are left where they are and reported`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("会议纪要.docx", Array("x".utf8))
    try home.deliver("行政处罚.csv", Array("x".utf8))
    try home.deliver("清单.csv", Array("x".utf8), system: "MEE")
    try home.deliver("行政处罚_目录.csv/inhalt.csv", Array("x".utf8))
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.map(\.fileName) == ["行政处罚_1.csv"])
    #expect(home.inbox().sorted() == ["会议纪要.docx", "行政处罚.csv", "行政处罚_目录.csv/inhalt.csv"].sorted())
    #expect(home.inbox("MEE") == ["清单.csv"])
    let reported = outcome.listing.unknown.map { ($0.path as NSString).lastPathComponent }
    #expect(
      Set(reported) == ["会议纪要.docx", "行政处罚.csv", "清单.csv", "行政处罚_目录.csv"])
  }

  @Test func `temporary names are ignored`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1)]).gb18030
    let names = [
      ".行政处罚_1.csv", "行政处罚_1.csv.part", "行政处罚_1.csv.tmp", "行政处罚_1.csv.filepart",
      "行政处罚_1.csv~", "行政处罚_1.csv.TMP",
    ]
    for name in names { try home.deliver(name, bytes) }
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.isEmpty && outcome.listing.unknown.isEmpty)
    #expect(home.inbox().count == names.count)
  }

  @Test func `a file that still grows waits, and is taken when it stood still`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    let waiting = try home.run("2026-06-02", waits: true)
    #expect(waiting.deliveries.isEmpty)
    #expect(waiting.listing.waiting.count == 1)
    #expect(home.inbox() == ["行政处罚_1.csv"])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -61)],
      ofItemAtPath: home.home.inbox(of: "SAM") + "/行政处罚_1.csv")
    #expect(try home.run("2026-06-02", waits: true).only().summary == "loaded 1: accepted 1")
  }

  @Test func `a file with its ok sign is taken at once, and the sign goes with it`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("行政处罚_1.csv.ok", [])
    #expect(try home.run("2026-06-02", waits: true).only().summary == "loaded 1: accepted 1")
    #expect(home.inbox() == [])
  }

  @Test func `originals go to the archive of the night, read-only and unchanged`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1)]).gb18030
    try home.deliver("行政处罚_1.csv", bytes)
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.archivePath.hasPrefix("2026/06/02/SAM/"))
    let path = home.home.archive + "/" + delivery.archivePath
    #expect(try Files.bytes(path) == bytes)
    #expect(try permissions(of: path) & 0o222 == 0)
    #expect(try permissions(of: home.home.archive) == 0o700)
    #expect(try permissions(of: home.home.warehouse + "/warehouse.sqlite") == 0o600)
  }

  @Test(arguments: ["gz", "zip"])
  func `a compressed delivery is what it contains`(_ form: String) throws {
    let plain = try TestHome(TestPipeline.alone)
    let packed = try TestHome(TestPipeline.alone)
    let bytes = try plain.sheet(
      "PEN", (1...40).map { penalty($0) } + [penalty(41, unknownPenaltyType)]
    ).gb18030
    try plain.deliver("行政处罚_1.csv", bytes)
    let name = "行政处罚_1.csv.\(form)"
    try packed.deliver(name, form == "gz" ? gzip(bytes) : zip("行政处罚_1.csv", bytes))
    #expect(try plain.run("2026-06-02").only().summary == "loaded 41: accepted 40, returned 1")
    #expect(try packed.run("2026-06-02").only().summary == "loaded 41: accepted 40, returned 1")
    let sql = "SELECT record_number, line, byte_offset, raw FROM returned_record"
    #expect(try plain.rows(sql) == packed.rows(sql))
    #expect(
      try plain.rows("SELECT source_record_id, fine_amount_fen FROM PEN ORDER BY 1")
        == packed.rows("SELECT source_record_id, fine_amount_fen FROM PEN ORDER BY 1"))
    // The return is a plain file, whatever the delivery was packed in.
    #expect(packed.returns("2026-06-02").map { $0.hasSuffix(".csv") } == [true])
  }

  @Test(arguments: ["csv", "csv.gz"])
  func `a night for which the disk is too small is not begun`(_ form: String) throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    let name = "行政处罚_2.\(form)"
    try home.deliver(name, [])
    let file = try #require(
      FileHandle(forWritingAtPath: home.home.inbox(of: "SAM") + "/" + name))
    // A file of holes takes no room itself.
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: home.folder.path)
    let free = try #require(attributes[.systemFreeSize] as? NSNumber).uint64Value
    try file.truncate(atOffset: free / (form == "csv" ? 3 : 30))
    try file.close()
    do {
      try home.run("2026-06-02")
      Issue.record("the night was begun")
    } catch let error as PipelineError {
      #expect(error.code == .environment)
      #expect(error.message.contains("4 times the"), "\(error.message)")
    }
    #expect(home.inbox().count == 2)
    try FileManager.default.removeItem(atPath: home.home.inbox(of: "SAM") + "/" + name)
    #expect(try home.run("2026-06-02").only().status == .loaded)
  }

  @Test func `files of any size can be added up`() {
    let configuration = RunConfiguration()
    for name in ["x.csv", "x.csv.gz"] {
      #expect(configuration.unpackedLength(name, .max) == .max)
      let half = Int64.max / 2
      let space = configuration.space(for: [(name, half), (name, half), (name, 2)])
      #expect(space.needed == .max && space.delivered == .max)
    }
    let space = configuration.space(for: [("x.csv", 5), ("x.csv.zip", 7)])
    #expect(space.delivered == 5 + 7 * configuration.compressionFactor)
    #expect(
      space.needed == configuration.minimumFreeBytes + configuration.spaceFactor * space.delivered)
  }

  @Test func `a file that nobody takes needs no room`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    for name in ["junk.bin", "行政处罚_2.csv.part"] {
      try home.deliver(name, [])
      let file = try #require(
        FileHandle(forWritingAtPath: home.home.inbox(of: "SAM") + "/" + name))
      // A file of holes takes no room itself.
      try file.truncate(atOffset: 1 << 43)
      try file.close()
    }
    #expect(try home.run("2026-06-02").only().status == .loaded)
    #expect(home.inbox().count == 2)
  }

  @Test func `a second run of a night goes on with the numbers of the first`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2)])
    try home.run("2026-06-02")
    try home.deliver("行政处罚_3.csv", penalties: [penalty(3)])
    #expect(try home.run("2026-06-02").delivery("行政处罚_3.csv").batchNumber == "SAM20260602003")
    try home.deliver("行政处罚_4.csv", penalties: [penalty(4)])
    #expect(try home.run("2026-06-03").only().batchNumber == "SAM20260603001")
  }

  @Test func `a link is not followed`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("x", [])
    try FileManager.default.createSymbolicLink(
      atPath: home.home.inbox(of: "SAM") + "/行政处罚_1.csv", withDestinationPath: "/etc/passwd")
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.isEmpty)
    #expect(outcome.listing.unknown.count == 2)
  }

  @Test func `a file of exotic name is taken and archived`() throws {
    let home = try TestHome(TestPipeline.alone)
    let name = "行政处罚_'; DROP TABLE PEN_version; --\u{202E}\n<b>.csv"
    try home.deliver(name, penalties: [penalty(1), penalty(2, unknownPenaltyType)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, returned 1")
    #expect(home.inbox() == [])
    #expect(home.returns("2026-06-02").count == 1)
  }
}

@Suite("The cut-off")
struct CutOffTests {
  /// What is ready in the inbox at a moment of 2 June in China, of a file that came at another.
  private func ready(came: String, now: String, waits: Bool = true) throws -> InboxListing {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("行政处罚_1.csv.ok", [])
    for name in home.inbox() {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: try seconds(came))],
        ofItemAtPath: home.home.inbox(of: "SAM") + "/" + name)
    }
    let night = try #require(CivilDate("2026-06-02")).dayNumber
    let inbox = Inbox(
      home: home.home, catalog: home.pipeline.catalog, now: try seconds(now),
      waitsForStability: waits, night: night)
    return try inbox.list()
  }

  private func seconds(_ time: String) throws -> Double {
    let formatter = ISO8601DateFormatter()
    return try #require(formatter.date(from: "2026-06-\(time):00+08:00")).timeIntervalSince1970
  }

  @Test(
    arguments: [
      ("02T02:59", "02T03:30"), ("01T23:00", "02T02:00"), ("02T03:00", "02T04:00"),
      // The night is over: what came is the next run's, which this one is.
      ("02T09:00", "02T12:01"), ("05T09:00", "05T10:00"),
    ])
  func `what came in time is taken`(_ came: String, _ now: String) throws {
    let listing = try ready(came: came, now: now)
    #expect(listing.ready.count == 1 && listing.waiting.isEmpty)
  }

  @Test(arguments: [("02T03:01", "02T03:30"), ("02T05:00", "02T11:59")])
  func `what came after the cut-off is left for the next night`(_ came: String, _ now: String)
    throws
  {
    let listing = try ready(came: came, now: now)
    #expect(listing.ready.isEmpty)
    #expect(listing.waiting.map { $0.reason.hasPrefix("came after the cut-off 03:00;") } == [true])
    #expect(try ready(came: came, now: now, waits: false).ready.count == 1)
  }
}

@Suite("Files that cannot be read")
struct UnreadableTests {
  /// Meets a bad sector in one file.
  private struct BadDisk: DeliveryReader {
    let reader = FileDeliveryReader()

    func inspect(_ path: String, _ adapter: SourceAdapter) throws -> FileInspection {
      guard !path.contains("inbox/SAM/行政处罚_2") else {
        throw PipelineError(.unreadable, "\(path): cannot read: Input/output error")
      }
      return try reader.inspect(path, adapter)
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

  @Test func `what lies in the folder of no system is reported`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("行政处罚_2.csv", home.sheet("PEN", [penalty(2)]).gb18030, system: "sam")
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.map(\.fileName) == ["行政处罚_1.csv"])
    #expect(
      outcome.listing.unknown.map(\.reason) == ["is in the folder of no system; did you mean SAM?"])
  }

  @Test func `one file that cannot be read stays and does not end the night`() throws {
    let home = try TestHome(TestPipeline.alone)
    for number in 1...3 {
      try home.deliver("行政处罚_\(number).csv", penalties: [penalty(number)])
    }
    let day = try #require(CivilDate("2026-06-02")).dayNumber
    let engine = try home.open()
    let run = NightlyRun(
      home: home.home, catalog: home.pipeline.catalog, configuration: home.configuration,
      engine: engine, reader: BadDisk(), returns: FileReturnWriter(), maskSecret: Files.maskSecret,
      moment: RunMoment(night: day, today: day, now: Int64(day) * 86_400 + 7200),
      progress: SilentProgress(), waitsForStability: false)
    let outcome = try run.run()
    try engine.close()
    #expect(outcome.deliveries.map(\.fileName) == ["行政处罚_1.csv", "行政处罚_3.csv"])
    #expect(outcome.listing.unreadable.count == 1)
    #expect(!outcome.isWithinThresholds)
    #expect(home.inbox() == ["行政处罚_2.csv"])
    // Mended, it is taken.
    #expect(try home.run("2026-06-03").only().summary == "loaded 1: accepted 1")
  }

  @Test func `what cannot be opened is told from what cannot be understood`() throws {
    let home = try TestHome(TestPipeline.alone)
    let adapter = try #require(home.pipeline.catalog.adapter("SAM"))
    let reader = FileDeliveryReader()
    let path = home.folder + "nowhere.csv"
    for body in [{ _ = try reader.inspect(path, adapter) }, { _ = try reader.sha256(path) }] {
      do {
        try body()
        Issue.record("\(path) was read")
      } catch let error as PipelineError {
        #expect(error.code == .unreadable)
      }
    }
  }

  @Test func `archives that burst or break hold their deliveries, not the night`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1)]).gb18030
    let bomb = try gzip([UInt8](repeating: 65, count: 8 << 20))
    let packed = try zip("行政处罚_2.csv", bytes + [UInt8](repeating: 10, count: 4000))
    var broken = packed
    for index in 60..<90 { broken[index] ^= 0x5A }
    try home.deliver("行政处罚_1.csv.gz", bomb)
    try home.deliver("行政处罚_2.csv.zip", broken)
    try home.deliver("行政处罚_3.csv.gz", gzip(bytes).dropLast(9).map { $0 })
    try home.deliver("行政处罚_4.csv", bytes)
    let outcome = try home.run("2026-06-02")
    #expect(
      outcome.deliveries.map(\.status) == [.held, .held, .held, .loaded],
      "\(outcome.deliveries.map(\.reason))")
    for delivery in outcome.deliveries.prefix(3) { #expect(delivery.reason.hasPrefix("Q15 ")) }
  }
}
