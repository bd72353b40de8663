import Access
import Catalog
import Review
import TestSupport
import Testing
import WarehouseSQLite

/// One night with a dozen records of one cause, and what it did to their texts.
@Suite("One cause", .serialized)
struct ConsoleCauseTests {
  private static let own = Result { try makeHome() }
  private static let content = "一、罚款五百元\n二、责令改正"

  private let home: CommandHome

  init() throws { home = try Self.own.get() }

  private static func makeHome() throws -> CommandHome {
    let home = try CommandHome()
    let records = (1...12).map {
      penalty($0, unknownPenaltyType.merging(["penalty_content": content]) { own, _ in own })
    }
    try home.deliver(
      "行政处罚_1.csv", try TestPipeline.real.get().sheet("PEN", records).gb18030)
    try #require(try home.night("2026-06-02").code <= 1)
    let added = try QingyuanProgram.run(
      [
        "user", "add", "sam", "--role", "steward", "--systems", "SAM", "--department", "市场监管局",
        "--clearance", "restricted", "--password-stdin", "--home", home.path, "--pipelines",
        home.pipelines,
      ], input: Array((ConsoleHome.password + "\n").utf8))
    try #require(added.code == 0, "\(added.errorText)")
    return home
  }

  private func queue() throws -> ReviewQueue {
    let catalog = try TestPipeline.real.get().catalog
    let folder = home.path + "/warehouse"
    let account = Account(
      person: try Person(user: "sam", department: "市场监管局"), role: .steward, systems: ["SAM"],
      clearance: .restricted)
    return ReviewQueue(
      try ReviewFile.current(folder: folder, catalog, try WarehouseReader(folder: folder)), catalog,
      account, plans: [:], recordID: "")
  }

  @Test func `the others of a cause are counted without the record itself, however old`() throws {
    let queue = try queue()
    let items = try queue.page(QueueFilter(), order: .oldest).items
    try #require(items.count == 12)
    let findings = Set(items[0].findings.map { [$0.code, $0.rule, $0.element] })
    for (row, count) in [(items[0].row, 11), (items[11].row, 11), (-1, 12)] {
      let alike = try queue.alike(findings, category: "PEN", except: row, limit: 8)
      #expect(alike.count == count && alike.items.count == 8, "\(row)")
      #expect(alike.items.allSatisfy { $0.row != row })
    }
  }

  @Test func `a text of several lines that nobody touched is no correction`() throws {
    let row = try #require(try queue().rows(QueueFilter(), limit: 1).first)
    let console = try RunningConsole(home)
    let sam = try console.signIn("sam")
    let page = try sam.page("/record/\(row)")
    let form = /<textarea id="[^"]*" name="value.penalty_content"[^>]*>\n([^<]*)<\/textarea>/
    let shown = try #require(page.firstMatch(of: form)?.1)
    #expect(shown == Self.content)
    for text in [
      Self.content.replacing("\n", with: "\r\n"), Self.content.replacing("\n", with: ""),
    ] {
      let reply = try sam.send(
        "/record/\(row)/act", ["kind": "correct", "words": "核实", "value.penalty_content": text])
      #expect(reply.status == 422 && reply.body.contains("没有改动任何值"), "\(reply.body)")
    }
  }
}
