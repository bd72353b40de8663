import Catalog
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline

/// Subjects of records and their registrations, over whole nights.
@Suite("Subjects over nights")
struct SubjectNightTests {
  private struct Stop: Error {}

  private static let codes = Enterprises.codes
  private static let name = "清源福来(锦江)食品有限公司"

  private func home() throws -> TestHome { try TestHome(Enterprises.pipeline) }

  /// Names of which no two are near.
  private static func stranger(_ number: Int) -> String {
    let characters = Array("福瑞祥隆顺鑫恒泰宏嘉百味丰源润康悦锦香满聚德盛天蓉川江禾谷稻蜀来达利兴茂昌和")
    let (first, second) = (characters[number % 38], characters[(number * 5 + 11) % 38])
    return "清源\(first)\(second)\(first)商贸有限公司"
  }

  /// A penalty of an enterprise with a code that nobody has any more.
  private func formerly(_ index: Int, _ name: String, number: String, updated: Int = 1) -> Values {
    penalty(
      index, updated: updated,
      ["subject_name": name, "uscc": Self.codes[5], "registration_no": number])
  }

  @Test func `a code links, number and name link, a name alone waits for a person`() throws {
    let home = try home()
    try home.deliver(
      "SAM", 1,
      enterprises: [
        Subjects.enterprise(1, Self.name, number: Subjects.number(1)),
        Subjects.enterprise(2, "清源百合饮料有限公司"),
      ])
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1, ["uscc": Self.codes[1], "subject_name": "随便写的名称"]),
        formerly(2, "清源福来（锦江）食品 有限公司", number: Subjects.number(1)),
        formerly(3, "清源江津调味有限公司", number: Subjects.number(3)),
      ])
    try home.deliver(
      1,
      complaints: [
        Subjects.complaint(1, "清源福来（锦江）食品有限公司"), Subjects.complaint(2, "清源百合饮料有限责任公司"),
        Subjects.complaint(3, "某甲"),
        Subjects.complaint(5, "谁都不是", code: Self.codes[2]),
      ])
    try home.run("2026-06-02")
    #expect(
      try home.links() == [
        ["CMP", Self.codes[2], "SM1"], ["PEN", Self.codes[1], "SM1"],
        ["PEN", Self.codes[1], "SM2"],
      ])
    #expect(
      try home.candidates() == [
        ["C-1", Self.codes[1], "SC6", "80"], ["C-2", Self.codes[2], "SC7", "60"],
      ])
    #expect(
      try home.rows(
        "SELECT stated_name, registered_name, reason, system FROM subject_candidate ORDER BY 1")[0]
        == ["清源百合饮料有限责任公司", "清源百合饮料有限公司", "字号一致,区划或组织形式写法不同", "SAM"])
  }

  @Test func `a night says what it came to know of subjects, and its report as of that night`()
    throws
  {
    let home = try home()
    func tally(_ outcome: RunOutcome) -> [Int] {
      SubjectKnowledge.allCases.map { outcome.subjects[$0] }
    }
    func report(_ night: String) throws -> [Int] {
      let report = try MorningReport(
        try WarehouseReader(folder: home.home.warehouse), catalog: home.pipeline.catalog,
        configuration: home.configuration, night: night)
      return SubjectKnowledge.allCases.map { report.subjects[$0] }
    }
    try home.deliver(
      "SAM", 1, enterprises: [Subjects.enterprise(1, Self.name, number: Subjects.number(1))])
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1, ["uscc": Self.codes[1], "subject_name": "随便写的名称"]),
        formerly(2, Self.name, number: Subjects.number(1)),
        formerly(3, "清源江津调味有限公司", number: Subjects.number(3)),
      ])
    try home.deliver(
      1,
      complaints: [
        Subjects.complaint(1, Self.name), Subjects.complaint(2, Self.name),
        Subjects.complaint(3, "某甲"),
      ])
    #expect(tally(try home.run("2026-06-02")) == [1, 1, 0, 2, 2])
    #expect(try report("2026-06-02") == [1, 1, 0, 2, 2])
    // Of the next night its own records alone.
    try home.deliver(2, complaints: [Subjects.complaint(4, Self.name)])
    #expect(tally(try home.run("2026-06-03")) == [0, 0, 0, 1, 0])
    #expect(try report("2026-06-03") == [0, 0, 0, 1, 0])
    #expect(try report("2026-06-02") == [1, 1, 0, 2, 2])
  }

  @Test func `a count that was killed is made again`() throws {
    let home = try home()
    try home.deliver("SAM", 1, enterprises: [Subjects.enterprise(1, Self.name)])
    try home.deliver(1, complaints: [Subjects.complaint(1, Self.name)])
    #expect(throws: Stop.self) {
      try home.run("2026-06-02") { $0.afterCounting = { throw Stop() } }
    }
    try home.run("2026-06-02")
    #expect(
      try home.rows("SELECT name, domain, value FROM measure WHERE name = 'subjects'")
        == [["subjects", "candidates", "1"]])
  }

  @Test func `what changes of a registration is matched again, and only that`() throws {
    let home = try home()
    try home.deliver("SAM", 1, enterprises: [Subjects.enterprise(1, Self.name)])
    try home.deliver(
      1,
      complaints: (1...30).map { Subjects.complaint($0, Self.stranger($0)) } + [
        Subjects.complaint(41, Self.name),
        Subjects.complaint(42, "清源百合饮料有限公司", code: Self.codes[2]),
      ])
    try home.run("2026-06-02")
    #expect(try home.candidates() == [["C-41", Self.codes[1], "SC6", "80"]])
    // A second one of the name, an enterprise for a code, and a rename.
    try home.deliver(
      "SAM", 2,
      enterprises: [
        Subjects.enterprise(2, Self.stranger(7), updated: 3),
        Subjects.enterprise(3, Self.name, updated: 3),
      ])
    var looked: [Int64] = []
    try home.run("2026-06-03") { $0.beforeMatching = { looked += $0.rows } }
    #expect(looked.count == 3)
    #expect(
      try home.candidates() == [
        ["C-41", Self.codes[1], "SC6", "80"], ["C-41", Self.codes[3], "SC6", "80"],
        ["C-7", Self.codes[2], "SC6", "80"],
      ])
    #expect(try home.links() == [["CMP", Self.codes[2], "SM1"]])
    try home.deliver(
      "SAM", 3,
      enterprises: [
        Subjects.enterprise(1, Self.stranger(9), updated: 4),
        Enterprises.record(2, "SAM", updated: 4, ["operation_type_code": "3"]),
      ])
    try home.run("2026-06-04")
    #expect(
      try home.candidates() == [
        ["C-41", Self.codes[3], "SC6", "80"], ["C-9", Self.codes[1], "SC6", "80"],
      ])
    #expect(try home.links() == [])
    // Nights before show what they showed; a night in which nothing happens looks at nothing.
    #expect(try home.candidates(asOf: "2026-06-02") == [["C-41", Self.codes[1], "SC6", "80"]])
    #expect(try home.candidates(asOf: "2026-06-03").count == 3)
    #expect(
      try home.column("SELECT subject FROM subject_link", asOf: "2026-06-03") == [Self.codes[2]])
    looked = []
    var indexed = 0
    try home.run("2026-06-05") {
      $0.beforeMatching = { looked += $0.rows }
      $0.beforeIndexing = { indexed += $0.codes.count }
    }
    #expect(looked.isEmpty && indexed == 0)
  }

  @Test func `a record that comes, changes and goes takes its matches along`() throws {
    let home = try home()
    try home.deliver("SAM", 1, enterprises: [Subjects.enterprise(1, Self.name)])
    try home.deliver(1, complaints: [Subjects.complaint(1, Self.name)])
    try home.run("2026-06-02")
    try home.deliver(2, complaints: [Subjects.complaint(1, "某甲", updated: 3)])
    try home.run("2026-06-03")
    #expect(try home.candidates() == [])
    try home.deliver(
      3, complaints: [Subjects.complaint(1, "某甲", code: Self.codes[1], updated: 4)])
    try home.run("2026-06-04")
    #expect(try home.links() == [["CMP", Self.codes[1], "SM1"]])
    try home.deliver(4, complaints: [Subjects.complaint(1, Self.name, updated: 5)])
    try home.run("2026-06-05")
    #expect(try home.candidates() == [["C-1", Self.codes[1], "SC6", "80"]])
    try home.deliver(
      5,
      complaints: [Subjects.complaint(1, Self.name, updated: 6, ["operation_type_code": "3"])])
    try home.run("2026-06-06")
    #expect(try home.candidates() == [])
    #expect(
      try home.column("SELECT count(*) FROM subject_mention WHERE closed_by IS NULL") == ["0"])
  }

  @Test func `a name that a crowd has tells nobody apart`() throws {
    let crowded = Enterprises.pipeline.map { pipeline in
      pipeline.editing { $0.matching?.crowd = 2 }
    }
    let home = try TestHome(crowded)
    try home.deliver(
      "SAM", 1, enterprises: [1, 2, 3].map { Subjects.enterprise($0, Self.name) })
    try home.deliver(1, complaints: [Subjects.complaint(1, Self.name)])
    try home.run("2026-06-02")
    #expect(try home.candidates() == [])
    // One of them goes: two may be told.
    try home.deliver(
      "SAM", 2, enterprises: [Subjects.enterprise(3, "清源江津调味有限公司", updated: 3)])
    try home.run("2026-06-03")
    #expect(try home.candidates().map { $0[1] } == [Self.codes[1], Self.codes[2]])
  }

  @Test func `what people state of a registration is what records are matched with`() throws {
    let home = try home()
    try home.deliver("SAM", 1, enterprises: [Subjects.enterprise(1, Self.name)])
    try home.deliver(1, complaints: [Subjects.complaint(1, "清源丰谷粮油有限公司")])
    try home.run("2026-06-02")
    #expect(try home.candidates() == [])
    let engine = try home.open()
    let desk = StewardDesk(
      catalog: home.pipeline.catalog, configuration: home.configuration, engine: engine)
    _ = try desk.state(
      StewardDesk.Statement(
        entity: "ENT", key: [Self.codes[1]], rule: nil,
        values: [("subject_name", "清源丰谷粮油有限公司")], author: "li", reason: "来函",
        until: #require(CivilDate("2026-06-03")), time: "2026-06-02T09:00:00"))
    try engine.close()
    try home.run("2026-06-03")
    #expect(try home.candidates().map { $0[1] } == [Self.codes[1]])
    try home.run("2026-06-04")
    #expect(try home.candidates() == [])
  }

  // MARK: Order

  /// Three weeks of two systems' registrations and of what names them.
  private func deliver(_ week: Int, to home: TestHome, as part: Int) throws {
    let numbers = (0..<4).map { Subjects.number($0) }
    switch week {
    case 0:
      try home.deliver(
        "SAM", part,
        enterprises: [
          Subjects.enterprise(1, Self.name, number: numbers[1]),
          Subjects.enterprise(2, "清源旧百合饮料有限公司", number: numbers[2]),
        ])
      try home.deliver(
        part,
        complaints: [
          Subjects.complaint(1, Self.name), Subjects.complaint(2, "清源百合饮料有限公司"),
          Subjects.complaint(3, "清源江津调味有限公司", code: Self.codes[3]),
        ])
    case 1:
      try home.deliver(
        "MNR", part,
        enterprises: [Subjects.enterprise(2, "清源百合饮料有限责任公司", system: "MNR", updated: 2)])
      try home.deliver(
        "行政处罚_\(part).csv",
        penalties: [
          formerly(1, Self.name, number: numbers[1]),
          formerly(2, "清源百合饮料有限公司", number: numbers[2], updated: 2),
        ])
    default:
      try home.deliver(
        "SAM", part,
        enterprises: [
          Subjects.enterprise(2, "清源百合饮料有限公司", number: numbers[2], updated: 3),
          Subjects.enterprise(3, "清源江津调味有限公司", updated: 3),
          Subjects.enterprise(4, "清源福来（锦江）食品有限公司", updated: 3),
        ])
      try home.deliver(
        part, complaints: [Subjects.complaint(2, "清源江津调味有限公司", updated: 3)])
    }
  }

  private func current(_ home: TestHome) throws -> [[String]] {
    try home.rows(
      "SELECT l.category, p.source_record_id, l.subject, l.rule FROM subject_link AS l JOIN "
        + "(SELECT record, source_record_id FROM PEN UNION ALL SELECT record, source_record_id "
        + "FROM CMP) AS p ON p.record = l.record ORDER BY 1, 2, 3") + home.candidates()
  }

  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]])
  func `one big night and three, in any order, end in the same links and candidates`(
    _ order: [Int]
  ) throws {
    let one = try home()
    for week in order { try deliver(week, to: one, as: week) }
    try one.run("2026-06-08")
    let three = try home()
    for (place, week) in order.enumerated() {
      try deliver(week, to: three, as: place)
      try three.run("2026-06-0\(6 + place)")
    }
    let seen = try current(one)
    #expect(
      seen == [
        ["CMP", "C-3", Self.codes[3], "SM1"],
        ["PEN", "P-1", Self.codes[1], "SM2"],
        ["PEN", "P-2", Self.codes[2], "SM2"],
        ["C-1", Self.codes[1], "SC6", "80"], ["C-1", Self.codes[4], "SC6", "80"],
        ["C-2", Self.codes[3], "SC6", "80"],
      ])
    #expect(try current(three) == seen)
  }

  // MARK: Killed anywhere

  private enum Place: CaseIterable { case indexing, matching, publishing }

  @Test(arguments: [false, true])
  func `a night that is stopped anywhere and repeated, or taken back, ends the same`(
    isTakenBack: Bool
  ) throws {
    let undisturbed = try home()
    for week in 0..<3 {
      try deliver(week, to: undisturbed, as: week)
      try undisturbed.run("2026-06-0\(6 + week)")
    }
    let expected = try undisturbed.dump()
    #expect(expected.contains { $0.hasPrefix("subject_match|") })
    #expect(expected.contains { $0.hasPrefix("subject_mention|") })
    for place in Place.allCases {
      let home = try home()
      for week in 0..<3 {
        try deliver(week, to: home, as: week)
        let night = "2026-06-0\(6 + week)"
        let before = try home.dump()
        #expect(throws: Stop.self, "\(place), week \(week)") {
          try home.interrupted(night) { watched in
            switch place {
            case .indexing: watched.beforeIndexing = { _ in throw Stop() }
            case .matching: watched.beforeMatching = { _ in throw Stop() }
            case .publishing: watched.beforePublishing = { throw Stop() }
            }
          }
        }
        if isTakenBack {
          let engine = try home.open()
          try engine.discardAllUnpublished()
          #expect(try engine.verify() == [])
          try engine.close()
          #expect(try home.dump() == before)
        }
        try home.run(night)
      }
      #expect(try home.dump() == expected, "\(place)")
    }
  }

  @Test func `another definition matches everything anew, and a broken register is found`() throws {
    let home = try home()
    try home.deliver("SAM", 1, enterprises: [Subjects.enterprise(1, Self.name)])
    try home.deliver(1, complaints: [Subjects.complaint(1, Self.name)])
    try home.run("2026-06-02")
    let stricter = Enterprises.pipeline.map { pipeline in
      pipeline.editing { catalog in
        catalog.matching?.candidates.removeAll { $0.id == "SC6" }
        catalog.matching?.hash = "another"
      }
    }
    let night = try TestHome(stricter)
    try night.folder.write(
      "home/warehouse/warehouse.sqlite", try Files.bytes(home.home.warehouse + "/warehouse.sqlite"))
    try night.run("2026-06-03")
    #expect(try night.candidates() == [])
    let result = try Program(
      "/usr/bin/env",
      [
        "sqlite3", "\(home.home.warehouse)/warehouse.sqlite",
        "UPDATE subject_match SET subject = 'nobody'; UPDATE subject_mention SET row_id = 7",
      ]
    ).wait()
    try #require(result.code == 0, "\(result.errorText)")
    let engine = try home.open()
    #expect(
      try engine.verify() == [
        "subjects of records that are not shown: 1",
        "links and candidates of records that name nobody: 1",
        "links and candidates to nobody: 1",
      ])
    try engine.close()
  }
}
