import Catalog

extension Linter {
  private static let placeholders: Set<String> = [
    "element", "value", "expected", "rule", "record", "line",
  ]

  func checkTables() {
    checkIdentifiers()
    checkIssueTypes()
    checkDomains()
    checkIndustries()
  }

  private func checkIdentifiers() {
    guard let knownChecks = abilities.checks else { return }
    for identifier in catalog.identifiers where !knownChecks.contains(identifier.kind) {
      log.report(
        .unknownCheck, at: places.place(.identifier(identifier.kind)),
        "identifier: the program has no check of the kind \"\(identifier.kind)\"; "
          + "correct the name or remove the entry",
        suggestion: nearest(to: identifier.kind, among: knownChecks))
    }
  }

  private func checkIssueTypes() {
    let given = Set(catalog.issueTypes.map(\.code))
    for code in IssueCode.allCases where !given.contains(code) {
      log.report(
        .missingIssueType, at: Place(file: "catalog/issue-types.yaml"),
        "issue type \(code.rawValue) is missing; add it with its texts")
    }
    for type in catalog.issueTypes {
      let path = DefinitionPath.issueType(type.code.rawValue)
      for (key, text) in [
        ("message-zh", type.messageChinese), ("message-en", type.messageEnglish),
        ("fix-zh", type.fixChinese), ("fix-en", type.fixEnglish),
      ] {
        for name in Self.placeholders(in: text) where !Self.placeholders.contains(name) {
          log.report(
            .unknownPlaceholder, at: places.place(path.at(key)),
            "issue type \(type.code.rawValue): \"{\(name)}\" is not a placeholder; expected "
              + Self.placeholders.sorted().map { "{\($0)}" }.joined(separator: ", "),
            suggestion: nearest(to: name, among: Self.placeholders))
        }
      }
    }
  }

  /// The words between braces.
  private static func placeholders(in text: String) -> [String] {
    text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap {
      $0.contains("}") ? String($0.prefix { $0 != "}" }) : nil
    }
  }

  private func checkDomains() {
    for domain in catalog.coreDomains {
      let path = DefinitionPath.domain(domain.domain.rawValue)
      for (id, predicate) in domain.records.sorted(by: { $0.key < $1.key }) {
        let what = "domain \(domain.domain.rawValue)"
        guard category(id, at: places.place(path.at(id)), what) != nil else { continue }
        check(predicate, at: path.at(id), Scope(category: id), "\(what), \(id)")
      }
    }
  }

  private func checkIndustries() {
    var owners: [Int: String] = [:]
    for section in catalog.industries {
      for division in section.divisions {
        guard let other = owners.updateValue(section.letter, forKey: division) else { continue }
        log.report(
          .invalidIndustry, at: places.place(DefinitionPath("industries", section.letter)),
          "industry: division \(division) belongs to \(other) and to \(section.letter); "
            + "correct one range")
        break
      }
    }
  }
}
