import Foundation
import TestSupport
import Testing

/// Values as long as they may be, in a window as narrow as a tablet's.
@Suite("Long values in a browser", .inBrowser)
struct ConsoleWidthTests {
  /// A text without a place where a line may end, and one that may end anywhere.
  private static let digits = String(repeating: "5101040000", count: 20)
  private static let han = String(repeating: "清源市滨湖高新技术产业开发区", count: 15)

  @Test func `no page is wider than the window`() throws {
    let home = try CommandHome()
    let sheet = try TestPipeline.real.get().sheet(
      "PEN",
      [
        penalty(1, ["penalty_type_code": Self.digits, "subject_name": Self.han]),
        penalty(2, ["case_no": Self.digits, "penalty_cause": Self.han, "agency_name": ""]),
        penalty(3, ["officer_cert_no": Self.digits, "penalty_type_code": Self.han]),
      ])
    try home.deliver("行政处罚_1.csv", sheet.gb18030)
    try #require(try home.night("2026-06-02").code <= 1)
    let added = try QingyuanProgram.run(
      [
        "user", "add", "sam", "--role", "operator", "--department", "数据管理局", "--clearance",
        "restricted", "--password-stdin", "--home", home.path, "--pipelines", home.pipelines,
      ], input: Array((ConsoleHome.password + "\n").utf8))
    try #require(added.code == 0, "\(added.errorText)")
    let rows = try home.query("SELECT record FROM returned_record ORDER BY record").compactMap {
      $0["record"] as? Int
    }
    try #require(rows.count == 3)
    let console = try RunningConsole(home)
    let browser = try Browser(port: console.client.port)
    try browser.signIn("sam")
    let pages =
      rows.map { "/record/\($0)" } + [
        "/night", "/queue", "/queue?view=records", "/queue?q=\(Self.digits)", "/incidents", "/acts",
        "/queue/act?system=SAM", "/rules", "/codes", "/deliveries", "/deliveries/1?show=returned",
        "/codes/new?element=penalty_type_code&value=\(Self.digits)",
      ]
    for width in [800, 1280] {
      for page in pages {
        try browser.go(page)
        #expect(try browser.excess(over: width) <= 0, "\(page.prefix(40)) at \(width)")
      }
    }
  }
}
