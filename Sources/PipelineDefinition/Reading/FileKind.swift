/// What a file of the folder is for, told from its path.
enum FileKind: Hashable {
  case nightly
  case systems
  case groups
  case elements
  case codeList
  case category
  case domains
  case issueTypes
  case identifiers
  case nullSpellings
  case divisions
  case industries
  case dates
  case calendar
  case approvals
  case rules
  case authority
  case matching
  case source
  case sharingTiers
  case negativeList
  case masks
  case freeText
  case check
  /// Belongs to the folder and is not read here.
  case other
  /// Looks like a definition and would be ignored.
  case unknown

  private static let single: [String: FileKind] = [
    "nightly.yaml": .nightly, "systems.yaml": .systems, "catalog/groups.yaml": .groups,
    "catalog/domains.yaml": .domains, "catalog/issue-types.yaml": .issueTypes,
    "catalog/identifiers.yaml": .identifiers, "catalog/null-spellings.yaml": .nullSpellings,
    "catalog/divisions.csv": .divisions, "catalog/industries.yaml": .industries,
    "catalog/dates.yaml": .dates,
    "sharing/tiers.yaml": .sharingTiers, "sharing/negative-list.yaml": .negativeList,
    "sharing/approvals.yaml": .approvals,
    "sharing/masks.yaml": .masks, "sharing/free-text.yaml": .freeText,
    "authority.yaml": .authority, "matching.yaml": .matching,
  ]

  private static let folders: [String: FileKind] = [
    "catalog/elements": .elements, "catalog/code-lists": .codeList,
    "catalog/categories": .category, "catalog/calendar": .calendar, "rules": .rules,
    "sources": .source, "checks": .check,
  ]

  /// Files without which nothing can be judged.
  static let required = [
    "nightly.yaml", "systems.yaml", "authority.yaml", "catalog/groups.yaml",
    "catalog/issue-types.yaml", "catalog/null-spellings.yaml",
  ]

  /// Folders that hold at least one file.
  static let requiredFolders: [(kind: FileKind, folder: String)] = [
    (.elements, "catalog/elements"), (.category, "catalog/categories"), (.source, "sources"),
  ]

  /// Files that stand together: one alone would leave a hole in what is kept from readers.
  static let sharing: [(kind: FileKind, path: String)] = single.filter { $0.value.isSharing }
    .map { (kind: $0.value, path: $0.key) }.sorted { $0.path < $1.path }

  /// All paths that are read, for suggestions.
  static var knownPaths: [String] { single.keys.sorted() }

  init(_ path: String) {
    if let kind = Self.single[path] {
      self = kind
      return
    }
    let parts = path.split(separator: "/")
    let folder = parts.dropLast().joined(separator: "/")
    let name = parts.last.map(String.init) ?? path
    if let kind = Self.folders[folder], name.hasSuffix(".yaml") {
      self = kind
    } else if name.hasSuffix(".md") || path.hasPrefix("marts/") {
      self = .other
    } else {
      self = .unknown
    }
  }

  var isRead: Bool { self != .other }

  /// Written as YAML, as all but one are.
  var isDocument: Bool { isRead && self != .divisions && self != .unknown }
}

extension FileKind {
  /// Whether a change of the file can change the verdict on a record.
  ///
  /// An adapter has a hash of its own; texts of issues, groups and worked cases decide nothing.
  var decidesVerdicts: Bool {
    switch self {
    case .elements, .codeList, .category, .domains, .identifiers, .nullSpellings, .divisions,
      .industries, .dates, .calendar, .rules:
      true
    case .authority, .matching, .nightly, .systems, .groups, .issueTypes, .source, .sharingTiers,
      .negativeList, .masks,
      .freeText, .approvals, .check, .other, .unknown:
      false
    }
  }

  /// Whether the file says who may see what.
  var isSharing: Bool {
    switch self {
    case .sharingTiers, .negativeList, .masks, .freeText: true
    default: false
    }
  }
}

/// Name of a file without its folder and ending.
func stem(of path: String) -> String {
  let name = path.split(separator: "/").last ?? ""
  return String(name.prefix { $0 != "." })
}
