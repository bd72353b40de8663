import Foundation
import GRDB
import Reconciliation
import Records
import Testing
import Warehouse

@testable import WarehouseSQLite

@Suite struct RecoveryTests {
  /// A night that touches every kind of thing, in two steps.
  private func load(_ nights: Nights, _ run: RunEntry, _ delivery: DeliveryEntry) throws {
    try nights.warehouse.apply(
      nights.step(
        run, delivery, block: 1, [Penalty(id: 1, document: "N1"), Penalty(id: 9, document: "N9")],
        returned: [2, 8]))
    var second = nights.step(run, delivery, block: 2, first: 20, [Penalty(id: 3, document: "C2")])
    second.removedEntities = [
      ShownRow(key: Fixture.key(4, stream: 9), rowID: nights.rows[4] ?? 0)
    ]
    second.closedRows.append(nights.rows[4] ?? 0)
    second.recordStates.append(
      RecordState(
        key: Fixture.key(4), accepted: nil, rowID: nil, returnedRowID: nil, attempts: 0))
    second.recordStates.sort { $0.key < $1.key }
    try nights.warehouse.apply(second)
    try nights.warehouse.replaceMeasures(
      [Measure(delivery: delivery.id, name: "filled", value: 1)], delivery: delivery.id)
  }

  private func firstNight(_ nights: Nights) throws {
    try nights.night(
      "2026-03-01", (1...4).map { Penalty(id: $0, document: "A\($0)", types: ["01", "02"]) },
      returned: [5])
  }

  @Test func whatIsDiscardedLeavesNoTrace() throws {
    let nights = try Nights()
    try firstNight(nights)
    let before = try nights.dump()
    let (rows, returned) = (nights.rows, nights.returned)
    let run = try nights.begin("2026-03-02")
    let delivery = try nights.deliver(run, content: "two")
    try load(nights, run, delivery)
    #expect(try nights.warehouse.unpublishedDeliveries().map(\.id) == [delivery.id])
    let error = #expect(throws: WarehouseError.self) { try nights.begin("2026-03-03") }
    #expect(error?.code == .unpublishedRows)
    try nights.reopen()
    try nights.warehouse.discardUnpublished(delivery: delivery.id)
    try nights.warehouse.discardUnpublished(delivery: delivery.id)
    #expect(try nights.warehouse.unpublishedDeliveries().isEmpty)
    expectSound(try nights.warehouse.verify())
    #expect(try nights.dump() == before)
    for table in ["state_undo", "closing_undo", "measure"] {
      #expect(try nights.texts("SELECT 'x' FROM \(table)").isEmpty, "\(table)")
    }

    // Loaded again, it is the night that nobody disturbed.
    (nights.rows, nights.returned) = (rows, returned)
    try load(nights, run, delivery)
    try nights.finish(run, delivery)
    let calm = try Nights()
    try firstNight(calm)
    let calmRun = try calm.begin("2026-03-02")
    let calmDelivery = try calm.deliver(calmRun, content: "two")
    try load(calm, calmRun, calmDelivery)
    try calm.finish(calmRun, calmDelivery)
    #expect(try nights.dump() == calm.dump())
    expectSound(try nights.warehouse.verify())
  }

  @Test func publishedDeliveriesCannotBeDiscarded() throws {
    let nights = try Nights()
    try firstNight(nights)
    #expect(throws: WarehouseError.self) { try nights.warehouse.discardUnpublished(delivery: 1) }
    #expect(throws: WarehouseError.self) { try nights.warehouse.discardUnpublished(delivery: 9) }
    try nights.warehouse.discardAllUnpublished()
    #expect(try nights.texts("SELECT 'x' FROM PEN").count == 4)
  }

  @Test func whatOthersBuiltOnGoesWithThemOnly() throws {
    let nights = try Nights()
    try firstNight(nights)
    let before = try nights.dump()
    let run = try nights.begin("2026-03-02")
    let early = try nights.deliver(run, content: "early")
    let late = try nights.deliver(run, content: "late")
    let other = try nights.deliver(run, content: "other")
    try nights.warehouse.apply(
      nights.step(
        run, early, block: 1, [Penalty(id: 1, document: "B"), Penalty(id: 7, document: "G")]))
    try nights.warehouse.apply(nights.step(run, late, block: 1, [Penalty(id: 7, document: "G2")]))
    try nights.warehouse.apply(nights.step(run, other, block: 1, [Penalty(id: 2, document: "H")]))
    let error = #expect(throws: WarehouseError.self) {
      try nights.warehouse.discardUnpublished(delivery: early.id)
    }
    #expect(error?.code == .dependentDelivery)
    #expect(error?.message.contains("delivery \(late.id) changed") == true)
    try nights.warehouse.discardUnpublished(delivery: late.id)
    #expect(
      try nights.warehouse.recordStates([Fixture.key(7)]).first?.rowID == Penalty.rowID(early.id, 2)
    )
    expectSound(try nights.warehouse.verify())
    try nights.warehouse.discardUnpublished(delivery: early.id)
    expectSound(try nights.warehouse.verify())
    #expect(try nights.warehouse.unpublishedDeliveries().map(\.id) == [other.id])
    try nights.warehouse.discardAllUnpublished()
    #expect(try nights.dump() == before)
  }

  @Test func theDumpIgnoresTheCourseOfEvents() throws {
    let calm = try Nights()
    try firstNight(calm)
    try calm.night("2026-03-02", [Penalty(id: 1, document: "Z")])

    let rough = try Nights()
    let abandoned = try rough.begin("2026-02-27")
    _ = try rough.deliver(abandoned, content: "noise")
    try rough.warehouse.setRunStatus(.running, run: abandoned.id)
    try firstNight(rough)
    try rough.reopen()
    try rough.night("2026-03-02", [Penalty(id: 1, document: "Z")])
    let text = try calm.dump()
    #expect(try rough.dump() == text)
    #expect(text.contains("PEN|line="))
    #expect(text.contains("|penalty_doc_no=A1|"))
    #expect(text.contains("|each_penalty_type_code=1:01\\n2:02|"))
    #expect(text.contains("|night=2026-03-01|closed_night=2026-03-02"))
    try rough.night("2026-03-03", [Penalty(id: 1, document: "Y")])
    #expect(try rough.dump() != text)
  }

  @Test func aBrokenPromiseIsReported() throws {
    func problems(_ sql: String) throws -> [String] {
      let nights = try Nights()
      try firstNight(nights)
      expectSound(try nights.warehouse.verify())
      try nights.warehouse.live.access("test") { try $0.execute(sql: sql) }
      return try nights.warehouse.verify()
    }
    for (sql, problem) in [
      ("DELETE FROM PEN_version WHERE penalty_doc_no = 'A1'", "without a record"),
      ("UPDATE PEN_version SET closed_by = 1 WHERE penalty_doc_no = 'A1'", "row does not exist"),
      ("DELETE FROM record_state", "without a record state"),
      ("DELETE FROM quarantined_record", "findings without a record"),
      ("UPDATE PEN_version SET penalty_doc_no = 'A1'", "two open rows"),
      ("UPDATE entity_state SET row_id = (SELECT min(row_id) FROM entity_state)", "two business"),
      ("UPDATE PEN_version SET opened_by = 9", "above the pointer"),
      ("DELETE FROM delivery", "without a delivery"),
      ("UPDATE publication SET number = 8", "without a date"),
    ] {
      let found = try problems(sql)
      #expect(found.contains { $0.contains(problem) }, "\(sql): \(found)")
    }
  }
}
