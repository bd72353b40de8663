import Catalog

extension FolderLoader {
  mutating func loadSystems(_ file: LoadedFile) {
    let inherited = file.fields.text("origin")
    let entries =
      file.fields.required("systems") == nil
      ? [] : file.fields.maps("systems", what: "system")
    for fields in entries {
      let id = fields.requiredText("code")
      let path = DefinitionPath.system(id)
      guard !id.isEmpty, claim(path, fields, key: "code") else { continue }
      let number = fields.integer("number") ?? definitions.catalog.systems.count + 1
      definitions.catalog.systems.append(
        SourceSystem(
          id: id, order: fields.integer("order") ?? number,
          enforcementField: fields.text("enforcement-field") ?? "",
          name: fields.requiredText("name"), english: fields.requiredText("english"),
          origin: origin(fields, inherited: inherited)))
      definitions.systemForms[id] = (fields.text("format"), fields.text("encoding"))
      // Said for the reader; the adapter decides.
      for key in ["nesting", "cadence", "delivery", "named-in"] { _ = fields.text(key) }
      for key in ["name", "english", "order", "format", "encoding"] where fields.has(key) {
        definitions.places.record(path.at(key), fields.place(key))
      }
      fields.finish()
    }
    file.fields.finish()
  }

  mutating func loadNullSpellings(_ file: LoadedFile) {
    let inherited = file.fields.text("origin")
    for fields in file.fields.maps("lists", what: "null spellings") {
      let id = fields.requiredText("id")
      let path = DefinitionPath("null-spellings", id)
      guard !id.isEmpty, claim(path, fields, key: "id") else { continue }
      _ = (fields.requiredText("name"), fields.requiredText("english"))
      _ = origin(fields, inherited: inherited)
      if fields.required("spellings") != nil {
        definitions.catalog.nullSpellings[id] = fields.texts("spellings")
      }
      fields.finish()
    }
    file.fields.finish()
  }

  mutating func loadIdentifiers(_ file: LoadedFile) {
    let inherited = file.fields.text("origin")
    for fields in file.fields.maps("identifiers", what: "identifier") {
      let kind = fields.requiredText("kind")
      let path = DefinitionPath.identifier(kind)
      guard !kind.isEmpty, claim(path, fields, key: "kind") else { continue }
      definitions.catalog.identifiers.append(
        IdentifierDefinition(
          kind: kind, name: fields.requiredText("name"), english: fields.requiredText("english"),
          formChinese: fields.requiredText("form-zh"),
          formEnglish: fields.requiredText("form-en"),
          isAdvisory: fields.flag("advisory") ?? false,
          origin: origin(fields, inherited: inherited), standard: fields.text("standard") ?? ""))
      for key in ["form-zh", "form-en"] {
        definitions.places.record(path.at(key), fields.place(key))
      }
      fields.finish()
    }
    file.fields.finish()
  }

  mutating func loadIssueTypes(_ file: LoadedFile) {
    let inherited = file.fields.text("origin")
    let entries =
      file.fields.required("issue-types") == nil
      ? [] : file.fields.maps("issue-types", what: "issue type")
    for fields in entries {
      guard
        let code = fields.required("code").flatMap({
          fields.choice($0, "code", IssueCode.self)
        })
      else { continue }
      let path = DefinitionPath.issueType(code.rawValue)
      guard claim(path, fields, key: "code") else { continue }
      loadIssueType(fields, code, path, inherited)
      fields.finish()
    }
    file.fields.finish()
  }

  private mutating func loadIssueType(
    _ fields: Fields, _ code: IssueCode, _ path: DefinitionPath, _ inherited: String?
  ) {
    if let dimension = fields.choice("dimension", Dimension.self), dimension != code.dimension {
      log.report(
        .dimensionOfIssue, at: fields.place("dimension"),
        "issue type: \(code.rawValue) belongs to \(code.dimension.rawValue), "
          + "found \(dimension.rawValue); correct the dimension")
    }
    let type = IssueType(
      code: code, name: fields.requiredText("name"), english: fields.requiredText("english"),
      descriptionChinese: fields.requiredText("description-zh"),
      descriptionEnglish: fields.requiredText("description-en"),
      messageChinese: fields.requiredText("message-zh"),
      messageEnglish: fields.requiredText("message-en"),
      fixChinese: fields.requiredText("fix-zh"), fixEnglish: fields.requiredText("fix-en"),
      origin: origin(fields, inherited: inherited), exampleChinese: fields.text("example-zh") ?? "",
      exampleEnglish: fields.text("example-en") ?? "")
    for key in ["message-zh", "message-en", "fix-zh", "fix-en"] {
      definitions.places.record(path.at(key), fields.place(key))
    }
    definitions.catalog.issueTypes.append(type)
  }

  mutating func loadIndustries(_ file: LoadedFile) {
    _ = origin(file.fields)
    for fields in file.fields.maps("industries", what: "industry") {
      let letter = fields.requiredText("letter")
      guard !letter.isEmpty, claim(DefinitionPath("industries", letter), fields, key: "letter")
      else { continue }
      let (from, to) = (fields.requiredText("from"), fields.requiredText("to"))
      let (name, english) = (fields.requiredText("name"), fields.requiredText("english"))
      _ = fields.text("origin")
      fields.finish()
      guard from.utf8.count == 2, to.utf8.count == 2, let first = Int(from), let last = Int(to),
        first <= last
      else {
        log.report(
          .invalidIndustry, at: fields.place("from"),
          "industry: \"\(letter)\" holds the divisions \"\(from)\" to \"\(to)\", "
            + "expected two digits each, in order")
        continue
      }
      definitions.catalog.industries.append(
        IndustrySection(letter: letter, name: name, english: english, divisions: first...last))
    }
    file.fields.finish()
  }

  mutating func loadDates(_ file: LoadedFile) {
    let fields = file.fields
    _ = (fields.requiredText("name"), fields.requiredText("english"), origin(fields))
    if fields.required("earliest") != nil {
      definitions.catalog.earliestDate = fields.date("earliest")
    }
    fields.finish()
  }

  mutating func loadDomains(_ file: LoadedFile) {
    let inherited = file.fields.text("origin")
    for fields in file.fields.maps("domains", what: "core domain") {
      guard
        let domain = fields.required("id").flatMap({
          fields.choice($0, "id", CoreDomain.self)
        })
      else { continue }
      let path = DefinitionPath.domain(domain.rawValue)
      guard claim(path, fields, key: "id") else { continue }
      var records: [String: Expression] = [:]
      if fields.required("predicates") != nil {
        for (category, text, node) in fields.textsByName("predicates") {
          records[category] = expression(node, text, path.at(category))
        }
      }
      definitions.catalog.coreDomains.append(
        CoreDomainDefinition(
          domain: domain, name: fields.requiredText("name"),
          english: fields.requiredText("english"), records: records,
          origin: origin(fields, inherited: inherited)))
      fields.finish()
    }
    file.fields.finish()
  }
}
