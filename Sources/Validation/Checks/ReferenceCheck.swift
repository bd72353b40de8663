package import Catalog
import Records

/// A rule between a record and others, and how the others are found.
package struct ReferenceRule: Sendable {
  package let id: String
  /// Index of its description.
  package let check: Int
  package let kind: Rule.Kind
  package let severity: Severity
  /// Own columns that the rule reads, ascending.
  package let columns: [Int]
  /// In the order of the text.
  package let references: [CompiledReference]
  /// Only for records that fulfil this; its references stand behind those of the rule.
  package let whenReferences: [CompiledReference]
  /// Days on which the rule may begin to apply, for a rule that waits for a day; nil for others.
  let dueDay: CompiledDueDay?

  /// Whether a record waits for the record that it lacks, and is returned if that does not come.
  package var waits: Bool { kind == .reference && severity >= .return }
  /// Whether a record that breaks the rule is returned at once.
  package var returns: Bool { kind != .reference && severity >= .return }
  /// All clauses that look for other records.
  package var allReferences: [CompiledReference] { references + whenReferences }
}

/// A record of another category that a rule asks for, by its key.
package struct MissingTarget: Sendable, Hashable {
  package var category: String
  /// Identifiers, in the order of the clause.
  package var elements: [String]
  /// Texts, one per element.
  package var values: [[UInt8]]
}

/// A record that breaks a rule between records.
package struct ReferenceFinding: Sendable {
  /// Its `expected` is absent.
  package var finding: Finding
  /// What was looked for: what found nothing, or everything where there is something that does not
  /// fit. Empty where the rule does not ask for a record to exist.
  package var targets: [MissingTarget]
  /// Everything that was looked for: what the record waits for.
  package var wanted: [MissingTarget]

  package init(finding: Finding, targets: [MissingTarget] = [], wanted: [MissingTarget] = []) {
    self.finding = finding
    self.targets = targets
    self.wanted = wanted
  }
}

/// A compiled rule between records.
struct ReferenceCheck {
  let rule: ReferenceRule
  private let check: RuleCheck

  init(_ rule: Rule, system: String, _ setup: CheckSetup, _ registry: inout CheckRegistry) throws {
    check = try RuleCheck(rule, system: system, setup, &registry)
    var names = rule.holds.elementNames
    if let when = rule.when { names.formUnion(when.elementNames) }
    let scope = ExpressionScope(
      catalog: setup.catalog, category: setup.category, parameters: rule.parameters(for: system))
    self.rule = ReferenceRule(
      id: rule.id, check: check.check, kind: rule.kind, severity: rule.severity,
      columns: names.compactMap { setup.category.column(of: $0) }.sorted(),
      references: check.holds.references, whenReferences: check.when?.references ?? [],
      dueDay: try rule.when.flatMap { when throws(ExpressionError) in
        try CompiledDueDay(when, scope: scope)
      })
  }

  func run(
    _ chunk: ElementChunk, _ isSkipped: [Bool], _ context: EvaluationContext,
    _ scratch: inout ExpressionScratch, _ truths: inout [Truth], lookup: some RecordLookup,
    _ findings: inout [ReferenceFinding]
  ) throws {
    var isLeftOut = isSkipped
    // Records to which the rule does not apply need no look-up.
    if let when = check.when {
      _ = try when.evaluate(
        chunk, context: context, scratch: &scratch, lookup: lookup, into: &truths)
      for row in 0..<chunk.recordCount where truths[row] != .true { isLeftOut[row] = true }
      guard isLeftOut.contains(false) else { return }
    }
    let found = try check.holds.candidates(
      chunk, leaving: isLeftOut, context: context, scratch: &scratch, lookup: lookup)
    _ = check.holds.evaluate(
      chunk, context: context, scratch: &scratch, candidates: found, into: &truths)
    for row in check.failedRows(truths, isLeftOut, chunk.recordCount) {
      let value = check.shown.map { chunk.columns[$0].texts[row] } ?? .absent
      let targets = rule.kind == .reference ? targets(row, found) : ([], [])
      findings.append(
        ReferenceFinding(
          finding: Finding(row: row, check: check.check, value: value), targets: targets.0,
          wanted: targets.1))
    }
  }

  /// What was looked for: what is to be named, and everything.
  private func targets(
    _ row: Int, _ found: [ReferenceCandidates]
  ) -> ([MissingTarget], [MissingTarget]) {
    var missing: [MissingTarget] = []
    var all: [MissingTarget] = []
    var known = Set<MissingTarget>()
    for (reference, candidates) in zip(rule.references, found) {
      for (probe, isFound) in candidates.probes(of: row) {
        let target = MissingTarget(
          category: reference.category, elements: reference.keyElements,
          values: candidates.probes.texts(probe))
        guard known.insert(target).inserted else { continue }
        all.append(target)
        if !isFound { missing.append(target) }
      }
    }
    return (missing.isEmpty ? all : missing, all)
  }
}

/// The day on which a condition of the form `… & a < today & …` may become true for a record.
struct CompiledDueDay: Sendable {
  private let program: ExpressionProgram
  private let operand: ExpressionProgram.NumberOperand
  /// Days after the value on which the comparison holds: 1 for `<`, 0 for `<=`.
  private let delay: Int64

  /// - Returns: nil if the condition does not compare anything with today.
  init?(_ condition: Expression, scope: ExpressionScope) throws(ExpressionError) {
    var parts = [condition.root]
    if case .and(let nodes, _) = condition.root { parts = nodes }
    for part in parts {
      guard case .comparison(let operands, let operators, _) = part, operands.count == 2,
        let found = Self.limit(operands[0], operators[0], operands[1])
      else { continue }
      var compiler = ExpressionCompiler(scope: scope)
      let value = try compiler.value(found.limit)
      guard value.type == .date || value.type == .dateTime else { continue }
      operand = try compiler.day(value, found.limit)
      program = compiler.program
      delay = found.delay
      return
    }
    return nil
  }

  private static func limit(
    _ left: Expression.Node, _ sign: Expression.ComparisonOperator, _ right: Expression.Node
  ) -> (limit: Expression.Node, delay: Int64)? {
    switch (sign, left, right) {
    case (.less, _, .today): (left, 1)
    case (.lessOrEqual, _, .today): (left, 0)
    case (.greater, .today, _): (right, 1)
    case (.greaterOrEqual, .today, _): (right, 0)
    default: nil
    }
  }

  /// Days since 1970-01-01 by record; nil where the record has no such day.
  func days(
    _ chunk: ElementChunk, _ context: EvaluationContext, _ scratch: inout ExpressionScratch
  ) -> [Int64?] {
    var machine = ExpressionMachine(chunk: chunk, context: context)
    machine.run(program, &scratch)
    defer { scratch.release() }
    switch machine.number(operand, scratch) {
    case .column(let values, let states):
      return (0..<chunk.recordCount).map { states[$0] == .present ? values[$0] + delay : nil }
    case .scalar(let value): return Array(repeating: value + delay, count: chunk.recordCount)
    case .null: return Array(repeating: nil, count: chunk.recordCount)
    }
  }
}
