import Catalog

/// Worked cases of whose value counts.
extension Linter {
  func check(_ example: AuthorityCase, _ file: WorkedCaseFile, _ path: DefinitionPath) {
    let what = "case \"\(example.name)\""
    let entities = catalog.authority.entities
    guard let entity = entities.first(where: { $0.id == example.entity }) else {
      unknown(
        .unknownEntity, "\(what): entity", example.entity, at: places.place(path.at("entity")),
        among: entities.map(\.id))
      return
    }
    guard let category = categories[entity.category] else { return }
    if file.base[category.id] == nil {
      log.report(
        .missingBase, at: places.place(path),
        "\(what): the file has no base record of \(category.id); add it under \"base\"")
    }
    if example.records.count < 2 {
      log.report(
        .outOfRange, at: places.place(path),
        "\(what): has \(example.records.count) records, expected 2 or more")
    }
    for (index, record) in example.records.enumerated() {
      let path = path.at("records", String(index + 1))
      system(record.system, at: places.place(path.at("system")), what)
      if let holder = holder(of: record, entity, category, file, path, what) {
        check(Array(record.given.keys), of: holder.id, path, what)
      }
    }
    for (agency, home) in example.homes.sorted(by: { $0.key < $1.key }) {
      system(home, at: places.place(path.at("homes", agency)), what)
    }
    for id in example.covers {
      _ = authorityRule(id, of: entity, at: places.place(path.at("covers")), what)
    }
    checkOutcome(of: example, entity, category, path.at("expect"), what)
  }

  /// The category of a record; nil after a problem with what it says.
  private func holder(
    of record: AuthorityCase.Saying, _ entity: GoldenEntity, _ category: Category,
    _ file: WorkedCaseFile, _ path: DefinitionPath, _ what: String
  ) -> Category? {
    guard let row = record.row else {
      if let own = record.category, own != category.id {
        log.report(
          .unknownCategory, at: places.place(path.at("category")),
          "\(what): records of \(own) do not speak of \(entity.id); name the rows inside them "
            + "under \"child\"")
        return nil
      }
      return category
    }
    let id = record.category ?? category.id
    let speaking = entity.childRows.filter { $0.category == id }
    guard speaking.contains(where: { $0.table == row.table }), let holder = categories[id],
      let child = holder.child(row.table)
    else {
      unknown(
        .unknownChildTable, "\(what): rows that speak of \(entity.id) in \(id),", row.table,
        at: places.place(path.at("child")), among: speaking.map(\.table))
      return nil
    }
    if file.base[id] == nil {
      log.report(
        .missingBase, at: places.place(path),
        "\(what): the file has no base record of \(id); add it under \"base\"")
    }
    for name in row.values.keys.sorted() {
      carried(
        name, by: holder.asCategory(child), at: places.place(path.at("row", name)), what)
    }
    return holder
  }

  private func checkOutcome(
    of example: AuthorityCase, _ entity: GoldenEntity, _ category: Category,
    _ path: DefinitionPath, _ what: String
  ) {
    for decision in example.decisions {
      let place = places.place(path.at("decisions", decision.rule))
      _ = authorityRule(decision.rule, of: entity, at: place, what)
      number(decision.winner, of: example, at: place, "\(what): \"winner\"")
    }
    for (index, conflict) in example.conflicts.enumerated() {
      let place = places.place(path.at("conflicts", String(index)))
      number(conflict.record, of: example, at: place, "\(what): \"record\"")
      guard let rule = authorityRule(conflict.rule, of: entity, at: place, what),
        !rule.elements.contains(conflict.element)
      else { continue }
      unknown(
        .unknownElement, "\(what): rule \(rule.id) owns no element; element", conflict.element,
        at: place, among: rule.elements)
    }
    for name in example.values.keys.sorted() {
      let place = places.place(path.at("values", name))
      guard carried(name, by: category, at: place, what) != nil,
        !entity.elements.contains(name)
      else { continue }
      unknown(
        .unknownElement, "\(what): \(entity.id) has no value of", name, at: place,
        among: entity.elements)
    }
  }

  private func number(
    _ number: Int, of example: AuthorityCase, at place: Place, _ what: String
  ) {
    guard number < 1 || number > example.records.count else { return }
    log.report(
      .outOfRange, at: place,
      "\(what) is \(number), expected the number of a record, 1 to \(example.records.count)")
  }

  /// The rule, if it exists and is one of the entity's; otherwise a problem and nil.
  private func authorityRule(
    _ id: String, of entity: GoldenEntity, at place: Place, _ what: String
  ) -> AuthorityRule? {
    let rules = catalog.authority.rules(for: entity.id)
    if let rule = rules.first(where: { $0.id == id }) { return rule }
    unknown(
      .unknownRule, "\(what): rule of \(entity.id)", id, at: place, among: rules.map(\.id))
    return nil
  }

  // MARK: Coverage

  /// Every rule has a case in which its owner wins against another's value, and one in which the owner
  /// does not decide; whoever comes first always decides, so that there nobody is contradicted.
  func checkAuthorityCoverage() {
    guard !definitions.checks.isEmpty else { return }
    let cases = definitions.checks.flatMap(\.authority)
    for rule in catalog.authority.rules {
      let lacks = [
        cases.contains { $0.resolves(rule.id) } ? nil : "in which its owner wins",
        cases.contains { $0.leavesAlone(rule) } ? nil : "in which the owner does not decide",
      ].compactMap { $0 }
      guard !lacks.isEmpty else { continue }
      log.report(
        .uncoveredRule, at: places.place(.rule(rule.id)),
        "rule \(rule.id) has no worked case \(lacks.joined(separator: " and none "))"
          + "; add one to checks/")
    }
  }
}
