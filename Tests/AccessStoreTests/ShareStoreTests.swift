import Access
import AccessStore
import Catalog
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@Suite("The store of requests")
struct ShareStoreTests {
  private let folder: LogFolder
  private let catalog: Catalog
  private let start = at("2026-03-02T09:00:00")

  init() throws {
    folder = try LogFolder()
    catalog = try TestPipeline.real.get().catalog
  }

  private func store() throws -> ShareStore {
    try ShareStore(folder: folder.path, catalog: catalog)
  }

  @discardableResult
  private func submit(
    _ elements: [String] = ["penalty_doc_no"], condition: String? = nil, purpose: String = "核查"
  ) throws -> ShareCase {
    try store().submit(user("zhang"), start, checks: [ElementTierCheck()]) { id throws(Denial) in
      try ShareRequest(
        id: id, requester: user("zhang"), purpose: purpose, category: "PEN", elements: elements,
        tier: .shared, condition: condition,
        period: AccessPeriod(firstSecond: start, lastSecond: at("2026-03-31T23:59:59")),
        time: start,
        catalog: catalog)
    }
  }

  private func take(_ act: ShareAct, _ name: String, on id: String = "R000001") throws {
    _ = try store().take(act, on: id, by: user(name), at: start)
  }

  /// Action, outcome and rule of each entry, and a sound log.
  private func logged() throws -> [String] {
    var lines: [String] = []
    let report = try folder.log.verify(try LoggedDatabase.witnesses(in: folder.path)) {
      lines.append("\($0.action.rawValue) \($0.outcome.rawValue) \($0.rule)")
    }
    #expect(report.faults == [] && report.tornBytes == 0)
    return lines
  }

  private func execute(_ sql: String) throws {
    let queue = try DatabaseQueue(path: folder.path + "/" + ShareStore.fileName)
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
  }

  @Test func `a store that a killed process left half written is still a witness`() throws {
    try submit()
    let copy = try TemporaryFolder("killed")
    let queue = try DatabaseQueue(path: folder.path + "/" + ShareStore.fileName)
    try queue.writeWithoutTransaction { database in
      // More than the cache holds, so that pages are in the file and the old ones in the journal.
      try database.execute(sql: "PRAGMA cache_size = 1; BEGIN IMMEDIATE; CREATE TABLE spill (text)")
      for _ in 0..<500 {
        try database.execute(
          sql: "INSERT INTO spill VALUES (?)", arguments: [String(repeating: "x", count: 500)])
      }
      for suffix in ["", "-journal"] {
        let name = ShareStore.fileName + suffix
        try FileManager.default.copyItem(atPath: folder.path + "/" + name, toPath: copy + name)
      }
      try database.execute(sql: "ROLLBACK")
    }
    let witnesses = try LoggedDatabase.witnesses(in: copy.path)
    #expect(witnesses.map(\.sequence).sorted() == [2, 3])
  }

  @Test func `every act is stored with its entry in the log`() throws {
    try submit()
    try take(.approve(note: "同意"), "li")
    try take(.approve(note: ""), "wang")
    try take(.grant(terms: "不得转发"), "li")
    let found = try #require(try store().shareCase("G000001"))
    #expect(found == (try store().shareCase("R000001")))
    #expect(found.steps.map(\.kind) == [.requested, .checked, .approved, .approved, .granted])
    #expect(found.steps.map(\.person.user) == ["zhang", "zhang", "li", "wang", "li"])
    #expect(try store().grants(activeAt: start).map(\.id) == ["G000001"])
    #expect(try store().grants(activeAt: at("2026-04-01T00:00:00")) == [])
    try take(.revoke(reason: "用途已变"), "wang", on: "G000001")
    #expect(try store().grants(activeAt: start) == [])
    #expect(
      try logged() == [
        "log-opened allowed log", "share-request allowed request",
        "share-check allowed no-remarks", "share-approve allowed approvals",
        "share-approve allowed approvals", "share-grant allowed approvals",
        "share-revoke allowed approvals",
      ])
    #expect(
      try LoggedDatabase.witnesses(in: folder.path).map(\.sequence).sorted() == [2, 3, 4, 5, 6, 7])
  }

  @Test func `what is denied is in the log and nowhere else`() throws {
    try submit()
    for (act, name, id) in [
      (ShareAct.approve(note: ""), "zhang", "R000001"), (.grant(terms: ""), "li", "R000001"),
      (.revoke(reason: "x"), "li", "G000001"), (.approve(note: ""), "li", "R000077"),
      (.refuse(reason: " "), "li", "R000001"),
    ] {
      #expect(throws: Denial.self) { try take(act, name, on: id) }
    }
    #expect(throws: Denial.self) { try submit(purpose: " ") }
    #expect(try store().cases().map(\.steps.count) == [2])
    #expect(
      try logged().dropFirst(3) == [
        "share-approve denied four-eyes", "share-grant denied state", "share-revoke denied state",
        "share-approve denied unknown-number", "share-refuse denied reason",
        "share-request denied purpose",
      ])
  }

  @Test func `a refused request is kept with its reasons, and the next gets the next number`()
    throws
  {
    let refused = try submit(["person_name", "no_such_element"], condition: "person_name = '张三丰'")
    #expect(refused.state(at: start) == .refused)
    #expect(try submit().request.id == "R000002")
    #expect(try store().shareCase("R000001") == refused)
    #expect(
      try logged()[2]
        == "share-check denied refusal:element-above-tier refusal:unknown-element refusal:condition-above-tier"
    )
  }

  @Test func `restricted values stay out of the log`() throws {
    try submit(condition: "person_name = '张三丰'", purpose: "查 51010419900101001X 的处罚")
    try submit(["张三丰"], purpose: "核查")
    #expect(throws: Denial.self) { try take(.approve(note: ""), "li", on: "510104199001010010") }
    let text = String(decoding: try folder.bytes(), as: UTF8.self)
    #expect(text.contains("person_name = '…'"))
    for value in ["张三丰", "51010419900101001"] { #expect(!text.contains(value)) }
  }

  @Test func `the history cannot be changed`() throws {
    try submit()
    for sql in [
      "UPDATE step SET user = 'x'", "DELETE FROM step", "UPDATE subject SET body = '{}'",
      "DELETE FROM subject",
    ] {
      #expect(throws: DatabaseError.self) { try execute(sql) }
    }
    #expect(try store().cases().count == 1)
  }

  @Test func `a step whose entry is not in the log is found`() throws {
    try submit()
    try take(.approve(note: ""), "li")
    let bytes = try folder.bytes()
    let anchor = try folder.bytes("anchor")
    try take(.approve(note: ""), "wang")
    // Log and anchor of before the last act: only the store still knows of it.
    try folder.write(bytes)
    try folder.write(anchor, "anchor")
    #expect(try folder.log.verify().faults == [])
    let faults = try folder.log.verify(try LoggedDatabase.witnesses(in: folder.path)).faults
    #expect(faults.map(\.kind) == [.cut] && faults.first?.source == ShareStore.fileName)
  }

  @Test func `nothing happens that cannot be logged`() throws {
    try submit()
    let anchor = try folder.bytes("anchor")
    try folder.write([65, 10], "anchor")
    #expect(throws: AccessLogError.self) { try take(.approve(note: ""), "li") }
    #expect(try store().cases().map(\.steps.count) == [2])
    try folder.write(anchor, "anchor")
    try take(.approve(note: ""), "li")
    #expect(try store().cases().map(\.steps.count) == [3])
  }

  @Test func `an act that died between log and store is told in the log by the next one`() throws {
    try submit()
    // The entry of an approval without its step, as a killed process leaves it.
    try execute(
      "INSERT INTO open_act (reference, action, log_sequence) VALUES ('R000001', 'share-approve', 3)"
    )
    var event = reading(1)
    event.action = .shareApprove
    try folder.log.append(event)
    try take(.approve(note: ""), "wang")
    #expect(
      try logged().suffix(3) == [
        "share-approve allowed T1", "act-interrupted allowed share-approve",
        "share-approve allowed approvals",
      ])
    // One that died before its entry left nothing to tell.
    try execute(
      "INSERT INTO open_act (reference, action, log_sequence) VALUES ('R000001', 'share-approve', 6)"
    )
    try take(.approve(note: ""), "li")
    #expect(try logged().count == 7)
    #expect(try store().cases().first?.state(at: start) == .approved)
  }

  @Test func `two that approve at once are two approvals, one person twice is one`() throws {
    for round in 1...6 {
      try submit()
      let id = "R00000\(round)"
      let names = round % 2 == 0 ? ["li", "wang"] : ["li", "LI"]
      let outcomes = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 2) { index in
        do {
          try take(.approve(note: ""), names[index], on: id)
          outcomes.withLock { $0.append("approved") }
        } catch let denial as Denial {
          outcomes.withLock { $0.append(denial.code) }
        } catch {
          outcomes.withLock { $0.append("\(error)") }
        }
      }
      let expected = round % 2 == 0 ? ["approved", "approved"] : ["approved", "four-eyes"]
      #expect(outcomes.withLock { $0.sorted() } == expected)
      #expect(
        try store().shareCase(id)?.state(at: start) == (round % 2 == 0 ? .approved : .checked))
    }
    _ = try logged()
  }

  @Test func `objections are stored, marked and logged`() throws {
    let person = user("zhao")
    let raised = try store().object(person, start) { id throws(Denial) in
      try Objection(
        id: id, raiser: person, category: "ENT", key: ["91510104MAQY00013P"], element: "uscc",
        reason: "与执照不符", time: start, catalog: catalog)
    }
    #expect(raised.objection.id == "O000001" && raised.isMarked)
    #expect(throws: Denial.self) {
      try store().take(.corrected, "x", on: "O000001", by: user("li"), at: start)
    }
    _ = try store().take(.verified, "来源确认", on: "O000001", by: user("li"), at: start)
    _ = try store().take(.corrected, "已更正", on: "O000001", by: user("li"), at: start)
    #expect(try store().objections().map(\.isMarked) == [false])
    #expect(try store().cases() == [], "requests and objections are told apart")
    #expect(try store().shareCase("O000001") == nil)
    #expect(
      try logged().dropFirst() == [
        "objection-raise allowed objections", "objection-correct denied state",
        "objection-verify allowed objections", "objection-correct allowed objections",
      ])
  }
}
