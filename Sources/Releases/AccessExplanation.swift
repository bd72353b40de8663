package import Access
package import Catalog
package import Sharing

/// What a reader would see of one record, cell by cell, and which rule decides.
package struct AccessExplanation: Sendable {
  package struct Cell: Sendable {
    /// Name and row (from 1) of a child table; nil for the record itself.
    package var place: (table: String, row: Int)?
    package var element: DataElement
    /// Strictest of the element's tiers here.
    package var tier: SharingTier
    package var outcome: CellDecision.Outcome
    /// The record says nothing here.
    package var isEmpty: Bool
    /// As the reader gets it; nil for nothing.
    package var value: String?
    package var rule: DecidingRule
    /// Under which the reader sees it: a tier, or the number of a grant; nil if under none.
    package var under: String?
    /// The lowest tier of a grant that would open it; nil if it is open, or if none would.
    package var neededTier: SharingTier?
    /// Grants of the reader that cover it and are not honoured now, with their states.
    package var closedGrants: [(id: String, state: ShareState)] = []
  }

  package struct Record: Sendable {
    package var row: Int64
    package var key: SubjectKey
    /// Whether anything of it reaches the reader.
    package var isReleased: Bool
    /// What denies the whole record; nil if it is released.
    package var rule: DecidingRule?
    package var marks: [ObjectionMark]
    package var cells: [Cell]
  }

  package var reader: Person
  package var baseTier: SharingTier
  package var publication: Int64
  package var category: Category
  /// Grants honoured at the moment of the explanation.
  package var grants: [Grant]
  /// By row.
  package var records: [Record]
}
