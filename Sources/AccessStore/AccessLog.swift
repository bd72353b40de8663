package import Access
import Glibc
import Warehouse

/// The access log of an installation: a folder with the log, its anchor and what entries vouch for.
///
/// ```
/// log.jsonl         one entry a line, only ever appended to
/// anchor            sequence, hash and end of the newest entry; replaced as a whole
/// anchor.new        the next anchor while its entries are written
/// lock              one writer at a time, of all processes
/// fingerprint.key   the secret of the key fingerprints; the first entry has its hash
/// keys/000012       the keys of entry 12, where they are many: 16 bytes each, sorted
/// torn/000012       what was left of a line whose writer died; entry 12 has its hash
/// ```
///
/// Everything is readable by its owner only. An entry is durable when ``append(_:)`` returns.
package struct AccessLog: Sendable {
  /// How long a writer waits for others, in milliseconds.
  package static let patience = 60_000

  package let folder: String

  /// - Parameter folder: ``HomeFolder/access``; made by the first append.
  package init(folder: String) { self.folder = folder }

  var logPath: String { folder + "/log.jsonl" }
  var anchorPath: String { folder + "/anchor" }
  var announcedPath: String { anchorPath + ".new" }
  var secretPath: String { folder + "/fingerprint.key" }

  static func keysName(_ sequence: Int) -> String { "keys/" + padded(sequence) }
  static func tornName(_ sequence: Int) -> String { "torn/" + padded(sequence) }

  private static func padded(_ sequence: Int) -> String {
    let digits = String(sequence)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// Appends one entry.
  ///
  /// - Returns: The entry as it stands in the log.
  /// - Throws: ``AccessLogError``; `WarehouseError` where a file cannot be written. Then nothing was
  ///   appended, and what the event says must not happen.
  @discardableResult
  package func append(_ event: AccessEvent) throws -> AccessEntry {
    try withWriter(event.person, event.time) { try $0.append(event) }
  }

  /// Runs `body` while this process is the only writer.
  ///
  /// - Parameters:
  ///   - person: Who acts, for entries about the log itself.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  package func withWriter<Result>(
    _ person: Person, _ now: Int64, _ body: (AccessLogWriter) throws -> Result
  ) throws -> Result {
    try PosixFile.makePrivateFolder(folder)
    let lock = try PosixFile(folder + "/lock", flags: O_RDWR | O_CREAT)
    try Self.wait(for: lock)
    let result = try body(try AccessLogWriter(self, person, now))
    // The lock goes with the file; it must not go earlier.
    withExtendedLifetime(lock) {}
    return result
  }

  static func wait(for lock: borrowing PosixFile) throws {
    for _ in 0..<patience {
      if try lock.tryLock() { return }
      usleep(1000)
    }
    throw AccessLogError(
      .inUse, "another process has held \(lock.path) for a minute; end it and try again")
  }

  /// The newest entry as the anchor has it; nil before the first entry.
  ///
  /// - Throws: ``AccessLogError`` with code `.tampered` where the file is not an anchor.
  package func anchor() throws -> ChainAnchor? {
    guard PosixFile.exists(anchorPath) else { return nil }
    let file = try PosixFile(anchorPath, flags: O_RDONLY)
    guard let anchor = ChainAnchor(line: try file.read(4096)) else {
      throw AccessLogError(.tampered, "\(anchorPath) is not an anchor; run qingyuan audit verify")
    }
    return anchor
  }

  /// What a writer was about to anchor when it died; nil where there is no such file, or it is not whole.
  func announced() throws -> ChainAnchor? {
    guard PosixFile.exists(announcedPath) else { return nil }
    return ChainAnchor(line: try PosixFile(announcedPath, flags: O_RDONLY).read(4096))
  }

  /// The secret of the key fingerprints; nil before the first entry.
  package func secret() throws -> FingerprintSecret? {
    guard PosixFile.exists(secretPath) else { return nil }
    let bytes = try PosixFile(secretPath, flags: O_RDONLY).read(FingerprintSecret.byteCount + 1)
    guard let secret = FingerprintSecret(bytes) else {
      throw AccessLogError(
        .secret, "\(secretPath) does not have \(FingerprintSecret.byteCount) bytes; restore it")
    }
    return secret
  }
}

extension AccessLog {
  /// Runs `body` while nobody appends.
  ///
  /// A folder without the lock was never written to, or somebody has removed it: nothing is waited for.
  package func withoutWriters<Result>(_ body: () throws -> Result) throws -> Result {
    guard PosixFile.exists(folder + "/lock") else { return try body() }
    let lock = try PosixFile(folder + "/lock", flags: O_RDONLY)
    try Self.wait(for: lock)
    let result = try body()
    withExtendedLifetime(lock) {}
    return result
  }
}
