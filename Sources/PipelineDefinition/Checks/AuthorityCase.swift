package import Catalog
package import Records

/// What several systems say of one thing, and what must be composed of it.
package struct AuthorityCase: Sendable {
  /// Why the record of a system decides.
  package enum Basis: String, Sendable, CaseIterable { case owner, fallback, unowned }

  /// One system's record.
  package struct Saying: Sendable {
    package var system: String
    /// What differs from the base record.
    package var given: WorkedCase.Values
    /// Of the record; nil for the entity's own.
    package var category: String?
    /// The row inside the record that speaks.
    package var row: Row?
  }

  /// A row inside a record, whole.
  package struct Row: Sendable {
    /// Name of the child table.
    package var table: String
    package var values: WorkedCase.Values
  }

  /// A rule that decides, and for which record.
  package struct Decision: Sendable, Hashable {
    package var rule: String
    /// Number of the record, from 1.
    package var winner: Int
    package var basis: Basis
  }

  /// A value that differs from the owner's.
  package struct Conflict: Sendable, Hashable {
    package var rule: String
    /// Number of the losing record, from 1.
    package var record: Int
    package var element: String
  }

  package var name: String
  /// Identifiers of the rules that the case is about.
  package var covers: [String]
  /// The kind of thing: a category or another entity.
  package var entity: String
  package var records: [Saying]
  /// Home system by agency, for rules whose owner is the agency that a record names.
  package var homes: [String: String]
  /// Date of the run; nil for the date of the file.
  package var today: CivilDate?
  /// All of them.
  package var decisions: [Decision]
  /// All of them.
  package var conflicts: [Conflict]
  /// Values of the composed record that the case looks at; nil for none.
  package var values: WorkedCase.Values
  package var place: Place

  /// Whether the owner wins against another system's value.
  package func resolves(_ rule: String) -> Bool {
    decisions.contains { $0.rule == rule && $0.basis == .owner }
      && conflicts.contains { $0.rule == rule }
  }

  /// Whether the owner does not decide although the case is about its rule. Whoever comes first decides
  /// always; there it is enough that nobody contradicts.
  package func leavesAlone(_ rule: AuthorityRule) -> Bool {
    guard covers.contains(rule.id), !conflicts.contains(where: { $0.rule == rule.id }) else {
      return false
    }
    return rule.owner == .first
      || !decisions.contains { $0.rule == rule.id && $0.basis == .owner }
  }
}
