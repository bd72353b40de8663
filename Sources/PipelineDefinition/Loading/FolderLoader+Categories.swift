import Catalog

extension FolderLoader {
  mutating func loadGroups(_ file: LoadedFile) {
    let inherited = file.fields.text("origin")
    for fields in file.fields.maps("groups", what: "group") {
      let id = fields.requiredText("id")
      guard !id.isEmpty, claim(DefinitionPath("groups", id), fields, key: "id") else { continue }
      definitions.catalog.groups.append(
        CategoryGroup(
          id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
          origin: origin(fields, inherited: inherited)))
      fields.finish()
    }
    file.fields.finish()
  }

  mutating func loadCategory(_ file: LoadedFile) {
    let fields = file.fields
    let id = fields.requiredText("id")
    let path = DefinitionPath.category(id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    checkFileName(file.path, id, fields, key: "id")
    if !id.isName {
      log.report(
        .invalidIdentifier, at: fields.place("id"),
        "category: \"\(id)\" is not made of letters, digits and _; choose another code")
    }
    for key in ["group", "entity-key", "event-time", "delivered-by", "name", "english"] {
      definitions.places.record(path.at(key), fields.place(key))
    }
    let key = fields.required("entity-key") == nil ? [] : fields.texts("entity-key")
    let systems = fields.required("delivered-by") == nil ? [] : fields.texts("delivered-by")
    var category = Category(
      id: id, number: fields.requiredInteger("number"), name: fields.requiredText("name"),
      english: fields.requiredText("english"), group: fields.requiredText("group"),
      elements: [], entityKey: key, isIssuerScoped: fields.flag("issuer-scoped") ?? false,
      eventTime: fields.requiredText("event-time"), deliveredBy: systems, origin: origin(fields))
    if fields.required("elements") != nil {
      for entry in fields.maps("elements", what: "element of \(id)") {
        add(entry, path, &category)
      }
    }
    for move in fields.maps("moves", what: "move of \(id)") {
      category.moves.append(self.move(move, path.at("moves", String(category.moves.count))))
    }
    for child in fields.maps("children", what: "child table of \(id)") {
      if let table = self.child(child, path, category) { category.children.append(table) }
    }
    definitions.catalog.categories.append(category)
    fields.finish()
  }

  private mutating func child(
    _ fields: Fields, _ path: DefinitionPath, _ category: Category
  ) -> ChildTable? {
    let name = fields.requiredText("name")
    let path = path.at("children", name)
    guard !name.isEmpty, claim(path, fields, key: "name") else { return nil }
    if !name.isName {
      log.report(
        .invalidIdentifier, at: fields.place("name"),
        "\(fields.what): \"\(name)\" is not made of letters, digits and _; choose another name")
    }
    var rows = category
    rows.elements = []
    if fields.required("elements") != nil {
      for entry in fields.maps("elements", what: "element of \(category.id), \(name)") {
        add(entry, path, &rows)
      }
    }
    let table = ChildTable(
      name: name, title: fields.requiredText("title"), english: fields.requiredText("english"),
      elements: rows.elements, origin: origin(fields))
    for key in ["title", "english"] {
      definitions.places.record(path.at(key), fields.place(key))
    }
    fields.finish()
    return table
  }

  private mutating func move(_ fields: Fields, _ path: DefinitionPath) -> ElementMove {
    definitions.places.record(path, fields.place)
    let move = ElementMove(
      from: fields.requiredText("from"), to: fields.requiredText("to"),
      element: fields.requiredText("element"),
      codes: fields.required("codes") == nil ? [] : fields.texts("codes"), origin: origin(fields))
    fields.finish()
    return move
  }

  private mutating func add(_ fields: Fields, _ path: DefinitionPath, _ category: inout Category) {
    let name = fields.requiredText("element")
    let place = path.at("elements", name)
    let obligation = obligation(fields, place.at("when"))
    let isKey = fields.flag("key") ?? false
    fields.finish()
    guard !name.isEmpty else { return }
    guard let element = definitions.catalog.element(name) else {
      log.report(
        .unknownElement, at: fields.place("element"),
        "\(fields.what): element \"\(name)\" is not in the catalog; define it or correct the name",
        suggestion: nearest(to: name, among: definitions.catalog.elements.map(\.identifier)))
      return
    }
    guard !definitions.places.contains(place) else {
      log.report(
        .duplicateIdentifier, at: fields.place("element"),
        "\(fields.what): element \"\(name)\" stands already at "
          + "\(definitions.places.place(place)); remove one")
      return
    }
    definitions.places.record(place, fields.place)
    category.elements.append(
      CategoryElement(element: element, obligation: obligation, isKey: isKey))
  }

  private mutating func obligation(_ fields: Fields, _ path: DefinitionPath) -> Obligation {
    let kind =
      fields.required("obligation").flatMap {
        fields.choice($0, "obligation", ObligationKind.self)
      } ?? .optional
    let condition = expression(fields, "when", path)
    switch (kind, condition) {
    case (.conditional, .some(let condition)):
      return .conditional(condition)
    case (.conditional, nil):
      log.report(
        .conditionMissing, at: fields.place,
        "\(fields.what): the obligation is conditional and has no \"when\"; add the condition")
      return .optional
    case (_, .some):
      log.report(
        .conditionUnused, at: fields.place("when"),
        "\(fields.what): \"when\" stands beside \"\(kind.rawValue)\"; "
          + "remove it or make the obligation conditional")
      return kind == .required ? .required : .optional
    case (.required, nil): return .required
    case (.optional, nil): return .optional
    }
  }
}

/// The words for ``Obligation``.
private enum ObligationKind: String, CaseIterable {
  case required
  case conditional
  case optional
}
