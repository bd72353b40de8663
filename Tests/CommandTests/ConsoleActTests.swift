import Catalog
import Foundation
import TestSupport
import Testing

/// What stewards do, over HTTP and on the command line, on the sample nights.
@Suite("Acts", .serialized)
struct ConsoleActTests {
  /// Its records change under the tests, so that nobody else may look at them.
  private static let own = Result { try ConsoleHome() }

  private let fixture: ConsoleHome
  private let console: RunningConsole

  init() throws {
    fixture = try Self.own.get()
    console = try RunningConsole(fixture.home)
  }

  private func row(_ condition: String) throws -> Int {
    try #require(try fixture.returned(condition).first?["record"] as? Int, "\(condition)")
  }

  /// Names of files that people sent.
  private func sent(_ folder: String) -> [String] {
    Files.below(fixture.home.path + "/" + folder).filter { $0.contains("专员") }
  }

  private func acts() throws -> [[String: Any]] {
    let result = try fixture.home.run("review acts", "--department", "市场监管局", "--json")
    try #require(result.code == 0, "\(result.errorText)")
    return try result.outputLines.map { try object($0) }
  }

  private func act(_ id: String) throws -> [String: Any] {
    try #require(try acts().first { "\($0["act"] ?? "")" == id })
  }

  /// The number of the act that a form led to.
  private func id(_ reply: WebReply) throws -> String {
    let location = try #require(reply.headers["location"], "\(reply.status): \(reply.body)")
    return String(try #require(location.firstMatch(of: /\/act\/([0-9]+)/)?.1))
  }

  @Test func `a correction is judged at once, sent, and taken by the next night`() throws {
    let row = try row("system = 'SAM' AND category = 'ENT' AND entity_key LIKE '9251%'")
    let sam = try console.signIn("sam")
    let page = try sam.page("/record/\(row)")
    #expect(page.contains("name=\"value.registered_division_code\""))
    let wrong = try sam.send(
      "/record/\(row)/act",
      ["kind": "correct", "words": "核实", "value.registered_division_code": "abc<script>"])
    #expect(wrong.status == 422)
    #expect(wrong.body.contains("Q21") && wrong.body.contains("value=\"abc&lt;script&gt;\""))
    #expect(sent("inbox").isEmpty)
    let right = try sam.send(
      "/record/\(row)/act",
      ["kind": "correct", "words": "核实", "value.registered_division_code": "510104"])
    #expect(right.status == 303, "\(right.body)")
    #expect(sent("inbox").count == 1)
    let again = try sam.send(
      "/record/\(row)/act",
      ["kind": "correct", "words": "再改", "value.registered_division_code": "510105"])
    #expect(again.status == 422 && again.body.contains("已有更正"))
    #expect(try sam.page("/queue?view=records&system=SAM").contains("已更正"))

    // A document too, whose elements stand inside of two others.
    let other = try self.row("system = 'MEM' AND category = 'CAS'")
    let mem = try console.signIn("mem")
    #expect(try mem.page("/record/\(other)").contains("name=\"value.parties.1.person_mobile\""))
    let values = ["kind": "correct", "words": "电话核实", "value.legal_review_date": "2025-09-01"]
    for place in [
      "parties.9.person_mobile", "parties.0.person_mobile", "cars.1.person_mobile",
      "parties.\(Int.min).person_mobile", "parties.\(Int.max).person_mobile", "parties.1.", "..",
    ] {
      let refused = try mem.send(
        "/record/\(other)/act", values.merging(["value.\(place)": "13800000002"]) { $1 })
      #expect(refused.status == 422 && refused.body.contains("不能更正"), "\(place)")
    }
    let reply = try mem.send(
      "/record/\(other)/act",
      values.merging(["value.parties.1.person_mobile": "13800000002"]) { $1 })
    #expect(reply.status == 303, "\(reply.body)")
    let stated = try #require(try acts().first { $0["words"] as? String == "电话核实" })
    #expect(
      (stated["changes"] as? [String: Any])?.keys.sorted()
        == ["legal_review_date", "parties[1].person_mobile"])

    let night = try fixture.home.night("2026-03-08")
    try #require(night.code <= 1, "\(night.errorText)")
    #expect(sent("inbox").isEmpty)
    #expect(try fixture.returned("record IN (\(row), \(other))").isEmpty)
    let taken = try fixture.home.query(
      "SELECT file_name, accepted FROM delivery_ledger WHERE file_name LIKE '%专员更正%'")
    #expect(taken.count == 2 && taken.allSatisfy { $0["accepted"] as? Int == 1 }, "\(taken)")
    #expect(
      try fixture.home.query(
        "SELECT person_mobile FROM CAS_parties WHERE person_mobile = '13800000002'"
      ).count == 1)
    let after = try sam.page("/record/\(row)")
    #expect(after.contains("已结束") && after.contains("已入库"))
    let audit = try fixture.home.run("audit verify")
    #expect(audit.code == 0, "\(audit.errorText)")
    let entry = try #require(
      try fixture.log().last {
        $0["action"] as? String == "review-correct" && $0["user"] as? String == "sam"
          && $0["outcome"] as? String == "allowed"
      })
    #expect(entry["elements"] as? [String] == ["registered_division_code"])
  }

  @Test func `nobody acts on records of another department, nor without the form's token`() throws {
    let row = try row("system = 'SAM' AND category = 'INS'")
    let before = try acts().count
    let values = ["kind": "comment", "words": "看一下"]
    #expect(try console.signIn("mem").send("/record/\(row)/act", values).status == 404)
    #expect(try console.signIn("auditor").send("/record/\(row)/act", values).status == 404)
    let sam = try console.signIn("sam")
    #expect(try sam.post("/record/\(row)/act", values).status == 403)
    #expect(try sam.send("/record/\(row)/act", ["kind": "comment", "words": " "]).status == 422)
    #expect(try sam.send("/record/\(row)/act", ["kind": "approve"]).status == 404)
    #expect(try acts().count == before)
    #expect(try sam.send("/record/\(row)/act", values).status == 303)
    let id = try #require(try acts().first?["act"])
    #expect(try sam.get("/act/\(id)").status == 200)
    #expect(try console.signIn("mem").get("/act/\(id)").status == 404)
    #expect(try console.signIn("mem").send("/act/\(id)/undo", [:]).status == 404)
  }

  @Test func `masked values are not in the form and cannot be changed`() throws {
    let row = try row("system = 'SAM' AND category = 'INS'")
    let before = sent("inbox")
    let shown = try fixture.home.run("review show", "\(row)", "--json")
    let fields = try #require(try object(shown.outputText)["fields"] as? [[String: Any]])
    let catalog = try TestPipeline.real.get().catalog
    let hidden = fields.filter { field in
      (field["element"] as? String).flatMap { catalog.element($0) }.map { $0.tier > .public }
        ?? false
    }
    let visitor = try console.signIn("open")
    let page = try visitor.page("/record/\(row)")
    try #require(!hidden.isEmpty)
    for field in hidden {
      let element = try #require(field["element"] as? String)
      #expect(!page.contains("name=\"value.\(element)\""))
      let reply = try visitor.send(
        "/record/\(row)/act", ["kind": "correct", "words": "试", "value.\(element)": "1"])
      #expect(reply.status == 422 && reply.body.contains("不能更正"), "\(element)")
    }
    #expect(sent("inbox") == before)
  }

  @Test func `a waiver needs a second person, and the record stays returned`() throws {
    let row = try row("system = 'SAM' AND category = 'INS'")
    let before = try fixture.returned("1 = 1").count
    let sam = try console.signIn("sam")
    let asked = [
      "kind": "waive", "words": "系统改造",
      "until": String(ISO8601DateFormatter().string(from: Date() + 30 * 86_400).prefix(10)),
    ]
    let late = asked.merging(["until": "2020-01-01"]) { _, new in new }
    #expect(try sam.send("/record/\(row)/act", late).status == 422)
    #expect(try sam.send("/record/\(row)/act", asked).status == 303)
    let id = "\(try #require(try acts().first?["act"]))"
    #expect(try act(id)["standing"] as? String == "waiting")
    #expect(try sam.send("/act/\(id)/approve", [:]).status == 422)
    #expect(try console.signIn("chief").send("/act/\(id)/approve", [:]).status == 422)
    let boss = try console.signIn("boss")
    #expect(try boss.page("/acts").contains("等您审批"))
    let inbox = try boss.page("/approvals")
    #expect(inbox.contains("/act/\(id)\"") && !inbox.contains("没有等您审批的事项"))
    let waiting = try #require(inbox.firstMatch(of: /等您审批（([1-9][0-9]*)）/)?.1)
    #expect(inbox.contains("href=\"/approvals\" aria-current=\"page\">审批（\(waiting)）</a>"))
    #expect(try boss.send("/act/\(id)/approve", ["words": "同意"]).status == 303)
    #expect(try act(id)["standing"] as? String == "stands")
    // The approval is told with the waiver, and is nothing to take back by itself.
    let chief = try console.signIn("chief")
    let approval = try #require(Int(id)) + 1
    #expect(try chief.get("/act/\(approval)").status == 404)
    #expect(try chief.send("/act/\(approval)/undo", [:]).status == 404)
    #expect(try act(id)["standing"] as? String == "stands")
    #expect(try boss.send("/act/\(id)/refuse", ["words": "反悔"]).status == 422)
    #expect(try sam.page("/queue?view=records&system=SAM").contains("豁免至"))
    #expect(try fixture.returned("1 = 1").count == before)
    #expect(try sam.send("/act/\(id)/undo", [:]).status == 303)
    #expect(try act(id)["standing"] as? String == "undone")
  }

  @Test func `many records in one step, undone in one step, and done again as by hand`() throws {
    let filter = ["filter.system": "SAM", "filter.category": "INS", "filter.status": "returned"]
    let sam = try console.signIn("sam")
    let page = try sam.page("/queue/act?system=SAM&category=INS&status=returned")
    let count = try #require(page.firstMatch(of: /name="expected" value="([0-9]+)"/)?.1)
    #expect(Int(count) == (try fixture.returned("system = 'SAM' AND category = 'INS'").count))
    var form = filter.merging([
      "kind": "return", "words": "两条只能留一条", "expected": "999",
    ]) { own, _ in own }
    #expect(try sam.send("/queue/act", form).status == 422)
    form["expected"] = String(count)
    let manual = try id(try sam.send("/queue/act", form))
    #expect(try act(manual)["records"] as? Int == Int(count))
    let file = try #require(sent("returns").first { $0.contains("专员意见-\(manual)") })
    let bytes = try Files.bytes(fixture.home.path + "/returns/" + file)
    #expect(text(gb18030: bytes).contains("数据专员意见:两条只能留一条"))
    // What a recipe was done to is not done twice.
    func replay() throws -> ProgramResult {
      try fixture.home.run("recipe apply", manual, "--user", "sam", "--json")
    }
    #expect(try replay().outputText.isEmpty)
    #expect(try sam.send("/act/\(manual)/undo", [:]).status == 303)
    #expect(!sent("returns").contains(file))
    let again = try replay()
    try #require(again.code == 0, "\(again.errorText)")
    let replayed = try object(again.outputText)
    let byHand = try act(manual)
    for name in ["kind", "records", "systems", "words", "filter"] {
      // A dictionary says its keys in any order.
      let (one, other) = (["value": replayed[name] ?? ""], ["value": byHand[name] ?? ""])
      #expect(NSDictionary(dictionary: one).isEqual(to: other), "\(name): \(one) \(other)")
    }
    let number = "\(try #require(replayed["act"]))"
    let second = try #require(sent("returns").first { $0.contains("专员意见-\(number)") })
    #expect(try Files.bytes(fixture.home.path + "/returns/" + second) == bytes)
    let listed = try fixture.home.run("recipe list", "--department", "市场监管局", "--json")
    #expect(listed.outputText.contains("\"act\":\(manual)"))
  }

  @Test func `an act on records of several systems has a page for who sees all of them`() throws {
    let chief = try console.signIn("chief")
    let page = try chief.page("/queue/act?status=returned")
    let count = try #require(page.firstMatch(of: /name="expected" value="([0-9]+)"/)?.1)
    let id = try self.id(
      try chief.send(
        "/queue/act",
        [
          "filter.status": "returned", "kind": "comment", "words": "全部看过",
          "expected": String(count),
        ]))
    #expect(((try act(id)["systems"] as? [String])?.count ?? 0) > 1)
    let row = try row("system = 'SAM'")
    let own = try console.signIn("sam").page("/record/\(row)")
    #expect(own.contains("#\(id) ") && !own.contains("/act/\(id)\""))
    #expect(try console.signIn("sam").get("/act/\(id)").status == 404)
    #expect(try chief.page("/record/\(row)").contains("/act/\(id)\""))
  }

  @Test func `where no record fits there is nothing to be sent`() throws {
    let page = try console.signIn("sam").page("/queue/act?system=SAM&rule=none")
    #expect(page.contains("没有符合条件的记录"))
    #expect(page.contains("href=\"/queue?system=SAM&amp;rule=none\""))
    #expect(!page.contains("action=\"/queue/act\""))
  }

  @Test func `what is assigned to a person is theirs in the queue`() throws {
    let row = try row("system = 'MEM'")
    let mem = try console.signIn("mem")
    #expect(
      try mem.send("/record/\(row)/act", ["kind": "assign", "assignee": "sam"]).status == 422)
    #expect(
      try mem.send("/record/\(row)/act", ["kind": "assign", "assignee": "mem"]).status == 303)
    let mine = "/queue?assigned=mem&view=records"
    #expect(try mem.page(mine).contains("/record/\(row)\""))
    let chief = try console.signIn("chief")
    #expect(try chief.page(mine).contains("/record/\(row)\""))
    #expect(!(try chief.page("/queue?assigned=chief&view=records").contains("/record/\(row)\"")))
    // The counts of all facets are those of what is assigned, under the rest of the filter.
    let facet = /assigned=mem[^>]*><span class="label">mem<\/span><span class="count">1</
    #expect(try chief.page("/queue").contains(facet))
    #expect(try chief.page("/queue?system=MEM").contains(facet))
    #expect(try !chief.page("/queue?system=SAM").contains(facet))
    let system = /<span class="label">MEM [^<]*<\/span><span class="count">1</
    #expect(try chief.page("/queue?assigned=mem").contains(system))
    #expect(try mem.page("/queue").contains("指派给我的"))
    #expect(try !console.signIn("sam").page("/queue").contains("assigned=mem"))
    #expect(try !chief.page(mine).contains("/queue/act"))
  }

  @Test func `a held delivery is rejected with a reason by who sees its system`() throws {
    try fixture.home.deliver("市场主体登记_20260309.csv", Array("甲,乙\r\n1,2\r\n".utf8))
    _ = try fixture.home.night("2026-03-09")
    let held = try fixture.home.run("deliveries", "--status", "held", "--json")
    let id = try #require(try object(held.outputLines[0])["delivery"] as? String)
    let sam = try console.signIn("sam")
    #expect(try sam.page("/queue?held=1").contains("/delivery/\(id)/release"))
    let values = ["words": "请重新导出"]
    #expect(try console.signIn("mem").send("/delivery/\(id)/reject", values).status == 404)
    #expect(try sam.send("/delivery/\(id)/reject", ["words": ""]).status == 422)
    #expect(try console.signIn("boss").send("/delivery/\(id)/reject", values).status == 422)
    #expect(try sam.send("/delivery/\(id)/reject", values).status == 303)
    let rejected = try fixture.home.run("deliveries", "--status", "rejected", "--json")
    #expect(rejected.outputText.contains("rejected by sam: 请重新导出"))
    #expect(try sam.send("/delivery/\(id)/release", values).status == 422)
  }
}
