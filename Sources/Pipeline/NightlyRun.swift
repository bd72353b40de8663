import CMalloc
package import Catalog
import Dispatch
import Foundation
import Reconciliation
import Records
import Synchronization
package import Warehouse

/// One execution of the pipeline over the deliveries in the inbox (design.md §2).
///
/// Safe to kill at any moment: the next run resumes under the same publication number and ends with the
/// same warehouse (semantics.md §9).
package final class NightlyRun {
  private let home: HomeFolder
  private let catalog: Catalog
  private let configuration: RunConfiguration
  private let engine: any WarehouseEngine
  private let reader: any DeliveryReader
  private let returns: any ReturnWriter
  private let maskSecret: [UInt8]
  private let moment: RunMoment
  private let progress: any ProgressReporter
  private let waitsForStability: Bool
  private let onPublished: () throws -> Void
  private var inspections: [Int64: FileInspection] = [:]
  /// Deliveries of the night by system, once the first file is taken.
  private var enteredCounts: [String: Int]?
  private var currentRunID: Int64 = 0
  private var tierOutcomes: [TierOutcome] = []

  /// - Parameters:
  ///   - maskSecret: Key of the hashes in what leaves; the same from night to night.
  ///   - onPublished: Called after a publication and before anything is made of it; may be repeated.
  package init(
    home: HomeFolder, catalog: Catalog, configuration: RunConfiguration,
    engine: any WarehouseEngine, reader: any DeliveryReader, returns: any ReturnWriter,
    maskSecret: [UInt8], moment: RunMoment, progress: any ProgressReporter,
    waitsForStability: Bool = true, onPublished: @escaping () throws -> Void = {}
  ) {
    self.home = home
    self.catalog = catalog
    self.configuration = configuration
    self.engine = engine
    self.reader = reader
    self.returns = returns
    self.maskSecret = maskSecret
    self.moment = moment
    self.progress = progress
    self.waitsForStability = waitsForStability
    self.onPublished = onPublished
  }

  /// Runs to the end, first finishing what a killed run left.
  package func run() throws -> RunOutcome {
    try home.prepare()
    try StreamRegister.check(catalog, folder: home.warehouse)
    try checkFreeSpace()
    let earlier = try completeEarlierRun()
    let run = try currentRun()
    currentRunID = run.id
    var listing = try takeDeliveries(run)
    try complete(run, moment)
    try removeExpired()
    listing.ready = []
    // What was published tonight and then killed has not been shown to anybody.
    let runs = [earlier, run].compactMap { $0 }.filter { $0.night == night }.map(\.id)
    var outcome = try RunOutcome(
      run: run, deliveries: runs.flatMap { try engine.deliveries(run: $0) },
      measures: runs.flatMap { try engine.measures(run: $0) }, listing: listing, catalog: catalog,
      configuration: configuration, home: home, night: moment.night,
      ledger: try NightLedger(engine, upTo: moment.night),
      waiting: try waiting([earlier, run].compactMap { $0 }),
      conflicts: try engine.conflictSums(
        LedgerSpan(first: night, last: night, publication: run.publication)))
    outcome.tiers = tierOutcomes
    return outcome
  }

  private func waiting(_ runs: [RunEntry]) throws -> RunOutcome.Waiting {
    let publications = Set(runs.filter { $0.night == night }.map(\.publication)).sorted()
    let closed = try publications.flatMap { try engine.closedWaiting(publication: $0) }
    return RunOutcome.Waiting(
      published: closed.count { $0.outcome == .published },
      returned: closed.count { $0.outcome == .returned },
      open: try engine.waitingCount(publication: publications.last ?? 0))
  }

  /// Judges, loads, checks once more, publishes and returns what a run has taken.
  private func complete(_ run: RunEntry, _ moment: RunMoment) throws {
    let bench = ReferenceBench(
      catalog, configuration, engine, moment, publication: run.publication)
    try processDeliveries(run, moment, bench)
    giveBackMemory()
    try LabelPass(
      bench: bench, run: run, home: home, reader: reader, configuration: configuration,
      moment: moment, progress: progress
    ).apply()
    giveBackMemory()
    // Only now is every load durable: a first load that is lost is loaded again from its segments.
    try home.cleanWork(keeping: [])
    try CoreRecheck(
      catalog: catalog, configuration: configuration, engine: engine, moment: moment,
      progress: progress
    ).run(run)
    giveBackMemory()
    try GoldenPass(
      bench: bench, run: run, configuration: configuration, moment: moment, progress: progress
    ).apply()
    giveBackMemory()
    try SubjectPass(
      catalog: catalog, engine: engine, run: run, moment: moment, progress: progress
    ).apply()
    giveBackMemory()
    progress.begin(.publish, run.night, total: 0)
    try engine.publish(run: run.id, publication: run.publication)
    progress.end()
    try finish(run)
  }

  /// Hands pages that no stage uses any more to the system.
  ///
  /// Every thread frees into a pool of its own, which keeps what it ever had: without this, one stage after the
  /// other comes on top of the last one's peak.
  private func giveBackMemory() { _ = malloc_trim(0) }

  /// Writes what a killed run had published and not yet returned, and brings what a killed run of
  /// another night had taken to its end, as that night's publication; what lies in the inbox now
  /// belongs to tonight.
  ///
  /// - Returns: The run that was finished; nil if there was nothing to do.
  private func completeEarlierRun() throws -> RunEntry? {
    guard let last = try engine.lastRun() else { return nil }
    if last.status == .published {
      try finish(last)
      return last
    }
    guard last.status == .running, last.night != night, let date = CivilDate(last.night) else {
      return nil
    }
    try resume(last)
    try settleArchive(last, Archive(home: home))
    // Its hour is not known; nothing of that day was in its future.
    let end = Int64(date.dayNumber + 1) * 86_400 - 1
    let then = RunMoment(
      night: date.dayNumber, today: date.dayNumber, now: min(end, moment.now))
    try complete(last, then)
    return last
  }

  private func currentRun() throws -> RunEntry {
    if let last = try engine.lastRun(), last.status == .running {
      try resume(last)
      return last
    }
    return try engine.beginRun(night: night, ruleSetHash: catalog.ruleSetHash)
  }

  private var night: String { CivilDate(dayNumber: moment.night).description }

  /// One publication is judged by one set of rules: what was judged by others is taken back.
  private func resume(_ run: RunEntry) throws {
    progress.note("resuming run \(run.id) of \(run.night), which did not finish")
    guard run.ruleSetHash != catalog.ruleSetHash else { return }
    progress.note("the rules have changed since; what was loaded is taken back and judged again")
    try engine.discardAllUnpublished()
    for var entry in try engine.deliveries(run: run.id) where entry.status == .judged {
      entry.status = .taken
      try engine.update(entry)
    }
    try engine.setRuleSet(catalog.ruleSetHash, run: run.id)
  }

  /// Asks for the room that the night is going to need before anything is touched.
  private func checkFreeSpace() throws {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: home.warehouse)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value else { return }
    let delivered = try inbox.sizes() + open().map { ($0.fileName, $0.length) }
    let (needed, bytes) = configuration.space(for: delivered)
    guard free < needed else { return }
    throw PipelineError(
      .environment,
      "\(home.warehouse) has \(free >> 20) MB free, \(needed >> 20) MB are needed: "
        + "\(configuration.minimumFreeBytes >> 20) MB at least and \(configuration.spaceFactor) times "
        + "the \(bytes >> 20) MB that are delivered; free space, deliver in parts or lower "
        + "free-space-gigabytes in nightly.yaml")
  }

  /// Deliveries in the archive that are to be judged or loaded.
  private func open() throws -> [DeliveryEntry] {
    try engine.deliveries(status: .taken) + engine.deliveries(status: .judged)
  }

  private var inbox: Inbox {
    Inbox(
      home: home, catalog: catalog, now: Date().timeIntervalSince1970,
      waitsForStability: waitsForStability, night: moment.night)
  }

  // MARK: Receive

  /// Brings originals to the archive that a killed run had entered in the ledger and not yet moved.
  ///
  /// What lies in the inbox under the name of a delivery is that delivery only if its bytes are: a
  /// sender may have replaced it since. Signs go to the archive before their file: those that lie there
  /// under the name of one that is archived are the next one's.
  private func settleArchive(_ run: RunEntry, _ archive: Archive) throws {
    let entries = try engine.deliveries(run: run.id)
    for entry in entries {
      guard !archive.contains(entry.archivePath) else { continue }
      let source = home.inbox(of: entry.system) + "/" + entry.fileName
      if try holdsBytes(source, of: entry) {
        let isRestricted = entries.contains {
          $0.archivePath == entry.archivePath && self.isRestricted($0.category)
        }
        try archive.take(source, as: entry.archivePath, isRestricted: isRestricted)
      } else if entry.status == .taken || entry.status == .judged {
        try hold(entry, .replaced)
      }
    }
  }

  private func holdsBytes(_ path: String, of entry: DeliveryEntry) throws -> Bool {
    guard let adapter = catalog.adapter(entry.system), FileStamp(path) != nil else { return false }
    do {
      let found = try reader.inspect(path, adapter)
      return found.content.hexadecimal == entry.content && found.length == entry.length
    } catch let error as PipelineError where error.code == .unreadable {
      return false
    }
  }

  /// Holds a delivery whose bytes are not what was entered; there is nothing that a person could
  /// release.
  private func hold(_ entry: DeliveryEntry, _ reason: HoldReason.Kind) throws {
    var held = entry
    held.status = .held
    held.reason = HoldReason(.q15, reason).ledgerLine
    held.balance = Balance()
    try engine.update(held)
    progress.note("\(entry.fileName) is held: \(held.reason)")
  }

  private func takeDeliveries(_ run: RunEntry) throws -> InboxListing {
    enteredCounts = nil
    let archive = Archive(home: home)
    // What a person released since joins the night.
    for var entry in try engine.deliveries(status: .taken) where entry.run != run.id {
      entry.run = run.id
      try engine.update(entry)
    }
    try settleArchive(run, archive)
    var listing = try inbox.list()
    for (system, path) in listing.straySigns {
      do {
        try archive.takeStray(path, system: system, night: moment.night)
        progress.note("\(path) belongs to no file that is there and is put away")
      } catch {
        // To be rid of it is not worth a night.
        listing.unreadable.append((path, error.message))
      }
    }
    let inspections = inspect(listing.ready)
    for (file, inspection) in zip(listing.ready, inspections) {
      do {
        try take(file, try inspection.get(), run, archive)
      } catch let error as PipelineError where error.code == .unreadable {
        listing.unreadable.append((file.path, error.message))
      }
    }
    for (path, reason) in listing.waiting { progress.note("\(path) \(reason)") }
    for (path, reason) in listing.unknown { progress.note("\(path) is left: \(reason)") }
    for (path, reason) in listing.unreadable { progress.note("\(path) is left: \(reason)") }
    return listing
  }

  /// A file as it was when it was looked at.
  private struct Inspected: Sendable {
    var stamp: FileStamp?
    var inspection: FileInspection
  }

  /// Looks at every byte of the files, several files at once.
  private func inspect(_ files: [InboxFile]) -> [Result<Inspected, any Error>] {
    guard !files.isEmpty else { return [] }
    progress.begin(.receive, files.count == 1 ? files[0].name : "\(files.count) files", total: 0)
    defer { progress.end() }
    let results = Mutex([Result<Inspected, any Error>?](repeating: nil, count: files.count))
    let (catalog, reader) = (catalog, reader)
    DispatchQueue.concurrentPerform(iterations: files.count) { index in
      let file = files[index]
      let result = Result<Inspected, any Error> {
        guard let adapter = catalog.adapter(file.system) else {
          throw PipelineError(.unreadable, "\(file.system) has no adapter")
        }
        // Before the first byte is read, so that no later change goes unnoticed.
        let stamp = FileStamp(file.path)
        do {
          return Inspected(stamp: stamp, inspection: try reader.inspect(file.path, adapter))
        } catch let error as PipelineError where error.code == .environment {
          // It may lie on another disk than ours; it stays there, and the night goes on.
          throw PipelineError(.unreadable, error.message)
        }
      }
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0 }.map {
      $0 ?? .failure(PipelineError(.invariant, "a file was not looked at"))
    }
  }

  private func take(
    _ file: InboxFile, _ inspected: Inspected, _ run: RunEntry, _ archive: Archive
  ) throws {
    guard let adapter = catalog.adapter(file.system) else { return }
    let (stamp, inspection) = (inspected.stamp, inspected.inspection)
    let broken = try file.brokenPromises(inspection) { try reader.sha256(file.path) }
    let counts = try enteredCounts ?? countEntered()
    let count = counts[file.system] ?? 0
    var entries: [DeliveryEntry] = []
    for (index, part) in file.parts.enumerated() {
      var entry = try entry(part, of: file, inspection, run, archive)
      entry.batchNumber = batchNumber(file.system, count + index + 1)
      if !broken.isEmpty, entry.status == .taken {
        entry.status = .held
        entry.reason = broken.map(\.ledgerLine).joined(separator: "\n")
      }
      entries.append(entry)
    }
    entries = try engine.enter(entries)
    enteredCounts = counts.merging([file.system: entries.count]) { $0 + $1 }
    for entry in entries { inspections[entry.id] = inspection }
    try move(file, entries, stamp, archive, adapter)
  }

  /// Deliveries of the night by system; it may have had other runs.
  private func countEntered() throws -> [String: Int] {
    let runs = try engine.runs(limit: .max).filter { $0.night == night }
    let deliveries = try runs.flatMap { try engine.deliveries(run: $0.id) }
    return Dictionary(grouping: deliveries, by: \.system).mapValues(\.count)
  }

  private func batchNumber(_ system: String, _ number: Int) -> String {
    let day = CivilDate(dayNumber: moment.night).description.replacingOccurrences(of: "-", with: "")
    return "\(system)\(day)\(String(1000 + number % 1000).dropFirst())"
  }

  private func entry(
    _ part: InboxFile.Part, of file: InboxFile, _ inspection: FileInspection, _ run: RunEntry,
    _ archive: Archive
  ) throws -> DeliveryEntry {
    let content = inspection.content.hexadecimal
    var entry = DeliveryEntry(
      id: 0, run: run.id, system: file.system, category: part.category, fileName: file.name,
      content: content, length: inspection.length,
      archivePath: archive.relativePath(file, content: content, night: moment.night),
      isFull: part.isFull, encoding: inspection.encoding)
    if let earlier = try known(entry) {
      entry.status = .repeated
      entry.reason = "the same bytes came as \(earlier.fileName) (delivery \(earlier.id))"
    } else if let records = file.expectedRecords {
      entry.reason = "manifest records \(records)"
    }
    return entry
  }

  /// Moves a file that was entered, if it still is what was read.
  private func move(
    _ file: InboxFile, _ entries: [DeliveryEntry], _ stamp: FileStamp?, _ archive: Archive,
    _ adapter: SourceAdapter
  ) throws {
    guard let entry = entries.first else { return }
    guard FileStamp(file.path) == stamp else {
      // The new bytes stay; they are the next run's.
      return try entries.forEach { try hold($0, .changed) }
    }
    try archive.take(
      file.path, as: entry.archivePath,
      isRestricted: file.parts.contains { isRestricted($0.category) })
    let target = archive.path(entry.archivePath)
    // Another file number: copied to another disk, there before, or replaced at the last moment.
    guard FileStamp(target) != stamp else { return }
    let found = try reader.inspect(target, adapter)
    guard found.content.hexadecimal == entry.content, found.length == entry.length else {
      return try entries.forEach { try hold($0, .changed) }
    }
  }

  /// A delivery with the same bytes that has said all that this one could say.
  private func known(_ entry: DeliveryEntry) throws -> DeliveryEntry? {
    let earlier = try engine.delivery(
      system: entry.system, category: entry.category, content: entry.content,
      length: entry.length)
    guard let earlier else { return nil }
    if try isKnown(earlier, isFull: entry.isFull) { return earlier }
    // That is the first one with these bytes, perhaps of an old night; tonight they may have come too.
    return try engine.deliveries(run: currentRunID).first { other in
      other.system == entry.system && other.category == entry.category
        && other.content == entry.content && other.length == entry.length
        && [.taken, .judged, .loaded].contains(other.status)
    }
  }

  /// Whether the same bytes have nothing new to say: they are loaded or on their way. What was held,
  /// refused or withheld may come again, and a full delivery says something new if another has come since.
  private func isKnown(_ earlier: DeliveryEntry, isFull: Bool) throws -> Bool {
    switch earlier.status {
    case .taken, .judged, .loaded, .repeated:
      let isWithheld = try engine.measures(run: earlier.run).contains {
        $0.delivery == earlier.id && $0.name == Measure.withheld
      }
      return (!isFull && !isWithheld) || earlier.run == currentRunID
    case .held, .rejected: return false
    }
  }

  private func isRestricted(_ category: String) -> Bool {
    catalog.category(category)?.elements.contains { $0.element.tier == .restricted } ?? true
  }

  // MARK: Process

  private func processDeliveries(
    _ run: RunEntry, _ moment: RunMoment, _ bench: ReferenceBench
  ) throws {
    let open = try openDeliveries(run)
    try home.cleanWork(
      keeping: Set(
        open.filter { $0.status == .judged }.map { DeliveryProcess.segmentName($0.id) }))
    let isFirst = try engine.currentPublication() == 0 && !engine.holdsRecords()
    if isFirst, !open.isEmpty { try engine.beginFreshBuild() }
    let all = try engine.deliveries(run: run.id)
    let fullCounts = Dictionary(
      all.filter { $0.isFull && [.taken, .judged, .loaded].contains($0.status) }.map {
        (DeliveryProcess.stream($0), 1)
      }, uniquingKeysWith: +)
    let process = DeliveryProcess(
      home: home, catalog: catalog, configuration: configuration, engine: engine, reader: reader,
      moment: moment, publication: run.publication, progress: progress, inspections: inspections,
      isFirstLoad: isFirst, fullCounts: fullCounts)
    let waiting = WaitingPass(bench: bench, run: run, night: moment.night)
    let order = LoadOrder(catalog).categories
    // What the catalog no longer has comes last and is held for a person.
    let ordered =
      order.flatMap { category in open.filter { $0.category == category } }
      + open.filter { !order.contains($0.category) }
    let surveys = SurveyAhead(ordered.filter { $0.status == .taken }, process.survey)
    let loads = LoadBehind(progress)
    defer {
      surveys.stop()
      loads.abandon()
    }
    var rest = ordered[...]
    for category in order.compactMap(catalog.category) {
      if try engine.hasWaiting(category: category.id) {
        // They are judged against what the earlier categories brought.
        try loads.finish()
        try waiting.apply(category)
      }
      while let entry = rest.first, entry.category == category.id {
        try process.run(rest.removeFirst(), surveys, loads)
      }
    }
    for entry in rest { try process.run(entry, surveys, loads) }
    try loads.finish()
    guard isFirst, !open.isEmpty else { return }
    progress.begin(.indexes, run.night, total: 0)
    try engine.finishFreshBuild()
    progress.end()
  }

  /// Deliveries that are not yet loaded or held.
  ///
  /// A judged one of which nothing is in the warehouse is judged again: a first load that was lost took
  /// its measures with it, and its segment may be gone.
  private func openDeliveries(_ run: RunEntry) throws -> [DeliveryEntry] {
    try engine.deliveries(run: run.id).compactMap { entry in
      guard entry.status == .judged, entry.loadedBlocks == 0 else {
        return entry.status == .taken || entry.status == .judged ? entry : nil
      }
      var again = entry
      again.status = .taken
      try engine.update(again)
      return again
    }
  }

  /// Removes what has been kept long enough. A night in the future makes nothing older than it is.
  private func removeExpired() throws {
    let retention = Retention(
      home: home, engine: engine, archiveDays: configuration.archiveDays,
      returnsDays: configuration.returnsDays)
    let clock = (Int(Date().timeIntervalSince1970) + 8 * 3600) / 86_400
    let removed = try retention.apply(today: min(moment.night, clock))
    guard removed.originals + removed.packages > 0 else { return }
    progress.note(
      "retention: \(removed.originals) files of the archive older than \(configuration.archiveDays) "
        + "days and \(removed.packages) files of returns older than \(configuration.returnsDays) "
        + "days are removed, \(removed.bytes) bytes")
  }

  // MARK: Outputs

  /// Deliveries of which the run returned records: its own, and earlier ones whose records waited in vain.
  private func returned(_ run: RunEntry) throws -> [DeliveryEntry] {
    let own = try engine.deliveries(run: run.id).filter { $0.balance.returned > 0 }
    var result = own
    let waited = Set(try engine.closedWaiting(publication: run.publication).map { $0.rowID >> 32 })
    for id in waited.sorted() where !own.contains(where: { $0.id == id }) {
      guard let delivery = try engine.delivery(id: id) else { continue }
      var hasReturns = false
      try engine.returns(delivery: id, publication: run.publication) { _ in hasReturns = true }
      if hasReturns { result.append(delivery) }
    }
    return result
  }

  /// Writes what follows from a publication; may be repeated.
  private func finish(_ run: RunEntry) throws {
    try onPublished()
    tierOutcomes = try TierPass(
      catalog: catalog, engine: engine, publication: run.publication, home: home,
      secret: maskSecret, moment: moment, progress: progress
    ).apply()
    for delivery in try returned(run) {
      progress.begin(.returns, delivery.fileName, total: delivery.balance.returned)
      let package = ReturnPackage(
        delivery: delivery, home: home, catalog: catalog, run: run)
      try package.write(engine: engine, reader: reader, writer: returns)
      progress.end()
    }
    try engine.setRunStatus(.finished, run: run.id)
  }
}
