package import Catalog
import Dispatch
import Reconciliation
import Records
import Sharing
import Synchronization
import Validation
package import Warehouse

/// Builds the files that leave: for each tier below restricted one database with what its readers may see
/// of the publication, and nothing else (design.md, D8).
///
/// The file of a publication is built once; what a killed run left unfinished is built again.
package struct TierPass {
  private let catalog: Catalog
  private let engine: any WarehouseEngine
  private let publication: Int64
  private let home: HomeFolder
  private let secret: [UInt8]
  private let moment: RunMoment
  private let progress: any ProgressReporter

  /// Readers of public files are anybody, those of shared ones the owner's group.
  private static let tiers: [(tier: SharingTier, mode: UInt32)] = [
    (.public, 0o644), (.shared, 0o640),
  ]

  /// - Parameters:
  ///   - publication: Is published.
  ///   - secret: Key of hashes.
  package init(
    catalog: Catalog, engine: any WarehouseEngine, publication: Int64, home: HomeFolder,
    secret: [UInt8], moment: RunMoment, progress: any ProgressReporter
  ) {
    self.catalog = catalog
    self.engine = engine
    self.publication = publication
    self.home = home
    self.secret = secret
    self.moment = moment
    self.progress = progress
  }

  /// - Parameter again: Builds files that are up to date as well.
  package func apply(again: Bool = false) throws {
    guard let policy = catalog.sharing else { return }
    let kit = try SharingKit(catalog: catalog, secret: secret)
    let builds = try Self.tiers.compactMap { tier, mode -> TierBuild? in
      let path = home.tierFile(tier)
      let stamp = stamp(tier, policy)
      guard again || engine.tierStamp(path: path) != stamp else { return nil }
      return try build(tier, kit, stamp, path, mode)
    }
    guard !builds.isEmpty else { return }
    let names = builds.map { "\($0.file.tier.rawValue).sqlite" }
    progress.begin(.tiers, names.joined(separator: ", "), total: 0)
    defer { progress.end() }
    // Each file has connections of its own, and one thread that writes; together they keep the cores busy.
    let group = DispatchGroup()
    for build in builds {
      DispatchQueue(label: build.file.tier.rawValue).async(group: group) { build.run() }
    }
    while group.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
      progress.advance(to: builds.reduce(0) { $0 + $1.done.withLock { $0 } })
    }
    progress.advance(to: builds.reduce(0) { $0 + $1.done.withLock { $0 } })
    for build in builds { try build.outcome?.get() }
  }

  /// Everything that decides what is in a file, as one number. The day is part of it: publicity ends.
  private func stamp(_ tier: SharingTier, _ policy: SharingPolicy) -> String {
    let text = [
      tier.rawValue, "\(publication)", CivilDate(dayNumber: moment.today).description,
      policy.contentHash, catalog.ruleSetHash, catalog.authority.hash,
    ].joined(separator: "|")
    return Fingerprint(of: Array(text.utf8).span).hexadecimal
  }

  private func build(
    _ tier: SharingTier, _ kit: SharingKit, _ stamp: String, _ path: String, _ mode: UInt32
  ) throws -> TierBuild {
    let plans = try catalog.categories.map {
      try SharingPlan(kit, $0, Audience(tier: tier))
    }.filter(\.isOpen)
    let tables = plans.map(TierTable.init)
    let file = TierFile(
      tier: tier, publication: publication,
      night: CivilDate(dayNumber: moment.night).description, stamp: stamp,
      tables: tables.map(\.table))
    return TierBuild(
      file: file, mode: mode, benches: tables.map { TierBench($0, catalog, moment) },
      writer: try engine.tierWriter(file, path: path), reader: try engine.publishedReader())
  }
}

/// Builds one file.
///
/// Unchecked: one thread runs it, others read the outcome afterwards.
private final class TierBuild: @unchecked Sendable {
  let file: TierFile
  /// Records read so far.
  let done = Mutex(0)
  private(set) var outcome: Result<Void, any Error>?
  private let mode: UInt32
  private let benches: [TierBench]
  private let writer: any TierWriter
  private let reader: any PublishedReader

  private static let pageSize = 1024

  init(
    file: TierFile, mode: UInt32, benches: [TierBench], writer: any TierWriter,
    reader: any PublishedReader
  ) {
    self.file = file
    self.mode = mode
    self.benches = benches
    self.writer = writer
    self.reader = reader
  }

  func run() { outcome = Result { try build() } }

  private func build() throws {
    // The writer gathers pages for a transaction; meanwhile as many others are decided about.
    let slots = (0..<OrderedWork<TierSlot>.coreCount + 10).map { _ in TierSlot() }
    let line = OrderedWork(
      slots: slots, work: { try $0.decide() },
      settle: { [writer] slot in
        if let rows = slot.take() { try writer.write(rows) }
      })
    do {
      for bench in benches { try submit(bench, to: line) }
    } catch {
      // Nothing may still be at work when the caller tidies up.
      try? line.finish()
      throw error
    }
    try line.finish()
    try writer.finish(mode: mode)
  }

  private func submit(_ bench: TierBench, to line: OrderedWork<TierSlot>) throws {
    var last: Int64 = 0
    while true {
      let page = try bench.sharing.page(
        reader, publication: file.publication, after: last, limit: Self.pageSize)
      guard let end = page.rows.rowIDs.last else { return }
      last = end
      try line.submit { $0.fill(page, bench) }
      done.withLock { $0 += page.rows.count }
    }
  }
}

/// What a tier's file has of one category, and the plan that decides.
private struct TierTable {
  let plan: SharingPlan
  let table: TierFile.Table
  /// Columns of the category that come with the rows.
  let written: [Int]
  /// By child of ``table``: index of its table in the category, and columns.
  let children: [(table: Int, columns: [Int])]

  init(_ plan: SharingPlan) {
    self.plan = plan
    let settled = plan.settledColumns
    let open = plan.openColumns
    written = open.filter { !settled.contains($0) }
    children = plan.category.children.indices.map { ($0, plan.openColumns(ofTable: $0)) }
      .filter { !$0.1.isEmpty }
    table = TierFile.Table(
      category: plan.category,
      columns: open.map { column in
        TierFile.Column(
          element: plan.category.elements[column].element, isCopied: settled.contains(column),
          mask: plan.treatment(ofColumn: column))
      },
      children: children.map { index, columns in
        let child = plan.category.children[index]
        return TierFile.Child(
          table: child,
          columns: columns.map { column in
            TierFile.Column(
              element: child.elements[column].element, isCopied: false,
              mask: plan.treatment(ofColumn: column, table: index))
          })
      })
  }
}

/// What it takes to decide about one table; made once, used by all workers.
private final class TierBench: Sendable {
  let tier: TierTable
  let sharing: SharingBench

  var category: String { tier.table.category.id }

  init(_ tier: TierTable, _ catalog: Catalog, _ moment: RunMoment) {
    self.tier = tier
    sharing = SharingBench(tier.plan, catalog, moment)
  }
}

/// Room for one page of records while it is decided about.
private final class TierSlot {
  private var page: TierPage?
  private var bench: TierBench?
  private var scratch = SharingScratch()
  private var decisions = SharingDecisions()
  private var rows: TierRows?

  func fill(_ page: TierPage, _ bench: TierBench) {
    self.page = page
    self.bench = bench
  }

  func take() -> TierRows? { rows.take() }

  func decide() throws {
    guard let page = page.take(), let bench else { return }
    let (chunk, inner) = bench.sharing.decide(page, &scratch, into: &decisions)
    let released = decisions.released(chunk, rows: inner)
    rows = TierRows(
      category: bench.category, records: records(released, page, bench),
      children: bench.tier.children.map { index, columns in
        children(released, columns, page.children[index], table: index, bench)
      })
  }

  private func records(
    _ released: ReleasedChunk, _ page: TierPage, _ bench: TierBench
  ) -> TableBatch {
    let elements = bench.tier.plan.category.elements
    let columns = bench.tier.written.map { column in
      Self.column(released.records, column, elements[column].element) {
        decisions.columns[column].cell(released.sourceRows[$0]).outcome == .shown
      }
    }
    return TableBatch(
      table: bench.category, rowCount: released.sourceRows.count,
      columns: [.integers(released.sourceRows.map { page.rows.rowIDs[$0] })] + columns,
      text: released.records.text)
  }

  private func children(
    _ released: ReleasedChunk, _ columns: [Int], _ page: TierPage.Child, table: Int,
    _ bench: TierBench
  ) -> TableBatch {
    let name = bench.tier.plan.category.children[table].name
    guard let list = released.children.first(where: { $0.table == table }) else {
      return TableBatch(table: name)
    }
    // The rows that were kept, in the same order.
    let kept = Set(released.sourceRows)
    let sources = page.owners.indices.filter { kept.contains(Int(page.owners[$0])) }
    let elements = bench.tier.plan.category.children[table].elements
    let values = columns.map { column in
      Self.column(list.rows, column, elements[column].element) {
        decisions.children[table][column].cell(sources[$0]).outcome == .shown
      }
    }
    return TableBatch(
      table: name, rowCount: sources.count,
      columns: [
        .integers(sources.map { page.rows.rowIDs[$0] }),
        .integers(sources.map { page.ordinals[$0] }),
      ] + values, text: list.rows.text)
  }

  /// A masked number has no number: it stays empty.
  private static func column(
    _ chunk: ElementChunk, _ column: Int, _ element: DataElement, isShown: (Int) -> Bool
  ) -> BatchColumn {
    let values = chunk.columns[column]
    guard element.type == .number else {
      return .texts(
        (0..<chunk.recordCount).map { values.states[$0] == .null ? .absent : values.texts[$0] })
    }
    return .integers(
      (0..<chunk.recordCount).map {
        values.states[$0] == .present && isShown($0) ? values.numbers[$0] : BatchColumn.null
      })
  }
}
