import Pipeline
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// Pages of a list of deliveries against the ledger as a whole.
@Suite struct DeliveryListTests {
  private let home: TestHome
  private let reader: WarehouseReader
  private let span: LedgerSpan

  /// Two nights of nine deliveries: good ones, one with returned records, one that is held.
  init() throws {
    home = try TestHome(TestPipeline.alone)
    for night in 2...3 {
      for number in 1...7 {
        try home.deliver("行政处罚_\(night)\(number).csv", penalties: [penalty(night * 10 + number)])
      }
      try home.deliver(
        "行政处罚_\(night)8.csv", penalties: [penalty(night * 10 + 8, unknownPenaltyType)])
      try home.deliver("行政处罚_\(night)9.csv", Array("甲,乙\r\n\(night),2\r\n".utf8))
      try home.run("2026-06-0\(night)")
    }
    reader = try WarehouseReader(folder: home.home.warehouse)
    span = LedgerSpan(
      first: "2026-01-01", last: "2026-12-31", publication: try reader.publicationNumber())
  }

  /// By pages of four.
  private func listed(
    _ span: LedgerSpan? = nil, systems: Set<String>? = nil, category: String? = nil,
    column: String? = nil
  ) throws -> [DeliveryEntry] {
    let selection = DeliverySelection(
      span: span ?? self.span, systems: systems, category: category, column: column)
    var found: [DeliveryEntry] = []
    var count = 1
    while found.count < count {
      let next = try reader.deliveries(selection, skipping: found.count, limit: 4)
      count = next.count
      guard !next.page.isEmpty else { break }
      found += next.page
    }
    #expect(found.count == count)
    return found
  }

  @Test func `pages of a span follow each other without gap or repetition`() throws {
    let all = try reader.deliveries(span)
    try #require(all.count == 18)
    #expect(try listed() == all)
    let first = LedgerSpan(
      first: "2026-06-02", last: "2026-06-02", publication: span.publication)
    #expect(try listed(first) == Array(all.prefix(9)))
  }

  @Test func `systems, category and what became of the records choose`() throws {
    let all = try reader.deliveries(span)
    #expect(try listed(systems: ["SAM", "MEM"], category: "PEN") == all)
    #expect(try listed(systems: ["MEM"]).isEmpty && listed(systems: []).isEmpty)
    #expect(try listed(category: "INS").isEmpty)
    #expect(try listed(column: "returned") == all.filter { $0.balance.returned > 0 })
    let held = all.filter { $0.status == .held }
    try #require(held.count == 2)
    #expect(try listed(column: "held") == held)
    #expect(try listed(column: "read; DROP TABLE delivery") == all)
  }
}
