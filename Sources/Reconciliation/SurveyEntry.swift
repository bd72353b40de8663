package import Records

/// What the survey notes of one record of a delivery: enough to tell new, changed, unchanged and
/// double records apart before any is judged.
package struct SurveyEntry: Sendable, BitwiseCopyable {
  /// System, category, source record id. Of a record without id: its bytes as received.
  package var record: Fingerprint
  /// System, category, entity key; ``noEntity`` where a part of the key is missing.
  package var entity: Fingerprint
  /// Raw content, adapter version and rule set.
  package var content: Fingerprint
  /// Source update time, seconds; ``noTime`` where missing or unreadable.
  package var updateTime: Int64
  /// Key of another record whose return this one answers; ``noEntity`` if none.
  package var answers: Fingerprint = Self.noEntity
  /// The record asks for its deletion.
  package var isDeletion: Bool
  /// The record has no source record id; ``record`` stands for its content.
  package var isAnonymous: Bool

  package static let noTime: Int64 = .min

  /// Whether `time` is known to lie before `other`; what has no time counts by its arrival.
  package static func isOlder(_ time: Int64, than other: Int64) -> Bool {
    time != noTime && other != noTime && time < other
  }

  package static let noEntity = Fingerprint(high: .max, low: .max)

  package init(
    record: Fingerprint, entity: Fingerprint, content: Fingerprint, updateTime: Int64,
    isDeletion: Bool, isAnonymous: Bool = false
  ) {
    self.record = record
    self.entity = entity
    self.content = content
    self.updateTime = updateTime
    self.isDeletion = isDeletion
    self.isAnonymous = isAnonymous
  }

  package var hasEntity: Bool { entity != Self.noEntity }
}

/// What becomes of a record of a delivery before it is judged.
package enum Disposition: UInt8, Sendable, BitwiseCopyable {
  case judge
  /// The last accepted version has the same content, adapter and rules (semantics.md §8).
  case unchanged
  /// The same key and content stood earlier in the delivery.
  case duplicate
  /// The same key and update time with different content (Q37).
  case conflict
  /// Judged, but older than what its source record id shows: history from the start.
  case late

  package var isJudged: Bool {
    switch self {
    case .judge, .conflict, .late: true
    case .unchanged, .duplicate: false
    }
  }
}

/// What became of a judged record.
package enum Verdict: UInt8, Sendable, BitwiseCopyable {
  /// Not judged: unchanged or duplicate.
  case none
  case accepted
  /// Accepted, and replaced by a later version at once.
  case superseded
  case returned
  case pending
  /// Accepted as the deletion of what is there.
  case deleted
}
