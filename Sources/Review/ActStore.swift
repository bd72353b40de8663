import Access
import AccessStore
import Foundation
import GRDB
import Warehouse

/// What people do about records: one small SQLite file beside the access log.
///
/// It is no part of the warehouse, so that a running night and the people never wait for each other, and it is
/// derived from nothing. Rows are never changed: what takes an act back is another act.
package final class ActStore: Sendable {
  package static let fileName = "acts.sqlite"

  /// A record that an act is about.
  package struct Target: Sendable, Hashable {
    package var row: Int64
    /// Of all its attempts; empty where the record has none.
    package var recordKey: String
    package var system: String

    package init(row: Int64, recordKey: String, system: String) {
      self.row = row
      self.recordKey = recordKey
      self.system = system
    }
  }

  /// A file that an act sends on its way.
  struct File: Sendable {
    /// Where it is made and where it goes, relative to the home folder.
    var draft: String
    var path: String
  }

  let store: LoggedDatabase

  /// - Parameter folder: ``HomeFolder/access``; made where there is none.
  package init(folder: String) throws {
    store = try LoggedDatabase(
      folder: folder, fileName: Self.fileName, name: "acts",
      history: ["act", "act_record", "act_file"],
      schema: """
        -- about: the act that it approves, refuses or takes back; body: ActDetails as JSON
        CREATE TABLE act (
          id INTEGER PRIMARY KEY NOT NULL, kind TEXT NOT NULL, about INTEGER REFERENCES act (id),
          user TEXT NOT NULL, department TEXT NOT NULL, time INTEGER NOT NULL,
          records INTEGER NOT NULL, body TEXT NOT NULL, log_sequence INTEGER NOT NULL,
          log_hash TEXT NOT NULL) STRICT;
        CREATE INDEX act_about ON act (about) WHERE about IS NOT NULL;
        -- row_id: as in the warehouse; record_key: of all attempts of the record
        CREATE TABLE act_record (
          act INTEGER NOT NULL REFERENCES act (id), row_id INTEGER NOT NULL,
          record_key TEXT NOT NULL, system TEXT NOT NULL, PRIMARY KEY (act, row_id))
          STRICT, WITHOUT ROWID;
        CREATE INDEX act_record_row ON act_record (row_id, act);
        CREATE INDEX act_record_key ON act_record (record_key, act) WHERE record_key <> '';
        -- made as draft, and under its path once the act is committed; both below the home folder
        CREATE TABLE act_file (
          act INTEGER NOT NULL REFERENCES act (id), draft TEXT NOT NULL, path TEXT NOT NULL,
          PRIMARY KEY (act, draft)) STRICT, WITHOUT ROWID;
        \(LoggedDatabase.openActs)
        """)
  }

  // MARK: Reading

  /// An act on records. What decides about one or takes it back is told with it, and is none itself.
  package func act(_ id: Int64) throws -> RecordAct? {
    try store.read { try Self.acts($0, "a.id = ? AND a.about IS NULL", [id]).first }
  }

  /// Acts on records, newest first.
  ///
  /// - Parameter account: Whose business they are (``RecordAct/isSeen(by:)``).
  package func acts(for account: Account, limit: Int) throws -> [RecordAct] {
    try store.read { database in
      let (isSeen, arguments) = Self.seen(by: account)
      return try Self.acts(
        database, "a.about IS NULL AND \(isSeen)", arguments, order: "a.id DESC LIMIT \(limit)")
    }
  }

  /// As ``RecordAct/isSeen(by:)``.
  private static func seen(by account: Account) -> (sql: String, arguments: StatementArguments) {
    guard let systems = account.systems else { return ("TRUE", []) }
    let list = "[" + systems.sorted().map { "\"\($0)\"" }.joined(separator: ",") + "]"
    return (
      """
      (lower(a.user) = ? OR EXISTS (SELECT 1 FROM act_record AS r WHERE r.act = a.id))
        AND NOT EXISTS (SELECT 1 FROM act_record AS r WHERE r.act = a.id
          AND r.system NOT IN (SELECT value FROM json_each(?)))
      """, [account.person.user.lowercased(), list]
    )
  }

  /// Acts on records that wait for a second person, oldest first.
  ///
  package func waiting(for account: Account) throws -> [RecordAct] {
    try store.read { database in
      let (isSeen, arguments) = Self.seen(by: account)
      return try Self.acts(
        database,
        """
        a.about IS NULL AND json_extract(a.body, '$.needsApproval')
          AND NOT EXISTS (SELECT 1 FROM act AS u WHERE u.about = a.id) AND \(isSeen)
        """, arguments)
    }
  }

  /// All acts of a kind, oldest first.
  package func acts(of kind: ActKind) throws -> [RecordAct] {
    try store.read { try Self.acts(of: kind, $0) }
  }

  static func acts(of kind: ActKind, _ database: Database) throws -> [RecordAct] {
    try acts(database, "a.kind = ?", [kind.rawValue])
  }

  /// Acts on a record in all its attempts, oldest first.
  package func acts(row: Int64, recordKey: String) throws -> [RecordAct] {
    try store.read { database in
      try Self.acts(
        database,
        """
        a.id IN (SELECT act FROM act_record WHERE row_id = ?1
          UNION SELECT act FROM act_record WHERE record_key = ?2 AND record_key <> '')
        """, [row, recordKey])
    }
  }

  /// Acts on records, oldest first, by record: those on this attempt, and of earlier ones those that go on with
  /// the record (``ActKind/followsRecord``).
  ///
  /// - Parameter recordKeys: Of all attempts of a record, by its number; empty where it has none.
  package func acts(_ recordKeys: [Int64: String]) throws -> [Int64: [RecordAct]] {
    guard !recordKeys.isEmpty else { return [:] }
    return try store.read { try Self.acts(recordKeys, $0) }
  }

  static func acts(
    _ recordKeys: [Int64: String], _ database: Database
  ) throws -> [Int64: [RecordAct]] {
    let followers = ActKind.allCases.filter(\.followsRecord).map { "'\($0.rawValue)'" }
    let list = recordKeys.map { "[\($0),\"\($1)\"]" }.joined(separator: ",")
    let pairs = try Row.fetchAll(
      database,
      sql: """
        WITH asked AS (SELECT json_extract(value, '$[0]') AS row_id,
          json_extract(value, '$[1]') AS record_key FROM json_each(?))
        SELECT q.row_id, r.act FROM asked AS q JOIN act_record AS r ON r.row_id = q.row_id
        UNION SELECT q.row_id, r.act FROM asked AS q
        JOIN act_record AS r ON r.record_key = q.record_key AND r.record_key <> ''
        JOIN act AS a ON a.id = r.act AND a.kind IN (\(followers.joined(separator: ", ")))
        ORDER BY 1, 2
        """, arguments: ["[\(list)]"])
    let ids = Set(pairs.map { row -> Int64 in row["act"] })
    let acts = try Self.acts(
      database, "a.id IN (SELECT value FROM json_each(?))",
      ["[" + ids.sorted().map(String.init).joined(separator: ",") + "]"])
    let byID = Dictionary(acts.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var result: [Int64: [RecordAct]] = [:]
    for row in pairs {
      if let act = byID[row["act"]] { result[row["row_id"], default: []].append(act) }
    }
    return result
  }

  /// Acts on these attempts of records alone, oldest first, by record.
  package func acts(rows: [Int64]) throws -> [Int64: [RecordAct]] {
    try acts(Dictionary(rows.map { ($0, "") }, uniquingKeysWith: { first, _ in first }))
  }

  package func targets(of act: Int64) throws -> [Target] {
    try store.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT row_id, record_key, system FROM act_record WHERE act = ? ORDER BY row_id",
        arguments: [act]
      ).map(Self.target)
    }
  }

  /// Number of the newest act that may change ``assignments()``; 0 before the first.
  package func newestAssignment() throws -> Int64 {
    try store.read {
      try Int64.fetchOne($0, sql: "SELECT max(id) FROM act WHERE kind IN ('assign', 'undo')") ?? 0
    }
  }

  /// Records by the user, in small letters, to whom their last assignment that stands gives them, in all their
  /// attempts.
  package func assignments() throws -> [String: [Target]] {
    try store.read { database in
      var result: [String: [Target]] = [:]
      for row in try Row.fetchAll(
        database,
        sql: """
          SELECT r.row_id, r.record_key, r.system, max(a.id),
            json_extract(a.body, '$.assignee') AS assignee
          FROM act AS a JOIN act_record AS r ON r.act = a.id
          WHERE a.kind = 'assign'
            AND NOT EXISTS (SELECT 1 FROM act AS u WHERE u.about = a.id AND u.kind = 'undo')
          GROUP BY CASE WHEN r.record_key <> '' THEN r.record_key ELSE r.row_id END
          """)
      {
        let assignee: String? = row["assignee"]
        if let assignee { result[assignee.lowercased(), default: []].append(Self.target(row)) }
      }
      return result
    }
  }

  /// Records of waivers that stand on a day.
  ///
  /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
  package func waived(at now: Int64) throws -> [Target] {
    try store.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT r.row_id, r.record_key, r.system FROM act AS a JOIN act_record AS r ON r.act = a.id
          WHERE a.kind = 'waive' AND json_extract(a.body, '$.until') >= ?
            AND EXISTS (SELECT 1 FROM act AS d WHERE d.about = a.id AND d.kind = 'approve')
            AND NOT EXISTS (SELECT 1 FROM act AS u WHERE u.about = a.id AND u.kind = 'undo')
          """, arguments: [String(Moment.text(now).prefix(10))]
      ).map(Self.target)
    }
  }

  private static func target(_ row: Row) -> Target {
    Target(row: row["row_id"], recordKey: row["record_key"], system: row["system"])
  }

  func files(of act: Int64) throws -> [File] {
    try store.read { try Self.files(of: act, $0) }
  }

  static func files(of act: Int64, _ database: Database) throws -> [File] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT f.draft, f.path FROM act_file AS f JOIN act AS a ON a.id = f.act
        WHERE a.id = ?1 OR a.about = ?1 ORDER BY f.act, f.draft
        """, arguments: [act]
    ).map { File(draft: $0["draft"], path: $0["path"]) }
  }

  /// Files of the newest acts, and whether their act was taken back.
  ///
  /// - Parameter drafts: The files that were made so too, however old their acts are.
  func recentFiles(and drafts: [String]) throws -> [(file: File, isUndone: Bool)] {
    let names = String(decoding: try JSONEncoder().encode(drafts), as: UTF8.self)
    return try store.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT f.draft, f.path, EXISTS (
            SELECT 1 FROM act AS u WHERE u.about = coalesce(a.about, a.id) AND u.kind = 'undo'
          ) AS undone
          FROM act_file AS f JOIN act AS a ON a.id = f.act
          WHERE f.act > (SELECT max(id) FROM act) - 200
            OR f.draft IN (SELECT value FROM json_each(?))
          """, arguments: [names]
      ).map { (File(draft: $0["draft"], path: $0["path"]), $0["undone"]) }
    }
  }

  static func acts(
    _ database: Database, _ condition: String, _ arguments: StatementArguments,
    order: String = "a.id"
  ) throws -> [RecordAct] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT a.*, d.kind AS decision, d.user AS d_user, d.department AS d_department,
          d.time AS d_time, d.body AS d_body,
          EXISTS (SELECT 1 FROM act AS u WHERE u.about = a.id AND u.kind = 'undo') AS undone,
          (SELECT group_concat(DISTINCT r.system) FROM act_record AS r WHERE r.act = a.id) AS systems
        FROM act AS a
        LEFT JOIN act AS d ON d.about = a.id AND d.kind IN ('approve', 'refuse')
        WHERE \(condition) ORDER BY \(order)
        """, arguments: arguments
    ).map { row in
      guard let kind = ActKind(rawValue: row["kind"]) else { throw unreadable }
      let systems: String = row["systems"] ?? ""
      let decision: String? = row["decision"]
      return RecordAct(
        id: row["id"], kind: kind, person: try person(row["user"], row["department"]),
        time: row["time"], details: try details(row["body"]), records: row["records"],
        systems: systems.split(separator: ",").map(String.init).sorted(),
        decision: try decision.map { decision in
          let said = try details(row["d_body"])
          return RecordAct.Decision(
            isApproval: decision == ActKind.approve.rawValue,
            person: try person(row["d_user"], row["d_department"]), time: row["d_time"],
            words: said.words, overrides: said.overrides)
        }, isUndone: row["undone"])
    }
  }

  private static func person(_ user: String, _ department: String) throws -> Person {
    guard let person = try? Person(user: user, department: department) else { throw unreadable }
    return person
  }

  private static func details(_ text: String) throws -> ActDetails {
    guard let details = try? JSONDecoder().decode(ActDetails.self, from: Data(text.utf8)) else {
      throw unreadable
    }
    return details
  }

  private static var unreadable: AccessLogError {
    AccessLogError(.store, "\(fileName) has a row that cannot be read")
  }

  // MARK: Writing

  /// The number that the next act gets.
  static func nextID(_ database: Database) throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT coalesce(max(id), 0) + 1 FROM act") ?? 1
  }

  static func insert(
    _ id: Int64, _ kind: ActKind, about: Int64? = nil, _ details: ActDetails, _ event: AccessEvent,
    _ targets: [Target], _ files: [File], _ entry: AccessEntry, _ database: Database
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = String(decoding: try encoder.encode(details), as: UTF8.self)
    try database.execute(
      sql: "INSERT INTO act VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        id, kind.rawValue, about, event.person.user, event.person.department, event.time,
        targets.count, body, entry.sequence, entry.hash.hexadecimal,
      ])
    let record = try database.makeStatement(sql: "INSERT INTO act_record VALUES (?, ?, ?, ?)")
    for target in targets {
      try record.execute(arguments: [id, target.row, target.recordKey, target.system])
    }
    for file in files {
      try database.execute(
        sql: "INSERT INTO act_file VALUES (?, ?, ?)", arguments: [id, file.draft, file.path])
    }
  }
}
