import Catalog

extension FolderLoader {
  mutating func loadAuthority(_ file: LoadedFile) {
    let fields = file.fields
    let inherited = fields.text("origin")
    definitions.catalog.authority.hash = ContentHasher.hash(of: file.root)
    if let agencies = fields.map("agencies") { loadAgencies(agencies, inherited) }
    for entity in fields.maps("entities", what: "entity") { loadEntity(entity, inherited) }
    for rule in fields.maps("rules", what: "authority rule") {
      loadAuthorityRule(rule, inherited)
    }
    fields.finish()
  }

  /// Gives every category its entity and puts elements in the order of their category.
  mutating func finishAuthority() {
    let categories = definitions.catalog.categories
    let written = definitions.catalog.authority.entities
    let own = categories.map { category in
      written.first { $0.id == category.id } ?? entity(of: category)
    }
    let names = Set(categories.map(\.id))
    let all = own + written.filter { !names.contains($0.id) }
    definitions.catalog.authority.entities = all.map { completed($0) }
    for index in definitions.catalog.authority.rules.indices {
      let rule = definitions.catalog.authority.rules[index]
      guard let entity = all.first(where: { $0.id == rule.entity }),
        let category = definitions.catalog.category(entity.category)
      else { continue }
      definitions.catalog.authority.rules[index].elements = inOrder(rule.elements, of: category)
    }
  }

  // MARK: Agencies

  private mutating func loadAgencies(_ fields: Fields, _ inherited: String?) {
    let path = DefinitionPath.agencies
    definitions.places.record(path, fields.place)
    for key in ["category", "element"] {
      definitions.places.record(path.at(key), fields.place(key))
    }
    definitions.catalog.authority.agencyCategory = fields.requiredText("category")
    definitions.catalog.authority.agencyElement = fields.requiredText("element")
    _ = origin(fields, inherited: inherited)
    for home in fields.maps("homes", what: "home of an agency") {
      let agency = home.requiredText("agency")
      let path = path.at("homes", agency)
      guard !agency.isEmpty, claim(path, home, key: "agency") else { continue }
      definitions.places.record(path.at("system"), home.place("system"))
      // A decision of a person about one agency; the head of the file says nothing about it.
      definitions.catalog.authority.agencyHomes.append(
        AgencyHome(agency: agency, system: home.requiredText("system"), origin: origin(home)))
      home.finish()
    }
    fields.finish()
  }

  // MARK: Entities

  /// An entity with the name of a category is that category's own; the file says where it differs.
  private mutating func loadEntity(_ fields: Fields, _ inherited: String?) {
    let id = fields.requiredText("id")
    let path = DefinitionPath.entity(id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    var entity: GoldenEntity
    if let category = definitions.catalog.category(id) {
      entity = self.entity(of: category)
      if fields.has("match-key") { entity.matchKey = names(fields, "match-key", path) }
    } else {
      entity = GoldenEntity(
        id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
        category: fields.requiredText("category"),
        matchKey: fields.required("match-key") == nil ? [] : names(fields, "match-key", path),
        when: expression(fields, "when", path.at("when")), elements: [], origin: "")
      for rows in fields.maps("child-rows", what: "child rows of \(id)") {
        let place = path.at("child-rows", String(entity.childRows.count))
        entity.childRows.append(speakingRows(rows, place, inherited))
      }
    }
    entity.origin = origin(fields, inherited: inherited)
    if fields.has("copied-to") { entity.copiedTo = requiredNames(fields, "copied-to", path) }
    for strategy in fields.maps("strategies", what: "strategy of \(id)") {
      let place = path.at("strategies", String(entity.strategies.count))
      entity.strategies.append(self.strategy(strategy, place, inherited))
    }
    for key in ["name", "english", "category", "match-key"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    definitions.catalog.authority.entities.append(entity)
    fields.finish()
  }

  private mutating func speakingRows(
    _ fields: Fields, _ path: DefinitionPath, _ inherited: String?
  ) -> SpeakingRows {
    definitions.places.record(path, fields.place)
    var rows = SpeakingRows(
      category: fields.requiredText("category"), table: fields.requiredText("table"),
      when: expression(fields, "when", path.at("when")),
      origin: origin(fields, inherited: inherited))
    for element in fields.textsByName("elements") {
      definitions.places.record(path.at("elements", element.name), element.node.place)
      rows.named[element.name] = element.text
    }
    for key in ["category", "table"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    fields.finish()
    return rows
  }

  private mutating func strategy(
    _ fields: Fields, _ path: DefinitionPath, _ inherited: String?
  ) -> ElementStrategy {
    definitions.places.record(path, fields.place)
    let kind = fields.required("strategy").flatMap {
      fields.choice($0, "strategy", ElementStrategy.Kind.self)
    }
    let strategy = ElementStrategy(
      kind: kind ?? .recency, elements: requiredNames(fields, "elements", path),
      origin: origin(fields, inherited: inherited))
    fields.finish()
    return strategy
  }

  private func entity(of category: Category) -> GoldenEntity {
    GoldenEntity(
      id: category.id, name: category.name, english: category.english, category: category.id,
      matchKey: matchKey(of: category), elements: [], origin: category.origin)
  }

  /// The entity key, after its issuer where numbers are the issuer's own (semantics.md §6).
  private func matchKey(of category: Category) -> [String] {
    let roles = definitions.settings.roles
    guard category.isIssuerScoped else { return category.entityKey }
    let issuer = [roles.agency, roles.system].compactMap { $0 }
      .first { category.column(of: $0) != nil }
    guard let issuer, !category.entityKey.contains(issuer) else { return category.entityKey }
    return [issuer] + category.entityKey
  }

  private func completed(_ entity: GoldenEntity) -> GoldenEntity {
    guard let category = definitions.catalog.category(entity.category) else { return entity }
    let all = category.elements.map(\.element.identifier)
    var entity = entity
    if entity.id == category.id {
      entity.elements = all
    } else {
      let rules = definitions.catalog.authority.rules(for: entity.id)
      let named = Set(
        entity.matchKey + rules.flatMap(\.elements) + entity.strategies.flatMap(\.elements))
      entity.elements = all.filter(named.contains)
    }
    return entity
  }

  // MARK: Rules

  private mutating func loadAuthorityRule(_ fields: Fields, _ inherited: String?) {
    let id = fields.requiredText("id")
    let path = DefinitionPath.rule(id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    var rule = AuthorityRule(
      id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
      entity: fields.requiredText("entity"), when: expression(fields, "when", path.at("when")),
      elements: requiredNames(fields, "elements", path),
      owner: source(fields.requiredText("owner")), fallback: fallback(fields, path),
      tieBreaks: tieBreaks(fields, path), from: fields.date("from"), until: fields.date("until"),
      origin: origin(fields, inherited: inherited))
    rule.severity = severity(fields)
    rule.version = fields.integer("version") ?? 1
    rule.fixChinese = fields.requiredText("fix")
    rule.fixEnglish = fields.text("fix-english") ?? ""
    if let from = rule.from, let until = rule.until, until < from {
      log.report(
        .datesOutOfOrder, at: fields.place("until"),
        "\(fields.what) \(id): \"until\" \(until) lies before \"from\" \(from); correct one")
    }
    for key in ["name", "english", "entity", "elements", "owner", "version"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    definitions.catalog.authority.rules.append(rule)
    fields.finish()
  }

  /// A disagreement labels the losing record or sends it back; it says nothing about its delivery.
  private func severity(_ fields: Fields) -> Severity {
    let severity = fields.choice("severity", Severity.self) ?? .note
    guard severity == .hold else { return severity }
    log.report(
      .unknownWord, at: fields.place("severity"),
      "\(fields.what): \"severity\" is \"hold\", expected note, return")
    return .note
  }

  private func source(_ word: String) -> AuthoritySource {
    switch word {
    case "OWNER": .homeOfAgency
    case "FIRST": .first
    default: .system(word)
    }
  }

  /// `NONE`, or systems and `OWNER` in their order.
  private mutating func fallback(_ fields: Fields, _ path: DefinitionPath) -> [AuthoritySource] {
    guard let node = fields.required("fallback") else { return [] }
    if case .scalar("NONE", _) = node.content { return [] }
    guard case .list = node.content else {
      fields.wrongType(node, "fallback", "NONE or a list of systems")
      return []
    }
    return names(fields, "fallback", path).map { source($0) }
  }

  /// `latest decision_date`, `earliest complaint_time`.
  private mutating func tieBreaks(
    _ fields: Fields, _ path: DefinitionPath
  ) -> [AuthorityTieBreak] {
    guard fields.required("tie-break") != nil else { return [] }
    var result: [AuthorityTieBreak] = []
    for node in fields.list("tie-break") {
      guard let text = fields.text(node, "tie-break") else { continue }
      let words = text.split(separator: " ").map(String.init)
      guard words.count == 2, ["latest", "earliest"].contains(words[0]) else {
        log.report(
          .unknownWord, at: node.place,
          "\(fields.what): \"tie-break\" is \"\(text)\", expected latest or earliest and an "
            + "element")
        continue
      }
      record(words[1], node, fields, "tie-break", path)
      result.append(AuthorityTieBreak(element: words[1], isLatest: words[0] == "latest"))
    }
    return result
  }

  // MARK: Lists of names

  private mutating func requiredNames(
    _ fields: Fields, _ key: String, _ path: DefinitionPath
  ) -> [String] {
    guard fields.required(key) != nil else { return [] }
    let names = names(fields, key, path)
    if names.isEmpty {
      log.report(
        .missingKey, at: fields.keyPlace(key),
        "\(fields.what): \"\(key)\" names nothing; name at least one element")
    }
    return names
  }

  /// The names of a list, with the place of each; a second one of the same name is a problem.
  private mutating func names(
    _ fields: Fields, _ key: String, _ path: DefinitionPath
  ) -> [String] {
    fields.list(key).compactMap { node in
      guard let name = fields.text(node, key) else { return nil }
      record(name, node, fields, key, path)
      return name
    }
  }

  private mutating func record(
    _ name: String, _ node: DocumentNode, _ fields: Fields, _ key: String, _ path: DefinitionPath
  ) {
    let place = path.at(key, name)
    if definitions.places.contains(place) {
      log.report(
        .duplicateIdentifier, at: node.place,
        "\(fields.what): \"\(key)\" names \"\(name)\" twice; remove one")
    } else {
      definitions.places.record(place, node.place)
    }
  }

  /// Names that the category does not have come last, for the linter to report.
  private func inOrder(_ names: [String], of category: Category) -> [String] {
    let columns = names.indices.map { (category.column(of: names[$0]) ?? .max, $0) }
    return columns.sorted { $0 < $1 }.map { names[$0.1] }
  }
}
