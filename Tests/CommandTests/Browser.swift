import Foundation
import TestSupport
import Testing

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

  /// Puts a text where another one may stand.
  func fill(_ selector: String, _ text: String) throws {
    let field = try element(selector)
    _ = try ask("POST", field + "/clear", [:])
    _ = try ask("POST", field + "/value", ["text": text])
  }

  /// Puts a day into a field for days; which keys do that depends on the language of the machine.
  func choose(_ selector: String, day: String) throws {
    let field = try element(selector)
    let id = String(field.dropFirst((session + "/element/").count))
    _ = try ask(
      "POST", session + "/execute/sync",
      [
        "script": "arguments[0].value = arguments[1]",
        "args": [["element-6066-11e4-a52e-4f735466cecf": id], day],
      ])
  }

  func text(_ selector: String) throws -> String {
    try #require(try ask("GET", try element(selector) + "/text", nil) as? String)
  }

  func title() throws -> String {
    try #require(try ask("GET", session + "/title", nil) as? String)
  }

  /// The page as it came.
  func source() throws -> String {
    try #require(try ask("GET", session + "/source", nil) as? String)
  }

  /// Pixels by which the page is wider than a window of the given width.
  func excess(over width: Int) throws -> Int {
    _ = try ask("POST", session + "/window/rect", ["width": width, "height": 900])
    // The driver's own script, which is no script of the page.
    return try #require(
      try ask(
        "POST", session + "/execute/sync",
        [
          "script": """
          const page = document.documentElement;
          return page.scrollWidth - page.clientWidth;
          """, "args": [],
        ]) as? Int)
  }

  /// Path and query of the page that is shown.
  func path() throws -> String {
    let url = try #require(try ask("GET", session + "/url", nil) as? String)
    return String(url.dropFirst(site.count))
  }
}

extension Browser {
  func signIn(_ user: String) throws {
    try go("/sign-in")
    try type("#user", user)
    try type("#password", ConsoleHome.password)
    try click("form.card button")
    #expect(comes { try path().hasPrefix("/sign-in") == false }, "\(user)")
  }

  func signOut() throws {
    try click("form[action='/sign-out'] button")
    #expect(comes { try path().hasPrefix("/sign-in") })
  }

  /// Whether something comes true in the time that a page takes: a click does not wait for the next one.
  func comes(_ condition: () throws -> Bool) -> Bool {
    for _ in 0..<200 {
      if (try? condition()) ?? false { return true }
      usleep(100_000)
    }
    return false
  }

  /// Whether a text comes to stand somewhere.
  func shows(_ text: String, in selector: String = "main") -> Bool {
    comes { try self.text(selector).contains(text) }
  }

  /// Unfolds the form of an act.
  func unfold(_ kind: String) throws {
    try click("details:has(> form > input[name='kind'][value='\(kind)']) > summary")
  }

  /// Sends the form of an act.
  func send(_ kind: String) throws {
    try click("form:has(> input[name='kind'][value='\(kind)']) > button")
  }
}

extension Trait where Self == ConditionTrait {
  /// For what needs a browser.
  static var inBrowser: Self {
    .enabled(
      if: Browser.isInstalled,
      "NO BROWSER: chromedriver is not installed; Scripts/test installs it where it can")
  }
}
