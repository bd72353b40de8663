package import Access
package import Catalog
import Records
package import Sharing
package import Standardization
import Validation

/// What one source of rights lets a reader see of a category: a tier that the reader has anyway, or a grant.
package struct ReleasePlan: Sendable {
  package enum Source: Sendable, Hashable {
    case tier(SharingTier)
    case grant(Grant)
  }

  package let source: Source
  package let category: Category
  package let plan: SharingPlan
  /// Columns of the category that the source covers.
  package let columns: [Int]
  /// By child table, columns that the source covers.
  package let childColumns: [[Int]]
  private let condition: CompiledExpression?
  private let conditionColumns: [Int]

  /// - Parameter secret: Of ``SharingPlan``.
  /// - Throws: `SharingError`; `Denial` with code `condition` where the grant's row condition cannot be
  ///   compiled any more, because the catalog has changed since.
  package init(
    _ source: Source, _ catalog: Catalog, _ category: Category, secret: [UInt8]
  ) throws {
    self.source = source
    self.category = category
    var text: String?
    switch source {
    case .tier(let tier):
      plan = try SharingPlan(
        catalog: catalog, category: category, audience: Audience(tier: tier), secret: secret)
      columns = Array(category.elements.indices)
      childColumns = category.children.map { Array($0.elements.indices) }
    case .grant(let grant):
      let names = Set(grant.elements)
      plan = try SharingPlan(
        catalog: catalog, category: category,
        audience: Audience(tier: grant.tier, granted: names), secret: secret)
      func covered(_ elements: [CategoryElement]) -> [Int] {
        elements.indices.filter { names.contains(elements[$0].element.identifier) }
      }
      columns = covered(category.elements)
      childColumns = category.children.map { covered($0.elements) }
      text = grant.request.condition
    }
    condition = try text.map { try Self.compiled($0, catalog, category) }
    let read = condition?.expression.elementNames ?? []
    conditionColumns = category.elements.indices.filter {
      read.contains(category.elements[$0].element.identifier)
    }
  }

  private static func compiled(
    _ text: String, _ catalog: Catalog, _ category: Category
  ) throws -> CompiledExpression {
    do {
      let result = try CompiledExpression(
        try Expression.parse(text), scope: ExpressionScope(catalog: catalog, category: category))
      guard result.references.isEmpty else { throw Self.broken }
      return result
    } catch {
      // Without its condition a grant would open more than was approved.
      throw Self.broken
    }
  }

  private static let broken = Access.Denial(
    "condition", chinese: "授权的行条件与现行目录不符,须重新申请",
    english: "the row condition of the grant does not fit the catalog any more; ask anew")

  /// What becomes of the records of a chunk.
  package struct Outcome: Sendable {
    package var decisions: SharingDecisions
    /// By record: whether the row condition of the grant is true for what the reader may see.
    package var isChosen: [Bool]

    /// Whether anything of a record leaves under the source.
    package func isReleased(_ row: Int) -> Bool { isChosen[row] && decisions.rows[row].isKept }
  }

  /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
  package func decide(_ chunk: CanonicalChunk, now: Int64) -> Outcome {
    let context = plan.context(today: Moment.dayNumber(now), now: now + 8 * 3600)
    var scratch = SharingScratch()
    var decisions = SharingDecisions()
    plan.decide(
      chunk.records, rows: chunk.sharingRows, context: context, scratch: &scratch,
      into: &decisions)
    var chosen = [Bool](repeating: true, count: chunk.records.recordCount)
    if let condition {
      var truths: [Truth] = []
      var expressions = ExpressionScratch()
      _ = condition.evaluate(
        seen(chunk.records, decisions), context: context, scratch: &expressions, into: &truths)
      // Unknown denies (semantics.md §1).
      chosen = truths.map { $0 == .true }
    }
    return Outcome(decisions: decisions, isChosen: chosen)
  }

  /// The values that a condition may be asked of: a row that is chosen by a value tells the value, so only
  /// values that are shown count.
  private func seen(_ chunk: ElementChunk, _ decisions: SharingDecisions) -> ElementChunk {
    var result = chunk
    for column in conditionColumns {
      for row in 0..<chunk.recordCount
      where decisions.columns[column].cell(row).outcome != .shown {
        result.columns[column].setNull(row)
      }
    }
    return result
  }
}

extension CanonicalChunk {
  /// The child rows as sharing takes them.
  package var sharingRows: [SharingRows] {
    children.map { SharingRows(table: $0.table, rows: $0.rows, owners: $0.owners) }
  }
}

extension ReleasePlan {
  /// What a grant would open that nobody has given.
  init(
    imagining elements: [String], _ tier: SharingTier, _ catalog: Catalog, _ category: Category,
    secret: [UInt8]
  ) throws {
    source = .tier(tier)
    self.category = category
    plan = try SharingPlan(
      catalog: catalog, category: category,
      audience: Audience(tier: tier, granted: Set(elements)), secret: secret)
    columns = Array(category.elements.indices)
    childColumns = category.children.map { Array($0.elements.indices) }
    condition = nil
    conditionColumns = []
  }
}
