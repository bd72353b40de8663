/// The order in which categories are loaded, so that what a record waits for comes before it.
package struct LoadOrder: Sendable, Equatable {
  /// Ids of categories, targets first, otherwise in the order of the catalog; those of ``circle`` last.
  package let categories: [String]
  /// Ids of categories whose records would wait for each other: references of severity `return` lead
  /// from each of them back to it, or into such a circle.
  package let circle: [String]

  package init(_ catalog: Catalog) {
    var targets: [String: Set<String>] = [:]
    for rule in catalog.rules where rule.kind == .reference && rule.severity >= .return {
      for expression in [rule.when, rule.holds].compactMap({ $0 }) {
        targets[rule.category, default: []].formUnion(expression.root.referencedCategories)
      }
    }
    var ordered: [String] = []
    var rest = catalog.categories.map(\.id)
    while !rest.isEmpty {
      let ready = rest.filter { id in !rest.contains { targets[id]?.contains($0) ?? false } }
      guard !ready.isEmpty else { break }
      ordered += ready
      rest.removeAll { ready.contains($0) }
    }
    categories = ordered + rest
    circle = rest
  }
}

extension Expression.Node {
  /// Categories of the records that the node asks for.
  package var referencedCategories: Set<String> {
    var names = children.reduce(into: Set<String>()) { $0.formUnion($1.referencedCategories) }
    switch self {
    case .exists(let name, _, _), .count(let name, _, _), .every(_, let name, _, _):
      names.insert(name)
    default: break
    }
    return names
  }
}
