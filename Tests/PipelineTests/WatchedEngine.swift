import Catalog
import Reconciliation
import Records
import Synchronization
import Warehouse
import WarehouseSQLite

/// The real engine, with a place to interfere: before rows are read back, and before a step is applied.
final class WatchedEngine: WarehouseEngine {
  private let engine: SQLiteWarehouse
  /// Called with the delivery whose rows are to be read back.
  var beforeReading: (Int64) throws -> Void = { _ in }
  /// Called with a step of the pass over the tables.
  var beforeWithholding: (LoadStep) throws -> Void = { _ in }
  /// Called with every step.
  var beforeApplying: (LoadStep) throws -> Void = { _ in }
  /// Called with every update of labels.
  var beforeLabelling: (LabelUpdate) throws -> Void = { _ in }
  /// Called with every page of golden records.
  var beforeComposing: (GoldenUpdate) throws -> Void = { _ in }
  /// Called with every page of registrations, and of records, that are matched.
  var beforeIndexing: (SubjectUpdate) throws -> Void = { _ in }
  var afterCounting: () throws -> Void = {}
  var beforeMatching: (SubjectMatchUpdate) throws -> Void = { _ in }
  /// Queries for candidates, in order.
  var queries: [CandidateQuery] { asked.withLock { $0 } }
  private let asked = Mutex<[CandidateQuery]>([])
  /// Called before a tier file is finished, with the one that writes it and what it was made of; of two files at
  /// once.
  var beforeFinishing: (any TierWriter, TierBase?) throws -> Void = { _, _ in }
  /// Called before the pointer moves.
  var beforePublishing: () throws -> Void = {}

  init(_ engine: SQLiteWarehouse) { self.engine = engine }

  func openRows(
    delivery: Int64, publication: Int64, category: String, elements: [String],
    _ body: (inout RecordChunk) throws -> Void
  ) throws {
    try beforeReading(delivery)
    try engine.openRows(
      delivery: delivery, publication: publication, category: category, elements: elements, body)
  }

  func apply(_ step: LoadStep) throws {
    if step.measures.contains(where: { $0.name.hasPrefix("core-published") }) {
      try beforeWithholding(step)
    }
    try beforeApplying(step)
    try engine.apply(step)
  }

  func apply(together steps: [LoadStep]) throws {
    for step in steps { try beforeApplying(step) }
    try engine.apply(together: steps)
  }

  func publish(run: Int64, publication: Int64) throws {
    try beforePublishing()
    try engine.publish(run: run, publication: publication)
  }

  func tierStamp(path: String) -> String? { engine.tierStamp(path: path) }
  func tierBase(_ file: TierFile, path: String) throws -> TierBase? {
    try engine.tierBase(file, path: path)
  }
  func tierWriter(_ file: TierFile, path: String, base: TierBase?) throws -> any TierWriter {
    let writer = try engine.tierWriter(file, path: path, base: base)
    return WatchedTierWriter(writer) { try self.beforeFinishing(writer, base) }
  }
  func prepareChanges() throws { try engine.prepareChanges() }
  func history(upTo publication: Int64) throws -> String {
    try engine.history(upTo: publication)
  }
  func objectionHash() throws -> String { try engine.objectionHash() }
  func publishedReader() throws -> any PublishedReader { try engine.publishedReader() }
  func currentPublication() throws -> Int64 { try engine.currentPublication() }
  func lastRun() throws -> RunEntry? { try engine.lastRun() }
  func runs(limit: Int) throws -> [RunEntry] { try engine.runs(limit: limit) }
  func beginRun(night: String, ruleSetHash: String) throws -> RunEntry {
    try engine.beginRun(night: night, ruleSetHash: ruleSetHash)
  }
  func setRunStatus(_ status: RunEntry.Status, run: Int64) throws {
    try engine.setRunStatus(status, run: run)
  }
  func setRuleSet(_ hash: String, run: Int64) throws { try engine.setRuleSet(hash, run: run) }
  func deliveries(run: Int64) throws -> [DeliveryEntry] { try engine.deliveries(run: run) }
  func deliveries(status: DeliveryStatus) throws -> [DeliveryEntry] {
    try engine.deliveries(status: status)
  }
  func delivery(id: Int64) throws -> DeliveryEntry? { try engine.delivery(id: id) }
  func delivery(
    system: String, category: String, content: String, length: Int64
  ) throws -> DeliveryEntry? {
    try engine.delivery(system: system, category: category, content: content, length: length)
  }
  func enter(_ deliveries: [DeliveryEntry]) throws -> [DeliveryEntry] {
    try engine.enter(deliveries)
  }
  func update(_ delivery: DeliveryEntry) throws { try engine.update(delivery) }
  func hasState(stream: UInt16) throws -> Bool { try engine.hasState(stream: stream) }
  func scanRecordStates(stream: UInt16, _ body: (RecordState) throws -> Void) throws {
    try engine.scanRecordStates(stream: stream, body)
  }
  func recordStates(_ keys: [Fingerprint]) throws -> [RecordState] {
    try engine.recordStates(keys)
  }
  func entityStates(_ keys: [Fingerprint]) throws -> [EntityState] {
    try engine.entityStates(keys)
  }
  func holdsRecords() throws -> Bool { try engine.holdsRecords() }
  func beginFreshBuild() throws { try engine.beginFreshBuild() }
  func discardAllUnpublished() throws { try engine.discardAllUnpublished() }
  func withdrawRows(delivery: Int64) throws { try engine.withdrawRows(delivery: delivery) }
  func finishFreshBuild() throws { try engine.finishFreshBuild() }
  func replaceMeasures(_ measures: [Measure], delivery: Int64) throws {
    try engine.replaceMeasures(measures, delivery: delivery)
  }
  func measures(run: Int64) throws -> [Measure] { try engine.measures(run: run) }
  func returns(
    delivery: Int64, publication: Int64, _ body: (QuarantinedRecord) throws -> Void
  ) throws { try engine.returns(delivery: delivery, publication: publication, body) }
  func prepareLookups(_ keys: [LookupKey]) throws { try engine.prepareLookups(keys) }
  func candidates(_ query: CandidateQuery) throws -> StoredRows {
    asked.withLock { $0.append(query) }
    return try engine.candidates(query)
  }
  func rows(
    _ ids: [Int64], category: String, elements: [String], publication: Int64?
  ) throws -> StoredRows {
    try engine.rows(ids, category: category, elements: elements, publication: publication)
  }
  func openRows(
    delivery: Int64, publication: Int64, category: String, elements: [String], after id: Int64,
    limit: Int
  ) throws -> StoredRows {
    try engine.openRows(
      delivery: delivery, publication: publication, category: category, elements: elements,
      after: id, limit: limit)
  }
  func rowFinders(_ count: Int) throws -> [any RowFinder] {
    try engine.rowFinders(count).map { finder in
      WatchedFinder(finder) { query in self.asked.withLock { $0.append(query) } }
    }
  }
  func closedRows(category: String, after id: Int64, limit: Int) throws -> [Int64] {
    try engine.closedRows(category: category, after: id, limit: limit)
  }
  func hasWaiting(category: String) throws -> Bool { try engine.hasWaiting(category: category) }
  func waitingRows(wanting keys: [Fingerprint]) throws -> [Int64] {
    try engine.waitingRows(wanting: keys)
  }
  func waitingRows(category: String, due day: String) throws -> [Int64] {
    try engine.waitingRows(category: category, due: day)
  }
  func waitingRecords(_ rows: [Int64]) throws -> [WaitingRecord] {
    try engine.waitingRecords(rows)
  }
  func closedWaiting(publication: Int64) throws -> [ClosedWaiting] {
    try engine.closedWaiting(publication: publication)
  }
  func neededOriginals(upTo day: String) throws -> Set<String> {
    try engine.neededOriginals(upTo: day)
  }
  func waitingCount(publication: Int64) throws -> Int {
    try engine.waitingCount(publication: publication)
  }
  func replaceLabels(_ update: LabelUpdate) throws {
    try beforeLabelling(update)
    try engine.replaceLabels(update)
  }
  func endReviews(_ rows: [Int64], category: String, publication: Int64) throws {
    try engine.endReviews(rows, category: category, publication: publication)
  }
  func reviewRows(day: String, after id: Int64, limit: Int) throws -> [Int64] {
    try engine.reviewRows(day: day, after: id, limit: limit)
  }
  func recordStatesBefore(
    delivery: Int64, _ keys: [Fingerprint]
  ) throws -> [Fingerprint: RecordState?] {
    try engine.recordStatesBefore(delivery: delivery, keys)
  }
  func entityStatesBefore(
    delivery: Int64, _ keys: [Fingerprint]
  ) throws -> [Fingerprint: EntityState?] {
    try engine.entityStatesBefore(delivery: delivery, keys)
  }

  func publications(
    upTo night: String, publication: Int64?, limit: Int
  ) throws -> [PublicationEntry] {
    try engine.publications(upTo: night, publication: publication, limit: limit)
  }
  func streamSums(_ span: LedgerSpan) throws -> [StreamSum] { try engine.streamSums(span) }
  func nightSums(_ span: LedgerSpan) throws -> [NightSum] { try engine.nightSums(span) }
  func deliveries(_ span: LedgerSpan) throws -> [DeliveryEntry] { try engine.deliveries(span) }
  func waitingDeliveries(_ span: LedgerSpan) throws -> [DeliveryEntry] {
    try engine.waitingDeliveries(span)
  }
  func measureSums(_ span: LedgerSpan, names: [String]) throws -> [Measure] {
    try engine.measureSums(span, names: names)
  }
  func coverageSums(_ span: LedgerSpan) throws -> [CoverageSum] { try engine.coverageSums(span) }
  func findingSums(_ span: LedgerSpan) throws -> [FindingSum] { try engine.findingSums(span) }
  func conflictSums(_ span: LedgerSpan) throws -> [ConflictSum] { try engine.conflictSums(span) }
  func pendingSums(_ span: LedgerSpan) throws -> [PendingSum] { try engine.pendingSums(span) }

  func beginGolden(publication: Int64, policy: String) throws -> Bool {
    try engine.beginGolden(publication: publication, policy: policy)
  }
  func collectGoldenKeys(
    _ entity: GoldenEntity, publication: Int64, run: Int64, all: Bool, agencyElement: String,
    agencies: [String]
  ) throws -> Int {
    try engine.collectGoldenKeys(
      entity, publication: publication, run: run, all: all, agencyElement: agencyElement,
      agencies: agencies)
  }
  func collectGoldenKeys(_ entity: GoldenEntity, keys: [[String]], alone: Bool) throws -> Int {
    try engine.collectGoldenKeys(entity, keys: keys, alone: alone)
  }
  func overrides(standing: Bool) throws -> [StewardOverride] {
    try engine.overrides(standing: standing)
  }
  func add(_ overrides: [StewardOverride]) throws -> [StewardOverride] {
    try engine.add(overrides)
  }
  func retireOverrides(_ ids: [Int64], _ retirement: StewardOverride.Retirement) throws {
    try engine.retireOverrides(ids, retirement)
  }
  func settleOverrides(
    _ counting: [Int64], ended: [(id: Int64, outcome: StewardOverride.Outcome)],
    publication: Int64
  ) throws {
    try engine.settleOverrides(counting, ended: ended, publication: publication)
  }
  func beginSubjects(publication: Int64, policy: String) throws -> Bool {
    try engine.beginSubjects(publication: publication, policy: policy)
  }
  func collectSubjects(publication: Int64, run: Int64, all: Bool, more: [String]) throws {
    try engine.collectSubjects(publication: publication, run: run, all: all, more: more)
  }
  func subjectPage(publication: Int64, after key: Int64, limit: Int) throws -> SubjectPage? {
    try engine.subjectPage(publication: publication, after: key, limit: limit)
  }
  func storeSubjects(_ update: SubjectUpdate) throws {
    try beforeIndexing(update)
    try engine.storeSubjects(update)
  }
  func collectMentions(publication: Int64, run: Int64, all: Bool) throws {
    try engine.collectMentions(publication: publication, run: run, all: all)
  }
  func mentionPage(publication: Int64, after row: Int64, limit: Int) throws -> [StoredMention]? {
    try engine.mentionPage(publication: publication, after: row, limit: limit)
  }
  func registeredSubjects(_ probes: [SubjectProbe]) throws -> [[RegisteredSubject]] {
    try engine.registeredSubjects(probes)
  }
  func storeMatches(_ update: SubjectMatchUpdate) throws {
    try beforeMatching(update)
    try engine.storeMatches(update)
  }
  func countSubjects(publication: Int64, run: Int64) throws {
    try engine.countSubjects(publication: publication, run: run)
    try afterCounting()
  }

  func endSubjects(publication: Int64, policy: String) throws {
    try engine.endSubjects(publication: publication, policy: policy)
  }
  func subjectActs() throws -> [SubjectAct] { try engine.subjectActs() }
  func add(_ act: SubjectAct) throws -> Int64 { try engine.add(act) }
  func mention(row: Int64) throws -> StoredMention? { try engine.mention(row: row) }
  func goldenKeys(_ entity: GoldenEntity, after key: Int64, limit: Int) throws -> GoldenKeys {
    try engine.goldenKeys(entity, after: key, limit: limit)
  }
  func goldenPage(
    _ keys: GoldenKeys, of entity: GoldenEntity, elements: [String], publication: Int64
  ) throws -> GoldenPage {
    try engine.goldenPage(keys, of: entity, elements: elements, publication: publication)
  }
  func storeGolden(_ update: GoldenUpdate) throws {
    try beforeComposing(update)
    try engine.storeGolden(update)
  }
  func endGolden(publication: Int64, policy: String, run: Int64) throws {
    try engine.endGolden(publication: publication, policy: policy, run: run)
  }
  func agencyMentions(
    category: String, element: String, publication: Int64
  ) throws -> [AgencyMention] {
    try engine.agencyMentions(category: category, element: element, publication: publication)
  }
}

/// One of the engine's finders, with its queries told.
private final class WatchedFinder: RowFinder {
  private let finder: any RowFinder
  private let tell: (CandidateQuery) -> Void

  init(_ finder: any RowFinder, _ tell: @escaping (CandidateQuery) -> Void) {
    self.finder = finder
    self.tell = tell
  }

  func candidates(_ query: CandidateQuery) throws -> StoredRows {
    tell(query)
    return try finder.candidates(query)
  }
  func rows(
    _ ids: [Int64], category: String, elements: [String], publication: Int64?
  ) throws -> StoredRows {
    try finder.rows(ids, category: category, elements: elements, publication: publication)
  }
  func openRows(
    delivery: Int64, publication: Int64, category: String, elements: [String], after id: Int64,
    limit: Int
  ) throws -> StoredRows {
    try finder.openRows(
      delivery: delivery, publication: publication, category: category, elements: elements,
      after: id, limit: limit)
  }
  func goldenPage(
    _ keys: GoldenKeys, of entity: GoldenEntity, elements: [String], publication: Int64
  ) throws -> GoldenPage {
    try finder.goldenPage(keys, of: entity, elements: elements, publication: publication)
  }
  func registeredSubjects(_ probes: [SubjectProbe]) throws -> [[RegisteredSubject]] {
    try finder.registeredSubjects(probes)
  }
}

/// One of the engine's writers of tier files, which tells when it is asked to finish.
private final class WatchedTierWriter: TierWriter {
  private let writer: any TierWriter
  private let tell: () throws -> Void

  init(_ writer: any TierWriter, _ tell: @escaping () throws -> Void) {
    self.writer = writer
    self.tell = tell
  }

  func remove(_ rows: [Int64], category: String) throws {
    try writer.remove(rows, category: category)
  }
  func write(_ rows: TierRows) throws { try writer.write(rows) }
  func finish(mode: UInt32) throws {
    try tell()
    try writer.finish(mode: mode)
  }
  func abandon() { writer.abandon() }
}
