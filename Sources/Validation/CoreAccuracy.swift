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
      ofOwnRecord: expression,
      scope: ExpressionScope(catalog: setup.catalog, category: setup.category))
    columns = setup.category.elements.indices.filter {
      setup.category.elements[$0].element.core.contains(definition.domain)
    }
    elements = Set(columns.map { setup.category.elements[$0].element.identifier })
  }
}

extension Catalog {
  /// What core accuracy looks at in a category: its core elements, and what their checks and the domains'
  /// predicates read beside them. Nothing is required, nothing is moved, no rule between elements holds,
  /// so that a validator of it judges values by themselves (semantics.md §2).
  ///
  /// - Returns: The category, and a catalog that has it in the place of the whole one; nil if no record of
  ///   the category belongs to a core domain, or none of its elements is core.
  package func coreOnly(_ category: Category) -> (catalog: Catalog, category: Category)? {
    var names: Set<String> = []
    for domain in coreDomains {
      guard let predicate = domain.records[category.id] else { continue }
      for element in category.elements.map(\.element) where element.core.contains(domain.domain) {
        names.formUnion(element.namesOfChecks(in: category))
        names.formUnion(predicate.elementNames)
      }
    }
    guard !names.isEmpty else { return nil }
    var reduced = category
    reduced.elements = category.elements.filter { names.contains($0.element.identifier) }.map {
      CategoryElement(element: $0.element, obligation: .optional, isKey: $0.isKey)
    }
    reduced.moves = []
    var catalog = self
    catalog.rules = []
    catalog.categories = categories.map { $0.id == category.id ? reduced : $0 }
    // A domain of which the category has no core element has nothing to count here.
    for index in coreDomains.indices {
      let domain = coreDomains[index].domain
      guard !category.elements.contains(where: { $0.element.core.contains(domain) }) else {
        continue
      }
      catalog.coreDomains[index].records[category.id] = nil
    }
    return (catalog, reduced)
  }
}

extension DataElement {
  /// Identifiers of the element and of those that its own checks read.
  fileprivate func namesOfChecks(in category: Category) -> Set<String> {
    var names: Set = [identifier]
    switch domain {
    case .codeList: names.insert(category.eventTime)
    case .check: if let name = IdentifierTest.companion(of: self) { names.insert(name) }
    case .range(let lower, let upper):
      for case .element(let name, _)? in [lower, upper] { names.insert(name) }
    case .holds(let expression): names.formUnion(expression.elementNames)
    case .pattern, .anyDate, .freeText: break
    }
    return names
  }
}
