import Catalog

/// Worked cases of what may leave.
extension Linter {
  func check(_ example: SharingCase, _ file: WorkedCaseFile, _ path: DefinitionPath) {
    let what = "case \"\(example.name)\""
    check(Array(example.given.keys), of: example.category, path.at("given"), what)
    guard let category = categories[example.category] else { return }
    if file.base[category.id] == nil {
      log.report(
        .missingBase, at: places.place(path),
        "\(what): the file has no base record of \(category.id); add it under \"base\"")
    }
    for name in example.granted {
      carried(name, by: category, at: places.place(path.at("granted")), what)
    }
    for (name, rows) in example.rows.sorted(by: { $0.key < $1.key }) {
      let path = path.at("rows", name)
      guard let table = table(name, of: category, at: places.place(path), what) else { continue }
      for element in Set(rows.flatMap(\.keys)).sorted() {
        carried(element, by: table, of: category, at: places.place(path.at(element)), what)
      }
    }
    for id in example.covers { known(id, at: places.place(path.at("covers")), what) }
    checkExpectation(of: example, category, path.at("expect"), what)
  }

  private func checkExpectation(
    of example: SharingCase, _ category: Category, _ path: DefinitionPath, _ what: String
  ) {
    if let by = example.by {
      known(by, beside: [category.id], at: places.place(path.at("by", by)), what)
    }
    let masks = catalog.sharing?.masks.map(\.id) ?? []
    for cell in example.cells {
      let place = places.place(path.at("element", cell.element))
      if let name = cell.table {
        let at = places.place(path.at("table", name))
        guard let table = table(name, of: category, at: at, what) else { continue }
        carried(cell.element, by: table, of: category, at: place, what)
        if cell.row < 1 || cell.row > example.rows[name]?.count ?? 0 {
          log.report(
            .outOfRange, at: place,
            "\(what): \"\(name)\" has no row \(cell.row); add it under rows")
        }
      } else {
        carried(cell.element, by: category, at: place, what)
      }
      if let by = cell.by {
        let others = [category.id, cell.element, "free-text"]
        known(by, beside: others, at: places.place(path.at("by", by)), what)
      }
      if let mask = cell.mask, !masks.contains(mask) {
        unknown(
          .unknownMask, "\(what): mask", mask, at: places.place(path.at("mask", mask)),
          among: masks)
      }
    }
  }

  private func table(
    _ name: String, of category: Category, at place: Place, _ what: String
  ) -> ChildTable? {
    if let table = category.children.first(where: { $0.name == name }) { return table }
    unknown(
      .unknownChildTable, "\(what): child table", name, at: place,
      among: category.children.map(\.name))
    return nil
  }

  private func carried(
    _ name: String, by table: ChildTable, of category: Category, at place: Place, _ what: String
  ) {
    carried(name, by: category.asCategory(table), at: place, what)
  }

  /// Reports an item or condition that does not exist.
  private func known(
    _ id: String, beside others: [String] = [], at place: Place, _ what: String
  ) {
    let items = catalog.sharing?.items.map(\.id) ?? []
    let conditions = catalog.sharing?.tierConditions.map(\.id) ?? []
    let ids = items + conditions + others
    if !ids.contains(id) {
      unknown(.unknownItem, "\(what): item or condition", id, at: place, among: ids)
    }
  }

  // MARK: Coverage

  /// Every item and every tier condition has a case in which it decides, one in which it does not, and,
  /// where its condition can be unknown, one in which that closes.
  func checkSharingCoverage() {
    guard let policy = catalog.sharing, !definitions.checks.isEmpty else { return }
    let cases = definitions.checks.flatMap(\.sharing)
    for item in policy.items {
      checkCoverage(of: item.id, item.predicate, .negativeItem(item.id), cases)
    }
    for condition in policy.tierConditions {
      checkCoverage(of: condition.id, condition.predicate, .tierCondition(condition.id), cases)
    }
  }

  private func checkCoverage(
    of id: String, _ predicate: RecordPredicate, _ path: DefinitionPath, _ cases: [SharingCase]
  ) {
    let reasons = cases.flatMap(\.reasons).filter { $0.id == id }
    let passes = cases.contains { example in
      example.covers.contains(id) && !example.reasons.contains { $0.id == id }
    }
    let canBeUnknown = predicate.conditions.values.contains { $0.root.canBeUnknown }
    let lacks = [
      reasons.contains { $0.because == .holds } ? nil : "in which it decides",
      passes ? nil : "in which it does not",
      reasons.contains { $0.because == .unknown } || !canBeUnknown ? nil : "in which it is unknown",
    ].compactMap { $0 }
    guard !lacks.isEmpty else { return }
    log.report(
      .uncoveredItem, at: places.place(path),
      "\(id) has no worked case \(lacks.joined(separator: " and none ")); add one to checks/")
  }
}

extension Expression.Node {
  /// Whether some record leaves the condition undecided: `present` and `absent` are always decided
  /// (semantics.md §1).
  fileprivate var canBeUnknown: Bool {
    switch self {
    case .present, .absent, .boolean: false
    case .not, .and, .or, .implies, .equivalent: children.contains(where: \.canBeUnknown)
    default: true
    }
  }
}
