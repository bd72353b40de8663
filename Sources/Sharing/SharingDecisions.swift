package import Catalog
package import Records
package import Validation

/// What decides about a record or a value.
package struct SharingReason: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case elementTier = "element-tier"
    case categoryTier = "category-tier"
    case tierCondition = "tier-condition"
    case negativeItem = "negative-item"
    case freeText = "free-text"
    case grant
  }

  package var kind: Kind
  /// Identifier of the element, category, condition or item.
  package var id: String
  /// What stewards call it.
  package var name: String
  package var english: String
  /// The tier that it sets; nil for what sets none.
  package var tier: SharingTier?
}

/// What becomes of one record.
package struct RowDecision: Sendable, Hashable {
  package var isKept: Bool
  /// Index of the reason in ``SharingPlan/reasons``; means nothing for a kept record.
  package var reason: Int
  /// The condition of the reason was unknown, which denies as well (semantics.md §1).
  package var isUnknown: Bool

  static let kept = RowDecision(isKept: true, reason: 0, isUnknown: false)
}

/// A record that an item of the negative list denies.
package struct Denial: Sendable, Hashable {
  package var row: Int
  /// Index of the reason in ``SharingPlan/reasons``.
  package var reason: Int
  package var isUnknown: Bool
}

/// What becomes of one value.
package struct CellDecision: Sendable, Hashable {
  /// From open to closed.
  package enum Outcome: UInt8, Sendable, Comparable {
    case shown
    /// In its masked form, or cleaned as free text.
    case masked
    case withheld

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  package var outcome: Outcome
  /// The condition of the reason was unknown, which closes as well.
  package var isUnknown = false
  /// Index of the reason in ``SharingPlan/reasons``.
  package var reason: Int

  package init(outcome: Outcome, isUnknown: Bool = false, reason: Int) {
    self.outcome = outcome
    self.isUnknown = isUnknown
    self.reason = reason
  }
}

/// Decisions about the values of one element in the rows of one table.
package struct ColumnDecisions: Sendable {
  /// What holds in every row that ``varying`` does not list.
  var base: CellDecision
  /// By row; empty if all rows have the base.
  var varying: [CellDecision] = []
  /// Masked forms by row, in ``SharingDecisions/text``; empty if no value is masked.
  var texts: [TextRef] = []

  package func cell(_ row: Int) -> CellDecision { varying.isEmpty ? base : varying[row] }

  /// Whether some value may leave, whole or masked.
  package var isOpen: Bool {
    varying.isEmpty ? base.outcome != .withheld : varying.contains { $0.outcome != .withheld }
  }

  /// The masked form of a value; absent where nothing is left of it.
  package func masked(_ row: Int) -> TextRef { texts.isEmpty ? .absent : texts[row] }

  mutating func set(_ row: Int, _ decision: CellDecision, count: Int) {
    if varying.isEmpty { varying = Array(repeating: base, count: count) }
    varying[row] = decision
  }

  mutating func setText(_ row: Int, _ text: TextRef, count: Int) {
    if texts.isEmpty { texts = Array(repeating: .absent, count: count) }
    texts[row] = text
  }
}

/// What one audience may see of one chunk. Values of denied records are not decided about.
package struct SharingDecisions: Sendable {
  /// By record.
  package internal(set) var rows: [RowDecision] = []
  /// Every record with every item that denies it, by item, then record. The first one of a record is
  /// the reason in ``rows``.
  package internal(set) var denials: [Denial] = []
  /// By column of the category.
  package internal(set) var columns: [ColumnDecisions] = []
  /// By child table of the category, then column of the table. The rows of a denied record do not
  /// leave either.
  package internal(set) var children: [[ColumnDecisions]] = []
  /// Arena of the masked forms.
  package internal(set) var text: TextArena = []
  /// What conditions could not decide although values were there.
  package internal(set) var report = EvaluationReport()

  package init() {}
}
