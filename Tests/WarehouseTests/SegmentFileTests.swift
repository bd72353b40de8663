import Foundation
import Records
import Testing
import TestSupport

@testable import Warehouse

@Suite struct SegmentFileTests {
  let folder = FileManager.default.temporaryDirectory.path + "/segments-\(UUID().uuidString)"

  private func blocks(_ count: Int) -> [[TableBatch]] {
    var random = SeededGenerator(seed: 21)
    return (0..<count).map { _ in [randomBatch(rows: 20, &random), randomBatch(rows: 3, &random)] }
  }

  private func write(_ blocks: [[TableBatch]]) throws -> String {
    var writer = try SegmentWriter(folder: folder, name: "7.segment")
    for block in blocks { try writer.append(block) }
    #expect(try writer.finish() == blocks.count)
    return folder + "/7.segment"
  }

  @Test func blocksComeBackInOrder() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let blocks = blocks(40)
    var reader = try SegmentReader(path: write(blocks))
    for block in blocks { #expect(try reader.next() == block) }
    #expect(try reader.next() == nil)
    #expect(reader.blockIndex == 40)
  }

  @Test func theFirstBlocksCanBeSkipped() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let blocks = blocks(6)
    let path = try write(blocks)
    for count in 0...6 {
      var reader = try SegmentReader(path: path)
      try reader.skip(count)
      for block in blocks[count...] { #expect(try reader.next() == block) }
      #expect(try reader.next() == nil)
    }
    var reader = try SegmentReader(path: path)
    #expect(throws: SegmentError.self) { try reader.skip(7) }
  }

  @Test func folderAndFileAreTheOwnersAlone() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = try write(blocks(1))
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(folder) == 0o700)
    #expect(try mode(path) == 0o600)
  }

  @Test func anEmptySegmentHasNoBlocks() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var reader = try SegmentReader(path: write([]))
    #expect(try reader.next() == nil)
  }

  @Test func damageNamesFileBlockAndByte() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let blocks = blocks(3)
    let path = try write(blocks)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    let first = try SegmentCodec.encode(blocks[0]).count
    try whole.dropLast(5).write(to: URL(fileURLWithPath: path))
    var cut = try SegmentReader(path: path)
    try cut.skip(2)
    let truncated = #expect(throws: SegmentError.self) { _ = try cut.next() }
    #expect(truncated?.code == .truncated)
    #expect(truncated?.message.contains("block 3") == true)

    var damaged = whole
    damaged[first + 50] ^= 1
    try damaged.write(to: URL(fileURLWithPath: path))
    var reader = try SegmentReader(path: path)
    #expect(try reader.next() == blocks[0])
    let corrupt = #expect(throws: SegmentError.self) { _ = try reader.next() }
    #expect(corrupt?.code == .corrupt)
    #expect(corrupt?.message.contains("\(path), block 2 at byte \(first)") == true)
  }

  @Test func aMissingFileIsNamed() {
    let error = #expect(throws: WarehouseError.self) {
      _ = try SegmentReader(path: folder + "/none")
    }
    #expect(error?.code == .fileAccess)
  }
}
