import GRDB
import Warehouse

/// One connection to a warehouse file: GRDB for everything small, prepared statements and the batch
/// table of SQLite's own interface for the bulk.
final class Connection {
  /// How a file is opened.
  enum Mode {
    /// The live warehouse: WAL; commits survive the death of the process, durable ones that of the
    /// machine.
    case live
    /// A private copy that is thrown away if anything goes wrong: no journal, no fsync. Its pages are not
    /// locked for good, so that others may be written beside it (``PageFile``).
    case building
    /// As ``building``, with rows that are deleted cleared where they stood.
    case updating
    /// The live warehouse beside the one that writes: sees every commit, changes nothing.
    case reading
  }

  let path: String
  let mode: Mode
  private let queue: DatabaseQueue
  private var statements: [String: RawStatement] = [:]
  private var batches: BatchModule?
  private var isDurable: Bool?

  /// Opens or creates the file at `path`.
  init(path: String, mode: Mode, options: SQLiteWarehouse.Options) throws {
    self.path = path
    self.mode = mode
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(options.busyTimeout)
    configuration.label = "warehouse"
    let settings = Self.settings(mode, options)
    configuration.prepareDatabase { database in
      for pragma in settings { try database.execute(sql: "PRAGMA \(pragma)") }
    }
    queue = try wrapping("opening \(path)") {
      try DatabaseQueue(path: path, configuration: configuration)
    }
  }

  private static func settings(_ mode: Mode, _ options: SQLiteWarehouse.Options) -> [String] {
    // Every worker has a reader, which needs little more than the upper pages of an index.
    let cacheBytes = mode == .reading ? options.readerCacheBytes : options.cacheBytes
    let common = [
      "page_size = \(options.pageSize)", "cache_size = -\(cacheBytes / 1024)",
      "secure_delete = OFF", "mmap_size = 0", "temp_store = FILE",
    ]
    switch mode {
    case .live:
      return common + [
        "journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 4000",
        "journal_size_limit = 67108864",
      ]
    case .building, .updating:
      return common + [
        "journal_mode = OFF", "synchronous = OFF", "threads = 2",
      ] + (mode == .updating ? ["secure_delete = ON"] : [])
    case .reading:
      return common + ["query_only = ON"]
    }
  }

  /// Runs the migrations that the file has not seen.
  func migrate(_ migrator: DatabaseMigrator) throws {
    try wrapping("migrating \(path)") { try migrator.migrate(queue) }
  }

  /// Registers the batch table.
  func registerBatches(columnCount: Int) throws {
    batches = try access("preparing \(path)") { database in
      try BatchModule(columnCount: columnCount, in: database)
    }
  }

  /// Runs `body` on the connection, outside a transaction.
  func access<Result>(_ doing: String, _ body: (Database) throws -> Result) throws -> Result {
    try wrapping(doing) { try queue.writeWithoutTransaction(body) }
  }

  /// Runs `body` in one transaction.
  ///
  /// - Parameter durable: Whether the commit, and with it every earlier one, has reached the disk
  ///   when this returns. A commit that is not durable survives the death of the process, and after
  ///   a loss of power the file holds the first *n* commits for some *n*: commits are lost from the
  ///   end, never out of the middle, so the ledger is never ahead of the data.
  /// - Parameter prepare: Runs before the transaction, with nothing else between.
  func transaction<Result>(
    _ doing: String, durable: Bool, prepare: () throws -> Void = {},
    _ body: (Database) throws -> Result
  ) throws -> Result {
    try wrapping(doing) {
      try queue.writeWithoutTransaction { database in
        if mode == .live, isDurable != durable {
          try database.execute(sql: "PRAGMA synchronous = \(durable ? "FULL" : "NORMAL")")
          isDurable = durable
        }
        try prepare()
        var result: Result?
        // Immediate takes the lock of every attached file as well; a private one has no other writer.
        try database.inTransaction(mode == .live ? .immediate : .deferred) {
          result = try body(database)
          return .commit
        }
        guard let result else { throw WarehouseError(.database, "\(doing): nothing was done") }
        return result
      }
    }
  }

  /// The prepared statement for `sql`, compiled once. To be called inside ``access(_:_:)``.
  func statement(_ sql: String, _ database: Database) throws -> RawStatement {
    if let statement = statements[sql] { return statement }
    let statement = try RawStatement(sql, in: database)
    statements[sql] = statement
    return statement
  }

  /// Makes `batch` the content of the batch table while `body` runs.
  func withBatch<Result>(_ batch: TableBatch, _ body: () throws -> Result) throws -> Result {
    guard let batches else {
      throw WarehouseError(.database, "the batch table of \(path) is not registered")
    }
    return try batches.withBatch(batch, body)
  }

  /// Forgets compiled statements, e.g. before the schema changes.
  func dropStatements() throws {
    try access("preparing \(path)") { _ in statements.removeAll() }
  }

  /// Moves the whole write-ahead log into the file and cuts it to nothing.
  ///
  /// - Throws: ``WarehouseError`` where a reader keeps the log busy beyond the timeout.
  func truncateLog() throws {
    try access("checkpointing \(path)") { database in
      let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      guard let busy: Int64 = row?[0], busy == 0 else {
        throw WarehouseError(
          .database,
          "checkpointing \(path): another process has been reading it for too long; "
            + "close that query and try again")
      }
    }
  }

  /// Closes the connection; nothing may be called afterwards.
  func close() throws {
    try dropStatements()
    try wrapping("closing \(path)") { try queue.close() }
  }
}

/// What SQLite does not say: it calls a file malformed also where the disk fails to read it (EIO).
let damageHint =
  "; the file is damaged or the disk cannot read it: look at the system's log and run qingyuan verify"

/// Runs `body` and turns the database's errors into ``WarehouseError``s without SQL arguments.
func wrapping<Result>(_ doing: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as DatabaseError {
    let damaged =
      error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    let busy = error.resultCode == .SQLITE_BUSY
    throw WarehouseError(
      damaged ? .corrupt : .database,
      "\(doing): \(error.message ?? "") (SQLite code \(error.extendedResultCode.rawValue))"
        + (busy ? "; another process is writing or checkpointing" : "")
        + (damaged ? damageHint : ""),
      underlying: nil)
  }
}
