import Access
import Catalog
import Records
import TestSupport
import Testing

@Suite("Over-reach alerts")
struct OverreachScanTests {
  private var catalog: Catalog

  init() throws {
    catalog = try TestPipeline.real.get().catalog
    catalog.approvals.alerts.baselineDays = 10
    catalog.approvals.alerts.rowsFactor = 4
    catalog.approvals.alerts.rowsMinimum = 20
    catalog.approvals.alerts.deniedPerDay = 3
  }

  private func entry(
    _ time: String, _ rows: Int = 0, action: AccessAction = .read, user name: String = "li",
    of department: String = "公安局", denied: Bool = false, category: String = "PEN",
    elements: [String] = [], reference: String = ""
  ) throws -> WrittenEntry {
    var event = AccessEvent(
      time: at(time), person: user(name, department), action: action,
      outcome: denied ? .denied : .allowed, rule: "T")
    event.see((0..<rows).map { Fingerprint(high: 1, low: UInt64($0)) })
    event.category = category
    event.elements = elements
    event.reference = reference
    let line = AccessEntry(sequence: 1, event, file: nil, previous: .zero).line
    return try #require(WrittenEntry(line: line.dropLast()))
  }

  private func alerts(
    _ entries: [WrittenEntry], grants: [Grant] = [], _ first: String = "2026-03-01",
    _ last: String = "2026-03-31"
  ) throws -> [String] {
    var scan = OverreachScan(catalog, grants: grants)
    for entry in entries { scan.add(entry) }
    let days = try #require(CivilDate(first)).dayNumber...#require(CivilDate(last)).dayNumber
    let found = scan.alerts(days)
    var reversed = OverreachScan(catalog, grants: grants)
    for entry in entries.reversed() { reversed.add(entry) }
    #expect(reversed.alerts(days) == found)
    for alert in found {
      #expect(alert.english.contains(alert.user) && alert.chinese.contains(alert.user))
    }
    return found.map {
      "\(CivilDate(dayNumber: $0.day)) \($0.kind.rawValue) \($0.user) \($0.count)/\($0.limit)"
    }
  }

  @Test func `records that are read at the console count, and are never outside a grant`() throws {
    let usual = try (1...5).map { try entry("2026-03-0\($0)T09:00:00", 6, action: .queue) }
    let names = try #require(catalog.category("PEN")).elements.map(\.element.identifier)
    let open = try (0..<25).map { number in
      try entry(
        "2026-03-06T09:00:\(number < 10 ? "0" : "")\(number)", 1, action: .record, elements: names)
    }
    #expect(try alerts(usual) == [])
    #expect(try alerts(usual + open) == ["2026-03-06 rows-rise li 25/6"])
  }

  @Test func `far more than on any day before is said, once the minimum is reached`() throws {
    let usual = try (1...5).map { try entry("2026-03-0\($0)T09:00:00", 6) }
    #expect(try alerts(usual) == [])
    // Four times six are 24: said from 25 on.
    #expect(try alerts(usual + [entry("2026-03-06T09:00:00", 24)]) == [])
    #expect(
      try alerts(usual + [entry("2026-03-06T09:00:00", 25)]) == ["2026-03-06 rows-rise li 25/6"])
    // The sum of the day counts, of one user by any spelling.
    let parts = try [
      entry("2026-03-06T09:00:00", 13), entry("2026-03-06T23:59:59", 12, user: "LI"),
    ]
    #expect(try alerts(usual + parts) == ["2026-03-06 rows-rise li 25/6"])
    #expect(
      try alerts(usual + [parts[0], entry("2026-03-07T00:00:00", 12)]) == [])
    // Who never read before is measured by the minimum alone.
    #expect(try alerts([entry("2026-03-06T09:00:00", 19)]) == [])
    #expect(
      try alerts([entry("2026-03-06T09:00:00", 20)]) == ["2026-03-06 rows-rise li 20/0"])
    // What lies further back than the baseline does not count.
    let old = try entry("2026-02-20T09:00:00", 20)
    #expect(
      try alerts([old, entry("2026-03-02T09:00:00", 30)]) == [])
    #expect(
      try alerts([old, entry("2026-03-03T09:00:00", 30)]) == ["2026-03-03 rows-rise li 30/0"])
  }

  @Test func `rows of queries count too`() throws {
    let query = try entry("2026-03-06T09:00:00", action: .queryResult, reference: "rows:40")
    #expect(try alerts([query]) == ["2026-03-06 rows-rise li 40/0"])
    #expect(
      try alerts([entry("2026-03-06T09:00:00", action: .shareRequest, reference: "rows:40")]) == [])
  }

  @Test func `being denied often is said, whatever was asked for`() throws {
    func denied(_ count: Int, _ day: Int = 6) throws -> [WrittenEntry] {
      try (0..<count).map {
        try entry(
          "2026-03-0\(day)T09:0\($0):00", action: $0 % 2 == 0 ? .export : .shareApprove,
          denied: true)
      }
    }
    #expect(try alerts(denied(2) + denied(2, 7)) == [])
    #expect(try alerts(denied(3)) == ["2026-03-06 denied-often li 3/3"])
    #expect(try alerts(denied(3), "2026-03-07", "2026-03-08") == [])
  }

  @Test func `what neither tier nor grant covers is said`() throws {
    let read = try entry(
      "2026-03-06T09:00:00", 1, elements: ["penalty_doc_no", "person_name", "person_id_no"])
    #expect(try alerts([read]) == ["2026-03-06 outside-grant li 1/0"])
    func grant(until: String, revoked: String? = nil) throws -> Grant {
      let request = try ShareRequest(
        id: "R000001", requester: user("zhang", "公安局"), purpose: "x", category: "PEN",
        elements: ["person_name", "person_id_no"], tier: .restricted, condition: nil,
        period: AccessPeriod(
          firstSecond: at("2026-03-02T09:00:00"), lastSecond: at(until)),
        time: at("2026-03-02T09:00:00"), catalog: catalog)
      return Grant(
        id: "G000001", request: request, terms: "", granted: at("2026-03-02T09:00:00"),
        revoked: revoked.map(at))
    }
    #expect(try alerts([read], grants: [grant(until: "2026-03-06T09:00:00")]) == [])
    #expect(try alerts([read], grants: [grant(until: "2026-03-06T08:59:59")]).count == 1)
    // Revoked later: it was a grant then.
    #expect(
      try alerts(
        [read], grants: [grant(until: "2026-03-31T00:00:00", revoked: "2026-03-06T09:00:01")])
        == [])
    #expect(
      try alerts(
        [read], grants: [grant(until: "2026-03-31T00:00:00", revoked: "2026-03-06T09:00:00")]
      ).count == 1)
    #expect(
      try alerts([entry("2026-03-06T09:00:00", 1, elements: ["penalty_doc_no"])]) == [])
    // A department without a tier of its own reads what is public.
    #expect(
      try alerts([
        entry("2026-03-06T09:00:00", 1, of: "未注明", elements: ["party_type_code"]),
        entry("2026-03-06T09:00:00", 1, of: "未注明", category: "VIO", elements: ["uscc"]),
      ]).count == 1)
  }
}

@Suite("Queries in the access log")
struct LoggedQueryTests {
  @Test(
    arguments: [
      ("SELECT count(*) FROM PEN", "SELECT count(*) FROM PEN"),
      (
        "SELECT * FROM PEN WHERE person_name = '张三' AND x = 'it''s'",
        "SELECT * FROM PEN WHERE person_name = '…' AND x = '…'"
      ),
      (
        "SELECT * FROM PEN WHERE person_name = \"张三\"",
        "SELECT * FROM PEN WHERE person_name = \"…\""
      ),
      ("SELECT 1 -- 张三\n, 2", "SELECT 1 \n, 2"), ("SELECT /* 张三 */ 1", "SELECT   1"),
      ("SELECT `张三`, [李四]", "SELECT `…`, […]"),
      (
        "SELECT * FROM t WHERE card = 12345678 LIMIT 1000",
        "SELECT * FROM t WHERE card = … LIMIT 1000"
      ),
      ("SELECT x'5A' FROM t WHERE n = '未完", "SELECT x'…' FROM t WHERE n = '…'"),
      ("SELECT 1 /* 张三", "SELECT 1  "),
    ])
  func `values do not get in`(_ sql: String, _ logged: String) {
    #expect(LoggedText(sql: sql).text == logged)
  }
}
