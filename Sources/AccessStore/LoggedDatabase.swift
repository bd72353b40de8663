package import Access
import Foundation
package import GRDB
import Warehouse

/// A small SQLite file beside the access log whose rows are acts of people: none is written without its entry.
///
/// The log's lock is held from before the state is read until the rows are committed, so two processes never
/// decide on the same state. Rows keep number and hash of their entry, which makes the file a witness for the
/// log.
package final class LoggedDatabase: Sendable {
  package let log: AccessLog
  private let queue: DatabaseQueue
  private let fileName: String

  /// A denial, with the event that it denies.
  package struct LoggedDenial: Error {
    package var denial: Denial
    package var event: AccessEvent

    package init(denial: Denial, event: AccessEvent) {
      self.denial = denial
      self.event = event
    }
  }

  /// Opens or creates the file in the folder of the access log.
  ///
  /// - Parameters:
  ///   - history: Tables whose rows stay as they are.
  ///   - schema: Makes tables, ``openActs`` among them.
  package init(
    folder: String, fileName: String, name: String, history: [String], schema: String
  ) throws {
    log = AccessLog(folder: folder)
    self.fileName = fileName
    try PosixFile.makePrivateFolder(folder)
    let path = folder + "/" + fileName
    var configuration = Configuration()
    configuration.label = name
    configuration.busyMode = .timeout(60)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    queue = try Self.storing("opening \(path)") {
      try DatabaseQueue(path: path, configuration: configuration)
    }
    var migrator = DatabaseMigrator()
    migrator.registerMigration(name) { database in
      try database.execute(sql: schema)
      for table in history {
        for verb in ["UPDATE", "DELETE"] {
          try database.execute(
            sql: """
              CREATE TRIGGER \(table)_no_\(verb.lowercased()) BEFORE \(verb) ON \(table)
              BEGIN SELECT RAISE(ABORT, 'the history is never changed'); END
              """)
        }
      }
    }
    try Self.storing("preparing \(path)") { [migrator] in try migrator.migrate(queue) }
    try PosixFile.setMode(0o600, of: path)
  }

  /// The table of an act that has begun and may have an entry in the log.
  package static let openActs = """
    CREATE TABLE open_act (
      number INTEGER PRIMARY KEY NOT NULL, reference TEXT NOT NULL, action TEXT NOT NULL,
      log_sequence INTEGER NOT NULL) STRICT;
    """

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

  package func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try Self.storing("reading \(fileName)") { try queue.read(body) }
  }

  private func write(_ body: (Database) throws -> Void) throws {
    try Self.storing("writing \(fileName)") {
      try queue.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          try body(database)
          return .commit
        }
      }
    }
  }

  /// What the files of a folder know of its access log, by the columns `log_sequence` and `log_hash` of their
  /// tables.
  package static func witnesses(in folder: String) throws -> [ChainWitness] {
    // Not only for reading: what a killed process left half written has to be taken back first.
    var configuration = Configuration()
    configuration.busyMode = .timeout(60)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return try names.filter { $0.hasSuffix(".sqlite") }.sorted().flatMap { name in
      try storing("reading \(folder)/\(name)") {
        let queue = try DatabaseQueue(path: folder + "/" + name, configuration: configuration)
        return try queue.read { try witnesses(name, $0) }
      }
    }
  }

  private static func witnesses(_ file: String, _ database: Database) throws -> [ChainWitness] {
    let tables = try String.fetchAll(
      database,
      sql: "SELECT t.name FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c "
        + "WHERE t.type = 'table' AND c.name = 'log_hash' ORDER BY 1")
    return try tables.flatMap { table in
      try Row.fetchAll(
        database,
        sql: "SELECT DISTINCT log_sequence, log_hash FROM \(table.quotedDatabaseIdentifier)"
      ).compactMap { row in
        ChainHash(row["log_hash"]).map {
          ChainWitness(sequence: row["log_sequence"], hash: $0, source: file)
        }
      }
    }
  }

  /// Does one act: decides, writes the log, writes the rows.
  ///
  /// The entry is written before the rows are committed, so that nothing takes effect without an entry. A
  /// process that dies in between leaves an entry without effect; the next act says so in the log.
  ///
  /// - Parameters:
  ///   - draft: What is denied where `decide` throws a ``Denial``.
  ///   - decide: Appends entries and inserts rows.
  package func act(
    _ draft: AccessEvent, _ decide: (Database, AccessLogWriter) throws -> Void
  ) throws {
    try log.withWriter(draft.person, draft.time) { writer in
      try recordInterrupted(writer, draft)
      let sequence = writer.anchor?.sequence ?? 0
      try write {
        try $0.execute(
          sql: "INSERT INTO open_act (reference, action, log_sequence) VALUES (?, ?, ?)",
          arguments: [draft.reference, draft.action.rawValue, sequence])
      }
      do {
        try write { database in
          try decide(database, writer)
          try database.execute(sql: "DELETE FROM open_act")
        }
      } catch {
        try close(error, draft, writer)
      }
    }
  }

  /// Writes a denied act to the log and throws the denial.
  private func close(
    _ error: any Error, _ draft: AccessEvent, _ writer: AccessLogWriter
  ) throws {
    var event = draft
    let denial: Denial
    switch error {
    case let error as LoggedDenial:
      event = error.event
      denial = error.denial
    case let error as Denial: denial = error
    default: throw error
    }
    event.outcome = .denied
    event.rule = denial.code
    _ = try writer.append(event)
    try write { try $0.execute(sql: "DELETE FROM open_act") }
    throw denial
  }

  /// Says in the log that an act may have an entry and has no effect.
  private func recordInterrupted(_ writer: AccessLogWriter, _ draft: AccessEvent) throws {
    let open = try read {
      try Row.fetchAll($0, sql: "SELECT reference, action, log_sequence FROM open_act")
    }
    guard let row = open.first else { return }
    let sequence: Int = row["log_sequence"]
    if (writer.anchor?.sequence ?? 0) > sequence {
      var event = AccessEvent(
        time: draft.time, person: draft.person, action: .actInterrupted, outcome: .allowed,
        rule: row["action"])
      event.reference = row["reference"]
      event.purpose = LoggedText(cleaning: "after entry \(sequence)")
      _ = try writer.append(event)
    }
    try write { try $0.execute(sql: "DELETE FROM open_act") }
  }
}
