import Catalog
import Pipeline
import PipelineDefinition
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// Golden records over whole nights: three systems that keep the same enterprises.
@Suite("Golden records over nights")
struct GoldenNightTests {
  private struct Stop: Error {}

  private static let codes = Enterprises.codes

  private func home() throws -> TestHome { try TestHome(Enterprises.pipeline) }

  private func enterprise(
    _ number: Int, _ system: String, updated: Int = 1, _ more: Values = [:]
  ) -> Values { Enterprises.record(number, system, updated: updated, more) }

  private func deliver(
    _ home: TestHome, _ system: String, _ part: Int, _ records: [Values]
  ) throws { try home.deliver(system, part, enterprises: records) }

  private func golden(_ home: TestHome, asOf night: String? = nil) throws -> [[String]] {
    try home.rows(
      "SELECT uscc, subject_name, registered_address, members FROM ENT_golden ORDER BY uscc",
      asOf: night)
  }

  private func conflicts(_ home: TestHome) throws -> [[String]] {
    try home.rows(
      "SELECT system, rule, element, value, expected, owner_system FROM authority_conflict "
        + "ORDER BY system, record, element")
  }

  @Test func `the owner's values stand, and who says otherwise is told`() throws {
    let home = try home()
    try deliver(
      home, "SAM", 1, [enterprise(1, "SAM", ["subject_name": "清源甲食品有限公司"])])
    try deliver(
      home, "MNR", 1,
      [
        enterprise(1, "MNR", updated: 5, ["subject_name": "清源乙食品有限公司"]),
        enterprise(2, "MNR", ["subject_name": "清源丙食品有限公司"]),
      ])
    try home.run("2026-06-08")
    let rows = try golden(home)
    #expect(rows.map { $0[1] }.sorted() == ["清源丙食品有限公司", "清源甲食品有限公司"])
    #expect(rows.first { $0[0] == Self.codes[1] }?[3] == "2")
    #expect(rows.first { $0[0] == Self.codes[2] }?[3] == "1")
    #expect(
      try conflicts(home).filter { $0[2] == "subject_name" }
        == [
          [
            "MNR", "AR01", "subject_name", "清源乙食品有限公司",
            "权威来源(市场监管综合业务系统)为清源甲食品有限公司", "SAM",
          ]
        ])
    #expect(try home.column("SELECT count(*) FROM ENT_composed") == ["1"])
  }

  @Test func `when the owner changes its value, only what leaned on it is composed again`() throws {
    let home = try home()
    let both = [1, 2, 3]
    try deliver(home, "SAM", 1, both.map { enterprise($0, "SAM") })
    try deliver(home, "MNR", 1, both.map { enterprise($0, "MNR") })
    try home.run("2026-06-05")
    #expect(try conflicts(home) == [])
    try deliver(
      home, "SAM", 2, [enterprise(2, "SAM", updated: 6, ["registered_address": "清源路9号"])])
    var composed = 0
    try home.run("2026-06-06") { $0.beforeComposing = { composed += $0.keys.count } }
    #expect(composed == 1)
    #expect(try golden(home).first { $0[0] == Self.codes[2] }?[2] == "清源路9号")
    #expect(
      try conflicts(home).map { [$0[0], $0[2]] } == [["MNR", "registered_address"]])
    // The night before shows what it showed.
    #expect(
      try golden(home, asOf: "2026-06-05").first { $0[0] == Self.codes[2] }?[2] != "清源路9号")
    // MNR takes the value over: the conflict is gone, and was.
    try deliver(
      home, "MNR", 2, [enterprise(2, "MNR", updated: 7, ["registered_address": "清源路9号"])])
    try home.run("2026-06-07")
    #expect(try conflicts(home) == [])
    #expect(try home.column("SELECT count(*) FROM conflict") == ["1"])
  }

  @Test func `a value that fails validation cannot win, even from the owner`() throws {
    let home = try home()
    try deliver(
      home, "SAM", 1,
      [enterprise(1, "SAM", ["registration_status_code": "不存在的状态"]), enterprise(2, "SAM")])
    try deliver(home, "MNR", 1, [enterprise(1, "MNR", ["subject_name": "清源丁食品有限公司"])])
    try home.run("2026-06-05")
    #expect(
      try golden(home).first { $0[0] == Self.codes[1] }?[1] == "清源丁食品有限公司")
    #expect(
      try home.column("SELECT system FROM returned_record") == ["SAM"], "the owner gets it back")
  }

  @Test func `a deletion gives the thing back to whoever still speaks of it`() throws {
    let home = try home()
    try deliver(home, "SAM", 1, [enterprise(1, "SAM", ["subject_name": "清源甲食品有限公司"])])
    try deliver(home, "MNR", 1, [enterprise(1, "MNR", ["subject_name": "清源乙食品有限公司"])])
    try home.run("2026-06-05")
    #expect(try golden(home).map { $0[1] } == ["清源甲食品有限公司"])
    try deliver(
      home, "SAM", 2, [enterprise(1, "SAM", updated: 6, ["operation_type_code": "3"])])
    try home.run("2026-06-06")
    #expect(
      try golden(home).map { Array($0[1...]) }.map { [$0[0], $0[2]] } == [["清源乙食品有限公司", "1"]])
    #expect(try conflicts(home) == [])
  }

  @Test func `every cell says who won, by which rule, and over whom, also of a past night`() throws
  {
    let home = try home()
    try deliver(
      home, "SAM", 1, [enterprise(1, "SAM", ["subject_name": "清源甲食品有限公司"]), enterprise(2, "SAM")])
    try home.run("2026-06-05")
    try deliver(
      home, "MNR", 1,
      [enterprise(1, "MNR", updated: 6, ["subject_name": "清源乙食品有限公司"])])
    try home.run("2026-06-06")
    let reader = try WarehouseReader(folder: home.home.warehouse)
    let entity = try #require(home.pipeline.catalog.authority.entity("ENT"))
    func why(_ number: Int, asOf publication: Int64? = nil) throws -> GoldenExplanation? {
      try reader.why(
        entity, key: [Self.codes[number]], home.pipeline.catalog, publication: publication)
    }
    let now = try #require(try why(1))
    #expect(now.members.map(\.system) == ["SAM", "MNR"])
    #expect(now.members.map(\.night) == ["2026-06-05", "2026-06-06"])
    let name = try #require(now.cells.first { $0.element == "subject_name" })
    #expect(name.value == "清源甲食品有限公司")
    #expect(name.winner == 0)
    #expect(name.losers == [1])
    #expect(name.decision?.rule == "AR01")
    #expect(name.decision?.basis == "owner")
    // No rule: whoever changed it last.
    let system = try #require(now.cells.first { $0.element == "source_system_code" })
    #expect(system.value == "MNR")
    #expect(system.winner == 1 && system.decision == nil)
    let then = try #require(try why(1, asOf: 1))
    #expect(then.members.map(\.system) == ["SAM"])
    #expect(then.cells.first { $0.element == "source_system_code" }?.value == "SAM")
    #expect(try why(2)?.members.count == 1)
    #expect(try why(5) == nil)
  }

  // MARK: Order

  private func golden(dump home: TestHome) throws -> String {
    let engine = try home.open()
    defer { try? engine.close() }
    try engine.goldenDump(to: home.folder + "golden", leavingOut: "batch_no")
    return try Files.text(home.folder + "golden")
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `one night or three, in any order, end in the same golden content`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var files: [(system: String, records: [Values])] = []
    for system in ["SAM", "MNR"] {
      for day in 1...5 {
        files.append(
          (
            system,
            (0..<Int.random(in: 1...3, using: &generator)).map { _ in
              let number = Int.random(in: 0...5, using: &generator)
              return enterprise(
                number, system, updated: day,
                [
                  "subject_name": "清源\(Int.random(in: 1...3, using: &generator))号有限公司",
                  "registered_address": "清源路\(day)号",
                  "source_record_id": "\(system)-E-\(number)",
                ])
            }
          ))
      }
    }
    // One record of an enterprise in a file.
    for index in files.indices {
      var seen = Set<String>()
      files[index].records.removeAll { !seen.insert($0["uscc"] ?? "").inserted }
    }
    let whole = try home()
    for (part, file) in files.enumerated() {
      try deliver(whole, file.system, part, file.records)
    }
    try whole.run("2026-06-08")
    let expected = try golden(dump: whole)
    #expect(expected.contains("清源"))
    for _ in 0..<2 {
      let parts = try home()
      let shuffled = files.enumerated().shuffled(using: &generator)
      for (place, file) in shuffled.enumerated() {
        try deliver(parts, file.element.system, place, file.element.records)
        if place % 4 == 3 { try parts.run("2026-06-0\(5 + place / 4)") }
      }
      try parts.run("2026-06-08")
      #expect(try golden(dump: parts) == expected)
    }
  }

  @Test(arguments: [0, 1])
  func `a night that is stopped while composing ends as an undisturbed one`(_ page: Int) throws {
    var dumps: [[String]] = []
    for isStopped in [false, true] {
      let home = try home()
      try deliver(home, "SAM", 1, (0..<6).map { enterprise($0, "SAM") })
      try deliver(
        home, "MNR", 1, (0..<6).map { enterprise($0, "MNR", ["subject_name": "清源\($0)号店"]) })
      if page == 1 {
        try home.run("2026-06-05")
        try deliver(
          home, "SAM", 2,
          (0..<3).map { enterprise($0, "SAM", updated: 6, ["subject_name": "清源新\($0)号店"]) })
      }
      if isStopped {
        #expect(throws: (any Error).self) {
          try home.run("2026-06-06") { watched in
            watched.beforePublishing = { throw Stop() }
          }
        }
      }
      try home.run("2026-06-06")
      dumps.append(try home.dump())
    }
    #expect(dumps[0] == dumps[1])
    #expect(dumps[0].contains { $0.hasPrefix("ENT_composed|") })
    #expect(dumps[0].contains { $0.hasPrefix("conflict|") })
  }
}
