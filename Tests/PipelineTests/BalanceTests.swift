import Pipeline
import TestSupport
import Testing
import Warehouse

@Suite("Every delivery balances, and nothing is loaded twice")
struct BalanceTests {
  @Test func `valid records are accepted without a finding`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_20260602.csv", penalties: (1...3).map { penalty($0) })
    let outcome = try home.run("2026-06-02")
    #expect(try outcome.only().summary == "loaded 3: accepted 3")
    #expect(try home.rows("SELECT code, rule, element FROM finding_current") == [])
    #expect(try home.column("SELECT fine_amount_fen FROM PEN") == ["500000", "500000", "500000"])
    #expect(home.inbox() == [])
  }

  @Test func `accepted, duplicate, returned and deleted records add up to those read`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_20260601.csv", penalties: (1...4).map { penalty($0) })
    try home.run("2026-06-01")
    try home.deliver(
      "行政处罚_20260602.csv",
      penalties: [
        penalty(1), penalty(2, updated: 2), penalty(3, updated: 2, ["operation_type_code": "删除"]),
        penalty(5), penalty(5), penalty(6, unknownPenaltyType), penalty(4),
      ])
    let outcome = try home.run("2026-06-02")
    #expect(
      try outcome.only().summary
        == "loaded 7: accepted 2, unchanged 2, duplicate 1, returned 1, deleted 1")
    #expect(
      try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == [
        "P-1", "P-2", "P-4", "P-5",
      ])
    #expect(outcome.total.read == 7)
  }

  @Test func `the same night twice changes nothing`() throws {
    let home = try TestHome(TestPipeline.alone)
    let files = ["行政处罚_20260602.csv", "行政处罚_20260602b.csv"]
    let contents = try [
      home.sheet("PEN", (1...5).map { penalty($0) } + [penalty(6, unknownPenaltyType)]).gb18030,
      home.sheet("PEN", (3...9).map { penalty($0) } + [penalty(7)]).gb18030,
    ]
    for (name, bytes) in zip(files, contents) { try home.deliver(name, bytes) }
    try home.run("2026-06-02")
    let before = try home.dump().filter { !$0.hasPrefix("delivery|") }
    for (name, bytes) in zip(files, contents) { try home.deliver(name, bytes) }
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.map(\.status) == [.repeated, .repeated])
    #expect(outcome.deliveries.map(\.balance.read) == [0, 0])
    #expect(try home.dump().filter { !$0.hasPrefix("delivery|") } == before)
    #expect(home.inbox() == [])
  }

  @Test func `the same bytes under another name are not loaded again`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1)]).gb18030
    try home.deliver("行政处罚_20260602.csv", bytes)
    try home.run("2026-06-02")
    try home.deliver("行政处罚_20260603.csv", bytes)
    let delivery = try home.run("2026-06-03").only()
    #expect(delivery.summary == "repeated 0")
    #expect(delivery.reason.contains("行政处罚_20260602.csv"))
  }

  @Test func `the same name with new bytes is a new delivery`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_20260602.csv", penalties: [penalty(1)])
    try home.run("2026-06-02")
    try home.deliver("行政处罚_20260602.csv", penalties: [penalty(1), penalty(2)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, unchanged 1")
  }

  @Test func `unchanged rows in a new file are unchanged and keep their version`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_20260602.csv", penalties: (1...20).map { penalty($0) })
    try home.run("2026-06-02")
    let before = try home.dump(of: "PEN")
    try home.deliver("行政处罚_20260603.csv", penalties: (1...20).reversed().map { penalty($0) })
    #expect(try home.run("2026-06-03").only().summary == "loaded 20: unchanged 20")
    #expect(try home.dump(of: "PEN") == before)
  }

  @Test func `a night without deliveries publishes and names the missing systems`() throws {
    let home = try TestHome(TestPipeline.real)
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.isEmpty)
    // A Tuesday: MNR and ARA deliver at the weekend.
    #expect(
      outcome.missing == ["SAM", "MEE", "MOT", "URB", "MEM", "MPS", "CUL", "NHC", "NMP", "HUD"])
    #expect(try home.column("SELECT count(*) FROM PEN") == ["0"])
  }

  @Test func `one bad delivery does not stop the others`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("行政处罚_2.csv.gz", Array("this is no archive".utf8))
    try home.deliver("行政处罚_3.csv", Array("\u{0}\u{1}\u{2}\u{FFFF}".utf8))
    try home.deliver("行政处罚_4.csv", penalties: [penalty(4)])
    try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
    let outcome = try home.run("2026-06-02")
    #expect(
      outcome.deliveries.map(\.status) == [.loaded, .loaded, .held, .held, .loaded],
      "\(outcome.deliveries.map { "\($0.fileName) \($0.summary) \($0.reason)" })")
    #expect(try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-1", "P-4"])
    #expect(try home.column("SELECT count(*) FROM CMP") == ["1"])
    #expect(!outcome.isWithinThresholds)
  }

  @Test func `first submissions alone count for the attainment`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: (1...9).map { penalty($0) } + [penalty(10, unknownPenaltyType)])
    #expect(try home.run("2026-06-01").attainment == 0.9)
    try home.deliver(
      "行政处罚_2.csv",
      penalties: (1...9).map { penalty($0) } + [penalty(10), penalty(11), penalty(11)])
    let outcome = try home.run("2026-06-02")
    #expect(
      try outcome.only().summary == "loaded 12: accepted 2, unchanged 9, duplicate 1")
    #expect(outcome.total.acceptedFirst == 1)
    #expect(outcome.total.returnedFirst == 0)
    #expect(outcome.attainment == 1)
  }
}
