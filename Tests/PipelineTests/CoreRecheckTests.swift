import Catalog
import Pipeline
import TestSupport
import Testing
import Validation
import Warehouse
import WarehouseSQLite

@testable import qingyuan

/// The pass over the tables between load and publication (semantics.md §2).
@Suite("Core accuracy as published")
struct CoreRecheckTests {
  private struct Killed: Error {}

  /// The base penalty is for food that was sold too late: it belongs to food safety.
  private func deliver(_ home: TestHome, _ numbers: ClosedRange<Int>, updated: Int = 1) throws {
    try home.deliver(
      "行政处罚_\(updated).csv", penalties: numbers.map { penalty($0, updated: updated) })
  }

  /// Changes the stored rows behind the program's back.
  private func tamper(_ home: TestHome, _ sql: String) throws {
    let file = home.home.warehouse + "/warehouse.sqlite"
    let tool = try Program("/usr/bin/env", ["sqlite3", file, sql]).wait()
    try #require(tool.code == 0, "\(tool.errorText)")
  }

  private func spoil(_ record: Int) -> String {
    "UPDATE PEN_version SET uscc = '91510104MAQY00013Q' "
      + "WHERE source_record_id = 'P-\(record)' AND closed_by IS NULL"
  }

  private func shown(_ home: TestHome) throws -> [String] {
    try home.column("SELECT source_record_id FROM PEN ORDER BY 1")
  }

  @Test func `what was loaded is counted once more and is what was delivered`() throws {
    let home = try TestHome(TestPipeline.alone)
    try deliver(home, 1...5)
    try home.deliver(
      "投诉举报_1.csv",
      home.sheet("CMP", [[:], ["source_record_id": "C-2", "complaint_no": "C2"]]).gb18030)
    let outcome = try home.run("2026-06-02")
    let count = try #require(outcome.corePublished[.foodSafety])
    #expect(count.checked > 25 && count.failed == 0)
    #expect(outcome.corePublished == outcome.coreDelivered)
    #expect(outcome.withheld.isEmpty && outcome.isWithinThresholds)
    let text = OutcomeScreen(outcome, home.pipeline.catalog).text
    let share = "= 1 − 0 ÷ \(count.checked) core values"
    #expect(text.contains("食品安全: 100.00 % as delivered \(share)\n"))
    #expect(text.contains("食品安全: 100.00 % as published \(share); target 100.00 % met\n"))
    // Nothing new, nothing to look at.
    try deliver(home, 1...5, updated: 1)
    #expect(try home.run("2026-06-03").corePublished.isEmpty)
  }

  @Test func `stored values of every category are read as what they were`() throws {
    let home = try TestHome(TestPipeline.alone)
    let adapter = try #require(home.pipeline.catalog.adapter("SAM"))
    for mapping in adapter.categories {
      let pattern = try #require(mapping.files.first)
      try home.deliver(
        pattern.split(separator: "*").joined(separator: "1"),
        home.sheet(mapping.category, [[:]]).gb18030)
    }
    let outcome = try home.run("2026-06-15")
    #expect(outcome.total.accepted == 18)
    #expect(outcome.corePublished == outcome.coreDelivered)
    #expect(outcome.corePublished.keys.count == 2)
  }

  @Test func `returned records count as delivered and not as published`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: (1...4).map { penalty($0) } + [penalty(5, ["uscc": "91510104MAQY00013Q"])])
    let outcome = try home.run("2026-06-02")
    #expect(outcome.coreDelivered[.foodSafety]?.failed == 1)
    #expect(outcome.corePublished[.foodSafety]?.failed == 0)
    #expect(outcome.domainsBelowTarget.isEmpty)
    #expect(outcome.withheld.isEmpty)
  }

  @Test func `a row that fails is never seen and is judged anew when it comes again`() throws {
    let home = try TestHome(TestPipeline.alone)
    try deliver(home, 1...5)
    let outcome = try home.run("2026-06-02") { engine in
      engine.beforeReading = { _ in try self.tamper(home, self.spoil(2)) }
    }
    #expect(try shown(home) == ["P-1", "P-3", "P-4", "P-5"])
    #expect(try home.column("SELECT count(*) FROM PEN_history") == ["4"])
    #expect(try outcome.only().summary == "loaded 5: accepted 5")
    #expect(outcome.withheld == [1: 1])
    #expect(outcome.corePublished[.foodSafety]?.failed == 1)
    #expect(outcome.coreDelivered[.foodSafety]?.failed == 0)
    #expect(!outcome.isWithinThresholds && outcome.linesBelowTarget.isEmpty)
    let screen = OutcomeScreen(outcome, home.pipeline.catalog)
    #expect(screen.text.contains("as published = 1 − 1 ÷ "))
    #expect(screen.text.contains("target 100.00 % missed"))
    #expect(screen.text.contains("withheld SAM 行政处罚_1.csv (delivery 1): 1 accepted records"))
    #expect(screen.json.contains("\"withheld\":[{\"delivery\":1,"))
    #expect(home.returns("2026-06-02").isEmpty)
    // The same bytes: known, but for what was withheld.
    try deliver(home, 1...5)
    #expect(try home.run("2026-06-03").only().summary == "loaded 5: accepted 1, unchanged 4")
    #expect(try shown(home).count == 5)
    #expect(try home.column("SELECT count(*) FROM PEN", asOf: "2026-06-02") == ["4"])
  }

  @Test func `a withheld version takes the one it replaced with it`() throws {
    let home = try TestHome(TestPipeline.alone)
    try deliver(home, 1...5)
    try home.run("2026-06-02")
    try deliver(home, 1...2, updated: 2)
    let outcome = try home.run("2026-06-03") { engine in
      engine.beforeReading = { _ in try self.tamper(home, self.spoil(2)) }
    }
    #expect(outcome.withheld == [2: 1])
    #expect(try shown(home) == ["P-1", "P-3", "P-4", "P-5"])
    #expect(try home.column("SELECT count(*) FROM PEN", asOf: "2026-06-02") == ["5"])
    try deliver(home, 1...2, updated: 3)
    #expect(try home.run("2026-06-04").only().summary == "loaded 2: accepted 2")
    #expect(try shown(home).count == 5)
  }

  @Test func `only core values of records of a core domain count`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1), penalty(2, ["violation_code": "SC99"])])
    let outcome = try home.run("2026-06-02") { engine in
      engine.beforeReading = { _ in
        try self.tamper(home, self.spoil(2))
        try self.tamper(home, "UPDATE PEN_version SET agency_uscc = '1'")
      }
    }
    #expect(outcome.withheld.isEmpty)
    #expect(try shown(home).count == 2)
  }

  @Test(arguments: [1, 2, 3, 4])
  func `killed in the pass, the next run ends the same`(_ point: Int) throws {
    let homes = try (0..<2).map { _ in try TestHome(TestPipeline.alone) }
    var outcomes: [RunOutcome] = []
    for home in homes {
      try deliver(home, 1...5)
      try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
      if home === homes[1] {
        #expect(throws: Killed.self) {
          try home.run("2026-06-02") { engine in
            var readings = 0
            engine.beforeReading = { _ in
              readings += 1
              try self.tamper(home, self.spoil(2))
              if readings == point { throw Killed() }
            }
            engine.beforeWithholding = { _ in
              if point == 3, readings == 2 { throw Killed() }
            }
            engine.beforePublishing = { if point == 4 { throw Killed() } }
          }
        }
      }
      outcomes.append(
        try home.run("2026-06-02") { engine in
          engine.beforeReading = { _ in try self.tamper(home, self.spoil(2)) }
        })
    }
    #expect(outcomes[0].withheld.values.map { $0 } == [1])
    #expect(outcomes[1].withheld == outcomes[0].withheld)
    #expect(outcomes[1].corePublished == outcomes[0].corePublished)
    #expect(try homes[1].dump() == homes[0].dump())
  }

  @Test(arguments: [false, true])
  func `what was withheld before the rules changed is judged by the new ones`(
    _ isFirst: Bool
  ) throws {
    let home = try TestHome(TestPipeline.alone)
    if !isFirst {
      try deliver(home, 1...6)
      try home.run("2026-06-01")
    }
    try deliver(home, 1...5, updated: 2)
    #expect(throws: Killed.self) {
      try home.run("2026-06-02") { engine in
        engine.beforeReading = { _ in try self.tamper(home, self.spoil(2)) }
        engine.beforePublishing = { throw Killed() }
      }
    }
    let engine = try home.open()
    try engine.setRuleSet("older rules", run: isFirst ? 1 : 2)
    try engine.close()
    let outcome = try home.run("2026-06-02")
    #expect(outcome.withheld.isEmpty && outcome.isWithinThresholds)
    #expect(try outcome.only().summary == "loaded 5: accepted 5")
    #expect(try shown(home).count == (isFirst ? 5 : 6))
  }

  @Test func `another organisation's core elements are read back by its own definitions`() throws {
    let home = try TestHome(TestPipeline.secondAlone)
    func loan(_ number: Int, _ medium: String) -> Values {
      [
        "entry_no": "L-\(number)", "loan_no": "LN\(number)", "card_no": "\(10_000_000 + number)",
        "medium_code": medium,
      ]
    }
    let sheet = try home.sheet(
      "LOAN", [loan(1, "book"), loan(2, "book、CD"), loan(3, "CD")], system: "LIB")
    try home.deliver("loan_1.csv", sheet.utf8, system: "LIB")
    let outcome = try home.run("2026-03-02") { engine in
      engine.beforeReading = { _ in
        try self.tamper(
          home, "UPDATE LOAN_version SET borrowed_on = '2027-01-01' WHERE loan_no <> 'LN1'")
      }
    }
    // The third loan is no book, and its day is no core value.
    #expect(try home.column("SELECT loan_no FROM LOAN ORDER BY 1") == ["LN1", "LN3"])
    #expect(outcome.corePublished[.foodSafety]?.checked == 2)
    #expect(outcome.corePublished[.foodSafety]?.failed == 1)
  }
}
