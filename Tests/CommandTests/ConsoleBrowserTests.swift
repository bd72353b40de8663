import TestSupport
import Testing

extension SampleConsole {
  /// What a person does, with a browser and without script.
  @Suite("Console in a browser", .serialized, .inBrowser)
  struct ConsoleBrowserTests {
    private let fixture: ConsoleHome
    private let console: RunningConsole
    private let browser: Browser

    init() throws {
      fixture = try ConsoleHome.shared.get()
      console = try RunningConsole(fixture.home)
      browser = try Browser(port: console.client.port)
    }

    @Test func `signs in, finds a returned record by facet, opens it and signs out`() throws {
      let record = try #require(
        try fixture.home.query(
          """
          SELECT r.record, f.code FROM returned_record AS r JOIN finding_current AS f USING (record)
          WHERE r.system = 'MEM' AND f.severity = 'return' ORDER BY r.record LIMIT 1
          """
        ).first)
      let row = try #require(record["record"] as? Int)
      let code = try #require(record["code"] as? String)
      try browser.signIn("mem")
      #expect(try browser.title().hasPrefix("昨夜"))
      try browser.click("nav a[href='/queue']")
      try browser.click("nav.facets a[href*='system=MEM']")
      try browser.click("nav.facets a[href*='code=\(code)']")
      try browser.click("nav.tabs a[href*='view=records']")
      try browser.click("a[href='/record/\(row)']")
      let page = try browser.text("main")
      #expect(page.contains("为什么在这里") && page.contains(code))
      try browser.click("a.language")
      #expect(try browser.text("main").contains("Why it is here"))
      try browser.signOut()
      #expect(try browser.path() == "/sign-in")
      try browser.go("/record/\(row)")
      #expect(try browser.path().hasPrefix("/sign-in?next="))
    }

    @Test func `a wrong password says so and keeps the person out`() throws {
      try browser.go("/queue")
      try browser.type("#user", "nobody-at-all")
      try browser.type("#password", "not the password")
      try browser.click("form.card button")
      #expect(try browser.text("[role=alert]").contains("用户名或口令不正确"))
      try browser.go("/queue")
      #expect(try browser.path().hasPrefix("/sign-in"))
    }

    @Test func `resolves an incident with a reason`() throws {
      try browser.signIn("mem")
      try browser.click("nav a[href='/incidents']")
      try browser.click("table.lines a[href^='/incidents/']")
      try browser.type("form[action^='/incidents/'] input[name='text']", "来源系统已更正")
      try browser.click("form[action^='/incidents/']:has(input[name='text']) button")
      #expect(browser.shows("已解决") && browser.shows("解决：来源系统已更正"))
    }

    @Test func `another department's record is not there`() throws {
      let row = try #require(try fixture.returned("system = 'SAM'").first?["record"] as? Int)
      try browser.signIn("mem")
      try browser.go("/record/\(row)")
      #expect(try browser.text("h1") == "没有这一页")
    }
  }
}
