import Warehouse

/// A page of rows of a table, and which rows.
struct LeafPage {
  var page: Int
  /// Ids of the first and the last row.
  var rows: ClosedRange<Int64>
  /// Pages with what did not fit.
  var overflow: [Int] = []
}

/// Makes a table's tree of the pages that hold its rows (SQLite's file format, §1.6).
///
/// The page of the root stays where the schema says it is; what an empty table has there is replaced.
enum TreePages {
  /// - Parameters:
  ///   - leaves: At least one, ascending by row, without any row twice.
  ///   - root: Of the table, which is empty.
  static func link(_ leaves: [LeafPage], root: Int, in file: PageFile) throws(WarehouseError) {
    guard leaves.count > 1 else {
      // A root that is a leaf holds the rows itself.
      guard let only = leaves.first else { return }
      try file.write(try file.read(page: only.page), page: root)
      file.giveBack(only.page)
      return
    }
    var level = leaves.map { Child(page: $0.page, last: $0.rows.upperBound) }
    while true {
      let groups = group(level, pageSize: file.pageSize)
      guard groups.count > 1 else {
        return try file.write(page(level[...], size: file.pageSize), page: root)
      }
      var next: [Child] = []
      for group in groups {
        let children = level[group]
        let number = try file.take()
        try file.write(page(children, size: file.pageSize), page: number)
        next.append(Child(page: number, last: children.last?.last ?? 0))
      }
      level = next
    }
  }

  /// Pages that ``link(_:root:in:)`` may take.
  static func pageCount(leaves: Int, pageSize: Int) -> Int {
    // A page refers to at least this many others; at least half of it is used.
    let fanOut = max(2, (pageSize - header) / cellLimit / 2)
    var (count, level) = (2, leaves)
    while level > 1 {
      level = (level + fanOut - 1) / fanOut
      count += level
    }
    return count
  }

  private struct Child {
    var page: Int
    /// Id of the last row below it.
    var last: Int64
  }

  /// Bytes before the cell pointers of an interior page.
  private static let header = 12
  /// Page, row id, and the pointer to them.
  private static let cellLimit = 4 + 9 + 2

  /// Which children share a page: as many as fit, and at least two.
  private static func group(_ level: [Child], pageSize: Int) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    var used = header
    for index in level.indices {
      let size = 4 + Varint.length(UInt64(bitPattern: level[index].last)) + 2
      // The last child of a page needs no cell, only its number.
      if used + size > pageSize {
        groups.append(start..<index)
        (start, used) = (index, header)
      }
      used += size
    }
    groups.append(start..<level.count)
    if let last = groups.last, last.count == 1, groups.count > 1 {
      let before = groups[groups.count - 2]
      groups[groups.count - 2] = before.lowerBound..<before.upperBound - 1
      groups[groups.count - 1] = last.lowerBound - 1..<last.upperBound
    }
    return groups
  }

  /// An interior page.
  private static func page(_ children: ArraySlice<Child>, size: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    var content = size
    for (index, child) in children.dropLast().enumerated() {
      var cell = [UInt8](repeating: 0, count: 4)
      cell.setWord(child.page, at: 0)
      Varint.append(UInt64(bitPattern: child.last), to: &cell)
      content -= cell.count
      bytes.replaceSubrange(content..<content + cell.count, with: cell)
      bytes.setHalf(content, at: header + index * 2)
    }
    bytes[0] = 0x05
    bytes.setHalf(children.count - 1, at: 3)
    bytes.setHalf(content, at: 5)
    bytes.setWord(children.last?.page ?? 0, at: 8)
    return bytes
  }
}
