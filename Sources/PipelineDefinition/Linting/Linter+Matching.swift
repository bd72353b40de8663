import Catalog

extension Linter {
  /// Subjects are matched by elements that their categories carry, and by no evidence twice.
  func checkMatching() {
    guard let matching = catalog.matching else { return }
    let path = DefinitionPath.matching
    checkTexts(of: matching)
    checkRules(of: matching)
    guard let entity = catalog.authority.entity(matching.entity) else {
      unknown(
        .unknownEntity, "matching: entity", matching.entity, at: places.place(path.at("entity")),
        among: catalog.authority.entities.map(\.id))
      return
    }
    guard let category = categories[entity.category] else { return }
    for (key, name) in [
      ("code", matching.code), ("number", matching.number), ("name", matching.name),
    ] {
      single(name, by: category, at: places.place(path.at(key)), "matching, \(key)")
    }
    // Records of one code have to be one thing, all of them.
    if entity.matchKey != [matching.code] || entity.id != entity.category {
      log.report(
        .invalidMatchKey, at: places.place(path.at("code")),
        "matching: entity \(entity.id) is told apart by \(entity.matchKey.joined(separator: ", ")), "
          + "expected a category whose records are told apart by \"\(matching.code)\" alone")
    }
    for source in matching.sources {
      check(source, entity)
      if let category = categories[source.category] {
        single(
          matching.record, by: category, at: places.place(path.at("record")), "matching, record")
      }
    }
  }

  private func check(_ source: SubjectMatching.Source, _ entity: GoldenEntity) {
    let path = DefinitionPath.matching.at("subjects", source.category)
    let what = "subject of \(source.category)"
    guard let category = category(source.category, at: places.place(path), what) else { return }
    if source.category == entity.category {
      log.report(
        .ownSubject, at: places.place(path),
        "\(what): the category is the registrations' own; its records are matched by their key")
    }
    let keys = [("code", source.code), ("number", source.number)]
    for (key, name) in keys {
      if let name { single(name, by: category, at: places.place(path.at(key)), what) }
    }
    var seen = Set([source.code, source.number].compactMap { $0 })
    for name in source.names {
      let place = places.place(path.at("names"))
      single(name, by: category, at: place, what)
      if !seen.insert(name).inserted {
        log.report(
          .matchedByOther, at: place,
          "\(what): element \"\(name)\" is used twice; remove one")
      }
    }
  }

  private func single(
    _ name: String, by category: Category, at place: Place, _ purpose: String
  ) {
    guard let element = carried(name, by: category, at: place, purpose),
      element.isMultiValued || element.type == .number
    else { return }
    log.report(
      .invalidMatchKey, at: place,
      "\(purpose): element \"\(name)\" has several values or is a number and tells nothing apart; "
        + "name another")
  }

  private func checkRules(of matching: SubjectMatching) {
    var seen: [[String]: String] = [:]
    for rule in matching.candidates {
      let place = places.place(DefinitionPath.matching.at("rules", rule.id))
      let pair = [rule.number.rawValue, rule.subjectName.rawValue]
      if let other = seen.updateValue(rule.id, forKey: pair) {
        log.report(
          .evidenceTwice, at: place,
          "candidate rule \(rule.id): number \(pair[0]) and name \(pair[1]) are judged by "
            + "\(other) already; remove one")
      }
      if rule.subjectName == .other, rule.number != .same {
        log.report(
          .evidenceUnused, at: place,
          "candidate rule \(rule.id): another name is no evidence without the same number; "
            + "remove it")
      }
    }
    let hasNumbers = matching.sources.contains { $0.number != nil }
    for rule in matching.links where rule.kind == .numberAndName && !hasNumbers {
      log.report(
        .evidenceUnused, at: places.place(DefinitionPath.matching.at("rules", rule.id)),
        "link \(rule.id): no subject has a number; name the element of one or remove the rule")
    }
  }

  private func checkTexts(of matching: SubjectMatching) {
    let path = DefinitionPath.matching
    for link in matching.links { texts(link.name, link.english, path.at("rules", link.id)) }
    for rule in matching.candidates {
      texts(rule.name, rule.english, path.at("rules", rule.id))
    }
    texts(matching.unknownCodeReason, matching.unknownCodeEnglish, path.at("unknown-code"))
  }
}
