import Records
import TestSupport

@testable import Catalog
@testable import ConditionWitness
@testable import Validation

/// Any text as a condition: its printed form is the same condition, and where the checker has nothing
/// to say against its types, the kernels give what the naive interpreter gives.
enum ExpressionFuzzing {
  private static let catalog = ConditionMaker.catalog
  private static let category = ConditionMaker.catalog.categories[0]
  private static let checker = ExpressionChecker(catalog: catalog, category: category.id)

  static func run(_ input: FuzzInput) {
    guard let text = String(validating: input.bytes, as: UTF8.self),
      let expression = try? Expression.parse(text)
    else { return }
    let printed = expression.canonicalText
    guard let again = try? Expression.parse(printed) else {
      expect(false, "«\(printed)» of «\(text)» can be read")
      return
    }
    expect(again.canonicalText == printed, "«\(printed)» is printed as itself")
    expect(
      shape(again.root) == shape(expression.root), "«\(printed)» is the same tree as «\(text)»")
    let problems = checker.checkCondition(expression)
    for problem in problems {
      expect((0...text.utf8.count).contains(problem.offset), "a problem lies in the text")
    }
    // The compiler refuses what the checker reports.
    let scope = ExpressionScope(catalog: catalog, category: category)
    guard problems.isEmpty else {
      _ = try? CompiledExpression(expression, scope: scope)
      return
    }
    do throws(ExpressionError) {
      let compiled = try CompiledExpression(expression, scope: scope)
      compare(compiled, seed: UInt64(input.options) << 8 | UInt64(input.cut))
    } catch {
      // The checker does not reckon in the units in which numbers are compared.
      expect(
        error.message == "the number is too large",
        "«\(text)» passes the checker and not the compiler: \(error)")
    }
  }

  /// The tree without offsets.
  private static func shape(_ node: Expression.Node) -> String {
    let own =
      node.children.isEmpty ? node.canonicalText : "\(node)".prefix { $0 != "(" }.description
    return "\(own)(\(node.children.map(shape).joined(separator: ",")))"
  }

  private static func compare(_ compiled: CompiledExpression, seed: UInt64) {
    var maker = ConditionMaker(generator: SeededGenerator(seed: seed))
    let records = (0..<3).map { _ in maker.record() }
    let others = (0..<2).map { _ in maker.record() }
    let second = catalog.categories[1]
    let lookup = InMemoryRecordLookup(records: [
      second.id: ExpressionFixture.chunk(others, second, catalog)
    ])
    var interpreter = ExpressionInterpreter(catalog: catalog, category: category)
    interpreter.records[second.id] = others.map { record in
      record.filter { second.column(of: $0.key) != nil }
    }
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
    let chunk = ExpressionFixture.chunk(records, category, catalog)
    _ = try? compiled.evaluate(
      chunk, context: ExpressionFixture.context, scratch: &scratch, lookup: lookup, into: &truths)
    for (row, record) in records.enumerated() {
      let expected = interpreter.evaluate(compiled.expression, record)
      expect(
        truths[row] == expected,
        "«\(compiled.expression.source)» of \(record) is \(truths[row]), not \(expected)")
    }
  }
}
