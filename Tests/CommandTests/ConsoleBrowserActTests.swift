import Catalog
import Foundation
import TestSupport
import Testing

/// What stewards do, with a browser and without script.
@Suite("Acts in a browser", .serialized, .inBrowser)
struct ConsoleBrowserActTests {
  /// Its records change under the tests, so that nobody else may look at them. One delivery is held.
  private static let own = Result {
    try ConsoleHome(secondNight: ["SAM/市场主体登记_20260309.csv": Array("甲,乙\r\n1,2\r\n".utf8)])
  }

  private let fixture: ConsoleHome
  private let console: RunningConsole
  private let browser: Browser

  init() throws {
    fixture = try Self.own.get()
    console = try RunningConsole(fixture.home)
    browser = try Browser(port: console.client.port)
  }

  private func row(_ condition: String) throws -> Int {
    try #require(try fixture.returned(condition).first?["record"] as? Int, "\(condition)")
  }

  @Test func `finds a record by facet, corrects it and sees it accepted after the next run`() throws
  {
    let row = try row("system = 'SAM' AND category = 'ENT' AND entity_key LIKE '9251%'")
    let field = "input[name='value.registered_division_code']"
    try browser.signIn("sam")
    try browser.click("nav a[href='/queue']")
    try browser.click("nav.facets a[href*='category=ENT']")
    try browser.click("nav.tabs a[href*='view=records']")
    try browser.click("a[href='/record/\(row)']")
    #expect(browser.shows("为什么在这里"))

    try browser.unfold("correct")
    try browser.fill(field, "abc")
    try browser.fill("#words-correct", "电话核实")
    try browser.send("correct")
    #expect(browser.shows("Q21", in: "#problem"))
    // What was typed is still there, and the form is open.
    try browser.fill(field, "510104")
    try browser.send("correct")
    #expect(browser.shows("有效", in: "#acts"))
    #expect(try browser.path() == "/record/\(row)#acts")

    let night = try fixture.home.night("2026-03-08")
    try #require(night.code <= 1, "\(night.errorText)")
    try browser.go("/record/\(row)")
    let page = try browser.text("main")
    #expect(page.contains("已结束") && page.contains("已入库"))
  }

  @Test func `masked values are not in the source of any page about the record`() throws {
    let row = try row("system = 'SAM' AND category = 'INS'")
    let hidden = try fixture.values(above: .public, row: row)
    try #require(!hidden.isEmpty)
    let pages = [
      "/record/\(row)", "/queue?view=records&system=SAM", "/queue/act?system=SAM", "/acts",
    ]
    func shown() throws -> [String] {
      try pages.flatMap { path in
        try browser.go(path)
        let source = try browser.source()
        return hidden.filter(source.contains)
      }
    }
    try browser.signIn("open")
    #expect(try shown().isEmpty)
    try browser.signOut()
    // Somebody may see them, so that looking for them means something.
    try browser.signIn("chief")
    #expect(try !shown().isEmpty)
  }

  @Test func `a waiver waits for a second person`() throws {
    let row = try row("system = 'SAM' AND category = 'INS'")
    let until = ISO8601DateFormatter().string(from: Date() + 30 * 86_400).prefix(10)
    try browser.signIn("sam")
    try browser.go("/record/\(row)")
    try browser.unfold("waive")
    try browser.choose("#until", day: String(until))
    try browser.fill("#words-waive", "系统改造")
    try browser.send("waive")
    #expect(browser.shows("待审批", in: "#acts"))
    try browser.click("#acts a[href^='/act/']")
    #expect(browser.comes { try browser.path().hasPrefix("/act/") })
    let act = try browser.path()
    // Who asked may take it back, and no more.
    #expect(try !browser.source().contains("\(act)/approve"))
    #expect(try browser.source().contains("\(act)/undo"))
    try browser.signOut()

    try browser.signIn("boss")
    try browser.go("/acts")
    #expect(try browser.text("main").contains("等您审批"))
    try browser.click("a[href='\(act)']")
    try browser.click("form[action='\(act)/approve'] button")
    #expect(browser.shows("有效"))
    try browser.signOut()

    try browser.signIn("sam")
    try browser.go("/queue?view=records&system=SAM&category=INS")
    #expect(try browser.text("main").contains("豁免至 \(until)"))
    #expect(try self.row("record = \(row)") == row)
  }

  @Test func `many records in one step, and back in one step`() throws {
    try browser.signIn("sam")
    try browser.go("/queue?system=SAM&category=INS&status=returned&view=records")
    let count = try fixture.returned("system = 'SAM' AND category = 'INS'").count
    try #require(count > 1)
    try browser.click("a.button[href^='/queue/act']")
    #expect(browser.shows("将一次处理 \(count) 条记录"))
    try browser.unfold("return")
    try browser.fill("#words-return", "请按标准填写")
    try browser.send("return")
    #expect(browser.comes { try browser.path().hasPrefix("/act/") })
    let act = try browser.path()
    #expect(browser.shows("\(count) 条记录"))
    func sent() -> Int {
      Files.below(fixture.home.path + "/returns").count { $0.contains("专员意见") }
    }
    #expect(sent() > 0)
    try browser.click("form[action='\(act)/undo'] button")
    #expect(browser.shows("已撤销"))
    #expect(sent() == 0)
  }

  @Test func `a held delivery is released and taken by the next run`() throws {
    func held() throws -> [String: Any] {
      try #require(
        try fixture.home.query(
          """
          SELECT delivery, status FROM delivery_ledger
          WHERE file_name = '市场主体登记_20260309.csv'
          """
        ).first)
    }
    let id = try #require(try held()["delivery"] as? Int)
    try #require(try held()["status"] as? String == "held")
    let form = "form.decision[action='/delivery/\(id)/release']"
    try browser.signIn("sam")
    try browser.go("/queue")
    try browser.click("nav.facets a[href*='held=1']")
    #expect(browser.shows("市场主体登记_20260309.csv"))
    try browser.type("\(form) input[name='words']", "已与来源核实")
    try browser.click("\(form) button:not([formaction])")
    #expect(browser.comes { try !browser.source().contains("/delivery/\(id)/release") })
    #expect(try browser.path() == "/queue?held=1")
    let night = try fixture.home.night("2026-03-09")
    try #require(night.code <= 1, "\(night.errorText)")
    #expect(try held()["status"] as? String == "loaded")
  }
}
