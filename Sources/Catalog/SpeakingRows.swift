/// Rows inside records that speak of an entity beside the records of its category, e.g. the parties
/// of penalties.
package struct SpeakingRows: Sendable {
  /// Where a value of an element comes from when a row speaks.
  package enum Source: Sendable, Hashable {
    /// This element of the row.
    case row(String)
    /// The same element of the record that holds the row: who said it, and when.
    case record
  }

  /// Of the records that hold the rows.
  package var category: String
  /// ``ChildTable/name``.
  package var table: String
  /// The rows that speak; nil: all of them. In the words of the entity, of what the rows themselves
  /// say.
  package var when: Expression?
  /// By element of the entity: the element of the rows that says it, where that has another name.
  package var named: [String: String]
  package var origin: String

  package init(
    category: String, table: String, when: Expression? = nil, named: [String: String] = [:],
    origin: String
  ) {
    self.category = category
    self.table = table
    self.when = when
    self.named = named
    self.origin = origin
  }

  /// Where the rows have an element from; nil if they do not say it.
  ///
  /// What is no element of the entity, and what rows lack, is their record's: the time of change,
  /// the agency, the number. What the entity is about they say themselves or not at all.
  ///
  /// - Parameters:
  ///   - element: Identifier.
  ///   - holder: ``category``.
  package func source(
    of element: String, in entity: GoldenEntity, _ holder: Category
  ) -> Source? {
    let own = named[element] ?? element
    if holder.child(table)?.elements.contains(where: { $0.element.identifier == own }) ?? false {
      return .row(own)
    }
    guard !entity.elements.contains(element), holder.column(of: element) != nil else { return nil }
    return .record
  }
}

extension Category {
  /// The child table with a name.
  package func child(_ name: String) -> ChildTable? { children.first { $0.name == name } }
}
