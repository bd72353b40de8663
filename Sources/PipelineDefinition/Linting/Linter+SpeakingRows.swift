import Catalog

/// Rows inside records that speak of an entity beside the records of its category.
extension Linter {
  func checkChildRows(of entity: GoldenEntity, _ category: Category, _ path: DefinitionPath) {
    for (index, rows) in entity.childRows.enumerated() {
      let path = path.at("child-rows", String(index))
      let what = "entity \(entity.id), child-rows"
      guard
        let holder = self.category(rows.category, at: places.place(path.at("category")), what)
      else { continue }
      guard let child = holder.child(rows.table) else {
        unknown(
          .unknownChildTable, "\(what): \(holder.id) has no rows of that name;", rows.table,
          at: places.place(path.at("table")), among: holder.children.map(\.name))
        continue
      }
      let own = holder.asCategory(child)
      checkNames(of: rows, entity, own, path, what)
      checkKey(of: rows, entity, holder, path, what)
      checkCondition(of: rows, category, own, path, what)
      checkOverlap(of: index, entity, path, what)
    }
  }

  /// An element under another name is of the same kind, so that one stands for the other.
  private func checkNames(
    of rows: SpeakingRows, _ entity: GoldenEntity, _ own: Category, _ path: DefinitionPath,
    _ what: String
  ) {
    for (name, other) in rows.named.sorted(by: { $0.key < $1.key }) {
      let place = places.place(path.at("elements", name))
      guard entity.elements.contains(name), let element = elements[name] else {
        unknown(
          .unknownElement, "\(what): \(entity.id) has no value of", name, at: place,
          among: entity.elements)
        continue
      }
      guard let said = carried(other, by: own, at: place, what), !said.isSameKind(as: element)
      else { continue }
      log.report(
        .rowElementDiffers, at: place,
        "\(what): element \"\(other)\" is \(said.expressionType.words) of another form or domain "
          + "than \"\(name)\" and cannot stand for it; name another")
    }
  }

  /// Rows have the whole key themselves, and say more than it.
  private func checkKey(
    of rows: SpeakingRows, _ entity: GoldenEntity, _ holder: Category, _ path: DefinitionPath,
    _ what: String
  ) {
    func isSaid(_ name: String) -> Bool {
      if case .row = rows.source(of: name, in: entity, holder) { true } else { false }
    }
    let lacking = entity.matchKey.filter { !isSaid($0) }
    guard lacking.isEmpty else {
      log.report(
        .elementNotCarried, at: places.place(path.at("table")),
        "\(what): rows of \(holder.id) \(rows.table) have no \(lacking.joined(separator: ", ")), "
          + "which tells one \(entity.id) from another; name the element under \"elements\" or "
          + "remove the rows")
      return
    }
    guard !entity.elements.contains(where: { !entity.matchKey.contains($0) && isSaid($0) }) else {
      return
    }
    log.report(
      .rowsSayNothing, at: places.place(path.at("table")),
      "\(what): rows of \(holder.id) \(rows.table) say nothing of \(entity.id) but its key; "
        + "remove them")
  }

  private func checkCondition(
    of rows: SpeakingRows, _ category: Category, _ own: Category, _ path: DefinitionPath,
    _ what: String
  ) {
    guard let when = rows.when else { return }
    checkOwn(when, at: path.at("when"), category, what)
    var names: Set<String> = []
    when.root.visit { if case .element(let name, _, _) = $0 { names.insert(name) } }
    for name in names.sorted() where category.column(of: name) != nil {
      carried(
        rows.named[name] ?? name, by: own, at: places.place(path.at("when")), "\(what), when")
    }
  }

  /// One row speaks once: of two entries for the same rows the conditions exclude each other.
  private func checkOverlap(
    of index: Int, _ entity: GoldenEntity, _ path: DefinitionPath, _ what: String
  ) {
    let rows = entity.childRows[index]
    for (number, earlier) in entity.childRows[..<index].enumerated()
    where earlier.category == rows.category && earlier.table == rows.table {
      let base = DefinitionPath.entity(entity.id).at("child-rows", String(number)).at("when")
      let areSound =
        isSound(rows.when, at: path.at("when"), entity) && isSound(earlier.when, at: base, entity)
      let conditions = [earlier.when, rows.when].compactMap { $0 }
      guard areSound, conditions.count < 2 || checker(entity).mayHoldTogether(conditions) else {
        continue
      }
      log.report(
        .overlappingAuthority, at: places.place(path.at("table")),
        "\(what): rows of \(rows.category) \(rows.table) may speak twice; make the conditions "
          + "exclude each other or remove one")
    }
  }
}

extension DataElement {
  fileprivate func isSameKind(as other: DataElement) -> Bool {
    type == other.type && isMultiValued == other.isMultiValued && unit == other.unit
      && representation.decimals == other.representation.decimals
      && listOfCodes == other.listOfCodes
  }

  private var listOfCodes: String? {
    if case .codeList(let id) = domain { id } else { nil }
  }
}
