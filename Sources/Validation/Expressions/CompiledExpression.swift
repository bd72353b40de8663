package import Catalog
package import Records

/// What the names in an expression stand for when it is compiled.
package struct ExpressionScope: Sendable {
  package var catalog: Catalog
  /// The category whose chunks are evaluated.
  package var category: Category
  /// What `value` stands for; it must be an element of the category.
  package var valueElement: DataElement?
  /// Values of `$name` for the system whose records are evaluated.
  package var parameters: [String: String]

  package init(
    catalog: Catalog, category: Category, valueElement: DataElement? = nil,
    parameters: [String: String] = [:]
  ) {
    self.catalog = catalog
    self.category = category
    self.valueElement = valueElement
    self.parameters = parameters
  }
}

extension Rule {
  /// The rule's parameters as they hold for `system`.
  package func parameters(for system: String) -> [String: String] {
    (parameters[""] ?? [:]).merging(parameters[system] ?? [:]) { _, own in own }
  }
}

/// A condition ready to be evaluated over chunks of one category.
///
/// The expression must have passed ``ExpressionChecker``. Parameters are constants of the compiled
/// form: compile once per system that has parameters of its own.
package struct CompiledExpression: Sendable {
  package let expression: Expression
  /// The `exists`, `count` and `every` clauses, in the order of the text.
  package let references: [CompiledReference]
  let program: ExpressionProgram

  /// - Throws: ``ExpressionError`` for what ``ExpressionChecker`` would have reported.
  package init(_ expression: Expression, scope: ExpressionScope) throws(ExpressionError) {
    var compiler = ExpressionCompiler(scope: scope)
    self.expression = expression
    program = try compiler.condition(expression.root)
    references = compiler.references
  }

  /// A condition that is decided by the record itself, and evaluated without a look-up.
  ///
  /// - Throws: ``ExpressionError`` also where it looks at other records.
  init(ofOwnRecord expression: Expression, scope: ExpressionScope) throws(ExpressionError) {
    try self.init(expression, scope: scope)
    guard references.isEmpty else {
      throw ExpressionError(
        offset: 0, message: "it looks at other records, expected a condition on the record itself")
    }
  }

  /// Evaluates the condition for every record of `chunk`.
  ///
  /// - Parameters:
  ///   - chunk: Records of the category the condition was compiled for.
  ///   - scratch: Buffers; reused from call to call, they cost no allocation.
  ///   - candidates: One per reference, from the probes of ``CompiledReference``.
  ///   - result: Replaced by one truth per record.
  /// - Returns: What could not be decided although values were there.
  /// - Precondition: `candidates` has an entry for every reference.
  package func evaluate(
    _ chunk: ElementChunk, context: EvaluationContext, scratch: inout ExpressionScratch,
    candidates: [ReferenceCandidates] = [], into result: inout [Truth]
  ) -> EvaluationReport {
    precondition(candidates.count >= references.count, "a reference has no candidates")
    var machine = ExpressionMachine(chunk: chunk, context: context)
    machine.references = references
    machine.candidates = candidates
    machine.run(program, &scratch)
    scratch.release()
    result.removeAll(keepingCapacity: true)
    result.append(contentsOf: scratch.truths[program.result][..<chunk.recordCount])
    return machine.report
  }

  /// As ``evaluate(_:context:scratch:candidates:into:)``, asking `lookup` for other records.
  package func evaluate(
    _ chunk: ElementChunk, context: EvaluationContext, scratch: inout ExpressionScratch,
    lookup: some RecordLookup, into result: inout [Truth]
  ) throws -> EvaluationReport {
    let candidates = try candidates(chunk, context: context, scratch: &scratch, lookup: lookup)
    return evaluate(
      chunk, context: context, scratch: &scratch, candidates: candidates, into: &result)
  }

  /// The candidates of every reference for the records of `chunk`.
  ///
  /// - Parameter isLeftOut: Records for which nothing is looked up; nil for none.
  func candidates(
    _ chunk: ElementChunk, leaving isLeftOut: [Bool]? = nil, context: EvaluationContext,
    scratch: inout ExpressionScratch, lookup: some RecordLookup
  ) throws -> [ReferenceCandidates] {
    var result: [ReferenceCandidates] = []
    for reference in references {
      var probes = reference.probes(chunk, context: context, scratch: &scratch)
      if let isLeftOut { probes = probes.leaving(isLeftOut) }
      result.append(try lookup.candidates(for: reference, probes: probes))
    }
    return result
  }
}
