import Catalog
import Records
import Sharing
import Synchronization
import Validation
import Warehouse

/// Makes one file: brings the earlier one up to date, or builds it anew.
///
/// Unchecked: one thread runs it, others read the outcome afterwards. Of the engine it only asks for
/// readers and writers of its own.
final class TierBuild: @unchecked Sendable {
  let file: TierFile
  let base: TierBase?
  /// Records read so far.
  let done = Mutex(0)
  private(set) var outcome: Result<TierOutcome, any Error>?
  private let path: String
  private let mode: UInt32
  private let benches: [TierBench]
  private let engine: any WarehouseEngine
  private let catalog: Catalog
  private let moment: RunMoment

  private static let pageSize = 1024
  /// Pages of which only dates are read.
  private static let datedPageSize = 8192
  /// From this share of an earlier file's records on, building is faster than changing…
  private static let greatestShare = 0.25
  /// …unless there are so few that nobody waits.
  private static let alwaysFew = 1000

  init(
    _ file: TierFile, path: String, mode: UInt32, base: TierBase?, benches: [TierBench],
    _ engine: any WarehouseEngine, _ catalog: Catalog, _ moment: RunMoment
  ) {
    self.file = file
    self.path = path
    self.mode = mode
    self.base = base
    self.benches = benches
    self.engine = engine
    self.catalog = catalog
    self.moment = moment
  }

  func run() {
    outcome = Result {
      guard let base else { return try buildAnew("") }
      do {
        if let outcome = try update(base) { return outcome }
      } catch let error as WarehouseError where error.code == .corrupt || error.code == .database {
        // It may be the earlier file that is damaged; the new one then says nothing of it.
        return try buildAnew(error.message)
      }
      return try buildAnew("")
    }
  }

  // MARK: Anew

  private func buildAnew(_ reason: String) throws -> TierOutcome {
    let reader = try engine.publishedReader()
    var count = 0
    done.withLock { $0 = 0 }
    try write(to: engine.tierWriter(file, path: path, base: nil)) { line in
      for bench in benches {
        var last: Int64 = 0
        while true {
          let page = try bench.sharing.page(
            reader, publication: file.publication, after: last, limit: Self.pageSize)
          guard let end = page.rows.rowIDs.last else { break }
          last = end
          try line.submit { $0.fill(page, bench) }
          done.withLock { $0 += page.rows.count }
        }
      }
    } settled: {
      count += $0
    }
    return TierOutcome(tier: file.tier, way: .anew(records: count), reason: reason)
  }

  /// - Parameters:
  ///   - submit: Hands pages on to be decided about.
  ///   - settled: Is told how many records were written.
  private func write(
    to writer: any TierWriter, _ submit: (OrderedWork<TierSlot>) throws -> Void,
    settled: @escaping (Int) -> Void
  ) throws {
    // The writer gathers pages for a transaction; meanwhile as many others are decided about.
    let slots = (0..<OrderedWork<TierSlot>.coreCount + 10).map { _ in TierSlot() }
    let line = OrderedWork(
      slots: slots, work: { try $0.decide() },
      settle: { slot in
        guard let rows = slot.take() else { return }
        settled(rows.records.rowCount)
        try writer.write(rows)
      })
    do {
      try line.finish(after: { try submit(line) })
      try writer.finish(mode: mode)
    } catch {
      writer.abandon()
      throw error
    }
  }

  // MARK: Up to date

  /// - Returns: nil if so much changed that building is faster.
  private func update(_ base: TierBase) throws -> TierOutcome? {
    let reader = try engine.publishedReader()
    let changes = try benches.map { try changedRows($0, reader, base) }
    let count = changes.reduce(0) { $0 + $1.count }
    let most = max(Double(Self.alwaysFew), Self.greatestShare * Double(base.recordCount))
    guard Double(count) <= most else { return nil }
    let writer = try engine.tierWriter(file, path: path, base: base)
    try write(to: writer) { line in
      for (bench, rows) in zip(benches, changes) {
        try writer.remove(rows, category: bench.category)
      }
      for (bench, rows) in zip(benches, changes) {
        for start in stride(from: 0, to: rows.count, by: Self.pageSize) {
          let part = Array(rows[start..<min(rows.count, start + Self.pageSize)])
          let page = try bench.sharing.page(reader, publication: file.publication, rows: part)
          try line.submit { $0.fill(page, bench) }
          done.withLock { $0 += part.count }
        }
      }
    } settled: { _ in
    }
    return TierOutcome(tier: file.tier, way: .updated(changes: count))
  }

  /// Rows whose place in the file may be another than in the earlier one: what publications opened or
  /// closed since, and what is decided about differently on this day.
  private func changedRows(
    _ bench: TierBench, _ reader: any PublishedReader, _ base: TierBase
  ) throws -> [Int64] {
    let changed = try reader.changedRows(
      category: bench.category, since: base.publication, publication: file.publication)
    guard let dated = DatedBench(bench.sharing.plan, catalog, moment, since: base.day) else {
      return changed
    }
    let moved = try movedRows(dated, reader)
    return moved.isEmpty ? changed : Set(changed).union(moved).sorted()
  }

  private func movedRows(_ bench: DatedBench, _ reader: any PublishedReader) throws -> [Int64] {
    let moved = MovedRows()
    let line = OrderedWork(
      slots: (0..<OrderedWork<DatedSlot>.coreCount + 2).map { _ in DatedSlot() },
      work: { $0.decide(bench) }, settle: { moved.rows += $0.moved })
    try line.finish(after: {
      var last: Int64 = 0
      while true {
        let page = try bench.page(
          reader, publication: file.publication, after: last, limit: Self.datedPageSize)
        guard let end = page.rows.rowIDs.last else { break }
        last = end
        try line.submit { $0.page = page }
      }
    })
    return moved.rows
  }
}

/// Rows collected by the one thread that settles.
private final class MovedRows {
  var rows: [Int64] = []
}

/// Room for one page while it is looked at.
private final class DatedSlot {
  var page: TierPage?
  private(set) var moved: [Int64] = []
  private var scratch = SharingScratch()

  func decide(_ bench: DatedBench) {
    moved = page.take().map { bench.moved($0, &scratch) } ?? []
  }
}

/// What it takes to say about which records of a category two days decide differently; made once, used by
/// all workers.
private final class DatedBench: Sendable {
  private let plan: SharingPlan
  private let records: StoredRecords
  private let children: [StoredRecords]
  private let old: EvaluationContext
  private let new: EvaluationContext

  /// - Returns: nil if no decision depends on the day, or the day is the same.
  init?(_ plan: SharingPlan, _ catalog: Catalog, _ moment: RunMoment, since day: Int) {
    guard plan.readsDay, day != moment.today else { return nil }
    self.plan = plan
    records = StoredRecords(catalog, plan.category, columns: plan.datedColumns)
    children = plan.category.children.enumerated().map { index, child in
      StoredRecords(
        catalog, plan.category.asCategory(child), columns: plan.datedColumns(ofTable: index))
    }
    old = plan.context(today: day, now: moment.now)
    new = plan.context(today: moment.today, now: moment.now)
  }

  func page(
    _ reader: any PublishedReader, publication: Int64, after id: Int64, limit: Int
  ) throws -> TierPage {
    try reader.page(
      category: plan.category.id, elements: records.elements,
      children: children.map(\.elements), publication: publication, after: id, limit: limit)
  }

  func moved(_ page: TierPage, _ scratch: inout SharingScratch) -> [Int64] {
    let rows = page.children.indices.filter { !children[$0].elements.isEmpty }.map { index in
      SharingRows(
        table: index, rows: children[index].chunk(page.children[index].rows),
        owners: page.children[index].owners)
    }
    let moved = plan.moved(
      records.chunk(page.rows), rows: rows, from: old, to: new, scratch: &scratch)
    return moved.indices.filter { moved[$0] }.map { page.rows.rowIDs[$0] }
  }
}
