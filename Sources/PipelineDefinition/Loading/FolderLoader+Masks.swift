import Catalog

/// Masks and the cleaning of free text.
extension FolderLoader {
  mutating func loadMasks(_ file: LoadedFile) {
    let fields = file.fields
    let inherited = fields.text("origin")
    let entries = fields.required("masks") == nil ? [] : fields.maps("masks", what: "mask")
    for entry in entries { loadMask(entry, inherited) }
    definitions.catalog.sharing?.compoundSurnames = fields.texts("compound-surnames")
    for (index, entry) in fields.maps("assignments", what: "assignment of a mask").enumerated() {
      let path = DefinitionPath("mask-assignments", String(index))
      places(of: ["mask", "elements", "checks", "types"], entry, path)
      let release = entry.has("release") ? entry.choice("release", SharingTier.self) : nil
      let assignment = MaskAssignment(
        mask: entry.requiredText("mask"), elements: entry.texts("elements"),
        checks: entry.texts("checks"),
        types: entry.list("types").compactMap { entry.choice($0, "types", ElementType.self) },
        release: release, origin: origin(entry, inherited: inherited))
      definitions.catalog.sharing?.assignments.append(assignment)
      entry.finish()
    }
    fields.finish()
  }

  private mutating func loadMask(_ fields: Fields, _ inherited: String?) {
    let id = fields.requiredText("id")
    let path = DefinitionPath.mask(id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    places(of: ["name", "english"], fields, path)
    let word = fields.required("kind").flatMap { fields.choice($0, "kind", Mask.Word.self) }
    let mask = Mask(
      id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
      kind: kind(word ?? .blank, fields), origin: origin(fields, inherited: inherited))
    definitions.catalog.sharing?.masks.append(mask)
    fields.finish()
  }

  private func kind(_ word: Mask.Word, _ fields: Fields) -> Mask.Kind {
    switch word {
    case .name: .name
    case .county: .county
    case .year: .year
    case .hash: .hash
    case .blank: .blank
    case .ends:
      .ends(
        first: number(fields, "first", 0...20), last: number(fields, "last", 0...20),
        // A mask that hides nothing is none.
        hidden: number(fields, "hidden", 1...100))
    }
  }

  /// A whole number in a range, which also stands in for one that is not.
  private func number(_ fields: Fields, _ key: String, _ range: ClosedRange<Int>) -> Int {
    guard fields.required(key) != nil, let number = fields.integer(key) else {
      return range.upperBound
    }
    if range.contains(number) { return number }
    log.report(
      .outOfRange, at: fields.place(key),
      "\(fields.what): \"\(key)\" is \(number), expected \(range.lowerBound) to "
        + "\(range.upperBound)")
    return range.upperBound
  }

  mutating func loadFreeText(_ file: LoadedFile) {
    let fields = file.fields
    let inherited = fields.text("origin")
    places(of: ["elements", "names", "name-mask"], fields, DefinitionPath("free-text"))
    var policy = FreeTextPolicy()
    if fields.required("elements") != nil { policy.elements = fields.texts("elements") }
    if fields.required("names") != nil { policy.names = fields.texts("names") }
    policy.nameMask = fields.requiredText("name-mask")
    policy.separators = fields.text("separators") ?? ""
    let entries =
      fields.required("numbers") == nil ? [] : fields.maps("numbers", what: "number in free text")
    for entry in entries {
      if let form = numberForm(entry, inherited) { policy.numbers.append(form) }
    }
    definitions.catalog.sharing?.freeText = policy
    fields.finish()
  }

  private mutating func numberForm(_ fields: Fields, _ inherited: String?) -> NumberForm? {
    let id = fields.requiredText("id")
    let path = DefinitionPath("free-text", "numbers", id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return nil }
    places(of: ["name", "english", "mask"], fields, path)
    let from = number(fields, "from", 1...40)
    let to = fields.has("to") ? number(fields, "to", 1...40) : Int.max
    if to < from {
      log.report(
        .outOfRange, at: fields.place("to"),
        "\(fields.what): \"to\" is \(to), expected \(from) or more")
    }
    let form = NumberForm(
      id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
      digits: min(from, to)...max(from, to), begins: fields.texts("begins"),
      after: fields.texts("after"), mayEndInX: fields.flag("ends-in-x") ?? false,
      mask: fields.requiredText("mask"), origin: origin(fields, inherited: inherited))
    fields.finish()
    return form
  }
}
