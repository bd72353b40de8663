package import Catalog
import GRDB
import Warehouse

/// The warehouse in one SQLite file: pointer, ledger, states and rows.
///
/// One instance is the only writer of its folder (``WarehouseLock``); readers open the file
/// themselves (``WarehouseReader``, or any SQLite tool) and see the views of
/// Documentation/warehouse.md. Calls are serialized by the caller. A closure that is handed a row
/// must not call the warehouse.
///
/// Traps: a call from inside such a closure (GRDB's queue is not reentrant).
///
/// What is durable when:
///
/// - `apply` commits to the write-ahead log without waiting for the disk. The death of the process
///   loses nothing; after a loss of power the last steps may be gone, always from the end, together
///   with the `loaded_blocks` that counted them. Ledger and rows share one log, so the ledger is
///   never ahead of the rows.
/// - Every other call that writes waits for the disk, and with it for every step before it. A
///   delivery's segments may therefore be removed once its `loaded` status has been written.
/// - While a fresh build is open see ``beginFreshBuild()``.
package final class SQLiteWarehouse: RecoverableWarehouse {
  /// How a warehouse is opened.
  package struct Options: Sendable {
    /// What the process is doing; shown to whoever finds the warehouse in use.
    package var command = "qingyuan"
    /// Page size of a new file. 16 KiB was fastest for bulk loads (performance.md §5).
    package var pageSize = 16384
    /// Page cache. 16 MiB was fastest; larger ones are slower.
    package var cacheBytes = 16 << 20
    /// Page cache of each connection that only reads.
    package var readerCacheBytes = 4 << 20
    /// Seconds to wait for another connection.
    package var busyTimeout = 30.0
    /// Whether a fresh build is checked page by page before it is renamed into place.
    package var checksFreshBuild = false
    /// Whether a fresh build writes the pages of its rows itself; otherwise SQLite inserts them.
    package var writesPages = true
    /// Seconds since 1970-01-01T00:00:00Z; for the lock and the time of publication.
    package var now: @Sendable () -> Int64 = { PosixFile.secondsNow() }

    /// What suits a night on one machine.
    package init() {}
  }

  /// Name of the database in its folder.
  package static let fileName = "warehouse.sqlite"

  /// The folder that holds the database and its lock.
  package let folder: String
  /// The database.
  package let path: String
  /// The private copy of a fresh build.
  package var buildingPath: String { path + ".building" }
  /// Tables and views.
  package let model: WarehouseModel

  let options: Options
  var live: Connection
  var build: Connection?
  /// Rows of the fresh build that SQLite does not see yet.
  var bulk: BulkRows?
  /// A step of the fresh build failed; without a journal its file cannot be trusted.
  var buildHasFailed = false
  /// Why it failed; whoever comes next is told the same.
  var buildFailure: (any Error)?
  /// Calls for states in which no walk is tried (``statesInRange``).
  var walksToSkip = 0
  /// Category of a delivery, as looked up.
  var categoryOfDelivery: [Int64: String] = [:]
  /// What the matching of subjects that is under way need not look for.
  var subjectRound: SubjectRound?
  private var lock: WarehouseLock?
  private var isClosed = false
  /// Called when a fresh build has come to a stage; for tests that kill it there.
  package var stageReached: ((FreshBuildStage) throws -> Void)?

  /// Opens the warehouse in `folder`, or makes one, and adds what `catalog` has and the file lacks.
  ///
  /// A private copy that a killed fresh build left behind is removed.
  ///
  /// - Throws: ``WarehouseError``: `.inUse`, `.notAWarehouse`, `.newerFormat`, `.retypedElement`,
  ///   `.nameClash`, `.corrupt`, `.fileAccess`, `.database`.
  package init(folder: String, catalog: Catalog, options: Options = Options()) throws {
    self.folder = folder
    path = folder + "/" + Self.fileName
    self.options = options
    model = try WarehouseModel(catalog)
    try PosixFile.makePrivateFolder(folder)
    lock = try WarehouseLock(folder: folder, command: options.command, now: options.now())
    try Self.removeDatabase(path + ".building")
    live = try Self.openLive(path, model, options)
  }

  deinit {
    try? build?.close()
    if !isClosed { try? live.close() }
  }

  /// Empties the write-ahead log where no reader prevents it, closes, and gives the lock back.
  package func close() throws {
    guard !isClosed else { return }
    isClosed = true
    try abandonFreshBuild()
    _ = try? live.truncateLog()
    try live.close()
    lock = nil
  }

  /// Whether a fresh build is open.
  package var isBuilding: Bool { build != nil }

  /// The connection that rows and states are written to and read from; SQLite has every row.
  func current() throws -> Connection {
    try linkRows()
    return try loading()
  }

  /// The same while a fresh build may hold rows back, for what neither reads nor changes them.
  func loading() throws -> Connection {
    guard let build else { return live }
    guard !buildHasFailed else {
      throw WarehouseError(
        .freshBuild,
        "a step of the fresh build in \(buildingPath) failed"
          + (buildFailure.map { ", \($0)" } ?? "") + "; start the run again")
    }
    return build
  }

  static func openLive(
    _ path: String, _ model: WarehouseModel, _ options: Options
  ) throws -> Connection {
    let connection = try Connection(path: path, mode: .live, options: options)
    try PosixFile.setMode(0o600, of: path)
    try connection.access("opening \(path)") { database in
      try SchemaMigration.checkIdentity(database, path: path)
      try database.execute(sql: "PRAGMA application_id = \(CoreSchema.applicationID)")
      try database.execute(sql: "PRAGMA user_version = \(CoreSchema.userVersion)")
    }
    try connection.migrate(CoreSchema.migrator)
    try connection.transaction("adding the catalog to \(path)", durable: true) { database in
      try SchemaMigration.synchronize(database, with: model, path: path)
      let pointer = "(SELECT number FROM publication)"
      // Left by a run that was killed just after its publication.
      for table in ["state_undo", "closing_undo"] {
        try database.execute(
          sql: "DELETE FROM \(table) WHERE delivery NOT IN (SELECT d.id FROM delivery AS d "
            + "JOIN run AS r ON r.id = d.run WHERE r.publication > \(pointer)) "
            + "AND NOT (delivery = \(LoadStep.night) AND EXISTS (SELECT 1 FROM run "
            + "WHERE publication > \(pointer)))")
      }
    }
    try connection.registerBatches(columnCount: model.widestTable)
    return connection
  }

  /// Removes a database that nobody needs, with what SQLite keeps beside it.
  static func removeDatabase(_ path: String) throws(WarehouseError) {
    for suffix in ["", "-wal", "-shm", "-journal"] { try PosixFile.remove(path + suffix) }
  }
}
