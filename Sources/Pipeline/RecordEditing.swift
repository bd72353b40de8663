package import Catalog

/// A value that a person states in the place of what a record says.
package struct FieldChange: Sendable, Hashable, Codable {
  /// A row inside of a record: one of its parties, say.
  package struct Row: Sendable, Hashable, Codable {
    /// ``ChildTable/name``.
    package var table: String
    /// Among the rows of the table in the record, from 1.
    package var number: Int
    /// How many these are; nil before somebody has looked.
    package var count: Int?

    package init(table: String, number: Int, count: Int? = nil) {
      self.table = table
      self.number = number
      self.count = count
    }
  }

  /// Identifier.
  package var element: String
  /// As the source would write it; empty for nothing.
  package var text: String
  /// nil for the record itself.
  package var row: Row?

  package init(element: String, text: String, row: Row? = nil) {
    self.element = element
    self.text = text
    self.row = row
  }
}

/// Changes values in records of one delivery as their sender wrote them.
package protocol RecordEditor: Sendable {
  /// - Parameter raw: The text of a record, as quarantine keeps it.
  /// - Returns: The same text but for the changes; nil where it cannot be taken apart or a value has no one
  ///   place in it.
  func edited(_ raw: String, _ changes: [FieldChange]) -> String?
}

/// Gives editors; implemented by the layer that touches files.
package protocol RecordEditing: Sendable {
  /// - Parameter original: The delivery in the archive, for its header.
  func editor(
    original: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping
  ) throws -> any RecordEditor
}
