import Catalog

/// Checks how one system maps one category.
struct MappingCheck {
  let linter: Linter
  let adapter: SourceAdapter
  let mapping: CategoryMapping
  let category: Category
  let path: DefinitionPath

  private var log: ProblemLog { linter.log }
  private var what: String { "source \(adapter.system), \(category.id)" }

  func run() {
    for column in mapping.columns { check(column) }
    checkHeaders()
    checkOnce()
    checkConstants()
    checkDemands()
  }

  private func place(_ more: String...) -> Place {
    var path = path
    path.components += more
    return linter.places.place(path)
  }

  // MARK: Columns

  private func check(_ column: ColumnMapping) {
    let name = column.column
    guard let id = column.element else { return }
    guard
      let element = linter.carried(
        id, by: category, at: place("columns", name, "element"), what)
    else { return }
    if column.separators != nil, !element.isMultiValued {
      log.report(
        .separatorsUnused, at: place("columns", name, "separators"),
        "\(what): element \"\(id)\" has one value only; remove the separators")
    }
    if let unit = column.unit, !UnitOfMeasure.converts(unit, to: element.unit) {
      log.report(
        .unitNotConvertible, at: place("columns", name, "unit"),
        "\(what): \"\(unit)\" cannot be converted to the unit of \"\(id)\", "
          + "\(element.unit.map { "\"\($0)\"" } ?? "which has none"); correct one of them")
    }
    checkCodes(of: column, element)
  }

  private func checkCodes(of column: ColumnMapping, _ element: DataElement) {
    guard !column.codes.isEmpty else { return }
    guard let list = element.codeList.flatMap({ linter.catalog.codeList($0) }) else {
      log.report(
        .unknownCode, at: place("columns", column.column),
        "\(what): element \"\(element.identifier)\" has no code list; remove \"codes\"")
      return
    }
    let codes = list.values.map(\.code)
    for (label, code) in column.codes.sorted(by: { $0.key < $1.key }) where !codes.contains(code) {
      linter.unknown(
        .unknownCode, "\(what): in \(list.id) the code", code,
        at: place("columns", column.column, "codes", label), among: codes)
    }
  }

  private func checkHeaders() {
    var owners: [String: String] = [:]
    for column in mapping.columns { owners[column.column] = column.column }
    for column in mapping.columns {
      for header in column.also {
        guard let other = owners.updateValue(column.column, forKey: header) else { continue }
        log.report(
          .ambiguousColumn, at: place("columns", column.column),
          "\(what): header \"\(header)\" leads to \"\(other)\" and to \"\(column.column)\"; "
            + "leave it in one place")
      }
    }
  }

  private func checkOnce() {
    var owners: [String: String] = [:]
    for column in mapping.columns {
      guard let id = column.element else { continue }
      let isMerged = linter.elements[id]?.isMultiValued == true
      if let other = owners.updateValue(column.column, forKey: id), !isMerged {
        twice(id, "column \"\(other)\"", place("columns", column.column, "element"))
      }
    }
    for (key, values) in [("constants", mapping.constants), ("generated", mapping.generated)] {
      for id in values.keys.sorted() {
        if let column = owners[id] { twice(id, "column \"\(column)\"", place(key, id)) }
        if key == "generated", mapping.constants[id] != nil {
          twice(id, "a constant", place(key, id))
        }
      }
    }
  }

  private func twice(_ id: String, _ other: String, _ place: Place) {
    log.report(
      .elementMappedTwice, at: place,
      "\(what): element \"\(id)\" comes from \(other) already; remove one")
  }

  // MARK: Constants

  private func checkConstants() {
    for (key, values) in [("constants", mapping.constants), ("generated", mapping.generated)] {
      for (id, value) in values.sorted(by: { $0.key < $1.key }) {
        let place = place(key, id)
        guard let element = linter.carried(id, by: category, at: place, what) else { continue }
        if key == "generated", value == "delivery" { continue }
        guard let objection = element.objection(to: value, in: linter.catalog) else { continue }
        log.report(
          .invalidConstant, at: place,
          "\(what): \(objection.message), which element \"\(id)\" demands; correct the value",
          suggestion: objection.near)
      }
    }
  }

  // MARK: Demands of the category

  private func supply(_ id: String) -> ConditionReach.Supply {
    if let value = mapping.constants[id] { return .constant(value) }
    if let value = mapping.generated[id] { return value == "delivery" ? .column : .constant(value) }
    return mapping.columns.contains { $0.element == id } ? .column : .nothing
  }

  private func checkDemands() {
    for entry in category.elements {
      let id = entry.element.identifier
      guard case .nothing = supply(id) else { continue }
      switch entry.obligation {
      case .required:
        missing(id, entry.isKey ? "belongs to the key" : "is required")
      case .conditional(let condition):
        let reach = ConditionReach.of(condition.root, supply)
        if reach == .isTrue {
          missing(id, "is required because \(condition)")
        } else if reach.contains(.isTrue) {
          log.report(
            .conditionalNotMapped, at: place(),
            "\(what): element \"\(id)\" is required where \(condition), and no column, constant "
              + "or generated value gives it; add one, or a constant that rules the condition out")
        }
      case .optional:
        if entry.isKey { missing(id, "belongs to the key") }
      }
    }
  }

  private func missing(_ id: String, _ why: String) {
    log.report(
      .elementNotMapped, at: place(),
      "\(what): element \"\(id)\" \(why), and no column, constant or generated value gives it; "
        + "add one")
  }
}

/// Units that differ by a power of ten written before them.
enum UnitOfMeasure {
  private static let magnitudes: Set<Character> = ["百", "千", "万", "亿"]

  /// Whether numbers in `unit` can be brought to the unit `own`: both have the same base.
  static func converts(_ unit: String, to own: String?) -> Bool {
    guard let own else { return false }
    return unit == own || base(unit) == base(own)
  }

  private static func base(_ unit: String) -> Substring {
    let isScaled = unit.count > 1 && unit.first.map { magnitudes.contains($0) } == true
    return isScaled ? unit.dropFirst() : unit[...]
  }
}
