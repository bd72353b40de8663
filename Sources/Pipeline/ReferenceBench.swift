import Catalog
import Reconciliation
import Records
import Synchronization
import Validation
import Warehouse

/// What it takes to judge stored rows against others; compiled once for a run. Judges are made by one thread,
/// deliveries looked up by any.
final class ReferenceBench {
  /// The rules of one category as they hold for one system.
  struct Judge {
    let validator: CategoryValidator
    let context: ValidationContext
    let records: StoredRecords
  }

  let catalog: Catalog
  let engine: any WarehouseEngine
  let publication: Int64
  private let configuration: RunConfiguration
  private let moment: RunMoment
  private var judges: [String: Judge] = [:]
  private let deliveries = Mutex<[Int64: DeliveryEntry]>([:])

  init(
    _ catalog: Catalog, _ configuration: RunConfiguration, _ engine: any WarehouseEngine,
    _ moment: RunMoment, publication: Int64
  ) {
    self.catalog = catalog
    self.configuration = configuration
    self.engine = engine
    self.moment = moment
    self.publication = publication
  }

  /// - Parameter system: Whose parameters the rules take.
  func judge(_ category: Category, _ system: String) throws -> Judge {
    let name = "\(system) \(category.id)"
    if let judge = judges[name] { return judge }
    let validator = try CategoryValidator(catalog: catalog, category: category, system: system)
    var columns = Set(validator.referenceRules.flatMap(\.columns))
    // What names a record in quarantine.
    columns.formUnion(
      (category.entityKey + [configuration.recordIDElement, configuration.agencyElement])
        .compactMap { category.column(of: $0) })
    let judge = Judge(
      validator: validator,
      context: validator.context(
        ValidationDates(today: moment.today, night: moment.night, now: moment.now)),
      records: StoredRecords(catalog, category, columns: columns.sorted()))
    judges[name] = judge
    return judge
  }

  func delivery(_ id: Int64) throws -> DeliveryEntry {
    if let delivery = deliveries.withLock({ $0[id] }) { return delivery }
    guard let delivery = try engine.delivery(id: id) else {
      throw PipelineError(.invariant, "the ledger has no delivery \(id), and rows of it are stored")
    }
    deliveries.withLock { $0[id] = delivery }
    return delivery
  }

  /// Rows that waited and are shown by this publication, of one category, ascending.
  func publishedWaiting(_ category: String) throws -> [Int64] {
    try engine.closedWaiting(publication: publication).filter { $0.outcome == .published }
      .map(\.rowID).filter { try delivery($0 >> 32).category == category }
  }
}

extension ReferenceBench.Judge {
  /// Judges rows of the category and system.
  ///
  /// - Parameter finder: Finds the records that rules ask for.
  func findings(
    _ rows: StoredRows, _ chunk: ElementChunk, _ catalog: Catalog, _ finder: any RowFinder,
    publication: Int64, where isWanted: (ReferenceRule) -> Bool
  ) throws -> [ReferenceFinding] {
    try validator.referenceFindings(
      chunk, skipping: [Bool](repeating: false, count: rows.count), context: context,
      lookup: EngineLookup(
        finder: finder, catalog: catalog, publication: publication,
        category: validator.category.id, ownRows: rows.rowIDs),
      where: isWanted)
  }

  /// Findings as labels of their rows.
  func labels(
    _ findings: [ReferenceFinding], _ rows: StoredRows, _ chunk: ElementChunk, _ catalog: Catalog
  ) -> LabelBatch {
    let words = TargetWords(catalog)
    var batch = LabelBatch()
    var text = chunk.text
    for found in findings {
      let row = Int(found.finding.row)
      var finding = found.finding
      finding.expected = words.append(found.targets, to: &text)
      batch.append(
        finding, row: rows.rowIDs[row], rows.positions[row],
        validator.descriptions[Int(finding.check)], text)
    }
    return batch
  }
}

/// The rows that this publication opens in a category, page by page.
struct OpenedRows {
  let bench: ReferenceBench
  let run: RunEntry

  /// Rows of one page.
  static let pageSize = 1024

  /// - Parameters:
  ///   - elements: Whose values are read.
  ///   - body: Gets the delivery and rows of it.
  func forEachPage(
    _ category: String, _ elements: [String], _ body: (DeliveryEntry, StoredRows) throws -> Void
  ) throws {
    try forEachNewPage(category, elements, bench.engine, body)
    try bench.forEachPage(of: try bench.publishedWaiting(category), category, elements, body)
  }

  /// Only rows of tonight's own deliveries, and none that waited before.
  ///
  /// - Parameter finder: Reads the rows.
  func forEachNewPage(
    _ category: String, _ elements: [String], _ finder: any RowFinder,
    _ body: (DeliveryEntry, StoredRows) throws -> Void
  ) throws {
    for delivery in try bench.engine.deliveries(run: run.id)
    where delivery.category == category && delivery.status == .loaded {
      var last = delivery.id << 32
      while true {
        let page = try finder.openRows(
          delivery: delivery.id, publication: run.publication, category: category,
          elements: elements, after: last, limit: Self.pageSize)
        guard let end = page.rowIDs.last else { break }
        try body(delivery, page)
        last = end
      }
    }
  }
}

extension ReferenceBench {
  /// Visits rows, ascending, that are visible at the publication: some of one delivery at a time.
  func forEachPage(
    of ids: [Int64], _ category: String, _ elements: [String], isVisible: Bool = true,
    _ body: (DeliveryEntry, StoredRows) throws -> Void
  ) throws {
    var start = 0
    while start < ids.count {
      var end = start + 1
      while end < ids.count, end - start < OpenedRows.pageSize, ids[end] >> 32 == ids[start] >> 32 {
        end += 1
      }
      let rows = try engine.rows(
        Array(ids[start..<end]), category: category, elements: elements,
        publication: isVisible ? publication : nil)
      if rows.count > 0 { try body(try delivery(ids[start] >> 32), rows) }
      start = end
    }
  }
}
