package import Records

/// What speaks: a record, or a row inside one.
package struct GoldenPlace: Sendable, Hashable, Comparable {
  /// 0 for the record itself, else one more than the index in ``GoldenEntity/childRows``.
  package var speaker: Int
  /// Of the row in its record, from 1; 0 for the record itself.
  package var ordinal: Int

  package static let record = GoldenPlace(speaker: 0, ordinal: 0)

  package init(speaker: Int, ordinal: Int) {
    self.speaker = speaker
    self.ordinal = ordinal
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.speaker, left.ordinal) < (right.speaker, right.ordinal)
  }
}

/// The records of some keys, each key's one after the other, and the rows inside records that speak
/// of them.
package struct GoldenMembers: Sendable {
  /// Columns of the category.
  package var chunk: ElementChunk
  /// Whether a column's numbers stand for its values, by column.
  package var isTyped: [Bool]
  /// By order of the systems, the lower one wins.
  package var systemCodes: [String]
  /// Index in ``systemCodes``, by row.
  package var systems: [Int]
  /// Home system of the agency that a record names, as in ``systems``, by row; -1 if there is none.
  package var homes: [Int]
  /// By rule of the composer, then by row.
  package var applies: [[Bool]]
  /// By row.
  package var places: [GoldenPlace]

  /// - Parameter places: nil if all of them are records.
  package init(
    chunk: ElementChunk, isTyped: [Bool], systemCodes: [String], systems: [Int], homes: [Int],
    applies: [[Bool]], places: [GoldenPlace]? = nil
  ) {
    self.chunk = chunk
    self.isTyped = isTyped
    self.systemCodes = systemCodes
    self.systems = systems
    self.homes = homes
    self.applies = applies
    self.places = places ?? Array(repeating: .record, count: systems.count)
  }
}

/// Why a record decides a group of elements.
package enum GoldenBasis: String, Sendable, CaseIterable {
  case owner
  case fallback
  /// Neither the owner nor a fallback has delivered the key.
  case unowned
  /// A person stated the value.
  case override
}

/// A rule and the record that it names.
package struct GoldenDecision: Sendable, Hashable {
  /// Index in the composer's rules.
  package var rule: Int
  package var winner: Int
  package var basis: GoldenBasis
}

/// A value that differs from the owner's.
package struct GoldenConflict: Sendable, Hashable {
  /// Index in the composer's rules.
  package var rule: Int
  /// Column of the category.
  package var column: Int
  package var row: Int
  package var winner: Int
}

/// What was composed for one key.
package struct GoldenRecord: Sendable {
  /// No record has a value.
  package static let none = -1

  /// The first record of the total order.
  package var base: Int
  /// Record that each value comes from, by column of the category.
  package var winners: [Int]
  /// Values of several records together, by column.
  package var unions: [Int: [UInt8]] = [:]
  /// In the order of the rules.
  package var decisions: [GoldenDecision] = []
  package var conflicts: [GoldenConflict] = []
  /// Number of the override that states a value, by column.
  package private(set) var overrides: [Int: Int64] = [:]

  /// What stands in a column: its bytes, nil for no value.
  package func value(_ column: Int, of members: borrowing GoldenMembers) -> [UInt8]? {
    if let union = unions[column] { return union }
    let row = winners[column]
    guard row != Self.none else { return nil }
    return Array(members.chunk.text[members.chunk.columns[column].texts[row].range])
  }

  /// Puts what a person states before all records. Conflicts stay: they are between systems.
  ///
  /// - Parameters:
  ///   - row: Holds the stated values; none of the records that were composed.
  ///   - replaced: What stood when it was stated; elsewhere the override has had its day.
  /// - Returns: Whether it counts. Nothing is changed where it does not.
  package mutating func overrule(
    _ override: Int64, row: Int, replaced: [(column: Int, value: [UInt8]?)],
    of members: borrowing GoldenMembers
  ) -> Bool {
    for (column, value) in replaced where self.value(column, of: members) != value { return false }
    for (column, _) in replaced {
      overrides[column] = override
      unions[column] = nil
      winners[column] =
        members.chunk.columns[column].states[row] == .present ? row : Self.none
    }
    return true
  }

  init(base: Int, columnCount: Int) {
    self.base = base
    winners = Array(repeating: Self.none, count: columnCount)
  }
}
