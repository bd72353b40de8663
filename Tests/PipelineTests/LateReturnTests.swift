import Catalog
import Pipeline
import TestSupport
import Testing
import Warehouse

/// Records that were accepted and go back when all deliveries of the night are there: what they had replaced,
/// their business keys, and the returns that were open.
@Suite("Records that go back late")
struct LateReturnTests {
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

  /// Nor does a rule between systems let another name pass; it is asked first.
  private static let strictest = strict.flatMap { pipeline in
    TestPipeline.real.map { real in
      pipeline.editing { catalog in
        for var rule in real.catalog.rules where rule.id == "CR51" {
          rule.severity = .return
          catalog.rules.append(rule)
        }
      }
    }
  }

  /// What land users say of enterprise `number`, under the id `id`; 甲 is what its owner says.
  private func user(
    _ id: Int, of number: Int, updated: Int, _ word: String = "甲", _ more: Values = [:]
  ) -> Values {
    var values = ["source_record_id": "MNR-E-\(id)", "subject_name": "清源\(word)食品有限公司"]
    values.merge(more) { _, new in new }
    return Enterprises.record(number, "MNR", updated: updated, values)
  }

  private func deliverOwner(to home: TestHome) throws {
    try home.deliver(
      "SAM", 1,
      enterprises: (0...5).map {
        Enterprises.record($0, "SAM", ["subject_name": "清源甲食品有限公司"])
      })
  }

  /// A warehouse with all enterprises and the land users 1 and 2.
  private func makeHome(_ pipeline: Result<TestPipeline, any Error> = Self.strict) throws
    -> TestHome
  {
    let home = try TestHome(pipeline)
    try deliverOwner(to: home)
    try home.deliver(
      "MNR", 1, enterprises: [user(1, of: 1, updated: 1), user(2, of: 2, updated: 1)])
    try home.run("2026-06-04")
    return home
  }

  /// Records of land users that are shown, each with the number of its enterprise.
  private func shown(_ home: TestHome) throws -> [[Int]] {
    try home.rows(
      "SELECT source_record_id, uscc FROM ENT WHERE source_record_id LIKE 'MNR%' ORDER BY 1, 2"
    ).map { row in
      [
        try #require(Int(row[0].dropFirst("MNR-E-".count))),
        try #require(Enterprises.codes.firstIndex(of: row[1])),
      ]
    }
  }

  private func returned(_ home: TestHome) throws -> [[String]] {
    try home.rows("SELECT source_record_id, attempt FROM returned_record ORDER BY 1, 2")
  }

  // MARK: Keys

  @Test func `a record that changed its key and goes back has its old key again`() throws {
    let home = try makeHome()
    try home.deliver("MNR", 2, enterprises: [user(1, of: 3, updated: 2, "乙")])
    #expect(try home.run("2026-06-05").only().summary == "loaded 1: returned 1")
    #expect(try shown(home) == [[1, 1], [2, 2]])
    // Whoever claims the key contradicts it, or comes after it.
    try home.deliver("MNR", 3, enterprises: [user(4, of: 1, updated: 1)])
    #expect(try home.run("2026-06-06").only().summary == "loaded 1: returned 1")
    try home.deliver("MNR", 4, enterprises: [user(4, of: 1, updated: 3)])
    #expect(try home.run("2026-06-07").only().summary == "loaded 1: accepted 1")
    #expect(try shown(home) == [[2, 2], [4, 1]])
  }

  @Test func `a key that another record shows by now is not given back`() throws {
    let home = try makeHome()
    try home.deliver(
      "MNR", 2, enterprises: [user(1, of: 3, updated: 2, "乙"), user(4, of: 1, updated: 2)])
    #expect(try home.run("2026-06-05").only().summary == "loaded 2: accepted 1, returned 1")
    #expect(try shown(home) == [[2, 2], [4, 1]])
    // The key that it wanted is free.
    try home.deliver("MNR", 3, enterprises: [user(5, of: 3, updated: 2)])
    try home.run("2026-06-06")
    #expect(try shown(home) == [[2, 2], [4, 1], [5, 3]])
  }

  @Test func `who gave up a key for another one keeps the other one`() throws {
    let home = try makeHome()
    try home.deliver(
      "MNR", 2, enterprises: [user(1, of: 2, updated: 2, "乙"), user(2, of: 3, updated: 2)])
    #expect(try home.run("2026-06-05").only().summary == "loaded 2: accepted 1, returned 1")
    #expect(try shown(home) == [[1, 1], [2, 3]])
    // Both can be replaced, and the key between them is free.
    try home.deliver(
      "MNR", 3,
      enterprises: [
        user(1, of: 1, updated: 3), user(2, of: 3, updated: 3), user(4, of: 2, updated: 3),
      ])
    #expect(try home.run("2026-06-06").only().summary == "loaded 3: accepted 3")
    #expect(try shown(home) == [[1, 1], [2, 3], [4, 2]])
    #expect(try returned(home) == [])
  }

  @Test(arguments: [["甲", "乙"], ["乙", "甲"], ["乙", "乙"]])
  func `of two records that swap their keys either may go back, or both`(_ words: [String]) throws {
    let home = try makeHome()
    try home.deliver(
      "MNR", 2,
      enterprises: [user(1, of: 2, updated: 2, words[0]), user(2, of: 1, updated: 2, words[1])])
    try home.run("2026-06-05")
    let expected = [[1, 2], [2, 1]].enumerated().filter { words[$0.offset] == "甲" }.map(\.element)
    #expect(try shown(home) == (expected.isEmpty ? [[1, 1], [2, 2]] : expected))
    #expect(try returned(home).count == 2 - expected.count)
    try home.deliver(
      "MNR", 3, enterprises: [user(1, of: 2, updated: 3), user(2, of: 1, updated: 3)])
    try home.run("2026-06-06")
    #expect(try shown(home) == [[1, 2], [2, 1]])
    #expect(try returned(home) == [])
  }

  @Test func `records of one delivery go back in several rounds`() throws {
    let home = try makeHome(Self.strictest)
    try home.deliver(
      "MNR", 2,
      enterprises: [
        user(1, of: 2, updated: 2, "乙"),
        user(2, of: 3, updated: 2, "甲", ["registered_address": "清源路9号"]),
      ])
    #expect(try home.run("2026-06-05").only().summary == "loaded 2: returned 2")
    #expect(try shown(home) == [[1, 1], [2, 2]])
    #expect(
      try home.column(
        "SELECT DISTINCT rule FROM finding_current WHERE severity = 'return' ORDER BY 1")
        == ["AR01", "CR51"])
  }

  @Test func `a record that took its key from one that a full delivery lacks leaves it free`()
    throws
  {
    let home = try TestHome(
      Self.strict.map { pipeline in
        pipeline.editing { catalog in
          for (place, adapter) in catalog.adapters.enumerated() where adapter.system == "MNR" {
            for index in adapter.categories.indices {
              catalog.adapters[place].categories[index].delivery = .full
            }
          }
        }
      })
    try deliverOwner(to: home)
    try home.deliver(
      "MNR", 1, enterprises: [user(1, of: 1, updated: 1), user(2, of: 2, updated: 1)])
    try home.run("2026-06-04")
    try home.deliver(
      "MNR", 2, enterprises: [user(1, of: 1, updated: 1), user(4, of: 2, updated: 2, "乙")])
    let delivery = try home.run("2026-06-05").only()
    #expect(delivery.summary == "loaded 2: unchanged 1, returned 1, removed 1")
    #expect(try shown(home) == [[1, 1]])
  }

  // MARK: Deliveries of one night

  @Test(arguments: [1, 3])
  func `a first night keeps the version that a returned one had replaced`(_ number: Int) throws {
    let content = "SELECT source_record_id, uscc, subject_name FROM ENT ORDER BY 1, 2"
    let users = [
      [user(1, of: 1, updated: 1), user(2, of: 2, updated: 1)],
      [user(1, of: number, updated: 2, "乙")], [user(1, of: 1, updated: 3)],
    ]
    let parts = try TestHome(Self.strict)
    let whole = try TestHome(Self.strict)
    for home in [parts, whole] {
      try deliverOwner(to: home)
      try home.deliver("MNR", 1, enterprises: users[0])
    }
    try parts.run("2026-06-04")
    for home in [parts, whole] {
      try home.deliver("MNR", 2, enterprises: users[1])
      try home.run("2026-06-05")
    }
    #expect(try shown(parts) == [[1, 1], [2, 2]])
    #expect(try whole.rows(content) == parts.rows(content))
    for home in [parts, whole] { #expect(try returned(home) == [["MNR-E-1", "1"]]) }
    for home in [parts, whole] {
      try home.deliver("MNR", 3, enterprises: users[2])
      #expect(try home.run("2026-06-06").only().summary == "loaded 1: accepted 1")
      #expect(try returned(home) == [])
    }
    #expect(try whole.rows(content) == parts.rows(content))
  }

  @Test func `of versions that go back in one night one return is open, and is closed`() throws {
    let home = try makeHome()
    try home.deliver("MNR", 2, enterprises: [user(4, of: 4, updated: 2, "乙")])
    try home.deliver("MNR", 3, enterprises: [user(4, of: 4, updated: 3, "丙")])
    let outcome = try home.run("2026-06-05")
    #expect(outcome.deliveries.map(\.summary) == ["loaded 1: returned 1", "loaded 1: returned 1"])
    #expect(outcome.total.returnedFirst == 2 && outcome.total.acceptedFirst == 0)
    #expect(try home.column("SELECT raw LIKE '%丙%' FROM returned_record") == ["1"])
    try home.deliver("MNR", 4, enterprises: [user(4, of: 4, updated: 4, "丁")])
    #expect(try home.run("2026-06-06").total.returnedFirst == 0)
    // As if they had come in three nights.
    #expect(try returned(home) == [["MNR-E-4", "3"]])
    try home.deliver("MNR", 5, enterprises: [user(4, of: 4, updated: 5)])
    #expect(try home.run("2026-06-07").only().summary == "loaded 1: accepted 1")
    #expect(try returned(home) == [])
    #expect(try shown(home) == [[1, 1], [2, 2], [4, 4]])
  }

  @Test func `a version that goes back late closes the return of another one of its delivery`()
    throws
  {
    let home = try makeHome()
    try home.deliver(
      "MNR", 2,
      enterprises: [
        user(1, of: 1, updated: 2, "甲", ["subject_name": ""]), user(1, of: 1, updated: 3, "乙"),
      ])
    #expect(try home.run("2026-06-05").only().summary == "loaded 2: returned 2")
    #expect(try home.column("SELECT record_number FROM returned_record") == ["2"])
    #expect(try shown(home) == [[1, 1], [2, 2]])
    try home.deliver("MNR", 3, enterprises: [user(1, of: 1, updated: 4)])
    try home.run("2026-06-06")
    #expect(try returned(home) == [])
  }

  @Test func `keys that moved over two deliveries of a night come back`() throws {
    let home = try makeHome()
    // 1 leaves its key, 4 takes it the same night, and neither is right.
    try home.deliver("MNR", 2, enterprises: [user(1, of: 3, updated: 2, "乙")])
    try home.deliver("MNR", 3, enterprises: [user(4, of: 1, updated: 3, "丙")])
    try home.run("2026-06-05")
    #expect(try shown(home) == [[1, 1], [2, 2]])
    // 4 takes the key of 2, which comes with it again; none of the three is right.
    try home.deliver("MNR", 4, enterprises: [user(4, of: 2, updated: 4, "丁")])
    try home.deliver("MNR", 5, enterprises: [user(2, of: 2, updated: 5, "戊")])
    try home.run("2026-06-06")
    #expect(try shown(home) == [[1, 1], [2, 2]])
    #expect(try returned(home).map { $0[0] } == ["MNR-E-1", "MNR-E-2", "MNR-E-4"])
  }

  // MARK: Killed

  @Test func `a night with keys that moved is killed between any two changes and ends the same`()
    throws
  {
    func deliver(to home: TestHome) throws {
      try home.deliver(
        "MNR", 2,
        enterprises: [
          user(1, of: 2, updated: 2, "乙"),
          user(2, of: 3, updated: 2, "甲", ["registered_address": "清源路9号"]),
        ])
      try home.deliver(
        "MNR", 3, enterprises: [user(4, of: 1, updated: 3), user(5, of: 4, updated: 3, "丙")])
    }
    let undisturbed = try makeHome(Self.strictest)
    try deliver(to: undisturbed)
    try undisturbed.run("2026-06-05")
    let expected = try undisturbed.dump()
    var stop = 0
    var isStopped = true
    while isStopped {
      let home = try makeHome(Self.strictest)
      try deliver(to: home)
      isStopped = false
      var left = stop
      do {
        try home.interrupted("2026-06-05") { engine in
          engine.beforeApplying = { _ in
            left -= 1
            if left < 0 {
              isStopped = true
              throw Stop()
            }
          }
        }
      } catch is Stop {
        try home.run("2026-06-05")
      }
      #expect(try home.dump() == expected, "after \(stop) changes")
      stop += 1
    }
    #expect(stop > 4)
  }
}
