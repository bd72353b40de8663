import Catalog
import Pipeline

/// Ways from a definition to those that it names and to those that name it.
extension RulePage {
  /// - Parameter ids: Of the ``RuleBook``.
  func links(_ title: String, _ ids: [String]) -> HTML {
    ids.isEmpty ? "" : "<p><b>\(title)</b> \(links(ids))</p>"
  }

  func links(_ ids: [String]) -> HTML { HTML.joined(ids.map(link), by: of("、", ", ")) }

  /// What has no page stands as it is.
  func link(_ id: String) -> HTML {
    guard let entry = book.entry(id) else { return "\(id)" }
    return "<a href=\"/rules/\(id)\">\(id) \(of(entry.name, entry.english))</a>"
  }

  func ids(ofElements identifiers: [String]) -> [String] {
    identifiers.compactMap { catalog.element($0)?.id }
  }

  /// Definitions that name an element, whatever they say of it.
  func mentions(of identifier: String) -> [String] {
    let rules = catalog.rules.filter { $0.namedElements.contains(identifier) }.map(\.id)
    let authority = catalog.authority.rules.filter { $0.namedElements.contains(identifier) }
      .map(\.id)
    let isMatched = catalog.matching?.namedElements.contains(identifier) ?? false
    let matching = isMatched ? [RuleBook.matchingID] : []
    let items = (catalog.sharing?.items ?? []).filter { item in
      item.scope.contains(identifier) || item.predicate.namedElements.contains(identifier)
    }.map(\.id)
    let conditions = (catalog.sharing?.tierConditions ?? []).filter {
      $0.predicate.namedElements.contains(identifier)
    }.map(\.id)
    return rules + authority + matching + items + conditions
  }

  func systems(delivering identifier: String) -> [String] {
    catalog.adapters.filter { adapter in
      adapter.categories.contains { mapping in
        mapping.constants[identifier] != nil || mapping.generated[identifier] != nil
          || mapping.allColumns.contains { $0.element == identifier }
      }
    }.map(\.system)
  }

  /// For which records something holds.
  func conditions(_ predicate: RecordPredicate) -> HTML {
    let title = of("适用的记录", "Records that are meant")
    let rows: [HTML] = predicate.categories.map { id in
      let condition: HTML =
        predicate.conditions[id].map { "<code>\($0.description)</code>" }
        ?? "\(of("全部记录", "all records"))"
      return "<tr><th scope=\"row\">\(link(id))</th><td>\(condition)</td></tr>"
    }
    return section(
      "records", title,
      table(title, [(of("类别", "category"), false), (of("条件", "condition"), false)], rows))
  }
}

extension Expression {
  /// Identifiers of all elements that it names, of the record itself and of others.
  var namedElements: Set<String> {
    var names: Set<String> = []
    root.visit { node in
      if case .element(let name, _, _) = node { names.insert(name) }
      if case .every(let name, _, _, _) = node { names.insert(name) }
    }
    return names
  }
}

extension Rule {
  var namedElements: Set<String> { holds.namedElements.union(when?.namedElements ?? []) }
}

extension AuthorityRule {
  var namedElements: Set<String> { Set(elements).union(when?.namedElements ?? []) }

  /// Those that it names as owner or after it.
  var systems: [String] {
    ([owner] + fallback).compactMap { source -> String? in
      guard case .system(let code) = source else { return nil }
      return code
    }
  }
}

extension RecordPredicate {
  var namedElements: Set<String> {
    conditions.values.reduce(into: []) { $0.formUnion($1.namedElements) }
  }
}

extension SubjectMatching {
  var namedElements: Set<String> {
    Set(
      [code, number, name]
        + sources.flatMap { $0.names + [$0.code, $0.number].compactMap { $0 } })
  }
}

extension CategoryMapping {
  /// Of records and of the rows inside them.
  var allColumns: [ColumnMapping] { columns + children.flatMap(\.columns) }
}
