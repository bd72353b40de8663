import SourceFiles
import TestSupport
import Testing
import Warehouse

@testable import Pipeline

@Suite("Limits of nightly.yaml")
struct LimitTests {
  private func explanation(_ home: TestHome) throws -> String {
    let name = try #require(home.returns("2026-06-02").first)
    return text(gb18030: try home.returnBytes("2026-06-02", name))
  }

  @Test func `a record over the limit of its size is returned with the limit`() throws {
    let home = try TestHome(TestPipeline.alone)
    home.limits.recordBytes = 4000
    let large = String(repeating: "长", count: 1500)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1), penalty(2, ["penalty_cause": large]), penalty(3)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 3: accepted 2, returned 1")
    #expect(try explanation(home).contains("单条记录不超过4000字节"))
    #expect(try home.column("SELECT rule FROM finding_current") == ["record.recordSize"])
  }

  @Test func `a record with more fields than the limit is returned with the limit`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", [penalty(1), penalty(2)])
    home.limits.fields = sheet.header[0].count
    var rows = sheet.rows
    rows[1].append("x")
    try home.deliver("行政处罚_1.csv", CSVSheet(sheet.header[0], rows).gb18030)
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, returned 1")
    #expect(try explanation(home).contains("单条记录不超过\(home.limits.fields)个字段"))
  }

  @Test func `a file that grows more than the limit is held, and the limit is named`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", (1...40).map { penalty($0) }).gb18030
    try home.deliver("行政处罚_1.csv.gz", try gzip(bytes))
    home.limits.decompression.ratio = 2
    home.limits.decompression.freeBytes = 1000
    let held = try home.run("2026-06-02").only()
    #expect(held.status == .held)
    #expect(held.reason.contains("limits.decompression-ratio"), "\(held.reason)")
  }

  @Test func `the size of chunks changes nothing but the chunks`() throws {
    let records = (1...20).map { $0 % 3 == 0 ? penalty($0, unknownPenaltyType) : penalty($0) }
    let dumps = try [(1024, 768 << 10), (1, 768 << 10), (7, 768 << 10), (1024, 2000)].map {
      let home = try TestHome(TestPipeline.alone)
      home.limits.chunkRecords = $0.0
      home.limits.chunkBytes = $0.1
      try home.deliver("行政处罚_1.csv", penalties: records)
      #expect(try home.run("2026-06-02").only().summary == "loaded 20: accepted 14, returned 6")
      return try home.dump()
    }
    #expect(dumps.allSatisfy { $0 == dumps[0] })
  }
}
