import Catalog
import Records
import Sharing
import Validation
import Warehouse

/// What a tier's file has of one category, and the plan that decides.
struct TierTable {
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
final class TierBench: Sendable {
  let tier: TierTable
  let sharing: SharingBench

  var category: String { tier.table.category.id }

  init(_ tier: TierTable, _ catalog: Catalog, _ moment: RunMoment) {
    self.tier = tier
    sharing = SharingBench(tier.plan, catalog, moment)
  }
}

/// Room for one page of records while it is decided about.
final class TierSlot {
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
