import GRDB
package import Warehouse

extension SQLiteWarehouse {
  // MARK: Pointer and runs

  /// The publication that readers see; 0 before the first.
  package func currentPublication() throws -> Int64 {
    try loading().access("reading the publication pointer of \(path)", Self.pointer)
  }

  static func pointer(_ database: Database) throws -> Int64 {
    guard let number = try Int64.fetchOne(database, sql: "SELECT number FROM publication") else {
      throw WarehouseError(.corrupt, "the warehouse has no publication pointer")
    }
    return number
  }

  /// The last run, finished or not; nil if there was none.
  package func lastRun() throws -> RunEntry? { try runs(limit: 1).first }

  /// The last runs, newest first.
  package func runs(limit: Int) throws -> [RunEntry] {
    try loading().access("reading the runs of \(path)") { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM run ORDER BY id DESC LIMIT ?", arguments: [limit]
      ).map(Self.run)
    }
  }

  /// Begins a run whose rows the next publication will show.
  ///
  /// - Throws: ``WarehouseError`` with code `.unpublishedRows` where an unfinished run left rows:
  ///   they would become visible with this one. Resume that run or discard its deliveries first.
  package func beginRun(night: String, ruleSetHash: String) throws -> RunEntry {
    let open = try unpublishedDeliveries()
    guard open.isEmpty else {
      throw WarehouseError(
        .unpublishedRows,
        "run \(open[0].run) left \(open.count) deliveries that are loaded and not published; "
          + "resume it or discard them before a new run")
    }
    return try transaction("beginning a run") { database in
      let id = (try Int64.fetchOne(database, sql: "SELECT max(id) FROM run") ?? 0) + 1
      let entry = RunEntry(
        id: id, night: night, publication: try Self.pointer(database) + 1, status: .running,
        ruleSetHash: ruleSetHash)
      try database.execute(
        sql: "INSERT INTO run VALUES (?, ?, ?, ?, ?)",
        arguments: [id, night, entry.publication, entry.status.rawValue, ruleSetHash])
      return entry
    }
  }

  /// Notes how far a run has come.
  package func setRunStatus(_ status: RunEntry.Status, run: Int64) throws {
    try transaction("setting the status of run \(run)") { database in
      try database.execute(
        sql: "UPDATE run SET status = ? WHERE id = ?", arguments: [status.rawValue, run])
      try Self.requireChange(database, "run \(run)")
    }
  }

  /// Notes under which rules an unfinished run goes on.
  package func setRuleSet(_ hash: String, run: Int64) throws {
    try transaction("setting the rules of run \(run)") { database in
      try database.execute(
        sql: "UPDATE run SET rule_set_hash = ? WHERE id = ?", arguments: [hash, run])
      try Self.requireChange(database, "run \(run)")
    }
  }

  /// A durable transaction on the current connection.
  func transaction<Result>(
    _ doing: String, _ body: (Database) throws -> Result
  ) throws -> Result {
    let connection = try loading()
    return try connection.transaction("\(doing) in \(connection.path)", durable: true, body)
  }

  static func requireChange(_ database: Database, _ what: String) throws {
    guard database.changesCount > 0 else {
      throw WarehouseError(.notFound, "the warehouse knows no \(what)")
    }
  }

  private static func run(_ row: Row) throws -> RunEntry {
    guard let status = RunEntry.Status(rawValue: row["status"]) else {
      throw WarehouseError(.corrupt, "run \(row["id"] as Int64) has an unknown status")
    }
    return RunEntry(
      id: row["id"], night: row["night"], publication: row["publication"], status: status,
      ruleSetHash: row["rule_set_hash"])
  }

  // MARK: Deliveries

  /// The deliveries of a run, in the order in which they were entered.
  package func deliveries(run: Int64) throws -> [DeliveryEntry] {
    try deliveries(where: "run = ?", [run])
  }

  /// The deliveries that stand at `status`, whatever their run.
  package func deliveries(status: DeliveryStatus) throws -> [DeliveryEntry] {
    try deliveries(where: "status = ?", [status.rawValue])
  }

  /// The delivery with a number; nil if the ledger has none.
  package func delivery(id: Int64) throws -> DeliveryEntry? {
    try deliveries(where: "id = ?", [id]).first
  }

  /// The first delivery of a system's category with the same bytes, by fingerprint and length.
  package func delivery(
    system: String, category: String, content: String, length: Int64
  ) throws -> DeliveryEntry? {
    try deliveries(
      where: "system = ? AND content = ? AND length = ? AND category = ?",
      [system, content, length, category]
    ).first
  }

  private func deliveries(
    where condition: String, _ arguments: StatementArguments
  ) throws -> [DeliveryEntry] {
    try loading().access("reading the ledger of \(path)") { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM delivery WHERE \(condition) ORDER BY id",
        arguments: arguments
      ).map(Self.entry)
    }
  }

  /// Enters deliveries; nothing of them is loaded yet, whatever the entries say.
  ///
  /// While a fresh build is open the live file gets the entries too, and first: an original that went
  /// to the archive stays known when the build is lost.
  package func enter(_ deliveries: [DeliveryEntry]) throws -> [DeliveryEntry] {
    var next = try loading().access("entering deliveries in \(path)") { database in
      (try Int64.fetchOne(database, sql: "SELECT max(id) FROM delivery") ?? 0) + 1
    }
    var entries = deliveries
    for index in entries.indices {
      entries[index].loadedBlocks = 0
      entries[index].id = next
      next += 1
    }
    guard next <= 1 << 31 else {
      throw WarehouseError(.database, "the ledger of \(path) is full")
    }
    let names = Self.fields.map(\.name).joined(separator: ", ")
    let marks = Self.fields.map { _ in "?" }.joined(separator: ", ")
    try writeLedger("entering deliveries", mirrored: true) { database in
      for entry in entries {
        try database.execute(
          sql: "INSERT INTO delivery (id, \(names)) VALUES (\(entry.id), \(marks))",
          arguments: StatementArguments(Self.fields.map { $0.value(entry) }))
      }
    }
    return entries
  }

  /// Replaces everything of an entry but `loadedBlocks`, which only a load or its discarding sets.
  ///
  /// While a fresh build is open the live file gets the change too, and first, unless the status is
  /// `loaded`: there the rows are not in the live file.
  package func update(_ delivery: DeliveryEntry) throws {
    let assignments = Self.fields.map { "\($0.name) = ?" }.joined(separator: ", ")
    let values = Self.fields.map { $0.value(delivery) }
    let mirrored = delivery.status != .loaded
    try writeLedger("updating delivery \(delivery.id)", mirrored: mirrored) { database in
      try database.execute(
        sql: "UPDATE delivery SET \(assignments) WHERE id = \(delivery.id)",
        arguments: StatementArguments(values))
      try Self.requireChange(database, "delivery \(delivery.id)")
    }
    categoryOfDelivery[delivery.id] = nil
  }

  private func writeLedger(
    _ doing: String, mirrored: Bool, _ body: (Database) throws -> Void
  ) throws {
    let connection = try loading()
    if mirrored, connection !== live {
      try live.transaction("\(doing) in \(path)", durable: true, body)
    }
    try connection.transaction("\(doing) in \(connection.path)", durable: true, body)
  }

  /// One column of the ledger besides `id` and `loaded_blocks`.
  private struct Field {
    var name: String
    var value: (DeliveryEntry) -> (any DatabaseValueConvertible)?

    init(_ name: String, _ value: @escaping (DeliveryEntry) -> (any DatabaseValueConvertible)?) {
      self.name = name
      self.value = value
    }
  }

  private static var fields: [Field] {
    [
      Field("run") { $0.run }, Field("system") { $0.system }, Field("category") { $0.category },
      Field("file_name") { $0.fileName }, Field("content") { $0.content },
      Field("length") { $0.length }, Field("archive_path") { $0.archivePath },
      Field("is_full") { $0.isFull }, Field("status") { $0.status.rawValue },
      Field("reason") { $0.reason }, Field("encoding") { $0.encoding },
      Field("batch_number") { $0.batchNumber }, Field("read") { $0.balance.read },
      Field("accepted") { $0.balance.accepted }, Field("unchanged") { $0.balance.unchanged },
      Field("duplicate") { $0.balance.duplicate }, Field("returned") { $0.balance.returned },
      Field("pending") { $0.balance.pending }, Field("held") { $0.balance.held },
      Field("deleted") { $0.balance.deleted },
      Field("accepted_first") { $0.balance.acceptedFirst },
      Field("returned_first") { $0.balance.returnedFirst },
      Field("removed") { $0.balance.removed }, Field("drift") { $0.drift },
    ]
  }

  static func entry(_ row: Row) throws -> DeliveryEntry {
    guard let status = DeliveryStatus(rawValue: row["status"]) else {
      throw WarehouseError(.corrupt, "delivery \(row["id"] as Int64) has an unknown status")
    }
    return DeliveryEntry(
      id: row["id"], run: row["run"], system: row["system"], category: row["category"],
      fileName: row["file_name"], content: row["content"], length: row["length"],
      archivePath: row["archive_path"], isFull: row["is_full"], status: status,
      reason: row["reason"], encoding: row["encoding"], batchNumber: row["batch_number"],
      loadedBlocks: row["loaded_blocks"], balance: Balance(row), drift: row["drift"])
  }

  // MARK: Measures

  /// Replaces all measures of a delivery; values with the same dimensions add up.
  package func replaceMeasures(_ measures: [Measure], delivery: Int64) throws {
    try transaction("writing the measures of delivery \(delivery)") { database in
      try database.execute(sql: "DELETE FROM measure WHERE delivery = ?", arguments: [delivery])
      let insertion = try database.cachedStatement(
        sql: """
          INSERT INTO measure VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET value = value + excluded.value
          """)
      for measure in measures {
        try insertion.execute(arguments: [
          delivery, measure.name, measure.domain, measure.element, measure.code, measure.value,
        ])
      }
    }
  }

  /// The measures of a run's deliveries, sorted by delivery and dimensions.
  package func measures(run: Int64) throws -> [Measure] {
    try loading().access("reading the measures of run \(run)") { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT m.* FROM measure AS m JOIN delivery AS d ON d.id = m.delivery
          WHERE d.run = ? ORDER BY m.delivery, m.name, m.domain, m.element, m.code
          """, arguments: [run]
      ).map { row in
        Measure(
          delivery: row["delivery"], name: row["name"], domain: row["domain"],
          element: row["element"], code: row["code"], value: row["value"])
      }
    }
  }

  // MARK: Publication

  /// Moves the pointer, durably, together with the run's status and the date of the publication.
  ///
  /// Repeating it changes nothing. What was kept to take the run back is dropped afterwards.
  ///
  /// - Throws: ``WarehouseError``: `.freshBuild` while one is open, `.notFound` where the run is
  ///   not the one that opened this publication, `.inconsistentStep` where it is not the next.
  package func publish(run: Int64, publication: Int64) throws {
    guard build == nil else {
      throw WarehouseError(.freshBuild, "publishing run \(run): finish the fresh build first")
    }
    let time = LocalTime.text(options.now())
    try transaction("publishing run \(run)") { database in
      let pointer = try Self.pointer(database)
      let night = try String.fetchOne(
        database, sql: "SELECT night FROM run WHERE id = ? AND publication = ?",
        arguments: [run, publication])
      guard let night else {
        throw WarehouseError(.notFound, "run \(run) does not belong to publication \(publication)")
      }
      if pointer == publication { return }
      guard publication == pointer + 1 else {
        throw WarehouseError(
          .inconsistentStep, "publication \(publication) does not follow \(pointer)")
      }
      try database.execute(
        sql: "UPDATE publication SET number = ?", arguments: [publication])
      try Self.removeParkedRows(database, model, publication: publication)
      try database.execute(sql: "DELETE FROM review WHERE closed_by IS NOT NULL")
      try database.execute(
        sql: "INSERT INTO publication_night VALUES (?, ?, ?, ?)",
        arguments: [publication, night, run, time])
      try database.execute(
        sql: "UPDATE run SET status = ? WHERE id = ?",
        arguments: [RunEntry.Status.published.rawValue, run])
    }
    try live.transaction("tidying up after run \(run) in \(path)", durable: false) { database in
      try database.execute(sql: "DELETE FROM state_undo")
      try database.execute(sql: "DELETE FROM closing_undo")
    }
  }
}
