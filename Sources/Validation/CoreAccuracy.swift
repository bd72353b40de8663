package import Catalog

/// How many values of core elements were looked at and how many failed, by core domain. Adds up over
/// chunks, deliveries and nights.
package struct CoreAccuracy: Sendable, Equatable {
  package struct Count: Sendable, Equatable {
    package var checked = 0
    package var failed = 0

    package init() {}

    package mutating func add(_ other: Self) {
      checked += other.checked
      failed += other.failed
    }

    /// 1 − failed ÷ checked; nil where nothing was checked.
    package var accuracy: Double? {
      checked == 0 ? nil : 1 - Double(failed) / Double(checked)
    }
  }

  package var counts: [CoreDomain: Count] = [:]

  package init() {}

  package mutating func add(_ other: Self) {
    for (domain, count) in other.counts { counts[domain, default: Count()].add(count) }
  }
}

/// Which records of a category belong to a core domain, and which of their elements are core.
struct CoreDomainTest {
  let domain: CoreDomain
  let condition: CompiledExpression
  let columns: [Int]
  let elements: Set<String>

  /// - Returns: nil if no record of the category belongs to the domain.
  init?(_ definition: CoreDomainDefinition, _ setup: CheckSetup) throws {
    guard let expression = definition.records[setup.category.id] else { return nil }
    domain = definition.domain
    condition = try CompiledExpression(
      expression, scope: ExpressionScope(catalog: setup.catalog, category: setup.category))
    columns = setup.category.elements.indices.filter {
      setup.category.elements[$0].element.core.contains(definition.domain)
    }
    elements = Set(columns.map { setup.category.elements[$0].element.identifier })
  }
}
