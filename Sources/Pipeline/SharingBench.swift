import Catalog
import Dispatch
import Records
import Sharing
import Validation
import Warehouse

/// What it takes to decide about stored records of one category for one audience; made once, used by all
/// workers.
final class SharingBench: Sendable {
  let plan: SharingPlan
  /// What decisions need of the records, and by child table of the rows inside them.
  let records: StoredRecords
  let children: [StoredRecords]
  private let context: EvaluationContext

  init(_ plan: SharingPlan, _ catalog: Catalog, _ moment: RunMoment) {
    self.plan = plan
    records = StoredRecords(catalog, plan.category, columns: plan.neededColumns)
    children = plan.category.children.enumerated().map { index, child in
      StoredRecords(
        catalog, plan.category.asCategory(child), columns: plan.neededColumns(ofTable: index))
    }
    context = plan.context(today: moment.today, now: moment.now)
  }

  /// Reads a page of the category's published records with what decisions need.
  func page(
    _ reader: any PublishedReader, publication: Int64, after id: Int64, limit: Int
  ) throws -> TierPage {
    try reader.page(
      category: plan.category.id, elements: records.elements,
      children: children.map(\.elements), publication: publication, after: id, limit: limit)
  }

  /// Reads those of some rows that are published, with what decisions need.
  func page(
    _ reader: any PublishedReader, publication: Int64, rows: [Int64]
  ) throws -> TierPage {
    try reader.page(
      category: plan.category.id, elements: records.elements,
      children: children.map(\.elements), publication: publication, rows: rows)
  }

  /// - Parameter decisions: Replaced.
  /// - Returns: What was decided about.
  func decide(
    _ page: TierPage, _ scratch: inout SharingScratch, into decisions: inout SharingDecisions
  ) -> (chunk: ElementChunk, rows: [SharingRows]) {
    let chunk = records.chunk(page.rows)
    let rows = page.children.indices.filter { !children[$0].elements.isEmpty }.map { index in
      SharingRows(
        table: index, rows: children[index].chunk(page.children[index].rows),
        owners: page.children[index].owners)
    }
    plan.decide(chunk, rows: rows, context: context, scratch: &scratch, into: &decisions)
    return (chunk, rows)
  }
}

/// Whether one department may be told what another one's record says (semantics.md §11).
///
/// Asked by several threads, one after the other.
final class Disclosure {
  private let turn = DispatchQueue(label: "disclosure")
  private let bench: ReferenceBench
  private let moment: RunMoment
  private var kit: SharingKit?
  private var reader: (any PublishedReader)?
  private var benches: [String: SharingBench] = [:]
  private var kept: [Int64: Bool] = [:]
  private var scratch = SharingScratch()
  private var decisions = SharingDecisions()

  init(_ bench: ReferenceBench, _ moment: RunMoment) {
    self.bench = bench
    self.moment = moment
  }

  /// - Parameters:
  ///   - row: A published record of the category.
  ///   - column: Of the category.
  func mayTell(_ row: Int64, _ column: Int, of category: Category) throws -> Bool {
    guard bench.catalog.sharing != nil else {
      return category.elements[column].element.tier < .restricted
    }
    return try turn.sync {
      let own = try sharingBench(category)
      return try own.plan.settledColumns.contains(column) && isKept(row, own)
    }
  }

  /// Whether the record is shown at all.
  private func isKept(_ row: Int64, _ own: SharingBench) throws -> Bool {
    if let known = kept[row] { return known }
    let reader = try self.reader ?? bench.engine.publishedReader()
    self.reader = reader
    let page = try own.page(reader, publication: bench.publication, after: row - 1, limit: 1)
    var isKept = false
    if page.rows.rowIDs == [row] {
      _ = own.decide(page, &scratch, into: &decisions)
      isKept = decisions.rows[0].isKept
    }
    kept[row] = isKept
    return isKept
  }

  private func sharingBench(_ category: Category) throws -> SharingBench {
    if let known = benches[category.id] { return known }
    // Nothing is written behind a mask here, so that its key does not matter.
    let kit =
      try self.kit
      ?? SharingKit(
        catalog: bench.catalog, secret: Array(repeating: 0, count: SharingPlan.minimumSecret))
    self.kit = kit
    let own = SharingBench(
      try SharingPlan(kit, category, Audience(tier: .shared)), bench.catalog, moment)
    benches[category.id] = own
    return own
  }
}
