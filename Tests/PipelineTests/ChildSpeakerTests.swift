import Catalog
import Pipeline
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// Parties and vehicles that stand in rows inside records speak of persons and vehicles too (AR14,
/// AR15).
@Suite("Rows inside records speak")
struct ChildSpeakerTests {
  private struct Stop: Error {}

  private static let persons =
    "SELECT person_id_no, person_name, members FROM PERSON_golden ORDER BY person_id_no"
  private static let conflicts =
    "SELECT c.system, c.category, c.rule, c.element, c.child, c.child_ordinal, c.owner_system, "
    + "c.expected FROM authority_conflict AS c ORDER BY c.record, c.child_ordinal"

  private func police(
    _ home: TestHome, _ part: Int, _ cases: [(number: Int, person: Values)], updated: Int = 1
  ) throws {
    try home.deliver(
      "CAS", part, "MPS",
      cases.flatMap {
        Parties.record(enforcementCase($0.number), updated: updated, [$0.person])
      })
  }

  /// A case of an enterprise and others.
  private func joint(_ number: Int, updated: Int = 1, _ others: [Values]) -> [Values] {
    Parties.record(
      enforcementCase(number, ["source_record_id": "U-\(number)"]), updated: updated,
      [[:]] + others)
  }

  private func why(
    _ home: TestHome, _ entity: String, _ key: [String], asOf publication: Int64? = nil
  ) throws -> GoldenExplanation? {
    let entity = try #require(home.pipeline.catalog.authority.entity(entity))
    return try WarehouseReader(folder: home.home.warehouse).why(
      entity, key: key, home.pipeline.catalog, publication: publication)
  }

  // MARK: Who speaks

  @Test func `a second party is compared with the owner, and its record is told which row differs`()
    throws
  {
    let home = try TestHome(Parties.pipeline)
    try police(home, 1, [(1, Parties.person(1, "甲四"))])
    try home.deliver("CAS", 1, "URB", joint(2, updated: 5, [Parties.person(1, "甲肆")]))
    try home.run("2026-06-08")
    #expect(try home.rows(Self.persons) == [[Parties.identity(1), "甲四", "2"]])
    #expect(
      try home.rows(Self.conflicts) == [
        [
          "URB", "CAS", "AR14", "person_name", "parties", "2", "MPS",
          "第2个当事人:与权威来源(公安行政执法办案系统)不一致",
        ]
      ])
    let finding = try home.rows(
      "SELECT f.code, f.rule, f.element, f.value, f.expected, t.source_record_id "
        + "FROM finding_current AS f JOIN CAS AS t USING (record) WHERE f.code = 'Q34'")
    #expect(
      finding == [
        [
          "Q34", "AR14", "person_name", "<restricted, 2 characters>",
          "第2个当事人:与权威来源(公安行政执法办案系统)不一致", "U-2",
        ]
      ])
    let found = try #require(try why(home, "PERSON", ["111", Parties.identity(1)]))
    // In the order of their deliveries.
    #expect(found.members.map(\.system) == ["URB", "MPS"])
    #expect(found.members.map { $0.child?.table } == ["parties", nil])
    #expect(found.members[0].child?.ordinal == 2)
    #expect(found.members[0].fileName == "CAS_1.csv")
    #expect(found.members[0].recordNumber == 1 && found.members[0].line == 2)
    let name = try #require(found.cells.first { $0.element == "person_name" })
    #expect(name.value == "甲四" && name.winner == 1 && name.losers == [0])
    #expect(name.decision?.rule == "AR14" && name.decision?.basis == "owner")
  }

  @Test func `where the owner has nothing a row may win, and lineage names it`() throws {
    let home = try TestHome(Parties.pipeline)
    try home.deliver(
      "CAS", 1, "URB", joint(2, [Parties.person(2, "乙五"), Parties.person(1, "甲四")]))
    try home.run("2026-06-08")
    #expect(
      try home.rows(Self.persons)
        == [[Parties.identity(1), "甲四", "1"], [Parties.identity(2), "乙五", "1"]])
    #expect(
      try home.column("SELECT child || child_ordinal || basis FROM golden_part ORDER BY 1")
        == ["parties2unowned", "parties3unowned"])
    let found = try #require(try why(home, "PERSON", ["111", Parties.identity(1)]))
    let name = try #require(found.cells.first { $0.element == "person_name" })
    #expect(name.winner == 0 && found.members[0].child?.ordinal == 3)
    // What a row does not say is not taken from the record.
    #expect(found.cells.first { $0.element == "person_birth_date" }?.value == nil)
    #expect(try home.dump(of: "PERSON_composed").allSatisfy { $0.contains(":1/parties:") })
  }

  @Test func `a principal party is heard once, the rows of another category by themselves`() throws
  {
    let home = try TestHome(Parties.pipeline)
    try police(home, 1, [(1, Parties.person(1, "甲四"))])
    let other = Parties.person(1, "甲肆")
    try home.deliver(
      "CAS", 1, "URB",
      Parties.record(enforcementCase(2, ["source_record_id": "U-2"]), updated: 4, [other]))
    try home.deliver("PEN", 1, "URB", Parties.record(penalty(3), updated: 5, [[:], other]))
    try home.run("2026-06-08")
    // The record, its own first row, and a row of a penalty.
    #expect(try home.rows(Self.persons) == [[Parties.identity(1), "甲四", "4"]])
    #expect(
      try home.rows(Self.conflicts).map { [$0[1], $0[4], $0[5]] }
        == [["CAS", "", ""], ["PEN", "parties", "2"]])
    let found = try #require(try why(home, "PERSON", ["111", Parties.identity(1)]))
    #expect(found.members.map(\.system) == ["URB", "URB", "URB", "MPS"])
    #expect(found.members.map(\.category) == ["CAS", "CAS", "PEN", "CAS"])
    #expect(found.members.map { $0.child?.ordinal } == [nil, 1, 2, nil])
  }

  @Test func `masked and invalid rows, and companies, never speak`() throws {
    let home = try TestHome(Parties.pipeline)
    let masked = Parties.person(1, "甲四", ["person_id_no": "510***********0011"])
    try home.deliver("CAS", 1, "URB", joint(2, [masked]))
    // A wrong check character returns the whole record.
    let wrong = Parties.person(2, "乙五", ["person_id_no": "510104199001010020"])
    try home.deliver(
      "CAS", 1, "HUD", joint(3, updated: 5, [wrong, Parties.person(3, "丙六")]))
    let outcome = try home.run("2026-06-08")
    #expect(outcome.deliveries.first { $0.system == "HUD" }?.balance.returned == 1)
    #expect(try home.column("SELECT count(*) FROM CAS_each_parties") == ["2"])
    #expect(try home.rows(Self.persons) == [])
    #expect(try why(home, "PERSON", ["111", Parties.identity(3)]) == nil)
  }

  @Test func `a trailer stands in the second row`() throws {
    let home = try TestHome(Parties.vehicles)
    let plates = ["川A12345", "川A1234挂"].map { plate in
      ["vehicle_plate_no": plate, "plate_type_code": plate.hasSuffix("挂") ? "15" : "02"]
    }
    try home.deliver(
      "CAS", 1, "MOT",
      Parties.record(enforcementCase(2, ["source_record_id": "T-2"]), updated: 5, plates))
    try home.deliver(
      "CAS", 1, "MPS",
      [
        enforcementCase(
          1, ["vehicle_plate_no": "川A1234挂", "plate_type_code": "02"])
      ])
    try home.run("2026-06-08")
    #expect(
      try home.rows(
        "SELECT vehicle_plate_no, plate_type_code, uscc <> '', members FROM VEHICLE_golden ORDER BY 1"
      )
        == [["川A12345", "02", "1", "2"], ["川A1234挂", "02", "1", "2"]])
    #expect(
      try home.rows(Self.conflicts).map { Array($0[..<7]) }
        == [["MOT", "CAS", "AR15", "plate_type_code", "vehicles", "2", "MPS"]])
    // The plate type may be read by every department; where it stands in a record it is told.
    let told = try home.rows(Self.conflicts).first?.last
    #expect(told == "第2个涉案车辆:权威来源(公安行政执法办案系统)为02")
  }

  // MARK: Nights

  @Test func `only persons whom the night touches are composed again`() throws {
    let home = try TestHome(Parties.pipeline)
    try police(home, 1, [(1, Parties.person(1, "甲四")), (2, Parties.person(2, "乙五"))])
    let cases = [
      joint(3, [Parties.person(1, "甲肆")]), joint(4, [Parties.person(2, "乙伍")]),
      joint(5, [Parties.person(3, "丙六")]),
    ]
    try home.deliver("CAS", 1, "URB", cases.flatMap { $0 })
    try home.run("2026-06-05")
    #expect(try home.rows(Self.conflicts).map { $0[5] } == ["2", "2"])
    var composed = 0
    try home.deliver("CAS", 2, "URB", joint(3, updated: 6, [Parties.person(1, "甲四")]))
    let second = try home.run("2026-06-06") { $0.beforeComposing = { composed += $0.keys.count } }
    #expect(composed == 1)
    #expect(try home.rows(Self.conflicts).count == 1)
    #expect(second.conflicts.map { [$0.standing, $0.new, $0.settled] } == [[1, 0, 1]])
    // The night before shows what it showed.
    #expect(try home.rows(Self.conflicts, asOf: "2026-06-05").count == 2)
    // The police withdraw their case: nobody owns, and who spoke alone stands.
    try home.deliver(
      "CAS", 2, "MPS",
      Parties.record(
        enforcementCase(2, ["operation_type_code": "3"]), updated: 7, [Parties.person(2, "乙五")]))
    try home.run("2026-06-07") { $0.beforeComposing = { composed += $0.keys.count } }
    #expect(composed == 2)
    #expect(try home.rows(Self.persons).map { $0[1] } == ["甲四", "乙伍", "丙六"])
    #expect(try home.rows(Self.conflicts) == [])
    // A case that no longer names a party takes the person with it.
    try home.deliver("CAS", 3, "URB", joint(5, updated: 8, []))
    try home.run("2026-06-08")
    #expect(try home.rows(Self.persons).map { $0[1] } == ["甲四", "乙伍"])
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `one night or several, in any order, end in the same persons and conflicts`(
    _ seed: UInt64
  ) throws {
    var generator = SeededGenerator(seed: seed)
    func party() -> Values {
      let number = Int.random(in: 1...4, using: &generator)
      return Parties.person(number, "清\(Int.random(in: 1...3, using: &generator))")
    }
    var files: [(category: String, system: String, lines: [Values])] = []
    for day in 1...3 {
      for system in ["MPS", "URB", "HUD"] {
        let number = Int.random(in: 1...3, using: &generator)
        let record = enforcementCase(
          number + (system == "MPS" ? 0 : system == "URB" ? 10 : 20),
          ["source_record_id": "\(system)-\(number)"])
        let parties =
          system == "MPS" ? [party()] : [[:]] + (0..<number).map { _ in party() }
        files.append(("CAS", system, Parties.record(record, updated: day, parties)))
      }
      files.append(
        ("PEN", "URB", Parties.record(penalty(day, updated: day), updated: day, [[:], party()])))
    }
    func content(_ home: TestHome) throws -> [[String]] {
      let engine = try home.open()
      defer { try? engine.close() }
      try engine.goldenDump(to: home.folder + "golden", leavingOut: "batch_no")
      return [[try Files.text(home.folder + "golden")]]
        + (try home.rows(
          "SELECT system, rule, element, expected, child, child_ordinal FROM authority_conflict "
            + "ORDER BY 1, 2, 3, 4, 5, 6"))
    }
    let whole = try TestHome(Parties.pipeline)
    for (part, file) in files.enumerated() {
      try whole.deliver(file.category, part, file.system, file.lines)
    }
    try whole.run("2026-06-08")
    let expected = try content(whole)
    #expect(expected[0][0].contains("PERSON|"))
    let parts = try TestHome(Parties.pipeline)
    for (place, file) in files.shuffled(using: &generator).enumerated() {
      try parts.deliver(file.category, place, file.system, file.lines)
      if place % 4 == 3 { try parts.run("2026-06-0\(5 + place / 4)") }
    }
    try parts.run("2026-06-08")
    #expect(try content(parts) == expected)
  }

  @Test func `a night that is stopped behind the golden records ends as an undisturbed one`() throws
  {
    var dumps: [[String]] = []
    for isStopped in [false, true] {
      let home = try TestHome(Parties.pipeline)
      try police(home, 1, [(1, Parties.person(1, "甲四"))])
      try home.deliver("CAS", 1, "URB", joint(3, [Parties.person(1, "甲肆")]))
      try home.run("2026-06-05")
      try home.deliver(
        "CAS", 2, "URB", joint(3, updated: 6, [Parties.person(2, "乙五"), Parties.person(1, "贾四")]))
      if isStopped {
        #expect(throws: (any Error).self) {
          try home.run("2026-06-06") { $0.beforePublishing = { throw Stop() } }
        }
      }
      try home.run("2026-06-06")
      dumps.append(try home.dump())
    }
    #expect(dumps[0] == dumps[1])
    #expect(dumps[0].contains { $0.hasPrefix("conflict|") && $0.contains("/parties:3") })
  }

  // MARK: Returns

  @Test func `a rule may send back the record for each of its rows`() throws {
    let strict = Parties.pipeline.map { pipeline in
      pipeline.editing { catalog in
        for index in catalog.authority.rules.indices
        where catalog.authority.rules[index].id == "AR14" {
          catalog.authority.rules[index].severity = .return
        }
      }
    }
    let home = try TestHome(strict)
    try police(home, 1, [(1, Parties.person(1, "甲四")), (2, Parties.person(2, "乙五"))])
    try home.deliver(
      "CAS", 1, "URB",
      joint(3, [Parties.person(1, "甲肆"), Parties.person(2, "乙伍")])
        + joint(4, [Parties.person(1, "甲四")]))
    try home.deliver(
      "PEN", 1, "URB", Parties.record(penalty(5), [[:], Parties.person(2, "乙武")]))
    try home.run("2026-06-05")
    #expect(
      try home.rows(
        "SELECT r.category, r.source_record_id, f.expected FROM returned_record AS r "
          + "JOIN finding_current AS f USING (record) WHERE f.rule = 'AR14' ORDER BY 1, f.ordinal")
        == [
          ["CAS", "U-3", "第2个当事人:与权威来源(公安行政执法办案系统)不一致"],
          ["CAS", "U-3", "第3个当事人:与权威来源(公安行政执法办案系统)不一致"],
          ["PEN", "P-5", "第2个被处罚当事人:与权威来源(公安行政执法办案系统)不一致"],
        ])
    #expect(try home.rows(Self.conflicts) == [])
    #expect(try home.rows(Self.persons).map { $0[2] } == ["2", "1"])
  }

  // MARK: Files of an earlier program

  @Test func `a register of an earlier program is taken over`() throws {
    let home = try TestHome(Parties.pipeline)
    try police(home, 1, [(1, Parties.person(1, "甲四"))])
    let other = Parties.person(1, "甲肆")
    try home.deliver("CAS", 1, "URB", Parties.record(enforcementCase(2), updated: 4, [other]))
    try home.run("2026-06-05")
    let before = try home.rows(Self.conflicts)
    #expect(before.count == 1)
    let columns =
      "row_id, rule, element, opened_by, closed_by, record_key, rule_version, severity, "
      + "winner_row, value, expected"
    let script = """
      DELETE FROM grdb_migrations WHERE identifier = '0007-conflicts-of-child-rows';
      DROP VIEW finding_current; DROP VIEW authority_conflict;
      CREATE TABLE kept AS SELECT \(columns) FROM conflict; DROP TABLE conflict;
      CREATE TABLE conflict (row_id INTEGER NOT NULL, rule TEXT NOT NULL, element TEXT NOT NULL,
        opened_by INTEGER NOT NULL, closed_by INTEGER, record_key BLOB NOT NULL,
        rule_version INTEGER NOT NULL, severity TEXT NOT NULL, winner_row INTEGER NOT NULL,
        value TEXT, expected TEXT, PRIMARY KEY (row_id, rule, element, opened_by)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO conflict SELECT * FROM kept; DROP TABLE kept;
      CREATE VIEW authority_conflict AS SELECT row_id FROM conflict;
      ALTER TABLE golden_part DROP COLUMN child; ALTER TABLE golden_part DROP COLUMN child_ordinal;
      """
    let result = try Program(
      "/usr/bin/env", ["sqlite3", "\(home.home.warehouse)/warehouse.sqlite", script]
    ).wait()
    try #require(result.code == 0, "\(result.errorText)")
    let engine = try home.open()
    #expect(try engine.verify() == [])
    try engine.close()
    #expect(try home.rows(Self.conflicts) == before)
    // The next night goes on with it.
    try home.deliver(
      "CAS", 2, "URB",
      Parties.record(enforcementCase(2), updated: 6, [Parties.person(1, "甲四")]))
    try home.run("2026-06-06")
    #expect(try home.rows(Self.conflicts) == [])
    #expect(try home.column("SELECT count(*) FROM conflict") == ["1"])
  }
}
