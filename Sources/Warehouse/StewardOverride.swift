/// What a person states of one thing, before all systems: the highest source of golden values.
///
/// It counts from the next night on, until its last night, until somebody retires it, or until what it
/// replaced has become something else.
package struct StewardOverride: Sendable, Equatable {
  /// Why an override counts no more.
  package enum Outcome: String, Sendable, CaseIterable {
    case expired
    /// Without it another value than the one that it replaced would stand.
    case moved
    case retired
  }

  /// One element; nil stands for no value.
  package struct Value: Sendable, Equatable {
    /// Identifier.
    package var element: String
    /// In canonical text, as are the ones below.
    package var value: String?
    /// What stood when the override was made.
    package var replaced: String?

    package init(element: String, value: String?, replaced: String?) {
      self.element = element
      self.value = value
      self.replaced = replaced
    }
  }

  /// The act of a person who takes it back.
  package struct Retirement: Sendable, Equatable {
    package var author: String
    package var reason: String
    /// Local time, as `2026-03-01T09:00:00`.
    package var time: String

    package init(author: String, reason: String, time: String) {
      self.author = author
      self.reason = reason
      self.time = time
    }
  }

  /// Given out by the warehouse.
  package var id: Int64
  package var entity: String
  /// One text for each element of the match key.
  package var key: [String]
  /// The rule whose elements it states together; nil where it states single ones.
  package var rule: String?
  package var values: [Value]
  package var author: String
  package var reason: String
  /// Local time, as `2026-03-01T09:00:00`.
  package var time: String
  /// The last night in which it counts, as `2026-12-31`.
  package var until: String
  package var retirement: Retirement?
  /// The publication that showed it first; nil while it waits for the next night.
  package var openedBy: Int64?
  /// The publication that shows it no more.
  package var closedBy: Int64?
  package var outcome: Outcome?

  package init(
    id: Int64 = 0, entity: String, key: [String], rule: String?, values: [Value], author: String,
    reason: String, time: String, until: String
  ) {
    self.id = id
    self.entity = entity
    self.key = key
    self.rule = rule
    self.values = values
    self.author = author
    self.reason = reason
    self.time = time
    self.until = until
  }
}

/// Keeps overrides. Nothing of them is ever removed.
package protocol OverrideStore: AnyObject {
  /// Ascending by number.
  ///
  /// - Parameter standing: Only those that no publication has ended.
  func overrides(standing: Bool) throws -> [StewardOverride]
  /// Stores all or none.
  ///
  /// - Returns: The same with the numbers that they got.
  func add(_ overrides: [StewardOverride]) throws -> [StewardOverride]
  /// Takes overrides back, all or none; the next night ends them.
  func retireOverrides(_ ids: [Int64], _ retirement: StewardOverride.Retirement) throws
  /// Notes which overrides count in a publication and which it ends. May be repeated.
  func settleOverrides(
    _ counting: [Int64], ended: [(id: Int64, outcome: StewardOverride.Outcome)],
    publication: Int64) throws
}
