import Glibc
import Warehouse

/// Clears what belongs to nothing in the pages of a closed database file.
///
/// The file must have been made with `auto_vacuum`: its pointer map says of every page what it is and who
/// refers to it, so that pages can be cleared one by one, without a walk through all trees.
struct FileScrub: ~Copyable {
  private let file: PosixFile
  /// Yesterday's, of which ``oldCount`` pages can be compared.
  private let old: PosixFile
  private let scrub: PageScrub
  private let pageCount: Int
  private let oldCount: Int
  private var format: PageFormat { scrub.format }
  private var map: (page: Int, bytes: [UInt8])?

  /// Pages that are read at once.
  private static let pagesPerRead = 64

  /// What the pointer map says of a page.
  private struct Entry {
    var kind: UInt8
    var parent: Int

    static let isRoot: UInt8 = 1
    static let firstOverflow: UInt8 = 3
    static let laterOverflow: UInt8 = 4
    static let isBranch: UInt8 = 5
  }

  /// Clears the pages of a file.
  ///
  /// - Parameter old: A cleared file; pages that are the same there are clear and not looked at. nil: all
  ///   pages are.
  /// - Returns: How many pages were looked at.
  /// - Throws: ``WarehouseError`` with code `.corrupt` for a file with pages that nobody knows.
  static func run(_ path: String, against old: String? = nil) throws -> Int {
    let file = try PosixFile(path, flags: O_RDWR)
    let before = try PosixFile(old ?? path, flags: O_RDONLY)
    let header = try file.read(PageFormat.headerSize, at: 0)
    let format = try PageFormat(header: header, of: path)
    guard header.word(at: 52) != 0 else {
      throw WarehouseError(.corrupt, "\(path) is no database with a pointer map")
    }
    let pageSize = format.pageSize
    let isLike = try before.read(5, at: 16).elementsEqual(header[16...20])
    let pageCount = try file.size() / pageSize
    let oldCount = old != nil && isLike ? try before.size() / pageSize : 0
    var scrub = FileScrub(
      file: file, old: before,
      scrub: PageScrub(format: format),
      pageCount: pageCount, oldCount: oldCount)
    return try scrub.run()
  }

  private init(
    file: consuming PosixFile, old: consuming PosixFile, scrub: PageScrub, pageCount: Int,
    oldCount: Int
  ) {
    self.file = file
    self.old = old
    self.scrub = scrub
    self.pageCount = pageCount
    self.oldCount = oldCount
  }

  private mutating func run() throws(WarehouseError) -> Int {
    let size = format.pageSize
    var count = 0
    var first = 1
    while first <= pageCount {
      let pages = min(Self.pagesPerRead, pageCount - first + 1)
      let bytes = try file.read(pages * size, at: (first - 1) * size)
      let known = max(0, min(pages, oldCount - first + 1))
      let before = try old.read(known * size, at: (first - 1) * size)
      for index in bytes.differingBlocks(from: before, size: size) {
        try clear(first + index, Array(bytes[index * size..<(index + 1) * size]))
        count += 1
      }
      first += pages
    }
    return count
  }

  private mutating func clear(_ number: Int, _ bytes: [UInt8]) throws(WarehouseError) {
    if number == format.lockPage { return }
    var page = bytes
    var isChanged = false
    if number == 1 {
      isChanged = try scrub.clear(&page, number: number)
    } else if number == mapPage(of: number) {
      isChanged = clearMap(&page, number)
    } else {
      let entry = try entry(number)
      switch entry.kind {
      case Entry.isRoot, Entry.isBranch:
        isChanged = try scrub.clear(&page, number: number)
      case Entry.firstOverflow, Entry.laterOverflow:
        isChanged = scrub.clearOverflow(&page, used: try overflowBytes(number, entry, page))
      default:
        throw WarehouseError(.corrupt, "page \(number) of \(file.path) belongs to nothing")
      }
    }
    if isChanged { try file.write(page, at: format.offset(of: number)) }
  }

  // MARK: The pointer map

  /// Pages that one page of the map tells of.
  private var mapped: Int { format.usableSize / 5 }

  /// The page of the map that tells of a page behind the first; its own number for a page of the map.
  private func mapPage(of number: Int) -> Int {
    let page = (number - 2) / (mapped + 1) * (mapped + 1) + 2
    return page == format.lockPage ? page + 1 : page
  }

  private mutating func entry(_ number: Int) throws(WarehouseError) -> Entry {
    let page = mapPage(of: number)
    if map?.page != page { map = (page, try read(page)) }
    let place = 5 * (number - page - 1)
    guard let bytes = map?.bytes, place >= 0, place + 5 <= bytes.count else {
      throw WarehouseError(.corrupt, "\(file.path) has no entry for page \(number)")
    }
    return Entry(kind: bytes[place], parent: bytes.word(at: place + 1))
  }

  /// Entries of pages that are not in the file any more.
  private func clearMap(_ page: inout [UInt8], _ number: Int) -> Bool {
    let end = min(mapped, pageCount - number) * 5
    return scrub.clearOverflow(&page, used: end - 4)
  }

  // MARK: Overflow pages

  /// Bytes of content on an overflow page.
  private mutating func overflowBytes(
    _ number: Int, _ entry: Entry, _ page: [UInt8]
  ) throws(WarehouseError) -> Int {
    let whole = format.usableSize - 4
    if page.word(at: 0) != 0 { return whole }
    // The last one has what the others leave.
    var (first, link, before) = (number, entry, 0)
    while link.kind == Entry.laterOverflow, before <= pageCount {
      first = link.parent
      link = try self.entry(first)
      before += 1
    }
    let owner = try scrub.cells(try read(link.parent), number: link.parent).first {
      $0.overflowPage == first
    }
    guard link.kind == Entry.firstOverflow, let owner, owner.overflowBytes > before * whole,
      owner.overflowBytes <= (before + 1) * whole
    else {
      throw WarehouseError(.corrupt, "page \(number) of \(file.path) continues nothing")
    }
    return owner.overflowBytes - before * whole
  }

  private func read(_ number: Int) throws(WarehouseError) -> [UInt8] {
    guard number > 0, number <= pageCount else {
      throw WarehouseError(.corrupt, "\(file.path) has no page \(number)")
    }
    return try file.read(format.pageSize, at: format.offset(of: number))
  }
}
