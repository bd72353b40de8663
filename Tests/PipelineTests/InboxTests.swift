import Catalog
import Foundation
import Pipeline
import Records
import SourceFiles
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@Suite("What is taken from the inbox")
struct InboxTests {
  @Test func `files that no adapter knows are left where they are and reported`() throws {
    let home = try TestHome(TestPipeline.real)
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
    let home = try TestHome(TestPipeline.real)
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
    let home = try TestHome(TestPipeline.real)
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
    let home = try TestHome(TestPipeline.real)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("行政处罚_1.csv.ok", [])
    #expect(try home.run("2026-06-02", waits: true).only().summary == "loaded 1: accepted 1")
    #expect(home.inbox() == [])
  }

  @Test func `originals go to the archive of the night, read-only and unchanged`() throws {
    let home = try TestHome(TestPipeline.real)
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
    let plain = try TestHome(TestPipeline.real)
    let packed = try TestHome(TestPipeline.real)
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

  @Test func `a link is not followed`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.deliver("x", [])
    try FileManager.default.createSymbolicLink(
      atPath: home.home.inbox(of: "SAM") + "/行政处罚_1.csv", withDestinationPath: "/etc/passwd")
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.isEmpty)
    #expect(outcome.listing.unknown.count == 2)
  }

  @Test func `a file of exotic name is taken and archived`() throws {
    let home = try TestHome(TestPipeline.real)
    let name = "行政处罚_'; DROP TABLE PEN_version; --\u{202E}\n<b>.csv"
    try home.deliver(name, penalties: [penalty(1), penalty(2, unknownPenaltyType)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, returned 1")
    #expect(home.inbox() == [])
    #expect(home.returns("2026-06-02").count == 1)
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
      exactPositions: Bool, onHeader: ([[String]]) throws -> Void,
      onChunk: (inout RecordChunk) throws -> Void
    ) throws -> ReadSummary {
      try reader.read(
        path, inspection, adapter, exactPositions: exactPositions, onHeader: onHeader,
        onChunk: onChunk)
    }
  }

  @Test func `one file that cannot be read stays and does not end the night`() throws {
    let home = try TestHome(TestPipeline.real)
    for number in 1...3 {
      try home.deliver("行政处罚_\(number).csv", penalties: [penalty(number)])
    }
    let day = try #require(CivilDate("2026-06-02")).dayNumber
    let engine = try home.open()
    let run = NightlyRun(
      home: home.home, catalog: home.pipeline.catalog, configuration: home.configuration,
      engine: engine, reader: BadDisk(), returns: CSVReturnWriter(),
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
    let home = try TestHome(TestPipeline.real)
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
    let home = try TestHome(TestPipeline.real)
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
