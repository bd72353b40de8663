import Foundation
import Pipeline
import TestSupport
import Testing
import Warehouse

@Suite("Forms of the same content")
struct FormTests {
  private static let records =
    (1...30).map { penalty($0) } + [penalty(31, unknownPenaltyType), penalty(32, missingAgency)]

  /// Published content without what names the bytes of the delivery.
  private static func content(_ home: TestHome) throws -> [String] {
    let sizes = /\|(content|length|encoding|byte_offset)=[^|]*/
    let keys = /\|(accepted|row|returned)=[^|]*/
    // A record is named by the content of its delivery and its number.
    let places = /[0-9a-f]{32,64}:/
    return try home.dump().map { line in
      let plain = line.replacing(sizes, with: "").replacing(places, with: "")
      return line.hasPrefix("record_state|") || line.hasPrefix("entity_state|")
        ? plain.replacing(keys, with: "") : plain
    }.sorted()
  }

  @Test(arguments: ["utf-8", "utf-8 with mark", "line feeds", "utf-16"])
  func `every encoding gives the same warehouse`(_ form: String) throws {
    let expected = try TestHome(TestPipeline.alone)
    let found = try TestHome(TestPipeline.alone)
    var sheet = try expected.sheet("PEN", Self.records)
    try expected.deliver("行政处罚_1.csv", sheet.gb18030)
    if form == "line feeds" { sheet.lineEnding = "\n" }
    let bytes: [UInt8] =
      switch form {
      case "utf-8": sheet.utf8
      case "utf-8 with mark": sheet.utf8WithMark
      case "utf-16":
        [0xFF, 0xFE] + sheet.text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      default: sheet.gb18030
      }
    try found.deliver("行政处罚_1.csv", bytes)
    try expected.run("2026-06-02")
    #expect(try found.run("2026-06-02").only().summary == "loaded 32: accepted 30, returned 2")
    #expect(try Self.content(expected) == Self.content(found))
  }

  @Test func `columns in another order give the same rows`() throws {
    let expected = try TestHome(TestPipeline.alone)
    let found = try TestHome(TestPipeline.alone)
    let sheet = try expected.sheet("PEN", Self.records)
    try expected.deliver("行政处罚_1.csv", sheet.gb18030)
    var reversed = sheet
    reversed.header = sheet.header.map { $0.reversed() }
    reversed.rows = sheet.rows.map { $0.reversed() }
    try found.deliver("行政处罚_1.csv", reversed.gb18030)
    try expected.run("2026-06-02")
    try found.run("2026-06-02")
    let findings = "SELECT record_number, code, element, value FROM finding_current ORDER BY 1, 2"
    #expect(try expected.rows(findings) == found.rows(findings))
    #expect(
      try expected.rows("SELECT source_record_id, uscc, fine_amount_fen FROM PEN ORDER BY 1")
        == found.rows("SELECT source_record_id, uscc, fine_amount_fen FROM PEN ORDER BY 1"))
  }

  @Test func `a new column is taken with a note about the drift`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", [penalty(1)], extra: [("办案心得", "学习")])
    try home.deliver("行政处罚_1.csv", sheet.gb18030)
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.summary == "loaded 1: accepted 1")
    #expect(delivery.drift == "new (evolve): 办案心得")
    #expect(try home.column("SELECT drift FROM delivery_ledger") == [delivery.drift])
  }

  @Test func `a renamed column is known by its earlier name`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet(
      "PEN", [penalty(1)], renaming: ["行政处罚决定书文号": "处罚文号", "罚款金额(万元)": "罚款金额（万元）"])
    try home.deliver("行政处罚_1.csv", sheet.gb18030)
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.summary == "loaded 1: accepted 1")
    #expect(delivery.drift == "renamed: 处罚文号 for 行政处罚决定书文号")
    #expect(try home.column("SELECT fine_amount_fen FROM PEN") == ["500000"])
  }

  @Test func `the name of a natural person moves to its own element, with a note`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(
          1,
          [
            "party_type_code": "自然人", "subject_name": "乙五", "uscc": "", "legal_rep_name": "",
            "person_id_type_code": "111", "person_id_no": "510104190001020021",
            "minor_flag": "0",
          ])
      ])
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: accepted 1")
    #expect(
      try home.rows("SELECT party_type_code, subject_name, person_name FROM PEN")
        == [["4", "", "乙五"]])
    let changes = try #require(try home.dump(of: "PEN").first)
    #expect(changes.contains(#""subject_name":"乙五""#))
    #expect(changes.contains(#""party_type_code":"自然人""#))
  }

  /// A fine for a natural person.
  private func personal(_ number: Int, subject: String, person: String) -> Values {
    penalty(
      number,
      [
        "party_type_code": "自然人", "subject_name": subject, "person_name": person, "uscc": "",
        "legal_rep_name": "", "person_id_type_code": "111",
        "person_id_no": "510104190001020021", "minor_flag": "0",
      ])
  }

  @Test func `a natural person has one name, and two different ones contradict each other`() throws
  {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        personal(1, subject: "乙五", person: "乙五"), personal(2, subject: "乙　五", person: "乙五"),
        personal(3, subject: "", person: "乙五"), personal(4, subject: "丙六", person: "乙五"),
        penalty(5, ["person_name": "乙五"]),
      ])
    #expect(try home.run("2026-06-02").only().summary == "loaded 5: accepted 4, returned 1")
    #expect(
      try home.rows(
        "SELECT source_record_id, subject_name, person_name FROM PEN "
          + "WHERE party_type_code = '4' ORDER BY 1")
        == (1...3).map { ["P-\($0)", "", "乙五"] })
    let findings = try home.rows("SELECT code, rule, element, value FROM finding_current")
    #expect(findings == [["Q31", "ZF04001.moved", "subject_name", "<restricted, 2 characters>"]])
  }

  @Test func `constants and the batch number come from the adapter`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2)])
    try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
    try home.run("2026-06-02")
    #expect(
      try home.rows(
        "SELECT source_system_code, enforcement_field_code, batch_no FROM PEN ORDER BY 3")
        == [["SAM", "01", "SAM20260602002"], ["SAM", "01", "SAM20260602003"]])
    #expect(try home.column("SELECT batch_no FROM CMP") == ["SAM20260602001"])
  }

  @Test func `trailing totals and notes are no records`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", [penalty(1), penalty(2)])
    let text = sheet.text + "合计,2\r\n注:本表由系统生成\r\n填表人:甲三\r\n\r\n"
    try home.deliver("行政处罚_1.csv", gb18030(text))
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 2")
  }

  @Test func `a file without a byte is held`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", [])
    #expect(try home.run("2026-06-02").only().summary == "held 0")
  }

  @Test func `a header alone is a delivery without records`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", home.sheet("PEN", []).gb18030)
    #expect(try home.run("2026-06-02").only().summary == "loaded 0")
  }

  @Test func `a header and footers alone are a delivery without records`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", gb18030(try home.sheet("PEN", []).text + "合计,0\r\n注:无数据\r\n"))
    #expect(try home.run("2026-06-02").only().summary == "loaded 0")
  }

  @Test func `a full delivery without a single record is held before it empties the warehouse`()
    throws
  {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_全量_2.csv", home.sheet("PEN", []).gb18030)
    #expect(try home.run("2026-06-02").only().status == .held)
    #expect(try home.column("SELECT count(*) FROM PEN") == ["2"])
  }

  @Test func `amounts and dates in every spelling are exact`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1, ["decision_date": "2026年3月2日", "fine_amount": "5000.01", "paid_amount": ""]),
        penalty(2, ["decision_date": "20260302", "served_date": "2026/3/4"]),
        penalty(3, ["decision_date": "46083", "publicity_end_date": "二〇二七年三月十日"]),
      ])
    try home.run("2026-06-02")
    #expect(
      try home.rows(
        "SELECT source_record_id, decision_date, served_date, publicity_end_date, fine_amount_fen "
          + "FROM PEN ORDER BY 1")
        == [
          ["P-1", "2026-03-02", "2026-03-04", "2027-03-10", "500001"],
          ["P-2", "2026-03-02", "2026-03-04", "2027-03-10", "500000"],
          ["P-3", "2026-03-02", "2026-03-04", "2027-03-10", "500000"],
        ])
  }
}

@Suite("Hostile and odd tables")
struct OddTableTests {
  @Test func `a sep line is followed, there and back`() throws {
    let home = try TestHome(TestPipeline.alone)
    var sheet = try home.sheet(
      "PEN", [penalty(1), penalty(2, unknownPenaltyType.merging(["remark": "甲,乙"]) { $1 })])
    sheet.delimiter = ";"
    try home.deliver(
      "行政处罚_1.csv",
      gb18030("sep=;\r\n" + sheet.text.replacing("51010400101;51010400102", with: "51010400101")))
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, returned 1")
    let returned = text(gb18030: try home.returnBytes("2026-06-02", home.returns("2026-06-02")[0]))
    let comma = CSVSheet.rows(of: returned)
    let semicolon = CSVSheet.rows(of: returned, delimiter: ";")
    let rows = comma[0].count > semicolon[0].count ? comma : semicolon
    #expect(rows[0].count == sheet.header[0].count + 5)
    #expect(rows[1].count == rows[0].count)
    #expect(rows[1].contains("甲,乙"))
  }

  @Test func `too many fields, a huge field and control bytes stay within one record`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", (1...6).map { penalty($0) })
    var lines = sheet.text.components(separatedBy: "\r\n")
    lines[2] += String(repeating: ",", count: 10_000)
    lines[3] = lines[3].replacing("罚款5000元", with: String(repeating: "罚", count: 300_000))
    lines[4] = lines[4].replacing("罚款5000元", with: "罚\u{0}款\u{1B}[31m")
    lines[5] = ""
    try home.deliver("行政处罚_1.csv", gb18030(lines.joined(separator: "\r\n")))
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.status == .loaded && delivery.balance.read == 5, "\(delivery.summary)")
    let accepted = try home.column("SELECT source_record_id FROM PEN ORDER BY 1")
    #expect(accepted.contains("P-1") && accepted.contains("P-6"))
    #expect(!accepted.contains("P-2") && !accepted.contains("P-3"))
  }

  @Test func `values that look like SQL, HTML or escapes are only values`() throws {
    let home = try TestHome(TestPipeline.alone)
    let texts = [
      "x'); DROP TABLE PEN_version; --", "<script>alert(1)</script>", "\\N", "a|b=c", "{x}",
      "{element}", "%s%n", "\u{202E}txt", "NULL",
    ]
    try home.deliver(
      "行政处罚_1.csv",
      penalties: texts.enumerated().map { penalty($0.offset + 1, ["penalty_cause": $0.element]) })
    try home.run("2026-06-02")
    let stored = try Set(home.column("SELECT penalty_cause FROM PEN"))
    for text in texts.dropLast() { #expect(stored.contains(text), "\(text)") }
    #expect(try home.dump().count > texts.count)
  }

  @Test func `quotes, blanks and Excel's habits around values are not part of them`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", [penalty(1), penalty(2)])
    var lines = sheet.text.components(separatedBy: "\r\n")
    lines[1] = lines[1].replacing("91510104MAQY00013P", with: "\t91510104MAQY00013P\t")
    lines[2] = lines[2].replacing("91510104MAQY00013P", with: "\"=\"\"91510104MAQY00013P\"\"\"")
    try home.deliver("行政处罚_1.csv", gb18030(lines.joined(separator: "\r\n")))
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 2")
    #expect(
      try home.column("SELECT DISTINCT uscc FROM PEN") == ["91510104MAQY00013P"])
  }
}
