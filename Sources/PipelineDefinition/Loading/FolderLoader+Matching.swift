import Catalog

extension FolderLoader {
  mutating func loadMatching(_ file: LoadedFile) {
    let fields = file.fields
    let path = DefinitionPath.matching
    var matching = SubjectMatching()
    definitions.places.record(path, Place(file: file.path))
    for key in ["entity", "code", "number", "name", "record"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    matching.hash = ContentHasher.hash(of: file.root)
    // Without it every entry needs its own.
    matching.origin = fields.text("origin") ?? ""
    matching.entity = fields.requiredText("entity")
    matching.code = fields.requiredText("code")
    matching.number = fields.requiredText("number")
    matching.name = fields.requiredText("name")
    matching.record = fields.requiredText("record")
    if fields.required("subjects") != nil {
      for source in fields.maps("subjects", what: "subject") {
        loadSubject(source, matching.origin, &matching)
      }
    }
    if fields.required("names") != nil, let names = fields.map("names", what: "names") {
      loadNames(names, matching.origin, &matching)
    }
    if fields.required("links") != nil {
      for link in fields.maps("links", what: "link") { loadLink(link, matching.origin, &matching) }
    }
    if fields.required("candidates") != nil,
      let candidates = fields.map("candidates", what: "candidates")
    {
      loadCandidates(candidates, matching.origin, &matching)
    }
    fields.finish()
    definitions.catalog.matching = matching
  }

  private mutating func loadSubject(
    _ fields: Fields, _ inherited: String, _ matching: inout SubjectMatching
  ) {
    let category = fields.requiredText("category")
    let path = DefinitionPath.matching.at("subjects", category)
    guard !category.isEmpty, claim(path, fields, key: "category") else { return }
    for key in ["code", "number", "names"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    let names = fields.required("names") == nil ? [] : fields.texts("names")
    if fields.has("names"), names.isEmpty {
      log.report(
        .missingKey, at: fields.keyPlace("names"),
        "\(fields.what): \"names\" names nothing; name at least one element")
    }
    matching.sources.append(
      SubjectMatching.Source(
        category: category, code: fields.text("code"), number: fields.text("number"),
        names: names, origin: origin(fields, inherited: inherited)))
    fields.finish()
  }

  // MARK: Names

  private mutating func loadNames(
    _ fields: Fields, _ inherited: String, _ matching: inout SubjectMatching
  ) {
    var names = SubjectMatching.Names()
    names.steps = fields.list("steps").compactMap {
      fields.choice($0, "steps", SubjectMatching.Names.Step.self)
    }
    for same in fields.maps("same", what: "characters that are the same") {
      let written = character(same, "write")
      for node in same.list("for") {
        guard let text = same.text(node, "for"), let from = character(text, node, same),
          let written
        else { continue }
        if names.folds.updateValue(written, forKey: from) != nil {
          log.report(
            .duplicateIdentifier, at: node.place,
            "\(same.what): \"\(text)\" is written in two ways; remove one")
        }
      }
      same.finish()
    }
    names.dropped = Set(
      fields.list("drop").compactMap { node in
        fields.text(node, "drop").flatMap { character($0, node, fields) }
      })
    // A longer ending holds shorter ones: 有限责任公司 comes before 公司.
    names.endings = parts(fields, "endings").sorted { ($0.count, $1) > ($1.count, $0) }
    names.words = parts(fields, "words")
    names.branches = parts(fields, "branches").sorted { ($0.count, $1) > ($1.count, $0) }
    if let length = fields.integer("near-length") {
      names.nearLength = bounded(length, 2...100, "near-length", fields)
    }
    _ = origin(fields, inherited: inherited)
    fields.finish()
    matching.names = names
  }

  /// Parts of names; every name would end with an empty one.
  private func parts(_ fields: Fields, _ key: String) -> [String] {
    fields.list(key).compactMap { node in
      guard let text = fields.text(node, key) else { return nil }
      if !text.isEmpty { return text }
      log.report(
        .missingKey, at: node.place,
        "\(fields.what): \"\(key)\" has an empty text; remove it")
      return nil
    }
  }

  private func character(_ fields: Fields, _ key: String) -> Character? {
    guard let node = fields.required(key), let text = fields.text(node, key) else { return nil }
    return character(text, node, fields)
  }

  private func character(_ text: String, _ node: DocumentNode, _ fields: Fields) -> Character? {
    if text.count == 1, let character = text.first { return character }
    log.report(
      .outOfRange, at: node.place, "\(fields.what): \"\(text)\" is not one character")
    return nil
  }

  private func bounded(
    _ number: Int, _ range: ClosedRange<Int>, _ key: String, _ fields: Fields
  ) -> Int {
    guard !range.contains(number) else { return number }
    log.report(
      .outOfRange, at: fields.place(key),
      "\(fields.what): \"\(key)\" is \(number), expected \(range.lowerBound) to "
        + "\(range.upperBound)")
    return range.lowerBound
  }

  // MARK: Rules

  private mutating func loadLink(
    _ fields: Fields, _ inherited: String, _ matching: inout SubjectMatching
  ) {
    let id = fields.requiredText("id")
    let path = DefinitionPath.matching.at("rules", id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    let kind = fields.required("by").flatMap {
      fields.choice($0, "by", SubjectMatching.LinkRule.Kind.self)
    }
    if let kind, matching.link(kind) != nil {
      log.report(
        .evidenceTwice, at: fields.place("by"),
        "\(fields.what) \(id): another rule links by \(kind.rawValue) already; remove one")
    }
    let unknown = fields.choice("unknown-code", SubjectMatching.UnknownCode.self)
    if kind == .code, unknown != nil {
      log.report(
        .unknownKey, at: fields.place("unknown-code"),
        "\(fields.what) \(id): \"unknown-code\" says nothing where the code itself links; remove it"
      )
    }
    matching.links.append(
      SubjectMatching.LinkRule(
        id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
        kind: kind ?? .code, unknownCode: unknown ?? .candidate,
        origin: origin(fields, inherited: inherited)))
    recordTexts(path, fields, ["name", "english"])
    fields.finish()
  }

  private mutating func loadCandidates(
    _ fields: Fields, _ inherited: String, _ matching: inout SubjectMatching
  ) {
    let head = origin(fields, inherited: inherited)
    if let limit = fields.integer("limit") {
      matching.limit = bounded(limit, 1...100, "limit", fields)
    }
    if let margin = fields.integer("margin") {
      matching.margin = bounded(margin, 0...100, "margin", fields)
    }
    if let crowd = fields.integer("crowd") {
      matching.crowd = bounded(crowd, 1...10_000, "crowd", fields)
    }
    if let unknown = fields.map("unknown-code", what: "an unknown code") {
      let path = DefinitionPath.matching.at("unknown-code")
      definitions.places.record(path, unknown.place)
      matching.unknownCodeDeduction = bounded(
        unknown.requiredInteger("deduction"), 0...100, "deduction", unknown)
      matching.unknownCodeReason = unknown.requiredText("name")
      matching.unknownCodeEnglish = unknown.requiredText("english")
      recordTexts(path, unknown, ["name", "english"])
      unknown.finish()
    }
    guard fields.required("rules") != nil else { return fields.finish() }
    for rule in fields.maps("rules", what: "candidate rule") {
      loadCandidateRule(rule, head, &matching)
    }
    fields.finish()
  }

  private mutating func loadCandidateRule(
    _ fields: Fields, _ inherited: String, _ matching: inout SubjectMatching
  ) {
    let id = fields.requiredText("id")
    let path = DefinitionPath.matching.at("rules", id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    let number = fields.required("number").flatMap {
      fields.choice($0, "number", SubjectMatching.NumberEvidence.self)
    }
    let name = fields.required("name").flatMap {
      fields.choice($0, "name", SubjectMatching.NameEvidence.self)
    }
    matching.candidates.append(
      SubjectMatching.CandidateRule(
        id: id, name: fields.requiredText("title"), english: fields.requiredText("english"),
        number: number ?? .unknown, subjectName: name ?? .same,
        score: bounded(fields.requiredInteger("score"), 1...100, "score", fields),
        origin: origin(fields, inherited: inherited)))
    recordTexts(path, fields, ["title", "english"])
    fields.finish()
  }

  private mutating func recordTexts(
    _ path: DefinitionPath, _ fields: Fields, _ keys: [String]
  ) {
    for key in keys where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
  }
}
