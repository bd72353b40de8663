import Foundation
import Pipeline
import TestSupport
import Testing
import Warehouse

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

  @Test func `a manifest that cannot be read is no sign of completeness`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("行政处罚_1.csv.manifest.json", Array(#"{"name":"行政处罚_1.csv","si"#.utf8))
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.isEmpty)
    #expect(outcome.listing.waiting.count == 1)
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
