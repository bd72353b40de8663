import Records

/// What a judged delivery does to the states of its records and business keys.
///
/// A pure function of one key's records and the key's prior state; deterministic in any order of keys.
package struct StateTransition: Sendable {
  package var recordStates: [RecordState] = []
  package var entityStates: [EntityState] = []
  package var closedRows: [Int64] = []
  package var closedReturns: [Int64] = []
  /// Entity states to drop if they still show this row.
  package var removedEntities: [EntityState] = []

  package init() {}

  package var count: Int {
    recordStates.count + entityStates.count + closedRows.count + closedReturns.count
      + removedEntities.count
  }

  package mutating func removeAll() { self = StateTransition() }

  /// Settles which of the accepted records of one entity key is current.
  ///
  /// The latest update time wins, then the later record of the delivery; a row that is older than the
  /// one already there becomes history at once.
  ///
  /// - Parameters:
  ///   - members: Records of the key, in the order of the delivery.
  ///   - verdicts: One per record; losers become ``Verdict/superseded``.
  ///   - rowID: Row of a record.
  package mutating func settleEntity(
    _ members: Span<KeyOrderEntry>, prior: EntityState?, _ entries: Span<SurveyEntry>,
    verdicts: inout MutableSpan<Verdict>, rowID: (Int) -> Int64
  ) {
    var winner = -1
    for place in members.indices {
      let index = Int(members[place].index)
      guard verdicts[index] == .accepted || verdicts[index] == .deleted else { continue }
      if winner < 0 || entries[index].updateTime >= entries[winner].updateTime { winner = index }
    }
    guard winner >= 0 else { return }
    let key = entries[winner].entity
    let priorWins = prior.map { $0.updateTime > entries[winner].updateTime } ?? false
    for place in members.indices {
      let index = Int(members[place].index)
      guard priorWins || index != winner else { continue }
      // A deletion that is older than what is there deletes nothing.
      if verdicts[index] == .accepted { closedRows.append(rowID(index)) }
      if verdicts[index] == .accepted || verdicts[index] == .deleted {
        verdicts[index] = .superseded
      }
    }
    guard !priorWins else { return }
    if let prior, !prior.isDeleted { closedRows.append(prior.rowID) }
    let row = verdicts[winner] == .deleted ? EntityState.deleted : rowID(winner)
    entityStates.append(
      EntityState(key: key, rowID: row, updateTime: entries[winner].updateTime))
  }

  /// Settles what is known of one source record.
  ///
  /// - Parameters: As for ``settleEntity(_:prior:_:verdicts:rowID:)``, whose verdicts it reads.
  package mutating func settleRecord(
    _ members: Span<KeyOrderEntry>, prior: RecordState?, _ entries: Span<SurveyEntry>,
    verdicts: Span<Verdict>, rowID: (Int) -> Int64
  ) {
    var current = -1
    var returned = -1
    var superseded = -1
    var isDeleted = false
    var isAccepted = false
    for place in members.indices {
      let index = Int(members[place].index)
      switch verdicts[index] {
      case .accepted:
        if current < 0 || entries[index].updateTime >= entries[current].updateTime {
          current = index
        }
        isAccepted = true
        isDeleted = false
      case .superseded:
        superseded = index
        isAccepted = true
      case .deleted: isDeleted = true
      case .returned, .pending: returned = index
      case .none: break
      }
    }
    guard isAccepted || isDeleted || returned >= 0 else { return }
    var state =
      prior
      ?? RecordState(
        key: entries[Int(members[0].index)].record, accepted: nil, rowID: nil, returnedRowID: nil,
        attempts: 0)
    if isAccepted || isDeleted, let open = state.returnedRowID {
      closedReturns.append(open)
      state.returnedRowID = nil
      state.attempts = 0
    }
    if current >= 0 || isDeleted {
      replaceRow(&state, by: isDeleted ? -1 : current, entries, rowID)
    } else if superseded >= 0, state.rowID == nil {
      // Known, though another record shows the key: the same content again is nothing new.
      state.accepted = entries[superseded].content
    }
    if returned >= 0 {
      if let open = state.returnedRowID { closedReturns.append(open) }
      state.returnedRowID = rowID(returned)
      state.attempts += 1
    }
    recordStates.append(state)
  }

  /// Takes note that a full delivery no longer has a record: its row goes, and a return that was open
  /// has nothing left to wait for.
  ///
  /// - Returns: Whether a row was closed.
  package mutating func removeRecord(_ prior: RecordState) -> Bool {
    guard prior.rowID != nil || prior.returnedRowID != nil else { return false }
    var state = prior
    if let open = state.returnedRowID {
      closedReturns.append(open)
      state.returnedRowID = nil
      state.attempts = 0
    }
    guard prior.rowID != nil else {
      recordStates.append(state)
      return false
    }
    replaceRow(&state, by: -1, [SurveyEntry]().span, { _ in 0 })
    recordStates.append(state)
    return true
  }

  private mutating func replaceRow(
    _ state: inout RecordState, by index: Int, _ entries: Span<SurveyEntry>,
    _ rowID: (Int) -> Int64
  ) {
    if let row = state.rowID {
      closedRows.append(row)
      if let entity = state.entity {
        removedEntities.append(EntityState(key: entity, rowID: row, updateTime: 0))
      }
    }
    guard index >= 0 else {
      state.accepted = nil
      state.rowID = nil
      state.entity = nil
      return
    }
    state.accepted = entries[index].content
    state.rowID = rowID(index)
    state.entity = entries[index].hasEntity ? entries[index].entity : nil
  }
}
