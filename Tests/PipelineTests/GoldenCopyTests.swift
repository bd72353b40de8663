import TestSupport
import Testing

/// What is golden of a vehicle, on the records of other categories that name its plate (AR15).
@Suite("Golden values copied by key")
struct GoldenCopyTests {
  private static let pipeline = TestPipeline.alone.map { $0.withPlainAdapters() }
  private static let copies =
    "SELECT p.source_record_id, c.category, c.vehicle_plate_no, c.plate_type_code, c.members "
    + "FROM VEHICLE_golden_copy AS c JOIN "
    + "(SELECT record, source_record_id FROM PEN UNION ALL SELECT record, source_record_id FROM COE) "
    + "AS p USING (record) ORDER BY 1"

  private func deliver(
    _ home: TestHome, _ category: String, _ part: Int, _ records: [Values], system: String = "SAM"
  ) throws {
    try home.deliver(
      "\(category)_\(part).csv", home.sheet(category, records, system: system).utf8,
      system: system)
  }

  private func plate(_ kind: String) -> Values {
    ["vehicle_plate_no": "川A12345", "plate_type_code": kind]
  }

  @Test func `penalties and measures show the owner's plate, and follow it`() throws {
    let home = try TestHome(Self.pipeline)
    try deliver(home, "CAS", 1, [enforcementCase(1, plate("02"))])
    try deliver(home, "CAS", 1, [enforcementCase(2, plate("01"))], system: "MPS")
    try deliver(
      home, "PEN", 1,
      [
        penalty(1, ["vehicle_plate_no": "川A12345"]), penalty(2, ["vehicle_plate_no": "川A54321"]),
        penalty(3),
      ])
    try deliver(
      home, "COE", 1, [["source_record_id": "C-1", "vehicle_plate_no": "川A12345"]])
    try home.run("2026-06-02")
    let copied = [
      ["C-1", "COE", "川A12345", "01", "2"], ["P-1", "PEN", "川A12345", "01", "2"],
    ]
    #expect(try home.rows(Self.copies) == copied)
    // The owner takes its case back: the other's value stands, on all of them.
    try deliver(
      home, "CAS", 2,
      [
        enforcementCase(
          2, ["operation_type_code": "3", "source_update_time": "2026-06-02 01:00:00"])
      ], system: "MPS")
    try home.run("2026-06-03")
    #expect(try home.rows(Self.copies).map { Array($0[3...]) } == [["02", "1"], ["02", "1"]])
    #expect(try home.rows(Self.copies, asOf: "2026-06-02") == copied)
  }
}
