package import Catalog
package import Reconciliation
package import Records

/// Some of the keys that are composed.
package struct GoldenKeys: Sendable {
  /// Numbers that the engine gave them, ascending.
  package var ids: [Int64] = []
  /// By element of the match key, by key.
  package var texts: [[TextRef]]
  package var text: TextArena = []

  package init(elementCount: Int) { texts = Array(repeating: [], count: elementCount) }
}

/// A page of the keys of an entity that a publication composes anew, with the rows that speak of them.
package struct GoldenPage: Sendable {
  /// Numbers that the engine gave the keys, ascending.
  package var keys: [Int64]
  /// Visible at the publication, by key, then by place, then by row id; `probes` are places in
  /// ``keys``. A row inside a record has the row id and the position of the record.
  package var rows: StoredRows
  /// Who speaks, by row.
  package var places: [GoldenPlace] = []

  package init(keys: [Int64], rows: StoredRows) {
    self.keys = keys
    self.rows = rows
  }
}

/// What is composed for a page of keys.
package struct GoldenUpdate: Sendable {
  package var entity: GoldenEntity
  package var publication: Int64
  /// All keys of the page, as in ``GoldenPage``; one without a composed record has none any more.
  package var keys: [Int64]
  /// Key of each composed record, ascending.
  package var composedKeys: [Int64] = []
  /// Columns of ``TableModel/composed(_:_:)`` from `record_key` on.
  package var composed: TableBatch
  /// Place of each part's record in ``composedKeys``.
  package var partOwners: [Int] = []
  /// Columns of ``TableModel/goldenParts`` from `part` on.
  package var parts: TableBatch
  /// Columns of ``TableModel/conflicts`` without those of the loader.
  package var conflicts: TableBatch

  package init(
    entity: GoldenEntity, publication: Int64, keys: [Int64], composed: TableBatch,
    parts: TableBatch, conflicts: TableBatch
  ) {
    self.entity = entity
    self.publication = publication
    self.keys = keys
    self.composed = composed
    self.parts = parts
    self.conflicts = conflicts
  }
}

/// Which systems' records name an agency.
package struct AgencyMention: Sendable, Hashable {
  package var agency: String
  package var system: String
  package var recordCount: Int

  package init(agency: String, system: String, recordCount: Int) {
    self.agency = agency
    self.system = system
    self.recordCount = recordCount
  }
}

/// Keeps golden records.
package protocol GoldenStore: OverrideStore {
  /// Makes ready to compose for a publication, taking back what an attempt that was killed left.
  ///
  /// - Parameter policy: Hash of everything that decides between values.
  /// - Returns: Whether every key is to be composed: nothing was published under this policy before.
  func beginGolden(publication: Int64, policy: String) throws -> Bool
  /// Collects the keys of an entity that must be composed anew.
  ///
  /// - Parameters:
  ///   - run: Whose deliveries brought the publication's rows.
  ///   - all: Every key, and not only those that the publication touches.
  ///   - agencies: Agencies whose home changed; keys of records that name one are collected too.
  /// - Returns: How many keys there are.
  func collectGoldenKeys(
    _ entity: GoldenEntity, publication: Int64, run: Int64, all: Bool, agencyElement: String,
    agencies: [String]
  ) throws -> Int
  /// Collects these keys of an entity too, however many records speak of them.
  ///
  /// - Parameters:
  ///   - keys: Each once; where alone, they get numbers from 1 in this order.
  ///   - alone: Nothing was collected before.
  /// - Returns: How many keys there are.
  func collectGoldenKeys(_ entity: GoldenEntity, keys: [[String]], alone: Bool) throws -> Int
  /// Up to `limit` of the collected keys behind `key`; none at the end.
  func goldenKeys(_ entity: GoldenEntity, after key: Int64, limit: Int) throws -> GoldenKeys
  /// Stores what was composed. What did not change stays as it is.
  func storeGolden(_ update: GoldenUpdate) throws
  /// Notes that a publication has been composed under a policy, and counts the conflicts of its run's
  /// deliveries beside their other findings.
  func endGolden(publication: Int64, policy: String, run: Int64) throws
  /// Which systems' records of a category name which agencies, as of a publication.
  func agencyMentions(
    category: String, element: String, publication: Int64
  ) throws -> [AgencyMention]
}
