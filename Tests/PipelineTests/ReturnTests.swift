import Pipeline
import TestSupport
import Testing
import Warehouse

@Suite("Returned, corrected, accepted")
struct ReturnTests {
  private static let open =
    "SELECT source_record_id, attempt FROM returned_record ORDER BY source_record_id"

  @Test func `a corrected record is accepted and its return closes`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1), penalty(2, unknownPenaltyType)])
    let first = try home.run("2026-06-01")
    #expect(try first.only().summary == "loaded 2: accepted 1, returned 1")
    #expect(try home.rows(Self.open) == [["P-2", "1"]])
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2)])
    let second = try home.run("2026-06-02")
    #expect(try second.only().summary == "loaded 1: accepted 1")
    #expect(second.total.acceptedFirst == 0)
    #expect(try home.rows(Self.open) == [])
    #expect(try home.rows(Self.open, asOf: "2026-06-01") == [["P-2", "1"]])
    #expect(try home.column("SELECT count(*) FROM PEN") == ["2"])
    #expect(try home.column("SELECT count(*) FROM finding_current") == ["0"])
  }

  @Test func `a record returned again unchanged is on its second attempt`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2, unknownPenaltyType)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2, unknownPenaltyType), penalty(3)])
    let second = try home.run("2026-06-02")
    #expect(try second.only().summary == "loaded 2: accepted 1, returned 1")
    #expect(second.total.returnedFirst == 0)
    #expect(second.attainment == 1)
    #expect(try home.rows(Self.open) == [["P-2", "2"]])
    try home.deliver("行政处罚_3.csv", penalties: [penalty(2, unknownPenaltyType)])
    try home.run("2026-06-03")
    #expect(try home.rows(Self.open) == [["P-2", "3"]])
    try home.deliver("行政处罚_4.csv", penalties: [penalty(2), penalty(4)])
    try home.run("2026-06-04")
    #expect(try home.rows(Self.open) == [])
    // Accepted, it begins anew.
    try home.deliver("行政处罚_5.csv", penalties: [penalty(2, updated: 5, unknownPenaltyType)])
    #expect(try home.run("2026-06-05").total.returnedFirst == 1)
    #expect(try home.rows(Self.open) == [["P-2", "1"]])
    #expect(try home.column("SELECT count(*) FROM PEN") == ["4"])
  }

  @Test func `a returned change leaves the accepted version in place`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_2.csv", penalties: [penalty(1, updated: 2, unknownPenaltyType)])
    #expect(try home.run("2026-06-02").only().summary == "loaded 1: returned 1")
    #expect(try home.column("SELECT penalty_type_code FROM PEN") == ["03"])
    #expect(try home.rows(Self.open) == [["P-1", "1"]])
  }

  @Test func `a deletion closes the return of what it deletes`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, unknownPenaltyType), penalty(2)])
    try home.run("2026-06-01")
    try home.deliver(
      "行政处罚_2.csv", penalties: [penalty(1, updated: 2, ["operation_type_code": "3"])])
    try home.run("2026-06-02")
    #expect(try home.rows(Self.open) == [])
  }

  @Test func `a full delivery without a returned record closes its return`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, unknownPenaltyType), penalty(2)])
    try home.run("2026-06-01")
    try home.deliver("行政处罚_全量_2.csv", penalties: [penalty(2), penalty(3)])
    try home.run("2026-06-02")
    #expect(try home.rows(Self.open) == [])
  }

  @Test func `every finding of a returned record is kept, notes beside reasons`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(
          1,
          unknownPenaltyType.merging(missingAgency) { $1 }.merging([
            "decision_date": "2026-02-30", "uscc": "91510104MAQY00013X",
          ]) { $1 })
      ])
    try home.run("2026-06-01")
    let found = try home.rows("SELECT code, element FROM finding_current ORDER BY 1, 2")
    #expect(found.contains(["Q11", "agency_name"]), "\(found)")
    #expect(found.contains(["Q24", "penalty_type_code"]), "\(found)")
    #expect(found.contains(["Q27", "uscc"]), "\(found)")
    #expect(found.contains { $0[1] == "decision_date" }, "\(found)")
  }
}
