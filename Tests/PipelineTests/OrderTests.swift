import Pipeline
import TestSupport
import Testing
import Warehouse

@Suite("Order of files and nights")
struct OrderTests {
  /// Three exports of one week: new, changed, deleted, corrected and late records.
  private static let weeks: [[Values]] = [
    (1...8).map { penalty($0) } + [penalty(9, unknownPenaltyType)],
    [
      penalty(2, updated: 2, ["fine_amount": "7000", "paid_amount": "7000"]),
      penalty(9, updated: 2),
      penalty(3, updated: 2, ["operation_type_code": "3"]), penalty(10, updated: 2),
      penalty(11, updated: 2, missingAgency),
    ],
    [
      penalty(2, updated: 3, ["fine_amount": "9000", "paid_amount": "9000"]),
      penalty(4, document: 40, updated: 3), penalty(11, updated: 3), penalty(12, updated: 3),
      penalty(1), penalty(5, updated: 3, ["remark": "最后一版"]),
    ],
  ]

  /// What a reader sees, without what names a delivery.
  private static func current(_ home: TestHome) throws -> [[String]] {
    try home.rows(
      "SELECT source_record_id, penalty_doc_no, source_update_time, fine_amount_fen, remark, "
        + "penalty_type_code, agency_name FROM PEN ORDER BY 1, 2")
      + home.rows("SELECT source_record_id, 'returned' FROM returned_record ORDER BY 1")
  }

  private static let permutations = [
    [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
  ]

  @Test func `one night and three nights end in the same content`() throws {
    let one = try TestHome(TestPipeline.alone)
    let three = try TestHome(TestPipeline.alone)
    for (index, records) in Self.weeks.enumerated() {
      try one.deliver("行政处罚_\(index).csv", penalties: records)
      try three.deliver("行政处罚_\(index).csv", penalties: records)
      try three.run("2026-06-0\(4 + index)")
    }
    try one.run("2026-06-06")
    let seen = try Self.current(one)
    #expect(seen.count == 11)
    #expect(try Self.current(three) == seen)
  }

  @Test(arguments: permutations)
  func `files of one night may come in any order`(_ order: [Int]) throws {
    let expected = try TestHome(TestPipeline.alone)
    let found = try TestHome(TestPipeline.alone)
    for (place, index) in order.enumerated() {
      try expected.deliver("行政处罚_\(index).csv", penalties: Self.weeks[index])
      try found.deliver("行政处罚_\(place).csv", penalties: Self.weeks[index])
    }
    try expected.run("2026-06-06")
    try found.run("2026-06-06")
    let rows = try Self.current(found).filter { $0.last != "returned" }
    #expect(try rows == Self.current(expected).filter { $0.last != "returned" })
  }

  @Test func `two runs over the same files give the same bytes everywhere`() throws {
    var dumps: [[String]] = []
    var returned: [[UInt8]] = []
    for _ in 0..<2 {
      let home = try TestHome(TestPipeline.alone)
      for (index, records) in Self.weeks.enumerated() {
        try home.deliver("行政处罚_\(index).csv", penalties: records)
      }
      try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
      try home.run("2026-06-06")
      dumps.append(try home.dump())
      returned.append(
        try Files.below(home.home.returns).flatMap {
          try Array($0.utf8) + Files.bytes(home.home.returns + "/" + $0)
        })
    }
    #expect(dumps[0] == dumps[1])
    #expect(returned[0] == returned[1])
    #expect(!returned[0].isEmpty)
  }
}
