import Warehouse

/// What SQLite's file format says of pages in general (<https://www.sqlite.org/fileformat2.html>, 1.2 to 1.6).
struct PageFormat: Sendable, Hashable {
  /// Bytes of a page, and those that SQLite uses of it.
  let pageSize: Int
  let usableSize: Int

  /// Bytes of the header of a file, at the begin of its first page.
  static let headerSize = 100

  /// - Parameter header: Of the file.
  /// - Throws: ``WarehouseError`` with code `.corrupt` if it is none.
  init(header: [UInt8], of path: String) throws(WarehouseError) {
    guard header.count >= Self.headerSize else {
      throw WarehouseError(.corrupt, "\(path) is too short to be a database")
    }
    let size = header.half(at: 16)
    pageSize = size == 1 ? 65_536 : size
    usableSize = pageSize - Int(header[20])
    guard pageSize >= 512, pageSize.nonzeroBitCount == 1 else {
      throw WarehouseError(.corrupt, "\(path) has pages of \(pageSize) bytes")
    }
  }

  /// The page with the bytes that are locked belongs to nobody.
  var lockPage: Int { 0x4000_0000 / pageSize + 1 }

  /// Bytes of a payload that stand on the page of its cell; the others go to overflow pages.
  ///
  /// - Parameter isTable: On a leaf of a table; else of an index.
  func localBytes(_ payload: Int, isTable: Bool) -> Int {
    let most = isTable ? usableSize - 35 : (usableSize - 12) * 64 / 255 - 23
    if payload <= most { return payload }
    let least = (usableSize - 12) * 32 / 255 - 23
    let fitting = least + (payload - least) % (usableSize - 4)
    return fitting <= most ? fitting : least
  }

  /// First byte of a page in the file.
  func offset(of page: Int) -> Int { (page - 1) * pageSize }
}

/// Numbers of a page, the highest byte first.
extension [UInt8] {
  func half(at offset: Int) -> Int { Int(self[offset]) << 8 | Int(self[offset + 1]) }

  func word(at offset: Int) -> Int {
    self[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  /// Two bytes; 65,536 is 0 (the begin of the content of a page).
  mutating func setHalf(_ value: Int, at offset: Int) {
    self[offset] = UInt8(truncatingIfNeeded: value >> 8)
    self[offset + 1] = UInt8(truncatingIfNeeded: value)
  }

  /// Four bytes.
  mutating func setWord(_ value: Int, at offset: Int) {
    for index in 0..<4 {
      self[offset + index] = UInt8(truncatingIfNeeded: value >> (24 - index * 8))
    }
  }
}

/// SQLite's integers of one to nine bytes: seven bits each, the highest first, nine with eight.
enum Varint {
  static func length(_ value: UInt64) -> Int {
    value >> 56 != 0 ? 9 : max(1, (70 - (value | 1).leadingZeroBitCount) / 7)
  }

  static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    let count = length(value)
    if count == 9 {
      for index in 0..<8 {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(57 - index * 7)) | 0x80)
      }
      bytes.append(UInt8(truncatingIfNeeded: value))
      return
    }
    for index in stride(from: count - 1, through: 0, by: -1) {
      let part = UInt8(truncatingIfNeeded: value >> UInt64(index * 7)) & 0x7F
      bytes.append(index == 0 ? part : part | 0x80)
    }
  }
}
