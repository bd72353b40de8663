import Foundation
import TestSupport
import Testing

/// What administrators see and do.
@Suite("Console: users", .serialized)
struct ConsoleUserTests {
  /// Its accounts change under the tests.
  private static let own = Result {
    let home = try CommandHome()
    _ = try home.night("2026-03-06")
    for (name, role, more) in [
      ("root", "administrator", []), ("second", "administrator", []),
      ("sam", "steward", ["--systems", "SAM,MEM"]), ("boss", "approver", []),
      ("auditor", "auditor", []), ("chief", "operator", []), ("<b>", "operator", []),
    ] as [(String, String, [String])] {
      let added = try QingyuanProgram.run(
        [
          "user", "add", name, "--role", role, "--department", "市场监管局<i>", "--password-stdin",
          "--home", home.path, "--pipelines", home.pipelines,
        ] + more, input: Array((ConsoleHome.password + "\n").utf8))
      try #require(added.code == 0, "\(added.errorText)")
    }
    return home
  }

  private let home: CommandHome
  private let console: RunningConsole

  init() throws {
    home = try Self.own.get()
    console = try RunningConsole(home)
  }

  private func line(_ user: String, _ page: String) throws -> String {
    try #require(page.components(separatedBy: "<tr>").first { $0.contains("<bdi>\(user)</bdi>") })
  }

  private func log() throws -> [[String: Any]] {
    let result = try home.run("audit list", "--json")
    try #require(result.code == 0, "\(result.errorText)")
    return try result.outputLines.map { try object($0) }
  }

  private func signIn(_ user: String, _ password: String) throws -> Int {
    try console.client.post("/sign-in", Form.text(["user": user, "password": password])).status
  }

  @Test func `it is there for administrators alone, and a try of others is in the log`() throws {
    for name in ["sam", "boss", "auditor", "chief"] {
      let visitor = try console.signIn(name)
      #expect(try visitor.get("/users").status == 404)
      #expect(try visitor.send("/users", ["user": "sam", "act": "disable"]).status == 404)
      #expect(!(try visitor.page("/night").contains("href=\"/users\"")))
      let entry = try #require(try log().last { $0["action"] as? String == "console-users" })
      #expect(entry["user"] as? String == name && entry["outcome"] as? String == "denied")
    }
    let root = try console.signIn("root")
    #expect(try root.page("/night").contains("href=\"/users\""))
    let page = try root.page("/users")
    #expect(ConsoleMarkup.problems(page).isEmpty && page.contains("<bdi>&lt;b&gt;</bdi>"))
    #expect(!page.contains("type=\"password\""))
    let sam = try line("sam", page)
    for text in ["数据专员", "MEM SAM", "可看公开内容", "有效", "市场监管局&lt;i&gt;"] {
      #expect(sam.contains(text), "\(text)")
    }
    #expect(try root.page("/users?lang=en").contains("last sign-in"))
    let entry = try #require(try log().last { $0["action"] as? String == "console-users" })
    #expect(entry["user"] as? String == "root" && entry["outcome"] as? String == "allowed")
  }

  @Test func `failures and locks are shown, and an administrator ends them`() throws {
    let root = try console.signIn("root")
    #expect(try signIn("chief", ConsoleHome.password) == 303)
    #expect(!(try line("chief", try root.page("/users")).contains("锁定</span>")))
    for _ in 0..<2 { #expect(try signIn("chief", "wrong") == 401) }
    let two = try line("chief", try root.page("/users"))
    #expect(two.contains("<td class=\"n\">2<") && !two.contains("锁定</span>"))
    for _ in 0..<3 { #expect(try signIn("chief", "wrong") == 401) }
    #expect(try signIn("chief", ConsoleHome.password) == 401)
    let five = try line("chief", try root.page("/users"))
    #expect(five.contains("<td class=\"n\">5<") && five.contains("锁定</span>"))
    #expect(try root.send("/users", ["user": "chief", "act": "unlock"]).status == 303)
    let none = try line("chief", try root.page("/users"))
    #expect(none.contains("<td class=\"n\">·<") && none.contains("有效"))
    #expect(try signIn("chief", ConsoleHome.password) == 303)
    let entry = try #require(try log().last { $0["action"] as? String == "account-unlock" })
    #expect(entry["user"] as? String == "root" && entry["reference"] as? String == "chief")
  }

  @Test func `a disabled account is signed out and stays out until it is enabled`() throws {
    let root = try console.signIn("root")
    let sam = try console.signIn("sam")
    let values = ["user": "sam", "act": "disable"]
    #expect(try root.post("/users", values).status == 403)
    #expect(try sam.get("/night").status == 200)
    #expect(try root.send("/users", values).status == 303)
    #expect(try sam.get("/night").status == 303)
    #expect(try signIn("sam", ConsoleHome.password) == 401)
    #expect(try line("sam", try root.page("/users")).contains("已停用"))
    #expect(try root.send("/users", values).status == 422)
    #expect(try root.send("/users", ["user": "sam", "act": "unlock"]).status == 422)
    #expect(try root.send("/users", ["user": "sam", "act": "enable"]).status == 303)
    #expect(try signIn("sam", ConsoleHome.password) == 303)
    #expect(try root.send("/users", ["user": "nobody", "act": "disable"]).status == 404)
    #expect(try root.send("/users", ["user": "sam", "act": "burn"]).status == 404)
    let acts = try log().filter { ($0["reference"] as? String) == "sam" }.compactMap { entry in
      (entry["action"] as? String).map { "\($0) \(entry["outcome"] ?? "")" }
    }
    #expect(acts.contains("account-disable allowed") && acts.contains("account-disable denied"))
    #expect(acts.contains("account-enable allowed"))
  }

  @Test func `nobody deals with the own account`() throws {
    let root = try console.signIn("root")
    for act in ["disable", "enable", "unlock"] {
      #expect(try root.send("/users", ["user": "root", "act": act]).status == 422)
    }
    #expect(try root.get("/users").status == 200)
    #expect(!(try line("root", try root.page("/users")).contains("<form")))
    let second = try console.signIn("second")
    #expect(try second.send("/users", ["user": "root", "act": "unlock"]).status == 303)
    #expect(try root.get("/night").status == 303)
  }
}
