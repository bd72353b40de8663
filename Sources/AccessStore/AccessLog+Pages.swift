package import Access
import Catalog
import Glibc
import Warehouse

/// Some entries of the log, newest first.
package struct EntryPage: Sendable {
  package var entries: [WrittenEntry]
  /// Where the next page begins, for ``AccessLog/page(before:limit:scanning:_:)``; nil at the log's beginning.
  package var next: Int?
  /// Lines that were looked at for it.
  package var scanned: Int

  package init(entries: [WrittenEntry] = [], next: Int? = nil, scanned: Int = 0) {
    self.entries = entries
    self.next = next
    self.scanned = scanned
  }
}

extension AccessLog {
  /// What becomes of an entry on its way to a page.
  package enum Sieve: Sendable {
    case take
    case leave
    /// Nothing older is wanted either.
    case stop
  }

  private static let blockBytes = 64 * 1024
  /// Longer lines are none of ours.
  private static let longestLine = 1 << 20

  /// Reads entries backwards from a place of the log; what is read grows with the page and not with the log.
  ///
  /// Lines that are no entries are passed over: ``verify(_:onEntry:)`` names them.
  ///
  /// - Parameters:
  ///   - end: ``EntryPage/next`` of the page before; nil for the newest.
  ///   - limit: Entries on the page.
  ///   - maximum: Lines after which the page is handed out even if it is not full.
  package func page(
    before end: Int?, limit: Int, scanning maximum: Int, _ sieve: (WrittenEntry) throws -> Sieve
  ) throws -> EntryPage {
    var page = EntryPage()
    guard PosixFile.exists(logPath) else { return page }
    let file = try PosixFile(logPath, flags: O_RDONLY)
    // While a writer is at work the log may end in half a line.
    let size = min(try file.size(), (try? anchor())??.byteCount ?? .max)
    var cursor = min(max(0, end ?? size), size)
    var start = cursor
    // Bytes from `start` to `cursor`.
    var buffer: [UInt8] = []
    while cursor > 0, page.entries.count < limit, page.scanned < maximum {
      let lineStart: Int
      if let newline = buffer.dropLast().lastIndex(of: 10) {
        lineStart = newline + 1
      } else if start > 0 {
        guard buffer.count < Self.longestLine else { break }
        let count = min(Self.blockBytes, start)
        start -= count
        _ = try file.seek(start)
        buffer = try file.read(count) + buffer
        continue
      } else {
        lineStart = 0
      }
      var line = Array(buffer[lineStart...])
      if line.last == 10 { line.removeLast() }
      buffer.removeSubrange(lineStart...)
      cursor = start + lineStart
      page.scanned += 1
      guard let entry = WrittenEntry(line: line) else { continue }
      switch try sieve(entry) {
      case .take: page.entries.append(entry)
      case .leave: break
      case .stop: return page
      }
    }
    page.next = cursor > 0 ? cursor : nil
    return page
  }

  /// Walks through the log and compares it with all files beside it that know it (``LoggedDatabase``).
  ///
  /// - Parameter heads: What others have kept.
  package func verifyWithStores(
    _ heads: [ChainWitness] = [], onEntry: (WrittenEntry) throws -> Void = { _ in }
  ) throws -> ChainReport {
    try verify(try heads + LoggedDatabase.witnesses(in: folder), onEntry: onEntry)
  }
}
