import Catalog
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline

/// What people decide about subjects, over whole nights.
@Suite("Acts about subjects over nights")
struct SubjectActTests {
  private static let codes = Enterprises.codes
  private static let name = "清源甲食品有限公司"

  /// A complaint with one candidate, a penalty that number and name link.
  private func home() throws -> TestHome {
    let home = try TestHome(Enterprises.pipeline)
    try home.deliver(
      "SAM", 1,
      enterprises: [
        Subjects.enterprise(1, Self.name, number: Subjects.number(1)),
        Subjects.enterprise(2, "清源甲食品有限责任公司"),
      ])
    try home.deliver(1, complaints: [Subjects.complaint(1, Self.name)])
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(
          1,
          [
            "subject_name": Self.name, "uscc": Self.codes[5],
            "registration_no": Subjects.number(1),
          ])
      ])
    try home.run("2026-06-02")
    return home
  }

  private func desk<Result>(_ home: TestHome, _ body: (SubjectDesk) throws -> Result) throws
    -> Result
  {
    let engine = try home.open()
    defer { try? engine.close() }
    return try body(SubjectDesk(catalog: home.pipeline.catalog, engine: engine) { _ in })
  }

  private func record(_ home: TestHome, _ category: String) throws -> Int64 {
    try #require(Int64(home.column("SELECT record FROM \(category)")[0]))
  }

  private func statement(_ row: Int64, _ code: Int) -> SubjectDesk.Statement {
    SubjectDesk.Statement(
      row: row, subject: Self.codes[code], author: "li", reason: "电话核实",
      time: "2026-06-02T09:00:00")
  }

  /// What readers see, with who decided.
  private func seen(_ home: TestHome) throws -> [[String]] {
    try home.rows(
      "SELECT category, subject, rule, act FROM subject_link WHERE rule <> 'SM1' ORDER BY 1, 2")
      + home.candidates()
  }

  private static let before = [
    ["PEN", codes[1], "SM2", ""], ["C-1", codes[1], "SC6", "80"], ["C-1", codes[2], "SC7", "60"],
  ]

  /// Candidates of the complaint.
  private func complaint(_ home: TestHome) throws -> [[String]] {
    try home.candidates().filter { $0[0] == "C-1" }
  }

  /// Lines of the dump that stand open, without the night in which they came.
  private func open(_ home: TestHome) throws -> [String] {
    try home.dump().filter { $0.hasPrefix("subject_m") && $0.hasSuffix("|closed_night=\\N") }.map {
      $0.replacing(/\|night=[^|]*/, with: "")
    }.sorted()
  }

  @Test func `a confirmation links from the next night on, and undoing it restores both`() throws {
    let home = try home()
    let dump = try open(home)
    #expect(dump.count == 5)
    #expect(try seen(home) == Self.before)
    let row = try record(home, "CMP")
    let tried = try desk(home) { try $0.confirm(statement(row, 1), storing: false) }
    #expect(tried.id == 0)
    let act = try desk(home) { try $0.confirm(statement(row, 1)) }
    #expect(act.id == 1)
    #expect(try seen(home) == Self.before)
    var looked: [Int64] = []
    try home.run("2026-06-03") { $0.beforeMatching = { looked += $0.rows } }
    #expect(looked == [row])
    #expect(
      try seen(home) == [
        ["CMP", Self.codes[1], "confirmed", "1"], ["PEN", Self.codes[1], "SM2", ""],
      ])
    // Another night leaves it alone, and so does a new version that says the same.
    try home.deliver(2, complaints: [Subjects.complaint(1, Self.name, updated: 4)])
    try home.run("2026-06-04")
    #expect(try seen(home)[0] == ["CMP", Self.codes[1], "confirmed", "1"])
    _ = try desk(home) {
      try $0.undo(1, author: "wang", reason: "认错", time: "2026-06-04T09:00:00")
    }
    try home.run("2026-06-05")
    #expect(try seen(home) == Self.before)
    #expect(
      try open(home).map { $0.replacing(/record=[^|]*/, with: "") }
        == dump.map { $0.replacing(/record=[^|]*/, with: "") })
    // Every night shows what it showed.
    #expect(
      try home.column(
        "SELECT rule FROM subject_link WHERE category = 'CMP'", asOf: "2026-06-04")
        == ["confirmed"])
    #expect(try home.dump(of: "subject_act").count == 2)
  }

  @Test func `what is undone before its night leaves nothing but the acts`() throws {
    let home = try home()
    let untouched = try self.home()
    let row = try record(home, "CMP")
    _ = try desk(home) { try $0.confirm(statement(row, 2)) }
    _ = try desk(home) {
      try $0.undo(1, author: "li", reason: "认错", time: "2026-06-02T10:00:00")
    }
    for one in [home, untouched] { try one.run("2026-06-03") }
    #expect(try home.dump().filter { !$0.hasPrefix("subject_act|") } == untouched.dump())
  }

  @Test func `a link by number and name is taken apart, and put together again`() throws {
    let home = try home()
    let dump = try open(home)
    let row = try record(home, "PEN")
    _ = try desk(home) { try $0.reject(statement(row, 1)) }
    try home.run("2026-06-03")
    #expect(try seen(home).filter { $0[0] == "PEN" } == [])
    // It is the refusal of this one alone: the weaker evidence for the other is seen now.
    #expect(try seen(home).contains(["P-1", Self.codes[2], "SC7", "50"]))
    #expect(try home.column("SELECT subject_name FROM PEN") == [Self.name])
    #expect(try home.column("SELECT count(*) FROM ENT_golden") == ["2"])
    _ = try desk(home) {
      try $0.undo(1, author: "li", reason: "认错", time: "2026-06-03T09:00:00")
    }
    try home.run("2026-06-04")
    #expect(try seen(home) == Self.before)
    #expect(try open(home) == dump)
  }

  @Test func `a refused candidate comes back only with other evidence`() throws {
    let home = try home()
    let row = try record(home, "CMP")
    for code in [1, 2] { _ = try desk(home) { try $0.reject(statement(row, code)) } }
    try home.run("2026-06-03")
    #expect(try complaint(home) == [])
    // The record comes again and says the same; the registration changes what does not count.
    try home.deliver(2, complaints: [Subjects.complaint(1, Self.name, updated: 4)])
    try home.deliver(
      "SAM", 2,
      enterprises: [
        Subjects.enterprise(
          1, Self.name, number: Subjects.number(1), updated: 4,
          ["registered_address": "清源路9号"])
      ])
    try home.run("2026-06-04")
    #expect(try complaint(home) == [])
    // Another number of the one: the complaint is asked about again, of this one alone.
    try home.deliver(
      "SAM", 3,
      enterprises: [
        Subjects.enterprise(1, Self.name, number: Subjects.number(7), updated: 5)
      ])
    try home.run("2026-06-05")
    #expect(try complaint(home) == [["C-1", Self.codes[1], "SC6", "80"]])
    try home.deliver(
      3, complaints: [Subjects.complaint(1, "清源甲食品公司", updated: 6)])
    try home.run("2026-06-06")
    #expect(
      try complaint(home) == [
        ["C-1", Self.codes[1], "SC7", "60"], ["C-1", Self.codes[2], "SC7", "60"],
      ])
  }

  @Test func `what makes no sense is refused, and nothing is stored`() throws {
    let home = try home()
    let complaint = try record(home, "CMP")
    let ent = try #require(Int64(home.column("SELECT record FROM ENT")[0]))
    func message(_ body: (SubjectDesk) throws -> SubjectAct) throws -> String {
      do {
        _ = try desk(home, body)
        return "taken"
      } catch let refusal as StewardRefusal {
        return refusal.message
      }
    }
    #expect(try message { try $0.confirm(statement(7, 1)) }.hasPrefix("no record 7 is shown"))
    #expect(try message { try $0.confirm(statement(ent, 1)) }.contains("names no subject"))
    #expect(
      try message { try $0.confirm(statement(complaint, 4)) }
        == "nobody is registered under \(Self.codes[4])")
    var unsaid = statement(complaint, 1)
    unsaid.reason = " "
    #expect(try message { try $0.confirm(unsaid) } == "the act needs a reason")
    #expect(
      try message { try $0.undo(3, author: "li", reason: "x", time: "") } == "there is no act 3")
    #expect(try message { try $0.confirm(statement(complaint, 1)) } == "taken")
    #expect(
      try message { try $0.confirm(statement(complaint, 2)) }
        == "act 1 says that it is \(Self.codes[1]); take that back first")
    #expect(
      try message { try $0.reject(statement(complaint, 1)) }
        == "act 1 says that it is; take that back first")
    #expect(try message { try $0.undo(1, author: "li", reason: "x", time: "") } == "taken")
    #expect(
      try message { try $0.undo(1, author: "li", reason: "x", time: "") }
        == "act 2 took it back already")
    #expect(
      try message { try $0.undo(2, author: "li", reason: "x", time: "") }
        .hasPrefix("act 2 took another back"))
    #expect(try message { try $0.reject(statement(complaint, 1)) } == "taken")
    #expect(try message { try $0.reject(statement(complaint, 1)) } == "act 3 says so already")
  }
}
