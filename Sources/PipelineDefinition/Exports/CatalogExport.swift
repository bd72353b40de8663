package import Catalog

/// Documents that are made from the catalog and from nothing else.
///
/// The same catalog gives the same bytes.
package enum CatalogExport {
  /// The data elements as a table, with one line per element after the header.
  package static func csv(_ catalog: Catalog) -> String {
    let header = [
      "id", "identifier", "name", "english", "definition", "group", "type", "representation",
      "domain", "core", "tier", "multi_valued", "unit", "advisory", "null_spellings", "categories",
      "origin",
    ]
    var carriers: [String: [String]] = [:]
    for category in catalog.categories {
      for entry in category.elements {
        carriers[entry.element.identifier, default: []].append(category.id)
      }
    }
    let rows = catalog.elements.map { element in
      [
        element.id, element.identifier, element.name, element.english, element.definition,
        element.group, element.type.rawValue, element.notation, element.domain.notation,
        element.coreNames.joined(separator: ";"), element.tier.rawValue,
        element.isMultiValued ? "true" : "false", element.unit ?? "",
        element.isAdvisory ? "true" : "false", element.nullSpellings,
        (carriers[element.identifier] ?? []).joined(separator: ";"), element.origin,
      ]
    }
    return ([header] + rows)
      .map { $0.map(cell).joined(separator: ",") + "\n" }
      .joined()
  }

  private static func cell(_ text: String) -> String {
    let isPlain = !text.utf8.contains { byte in
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte < 0x20
    }
    if isPlain { return text }
    let doubled = text.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + doubled.joined(separator: "\"\"") + "\""
  }
}

extension DataElement {
  /// Names of the core domains, in a fixed order.
  var coreNames: [String] { CoreDomain.allCases.filter { core.contains($0) }.map(\.rawValue) }
}

extension ValueDomain {
  /// The domain as the definition files write it.
  var notation: String {
    switch self {
    case .codeList(let id): "code-list: \(id)"
    case .check(let kind): "check: \(kind)"
    case .pattern(let pattern): "pattern: \(pattern)"
    case .range(let lower, let upper): "range: \(Self.range(lower, upper))"
    case .holds(let expression): "holds: \(expression)"
    case .anyDate: "any-date"
    case .freeText: "free-text"
    }
  }

  private static func range(_ lower: RangeBound?, _ upper: RangeBound?) -> String {
    let (left, low) = bound(lower)
    let (right, high) = bound(upper)
    return "\(left ? "[" : "(")\(low),\(high)\(right ? "]" : ")")"
  }

  private static func bound(_ bound: RangeBound?) -> (isInclusive: Bool, text: String) {
    switch bound {
    case .number(let text, let inclusive), .element(let text, let inclusive): (inclusive, text)
    case nil: (false, "")
    }
  }
}
