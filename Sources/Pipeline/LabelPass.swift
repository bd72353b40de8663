import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// Judges tonight's rows against all others, and brings the labels of older rows up to date that relied
/// on what tonight changed.
///
/// Tonight's rows are read once. Older rows are found by the keys of what was opened or closed tonight,
/// and by their days of review; no other is read. What a row's labels are follows from the rows that the
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
    guard !links.isEmpty else { return }
    progress.begin(.references, run.night, total: 0)
    defer { progress.end() }
    try engine.prepareLookups(links.flatMap { [$0.target] + ($0.own.map { [$0] } ?? []) })
    try LateReturns(
      bench: bench, run: run, home: home, reader: reader, configuration: configuration,
      progress: progress
    ).apply()
    for category in bench.catalog.categories { try labelNew(category) }
    guard hasOlderRows else { return }
    for category in bench.catalog.categories {
      let rows = try bench.publishedWaiting(category.id)
      try relabel(rows, category)
    }
    for link in links where link.own != nil { try relabelDependents(link) }
    try relabelReviews()
  }

  // MARK: Tonight's rows

  private func labelNew(_ category: Category) throws {
    let judge = try bench.judge(category, "")
    guard judge.validator.referenceRules.contains(where: { !$0.waits }) else { return }
    var counts: [Int64: [Int32: Int64]] = [:]
    for delivery in try engine.deliveries(run: run.id)
    where delivery.category == category.id && delivery.status == .loaded {
      counts[delivery.id] = [:]
      var last = delivery.id << 32
      while true {
        let page = try engine.openRows(
          delivery: delivery.id, publication: run.publication, category: category.id,
          elements: judge.records.elements, after: last, limit: OpenedRows.pageSize)
        guard let end = page.rowIDs.last else { break }
        last = end
        for finding in try label(page, category, delivery, isNew: true) {
          counts[delivery.id]?[finding.finding.check, default: 0] += 1
        }
      }
      try store(counts[delivery.id] ?? [:], delivery, category)
    }
  }

  /// Counts the findings beside those of the first judgement.
  private func store(
    _ counts: [Int32: Int64], _ delivery: DeliveryEntry, _ category: Category
  ) throws {
    guard !counts.isEmpty, let current = try engine.delivery(id: delivery.id) else { return }
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

  /// - Parameter isNew: The rows are tonight's, and were judged by what they wait for; where nothing is
  ///   to be said of them nothing was said before.
  private func label(
    _ page: StoredRows, _ category: Category, _ delivery: DeliveryEntry, isNew: Bool
  ) throws -> [ReferenceFinding] {
    let judge = try bench.judge(category, delivery.system)
    let chunk = judge.records.chunk(page)
    let findings = try bench.findings(page, chunk, judge) { !isNew || !$0.waits }
    let reviews = zip(
      page.rowIDs, judge.validator.nextReviews(chunk, context: judge.context)
    ).compactMap { row, day in
      day.map { (row: row, day: CivilDate(dayNumber: $0).description) }
    }
    if !isNew || !findings.isEmpty || !reviews.isEmpty {
      try engine.replaceLabels(
        LabelUpdate(
          publication: run.publication, rows: page.rowIDs,
          labels: bench.labels(findings, page, chunk, judge).batch, reviews: reviews))
    }
    return findings
  }

  // MARK: Older rows

  /// - Parameter rows: Ascending.
  private func relabel(_ rows: [Int64], _ category: Category) throws {
    guard !rows.isEmpty else { return }
    let elements = try bench.judge(category, "").records.elements
    try bench.forEachPage(of: rows, category.id, elements) { delivery, page in
      _ = try label(page, category, delivery, isNew: false)
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
      }
    }
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
