import Records
import Testing
import TestSupport

@testable import Warehouse

/// A batch with columns of every kind.
func randomBatch(rows: Int, _ random: inout SeededGenerator) -> TableBatch {
  var text = TextArena()
  func references() -> [TextRef] {
    (0..<rows).map { _ in
      switch Int.random(in: 0..<4, using: &random) {
      case 0: return .absent
      case 1: return TextRef(offset: text.count, length: 0)
      case 2: return text.appendText("𠮷处罚 \(Int.random(in: 0..<1000, using: &random))")
      default: return text.appendText("plain")
      }
    }
  }
  func numbers(_ range: ClosedRange<Int64>) -> [Int64] {
    (0..<rows).map { _ in
      Int.random(in: 0..<5, using: &random) == 0
        ? BatchColumn.null : Int64.random(in: range, using: &random)
    }
  }
  let columns: [BatchColumn] = [
    .integers(numbers(Int64.min...Int64.max)), .dates(numbers(-100_000...100_000)),
    .dates(numbers(-5_000_000_000...5_000_000_000)),
    .dateTimes(numbers(-1_000_000...4_000_000_000)),
    .texts(references()), .blobs(references()), .constantInteger(-3), .constantInteger(.min),
    .constantText("常量"), .constantText(""), .constantText(nil),
  ]
  return TableBatch(table: "表_x", rowCount: rows, columns: columns, text: text)
}

@Suite struct SegmentCodecTests {
  @Test func checksumIsXXH64() {
    #expect(BlockChecksum.of([]) == 0xEF46_DB37_51D8_E999)
    #expect(BlockChecksum.of(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
    #expect(
      BlockChecksum.of(Array("Nobody inspects the spammish repetition".utf8))
        == 0xFBCE_A83C_8A37_8BF1)
    #expect(BlockChecksum.of(Array("xxabc".utf8), from: 2) == 0x44BC_2CF5_AD77_0999)
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func decodingGivesBackWhatWasEncoded(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for rows in [0, 1, 2, 7, 33, 1024] {
      let batches = (0..<3).map { _ in randomBatch(rows: rows, &random) }
      #expect(try SegmentCodec.decode(SegmentCodec.encode(batches)) == batches, "seed \(seed)")
    }
    #expect(try SegmentCodec.decode(SegmentCodec.encode([])).isEmpty)
    let bare = TableBatch(table: "", rowCount: 0, columns: [], text: [])
    #expect(try SegmentCodec.decode(SegmentCodec.encode([bare])) == [bare])
  }

  @Test func everyTruncationIsFound() throws {
    var random = SeededGenerator(seed: 9)
    let bytes = try SegmentCodec.encode([randomBatch(rows: 5, &random)])
    for count in 0..<bytes.count {
      #expect(throws: SegmentError.self) { try SegmentCodec.decode(Array(bytes[..<count])) }
    }
    #expect(throws: SegmentError.self) { try SegmentCodec.decode(bytes + [0]) }
  }

  @Test func everyChangedByteIsFound() throws {
    var random = SeededGenerator(seed: 10)
    let bytes = try SegmentCodec.encode([randomBatch(rows: 3, &random)])
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << UInt8(bit)
        #expect(throws: SegmentError.self, "byte \(index), bit \(bit)") {
          try SegmentCodec.decode(damaged)
        }
      }
    }
  }

  @Test func hostileBytesWithARightChecksumDoNotCrash() throws {
    var random = SeededGenerator(seed: 11)
    let bytes = try SegmentCodec.encode([randomBatch(rows: 4, &random)])
    for _ in 0..<3000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: SegmentCodec.headerSize..<damaged.count, using: &random)
        damaged[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
      }
      let checksum =
        BlockChecksum.of(Array(damaged[0..<24])) &* 31
        &+ BlockChecksum.of(damaged, from: SegmentCodec.headerSize)
      for byte in 0..<8 {
        damaged[24 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt64(8 * byte))
      }
      for batch in (try? SegmentCodec.decode(damaged)) ?? [] { try SegmentCodec.check(batch) }
    }
  }

  @Test func aNewerFormatIsNamed() throws {
    var bytes = try SegmentCodec.encode([])
    bytes[4] = 2
    #expect(throws: SegmentError(.newerFormat, "the segment has format 2; this program knows 1")) {
      try SegmentCodec.decode(bytes)
    }
  }

  @Test func aBatchOfTheWrongShapeIsRefused() {
    let short = TableBatch(table: "t", rowCount: 2, columns: [.integers([1])])
    let outside = TableBatch(
      table: "t", rowCount: 1, columns: [.texts([TextRef(offset: 3, length: 2)])],
      text: [1, 2, 3, 4])
    for batch in [short, outside] {
      let error = #expect(throws: SegmentError.self) { try SegmentCodec.encode([batch]) }
      #expect(error?.code == .malformedBatch)
    }
  }
}
