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

  package var log: AccessLog { store.log }
  let store: LoggedDatabase
  let catalog: Catalog

  /// Opens or creates the store in the folder of the access log.
  ///
  /// - Parameter folder: ``HomeFolder/access``.
  package init(folder: String, catalog: Catalog) throws {
    self.catalog = catalog
    store = try LoggedDatabase(
      folder: folder, fileName: Self.fileName, name: "requests", history: ["subject", "step"],
      schema: """
        -- kind: share or objection; body: what was asked for, as JSON
        CREATE TABLE subject (id TEXT PRIMARY KEY NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)
          STRICT;
        -- user, department, time (seconds since 1970) and kind also stand in the body, for SQL
        CREATE TABLE step (
          number INTEGER PRIMARY KEY NOT NULL, subject TEXT NOT NULL REFERENCES subject (id),
          kind TEXT NOT NULL, user TEXT NOT NULL, department TEXT NOT NULL, time INTEGER NOT NULL,
          body TEXT NOT NULL, log_sequence INTEGER NOT NULL, log_hash TEXT NOT NULL) STRICT;
        CREATE INDEX step_subject ON step (subject, number);
        \(LoggedDatabase.openActs)
        """)
  }

  /// Whether there is a store in `folder`, for those who only look.
  package static func exists(in folder: String) -> Bool {
    PosixFile.exists(folder + "/" + fileName)
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

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result { try store.read(body) }

  static func requestID(_ id: String) -> String {
    id.hasPrefix("G") ? "R" + id.dropFirst() : id
  }
}
