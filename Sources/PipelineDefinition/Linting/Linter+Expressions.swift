import Catalog

extension Linter {
  /// What an expression may name.
  struct Scope {
    /// Category of the own record; nil for any.
    var category: String?
    var valueElement: DataElement?
    var parameters: [String: [String: String]] = [:]
    /// Whether other records may be looked at; that they may not is said here unless the caller says it.
    var mayRefer = false
  }

  /// Reports everything that is wrong with a condition.
  ///
  /// Names are looked up here, so that each kind of mistake has its code; types, codes and
  /// conditions that decide nothing are the checker's.
  func check(
    _ expression: Expression, at path: DefinitionPath, _ scope: Scope, _ what: String
  ) {
    guard !definitions.broken.contains(path) else { return }
    let checker = ExpressionChecker(
      catalog: catalog, category: scope.category, valueElement: scope.valueElement,
      parameters: scope.parameters)
    if !scope.mayRefer, expression.root.holdsReference {
      log.report(
        .looksElsewhere, at: places.place(path),
        "\(what) looks at other records; it is decided by the record itself")
    }
    var reported = checkNames(expression, checker, path, scope, what)
    reported.formUnion(checkReferences(expression.root, path, scope, what))
    for problem in checker.checkCondition(expression) where !reported.contains(problem.offset) {
      let decidesNothing = problem.message.hasPrefix("the condition can never be")
      log.report(
        decidesNothing ? .impossibleCondition : .expressionMeaning,
        at: places.place(path, offset: problem.offset), "\(what): \(problem.message)",
        suggestion: problem.suggestion)
    }
    if expression.root.needsCalendar, definitions.years.isEmpty {
      log.report(
        .calendarNeeded, at: places.place(path),
        "\(what): working days are counted and there is no calendar; add catalog/calendar")
    }
  }

  /// - Returns: Offsets of names that were reported.
  private func checkNames(
    _ expression: Expression, _ checker: ExpressionChecker, _ path: DefinitionPath, _ scope: Scope,
    _ what: String
  ) -> Set<Int> {
    var reported: Set<Int> = []
    for use in checker.elements(in: expression) {
      let place = places.place(path, offset: use.offset)
      let category = use.otherCategory ?? scope.category
      if elements[use.identifier] == nil {
        let own = category.flatMap { categories[$0] }?.elements.map(\.element.identifier) ?? []
        let near = nearest(to: use.identifier, among: own)
        log.report(
          .unknownElement, at: place,
          "\(what): element \"\(use.identifier)\" does not exist; define it or correct the name",
          suggestion: near ?? nearest(to: use.identifier, among: elements.keys))
        reported.insert(use.offset)
      } else if let category = category.flatMap({ categories[$0] }),
        carried(use.identifier, by: category, at: place, what) == nil
      {
        reported.insert(use.offset)
      }
    }
    return reported
  }

  /// Categories and parameters.
  private func checkReferences(
    _ node: Expression.Node, _ path: DefinitionPath, _ scope: Scope, _ what: String
  ) -> Set<Int> {
    var reported: Set<Int> = []
    let place = places.place(path, offset: node.offset)
    switch node {
    case .exists(let category, _, let offset), .count(let category, _, let offset),
      .every(_, let category, _, let offset):
      if self.category(category, at: place, what) == nil { reported.insert(offset) }
    case .parameter(let name, let offset):
      let given = Set(scope.parameters.values.flatMap(\.keys))
      if !given.contains(name) {
        log.report(
          .unknownParameter, at: place,
          "\(what): parameter \"$\(name)\" has no value; give one under \"parameters\"",
          suggestion: nearest(to: name, among: given))
        reported.insert(offset)
      }
    default: break
    }
    for child in node.children {
      reported.formUnion(checkReferences(child, path, scope, what))
    }
    return reported
  }
}

extension Expression.Node {
  /// Names of the parameters in the node.
  var parameterNames: Set<String> {
    if case .parameter(let name, _) = self { return [name] }
    return children.reduce(into: []) { $0.formUnion($1.parameterNames) }
  }
}
