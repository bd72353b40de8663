package import Catalog

extension CatalogExport {
  /// JSON Schema (2020-12) of one record in canonical form: texts as they stand in the warehouse,
  /// numbers as numbers, several values joined by `;`.
  ///
  /// What a schema cannot say stands under keys that begin with `x-`.
  package static func jsonSchema(_ category: Category, in catalog: Catalog) -> String {
    let required = category.elements.filter(\.isRequired).map(\.element.identifier)
    return JSONText.object([
      ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
      ("$id", .text("urn:qingyuan:category:\(category.id)")),
      ("title", .text(category.name)),
      ("description", .text(category.english)),
      ("type", .text("object")),
      (
        "properties",
        .object(
          category.elements.map { ($0.element.identifier, property($0, catalog)) })
      ),
      ("required", .texts(required)),
      ("additionalProperties", .flag(false)),
      ("x-entity-key", .texts(category.entityKey)),
    ]).formatted
  }

  private static func property(_ entry: CategoryElement, _ catalog: Catalog) -> JSONText {
    let element = entry.element
    var members: [(String, JSONText)] = [
      ("title", .text(element.name)),
      ("description", .text(element.definition)),
    ]
    members += element.isMultiValued ? manyValued(element, catalog) : single(element, catalog)
    members.append(("x-element", .text(element.id)))
    members.append(("x-tier", .text(element.tier.rawValue)))
    if !element.core.isEmpty { members.append(("x-core", .texts(element.coreNames))) }
    if let unit = element.unit { members.append(("x-unit", .text(unit))) }
    members.append(("x-domain", .text(element.domain.notation)))
    if case .conditional(let condition) = entry.obligation {
      members.append(("x-required-when", .text(condition.source)))
    }
    return .object(members)
  }

  private static func manyValued(
    _ element: DataElement, _ catalog: Catalog
  ) -> [(String, JSONText)] {
    guard let codes = closedCodes(element, catalog) else { return [("type", .text("string"))] }
    let one = "(" + codes.map(escaped).joined(separator: "|") + ")"
    return [("type", .text("string")), ("pattern", .text("^\(one)(;\(one))*$"))]
  }

  private static func single(_ element: DataElement, _ catalog: Catalog) -> [(String, JSONText)] {
    if case .decimal(let digits, let decimals) = element.representation {
      return number(element, digits: digits, decimals: decimals)
    }
    var members: [(String, JSONText)] = [("type", .text("string"))]
    if let codes = closedCodes(element, catalog) { return members + [("enum", .texts(codes))] }
    switch element.representation {
    case .text(let characters, let length):
      if length.lowerBound > 0 { members.append(("minLength", .number("\(length.lowerBound)"))) }
      members.append(("maxLength", .number("\(length.upperBound)")))
      if let pattern = pattern(element, characters) { members.append(("pattern", .text(pattern))) }
    case .date: members.append(("pattern", .text("^[0-9]{8}$")))
    case .dateTime: members.append(("pattern", .text("^[0-9]{8}T[0-9]{6}$")))
    case .decimal: break
    }
    return members
  }

  private static func number(
    _ element: DataElement, digits: Int, decimals: Int
  ) -> [(String, JSONText)] {
    var members: [(String, JSONText)] = [("type", .text(decimals == 0 ? "integer" : "number"))]
    if decimals > 0 {
      let step = "0." + String(repeating: "0", count: decimals - 1) + "1"
      members.append(("multipleOf", .number(step)))
    }
    if case .range(let lower, let upper) = element.domain {
      if case .number(let text, let inclusive) = lower {
        members.append((inclusive ? "minimum" : "exclusiveMinimum", .number(text)))
      }
      if case .number(let text, let inclusive) = upper {
        members.append((inclusive ? "maximum" : "exclusiveMaximum", .number(text)))
      }
    }
    return members
  }

  private static func pattern(
    _ element: DataElement, _ characters: Representation.Characters
  ) -> String? {
    if case .pattern(let pattern) = element.domain { return pattern }
    return switch characters {
    case .letters: "^[A-Za-z]*$"
    case .digits: "^[0-9]*$"
    case .alphanumeric: "^[0-9A-Za-z]*$"
    case .any: nil
    }
  }

  /// Codes of a list that takes no others.
  private static func closedCodes(_ element: DataElement, _ catalog: Catalog) -> [String]? {
    guard let list = element.codeList.flatMap({ catalog.codeList($0) }), !list.isExtensible else {
      return nil
    }
    return list.values.map(\.code)
  }

  private static func escaped(_ code: String) -> String {
    code.map { $0.isLetter || $0.isNumber ? String($0) : "\\\($0)" }.joined()
  }

  // MARK: Table Schema

  /// Frictionless Table Schema of one category's table, with the entity key as primary key.
  package static func tableSchema(_ category: Category, in catalog: Catalog) -> String {
    JSONText.object([
      ("$schema", .text("https://datapackage.org/profiles/2.0/tableschema.json")),
      ("name", .text(category.id)),
      ("title", .text(category.name)),
      ("description", .text(category.english)),
      ("fields", .list(category.elements.map { field($0, catalog) })),
      ("primaryKey", .texts(category.entityKey)),
      ("missingValues", .texts([""])),
    ]).formatted
  }

  private static func field(_ entry: CategoryElement, _ catalog: Catalog) -> JSONText {
    let element = entry.element
    var members: [(String, JSONText)] = [
      ("name", .text(element.identifier)), ("title", .text(element.name)),
      ("description", .text(element.definition)),
    ]
    switch element.isMultiValued ? .text(.any, length: 0...1) : element.representation {
    case .text: members.append(("type", .text("string")))
    case .decimal(_, 0): members.append(("type", .text("integer")))
    case .decimal: members.append(("type", .text("number")))
    case .date: members += [("type", .text("date")), ("format", .text("%Y%m%d"))]
    case .dateTime: members += [("type", .text("datetime")), ("format", .text("%Y%m%dT%H%M%S"))]
    }
    var constraints: [(String, JSONText)] = []
    if entry.isRequired { constraints.append(("required", .flag(true))) }
    let own = element.isMultiValued ? manyValued(element, catalog) : single(element, catalog)
    let known = [
      "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
      "exclusiveMaximum",
    ]
    let isTemporal = element.type == .date || element.type == .dateTime
    constraints += own.filter { known.contains($0.0) && !(isTemporal && $0.0 == "pattern") }
    if !constraints.isEmpty { members.append(("constraints", .object(constraints))) }
    return .object(members)
  }
}

extension CategoryElement {
  /// Required in every record.
  var isRequired: Bool {
    if case .required = obligation { return true }
    return false
  }
}
