import AccessStore
import Foundation
import Glibc
package import Pipeline
import Warehouse
import WarehouseSQLite

/// Copies of an installation, made beside readers and beside the night.
///
/// ```
/// FOLDER/2026-03-01T031000/            one backup; whole, or not there
///   backup.json                        when, and of which publication
///   SHA256SUMS                         every file, for `sha256sum -c`
///   home/warehouse/warehouse.sqlite    what readers saw at that moment
///   home/access/ archive/ returns/ report/
///   definitions/                       the rules of then
/// ```
///
/// Databases are copied by SQLite itself, the access log while nobody appends to it, all else file by file;
/// what the last backup has already is the same file (a second name). What is made anew (`tiers/`), private
/// (`work/`) or not taken yet (`inbox/`) is left out. Killed at any moment it leaves a folder whose name ends
/// with `.part`, which the next backup removes.
package struct HomeBackup {
  let home: HomeFolder
  /// The folder of definitions.
  let definitions: String
  /// Where backups stand, each in a folder of its own.
  let folder: String
  let progress: any ProgressReporter

  package init(
    home: HomeFolder, definitions: String, folder: String, progress: any ProgressReporter
  ) {
    self.home = home
    self.definitions = definitions
    self.folder = folder
    self.progress = progress
  }

  package struct Outcome: Sendable, Equatable {
    /// The new backup.
    package var path: String
    package var label: BackupLabel
    package var files = 0
    /// Of the files: those that an earlier backup had.
    package var shared = 0
    /// Bytes that were copied.
    package var copiedBytes: Int64 = 0
    /// Earlier backups that were removed.
    package var removed: [String] = []
  }

  private static let unfinished = ".part"
  /// A file: folders cannot be locked where the disk is another machine's (NFS).
  private static let lockName = ".lock"
  /// Not copied: made anew, private to a run, or not taken yet.
  private static let leftOut: Set<String> = ["inbox", "tiers", "work"]
  /// Of SQLite, of locks, and of what is being made; they say nothing to another process.
  private static let transient = [
    "-wal", "-shm", "-journal", ".lock", ".building", ".writing", ".making", ".new",
  ]

  // MARK: Making

  /// - Parameters:
  ///   - now: Seconds since 1970-01-01T00:00:00Z; names the backup.
  ///   - keep: How many backups are to be there afterwards; nil for all.
  package func make(now: Int64, keep: Int? = nil) throws -> Outcome {
    let source = "\(home.warehouse)/\(SQLiteWarehouse.fileName)"
    guard PosixFile.exists(source) else {
      throw WarehouseError(.notFound, "there is no warehouse in \(home.warehouse)")
    }
    try checkPlace()
    try PosixFile.makePrivateFolder(folder)
    // Another one that is being made would lose its files under this one's hands.
    let lock = try PosixFile("\(folder)/\(Self.lockName)", flags: O_RDWR | O_CREAT)
    guard try lock.tryLock() else {
      throw WarehouseError(
        .inUse, "another backup to \(folder) is being made; wait until it is done")
    }
    defer { withExtendedLifetime(lock) {} }
    for name in try Self.names(folder)
    where name.hasSuffix(Self.unfinished) && Self.isOurs(name.dropLast(Self.unfinished.count)) {
      try PosixFile.removeTree("\(folder)/\(name)")
    }
    let earlier = try Self.backups(in: folder)
    let made = LocalTime.text(now)
    let name = made.prefix(19).replacing(":", with: "")
    let path = "\(folder)/\(name)"
    guard !PosixFile.exists(path) else {
      throw WarehouseError(.fileAccess, "\(path) is there already; ask again in a second")
    }
    try checkSpace(source, isFirst: earlier.isEmpty)
    let building = path + Self.unfinished
    try PosixFile.makePrivateFolder(building + "/home")
    do {
      let outcome = try fill(building, made: made, earlier: earlier.last)
      try PosixFile.rename(building, to: path)
      try PosixFile.synchronizeFolder(folder)
      return try finish(outcome, path, earlier, keep)
    } catch {
      try? PosixFile.removeTree(building)
      throw error
    }
  }

  private func fill(_ building: String, made: String, earlier: String?) throws -> Outcome {
    var contents = BackupContents()
    var known: Earlier?
    if let earlier { known = try? Earlier(earlier) }
    var outcome = Outcome(path: "", label: BackupLabel(made: made, publication: 0, night: ""))
    progress.begin(.copy, building, total: try sources().count)
    defer { progress.end() }
    // The databases first, and the others listed behind them: what the ledger knows of by then is in the archive,
    // or on its way from the inbox.
    for file in try sources() where file.isDatabase && !file.isOfAccess {
      try copy(file, to: building, known, &contents, &outcome)
    }
    let files = try sources().filter { !$0.isDatabase && !$0.isOfAccess }
    for (done, file) in files.enumerated() {
      progress.advance(to: done)
      try copy(file, to: building, known, &contents, &outcome)
    }
    try AccessLog(folder: home.access).withoutWriters {
      for file in try sources(of: home.access, "home/access") {
        try copy(file, to: building, nil, &contents, &outcome)
      }
    }
    let warehouse = "\(building)/home/warehouse/\(SQLiteWarehouse.fileName)"
    if let problem = try DatabaseCopy.problems(warehouse).first {
      throw WarehouseError(.corrupt, "the copy of the warehouse is damaged: \(problem)")
    }
    let (publication, night) = try DatabaseCopy.publication(warehouse)
    outcome.label = BackupLabel(made: made, publication: publication, night: night)
    let label = try outcome.label.bytes()
    try write(label, to: "\(building)/\(BackupLabel.fileName)")
    contents.hashes[BackupLabel.fileName] = HashedCopy.hash(of: label)
    try write(Array(contents.text.utf8), to: "\(building)/\(BackupContents.fileName)")
    outcome.files = contents.hashes.count
    try FileTree(building).synchronizeFolders()
    return outcome
  }

  private func finish(
    _ outcome: Outcome, _ path: String, _ earlier: [String], _ keep: Int?
  ) throws -> Outcome {
    var outcome = outcome
    outcome.path = path
    guard let keep else { return outcome }
    for old in earlier.dropLast(max(0, keep - 1)) {
      // A name first that no reader takes for a backup: a removal may be killed.
      try PosixFile.rename(old, to: old + Self.unfinished)
      try PosixFile.removeTree(old + Self.unfinished)
      outcome.removed.append(old)
    }
    return outcome
  }

  // MARK: Files

  private struct Source {
    var path: String
    /// Relative to the backup.
    var target: String
    var isDatabase: Bool { BackupContents.isDatabase(target) }
    var isOfAccess: Bool { target.hasPrefix("home/access/") }
  }

  /// Databases first.
  private func sources() throws -> [Source] {
    let parts = try Self.names(home.path).filter { !Self.leftOut.contains($0) }
    let files =
      try parts.flatMap { try sources(of: "\(home.path)/\($0)", "home/\($0)") }
      + sources(of: definitions, "definitions")
    return files.filter(\.isDatabase) + files.filter { !$0.isDatabase }
  }

  private func sources(of folder: String, _ target: String) throws -> [Source] {
    // An original keeps the name that its sender gave it, whatever that is.
    if target == "home/archive" { return try all(of: folder, target) }
    return try all(of: folder, target).filter { source in
      // Says how many entries a killed writer may have left behind the anchor.
      if source.target == "home/access/anchor.new" { return true }
      let name = String(source.target.dropFirst(target.count + 1))
      return !Self.transient.contains { name.hasSuffix($0) } && !name.contains(".building-")
        && name != "lock"
        // The review queue is made of the warehouse (decision 20).
        && !(target == "home/warehouse" && name.hasPrefix("review-"))
    }
  }

  private func all(of folder: String, _ target: String) throws -> [Source] {
    try FileTree(folder).files(isWhole: true).map {
      Source(path: "\(folder)/\($0)", target: "\(target)/\($0)")
    }
  }

  /// The last backup, for files that have not changed since.
  private struct Earlier {
    var path: String
    var contents: BackupContents

    init(_ path: String) throws {
      self.path = path
      contents = try BackupContents(of: path)
    }
  }

  private func copy(
    _ file: Source, to building: String, _ earlier: Earlier?, _ contents: inout BackupContents,
    _ outcome: inout Outcome
  ) throws {
    let target = "\(building)/\(file.target)"
    try PosixFile.makePrivateFolder((target as NSString).deletingLastPathComponent)
    if file.isDatabase {
      try DatabaseCopy.write(file.path, to: target)
      contents.hashes[file.target] = try HashedCopy.hash(target)
      outcome.copiedBytes += try FileStatus(target)?.size ?? 0
      return
    }
    guard let status = try FileStatus(file.path) else {
      // Past its retention since the folder was read.
      return
    }
    if let earlier, let hash = earlier.contents.hashes[file.target],
      try FileStatus("\(earlier.path)/\(file.target)") == status,
      try PosixFile.link("\(earlier.path)/\(file.target)", to: target)
    {
      contents.hashes[file.target] = hash
      outcome.shared += 1
      return
    }
    contents.hashes[file.target] = try HashedCopy.copy(file.path, to: target)
    outcome.copiedBytes += status.size
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = try PosixFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    try file.write(bytes)
    try file.synchronize()
  }

  // MARK: Checks

  /// A backup inside the home would copy itself.
  private func checkPlace() throws {
    let place = URL(fileURLWithPath: folder).standardizedFileURL.resolvingSymlinksInPath().path
    let own = URL(fileURLWithPath: home.path).standardizedFileURL.resolvingSymlinksInPath().path
    guard place != own, !place.hasPrefix(own + "/") else {
      throw WarehouseError(
        .fileAccess, "\(folder) is inside the home; choose a folder outside, best on another disk")
    }
  }

  private func checkSpace(_ warehouse: String, isFirst: Bool) throws {
    var needed = try FileStatus(warehouse)?.size ?? 0
    if isFirst {
      for file in try sources() where !file.isDatabase {
        needed += try FileStatus(file.path)?.size ?? 0
      }
    }
    let free = try FileTree.freeBytes(of: folder)
    guard free < needed else { return }
    throw WarehouseError(
      .fileAccess,
      "\(folder) has \(Size(free)) free, about \(Size(needed)) are needed; free space or keep fewer "
        + "backups (--keep)")
  }

  /// Complete backups in a folder, oldest first. Folders of others, which may have sums of their files too, are
  /// none.
  package static func backups(in folder: String) throws -> [String] {
    try names(folder).filter { isOurs($0[...]) }.map { "\(folder)/\($0)" }
      .filter {
        PosixFile.exists("\($0)/\(BackupContents.fileName)")
          && PosixFile.exists("\($0)/\(BackupLabel.fileName)")
      }
  }

  /// Whether a name is one that a backup gets: `2026-03-01T031000`.
  private static func isOurs(_ name: Substring) -> Bool {
    name.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}/) != nil
  }

  private static func names(_ folder: String) throws -> [String] {
    try PosixFile.names(in: folder) ?? []
  }
}
