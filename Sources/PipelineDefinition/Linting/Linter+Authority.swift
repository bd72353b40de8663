import Catalog

extension Linter {
  func checkAuthority() {
    checkAgencies()
    for entity in catalog.authority.entities { check(entity) }
    for rule in catalog.authority.rules { check(rule) }
    checkOverlaps()
  }

  // MARK: Agencies

  private func checkAgencies() {
    let authority = catalog.authority
    guard places.contains(.agencies) else { return }
    let path = DefinitionPath.agencies
    let what = "agencies"
    guard
      let category = category(
        authority.agencyCategory, at: places.place(path.at("category")), what),
      let element = carried(
        authority.agencyElement, by: category, at: places.place(path.at("element")), what)
    else { return }
    for home in authority.agencyHomes {
      let place = places.place(path.at("homes", home.agency))
      system(home.system, at: places.place(path.at("homes", home.agency, "system")), what)
      guard let objection = element.objection(to: home.agency, in: catalog) else { continue }
      log.report(
        .invalidConstant, at: place,
        "\(what): \(objection.message), which element \"\(element.identifier)\" demands; "
          + "correct the value",
        suggestion: objection.near)
    }
  }

  // MARK: Entities

  private func check(_ entity: GoldenEntity) {
    let path = DefinitionPath.entity(entity.id)
    let what = "entity \(entity.id)"
    if !entity.id.isName {
      log.report(
        .invalidIdentifier, at: places.place(path),
        "\(what): the id is not made of letters, digits and _; choose another one")
    }
    guard
      let category = category(entity.category, at: places.place(path.at("category")), what)
    else { return }
    if let when = entity.when { checkOwn(when, at: path.at("when"), category, what) }
    for name in entity.matchKey {
      let place = places.place(path.at("match-key", name))
      guard let element = carried(name, by: category, at: place, "\(what), match-key"),
        // What the category itself is told apart by holds one value there.
        element.isMultiValued, !category.entityKey.contains(name)
      else { continue }
      log.report(
        .invalidMatchKey, at: place,
        "\(what): element \"\(name)\" may have several values and tells nothing apart; "
          + "name another")
    }
    for copy in entity.copiedTo {
      let place = places.place(path.at("copied-to", copy))
      guard let target = self.category(copy, at: place, "\(what), copied-to") else { continue }
      for name in entity.matchKey { carried(name, by: target, at: place, "\(what), copied-to") }
    }
    checkStrategies(of: entity, category, path)
    checkChildRows(of: entity, category, path)
  }

  private func checkStrategies(
    of entity: GoldenEntity, _ category: Category, _ path: DefinitionPath
  ) {
    var owners: [String: String] = [:]
    for rule in catalog.authority.rules(for: entity.id) {
      for name in rule.elements { owners[name] = "rule \(rule.id)" }
    }
    for (index, strategy) in entity.strategies.enumerated() {
      let what = "strategy \(strategy.kind.rawValue) of \(entity.id)"
      for name in Set(strategy.elements).sorted() {
        let place = places.place(path.at("strategies", String(index), "elements", name))
        guard let element = carried(name, by: category, at: place, what) else { continue }
        if let owner = owners[name] {
          log.report(
            .decidedTwice, at: place,
            "\(what): element \"\(name)\" is decided by \(owner) already; remove it from one")
        }
        owners[name] = "another strategy"
        if let expected = strategy.kind.objection(to: element) {
          log.report(
            .strategyOfType, at: place,
            "\(what): element \"\(name)\" is \(element.expressionType.words), "
              + "expected \(expected)")
        }
      }
    }
  }

  // MARK: Rules

  private func check(_ rule: AuthorityRule) {
    let path = DefinitionPath.rule(rule.id)
    let what = "rule \(rule.id)"
    if rule.version < 1 {
      log.report(
        .outOfRange, at: places.place(path.at("version")),
        "\(what): the version is \(rule.version), expected 1 or more")
    }
    guard let entity = catalog.authority.entity(rule.entity) else {
      let known = catalog.authority.entities.map(\.id)
      unknown(
        .unknownEntity, "\(what): entity", rule.entity, at: places.place(path.at("entity")),
        among: known)
      return
    }
    // A category that is missing is the entity's problem.
    guard let category = categories[entity.category] else { return }
    if let when = rule.when {
      checkOwn(when, at: path.at("when"), category, what)
      checkReach(of: rule, entity, path)
    }
    for name in Set(rule.elements).sorted() {
      carried(name, by: category, at: places.place(path.at("elements", name)), what)
    }
    checkSources(of: rule, entity, category, path)
    checkTieBreaks(of: rule, category, path)
  }

  /// A golden record follows from its records alone: not from others, and not from the clock, for
  /// which rules have days.
  func checkOwn(
    _ condition: Expression, at path: DefinitionPath, _ category: Category, _ what: String
  ) {
    check(condition, at: path, Scope(category: category.id, mayRefer: true), what)
    guard condition.root.holdsReference || condition.root.readsClock else { return }
    log.report(
      .expressionMeaning, at: places.place(path),
      "\(what): the condition looks at other records or at the clock; expected a condition "
        + "on the record itself")
  }

  /// A rule decides about records that its entity has.
  private func checkReach(of rule: AuthorityRule, _ entity: GoldenEntity, _ path: DefinitionPath) {
    guard let own = entity.when, let when = rule.when, hasSoundCondition(entity),
      hasSoundCondition(rule, entity), !checker(entity).mayHoldTogether([own, when])
    else { return }
    log.report(
      .impossibleCondition, at: places.place(path.at("when")),
      "rule \(rule.id): no record of entity \(entity.id) meets the condition, since there "
        + "\(own); correct one")
  }

  private func checkSources(
    of rule: AuthorityRule, _ entity: GoldenEntity, _ category: Category, _ path: DefinitionPath
  ) {
    let what = "rule \(rule.id)"
    let holders = entity.childRows.compactMap { categories[$0.category] }
    var category = category
    // Whoever delivers rows that speak may own what they say.
    category.deliveredBy += holders.flatMap(\.deliveredBy).filter {
      !category.deliveredBy.contains($0)
    }
    check(rule.owner, at: places.place(path.at("owner")), category, "\(what), owner")
    for source in rule.fallback {
      let place = places.place(path.at("fallback", source.word))
      if source == rule.owner {
        log.report(
          .ownerAsFallback, at: place,
          "\(what): \(source.word) owns the elements and is its own fallback; remove it there")
      } else if source == .first {
        log.report(
          .unknownWord, at: place,
          "\(what): FIRST always finds a record and is no fallback; make it the owner, or name "
            + "systems or OWNER")
      } else {
        check(source, at: place, category, "\(what), fallback")
      }
    }
  }

  private func check(
    _ source: AuthoritySource, at place: Place, _ category: Category, _ what: String
  ) {
    switch source {
    case .first: break
    case .homeOfAgency:
      if places.contains(.agencies) {
        carried(catalog.authority.agencyElement, by: category, at: place, "\(what) OWNER")
      } else {
        log.report(
          .missingKey, at: place,
          "\(what): OWNER is the home of an agency and key \"agencies\" is missing; add it")
      }
    case .system(let id):
      guard system(id, at: place, what) != nil, !category.deliveredBy.contains(id) else { return }
      log.report(
        .categoryNotDelivered, at: place,
        "\(what): category \(category.id) does not name \(id) under delivered-by; "
          + "add it there or name another system",
        suggestion: nearest(to: id, among: category.deliveredBy))
    }
  }

  private func checkTieBreaks(
    of rule: AuthorityRule, _ category: Category, _ path: DefinitionPath
  ) {
    for tieBreak in rule.tieBreaks {
      let place = places.place(path.at("tie-break", tieBreak.element))
      guard let element = carried(tieBreak.element, by: category, at: place, "rule \(rule.id)"),
        !element.hasOrder
      else { continue }
      log.report(
        .tieBreakWithoutOrder, at: place,
        "rule \(rule.id): element \"\(element.identifier)\" is \(element.expressionType.words), "
          + "of which none is the latest; name a number, date or date-time")
    }
  }

  // MARK: Overlaps

  /// Two rules never decide about one element of one record on one day.
  ///
  /// Nothing is said of conditions that are reported already.
  private func checkOverlaps() {
    for entity in catalog.authority.entities where hasSoundCondition(entity) {
      let rules = catalog.authority.rules(for: entity.id)
        .filter { hasSoundCondition($0, entity) }
      for (index, rule) in rules.enumerated() {
        for earlier in rules[..<index] where shareDay(earlier, rule) {
          let shared = rule.elements.filter(earlier.elements.contains)
          let conditions = [entity.when, earlier.when, rule.when].compactMap { $0 }
          guard let element = shared.first, checker(entity).mayHoldTogether(conditions) else {
            continue
          }
          log.report(
            .overlappingAuthority,
            at: places.place(DefinitionPath.rule(rule.id).at("elements", element)),
            "rule \(rule.id): rule \(earlier.id) at \(places.place(.rule(earlier.id))) may decide "
              + "about \(Set(shared).sorted().joined(separator: ", ")) of the same record on the "
              + "same day; make their conditions or days exclude each other")
        }
      }
    }
  }

  private func shareDay(_ one: AuthorityRule, _ other: AuthorityRule) -> Bool {
    for (from, until) in [(one.from, other.until), (other.from, one.until)] {
      if let from, let until, until < from { return false }
    }
    return true
  }

  func hasSoundCondition(_ entity: GoldenEntity) -> Bool {
    categories[entity.category] != nil
      && isSound(entity.when, at: DefinitionPath.entity(entity.id).at("when"), entity)
  }

  private func hasSoundCondition(_ rule: AuthorityRule, _ entity: GoldenEntity) -> Bool {
    isSound(rule.when, at: DefinitionPath.rule(rule.id).at("when"), entity)
  }

  func isSound(
    _ condition: Expression?, at path: DefinitionPath, _ entity: GoldenEntity
  ) -> Bool {
    guard let condition else { return true }
    return !definitions.broken.contains(path)
      && checker(entity).checkCondition(condition).isEmpty
  }

  func checker(_ entity: GoldenEntity) -> ExpressionChecker {
    ExpressionChecker(catalog: catalog, category: entity.category)
  }
}

extension AuthoritySource {
  /// As it stands in the file.
  fileprivate var word: String {
    switch self {
    case .system(let id): id
    case .homeOfAgency: "OWNER"
    case .first: "FIRST"
    }
  }
}

extension ElementStrategy.Kind {
  /// What the element should be; nil if it fits.
  fileprivate func objection(to element: DataElement) -> String? {
    switch self {
    case .recency, .oldest, .mostComplete: nil
    case .union: element.isMultiValued ? nil : "a many-valued element"
    case .largest, .smallest: element.hasOrder ? nil : "a number, date or date-time"
    }
  }
}

extension DataElement {
  /// Whether of two values one is the larger or later.
  fileprivate var hasOrder: Bool {
    guard !isMultiValued else { return false }
    switch type {
    case .number, .date, .dateTime: return true
    case .text, .flag: return false
    }
  }
}

extension Expression.Node {
  fileprivate var readsClock: Bool {
    switch self {
    case .today, .night, .now: true
    default: children.contains(where: \.readsClock)
    }
  }
}
