import Foundation
import Pipeline
import TestSupport
import Testing
import WarehouseSQLite
import Warehouse

@Suite("Which version of a record is current")
struct VersionTests {
  private static func fine(_ yuan: Int) -> Values {
    ["fine_amount": "\(yuan)", "paid_amount": "\(yuan)", "penalty_content": "罚款\(yuan)元"]
  }

  private static let fines =
    "SELECT source_record_id, CAST(fine_amount AS INTEGER) FROM PEN ORDER BY 1"

  @Test func `a changed row is a new version, and an earlier night shows the old one`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2)])
    try home.run("2026-06-01")
    try home.deliver(
      "行政处罚_2.csv", penalties: [penalty(1, updated: 2, Self.fine(7000)), penalty(2)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, unchanged 1")
    #expect(try home.rows(Self.fines) == [["P-1", "7000"], ["P-2", "5000"]])
    #expect(
      try home.rows(
        "SELECT night, closed_night, CAST(fine_amount AS INTEGER) FROM PEN_history "
          + "WHERE source_record_id = 'P-1' ORDER BY publication")
        == [["2026-06-01", "2026-06-02", "5000"], ["2026-06-02", "", "7000"]])
    #expect(
      try home.rows(Self.fines, asOf: "2026-06-01") == [["P-1", "5000"], ["P-2", "5000"]])
    #expect(
      try home.column("SELECT count(*) FROM PEN_each_penalty_type_code", asOf: "2026-06-01")
        == ["2"])
  }

  @Test func `the same record twice in a file is a duplicate`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2), penalty(1), penalty(1)])
    #expect(try home.run("2026-06-01").only().summary == "loaded 4: accepted 2, duplicate 2")
  }

  @Test func `one key and time with different contents is Q37 on all of them`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1), penalty(2), penalty(1, Self.fine(7000)), penalty(1, Self.fine(9000)),
      ])
    #expect(try home.run("2026-06-01").only().summary == "loaded 4: accepted 1, returned 3")
    #expect(
      try home.rows(
        "SELECT record_number, code, severity FROM finding_current ORDER BY 1")
        == [["1", "Q37", "return"], ["3", "Q37", "return"], ["4", "Q37", "return"]])
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-2"])
  }

  @Test func `two records that claim one key at one time are Q37, both`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1, document: 7), penalty(2, document: 7), penalty(3)])
    #expect(try home.run("2026-06-01").only().summary == "loaded 3: accepted 1, returned 2")
    #expect(
      try home.column("SELECT record_number FROM finding_current WHERE code = 'Q37' ORDER BY 1")
        == ["1", "2"])
  }

  @Test(arguments: [false, true])
  func `of several versions in a file the latest wins, whatever their order`(_ isReversed: Bool)
    throws
  {
    let home = try TestHome(TestPipeline.alone)
    let versions = [
      penalty(1, updated: 1), penalty(1, updated: 3, Self.fine(9000)),
      penalty(1, updated: 2, Self.fine(7000)),
    ]
    try home.deliver("行政处罚_1.csv", penalties: isReversed ? versions.reversed() : versions)
    #expect(try home.run("2026-06-04").only().summary == "loaded 3: accepted 3")
    #expect(try home.rows(Self.fines) == [["P-1", "9000"]])
    #expect(try home.dump(of: "PEN").count == 3)
  }

  @Test func `a later night brings an older version, which does not replace the newer`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, updated: 3, Self.fine(9000))])
    try home.run("2026-06-03")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1, updated: 1, Self.fine(7000))])
    #expect(try home.run("2026-06-04").only().summary == "loaded 1: accepted 1")
    #expect(try home.rows(Self.fines) == [["P-1", "9000"]])
    try home.deliver("行政处罚_3.csv", penalties: [penalty(1, updated: 4, Self.fine(8000))])
    try home.run("2026-06-05")
    #expect(try home.rows(Self.fines) == [["P-1", "8000"]])
  }

  @Test func `an older version with another key does not bring the record back in time`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, document: 8, updated: 3)])
    try home.run("2026-06-03")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1, document: 7, updated: 1)])
    try home.run("2026-06-04")
    #expect(try home.column("SELECT penalty_doc_no FROM PEN") == ["清市监罚〔2026〕8号"])
  }

  @Test func `operation code 3 deletes, and a later version brings the record back`() throws {
    let home = try TestHome(TestPipeline.alone)
    let deletion: Values = ["operation_type_code": "3"]
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1, updated: 2, deletion)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: deleted 1")
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-2"])
    #expect(
      try home.column("SELECT source_record_id FROM PEN ORDER BY 1", asOf: "2026-06-01")
        == ["P-1", "P-2"])
    try home.deliver("行政处罚_3.csv", penalties: [penalty(1, updated: 3)])
    try home.run("2026-06-03")
    #expect(try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-1", "P-2"])
  }

  @Test func `a deletion that is older than what is there deletes nothing`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, updated: 3)])
    try home.run("2026-06-03")
    try home.deliver(
      "行政处罚_2.csv", penalties: [penalty(1, updated: 1, ["operation_type_code": "3"])])
    try home.run("2026-06-04")
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-1"])
  }

  @Test func `what is older than a deletion and comes later does not bring the record back`() throws
  {
    let home = try TestHome(TestPipeline.alone)
    let deletion: Values = ["operation_type_code": "3"]
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2, updated: 3, deletion)])
    try home.run("2026-06-03")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1, updated: 3, deletion)])
    try home.run("2026-06-04")
    try home.deliver(
      "行政处罚_3.csv", penalties: [penalty(1, updated: 2), penalty(2, updated: 2)])
    #expect(try home.run("2026-06-05").only().summary == "loaded 2: accepted 2")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["0"])
    // The same time as the deletion is no contradiction; who comes last is right.
    try home.deliver("行政处罚_4.csv", penalties: [penalty(1, updated: 3)])
    try home.run("2026-06-06")
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-1"])
  }

  /// The other record was in no table any more, although nobody had deleted it.
  @Test(arguments: [false, true])
  func `a deletion of a record that was overtaken leaves who shows its key`(
    inOneDelivery: Bool
  ) throws {
    let home = try TestHome(TestPipeline.alone)
    let key: Values = ["penalty_doc_no": "清市监罚〔2026〕77号"]
    let taken = penalty(2, updated: 2, key)
    let deletion = penalty(1, updated: 3, key.merging(["operation_type_code": "3"]) { $1 })
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, updated: 1, key)])
    try home.run("2026-06-03")
    try home.deliver("行政处罚_2.csv", penalties: inOneDelivery ? [taken, deletion] : [taken])
    try home.run("2026-06-04")
    if !inOneDelivery {
      try home.deliver("行政处罚_3.csv", penalties: [deletion])
      try home.run("2026-06-05")
    }
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-2"])
    let engine = try home.open()
    #expect(try engine.verify() == [])
    try engine.close()
  }

  /// It stayed open for ever, and its source was asked to correct what it had corrected.
  @Test(arguments: [false, true])
  func `a wrong version with a right one behind it is no open return`(isLast: Bool) throws {
    let home = try TestHome(TestPipeline.alone)
    let wrong = penalty(1, updated: 1, ["decision_date": "不详"])
    let right = penalty(1, updated: 2)
    try home.deliver("行政处罚_1.csv", penalties: isLast ? [right, wrong] : [wrong, right])
    try home.run("2026-06-03")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-1"])
  }

  /// The first of them stayed open for ever.
  @Test func `of two versions that are returned one return is open, and a correction closes it`()
    throws
  {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1, updated: 1, ["decision_date": "不详"]),
        penalty(1, updated: 2, ["decision_date": "不详"]),
      ])
    try home.run("2026-06-03")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["1"])
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1, updated: 3)])
    try home.run("2026-06-04")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
  }

  @Test func `a deletion of a record that is not there is counted and changes nothing`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1), penalty(2, ["operation_type_code": "3"])])
    #expect(try home.run("2026-06-01").only().summary == "loaded 2: accepted 1, deleted 1")
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-1"])
  }

  @Test func `a full delivery removes what it no longer has, and keeps returned records`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...4).map { penalty($0) })
    try home.run("2026-06-01")
    try home.deliver(
      "行政处罚_全量_2.csv",
      penalties: [penalty(1), penalty(3, updated: 2, unknownPenaltyType), penalty(4, updated: 2)])
    #expect(
      try home.run("2026-06-02").only().summary
        == "loaded 3: accepted 1, unchanged 1, returned 1, removed 1")
    #expect(
      try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-1", "P-3", "P-4"])
    #expect(
      try home.column("SELECT count(*) FROM PEN", asOf: "2026-06-01") == ["4"])
    try home.deliver("行政处罚_3.csv", penalties: [penalty(2, updated: 3)])
    try home.run("2026-06-03")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["4"])
  }

  @Test func `an incremental delivery removes nothing`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...4).map { penalty($0) })
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: unchanged 1")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["4"])
  }

  @Test func `a full delivery of one category leaves the others alone`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
    try home.run("2026-06-01")
    try home.deliver("行政处罚_全量_2.csv", penalties: [penalty(2)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: accepted 1, removed 1")
    #expect(try home.column("SELECT count(*) FROM CMP") == ["1"])
  }

  @Test(
    arguments: ["truncated", "without a column", "all wrong", "empty", "no archive", "mojibake"])
  func `a full delivery that is held removes nothing`(_ damage: String) throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...25).map { penalty($0) })
    try home.run("2026-06-01")
    let penalties = (1...24).map { penalty($0, updated: 2) }
    let sheet = try home.sheet("PEN", penalties)
    let bytes: [UInt8]
    switch damage {
    case "truncated":
      var last = sheet
      last.rows[23][10] = "半个字段\n" + last.rows[23][10]
      let whole = last.text
      let cut = try #require(whole.range(of: "半个字段"))
      bytes = gb18030(String(whole[..<cut.upperBound]))
    case "without a column":
      bytes = try home.sheet("PEN", penalties, renaming: ["处罚类别": ""]).gb18030
    case "all wrong":
      bytes = try home.sheet(
        "PEN", penalties.map { $0.merging(unknownPenaltyType) { _, new in new } }
      ).gb18030
    case "empty": bytes = []
    case "no archive": bytes = Array("PK\u{3}\u{4} nothing".utf8)
    default: bytes = mojibake(sheet.text)
    }
    try home.deliver("行政处罚_全量_2.csv", bytes)
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.status == .held, "\(delivery.summary) \(delivery.reason)")
    #expect(delivery.balance.removed == 0)
    #expect(try home.column("SELECT count(*) FROM PEN") == ["25"])
  }

  @Test func `a record that changes its key closes the old key's row`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, document: 7), penalty(2)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1, document: 8, updated: 2)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: accepted 1")
    #expect(
      try home.rows("SELECT source_record_id, penalty_doc_no FROM PEN ORDER BY 1")
        == [["P-1", "清市监罚〔2026〕8号"], ["P-2", "清市监罚〔2026〕2号"]])
    // The old key is free for another record.
    try home.deliver("行政处罚_3.csv", penalties: [penalty(3, document: 7)])
    #expect(try home.run("2026-06-03").only().summary == "loaded 1: accepted 1")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["3"])
  }

  @Test func `two records that swap their keys in one delivery are both current`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1, document: 1), penalty(2, document: 2)])
    try home.run("2026-06-01")
    try home.deliver(
      "行政处罚_2.csv",
      penalties: [penalty(1, document: 2, updated: 2), penalty(2, document: 1, updated: 2)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 2")
    #expect(
      try home.rows("SELECT source_record_id, penalty_doc_no FROM PEN ORDER BY 1")
        == [["P-1", "清市监罚〔2026〕2号"], ["P-2", "清市监罚〔2026〕1号"]])
  }

  @Test func `another record that claims a current key and time is Q37`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, document: 7)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2, document: 7)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: returned 1")
    #expect(try home.column("SELECT code FROM finding_current") == ["Q37"])
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-1"])
  }

  @Test func `another record takes a key over with a later time`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, document: 7), penalty(5)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2, document: 7, updated: 2)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: accepted 1")
    #expect(try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-2", "P-5"])
    // The record that lost its key is still in the source's next full export, then no longer.
    try home.deliver(
      "行政处罚_全量_3.csv",
      penalties: [penalty(1, document: 7), penalty(2, document: 7, updated: 2), penalty(5)])
    try home.run("2026-06-03")
    #expect(try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-2", "P-5"])
    // When the other one goes, it has its key back.
    try home.deliver(
      "行政处罚_4.csv", penalties: [penalty(2, document: 7, updated: 3, ["operation_type_code": "3"])])
    try home.run("2026-06-04")
    try home.deliver("行政处罚_5.csv", penalties: [penalty(1, document: 7, updated: 4)])
    try home.run("2026-06-05")
    #expect(try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-1", "P-5"])
  }

  @Test func `a full delivery without the record that lost its key removes nothing more`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, document: 7), penalty(5)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2, document: 7, updated: 2)])
    try home.run("2026-06-02")
    try home.deliver(
      "行政处罚_全量_4.csv", penalties: [penalty(2, document: 7, updated: 2), penalty(5)])
    try home.run("2026-06-04")
    #expect(try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-2", "P-5"])
  }

  /// A sheet of deletions that say which record they mean and nothing else.
  private static func bareDeletions(_ home: TestHome, _ penalties: [Values]) throws -> [UInt8] {
    let values: Values = ["operation_type_code": "3"]
    var sheet = try home.sheet("PEN", penalties.map { $0.merging(values) { $1 } })
    let kept: Set = ["业务流水号", "操作类型", "数据更新时间"]
    for row in sheet.rows.indices {
      for column in sheet.header[0].indices where !kept.contains(sheet.header[0][column]) {
        sheet.rows[row][column] = ""
      }
    }
    return sheet.gb18030
  }

  @Test func `a bare deletion deletes, unless it is older than what is there`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...2).map { penalty($0, updated: 3) })
    try home.run("2026-06-03")
    try home.deliver(
      "行政处罚_2.csv",
      Self.bareDeletions(home, [penalty(1, updated: 2), penalty(2, updated: 4)]))
    #expect(try home.run("2026-06-04").only().summary == "loaded 2: deleted 2")
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-1"])
    // What is older than the deletion and comes later stays away.
    try home.deliver("行政处罚_3.csv", penalties: [penalty(2, updated: 1)])
    try home.run("2026-06-05")
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-1"])
  }

  @Test func `records without a time follow each other as they arrive`() throws {
    let home = try TestHome(TestPipeline.alone)
    let timeless: Values = ["source_update_time": ""]
    func fines(_ name: String, _ yuan: Int, _ more: Values, updated: Int = 1) throws {
      try home.deliver(
        name,
        penalties: [penalty(1, updated: updated, Self.fine(yuan).merging(more) { $1 })])
    }
    try fines("行政处罚_1.csv", 7000, timeless)
    let first = try home.run("2026-06-01").only().summary
    try #require(first == "loaded 1: accepted 1" || first == "loaded 1: returned 1")
    guard first == "loaded 1: accepted 1" else { return }
    try fines("行政处罚_2.csv", 8000, timeless)
    try home.run("2026-06-02")
    #expect(try home.rows(Self.fines) == [["P-1", "8000"]])
    try fines("行政处罚_3.csv", 9000, [:], updated: 3)
    try home.run("2026-06-03")
    try fines("行政处罚_4.csv", 6000, timeless)
    try home.run("2026-06-04")
    #expect(try home.rows(Self.fines) == [["P-1", "6000"]])
    // A version older than the last known time is history all the same.
    try fines("行政处罚_5.csv", 5500, [:], updated: 2)
    try home.run("2026-06-05")
    #expect(try home.rows(Self.fines) == [["P-1", "6000"]])
  }

  @Test func `versions of one record under two keys leave one row`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [penalty(1, document: 8, updated: 2), penalty(1, document: 7, updated: 1)])
    #expect(try home.run("2026-06-03").only().summary == "loaded 2: accepted 2")
    #expect(try home.column("SELECT penalty_doc_no FROM PEN") == ["清市监罚〔2026〕8号"])
  }

  @Test func `a record has its key back when the one that took it moves away`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, document: 7), penalty(5)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2, document: 7, updated: 2)])
    try home.run("2026-06-02")
    try home.deliver(
      "行政处罚_全量_3.csv", penalties: [penalty(1, document: 7), penalty(2, document: 7, updated: 2)])
    #expect(
      try home.run("2026-06-03").only().summary == "loaded 2: unchanged 2, removed 1")
    try home.deliver("行政处罚_4.csv", penalties: [penalty(2, document: 9, updated: 3)])
    try home.run("2026-06-04")
    #expect(try home.column("SELECT source_record_id FROM PEN") == ["P-2"])
    try home.deliver(
      "行政处罚_全量_5.csv", penalties: [penalty(1, document: 7), penalty(2, document: 9, updated: 3)])
    #expect(
      try home.run("2026-06-05").only().summary == "loaded 2: accepted 1, unchanged 1")
    #expect(try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-1", "P-2"])
  }

  @Test func `two full deliveries of one night remove nothing`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...4).map { penalty($0) })
    try home.run("2026-06-01")
    try home.deliver("行政处罚_全量_2.csv", penalties: [penalty(1), penalty(2)])
    try home.deliver("行政处罚_全量_3.csv", penalties: [penalty(3), penalty(6)])
    let outcome = try home.run("2026-06-02")
    #expect(
      outcome.deliveries.map(\.summary) == [
        "loaded 2: unchanged 2", "loaded 2: accepted 1, unchanged 1",
      ])
    #expect(outcome.deliveries.allSatisfy { $0.reason.contains("2 full deliveries") })
    #expect(try home.column("SELECT count(*) FROM PEN") == ["5"])
  }

  @Test func `a note that nothing was removed is made once, however often it is judged`() throws {
    struct Stop: Error {}
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...4).map { penalty($0) })
    try home.run("2026-06-01")
    try home.deliver("行政处罚_全量_2.csv", penalties: [penalty(5)])
    try home.deliver("行政处罚_全量_3.csv", penalties: [penalty(6)])
    #expect(throws: Stop.self) {
      try home.interrupted("2026-06-02") { $0.beforeApplying = { _ in throw Stop() } }
    }
    let outcome = try home.run("2026-06-02")
    #expect(outcome.deliveries.map(\.summary) == ["loaded 1: accepted 1", "loaded 1: accepted 1"])
    #expect(
      outcome.deliveries.map(\.reason)
        == Array(repeating: "2 full deliveries in one night: nothing was removed", count: 2))
  }

  @Test func `a full delivery that comes twice removes, also if its bytes came before`() throws {
    let home = try TestHome(TestPipeline.alone)
    func deliver(_ part: Int, _ numbers: ClosedRange<Int>) throws {
      try home.deliver("行政处罚_全量_\(part).csv", penalties: numbers.map { penalty($0) })
    }
    try deliver(1, 1...3)
    try home.run("2026-06-01")
    try deliver(2, 1...4)
    try home.run("2026-06-02")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["4"])
    for part in 3...4 { try deliver(part, 1...3) }
    let outcome = try home.run("2026-06-03")
    #expect(outcome.deliveries.map(\.status) == [.loaded, .repeated])
    #expect(outcome.deliveries[0].balance.removed == 1)
    #expect(outcome.deliveries[1].reason.contains("行政处罚_全量_3.csv"))
    #expect(try home.column("SELECT count(*) FROM PEN") == ["3"])
  }
}
