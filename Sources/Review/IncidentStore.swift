package import Access
package import AccessStore
package import Catalog
import GRDB
import Warehouse
package import WarehouseSQLite

/// The incidents of an installation: one small SQLite file beside the access log.
///
/// Incidents open and close by what the publications show. Whoever looks first after a publication brings the
/// store up to it (``follow(_:folder:_:_:)``); publications that nobody looked at are gone through one after the
/// other, so that it comes to the same whoever looks when. Acts of people stand in the access log too.
package final class IncidentStore: Sendable {
  package static let fileName = "incidents.sqlite"

  private let queue: DatabaseQueue

  /// - Parameter folder: ``HomeFolder/access``; made where there is none.
  package init(folder: String) throws {
    try PosixFile.makePrivateFolder(folder)
    let path = folder + "/" + Self.fileName
    var configuration = Configuration()
    configuration.label = "incidents"
    configuration.busyMode = .timeout(60)
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try PosixFile.setMode(0o600, of: path)
    try Self.migrator.migrate(queue)
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("incidents") { database in
      try database.execute(
        sql: """
          -- newest: publication of the newest record; settled: publication at which it was closed
          CREATE TABLE incident (
            id INTEGER PRIMARY KEY NOT NULL, system TEXT NOT NULL, category TEXT NOT NULL,
            code TEXT NOT NULL, rule TEXT NOT NULL, element TEXT NOT NULL, state TEXT NOT NULL,
            since TEXT NOT NULL, records INTEGER NOT NULL, fresh INTEGER NOT NULL,
            night TEXT NOT NULL, assignee TEXT NOT NULL DEFAULT '', settled INTEGER) STRICT;
          CREATE INDEX incident_cause ON incident (system, category, code, rule, element, id);
          CREATE UNIQUE INDEX incident_open ON incident (system, category, code, rule, element)
            WHERE state NOT IN ('resolved', 'gone');
          CREATE TABLE step (
            number INTEGER PRIMARY KEY NOT NULL, incident INTEGER NOT NULL REFERENCES incident (id),
            kind TEXT NOT NULL, user TEXT, department TEXT, time INTEGER, night TEXT NOT NULL,
            records INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
          CREATE INDEX step_incident ON step (incident, number);
          -- the publication that was looked at last, and when it was made
          CREATE TABLE followed (publication INTEGER NOT NULL, stamp TEXT NOT NULL) STRICT;
          """)
    }
    return migrator
  }

  // MARK: Publications

  /// Brings the store up to the publication of a queue.
  ///
  /// - Parameter folder: ``HomeFolder/warehouse``.
  package func follow(
    _ file: ReviewFile, folder: String, _ catalog: Catalog, _ reader: WarehouseReader
  ) throws {
    guard file.publication > 0 else { return }
    let stamp = try reader.publicationTime(file.publication)
    while true {
      guard let last = try queue.read(Self.followed) else {
        // What was before the first look is not known.
        return try apply(CauseTally(file.causes, publication: file.publication), stamp, after: nil)
      }
      // Another process may have been faster.
      guard last.publication != file.publication || last.stamp != stamp else { return }
      let isSame = try reader.publicationTime(last.publication) == last.stamp
      guard isSame, last.publication < file.publication - 1 else {
        // The next one, or a warehouse that was put back or made anew: it goes on from what is there.
        if isSame, last.publication > file.publication { return }
        return try apply(
          CauseTally(file.causes, publication: file.publication), stamp, after: last,
          isAnew: !isSame)
      }
      let next = last.publication + 1
      let table = try ReviewFile.causes(at: next, folder: folder, catalog, reader)
      try apply(
        CauseTally(table, publication: next), try reader.publicationTime(next), after: last)
    }
  }

  private struct Followed: Equatable {
    var publication: Int64
    var stamp: String
  }

  private static func followed(_ database: Database) throws -> Followed? {
    try Row.fetchOne(database, sql: "SELECT * FROM followed").map {
      Followed(publication: $0["publication"], stamp: $0["stamp"])
    }
  }

  /// - Parameters:
  ///   - last: What was read before; where it is not true any more, somebody else has done it.
  ///   - isAnew: Whether the warehouse was put back or made anew.
  private func apply(
    _ tally: CauseTally, _ stamp: String, after last: Followed?, isAnew: Bool = false
  ) throws {
    try queue.write { database in
      guard try Self.followed(database) == last else { return }
      if isAnew {
        // Numbers of the other warehouse say nothing of this one's; what comes now is new.
        try database.execute(
          sql: "UPDATE incident SET settled = ?1 - 1 WHERE settled >= ?1",
          arguments: [tally.publication])
      }
      var standing: Set<IncidentCause> = []
      for incident in try Self.incidents(
        database, "state NOT IN ('resolved', 'gone')", [], withSteps: false)
      {
        standing.insert(incident.cause)
        guard let entry = tally.entries[incident.cause] else {
          try Self.end(incident, tally, database)
          continue
        }
        try database.execute(
          sql: "UPDATE incident SET records = ?, fresh = ?, night = ? WHERE id = ?",
          arguments: [entry.records, entry.fresh, tally.night, incident.id])
      }
      for (cause, entry) in tally.entries.sorted(by: { Self.order($0.key) < Self.order($1.key) })
      where !standing.contains(cause) {
        guard try Self.isNew(cause, entry, database) else { continue }
        try Self.open(cause, entry, tally, database)
      }
      try database.execute(sql: "DELETE FROM followed")
      try database.execute(
        sql: "INSERT INTO followed VALUES (?, ?)", arguments: [tally.publication, stamp])
    }
  }

  private static func order(_ cause: IncidentCause) -> String {
    [cause.system, cause.category, cause.code, cause.rule, cause.element].joined(
      separator: "\u{1F}")
  }

  /// Records that were there when a person resolved the incident may stay until they are delivered again;
  /// what came afterwards has the cause once more.
  private static func isNew(
    _ cause: IncidentCause, _ entry: CauseTally.Entry, _ database: Database
  ) throws -> Bool {
    let last = try Row.fetchOne(
      database,
      sql: """
        SELECT state, settled FROM incident WHERE system = ? AND category = ? AND code = ?
          AND rule = ? AND element = ? ORDER BY id DESC LIMIT 1
        """, arguments: [cause.system, cause.category, cause.code, cause.rule, cause.element])
    guard let last, last["state"] as String == IncidentState.resolved.rawValue else { return true }
    return entry.newest > (last["settled"] as Int64? ?? 0)
  }

  private static func open(
    _ cause: IncidentCause, _ entry: CauseTally.Entry, _ tally: CauseTally, _ database: Database
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO incident (system, category, code, rule, element, state, since, records, fresh, night)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        cause.system, cause.category, cause.code, cause.rule, cause.element,
        IncidentState.new.rawValue, tally.night(of: entry.oldest), entry.records, entry.fresh,
        tally.night,
      ])
    try insert(
      IncidentStep(
        kind: .opened, person: nil, time: nil, night: tally.night, records: entry.records, text: ""),
      database.lastInsertedRowID, database)
  }

  private static func end(
    _ incident: Incident, _ tally: CauseTally, _ database: Database
  ) throws {
    try database.execute(
      sql: "UPDATE incident SET state = ?, fresh = 0, night = ?, settled = ? WHERE id = ?",
      arguments: [IncidentState.gone.rawValue, tally.night, tally.publication, incident.id])
    try insert(
      IncidentStep(
        kind: .gone, person: nil, time: nil, night: tally.night, records: 0, text: ""),
      incident.id, database)
  }

  private static func insert(_ step: IncidentStep, _ id: Int64, _ database: Database) throws {
    try database.execute(
      sql: """
        INSERT INTO step (incident, kind, user, department, time, night, records, text)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        id, step.kind.rawValue, step.person?.user, step.person?.department, step.time, step.night,
        step.records, step.text,
      ])
  }

  // MARK: Reading

  /// What is wanted of the incidents.
  package enum Choice: String, Sendable, CaseIterable {
    case open
    case closed
    case all
  }

  /// With most records first; closed ones by their numbers, newest first. Without their histories.
  ///
  /// - Parameter systems: Whose incidents may be seen; nil for all.
  package func incidents(_ choice: Choice, systems: Set<String>?) throws -> [Incident] {
    let condition =
      switch choice {
      case .open: "state NOT IN ('resolved', 'gone')"
      case .closed: "state IN ('resolved', 'gone')"
      case .all: "1"
      }
    let order = choice == .closed ? "id DESC" : "records DESC, id"
    return try queue.read { database in
      try Self.incidents(database, condition, [], order: order, withSteps: false).filter {
        systems?.contains($0.cause.system) ?? true
      }
    }
  }

  /// With its history.
  package func incident(_ id: Int64) throws -> Incident? {
    try queue.read { try Self.incidents($0, "id = ?", [id], withSteps: true).first }
  }

  private static func incidents(
    _ database: Database, _ condition: String, _ arguments: StatementArguments,
    order: String = "id", withSteps: Bool
  ) throws -> [Incident] {
    // Columns by their places: a bad night has thousands of causes, and names are looked for in each row.
    try Row.fetchAll(
      database,
      sql: """
        SELECT id, state, system, category, code, rule, element, since, records, fresh, night, assignee
        FROM incident WHERE \(condition) ORDER BY \(order)
        """, arguments: arguments
    ).compactMap { row in
      guard let state = IncidentState(rawValue: row[1]) else { return nil }
      return Incident(
        id: row[0],
        cause: IncidentCause(
          system: row[2], category: row[3], code: row[4], rule: row[5], element: row[6]),
        state: state, since: row[7], records: row[8], fresh: row[9], night: row[10],
        assignee: row[11], steps: withSteps ? try steps(of: row[0], database) : [])
    }
  }

  private static func steps(of id: Int64, _ database: Database) throws -> [IncidentStep] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM step WHERE incident = ? ORDER BY number", arguments: [id]
    ).compactMap { row in
      guard let kind = IncidentStep.Kind(rawValue: row["kind"]) else { return nil }
      let user: String? = row["user"]
      let department: String? = row["department"]
      let person = try user.flatMap { user in
        try department.map { try Person(user: user, department: $0) }
      }
      return IncidentStep(
        kind: kind, person: person, time: row["time"], night: row["night"],
        records: row["records"], text: row["text"])
    }
  }

  // MARK: Acts

  /// Does what a person wants done. The entry in the log is there before anything is changed.
  ///
  /// - Throws: ``Denial`` where it is not allowed; that is in the log.
  package func take(
    _ act: IncidentAct, on id: Int64, by person: Person, at now: Int64, _ log: AccessLog
  ) throws -> Incident {
    var event = AccessEvent(
      time: now, person: person, action: act.action, outcome: .allowed, rule: "incidents")
    event.reference = "incident:\(id)"
    return try log.withWriter(person, now) { writer in
      do {
        return try queue.write { database in
          guard
            var incident = try Self.incidents(database, "id = ?", [id], withSteps: true).first
          else {
            throw Denial(
              "unknown-number", chinese: "没有编号为 \(id) 的问题事件",
              english: "there is no incident \(id)")
          }
          event.category = incident.cause.category
          try incident.take(act, by: person, at: now)
          _ = try writer.append(event)
          if let step = incident.steps.last { try Self.insert(step, id, database) }
          try database.execute(
            sql: """
              UPDATE incident SET state = ?1, assignee = ?2,
                settled = CASE WHEN ?1 = 'resolved' THEN (SELECT publication FROM followed) END
              WHERE id = ?3
              """, arguments: [incident.state.rawValue, incident.assignee, id])
          return incident
        }
      } catch let denial as Denial {
        event.outcome = .denied
        event.rule = denial.code
        _ = try writer.append(event)
        throw denial
      }
    }
  }
}
