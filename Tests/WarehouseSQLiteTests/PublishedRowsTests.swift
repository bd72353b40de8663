import Records
import Testing
import Warehouse

@testable import WarehouseSQLite

@Suite struct PublishedRowsTests {
  private func rows(
    _ nights: Nights, _ selection: PublishedSelection, publication: Int64? = nil
  ) throws -> [[String]] {
    var result: [[String]] = []
    let reader = try PublishedRows(
      folder: nights.folder, catalog: Fixture.catalog, publication: publication)
    try reader.visit(selection) { chunk in
      #expect(chunk.records.recordCount <= RecordChunk.maximumRecords)
      for row in 0..<chunk.records.recordCount {
        result.append(
          ["\(chunk.rowIDs[row] >> 32)/\(chunk.rowIDs[row] & 0xFFFF) \(chunk.openings[row])"]
            + (0..<chunk.records.columnCount).map { column in
              let ref = chunk.records.field(row, column)
              return ref.isAbsent ? "absent" : chunk.records.text.string(ref)
            })
      }
      return true
    }
    return result
  }

  private let few = PublishedSelection(
    category: "PEN",
    elements: ["penalty_doc_no", "fine_amount", "penalty_type_code", "violation_code"])

  @Test func readersOfEachPublicationSeeTheirRows() throws {
    let nights = try Nights()
    try nights.night(
      "2026-03-01",
      [
        Penalty(id: 1, document: "A", fen: -5, types: ["01", "09"]), Penalty(id: 2, document: "B"),
      ])
    try nights.night("2026-03-02", [Penalty(id: 2, document: "B", fen: 200)])
    #expect(
      try rows(nights, few) == [
        ["1/1 1", "A", "-0.05", "01;09", "absent"], ["2/1 2", "B", "2.00", "01", "absent"],
      ])
    #expect(
      try rows(nights, few, publication: 1) == [
        ["1/1 1", "A", "-0.05", "01;09", "absent"], ["1/2 1", "B", "1.00", "01", "absent"],
      ])
    #expect(try rows(nights, few, publication: 0).isEmpty)
    #expect(throws: WarehouseError.self) { try rows(nights, few, publication: 3) }
    #expect(try rows(nights, PublishedSelection(category: "PEN"))[0].count == 13)
  }

  @Test func whatIsNotPublishedIsNotRead() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A")])
    let run = try nights.begin("2026-03-02")
    let delivery = try nights.deliver(run)
    let penalties = [Penalty(id: 1, document: "A2"), Penalty(id: 2, document: "B")]
    try nights.warehouse.apply(nights.step(run, delivery, block: 1, penalties))
    #expect(try rows(nights, few).map { $0[1] } == ["A"])
    try nights.finish(run, delivery)
    #expect(try rows(nights, few).map { $0[1] } == ["A2", "B"])
  }

  @Test func manyRowsComeInChunksAndTheReadingCanEndAndGoOn() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", (1...2500).map { Penalty(id: $0, document: "D\($0)") })
    #expect(try rows(nights, few).map { $0[1] } == (1...2500).map { "D\($0)" })
    let reader = try PublishedRows(folder: nights.folder, catalog: Fixture.catalog)
    var last: Int64 = 0
    var visits = 0
    try reader.visit(few) { chunk in
      visits += 1
      last = chunk.rowIDs.last ?? 0
      return false
    }
    #expect(visits == 1)
    var selection = few
    selection.after = last
    #expect(try rows(nights, selection).map { $0[1] } == (1025...2500).map { "D\($0)" })
  }

  @Test func rowsAreFoundByValuesThroughAnIndex() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", (1...20).map { Penalty(id: $0, document: "D\($0)") })
    var selection = few
    selection.values = ["agency_uscc": "11510000MB", "penalty_doc_no": "D7"]
    #expect(try rows(nights, selection).map { $0[1] } == ["D7"])
    let reader = try PublishedRows(folder: nights.folder, catalog: Fixture.catalog)
    let plan = try reader.plan(of: selection).joined(separator: "; ")
    #expect(plan.contains("USING INDEX index_PEN_version_1"), "\(plan)")
    // A value is a value, whatever it says.
    selection.values["penalty_doc_no"] = "D7' OR '1'='1"
    #expect(try rows(nights, selection).isEmpty)
    selection.values["penalty_doc_no"] = ""
    #expect(try rows(nights, selection).isEmpty)
    selection.values = ["fine_amount": "1"]
    #expect(throws: WarehouseError.self) { try rows(nights, selection) }
    selection.values = ["no_such_element": "1"]
    #expect(throws: WarehouseError.self) { try rows(nights, selection) }
  }

  @Test func whereThereIsNoWarehouseNoneIsMade() throws {
    let folder = Fixture.folder()
    #expect(throws: WarehouseError.self) {
      try PublishedRows(folder: folder, catalog: Fixture.catalog)
    }
    #expect(!PosixFile.exists(folder))
  }
}
