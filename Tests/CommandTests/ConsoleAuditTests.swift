import Access
import Catalog
import Foundation
import Review
import TestSupport
import Testing

extension SampleConsole {
  /// The access log in the console.
  @Suite("Console: access log", .serialized)
  struct ConsoleAuditTests {
    private let fixture: ConsoleHome
    private let console: RunningConsole

    init() throws {
      fixture = try ConsoleHome.shared.get()
      console = try RunningConsole(fixture.home)
    }

    private func sequences(_ page: String) -> [Int] {
      page.matches(of: /<tr><td class="n">([0-9]+)/).compactMap { Int($0.1) }
    }

    @Test func `it is there for auditors alone, and a try of others is in it`() throws {
      for name in ["chief", "sam", "open"] {
        let visitor = try console.signIn(name)
        #expect(try visitor.get("/audit").status == 404)
        #expect(!(try visitor.page("/night").contains("href=\"/audit\"")))
      }
      let entry = try #require(
        try fixture.log().last { $0["action"] as? String == "console-audit" })
      #expect(entry["user"] as? String == "open" && entry["outcome"] as? String == "denied")
      let auditor = try console.signIn("auditor")
      #expect(try auditor.page("/night").contains("href=\"/audit\""))
      let page = try auditor.page("/audit")
      #expect(page.contains("✓ 完整") && page.contains("口令正确"))
    }

    @Test func `every act that the log may hold has a Chinese word`() throws {
      let sources = Repository.root + "/Sources"
      let words = try Files.text(sources + "/Console/AuditPage.swift")
      var actions: Set<String> = []
      for name in Files.below(sources) where name.hasSuffix(".swift") {
        let text = try Files.text(sources + "/" + name)
        for match in text.matches(of: /AccessAction\(rawValue: "([a-z-]+)"\)/) {
          actions.insert(String(match.1))
        }
      }
      try #require(actions.count > 30)
      for kind in ActKind.allCases { actions.insert(kind.action.rawValue) }
      // Those that are made of what people decide about deliveries and subjects.
      actions.formUnion(["delivery-release", "delivery-reject", "delivery-hold"])
      actions.formUnion(["subject-confirm", "subject-reject", "subject-undo"])
      for action in actions.sorted() {
        #expect(words.contains("\"\(action)\": \""), "\(action)")
      }
    }

    @Test func `pages of entries follow each other from the newest to the first`() throws {
      let auditor = try console.signIn("auditor")
      for _ in 0..<60 { _ = try auditor.get("/audit") }
      let newest = try #require(try fixture.log().last?["sequence"] as? Int)
      var path: String? = "/audit"
      var seen: [Int] = []
      while let here = path {
        let page = try auditor.page(here)
        seen += sequences(page)
        path = page.firstMatch(of: /href="([^"]+)" rel="next"/).map {
          $0.1.replacingOccurrences(of: "&amp;", with: "&")
        }
      }
      // The look itself is an entry.
      #expect(seen == Array((1...(newest + 1)).reversed()))
    }

    @Test func `entries are found by person, outcome, day and record`() throws {
      let catalog = try TestPipeline.real.get().catalog
      // A key that needs no issuer before it.
      let record = try #require(
        try fixture.returned("entity_key <> ''").first { record in
          (record["category"] as? String).flatMap(catalog.category)?.isIssuerScoped == false
        })
      let row = try #require(record["record"] as? Int)
      let other = record["system"] as? String == "SAM" ? "mem" : "sam"
      _ = try console.signIn("chief").page("/record/\(row)")
      _ = try console.signIn(other).get("/record/\(row)")
      let log = try fixture.log()
      let auditor = try console.signIn("auditor")
      func found(_ query: String) throws -> [Int] { sequences(try auditor.page("/audit?" + query)) }
      func logged(_ isWanted: ([String: Any]) -> Bool) -> Set<Int> {
        Set(log.filter(isWanted).compactMap { $0["sequence"] as? Int })
      }
      let both = Set(try found("reference=row:\(row)"))
      #expect(both == logged { $0["reference"] as? String == "row:\(row)" } && both.count >= 2)
      let denied = Set(try found("reference=row:\(row)&outcome=denied"))
      #expect(!denied.isEmpty && denied.isSubset(of: both) && denied.count < both.count)
      let chief = Set(try found("reference=row:\(row)&user=CHIEF"))
      #expect(
        chief
          == logged {
            $0["reference"] as? String == "row:\(row)" && $0["user"] as? String == "chief"
          })
      #expect(try found("to=2001-01-01").isEmpty && found("from=2999-01-01").isEmpty)
      let key = try #require(record["entity_key"] as? String)
      let category = try #require(record["category"] as? String)
      let seen = try found("category=\(category)&key=\(Form.encoded(key))")
      #expect(Set(seen).isSuperset(of: chief))
      #expect(try auditor.page("/audit?category=\(category)&key=a%7Cb%7Cc%7Cd").contains("业务键有"))
      #expect(try auditor.page("/audit?key=a").contains("须选定类别"))
      // What was looked for is a value and not for the log.
      #expect(!"\(try fixture.log())".contains(key))
    }

    @Test func `who is denied often is on the page, with what they tried`() throws {
      let row = try #require(
        try fixture.returned("system = 'MEM'").first?["record"] as? Int)
      let sam = try console.signIn("sam")
      for _ in 0..<6 { #expect(try sam.get("/record/\(row)").status == 404) }
      let auditor = try console.signIn("auditor")
      let page = try auditor.page("/audit")
      let found = try #require(
        page.firstMatch(of: /href="(\/audit\?[^"]*user=sam[^"]*)">([^<]*) sam ([^<]*)</))
      #expect(found.3.contains("被拒绝"))
      let path = String(found.1).replacingOccurrences(of: "&amp;", with: "&")
      #expect(!sequences(try auditor.page(path)).isEmpty)
      #expect(try auditor.page("/audit?lang=en").contains("often denied"))
    }

    @Test func `hostile parameters change nothing and break nothing`() throws {
      let auditor = try console.signIn("auditor")
      let texts = [
        "'", "\"><script>alert(1)</script>", "-1", "9223372036854775808", "%00", "../../etc/passwd",
        String(repeating: "行", count: 300),
      ]
      for name in ["from", "to", "user", "outcome", "category", "key", "reference", "before"] {
        for text in texts {
          let reply = try auditor.get("/audit?\(name)=\(Form.encoded(text))")
          #expect(reply.status == 200, "\(name)=\(text): \(reply.status)")
          #expect(!reply.body.contains("<script"))
        }
      }
      #expect(!console.errors.contains("error"), "\(console.errors)")
    }

    @Test func `a changed line is told`() throws {
      let home = try CommandHome()
      _ = try home.night("2026-03-06")
      for name in ["auditor", "other"] {
        let added = try QingyuanProgram.run(
          [
            "user", "add", name, "--role", "auditor", "--department", "审计局", "--password-stdin",
            "--home", home.path, "--pipelines", home.pipelines,
          ], input: Array((ConsoleHome.password + "\n").utf8))
        try #require(added.code == 0, "\(added.errorText)")
      }
      let console = try RunningConsole(home)
      let auditor = try console.signIn("auditor")
      let page = try auditor.page("/audit")
      #expect(page.contains("✓ 完整"))
      let path = home.path + "/access/log.jsonl"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let changed = text.replacingOccurrences(
        of: "\"user\":\"auditor\"", with: "\"user\":\"nobody1\"")
      #expect(changed != text && changed.utf8.count == text.utf8.count)
      try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
      let after = try auditor.page("/audit")
      #expect(!after.contains("✓ 完整") && after.contains("处异常") && after.contains("已被改动"))
      let token = try #require(after.firstMatch(of: /name="form" value="([0-9a-f]{64})"/)?.1)
      #expect(try auditor.post("/audit/verify", ["form": "0"]).status == 403)
      #expect(try auditor.post("/audit/verify", ["form": String(token)]).status == 303)
    }
  }
}
