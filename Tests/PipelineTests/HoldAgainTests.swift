import Foundation
import Pipeline
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@Suite("Decisions about held deliveries")
struct HoldAgainTests {
  private struct Stop: Error {}

  /// A night after which two deliveries wait, one of 20 records and one with a foreign header.
  private func home() throws -> (home: TestHome, ids: [Int64]) {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: (1...10).map { penalty($0) } + (11...20).map { penalty($0, unknownPenaltyType) })
    try home.deliver("行政处罚_2.csv", Array("甲,乙\r\n1,2\r\n".utf8))
    let outcome = try home.run("2026-06-02")
    let ids = outcome.deliveries.filter { $0.status == .held }.map(\.id)
    try #require(ids.count == 2)
    return (home, ids)
  }

  @Test(arguments: [HoldDesk.Decision.release, .reject])
  func `what is taken back is as it was`(_ decision: HoldDesk.Decision) throws {
    let (home, ids) = try home()
    let engine = try home.open()
    let desk = HoldDesk(engine)
    let before = try ids.map { try #require(try engine.delivery(id: $0)) }
    try #require(before.contains { $0.balance.held == 20 })
    let words = "看过 (7 records)\n了"
    _ = try desk.decide(decision, deliveries: ids, by: "甲", reason: words) { _ in }
    let status: DeliveryStatus = decision == .release ? .taken : .rejected
    for id in ids { #expect(try engine.delivery(id: id)?.status == status) }
    _ = try desk.decide(.hold, deliveries: ids, by: "乙", reason: "再看") { _ in }
    #expect(try ids.compactMap { try engine.delivery(id: $0) } == before)
    #expect(throws: StewardRefusal.self) {
      try desk.decide(.hold, delivery: ids[0], by: "乙", reason: "再看") {}
    }
    try engine.close()
  }

  @Test func `where one cannot be decided about, none is`() throws {
    let (home, ids) = try home()
    let engine = try home.open()
    let desk = HoldDesk(engine)
    try desk.decide(.reject, delivery: ids[1], by: "甲", reason: "坏") {}
    var recorded = 0
    #expect(throws: StewardRefusal.self) {
      _ = try desk.decide(.release, deliveries: ids, by: "甲", reason: "好") { _ in recorded += 1 }
    }
    #expect(recorded == 0)
    #expect(try engine.delivery(id: ids[0])?.status == .held)
    // Without its entry in the log nothing happens.
    #expect(throws: Stop.self) {
      try desk.decide(.release, delivery: ids[0], by: "甲", reason: "好") { throw Stop() }
    }
    #expect(try engine.delivery(id: ids[0])?.status == .held)
    try engine.close()
  }

  @Test func `what a night has taken is not held again`() throws {
    let (home, ids) = try home()
    var engine = try home.open()
    try HoldDesk(engine).decide(.release, delivery: ids[0], by: "甲", reason: "好") {}
    let run = try engine.beginRun(night: "2026-06-03", ruleSetHash: "x")
    var entry = try #require(try engine.delivery(id: ids[0]))
    #expect(HoldDesk.takes(.hold, entry))
    entry.run = run.id
    try engine.update(entry)
    func again() throws {
      try HoldDesk(engine).decide(.hold, delivery: ids[0], by: "甲", reason: "再看") {}
    }
    #expect(throws: StewardRefusal.self) { try again() }
    try engine.close()
    try home.run("2026-06-03")
    engine = try home.open()
    #expect(try engine.delivery(id: ids[0])?.status == .loaded)
    #expect(throws: StewardRefusal.self) { try again() }
    try engine.close()
  }
}
