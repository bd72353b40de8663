import Warehouse

/// Clears the bytes of a database's pages that belong to nothing.
///
/// A page of a b-tree keeps what stood in it: cells that moved to another page leave their bytes behind,
/// and those of cells that were deleted later were copied elsewhere before (`secure_delete` clears a cell
/// where it is deleted, and no copy). What a page means is in its header, its cell pointers, its cells and
/// the first four bytes of its free blocks; every other byte becomes zero. What the page means does not
/// change.
///
/// - Source: <https://www.sqlite.org/fileformat2.html>, sections 1.6 (b-tree pages), 1.7 (overflow pages).
struct PageScrub: Sendable {
  /// A cell of a b-tree page.
  struct Cell: Sendable, Hashable {
    /// Bytes of the page.
    var range: Range<Int>
    /// Bytes of its payload that stand on overflow pages.
    var overflowBytes = 0
    /// The first of these pages; 0 if there is none.
    var overflowPage = 0
  }

  let format: PageFormat

  /// - Throws: ``WarehouseError`` with code `.corrupt` if the bytes are no page of a b-tree.
  func cells(_ page: [UInt8], number: Int) throws(WarehouseError) -> [Cell] {
    try Reading(page, number: number, format).cells
  }

  /// Clears a page of a b-tree.
  ///
  /// - Parameter number: From 1.
  /// - Returns: Whether a byte was changed.
  /// - Throws: ``WarehouseError`` with code `.corrupt` if the bytes are no page of a b-tree.
  func clear(_ page: inout [UInt8], number: Int) throws(WarehouseError) -> Bool {
    let reading = try Reading(page, number: number, format)
    var covered = reading.cells.map(\.range) + reading.freeBlocks
    covered.append(0..<reading.pointersEnd)
    covered.sort { $0.lowerBound < $1.lowerBound }
    var isChanged = false
    var end = 0
    for range in covered {
      // A cell may have two pointers in no sound page; free blocks and cells do not overlap either.
      guard range.lowerBound >= end else {
        throw Self.damage(number, "two parts of it overlap at byte \(range.lowerBound)")
      }
      isChanged = Self.clear(&page, end..<range.lowerBound) || isChanged
      end = range.upperBound
    }
    return Self.clear(&page, end..<format.pageSize) || isChanged
  }

  /// Clears what follows the content of an overflow page.
  ///
  /// - Parameter used: Bytes of content behind the number of the next page.
  func clearOverflow(_ page: inout [UInt8], used: Int) -> Bool {
    Self.clear(&page, min(format.pageSize, 4 + used)..<format.pageSize)
  }

  private static func clear(_ page: inout [UInt8], _ range: Range<Int>) -> Bool {
    var isChanged = false
    for index in range where page[index] != 0 {
      page[index] = 0
      isChanged = true
    }
    return isChanged
  }

  fileprivate static func damage(_ number: Int, _ what: String) -> WarehouseError {
    WarehouseError(.corrupt, "page \(number) is no page of a b-tree: \(what)")
  }

  /// What stands where on a page.
  private struct Reading {
    private(set) var cells: [Cell] = []
    /// The four bytes that each of them begins with.
    private(set) var freeBlocks: [Range<Int>] = []
    private(set) var pointersEnd = 0
    private let page: [UInt8]
    private let number: Int
    private let format: PageFormat
    private var usable: Int { format.usableSize }

    init(_ page: [UInt8], number: Int, _ format: PageFormat) throws(WarehouseError) {
      self.page = page
      self.number = number
      self.format = format
      let start = number == 1 ? PageFormat.headerSize : 0
      guard page.count >= format.usableSize, let kind = Kind(rawValue: page[start]) else {
        throw PageScrub.damage(number, "its first byte is \(page[start])")
      }
      let header = start + (kind.isInterior ? 12 : 8)
      let count = page.half(at: start + 3)
      pointersEnd = header + 2 * count
      guard pointersEnd <= usable else {
        throw PageScrub.damage(number, "it has \(count) cells")
      }
      cells.reserveCapacity(count)
      for index in 0..<count {
        cells.append(try cell(at: page.half(at: header + 2 * index), kind))
      }
      try readFreeBlocks(first: page.half(at: start + 1))
    }

    private mutating func readFreeBlocks(first: Int) throws(WarehouseError) {
      var block = first
      var end = pointersEnd
      while block != 0 {
        guard block >= end, block + 4 <= usable, block + page.half(at: block + 2) <= usable else {
          throw PageScrub.damage(number, "a free block at \(block)")
        }
        freeBlocks.append(block..<block + 4)
        end = block + 4
        block = page.half(at: block)
      }
    }

    private func cell(at start: Int, _ kind: Kind) throws(WarehouseError) -> Cell {
      guard start >= pointersEnd, start < usable else {
        throw PageScrub.damage(number, "a cell at \(start)")
      }
      var place = start + (kind.isInterior ? 4 : 0)
      var payload = 0
      if kind != .tableInterior { payload = try varint(&place) }
      if kind == .tableInterior || kind == .tableLeaf { _ = try varint(&place) }
      let local =
        kind == .tableInterior ? 0 : format.localBytes(payload, isTable: kind == .tableLeaf)
      let end = place + local + (local < payload ? 4 : 0)
      guard end <= usable else { throw PageScrub.damage(number, "a cell ends at \(end)") }
      guard local < payload else { return Cell(range: start..<end) }
      return Cell(
        range: start..<end, overflowBytes: payload - local,
        overflowPage: page.word(at: end - 4))
    }

    private func varint(_ place: inout Int) throws(WarehouseError) -> Int {
      var value: UInt64 = 0
      for count in 1...9 {
        guard place < usable else { throw PageScrub.damage(number, "a cell has no end") }
        let byte = page[place]
        place += 1
        if count == 9 {
          value = value << 8 | UInt64(byte)
          break
        }
        value = value << 7 | UInt64(byte & 0x7F)
        if byte & 0x80 == 0 { break }
      }
      // Only sizes of payloads are used, which are positive and small.
      return Int(truncatingIfNeeded: value & 0x7FFF_FFFF)
    }
  }

  private enum Kind: UInt8 {
    case indexInterior = 2
    case tableInterior = 5
    case indexLeaf = 10
    case tableLeaf = 13

    var isInterior: Bool { self == .indexInterior || self == .tableInterior }
  }
}
