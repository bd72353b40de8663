import Foundation
import TestSupport
import Testing

/// Values that people state of golden records, on the page of a record that speaks of them.
@Suite("Overrides in the console", .serialized)
struct ConsoleOverrideTests {
  /// Its records change under the tests, so that nobody else may look at them.
  private static let own = Result { try ConsoleHome() }

  private let fixture: ConsoleHome
  private let console: RunningConsole
  private let row: Int
  private let key: String

  init() throws {
    fixture = try Self.own.get()
    console = try RunningConsole(fixture.home)
    // An enterprise that went back and of which other systems speak too.
    let found = try #require(
      try fixture.returned("system = 'SAM' AND category = 'ENT' AND entity_key LIKE '9251%'").first)
    row = try #require(found["record"] as? Int)
    key = try #require(found["entity_key"] as? String)
  }

  private static let until = String(
    ISO8601DateFormatter().string(from: Date() + 30 * 86_400).prefix(10))

  private func form(_ element: String, _ value: String) -> [String: String] {
    [
      "entity": "ENT", "element": element, "value": value, "until": Self.until, "words": "登记机关来函",
    ]
  }

  private func overrides() throws -> [[String: Any]] {
    let result = try fixture.home.run("override list", "--json")
    #expect(result.code == 0, "\(result.errorText)")
    return try result.outputLines.map { try object($0) }
  }

  private func golden(_ element: String) throws -> String {
    let result = try fixture.home.run("why", "ENT", key, element)
    return result.outputText
  }

  @Test func `a value is stated, shown, counts after a night, and is retired`() throws {
    let path = "/record/\(row)/override"
    let sam = try console.signIn("sam")
    let page = try sam.page("/record/\(row)")
    #expect(page.contains("action=\"\(path)\""))
    // What a record says of its delivery is another thing each time, and nothing that anybody disputes.
    let disputed = page.matches(of: /<tr class="disputed"><th scope="row">([^<]+)/).map { $0.1 }
    #expect(!disputed.contains("归集批次号") && !disputed.contains("数据更新时间"))
    #expect(page.contains("<tr class=\"\"><th scope=\"row\">归集批次号"))
    let asked = form("registered_address", "清源路9号")
    for (change, problem) in [
      (["until": "2020-01-01"], "须注明到期日"), (["words": " "], "请写明"),
      (["element": "uscc"], "不能更正"), (["element": "no_such"], "不能更正"),
      (["entity": "PERSON"], "不能更正"),
    ] {
      let reply = try sam.send(path, asked.merging(change) { _, new in new })
      #expect(reply.status == 422 && reply.body.contains(problem), "\(change): \(reply.status)")
    }
    #expect(try sam.post(path, asked).status == 403)
    #expect(try console.signIn("mem").send(path, asked).status == 404)
    #expect(try console.signIn("boss").send(path, asked).status == 422)
    #expect(try overrides().isEmpty)

    #expect(try sam.send(path, asked).status == 303)
    let again = try sam.send(path, asked)
    #expect(again.status == 422 && again.body.contains("请先收回它"))
    let stated = try #require(try overrides().first)
    #expect(stated["author"] as? String == "sam" && stated["reason"] as? String == "登记机关来函")
    #expect(try sam.page("/record/\(row)").contains("下一夜起生效"))
    let night = try fixture.home.night("2026-03-08")
    try #require(night.code <= 1, "\(night.errorText)")
    #expect(try golden("registered_address").contains("清源路9号"))
    let counted = try sam.page("/record/\(row)")
    #expect(counted.contains("人工覆盖的取值") && counted.contains("清源路9号"))

    let id = "\(try #require(stated["override"]))"
    let retire = ["retire": id, "words": "已更正"]
    #expect(try console.signIn("mem").send(path, retire).status == 404)
    #expect(try sam.send(path, ["retire": id, "words": ""]).status == 422)
    #expect(try sam.send(path, ["retire": "99", "words": "x"]).status == 422)
    #expect(try sam.send(path, retire).status == 303)
    #expect(try sam.page("/record/\(row)").contains("下一夜结束"))
    #expect(try fixture.home.night("2026-03-09").code <= 1)
    #expect(try !golden("registered_address").contains("清源路9号"))
    #expect(try overrides().isEmpty)
    let log = try fixture.log()
    func logged(_ action: String) -> [String] {
      log.filter {
        $0["action"] as? String == action && $0["outcome"] as? String == "allowed"
          && $0["user"] as? String == "sam"
      }.compactMap { $0["purpose"] as? String }
    }
    #expect(logged("review-override").contains("登记机关来函"))
    #expect(logged("override-retire") == ["已更正"])
    #expect(
      log.contains {
        $0["action"] as? String == "query" && $0["reference"] as? String == "steward_override"
      })
    #expect(try fixture.home.run("audit verify").code == 0)
  }

  @Test func `golden values say whose they are, with file, line, record and rule`() throws {
    let chief = try console.signIn("chief")
    let page = try chief.page("/record/\(row)")
    let speakers = page.matches(
      of: #/<th scope="col">\[[0-9]+\] (.+?)<span class="what"><bdi>([^<]+)</bdi> 第 [0-9,]+ 行</#)
    try #require(!speakers.isEmpty)
    for speaker in speakers {
      let delivered = try fixture.home.query(
        "SELECT delivery FROM delivery_ledger WHERE file_name = '\(speaker.2)'")
      #expect(!delivered.isEmpty, "\(speaker.2)")
      let link = try #require(speaker.1.firstMatch(of: /href="(\/record\/[0-9]+)"/)?.1)
      #expect(try chief.get(String(link)).status == 200, "\(link)")
    }
    let rule = try #require(page.firstMatch(of: /<a href="(\/rules\/AR[^"]*)">AR/)?.1)
    #expect(try chief.get(String(rule)).status == 200, "\(rule)")
    // No way leads to records of other departments.
    let own = try console.signIn("sam").page("/record/\(row)")
    let open = own.matches(of: #/<th scope="col">\[[0-9]+\] <a href="[^"]+">([A-Z]{3})</#)
    #expect(open.allSatisfy { $0.1 == "SAM" })
  }

  @Test func `a core value needs a second person, and is judged before`() throws {
    let path = "/record/\(row)/override"
    let sam = try console.signIn("sam")
    let wrong = try sam.send(path, form("registration_status_code", "99"))
    #expect(wrong.status == 422 && wrong.body.contains("应为"), "\(wrong.body)")
    let before = try overrides().count
    #expect(try sam.send(path, form("registration_status_code", "歇业")).status == 303)
    #expect(try overrides().count == before)
    let acts = try fixture.home.run("review acts", "--user", "sam", "--json")
    let act = try #require(
      try acts.outputLines.map { try object($0) }.first {
        $0["kind"] as? String == "override" && $0["standing"] as? String == "waiting"
      })
    let id = "\(try #require(act["act"]))"
    #expect(try sam.send("/act/\(id)/approve", [:]).status == 422)
    let boss = try console.signIn("boss")
    #expect(try boss.page("/approvals").contains("/act/\(id)\""))
    #expect(try boss.send("/act/\(id)/approve", ["words": "同意"]).status == 303)
    #expect(try overrides().count == before + 1)
    #expect(try overrides().contains { $0["author"] as? String == "sam" })
    // Taken back as an act, the override is retired.
    #expect(try sam.page("/act/\(id)").contains("action=\"/act/\(id)/undo\""))
    #expect(try sam.send("/act/\(id)/undo", [:]).status == 303)
    let core = try overrides().filter {
      ($0["values"] as? [[String: Any]])?.first?["element"] as? String == "registration_status_code"
    }
    #expect(core.count == 1 && core.allSatisfy { $0["retirement"] != nil })
    #expect(try sam.send("/act/\(id)/undo", [:]).status == 422)
  }

  @Test
  func `one value of all golden records that a filter leads to, previewed, undone and replayed`()
    throws
  {
    let chief = try console.signIn("chief")
    let query = "?status=returned&category=ENT"
    let page = try chief.page("/queue/act\(query)")
    #expect(page.contains("<option value=\"ENT.registered_address\""))
    let expected = try #require(page.firstMatch(of: /name="expected" value="([0-9]+)"/)?.1)
    let asked = [
      "kind": "override", "stated": "ENT.registered_address", "value": "清源大道1号",
      "until": Self.until, "words": "道路更名", "expected": String(expected),
      "filter.status": "returned", "filter.category": "ENT",
    ]
    let before = Set(try overrides().compactMap { $0["override"] as? Int })
    let preview = try chief.send("/queue/act", asked.merging(["preview": "1", "words": ""]) { $1 })
    #expect(preview.status == 200)
    let count = try #require(
      preview.body.firstMatch(of: /将覆盖 ([0-9]+) 条综合记录/).flatMap { Int($0.1) })
    #expect(count > 1 && preview.body.contains("清源大道1号"))
    #expect(Set(try overrides().compactMap { $0["override"] as? Int }) == before)
    for (change, problem) in [
      (["until": ""], "须注明到期日"), (["stated": "ENT.uscc"], "不能更正"),
      (["stated": "NONE.uscc"], "不能更正"), (["stated": ""], "不能更正"),
      (["expected": "1000000"], "请重新预览"),
      (["stated": "ENT.registration_status_code", "value": "99"], "应为"),
    ] {
      let reply = try chief.send("/queue/act", asked.merging(change) { $1 })
      #expect(reply.status == 422 && reply.body.contains(problem), "\(change): \(reply.status)")
    }
    #expect(try console.signIn("boss").send("/queue/act", asked).status == 422)
    #expect(Set(try overrides().compactMap { $0["override"] as? Int }) == before)

    let done = try chief.send("/queue/act", asked)
    #expect(done.status == 303 || done.status == 200, "\(done.body)")
    func made() throws -> [[String: Any]] {
      try overrides().filter { !before.contains($0["override"] as? Int ?? 0) }
    }
    let stated = try made()
    #expect(stated.count == count)
    #expect(Set(stated.map { "\($0["key"] ?? "")" }).count == count)
    let act = try #require(
      try fixture.home.run("review acts", "--user", "chief", "--json").outputLines
        .map { try object($0) }.first { $0["words"] as? String == "道路更名" })
    #expect((act["overrides"] as? [Int])?.count == count)
    let id = "\(try #require(act["act"]))"
    #expect(try chief.page("/act/\(id)").contains("\(count) 条综合记录"))
    // It was done to all that it can be done to.
    let nothing = try fixture.home.run("recipe apply", id, "--user", "chief")
    #expect(nothing.code == 1 && nothing.errorText.contains("没有一条记录可以这样处理"))

    #expect(try chief.send("/act/\(id)/undo", [:]).status == 303)
    #expect(try made().allSatisfy { $0["retirement"] != nil })
    // What was undone may be done again.
    let again = try fixture.home.run("recipe apply", id, "--user", "chief", "--json")
    #expect(again.code == 0, "\(again.errorText)")
    #expect(try made().count { $0["retirement"] == nil } == count)
    let second = "\(try #require(try object(again.outputLines[0])["act"]))"
    #expect(try fixture.home.run("review undo", second, "--user", "chief").code == 0)
    #expect(try made().count == 2 * count && made().allSatisfy { $0["retirement"] != nil })
    #expect(try fixture.home.run("audit verify").code == 0)
  }

  @Test func `the same on the command line`() throws {
    let common = [
      "--matching", "--status", "returned", "--category", "ENT", "--of", "ent",
      "--set", "business_scope=一般项目", "--until", Self.until, "--words", "来函", "--user", "chief",
      "--json",
    ]
    func run(_ more: String...) throws -> ProgramResult {
      try QingyuanProgram.run(
        ["review", "override", "--home", fixture.home.path, "--pipelines", fixture.home.pipelines]
          + common + more)
    }
    let preview = try run("--preview")
    #expect(preview.code == 0, "\(preview.errorText)")
    let count = try #require(try object(preview.outputLines[0])["golden_records"] as? Int)
    let done = try run()
    #expect(done.code == 0, "\(done.errorText)")
    let act = try object(done.outputLines[0])
    #expect((act["overrides"] as? [Int])?.count == count && count > 1)
    let undone = try fixture.home.run(
      "review undo", "\(try #require(act["act"]))", "--user", "chief")
    #expect(undone.code == 0, "\(undone.errorText)")
  }

  @Test func `what is stated on the command line stands in the log, refused too`() throws {
    let refused = try fixture.home.run(
      "override set", "ENT", key, "--value", "registration_status_code=99", "--reason", "来函",
      "--by", "li", "--until", Self.until, "--user", "li", "--department", "数据局")
    #expect(refused.code == 1)
    let entry = try #require(
      try fixture.log().last { $0["action"] as? String == "override-set" })
    #expect(entry["outcome"] as? String == "denied" && entry["user"] as? String == "li")
    #expect(entry["elements"] as? [String] == ["registration_status_code"])
  }
}
