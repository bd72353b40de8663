import Catalog

extension FolderLoader {
  mutating func loadElements(_ file: LoadedFile) {
    let fields = file.fields
    let group = ElementGroup(
      number: fields.requiredInteger("number"), name: fields.requiredText("group"),
      english: fields.requiredText("english"), origin: fields.text("origin") ?? "")
    if claim(DefinitionPath("element-groups", group.name), fields, key: "group") {
      definitions.catalog.elementGroups.append(group)
    }
    let entries = fields.required("elements") == nil ? [] : fields.list("elements")
    for entry in entries {
      guard let element = Fields(entry, what: "element", log: log) else { continue }
      loadElement(element, group: group)
    }
    fields.finish()
  }

  private mutating func loadElement(_ fields: Fields, group: ElementGroup) {
    let identifier = fields.requiredText("identifier")
    let path = DefinitionPath.element(identifier)
    guard !identifier.isEmpty, claim(path, fields, key: "identifier") else { return }
    let id = fields.requiredText("id")
    if !id.isEmpty { _ = claim(DefinitionPath("element-ids", id), fields, key: "id") }
    checkElementName(identifier, fields)
    let type = fields.required("type").flatMap { fields.choice($0, "type", ElementType.self) }
    let notation = fields.requiredText("representation")
    let domain = domain(fields, path)
    let core = fields.list("core").compactMap { fields.choice($0, "core", CoreDomain.self) }
    var element = DataElement(
      id: id, identifier: identifier, name: fields.requiredText("name"),
      english: fields.requiredText("english"), definition: fields.requiredText("definition"),
      group: group.name, type: type ?? .text, notation: notation,
      representation: representation(notation, type, fields), domain: domain, core: Set(core),
      tier: fields.choice("tier") ?? .restricted,
      isMultiValued: fields.flag("multi-valued") ?? false, unit: fields.text("unit"),
      isAdvisory: fields.flag("advisory") ?? false,
      width: fields.choice("width") ?? defaultWidth(domain),
      nullSpellings: fields.text("nulls") ?? "default",
      origin: origin(fields, inherited: group.origin))
    element.isName = fields.flag("proper-name") ?? false
    for key in ["domain", "representation", "nulls", "name", "english", "unit", "core"]
    where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    definitions.catalog.elements.append(element)
    fields.finish()
  }

  private func checkElementName(_ identifier: String, _ fields: Fields) {
    guard !identifier.isName || Expression.reservedWords.contains(identifier) else { return }
    let reason =
      identifier.isName
      ? "\"\(identifier)\" is a word of the expression language"
      : "\"\(identifier)\" is not made of letters, digits and _"
    log.report(
      .invalidIdentifier, at: fields.place("identifier"),
      "element: \(reason); choose another identifier")
  }

  private func representation(
    _ notation: String, _ type: ElementType?, _ fields: Fields
  ) -> Representation {
    if let found = Representation(notation, numeric: type == .number) {
      checkRepresentation(found, type, fields)
      return found
    }
    if !notation.isEmpty {
      log.report(
        .invalidRepresentation, at: fields.place("representation"),
        "element: \"representation\" is \"\(notation)\", expected a form as an18, c..200, "
          + "n..16,2 (at most 18 digits), YYYYMMDD, YYYYMMDDThhmmss")
    }
    return .text(.any, length: 0...Int(Int32.max))
  }

  /// The type and the form say the same.
  private func checkRepresentation(
    _ representation: Representation, _ type: ElementType?, _ fields: Fields
  ) {
    let expected: ElementType? =
      switch representation {
      case .date: .date
      case .dateTime: .dateTime
      case .decimal: .number
      case .text: nil
      }
    let fits =
      switch type {
      case nil: true
      case .text, .flag: expected == nil
      case .some(let type): expected == type
      }
    guard !fits else { return }
    log.report(
      .representationOfType, at: fields.place("representation"),
      "element: the type is \(type?.rawValue ?? "") and the representation is "
        + "\"\(fields.text("representation") ?? "")\"; dates are YYYYMMDD, date-times "
        + "YYYYMMDDThhmmss, numbers n, texts a, n, an or c")
  }

  private func defaultWidth(_ domain: ValueDomain) -> WidthPolicy {
    if case .freeText = domain { return .keep }
    return .fold
  }

  // MARK: Domains of values

  private static let domainKeys = [
    "code-list", "check", "pattern", "range", "holds", "free-text", "any-date",
  ]

  private mutating func domain(_ fields: Fields, _ path: DefinitionPath) -> ValueDomain {
    guard fields.required("domain") != nil, let domain = fields.map("domain") else {
      return .freeText
    }
    let given = Self.domainKeys.filter { domain.has($0) }
    let value = domainValue(domain, path)
    domain.finish()
    guard given.count == 1 else {
      definitions.broken.insert(path.at("domain"))
      if given.count > 1 || domain.keys.isEmpty {
        log.report(
          .invalidDomain, at: domain.place,
          "element: the domain has \(given.isEmpty ? "nothing" : given.joined(separator: " and "))"
            + ", expected exactly one of \(Self.domainKeys.joined(separator: ", "))")
      }
      return .freeText
    }
    return value
  }

  private mutating func domainValue(_ fields: Fields, _ path: DefinitionPath) -> ValueDomain {
    var result = ValueDomain.freeText
    if let list = fields.text("code-list") { result = .codeList(list) }
    if let check = fields.text("check") { result = .check(check) }
    if let pattern = fields.text("pattern") { result = .pattern(pattern) }
    if let text = fields.text("range") {
      if let range = range(text, fields) {
        result = range
      } else {
        definitions.broken.insert(path.at("domain"))
      }
    }
    if let holds = expression(fields, "holds", path.at("holds")) { result = .holds(holds) }
    for (key, domain) in [("free-text", ValueDomain.freeText), ("any-date", .anyDate)] {
      guard let flag = fields.flag(key) else { continue }
      if !flag {
        log.report(
          .invalidDomain, at: fields.place(key), "element: \"\(key)\" is false, expected true")
      }
      result = domain
    }
    return result
  }

  private func range(_ text: String, _ fields: Fields) -> ValueDomain? {
    if let range = ValueRange.parse(text) { return range }
    log.report(
      .invalidDomain, at: fields.place("range"),
      "element: the range is \"\(text)\", expected two bounds between [ or ( and ] or ), "
        + "as [0,100] or (0,)")
    return nil
  }
}

/// Reads `[0,100]`, `(0,)`, `[limit_low,)`.
enum ValueRange {
  static func parse(_ text: String) -> ValueDomain? {
    guard let open = text.first, let close = text.last, text.count >= 3,
      open == "[" || open == "(", close == "]" || close == ")"
    else { return nil }
    let bounds = text.dropFirst().dropLast()
      .split(separator: ",", omittingEmptySubsequences: false)
      .map { String($0.filter { $0 != " " }) }
    guard bounds.count == 2 else { return nil }
    let lower = bound(bounds[0], isInclusive: open == "[")
    let upper = bound(bounds[1], isInclusive: close == "]")
    guard lower != nil || bounds[0].isEmpty, upper != nil || bounds[1].isEmpty else { return nil }
    return .range(lower: lower, upper: upper)
  }

  private static func bound(_ text: String, isInclusive: Bool) -> RangeBound? {
    if ExactNumber(text) != nil { return .number(text, inclusive: isInclusive) }
    return text.isName ? .element(text, inclusive: isInclusive) : nil
  }
}
