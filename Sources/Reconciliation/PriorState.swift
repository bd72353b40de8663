package import Records

/// What the warehouse knows of one record of a system, whatever its versions: the row that is
/// current, and the return that is open.
package struct RecordState: Sendable, Equatable {
  /// System, category and source record id (``Fingerprint/inStream(_:)``).
  package var key: Fingerprint
  /// Raw content, adapter version and rule set of the last accepted version; nil if none.
  package var accepted: Fingerprint?
  /// Row of the last accepted version; nil if none, deleted, or if another record took the key over.
  package var rowID: Int64?
  /// Row in quarantine of the open return; nil if none.
  package var returnedRowID: Int64?
  /// How often the record was returned since it was last accepted.
  package var attempts: Int
  /// Entity key of the last accepted version (``EntityState/key``); nil if none. Persisted too: a
  /// record that changes or loses its entity key leaves the old key's state behind otherwise.
  package var entity: Fingerprint?
  /// Latest source update time of any accepted version or deletion, seconds;
  /// ``SurveyEntry/noTime`` if none had one. What is older and comes later is history.
  package var updateTime: Int64
  /// The version that waits for a record it refers to; nil if none.
  package var waiting: WaitingVersion?

  package init(
    key: Fingerprint, accepted: Fingerprint?, rowID: Int64?, returnedRowID: Int64?, attempts: Int,
    entity: Fingerprint? = nil, updateTime: Int64 = SurveyEntry.noTime,
    waiting: WaitingVersion? = nil
  ) {
    self.waiting = waiting
    self.entity = entity
    self.updateTime = updateTime
    self.key = key
    self.accepted = accepted
    self.rowID = rowID
    self.returnedRowID = returnedRowID
    self.attempts = attempts
  }
}

/// A version of a record that waits for a record it refers to. It shows no row and holds no business key.
package struct WaitingVersion: Sendable, Equatable {
  /// Its row, which no reader sees.
  package var rowID: Int64
  /// Raw content, adapter version and rule set.
  package var content: Fingerprint
  /// Its entity key; nil if it has none.
  package var entity: Fingerprint?
  /// Source update time, seconds; ``SurveyEntry/noTime`` if none.
  package var updateTime: Int64

  package init(rowID: Int64, content: Fingerprint, entity: Fingerprint?, updateTime: Int64) {
    self.rowID = rowID
    self.content = content
    self.entity = entity
    self.updateTime = updateTime
  }
}

/// What became of a version that waited.
package enum WaitingOutcome: String, Sendable, Equatable {
  /// What it referred to came; it is shown.
  case published
  /// What it referred to did not come in time.
  case returned
  /// The source sent another version, or a later one was there already.
  case replaced
  /// The source took the record back.
  case deleted
}

/// A version that waits no longer.
package struct ClosedWaiting: Sendable, Equatable {
  package var rowID: Int64
  package var outcome: WaitingOutcome

  package init(rowID: Int64, outcome: WaitingOutcome) {
    self.rowID = rowID
    self.outcome = outcome
  }
}

/// The current row of a business key within one system.
package struct EntityState: Sendable, Equatable {
  /// System, category and entity key.
  package var key: Fingerprint
  /// ``deleted`` where the latest version of the key was its deletion.
  package var rowID: Int64
  /// Latest source update time of any row or deletion of the key, seconds; `.min` if none had one.
  package var updateTime: Int64
  /// The record that shows the key (``RecordState/key``), or deleted it.
  package var record: Fingerprint

  /// Stands for no row: what is older than a deletion and comes later stays history.
  package static let deleted: Int64 = 0
  package var isDeleted: Bool { rowID == Self.deleted }

  package init(key: Fingerprint, rowID: Int64, updateTime: Int64, record: Fingerprint) {
    self.key = key
    self.rowID = rowID
    self.updateTime = updateTime
    self.record = record
  }
}

/// The row that a key showed. What is to be done to the key's state is only done if it still shows it.
package struct ShownRow: Sendable, Equatable {
  package var key: Fingerprint
  package var rowID: Int64

  package init(key: Fingerprint, rowID: Int64) {
    self.key = key
    self.rowID = rowID
  }
}
