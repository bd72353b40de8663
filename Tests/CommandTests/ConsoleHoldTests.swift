import Foundation
import TestSupport
import Testing

/// Many held deliveries decided about in one step, over HTTP, on the sample nights.
@Suite("Console: held deliveries", .serialized)
struct ConsoleHoldTests {
  /// Its deliveries change under the tests, so that nobody else may look at them.
  private static let own = Result { try ConsoleHome() }

  private let fixture: ConsoleHome
  private let console: RunningConsole

  init() throws {
    fixture = try Self.own.get()
    console = try RunningConsole(fixture.home)
  }

  private func ledger(_ condition: String) throws -> [[String: Any]] {
    try fixture.home.query(
      """
      SELECT delivery, system, file_name, status, "read", reason FROM delivery_ledger
      WHERE \(condition) ORDER BY delivery
      """)
  }

  private func ids(_ entries: [[String: Any]]) throws -> [Int] {
    try entries.map { try #require($0["delivery"] as? Int) }
  }

  private func statuses(_ ids: [Int]) throws -> Set<String> {
    let list = ids.map { "\($0)" }.joined(separator: ",")
    return Set(try ledger("delivery IN (\(list))").compactMap { $0["status"] as? String })
  }

  private func form(
    _ decision: String, _ ids: [Int], confirmed: Int? = nil, words: String = "已核实"
  ) -> [String: String] {
    var form = ["decision": decision, "words": words]
    for id in ids { form["delivery.\(id)"] = "1" }
    if let confirmed {
      form["confirmed"] = "1"
      form["expected"] = "\(confirmed)"
    }
    return form
  }

  private func logged(_ action: String, _ outcome: String, by user: String) throws -> [String] {
    try fixture.log().filter {
      $0["action"] as? String == action && $0["outcome"] as? String == outcome
        && $0["user"] as? String == user
    }.compactMap { $0["reference"] as? String }
  }

  /// One with classified records, and others.
  private func chosen() throws -> (all: [Int], secret: Int) {
    let held = try ledger("status = 'held' AND system = 'SAM'")
    let secret = try #require(
      held.first { ($0["reason"] as? String)?.contains("are classified") == true })
    let others = held.filter { !(($0["reason"] as? String)?.contains("Q31") ?? true) }.prefix(2)
    try #require(others.count == 2)
    return (try ids(Array(others) + [secret]).sorted(), try #require(secret["delivery"] as? Int))
  }

  @Test func `nothing is done before it was shown, then all is, and can be taken back`() throws {
    let (all, secret) = try chosen()
    let before = try ledger("delivery IN (\(all.map { "\($0)" }.joined(separator: ",")))")
    let sam = try console.signIn("sam")
    let list = try sam.page("/queue?held=1")
    for id in all {
      #expect(list.contains("type=\"checkbox\" form=\"decide\" name=\"delivery.\(id)\""))
    }
    #expect(list.contains("<form id=\"decide\""))

    let preview = try sam.send("/deliveries/decide", form("release", all))
    #expect(preview.status == 200 && preview.body.contains("将放行 3 批"))
    let records = before.reduce(0) { $0 + (($1["read"] as? Int) ?? 0) }
    #expect(records > 0 && preview.body.contains("共 \(records) 条记录"))
    #expect(preview.body.contains("放行后仍会再次挂起：\(secret)<"))
    #expect(preview.body.contains("name=\"expected\" value=\"3\""))
    #expect(ConsoleMarkup.problems(preview.body).isEmpty)
    let rejecting = try sam.send("/deliveries/decide", form("reject", all))
    #expect(rejecting.status == 200 && !rejecting.body.contains("仍会再次挂起"))
    #expect(try sam.send("/deliveries/decide", form("release", all, confirmed: 2)).status == 409)
    #expect(
      try sam.send("/deliveries/decide", form("release", all, confirmed: 3, words: " ")).status
        == 422)
    #expect(try statuses(all) == ["held"])
    let earlier = try logged("delivery-release", "allowed", by: "sam").count

    let done = try sam.send("/deliveries/decide", form("release", all, confirmed: 3))
    #expect(done.status == 200 && done.body.contains("已放行 3 批"))
    #expect(try statuses(all) == ["taken"])
    let references = all.map { "delivery:\($0)" }
    let allowed = try logged("delivery-release", "allowed", by: "sam")
    #expect(Array(allowed.dropFirst(earlier)) == references)

    // The answer has the form that takes it back, which shows first what it will do.
    #expect(done.body.contains("name=\"decision\" value=\"hold\""))
    #expect(try sam.send("/deliveries/decide", form("hold", all)).body.contains("将恢复挂起 3 批"))
    let undone = try sam.send("/deliveries/decide", form("hold", all, confirmed: 3))
    #expect(undone.status == 200 && undone.body.contains("已恢复挂起 3 批"))
    let after = try ledger("delivery IN (\(all.map { "\($0)" }.joined(separator: ",")))")
    #expect(NSArray(array: after).isEqual(to: before))
    #expect(Array(try logged("delivery-hold", "allowed", by: "sam").suffix(3)) == references)
    #expect(try fixture.home.run("audit verify").code == 0)
  }

  @Test func `where one is not held any more nothing is done`() throws {
    let (all, _) = try chosen()
    let sam = try console.signIn("sam")
    #expect(try sam.send("/delivery/\(all[0])/reject", ["words": "坏"]).status == 303)
    let before = try logged("delivery-release", "denied", by: "sam").count
    for confirmed in [nil, 3] {
      let reply = try sam.send("/deliveries/decide", form("release", all, confirmed: confirmed))
      #expect(reply.status == 422 && reply.body.contains("批次 \(all[0]) 的状态已变"))
    }
    #expect(try statuses(Array(all.dropFirst())) == ["held"])
    #expect(try logged("delivery-release", "denied", by: "sam").count == before + 3)

    // The page of the one takes it back.
    let page = try sam.page("/deliveries/\(all[0])")
    #expect(page.contains("action=\"/delivery/\(all[0])/hold\""))
    #expect(!(try console.signIn("boss").page("/deliveries/\(all[0])").contains("/hold\"")))
    let mem = try console.signIn("mem")
    #expect(try mem.send("/delivery/\(all[0])/hold", ["words": "x"]).status == 404)
    #expect(try sam.send("/delivery/\(all[0])/hold", ["words": ""]).status == 422)
    #expect(try sam.send("/delivery/\(all[0])/hold", ["words": "误拒"]).status == 303)
    #expect(try statuses(all) == ["held"])
    #expect(try sam.send("/delivery/\(all[0])/hold", ["words": "误拒"]).status == 422)
    #expect(!(try sam.page("/deliveries/\(all[0])").contains("/hold\"")))
  }

  @Test func `where the ledger stops in between nothing is done`() throws {
    let (all, _) = try chosen()
    let before = try ledger("delivery IN (\(all.map { "\($0)" }.joined(separator: ",")))")
    func execute(_ sql: String) throws {
      let done = try Program(
        "/usr/bin/env",
        [
          "python3", "-c",
          "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])",
          fixture.home.path + "/warehouse/warehouse.sqlite", sql,
        ]
      ).wait()
      try #require(done.code == 0, "\(done.errorText)")
    }
    let sam = try console.signIn("sam")
    try execute(
      """
      CREATE TRIGGER full BEFORE UPDATE ON delivery WHEN old.id = \(all[2])
      BEGIN SELECT RAISE(ABORT, 'the disk is full'); END;
      """)
    let reply = try sam.send("/deliveries/decide", form("release", all, confirmed: 3))
    try execute("DROP TRIGGER full;")
    #expect(reply.status == 500)
    let after = try ledger("delivery IN (\(all.map { "\($0)" }.joined(separator: ",")))")
    #expect(NSArray(array: after).isEqual(to: before))
  }

  @Test func `only who may decide about all of them decides`() throws {
    let (all, _) = try chosen()
    let values = form("reject", all, confirmed: 3)
    let mem = try console.signIn("mem")
    #expect(try mem.send("/deliveries/decide", values).status == 404)
    #expect(try mem.send("/deliveries/decide", form("reject", all)).status == 404)
    #expect(try console.signIn("auditor").send("/deliveries/decide", values).status == 404)
    let boss = try console.signIn("boss")
    #expect(try boss.send("/deliveries/decide", values).status == 422)
    #expect(try boss.send("/deliveries/decide", form("reject", all)).status == 422)
    #expect(!(try boss.page("/queue?held=1").contains("checkbox")))
    let sam = try console.signIn("sam")
    #expect(try sam.post("/deliveries/decide", values).status == 403)
    #expect(try sam.get("/deliveries/decide").status == 404)
    #expect(try sam.send("/deliveries/decide", form("burn", all)).status == 404)
    #expect(try sam.send("/deliveries/decide", form("reject", [])).status == 422)
    #expect(try sam.send("/deliveries/decide", form("reject", Array(1...201))).status == 422)
    #expect(try sam.send("/deliveries/decide", form("reject", all + [99_999_999])).status == 404)
    #expect(try statuses(all) == ["held"])
  }
}
