import Access
import AccessStore
import Catalog
import Pipeline
import Records
import Review
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// Incidents over nights: they open, close and come back with what the nights show.
@Suite("Incidents")
struct IncidentTests {
  private let home: TestHome

  init() throws { home = try TestHome(TestPipeline.alone) }

  private var access: String { home.home.access }
  private var log: AccessLog { AccessLog(folder: access) }

  private func person(_ name: String) throws -> Person {
    try Person(user: name, department: "市场监管局")
  }

  /// A night with ten penalties, of which some have a wrong code.
  private func night(_ day: Int, wrong: Set<Int>) throws {
    try home.deliver(
      "行政处罚_\(day).csv",
      penalties: (1...10).map { number in
        penalty(
          number, updated: day, wrong.contains(number) ? ["uscc": "91510104MAQY00013Q"] : [:])
      })
    try home.run("2026-06-0\(day)")
  }

  /// Looks at the last publication, as the console does.
  private func look(_ folder: String? = nil) throws -> IncidentStore {
    let catalog = home.pipeline.catalog
    let reader = try WarehouseReader(folder: home.home.warehouse)
    let file = try ReviewFile.current(folder: home.home.warehouse, catalog, reader)
    let store = try IncidentStore(folder: folder ?? access)
    try store.follow(file, folder: home.home.warehouse, catalog, reader)
    return store
  }

  private func text(_ store: IncidentStore) throws -> [String] {
    try store.incidents(.all, systems: nil).sorted { $0.id < $1.id }.map { incident in
      let steps = try store.incident(incident.id)?.steps ?? []
      return "\(incident.id) \(incident.cause.rule) \(incident.state.rawValue) "
        + "\(incident.records)+\(incident.fresh) since \(incident.since) at \(incident.night): "
        + steps.map { "\($0.kind.rawValue) \($0.night)" }.joined(separator: ", ")
    }
  }

  @Test func `an incident opens with its cause, grows, ends with it and comes back as another`()
    throws
  {
    try night(1, wrong: [3])
    let store = try look()
    let first = try #require(try store.incidents(.open, systems: nil).first)
    #expect(try store.incidents(.open, systems: nil).count == 1)
    #expect(first.cause.system == "SAM" && first.cause.category == "PEN")
    #expect(first.cause.element == "uscc" && first.records == 1 && first.state == .new)
    #expect(first.since == "2026-06-01")
    try night(2, wrong: [3, 5])
    let grown = try #require(try look().incident(first.id))
    #expect(grown.records == 2 && grown.since == "2026-06-01" && grown.night == "2026-06-02")
    try night(3, wrong: [])
    let ended = try #require(try look().incident(first.id))
    #expect(ended.state == .gone && ended.steps.map(\.kind) == [.opened, .gone])
    #expect(try store.incidents(.open, systems: nil).isEmpty)
    try night(4, wrong: [7])
    let open = try look().incidents(.open, systems: nil)
    #expect(open.count == 1 && open[0].id != first.id && open[0].since == "2026-06-04")
    #expect(try store.incidents(.open, systems: ["MEM"]).isEmpty)
  }

  @Test func `it comes to the same whoever looks when`() throws {
    let late = home.folder + "late"
    for (day, wrong) in [(1, [3]), (2, [3, 5]), (3, []), (4, [7]), (5, [7, 8])] as [(Int, Set<Int>)]
    {
      try night(day, wrong: wrong)
      _ = try look()
      if day == 1 { _ = try look(late) }
    }
    let steady = try text(try look())
    #expect(steady.count == 2 && steady[0].contains("gone"))
    #expect(try text(try look(late)) == steady)
    // Looking again changes nothing.
    #expect(try text(try look(late)) == steady)
    #expect(Files.below(home.home.warehouse).filter { $0.contains("causes") }.isEmpty)
  }

  @Test func `people move it forward, and the log has every try`() throws {
    try night(1, wrong: [3])
    let store = try look()
    let id = try #require(try store.incidents(.open, systems: nil).first?.id)
    func take(_ act: IncidentAct, _ name: String = "zhang") throws -> Incident {
      try store.take(act, on: id, by: try person(name), at: 1_780_000_000, log)
    }
    #expect(try take(.acknowledge).state == .acknowledged)
    #expect(throws: Denial.self) { try take(.acknowledge) }
    #expect(try take(.assign(to: "li")).assignee == "li")
    #expect(try take(.assign(to: "wang")).state == .assigned)
    #expect(throws: Denial.self) { try take(.resolve(reason: "  ")) }
    #expect(try take(.resolve(reason: "来源系统已修复")).state == .resolved)
    #expect(throws: Denial.self) { try take(.assign(to: "li")) }
    #expect(throws: Denial.self) {
      try store.take(.acknowledge, on: 99, by: try person("zhang"), at: 1_780_000_000, log)
    }
    let steps = try #require(try store.incident(id)).steps
    #expect(steps.map(\.kind) == [.opened, .acknowledged, .assigned, .assigned, .resolved])
    #expect(steps.last?.text == "来源系统已修复" && steps.last?.person?.user == "zhang")
    var logged: [String] = []
    let report = try log.verify { entry in
      guard entry.action.rawValue.hasPrefix("incident") else { return }
      logged.append("\(entry.action.rawValue) \(entry.outcome.rawValue) \(entry.rule)")
    }
    #expect(report.faults.isEmpty)
    #expect(
      logged == [
        "incident-acknowledge allowed incidents", "incident-acknowledge denied state",
        "incident-assign allowed incidents", "incident-assign allowed incidents",
        "incident-resolve denied reason", "incident-resolve allowed incidents",
        "incident-assign denied state", "incident-acknowledge denied unknown-number",
      ])
  }

  @Test func `what was there when it was resolved opens nothing, what comes afterwards does`()
    throws
  {
    try night(1, wrong: [3])
    let store = try look()
    let id = try #require(try store.incidents(.open, systems: nil).first?.id)
    _ = try store.take(
      .resolve(reason: "已联系"), on: id, by: try person("zhang"), at: 1_780_000_000, log)
    // Nothing of the category comes; the record waits to be corrected.
    try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
    try home.run("2026-06-02")
    #expect(try look().incidents(.open, systems: nil).isEmpty)
    try night(3, wrong: [3, 4])
    let open = try look().incidents(.open, systems: nil)
    #expect(open.count == 1 && open[0].id != id && open[0].records == 2)
    #expect(try store.incident(id)?.state == .resolved)
  }

  @Test func `a warehouse that was made anew is followed from where it stands`() throws {
    try night(1, wrong: [3])
    try night(2, wrong: [3])
    _ = try look()
    let other = try IncidentTests()
    try other.night(1, wrong: [5, 6])
    let reader = try WarehouseReader(folder: other.home.home.warehouse)
    let catalog = other.home.pipeline.catalog
    let file = try ReviewFile.current(folder: other.home.home.warehouse, catalog, reader)
    let store = try IncidentStore(folder: access)
    try store.follow(file, folder: other.home.home.warehouse, catalog, reader)
    #expect(try store.incidents(.open, systems: nil).map(\.records) == [2])
  }

  /// It stayed silent until the new warehouse had as many nights as the old one.
  @Test func `what was resolved in another warehouse opens again in the one that was put back`()
    throws
  {
    try night(1, wrong: [3])
    try night(2, wrong: [3])
    try night(3, wrong: [3])
    let store = try look()
    let id = try #require(try store.incidents(.open, systems: nil).first?.id)
    _ = try store.take(.resolve(reason: "已告知"), on: id, by: try person("wang"), at: 0, log)
    let other = try IncidentTests()
    try other.night(1, wrong: [3])
    let reader = try WarehouseReader(folder: other.home.home.warehouse)
    let catalog = other.home.pipeline.catalog
    let file = try ReviewFile.current(folder: other.home.home.warehouse, catalog, reader)
    try store.follow(file, folder: other.home.home.warehouse, catalog, reader)
    #expect(try store.incidents(.open, systems: nil).map(\.records) == [1])
  }

  @Test func `the queue of the publication before stays for those who read it`() throws {
    let catalog = home.pipeline.catalog
    let folder = home.home.warehouse
    func file() throws -> ReviewFile {
      try ReviewFile.current(folder: folder, catalog, try WarehouseReader(folder: folder))
    }
    func names() -> [String] { Files.below(folder).filter { $0.hasPrefix("review-") }.sorted() }
    try night(1, wrong: [3])
    _ = try file()
    try night(2, wrong: [3])
    _ = try file()
    #expect(names() == ["review-1.sqlite", "review-2.sqlite"])
    try night(3, wrong: [3])
    _ = try file()
    #expect(names() == ["review-2.sqlite", "review-3.sqlite"])
  }

  @Test func `the clock of returns counts working days`() throws {
    try night(1, wrong: [3])
    try night(2, wrong: [3, 4])
    let catalog = home.pipeline.catalog
    let reader = try WarehouseReader(folder: home.home.warehouse)
    let file = try ReviewFile.current(folder: home.home.warehouse, catalog, reader)
    func clock(_ today: String, _ systems: Set<String>? = nil) throws -> ReturnClock {
      try ReturnClock(
        file, catalog.calendar, workdays: 5, today: try #require(CivilDate(today)).dayNumber,
        systems: systems, waived: [])
    }
    // 2026-06-02 is a Tuesday: five working days later is the Tuesday after.
    let last = try clock("2026-06-09").entries
    #expect(last.map(\.night) == ["2026-06-02"] && last[0].records == 2)
    #expect(last[0].repeated == 1 && last[0].age == 5 && !last[0].isOverdue)
    #expect(last[0].due == CivilDate("2026-06-09")?.dayNumber)
    #expect(try clock("2026-06-10").totals.map(\.overdue) == [2])
    #expect(try clock("2026-06-10", ["MEM"]).entries.isEmpty)
  }
}
