import Catalog

/// Tiers and the negative list.
extension FolderLoader {
  mutating func loadTiers(_ file: LoadedFile) {
    let fields = file.fields
    let inherited = fields.text("origin")
    let entries =
      fields.required("categories") == nil ? [] : fields.maps("categories", what: "category tier")
    for entry in entries {
      let category = entry.requiredText("category")
      let path = DefinitionPath("category-tiers", category)
      guard !category.isEmpty, claim(path, entry, key: "category") else { continue }
      let result = CategoryTier(
        category: category, tier: tier(entry), origin: origin(entry, inherited: inherited))
      definitions.catalog.sharing?.categoryTiers.append(result)
      entry.finish()
    }
    for entry in fields.maps("elements", what: "element tier") {
      let (category, element) = (entry.requiredText("category"), entry.requiredText("element"))
      let path = DefinitionPath("element-tiers", category, element)
      guard !category.isEmpty, claim(path, entry, key: "element") else { continue }
      definitions.places.record(path.at("category"), entry.place("category"))
      let result = ElementTier(
        category: category, element: element, tier: tier(entry),
        origin: origin(entry, inherited: inherited))
      definitions.catalog.sharing?.elementTiers.append(result)
      entry.finish()
    }
    for entry in fields.maps("conditions", what: "tier condition") {
      loadTierCondition(entry, inherited)
    }
    fields.finish()
  }

  private mutating func loadTierCondition(_ fields: Fields, _ inherited: String?) {
    let id = fields.requiredText("id")
    let path = DefinitionPath.tierCondition(id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    places(of: ["name", "english"], fields, path)
    let condition = TierCondition(
      id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
      predicate: predicate(fields, path), tier: tier(fields),
      origin: origin(fields, inherited: inherited))
    definitions.catalog.sharing?.tierConditions.append(condition)
    fields.finish()
  }

  mutating func loadNegativeList(_ file: LoadedFile) {
    let fields = file.fields
    let inherited = fields.text("origin")
    definitions.catalog.sharing?.itemCount = fields.requiredInteger("count")
    definitions.places.record(DefinitionPath("negative-list"), fields.place("count"))
    let entries =
      fields.required("items") == nil ? [] : fields.maps("items", what: "negative-list item")
    for entry in entries { loadNegativeItem(entry, inherited) }
    fields.finish()
  }

  private mutating func loadNegativeItem(_ fields: Fields, _ inherited: String?) {
    let id = fields.requiredText("id")
    let path = DefinitionPath.negativeItem(id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    places(of: ["name", "english", "scope", "tiers"], fields, path)
    let action = fields.required("action").flatMap {
      fields.choice($0, "action", NegativeAction.self)
    }
    let tiers = fields.required("tiers") == nil ? [] : fields.list("tiers")
    let item = NegativeItem(
      id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
      predicate: predicate(fields, path), scope: fields.texts("scope"),
      action: action ?? .denyRecord,
      tiers: Set(tiers.compactMap { fields.choice($0, "tiers", SharingTier.self) }),
      origin: origin(fields, inherited: inherited))
    definitions.catalog.sharing?.items.append(item)
    fields.finish()
  }

  private func tier(_ fields: Fields) -> SharingTier {
    fields.required("tier").flatMap { fields.choice($0, "tier", SharingTier.self) } ?? .restricted
  }

  mutating func places(of keys: [String], _ fields: Fields, _ path: DefinitionPath) {
    for key in keys where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
  }

  /// `categories`, and for them `when` with exceptions under `when-by-category`, or `always: true`.
  private mutating func predicate(_ fields: Fields, _ path: DefinitionPath) -> RecordPredicate {
    places(of: ["categories"], fields, path)
    var result = RecordPredicate(categories: [], conditions: [:])
    if fields.required("categories") != nil { result.categories = fields.texts("categories") }
    let common = expression(fields, "when", path.at("when"))
    for (category, text, node) in fields.textsByName("when-by-category") {
      result.conditions[category] = expression(node, text, path.at("when-by-category", category))
    }
    let isAlways = fields.flag("always") ?? false
    let named = Set(result.conditions.keys)
    if isAlways == (common != nil || !named.isEmpty) {
      log.report(
        .conditionOfItem, at: fields.place("id"),
        "\(fields.what): expected either a condition under \"when\" or \"always: true\"")
    }
    for category in named.subtracting(result.categories).sorted() {
      log.report(
        .conditionOfItem, at: fields.place("when-by-category"),
        "\(fields.what): \"\(category)\" has a condition and is not among the categories; add it",
        suggestion: nearest(to: category, among: result.categories))
    }
    for category in result.categories where !named.contains(category) && !isAlways {
      if let common {
        result.conditions[category] = common
      } else if !named.isEmpty {
        log.report(
          .conditionOfItem, at: fields.place("categories"),
          "\(fields.what): category \"\(category)\" has no condition; add one")
      }
    }
    return result
  }
}
