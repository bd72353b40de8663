import Foundation
import TestSupport
import Testing

/// What a person does, with a browser and without script.
@Suite(
  "Console in a browser", .serialized,
  .enabled(
    if: Browser.isInstalled,
    "NO BROWSER: chromedriver is not installed; Scripts/test installs it where it can"))
struct ConsoleBrowserTests {
  private let fixture: ConsoleHome
  private let console: RunningConsole
  private let browser: Browser

  init() throws {
    fixture = try ConsoleHome.shared.get()
    console = try RunningConsole(fixture.home)
    browser = try Browser(port: console.client.port)
  }

  private func signIn(_ user: String) throws {
    try browser.go("/sign-in")
    try browser.type("#user", user)
    try browser.type("#password", ConsoleHome.password)
    try browser.click("form.card button")
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
    try signIn("mem")
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
    try browser.click("form[action='/sign-out'] button")
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
    try signIn("mem")
    try browser.click("nav a[href='/incidents']")
    try browser.click("table.lines a[href^='/incidents/']")
    try browser.type("form[action^='/incidents/'] input[name='text']", "来源系统已更正")
    try browser.click("form[action^='/incidents/']:has(input[name='text']) button")
    let page = try browser.text("main")
    #expect(page.contains("已解决") && page.contains("解决：来源系统已更正"))
  }

  @Test func `another department's record is not there`() throws {
    let row = try #require(try fixture.returned("system = 'SAM'").first?["record"] as? Int)
    try signIn("mem")
    try browser.go("/record/\(row)")
    #expect(try browser.text("h1") == "没有这一页")
  }
}

/// A browser by the WebDriver protocol, without script.
final class Browser {
  static let isInstalled = path != nil
  private static let path = ["/usr/bin", "/usr/local/bin", "/snap/bin"].map { $0 + "/chromedriver" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  private let driver: Program
  private let client: WebClient
  private let site: String
  private var session = ""

  init(port: Int) throws {
    site = "http://127.0.0.1:\(port)"
    let own = port < 40_000 ? port + 17_000 : port - 17_000
    driver = try Program(try #require(Self.path), ["--port=\(own)"])
    client = WebClient(port: own)
    let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--lang=zh-CN"]
    let options: [String: Any] = [
      "args": arguments,
      // Everything a person needs must work without it.
      "prefs": ["profile.managed_default_content_settings.javascript": 2],
    ]
    var answer: Any?
    for _ in 0..<200 where answer == nil {
      usleep(50_000)
      answer = try? ask(
        "POST", "/session",
        ["capabilities": ["alwaysMatch": ["goog:chromeOptions": options]]])
    }
    let made = try #require(answer as? [String: Any], "the browser did not start")
    session = "/session/\(try #require(made["sessionId"] as? String))"
    _ = try ask("POST", session + "/timeouts", ["implicit": 5000])
  }

  deinit {
    _ = try? ask("DELETE", session, nil)
    driver.kill()
    _ = try? driver.wait()
  }

  private func ask(_ method: String, _ path: String, _ body: [String: Any]?) throws -> Any {
    let data = try body.map { try JSONSerialization.data(withJSONObject: $0) }
    let reply = try client.send(
      method, path, ["Content-Type": "application/json"],
      data.map { String(decoding: $0, as: UTF8.self) } ?? "")
    let answer = try object(reply.body)
    guard reply.status == 200 else {
      throw WebError(description: "\(method) \(path): \(reply.body.prefix(400))")
    }
    return answer["value"] ?? NSNull()
  }

  private func element(_ selector: String) throws -> String {
    let found = try ask(
      "POST", session + "/element", ["using": "css selector", "value": selector])
    let id = try #require((found as? [String: String])?.values.first, "\(selector)")
    return session + "/element/" + id
  }

  func go(_ path: String) throws { _ = try ask("POST", session + "/url", ["url": site + path]) }

  func type(_ selector: String, _ text: String) throws {
    _ = try ask("POST", try element(selector) + "/value", ["text": text])
  }

  func click(_ selector: String) throws {
    _ = try ask("POST", try element(selector) + "/click", [:])
  }

  func text(_ selector: String) throws -> String {
    try #require(try ask("GET", try element(selector) + "/text", nil) as? String)
  }

  func title() throws -> String {
    try #require(try ask("GET", session + "/title", nil) as? String)
  }

  /// Path and query of the page that is shown.
  func path() throws -> String {
    let url = try #require(try ask("GET", session + "/url", nil) as? String)
    return String(url.dropFirst(site.count))
  }
}
