import Catalog
import Records

/// A rule between the elements of a record.
struct RuleCheck {
  let check: Int
  let when: CompiledExpression?
  let holds: CompiledExpression
  /// Column whose value is shown; the first element that the rule names.
  let shown: Int?

  init(_ rule: Rule, system: String, _ setup: CheckSetup, _ registry: inout CheckRegistry) throws {
    let scope = ExpressionScope(
      catalog: setup.catalog, category: setup.category, parameters: rule.parameters(for: system))
    when = try rule.when.map { expression throws(ExpressionError) in
      try CompiledExpression(expression, scope: scope)
    }
    holds = try CompiledExpression(rule.holds, scope: scope)
    var names = rule.holds.elementNames
    if let condition = rule.when { names.formUnion(condition.elementNames) }
    let columns = names.compactMap { setup.category.column(of: $0) }
    shown = rule.holds.elementNames.compactMap { setup.category.column(of: $0) }.min()
    check = registry.add(
      CheckDescription(
        issue: rule.issue, rule: rule.id, version: rule.version,
        element: shown.map { setup.category.elements[$0].element.identifier },
        severity: rule.severity, expectedChinese: rule.name, expectedEnglish: rule.english,
        tier: columns.map { setup.category.elements[$0].element.tier }.max() ?? .restricted))
  }

  func run(
    _ chunk: ElementChunk, _ isSkipped: [Bool], _ context: EvaluationContext,
    _ scratch: inout ExpressionScratch, _ truths: inout [Truth], _ findings: inout [Finding]
  ) {
    _ = holds.evaluate(chunk, context: context, scratch: &scratch, into: &truths)
    let failed = failedRows(truths, isSkipped, chunk.recordCount)
    guard !failed.isEmpty else { return }
    if let when {
      _ = when.evaluate(chunk, context: context, scratch: &scratch, into: &truths)
    }
    report(failed, chunk, truths, &findings)
  }

  func failedRows(_ truths: [Truth], _ isSkipped: [Bool], _ count: Int) -> [Int] {
    var failed: [Int] = []
    for row in 0..<count where truths[row] == .false && !isSkipped[row] { failed.append(row) }
    return failed
  }

  /// - Parameter truths: Of the rule's condition, if it has one.
  private func report(
    _ failed: [Int], _ chunk: ElementChunk, _ truths: [Truth], _ findings: inout [Finding]
  ) {
    for row in failed where when == nil || truths[row] == .true {
      let value = shown.map { chunk.columns[$0].texts[row] } ?? .absent
      findings.append(Finding(row: row, check: check, value: value))
    }
  }
}
