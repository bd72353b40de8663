package import Catalog
import Foundation
import Records
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
  private let moment: RunMoment
  private let progress: any ProgressReporter
  private let waitsForStability: Bool
  private var inspections: [Int64: FileInspection] = [:]
  private var currentRunID: Int64 = 0

  package init(
    home: HomeFolder, catalog: Catalog, configuration: RunConfiguration,
    engine: any WarehouseEngine, reader: any DeliveryReader, returns: any ReturnWriter,
    moment: RunMoment, progress: any ProgressReporter, waitsForStability: Bool = true
  ) {
    self.home = home
    self.catalog = catalog
    self.configuration = configuration
    self.engine = engine
    self.reader = reader
    self.returns = returns
    self.moment = moment
    self.progress = progress
    self.waitsForStability = waitsForStability
  }

  /// Runs to the end, first finishing what a killed run left.
  package func run() throws -> RunOutcome {
    try home.prepare()
    try checkFreeSpace()
    let earlier = try completeEarlierRun()
    let run = try currentRun()
    currentRunID = run.id
    var listing = try takeDeliveries(run)
    try complete(run, moment)
    listing.ready = []
    // What was published tonight and then killed has not been shown to anybody.
    let runs = [earlier, run].compactMap { $0 }.filter { $0.night == night }.map(\.id)
    return try RunOutcome(
      run: run, deliveries: runs.flatMap { try engine.deliveries(run: $0) },
      measures: runs.flatMap { try engine.measures(run: $0) }, listing: listing, catalog: catalog,
      configuration: configuration, home: home, night: moment.night)
  }

  /// Judges, loads, publishes and returns what a run has taken.
  private func complete(_ run: RunEntry, _ moment: RunMoment) throws {
    try processDeliveries(run, moment)
    progress.begin(.publish, run.night, total: 0)
    try engine.publish(run: run.id, publication: run.publication)
    progress.end()
    try finish(run)
  }

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

  private func checkFreeSpace() throws {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: home.warehouse)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value,
      free < configuration.minimumFreeBytes
    else { return }
    throw PipelineError(
      .environment,
      "\(home.warehouse) has \(free >> 20) MB free, \(configuration.minimumFreeBytes >> 20) MB are "
        + "needed; free space or lower minimum-free-bytes in nightly.yaml")
  }

  // MARK: Receive

  /// Brings originals to the archive that a killed run had entered in the ledger and not yet moved.
  private func settleArchive(_ run: RunEntry, _ archive: Archive) throws {
    for entry in try engine.deliveries(run: run.id) {
      let source = home.inbox(of: entry.system) + "/" + entry.fileName
      if archive.contains(entry.archivePath) {
        try archive.removeSigns(of: source)
      } else if FileManager.default.fileExists(atPath: source) {
        try archive.take(
          source, as: entry.archivePath, isRestricted: isRestricted(entry.category))
      }
    }
  }

  private func takeDeliveries(_ run: RunEntry) throws -> InboxListing {
    let archive = Archive(home: home)
    try settleArchive(run, archive)
    // What a person released since joins the night.
    for var entry in try engine.deliveries(status: .taken) where entry.run != run.id {
      entry.run = run.id
      try engine.update(entry)
    }
    let inbox = Inbox(
      home: home, catalog: catalog, now: Date().timeIntervalSince1970,
      waitsForStability: waitsForStability)
    let listing = try inbox.list()
    for file in listing.ready { try take(file, run, archive) }
    for (path, reason) in listing.waiting { progress.note("\(path) \(reason)") }
    for (path, reason) in listing.unknown { progress.note("\(path) is left: \(reason)") }
    return listing
  }

  private func take(_ file: InboxFile, _ run: RunEntry, _ archive: Archive) throws {
    guard let adapter = catalog.adapter(file.system) else { return }
    progress.begin(.receive, file.name, total: 0)
    defer { progress.end() }
    let inspection = try reader.inspect(file.path, adapter)
    let content = inspection.content.hexadecimal
    let earlier = try engine.delivery(
      system: file.system, content: content, length: inspection.length)
    let day = CivilDate(dayNumber: moment.night).description.replacingOccurrences(of: "-", with: "")
    var entry = DeliveryEntry(
      id: 0, run: run.id, system: file.system, category: file.category, fileName: file.name,
      content: content, length: inspection.length,
      archivePath: archive.relativePath(file, content: content, night: moment.night),
      isFull: file.isFull, encoding: inspection.encoding)
    let number = try engine.deliveries(run: run.id).count { $0.system == file.system } + 1
    entry.batchNumber = "\(file.system)\(day)\(String(1000 + number % 1000).dropFirst())"
    if let earlier, earlier.category == file.category, isKnown(earlier, file) {
      entry.status = .repeated
      entry.reason = "the same bytes came as \(earlier.fileName) (delivery \(earlier.id))"
    } else if let records = file.manifest?.records {
      entry.reason = "manifest records \(records)"
    }
    if let problem = manifestProblem(file, inspection), entry.status == .taken {
      entry.status = .held
      entry.reason = "Q15 \(problem)"
    }
    entry = try engine.enter(entry)
    inspections[entry.id] = inspection
    try archive.take(
      file.path, as: entry.archivePath, isRestricted: isRestricted(file.category))
  }

  /// Whether the same bytes have nothing new to say: they are loaded or on their way. What was held or
  /// refused may come again, and a full delivery says something new if another has come since.
  private func isKnown(_ earlier: DeliveryEntry, _ file: InboxFile) -> Bool {
    switch earlier.status {
    case .taken, .judged, .loaded, .repeated: return !file.isFull || earlier.run == currentRunID
    case .held, .rejected: return false
    }
  }

  private func manifestProblem(_ file: InboxFile, _ inspection: FileInspection) -> String? {
    guard let manifest = file.manifest else { return nil }
    if let size = manifest.size, size != inspection.length {
      return "\(inspection.length) bytes, the manifest promises \(size)"
    }
    if let expected = manifest.sha256, let found = try? reader.sha256(file.path),
      expected.lowercased() != found
    {
      return "SHA-256 \(found), the manifest promises \(expected)"
    }
    return nil
  }

  private func isRestricted(_ category: String) -> Bool {
    catalog.category(category)?.elements.contains { $0.element.tier == .restricted } ?? true
  }

  // MARK: Process

  private func processDeliveries(_ run: RunEntry, _ moment: RunMoment) throws {
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
    for entry in open { _ = try process.run(entry) }
    if isFirst, !open.isEmpty { try engine.finishFreshBuild() }
    // Only now is every load durable: a first load that is lost is loaded again from its segments.
    try home.cleanWork(keeping: [])
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

  // MARK: Outputs

  /// Writes what follows from a publication; may be repeated.
  private func finish(_ run: RunEntry) throws {
    for delivery in try engine.deliveries(run: run.id) where delivery.balance.returned > 0 {
      progress.begin(.returns, delivery.fileName, total: delivery.balance.returned)
      let package = ReturnPackage(
        delivery: delivery, home: home, catalog: catalog, night: run.night)
      try package.write(engine: engine, reader: reader, writer: returns)
      progress.end()
    }
    try engine.setRunStatus(.finished, run: run.id)
  }
}
