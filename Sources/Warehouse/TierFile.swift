package import Catalog

/// The file of one tier: what it holds of which tables. Derived from the sharing policy, without an engine.
///
/// A file holds the columns and rows that its readers may see and no others; it is built and not
/// filtered (design.md, D8).
package struct TierFile: Sendable {
  /// A column of records.
  package struct Column: Sendable {
    /// Of the category.
    package var element: DataElement
    /// Every record that leaves shows its value as it is stored; otherwise the value comes with the
    /// ``TierRows``.
    package var isCopied: Bool
    /// What stands in place of values that may not be seen, in words; empty where nothing does.
    package var mask: String

    package init(element: DataElement, isCopied: Bool, mask: String) {
      self.element = element
      self.isCopied = isCopied
      self.mask = mask
    }
  }

  /// Rows inside records; their values come with the ``TierRows``.
  package struct Child: Sendable {
    package var table: ChildTable
    package var columns: [Column]

    package init(table: ChildTable, columns: [Column]) {
      self.table = table
      self.columns = columns
    }
  }

  /// The records of a category.
  package struct Table: Sendable {
    package var category: Category
    package var columns: [Column]
    package var children: [Child]

    package init(category: Category, columns: [Column], children: [Child]) {
      self.category = category
      self.columns = columns
      self.children = children
    }
  }

  package var tier: SharingTier
  /// The publication that it shows.
  package var publication: Int64
  package var night: String
  /// The day whose publicity counts, as `2026-03-01`.
  package var day: String
  /// Hash of what decides about records: policy, rules, secret, program. Files with the same one differ by
  /// their publications and days alone.
  package var basis: String
  /// Hash of the ledger up to the publication (``TierStore/history(upTo:)``).
  package var history: String
  /// Hash of everything that decided what is in it; the same stamp means the same content.
  package var stamp: String
  package var tables: [Table]

  package init(
    tier: SharingTier, publication: Int64, night: String, day: String, basis: String,
    history: String, stamp: String, tables: [Table]
  ) {
    self.tier = tier
    self.publication = publication
    self.night = night
    self.day = day
    self.basis = basis
    self.history = history
    self.stamp = stamp
    self.tables = tables
  }
}

/// An earlier file of the same tier, warehouse and policy, which can be brought up to date.
package struct TierBase: Sendable, Hashable {
  package var publication: Int64
  /// ``TierFile/day`` as days since 1970-01-01.
  package var day: Int
  /// Records in it, of all categories.
  package var recordCount: Int64

  package init(publication: Int64, day: Int, recordCount: Int64) {
    self.publication = publication
    self.day = day
    self.recordCount = recordCount
  }
}

/// Some published rows of a category with the rows inside them.
package struct TierPage: Sendable {
  package struct Child: Sendable {
    /// By row: its record's place in the page, ascending.
    package var owners: [Int32] = []
    /// By row, from 1.
    package var ordinals: [Int64] = []
    package var rows: StoredRows

    package init(columnCount: Int) { rows = StoredRows(columnCount: columnCount) }
  }

  package var rows: StoredRows
  /// By child table of the category.
  package var children: [Child]

  package init(rows: StoredRows, children: [Child]) {
    self.rows = rows
    self.children = children
  }
}

/// Records that leave, with the values that are not copied.
package struct TierRows: Sendable {
  package var category: String
  /// Row ids, ascending; then one column for each of ``TierFile/Table/columns`` that is not copied.
  package var records: TableBatch
  /// By ``TierFile/Table/children``: record, ordinal, values.
  package var children: [TableBatch]

  package init(category: String, records: TableBatch, children: [TableBatch]) {
    self.category = category
    self.records = records
    self.children = children
  }
}

/// Reads the published rows of a category; used by one thread at a time, beside the one that writes.
package protocol PublishedReader: AnyObject {
  /// Up to `limit` rows that readers of `publication` see, behind row `id`; empty at the end.
  ///
  /// - Parameters:
  ///   - elements: Whose values are wanted.
  ///   - children: As `elements`, by child table of the category.
  func page(
    category: String, elements: [String], children: [[String]], publication: Int64,
    after id: Int64, limit: Int
  ) throws -> TierPage

  /// Those of some rows, ascending, that readers of `publication` see.
  func page(
    category: String, elements: [String], children: [[String]], publication: Int64, rows: [Int64]
  ) throws -> TierPage

  /// Rows of a category that publications behind `earlier` up to `publication` opened or closed,
  /// ascending.
  ///
  /// ``TierStore/prepareChanges()`` must have been called.
  func changedRows(
    category: String, since earlier: Int64, publication: Int64
  ) throws -> [Int64]
}

/// Writes the file of one tier under a temporary name; what is not finished leaves nothing behind.
package protocol TierWriter: AnyObject {
  /// Takes records out of the copy of an earlier file with everything that stands with them, and remembers
  /// that golden records of theirs are to be made anew. What may be seen of them is written afterwards.
  func remove(_ rows: [Int64], category: String) throws
  func write(_ rows: TierRows) throws
  /// Adds golden records, indexes and what the file says about itself, checks it, makes it durable and
  /// renames it into place.
  ///
  /// - Parameter mode: Permissions of the file.
  func finish(mode: UInt32) throws
  /// Removes what was begun, after an error. Whoever makes the file in another way calls it first: a writer may
  /// be held by a thread that has done its work, and must not remove what the next one has begun.
  func abandon()
}

/// Builds the files that leave the house.
package protocol TierStore: AnyObject {
  /// ``TierFile/stamp`` of the file at `path`; nil if there is no sound one.
  func tierStamp(path: String) -> String?
  /// The file at `path`, if `file` can be made of it: same tier, tables and ``TierFile/basis``, of an
  /// earlier publication of this warehouse or the same one. nil otherwise.
  func tierBase(_ file: TierFile, path: String) throws -> TierBase?
  /// - Parameters:
  ///   - path: Where the file is going to stand; its folder exists.
  ///   - base: The file there now, which a copy is made of; nil for a file without anything in it.
  func tierWriter(_ file: TierFile, path: String, base: TierBase?) throws -> any TierWriter
  func publishedReader() throws -> any PublishedReader
  /// Makes sure that what publications changed can be found without reading the tables.
  func prepareChanges() throws
  /// A number that no other warehouse has, nor this one after other nights: a hash of the ledger up to a
  /// publication.
  func history(upTo publication: Int64) throws -> String
  /// A hash of the marks of objections as they are now; they come and go between publications.
  func objectionHash() throws -> String
}
