package import Catalog
package import Records

/// One value that a sharing case looks at.
package struct ExpectedCell: Sendable, Hashable {
  package enum Outcome: String, Sendable, CaseIterable { case shown, masked, withheld }

  /// Name of the child table; nil for the record itself.
  package var table: String?
  /// Row of the child table, from 1.
  package var row: Int
  package var element: String
  package var outcome: Outcome
  /// What the reader gets, empty for nothing; nil where the case leaves it open.
  package var text: String?
  /// Identifier of the mask; nil where the case leaves it open.
  package var mask: String?
  /// Identifier of the reason; nil where the case leaves it open.
  package var by: String?
  package var because: SharingCase.Because
}

/// One record, one reader, and what must become of it.
package struct SharingCase: Sendable {
  package enum Fate: String, Sendable, CaseIterable { case kept, denied }

  /// Whether the deciding condition was true or could not be decided.
  package enum Because: String, Sendable, CaseIterable { case holds, unknown }

  package var name: String
  /// Identifiers of the items and tier conditions that the case is about.
  package var covers: [String]
  package var category: String
  package var audience: SharingTier
  /// Elements that a grant shows to the reader.
  package var granted: [String]
  /// What differs from the base record.
  package var given: WorkedCase.Values
  /// Rows of child tables, whole.
  package var rows: [String: [WorkedCase.Values]]
  /// Date of the run; nil for the date of the file.
  package var today: CivilDate?
  package var fate: Fate
  /// Identifier of what denies the record; nil where the case leaves it open.
  package var by: String?
  package var because: Because
  package var cells: [ExpectedCell]
  package var place: Place

  /// What the case says decides, with whether it was known.
  var reasons: [(id: String, because: Because)] {
    (by.map { [($0, because)] } ?? [])
      + cells.compactMap { cell in cell.by.map { ($0, cell.because) } }
  }
}
