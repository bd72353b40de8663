import Catalog
import Records

/// Accuracy: a value keeps the condition of its domain: not in the future (Q29), or in order with
/// other dates of its record (Q22).
struct DomainRuleCheck {
  let column: Int
  let check: Int
  let condition: CompiledExpression

  init?(
    _ element: DataElement, column: Int, _ setup: CheckSetup, _ registry: inout CheckRegistry
  ) throws {
    guard case .holds(let expression) = element.domain else { return nil }
    let scope = ExpressionScope(
      catalog: setup.catalog, category: setup.category, valueElement: element)
    // A bound that this category does not carry is null in every record; what else the expression
    // says still holds.
    self.column = column
    condition = try CompiledExpression(ofOwnRecord: expression, scope: scope)
    check = registry.add(
      element, expression.readsClock ? .q29 : .q22, "order",
      chinese: ConditionWords(setup).requirement(expression),
      english: "a value for which \(expression.source)")
  }
}

/// Completeness: an element that its condition demands is empty (Q12).
struct ConditionalCheck {
  let column: Int
  let check: Int
  let condition: CompiledExpression

  init?(
    _ entry: CategoryElement, column: Int, _ setup: CheckSetup, _ registry: inout CheckRegistry
  ) throws {
    guard case .conditional(let expression) = entry.obligation else { return nil }
    self.column = column
    condition = try CompiledExpression(
      ofOwnRecord: expression,
      scope: ExpressionScope(catalog: setup.catalog, category: setup.category))
    check = registry.add(
      CheckDescription(
        issue: entry.isKey ? .q14 : .q12, rule: "\(entry.element.id).conditional",
        element: entry.element.identifier, severity: .return,
        expectedChinese: "\(ConditionWords(setup).condition(expression))时必填",
        expectedEnglish: "a value where \(expression.source)", tier: entry.element.tier))
  }
}

extension Expression {
  /// Identifiers of the record's own elements that the expression reads.
  package var elementNames: Set<String> {
    var names: Set<String> = []
    root.visit { node in
      if case .element(let name, isOther: false, _) = node { names.insert(name) }
    }
    return names
  }

  /// Whether the expression compares with the date or moment of the run.
  var readsClock: Bool {
    var reads = false
    root.visit { node in
      switch node {
      case .today, .night, .now: reads = true
      default: break
      }
    }
    return reads
  }
}
