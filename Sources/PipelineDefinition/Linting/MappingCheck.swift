import Catalog
import Records

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
    for column in mapping.columns { check(column, category, path) }
    checkPaths()
    checkChildren()
    checkHeaders()
    checkOnce()
    checkConstants()
    checkDemands()
  }

  private func place(_ more: String...) -> Place { place(more) }

  private func place(_ more: [String]) -> Place {
    var path = path
    path.components += more
    return linter.places.place(path)
  }

  // MARK: Columns

  /// - Parameter path: Of what holds the column.
  private func check(_ column: ColumnMapping, _ category: Category, _ path: DefinitionPath) {
    let name = column.column
    func place(_ more: String...) -> Place {
      var path = path
      path.components += more
      return linter.places.place(path)
    }
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
    if let unit = column.unit, unit != ColumnMapping.anyUnit || element.unit != nil,
      !UnitOfMeasure.converts(unit, to: element.unit)
    {
      log.report(
        .unitNotConvertible, at: place("columns", name, "unit"),
        "\(what): \"\(unit)\" cannot be converted to the unit of \"\(id)\", "
          + "\(element.unit.map { "\"\($0)\"" } ?? "which has none"); correct one of them")
    }
    checkCodes(of: column, element, path)
  }

  private func checkCodes(
    of column: ColumnMapping, _ element: DataElement, _ path: DefinitionPath
  ) {
    func place(_ more: String...) -> Place {
      var path = path
      path.components += more
      return linter.places.place(path)
    }
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
    checkMeanings(of: column, list) { place("columns", column.column, "codes", $0) }
  }

  /// What the list calls by a name of its own, a source cannot call by it something else: the list is asked first.
  private func checkMeanings(
    of column: ColumnMapping, _ list: CodeList, _ place: (String) -> Place
  ) {
    var meanings: [String: String] = [:]
    for value in list.values {
      for text in [value.code, value.label, value.english] + value.synonyms {
        meanings[Linter.folded(text)] = value.code
      }
    }
    for (label, code) in column.codes.sorted(by: { $0.key < $1.key }) {
      let folded = Linter.folded(label)
      guard let other = meanings.updateValue(code, forKey: folded), other != code else { continue }
      log.report(
        .ambiguousLabel, at: place(label),
        "\(what): \"\(label)\" means \(code) here, and \(other) in \(list.id) or another entry; it is "
          + "read as \(other)")
    }
  }

  // MARK: Paths and child rows

  private func checkPaths() {
    guard adapter.format.isTree else {
      if mapping.records != nil {
        log.report(
          .formatMismatch, at: place("records"),
          "\(what): \"records\" names a place in a document, and the format is csv; remove it")
      }
      return
    }
    if let records = mapping.records ?? adapter.document.records {
      linter.checkPrefixes(records, adapter, at: place("records"))
      if records.parents > 0 || (adapter.format == .xml && !records.isRepeated) {
        log.report(
          .invalidPath, at: place("records"),
          "\(what): \"\(records)\" does not lead from the root of a document to its records; write it "
            + "as \"Export/Case[]\"")
      }
    } else if adapter.format != .ndjson {
      log.report(
        .recordsNotNamed, at: place(),
        "\(what): nothing says where the records lie in a document; add \"records\" here or under "
          + "document")
    }
    checkPaths(of: mapping.columns, at: [])
  }

  private func checkPaths(of columns: [ColumnMapping], at keys: [String]) {
    for column in columns {
      for text in [column.column] + column.also {
        var path = path
        path.components += keys + ["columns", column.column]
        let place = linter.places.place(path)
        guard let steps = FieldPath(text) else {
          log.report(
            .invalidPath, at: place,
            "\(what): \"\(text)\" is not a path from a record; write steps as \"party[1]/name\", "
              + "\"@code\" or \"../number\"")
          continue
        }
        linter.checkPrefixes(steps, adapter, at: place)
      }
    }
  }

  private func checkChildren() {
    for child in mapping.children {
      let place = place("children", child.name)
      guard let table = category.children.first(where: { $0.name == child.name }) else {
        linter.unknown(
          .unknownChildTable, "\(what): child table", child.name, at: place,
          among: category.children.map(\.name))
        continue
      }
      let isGathered = mapping.rowsPer == child.name
      if adapter.format.isTree {
        checkPaths(of: child.columns, at: ["children", child.name])
      }
      if child.path?.steps.last != .each, !isGathered {
        log.report(
          .invalidPath, at: place,
          "\(what): the path of \(child.name) must lead to many rows; write it as "
            + "\"\(child.name)[]\"")
      }
      for column in child.columns {
        check(column, category.asCategory(table), path.at("children", child.name))
      }
      for entry in table.elements {
        guard case .required = entry.obligation else { continue }
        let id = entry.element.identifier
        guard !child.columns.contains(where: { $0.element == id }) else { continue }
        log.report(
          .elementNotMapped, at: place,
          "\(what): element \"\(id)\" is required in \(child.name), and no column gives it; add one"
        )
      }
    }
    if let rows = mapping.rowsPer, !mapping.children.contains(where: { $0.name == rows }) {
      linter.unknown(
        .unknownChildTable, "\(what): rows-per", rows, at: place("rows-per"),
        among: mapping.children.map(\.name))
    }
  }

  private func checkHeaders() {
    checkHeaders(mapping.columns, [])
    for child in mapping.children { checkHeaders(child.columns, ["children", child.name]) }
  }

  private func checkHeaders(_ columns: [ColumnMapping], _ keys: [String]) {
    var owners: [String: String] = [:]
    for column in columns { owners[column.column] = column.column }
    for column in columns {
      for header in column.also {
        guard let other = owners.updateValue(column.column, forKey: header) else { continue }
        log.report(
          .ambiguousColumn, at: place(keys + ["columns", column.column]),
          "\(what): header \"\(header)\" leads to \"\(other)\" and to \"\(column.column)\"; "
            + "leave it in one place")
      }
    }
  }

  private func checkOnce() {
    for child in mapping.children { _ = owners(child.columns, ["children", child.name]) }
    let owners = owners(mapping.columns, [])
    for (key, values) in [("constants", mapping.constants), ("generated", mapping.generated)] {
      for id in values.keys.sorted() {
        if let column = owners[id] { twice(id, "column \"\(column)\"", place(key, id)) }
        if key == "generated", mapping.constants[id] != nil {
          twice(id, "a constant", place(key, id))
        }
      }
    }
  }

  /// Columns by their element; an element of two columns is reported.
  private func owners(_ columns: [ColumnMapping], _ keys: [String]) -> [String: String] {
    var owners: [String: String] = [:]
    for column in columns {
      guard let id = column.element else { continue }
      let isMerged = linter.elements[id]?.isMultiValued == true
      if let other = owners.updateValue(column.column, forKey: id), !isMerged {
        twice(id, "column \"\(other)\"", place(keys + ["columns", column.column, "element"]))
      }
    }
    return owners
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
