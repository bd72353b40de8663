import Catalog
import Pipeline
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// A fine that two systems tell differently: rule CR53 returns whoever does not own it, rule AR20
/// names the owner. What the one leaves the other has.
@Suite("Fines of one decision")
struct FineConflictTests {
  private static let pipeline = TestPipeline.real.map {
    $0.withPlainAdapters().keepingReferences(["CR53"])
  }
  private static let findings =
    "SELECT system, rule, severity, element, expected FROM finding_current WHERE code = 'Q34' "
    + "AND (rule = 'CR53' OR element = 'fine_amount') ORDER BY system, rule"

  private func deliver(
    _ home: TestHome, _ part: Int, _ system: String, updated: Int = 1, fine: String
  ) throws {
    try home.deliver(
      "PEN", part, system,
      [penalty(1, updated: updated, ["source_record_id": "\(system)-1", "fine_amount": fine])])
  }

  private func fine(_ home: TestHome) throws -> GoldenExplanation.Cell {
    let entity = try #require(home.pipeline.catalog.authority.entity("PEN"))
    let found = try #require(
      try WarehouseReader(folder: home.home.warehouse).why(
        entity, key: ["11510104MBQY00105W", "清市监罚〔2026〕1号"], home.pipeline.catalog,
        publication: nil))
    return try #require(found.cells.first { $0.element == "fine_amount" })
  }

  @Test func `who tells another fine than the owner goes back, and why knows the owner alone`()
    throws
  {
    let home = try TestHome(Self.pipeline)
    try home.deliver("AGO", 1, "SAM", officers)
    try deliver(home, 1, "SAM", fine: "5000")
    try home.run("2026-06-02")
    // Later, and with a later time of change: neither makes it right.
    try deliver(home, 1, "URB", updated: 3, fine: "8000")
    try home.run("2026-06-03")
    #expect(
      try home.rows("SELECT system, source_record_id FROM returned_record") == [["URB", "URB-1"]])
    #expect(try home.rows(Self.findings).map { Array($0[..<3]) } == [["URB", "CR53", "return"]])
    #expect(try home.column("SELECT count(*) FROM authority_conflict") == ["0"])
    let cell = try fine(home)
    #expect(cell.value == "5000.00" && cell.winner == 0 && cell.losers == [])
    // The same record with the owner's fine is taken, and nobody differs.
    try deliver(home, 2, "URB", updated: 4, fine: "5000")
    try home.run("2026-06-04")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
    #expect(try home.rows(Self.findings) == [])
  }

  @Test func `what was shown before its owner spoke stays, and is a conflict by both rules`() throws
  {
    let home = try TestHome(Self.pipeline)
    try home.deliver("AGO", 1, "SAM", officers)
    try deliver(home, 1, "URB", fine: "8000")
    try home.run("2026-06-02")
    #expect(try fine(home).value == "8000.00")
    try deliver(home, 1, "SAM", fine: "5000")
    try home.run("2026-06-03")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
    let owner = "权威来源(市场监管综合业务系统)为5000"
    let found = try home.rows(Self.findings)
    #expect(
      found.map { Array($0[..<3]) } == [["URB", "AR20", "note"], ["URB", "CR53", "return"]])
    #expect(found.first?[4].hasPrefix(owner) == true, "\(found)")
    let cell = try fine(home)
    #expect(cell.value == "5000.00" && cell.decision?.rule == "AR20")
    #expect(cell.decision?.basis == "owner" && cell.losers.count == 1)
    // The night before shows what it showed.
    #expect(
      try home.column("SELECT fine_amount FROM PEN_golden", asOf: "2026-06-02") == ["8000.0"])
    // Corrected, both are settled.
    try deliver(home, 2, "URB", updated: 4, fine: "5000")
    try home.run("2026-06-04")
    #expect(try home.rows(Self.findings) == [])
  }
}
