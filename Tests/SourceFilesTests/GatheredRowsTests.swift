import Catalog
import Pipeline
import Records
import Testing

@testable import SourceFiles

/// Lines of a flat file that are the parties of one case.
@Suite("Gathered rows")
struct GatheredRowsTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private struct Gathered {
    var raw: String
    var rows: Int
    var faults: [RecordFault.Kind]
  }

  private func read(
    _ lines: [String], limits: ReadingLimits = ReadingLimits()
  ) throws -> [Gathered] {
    var mapping = CategoryMapping(
      category: "CAS", files: [],
      columns: [
        ColumnMapping(column: "no", element: "case_no"),
        ColumnMapping(column: "state", element: "case_state"),
      ])
    mapping.children = [
      ChildMapping(
        name: "parties", path: nil,
        columns: [ColumnMapping(column: "party", element: "person_name")])
    ]
    mapping.rowsPer = "parties"
    mapping.keyElements = ["case_no"]
    let adapter = SourceAdapter(
      system: "ARA", version: 1, format: .csv, encoding: "utf-8", categories: [mapping],
      origin: "test")
    let bytes = Array((["no,state,party"] + lines).joined(separator: "\n").utf8)
    let path = try folder.write("cases.csv", bytes)
    var found: [Gathered] = []
    _ = try FileDeliveryReader(limits: limits).read(
      path,
      FileInspection(
        content: Fingerprint(high: 0, low: 0), length: Int64(bytes.count), encoding: "utf-8"),
      adapter, mapping, exactPositions: false, onHeader: { _ in }
    ) { chunk in
      for row in 0..<chunk.recordCount {
        found.append(
          Gathered(
            raw: chunk.text.string(chunk.raws[row]),
            rows: chunk.children[0].owners.count { Int($0) == row },
            faults: chunk.faults.filter { $0.row == row }.map(\.kind)))
      }
    }
    return found
  }

  @Test func `adjacent lines with one key are one record with all its lines`() throws {
    let found = try read(["1,open,甲", "1,open,乙", "2,open,丙", "1,open,丁", "1,shut,戊"])
    #expect(found.map(\.raw) == ["1,open,甲\n1,open,乙", "2,open,丙", "1,open,丁\n1,shut,戊"])
    #expect(found.map(\.rows) == [2, 1, 2])
    #expect(found.map(\.faults) == [[], [], [.gatheredLines]])
  }

  @Test(arguments: ["", "无", " - ", "/", "NULL", "　"])
  func `lines whose key says nothing stand alone`(_ key: String) throws {
    let found = try read(["\(key),open,甲", "\(key),open,乙"])
    #expect(found.map(\.rows) == [1, 1])
  }

  @Test func `a record grows to the size of a record and no further, and no line is lost`() throws {
    var limits = ReadingLimits()
    limits.recordBytes = 1000
    let lines = (0..<100).map { "1,open,当事人\($0)" } + ["2,open,甲"]
    let found = try read(lines, limits: limits)
    #expect(found.count > 2 && found.allSatisfy { $0.raw.utf8.count <= 1000 })
    #expect(found.flatMap { $0.raw.split(separator: "\n").map(String.init) } == lines)
    #expect(found.dropLast().allSatisfy { $0.faults == [.recordSize] })
    #expect(found.last?.faults == [])
  }

  /// With a copy of all lines for each of them this would take 20 GB.
  @Test func `many lines with one key cost their length`() throws {
    let line = "1,open," + String(repeating: "甲", count: 130)
    let found = try read(Array(repeating: line, count: 10_000))
    #expect(found.map(\.rows) == [10_000])
    #expect(found[0].raw.utf8.count == 10_000 * (line.utf8.count + 1) - 1)
  }
}
