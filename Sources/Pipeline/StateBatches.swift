import Reconciliation
import Records
import Warehouse

/// State changes as batches of tables that exist in segment files only, so that a load can be resumed
/// from its segment file alone: once begun it never looks at the delivery or at prior states again.
enum StateBatches {
  private static let record = "@record-state"
  private static let entity = "@entity-state"
  private static let closedRow = "@closed-row"
  private static let closedReturn = "@closed-return"
  private static let removedEntity = "@removed-entity"
  private static let overtakenRecord = "@overtaken-record"
  private static let parkedRow = "@parked-row"
  /// Followed by the outcome.
  private static let closedWaiting = "@closed-waiting-"

  static func encode(_ transition: StateTransition) -> [TableBatch] {
    var batches: [TableBatch] = []
    let records = transition.recordStates.sorted { $0.key < $1.key }
    if !records.isEmpty {
      var columns = keys(records.map(\.key))
      columns += optionalKeys(records.map(\.accepted))
      columns += [
        .integers(records.map { $0.rowID ?? BatchColumn.null }),
        .integers(records.map { $0.returnedRowID ?? BatchColumn.null }),
        .integers(records.map { Int64($0.attempts) }),
      ]
      columns += optionalKeys(records.map(\.entity))
      columns.append(.integers(records.map { time($0.updateTime) }))
      columns.append(.integers(records.map { $0.waiting?.rowID ?? BatchColumn.null }))
      columns += optionalKeys(records.map { $0.waiting?.content })
      columns += optionalKeys(records.map { $0.waiting?.entity })
      columns.append(
        .integers(records.map { time($0.waiting?.updateTime ?? SurveyEntry.noTime) }))
      batches.append(TableBatch(table: record, rowCount: records.count, columns: columns))
    }
    let entities = transition.entityStates.sorted { $0.key < $1.key }
    if !entities.isEmpty {
      let columns =
        keys(entities.map(\.key)) + [
          .integers(entities.map(\.rowID)), .integers(entities.map { time($0.updateTime) }),
        ] + keys(entities.map(\.record))
      batches.append(TableBatch(table: entity, rowCount: entities.count, columns: columns))
    }
    batches += encode(transition.removedEntities.sorted { $0.key < $1.key }, removedEntity)
    batches += encode(transition.overtakenRecords.sorted { $0.key < $1.key }, overtakenRecord)
    batches += encode(transition.closedRows.sorted(), closedRow)
    batches += encode(transition.closedReturns.sorted(), closedReturn)
    batches += encode(transition.parkedRows.sorted(), parkedRow)
    for outcome in [WaitingOutcome.replaced, .deleted] {
      let rows = transition.closedWaiting.filter { $0.outcome == outcome }.map(\.rowID)
      batches += encode(rows.sorted(), closedWaiting + outcome.rawValue)
    }
    return batches
  }

  /// Moves what a block of a segment file holds into a step of the load.
  static func decode(_ batches: [TableBatch], into step: inout LoadStep) {
    for batch in batches {
      switch batch.table {
      case record: step.recordStates += recordStates(batch)
      case entity: step.entityStates += entityStates(batch)
      case removedEntity: step.removedEntities += shownRows(batch)
      case overtakenRecord: step.overtakenRecords += shownRows(batch)
      case closedRow: step.closedRows += integers(batch.columns[0])
      case closedReturn: step.closedReturns += integers(batch.columns[0])
      case parkedRow: step.parkedRows += integers(batch.columns[0])
      case let table where table.hasPrefix(closedWaiting):
        guard let outcome = WaitingOutcome(rawValue: String(table.dropFirst(closedWaiting.count)))
        else { continue }
        step.closedWaiting += integers(batch.columns[0]).map {
          ClosedWaiting(rowID: $0, outcome: outcome)
        }
      default: step.batches.append(batch)
      }
    }
  }

  private static func encode(_ rows: [ShownRow], _ table: String) -> [TableBatch] {
    guard !rows.isEmpty else { return [] }
    let columns = keys(rows.map(\.key)) + [.integers(rows.map(\.rowID))]
    return [TableBatch(table: table, rowCount: rows.count, columns: columns)]
  }

  private static func encode(_ rows: [Int64], _ table: String) -> [TableBatch] {
    rows.isEmpty
      ? [] : [TableBatch(table: table, rowCount: rows.count, columns: [.integers(rows)])]
  }

  private static func keys(_ keys: [Fingerprint]) -> [BatchColumn] {
    [
      .integers(keys.map { Int64(bitPattern: $0.high) }),
      .integers(keys.map { Int64(bitPattern: $0.low) }),
    ]
  }

  private static func optionalKeys(_ keys: [Fingerprint?]) -> [BatchColumn] {
    [.integers(keys.map { $0 == nil ? 0 : 1 })]
      + self.keys(keys.map { $0 ?? Fingerprint(high: 0, low: 0) })
  }

  /// The smallest integer stands for NULL in a batch, and for no time in a state.
  private static func time(_ seconds: Int64) -> Int64 {
    seconds == SurveyEntry.noTime ? BatchColumn.null : seconds
  }

  private static func recordStates(_ batch: TableBatch) -> [RecordState] {
    let columns = batch.columns.map(integers)
    return (0..<batch.rowCount).map { row in
      RecordState(
        key: key(columns[0][row], columns[1][row]),
        accepted: columns[2][row] == 0 ? nil : key(columns[3][row], columns[4][row]),
        rowID: optional(columns[5][row]), returnedRowID: optional(columns[6][row]),
        attempts: Int(columns[7][row]),
        entity: columns[8][row] == 0 ? nil : key(columns[9][row], columns[10][row]),
        updateTime: columns[11][row],
        waiting: optional(columns[12][row]).map { rowID in
          WaitingVersion(
            rowID: rowID, content: key(columns[14][row], columns[15][row]),
            entity: columns[16][row] == 0 ? nil : key(columns[17][row], columns[18][row]),
            updateTime: columns[19][row])
        })
    }
  }

  private static func entityStates(_ batch: TableBatch) -> [EntityState] {
    let columns = batch.columns.map(integers)
    return (0..<batch.rowCount).map { row in
      EntityState(
        key: key(columns[0][row], columns[1][row]), rowID: columns[2][row],
        updateTime: columns[3][row], record: key(columns[4][row], columns[5][row]))
    }
  }

  private static func shownRows(_ batch: TableBatch) -> [ShownRow] {
    let columns = batch.columns.map(integers)
    return (0..<batch.rowCount).map { row in
      ShownRow(key: key(columns[0][row], columns[1][row]), rowID: columns[2][row])
    }
  }

  private static func integers(_ column: BatchColumn) -> [Int64] {
    if case .integers(let values) = column { return values }
    return []
  }

  private static func optional(_ value: Int64) -> Int64? {
    value == BatchColumn.null ? nil : value
  }

  private static func key(_ high: Int64, _ low: Int64) -> Fingerprint {
    Fingerprint(high: UInt64(bitPattern: high), low: UInt64(bitPattern: low))
  }
}
