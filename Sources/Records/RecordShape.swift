/// How records lie in a nested document (JSON, XML): where each begins, where its fields stand.
///
/// The *unit* of a document is what one ``FieldPath/Step/each`` from the root leads to: an item of the
/// outermost array, an outermost repeated element, a whole document where the path has none. Units are
/// what a sender counts; records may lie deeper (`[]/readings[]`), then a unit has any number of them and
/// each record carries, as its text, the unit with this record alone, so that it can go back by itself in
/// the form in which it came.
package struct RecordShape: Sendable {
  /// From the root of a document to the records.
  package var records: FieldPath
  /// By column of the chunks: from a record to its fields. Values of a repeated path come joined
  /// by `;`.
  package var columns: [FieldPath]
  /// Rows that belong to a record, e.g. its parties.
  package var children: [ChildShape]
  /// From the root of a document to the number of its units, as the sender counts them.
  package var total: FieldPath?
  /// Names of members or elements of a unit that are known and mean nothing: not to be reported as
  /// unknown. ``columns`` may refer to them too.
  package var ignored: Set<String>
  /// XML namespace by the prefix that the paths use.
  package var namespaces: [String: String]

  package init(
    records: FieldPath, columns: [FieldPath], children: [ChildShape] = [],
    total: FieldPath? = nil, ignored: Set<String> = [], namespaces: [String: String] = [:]
  ) {
    self.records = records
    self.columns = columns
    self.children = children
    self.total = total
    self.ignored = ignored
    self.namespaces = namespaces
  }
}

/// Rows inside a record, in a table of their own.
package struct ChildShape: Sendable {
  /// From the record to its rows; the last step is ``FieldPath/Step/each``.
  package var path: FieldPath
  /// From a row to its fields.
  package var columns: [FieldPath]

  package init(path: FieldPath, columns: [FieldPath]) {
    self.path = path
    self.columns = columns
  }
}

/// What a document may ask for (semantics.md §16).
package struct DocumentLimits: Sendable {
  /// Bytes of one unit; larger ones become a record with a fault.
  package var recordBytes = 16 << 20
  /// Members, items, elements and attributes of one unit.
  package var fields = 4096
  /// Objects and arrays, or elements, in each other, counted from the root.
  package var nesting = 64
  /// Bytes of text that XML entities may make in one file.
  package var entityBytes = 10_000_000
  package var chunkRecords = RecordChunk.maximumRecords
  package var chunkBytes = RecordChunk.maximumBytes

  package init() {}
}

/// Why a document cannot be read any further. What came before is not to be trusted either.
package struct DocumentFault: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    /// The text ends before the document does.
    case truncated
    /// Not what the format demands, where no record's border protects the rest.
    case malformed
    case nesting
    /// Entities that would make more text than allowed, or that lie outside of the file.
    case entity
  }

  package var kind: Kind
  /// From 1.
  package var line: Int
  /// In the decoded text, from 0.
  package var byteOffset: Int
  /// What was found and what was expected, in English.
  package var message: String

  package init(kind: Kind, line: Int, byteOffset: Int, message: String) {
    self.kind = kind
    self.line = line
    self.byteOffset = byteOffset
    self.message = message
  }

  package var description: String { "line \(line), byte \(byteOffset): \(message)" }
}

/// What a reader met in the documents of a file.
package struct ShapeCensus: Sendable, Equatable {
  /// By column of the shape: whether any record had it, null included.
  package var hasColumn: [Bool]
  /// Paths, from the record or its unit, that the shape does not name; ascending, at most
  /// ``maximumUnknown``.
  package var unknown: Set<String> = []
  /// Units in the file.
  package var unitCount = 0
  /// What the senders' totals add up to; nil if there was none.
  package var total: Int?
  /// A total that is not a number, as written.
  package var unreadableTotal: String?
  /// The place where the shape expects its units was there, be it empty.
  package var hasUnits = false
  /// Documents in the file.
  package var documentCount = 0

  package static let maximumUnknown = 256

  package init(columnCount: Int) { hasColumn = Array(repeating: false, count: columnCount) }
}
