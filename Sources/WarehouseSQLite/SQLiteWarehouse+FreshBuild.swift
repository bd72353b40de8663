import GRDB
import Glibc
import Warehouse

/// Stages of ``SQLiteWarehouse/finishFreshBuild()``, in their order.
package enum FreshBuildStage: String, Sendable, CaseIterable {
  case logEmptied, indexesBuilt, copyClosed, copySynchronized, liveClosed, logUnlinked, renamed
  case folderSynchronized
}

/// ADVICE FOR HACKERS
///
/// The private copy replaces the live file by a rename. What makes that safe:
///
/// 1. A log belongs to a file by name. A `-wal` with frames beside the new file would be replayed
///    into it; a `-shm` of the old file would tell new readers the old size. So the old log is
///    moved into the old file and cut to nothing (`truncateLog`), the connection closed, and `-wal`
///    and `-shm` unlinked *before* the rename. Killed between any two of these steps, the folder
///    holds the complete old file, or the complete new one.
/// 2. Readers that still hold the old file keep its inode and the unlinked log, and go on seeing
///    the old night. When they close, SQLite notices that the file has moved and leaves the new log
///    alone.
/// 3. The new file is switched to WAL before the rename, so that nobody needs an exclusive lock
///    afterwards, and fsynced after its last connection closed; then the folder is.
/// 4. Between unlink and rename (microseconds) a reader may open the old file and make a new, empty
///    `-shm`. It is removed again after the rename, before this process opens the new file. A
///    reader that opened the new file in that instant reads a whole night but must reopen to see
///    later ones. A fresh build comes before the first publication, when there is nothing to read.
extension SQLiteWarehouse {
  /// Whether there is any row of a record, accepted or in quarantine, published or not.
  package func holdsRecords() throws -> Bool {
    let connection = try current()
    return try connection.access("looking for rows in \(connection.path)") { database in
      try model.tables.contains { table in
        let sql = "SELECT EXISTS (SELECT 1 FROM \(SQLName.quoted(table.name)))"
        return try Bool.fetchOne(database, sql: sql) == true
      }
    }
  }

  /// Makes a private copy of the live file, without a journal, and directs everything to it.
  ///
  /// Until ``finishFreshBuild()`` returns, nothing is durable but the ledger: `enter` and `update`
  /// also write the live file (not the status `loaded`). Whatever ends the process leaves the live
  /// file as it was, with every delivery known and none loaded; the next opening removes the copy,
  /// and the resumed run loads again from its segments. A step that fails spoils the copy.
  ///
  /// - Throws: ``WarehouseError`` with code `.freshBuild` where one is open or rows exist.
  package func beginFreshBuild() throws {
    guard build == nil else {
      throw WarehouseError(.freshBuild, "a fresh build of \(path) is already open")
    }
    guard try !holdsRecords() else {
      throw WarehouseError(
        .freshBuild, "\(path) holds rows already; load without a fresh build")
    }
    try Self.removeDatabase(buildingPath)
    try live.access("copying \(path) to \(buildingPath)") { database in
      try database.execute(sql: "VACUUM INTO ?", arguments: [buildingPath])
    }
    try PosixFile.setMode(0o600, of: buildingPath)
    let copy = try Connection(path: buildingPath, mode: .building, options: options)
    try copy.transaction("preparing \(buildingPath)", durable: false) { database in
      for table in model.tables {
        for index in table.indexCreations {
          try database.execute(sql: "DROP INDEX IF EXISTS \(SQLName.quoted(index.name))")
        }
      }
    }
    try copy.registerBatches(columnCount: model.widestTable)
    if options.writesPages {
      bulk = try copy.access("preparing \(buildingPath)") { database in
        try BulkRows(path: buildingPath, model, database)
      }
    }
    buildHasFailed = false
    buildFailure = nil
    build = copy
  }

  /// Builds indexes, makes the private copy durable and renames it into place.
  ///
  /// Where it throws before the rename the live file is untouched and the build is still open.
  package func finishFreshBuild() throws {
    guard let build, !buildHasFailed else {
      throw WarehouseError(.freshBuild, "there is no sound fresh build of \(path) to finish")
    }
    try live.truncateLog()
    try stageReached?(.logEmptied)
    try linkRows()
    bulk = nil
    try complete(build)
    try stageReached?(.indexesBuilt)
    try live.truncateLog()
    try build.close()
    // From here on the connections are gone: an error leaves this object unusable, the files whole.
    buildHasFailed = true
    try stageReached?(.copyClosed)
    try PosixFile(buildingPath, flags: O_RDONLY).synchronize()
    try stageReached?(.copySynchronized)
    try live.close()
    try stageReached?(.liveClosed)
    try replaceLive()
    live = try Self.openLive(path, model, options)
    self.build = nil
    buildHasFailed = false
  }

  /// The rename, with what must happen right before and after it.
  private func replaceLive() throws {
    for suffix in ["-wal", "-shm"] { try PosixFile.remove(path + suffix) }
    try PosixFile.synchronizeFolder(folder)
    try stageReached?(.logUnlinked)
    try PosixFile.rename(buildingPath, to: path)
    try stageReached?(.renamed)
    try PosixFile.synchronizeFolder(folder)
    for suffix in ["-wal", "-shm"] { try PosixFile.remove(path + suffix) }
    try stageReached?(.folderSynchronized)
  }

  /// Hands rows of a fresh build over to SQLite, for whoever reads or changes them; nothing happens
  /// where it has them already.
  ///
  /// - Parameter tables: Nil for all.
  func linkRows(_ tables: [String]? = nil) throws {
    guard let build, let bulk, !buildHasFailed else { return }
    do {
      let changes = try build.access("linking rows of \(build.path)") { _ in try bulk.link(tables) }
      guard !changes.isEmpty else { return }
      try build.transaction("changing rows of \(build.path)", durable: false) { database in
        for change in changes { try apply(change, build, database) }
      }
    } catch {
      failBuild(error)
      throw error
    }
  }

  /// Notes that the private copy cannot be trusted any more, and the first reason.
  func failBuild(_ error: any Error) {
    buildHasFailed = true
    buildFailure = buildFailure ?? error
  }

  /// Hands the rows of a category over.
  func linkRows(category: String) throws {
    guard bulk != nil, let tables = model.category(category) else { return }
    try linkRows([tables.records.name])
  }

  /// Throws the private copy away; the live file is as it was before, with the ledger's news.
  package func abandonFreshBuild() throws {
    guard let build else { return }
    self.build = nil
    bulk = nil
    buildHasFailed = false
    try build.close()
    try Self.removeDatabase(buildingPath)
  }

  /// Everything that the private copy still lacks.
  private func complete(_ build: Connection) throws {
    try build.transaction("building the indexes of \(build.path)", durable: false) { database in
      for table in model.tables {
        for index in table.indexCreations { try database.execute(sql: index.sql) }
      }
    }
    if options.checksFreshBuild {
      let problems = try quickCheck(build)
      guard problems.isEmpty else {
        throw WarehouseError(
          .corrupt, "\(build.path) is damaged (\(problems[0])); check the disk and run again")
      }
    }
    try build.access("finishing \(build.path)") { database in
      try database.execute(sql: "PRAGMA analysis_limit = 1000; ANALYZE")
      try CoreSchema.forgetStatistics(database)
      let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
      guard mode == "wal" else {
        throw WarehouseError(.database, "\(build.path) cannot be switched to a write-ahead log")
      }
    }
  }
}
