import Catalog

extension Linter {
  func checkRules() {
    for rule in catalog.rules {
      let path = DefinitionPath.rule(rule.id)
      guard let category = category(rule.category, at: places.place(path.at("category")), "rules")
      else { continue }
      let scope = Scope(category: category.id, parameters: rule.parameters, mayRefer: true)
      check(rule.holds, at: path.at("holds"), scope, "rule \(rule.id)")
      if let when = rule.when { check(when, at: path.at("when"), scope, "rule \(rule.id)") }
      checkKind(of: rule, path)
      checkCircle(of: rule, path)
      checkParameters(of: rule, category, path)
      if rule.version < 1 {
        log.report(
          .outOfRange, at: places.place(path.at("version")),
          "rule \(rule.id): the version is \(rule.version), expected 1 or more")
      }
    }
  }

  private func checkKind(of rule: Rule, _ path: DefinitionPath) {
    let paths = [path.at("holds"), path.at("when")]
    guard definitions.broken.isDisjoint(with: paths) else { return }
    let looksElsewhere = rule.holds.root.holdsReference || rule.when?.root.holdsReference == true
    guard looksElsewhere == (rule.kind == .inRecord) else { return }
    log.report(
      .kindOfRule, at: places.place(path.at("kind")),
      looksElsewhere
        ? "rule \(rule.id) looks at other records and its kind is in-record; "
          + "expected reference or cross-system"
        : "rule \(rule.id) looks only at its own record and its kind is \(rule.kind.rawValue); "
          + "expected in-record")
  }

  private func checkCircle(of rule: Rule, _ path: DefinitionPath) {
    guard rule.kind == .reference, rule.severity >= .return else { return }
    let circle = LoadOrder(catalog).circle
    let targets = rule.holds.root.referencedCategories.union(
      rule.when?.root.referencedCategories ?? [])
    guard circle.contains(rule.category), !targets.isDisjoint(with: circle) else { return }
    log.report(
      .waitingInCircle, at: places.place(path.at("holds")),
      "rule \(rule.id): records of \(circle.joined(separator: ", ")) would wait for each other; "
        + "references of severity return must not lead in a circle")
  }

  private func checkParameters(of rule: Rule, _ category: Category, _ path: DefinitionPath) {
    var used = rule.holds.root.parameterNames
    if let when = rule.when { used.formUnion(when.root.parameterNames) }
    let isBroken = !definitions.broken.isDisjoint(
      with: [path.at("holds"), path.at("when")])
    let given = rule.parameters.values.flatMap(\.keys)
    for system in rule.parameters.keys.sorted() {
      let key = system.isEmpty ? "parameters" : "parameters-by-system"
      let place = places.place(path.at(key))
      if !system.isEmpty { self.system(system, at: place, "rule \(rule.id)") }
      for name in (rule.parameters[system] ?? [:]).keys.sorted() where !used.contains(name) {
        guard !isBroken else { continue }
        log.report(
          .unusedParameter, at: place,
          "rule \(rule.id): parameter \"\(name)\" is not used as $\(name); use it or remove it",
          suggestion: nearest(to: name, among: used.subtracting(given)))
      }
    }
    checkDefaults(of: rule, used, category, path)
  }

  /// A parameter without a default has a value for every system that delivers the category.
  private func checkDefaults(
    of rule: Rule, _ used: Set<String>, _ category: Category, _ path: DefinitionPath
  ) {
    for name in used.sorted() where rule.parameters[""]?[name] == nil {
      let given = rule.parameters.filter { $0.value[name] != nil }.map(\.key)
      let missing = category.deliveredBy.filter { !given.contains($0) }
      guard !given.isEmpty, !missing.isEmpty else { continue }
      log.report(
        .unknownParameter, at: places.place(path.at("parameters-by-system")),
        "rule \(rule.id): parameter \"\(name)\" has no value for \(missing.joined(separator: ", "))"
          + "; give a default under \"parameters\"")
    }
  }
}
