import Catalog
import Foundation
import TestSupport
import Testing

extension SampleConsole {
  /// The pages on which rules, elements, code lists and issue types are read.
  @Suite("Console: rules", .serialized)
  struct ConsoleRulesTests {
    private let fixture: ConsoleHome
    private let console: RunningConsole
    private let catalog: Catalog

    init() throws {
      fixture = try ConsoleHome.shared.get()
      console = try RunningConsole(fixture.home)
      catalog = try TestPipeline.real.get().catalog
    }

    /// As it stands on pages.
    static func escaped(_ text: String) -> String {
      text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
        .replacingOccurrences(of: "'", with: "&#39;")
    }

    @Test func `every definition is in its list and has a page with its origin`() throws {
      let visitor = try console.signIn("chief")
      let lists: [(kind: String, ids: [String], pages: [(id: String, origin: String)])] = [
        ("rule", catalog.rules.map(\.id), catalog.rules.prefix(6).map { ($0.id, $0.origin) }),
        (
          "authority", catalog.authority.rules.map(\.id),
          catalog.authority.rules.prefix(3).map { ($0.id, $0.origin) }
        ),
        (
          "element", catalog.elements.map(\.id),
          catalog.elements.prefix(3).map { ($0.id, $0.origin) }
        ),
        (
          "code-list", catalog.codeLists.map(\.id),
          catalog.codeLists.prefix(3).map { ($0.id, $0.origin) }
        ),
        (
          "issue", catalog.issueTypes.map(\.code.rawValue),
          catalog.issueTypes.prefix(3).map { ($0.code.rawValue, $0.origin) }
        ),
      ]
      for list in lists {
        let page = try visitor.page("/rules?kind=\(list.kind)")
        let shown = page.matches(of: /href="\/rules\/([^"]+)"/).map { String($0.1) }
        #expect(Set(shown) == Set(list.ids), "\(list.kind)")
        for (id, origin) in list.pages {
          let mark = "assumed: "
          let isAssumed = origin.hasPrefix(mark)
          let chinese = isAssumed ? "推定：\(origin.dropFirst(mark.count))" : origin
          #expect(try visitor.page("/rules/\(id)").contains(Self.escaped(chinese)), "\(id)")
          #expect(try visitor.page("/rules/\(id)?lang=en").contains(Self.escaped(origin)), "\(id)")
        }
      }
    }

    @Test func `a rule shows what must hold, its worked cases and what it found, with links`()
      throws
    {
      let visitor = try console.signIn("chief")
      let found = try #require(
        try fixture.home.query(
          """
          SELECT f.rule, count(*) AS n FROM finding_current AS f
          JOIN returned_record AS r USING (record)
          WHERE f.rule LIKE 'CR%' AND f.severity = 'return' AND r.night = '2026-03-07'
          GROUP BY f.rule ORDER BY n DESC LIMIT 1
          """
        ).first)
      let id = try #require(found["rule"] as? String)
      let rule = try #require(catalog.rules.first { $0.id == id })
      let page = try visitor.page("/rules/\(id)")
      #expect(page.contains(Self.escaped(rule.holds.description)) && page.contains(rule.fixChinese))
      #expect(page.contains("Pipelines/checks") || page.contains("checks/\(rule.category).yaml"))
      let link = try #require(page.firstMatch(of: /href="(\/queue\?[^"]+)"/)?.1)
      let queue = try visitor.page(link.replacingOccurrences(of: "&amp;", with: "&"))
      #expect(!queue.contains("没有符合条件的记录"))
      // Who reads no records is led to none.
      #expect(!(try console.signIn("auditor").page("/rules/\(id)").contains("/queue?")))
    }

    @Test func `findings are counted for the person's own systems`() throws {
      let mine = try console.signIn("mem")
      for issue in catalog.issueTypes.map(\.code.rawValue) {
        let page = try mine.page("/rules/\(issue)")
        let systems = page.matches(of: #/<th scope="row">([A-Z]{3}) /#).map { String($0.1) }
        #expect(Set(systems).isSubset(of: ["MEM", "MPS"]), "\(issue): \(systems)")
      }
    }

    @Test func `the list is cut by words and category`() throws {
      let visitor = try console.signIn("sam")
      let element = try #require(catalog.elements.first { $0.identifier == "uscc" })
      for text in ["uscc", element.name, element.id.lowercased()] {
        let page = try visitor.page("/rules?kind=element&q=\(Form.encoded(text))")
        #expect(page.contains("/rules/\(element.id)\""), "\(text)")
      }
      let page = try visitor.page("/rules?category=PEN")
      let shown = page.matches(of: /href="\/rules\/([^"]+)"/).map { String($0.1) }
      #expect(Set(shown) == Set(catalog.rules(for: "PEN").map(\.id)))
      #expect(try visitor.page("/rules?q=\(Form.encoded("没有这样的规则"))").contains("没有符合条件的条目"))
      #expect(try visitor.get("/rules/CR9999").status == 404)
      #expect(try visitor.get("/rules/CR07/more").status == 404)
    }
  }
}
