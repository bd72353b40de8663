import Foundation
import TestSupport
import Testing

extension SampleConsole {
  /// Incidents in the console and on the command line, on the sample nights.
  @Suite("Console: incidents", .serialized)
  struct ConsoleIncidentTests {
    private let fixture: ConsoleHome
    private let console: RunningConsole

    init() throws {
      fixture = try ConsoleHome.shared.get()
      console = try RunningConsole(fixture.home)
    }

    private func list(_ more: String...) throws -> [[String: Any]] {
      let result = try QingyuanProgram.run(
        [
          "incident", "list", "--json", "--home", fixture.home.path, "--pipelines",
          fixture.home.pipelines,
        ] + more)
      try #require(result.code == 0, "\(result.errorText)")
      return try result.outputLines.map { try object($0) }
    }

    private func token(_ page: String) throws -> String {
      String(try #require(page.firstMatch(of: /name="form" value="([0-9a-f]{64})"/)?.1))
    }

    @Test func `every cause of what went back has one open incident with its records`() throws {
      let causes = try fixture.home.query(
        """
        SELECT r.system, r.category, f.code, f.rule, coalesce(f.element, '') AS element,
          count(DISTINCT r.record) AS n
        FROM returned_record AS r JOIN finding_current AS f USING (record)
        WHERE f.severity <> 'note' GROUP BY 1, 2, 3, 4, 5
        """)
      func key(_ row: [String: Any], _ count: String) -> String {
        ["system", "category", "code", "rule", "element", count].map { "\(row[$0] ?? "")" }
          .joined(separator: " ")
      }
      let open = try list("--show", "all").filter { $0["state"] as? String != "gone" }
      #expect(Set(open.map { key($0, "records") }) == Set(causes.map { key($0, "n") }))
      #expect(open.count == causes.count && causes.count > 10)
      let page = try console.signIn("chief").page("/incidents?show=all&system=SAM")
      let shown = page.matches(of: /\/incidents\/([0-9]+)"/).compactMap { Int($0.1) }
      let mine = try list("--show", "all", "--system", "sam").compactMap { $0["id"] as? Int }
      #expect(Set(shown) == Set(mine.prefix(60)) && !shown.isEmpty)
    }

    @Test func `people see the incidents of their systems, and only some may act`() throws {
      let foreign = try #require(try list("--system", "SAM").first?["id"] as? Int)
      let mem = try console.signIn("mem")
      #expect(try mem.get("/incidents/\(foreign)").status == 404)
      let list = try mem.page("/incidents")
      #expect(!list.contains("SAM ") && list.contains("退回整改时限"))
      let form = try token(list)
      let path = "/incidents/\(foreign)"
      #expect(try mem.post(path, ["form": form, "act": "acknowledge"]).status == 404)
      let auditor = try console.signIn("auditor")
      #expect(try auditor.get("/incidents").status == 404)
      #expect(!(try auditor.page("/night").contains("/incidents")))
      for path in ["/incidents/0", "/incidents/x", "/incidents/9223372036854775808"] {
        #expect(try mem.get(path).status == 404, "\(path)")
      }
    }

    @Test func `an incident is acknowledged, assigned and resolved with a reason`() throws {
      let id = try #require(
        try list("--system", "MEM").last { $0["state"] as? String == "new" }?["id"] as? Int)
      let mem = try console.signIn("mem")
      let path = "/incidents/\(id)"
      let page = try mem.page(path)
      let queue = try #require(page.firstMatch(of: /href="(\/queue\?[^"]+)"/)?.1)
      let records = try mem.page(queue.replacingOccurrences(of: "&amp;", with: "&"))
      #expect(!records.contains("没有符合条件的记录"))
      let form = try token(page)
      #expect(try mem.post(path, ["form": "0", "act": "acknowledge"]).status == 403)
      #expect(try mem.post(path, ["form": form, "act": "acknowledge"]).status == 303)
      #expect(try mem.post(path, ["form": form, "act": "acknowledge"]).status == 409)
      // Nobody is given what is not theirs.
      let wrong = try mem.post(path, ["form": form, "act": "assign", "to": "sam"])
      #expect(wrong.status == 409 && wrong.body.contains("没有负责 MEM 的用户"))
      #expect(try mem.post(path, ["form": form, "act": "assign", "to": "MEM"]).status == 303)
      #expect(try mem.post(path, ["form": form, "act": "resolve", "text": " "]).status == 409)
      #expect(try mem.post(path, ["form": form, "act": "undo"]).status == 409)
      let reason = "<script>alert(1)</script> 已修复"
      #expect(try mem.post(path, ["form": form, "act": "resolve", "text": reason]).status == 303)
      let after = try mem.page(path)
      #expect(
        !after.contains("<script") && after.contains("已修复") && !after.contains("name=\"act\""))
      let shown = try fixture.home.run("incident show", "\(id)", "--json")
      let incident = try object(shown.outputText)
      #expect(
        incident["state"] as? String == "resolved" && incident["assignee"] as? String == "mem")
      let steps = try #require(incident["steps"] as? [[String: Any]])
      #expect(
        steps.compactMap { $0["kind"] as? String }
          == ["opened", "acknowledged", "assigned", "resolved"])
      let logged = try fixture.log().filter { $0["reference"] as? String == "incident:\(id)" }
      #expect(
        logged.count == 5 && logged.filter { $0["outcome"] as? String == "denied" }.count == 2)
    }

    @Test func `the same acts on the command line`() throws {
      let id = "\(try #require(try list("--system", "SAM").last?["id"] as? Int))"
      func act(_ command: String, _ more: String...) throws -> ProgramResult {
        try QingyuanProgram.run(
          ["incident", command, id] + more + [
            "--user", "zhang", "--department", "数据局", "--home", fixture.home.path, "--pipelines",
            fixture.home.pipelines,
          ])
      }
      #expect(try act("acknowledge").code == 0)
      let again = try act("acknowledge")
      #expect(again.code == 1 && again.errorText.contains("无须再确认"))
      #expect(try act("assign", "--to", "mem").code == 1)
      #expect(try act("assign", "--to", "sam", "--json").code == 0)
      #expect(try act("resolve", "--reason", "来源已更正").code == 0)
      #expect(try fixture.home.run("incident show", "999999").code == 1)
    }

    @Test func `links open the records that they count`() throws {
      let chief = try console.signIn("chief")
      func opens(_ link: Substring, _ count: Substring) throws -> Bool {
        try chief.page(link.replacingOccurrences(of: "&amp;", with: "&"))
          .contains("<b>\(count) 条记录")
      }
      let page = try chief.page("/incidents")
      let system = /<a href="(\/queue[^"]+sort=oldest)">[^<]*<\/a><\/th>\n<td class="n">([0-9,]+)/
      let clock = page.matches(of: system)
      #expect(!clock.isEmpty)
      for match in clock { #expect(try opens(match.1, match.2), "\(match.1)") }
      // No filter of the queue says which of them are late.
      #expect(!page.contains("oldest\"><span class=\"tag bad\">"))
      for incident in try list("--show", "all") where incident["state"] as? String != "gone" {
        let about = try chief.page("/incidents/\(try #require(incident["id"]))")
        let link = try #require(about.firstMatch(of: /href="(\/queue\?[^"]+)"/)?.1)
        let count = "\(try #require(incident["records"]))"
        #expect(link.contains("status=") && link.contains("element="), "\(link)")
        #expect(try opens(link, count[...]), "\(link) \(count)")
      }
    }

    @Test func `the clock of returns counts what the warehouse has`() throws {
      let all = try fixture.returned("1 = 1").count
      let clock = try QingyuanProgram.run([
        "incident", "clock", "--json", "--today", "2026-03-09", "--home", fixture.home.path,
        "--pipelines", fixture.home.pipelines,
      ])
      #expect(clock.code == 0, "\(clock.errorText)")
      let entries = try clock.outputLines.map { try object($0) }
      #expect(entries.reduce(0) { $0 + (($1["records"] as? Int) ?? 0) } == all)
      let late = try QingyuanProgram.run([
        "incident", "clock", "--overdue", "--today", "2026-04-09", "--home", fixture.home.path,
        "--pipelines", fixture.home.pipelines,
      ])
      #expect(late.code == 1 && late.outputLines.count == entries.count)
    }
  }
}
