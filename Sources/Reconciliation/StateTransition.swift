import Records

/// What a judged delivery does to the states of its records and business keys.
///
/// A pure function of one key's records and the key's prior state; deterministic in any order of keys.
package struct StateTransition: Sendable {
  package var recordStates: [RecordState] = []
  package var entityStates: [EntityState] = []
  package var closedRows: [Int64] = []
  package var closedReturns: [Int64] = []
  /// Entity keys whose state goes.
  package var removedEntities: [ShownRow] = []
  /// Records that no longer show a row, because another record took their entity key over; to be stored
  /// behind all record states, which may have been found before.
  package var overtakenRecords: [ShownRow] = []
  /// Rows that wait: stored, and shown to nobody.
  package var parkedRows: [Int64] = []
  package var closedWaiting: [ClosedWaiting] = []
  /// Rows that waited and are shown now.
  package var openedRows: [Int64] = []

  package init() {}

  package var count: Int {
    recordStates.count + entityStates.count + closedRows.count + closedReturns.count
      + removedEntities.count + overtakenRecords.count + parkedRows.count + closedWaiting.count
      + openedRows.count
  }

  package mutating func removeAll() { self = StateTransition() }

  /// Leaves one version of a source record to be current: of those accepted in one delivery the latest,
  /// and none that is older than what is already there. The others are history at once.
  ///
  /// To be called for all records before their entity keys are settled.
  ///
  /// - Parameters:
  ///   - members: Records of one source record id, in the order of the delivery.
  ///   - verdicts: One per record; losers become ``Verdict/superseded``, deletions that lose are void.
  ///   - rowID: Row of a record.
  package mutating func settleVersions(
    _ members: Span<KeyOrderEntry>, _ entries: Span<SurveyEntry>,
    dispositions: Span<Disposition>, verdicts: inout MutableSpan<Verdict>, rowID: (Int) -> Int64
  ) {
    var current = -1
    var time = SurveyEntry.noTime
    for place in members.indices {
      let index = Int(members[place].index)
      guard verdicts[index] == .accepted || verdicts[index] == .deleted else { continue }
      if dispositions[index] == .late || SurveyEntry.isOlder(entries[index].updateTime, than: time)
      {
        supersede(index, &verdicts, rowID)
      } else {
        if current >= 0 { supersede(current, &verdicts, rowID) }
        current = index
        time = max(time, entries[index].updateTime)
      }
    }
  }

  private mutating func supersede(
    _ index: Int, _ verdicts: inout MutableSpan<Verdict>, _ rowID: (Int) -> Int64
  ) {
    // A deletion that is older than what is there deletes nothing.
    if verdicts[index] == .accepted { closedRows.append(rowID(index)) }
    verdicts[index] = verdicts[index] == .accepted ? .superseded : .none
  }

  /// Settles which of the accepted records of one entity key is current.
  ///
  /// The latest update time wins, then the later record of the delivery; a row that is older than the
  /// one already there becomes history at once. A record without a time counts by its arrival.
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
    var time = prior?.updateTime ?? SurveyEntry.noTime
    for place in members.indices {
      let index = Int(members[place].index)
      guard verdicts[index] == .accepted || verdicts[index] == .deleted else { continue }
      // A record that was overtaken does not take away with it who shows the key by now.
      if verdicts[index] == .deleted {
        let shown =
          winner >= 0 ? entries[winner].record : prior.flatMap { $0.isDeleted ? nil : $0.record }
        if let shown, shown != entries[index].record { continue }
      }
      if SurveyEntry.isOlder(entries[index].updateTime, than: time) {
        supersede(index, &verdicts, rowID)
      } else {
        if winner >= 0 { supersede(winner, &verdicts, rowID) }
        winner = index
        time = max(time, entries[index].updateTime)
      }
    }
    guard winner >= 0 else { return }
    if let prior, !prior.isDeleted {
      closedRows.append(prior.rowID)
      if prior.record != entries[winner].record {
        overtakenRecords.append(ShownRow(key: prior.record, rowID: prior.rowID))
      }
    }
    let row = verdicts[winner] == .deleted ? EntityState.deleted : rowID(winner)
    entityStates.append(
      EntityState(
        key: entries[winner].entity, rowID: row, updateTime: time, record: entries[winner].record))
  }

  /// Settles what is known of one source record.
  ///
  /// - Parameters: As for ``settleEntity(_:prior:_:verdicts:rowID:)``, whose verdicts it reads.
  ///   - attempts: How often each record had been returned before, under whatever key.
  package mutating func settleRecord(
    _ members: Span<KeyOrderEntry>, prior: RecordState?, _ entries: Span<SurveyEntry>,
    verdicts: Span<Verdict>, attempts: Span<UInt8>, rowID: (Int) -> Int64
  ) {
    var current = -1
    var returned = -1
    var superseded = -1
    // The latest of those that are not returned.
    var taken = -1
    var isDeleted = false
    var isWaiting = false
    var time = prior?.updateTime ?? SurveyEntry.noTime
    for place in members.indices {
      let index = Int(members[place].index)
      switch verdicts[index] {
      case .accepted: current = index
      case .superseded: superseded = index
      case .deleted: isDeleted = true
      case .returned:
        // Of two wrong versions the later one is to be corrected; two of one time contradict each other.
        if returned >= 0 {
          if Self.isOlder(index, returned, entries) {
            closedReturns.append(rowID(index))
            continue
          }
          if Self.isOlder(returned, index, entries) { closedReturns.append(rowID(returned)) }
        }
        returned = index
        continue
      case .pending:
        isWaiting = true
        continue
      case .none: continue
      }
      if taken < 0 || !Self.isOlder(index, taken, entries) { taken = index }
      time = max(time, entries[index].updateTime)
    }
    // What has a later version that was accepted needs no answer.
    if returned >= 0, taken >= 0,
      Self.isOlder(returned, taken, entries)
        || (taken > returned && !Self.isOlder(taken, returned, entries))
    {
      closedReturns.append(rowID(returned))
      returned = -1
    }
    let isAccepted = current >= 0 || superseded >= 0
    guard isAccepted || isDeleted || returned >= 0 || isWaiting else { return }
    var state =
      prior
      ?? RecordState(
        key: entries[Int(members[0].index)].record, accepted: nil, rowID: nil, returnedRowID: nil,
        attempts: 0)
    state.updateTime = time
    if isAccepted || isDeleted { closeReturn(&state) }
    if current >= 0 || isDeleted {
      replaceRow(&state, by: isDeleted ? -1 : current, entries, rowID)
    } else if superseded >= 0, state.rowID == nil {
      // Known, though another record shows the key: the same content again is nothing new.
      state.accepted = entries[superseded].content
    }
    if returned >= 0 {
      if let open = state.returnedRowID { closedReturns.append(open) }
      state.returnedRowID = rowID(returned)
      state.attempts = max(state.attempts, Int(attempts[returned])) + 1
    }
    settleWaiting(&state, members, prior, entries, verdicts, rowID)
    recordStates.append(state)
  }

  private static func isOlder(_ one: Int, _ other: Int, _ entries: Span<SurveyEntry>) -> Bool {
    SurveyEntry.isOlder(entries[one].updateTime, than: entries[other].updateTime)
  }

  /// Leaves one version of a record to wait: the latest, unless what is later was accepted, returned or
  /// deleted.
  private mutating func settleWaiting(
    _ state: inout RecordState, _ members: Span<KeyOrderEntry>, _ prior: RecordState?,
    _ entries: Span<SurveyEntry>, _ verdicts: Span<Verdict>, _ rowID: (Int) -> Int64
  ) {
    // Latest of the versions that were returned so far.
    var returnedTime = SurveyEntry.noTime
    for place in members.indices {
      let index = Int(members[place].index)
      let time = entries[index].updateTime
      if verdicts[index] == .returned { returnedTime = max(returnedTime, time) }
      let isOlder = state.waiting.map { SurveyEntry.isOlder(time, than: $0.updateTime) } ?? false
      switch verdicts[index] {
      case .none: continue
      case .accepted, .superseded, .returned:
        if !isOlder { closeWaiting(&state, .replaced) }
      case .deleted:
        if !isOlder { closeWaiting(&state, .deleted) }
      case .pending:
        parkedRows.append(rowID(index))
        let isLate =
          isOlder || SurveyEntry.isOlder(time, than: state.updateTime)
          || SurveyEntry.isOlder(time, than: returnedTime)
        guard !isLate else {
          closedWaiting.append(ClosedWaiting(rowID: rowID(index), outcome: .replaced))
          continue
        }
        closeWaiting(&state, .replaced)
        state.waiting = WaitingVersion(
          rowID: rowID(index), content: entries[index].content,
          entity: entries[index].hasEntity ? entries[index].entity : nil, updateTime: time)
        // The return has its answer; how often the record went back is not forgotten.
        if let open = state.returnedRowID, open == prior?.returnedRowID {
          closedReturns.append(open)
          state.returnedRowID = nil
        }
      }
    }
  }

  private mutating func closeWaiting(_ state: inout RecordState, _ outcome: WaitingOutcome) {
    guard let waiting = state.waiting else { return }
    closedWaiting.append(ClosedWaiting(rowID: waiting.rowID, outcome: outcome))
    state.waiting = nil
  }

  /// Closes the return of a record that was answered under another key.
  package mutating func settleAnswered(_ prior: RecordState) {
    var state = prior
    closeReturn(&state)
    recordStates.append(state)
  }

  private mutating func closeReturn(_ state: inout RecordState) {
    guard let open = state.returnedRowID else { return }
    closedReturns.append(open)
    state.returnedRowID = nil
    state.attempts = 0
  }

  /// Takes note that a full delivery no longer has a record: its row goes, and a return that was open
  /// has nothing left to wait for.
  ///
  /// - Returns: Whether a row was closed.
  package mutating func removeRecord(_ prior: RecordState) -> Bool {
    guard prior.rowID != nil || prior.returnedRowID != nil || prior.waiting != nil else {
      return false
    }
    var state = prior
    closeReturn(&state)
    closeWaiting(&state, .deleted)
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
        removedEntities.append(ShownRow(key: entity, rowID: row))
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
