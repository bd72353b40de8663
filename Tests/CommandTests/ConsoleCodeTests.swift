import Foundation
import TestSupport
import Testing

/// Values that no code list knows, from the record to the accepted one.
@Suite("New codes", .serialized)
struct ConsoleCodeTests {
  /// Its records and definitions change under the tests, so that nobody else may look at them.
  private static let own = Result { try CodeHome() }

  private let fixture: CodeHome
  private let console: RunningConsole

  /// Enterprises with a status that nobody knows, and readings of an item that is new.
  struct CodeHome {
    let console: ConsoleHome
    let pipelines: String
    let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder("codes")
      pipelines = folder + "Pipelines"
      try FileManager.default.copyItem(atPath: Repository.pipelines, toPath: pipelines)
      console = try ConsoleHome(pipelines: pipelines)
      let real = try TestPipeline.real.get()
      let files = [
        "市场主体登记_1.csv": try real.sheet("ENT", [["registration_status_code": "暂停营业"]]),
        "监测抽检_1.csv": try real.sheet("MON", [["monitor_item_code": "新测项目"]]),
      ]
      for (name, sheet) in files { try console.home.deliver(name, sheet.gb18030) }
      // The records of the worked cases are of June.
      let night = try console.home.night("2026-06-02")
      try #require(night.code <= 1, "\(night.errorText)")
    }

    /// Applies a patch as the person who commits it does.
    func apply(_ name: String) throws {
      let result = try Program(
        "/usr/bin/patch",
        ["-p1", "--fuzz=0", "--batch", "-i", console.home.path + "/review/" + name],
        in: pipelines
      ).wait()
      try #require(result.code == 0, "\(result.outputText)")
    }
  }

  init() throws {
    fixture = try Self.own.get()
    console = try RunningConsole(fixture.console.home)
  }

  private func row() throws -> Int {
    try #require(
      try fixture.console.returned(
        "system = 'SAM' AND category = 'ENT' AND record IN (SELECT record FROM finding_current "
          + "WHERE rule = 'ZF04023.domain')"
      ).first?["record"] as? Int)
  }

  @Test func `the page of a list counts wrong codes by element and leads to the records`() throws {
    let chief = try console.signIn("chief")
    let page = try chief.page("/rules/CL16")
    let link = try #require(
      page.firstMatch(of: /href="(\/queue\?[^"]*element=registration_status_code[^"]*)"/)?.1)
    let queue = try chief.page(link.replacingOccurrences(of: "&amp;", with: "&"))
    #expect(!queue.contains("没有符合条件的记录"))
    #expect(!(try console.signIn("auditor").page("/rules/CL16").contains("/queue?")))
  }

  @Test func `values that no code list knows stand in the log when they are shown`() throws {
    let page = try console.signIn("sam").page("/codes")
    try #require(page.contains("暂停营业"))
    let entry = try #require(
      try fixture.console.log().last { $0["action"] as? String == "console-values" })
    #expect(entry["user"] as? String == "sam" && entry["reference"] as? String == "codes")
    #expect((entry["elements"] as? [String])?.contains("registration_status_code") == true)
  }

  private func act(_ reply: WebReply) throws -> String {
    let location = try #require(reply.headers["location"], "\(reply.status): \(reply.body)")
    return String(try #require(location.firstMatch(of: /^\/act\/([0-9]+)$/)?.1))
  }

  @Test func `a synonym is confirmed by two people, committed, and the record is accepted`() throws
  {
    let row = try row()
    let sam = try console.signIn("sam")
    let page = try sam.page("/record/\(row)")
    let link = try #require(page.firstMatch(of: /href="(\/codes\/new\?[^"]+)"/)?.1)
      .replacingOccurrences(of: "&amp;", with: "&")
    let form = try sam.page(link)
    #expect(form.contains("value=\"暂停营业\"") && form.contains("CL16") && form.contains("另一人审批"))
    let values = [
      "meaning": "synonym", "element": "registration_status_code", "row": "\(row)",
      "spelling": "暂停营业", "of": "7", "words": "登记机关来函",
    ]
    // What would make the definitions ambiguous is refused by the linter.
    let wrong = try sam.send("/codes/new", values.merging(["spelling": "已注销"]) { _, new in new })
    #expect(wrong.status == 422 && wrong.body.contains("已能识别"))
    let other = try sam.send("/codes/new", values.merging(["of": "77"]) { _, new in new })
    #expect(other.status == 422 && other.body.contains("没有代码“77”"))
    #expect(try sam.post("/codes/new", values).status == 403)
    #expect(try console.signIn("mem").send("/codes/new", values).status == 404)
    #expect(try console.signIn("boss").send("/codes/new", values).status == 404)
    let id = try act(try sam.send("/codes/new", values))
    #expect(try sam.send("/codes/new", values).status == 422)
    #expect(try sam.page("/act/\(id)").contains("待审批"))
    #expect(
      !FileManager.default.fileExists(
        atPath: fixture.console.home.path + "/review/CL16-\(id).patch"))
    #expect(try sam.send("/act/\(id)/approve", [:]).status == 422)
    let boss = try console.signIn("boss")
    #expect(try boss.page("/approvals").contains("/act/\(id)\""))
    #expect(try boss.send("/act/\(id)/approve", ["words": "同意"]).status == 303)

    let name = "CL16-\(id).patch"
    #expect(try sam.page("/codes").contains("/codes/\(name)\""))
    #expect(try console.signIn("mem").get("/codes/\(name)").status == 404)
    let patch = try sam.get("/codes/\(name)")
    #expect(patch.headers["content-type"] == "text/x-diff; charset=utf-8")
    #expect(patch.body.contains("origin: \"steward: sam, ") && patch.body.contains("登记机关来函"))
    #expect(try sam.page("/act/\(id)").contains("patch -p1"))
    #expect(try Files.text(fixture.console.home.path + "/review/\(name)") == patch.body)

    try fixture.apply(name)
    // The source sends back what went back to it, as it is.
    let home = fixture.console.home.path
    let returned = try #require(
      Files.below(home + "/returns").first {
        $0.contains("市场主体登记_1") && $0.hasSuffix(".csv")
      })
    let file = try #require(returned.split(separator: "/").last.map(String.init))
    try fixture.console.home.deliver(file, try Files.bytes(home + "/returns/" + returned))
    let night = try fixture.console.home.night("2026-06-03")
    try #require(night.code <= 1, "\(night.errorText)")
    #expect(try fixture.console.returned("record = \(row)").isEmpty)
    let accepted = try fixture.console.home.query(
      "SELECT accepted, returned FROM delivery_ledger WHERE file_name = '\(file)'")
    #expect(accepted.first?["accepted"] as? Int == 1, "\(accepted)")
    let listed = try fixture.console.home.run(
      "review code patches", "--json", "--user", "sam")
    let entry = try #require(
      try listed.outputLines.map { try object($0) }.first { $0["patch"] as? String == name })
    #expect(entry["in_force"] as? Bool == true && entry["standing"] as? String == "stands")
    let log = try fixture.console.log().filter { entry in
      entry["action"] as? String == "review-code"
        && entry["elements"] as? [String] == ["registration_status_code"]
    }
    let outcomes = log.map {
      "\($0["user"] ?? "") \($0["outcome"] ?? "") \($0["rule"] ?? "")"
    }
    #expect(
      outcomes == [
        "sam denied known", "sam denied code", "mem denied unknown-record", "boss denied role",
        "sam allowed role-steward", "sam denied already",
      ])
    #expect(try fixture.console.home.run("audit verify").code == 0)
  }

  @Test func `a new value of a list that may grow is watched, confirmed and taken back`() throws {
    func watch(_ user: String) throws -> [[String: Any]] {
      let result = try fixture.console.home.run("review code watch", "--json", "--user", user)
      #expect(result.code == 0, "\(result.errorText)")
      return try result.outputLines.map { try object($0) }
    }
    let entry = try #require(try watch("sam").first { $0["value"] as? String == "新测项目" })
    #expect(entry["list"] as? String == "CL66" && entry["returned"] as? Bool == false)
    #expect(try !watch("mem").contains { $0["system"] as? String == "SAM" })
    let sam = try console.signIn("sam")
    #expect(try sam.page("/codes").contains("新测项目"))
    #expect(try !console.signIn("mem").page("/codes").contains("新测项目"))
    #expect(try console.signIn("auditor").get("/codes").status == 404)
    let id = try act(
      try sam.send(
        "/codes/new",
        [
          "meaning": "new", "element": "monitor_item_code", "row": "", "spelling": "新测项目",
          "code": "T99", "label": "新测项目", "english": "new item", "words": "标准已发布",
        ]))
    let name = "CL66-\(id).patch"
    let path = fixture.console.home.path + "/review/" + name
    func approve(_ id: String) throws {
      #expect(try console.signIn("boss").send("/act/\(id)/approve", [:]).status == 303)
    }
    try approve(id)
    #expect(try Files.text(path).contains("code: \"T99\""))
    #expect(try sam.send("/act/\(id)/undo", [:]).status == 303)
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try sam.get("/codes/\(name)").status == 404)
    // On the command line, and taken away by who commits it.
    let made = try fixture.console.home.run(
      "review code confirm", "--element", "monitor_item_code", "--value", "新测项目", "--new", "T99",
      "--label-en", "new item", "--words", "标准已发布", "--user", "sam", "--json")
    #expect(made.code == 0, "\(made.errorText)")
    let second = "\(try #require(try object(made.outputText)["act"]))"
    try approve(second)
    try fixture.apply("CL66-\(second).patch")
    #expect(try !watch("sam").contains { $0["value"] as? String == "新测项目" })
    try FileManager.default.removeItem(
      atPath: fixture.console.home.path + "/review/CL66-\(second).patch")
    #expect(try sam.send("/act/\(second)/undo", [:]).status == 422)
  }
}
