import Catalog
import Pipeline
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// A case that penalties point to.
func enforcementCase(_ number: Int, _ more: Values = [:]) -> Values {
  ["source_record_id": "C-\(number)", "case_no": "QY-CAS-\(number)"].merging(more) { $1 }
}

/// The two officers of the base records.
let officers: [Values] = [
  [:],
  [
    "source_record_id": "SAM-AGO-0002", "officer_name": "乙二", "officer_cert_no": "51010400102",
    "officer_id_no": "510104190001040049",
  ],
]

extension TestHome {
  func deliver(_ category: String, _ name: String, _ records: [Values]) throws {
    try deliver(name, sheet(category, records).gb18030)
  }

  /// Document numbers of the penalties that readers see.
  func penalties(asOf night: String? = nil) throws -> [String] {
    try column("SELECT source_record_id FROM PEN ORDER BY 1", asOf: night)
  }

  func pending(asOf night: String? = nil) throws -> [String] {
    try column("SELECT source_record_id FROM pending_record ORDER BY 1", asOf: night)
  }

  func reasons(_ record: String, asOf night: String? = nil) throws -> [String] {
    try column(
      "SELECT f.rule FROM finding_current AS f JOIN "
        + "(SELECT record, source_record_id FROM PEN UNION ALL "
        + "SELECT record, source_record_id FROM pending_record UNION ALL "
        + "SELECT record, source_record_id FROM returned_record) AS r USING (record) "
        + "WHERE r.source_record_id = '\(record)' ORDER BY 1", asOf: night)
  }
}

/// Records that wait for the record they refer to (semantics.md §7).
@Suite("Pending records")
struct PendingTests {
  /// Officers and subjects are there; cases come as a test wants them.
  private func makeHome(_ cases: [Int] = [1]) throws -> TestHome {
    let home = try TestHome(TestPipeline.real)
    try home.deliver("AGO", "执法人员_1.csv", officers)
    try home.deliver("ENT", "市场主体登记_1.csv", [[:]])
    try home.deliver("CAS", "案件办理_1.csv", cases.map { enforcementCase($0) })
    return home
  }

  private func report(_ home: TestHome, _ night: String) throws -> MorningReport {
    try MorningReport(
      WarehouseReader(folder: home.home.warehouse), catalog: home.pipeline.catalog,
      configuration: home.configuration, night: night)
  }

  @Test func `a record waits, and is shown the night its target comes`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2)])
    let first = try home.run("2026-06-02")
    #expect(try first.delivery("行政处罚_1.csv").summary == "loaded 2: accepted 1, pending 1")
    #expect(first.total.pending == 1)
    #expect(try home.penalties() == ["P-1"])
    #expect(try home.pending() == ["P-2"])
    #expect(try home.reasons("P-2") == ["CR41"])
    #expect(
      try home.rows("SELECT code, severity, expected FROM finding_current WHERE rule = 'CR41'")
        == [
          [
            "Q32", "return",
            "案件办理信息(CAS):执法主体统一社会信用代码=11510104MBQY00105W、案件编号=QY-CAS-2",
          ]
        ])
    #expect(home.returns("2026-06-02") == [])
    #expect(
      try report(home, "2026-06-02").pending.map {
        "\($0.system) \($0.category) \($0.rule) \($0.records) \($0.since)"
      } == ["SAM PEN CR41 1 2026-06-02"])
    try home.deliver("CAS", "案件办理_2.csv", [enforcementCase(2)])
    let second = try home.run("2026-06-03")
    #expect(second.waiting == .init(published: 1, returned: 0, open: 0))
    #expect(try report(home, "2026-06-03").pending == [])
    #expect(try home.penalties() == ["P-1", "P-2"])
    #expect(try home.pending() == [])
    #expect(try home.reasons("P-2") == [])
    // It keeps its delivery; past nights stay what they were.
    #expect(
      try home.column(
        "SELECT file_name FROM PEN JOIN delivery_ledger USING (delivery) "
          + "WHERE source_record_id = 'P-2'") == ["行政处罚_1.csv"])
    #expect(try home.pending(asOf: "2026-06-02") == ["P-2"])
    #expect(try home.penalties(asOf: "2026-06-02") == ["P-1"])
    #expect(try home.reasons("P-2", asOf: "2026-06-02") == ["CR41"])
    #expect(
      try home.column(
        "SELECT value FROM PEN_each_officer_cert_no JOIN PEN USING (record) "
          + "WHERE source_record_id = 'P-2' ORDER BY ordinal") == ["51010400101", "51010400102"])
  }

  @Test func `what does not come in ten working days goes back`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2)])
    // 2026-06-19 is a holiday, so that the tenth working day is a day later.
    try home.run("2026-06-10")
    #expect(try home.column("SELECT due FROM pending_record") == ["2026-06-25"])
    try home.deliver("CAS", "案件办理_2.csv", [enforcementCase(3)])
    try home.run("2026-06-24")
    #expect(try home.pending() == ["P-2"])
    try home.deliver("CAS", "案件办理_3.csv", [enforcementCase(4)])
    let last = try home.run("2026-06-25")
    #expect(last.waiting == .init(published: 0, returned: 1, open: 0))
    #expect(try home.pending() == [])
    #expect(try home.column("SELECT source_record_id FROM returned_record") == ["P-2"])
    #expect(try home.column("SELECT attempt FROM returned_record") == ["1"])
    let name = try #require(home.returns("2026-06-25").first)
    #expect(home.returns("2026-06-25").count == 1)
    let returned = text(gb18030: try home.returnBytes("2026-06-25", name))
    #expect(returned.contains("Q32"))
    #expect(returned.contains("QY-CAS-2"))
    #expect(returned.contains("核对案件编号"))
    #expect(!returned.contains("P-1"))
    #expect(Files.below("\(home.home.returns)/SAM/2026-06-25").count == 2)
    // The corrected record is accepted and closes the return.
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2, updated: 2, ["case_no": "QY-CAS-1"])])
    #expect(try home.run("2026-06-26").only().summary == "loaded 1: accepted 1")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
  }

  @Test func `an expired certificate is said as such`() throws {
    let home = try makeHome()
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1, ["decision_date": "2022-03-02"]),
        penalty(1, document: 7, ["source_record_id": "P-7", "officer_cert_no": "51010400199"]),
      ])
    try home.run("2026-06-02")
    #expect(
      try home.rows("SELECT code, rule FROM finding_current WHERE rule = 'CR42'")
        .contains(["Q33", "CR42"]))
    #expect(
      try home.column("SELECT expected FROM finding_current WHERE rule = 'CR42'").contains {
        $0.contains("51010400199")
      })
  }

  @Test func `nothing goes back while the target's delivery is missing`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(2)])
    try home.run("2026-06-02")
    try home.run("2026-06-30")
    #expect(try home.pending() == ["P-2"])
    try home.deliver("CAS", "案件办理_2.csv", [enforcementCase(3)])
    try home.run("2026-07-01")
    #expect(try home.column("SELECT source_record_id FROM returned_record") == ["P-2"])
  }

  @Test func `nothing goes back while the target's delivery is held`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(2)])
    try home.run("2026-06-02")
    try home.deliver("CAS", "案件办理_2.csv", [enforcementCase(3)])
    try home.deliver("案件办理_3.csv", Array("列\r\n值\r\n".utf8))
    let night = try home.run("2026-06-30")
    let held = try night.delivery("案件办理_3.csv")
    #expect(held.status == .held)
    #expect(try home.pending() == ["P-2"])
    try home.decide(held.id, release: false)
    try home.deliver("CAS", "案件办理_4.csv", [enforcementCase(4)])
    try home.run("2026-07-01")
    #expect(try home.column("SELECT source_record_id FROM returned_record") == ["P-2"])
  }

  @Test func `sent again it waits once; changed it takes the place; deleted it is gone`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(2), penalty(3), penalty(4)])
    try home.run("2026-06-02")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2), penalty(9, ["case_no": "QY-CAS-1"])])
    #expect(
      try home.run("2026-06-03").only().summary == "loaded 2: accepted 1, unchanged 1")
    #expect(try home.pending() == ["P-2", "P-3", "P-4"])
    try home.deliver(
      "行政处罚_3.csv",
      penalties: [
        penalty(2, updated: 2, ["case_no": "QY-CAS-8"]),
        penalty(3, updated: 2, ["case_no": "QY-CAS-1"]),
        penalty(4, updated: 2, ["operation_type_code": "3"]),
      ])
    #expect(
      try home.run("2026-06-04").only().summary
        == "loaded 3: accepted 1, pending 1, deleted 1")
    #expect(try home.pending() == ["P-2"])
    #expect(try home.penalties() == ["P-3", "P-9"])
    // The case that the first version wanted wakes nobody.
    try home.deliver("CAS", "案件办理_2.csv", (2...4).map { enforcementCase($0) })
    try home.run("2026-06-05")
    #expect(try home.pending() == ["P-2"])
    try home.deliver("CAS", "案件办理_3.csv", [enforcementCase(8)])
    try home.run("2026-06-06")
    #expect(try home.penalties() == ["P-2", "P-3", "P-9"])
  }

  @Test func `the version that it would replace stays until it is shown`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-02")
    try home.deliver(
      "行政处罚_2.csv", penalties: [penalty(1, updated: 2, ["case_no": "QY-CAS-2"])])
    try home.run("2026-06-03")
    #expect(try home.column("SELECT case_no FROM PEN") == ["QY-CAS-1"])
    try home.deliver("CAS", "案件办理_2.csv", [enforcementCase(2)])
    try home.run("2026-06-04")
    #expect(try home.column("SELECT case_no FROM PEN") == ["QY-CAS-2"])
    #expect(try home.column("SELECT case_no FROM PEN", asOf: "2026-06-03") == ["QY-CAS-1"])
  }

  @Test func `an older version that comes later does not end the waiting`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, updated: 3, ["case_no": "QY-CAS-2"])])
    try home.run("2026-06-09")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1, updated: 2)])
    try home.run("2026-06-10")
    #expect(try home.column("SELECT case_no FROM PEN") == ["QY-CAS-1"])
    #expect(try home.pending() == ["P-1"])
    try home.deliver("CAS", "案件办理_2.csv", [enforcementCase(2)])
    try home.run("2026-06-11")
    #expect(try home.column("SELECT case_no FROM PEN") == ["QY-CAS-2"])
  }

  @Test func `a full delivery that lacks a waiting record ends its waiting`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2)])
    try home.run("2026-06-02")
    try home.deliver("行政处罚_全量_2.csv", penalties: [penalty(1)])
    try home.run("2026-06-03")
    #expect(try home.pending() == [])
  }

  @Test func `two files of one night hold a record once`() throws {
    let home = try makeHome([1, 2])
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2), penalty(7)])
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2), penalty(1), penalty(7)])
    let night = try home.run("2026-06-02")
    #expect(
      try night.delivery("行政处罚_1.csv").summary == "loaded 3: accepted 2, pending 1")
    #expect(try night.delivery("行政处罚_2.csv").summary == "loaded 3: unchanged 3")
    #expect(try home.penalties() == ["P-1", "P-2"])
    #expect(try home.pending() == ["P-7"])
  }

  // MARK: Labels

  @Test func `labels of older records follow what they rely on`() throws {
    let home = try makeHome()
    try home.deliver("LIC", "资质许可_1.csv", [[:]])
    try home.run("2026-06-02")
    func labels(_ night: String? = nil) throws -> [String] {
      try home.column(
        "SELECT rule FROM finding_current WHERE category = 'LIC' AND rule LIKE 'CR%' ORDER BY 1",
        asOf: night)
    }
    #expect(try labels() == [])
    try home.deliver(
      "ENT", "市场主体登记_2.csv",
      [["operation_type_code": "3", "source_update_time": "2026-04-02 01:00:00"]])
    try home.run("2026-06-03")
    #expect(try labels() == ["CR49"])
    try home.deliver("ENT", "市场主体登记_3.csv", [["source_update_time": "2026-04-03 01:00:00"]])
    try home.run("2026-06-04")
    #expect(try labels() == [])
    #expect(try labels("2026-06-03") == ["CR49"])
    #expect(try labels("2026-06-02") == [])
  }

  @Test func `a case that goes leaves its penalties labelled, not hidden`() throws {
    let home = try makeHome()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-02")
    try home.deliver(
      "CAS", "案件办理_2.csv",
      [
        enforcementCase(
          1, ["operation_type_code": "3", "source_update_time": "2026-06-02 01:00:00"])
      ])
    try home.run("2026-06-03")
    #expect(try home.penalties() == ["P-1"])
    #expect(try home.reasons("P-1") == ["CR41"])
  }
}
