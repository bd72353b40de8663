import GRDB
package import Reconciliation
package import Records
import Warehouse

extension SQLiteWarehouse {
  /// Whether anything of the stream has ever been accepted or returned.
  package func hasState(stream: UInt16) throws -> Bool {
    let connection = try loading()
    return try connection.access("reading states of \(connection.path)") { database in
      let statement = try connection.statement(
        "SELECT EXISTS (SELECT 1 FROM record_state WHERE \(StateSQL.streamRange))", database)
      defer { statement.reset() }
      StateSQL.bind(stream, to: statement)
      return try statement.step() && statement.integer(0) != 0
    }
  }

  /// Visits all record states of a stream, ascending by key. `body` must not call the warehouse.
  package func scanRecordStates(
    stream: UInt16, _ body: (RecordState) throws -> Void
  ) throws {
    let connection = try loading()
    try connection.access("reading states of \(connection.path)") { database in
      let statement = try connection.statement(
        "SELECT \(StateSQL.recordColumns("")) FROM record_state "
          + "WHERE \(StateSQL.streamRange) ORDER BY key", database)
      defer { statement.reset() }
      StateSQL.bind(stream, to: statement)
      while try statement.step() { try body(Self.recordState(statement)) }
    }
  }

  /// States of `keys`, which ascend; absent ones are left out.
  package func recordStates(_ keys: [Fingerprint]) throws -> [RecordState] {
    try states(
      keys, of: "record_state", StateSQL.recordColumns("s."), Self.recordState)
  }

  /// States of `keys`, which ascend; absent ones are left out.
  package func entityStates(_ keys: [Fingerprint]) throws -> [EntityState] {
    try states(
      keys, of: "entity_state", "s.key, s.row_id, s.update_time, s.record", Self.entityState)
  }

  private static func entityState(_ statement: RawStatement) throws -> EntityState {
    EntityState(
      key: try key(statement), rowID: statement.integer(1),
      updateTime: statement.optionalInteger(2) ?? SurveyEntry.noTime,
      record: try key(statement, 3))
  }

  private func states<State>(
    _ keys: [Fingerprint], of table: String, _ columns: String,
    _ state: (RawStatement) throws -> State
  ) throws -> [State] {
    guard !keys.isEmpty else { return [] }
    let connection = try loading()
    return try connection.access("reading states of \(connection.path)") { database in
      if let found = try statesInRange(keys, table, columns, connection, database, state) {
        return found
      }
      let statement = try connection.statement(
        "SELECT \(columns) FROM \(BatchModuleName.table) AS b "
          + "CROSS JOIN \(table) AS s ON s.key = b.c0", database)
      var result: [State] = []
      try connection.withBatch(.keys(keys)) {
        defer { statement.reset() }
        while try statement.step() { result.append(try state(statement)) }
      }
      return result
    }
  }

  /// States on a neighbouring page cost less than looked up one by one: keys are spread evenly, so a
  /// delivery that has a good part of a stream's records finds them by one walk from the first to the
  /// last.
  ///
  /// - Returns: nil where the keys are too thin for that; it is then not tried for a while.
  private func statesInRange<State>(
    _ keys: [Fingerprint], _ table: String, _ columns: String, _ connection: Connection,
    _ database: Database, _ state: (RawStatement) throws -> State
  ) throws -> [State]? {
    guard keys.count >= StateSQL.smallestWalk, let first = keys.first, let last = keys.last else {
      return nil
    }
    guard walksToSkip == 0 else {
      walksToSkip -= 1
      return nil
    }
    let statement = try connection.statement(
      "SELECT \(columns) FROM \(table) AS s WHERE s.key BETWEEN ?1 AND ?2 ORDER BY s.key", database)
    statement.bind(blob: first.bytes, at: 1)
    statement.bind(blob: last.bytes, at: 2)
    defer { statement.reset() }
    var result: [State] = []
    var passed = 0
    var next = 0
    while next < keys.count, try statement.step() {
      let key = try Self.key(statement)
      while next < keys.count, keys[next] < key { next += 1 }
      if next < keys.count, keys[next] == key { result.append(try state(statement)) }
      passed += 1
      guard passed <= keys.count * StateSQL.widestWalk else {
        walksToSkip = StateSQL.skippedWalks
        return nil
      }
    }
    return result
  }

  private static func recordState(_ statement: RawStatement) throws -> RecordState {
    RecordState(
      key: try key(statement), accepted: statement.fingerprint(1),
      rowID: statement.optionalInteger(2), returnedRowID: statement.optionalInteger(3),
      attempts: Int(statement.integer(4)), entity: statement.fingerprint(5),
      updateTime: statement.optionalInteger(6) ?? SurveyEntry.noTime,
      waiting: try waiting(statement))
  }

  private static func waiting(_ statement: RawStatement) throws -> WaitingVersion? {
    guard let rowID = statement.optionalInteger(7) else { return nil }
    return WaitingVersion(
      rowID: rowID, content: try key(statement, 8), entity: statement.fingerprint(9),
      updateTime: statement.optionalInteger(10) ?? SurveyEntry.noTime)
  }

  /// States as they were before this unpublished run touched them for a delivery; nil stands for a key
  /// that had none. Keys of which nothing was noted are left out.
  package func recordStatesBefore(
    delivery: Int64, _ keys: [Fingerprint]
  ) throws -> [Fingerprint: RecordState?] {
    try statesBefore(delivery, keys, isEntity: 0, StateSQL.recordColumns("u."), 11) {
      try Self.recordState($0)
    }
  }

  /// As ``recordStatesBefore(delivery:_:)``.
  package func entityStatesBefore(
    delivery: Int64, _ keys: [Fingerprint]
  ) throws -> [Fingerprint: EntityState?] {
    try statesBefore(
      delivery, keys, isEntity: 1, "u.key, u.row_id, u.update_time, u.record", 4
    ) { try Self.entityState($0) }
  }

  private func statesBefore<State>(
    _ delivery: Int64, _ keys: [Fingerprint], isEntity: Int, _ columns: String, _ count: Int32,
    _ state: (RawStatement) throws -> State
  ) throws -> [Fingerprint: State?] {
    guard !keys.isEmpty else { return [:] }
    let connection = try loading()
    return try connection.access("reading notes of \(connection.path)") { database in
      let statement = try connection.statement(
        "SELECT \(columns), u.existed FROM state_undo AS u WHERE u.delivery = ?1 "
          + "AND u.is_entity = \(isEntity) AND u.key IN (SELECT c0 FROM \(BatchModuleName.table)) "
          + "ORDER BY u.sequence", database)
      statement.bind(delivery, at: 1)
      var result: [Fingerprint: State?] = [:]
      try connection.withBatch(.keys(keys)) {
        defer { statement.reset() }
        while try statement.step() {
          let key = try Self.key(statement)
          guard result[key] == nil else { continue }
          result[key] = .some(statement.integer(count) != 0 ? try state(statement) : nil)
        }
      }
      return result
    }
  }

  private static func key(_ statement: RawStatement, _ column: Int32 = 0) throws -> Fingerprint {
    guard let key = statement.fingerprint(column) else {
      throw WarehouseError(.corrupt, "a state of the warehouse has a key that is no fingerprint")
    }
    return key
  }
}

/// Statements on states; `c0…` are the columns of the batches below.
enum StateSQL {
  private static let batch = BatchModuleName.table

  /// Fewer keys are looked up one by one.
  static let smallestWalk = 64
  /// States passed for each key that is wanted, beyond which looking up costs less.
  static let widestWalk = 6
  /// Calls after one in which the keys were too thin.
  static let skippedWalks = 32

  private static let recordNames = [
    "key", "accepted", "row_id", "returned_row_id", "attempts", "entity", "update_time",
    "waiting_row_id", "waiting_content", "waiting_entity", "waiting_time",
  ]

  /// The columns of a record's state, each behind `prefix`.
  static func recordColumns(_ prefix: String) -> String {
    recordNames.map { prefix + $0 }.joined(separator: ", ")
  }

  /// - Parameter all: Also keys that have no state.
  static func keepRecords(all: Bool) -> String {
    """
    INSERT INTO state_undo
      (delivery, is_entity, existed, \(recordColumns("")))
    SELECT ?1, 0, s.key IS NOT NULL, b.c0, \(
      recordNames.dropFirst().map { "s." + $0 }.joined(separator: ", "))
    FROM \(batch) AS b \(all ? "LEFT" : "CROSS") JOIN record_state AS s ON s.key = b.c0
    """
  }
  static let storeRecords = """
    INSERT INTO record_state (\(recordColumns("")))
    SELECT \(recordNames.indices.map { "c\($0)" }.joined(separator: ", ")) FROM \(batch) WHERE true
    ON CONFLICT (key) DO UPDATE SET \(
      recordNames.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
    """
  static let overtakeRecords = """
    UPDATE record_state SET row_id = NULL, entity = NULL
    WHERE (key, row_id) IN (SELECT c0, c1 FROM \(batch))
    """
  /// - Parameter all: Also keys that have no state.
  static func keepEntities(all: Bool) -> String {
    """
    INSERT INTO state_undo (delivery, is_entity, key, existed, row_id, update_time, record)
    SELECT ?1, 1, b.c0, s.key IS NOT NULL, s.row_id, s.update_time, s.record
    FROM \(batch) AS b \(all ? "LEFT" : "CROSS") JOIN entity_state AS s ON s.key = b.c0
    """
  }
  static let storeEntities = """
    INSERT INTO entity_state (key, row_id, update_time, record)
    SELECT c0, c1, c2, c3 FROM \(batch) WHERE true
    ON CONFLICT (key) DO UPDATE SET row_id = excluded.row_id, update_time = excluded.update_time,
      record = excluded.record
    """
  static let removeEntities = """
    DELETE FROM entity_state WHERE (key, row_id) IN (SELECT c0, c1 FROM \(batch))
    """

  /// Keys of one stream; parameters 1 and 2 are set by ``bind(_:to:)``.
  static let streamRange = "key >= ?1 AND key < ?2"

  /// Bounds the keys: a stream is the first two bytes of its keys.
  static func bind(_ stream: UInt16, to statement: RawStatement) {
    let first = [UInt8(truncatingIfNeeded: stream >> 8), UInt8(truncatingIfNeeded: stream)]
    statement.bind(blob: first, at: 1)
    // Seventeen bytes of ones stand above every key of the last stream.
    let end =
      stream == .max
      ? [UInt8](repeating: 0xFF, count: 17)
      : [UInt8(truncatingIfNeeded: (stream + 1) >> 8), UInt8(truncatingIfNeeded: stream + 1)]
    statement.bind(blob: end, at: 2)
  }
}

extension TableBatch {
  /// Key, content, row, return, attempts, business key, update time; of the version that waits: row,
  /// content, business key, update time.
  static func recordStates(_ states: [RecordState]) -> TableBatch {
    var text = TextArena()
    text.reserveCapacity(states.count * 48)
    return TableBatch(
      table: "record_state", rowCount: states.count,
      columns: [
        .blobs(states.map { text.append($0.key) }),
        .blobs(states.map { state in state.accepted.map { text.append($0) } ?? .absent }),
        .integers(states.map { $0.rowID ?? BatchColumn.null }),
        .integers(states.map { $0.returnedRowID ?? BatchColumn.null }),
        .integers(states.map { Int64($0.attempts) }),
        .blobs(states.map { state in state.entity.map { text.append($0) } ?? .absent }),
        .integers(states.map(\.updateTime)),
        .integers(states.map { $0.waiting?.rowID ?? BatchColumn.null }),
        .blobs(states.map { state in state.waiting.map { text.append($0.content) } ?? .absent }),
        .blobs(states.map { state in state.waiting?.entity.map { text.append($0) } ?? .absent }),
        .integers(states.map { $0.waiting?.updateTime ?? BatchColumn.null }),
      ], text: text)
  }

  /// Key, row, update time, record; the time `.min`, which stands for none, becomes NULL.
  static func entityStates(_ states: [EntityState]) -> TableBatch {
    var text = TextArena()
    text.reserveCapacity(states.count * 32)
    return TableBatch(
      table: "entity_state", rowCount: states.count,
      columns: [
        .blobs(states.map { text.append($0.key) }), .integers(states.map(\.rowID)),
        .integers(states.map(\.updateTime)), .blobs(states.map { text.append($0.record) }),
      ], text: text)
  }

  /// Key, row.
  static func shownRows(_ rows: [ShownRow]) -> TableBatch {
    var text = TextArena()
    text.reserveCapacity(rows.count * 16)
    return TableBatch(
      table: "shown_row", rowCount: rows.count,
      columns: [.blobs(rows.map { text.append($0.key) }), .integers(rows.map(\.rowID))],
      text: text)
  }

  /// Keys alone.
  static func keys(_ keys: [Fingerprint]) -> TableBatch {
    var text = TextArena()
    text.reserveCapacity(keys.count * 16)
    return TableBatch(
      table: "keys", rowCount: keys.count, columns: [.blobs(keys.map { text.append($0) })],
      text: text)
  }
}

extension Fingerprint {
  /// 16 bytes, the high one first, so that SQLite orders them likewise.
  fileprivate var bytes: [UInt8] {
    var bytes = TextArena()
    _ = bytes.append(self)
    return bytes
  }
}
