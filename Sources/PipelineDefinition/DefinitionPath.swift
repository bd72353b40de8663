/// The address of a definition, whatever file it stands in: `elements/uscc/domain`.
struct DefinitionPath: Hashable {
  var components: [String]

  init(_ components: String...) { self.components = components }

  func at(_ more: String...) -> DefinitionPath {
    var path = self
    path.components += more
    return path
  }

  static func element(_ identifier: String) -> Self { Self("elements", identifier) }
  static func codeList(_ id: String) -> Self { Self("code-lists", id) }
  static func category(_ id: String) -> Self { Self("categories", id) }
  /// Rules of every kind: findings name them by their identifier alone.
  static func rule(_ id: String) -> Self { Self("rules", id) }
  static func entity(_ id: String) -> Self { Self("entities", id) }
  static var agencies: Self { Self("agencies") }
  static func system(_ id: String) -> Self { Self("systems", id) }
  static func adapter(_ system: String) -> Self { Self("sources", system) }
  static func issueType(_ code: String) -> Self { Self("issue-types", code) }
  static func identifier(_ kind: String) -> Self { Self("identifiers", kind) }
  static func domain(_ id: String) -> Self { Self("domains", id) }
  static func negativeItem(_ id: String) -> Self { Self("negative-list", id) }
  static func tierCondition(_ id: String) -> Self { Self("tier-conditions", id) }
  static func mask(_ id: String) -> Self { Self("masks", id) }
  static let approvals = Self("approvals")
  static let matching = Self("matching")
}

/// The places of all definitions.
struct PlaceIndex {
  private var places: [DefinitionPath: Place] = [:]
  /// How a text stands in its file, for places inside the text.
  private var texts: [DefinitionPath: DocumentNode] = [:]

  mutating func record(_ path: DefinitionPath, _ place: Place) { places[path] = place }

  mutating func record(_ path: DefinitionPath, _ node: DocumentNode) {
    places[path] = node.place
    texts[path] = node
  }

  func contains(_ path: DefinitionPath) -> Bool { places[path] != nil }

  /// The place of the definition, or of the nearest one that holds it.
  func place(_ path: DefinitionPath) -> Place {
    var path = path
    while !path.components.isEmpty {
      if let place = places[path] { return place }
      path.components.removeLast()
    }
    return Place(file: ".")
  }

  /// The place of a byte inside the text of a definition.
  func place(_ path: DefinitionPath, offset: Int) -> Place {
    texts[path]?.place(atByte: offset) ?? place(path)
  }
}
