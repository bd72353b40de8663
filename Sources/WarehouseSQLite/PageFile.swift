import Glibc
import Warehouse

/// ADVICE FOR HACKERS
///
/// Pages of a private database that are written beside SQLite, which goes on writing pages of its own.
/// What makes that safe:
///
/// 1. SQLite takes new pages from the free list or from behind the last page. Before pages are taken
///    here, the header is told that the file is longer (``reserve(_:)``); SQLite goes on behind them.
/// 2. SQLite reads the header anew, and forgets the pages that it kept, when the change counter is not
///    the one that it left (file format, §1.3.7). Every change of the header here moves the counter.
///    That needs a connection without exclusive locking, and that no transaction is open.
/// 3. Nothing that SQLite knows of refers to a page of ours before ``TreePages`` writes the root.
/// 4. The page with the lock bytes (byte 1,073,741,824) belongs to nobody.
/// 5. Whatever was reserved and not used goes to the free list (``giveBackUnused()``).
///
/// The file is private to this process, so that closing our descriptor, which gives up SQLite's locks
/// on the same file, harms nobody.
final class PageFile {
  let format: PageFormat
  private let file: PosixFile
  /// Reserved and not yet taken, contiguous.
  private var extent: Range<Int> = 0..<0
  /// Reserved and not taken, or given back.
  private var unused: [Int] = []
  private var reservedCount = 0

  /// Pages that are reserved at a time, once so many are in use: 32 MiB of 16 KiB pages.
  private static let extentLimit = 2048

  /// - Parameter path: A database that has at least its first page.
  init(path: String) throws(WarehouseError) {
    file = try PosixFile(path, flags: O_RDWR)
    format = try PageFormat(header: try file.read(PageFormat.headerSize), of: path)
    guard format.usableSize == pageSize else {
      throw WarehouseError(.corrupt, "\(path) has pages with a reserved end")
    }
  }

  var pageSize: Int { format.pageSize }
  private var lockPage: Int { format.lockPage }

  // MARK: Taking pages

  /// Makes sure that `count` pages can be taken.
  ///
  /// - Precondition: SQLite has no transaction open.
  func reserve(_ count: Int) throws(WarehouseError) {
    guard extent.count + unused.count < count + 1 else { return }
    var header = try readHeader()
    unused += extent.filter { $0 != lockPage }
    // One more: the page with the lock bytes may be among them.
    let wanted = max(count + 1, min(reservedCount, Self.extentLimit))
    extent = header.pageCount + 1..<header.pageCount + 1 + wanted
    reservedCount += wanted
    header.pageCount += wanted
    try file.truncate(to: header.pageCount * pageSize)
    try write(&header)
  }

  /// The number of a page that nobody uses.
  ///
  /// - Throws: ``WarehouseError`` if it was not reserved.
  func take() throws(WarehouseError) -> Int {
    if let page = unused.popLast() { return page }
    guard let page = extent.first else {
      throw WarehouseError(.database, "\(file.path): a page was taken that was not reserved")
    }
    extent = page + 1..<extent.upperBound
    return page == lockPage ? try take() : page
  }

  /// Takes back a page that nothing refers to.
  func giveBack(_ page: Int) { unused.append(page) }

  func write(_ bytes: [UInt8], page: Int) throws(WarehouseError) {
    precondition(bytes.count == pageSize && page != lockPage, "not a page")
    try file.write(bytes, at: format.offset(of: page))
  }

  func read(page: Int) throws(WarehouseError) -> [UInt8] {
    let bytes = try file.read(pageSize, at: format.offset(of: page))
    guard bytes.count == pageSize else {
      throw WarehouseError(.corrupt, "\(file.path) ends before page \(page)")
    }
    return bytes
  }

  // MARK: The header

  /// Fields of the first page that are changed here (file format, §1.3).
  private struct Header {
    var bytes: [UInt8]

    var changeCounter: Int {
      get { bytes.word(at: 24) }
      set { bytes.setWord(newValue, at: 24) }
    }
    var pageCount: Int {
      get { bytes.word(at: 28) }
      set { bytes.setWord(newValue, at: 28) }
    }
    var firstFreePage: Int {
      get { bytes.word(at: 32) }
      set { bytes.setWord(newValue, at: 32) }
    }
    var freeCount: Int {
      get { bytes.word(at: 36) }
      set { bytes.setWord(newValue, at: 36) }
    }
    var versionValidFor: Int {
      get { bytes.word(at: 92) }
      set { bytes.setWord(newValue, at: 92) }
    }
  }

  private func readHeader() throws(WarehouseError) -> Header {
    let header = Header(bytes: try file.read(PageFormat.headerSize, at: 0))
    guard header.bytes.count == PageFormat.headerSize,
      header.changeCounter == header.versionValidFor,
      header.pageCount > 0
    else { throw WarehouseError(.corrupt, "\(file.path) does not say how many pages it has") }
    return header
  }

  private func write(_ header: inout Header) throws(WarehouseError) {
    header.changeCounter = (header.changeCounter + 1) & 0xFFFF_FFFF
    header.versionValidFor = header.changeCounter
    try file.write(header.bytes, at: 0)
  }

  /// Makes SQLite read what was written into pages that it may have kept.
  ///
  /// - Precondition: SQLite has no transaction open.
  func announceChange() throws(WarehouseError) {
    var header = try readHeader()
    try write(&header)
  }

  /// Puts what was reserved and not used on the free list, for whatever SQLite adds later.
  ///
  /// - Precondition: SQLite has no transaction open.
  func giveBackUnused() throws(WarehouseError) {
    var pages = unused + extent.filter { $0 != lockPage }
    pages.sort()
    unused = []
    extent = 0..<0
    guard !pages.isEmpty else { return }
    var header = try readHeader()
    // Older versions of SQLite misread longer lists (file format, §1.5).
    let perTrunk = pageSize / 4 - 8
    while let trunk = pages.popLast() {
      let leaves = pages.suffix(perTrunk)
      pages.removeLast(leaves.count)
      var bytes = [UInt8](repeating: 0, count: pageSize)
      bytes.setWord(header.firstFreePage, at: 0)
      bytes.setWord(leaves.count, at: 4)
      for (index, leaf) in leaves.enumerated() { bytes.setWord(leaf, at: 8 + index * 4) }
      try write(bytes, page: trunk)
      header.firstFreePage = trunk
      header.freeCount += leaves.count + 1
    }
    try write(&header)
  }
}
