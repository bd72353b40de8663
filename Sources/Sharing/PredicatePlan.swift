import Catalog
package import Records
import Validation

/// The rows of one child table beside a chunk of their records.
package struct SharingRows: Sendable {
  /// Index of the table in ``Category/children``.
  package var table: Int
  package var rows: ElementChunk
  /// Record of each row, ascending.
  package var owners: [Int32]

  package init(table: Int, rows: ElementChunk, owners: [Int32]) {
    self.table = table
    self.rows = rows
    self.owners = owners
  }
}

/// For which rows a predicate holds.
struct Verdicts {
  /// By record.
  var own: [Truth]
  /// By child table, then row.
  var children: [[Truth]]
}

/// The predicate of an item or condition, compiled for the records of a category and for their rows.
///
/// A row of a child table is asked with its own values in the place of those that the record has under
/// the same elements, so that the second party of a case is judged as its first.
struct PredicatePlan: Sendable {
  /// A condition over the rows of a child table.
  private struct Child: Sendable {
    var condition: CompiledExpression
    /// For every element that the condition reads: its column in the table, or else in the record.
    var sources: [(column: Int, isChild: Bool)]
  }

  /// What the condition reads besides records.
  let clock: ClockReading
  /// Identifiers of the elements that the condition reads.
  let elements: Set<String>
  private let condition: CompiledExpression?
  /// By child table; nil where the rows have none of the condition's elements.
  private let children: [Child?]

  var isAlways: Bool { condition == nil }

  /// - Returns: nil if the predicate does not concern the category.
  init?(
    _ predicate: RecordPredicate, _ catalog: Catalog, _ category: Category, _ what: String
  ) throws(SharingError) {
    switch predicate.reach(category.id) {
    case .never: return nil
    case .always:
      clock = ClockReading()
      elements = []
      condition = nil
      children = category.children.map { _ in nil }
    case .when(let expression):
      clock = ClockReading(expression)
      elements = expression.elementNames
      condition = try Self.compile(expression, catalog, category, what)
      var children: [Child?] = []
      for table in category.children {
        children.append(try Self.child(table, expression, catalog, category, what))
      }
      self.children = children
    }
  }

  private static func compile(
    _ expression: Expression, _ catalog: Catalog, _ category: Category, _ what: String
  ) throws(SharingError) -> CompiledExpression {
    guard !expression.root.holdsReference else {
      throw SharingError(.condition, "\(what) looks at other records")
    }
    do {
      return try CompiledExpression(
        expression, scope: ExpressionScope(catalog: catalog, category: category))
    } catch {
      throw SharingError(.condition, "\(what): \(error.message)")
    }
  }

  private static func child(
    _ table: ChildTable, _ expression: Expression, _ catalog: Catalog, _ category: Category,
    _ what: String
  ) throws(SharingError) -> Child? {
    let names = expression.elementNames
    let carried = table.elements.map(\.element.identifier)
    guard carried.contains(where: names.contains) else { return nil }
    // Only what the condition reads, in the order of the category.
    var reduced = category
    reduced.elements = category.elements.filter { names.contains($0.element.identifier) }
    let sources = reduced.elements.compactMap { entry -> (column: Int, isChild: Bool)? in
      let name = entry.element.identifier
      if let column = carried.firstIndex(of: name) { return (column, true) }
      return category.column(of: name).map { ($0, false) }
    }
    return Child(
      condition: try compile(expression, catalog, reduced, what), sources: sources)
  }

  /// - Parameter rows: At most one entry for each child table.
  func verdicts(
    _ chunk: ElementChunk, _ rows: [SharingRows], context: EvaluationContext,
    scratch: inout ExpressionScratch, report: inout EvaluationReport
  ) -> Verdicts {
    var result = Verdicts(
      own: Array(repeating: .true, count: chunk.recordCount),
      children: children.map { _ in [] })
    if let condition {
      report.add(
        condition.evaluate(chunk, context: context, scratch: &scratch, into: &result.own))
    }
    for list in rows {
      guard let child = children[list.table] else {
        result.children[list.table] = list.owners.map { result.own[Int($0)] }
        continue
      }
      let joined = Self.joined(list, chunk, child.sources)
      report.add(
        child.condition.evaluate(
          joined, context: context, scratch: &scratch, into: &result.children[list.table]))
    }
    return result
  }

  /// The rows with the values of their records beside their own.
  private static func joined(
    _ list: SharingRows, _ chunk: ElementChunk, _ sources: [(column: Int, isChild: Bool)]
  ) -> ElementChunk {
    var result = ElementChunk(
      recordCount: list.rows.recordCount, columnCount: sources.count, text: list.rows.text)
    for (column, source) in sources.enumerated() {
      if source.isChild {
        result.columns[column] = list.rows.columns[source.column]
        continue
      }
      let own = chunk.columns[source.column]
      for (row, owner) in list.owners.enumerated() {
        let owner = Int(owner)
        result.columns[column].numbers[row] = own.numbers[owner]
        result.columns[column].states[row] = own.states[owner]
        if own.texts[owner].isAbsent { continue }
        result.columns[column].texts[row] = result.text.appendText(
          own.texts[owner], from: chunk.text)
      }
    }
    return result
  }

  /// The verdict on every record together with its child rows: true if it holds for one of them, else
  /// unknown if it might.
  static func whole(_ verdicts: Verdicts, _ rows: [SharingRows]) -> [Truth] {
    var result = verdicts.own
    for list in rows {
      for (row, owner) in list.owners.enumerated() {
        result[Int(owner)] = result[Int(owner)].or(verdicts.children[list.table][row])
      }
    }
    return result
  }
}
