import Catalog

extension Linter {
  func checkCategories() {
    let usedGroups = Set(catalog.categories.map(\.group))
    for group in catalog.groups where !usedGroups.contains(group.id) {
      log.report(
        .unusedGroup, at: places.place(DefinitionPath("groups", group.id)),
        "group \"\(group.id)\" has no category; use it or remove it")
    }
    checkOrders()
    var numbers: [Int: String] = [:]
    for category in catalog.categories {
      checkStreamNumber(
        category.number, "category \(category.id): the number", places.place(.category(category.id))
      )
      if let other = numbers.updateValue(category.id, forKey: category.number) {
        log.report(
          .duplicateIdentifier, at: places.place(.category(category.id)),
          "categories \(other) and \(category.id) have the same number \(category.number); "
            + "change one")
      }
      check(category)
    }
  }

  /// The warehouse knows the records of systems by their order: two of one order would be one.
  private func checkOrders() {
    var orders: [Int: String] = [:]
    for system in catalog.systems {
      let path = DefinitionPath.system(system.id)
      let place = places.contains(path.at("order")) ? path.at("order") : path
      checkStreamNumber(system.order, "system \(system.id): the order", places.place(place))
      guard let other = orders.updateValue(system.id, forKey: system.order) else { continue }
      log.report(
        .duplicateIdentifier, at: places.place(place),
        "systems \(other) and \(system.id) have the same order \(system.order); change the one that has "
          + "delivered nothing yet")
    }
  }

  private func checkStreamNumber(_ number: Int, _ what: String, _ place: Place) {
    guard !(1...255).contains(number) else { return }
    log.report(.outOfRange, at: place, "\(what) is \(number), expected 1 to 255")
  }

  private func check(_ category: Category) {
    let path = DefinitionPath.category(category.id)
    let groups = catalog.groups.map(\.id)
    if !groups.contains(category.group) {
      unknown(
        .unknownGroup, "category: group", category.group, at: places.place(path.at("group")),
        among: groups)
    }
    for id in category.deliveredBy {
      system(id, at: places.place(path.at("delivered-by")), "delivered-by")
    }
    checkKey(of: category, path)
    checkEventTime(of: category, path)
    checkMoves(of: category, path)
    for entry in category.elements {
      guard case .conditional(let condition) = entry.obligation else { continue }
      let name = entry.element.identifier
      check(
        condition, at: path.at("elements", name, "when"), Scope(category: category.id),
        "condition of \(name)")
    }
    for child in category.children { check(child, of: category, path.at("children", child.name)) }
  }

  /// The rows of a child table carry elements of their category, and their conditions name only what
  /// the rows have themselves.
  private func check(_ child: ChildTable, of category: Category, _ path: DefinitionPath) {
    let own = child.elements.map(\.element.identifier)
    for entry in child.elements {
      let name = entry.element.identifier
      let place = places.place(path.at("elements", name))
      let what = "child table \(child.name)"
      carried(name, by: category, at: place, what)
      guard case .conditional(let condition) = entry.obligation else { continue }
      let when = path.at("elements", name, "when")
      check(condition, at: when, Scope(category: category.id), "condition of \(name)")
      let checker = ExpressionChecker(catalog: catalog, category: category.id)
      for use in checker.elements(in: condition) where !own.contains(use.identifier) {
        log.report(
          .elementNotCarried, at: places.place(when, offset: use.offset),
          "\(what): the condition names \"\(use.identifier)\", which its rows do not have; "
            + "add it or change the condition")
      }
    }
  }

  private func checkMoves(of category: Category, _ path: DefinitionPath) {
    for (index, move) in category.moves.enumerated() {
      let place = places.place(path.at("moves", String(index)))
      carried(move.from, by: category, at: place, "move")
      carried(move.to, by: category, at: place, "move")
      guard let element = carried(move.element, by: category, at: place, "move") else { continue }
      for code in move.codes {
        guard let objection = element.objection(to: code, in: catalog) else { continue }
        log.report(
          .unknownCode, at: place, "move: \(objection.message)", suggestion: objection.near)
      }
    }
  }

  private func checkKey(of category: Category, _ path: DefinitionPath) {
    let place = places.place(path.at("entity-key"))
    if category.entityKey.isEmpty {
      log.report(
        .missingKey, at: place, "\(category.id): entity-key names nothing; name an element or more")
    }
    for (index, name) in category.entityKey.enumerated() {
      if category.entityKey[..<index].contains(name) {
        log.report(
          .duplicateIdentifier, at: place,
          "\(category.id): entity-key names \"\(name)\" twice; remove one")
      }
      guard carried(name, by: category, at: place, "entity-key") != nil,
        let column = category.column(of: name), !category.elements[column].isKey
      else { continue }
      log.report(
        .keyNotMarked, at: places.place(path.at("elements", name)),
        "element \"\(name)\" belongs to the entity key of \(category.id) and is not marked; "
          + "add key: true")
    }
  }

  private func checkEventTime(of category: Category, _ path: DefinitionPath) {
    let place = places.place(path.at("event-time"))
    guard let element = carried(category.eventTime, by: category, at: place, "event-time"),
      element.type != .date, element.type != .dateTime
    else { return }
    log.report(
      .eventTimeNotDate, at: place,
      "event-time: element \"\(element.identifier)\" is a \(element.type.rawValue), "
        + "expected a date or date-time")
  }
}
