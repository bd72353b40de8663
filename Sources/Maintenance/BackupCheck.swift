import Access
import AccessStore
import Catalog
import Foundation
package import Pipeline
import Warehouse
import WarehouseSQLite

/// Proves that a backup is what was written, and puts it into place.
package struct BackupCheck {
  let path: String
  let progress: any ProgressReporter

  /// - Parameter path: The folder of one backup.
  package init(_ path: String, progress: any ProgressReporter) {
    self.path = path
    self.progress = progress
  }

  package func label() throws -> BackupLabel { try BackupLabel(of: path) }

  /// - Returns: One line for each thing that is wrong; empty if nothing is.
  package func problems() throws -> [String] {
    let contents = try BackupContents(of: path)
    _ = try label()
    return try compare(contents, at: path) + contentProblems(at: path)
  }

  /// Every file has the bytes that the list says, and there is no other.
  private func compare(_ contents: BackupContents, at folder: String) throws -> [String] {
    let paths = contents.paths
    progress.begin(.examine, path, total: paths.count)
    defer { progress.end() }
    var problems: [String] = []
    for (done, file) in paths.enumerated() {
      progress.advance(to: done)
      if try FileStatus("\(folder)/\(file)") == nil {
        problems.append("\(file) is missing")
      } else if try HashedCopy.hash("\(folder)/\(file)") != contents.hashes[file] {
        problems.append("\(file) has other bytes than were written")
      }
    }
    let others = Set(try FileTree(folder).files()).subtracting(paths)
      .subtracting([BackupContents.fileName])
    return problems + others.sorted().map { "\($0) is not of this backup" }
  }

  private func contentProblems(at folder: String) throws -> [String] {
    var problems: [String] = []
    for file in try FileTree(folder).files() where BackupContents.isDatabase(file) {
      do {
        problems += try DatabaseCopy.problems("\(folder)/\(file)").map { "\(file): \($0)" }
      } catch {
        problems.append("\(file): \(error)")
      }
    }
    let report = try AccessLog(folder: "\(folder)/home/access").verify()
    problems += report.faults.map { "access log: \($0.english)" }
    return problems
  }

  // MARK: Restoring

  package struct Restored: Sendable, Equatable {
    package var label: BackupLabel
    package var files: Int
    /// Where what was there before is now.
    package var replaced: String?
  }

  /// Puts the backup where a home is to be.
  ///
  /// Everything is copied and compared beside it first. Then a home that is there is put aside, its inbox
  /// moves to the new one, and that gets its name: three renames. Killed between them, the next restore finds
  /// the inbox.
  ///
  /// - Parameters:
  ///   - replacing: Whether a home that has a warehouse may be replaced; it is kept under another name.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  package func restore(to home: HomeFolder, replacing: Bool, now: Int64) throws -> Restored {
    let target = home.path.hasSuffix("/") ? String(home.path.dropLast()) : home.path
    let isThere = PosixFile.exists(target)
    guard try replacing || !Self.holdsData(home) else {
      throw WarehouseError(
        .fileAccess,
        "\(target) holds a warehouse or originals; give --replace to put it aside, or another --home"
      )
    }
    // Nobody may write to what is put aside.
    guard PosixFile.exists(home.warehouse) else {
      return try replace(home, target, isThere: isThere, now: now)
    }
    let lock = try WarehouseLock(folder: home.warehouse, command: "qingyuan restore", now: now)
    let restored = try replace(home, target, isThere: true, now: now)
    withExtendedLifetime(lock) {}
    return restored
  }

  private func replace(
    _ home: HomeFolder, _ target: String, isThere: Bool, now: Int64
  ) throws -> Restored {
    let contents = try BackupContents(of: path)
    let label = try label()
    let building = target + ".restoring"
    var asides = try Self.asides(of: target)
    try Self.clear(building, asides)
    do {
      try copy(contents, to: building)
      if isThere, let status = try FileStatus(target) {
        try PosixFile.setMode(status.mode, of: building)
      }
      try FileTree(building).synchronizeFolders()
    } catch {
      try? PosixFile.removeTree(building)
      throw error
    }
    var replaced: String?
    if isThere {
      let aside =
        target + Self.aside + LocalTime.text(now).prefix(19).replacing(":", with: "")
      try PosixFile.rename(target, to: aside)
      asides.append(aside)
      replaced = aside
    }
    do {
      // Of the home that is replaced, or of one whose restore was killed.
      if let old = asides.last(where: { PosixFile.exists("\($0)/inbox") }) {
        try PosixFile.rename("\(old)/inbox", to: "\(building)/inbox")
      }
      try PosixFile.rename(building, to: target)
    } catch {
      // As it was.
      try? Self.clear(building, asides)
      if let replaced { try? PosixFile.rename(replaced, to: target) }
      throw error
    }
    try PosixFile.synchronizeFolder(Self.parent(of: target))
    return Restored(label: label, files: contents.hashes.count, replaced: replaced)
  }

  private static let aside = ".replaced-"

  private static func parent(of path: String) -> String {
    let parent = (path as NSString).deletingLastPathComponent
    return parent.isEmpty ? "." : parent
  }

  /// Homes that were put aside for `target`, oldest first.
  private static func asides(of target: String) throws -> [String] {
    let prefix = (target as NSString).lastPathComponent + aside
    let parent = parent(of: target)
    return (try PosixFile.names(in: parent) ?? []).filter { $0.hasPrefix(prefix) }
      .map { "\(parent)/\($0)" }
  }

  /// Removes what a killed restore built. An inbox in it goes back to the home that was put aside last, from
  /// which it came.
  private static func clear(_ building: String, _ asides: [String]) throws {
    let inbox = building + "/inbox"
    if PosixFile.exists(inbox) {
      guard let aside = asides.last else {
        throw WarehouseError(
          .fileAccess,
          "\(inbox) is that of a home whose restore was killed, and that home is gone; move it away "
            + "and deliver its files anew")
      }
      try PosixFile.rename(inbox, to: aside + "/inbox")
    }
    try PosixFile.removeTree(building)
  }

  private static func holdsData(_ home: HomeFolder) throws -> Bool {
    try [home.warehouse, home.archive, home.access].contains { try !FileTree($0).files().isEmpty }
  }

  private func copy(_ contents: BackupContents, to building: String) throws {
    let files = contents.paths.filter { $0.hasPrefix("home/") }
    progress.begin(.copy, building, total: files.count)
    defer { progress.end() }
    try PosixFile.makePrivateFolder(building)
    for (done, file) in files.enumerated() {
      progress.advance(to: done)
      let target = "\(building)/\(file.dropFirst("home/".count))"
      try PosixFile.makePrivateFolder((target as NSString).deletingLastPathComponent)
      let hash = try HashedCopy.copy("\(path)/\(file)", to: target)
      guard hash == contents.hashes[file] else {
        throw WarehouseError(
          .corrupt,
          "\(path)/\(file) has other bytes than were written; nothing was put into place, use "
            + "another backup")
      }
    }
    let warehouse = "\(building)/warehouse/\(SQLiteWarehouse.fileName)"
    if let problem = try DatabaseCopy.problems(warehouse).first {
      throw WarehouseError(.corrupt, "the warehouse of \(path) is damaged: \(problem)")
    }
    // As ``HomeFolder/prepare()`` makes them: not for their owner alone.
    for folder in [building, building + "/returns", building + "/report"]
    where PosixFile.exists(folder) {
      try PosixFile.setMode(0o750, of: folder)
    }
  }
}
