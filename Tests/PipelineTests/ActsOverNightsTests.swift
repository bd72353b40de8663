import Access
import AccessStore
import Catalog
import Foundation
import Pipeline
import Records
import Review
import SourceFiles
import Synchronization
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// What people did about a record that comes back once more.
@Suite("Acts over nights")
struct ActsOverNightsTests {
  /// Definitions are no part of it.
  private struct NoPatches: DefinitionPatching {
    func patch(_ change: CodeListChange, origin: String) throws -> String { "" }
  }

  private let home: TestHome
  private let accounts: AccountStore
  private let steward: Account
  private let approver: Account
  /// 2026-06-03T01:00:00Z.
  private let now: Int64 = 1_780_448_400

  init() throws {
    home = try TestHome(TestPipeline.alone)
    accounts = try AccountStore(folder: home.home.access)
    func account(
      _ user: String, _ role: AccountRole, _ systems: Set<String>?
    ) throws -> Account {
      Account(
        person: try Person(user: user, department: "市场监管局"), role: role, systems: systems,
        clearance: .restricted)
    }
    steward = try account("li", .steward, ["SAM"])
    approver = try account("wang", .approver, nil)
    for account in [steward, approver] {
      try accounts.add(account, password: "sample password 清源")
    }
  }

  private func night(_ day: Int, wrong: Set<Int>) throws {
    try home.deliver(
      "行政处罚_\(day).csv",
      penalties: (1...10).map { number in
        penalty(
          number, updated: day, wrong.contains(number) ? ["uscc": "91510104MAQY00013Q"] : [:])
      })
    try home.run("2026-06-0\(day)")
  }

  private func reader() throws -> WarehouseReader {
    try WarehouseReader(folder: home.home.warehouse)
  }

  private func records() throws -> RecordDesk {
    try RecordDesk(
      home.pipeline.catalog, home.configuration, archive: home.home.archive,
      files: FileDeliveryReader(limits: home.limits), secret: Array(repeating: 7, count: 32))
  }

  private func desk() throws -> ActDesk {
    ActDesk(
      try ActStore(folder: home.home.access), accounts, try records(), home: home.home,
      home.pipeline.catalog, home.configuration, reader: FileDeliveryReader(limits: home.limits),
      writer: FileReturnWriter(limits: home.limits), definitions: NoPatches())
  }

  private func file() throws -> ReviewFile {
    try ReviewFile.current(
      folder: home.home.warehouse, home.pipeline.catalog, try reader())
  }

  private func queue() throws -> ReviewQueue {
    ReviewQueue(
      try file(), home.pipeline.catalog, steward,
      plans: try records().plans(for: steward.clearance),
      recordID: home.configuration.recordIDElement)
  }

  private func clock(_ day: String) throws -> [ReturnClock.Entry] {
    try ReturnClock(
      file(), home.pipeline.catalog.calendar, workdays: 5,
      today: try #require(CivilDate(day)).dayNumber, systems: nil,
      waived: try desk().store.waived(at: now)
    ).entries
  }

  /// Four eyes of which two were shut.
  @Test func `an approver agrees to what they may see`() throws {
    try night(1, wrong: [3])
    let row = try #require(try queue().rows(QueueFilter(), limit: 10).first)
    let desk = try desk()
    let act = try desk.take(
      .correct,
      ActDetails(
        words: "电话核实",
        changes: [
          FieldChange(element: "uscc", text: "91510104MAQY00013P"),
          FieldChange(element: "remark", text: "电话核实"),
        ]), on: [row], by: steward, reader(), now: now
    ).act
    try #require(act.standing(at: now) == .waiting)
    var visitor = approver
    visitor.clearance = .public
    #expect(throws: Denial.self) {
      try desk.decide(act.id, isApproval: true, words: "", by: visitor, reader(), now: now)
    }
    #expect(try desk.act(act.id, for: approver)?.standing(at: now) == .waiting)
    _ = try desk.decide(act.id, isApproval: true, words: "", by: approver, reader(), now: now)
    #expect(try desk.act(act.id, for: approver)?.standing(at: now) == .stands)
    #expect(throws: Denial.self) { try desk.undo(act.id + 1, by: steward, now: now) }
  }

  @Test func `one of those who waive a record in the same moment is refused`() throws {
    try night(1, wrong: [3])
    let row = try #require(try queue().rows(QueueFilter(), limit: 10).first)
    let desk = try desk()
    let outcomes = Mutex<[Bool]>([])
    let (steward, now, folder) = (steward, now, home.home.warehouse)
    DispatchQueue.concurrentPerform(iterations: 6) { _ in
      let isTaken =
        (try? desk.take(
          .waive, ActDetails(words: "系统改造", until: "2026-06-30"), on: [row], by: steward,
          WarehouseReader(folder: folder), now: now)) != nil
      outcomes.withLock { $0.append(isTaken) }
    }
    #expect(outcomes.withLock { $0.count { $0 } } == 1)
    #expect(try desk.waiting(for: approver).count == 1)
  }

  @Test func `who it is assigned to and its waiver go on with the record, a note does not`()
    throws
  {
    try night(1, wrong: [3, 4])
    let first = try queue().rows(QueueFilter(), limit: 10)
    try #require(first.count == 2)
    let desk = try desk()
    _ = try desk.take(
      .assign, ActDetails(assignee: "li"), on: [first[0]], by: steward, reader(), now: now)
    let waiver = try desk.take(
      .waive, ActDetails(words: "系统改造", until: "2026-06-30"), on: [first[0]], by: steward,
      reader(), now: now
    ).act
    #expect(try desk.waiting(for: approver).map(\.id) == [waiver.id])
    #expect(try desk.store.waived(at: now).isEmpty)
    _ = try desk.decide(
      waiver.id, isApproval: true, words: "", by: approver, reader(), now: now)
    #expect(try desk.waiting(for: approver).isEmpty)
    _ = try desk.take(
      .sendBack, ActDetails(words: "请核实"), on: [first[1]], by: steward, reader(), now: now)
    try night(2, wrong: [3, 4])
    let second = try queue().rows(QueueFilter(), limit: 10)
    try #require(second.count == 2 && Set(second).isDisjoint(with: first))
    let assigned = try desk.store.assignments()
    #expect(
      try queue().counts(QueueFilter(), of: try assigned.mapValues(queue().openRows)) == ["li": 1])
    #expect(try queue().only(assigned["li"] ?? []).rows(QueueFilter(), limit: 10) == [second[0]])
    let keys = Dictionary(
      uniqueKeysWithValues: try queue().page(QueueFilter()).items.map { ($0.row, $0.recordKey) })
    let acts = try desk.store.acts(keys)
    #expect(acts[second[0]]?.map(\.kind) == [.assign, .waive])
    #expect(acts[second[1]] == nil)
    // There is one waiver and no second.
    #expect(throws: Denial.self) {
      try desk.take(
        .waive, ActDetails(words: "再次", until: "2026-06-30"), on: [second[0]], by: steward,
        reader(), now: now)
    }
    // Of two records whose answers are late one is waived.
    let late = try #require(try clock("2026-06-10").last)
    #expect(late.records == 2 && late.waived == 1 && late.overdue == 1)
    _ = try desk.undo(waiver.id, by: steward, now: now)
    #expect(try clock("2026-06-10").last?.overdue == 2)
  }

  @Test func `a step on many leaves what it cannot deal with and says why`() throws {
    try night(1, wrong: [3, 4, 5])
    let rows = try queue().rows(QueueFilter(), limit: 10)
    try #require(rows.count == 3)
    let desk = try desk()
    let waiver = try desk.take(
      .waive, ActDetails(words: "系统改造", until: "2026-06-30"), on: [rows[1]], by: steward,
      reader(), now: now
    ).act
    let all = try desk.takeAll(
      .waive, ActDetails(words: "同上", until: "2026-06-30"), QueueFilter(), queue(), by: steward,
      reader(), now: now)
    #expect(all.act.records == 2)
    #expect(all.left.map(\.row) == [rows[1]] && all.left.map(\.why) == [.already])
    let again = #expect(throws: Denial.self) {
      try desk.takeAll(
        .waive, ActDetails(words: "同上", until: "2026-06-30"), QueueFilter(), queue(),
        by: steward, reader(), now: now)
    }
    #expect(again?.code == "nothing" && again?.chinese.contains("已有同类处理") == true)
    #expect(try desk.waiting(for: approver).map(\.id) == [waiver.id, all.act.id])
  }

  @Test func `a withheld record is assigned and commented, and nothing else`() throws {
    try home.deliver("行政处罚_1.csv", penalties: (1...5).map { penalty($0) })
    try home.run("2026-06-01") { engine in
      engine.beforeReading = { _ in
        let sql =
          "UPDATE PEN_version SET uscc = '91510104MAQY00013Q' WHERE source_record_id = 'P-2'"
        let tool = try Program(
          "/usr/bin/env", ["sqlite3", home.home.warehouse + "/warehouse.sqlite", sql]
        ).wait()
        try #require(tool.code == 0, "\(tool.errorText)")
      }
    }
    let row = try #require(try queue().rows(QueueFilter(), limit: 10).first)
    let desk = try desk()
    _ = try desk.take(
      .assign, ActDetails(assignee: "li"), on: [row], by: steward, reader(), now: now)
    _ = try desk.take(
      .comment, ActDetails(words: "看一下"), on: [row], by: steward, reader(), now: now)
    let assigned = try desk.store.assignments()
    #expect(try queue().only(assigned["li"] ?? []).rows(QueueFilter(), limit: 10) == [row])
    for kind in [ActKind.sendBack, .waive] {
      let denial = #expect(throws: Denial.self) {
        try desk.take(
          kind, ActDetails(words: "请核实", until: "2026-06-30"), on: [row], by: steward,
          reader(), now: now)
      }
      #expect(denial?.code == "withheld")
    }
  }
}
