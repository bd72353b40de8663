import Catalog

extension Linter {
  func checkSharing() {
    guard let policy = catalog.sharing else { return }
    checkTiers(policy)
    checkItems(policy)
    checkMasks(policy)
    checkFreeText(policy)
  }

  // MARK: Tiers

  private func checkTiers(_ policy: SharingPolicy) {
    for entry in policy.categoryTiers {
      let place = places.place(DefinitionPath("category-tiers", entry.category))
      _ = category(entry.category, at: place, "tiers")
    }
    let named = Set(policy.categoryTiers.map(\.category))
    for category in catalog.categories where !named.contains(category.id) {
      log.report(
        .missingTier, at: Place(file: "sharing/tiers.yaml"),
        "category \(category.id) has no tier; add it under \"categories\"")
    }
    for entry in policy.elementTiers {
      let path = DefinitionPath("element-tiers", entry.category, entry.element)
      guard let category = category(entry.category, at: places.place(path.at("category")), "tiers"),
        let element = carried(entry.element, by: category, at: places.place(path), "tiers"),
        entry.tier <= element.tier
      else { continue }
      log.report(
        .tierWithoutEffect, at: places.place(path),
        "tiers: \"\(entry.element)\" is \(element.tier.rawValue) everywhere, and the strictest tier "
          + "counts; name a stricter one than \(entry.tier.rawValue) or remove the entry")
    }
    for condition in policy.tierConditions {
      let path = DefinitionPath.tierCondition(condition.id)
      check(condition.predicate, path, "condition \(condition.id)")
      texts(condition.name, condition.english, path)
    }
  }

  /// A predicate names categories that exist.
  private func check(_ predicate: RecordPredicate, _ path: DefinitionPath, _ what: String) {
    for id in predicate.categories {
      guard let category = category(id, at: places.place(path.at("categories")), what),
        let condition = predicate.conditions[id]
      else { continue }
      let own = path.at("when-by-category", id)
      let place = places.contains(own) ? own : path.at("when")
      check(condition, at: place, Scope(category: category.id), "\(what), \(id)")
    }
  }

  // MARK: Negative list

  private func checkItems(_ policy: SharingPolicy) {
    if policy.items.count != policy.itemCount {
      log.report(
        .itemCount, at: places.place(DefinitionPath("negative-list")),
        "the negative list has \(policy.items.count) items and should have \(policy.itemCount); "
          + "add what is missing or correct \"count\"")
    }
    for item in policy.items {
      let path = DefinitionPath.negativeItem(item.id)
      check(item.predicate, path, "item \(item.id)")
      checkScope(of: item, path)
      texts(item.name, item.english, path)
    }
  }

  private func checkScope(of item: NegativeItem, _ path: DefinitionPath) {
    let place = places.place(path.at("scope"))
    for (key, isEmpty) in [
      ("scope", item.scope.isEmpty), ("tiers", item.tiers.isEmpty),
      ("categories", item.predicate.categories.isEmpty),
    ] where isEmpty {
      log.report(
        .emptyScope, at: places.place(path.at(key)),
        "item \(item.id): \"\(key)\" names nothing, and the item would keep nothing back; "
          + "name what is meant")
    }
    let meant = item.predicate.categories.compactMap { categories[$0] }
    for name in item.scope {
      guard elements[name] != nil else {
        let own = meant.flatMap { $0.elements.map(\.element.identifier) }
        unknown(.unknownElement, "item \(item.id): element", name, at: place, among: own)
        continue
      }
      if meant.contains(where: { $0.column(of: name) != nil }) || meant.isEmpty { continue }
      let own = meant.flatMap { $0.elements.map(\.element.identifier) }
      log.report(
        .elementNotCarried, at: place,
        "item \(item.id): none of its categories carries the element \"\(name)\"; "
          + "name another or remove it",
        suggestion: nearest(to: name, among: own))
    }
  }

  // MARK: Masks

  private func checkMasks(_ policy: SharingPolicy) {
    for mask in policy.masks { texts(mask.name, mask.english, .mask(mask.id)) }
    var masked: [String: String] = [:]
    for (index, assignment) in policy.assignments.enumerated() {
      let path = DefinitionPath("mask-assignments", String(index))
      let mask = self.mask(assignment.mask, policy, at: places.place(path.at("mask")), "assignment")
      checkChecks(of: assignment, path)
      let keys = assignment.elements + assignment.checks + assignment.types.map(\.rawValue)
      for key in keys {
        guard let other = masked.updateValue(assignment.mask, forKey: key) else { continue }
        log.report(
          .maskedTwice, at: places.place(path.at("mask")),
          "assignment: \"\(key)\" has the mask \"\(other)\" already; remove one")
      }
      for name in assignment.elements where elements[name] == nil {
        unknown(
          .unknownElement, "assignment: element", name, at: places.place(path.at("elements")),
          among: elements.keys)
      }
      let isWrong = { element in
        policy.isMasked(element, by: assignment) && mask?.suits(element) == false
      }
      guard let element = catalog.elements.first(where: isWrong) else { continue }
      log.report(
        .maskOfType, at: places.place(path.at("mask")),
        "assignment: the mask \"\(assignment.mask)\" cannot be put on \"\(element.identifier)\", "
          + "which is a \(element.codeList == nil ? element.type.rawValue : "code"); "
          + "choose another")
    }
  }

  private func checkChecks(of assignment: MaskAssignment, _ path: DefinitionPath) {
    let kinds = catalog.identifiers.map(\.kind)
    for kind in assignment.checks where !kinds.contains(kind) {
      unknown(
        .unknownCheck, "assignment: identifier check", kind,
        at: places.place(path.at("checks")), among: kinds)
    }
  }

  /// The mask, or a problem and nil.
  @discardableResult
  private func mask(
    _ id: String, _ policy: SharingPolicy, at place: Place, _ what: String
  ) -> Mask? {
    if let mask = policy.mask(id) { return mask }
    unknown(.unknownMask, "\(what): mask", id, at: place, among: policy.masks.map(\.id))
    return nil
  }

  // MARK: Free text

  private func checkFreeText(_ policy: SharingPolicy) {
    let path = DefinitionPath("free-text")
    let freeText = policy.freeText
    for (key, names) in [("elements", freeText.elements), ("names", freeText.names)] {
      let place = places.place(path.at(key))
      for name in names {
        guard let element = elements[name] else {
          unknown(.unknownElement, "free text: element", name, at: place, among: elements.keys)
          continue
        }
        if element.type == .text, element.codeList == nil { continue }
        log.report(
          .maskOfType, at: place,
          "free text: \"\(name)\" is a "
            + "\(element.codeList == nil ? element.type.rawValue : "code"), expected a text; "
            + "name another")
      }
    }
    checkInText(freeText.nameMask, policy, at: places.place(path.at("name-mask")))
    for form in freeText.numbers {
      let path = path.at("numbers", form.id)
      checkInText(form.mask, policy, at: places.place(path.at("mask")))
      texts(form.name, form.english, path)
    }
  }

  /// The mask of a part of a text has no column that it could look at.
  private func checkInText(_ id: String, _ policy: SharingPolicy, at place: Place) {
    guard let mask = mask(id, policy, at: place, "free text") else { return }
    switch mask.kind {
    case .name, .ends, .blank: return
    case .county, .year, .hash:
      log.report(
        .maskOfType, at: place,
        "free text: the mask \"\(id)\" cannot be put on a part of a text; choose another")
    }
  }
}

extension SharingPolicy {
  /// Whether the element takes its mask from this assignment and no other.
  fileprivate func isMasked(_ element: DataElement, by assignment: MaskAssignment) -> Bool {
    guard let own = self.assignment(for: element) else { return false }
    return own.mask == assignment.mask && own.elements == assignment.elements
      && own.checks == assignment.checks && own.types == assignment.types
  }
}
