package import Catalog
package import Reconciliation
package import Records

/// Where a delivery stands.
package enum DeliveryStatus: String, Sendable, CaseIterable {
  /// Entered in the ledger; its original is in the archive or on its way there.
  case taken
  /// Judged; its segments wait for the load.
  case judged
  /// Its rows are in the warehouse.
  case loaded
  /// Waits for a person.
  case held
  /// Refused by a person.
  case rejected
  /// The same bytes had been delivered before.
  case repeated
}

/// An entry of the delivery ledger.
package struct DeliveryEntry: Sendable, Equatable {
  package var id: Int64
  package var run: Int64
  package var system: String
  package var category: String
  package var fileName: String
  /// XXH3-128 of the original bytes, 32 hexadecimal digits.
  package var content: String
  /// Bytes of the original.
  package var length: Int64
  /// Relative to the archive folder.
  package var archivePath: String
  package var isFull: Bool
  package var status: DeliveryStatus
  /// Code and text of the reason of a hold, one per line.
  package var reason: String
  package var encoding: String
  package var batchNumber: String
  /// Blocks of the segment file that are in the warehouse.
  package var loadedBlocks: Int
  package var balance: Balance
  /// Notes on columns: new, missing, renamed.
  package var drift: String

  package init(
    id: Int64, run: Int64, system: String, category: String, fileName: String, content: String,
    length: Int64, archivePath: String, isFull: Bool, status: DeliveryStatus = .taken,
    reason: String = "", encoding: String = "", batchNumber: String = "", loadedBlocks: Int = 0,
    balance: Balance = Balance(), drift: String = ""
  ) {
    self.id = id
    self.run = run
    self.system = system
    self.category = category
    self.fileName = fileName
    self.content = content
    self.length = length
    self.archivePath = archivePath
    self.isFull = isFull
    self.status = status
    self.reason = reason
    self.encoding = encoding
    self.batchNumber = batchNumber
    self.loadedBlocks = loadedBlocks
    self.balance = balance
    self.drift = drift
  }
}

/// The balance sheet of a delivery or a run (design.md D3).
package struct Balance: Sendable, Equatable, CustomStringConvertible {
  package var read = 0
  package var accepted = 0
  package var unchanged = 0
  package var duplicate = 0
  package var returned = 0
  package var pending = 0
  package var held = 0
  package var deleted = 0
  /// Of `accepted` and `returned`: records that had not been returned before.
  package var acceptedFirst = 0
  package var returnedFirst = 0
  /// Rows closed because a full delivery no longer had them; they were not read.
  package var removed = 0

  package init() {}

  package var isBalanced: Bool { difference == 0 }

  /// Records read and not accounted for.
  package var difference: Int {
    read - accepted - unchanged - duplicate - returned - pending - held - deleted
  }

  /// `read 120, accepted 117, returned 3`; zeros are left out.
  package var description: String {
    let parts = [
      ("accepted", accepted), ("unchanged", unchanged), ("duplicate", duplicate),
      ("returned", returned), ("pending", pending), ("held", held), ("deleted", deleted),
      ("removed", removed),
    ]
    return (["read \(read)"] + parts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" })
      .joined(separator: ", ")
  }

  package static func += (left: inout Self, right: Self) {
    left.read += right.read
    left.accepted += right.accepted
    left.unchanged += right.unchanged
    left.duplicate += right.duplicate
    left.returned += right.returned
    left.pending += right.pending
    left.held += right.held
    left.deleted += right.deleted
    left.acceptedFirst += right.acceptedFirst
    left.returnedFirst += right.returnedFirst
    left.removed += right.removed
  }
}

/// One execution of the pipeline.
package struct RunEntry: Sendable, Equatable {
  package enum Status: String, Sendable {
    case running
    /// The pointer has moved; outputs may be missing.
    case published
    case finished
  }

  package var id: Int64
  /// The date whose deliveries are processed, as `2026-03-01`.
  package var night: String
  /// The number that will show the run's rows.
  package var publication: Int64
  package var status: Status
  package var ruleSetHash: String

  package init(
    id: Int64, night: String, publication: Int64, status: Status, ruleSetHash: String
  ) {
    self.id = id
    self.night = night
    self.publication = publication
    self.status = status
    self.ruleSetHash = ruleSetHash
  }
}

/// A number measured on a run, addressable by its dimensions; values add up over deliveries.
package struct Measure: Sendable, Hashable {
  package var delivery: Int64
  /// E.g. `core-checked`, `core-failed`, `core-published-checked`, `withheld`, `findings`, `subjects`.
  package var name: String
  package var domain: String
  package var element: String
  package var code: String
  package var value: Int64

  package init(
    delivery: Int64, name: String, domain: String = "", element: String = "", code: String = "",
    value: Int64
  ) {
    self.delivery = delivery
    self.name = name
    self.domain = domain
    self.element = element
    self.code = code
    self.value = value
  }
}

extension Measure {
  /// Records of a delivery that were judged.
  package static let judged = "judged"
  /// Judged records that had a value, by element.
  package static let filled = "filled"
  /// Records of a delivery that name a subject and are shown, by what is known of it (``SubjectKnowledge``).
  package static let subjects = "subjects"
}

/// Everything that one transaction of a load changes.
package struct LoadStep: Sendable {
  package var delivery: Int64
  package var publication: Int64
  /// Blocks of the delivery that are in the warehouse once this step is committed.
  package var loadedBlocks: Int
  package var batches: [TableBatch]
  /// Ascending by key.
  package var recordStates: [RecordState]
  /// Ascending by key.
  package var entityStates: [EntityState]
  /// Versions that the publication replaces or deletes.
  package var closedRows: [Int64]
  package var closedReturns: [Int64]
  /// Entity keys whose row is gone; a state is dropped only if it still shows this row, because
  /// another record of the delivery may have taken the key over.
  package var removedEntities: [ShownRow]
  /// Records whose row another one replaced; a state that still shows this row shows none.
  package var overtakenRecords: [ShownRow]
  /// Replace those of the delivery with the same dimensions.
  package var measures: [Measure] = []
  /// Rows of the delivery that wait for others: shown to nobody.
  package var parkedRows: [Int64] = []
  package var closedWaiting: [ClosedWaiting] = []
  /// Rows that waited and are shown by the publication.
  package var openedRows: [Int64] = []
  /// Rows that the publication had replaced and that it leaves in place after all.
  package var reopenedRows: [Int64] = []
  /// Accepted records of the delivery that go back after all, because of records that came later.
  package var returnedLate = ReturnedLate()
  /// No state of the delivery's stream was there before it: a fresh build has nothing to note.
  package var beginsStream = false

  package struct ReturnedLate: Sendable, Equatable {
    package var count = 0
    /// Of `count`: records that had not been returned before.
    package var firstCount = 0

    package init() {}
  }

  /// Stands for the run itself, which judges again what earlier nights left waiting; its steps are not
  /// counted.
  package static let night: Int64 = 0

  package init(
    delivery: Int64, publication: Int64, loadedBlocks: Int, batches: [TableBatch] = [],
    recordStates: [RecordState] = [], entityStates: [EntityState] = [],
    closedRows: [Int64] = [], closedReturns: [Int64] = [], removedEntities: [ShownRow] = [],
    overtakenRecords: [ShownRow] = []
  ) {
    self.delivery = delivery
    self.publication = publication
    self.loadedBlocks = loadedBlocks
    self.batches = batches
    self.recordStates = recordStates
    self.entityStates = entityStates
    self.closedRows = closedRows
    self.closedReturns = closedReturns
    self.removedEntities = removedEntities
    self.overtakenRecords = overtakenRecords
  }
}

/// Finds rows of the warehouse.
package protocol RowFinder: AnyObject {
  /// The rows with the keys of a query that are visible at its publication.
  func candidates(_ query: CandidateQuery) throws -> StoredRows
  /// The rows with these ids, ascending, that are visible at a publication (nil: whoever sees them).
  func rows(
    _ ids: [Int64], category: String, elements: [String], publication: Int64?
  ) throws -> StoredRows
  /// Up to `limit` rows of a delivery that `publication` opens and nothing has closed, behind row `id`.
  func openRows(
    delivery: Int64, publication: Int64, category: String, elements: [String], after id: Int64,
    limit: Int
  ) throws -> StoredRows
  /// What is said of these keys of an entity, by key, then by who speaks, as of a publication.
  func goldenPage(
    _ keys: GoldenKeys, of entity: GoldenEntity, elements: [String], publication: Int64
  ) throws -> GoldenPage
  /// By probe, every registration that has one of its texts; each with all that it says.
  func registeredSubjects(_ probes: [SubjectProbe]) throws -> [[RegisteredSubject]]
}

/// An engine that holds the warehouse. Calls may come from several threads and happen one after the other; a
/// fresh build is begun and finished while no other call is under way.
///
/// Every method is one transaction. After the death of the process nothing committed is lost,
/// unless a fresh build is open. After a loss of power the last steps may be gone, from the end and
/// with the `loadedBlocks` that counted them; whatever else writes waits for the disk, for itself
/// and for every step before it.
package protocol WarehouseEngine: LedgerReader, RowFinder, GoldenStore, SubjectStore, TierStore {
  /// The publication that readers see; 0 before the first.
  func currentPublication() throws -> Int64
  /// The last run, finished or not; nil if there was none.
  func lastRun() throws -> RunEntry?
  func runs(limit: Int) throws -> [RunEntry]
  func beginRun(night: String, ruleSetHash: String) throws -> RunEntry
  func setRunStatus(_ status: RunEntry.Status, run: Int64) throws
  /// Notes under which rules an unfinished run goes on.
  func setRuleSet(_ hash: String, run: Int64) throws

  func deliveries(run: Int64) throws -> [DeliveryEntry]
  func deliveries(status: DeliveryStatus) throws -> [DeliveryEntry]
  func delivery(id: Int64) throws -> DeliveryEntry?
  /// An earlier delivery with the same content; `taken` ones of other files included.
  func delivery(
    system: String, category: String, content: String, length: Int64
  ) throws -> DeliveryEntry?
  /// Enters the deliveries of one file, all or none; each `id` is assigned in their order.
  func enter(_ deliveries: [DeliveryEntry]) throws -> [DeliveryEntry]
  func update(_ delivery: DeliveryEntry) throws

  /// Whether anything of the stream has ever been accepted or returned.
  func hasState(stream: UInt16) throws -> Bool
  /// Visits all record states of a stream, ascending by key.
  func scanRecordStates(stream: UInt16, _ body: (RecordState) throws -> Void) throws
  /// States of `keys`, which ascend; absent ones are left out.
  func recordStates(_ keys: [Fingerprint]) throws -> [RecordState]
  func entityStates(_ keys: [Fingerprint]) throws -> [EntityState]

  /// Whether there is any row of a record, published or not.
  func holdsRecords() throws -> Bool
  /// Makes ready for a load that fills a warehouse for the first time: a private copy without a
  /// journal, renamed into place by ``finishFreshBuild()``. Refused where record rows exist.
  func beginFreshBuild() throws
  func apply(_ step: LoadStep) throws
  /// Applies steps of several deliveries in one transaction.
  func apply(together steps: [LoadStep]) throws
  /// Takes back everything above the pointer; deliveries stay in the ledger, none of them loaded.
  func discardAllUnpublished() throws
  /// Takes back the rows of a delivery of which no state has been stored yet: it is held.
  func withdrawRows(delivery: Int64) throws
  /// Builds indexes, makes the private copy durable and renames it into place.
  func finishFreshBuild() throws
  func replaceMeasures(_ measures: [Measure], delivery: Int64) throws
  func measures(run: Int64) throws -> [Measure]
  /// Visits the rows of a delivery that `publication` opens and nothing has closed, by record number, up
  /// to a chunk at a time: the stored values of `elements` of `category`, in canonical text, as the
  /// fields. `body` may change the chunk and must not call the warehouse.
  func openRows(
    delivery: Int64, publication: Int64, category: String, elements: [String],
    _ body: (inout RecordChunk) throws -> Void) throws
  /// Makes sure that records can be found by these keys without reading their tables.
  func prepareLookups(_ keys: [LookupKey]) throws
  /// Others that find rows, each for one thread; they see what was committed when they are asked, and
  /// must be let go of before the night ends.
  func rowFinders(_ count: Int) throws -> [any RowFinder]
  /// Ids of up to `limit` rows of a category, behind row `id`, that this unpublished run has closed.
  func closedRows(category: String, after id: Int64, limit: Int) throws -> [Int64]

  /// Whether any record of the category waits.
  func hasWaiting(category: String) throws -> Bool
  /// Waiting rows that want one of the keys, ascending.
  func waitingRows(wanting keys: [Fingerprint]) throws -> [Int64]
  /// Waiting rows of a category that are due on a day (`2026-03-01`) or before, ascending.
  func waitingRows(category: String, due day: String) throws -> [Int64]
  /// Waiting records by their rows, ascending; absent and closed ones are left out.
  func waitingRecords(_ rows: [Int64]) throws -> [WaitingRecord]
  /// Versions that stopped waiting in a publication, with what became of them, ascending by row.
  func closedWaiting(publication: Int64) throws -> [ClosedWaiting]
  /// Paths of originals of the nights up to `day`, as `2026-03-01`, that somebody may still need: of a delivery
  /// that is held or not loaded, of a run that is not finished or whose night is later, of one of whose records
  /// waits.
  func neededOriginals(upTo day: String) throws -> Set<String>
  /// How many records wait as of a publication.
  func waitingCount(publication: Int64) throws -> Int

  /// Makes the labels of rows what they are now; what was there and is there no more is closed by the
  /// publication. May be repeated.
  func replaceLabels(_ update: LabelUpdate) throws
  /// Ends the days of review of rows of a category that an earlier publication has closed: nobody sees them again.
  func endReviews(_ rows: [Int64], category: String, publication: Int64) throws
  /// Rows with a day of review (`2026-03-01`) on or before `day`, ascending, behind row `id`.
  func reviewRows(day: String, after id: Int64, limit: Int) throws -> [Int64]
  /// States as they were before this unpublished run touched them for a delivery; nil stands for a key
  /// that had none. Keys of which nothing was noted are left out: a first load notes only what was there.
  func recordStatesBefore(
    delivery: Int64, _ keys: [Fingerprint]
  ) throws -> [Fingerprint: RecordState?]
  func entityStatesBefore(
    delivery: Int64, _ keys: [Fingerprint]
  ) throws -> [Fingerprint: EntityState?]

  /// Moves the publication pointer: the last act that readers notice.
  func publish(run: Int64, publication: Int64) throws

  /// Visits the open returns of a delivery's records that a publication opened, by record number, each
  /// with its findings.
  func returns(
    delivery: Int64, publication: Int64, _ body: (QuarantinedRecord) throws -> Void) throws
}

/// A returned record as kept in quarantine.
package struct QuarantinedRecord: Sendable, Equatable {
  package var rowID: Int64
  package var recordNumber: Int
  package var line: Int
  package var byteOffset: Int
  package var attempt: Int
  /// Key of the record's state, 32 hexadecimal digits.
  package var recordKey: String
  package var entityKey: String
  package var raw: String
  package var findings: [StoredFinding]

  package init(
    rowID: Int64, recordNumber: Int, line: Int, byteOffset: Int, attempt: Int,
    recordKey: String, entityKey: String, raw: String, findings: [StoredFinding]
  ) {
    self.rowID = rowID
    self.recordNumber = recordNumber
    self.line = line
    self.byteOffset = byteOffset
    self.attempt = attempt
    self.recordKey = recordKey
    self.entityKey = entityKey
    self.raw = raw
    self.findings = findings
  }
}

/// A finding as kept in the warehouse.
package struct StoredFinding: Sendable, Equatable {
  package var code: String
  package var rule: String
  package var ruleVersion: Int
  package var element: String
  package var severity: String
  package var value: String
  package var expected: String

  package init(
    code: String, rule: String, ruleVersion: Int, element: String, severity: String,
    value: String, expected: String
  ) {
    self.code = code
    self.rule = rule
    self.ruleVersion = ruleVersion
    self.element = element
    self.severity = severity
    self.value = value
    self.expected = expected
  }
}
