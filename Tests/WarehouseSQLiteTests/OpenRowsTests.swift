import Records
import Testing
import Warehouse

@testable import WarehouseSQLite

@Suite struct OpenRowsTests {
  private func rows(
    _ nights: Nights, _ delivery: Int64, _ publication: Int64, _ elements: [String]
  ) throws -> [[String]] {
    var result: [[String]] = []
    try nights.warehouse.openRows(
      delivery: delivery, publication: publication, category: "PEN", elements: elements
    ) { chunk in
      #expect(chunk.recordCount <= RecordChunk.maximumRecords)
      for row in 0..<chunk.recordCount {
        result.append(
          ["\(chunk.positions[row].recordNumber)"]
            + elements.indices.map { column in
              let ref = chunk.field(row, column)
              return ref.isAbsent ? "absent" : chunk.text.string(ref)
            })
      }
      chunk.text = []
    }
    return result
  }

  @Test func storedValuesComeBackAsCanonicalText() throws {
    let nights = try Nights()
    try nights.night(
      "2026-03-01",
      [
        Penalty(id: 1, document: "A", fen: -5, types: ["01", "09"]),
        Penalty(id: 2, document: "B", fen: 123_456),
      ])
    let elements = [
      "penalty_type_code", "fine_amount", "capital", "days", "decision_date",
      "source_update_time", "violation_code",
    ]
    #expect(
      try rows(nights, 1, 1, elements) == [
        [
          "1", "01;09", "-0.05", "1.500000", "3", "2024-10-05", "2023-11-14T22:13:21", "absent",
        ],
        ["2", "01", "1234.56", "1.500000", "3", "2024-10-06", "2023-11-14T22:13:22", "absent"],
      ])
  }

  @Test func onlyOpenRowsOfTheDeliveryAreRead() throws {
    let nights = try Nights()
    let many = (1...2500).map { Penalty(id: $0, document: "D\($0)") }
    try nights.night("2026-03-01", many)
    try nights.night("2026-03-02", [Penalty(id: 7, document: "E")])
    let first = try rows(nights, 1, 1, ["source_record_id"])
    #expect(first.count == 2499)
    #expect(first.prefix(7).map { $0[1] } == ["R1", "R2", "R3", "R4", "R5", "R6", "R8"])
    #expect(try rows(nights, 2, 2, ["penalty_doc_no"]) == [["1", "E"]])
    #expect(try rows(nights, 2, 1, ["penalty_doc_no"]).isEmpty)
    #expect(throws: WarehouseError.self) { try rows(nights, 2, 2, ["no_such_element"]) }
  }

  @Test func measuresOfAStepReplaceThoseOfTheirName() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    for (block, value) in [(1, 5), (2, 7), (2, 9)] {
      var step = LoadStep(
        delivery: delivery.id, publication: run.publication, loadedBlocks: block)
      step.measures = [Measure(delivery: delivery.id, name: "withheld", value: Int64(value))]
      try nights.warehouse.apply(step)
    }
    #expect(try nights.warehouse.measures(run: run.id).map(\.value) == [7])
  }
}
