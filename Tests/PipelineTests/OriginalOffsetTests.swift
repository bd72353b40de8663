import Catalog
import Pipeline
import Records
import SourceFiles
import TestSupport
import Testing

/// Where records of GB18030 documents stand in the original, behind anything that is not kept.
@Suite("Offsets in the original of documents")
struct OriginalOffsetTests {
  private static let limit = 300_000

  /// Chinese, ASCII, a character of four bytes and one of four in both encodings.
  private static func filling(_ count: Int, _ generator: inout SeededGenerator) -> String {
    var text = ""
    while text.utf8.count < count {
      text += ["现场检查记录", "abc 123", "㐀", "𠮷", "é"].randomElement(using: &generator) ?? ""
    }
    return text
  }

  /// Units in a random order of sizes: small ones, some over the limit; something long between some of them.
  private static func document(
    _ seed: UInt64, head: String, tail: String, separator: String,
    unit: (Int, String) -> String, between: (String) -> String
  ) -> (bytes: [UInt8], offsets: [Int]) {
    var generator = SeededGenerator(seed: seed)
    var bytes = gb18030(head)
    var offsets: [Int] = []
    for number in 0..<60 {
      if number > 0 { bytes += gb18030(separator) }
      if Int.random(in: 0..<8, using: &generator) == 0 {
        let size = Int.random(in: 1..<900_000, using: &generator)
        bytes += gb18030(between(filling(size, &generator)))
      }
      offsets.append(bytes.count)
      let isLong = Int.random(in: 0..<8, using: &generator) == 0
      let size = isLong ? limit + Int.random(in: 0..<900_000, using: &generator) : 200
      bytes += gb18030(unit(number, filling(size, &generator)))
    }
    return (bytes + gb18030(tail), offsets)
  }

  private func check(
    _ system: String, _ name: String, _ document: (bytes: [UInt8], offsets: [Int])
  ) throws {
    let pipeline = try TestPipeline.second.get()
    let plan = try #require(
      DeliveryPlan(
        catalog: pipeline.catalog, system: system, category: "VISIT",
        configuration: RunConfiguration()))
    var adapter = plan.adapter
    adapter.encoding = "gb18030"
    var limits = ReadingLimits()
    limits.recordBytes = Self.limit
    let files = FileDeliveryReader(limits: limits)
    let folder = try TemporaryFolder("offsets")
    let path = try folder.write(name, document.bytes)
    var offsets: [Int] = []
    var overlong = 0
    let summary = try files.read(
      path, try files.inspect(path, adapter), adapter, plan.mapping, exactPositions: true,
      onHeader: { _ in },
      onChunk: { chunk in
        offsets += (0..<chunk.recordCount).map { chunk.positions[$0].byteOffset }
        overlong += chunk.faults.count { $0.kind == .recordSize }
      })
    #expect(summary.problem == nil)
    #expect(offsets == document.offsets)
    #expect(overlong > 2)
  }

  @Test(arguments: 1...4) func `of XML`(seed: UInt64) throws {
    try check(
      "THE", "theatre_1.xml",
      Self.document(
        seed,
        head: "<?xml version=\"1.0\" encoding=\"GB18030\"?>\n"
          + "<t:Export xmlns:t=\"urn:example:theatre\">",
        tail: "</t:Export>", separator: "\n",
        unit: { "<t:Visit id=\"S\($0)\"><t:Fee>\($1)</t:Fee></t:Visit>" },
        between: { "<t:Note>\($0)</t:Note>" }))
  }

  @Test(arguments: 1...4) func `of JSON`(seed: UInt64) throws {
    // Nothing but white space can stand between the units of an array; another member of the page can be long.
    let notes = Array(repeating: "\"\(String(repeating: "说明", count: 10_000))\"", count: 30)
    try check(
      "GAR", "garden_1.json",
      Self.document(
        seed, head: "{\"notes\":[\(notes.joined(separator: ","))],\"data\":{\"visits\":[",
        tail: "]}}", separator: ",", unit: { "{\"id\":\"E\($0)\",\"weather\":\"\($1)\"}" },
        between: { String(repeating: " ", count: $0.utf8.count) }))
  }
}
