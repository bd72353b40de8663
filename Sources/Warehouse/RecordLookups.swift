package import Records

/// Elements of a category by which records are found.
package struct LookupKey: Sendable, Hashable {
  package var category: String
  /// Identifiers.
  package var elements: [String]
  /// Index in ``elements`` of the one that has several values; nil if none. A record is found by each
  /// of its values.
  package var multiValued: Int?

  package init(category: String, elements: [String], multiValued: Int? = nil) {
    self.category = category
    self.elements = elements
    self.multiValued = multiValued
  }
}

/// Asks for the visible rows that have certain texts in certain elements.
package struct CandidateQuery: Sendable {
  package var key: LookupKey
  /// By element of the key, then by probe; texts of ``text``.
  package var probes: [[TextRef]]
  package var text: TextArena
  /// Elements whose values are wanted. nil: only whether there is a row, and every probe that has one is
  /// answered once.
  package var elements: [String]?
  /// Rows are seen as readers of this publication would see them.
  package var publication: Int64
  /// Leaves out what this publication opens.
  package var leavesOutNew = false

  package init(
    key: LookupKey, probes: [[TextRef]], text: TextArena, elements: [String]?, publication: Int64
  ) {
    self.key = key
    self.probes = probes
    self.text = text
    self.elements = elements
    self.publication = publication
  }
}

/// Rows read from the warehouse.
package struct StoredRows: Sendable {
  /// The probe that each row answers; empty where nothing was probed.
  package var probes: [Int32] = []
  package var rowIDs: [Int64] = []
  package var positions: [SourcePosition] = []
  /// By element, then by row: canonical text, absent for NULL.
  package var columns: [[TextRef]]
  package var text: TextArena = []

  package init(columnCount: Int) { columns = Array(repeating: [], count: columnCount) }

  package var count: Int { rowIDs.count }
}

/// A record that waits for others.
package struct WaitingRecord: Sendable, Equatable {
  package var rowID: Int64
  package var category: String
  package var system: String
  /// Key of the record's state.
  package var recordKey: Fingerprint
  /// The last day of its waiting, as `2026-03-01`.
  package var due: String

  package init(
    rowID: Int64, category: String, system: String, recordKey: Fingerprint, due: String
  ) {
    self.rowID = rowID
    self.category = category
    self.system = system
    self.recordKey = recordKey
    self.due = due
  }
}

/// What is to be known of some rows that were judged against other records.
package struct LabelUpdate: Sendable {
  package var publication: Int64
  /// Rows that were judged, ascending.
  package var rows: [Int64]
  /// Their findings, a batch of ``TableModel/labels``, ascending by row; nil if there are none.
  package var labels: TableBatch?
  /// Rows and the day on which they are to be looked at again, as `2026-03-01`.
  package var reviews: [(row: Int64, day: String)]

  package init(
    publication: Int64, rows: [Int64], labels: TableBatch?, reviews: [(row: Int64, day: String)]
  ) {
    self.publication = publication
    self.rows = rows
    self.labels = labels
    self.reviews = reviews
  }
}
