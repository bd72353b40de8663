package import Catalog
import Foundation
import GRDB
import Glibc
import Records
import Synchronization
import Warehouse
package import WarehouseSQLite

/// The review queue of one publication: a file beside the warehouse with what is open, made for looking
/// through and made anew after every publication (decision 20).
///
/// Nothing in it is of its own: lose it, and the next one who asks makes it again. Its name has the
/// publication, so that those who still read an earlier one are not disturbed.
package final class ReviewFile: Sendable {
  private static let prefix = "review-"
  private static let suffix = ".sqlite"
  /// Raised with every change of its tables; a file with another one is made anew.
  private static let format = 3

  package let publication: Int64
  /// Of the publication, as `2026-03-01`; empty before the first.
  package let night: String
  let causes: CauseTable
  let names: CauseNames
  private let path: String
  /// Connections that nobody uses now.
  private let idle: Mutex<[DatabaseQueue]>

  /// Opens the queue of the publication that readers see now; makes it if it is not there.
  ///
  /// - Parameter folder: ``HomeFolder/warehouse``.
  package static func current(
    folder: String, _ catalog: Catalog, _ reader: WarehouseReader
  ) throws -> ReviewFile {
    let wanted = try reader.publicationNumber()
    let stamp = try reader.publicationTime(wanted)
    let path = "\(folder)/\(prefix)\(wanted)\(suffix)"
    if let file = try open(path, stamp, catalog) { return file }
    try make(path, from: reader.path, catalog, publication: wanted, stamp)
    try removeEarlier(folder, than: wanted)
    guard let file = try open(path, stamp, catalog) else {
      throw WarehouseError(.fileAccess, "\(path) was replaced while it was made; try again")
    }
    return file
  }

  /// Whether ``current(folder:_:_:)`` would open this one.
  package func isCurrent(_ reader: WarehouseReader) throws -> Bool {
    try reader.publicationNumber() == publication
  }

  /// - Returns: nil where there is no file of this format and publication.
  private static func open(
    _ path: String, _ stamp: String, _ catalog: Catalog
  ) throws -> ReviewFile? {
    guard PosixFile.exists(path), let queue = try? connection(path) else { return nil }
    let about = try? queue.read { database in
      try Row.fetchOne(
        database, sql: "SELECT * FROM about WHERE format = ? AND stamp = ?",
        arguments: [format, stamp])
    }
    return try about.map { try ReviewFile(path, queue, about: $0, catalog) }
  }

  private static func connection(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(10)
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  private init(
    _ path: String, _ queue: DatabaseQueue, about: Row, _ catalog: Catalog
  ) throws {
    self.path = path
    publication = about["publication"]
    night = about["night"]
    let last = CivilDate(night)?.dayNumber
    causes = try queue.read { database in
      try Self.causeTable(database, lastNight: last, catalog.calendar)
    }
    names = CauseNames(catalog)
    idle = Mutex([queue])
  }

  /// Runs `body` on a connection of its own; any number of callers at once.
  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    let queue = try idle.withLock { $0.popLast() } ?? Self.connection(path)
    defer { idle.withLock { $0.append(queue) } }
    return try queue.read(body)
  }

  /// Numbers of the open records that acts are about, sorted: a record that has come back since has another one
  /// than the act knows.
  package func openRows(of targets: [ActStore.Target]) throws -> [Int64] {
    guard !targets.isEmpty else { return [] }
    let keys = Set(targets.map(\.recordKey).filter { !$0.isEmpty }).sorted()
    let rows = targets.filter(\.recordKey.isEmpty).map(\.row)
    return try read { database in
      try Int64.fetchAll(
        database,
        sql: """
          SELECT row_id FROM item WHERE record_key IN (SELECT value FROM json_each(?))
          UNION SELECT row_id FROM item WHERE row_id IN (SELECT value FROM json_each(?))
          ORDER BY 1
          """, arguments: [Self.list(keys.map { "\"\($0)\"" }), Self.list(rows.map(String.init))])
    }
  }

  private static func list(_ values: [String]) -> String {
    "[" + values.joined(separator: ",") + "]"
  }

  /// Those of earlier publications go, but for the last: people may be reading it, and open it once more. What has
  /// a later number is of another process, or of a warehouse that was there before.
  private static func removeEarlier(_ folder: String, than wanted: Int64) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      let number = Int64(name.dropFirst(prefix.count).dropLast(suffix.count))
      guard let number, number < wanted - 1 else { continue }
      // Another process may have been faster.
      try? PosixFile.remove(folder + "/" + name)
    }
  }

  /// What the queue of an earlier publication counted; it is made for this and removed.
  static func causes(
    at publication: Int64, folder: String, _ catalog: Catalog, _ reader: WarehouseReader
  ) throws -> CauseTable {
    let draft = "\(folder)/\(prefix)\(publication).\(getpid()).causes"
    if PosixFile.exists(draft) { try PosixFile.remove(draft) }
    defer { try? PosixFile.remove(draft) }
    try fill(draft, from: reader.path, catalog, publication: publication, "")
    return try connection(draft).read { try causeTable($0, lastNight: nil, catalog.calendar) }
  }

  // MARK: Making it

  private static func make(
    _ path: String, from warehouse: String, _ catalog: Catalog, publication: Int64,
    _ stamp: String
  ) throws {
    let draft = "\(path).\(getpid()).making"
    if PosixFile.exists(draft) { try PosixFile.remove(draft) }
    do {
      try fill(draft, from: warehouse, catalog, publication: publication, stamp)
      try PosixFile.rename(draft, to: path)
    } catch {
      try? PosixFile.remove(draft)
      throw error
    }
  }

  private static func fill(
    _ draft: String, from warehouse: String, _ catalog: Catalog, publication: Int64,
    _ stamp: String
  ) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(60)
    let queue = try DatabaseQueue(path: draft, configuration: configuration)
    try PosixFile.setMode(0o600, of: draft)
    let source = URL(fileURLWithPath: warehouse).absoluteString + "?mode=ro"
    try queue.writeWithoutTransaction { database in
      // It is made again rather than repaired.
      try database.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
      try database.execute(sql: "ATTACH DATABASE ? AS w", arguments: [source])
      try database.inTransaction {
        for statement in schema { try database.execute(sql: statement) }
        try database.execute(
          sql: "INSERT INTO night \(ReviewSource.nights("w", publication: publication))")
        let sources =
          [ReviewSource.openRecords("w", publication: publication)]
          + ReviewSource.withheldRecords("w", catalog, publication: publication)
        for source in sources {
          try database.execute(sql: "INSERT INTO open_record \(source)")
        }
        for statement in derivation { try database.execute(sql: statement) }
        try storeFindings(database)
        try database.execute(
          sql: """
            INSERT INTO about SELECT ?, ?, ?, coalesce(
              (SELECT night FROM night WHERE publication = ?), '')
            """, arguments: [format, publication, stamp, publication])
        return .commit
      }
      try database.execute(sql: "DETACH DATABASE w")
    }
    try queue.close()
  }

  private static let schema = [
    """
    CREATE TABLE about (
      format INTEGER NOT NULL, publication INTEGER NOT NULL, stamp TEXT NOT NULL,
      night TEXT NOT NULL) STRICT
    """,
    "CREATE TABLE night (publication INTEGER PRIMARY KEY, night TEXT NOT NULL) STRICT",
    """
    CREATE TEMP TABLE open_record (
      row_id INTEGER PRIMARY KEY, status TEXT, category TEXT, system TEXT, publication INTEGER,
      attempt INTEGER, record_id TEXT, entity_key TEXT, record_key TEXT, signature TEXT)
    """,
    """
    CREATE TABLE cause (
      id INTEGER PRIMARY KEY, status TEXT NOT NULL, system TEXT NOT NULL, category TEXT NOT NULL,
      signature TEXT NOT NULL, UNIQUE (system, category, status, signature)) STRICT
    """,
    """
    CREATE TABLE cause_finding (
      cause INTEGER NOT NULL, position INTEGER NOT NULL, code TEXT NOT NULL, rule TEXT NOT NULL,
      element TEXT NOT NULL, severity TEXT NOT NULL, PRIMARY KEY (cause, position))
    STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE item (
      row_id INTEGER PRIMARY KEY, cause INTEGER NOT NULL, publication INTEGER NOT NULL,
      attempt INTEGER NOT NULL, record_id TEXT, entity_key TEXT, record_key TEXT) STRICT
    """,
  ]

  private static let derivation = [
    """
    INSERT INTO cause (status, system, category, signature)
    SELECT DISTINCT status, system, category, signature FROM temp.open_record
    ORDER BY system, category, status, signature
    """,
    """
    INSERT INTO item SELECT o.row_id, c.id, o.publication, o.attempt, o.record_id, o.entity_key,
      nullif(o.record_key, '')
    FROM temp.open_record AS o JOIN cause AS c ON c.system = o.system AND c.category = o.category
      AND c.status = o.status AND c.signature = o.signature
    ORDER BY o.row_id
    """,
    "DROP TABLE temp.open_record",
    // One cause, one range of the index, which has all that a page is chosen by.
    "CREATE INDEX item_cause ON item (cause, row_id, publication, attempt)",
    "CREATE INDEX item_record ON item (record_id, row_id)",
    "CREATE INDEX item_key ON item (entity_key, row_id)",
    "CREATE INDEX item_attempts ON item (record_key, row_id) WHERE record_key IS NOT NULL",
    """
    CREATE TABLE cause_count AS
    SELECT cause, publication, attempt, count(*) AS records, min(row_id) AS first,
      max(row_id) AS last FROM item
    GROUP BY cause, publication, attempt
    """,
  ]

  private static func storeFindings(_ database: Database) throws {
    let insertion = try database.makeStatement(
      sql: "INSERT INTO cause_finding VALUES (?, ?, ?, ?, ?, ?)")
    for row in try Row.fetchAll(database, sql: "SELECT id, signature FROM cause") {
      let signature: String = row["signature"]
      let findings = signature.split(separator: ReviewSource.findingSeparator)
      for (position, finding) in findings.enumerated() {
        let parts = finding.split(
          separator: ReviewSource.partSeparator, omittingEmptySubsequences: false)
        guard parts.count == 4 else { continue }
        try insertion.execute(
          arguments: [row["id"] as Int64, position] + StatementArguments(parts.map(String.init)))
      }
    }
  }

  private static func causeTable(
    _ database: Database, lastNight: Int?, _ calendar: WorkingDayCalendar
  ) throws -> CauseTable {
    var findings: [Int64: [CauseTable.Finding]] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT * FROM cause_finding ORDER BY cause, position")
    {
      findings[row["cause"], default: []].append(
        CauseTable.Finding(
          code: row["code"], rule: row["rule"], element: row["element"],
          severity: row["severity"]))
    }
    // A record without a reason would be our mistake; it is shown all the same.
    let none = [CauseTable.Finding(code: "", rule: "", element: "", severity: "return")]
    let causes = try Row.fetchAll(database, sql: "SELECT * FROM cause ORDER BY id").map { row in
      CauseTable.Cause(
        id: row["id"], status: row["status"], system: row["system"], category: row["category"],
        findings: findings[row["id"]] ?? none)
    }
    let places = Dictionary(
      causes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    let counts = try Row.fetchAll(database, sql: "SELECT * FROM cause_count").compactMap { row in
      places[row["cause"]].map { cause in
        CauseTable.Count(
          cause: cause, publication: row["publication"], attempt: row["attempt"],
          records: row["records"], rows: (row["first"] as Int64)...(row["last"] as Int64))
      }
    }
    var nights: [Int64: String] = [:]
    var ages: [Int64: QueueFilter.Age] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT * FROM night") {
      let night: String = row["night"]
      let publication: Int64 = row["publication"]
      nights[publication] = night
      guard let lastNight, let day = CivilDate(night)?.dayNumber else { continue }
      // Beyond the calendar days are counted as they come, which is never fewer.
      ages[publication] = QueueFilter.Age(
        workingDays: day >= lastNight
          ? 0 : calendar.workingDays(from: day, to: lastNight) ?? (lastNight - day))
    }
    return CauseTable(causes: causes, counts: counts, nights: nights, ages: ages)
  }
}
