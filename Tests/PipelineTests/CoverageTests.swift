import Catalog
import Pipeline
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// Which elements arrive from whom, counted over real nights.
@Suite("Coverage")
struct CoverageTests {
  private func matrix(_ home: TestHome, _ first: String, _ last: String) throws -> CoverageMatrix {
    let ledger = try WarehouseReader(folder: home.home.warehouse)
    let publication = try #require(
      ledger.publications(upTo: last, publication: nil, limit: 1).first)
    return CoverageMatrix(
      home.pipeline.catalog,
      try ledger.coverageSums(
        LedgerSpan(first: first, last: last, publication: publication.publication)))
  }

  private func cell(
    _ matrix: CoverageMatrix, _ element: String, _ system: String
  ) throws -> CoverageMatrix.Cell {
    let row = try #require(matrix.elements.firstIndex { $0.identifier == element })
    let column = try #require(matrix.systems.firstIndex { $0.id == system })
    return matrix.cells[row][column]
  }

  @Test func `shares are of the judged records of the nights that are asked for`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1, ["remark": "附注"]), penalty(2), penalty(3, ["remark": "-"]), penalty(4),
      ])
    try home.run("2026-06-01")
    try home.deliver(
      "行政处罚_2.csv", penalties: [penalty(5, ["remark": "附注"]), penalty(6, ["remark": "附注"])])
    try home.run("2026-06-02")

    let first = try matrix(home, "2026-06-01", "2026-06-01")
    #expect(try cell(first, "remark", "SAM") == .filled(0.25))
    #expect(try cell(first, "source_record_id", "SAM") == .filled(1))
    let both = try matrix(home, "2026-06-01", "2026-06-02")
    #expect(try cell(both, "remark", "SAM") == .filled(0.5))
    // What nobody has sent, what no adapter maps, and what no category of the system has.
    #expect(try cell(both, "employee_count", "SAM") == .notDelivered)
    #expect(try cell(both, "remark", "MPS") == .notMapped)
    #expect(try cell(both, "opinion_no", "MPS") == .notCarried)
  }

  @Test func `a column that is mapped and never has a value is seen`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2)])
    try home.run("2026-06-01")
    let found = try matrix(home, "2026-06-01", "2026-06-01")
    #expect(try cell(found, "remark", "SAM") == .neverSeen)
    #expect(CoverageMatrix.Cell.neverSeen.sign == "!")
  }

  @Test(arguments: [(1.0, "100"), (0.999, "99"), (0.5, "50"), (0.009, "<1")])
  func `only what is whole is a hundred`(_ share: Double, _ sign: String) {
    #expect(CoverageMatrix.Cell.filled(share).sign == sign)
  }
}
