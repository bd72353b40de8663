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
    #expect(try sam.send("/act/\(id)/undo", [:]).status == 422)
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
