import Foundation
import FoundationXML
import Pipeline
import TestSupport
import Testing
import Warehouse

/// Nights of JSON and XML, in the definitions of another organisation.
@Suite("Nested documents")
struct DocumentNightTests {
  private struct Visit {
    var id = 1
    var fee = "\"12.50\""
    var groups = ""
    var members = ""
    var more = ""
    var time = "\"2026-03-01T10:00:00\""

    var json: String {
      """
      {"id": "E\(id)", "ticket": {"number": "T\(id)", "time": \(time)},
       "changed": "2026-03-01T18:00:00", "fee": \(fee), "weather": "晴",
       "groups": [\(groups)], "members": [\(members)]\(more)}
      """
    }

    var xml: String {
      """
      <t:Visit id="E\(id)"><t:Ticket number="T\(id)"><t:Time>2026-03-01 10:00:00</t:Time></t:Ticket>
      <t:Changed>2026-03-01 18:00:00</t:Changed><t:Fee>\(fee)</t:Fee>
      <t:Groups>\(groups)</t:Groups>\(more)</t:Visit>
      """
    }
  }

  private func garden(_ visits: [Visit], total: Int? = nil) -> [UInt8] {
    let list = visits.map(\.json).joined(separator: ",\n")
    return Array(
      "{\"code\": 0, \"data\": {\"total\": \(total ?? visits.count), \"visits\": [\(list)]}}\n"
        .utf8)
  }

  private func theatre(_ visits: [Visit], count: Int? = nil) -> [UInt8] {
    gb18030(
      """
      <?xml version="1.0" encoding="GB2312"?>
      <!-- 检票 -->
      <t:Export xmlns:t="urn:example:theatre" count="\(count ?? visits.count)">
      \(visits.map(\.xml).joined(separator: "\n"))
      </t:Export>
      """)
  }

  private func member(_ number: Int, name: String = "张小明", valid: String = "20271231") -> String {
    """
    {"id": "M\(number)", "card": "1000000\(number)", "name": "\(name)", "validTo": "\(valid)"}
    """
  }

  @Test func `an envelope gives records, the records in them, and rows inside`() throws {
    let home = try TestHome(TestPipeline.second)
    var first = Visit()
    first.groups =
      "{\"time\": \"20260301T093000\", \"paid\": {\"fee\": 3}}, {\"time\": \"20260301T100000\", \"paid\": {\"fee\": 4.5}}"
    first.members = [member(1), member(2)].joined(separator: ",")
    var second = Visit(id: 2)
    second.members = member(3, name: "")
    try home.deliver("garden_1.json", garden([first, second]), system: "GAR")
    let outcome = try home.run("2026-03-02")
    #expect(
      outcome.deliveries.map { "\($0.category) \($0.summary)" } == [
        "VISIT loaded 2: accepted 2", "READER loaded 3: accepted 2, returned 1",
      ])
    #expect(
      try home.rows("SELECT visit_no, visited_at, fee_fen, origin_system FROM VISIT ORDER BY 1")
        == [
          ["T1", "2026-03-01T10:00:00", "1250", "GAR"],
          ["T2", "2026-03-01T10:00:00", "1250", "GAR"],
        ]
    )
    #expect(
      try home.rows(
        "SELECT v.visit_no, g.ordinal, g.visited_at, g.fee_fen FROM VISIT_each_groups g "
          + "JOIN VISIT v USING (record) ORDER BY 1, 2")
        == [["T1", "1", "2026-03-01T09:30:00", "300"], ["T1", "2", "2026-03-01T10:00:00", "450"]])
    #expect(try home.column("SELECT card_no FROM READER ORDER BY 1") == ["10000001", "10000002"])
    // The member alone comes back, in a visit that says which one it was.
    let name = try #require(home.returns("2026-03-02", system: "GAR").first)
    #expect(name == "garden_1.退回-READER-2.json")
    let data = Data(try home.returnBytes("2026-03-02", name, system: "GAR"))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let envelope = try #require(root["data"] as? [String: Any])
    #expect(envelope["total"] as? Int == 1)
    let visit = try #require((envelope["visits"] as? [[String: Any]])?.first)
    #expect(visit["id"] as? String == "E2")
    #expect((visit["members"] as? [[String: Any]])?.count == 1)
    #expect(visit["退回问题代码"] as? String == "Q11")
    #expect(visit["退回次数"] as? String == "1")
  }

  @Test func `a corrected return is answered in the form in which it came`() throws {
    let home = try TestHome(TestPipeline.second)
    var visit = Visit()
    visit.members = [member(1), member(2, name: "")].joined(separator: ",")
    try home.deliver("garden_1.json", garden([visit]), system: "GAR")
    try home.run("2026-03-02")
    let name = try #require(home.returns("2026-03-02", system: "GAR").first)
    let text = String(
      decoding: try home.returnBytes("2026-03-02", name, system: "GAR"), as: UTF8.self)
    let corrected = text.replacingOccurrences(of: "\"name\": \"\"", with: "\"name\": \"李小红\"")
    #expect(corrected != text)
    try home.deliver(name, Array(corrected.utf8), system: "GAR")
    let outcome = try home.run("2026-03-03")
    #expect(
      outcome.deliveries.map { "\($0.category) \($0.summary)" } == ["READER loaded 1: accepted 1"])
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
    #expect(try home.column("SELECT count(*) FROM READER") == ["2"])
    #expect(outcome.deliveries.first?.drift == "")
  }

  @Test func `XML declared as GB2312 over GB 18030 loads, and comes back in its own frame`() throws
  {
    let home = try TestHome(TestPipeline.second)
    var good = Visit(
      fee: "<![CDATA[8.5]]>", groups: "<t:Group time=\"20260301T090000\">2.50</t:Group>")
    good.more = "<t:Seat>镕排</t:Seat>"
    let bad = Visit(id: 2, fee: "八点五元整以上")
    try home.deliver("theatre_1.xml", theatre([good, bad]), system: "THE")
    let outcome = try home.run("2026-03-02")
    let delivery = try outcome.only()
    #expect(delivery.summary == "loaded 2: accepted 1, returned 1")
    #expect(delivery.encoding == "gb18030")
    #expect(delivery.drift == "new (evolve): t:Seat" || delivery.drift == "new (evolve): Seat")
    #expect(try home.rows("SELECT visit_no, fee_fen FROM VISIT") == [["T1", "850"]])
    #expect(try home.rows("SELECT ordinal, fee_fen FROM VISIT_each_groups") == [["1", "250"]])
    let name = try #require(home.returns("2026-03-02", system: "THE").first)
    let bytes = try home.returnBytes("2026-03-02", name, system: "THE")
    let returned = text(gb18030: bytes)
    #expect(returned.hasPrefix("<?xml version=\"1.0\" encoding=\"GB18030\"?>\n<t:Export xmlns:t="))
    let document = try XMLDocument(
      xmlString: returned.replacingOccurrences(of: "GB18030", with: "UTF-8"))
    let visits = document.rootElement()?.elements(forName: "t:Visit") ?? []
    #expect(visits.count == 1)
    #expect(visits.first?.elements(forName: "退回问题代码").first?.stringValue == "Q21")
    // Once more, unchanged: returned again, and the remarks of the last time are replaced.
    try home.deliver("theatre_2.退回-1.xml", bytes, system: "THE")
    try home.run("2026-03-03")
    let again = try #require(home.returns("2026-03-03", system: "THE").first)
    let second = text(gb18030: try home.returnBytes("2026-03-03", again, system: "THE"))
    #expect(second.components(separatedBy: "<退回次数>").count == 2)
    #expect(second.contains("<退回次数>2</退回次数>"))
  }

  @Test(
    arguments: [
      ("total", "Q15 1 records, the document says that it has 3"),
      ("cut", "Q15 the document is broken"),
      ("elsewhere", "Q21 the document has no place with records"),
    ])
  func `a document that is not what it says is held`(
    kind: String, reason: String
  ) throws {
    let home = try TestHome(TestPipeline.second)
    var json = garden([Visit()], total: kind == "total" ? 3 : nil)
    var xml = theatre([Visit(fee: "1")], count: kind == "total" ? 3 : nil)
    if kind == "cut" {
      json.removeLast(20)
      xml.removeLast(20)
    }
    if kind == "elsewhere" {
      json = Array("{\"data\": {\"list\": [{\"id\": 1}]}}".utf8)
      xml = Array("<Other><Visit/></Other>".utf8)
    }
    try home.deliver("garden_1.json", json, system: "GAR")
    try home.deliver("theatre_1.xml", xml, system: "THE")
    let outcome = try home.run("2026-03-02")
    #expect(outcome.deliveries.count == 3)
    for delivery in outcome.deliveries {
      #expect(delivery.status == .held)
      #expect(delivery.reason.hasPrefix(reason), "\(delivery.category): \(delivery.reason)")
    }
    #expect(outcome.total.isBalanced)
  }

  @Test func `a fault stays with its record`() throws {
    let home = try TestHome(TestPipeline.second)
    let visits = [
      Visit(id: 1), Visit(id: 2, fee: "01"), Visit(id: 3), Visit(id: 4, more: ", \"id\": \"E5\""),
      Visit(id: 5, fee: "\"bad \\q escape\""), Visit(id: 6),
    ]
    try home.deliver("garden_1.json", garden(visits), system: "GAR")
    let outcome = try home.run("2026-03-02")
    #expect(outcome.deliveries.first?.summary == "loaded 6: accepted 3, returned 3")
    #expect(
      try home.rows(
        "SELECT record_number, rule FROM finding_current WHERE category = 'VISIT' ORDER BY 1")
        == [["2", "record.malformed"], ["4", "record.duplicateName"], ["5", "record.malformed"]])
    // What is broken comes back as a text, in a file that is not.
    let name = try #require(home.returns("2026-03-02", system: "GAR").first)
    let data = Data(try home.returnBytes("2026-03-02", name, system: "GAR"))
    let root = try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]]
    let units = try #require(root?["data"]?["visits"] as? [[String: Any]])
    #expect((units[0]["原文"] as? String)?.contains("\"fee\": 01") == true)
  }

  @Test func `the same documents a second time are unchanged, other groups are a change`() throws {
    let home = try TestHome(TestPipeline.second)
    var visit = Visit(members: member(1))
    try home.deliver("garden_1.json", garden([visit, Visit(id: 2)]), system: "GAR")
    try home.run("2026-03-02")
    visit.groups = "{\"time\": \"20260301T093000\", \"paid\": {\"fee\": 3}}"
    try home.deliver("garden_2.json", garden([visit, Visit(id: 2)]), system: "GAR")
    let outcome = try home.run("2026-03-03")
    #expect(
      outcome.deliveries.map { "\($0.category) \($0.summary)" } == [
        "VISIT loaded 2: accepted 1, unchanged 1", "READER loaded 1: accepted 1",
      ])
    #expect(try home.column("SELECT count(*) FROM VISIT_each_groups") == ["1"])
    #expect(
      try home.column("SELECT count(*) FROM VISIT_each_groups", asOf: "2026-03-02") == ["0"])
  }

  @Test func `a bad row inside returns its record and says which row it is`() throws {
    let home = try TestHome(TestPipeline.second)
    let visit = Visit(
      groups:
        "{\"time\": \"20260301T093000\", \"paid\": {\"fee\": 3}}, {\"time\": \"20260301T103000\"}")
    try home.deliver("garden_1.json", garden([visit]), system: "GAR")
    let outcome = try home.run("2026-03-02")
    #expect(outcome.deliveries.first?.summary == "loaded 1: returned 1")
    let found = try home.rows("SELECT code, rule, element, expected FROM finding_current")
    #expect(found.count == 1)
    #expect(found[0][0] == "Q12" && found[0][1].hasPrefix("groups/") && found[0][2] == "fee")
    #expect(found[0][3].hasPrefix("第2个同行团体:"), "\(found)")
  }
}
