package import Access
package import Catalog
import GRDB
import Warehouse

/// Requests, approvals, grants and objections of an installation: one small SQLite file beside the access log.
///
/// Nothing in it is ever changed: a request and an objection are rows that stay, and every step is a row
/// behind them (triggers refuse updates and deletions). A step and its entry in the access log are one act:
/// the log's lock is held from before the state is read until the step is committed, so two processes never
/// decide on the same state, and each step keeps number and hash of its entry, which makes the store a
/// witness for the log.
package final class ShareStore {
  package static let fileName = "requests.sqlite"

  package let log: AccessLog
  private let queue: DatabaseQueue
  let catalog: Catalog

  /// Opens or creates the store in the folder of the access log.
  ///
  /// - Parameter folder: ``HomeFolder/access``.
  package init(folder: String, catalog: Catalog) throws {
    log = AccessLog(folder: folder)
    self.catalog = catalog
    try PosixFile.makePrivateFolder(folder)
    let path = folder + "/" + Self.fileName
    var configuration = Configuration()
    configuration.label = "requests"
    configuration.busyMode = .timeout(60)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    queue = try Self.storing("opening \(path)") {
      try DatabaseQueue(path: path, configuration: configuration)
    }
    try Self.storing("preparing \(path)") { try Self.migrator.migrate(queue) }
    try PosixFile.setMode(0o600, of: path)
  }

  /// Whether there is a store in `folder`, for those who only look.
  package static func exists(in folder: String) -> Bool {
    PosixFile.exists(folder + "/" + fileName)
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("requests") { database in
      try database.execute(
        sql: """
          -- kind: share or objection; body: what was asked for, as JSON
          CREATE TABLE subject (id TEXT PRIMARY KEY NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)
            STRICT;
          -- user, department, time (seconds since 1970) and kind also stand in the body, for SQL
          CREATE TABLE step (
            number INTEGER PRIMARY KEY NOT NULL, subject TEXT NOT NULL REFERENCES subject (id),
            kind TEXT NOT NULL, user TEXT NOT NULL, department TEXT NOT NULL, time INTEGER NOT NULL,
            body TEXT NOT NULL, log_sequence INTEGER NOT NULL, log_hash TEXT NOT NULL) STRICT;
          CREATE INDEX step_subject ON step (subject, number);
          -- an act that has begun and may have an entry in the log
          CREATE TABLE open_act (
            number INTEGER PRIMARY KEY NOT NULL, reference TEXT NOT NULL, action TEXT NOT NULL,
            log_sequence INTEGER NOT NULL) STRICT;
          """)
      for table in ["subject", "step"] {
        for verb in ["UPDATE", "DELETE"] {
          try database.execute(
            sql: """
              CREATE TRIGGER \(table)_no_\(verb.lowercased()) BEFORE \(verb) ON \(table)
              BEGIN SELECT RAISE(ABORT, 'the history is never changed'); END
              """)
        }
      }
    }
    return migrator
  }

  /// Turns errors of the database into ``AccessLogError`` without SQL and values.
  private static func storing<Result>(_ doing: String, _ body: () throws -> Result) throws -> Result
  {
    do {
      return try body()
    } catch let error as DatabaseError {
      let reason = error.message ?? "\(error.resultCode)"
      throw AccessLogError(.store, "\(doing): \(reason)")
    }
  }

  // MARK: Reading

  /// All requests, oldest first.
  package func cases() throws -> [ShareCase] {
    try read { try $0.subjects("share").map { try ShareCase($0) } }
  }

  /// The request with the number of a request (`R000001`) or of its grant (`G000001`).
  package func shareCase(_ id: String) throws -> ShareCase? {
    try read { try $0.subject(Self.requestID(id), "share").map { try ShareCase($0) } }
  }

  /// The grants that are honoured at `now`, oldest first.
  package func grants(activeAt now: Int64) throws -> [Grant] {
    try cases().compactMap(\.grant).filter { $0.isActive(at: now) }
  }

  /// All objections, oldest first.
  package func objections() throws -> [ObjectionCase] {
    try read { try $0.subjects("objection").map { try ObjectionCase($0) } }
  }

  package func objectionCase(_ id: String) throws -> ObjectionCase? {
    try read { try $0.subject(id, "objection").map { try ObjectionCase($0) } }
  }

  /// What the store knows of the access log.
  package func witnesses() throws -> [ChainWitness] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT DISTINCT log_sequence, log_hash FROM step").compactMap
      {
        row in
        ChainHash(row["log_hash"]).map {
          ChainWitness(sequence: row["log_sequence"], hash: $0, source: Self.fileName)
        }
      }
    }
  }

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try Self.storing("reading \(Self.fileName)") { try queue.read(body) }
  }

  func write(_ body: (Database) throws -> Void) throws {
    try Self.storing("writing \(Self.fileName)") {
      try queue.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          try body(database)
          return .commit
        }
      }
    }
  }

  static func requestID(_ id: String) -> String {
    id.hasPrefix("G") ? "R" + id.dropFirst() : id
  }
}
