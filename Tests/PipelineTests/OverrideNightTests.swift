import Catalog
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline

/// What people state before all systems, over whole nights.
@Suite("Overrides over nights")
struct OverrideNightTests {
  private struct Stop: Error {}

  private static let key = Enterprises.codes[1]

  private func name(_ word: String) -> Values { ["subject_name": "清源\(word)食品有限公司"] }

  /// Market supervision and land users, who differ about the name of enterprise 1.
  private func home() throws -> TestHome {
    let home = try TestHome(Enterprises.pipeline)
    try home.deliver(
      "SAM", 1, enterprises: [1, 2].map { Enterprises.record($0, "SAM", name("甲")) })
    try home.deliver("MNR", 1, enterprises: [Enterprises.record(1, "MNR", name("乙"))])
    try home.run("2026-06-02")
    return home
  }

  private func desk<Result>(
    _ home: TestHome, _ body: (StewardDesk) throws -> Result
  ) throws -> Result {
    let engine = try home.open()
    defer { try? engine.close() }
    return try body(
      StewardDesk(
        catalog: home.pipeline.catalog, configuration: home.configuration, engine: engine))
  }

  @discardableResult
  private func state(
    _ home: TestHome, _ values: [(element: String, text: String)], key: String = key,
    rule: String? = nil, until: String = "2026-06-30"
  ) throws -> StewardOverride {
    let until = try #require(CivilDate(until))
    return try desk(home) {
      try $0.state(
        StewardDesk.Statement(
          entity: "ENT", key: [key], rule: rule, values: values, author: "li", reason: "来函",
          until: until, time: "2026-06-02T09:00:00"))
    }
  }

  private func golden(
    _ home: TestHome, _ element: String = "subject_name", key: String = key,
    asOf night: String? = nil
  ) throws -> [String] {
    try home.column("SELECT \(element) FROM ENT_golden WHERE uscc = '\(key)'", asOf: night)
  }

  private func outcomes(_ home: TestHome) throws -> [String] {
    try WarehouseReader(folder: home.home.warehouse).overrides().map {
      $0.outcome?.rawValue ?? ($0.openedBy == nil ? "waits" : "counts")
    }
  }

  private func why(_ home: TestHome, _ element: String) throws -> GoldenExplanation.Cell {
    let entity = try #require(home.pipeline.catalog.authority.entity("ENT"))
    let explanation = try #require(
      try WarehouseReader(folder: home.home.warehouse).why(
        entity, key: [Self.key], home.pipeline.catalog, publication: nil))
    return try #require(explanation.cells.first { $0.element == element })
  }

  // MARK: Winning and ending

  @Test func `what a person states wins from the next night on, and why says so`() throws {
    let home = try home()
    let override = try state(home, [("subject_name", "清源丙食品有限公司")])
    #expect(override.values.map(\.replaced) == ["清源甲食品有限公司"])
    #expect(try golden(home) == ["清源甲食品有限公司"])
    #expect(try outcomes(home) == ["waits"])
    // Nothing else happens in that night, and only this key is composed.
    var composed = 0
    try home.run("2026-06-03") { $0.beforeComposing = { composed += $0.keys.count } }
    #expect(composed == 1)
    #expect(try golden(home) == ["清源丙食品有限公司"])
    #expect(try golden(home, asOf: "2026-06-02") == ["清源甲食品有限公司"])
    let cell = try why(home, "subject_name")
    #expect(cell.override?.id == override.id && cell.override?.reason == "来函")
    #expect(cell.winner == nil && cell.decision == nil)
    #expect(cell.losers.count == 2, "the owner is among them")
    // The rest of the group is the owner's, as before; so are the conflicts.
    #expect(try why(home, "registered_address").decision?.rule == "AR01")
    #expect(try home.column("SELECT value FROM authority_conflict") == ["清源乙食品有限公司"])
    #expect(
      try home.rows("SELECT key, element, value, replaced, author, night FROM steward_override")
        == [[Self.key, "subject_name", "清源丙食品有限公司", "清源甲食品有限公司", "li", "2026-06-03"]])
    #expect(try canonical(home).contains("清源丙食品有限公司"))
    // What leaves has it too.
    let shared = try Program(
      "/usr/bin/env",
      [
        "sqlite3", home.home.tierFile(.shared),
        "SELECT subject_name, registered_address FROM ENT_golden WHERE uscc = '\(Self.key)'",
      ]
    ).wait()
    let address = try golden(home, "registered_address")[0]
    #expect(shared.outputLines == ["清源丙食品有限公司|\(address)"], "\(shared.errorText)")
    // A night in which nothing moves leaves it as it is.
    try home.run("2026-06-04")
    #expect(
      try home.column("SELECT count(*) FROM ENT_composed WHERE closed_by IS NULL") == ["1"])
    #expect(try home.column("SELECT count(*) FROM ENT_composed") == ["2"])
  }

  private func canonical(_ home: TestHome) throws -> String {
    let engine = try home.open()
    defer { try? engine.close() }
    try engine.goldenDump(to: home.folder + "golden", leavingOut: "batch_no")
    return try Files.text(home.folder + "golden")
  }

  @Test func `the same is stated of several keys, and retired of all of them`() throws {
    let home = try home()
    let keys = [1, 2].map { Enterprises.codes[$0] }
    let first = try state(home, [("subject_name", "清源丙食品有限公司")], key: keys[1])
    let statement = StewardDesk.Statement(
      entity: "ENT", key: [], rule: nil, values: [("subject_name", "清源丁食品有限公司")],
      author: "li", reason: "来函", until: try #require(CivilDate("2026-06-30")),
      time: "2026-06-02T09:00:00")
    let asked = [[keys[1]], ["91110105MA01ABCD2E"], [keys[0]]]
    let judged = try desk(home) { try $0.judged(statement, keys: asked) }
    #expect(judged.map(\.key) == asked)
    #expect(judged.map { (try? $0.result.get()) != nil } == [false, false, true])
    var recorded: [[[String]]] = []
    let stated = try desk(home) {
      try $0.state(statement, keys: asked) { recorded.append($0.map(\.key)) }
    }
    #expect(stated.map(\.key) == [[keys[0]]] && recorded == [[[keys[0]]]])
    #expect(stated[0].values.map(\.replaced) == ["清源甲食品有限公司"])
    #expect(stated[0].id != first.id)
    // Where nothing can be stated nothing is recorded.
    #expect(
      try desk(home) { try $0.state(statement, keys: asked) { _ in Issue.record() } }.isEmpty)
    try home.run("2026-06-03")
    #expect(try golden(home, key: keys[0]) == ["清源丁食品有限公司"])
    #expect(try golden(home, key: keys[1]) == ["清源丙食品有限公司"])
    let retirement = StewardOverride.Retirement(
      author: "li", reason: "有误", time: "2026-06-03T09:00:00")
    let ids = [first.id, stated[0].id, 99]
    var times = 0
    #expect(
      try desk(home) { try $0.retire(ids, retirement) { times += 1 } } == Array(ids.prefix(2)))
    #expect(try desk(home) { try $0.retire(ids, retirement) { times += 1 } }.isEmpty && times == 1)
    try home.run("2026-06-04")
    #expect(try outcomes(home) == ["retired", "retired"])
    #expect(try golden(home, key: keys[0]) == ["清源甲食品有限公司"])
  }

  @Test func `it counts until its last night and not after`() throws {
    let home = try home()
    let before = try canonical(home)
    try state(home, [("subject_name", "清源丙食品有限公司")], until: "2026-06-04")
    try home.run("2026-06-03")
    try home.run("2026-06-04")
    #expect(try golden(home) == ["清源丙食品有限公司"])
    try home.run("2026-06-05")
    #expect(try golden(home) == ["清源甲食品有限公司"])
    #expect(try outcomes(home) == ["expired"])
    #expect(try why(home, "subject_name").decision?.rule == "AR01")
    #expect(try canonical(home) == before)
    #expect(try golden(home, asOf: "2026-06-04") == ["清源丙食品有限公司"])
  }

  @Test func `it is retired by hand`() throws {
    let home = try home()
    let id = try state(home, [("subject_name", "清源丙食品有限公司")]).id
    try home.run("2026-06-03")
    let retirement = StewardOverride.Retirement(
      author: "wang", reason: "更正完毕", time: "2026-06-03T10:00:00")
    try desk(home) { try $0.retire(id, retirement) }
    #expect(try golden(home) == ["清源丙食品有限公司"])
    try home.run("2026-06-04")
    #expect(try golden(home) == ["清源甲食品有限公司"])
    #expect(try outcomes(home) == ["retired"])
    for number in [id, 99] {
      #expect(throws: StewardRefusal.self) {
        try desk(home) { try $0.retire(number, retirement) }
      }
    }
  }

  @Test func `it retires by itself when the value that it replaced moves`() throws {
    let home = try home()
    try state(home, [("subject_name", "清源丙食品有限公司")])
    try home.run("2026-06-03")
    // Another element of the owner moves, and what a loser says: the override stands.
    try home.deliver(
      "SAM", 2,
      enterprises: [
        Enterprises.record(
          1, "SAM", updated: 3, name("甲").merging(["registered_address": "清源路9号"]) { $1 })
      ])
    try home.deliver("MNR", 2, enterprises: [Enterprises.record(1, "MNR", updated: 3, name("丁"))])
    try home.run("2026-06-04")
    #expect(try golden(home) == ["清源丙食品有限公司"])
    #expect(try golden(home, "registered_address") == ["清源路9号"])
    try home.deliver("SAM", 3, enterprises: [Enterprises.record(1, "SAM", updated: 4, name("戊"))])
    try home.run("2026-06-05")
    #expect(try golden(home) == ["清源戊食品有限公司"])
    #expect(try outcomes(home) == ["moved"])
    // Back to what it was: what has ended stays ended.
    try home.deliver("SAM", 4, enterprises: [Enterprises.record(1, "SAM", updated: 5, name("甲"))])
    try home.run("2026-06-06")
    #expect(try golden(home) == ["清源甲食品有限公司"])
    #expect(try outcomes(home) == ["moved"])
  }

  @Test func `a thing that goes, or moves before its first night, takes its override with it`()
    throws
  {
    let home = try home()
    let other = Enterprises.codes[2]
    try state(home, [("subject_name", "清源丙食品有限公司")], key: other)
    try state(home, [("subject_name", "清源丙食品有限公司")])
    try home.deliver("SAM", 2, enterprises: [Enterprises.record(1, "SAM", updated: 3, name("丁"))])
    try home.run("2026-06-03")
    #expect(try outcomes(home) == ["counts", "moved"])
    // One record alone speaks of it: it has a golden record of its own all the same.
    #expect(try golden(home, key: other) == ["清源丙食品有限公司"])
    #expect(
      try home.column("SELECT members FROM ENT_golden WHERE uscc = '\(other)'") == ["1"])
    #expect(try golden(home) == ["清源丁食品有限公司"])
    try home.deliver(
      "SAM", 3,
      enterprises: [Enterprises.record(2, "SAM", updated: 4, ["operation_type_code": "3"])])
    try home.run("2026-06-04")
    #expect(try golden(home, key: other) == [])
    #expect(try outcomes(home) == ["moved", "moved"])
  }

  @Test func `the elements of a rule are stated together, those without a value as empty`() throws {
    let home = try home()
    let stated = [
      ("subject_name", "清源丙食品有限公司"), ("established_date", "2020年1月2日"),
      ("registered_capital", "12.5"),
    ]
    let override = try state(home, stated, rule: "AR01")
    #expect(override.values.count == 19, "the key itself is not stated")
    try home.run("2026-06-03")
    #expect(
      try home.rows(
        "SELECT subject_name, established_date, registered_capital, business_scope FROM ENT_golden "
          + "WHERE uscc = '\(Self.key)'") == [["清源丙食品有限公司", "2020-01-02", "12.5", ""]])
    #expect(try why(home, "business_scope").override?.id == override.id)
  }

  // MARK: Refusals

  @Test func `what makes no sense is refused, and nothing is stored`() throws {
    let home = try home()
    func message(
      _ values: [(element: String, text: String)], key: String = Self.key, rule: String? = nil,
      until: String = "2026-06-30"
    ) -> String {
      do {
        try state(home, values, key: key, rule: rule, until: until)
        return "taken"
      } catch {
        return "\(error)"
      }
    }
    #expect(message([("no_such", "1")]) == "ENT has no element no_such")
    #expect(message([("uscc", "1")]).hasPrefix("uscc is part of the key of ENT"))
    #expect(message([]) == "nothing is stated; give a value")
    #expect(
      message([("subject_name", "甲"), ("subject_name", "乙")]) == "subject_name is stated twice")
    #expect(message([("remark", "甲")], rule: "AR01").hasPrefix("rule AR01 does not decide remark"))
    #expect(message([("subject_name", "甲")], rule: "AR99") == "ENT has no rule AR99")
    #expect(
      message([("subject_name", "甲")], key: Enterprises.codes[5]).hasPrefix("no record of ENT"))
    #expect(
      message([("subject_name", "甲")], until: "2026-06-02").contains("before the next night"))
    #expect(
      message([("subject_name", "清源甲食品有限公司")]) == "the golden record says so already")
    // Values are judged as those of a source are.
    for (element, value) in [
      ("registration_status_code", "不存在的状态"), ("established_date", "2026-02-30"),
      ("registered_capital", "-1"), ("subject_name", String(repeating: "长", count: 201)),
    ] {
      #expect(message([(element, value)]).hasPrefix("\(element): expected"), "\(element)")
    }
    #expect(try outcomes(home) == [])
    #expect(message([("subject_name", "清源丙食品有限公司")]) == "taken")
    #expect(
      message([("subject_name", "清源丁食品有限公司")])
        == "override 1 states subject_name already; retire it first")
  }

  // MARK: Killed anywhere

  @Test(arguments: [false, true])
  func `a night that is stopped and repeated, or taken back, settles the same`(isTakenBack: Bool)
    throws
  {
    var dumps: [[String]] = []
    for isStopped in [false, true] {
      let home = try home()
      try state(home, [("subject_name", "清源丙食品有限公司")], until: "2026-06-03")
      try state(home, [("business_scope", "零售")])
      for night in ["2026-06-03", "2026-06-04"] {
        if isStopped {
          let before = try home.dump()
          #expect(throws: Stop.self) {
            try home.interrupted(night) { $0.beforePublishing = { throw Stop() } }
          }
          if isTakenBack {
            let engine = try home.open()
            try engine.discardAllUnpublished()
            #expect(try engine.verify() == [])
            try engine.close()
            #expect(try home.dump() == before)
          }
        }
        try home.run(night)
      }
      #expect(try outcomes(home) == ["expired", "counts"])
      dumps.append(try home.dump())
    }
    #expect(dumps[0] == dumps[1])
    #expect(dumps[0].count { $0.hasPrefix("golden_override|") } == 2)
  }

  @Test func `an override that stands in no golden record is found`() throws {
    let home = try home()
    try state(home, [("subject_name", "清源丙食品有限公司")])
    try home.run("2026-06-03")
    let result = try Program(
      "/usr/bin/env",
      [
        "sqlite3", "\(home.home.warehouse)/warehouse.sqlite",
        "UPDATE golden_part SET override = 7 WHERE override = 1",
      ]
    ).wait()
    try #require(result.code == 0, "\(result.errorText)")
    let engine = try home.open()
    #expect(
      try engine.verify() == [
        "golden values of overrides that do not exist: 1",
        "overrides that count and stand in no golden record: 1",
      ])
    try engine.close()
  }
}
