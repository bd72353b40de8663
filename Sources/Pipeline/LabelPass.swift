import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// Judges tonight's rows against all others, and brings the labels of older rows up to date that relied
/// on what tonight changed.
///
/// Tonight's rows are read a page at a time, for what is to be said of them and for the keys under which
/// others may rely on them. Older rows are found by these keys, by those of what was closed tonight, and
/// by their days of review; no other is read. What a row's labels are follows from the rows that the
/// publication shows, so that a pass that was killed is simply run again.
struct LabelPass {
  let bench: ReferenceBench
  let run: RunEntry
  let home: HomeFolder
  let reader: any DeliveryReader
  let configuration: RunConfiguration
  let moment: RunMoment
  let progress: any ProgressReporter

  private var engine: any WarehouseEngine { bench.engine }
  /// Of the first publication nothing is older.
  private var hasOlderRows: Bool { run.publication > 1 }

  func apply() throws {
    let links = try bench.catalog.categories.flatMap { try DependentLink.all($0, bench) }
    guard !links.isEmpty || AuthorityReturns.areAsked(of: bench.catalog.authority, moment) else {
      return
    }
    progress.begin(.references, run.night, total: 0)
    defer { progress.end() }
    try engine.prepareLookups(links.flatMap { [$0.target] + ($0.own.map { [$0] } ?? []) })
    try LateReturns(
      bench: bench, run: run, home: home, reader: reader, configuration: configuration,
      moment: moment, progress: progress
    ).apply()
    try labelNew()
    guard hasOlderRows else { return }
    for category in bench.catalog.categories {
      let rows = try bench.publishedWaiting(category.id)
      try relabel(rows, category)
    }
    for link in links where link.own != nil { try relabelDependents(link) }
    try relabelReviews()
  }

  // MARK: Tonight's rows

  /// Pages are read one after the other, judged side by side, each with a look-up of its own, and
  /// stored in order.
  private func labelNew() throws {
    let counts = LabelCounts()
    let slotCount = OrderedWork<LabelSlot>.coreCount + 2
    let finders = try engine.rowFinders(slotCount + 1)
    let line = OrderedWork(
      slots: finders.dropLast().map { LabelSlot($0) },
      work: { [bench] slot in try slot.judge(bench.catalog, publication: run.publication) },
      settle: { [engine] slot in
        if let update = slot.update { try engine.replaceLabels(update) }
        for check in slot.checks { counts.add(check, to: slot.delivery) }
        slot.clear()
      })
    try line.finish(after: {
      for category in bench.catalog.categories {
        try submit(category, finders[slotCount], to: line)
      }
    })
    for (delivery, counts) in counts.byDelivery.sorted(by: { $0.key < $1.key }) {
      try store(counts, try bench.delivery(delivery))
    }
  }

  private func submit(
    _ category: Category, _ finder: any RowFinder, to line: OrderedWork<LabelSlot>
  ) throws {
    let judge = try bench.judge(category, "")
    guard judge.validator.referenceRules.contains(where: { !$0.waits }) else { return }
    try OpenedRows(bench: bench, run: run).forEachNewPage(
      category.id, judge.records.elements, finder
    ) { delivery, page in
      let own = try bench.judge(category, delivery.system)
      try line.submit {
        $0.page = page
        $0.own = own
        $0.delivery = delivery.id
      }
    }
  }

  /// Counts the findings beside those of the first judgement.
  private func store(_ counts: [Int32: Int64], _ delivery: DeliveryEntry) throws {
    guard !counts.isEmpty, let category = bench.catalog.category(delivery.category),
      let current = try engine.delivery(id: delivery.id)
    else { return }
    let descriptions = try bench.judge(category, delivery.system).validator.descriptions
    var step = LoadStep(
      delivery: delivery.id, publication: run.publication, loadedBlocks: current.loadedBlocks + 1)
    step.measures = counts.sorted { $0.key < $1.key }.map { check, count in
      let description = descriptions[Int(check)]
      return Measure(
        delivery: delivery.id, name: "findings", domain: description.rule,
        element: description.element ?? "", code: description.issue.rawValue, value: count)
    }
    try engine.apply(step)
  }

  // MARK: Older rows

  /// - Parameter rows: Ascending.
  private func relabel(_ rows: [Int64], _ category: Category) throws {
    guard !rows.isEmpty else { return }
    let elements = try bench.judge(category, "").records.elements
    try bench.forEachPage(of: rows, category.id, elements) { delivery, page in
      let judge = try bench.judge(category, delivery.system)
      let (update, _) = try judge.labels(
        page, bench.catalog, engine, publication: run.publication, isNew: false)
      if let update { try engine.replaceLabels(update) }
    }
  }

  /// Labels the rows anew that find records by keys under which something changed tonight.
  private func relabelDependents(_ link: DependentLink) throws {
    let target = link.target
    try OpenedRows(bench: bench, run: run).forEachPage(target.category, target.elements) {
      _, page in
      try relabelDependents(link, KeyTexts(page, multiValued: target.multiValued).keys)
    }
    var last: Int64 = 0
    while true {
      let ids = try engine.closedRows(
        category: target.category, after: last, limit: OpenedRows.pageSize)
      guard let end = ids.last else { break }
      last = end
      let page = try engine.rows(
        ids, category: target.category, elements: target.elements, publication: nil)
      try relabelDependents(link, KeyTexts(page, multiValued: target.multiValued).keys)
    }
  }

  private func relabelDependents(_ link: DependentLink, _ keys: [[ArraySlice<UInt8>]]) throws {
    guard let own = link.own, let category = bench.catalog.category(own.category) else { return }
    let changed = try link.changed(keys, engine, publication: run.publication)
    guard !changed.isEmpty else { return }
    var query = link.query(
      own, changed.map { key in link.ownPlaces.map { key[$0] } }, [],
      publication: run.publication)
    query.leavesOutNew = true
    try relabel(Set(try engine.candidates(query).rowIDs).sorted(), category)
  }

  private func relabelReviews() throws {
    let day = CivilDate(dayNumber: moment.today).description
    var last: Int64 = 0
    while true {
      let ids = try engine.reviewRows(day: day, after: last, limit: OpenedRows.pageSize)
      guard let end = ids.last else { return }
      last = end
      for (id, rows) in Dictionary(grouping: ids, by: { $0 >> 32 }).sorted(by: { $0.key < $1.key })
      {
        let delivery = try bench.delivery(id)
        guard let category = bench.catalog.category(delivery.category) else { continue }
        try relabel(rows, category)
        // Else every night to come would look at them again.
        try engine.endReviews(rows, category: category.id, publication: run.publication)
      }
    }
  }
}

/// Room for one page of tonight's rows while it is judged.
private final class LabelSlot {
  var page = StoredRows(columnCount: 0)
  var own: ReferenceBench.Judge?
  var delivery: Int64 = 0
  private(set) var update: LabelUpdate?
  /// Check of every finding.
  private(set) var checks: [Int32] = []
  private let finder: any RowFinder

  init(_ finder: any RowFinder) { self.finder = finder }

  func judge(_ catalog: Catalog, publication: Int64) throws {
    guard let own else { return }
    (update, checks) = try own.labels(page, catalog, finder, publication: publication, isNew: true)
  }

  func clear() {
    page = StoredRows(columnCount: 0)
    update = nil
    checks = []
  }
}

/// Findings by delivery and check; filled by one thread at a time.
private final class LabelCounts {
  private(set) var byDelivery: [Int64: [Int32: Int64]] = [:]

  func add(_ check: Int32, to delivery: Int64) {
    byDelivery[delivery, default: [:]][check, default: 0] += 1
  }
}

extension ReferenceBench.Judge {
  /// What is to be said of a page of rows.
  ///
  /// - Parameter isNew: The rows are tonight's, and were judged by what they wait for; where nothing is
  ///   to be said of them nothing was said before.
  /// - Returns: nil if the labels stay as they are; and the check of every finding.
  func labels(
    _ page: StoredRows, _ catalog: Catalog, _ finder: any RowFinder, publication: Int64,
    isNew: Bool
  ) throws -> (LabelUpdate?, [Int32]) {
    let chunk = records.chunk(page)
    let findings = try findings(page, chunk, catalog, finder, publication: publication) {
      !isNew || !$0.waits
    }
    let reviews = zip(page.rowIDs, validator.nextReviews(chunk, context: context)).compactMap {
      row, day in day.map { (row: row, day: CivilDate(dayNumber: $0).description) }
    }
    guard !isNew || !findings.isEmpty || !reviews.isEmpty else { return (nil, []) }
    let update = LabelUpdate(
      publication: publication, rows: page.rowIDs,
      labels: labels(findings, page, chunk, catalog).batch, reviews: reviews)
    return (update, findings.map(\.finding.check))
  }
}

/// How rows of one category depend on those of another: a clause of a rule, read backwards.
struct DependentLink: Hashable {
  /// How the clause finds records.
  var target: LookupKey
  /// What it reads of them; nil where it only asks whether there is one.
  var reads: [String]?
  /// Whether it counts them.
  var counts: Bool
  /// How records are found that use the clause; nil where their side of every key is computed.
  var own: LookupKey?
  /// Elements of the target's key that ``own`` consists of.
  var ownPlaces: [Int]

  /// The links of a category's rules, each once, in the order of the rules.
  static func all(_ category: Category, _ bench: ReferenceBench) throws -> [DependentLink] {
    var links: [DependentLink] = []
    for reference in try bench.judge(category, "").validator.referenceRules
      .flatMap(\.allReferences)
    {
      guard let other = bench.catalog.category(reference.category) else { continue }
      let places = reference.ownColumns.indices.filter { reference.ownColumns[$0] != nil }
      let columns = places.compactMap { reference.ownColumns[$0] }
      let own = LookupKey(
        category: category.id,
        elements: columns.map { category.elements[$0].element.identifier },
        multiValued: columns.firstIndex { category.elements[$0].element.isMultiValued })
      let link = DependentLink(
        target: reference.lookupKey,
        reads: reference.asksForExistence
          ? nil : reference.readColumns.map { other.elements[$0].element.identifier },
        counts: reference.isCount, own: columns.isEmpty ? nil : own, ownPlaces: places)
      if !links.contains(link) { links.append(link) }
    }
    return links
  }

  /// The keys under which the clause reads something else than before the publication.
  func changed(
    _ keys: [[ArraySlice<UInt8>]], _ engine: any WarehouseEngine, publication: Int64
  ) throws -> [[ArraySlice<UInt8>]] {
    guard !keys.isEmpty else { return [] }
    let before = try answers(keys, engine, publication: publication - 1)
    let after = try answers(keys, engine, publication: publication)
    return keys.indices.filter { before[$0] != after[$0] }.map { keys[$0] }
  }

  /// What the clause reads under each key: the values of its records, sorted; each once unless they are
  /// counted.
  private func answers(
    _ keys: [[ArraySlice<UInt8>]], _ engine: any WarehouseEngine, publication: Int64
  ) throws -> [[[UInt8]]] {
    var result: [[[UInt8]]] = Array(repeating: [], count: keys.count)
    let found = try engine.candidates(query(target, keys, reads, publication: publication))
    for row in 0..<found.count {
      var value: [UInt8] = []
      for column in found.columns {
        if !column[row].isAbsent { value.append(contentsOf: found.text[column[row].range]) }
        value.append(column[row].isAbsent ? 0x1E : 0x1F)
      }
      result[Int(found.probes[row])].append(value)
    }
    return result.map { values in
      let sorted = values.sorted { $0.lexicographicallyPrecedes($1) }
      return counts
        ? sorted
        : sorted.indices.filter { $0 == 0 || sorted[$0] != sorted[$0 - 1] }
          .map { sorted[$0] }
    }
  }

  func query(
    _ key: LookupKey, _ keys: [[ArraySlice<UInt8>]], _ elements: [String]?, publication: Int64
  ) -> CandidateQuery {
    var text = TextArena()
    var probes: [[TextRef]] = Array(repeating: [], count: key.elements.count)
    for one in keys {
      for (place, value) in one.enumerated() {
        let start = text.count
        text.append(contentsOf: value)
        probes[place].append(text.text(from: start))
      }
    }
    return CandidateQuery(
      key: key, probes: probes, text: text, elements: elements, publication: publication)
  }
}
