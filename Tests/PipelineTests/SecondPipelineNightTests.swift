import Pipeline
import TestSupport
import Testing
import Warehouse

/// Two systems, English, other elements and keys: nothing of it is known to the program.
@Suite("Another organisation's definitions")
struct SecondPipelineNightTests {
  private func reader(_ number: Int, _ more: Values = [:]) -> Values {
    [
      "entry_no": "R-\(number)", "card_no": "\(10_000_000 + number)",
      "reader_name": "Reader \(number)",
    ].merging(more) { $1 }
  }

  private func loan(_ number: Int, _ more: Values = [:]) -> Values {
    ["entry_no": "L-\(number)", "loan_no": "LN\(number)", "card_no": "\(10_000_000 + number)"]
      .merging(more) { $1 }
  }

  private func deliver(_ home: TestHome, _ name: String, _ category: String, _ records: [Values])
    throws
  {
    try home.deliver(name, home.sheet(category, records, system: "LIB").utf8, system: "LIB")
  }

  @Test func `both systems load, each in its own form`() throws {
    let home = try TestHome(TestPipeline.museum)
    try deliver(home, "reader_1.csv", "READER", (1...3).map { reader($0) })
    try deliver(
      home, "loan_1.csv", "LOAN",
      [
        loan(1, ["medium_code": "book、CD", "fee": "1500", "returned_on": "20260301"]),
        loan(2, ["medium_code": "录音"]), loan(3, ["due_on": "20260101"]),
      ])
    let visits = """
      条目\t编号\t入馆\t变更
      entry\tnumber\tentered\tlast change
      E1\tV1\t2026-03-01 10:00:00\t2026-03-01 18:00:00
      E2\tV2\t2026年3月1日 11:00\tnone
      E3\tV3\t2026-03-01 12:00:00\t2026-03-01 18:00:00

      """
    try home.deliver("visit_20260302.tsv", gb18030(visits), system: "MUS")
    let outcome = try home.run("2026-03-02")
    #expect(
      outcome.deliveries.map { "\($0.category) \($0.summary)" } == [
        "LOAN loaded 3: accepted 2, returned 1", "READER loaded 3: accepted 3",
        "VISIT loaded 3: accepted 2, returned 1",
      ])
    #expect(
      try home.rows(
        "SELECT loan_no, medium_code, fee, fee_fen, origin_system FROM LOAN ORDER BY 1")
        == [["LN1", "01;02", "1500.0", "150000", "LIB"], ["LN2", "02", "", "", "LIB"]])
    #expect(
      try home.rows(
        "SELECT code, rule FROM finding_current WHERE category = 'LOAN' AND severity = 'return' "
          + "ORDER BY 2")
        == [["Q22", "LM03003.order"], ["Q22", "R1"]])
    #expect(try home.column("SELECT visit_no FROM VISIT ORDER BY 1") == ["V1", "V3"])
    #expect(
      text(
        gb18030: try home.returnBytes(
          "2026-03-02", home.returns("2026-03-02", system: "MUS")[0], system: "MUS")
      )
      .hasPrefix("条目\t编号\t入馆\t变更\t退回问题代码"))
    #expect(outcome.missing == [])
    #expect(home.returns("2026-03-02", system: "LIB") == ["loan_1.退回-1.csv"])
  }

  @Test func `a category that is always full removes what is gone`() throws {
    let home = try TestHome(TestPipeline.secondAlone)
    try deliver(home, "reader_1.csv", "READER", (1...5).map { reader($0) })
    try home.run("2026-03-02")
    try deliver(
      home, "reader_2.csv", "READER",
      [
        reader(1), reader(2, ["changed_at": "20260302T080000", "reader_name": "Renamed"]),
        reader(4),
      ])
    #expect(
      try home.run("2026-03-03").only().summary
        == "loaded 3: accepted 1, unchanged 2, removed 2")
    #expect(
      try home.column("SELECT card_no FROM READER ORDER BY 1") == [
        "10000001", "10000002", "10000004",
      ])
    #expect(try home.column("SELECT count(*) FROM READER", asOf: "2026-03-02") == ["5"])
  }

  @Test func `a corrected return of a full category does not remove the rest`() throws {
    let home = try TestHome(TestPipeline.secondAlone)
    try deliver(
      home, "reader_1.csv", "READER", (1...5).map { reader($0) } + [reader(6, ["reader_name": ""])])
    try home.run("2026-03-02")
    let name = try #require(home.returns("2026-03-02", system: "LIB").first)
    let returned = String(
      decoding: try home.returnBytes("2026-03-02", name, system: "LIB"), as: UTF8.self)
    var rows = CSVSheet.rows(of: returned, delimiter: ";")
    rows[1][3] = "Reader 6"
    var sheet = CSVSheet(rows[0], Array(rows.dropFirst()))
    sheet.delimiter = ";"
    try home.deliver(name, sheet.utf8, system: "LIB")
    #expect(try home.run("2026-03-03").only().summary == "loaded 1: accepted 1")
    #expect(try home.column("SELECT count(*) FROM READER") == ["6"])
  }

  @Test func `deletions, versions and keys follow the roles that nightly names`() throws {
    let home = try TestHome(TestPipeline.secondAlone)
    try deliver(home, "loan_1.csv", "LOAN", (1...3).map { loan($0) })
    try home.run("2026-03-02")
    try deliver(
      home, "loan_2.csv", "LOAN",
      [
        loan(1, ["action_code": "D", "changed_at": "20260302T080000"]),
        loan(2, ["due_on": "20260212", "changed_at": "20260302T080000"]),
        loan(9, ["loan_no": "LN3"]),
      ])
    #expect(
      try home.run("2026-03-03").only().summary == "loaded 3: accepted 1, returned 1, deleted 1")
    #expect(
      try home.rows("SELECT loan_no, due_on FROM LOAN ORDER BY 1")
        == [["LN2", "2026-02-12"], ["LN3", "2026-02-10"]])
    #expect(try home.column("SELECT code FROM finding_current") == ["Q37"])
  }

  @Test func `its own limits hold a delivery`() throws {
    let home = try TestHome(TestPipeline.secondAlone)
    try deliver(
      home, "loan_1.csv", "LOAN",
      (1...14).map { loan($0) } + (15...20).map { loan($0, ["due_on": "20260101"]) })
    #expect(try home.run("2026-03-02").only().status == .held)
    let sheet = try home.sheet("READER", [reader(1)], system: "LIB", renaming: ["Phone": ""])
    try home.deliver("reader_1.csv", sheet.utf8, system: "LIB")
    let delivery = try home.run("2026-03-03").only()
    #expect(delivery.reason.contains("Phone"))
  }

  @Test func `restricted values of unmarked elements stay out of findings`() throws {
    let home = try TestHome(TestPipeline.secondAlone)
    try deliver(home, "reader_1.csv", "READER", [reader(1, ["phone": "13800000"])])
    try home.run("2026-03-02")
    #expect(
      try home.rows("SELECT element, value FROM finding_current")
        == [["phone", "<restricted, 8 characters>"]])
  }
}
