import Foundation
import TestSupport
import Testing

/// Requests for data in the inbox of those who decide.
@Suite("Console: approvals", .serialized)
struct ConsoleApprovalTests {
  private let home: CommandHome
  private let console: RunningConsole

  init() throws {
    home = try CommandHome(try Self.pipelines())
    _ = try home.night("2026-03-06")
    for (name, role) in [
      ("li", "approver"), ("wang", "approver"), ("chief", "operator"),
    ] {
      let added = try QingyuanProgram.run(
        [
          "user", "add", name, "--role", role, "--department", "数据局", "--password-stdin",
          "--home", home.path, "--pipelines", home.pipelines,
        ], input: Array((ConsoleHome.password + "\n").utf8))
      try #require(added.code == 0, "\(added.errorText)")
    }
    console = try RunningConsole(home)
  }

  /// The definitions, with a calendar for the years in which the test may run.
  private static func pipelines() throws -> String {
    let folder = NSTemporaryDirectory() + "approval-pipelines-\(UUID().uuidString)"
    try FileManager.default.copyItem(atPath: Repository.pipelines, toPath: folder)
    let now = Calendar(identifier: .gregorian).component(.year, from: Date())
    for year in [now, now + 1] {
      let path = "\(folder)/catalog/calendar/\(year).yaml"
      guard !FileManager.default.fileExists(atPath: path) else { continue }
      try """
      year: \(year)
      name: \(year)年工作日历
      english: working days of \(year)
      origin: "assumed: a year of the tests"
      holidays: []
      make-up-workdays: []
      """.write(toFile: path, atomically: true, encoding: .utf8)
    }
    return folder
  }

  private func request(_ user: String, purpose: String = "联合惩戒") throws -> String {
    let until = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 20 * 86_400))
    let result = try home.run(
      "share request", "--user", user, "--department", "公安局", "--category", "PEN", "--elements",
      "penalty_doc_no,party_type_code", "--purpose", purpose, "--until",
      String(until.prefix(10)), "--json")
    try #require(result.code == 0, "\(result.errorText)")
    return try #require(try object(result.outputText)["id"] as? String)
  }

  private func token(_ page: String) throws -> String {
    String(try #require(page.firstMatch(of: /name="form" value="([0-9a-f]{64})"/)?.1))
  }

  private func state(_ id: String) throws -> String {
    let shown = try home.run("share show", id, "--json")
    return try #require(try object(shown.outputText)["state"] as? String)
  }

  @Test func `a request takes two people and then the grant`() throws {
    let id = try request("zhang")
    let path = "/approvals/share-\(id)"
    let li = try console.signIn("li")
    #expect(try li.page("/approvals").contains("等您审批（1）"))
    let page = try li.page(path)
    #expect(page.contains("联合惩戒") && page.contains("数据局") == true)
    #expect(page.contains("处罚决定书文号") || page.contains("penalty_doc_no"))
    let form = try token(page)
    // Neither a form of nobody nor an act that is none does anything.
    #expect(try li.post(path, ["form": "0", "act": "approve"]).status == 403)
    #expect(try li.post(path, ["form": form, "act": "own"]).status == 409)
    #expect(try state(id) == "checked")
    #expect(try li.post(path, ["form": form, "act": "approve", "text": "同意"]).status == 303)
    // The second approval is another person's.
    #expect(try li.page("/approvals").contains("等您审批（0）"))
    #expect(try li.page(path).contains("两级审批须由不同的人作出"))
    #expect(try li.post(path, ["form": form, "act": "approve"]).status == 409)
    let wang = try console.signIn("wang")
    let own = try token(try wang.page(path))
    #expect(try wang.post(path, ["form": own, "act": "approve"]).status == 303)
    #expect(try wang.post(path, ["form": own, "act": "grant", "text": "仅限本案"]).status == 303)
    #expect(try state(id) == "active")
    let after = try wang.page(path)
    #expect(after.contains("仅限本案") && after.contains("生效中") && after.contains("同意"))
    #expect(try wang.post(path, ["form": own, "act": "revoke", "text": " "]).status == 409)
    #expect(try wang.post(path, ["form": own, "act": "revoke", "text": "案件已结"]).status == 303)
    #expect(try state(id) == "revoked")
    let verified = try home.run("audit verify")
    #expect(verified.code == 0, "\(verified.errorText)")
  }

  @Test func `a refusal needs its reason, and nobody decides on the own request`() throws {
    let own = try request("li")
    let other = try request("zhang", purpose: "<script>alert(1)</script>")
    let li = try console.signIn("li")
    let inbox = try li.page("/approvals")
    #expect(inbox.contains("等您审批（1）") && inbox.contains("等其他人（1）"))
    #expect(!inbox.contains("<script"))
    let page = try li.page("/approvals/share-\(own)")
    #expect(page.contains("申请人不得办理本人的申请"))
    let form = try token(page)
    #expect(
      try li.post("/approvals/share-\(own)", ["form": form, "act": "approve"]).status == 409)
    let path = "/approvals/share-\(other)"
    #expect(!(try li.page(path).contains("<script")))
    let empty = try li.post(path, ["form": form, "act": "refuse", "text": ""])
    #expect(empty.status == 409 && empty.body.contains("须说明理由"))
    #expect(try li.post(path, ["form": form, "act": "refuse", "text": "用途不明"]).status == 303)
    #expect(try state(other) == "refused" && state(own) == "checked")
  }

  @Test func `for people who are no approvers it is not there`() throws {
    let id = try request("zhang")
    let chief = try console.signIn("chief")
    let night = try chief.page("/night")
    #expect(!night.contains("/approvals"))
    for path in ["/approvals", "/approvals/share-\(id)"] {
      #expect(try chief.get(path).status == 404)
    }
    let form = try token(night)
    #expect(
      try chief.post("/approvals/share-\(id)", ["form": form, "act": "approve"]).status == 404)
    #expect(try state(id) == "checked")
    let li = try console.signIn("li")
    for path in [
      "/approvals/share-R999999", "/approvals/R000001", "/approvals/share-", "/approvals/x-R000001",
    ] {
      #expect(try li.get(path).status == 404, "\(path)")
    }
  }
}
