import Catalog
import Pipeline
import Records
import Testing

@testable import SourceFiles

/// Where records of UTF-16 files stand in the original.
@Suite("Offsets in the original of UTF-16")
struct WideOffsetTests {
  @Test(arguments: [true, false], [SourceAdapter.Format.csv, .ndjson])
  func `offsets are those of the file`(isLittle: Bool, format: SourceAdapter.Format) throws {
    let folder = try ScratchFolder()
    let mapping = CategoryMapping(
      category: "CAS", files: [], columns: [ColumnMapping(column: "no", element: "case_no")])
    let adapter = SourceAdapter(
      system: "SAM", version: 1, format: format, encoding: "auto", categories: [mapping],
      origin: "test")
    func bytes(_ text: String) -> [UInt8] {
      text.utf16.flatMap { unit in
        let (low, high) = (UInt8(unit & 0xFF), UInt8(unit >> 8))
        return isLittle ? [low, high] : [high, low]
      }
    }
    var file = bytes("\u{FEFF}" + (format == .csv ? "no,名称\r\n" : ""))
    var expected: [Int] = []
    // Beyond the first block, with characters of one, two and four units of bytes.
    for number in 0..<20_000 {
      expected.append(file.count)
      let name = ["甲", "a", "𠮷", "é", "现场检查"][number % 5]
      file += bytes(
        format == .csv ? "\(number),\(name)\r\n" : "{\"no\":\"\(number)\",\"名称\":\"\(name)\"}\n")
    }
    let path = try folder.write("wide", file)
    let reader = FileDeliveryReader(limits: ReadingLimits())
    let inspection = try reader.inspect(path, adapter)
    #expect(inspection.encoding == (isLittle ? "utf16-le" : "utf16-be"))
    var offsets: [Int] = []
    _ = try reader.read(
      path, inspection, adapter, mapping, exactPositions: true, onHeader: { _ in }
    ) { chunk in
      offsets += (0..<chunk.recordCount).map { chunk.positions[$0].byteOffset }
    }
    #expect(offsets == expected)
  }
}
