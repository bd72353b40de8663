import Catalog
import Foundation
import Records
import TestSupport
import Testing
import Warehouse

@testable import Pipeline
@testable import qingyuan

@Suite("What a run says of itself")
struct OutcomeTests {
  private func width(_ line: String) -> Int {
    line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
  }

  private func screen(_ outcome: RunOutcome, _ home: TestHome) -> [String] {
    OutcomeScreen(outcome, home.pipeline.catalog).text.split(separator: "\n").map(String.init)
  }

  // MARK: Attainment

  @Test func `one category below the target misses it, however good the total is`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...99).map { penalty($0) })
    try home.deliver(
      "投诉举报_1.csv",
      home.sheet("CMP", [[:], ["source_record_id": "C-2", "complaint_no": ""]]).gb18030)
    let outcome = try home.run("2026-06-02")
    #expect(try #require(outcome.attainment) > 0.98)
    #expect(outcome.linesBelowTarget.map(\.category) == ["CMP"])
    #expect(!outcome.isWithinThresholds)
    let text = screen(outcome, home)
    #expect(text.contains { $0.hasPrefix("达标率 99.00 %") }, "\(text)")
    #expect(text.contains { $0.hasSuffix("missed by 1 of 2 categories") }, "\(text)")
    #expect(text.contains { $0.hasPrefix("below 98.00 %: SAM CMP ") && $0.contains("= 1 ÷ 2;") })
    #expect(!text.contains { $0.hasPrefix("below") && $0.contains("PEN") })
  }

  @Test func `the year so far is the sum of its nights, first submissions alone`() throws {
    let home = try TestHome(TestPipeline.alone)
    func deliver(_ name: String, _ records: [Values]) throws {
      try home.deliver("行政处罚_\(name).csv", penalties: records)
    }
    try deliver("0", [penalty(90), penalty(91, missingAgency)])
    try home.run("2025-12-31")
    try deliver("1", [penalty(1), penalty(2), penalty(3, missingAgency), penalty(1)])
    try home.run("2026-06-01")
    try deliver("2", [penalty(1), penalty(3), penalty(4), penalty(5, missingAgency)])
    let outcome = try home.run("2026-06-02")
    #expect(outcome.total.acceptedFirst == 1 && outcome.total.returnedFirst == 1)
    #expect(outcome.yearToDate.acceptedFirst == 3 && outcome.yearToDate.returnedFirst == 2)
    #expect(outcome.lines[0].yearToDate == outcome.yearToDate)
    let text = screen(outcome, home)
    #expect(text.contains { $0.hasPrefix("达标率 60.00 % in 2026 to date: 3 ÷ 5") }, "\(text)")
    #expect(
      text.contains("     left out: 1 unchanged, 0 duplicates, 1 resubmissions, 0 deletions"),
      "\(text)")
    #expect(
      text.contains("     left out: 1 unchanged, 1 duplicates, 1 resubmissions, 0 deletions"),
      "\(text)")
    // A night that is caught up later knows nothing of those after it.
    try deliver("3", [penalty(6)])
    let past = try home.run("2026-05-31").yearToDate
    #expect(past.acceptedFirst + past.returnedFirst == 1)
  }

  // MARK: Table

  @Test(arguments: [999, 1_234_567, 12_345_678])
  func `numbers of any size stand apart and in 100 columns`(_ size: Int) throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    var outcome = try home.run("2026-06-02")
    var balance = Balance()
    balance.read = size * 7
    balance.accepted = size
    balance.acceptedFirst = size
    balance.unchanged = size
    balance.returned = size
    balance.pending = size
    balance.held = size
    balance.duplicate = size
    outcome.lines[0].balance = balance
    outcome.total = balance
    let lines = screen(outcome, home)
    #expect(
      lines.allSatisfy { width($0) <= 100 || $0.hasPrefix("warehouse") || $0.hasPrefix("tiers") },
      "\(lines)")
    let total = try #require(lines.first { $0.contains("total") })
    let numbers = total.split(separator: " ").dropFirst().map(String.init)
    let shown = Terminal.grouped(size)
    #expect(
      numbers == [
        Terminal.grouped(size * 7), shown, shown, shown, shown, shown, shown, "100.00", "%",
      ])
  }

  @Test func `records of a delivery that was held unread are not said to be none`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.manifest("行政处罚_1.csv", size: 1)
    try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
    try home.deliver("投诉举报_2.csv", home.sheet("CMP", [["source_record_id": "C-2"]]).gb18030)
    try home.manifest("投诉举报_2.csv", size: 1)
    let lines = screen(try home.run("2026-06-02"), home)
    func cells(_ name: String) throws -> [String] {
      try #require(lines.first { $0.contains(name) }).split(separator: " ").map(String.init)
    }
    #expect(try cells("PEN ").suffix(8) == ["–", "·", "·", "·", "·", "–", "·", "–"])
    #expect(try cells("CMP ").suffix(9) == ["1+", "1", "·", "·", "·", "–", "·", "100.00", "%"])
    #expect(try cells("total").suffix(9) == ["1+", "1", "·", "·", "·", "–", "·", "100.00", "%"])
    #expect(lines.contains { $0.contains("before their records were counted") })
  }

  // MARK: Missing

  @Test func `every category that was due and did not come is missing`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    let outcome = try home.run("2026-06-02")
    #expect(!outcome.missing.contains("SAM"))
    let missing = outcome.missingCategories.filter { $0.system == "SAM" }
    #expect(missing.count == 17)
    #expect(!missing.contains { $0.category == "PEN" })
    let text = screen(outcome, home).joined(separator: "\n")
    #expect(text.contains("missing SAM: ENT 市场主体登记信息, LIC "), "\(text)")
    // What came in an earlier run of the night is not missing; a held delivery came too.
    try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
    try home.manifest("投诉举报_1.csv", size: 1)
    let second = try home.run("2026-06-02")
    #expect(second.missingCategories.count { $0.system == "SAM" } == 16)
    #expect(try home.run("2026-06-03").missing.first == "SAM")
  }

  @Test(
    arguments: [
      ("nightly", "2026-06-02", nil, true), ("hourly", "2026-06-02", 1, true),
      ("weekly-sunday", "2026-06-07", 7, true), ("weekly-sunday", "2026-06-08", nil, false),
      ("weekly-saturday", "2026-06-06", nil, true), ("weekly", "2026-06-08", 6, false),
      ("weekly", "2026-06-08", 7, true), ("weekly", "2026-06-08", nil, true),
      ("monthly-5", "2026-06-05", nil, true), ("monthly-5", "2026-06-06", nil, false),
      ("monthly-31", "2026-06-30", nil, true), ("monthly", "2026-06-30", 30, false),
      ("monthly", "2026-06-30", nil, true),
    ] as [(String, String, Int?, Bool)])
  func `a cadence says what is due`(_ cadence: String, _ night: String, _ ago: Int?, _ isDue: Bool)
    throws
  {
    let day = try #require(CivilDate(night)).dayNumber
    #expect(try #require(Cadence(cadence)).isDue(day, last: ago.map { day - $0 }) == isDue)
  }

  @Test(arguments: [
    "whenever", "weekly Saturday", "weekly-", "monthly-0", "monthly-32", "Nightly", "",
  ])
  func `what is no cadence is not read as one`(_ text: String) { #expect(Cadence(text) == nil) }
}
