package import Access
import Crypto
import Glibc
import Records
import Warehouse

/// The only writer of a log while it lives, with the lock held by ``AccessLog/withWriter(_:_:_:)``.
///
/// An entry is written in this order: the files that it vouches for; the new anchor, under another name; the
/// line; then the anchor takes its place. A writer that dies in between leaves one of three things, which
/// the next one tells apart from tampering because all of them lie behind the anchored end: nothing, a whole
/// entry that follows (anchored now), or the beginning of a line (set aside and recorded).
package final class AccessLogWriter {
  private let log: AccessLog
  private let file: PosixFile
  private let person: Person
  private let now: Int64
  /// The newest entry; nil before the first.
  package private(set) var anchor: ChainAnchor?
  /// The moment of the entry that the writer found at the end of the log; nil where it was empty.
  package private(set) var newestTime: Int64?
  /// The secret of the key fingerprints.
  package let secret: FingerprintSecret

  init(_ log: AccessLog, _ person: Person, _ now: Int64) throws {
    self.log = log
    self.person = person
    self.now = now
    anchor = try log.anchor()
    secret = try Self.secret(log, mayBeMade: anchor == nil)
    file = try PosixFile(log.logPath, flags: O_RDWR | O_CREAT)
    try settle()
    if anchor == nil { try begin() }
    try recordTorn()
  }

  /// Appends one entry; see ``AccessLog/append(_:)``.
  package func append(_ event: AccessEvent) throws -> AccessEntry {
    try append([try attached(event, nextSequence)])[0]
  }

  /// Appends entries that become durable together, for the price of one.
  ///
  /// - Throws: As ``AccessLog/append(_:)``; then none was appended.
  package func append(_ events: [AccessEvent]) throws {
    guard !events.isEmpty else { return }
    _ = try append(events.enumerated().map { try attached($1, nextSequence + $0) })
  }

  private typealias Draft = (event: AccessEvent, file: AttachedFile?)

  /// Writes the keys of an event to a file of their own where they are many.
  private func attached(_ event: AccessEvent, _ sequence: Int) throws -> Draft {
    // Without the keys nobody could say later whose records they were.
    guard event.rows == event.keys.count, event.keys == Set(event.keys).sorted() else {
      throw AccessLogError(
        .malformedEvent, "\(event.action.rawValue): \(event.rows) rows, \(event.keys.count) keys")
    }
    guard event.keys.count > AccessEntry.inlineKeys else { return (event, nil) }
    let bytes = event.keys.flatMap { key in
      [key.high, key.low].flatMap { half in
        (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) }
      }
    }
    let name = AccessLog.keysName(sequence)
    try write(bytes, to: name)
    var line = event
    line.keys = []
    return (line, AttachedFile(name: name, hash: ChainHash(of: bytes)))
  }

  private var nextSequence: Int { (anchor?.sequence ?? 0) + 1 }

  /// Number of the entry that will vouch for a torn line behind so many whole ones; the first entry vouches for
  /// the secret.
  private func tornSequence(behind lines: Int = 0) -> Int { max(2, nextSequence + lines) }

  private func append(_ drafts: [Draft]) throws -> [AccessEntry] {
    var entries: [AccessEntry] = []
    var lines: [UInt8] = []
    for draft in drafts {
      let entry = AccessEntry(
        sequence: nextSequence + entries.count, draft.event, file: draft.file,
        previous: entries.last?.hash ?? anchor?.hash ?? .zero)
      entries.append(entry)
      lines += entry.line
    }
    guard let last = entries.last else { return [] }
    let start = anchor?.byteCount ?? 0
    let next = ChainAnchor(
      sequence: last.sequence, hash: last.hash, byteCount: start + lines.count)
    try prepare(next)
    do {
      try file.seek(start)
      try file.write(lines)
      try file.synchronize()
      try PosixFile.rename(log.announcedPath, to: log.anchorPath)
    } catch {
      // Nobody has been told of the entries. What cannot be taken back is found by the next writer.
      try? file.truncate(to: start)
      try? file.synchronize()
      throw error
    }
    anchor = next
    try PosixFile.synchronizeFolder(log.folder)
    return entries
  }

  /// Writes an anchor under another name, so that a full disk stops us before the log is touched.
  private func prepare(_ anchor: ChainAnchor) throws {
    let new = try PosixFile(log.announcedPath, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try new.write(anchor.line)
    try new.synchronize()
  }

  /// Writes a file below the folder of the log and makes it durable.
  private func write(_ bytes: [UInt8], to name: String, adding: Bool = false) throws {
    let path = log.folder + "/" + name
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    try PosixFile.makePrivateFolder(folder)
    let flags = O_WRONLY | O_CREAT | (adding ? O_APPEND : O_TRUNC)
    let target = try PosixFile(path, flags: flags)
    try target.write(bytes)
    try target.synchronize()
    try PosixFile.synchronizeFolder(folder)
    try PosixFile.synchronizeFolder(log.folder)
  }
}

// MARK: What the last writer left

extension AccessLogWriter {
  /// Checks the anchored end and deals with what lies behind it.
  private func settle() throws {
    let end = anchor?.byteCount ?? 0
    let size = try file.size()
    guard size >= end else { throw tampered("it is shorter than its anchor says") }
    if let anchor { try checkLast(anchor) }
    guard size > end else { return }
    let most = anchor?.mostBehind(try log.announced()) ?? 1
    try file.seek(end)
    let rest = try file.read(size - end)
    let whole = rest.lastIndex(of: 10).map { rest[...$0] } ?? []
    let lines = whole.split(separator: 10, omittingEmptySubsequences: false).dropLast()
    let torn = rest[whole.endIndex...]
    guard lines.count <= most, torn.isEmpty || lines.isEmpty || most > 1 else {
      throw tampered("lines behind the anchor are not its own")
    }
    let next = try follow(lines, end)
    // The torn line goes first: as long as it is there, what was announced has to be known.
    if !torn.isEmpty {
      try write(
        Array(torn), to: AccessLog.tornName(tornSequence(behind: lines.count)), adding: true)
      try file.truncate(to: end + whole.count)
      try file.synchronize()
    }
    if let next { try adopt(next) }
  }

  /// The line before the anchored end must be the anchored entry.
  private func checkLast(_ anchor: ChainAnchor) throws {
    var bytes: [UInt8] = []
    var start = anchor.byteCount
    // Lines are short; the first look is nearly always enough.
    repeat {
      start = max(0, anchor.byteCount - max(8192, bytes.count * 4))
      try file.seek(start)
      bytes = try file.read(anchor.byteCount - start)
    } while start > 0 && !bytes.dropLast().contains(10)
    let text = bytes.dropLast()
    let line = Array(text[((text.lastIndex(of: 10) ?? -1) + 1)...])
    guard bytes.last == 10, let entry = WrittenEntry(line: line), entry.isIntact,
      entry.sequence == anchor.sequence, entry.hash == anchor.hash
    else { throw tampered("its end is not the entry that its anchor names") }
    newestTime = entry.time
  }

  /// The anchor for whole lines behind the anchored end, which must follow from it; nil for none.
  private func follow(_ lines: some Sequence<ArraySlice<UInt8>>, _ end: Int) throws -> ChainAnchor?
  {
    var next = anchor
    var byteCount = end
    for line in lines {
      guard let entry = WrittenEntry(line: Array(line)), entry.isIntact,
        entry.sequence == (next?.sequence ?? 0) + 1, entry.previous == next?.hash ?? .zero
      else { throw tampered("lines behind the anchor do not follow from it") }
      byteCount += line.count + 1
      newestTime = entry.time
      next = ChainAnchor(sequence: entry.sequence, hash: entry.hash, byteCount: byteCount)
    }
    guard byteCount > end, let next else { return nil }
    if let announced = try log.announced(), next.sequence == announced.sequence,
      next.sequence > nextSequence, next != announced
    {
      throw tampered("lines behind the anchor are not those that were announced")
    }
    return next
  }

  /// Anchors whole entries whose writer died before it could.
  private func adopt(_ next: ChainAnchor) throws {
    try prepare(next)
    // Their writer may have died before the lines were durable.
    try file.synchronize()
    try PosixFile.rename(log.announcedPath, to: log.anchorPath)
    try PosixFile.synchronizeFolder(log.folder)
    anchor = next
  }

  /// The first entry vouches for the secret.
  private func begin() throws {
    let event = AccessEvent(
      time: now, person: person, action: .logOpened, outcome: .allowed, rule: "log")
    _ = try append([
      (event, AttachedFile(name: "fingerprint.key", hash: ChainHash(of: secret.bytes)))
    ])
  }

  /// Records a torn line that was set aside, by this writer or one that died after that.
  private func recordTorn() throws {
    let name = AccessLog.tornName(tornSequence())
    guard PosixFile.exists(log.folder + "/" + name) else { return }
    let torn = try PosixFile(log.folder + "/" + name, flags: O_RDONLY)
    let bytes = try torn.read(try torn.size())
    var event = AccessEvent(
      time: now, person: person, action: .lineTorn, outcome: .allowed, rule: "log")
    event.reference = "\(bytes.count)"
    _ = try append([(event, AttachedFile(name: name, hash: ChainHash(of: bytes)))])
  }

  private static func secret(_ log: AccessLog, mayBeMade: Bool) throws -> FingerprintSecret {
    if let secret = try log.secret() { return secret }
    let path = log.secretPath
    // With another secret no question about older entries could be answered.
    guard mayBeMade else { throw AccessLogError(.secret, "\(path) is missing; restore it") }
    let bytes = SymmetricKey(size: .bits256).rawBytes
    guard let secret = FingerprintSecret(bytes) else {
      throw AccessLogError(.secret, "no secret could be made")
    }
    let file = try PosixFile(path + ".new", flags: O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(bytes)
    try file.synchronize()
    try PosixFile.rename(path + ".new", to: path)
    try PosixFile.synchronizeFolder(log.folder)
    return secret
  }

  private func tampered(_ what: String) -> AccessLogError {
    AccessLogError(
      .tampered, "the access log \(log.logPath) was changed: \(what); run qingyuan audit verify")
  }
}

extension SymmetricKey {
  var rawBytes: [UInt8] {
    unsafe withUnsafeBytes { unsafe Array($0) }
  }
}
