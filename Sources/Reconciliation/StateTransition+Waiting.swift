import Records

/// What the end of its waiting does to a record and to its business key.
extension StateTransition {
  /// Shows a version that waited, unless something later is there.
  ///
  /// - Parameters:
  ///   - prior: A state with a version that waits.
  ///   - entity: State of that version's business key; nil if nothing is known of it.
  /// - Returns: ``WaitingOutcome/published``; ``WaitingOutcome/replaced`` where a later version shows the
  ///   record or its key; ``WaitingOutcome/returned`` where another record shows the key with the same
  ///   update time: both cannot be right, and nothing is done.
  package mutating func publishWaiting(
    _ prior: RecordState, entity: EntityState?
  ) -> WaitingOutcome {
    guard let waiting = prior.waiting else { return .replaced }
    if let entity, !entity.isDeleted, entity.record != prior.key,
      waiting.updateTime != SurveyEntry.noTime, waiting.updateTime == entity.updateTime
    {
      return .returned
    }
    var state = prior
    state.waiting = nil
    let isLate =
      SurveyEntry.isOlder(waiting.updateTime, than: prior.updateTime)
      || entity.map { SurveyEntry.isOlder(waiting.updateTime, than: $0.updateTime) } ?? false
    guard !isLate else {
      // Known, though another version is shown: the same content again is nothing new.
      if state.rowID == nil { state.accepted = waiting.content }
      closedWaiting.append(ClosedWaiting(rowID: waiting.rowID, outcome: .replaced))
      recordStates.append(state)
      return .replaced
    }
    if let row = prior.rowID {
      closedRows.append(row)
      if let old = prior.entity { removedEntities.append(ShownRow(key: old, rowID: row)) }
    }
    if let key = waiting.entity {
      if let entity, !entity.isDeleted, entity.rowID != prior.rowID {
        closedRows.append(entity.rowID)
        overtakenRecords.append(ShownRow(key: entity.record, rowID: entity.rowID))
      }
      entityStates.append(
        EntityState(
          key: key, rowID: waiting.rowID,
          updateTime: max(entity?.updateTime ?? SurveyEntry.noTime, waiting.updateTime),
          record: prior.key))
    }
    if let open = state.returnedRowID { closedReturns.append(open) }
    state.returnedRowID = nil
    state.attempts = 0
    state.accepted = waiting.content
    state.rowID = waiting.rowID
    state.entity = waiting.entity
    state.updateTime = max(prior.updateTime, waiting.updateTime)
    openedRows.append(waiting.rowID)
    closedWaiting.append(ClosedWaiting(rowID: waiting.rowID, outcome: .published))
    recordStates.append(state)
    return .published
  }

  /// Returns a version that waited in vain; what it would have replaced stays.
  package mutating func returnWaiting(_ prior: RecordState) {
    guard let waiting = prior.waiting else { return }
    var state = prior
    if let open = state.returnedRowID { closedReturns.append(open) }
    state.waiting = nil
    state.returnedRowID = waiting.rowID
    state.attempts += 1
    closedWaiting.append(ClosedWaiting(rowID: waiting.rowID, outcome: .returned))
    recordStates.append(state)
  }
}
