import Records
import Testing
import TestSupport

@testable import Catalog
@testable import Validation

/// Random well-typed conditions over random records: the kernels against the naive interpreter.
@Suite struct ExpressionPropertyTests {
  private static let catalog = ConditionMaker.catalog
  private static let category = ConditionMaker.category

  private static func disagreement(_ seed: UInt64) throws -> String? {
    var maker = ConditionMaker(generator: SeededGenerator(seed: seed))
    let tree = maker.condition(3)
    let expression = try Expression.parse(tree.canonicalText)
    let records = (0..<24).map { _ in maker.record() }
    let others = (0..<12).map { _ in maker.record() }
    let scope = ExpressionScope(catalog: catalog, category: category)
    let compiled = try CompiledExpression(expression, scope: scope)
    let lookup = InMemoryRecordLookup(records: [
      "BBB": ExpressionFixture.chunk(others, catalog.categories[1], catalog)
    ])
    var interpreter = ExpressionInterpreter(catalog: catalog, category: category)
    interpreter.records["BBB"] = others.map { record in
      record.filter { catalog.categories[1].column(of: $0.key) != nil }
    }
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
    let chunk = ExpressionFixture.chunk(records, category, catalog)
    for _ in 0..<2 {
      _ = try compiled.evaluate(
        chunk, context: ExpressionFixture.context, scratch: &scratch, lookup: lookup,
        into: &truths)
    }
    for (row, record) in records.enumerated() {
      let expected = interpreter.evaluate(expression, record)
      if truths[row] != expected {
        return "seed \(seed): \(expression.source)\n\(record)\n\(truths[row]), not \(expected)"
      }
    }
    return nil
  }

  /// 13 MB of records with one key took 4.6 GB: all pairs of them were judged at once.
  @Test("Pairs of a key that many records share are judged in slices, and counted all")
  func manyPairs() throws {
    let records: [TestRecord] = (0..<300).map { ["name": "A", "whole": .text("\($0)")] }
    let others: [TestRecord] = (0..<400).map { ["name": "A", "whole": .text("\($0)")] }
    let expression = try Expression.parse(
      "count BBB where (other.name = name & other.whole <= whole) <= 250 "
        + "& exists BBB where (other.name = name & other.whole > whole + 149)")
    let compiled = try CompiledExpression(
      expression, scope: ExpressionScope(catalog: Self.catalog, category: Self.category))
    let lookup = InMemoryRecordLookup(records: [
      "BBB": ExpressionFixture.chunk(others, Self.catalog.categories[1], Self.catalog)
    ])
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
    _ = try compiled.evaluate(
      ExpressionFixture.chunk(records, Self.category, Self.catalog),
      context: ExpressionFixture.context, scratch: &scratch, lookup: lookup, into: &truths)
    #expect(truths == (0..<300).map { $0 + 1 <= 250 && $0 + 149 < 399 ? .true : .false })
    #expect(scratch.nested[0].numbers.allSatisfy { $0.values.count <= 1 << 16 })
  }

  @Test(arguments: 0..<20)
  func kernelsAgreeWithTheInterpreter(block: UInt64) throws {
    for seed in block * 40..<(block + 1) * 40 {
      let disagreement = try Self.disagreement(seed)
      #expect(disagreement == nil)
    }
  }

  @Test(arguments: 0..<4)
  func randomConditionsPassTheChecker(block: UInt64) throws {
    let checker = ExpressionChecker(catalog: Self.catalog, category: "AAA")
    for seed in block * 200..<(block + 1) * 200 {
      var maker = ConditionMaker(generator: SeededGenerator(seed: seed))
      let expression = try Expression.parse(maker.condition(3).canonicalText)
      // Random conditions may well be idle; their types must be right.
      let idle = ["can never be", "itself", "constants", "twice", "lies outside"]
      let problems = checker.checkCondition(expression).filter { problem in
        !idle.contains { problem.message.contains($0) }
      }
      #expect(problems == [], "seed \(seed): \(expression.source)")
    }
  }

  /// What the checker says can never be true (or false) never is.
  @Test(arguments: 0..<4)
  func idleConditionsAreIdle(block: UInt64) throws {
    let checker = ExpressionChecker(catalog: Self.catalog, category: "AAA")
    for seed in block * 300..<(block + 1) * 300 {
      var maker = ConditionMaker(generator: SeededGenerator(seed: seed))
      let expression = try Expression.parse(maker.idleCandidate().canonicalText)
      let messages = checker.checkCondition(expression).filter {
        $0.offset == expression.root.offset
      }
      .map(\.message)
      guard messages.contains(where: { $0.contains("can never be") }) else { continue }
      let isNeverTrue = messages.contains { $0.contains("never be true") }
      let interpreter = ExpressionInterpreter(catalog: Self.catalog, category: Self.category)
      for _ in 0..<60 {
        let truth = interpreter.evaluate(expression, maker.record(withUnlistedCodes: false))
        #expect(truth != (isNeverTrue ? .true : .false), "seed \(seed): \(expression.source)")
      }
    }
  }
}
