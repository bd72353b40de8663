import Catalog
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline
@testable import qingyuan

/// Conflicts with owners as findings, over whole nights.
@Suite("Conflicts over nights")
struct ConflictNightTests {
  private struct Stop: Error {}

  /// AR01 does not let a difference pass.
  private static let strict = Enterprises.pipeline.map { pipeline in
    pipeline.editing { catalog in
      for index in catalog.authority.rules.indices where catalog.authority.rules[index].id == "AR01"
      {
        catalog.authority.rules[index].severity = .return
      }
    }
  }

  private static let findings =
    "SELECT system, rule, element, severity, value, expected FROM finding_current "
    + "WHERE code = 'Q34' ORDER BY 1, record, ordinal"

  private func name(_ word: String) -> Values { ["subject_name": "清源\(word)食品有限公司"] }

  // MARK: Findings

  @Test
  func `a conflict is a finding wherever findings are seen, and takes nothing from attainment`()
    throws
  {
    let home = try TestHome(Enterprises.pipeline)
    try home.deliver("SAM", 1, enterprises: [Enterprises.record(1, "SAM", name("甲"))])
    let other = name("乙").merging(["registered_address": "清源路9号"]) { _, new in new }
    try home.deliver(
      "MNR", 1,
      enterprises: [Enterprises.record(1, "MNR", updated: 5, other), Enterprises.record(2, "MNR")])
    let outcome = try home.run("2026-06-08")
    let expected = [
      ["MNR", "AR01", "subject_name", "note", "清源乙食品有限公司", "权威来源(市场监管综合业务系统)为清源甲食品有限公司"],
      ["MNR", "AR01", "registered_address", "note", "清源路9号"],
    ]
    let found = try home.rows(Self.findings)
    #expect(found.map { Array($0.prefix(5)) } == expected.map { Array($0.prefix(5)) })
    #expect(found[0] == expected[0])
    // Where the record stands in its file.
    #expect(
      try home.rows(
        "SELECT DISTINCT record_number, line, byte_offset > 0 FROM finding_current "
          + "WHERE code = 'Q34'") == [["1", "2", "1"]])
    #expect(outcome.attainment == 1)
    #expect(outcome.total.returned == 0)
    #expect(
      outcome.conflicts == [
        ConflictSum(system: "MNR", rule: "AR01", standing: 2, new: 2, settled: 0)
      ])
    // The ledger, the report and the views count the same.
    #expect(
      try home.rows(
        "SELECT element, value FROM measure WHERE name = 'findings' AND code = 'Q34' ORDER BY 1")
        == [["registered_address", "1"], ["subject_name", "1"]])
    let report = try report(home, "2026-06-08")
    let notes = try home.column("SELECT count(*) FROM finding_current WHERE severity = 'note'")
    #expect([String(report.noteCount)] == notes)
    #expect(report.conflicts == outcome.conflicts)
    for (language, text) in [
      (ReportLanguage.chinese, "AR01 市场主体登记信息以市场监管部门为准"),
      (.english, "AR01 registration of market subjects is that of market supervision"),
    ] {
      let page = ReportPage(report, language: language, version: "test").text
      #expect(page.contains(text), "\(language)")
    }
    let screen = OutcomeScreen(outcome, home.pipeline.catalog)
    #expect(
      screen.text.contains("conflicts: 2 values differ from their owners' (Q34), 2 new, 0 settled"))
    #expect(screen.text.contains("AR01 2 (MNR)"))
    #expect(
      screen.json.contains(
        #"{"new":2,"rule":"AR01","settled":0,"standing":2,"system":"MNR"}"#))
  }

  private func report(_ home: TestHome, _ night: String) throws -> MorningReport {
    try MorningReport(
      WarehouseReader(folder: home.home.warehouse), catalog: home.pipeline.catalog,
      configuration: home.configuration, night: night)
  }

  @Test func `the owner's value is told only where every department may read it`() throws {
    let pipeline = Enterprises.pipeline.map { pipeline in
      pipeline.editing { catalog in
        for place in catalog.categories.indices {
          for index in catalog.categories[place].elements.indices
          where catalog.categories[place].elements[index].element.identifier == "subject_name" {
            catalog.categories[place].elements[index].element.tier = .restricted
          }
        }
      }
    }
    let home = try TestHome(pipeline)
    try home.deliver("SAM", 1, enterprises: [Enterprises.record(1, "SAM", name("甲"))])
    try home.deliver("MNR", 1, enterprises: [Enterprises.record(1, "MNR", name("乙"))])
    try home.run("2026-06-08")
    let found = try home.rows(Self.findings)
    #expect(
      found == [
        [
          "MNR", "AR01", "subject_name", "note", "<restricted, 9 characters>",
          "与权威来源(市场监管综合业务系统)不一致",
        ]
      ])
  }

  // MARK: The owner moves

  /// Versions in the register that the last night opened, and that it closed.
  private func moved(_ home: TestHome) throws -> [String] {
    try home.column(
      "SELECT count(*) FROM conflict WHERE opened_by = (SELECT number FROM publication) UNION ALL "
        + "SELECT count(*) FROM conflict WHERE closed_by = (SELECT number FROM publication)")
  }

  @Test func `the owner's value changes, goes and comes, and only what leaned on it moves`() throws
  {
    let home = try TestHome(Enterprises.pipeline)
    let all = [1, 2, 3, 4]
    try home.deliver("SAM", 1, enterprises: all.map { Enterprises.record($0, "SAM") })
    try home.deliver(
      "MNR", 1, enterprises: all.map { Enterprises.record($0, "MNR", $0 == 4 ? name("丁") : [:]) })
    let first = try home.run("2026-06-04")
    #expect(try moved(home) == ["1", "0"])
    #expect(first.conflicts.map(\.new) == [1])
    // It changes: enterprise 2 is of another opinion now.
    try home.deliver(
      "SAM", 2, enterprises: [Enterprises.record(2, "SAM", updated: 5, name("新"))])
    let second = try home.run("2026-06-05")
    #expect(try moved(home) == ["1", "0"])
    #expect(try home.rows(Self.findings).map { $0[2] } == ["subject_name", "subject_name"])
    #expect(second.conflicts.map { [$0.standing, $0.new, $0.settled] } == [[2, 1, 0]])
    // It goes: nobody owns enterprise 4 any more.
    try home.deliver(
      "SAM", 3,
      enterprises: [Enterprises.record(4, "SAM", updated: 6, ["operation_type_code": "3"])])
    let third = try home.run("2026-06-06")
    #expect(try moved(home) == ["0", "1"])
    #expect(third.conflicts.map { [$0.standing, $0.new, $0.settled] } == [[1, 0, 1]])
    // It comes again, and enterprise 2 is corrected by its owner.
    try home.deliver(
      "SAM", 4,
      enterprises: [
        Enterprises.record(4, "SAM", updated: 7), Enterprises.record(2, "SAM", updated: 7),
      ])
    let fourth = try home.run("2026-06-07")
    #expect(try moved(home) == ["1", "1"])
    #expect(fourth.conflicts.map { [$0.standing, $0.new, $0.settled] } == [[1, 1, 1]])
    #expect(try home.rows(Self.findings).map { $0[4] } == ["清源丁食品有限公司"])
    // Every night is still there.
    let counts = try ["04", "05", "06", "07"].map {
      try home.rows(Self.findings, asOf: "2026-06-\($0)").count
    }
    #expect(counts == [1, 2, 1, 1])
    // What the night brought counts in its report; what an older record has, in the register alone.
    #expect(try report(home, "2026-06-05").conflicts == second.conflicts)
    #expect(try report(home, "2026-06-06").conflicts == third.conflicts)
  }

  // MARK: Order

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `one night or three, in any order, end in the same findings`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var files: [(system: String, records: [Values])] = []
    for system in ["SAM", "MNR"] {
      for day in 1...5 {
        let numbers = Set((0..<3).map { _ in Int.random(in: 0...5, using: &generator) }).sorted()
        files.append(
          (
            system,
            numbers.map { number in
              Enterprises.record(
                number, system, updated: day, name("\(Int.random(in: 1...3, using: &generator))号"))
            }
          ))
      }
    }
    let whole = try TestHome(Enterprises.pipeline)
    for (part, file) in files.enumerated() {
      try whole.deliver(file.system, part, enterprises: file.records)
    }
    try whole.run("2026-06-08")
    let sorted =
      "SELECT system, rule, element, severity, value, expected FROM finding_current "
      + "WHERE code = 'Q34' ORDER BY 1, 2, 3, 4, 5, 6"
    let expected = try whole.rows(sorted)
    #expect(!expected.isEmpty)
    for _ in 0..<2 {
      let parts = try TestHome(Enterprises.pipeline)
      for (place, file) in files.enumerated().shuffled(using: &generator).enumerated() {
        try parts.deliver(file.element.system, place, enterprises: file.element.records)
        if place % 4 == 3 { try parts.run("2026-06-0\(5 + place / 4)") }
      }
      try parts.run("2026-06-08")
      #expect(try parts.rows(sorted) == expected)
    }
  }

  // MARK: Returns

  @Test func `a rule may send back who differs, with the reason`() throws {
    let home = try TestHome(Self.strict)
    try home.deliver("SAM", 1, enterprises: [Enterprises.record(1, "SAM", name("甲"))])
    let two = name("乙").merging(["registered_address": "清源路9号"]) { _, new in new }
    try home.deliver(
      "MNR", 1, enterprises: [Enterprises.record(1, "MNR", two), Enterprises.record(2, "MNR")])
    let outcome = try home.run("2026-06-05")
    let delivery = try #require(outcome.deliveries.first { $0.system == "MNR" })
    #expect(delivery.summary == "loaded 2: accepted 1, returned 1")
    #expect(outcome.attainment == 2.0 / 3)
    #expect(try home.column("SELECT source_record_id FROM returned_record") == ["MNR-E-1"])
    #expect(
      try home.column("SELECT source_record_id FROM ENT ORDER BY 1") == ["MNR-E-2", "SAM-E-1"])
    // Nobody contradicts the owner any more, and the finding stays with the record.
    #expect(try home.column("SELECT count(*) FROM authority_conflict") == ["0"])
    #expect(
      try home.column("SELECT members FROM ENT_golden WHERE uscc = '\(Enterprises.codes[1])'")
        == ["1"])
    #expect(
      try home.rows(Self.findings).map { Array($0.prefix(4)) } == [
        ["MNR", "AR01", "subject_name", "return"], ["MNR", "AR01", "registered_address", "return"],
      ])
    #expect(
      try home.column("SELECT sum(value) FROM measure WHERE name = 'findings' AND code = 'Q34'")
        == ["2"])
    let causes = try report(home, "2026-06-05").causes.filter { $0.code == "Q34" }
    #expect(causes.map(\.count) == [1, 1])
    #expect(causes.allSatisfy { $0.rule == "AR01" })
    let file = try #require(home.returns("2026-06-05", system: "MNR").first)
    let text = String(
      decoding: try home.returnBytes("2026-06-05", file, system: "MNR"), as: UTF8.self)
    #expect(text.contains("权威来源(市场监管综合业务系统)为清源甲食品有限公司"))
    #expect(text.contains("以市场监管部门的登记为准更新本系统"))
    #expect(!text.contains("MNR-E-2"))
    // Sent once more as it was it goes back once more; corrected, it is taken.
    try home.deliver("MNR", 2, enterprises: [Enterprises.record(1, "MNR", two)])
    #expect(try home.run("2026-06-06").only().summary == "loaded 1: returned 1")
    #expect(try home.column("SELECT attempt FROM returned_record") == ["2"])
    try home.deliver(
      "MNR", 3, enterprises: [Enterprises.record(1, "MNR", updated: 6, name("甲"))])
    #expect(try home.run("2026-06-07").only().summary == "loaded 1: accepted 1")
    #expect(try home.rows(Self.findings) == [])
  }

  @Test func `what an earlier night shows is labelled, and what it replaced stays`() throws {
    let home = try TestHome(Self.strict)
    try home.deliver("MNR", 1, enterprises: [Enterprises.record(1, "MNR", name("乙"))])
    try home.run("2026-06-04")
    try home.deliver("SAM", 1, enterprises: [Enterprises.record(1, "SAM", name("甲"))])
    let night = try home.run("2026-06-05")
    #expect(night.total.returned == 0)
    #expect(
      try home.rows(Self.findings).map { Array($0.prefix(5)) }
        == [["MNR", "AR01", "subject_name", "return", "清源乙食品有限公司"]])
    // A new version that differs still goes back; the old one is shown and labelled as before.
    try home.deliver("MNR", 2, enterprises: [Enterprises.record(1, "MNR", updated: 6, name("丙"))])
    #expect(try home.run("2026-06-06").only().summary == "loaded 1: returned 1")
    #expect(
      try home.column("SELECT subject_name FROM ENT WHERE source_record_id = 'MNR-E-1'")
        == ["清源乙食品有限公司"])
    #expect(try home.rows(Self.findings).map { $0[4] } == ["清源乙食品有限公司", "清源丙食品有限公司"])
    #expect(
      try home.column("SELECT value FROM authority_conflict") == ["清源乙食品有限公司"])
  }

  /// Nights in which records differ, go back, wait with what they had replaced, and agree.
  private func deliverNight(_ number: Int, to home: TestHome) throws {
    func sam(_ part: Int, _ records: [Values]) throws {
      try home.deliver("SAM", part, enterprises: records)
    }
    func mnr(_ part: Int, _ records: [Values]) throws {
      try home.deliver("MNR", part, enterprises: records)
    }
    switch number {
    case 1:
      try sam(1, [1, 2].map { Enterprises.record($0, "SAM", name("甲")) })
      try mnr(1, [1, 2, 3].map { Enterprises.record($0, "MNR", name($0 == 2 ? "甲" : "乙")) })
    case 2:
      try sam(2, [3, 4].map { Enterprises.record($0, "SAM", updated: 2, name("甲")) })
      try mnr(2, [2, 4].map { Enterprises.record($0, "MNR", updated: 2, name("丙")) })
    default:
      try sam(3, [Enterprises.record(2, "SAM", updated: 3, name("丙"))])
      try mnr(
        3, [1, 2, 3].map { Enterprises.record($0, "MNR", updated: 3, name($0 == 2 ? "丙" : "甲")) })
    }
  }

  private static let dates = ["2026-06-05", "2026-06-06", "2026-06-07"]

  @Test func `a run that is killed between any two changes ends the same`() throws {
    let undisturbed = try TestHome(Self.strict)
    for (index, date) in Self.dates.enumerated() {
      try deliverNight(index + 1, to: undisturbed)
      try undisturbed.run(date)
    }
    let expected = try undisturbed.dump()
    #expect(expected.contains { $0.hasPrefix("conflict|") })
    #expect(expected.contains { $0.hasPrefix("quarantined_record|") })
    var stop = 0
    var isStopped = true
    while isStopped {
      let home = try TestHome(Self.strict)
      isStopped = false
      for (index, date) in Self.dates.enumerated() {
        try deliverNight(index + 1, to: home)
        var left = stop
        func count() throws {
          left -= 1
          if left < 0 {
            isStopped = true
            throw Stop()
          }
        }
        do {
          try home.interrupted(date) { engine in
            engine.beforeApplying = { _ in try count() }
            engine.beforeComposing = { _ in try count() }
            engine.beforePublishing = count
          }
        } catch is Stop {
          try home.run(date)
        }
      }
      #expect(try home.dump() == expected, "after \(stop) changes")
      stop += 1
    }
    #expect(stop > 6)
  }

  @Test func `what is taken back leaves nothing of its findings`() throws {
    let home = try TestHome(Self.strict)
    try deliverNight(1, to: home)
    try home.run(Self.dates[0])
    let before = try home.dump()
    try deliverNight(2, to: home)
    #expect(throws: Stop.self) {
      try home.interrupted(Self.dates[1]) { $0.beforePublishing = { throw Stop() } }
    }
    let engine = try home.open()
    try engine.discardAllUnpublished()
    #expect(try engine.verify() == [])
    try engine.close()
    #expect(
      try home.dump().filter { !$0.hasPrefix("delivery|") }
        == before.filter { !$0.hasPrefix("delivery|") })
    #expect(
      try home.column(
        "SELECT count(*) FROM finding WHERE opened_by > (SELECT number FROM publication)") == ["0"])
  }

  // MARK: Checking

  @Test(
    arguments: [
      ("UPDATE conflict SET row_id = row_id + 90", "conflicts of records that are not shown: 1"),
      (
        "UPDATE conflict SET winner_row = winner_row + 90",
        "conflicts with records that are not shown: 1"
      ),
      ("UPDATE conflict SET row_id = winner_row", "records that contradict themselves: 1"),
      (
        "INSERT INTO conflict SELECT row_id, rule, element, 0, NULL, record_key, rule_version, "
          + "severity, winner_row, value, expected, ordinal, line, byte_offset, child, "
          + "child_ordinal, winner_child, winner_ordinal FROM conflict",
        "conflicts that stand twice: 1"
      ),
    ])
  func `a damaged register is found`(_ sql: String, _ problem: String) throws {
    let home = try TestHome(Enterprises.pipeline)
    try home.deliver("SAM", 1, enterprises: [Enterprises.record(1, "SAM", name("甲"))])
    try home.deliver("MNR", 1, enterprises: [Enterprises.record(1, "MNR", name("乙"))])
    try home.run("2026-06-08")
    let result = try Program(
      "/usr/bin/env", ["sqlite3", "\(home.home.warehouse)/warehouse.sqlite", sql]
    ).wait()
    try #require(result.code == 0, "\(result.errorText)")
    let engine = try home.open()
    #expect(try engine.verify() == [problem])
    try engine.close()
  }
}
