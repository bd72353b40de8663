package import Catalog
package import Records
package import Validation

/// What of the clock an expression reads.
package struct ClockReading: Sendable, Hashable {
  /// Of a decision that is made once a day.
  package private(set) var readsDay = false
  package private(set) var readsHour = false

  package init() {}

  package init(_ expression: Expression) {
    expression.root.visit { node in
      switch node {
      case .today, .night: readsDay = true
      case .now: readsHour = true
      default: break
      }
    }
  }
}

/// Which decisions become others although no record changed.
///
/// A decision follows from the record, its rows, the policy and what predicates read of the clock. So it
/// stays what it was where every predicate that reads the day says the same on both days.
extension SharingPlan {
  private var predicates: [PredicatePlan] { conditions.map(\.predicate) + items.map(\.predicate) }

  private var dated: [PredicatePlan] { predicates.filter(\.clock.readsDay) }

  /// Whether decisions depend on the day.
  package var readsDay: Bool { !dated.isEmpty }

  /// Whether decisions depend on the hour, so that nothing made earlier can be relied on.
  package var readsHour: Bool { predicates.contains(where: \.clock.readsHour) }

  private var datedElements: Set<String> { dated.reduce(into: []) { $0.formUnion($1.elements) } }

  /// Columns that ``moved(_:rows:from:to:scratch:)`` must be given.
  package var datedColumns: [Int] {
    let names = datedElements
    return own.columns.indices.filter { names.contains(own.columns[$0].element.identifier) }
  }

  /// As ``datedColumns``, of a child table.
  package func datedColumns(ofTable table: Int) -> [Int] {
    let names = datedElements
    let columns = children[table].columns
    return columns.indices.filter { names.contains(columns[$0].element.identifier) }
  }

  /// Which records may be decided about differently on two days.
  ///
  /// - Parameters:
  ///   - chunk: Records of the category with the ``datedColumns``.
  ///   - rows: Their child rows, at most one entry for each table.
  /// - Returns: By record.
  package func moved(
    _ chunk: ElementChunk, rows: [SharingRows] = [], from old: EvaluationContext,
    to new: EvaluationContext, scratch: inout SharingScratch
  ) -> [Bool] {
    var result = Array(repeating: false, count: chunk.recordCount)
    var report = EvaluationReport()
    for predicate in dated {
      let before = predicate.verdicts(
        chunk, rows, context: old, scratch: &scratch.expressions, report: &report)
      let after = predicate.verdicts(
        chunk, rows, context: new, scratch: &scratch.expressions, report: &report)
      for row in result.indices where before.own[row] != after.own[row] { result[row] = true }
      for list in rows {
        for (row, owner) in list.owners.enumerated()
        where before.children[list.table][row] != after.children[list.table][row] {
          result[Int(owner)] = true
        }
      }
    }
    return result
  }
}
