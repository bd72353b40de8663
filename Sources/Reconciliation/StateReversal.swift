package import Records

/// Takes accepted records back, one after the other: what one of them gives up, another may show again.
///
/// A pure function of what records and business keys show and of what they showed before a delivery touched
/// them; the same in any order of the records of a delivery. Of several deliveries the last goes first, as
/// what an earlier one brought may be what it had replaced.
package struct StateReversal: Sendable {
  /// States of records and of business keys; absent where there is none.
  package struct States: Sendable {
    package var records: [Fingerprint: RecordState]
    package var entities: [Fingerprint: EntityState]

    package init(
      records: [Fingerprint: RecordState] = [:], entities: [Fingerprint: EntityState] = [:]
    ) {
      self.records = records
      self.entities = entities
    }
  }

  private var now = States()
  private var before = States()
  /// Keys that were changed: ``now`` knows them better than who asks the warehouse.
  private var changedRecords: Set<Fingerprint> = []
  private var changedEntities: Set<Fingerprint> = []
  /// What one step changes.
  private var step = Step()

  private struct Step {
    var records: Set<Fingerprint> = []
    var entities: Set<Fingerprint> = []
    var transition = StateTransition()
    var reopenedRows: [Int64] = []
  }

  package init() {}

  /// Begins a step that takes records of one delivery back.
  ///
  /// - Parameters:
  ///   - now: Of all records and keys of `before`, and of the records' keys: what the warehouse holds.
  ///   - before: What they showed before the delivery touched them.
  package mutating func begin(now: States, before: States) {
    self.before = before
    for (key, state) in now.records where !changedRecords.contains(key) {
      self.now.records[key] = state
    }
    for (key, state) in now.entities where !changedEntities.contains(key) {
      self.now.entities[key] = state
    }
    step = Step()
  }

  /// What the step changes, each state once.
  package func changes() -> (transition: StateTransition, reopenedRows: [Int64]) {
    var transition = step.transition
    transition.recordStates = step.records.sorted().compactMap { now.records[$0] }
    transition.entityStates = step.entities.sorted().compactMap { now.entities[$0] }
    return (transition, step.reopenedRows)
  }

  /// Gives a record and its business key what they had before `row` was accepted.
  ///
  /// - Returns: How often the record had been returned before; nil if it does not show the row, and
  ///   nothing is done.
  package mutating func takeBack(_ record: Fingerprint, _ row: Int64) -> Int? {
    guard let shown = now.records[record], shown.rowID == row else { return nil }
    var state =
      before.records[record]
      ?? RecordState(key: record, accepted: nil, rowID: nil, returnedRowID: nil, attempts: 0)
    let attempts = state.attempts
    // Other versions of the night may have gone back before this one.
    state.attempts = max(attempts, shown.attempts) + 1
    state.returnedRowID = row
    if let open = shown.returnedRowID {
      // One is open, that of the later version, as if they had come in two nights.
      state.returnedRowID = max(open, row)
      step.transition.closedReturns.append(min(open, row))
    }
    state.waiting = shown.waiting
    step.transition.closedRows.append(row)
    if let key = shown.entity, now.entities[key]?.rowID == row {
      now.entities[key] = nil
      changedEntities.insert(key)
      step.transition.removedEntities.append(ShownRow(key: key, rowID: row))
    }
    showAgain(&state)
    store(state)
    if let key = shown.entity { giveBack(key, except: record) }
    return attempts
  }

  /// Lets a record show what it had shown before, unless another one shows its key by now.
  private mutating func showAgain(_ state: inout RecordState) {
    guard let row = state.rowID else { return }
    if let key = state.entity {
      guard now.entities[key] == nil, let entity = before.entities[key], entity.rowID == row else {
        state.rowID = nil
        state.entity = nil
        return
      }
      store(entity)
    }
    step.reopenedRows.append(row)
  }

  /// Gives a free key back to the record from which it was taken, unless that has another version by now or
  /// is gone.
  private mutating func giveBack(_ key: Fingerprint, except record: Fingerprint) {
    guard now.entities[key] == nil, let entity = before.entities[key] else { return }
    if entity.isDeleted { return store(entity) }
    // Of who was overtaken nothing else was accepted since.
    guard entity.record != record, let earlier = before.records[entity.record],
      earlier.rowID == entity.rowID, var other = now.records[entity.record], other.rowID == nil,
      other.accepted == earlier.accepted
    else { return }
    other.rowID = earlier.rowID
    other.entity = earlier.entity
    store(other)
    store(entity)
    step.reopenedRows.append(entity.rowID)
  }

  private mutating func store(_ state: RecordState) {
    now.records[state.key] = state
    changedRecords.insert(state.key)
    step.records.insert(state.key)
  }

  private mutating func store(_ state: EntityState) {
    now.entities[state.key] = state
    changedEntities.insert(state.key)
    step.entities.insert(state.key)
  }
}
