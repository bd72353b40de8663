import Catalog
import Foundation
import TestSupport
import Testing

/// One value for all records of a filter, and which values that people stated are in the log, over HTTP.
@Suite("Console: corrections of many", .serialized)
struct ConsoleChangeTests {
  /// Its records change under the tests, so that nobody else may look at them.
  private static let own = Result { try ConsoleHome() }
  private static let element = "registered_division_code"
  /// Records have values of it that are wrong and not wanting.
  private static let compared = "uscc"

  private let fixture: ConsoleHome
  private let console: RunningConsole

  init() throws {
    fixture = try Self.own.get()
    console = try RunningConsole(fixture.home)
  }

  private func rows(_ condition: String) throws -> [Int] {
    try fixture.returned(condition).map { try #require($0["record"] as? Int) }
  }

  private func acts() throws -> [[String: Any]] {
    let result = try fixture.home.run("review acts", "--department", "市场监管局", "--json")
    try #require(result.code == 0, "\(result.errorText)")
    return try result.outputLines.map { try object($0) }
  }

  /// What a record said of an element when it came.
  private func received(_ row: Int, _ element: String) throws -> String? {
    let detail = try fixture.home.run("review show", "\(row)", "--json")
    let fields = try #require(try object(detail.outputText)["fields"] as? [[String: Any]])
    return fields.first { $0["element"] as? String == element }?["received"] as? String
  }

  private func form(
    _ category: String, _ element: String, _ more: [String: String]
  ) -> [String: String] {
    [
      "kind": "correct", "filter.system": "SAM", "filter.category": category,
      "filter.status": "returned", "element": element, "value": "510104", "words": "核实",
    ].merging(more) { _, new in new }
  }

  @Test func `before many are corrected the old values stand beside the new one`() throws {
    let rows = try rows("system = 'SAM' AND category = 'ENT'")
    try #require((2...10).contains(rows.count))
    let before = try (acts: acts().count, sent: Files.below(fixture.home.path + "/inbox").count)
    let chief = try console.signIn("chief")
    let page = try chief.page("/queue/act?system=SAM&category=ENT&status=returned")
    #expect(page.contains("<button name=\"preview\" value=\"1\" formnovalidate"))
    let seen = try fixture.log().count
    let reply = try chief.send(
      "/queue/act", form("ENT", Self.compared, ["preview": "1", "words": "", "expected": "0"]))
    #expect(reply.status == 200 && reply.body.contains("原值 → 新值"))
    #expect(ConsoleMarkup.problems(reply.body).isEmpty)
    var compared = 0
    for row in rows {
      let line = try #require(
        reply.body.components(separatedBy: "<tr>").first { $0.contains("\"/record/\(row)\"") })
      #expect(line.contains("→ <b><bdi>510104</bdi></b>"))
      guard let old = try received(row, Self.compared), !old.isEmpty else { continue }
      compared += 1
      #expect(line.contains("<bdi>\(old)</bdi> →"))
    }
    #expect(compared > 0)
    // What was typed stands in the form, and nothing has happened.
    #expect(reply.body.contains("name=\"value\" maxlength=\"4000\" value=\"510104\""))
    #expect(try acts().count == before.acts)
    #expect(Files.below(fixture.home.path + "/inbox").count == before.sent)
    let entries = try fixture.log().dropFirst(seen).filter {
      $0["action"] as? String == "console-record" && $0["user"] as? String == "chief"
    }
    #expect(Set(entries.compactMap { $0["reference"] as? String }) == Set(rows.map { "row:\($0)" }))
    for entry in entries {
      #expect([[], [Self.compared]].contains(entry["elements"] as? [String]))
    }
    #expect(entries.contains { $0["elements"] as? [String] == [Self.compared] })
  }

  @Test func `a preview shows nobody more than the record's page does`() throws {
    let catalog = try TestPipeline.real.get().catalog
    let rows = try rows("system = 'SAM' AND category = 'INS'").prefix(3)
    let open = try console.signIn("open")
    let elements = try #require(catalog.category("INS")).elements.map(\.element)
    var compared = 0
    for element in elements where element.tier > .public && compared < 6 {
      let name = element.identifier
      let values = try rows.compactMap { try received($0, name) }.filter { $0.count >= 4 }
      guard !values.isEmpty else { continue }
      let reply = try open.send("/queue/act", form("INS", name, ["preview": "1"]))
      #expect(reply.status == 200 && reply.body.contains("原值 → 新值"), "\(name)")
      #expect(reply.body.contains("class=\"mask\""), "\(name)")
      for value in values {
        compared += 1
        #expect(!reply.body.contains("<bdi>\(value)</bdi>"), "\(name)")
      }
    }
    #expect(compared > 0)
    // Who corrects nothing gets no values by it.
    let boss = try console.signIn("boss").send(
      "/queue/act", form("ENT", Self.element, ["preview": "1"]))
    #expect(!boss.body.contains("原值 → 新值"))
    let mem = try console.signIn("mem").send(
      "/queue/act", form("ENT", Self.element, ["preview": "1"]))
    #expect(!mem.body.contains("/record/"))
    let sam = try console.signIn("sam")
    #expect(try sam.post("/queue/act", form("ENT", Self.element, ["preview": "1"])).status == 403)
  }

  @Test func `records left out by a correction of many are told`() throws {
    let rows = try rows("system = 'SAM' AND category = 'ENT'")
    let right = try #require(
      try self.rows("system = 'SAM' AND category = 'ENT' AND entity_key LIKE '9251%'").first)
    let chief = try console.signIn("chief")
    let reply = try chief.send(
      "/queue/act", form("ENT", Self.element, ["expected": "\(rows.count)"]))
    #expect(reply.status == 200, "\(reply.status)")
    let act = try #require(try acts().first)
    let taken = try #require(act["records"] as? Int)
    try #require(taken > 0 && taken < rows.count)
    #expect(reply.body.contains("\(rows.count - taken) 条没有处理"))
    let section = try #require(reply.body.components(separatedBy: "id=\"left\"").last)
      .components(separatedBy: "</section>")[0]
    let left = Set(section.matches(of: /"\/record\/([0-9]+)"/).compactMap { Int($0.1) })
    #expect(left.count == rows.count - taken && left.isSubset(of: Set(rows)))
    #expect(!left.contains(right))
    // One of them was sent with an open quote.
    #expect(section.contains("1 条：其中有您不能查看或不能更正的数据元，或其结构无法在此更正"))
  }

  @Test func `values that people stated stand in the log when they are shown`() throws {
    let id = try #require(try acts().first { $0["kind"] as? String == "correct" }?["act"])
    func shown(_ user: String, _ path: String) throws -> [[String: Any]] {
      let visitor = try console.signIn(user)
      let before = try fixture.log().count
      _ = try visitor.get(path)
      return try fixture.log().dropFirst(before).filter {
        $0["action"] as? String == "console-values" && $0["user"] as? String == user
      }
    }
    for path in ["/acts", "/act/\(id)"] {
      let entries = try shown("sam", path)
      let entry = try #require(entries.first, "\(path)")
      #expect(entries.count == 1 && entry["elements"] as? [String] == [Self.element], "\(path)")
      let references = (entry["reference"] as? String)?.split(separator: " ").map(String.init) ?? []
      #expect(references.contains("act:\(id)"), "\(path)")
      #expect(entry["outcome"] as? String == "allowed")
      // Nothing is shown to them.
      #expect(try shown("mem", path).isEmpty, "\(path)")
    }
    let row = try #require(try rows("system = 'SAM' AND category = 'INS'").first)
    let sam = try console.signIn("sam")
    let reply = try sam.send("/record/\(row)/act", ["kind": "comment", "words": "看一下"])
    try #require(reply.status == 303)
    let comment = try #require(try acts().first?["act"])
    #expect(try shown("sam", "/act/\(comment)").isEmpty)
  }
}
