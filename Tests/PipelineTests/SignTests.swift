import Catalog
import Foundation
import Glibc
import Pipeline
import Records
import SourceFiles
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// What a sender says beside a file, and what becomes of it.
@Suite("Signs of completeness")
struct SignTests {
  private static let name = "行政处罚_1.csv"

  private func home() throws -> (TestHome, [UInt8]) {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1), penalty(2)]).gb18030
    try home.deliver(Self.name, bytes)
    return (home, bytes)
  }

  /// Makes a file of the inbox look as if it had last changed `seconds` ago.
  private func age(_ home: TestHome, _ name: String, _ seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -seconds)],
      ofItemAtPath: home.home.inbox(of: "SAM") + "/" + name)
  }

  private func archived(_ home: TestHome) -> [String] { Files.below(home.home.archive) }

  // MARK: Broken

  @Test(
    arguments: [
      (#"{"name":"行政处罚_1.csv","si"#, "Unexpected end of file"), ("", "is not JSON"),
      ("[]", "JSON object"), (#"{"size":"12"}"#, "size has the wrong type"),
      (#"{"records":1.5}"#, "whole numbers"), (#"{"size":1,}x"#, "around character"),
      (#"{"name":"行政处罚_9.csv"}"#, "is that of 行政处罚_9.csv"),
    ])
  func `a manifest that cannot be checked holds the delivery and says why`(
    _ text: String, _ reason: String
  ) throws {
    let (home, bytes) = try home()
    try home.deliver("\(Self.name).manifest.json", Array(text.utf8))
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.status == .held)
    #expect(
      delivery.reason.hasPrefix("Q15 ") && delivery.reason.contains(reason), "\(delivery.reason)")
    #expect(home.inbox() == [])
    #expect(try home.column("SELECT count(*) FROM PEN") == ["0"])
    // The same bytes with a manifest that is right are let in.
    try home.deliver(Self.name, bytes)
    try home.manifest(Self.name, size: bytes.count)
    #expect(try home.run("2026-06-03").only().summary == "loaded 2: accepted 2")
  }

  @Test func `a manifest that may still be written is waited for`() throws {
    let (home, bytes) = try home()
    try home.deliver("\(Self.name).manifest.json", Array(#"{"name":"行政"#.utf8))
    try age(home, Self.name, 3600)
    let waiting = try home.run("2026-06-02", waits: true)
    #expect(waiting.deliveries.isEmpty)
    #expect(
      waiting.listing.waiting.map(\.reason).first?.contains("cannot be understood yet") == true)
    try home.manifest(Self.name, size: bytes.count)
    #expect(try home.run("2026-06-02", waits: true).only().summary == "loaded 2: accepted 2")
  }

  @Test func `a broken manifest that nobody mends holds the delivery`() throws {
    let (home, _) = try home()
    try home.deliver("\(Self.name).manifest.json", Array(#"{"name":"行政"#.utf8))
    try age(home, Self.name, 3600)
    try age(home, "\(Self.name).manifest.json", 61)
    #expect(try home.run("2026-06-02", waits: true).only().status == .held)
  }

  // MARK: The content of .ok

  @Test(arguments: ["size", "sha256", "records", "sum", "json", "words"])
  func `an ok file that promises something else holds the delivery`(_ form: String) throws {
    let (home, bytes) = try home()
    let zeros = String(repeating: "0", count: 64)
    let texts = [
      "size": "size=\(bytes.count + 1)\n", "sha256": "SHA256: \(zeros)\n", "records": "records = 3",
      "sum": "\(zeros)  \(Self.name)\n", "json": "{\"size\": 1}", "words": "120 rows, I think",
    ]
    try home.deliver("\(Self.name).ok", Array(try #require(texts[form]).utf8))
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.status == .held)
    #expect(delivery.reason.contains(form == "words" ? "line 1" : "promises"), "\(delivery.reason)")
  }

  @Test(arguments: ["none", "blank", "word", "lines", "sum", "json"])
  func `an ok file that holds its promises, or makes none, lets the delivery in`(
    _ form: String
  ) throws {
    let (home, bytes) = try home()
    let sum = sha256(bytes)
    let texts = [
      "none": "", "blank": " \r\n", "word": "OK\n", "sum": "\(sum) *\(Self.name)\n",
      "lines":
        "name=\(Self.name)\r\nsize=\(bytes.count)\r\nsha256=\(sum.uppercased())\r\nrecords=2\r\n",
      "json": "\u{FEFF}{\"name\": \"\(Self.name)\", \"records\": 2}",
    ]
    try home.deliver("\(Self.name).ok", Array(try #require(texts[form]).utf8))
    #expect(try home.run("2026-06-02", waits: true).only().summary == "loaded 2: accepted 2")
    #expect(home.inbox() == [])
  }

  // MARK: Old signs

  @Test func `an empty sign that is older than its file is no sign for it`() throws {
    let (home, _) = try home()
    try home.deliver("\(Self.name).ok", [])
    try age(home, "\(Self.name).ok", 30)
    let waiting = try home.run("2026-06-02", waits: true)
    #expect(waiting.deliveries.isEmpty && waiting.listing.waiting.count == 1)
    try age(home, Self.name, 61)
    try age(home, "\(Self.name).ok", 90)
    #expect(try home.run("2026-06-02", waits: true).only().status == .loaded)
    #expect(home.inbox() == [])
  }

  @Test func `what came late for a file that was taken is not held against the next`() throws {
    let (home, bytes) = try home()
    #expect(try home.run("2026-06-02").only().status == .loaded)
    try home.manifest(Self.name, size: bytes.count, records: 2)
    try home.deliver("行政处罚_7.csv.ok", Array("size=1".utf8))
    try age(home, "\(Self.name).manifest.json", 23 * 3600)
    let outcome = try home.run("2026-06-02", waits: true)
    #expect(outcome.listing.waiting.count == 2, "\(outcome.listing.waiting)")
    // The next night's file of that name comes before its manifest.
    try home.deliver(Self.name, penalties: [penalty(3)])
    try age(home, "行政处罚_7.csv.ok", 25 * 3600)
    #expect(try home.run("2026-06-03").only().summary == "loaded 1: accepted 1")
    #expect(home.inbox() == [])
    let kept = archived(home).filter { $0.contains("/stray-") }
    #expect(
      kept == [
        "2026/06/03/SAM/stray-行政处罚_1.csv.manifest.json", "2026/06/03/SAM/stray-行政处罚_7.csv.ok",
      ])
  }

  @Test func `what comes before the next file of a name is not put away with the last one`()
    throws
  {
    let (home, _) = try home()
    try home.manifest(Self.name, size: 1)
    let held = try home.run("2026-06-02").only()
    #expect(held.status == .held)
    try home.decide(held.id, release: true)
    let bytes = try home.sheet("PEN", [penalty(3)]).gb18030
    try home.manifest(Self.name, size: bytes.count)
    #expect(try home.run("2026-06-03").only().summary == "loaded 2: accepted 2")
    #expect(home.inbox() == ["\(Self.name).manifest.json"])
    try home.deliver(Self.name, bytes)
    let next = try home.run("2026-06-04").only()
    #expect(next.summary == "loaded 1: accepted 1")
    #expect(archived(home).contains(next.archivePath + ".manifest.json"))
    #expect(home.inbox() == [])
  }

  @Test func `a sign that cannot be put away does not end the night`() throws {
    let (home, _) = try home()
    try home.deliver("行政处罚_7.csv.ok", Array("size=1".utf8), system: "MEE")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -25 * 3600)],
      ofItemAtPath: home.home.inbox(of: "MEE") + "/行政处罚_7.csv.ok")
    // Where the folder of that system should be.
    try home.folder.write("home/archive/2026/06/02/MEE", [])
    let outcome = try home.run("2026-06-02")
    #expect(try outcome.only().summary == "loaded 2: accepted 2")
    #expect(outcome.listing.unreadable.map { $0.path.hasSuffix("MEE/行政处罚_7.csv.ok") } == [true])
    #expect(!outcome.isWithinThresholds)
    #expect(home.inbox("MEE") == ["行政处罚_7.csv.ok"])
  }

  @Test(.enabled(if: geteuid() != 0), arguments: ["行政处罚_1.csv", "行政处罚_7.csv"])
  func `a sign that cannot be read keeps its own file, whatever its age`(_ file: String) throws {
    let (home, _) = try home()
    try home.deliver("行政处罚_2.csv", penalties: [penalty(3)])
    try home.deliver("\(file).ok", [])
    try age(home, "\(file).ok", 25 * 3600)
    let path = home.home.inbox(of: "SAM") + "/\(file).ok"
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    let outcome = try home.run("2026-06-02")
    #expect(outcome.listing.unreadable.count == 1 && outcome.listing.straySigns.isEmpty)
    #expect(outcome.deliveries.contains { $0.fileName == "行政处罚_2.csv" })
    #expect(outcome.deliveries.contains { $0.fileName == Self.name } == (file != Self.name))
    #expect(home.inbox().contains("\(file).ok"))
  }

  // MARK: Archive

  @Test func `what the sender said is kept beside the original`() throws {
    let (home, bytes) = try home()
    try home.manifest(Self.name, size: 1)
    let held = try home.run("2026-06-02").only()
    let first = home.home.archive + "/" + held.archivePath + ".manifest.json"
    #expect(try Files.text(first).contains("\"size\":1}"))
    #expect(try permissions(of: first) & 0o222 == 0)
    // A corrected one does not replace it.
    try home.deliver(Self.name, bytes)
    try home.manifest(Self.name, size: bytes.count)
    try home.deliver("\(Self.name).ok", Array("records=2".utf8))
    #expect(try home.run("2026-06-02").only().status == .loaded)
    #expect(
      archived(home).map { $0.replacing(held.archivePath, with: "…") }.sorted()
        == ["…", "….2.manifest.json", "….manifest.json", "….ok"])
    #expect(try Files.text(first).contains("\"size\":1}"))
  }

  @Test func `a name as long as the disk allows is archived and returned`() throws {
    let home = try TestHome(TestPipeline.alone)
    let name = "行政处罚_" + String(repeating: "长", count: 78) + ".csv"
    try #require(name.utf8.count == 251)
    try home.deliver(name, penalties: [penalty(1), penalty(2, unknownPenaltyType)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, returned 1")
    let returned = home.returns("2026-06-02")
    #expect(returned.count == 1 && returned[0].hasSuffix(".退回-1.csv"))
    try home.deliver(returned[0], home.returnBytes("2026-06-02", returned[0]))
    #expect(try home.run("2026-06-03").only().balance.returned == 1)
  }

  @Test func `a name that is all extension is archived, and its sign`() throws {
    let home = try TestHome(TestPipeline.alone)
    let tail = String(repeating: "x", count: 230)
    let name = "行政处罚_1.csv.\(tail)"
    try #require(name.utf8.count == 249)
    try home.deliver(name, penalties: [penalty(1), penalty(2, unknownPenaltyType)])
    let lonely = "a.\(tail)\(tail.prefix(20)).ok"
    try #require(lonely.utf8.count == 255)
    try home.deliver(lonely, Array("size=1".utf8))
    try age(home, lonely, 25 * 3600)
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.summary == "loaded 2: accepted 1, returned 1")
    #expect(home.inbox() == [])
    #expect(home.returns("2026-06-02").count == 1)
    for name in archived(home).map({ ($0 as NSString).lastPathComponent }) {
      // What a copy and a second manifest add.
      #expect(name.utf8.count + ".2.manifest.json.copying".utf8.count <= 255, "\(name)")
    }
    #expect(archived(home).count == 2)
  }

  // MARK: Replaced files

  /// The ledger as a run leaves it that is killed before a file reaches the archive.
  private func enter(_ home: TestHome, _ bytes: [UInt8]) throws -> DeliveryEntry {
    let path = home.home.inbox(of: "SAM") + "/" + Self.name
    let adapter = try #require(home.pipeline.catalog.adapter("SAM"))
    try home.deliver(Self.name, bytes)
    let inspection = try FileDeliveryReader().inspect(path, adapter)
    try home.home.prepare()
    let engine = try home.open()
    let run = try engine.beginRun(
      night: "2026-06-02", ruleSetHash: home.pipeline.catalog.ruleSetHash)
    let content = inspection.content.hexadecimal
    let entry = try engine.enter([
      DeliveryEntry(
        id: 0, run: run.id, system: "SAM", category: "PEN", fileName: Self.name, content: content,
        length: inspection.length,
        archivePath: "2026/06/02/SAM/\(content.prefix(12))-\(Self.name)", isFull: false,
        encoding: inspection.encoding, batchNumber: "SAM20260602001")
    ])[0]
    try engine.close()
    return entry
  }

  @Test func `a file that was entered and not yet moved is taken by the next run`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1)]).gb18030
    let entry = try enter(home, bytes)
    try home.manifest(Self.name, size: bytes.count)
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: accepted 1")
    #expect(archived(home) == [entry.archivePath, entry.archivePath + ".manifest.json"])
    #expect(home.inbox() == [])
  }

  @Test func `a file that was replaced before it was moved is a delivery of its own`() throws {
    let home = try TestHome(TestPipeline.alone)
    let entry = try enter(home, home.sheet("PEN", [penalty(1)]).gb18030)
    let second = try home.sheet("PEN", [penalty(2), penalty(3)]).gb18030
    try home.deliver(Self.name, second)
    let outcome = try home.run("2026-06-02")
    try #require(outcome.deliveries.count == 2)
    #expect(outcome.deliveries[0].status == .held)
    #expect(outcome.deliveries[0].reason.contains("replaced or removed"))
    #expect(outcome.deliveries[1].summary == "loaded 2: accepted 2")
    #expect(
      try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-2", "P-3"])
    #expect(!archived(home).contains(entry.archivePath))
    #expect(try Files.bytes(home.home.archive + "/" + outcome.deliveries[1].archivePath) == second)
    // Nothing is left for the night after.
    #expect(try home.run("2026-06-03").deliveries.isEmpty)
  }

  @Test func `a file that is gone before it was moved holds its delivery, not the night`() throws {
    let home = try TestHome(TestPipeline.alone)
    let entry = try enter(home, home.sheet("PEN", [penalty(1)]).gb18030)
    try FileManager.default.removeItem(atPath: home.home.inbox(of: "SAM") + "/" + Self.name)
    #expect(try home.run("2026-06-02").only().status == .held)
    // Released without its bytes, it is held again.
    try home.decide(entry.id, release: true)
    #expect(try home.run("2026-06-03").only().status == .held)
  }
}
