import Catalog
import Foundation
import TestSupport
import Testing

/// What people do on the command line obeys the rules of the console: roles, systems, clearance, four eyes.
@Suite("Rights on the command line", .serialized)
struct CommandRightsTests {
  /// Its records change under the tests, so that nobody else may look at them.
  private static let own = Result { try ConsoleHome() }
  private static let until = String(
    ISO8601DateFormatter().string(from: Date() + 30 * 86_400).prefix(10))

  private let fixture: ConsoleHome

  init() throws { fixture = try Self.own.get() }

  private func run(_ command: [String], by user: String? = nil) throws -> ProgramResult {
    try QingyuanProgram.run(
      command + ["--home", fixture.home.path, "--pipelines", fixture.home.pipelines]
        + (user.map { ["--user", $0] } ?? []))
  }

  /// The object that a command prints that must be done.
  private func done(_ command: [String], by user: String? = nil) throws -> [String: Any] {
    let result = try run(command + ["--json"], by: user)
    try #require(result.code == 0, "\(command): \(result.errorText)")
    return try object(result.outputText)
  }

  /// Runs what somebody may not do: it ends with 1 and the rule, which stands in the log.
  private func expectDenied(
    _ command: [String], by user: String, _ rule: String,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let result = try run(command, by: user)
    #expect(
      result.code == 1 && result.errorText.contains("(\(rule))"),
      "\(command): \(result.code) \(result.errorText)", sourceLocation: location)
    let entry = try #require(
      try fixture.log().last { $0["user"] as? String == user }, sourceLocation: location)
    #expect(
      entry["outcome"] as? String == "denied" && entry["rule"] as? String == rule,
      "\(command): \(entry)", sourceLocation: location)
  }

  /// Keys of enterprises of which market supervision alone speaks.
  private func keys() throws -> [String] {
    let rows = try fixture.home.query(
      """
      SELECT e.uscc FROM ENT AS e JOIN ENT_golden AS g USING (uscc)
      WHERE e.source_system_code = 'SAM' AND g.members = 1 AND e.registration_status_code = '1'
        AND e.uscc LIKE '9%' ORDER BY 1
      """)
    return rows.compactMap { $0["uscc"] as? String }
  }

  private func statement(_ key: String, _ more: String...) -> [String] {
    ["override", "set", "ENT", key, "--reason", "来函", "--by", "li", "--until", Self.until] + more
  }

  private func overrides() throws -> [[String: Any]] {
    try run(["override", "list", "--json"]).outputLines.map { try object($0) }
  }

  private func act(_ id: String) throws -> [String: Any]? {
    try run(["review", "acts", "--json"], by: "chief").outputLines.map { try object($0) }
      .first { "\($0["act"] ?? "")" == id }
  }

  // MARK: Roles and systems

  @Test func `nobody does what role or systems of the account do not allow`() throws {
    let key = try #require(try keys().first)
    let stated = statement(key, "--value", "registered_address=清源路9号")
    let override = "\(try #require(try done(stated, by: "chief")["override"]))"
    let reviews = try run(["match", "list", "--json"]).outputLines.map { try object($0) }
    let review = try #require(reviews.first { $0["system"] as? String == "SAM" })
    let record = "\(try #require(review["record"]))"
    let subject = try #require(
      (review["matches"] as? [[String: Any]])?.first?["subject"] as? String)
    let why = ["--reason", "试", "--by", "x"]
    let matched = try done(["match", "confirm", record, subject] + why, by: "chief")
    let incidents = try run(["incident", "list", "--json", "--system", "SAM"])
    let incident = "\(try #require(try object(incidents.outputLines[0])["id"]))"
    let recipe = try done(
      ["review", "assign", "--matching", "--system", "SAM", "--to", "sam"], by: "chief")
    let ledger = try fixture.home.query(
      """
      SELECT delivery FROM delivery_ledger WHERE system = 'SAM' AND status = 'held'
        AND reason LIKE 'Q21%' ORDER BY 1
      """)
    let held = "\(try #require(ledger.first?["delivery"]))"
    let before = (try overrides().count, try fixture.log().count)

    let commands = [
      stated, ["override", "retire", override] + why, ["deliveries", "release", held] + why,
      ["deliveries", "reject", held] + why, ["review", "release", held] + why,
      ["review", "reject", held] + why, ["match", "confirm", record, subject] + why,
      ["match", "reject", record, subject] + why,
      ["match", "undo", "\(try #require(matched["act"]))"] + why,
      ["incident", "acknowledge", incident], ["incident", "assign", incident, "--to", "sam"],
      ["incident", "resolve", incident, "--reason", "已修复"],
    ]
    for command in commands {
      try expectDenied(command, by: "boss", "role")
      try expectDenied(command, by: "auditor", "role")
      try expectDenied(command, by: "mem", "system")
    }
    let apply = ["recipe", "apply", "\(try #require(recipe["act"]))"]
    try expectDenied(apply, by: "boss", "role")
    try expectDenied(apply, by: "auditor", "role")
    // An act on records of others is none to them.
    #expect(try run(apply, by: "mem").code == 1)
    // A name that says who told it lends no rights.
    let told = ["deliveries", "reject", held, "--reason", "试", "--by", "sam"]
    try expectDenied(told, by: "mem", "system")

    #expect(try fixture.log().count == before.1 + commands.count * 3 + 3)
    #expect(try overrides().count == before.0)
    #expect(try fixture.home.run("deliveries", "--status", "held").outputText.contains("=\(held) "))
    let shown = try object(try run(["incident", "show", incident, "--json"]).outputText)
    #expect(shown["state"] as? String == "new")
    #expect(try run(["match", "list", "--acts"]).outputLines.count == 1)

    // Who may does; the name is spelled as it likes.
    #expect(try run(["deliveries", "reject", held] + why, by: "SAM").code == 0)
    #expect(try run(["incident", "acknowledge", incident], by: "sam").code == 0)
    #expect(try run(["override", "retire", override] + why, by: "sam").code == 0)
  }

  @Test func `nobody states what their clearance does not cover`() throws {
    let catalog = try TestPipeline.real.get().catalog
    let hidden = try #require(
      catalog.authority.entity("ENT")?.elements.first {
        catalog.element($0).map { $0.tier > .public } ?? false
      })
    let key = try #require(try keys().last)
    try expectDenied(statement(key, "--value", "\(hidden)=1"), by: "open", "not-editable")
    #expect(try overrides().allSatisfy { $0["key"] as? [String] != [key] })
  }

  @Test func `a disabled account acts no more`() throws {
    try fixture.add("gone", "operator", systems: nil, "restricted")
    let disabled = try QingyuanProgram.run([
      "user", "disable", "gone", "--home", fixture.home.path,
    ])
    #expect(disabled.code == 0, "\(disabled.errorText)")
    let key = try #require(try keys().last)
    let row = "\(try #require(try fixture.returned("system = 'SAM'").first?["record"]))"
    for command in [
      statement(key, "--value", "registered_address=清源路9号"),
      ["incident", "acknowledge", "1"], ["review", "comment", row, "--words", "看"],
      ["review", "show", row], ["review", "list"],
    ] {
      try expectDenied(command, by: "gone", "disabled")
    }
  }

  @Test func `an account reads in the queue what it sees in the console`() throws {
    let found = try fixture.returned("system = 'SAM' AND category = 'INS'").first
    let number = try #require(found?["record"] as? Int)
    let row = "\(number)"
    let hidden = try fixture.values(above: .public, row: number)
    try #require(!hidden.isEmpty)
    let all = try run(["review", "show", row]).outputText
    #expect(try run(["review", "show", row], by: "chief").outputText == all)
    let open = try run(["review", "show", row], by: "open")
    #expect(open.code == 0 && !hidden.contains { open.outputText.contains($0) })
    let entry = try #require(try fixture.log().last { $0["reference"] as? String == "row:\(row)" })
    #expect(entry["user"] as? String == "open" && entry["department"] as? String == "市场监管局")
    // A record of another system is none; a list is cut to the systems of the account.
    #expect(try run(["review", "show", row], by: "mem").code == 1)
    let listed = try run(["review", "list", "--records", "--json"], by: "mem").outputLines
    let systems = Set(try listed.compactMap { try object($0)["system"] as? String })
    #expect(!systems.isEmpty && systems.isSubset(of: ["MEM", "MPS"]))
    try expectDenied(["review", "show", row], by: "auditor", "role")
    try expectDenied(["review", "list"], by: "auditor", "role")
  }

  // MARK: Four eyes

  @Test func `a core value waits for another person`() throws {
    let key = try keys()[1]
    let before = try overrides().count
    let asked = statement(key, "--value", "registration_status_code=歇业")
    let told = try run(asked, by: "sam")
    #expect(told.code == 0, "\(told.errorText)")
    let first = try #require(
      told.outputText.firstMatch(
        of: /^act ([0-9]+) waits for an approver \(qingyuan review approve ([0-9]+)\)\n$/))
    #expect(first.1 == first.2)
    // Until somebody has decided it is taken back like any act.
    let undone = try done(["review", "undo", String(first.1)], by: "sam")
    #expect(undone["standing"] as? String == "undone")

    let waiting = try done(asked, by: "sam")
    let id = "\(try #require(waiting["act"]))"
    #expect(waiting["kind"] as? String == "override" && waiting["user"] as? String == "sam")
    #expect(waiting["standing"] as? String == "waiting" && waiting["records"] as? Int == 0)
    let stated = try #require(waiting["stated"] as? [String: Any])
    #expect(stated["entity"] as? String == "ENT" && stated["key"] as? [String] == [key])
    #expect(stated["values"] as? [String: String] == ["registration_status_code": "歇业"])
    #expect(try overrides().count == before)
    let entry = try #require(try fixture.log().last { $0["action"] as? String == "override-set" })
    #expect(entry["reference"] as? String == "act:\(id)" && entry["user"] as? String == "sam")
    #expect(entry["category"] as? String == "ENT" && entry["rows"] as? Int == 1)

    // It is seen by its author and by who sees all systems.
    for (user, sees) in [("sam", true), ("boss", true), ("chief", true), ("mem", false)] {
      let acts = try run(["review", "acts", "--json"], by: user).outputLines.map { try object($0) }
      #expect(acts.contains { "\($0["act"] ?? "")" == id } == sees, "\(user)")
    }
    let console = try RunningConsole(fixture.home)
    let boss = try console.signIn("boss")
    #expect(try boss.page("/approvals").contains("/act/\(id)\""))
    let page = try boss.page("/act/\(id)")
    #expect(page.contains("<bdi>\(key)</bdi>") && page.contains("<bdi>歇业</bdi>"))
    #expect(page.contains("/act/\(id)/approve") && !page.contains("0 条记录"))
    #expect(try console.signIn("mem").get("/act/\(id)").status == 404)

    let approve = ["review", "approve", id]
    try expectDenied(approve, by: "sam", "role")
    try expectDenied(approve, by: "chief", "role")
    // Nor with another role: who asked does not agree.
    #expect(try run(["user", "change", "sam", "--role", "approver"]).code == 0)
    try expectDenied(approve, by: "sam", "four-eyes")
    #expect(try run(["user", "change", "sam", "--role", "steward"]).code == 0)
    #expect(try overrides().count == before)
    #expect(try done(approve, by: "boss")["standing"] as? String == "stands")
    let counted = try #require(try overrides().last)
    #expect(counted["author"] as? String == "sam" && counted["reason"] as? String == "来函（li）")
    #expect(counted["key"] as? [String] == [key])
    let number = "\(try #require(counted["override"]))"
    let retired = try run(
      ["override", "retire", number, "--reason", "已更正", "--by", "sam"], by: "sam")
    #expect(retired.code == 0, "\(retired.errorText)")
    try expectDenied(["review", "undo", id], by: "sam", "ended")
    #expect(try fixture.home.run("audit verify").code == 0)
  }

  @Test func `what a rule states as empty is stated too`() throws {
    let key = try keys()[2]
    let before = try overrides().count
    // The address is no core value; the rule has some, which it would empty.
    let waiting = try done(
      statement(key, "--rule", "AR01", "--value", "registered_address=清源路9号"), by: "chief")
    let values = try #require(
      (waiting["stated"] as? [String: Any])?["values"] as? [String: String])
    #expect(values.count == 19 && values["registration_status_code"] == "")
    let id = "\(try #require(waiting["act"]))"
    try expectDenied(["review", "refuse", id, "--words", " "], by: "boss", "words")
    let refused = try done(["review", "refuse", id, "--words", "不同意"], by: "boss")
    #expect(refused["standing"] as? String == "refused")
    #expect(refused["decided_by"] as? String == "boss")
    #expect(try overrides().count == before)
    // Somebody without an account asks like an operator, within the limits of the console.
    let late = try run(
      [
        "override", "set", "ENT", key, "--value", "registration_status_code=歇业", "--reason", "x",
        "--by", "li", "--until", "2036-01-01",
      ])
    #expect(late.code == 1 && late.errorText.contains("(until)"), "\(late.errorText)")
  }

  // MARK: Acts on records

  @Test func `acts on records are taken, decided and taken back`() throws {
    let rows = try fixture.returned("system = 'SAM' AND category = 'INS'")
    let row = "\(try #require(rows.first?["record"]))"
    let commands: [(command: [String], kind: String, standing: String)] = [
      (["assign", row, "--to", "sam"], "assign", "stands"),
      (["comment", row, "--words", "看一下"], "comment", "stands"),
      (["return", row, "--words", "请补正"], "return", "stands"),
      (["waive", row, "--until", Self.until, "--words", "系统改造"], "waive", "waiting"),
    ]
    var ids: [String: String] = [:]
    for (command, kind, standing) in commands {
      let act = try done(["review"] + command, by: "sam")
      #expect(act["kind"] as? String == kind && act["standing"] as? String == standing)
      #expect(act["records"] as? Int == 1 && act["systems"] as? [String] == ["SAM"], "\(command)")
      ids[kind] = "\(try #require(act["act"]))"
    }
    for (command, user, rule) in [
      (["assign", row, "--to", "mem"], "sam", "assignee"),
      (["comment", row, "--words", " "], "sam", "words"),
      (["comment", row, "--words", "看"], "mem", "unknown-record"),
      (["return", row, "--words", "请补正"], "boss", "role"),
      (["waive", row, "--until", "2020-01-01", "--words", "系统改造"], "sam", "until"),
      (["waive", row, "--until", Self.until, "--words", "再来"], "sam", "already"),
    ] {
      try expectDenied(["review"] + command, by: user, rule)
    }
    let returned = try #require(ids["return"])
    func sent() -> Bool {
      Files.below(fixture.home.path + "/returns").contains { $0.contains("专员意见-\(returned)") }
    }
    #expect(sent())
    let waived = try #require(ids["waive"])
    #expect(
      try done(["review", "approve", waived], by: "boss")["standing"] as? String == "stands")
    try expectDenied(["review", "refuse", waived, "--words", "反悔"], by: "boss", "decided")
    for kind in ["assign", "comment", "return", "waive"] {
      let id = try #require(ids[kind])
      try expectDenied(["review", "undo", id], by: "mem", "unknown-act")
      #expect(try done(["review", "undo", id], by: "sam")["standing"] as? String == "undone")
      #expect(try act(id)?["standing"] as? String == "undone")
    }
    #expect(!sent())
    let again = try done(
      ["review", "waive", row, "--until", Self.until, "--words", "系统改造"], by: "sam")
    let refused = try done(
      ["review", "refuse", "\(try #require(again["act"]))", "--words", "不同意"], by: "boss")
    #expect(refused["standing"] as? String == "refused")
  }

  @Test func `a record is shown with its neighbours and what was before`() throws {
    let found = try #require(
      try fixture.returned("system = 'SAM' AND category = 'ENT' AND entity_key LIKE '9251%'").first)
    let row = "\(try #require(found["record"]))"
    let shown = try done(["review", "show", row])
    let logged = try #require(try fixture.log().last { $0["reference"] as? String == "row:\(row)" })
    let neighbours = try #require(shown["neighbours"] as? [[String: Any]])
    let enterprise = try #require(neighbours.first { $0["entity"] as? String == "ENT" })
    let speakers = try #require(enterprise["speakers"] as? [[String: Any]])
    #expect(speakers.contains { $0["system"] as? String != "SAM" })
    let elements = try #require(enterprise["elements"] as? [[String: Any]])
    let text = try run(["review", "show", row]).outputText
    #expect(text.contains("\nENT ") && text.contains(": what all systems say\n  [1] "))
    var owned = 0
    for element in elements {
      let name = try #require(element["element"] as? String)
      let values = try #require(element["values"] as? [Any])
      #expect(values.count == speakers.count, "\(name)")
      guard let golden = element["golden"] as? String else { continue }
      #expect((logged["elements"] as? [String])?.contains(name) == true, "\(name)")
      guard let winner = element["winner"] as? Int,
        let place = speakers.firstIndex(where: { $0["record"] as? Int == winner })
      else { continue }
      #expect(values[place] as? String == golden, "\(name)")
      let rule = element["rule"] as? String ?? ""
      let line = text.split(separator: "\n").first {
        $0.dropFirst(2).hasPrefix(name + " ") && $0.contains(" \(golden) [\(place + 1)]")
      }
      #expect(line?.contains(rule.isEmpty ? "]" : "] \(rule)") == true, "\(name)")
      owned += rule.isEmpty ? 0 : 1
      let isDisputed = element["disputed"] as? Bool ?? false
      #expect(line?.hasPrefix(isDisputed ? "! " : "  ") == true, "\(name)")
    }
    #expect(owned > 0)
    #expect(text.contains("\nwhat was before:\n  \(row) attempt 1: returned 2026-03-07  Q12"))
    let versions = try #require(shown["versions"] as? [[String: Any]])
    #expect(versions.allSatisfy { text.contains("  \($0["record"] ?? "") accepted ") })
  }

  // MARK: Accounts

  @Test func `an account is changed in place and signed out`() throws {
    try fixture.add("zhao", "steward", systems: "SAM", "public")
    let console = try RunningConsole(fixture.home)
    let before = try console.signIn("zhao")
    #expect(try before.get("/night").status == 200)
    for (options, code, text) in [
      (["--systems", "all"], 1, "(systems)"), (["--systems", "XXX"], 64, "there is no system XXX"),
      ([], 64, "give --role"), (["--department", " "], 64, "department"),
    ] as [([String], Int32, String)] {
      let result = try run(["user", "change", "zhao"] + options)
      #expect(result.code == code && result.errorText.contains(text), "\(result.errorText)")
    }
    let nobody = try run(["user", "change", "nobody", "--role", "auditor"])
    #expect(nobody.code == 1 && nobody.errorText.contains("(unknown)"))
    // What was refused changed nothing and signed nobody out.
    #expect(try before.get("/night").status == 200)

    let changed = try run([
      "user", "change", "Zhao", "--role", "operator", "--systems", "all", "--clearance",
      "restricted", "--department", "数据局",
    ])
    #expect(changed.code == 0, "\(changed.errorText)")
    #expect(try before.get("/night").status == 303)
    let list = try QingyuanProgram.run(["user", "list", "--json", "--home", fixture.home.path])
    let zhao = try #require(
      try list.outputLines.map { try object($0) }.first { $0["user"] as? String == "zhao" })
    #expect(zhao["role"] as? String == "operator" && zhao["systems"] is NSNull)
    #expect(zhao["clearance"] as? String == "restricted")
    #expect(zhao["department"] as? String == "数据局")
    // With the same password, and what is not named stays.
    #expect(try console.signIn("zhao").get("/night").status == 200)
    #expect(try run(["user", "change", "zhao", "--systems", "MEM"]).code == 0)
    let row = try #require(try fixture.returned("system = 'SAM'").first?["record"])
    #expect(try console.signIn("zhao").get("/record/\(row)").status == 404)
    let changes = try fixture.log().filter { $0["action"] as? String == "account-change" }
    let entry = try #require(changes.first { $0["reference"] as? String == "Zhao" })
    #expect(
      entry["purpose"] as? String
        == "role=operator systems=all department=数据局 clearance=restricted")
  }
}
