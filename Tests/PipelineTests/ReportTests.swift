import Catalog
import Foundation
import Records
import TestSupport
import Testing
import Validation
import Warehouse
import WarehouseSQLite

@testable import Pipeline
@testable import qingyuan

@Suite("The morning report")
struct ReportTests {
  private static let last = "2026-03-29"

  private func page(
    _ report: MorningReport, _ language: ReportLanguage = .chinese
  ) -> String {
    ReportPage(report, language: language, version: "qingyuan test").text
  }

  // MARK: Numbers

  @Test func `every number is what the rows of the ledger add up to`() throws {
    let ledger = try SyntheticLedger(nights: 40, last: Self.last)
    let report = try ledger.report()
    let counts =
      "sum(read), sum(accepted), sum(unchanged), sum(duplicate), sum(returned), sum(pending), "
      + "sum(held), sum(deleted), sum(accepted_first), sum(returned_first)"
    func numbers(_ balance: Balance) -> [String] {
      [
        balance.read, balance.accepted, balance.unchanged, balance.duplicate, balance.returned,
        balance.pending, balance.held, balance.deleted, balance.acceptedFirst,
        balance.returnedFirst,
      ].map(String.init)
    }
    let from = "FROM delivery JOIN run ON run.id = delivery.run WHERE night"
    #expect(
      try ledger.rows("SELECT \(counts) \(from) = '\(Self.last)'") == [numbers(report.total)])
    #expect(
      try ledger.rows("SELECT \(counts) \(from) = '2026-03-28'")
        == [numbers(try #require(report.previousTotal))])
    #expect(
      try ledger.rows("SELECT \(counts) \(from) LIKE '2026-%'") == [numbers(report.yearToDate)])
    let cells = try ledger.rows(
      "SELECT system, category, \(counts) \(from) = '\(Self.last)' GROUP BY 1, 2 ORDER BY 1, 2")
    let found = report.cells.compactMap { cell in
      cell.tonight.map { [cell.system, cell.category] + numbers($0.balance) }
    }
    #expect(cells.count > 150)
    #expect(found.sorted { $0[0] + $0[1] < $1[0] + $1[1] } == cells)
    for core in report.core {
      let rows = try ledger.rows(
        """
        SELECT m.name, sum(m.value) FROM measure m JOIN delivery d ON d.id = m.delivery
        JOIN run r ON r.id = d.run WHERE r.night = '\(Self.last)'
        AND m.domain = '\(core.domain.domain.rawValue)' GROUP BY 1 ORDER BY 1
        """)
      #expect(
        rows.map { $0[1] }
          == [
            core.delivered?.checked, core.delivered?.failed, core.published?.checked,
            core.published?.failed,
          ].map { String($0 ?? -1) })
    }
    let trend = try ledger.rows(
      """
      SELECT night, sum(read), sum(returned) FROM run JOIN delivery ON delivery.run = run.id
      GROUP BY night ORDER BY night DESC LIMIT 30
      """)
    #expect(
      report.trend.reversed().map {
        [$0.night, String($0.balance.read), String($0.balance.returned)]
      } == trend)
    let held = try ledger.rows(
      "SELECT count(*) FROM delivery WHERE status = 'held'")
    #expect(String(report.held.count) == held[0][0])
  }

  @Test func `causes are the findings of the night, with their difference to the night before`()
    throws
  {
    let ledger = try SyntheticLedger(nights: 5, last: Self.last)
    let report = try ledger.report()
    func rows(_ night: String) throws -> [String: Int] {
      let rows = try ledger.rows(
        """
        SELECT f.code || ' ' || f.rule || ' ' || coalesce(f.element, ''), count(*)
        FROM finding f JOIN run r ON r.id = f.opened_by
        WHERE r.night = '\(night)' AND f.severity <> 'note' GROUP BY 1
        """)
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Int($0[1]) ?? 0) })
    }
    let tonight = try rows(Self.last)
    let before = try rows("2026-03-28")
    #expect(report.causes.count == tonight.count && !tonight.isEmpty)
    for cause in report.causes {
      let key = "\(cause.code) \(cause.rule) \(cause.element)"
      #expect(tonight[key] == cause.count && before[key] ?? 0 == cause.previous)
      #expect(cause.systems.reduce(0) { $0 + $1.count } == cause.count)
    }
    #expect(report.causes.map(\.count) == report.causes.map(\.count).sorted(by: >))
  }

  @Test func `the queries of the page give its numbers`() throws {
    let ledger = try SyntheticLedger(nights: 3, last: Self.last)
    let report = try ledger.report()
    let page = ReportPage(report, language: .english, version: "test")
    let reader = try ledger.reader()
    try reader.showAsOf(night: Self.last, catalog: ledger.catalog)
    var results: [[[WarehouseReader.Value]]] = []
    for query in page.queries {
      var rows: [[WarehouseReader.Value]] = []
      try reader.rows(query.sql) { _ in
      } onRow: {
        rows.append($0)
      }
      results.append(rows)
      #expect(page.text.contains(HTML.escaped(query.sql)))
    }
    let balances = results[0].map { $0.prefix(4) }
    let shown = report.cells.compactMap { cell in
      cell.tonight.map { sum -> ArraySlice<WarehouseReader.Value> in
        [
          .text(cell.system), .text(cell.category), .integer(Int64(sum.balance.read)),
          .integer(Int64(sum.balance.accepted)),
        ]
      }
    }
    #expect(Set(balances) == Set(shown) && balances.count == shown.count)
    #expect(results[1].map { $0[3] } == report.causes.map { .integer(Int64($0.count)) })
  }

  // MARK: Nights

  @Test func `a night is shown as it was, whatever came later`() throws {
    let ledger = try SyntheticLedger(nights: 12, last: Self.last)
    let night = try #require(ledger.nights.dropLast(3).last)
    let shorter = try SyntheticLedger(
      nights: 9, last: CivilDate(dayNumber: night).description)
    #expect(page(try ledger.report(night)) == page(try shorter.report()))
  }

  @Test func `the first night has none to be compared with`() throws {
    let ledger = try SyntheticLedger(nights: 1, last: Self.last)
    let report = try ledger.report()
    #expect(report.previousNight == nil && report.previousTotal == nil)
    #expect(report.trend.count == 1)
    let text = page(report)
    #expect(text.contains("没有可比较的前夜"))
    #expect(!text.contains("比前夜 +") && !text.contains("比前夜 −") && !text.contains("±"))
  }

  @Test func `a night without deliveries says so`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.run("2026-06-02")
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-03")
    try home.run("2026-06-05")
    let reader = try WarehouseReader(folder: home.home.warehouse)
    for (night, before) in [("2026-06-02", nil), ("2026-06-05", "2026-06-03")] {
      let report = try MorningReport(
        reader, catalog: home.pipeline.catalog, configuration: home.configuration, night: night)
      #expect(report.deliveryCount == 0 && report.total == Balance())
      #expect(report.previousNight == before)
      #expect(page(report).contains("本夜没有收到任何批次"))
      try PageCheck(page(report)).run()
    }
  }

  @Test func `a night that was not published has no report`() throws {
    let ledger = try SyntheticLedger(nights: 2, last: Self.last)
    #expect {
      try ledger.report(ledger.nights[1] + 1)
    } throws: { error in
      "\(error)".contains("nothing was published in the night of 2026-03-30; the last night")
    }
  }

  @Test func `both runs of a night are in its report`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2, missingAgency)])
    try home.run("2026-06-02")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(3)])
    try home.run("2026-06-02")
    let report = try MorningReport(
      try WarehouseReader(folder: home.home.warehouse), catalog: home.pipeline.catalog,
      configuration: home.configuration, night: "2026-06-02")
    #expect(report.total.read == 3 && report.total.returned == 1 && report.deliveryCount == 2)
    #expect(report.publication.publication == 2)
    #expect(report.causes.map(\.element) == ["agency_name"])
  }

  @Test func `a held delivery stays in the report of its night, with what was decided since`()
    throws
  {
    let home = try TestHome(TestPipeline.real)
    for number in 1...3 {
      let sheet = try home.sheet("PEN", [penalty(number)], renaming: ["处罚类别": ""])
      try home.deliver("行政处罚_\(number).csv", sheet.gb18030)
    }
    let held = try home.run("2026-06-02").deliveries
    #expect(held.map(\.status) == [.held, .held, .held])
    func decisions(_ night: String) throws -> [MorningReport.HeldDelivery.Decision] {
      try MorningReport(
        try WarehouseReader(folder: home.home.warehouse), catalog: home.pipeline.catalog,
        configuration: home.configuration, night: night
      ).held.map(\.decision)
    }
    #expect(try decisions("2026-06-02") == [.waiting, .waiting, .waiting])
    try home.decide(held[0].id, release: true)
    try home.decide(held[1].id, release: false)
    #expect(try decisions("2026-06-02") == [.released, .rejected, .waiting])
    try home.run("2026-06-03")
    #expect(try decisions("2026-06-02") == [.released, .rejected, .waiting])
    // What waits still is in the report of the next night too, and says since when.
    #expect(try decisions("2026-06-03") == [.waiting])
    let report = try MorningReport(
      try WarehouseReader(folder: home.home.warehouse), catalog: home.pipeline.catalog,
      configuration: home.configuration, night: "2026-06-03")
    #expect(report.held.map(\.isOlder) == [true])
    #expect(page(report).contains("06-02 起"))
    #expect(page(report).contains("缺少列：处罚类别"))
  }

  // MARK: Page

  @Test(arguments: ReportLanguage.allCases, [false, true])
  func `the page is well-formed, stands alone and says nothing of a record`(
    _ language: ReportLanguage, _ isHostile: Bool
  ) throws {
    let ledger = try SyntheticLedger(nights: 4, last: Self.last, isHostile: isHostile)
    var inbox = InboxListing()
    let name = "</svg><img src=x onerror=alert(1)>\u{0}"
    inbox.unreadable = [(name, "reason \(name)")]
    inbox.unknown = Array(repeating: (name, name), count: 200)
    let text = page(try ledger.report(inbox: inbox), language)
    try PageCheck(text).run()
    #expect(!text.contains("机密内容"))
    for tag in ["<script", "<img", "<link", "<iframe", "javascript:", "onerror=alert(1)>"] {
      #expect(!text.lowercased().contains(tag), "\(tag)")
    }
    if !isHostile {
      // Markup that was taken for text would be seen as such.
      let plain = page(try ledger.report(), language)
      #expect(plain.firstMatch(of: /&lt;[a-z\/]|HTML\(/) == nil)
    }
    if isHostile { #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;")) }
  }

  @Test func `no text from outside is markup`() throws {
    let hostile = "<b a=\"1\" b='2'>&amp;\u{0}\u{8}\u{1F}\u{7F}\u{FFFE}\n\r\t]]>--&#0;"
    let page: HTML = "<p title=\"\(hostile)\">\(hostile)</p>"
    let document = try PageCheck.parse(page.text)
    #expect(
      document.texts.joined()
        == "<b a=\"1\" b='2'>&amp;\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}   ]]>--&#0;")
    #expect(document.elements.map(\.name) == ["p"])
  }

  @Test func `the page has the same size after a year as after a month`() throws {
    // Every list is longer than what is shown of it, every name longer than a name may be.
    let month = try SyntheticLedger(nights: 31, last: Self.last, isHostile: true, scale: 5000)
    let year = try SyntheticLedger(nights: 400, last: Self.last, isHostile: true, scale: 5000)
    var inbox = InboxListing()
    let name = String(repeating: "&", count: 5000)
    inbox.unknown = Array(repeating: (name, name), count: 5000)
    for language in ReportLanguage.allCases {
      let sizes = try [month, year].map { page(try $0.report(inbox: inbox), language).utf8.count }
      #expect(sizes.allSatisfy { $0 < 256 * 1024 }, "\(sizes)")
      #expect(abs(sizes[0] - sizes[1]) < 16 * 1024, "\(sizes)")
    }
  }

  @Test func `capped lists say how much they leave out`() throws {
    let ledger = try SyntheticLedger(nights: 40, last: Self.last)
    let report = try ledger.report()
    let text = page(report)
    let older = report.held.count { $0.isOlder }
    #expect(older > ReportLimits.olderHeld && report.causes.count > ReportLimits.causes)
    for count in [older, report.causes.count] {
      #expect(text.contains("共 \(count) 项"))
    }
  }

  @Test(arguments: [("light", ReportPalette.light), ("dark", ReportPalette.dark)])
  func `every text can be read on what it stands on`(_ name: String, _ palette: ReportPalette) {
    for pair in palette.textPairs {
      let ratio = contrast(pair.text, pair.back)
      #expect(ratio >= 4.5, "\(name), \(pair.name): \(ratio)")
    }
    for pair in palette.graphicPairs {
      #expect(contrast(pair.text, pair.back) >= 3, "\(name), \(pair.name)")
    }
  }

  @Test func `the sample nights have the pages that are kept`() throws {
    let home = try TestHome(TestPipeline.real)
    let nights = [("night-1", "2026-03-06"), ("night-2", "2026-03-07"), ("night-3", "2026-03-08")]
    for (folder, night) in nights {
      let inbox = home.home.inbox
      for name in Files.below("\(Repository.root)/SampleData/\(folder)") {
        try home.deliver(
          String(name.dropFirst(4)), Files.bytes("\(Repository.root)/SampleData/\(folder)/\(name)"),
          system: String(name.prefix(3)))
      }
      #expect(!Files.below(inbox).isEmpty)
      try home.run(night)
      let report = try MorningReport(
        try WarehouseReader(folder: home.home.warehouse), catalog: home.pipeline.catalog,
        configuration: home.configuration, night: night)
      for (language, suffix) in [(ReportLanguage.chinese, ""), (.english, ".en")] {
        let text = page(report, language)
        try PageCheck(text).run()
        let difference = try Golden.difference(
          Array(text.utf8), from: "report-\(night)\(suffix).html")
        #expect(difference == nil)
      }
    }
  }

  // MARK: Cost

  @Test func `the year to date is added up by the engine`() throws {
    let ledger = try SyntheticLedger(nights: 60, last: Self.last)
    let known = try NightLedger(try ledger.reader(), upTo: ledger.nights[59])
    let rows = try ledger.rows(
      """
      SELECT system, category, sum(read), max(night) FROM delivery JOIN run ON run.id = delivery.run
      WHERE night >= '2026-01-01' GROUP BY 1, 2
      """)
    #expect(known.year.count == rows.count)
    for row in rows {
      let stream = NightLedger.Stream(system: row[0], category: row[1])
      #expect(known.year[stream].map { String($0.read) } == row[2])
      #expect(known.arrivals[stream]?.last == CivilDate(row[3])?.dayNumber)
    }
  }
}
