import Foundation
import TestSupport
import Testing

extension SampleConsole {
  /// Changed definitions on the archive of the sample nights.
  @Suite("qingyuan shadow", .serialized)
  struct ShadowCommandTests {
    private let fixture: ConsoleHome

    init() throws { fixture = try ConsoleHome.shared.get() }

    /// The definitions with one text replaced in one file.
    private func changed(_ file: String, _ old: String, _ new: String) throws -> String {
      let folder = NSTemporaryDirectory() + "shadow-pipelines-\(UUID().uuidString)"
      try FileManager.default.copyItem(atPath: Repository.pipelines, toPath: folder)
      let path = "\(folder)/\(file)"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try #require(text.contains(old), "\(file) does not say \(old)")
      try text.replacingOccurrences(of: old, with: new).write(
        toFile: path, atomically: true, encoding: .utf8)
      return folder
    }

    private func shadow(_ pipelines: String, _ more: String...) throws -> ProgramResult {
      try QingyuanProgram.run(
        [
          "shadow", "--json", "--home", fixture.home.path, "--against", fixture.home.pipelines,
          "--pipelines", pipelines,
        ] + more)
    }

    @Test func `the same definitions change nothing, and nothing is written`() throws {
      let before = try fixture.home.dump()
      let result = try shadow(fixture.home.pipelines, "--category", "ENT")
      #expect(result.code == 0, "\(result.errorText)")
      let report = try object(result.outputText)
      #expect(((report["records"] as? Int) ?? 0) > 20)
      #expect(report["returned_before"] as? Int == report["returned_after"] as? Int)
      #expect((report["changes"] as? [Any])?.isEmpty == true)
      #expect(try fixture.home.dump() == before)
    }

    @Test func `a rule that is turned round sends back what it let pass, with examples by place`()
      throws
    {
      let pipelines = try changed(
        "rules/ENT.yaml",
        "registration_status_code in ('2', '3', '4') => deregistered_date present",
        "registration_status_code in ('1') => deregistered_date present")
      let result = try shadow(pipelines, "--category", "ENT", "--examples", "2")
      #expect(result.code == 1, "\(result.errorText)")
      let report = try object(result.outputText)
      let returned = try #require(report["newly_returned"] as? Int)
      #expect(returned > 0)
      let before = try #require(report["returned_before"] as? Int)
      let accepted = try #require(report["newly_accepted"] as? Int)
      #expect(report["returned_after"] as? Int == before + returned - accepted)
      let changes = try #require(report["changes"] as? [[String: Any]])
      #expect(Set(changes.compactMap { $0["rule"] as? String }) == ["CR07"])
      for change in changes {
        let examples = try #require(change["examples"] as? [[String: Any]])
        #expect(examples.count == min(2, change["records"] as? Int ?? 0))
        #expect(examples.allSatisfy { (($0["record_number"] as? Int) ?? 0) > 0 })
      }
      // The verdicts that it tells are those of check on the same file.
      let delivery = try #require(
        (changes.first?["examples"] as? [[String: Any]])?.first?["delivery"] as? Int)
      let entry = try #require(
        try fixture.home.query(
          "SELECT system, archive_path FROM delivery_ledger WHERE delivery = \(delivery)"
        ).first)
      let path = try #require(entry["archive_path"] as? String)
      let checked = try QingyuanProgram.run([
        "check", "\(fixture.home.path)/archive/\(path)", "--source",
        try #require(entry["system"] as? String), "--category", "ENT", "--json", "--pipelines",
        pipelines, "--today", "2026-03-07",
      ])
      #expect(checked.outputText.contains("\"CR07\""))
    }

    @Test func `a result that is kept is shown, cut to the systems of who looks`() throws {
      let pipelines = try changed(
        "rules/ENT.yaml",
        "registration_status_code in ('2', '3', '4') => deregistered_date present",
        "registration_status_code in ('1') => deregistered_date present")
      let name = "deregistered-1"
      let ran = try shadow(
        pipelines, "--category", "ENT", "--keep", name, "--user", "wang", "--department", "数据局")
      #expect(ran.code == 1, "\(ran.errorText)")
      let report = try object(ran.outputText)
      let returned = try #require(report["newly_returned"] as? Int)
      let console = try RunningConsole(fixture.home)
      let chief = try console.signIn("chief")
      #expect(try chief.page("/rules").contains("href=\"/shadow\""))
      let path = "/shadow/" + name
      #expect(try chief.page("/shadow").contains(name))
      let page = try chief.page(path)
      #expect(page.contains("CR07") && page.contains("数据局 wang") && page.contains("新退回"))
      #expect(page.contains("<dd><bdi>\(returned)</bdi></dd>"))
      #expect(ConsoleMarkup.problems(page).isEmpty)
      let english = try chief.page(path + "?lang=en")
      #expect(english.contains("would go back") && english.contains("What would change"))
      // Enterprises are the matter of one system alone, and sums are of all.
      let mem = try console.signIn("mem").page(path)
      #expect(!mem.contains("CR07") && !mem.contains("新退回") && mem.contains("没有变化"))
      #expect(try console.signIn("auditor").get(path).status == 404)
      for other in ["/shadow/none", "/shadow/..%2F..%2Faccess", "/shadow/."] {
        #expect(try chief.get(other).status == 404, "\(other)")
      }
      #expect(try shadow(pipelines, "--keep", "../x").code == 64)
    }

    @Test func `a rule is tried on its page, with the verdicts that the command tells`() throws {
      let turned = "registration_status_code in ('1') => deregistered_date present"
      let told = try object(
        try shadow(
          try changed(
            "rules/ENT.yaml",
            "registration_status_code in ('2', '3', '4') => deregistered_date present", turned),
          "--category", "ENT"
        ).outputText)
      let before = try fixture.home.dump()
      let console = try RunningConsole(fixture.home)
      let chief = try console.signIn("chief")
      #expect(try chief.page("/rules/CR07").contains("action=\"/rules/CR07/try"))
      let begun = try chief.send(
        "/rules/CR07/try", ["when": "", "holds": turned, "severity": "return"])
      let path = try #require(begun.headers["location"])
      #expect(begun.status == 303 && path.hasPrefix("/shadow/CR07-"))
      var page = ""
      for _ in 0..<600 where !page.contains("新退回") {
        page = try chief.page(path)
        usleep(100_000)
      }
      for key in ["newly_returned", "newly_accepted", "records", "deliveries"] {
        let count = try #require(told[key] as? Int)
        #expect(page.contains("<dd><bdi>\(count)</bdi></dd>"), "\(key) \(count)")
      }
      #expect(page.contains("v1: holds registration_status_code in ("))
      #expect(page.contains("v2: holds registration_status_code in ("))
      #expect(ConsoleMarkup.problems(page).isEmpty)
      #expect(try fixture.home.dump() == before)
      let log = try QingyuanProgram.run([
        "audit", "list", "--json", "--home", fixture.home.path,
      ])
      #expect(log.outputText.contains(path.split(separator: "/").last ?? "?"))
    }

    @Test func `what is no rule is told before anything is judged, and not everybody may try`()
      throws
    {
      let console = try RunningConsole(fixture.home)
      let chief = try console.signIn("chief")
      let present = "registration_status_code in ('2', '3', '4') => deregistered_date present"
      for (holds, words) in [
        ("registration_status_code in (", "读不懂"), ("nothing_of_this present", "有误"),
        ("registration_status_code", "有误"), (present, "与现在的规则相同"), ("", "读不懂"),
        (String(repeating: "(", count: 3000), "读不懂"),
      ] {
        let reply = try chief.send(
          "/rules/CR07/try", ["when": "", "holds": holds, "severity": "return"])
        #expect(reply.status == 422 && reply.body.contains(words), "\(holds)")
        #expect(ConsoleMarkup.problems(reply.body).isEmpty)
      }
      let other = ["when": "", "holds": "uscc present", "severity": "return"]
      // A rule between records, one that is not there, a severity that is none, somebody who reads no records.
      #expect(try chief.send("/rules/CR41/try", other).status == 404)
      #expect(try chief.send("/rules/CR99/try", other).status == 404)
      #expect(try chief.send("/rules/CR07/try", ["holds": "uscc present"]).status == 404)
      #expect(try !chief.page("/rules/CR41").contains("/try\""))
      let auditor = try console.signIn("auditor")
      #expect(try auditor.send("/rules/CR07/try", other).status == 404)
      #expect(try chief.post("/rules/CR07/try", other).status == 403)
      #expect(try chief.send("/shadow/CR07-1/cancel", [:]).status == 404)
    }

    @Test func `a severity that is lowered is a change of one finding, and other rules are named`()
      throws
    {
      let text = try String(
        contentsOfFile: "\(fixture.home.pipelines)/rules/ENT.yaml", encoding: .utf8)
      let rule = try #require(
        text.components(separatedBy: "  - id: ").first { $0.hasPrefix("CR07") })
      let pipelines = try changed(
        "rules/ENT.yaml", rule,
        rule.replacingOccurrences(of: "severity: return", with: "severity: note"))
      let result = try shadow(pipelines, "--category", "ENT")
      let report = try object(result.outputText)
      for change in try #require(report["changes"] as? [[String: Any]]) {
        #expect(change["rule"] as? String == "CR07")
        #expect(change["before"] as? String == "return" && change["after"] as? String == "note")
      }
      #expect((report["not_compared"] as? [String])?.isEmpty == true)
      #expect(try shadow(fixture.home.pipelines + "-none").code == 2)
      #expect(try shadow(fixture.home.pipelines, "--examples", "-1").code == 64)
      // Nothing was judged, which is not that nothing changes.
      #expect(try shadow(fixture.home.pipelines, "--system", "NOPE").code == 64)
      #expect(try shadow(fixture.home.pipelines, "--category", "NOPE").code == 64)
    }

    @Test func `a trial that the log does not take leaves the place to the next one`() throws {
      let console = try RunningConsole(fixture.home)
      let chief = try console.signIn("chief")
      let form = [
        "form": try chief.formToken(), "when": "", "severity": "note",
        "holds": "registration_status_code in ('2', '3', '4') => deregistered_date present",
      ]
      let lock = fixture.home.path + "/access/lock"
      try FileManager.default.moveItem(atPath: lock, toPath: lock + ".away")
      try FileManager.default.createDirectory(
        atPath: lock, withIntermediateDirectories: false)
      let refused = try chief.post("/rules/CR07/try", form)
      try FileManager.default.removeItem(atPath: lock)
      try FileManager.default.moveItem(atPath: lock + ".away", toPath: lock)
      #expect(refused.status == 500)
      let begun = try chief.post("/rules/CR07/try", form)
      #expect(begun.status == 303, "\(begun.body)")
    }
  }
}
