package import Catalog
package import PipelineDefinition

/// Everything that is defined, for people to look up: rules, elements, code lists, issue types, whom records
/// mean, who may see them and who sends them, with the worked cases that show them.
/// It says nothing of its own: everything is the catalog's or stands in `checks/`.
package struct RuleBook: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case rule
    case authority
    case element
    case codeList = "code-list"
    case issue
    case category
    case matching
    case negativeItem = "negative-list"
    case tier
    case mask
    case system

    /// Whether it says what is right about a record.
    var judges: Bool {
      switch self {
      case .rule, .authority, .element, .codeList, .issue: true
      case .category, .matching, .negativeItem, .tier, .mask, .system: false
      }
    }
  }

  /// A definition in the list.
  struct Entry: Sendable {
    var kind: Kind
    var id: String
    var name: String
    var english: String
    /// The name in tables, by which elements are known too.
    var alias = ""
    /// Identifiers of the categories that it is about; empty for what is about all.
    var categories: [String]
    /// What findings have as their rule, or the beginning of it up to a point.
    var rules: [String]
    var severity: Severity?
    var cases: Int
  }

  /// A worked case, in words.
  struct Case: Sendable {
    var name: String
    var place: String
    /// Category or entity.
    var subject: String
    /// The reader of a case of what may leave.
    var audience: SharingTier?
    /// By element, behind whoever says it where there are several; nil for what is taken away from the
    /// complete record.
    var given: [(element: String, value: String?)]
    var system: String
    /// Empty for a case that passes.
    var outcome: [Outcome]
  }

  /// What a worked case must come to.
  struct Outcome: Sendable {
    /// Code of a finding; empty where the case is about whose value counts.
    var code: String
    var rule: String
    var element: String
    var severity: Severity?
    /// Of a case of what may leave.
    var shared: Shared?

    /// What a reader gets of a record or of one of its elements.
    enum Shared: Sendable {
      case record(SharingCase.Fate)
      /// The text is nil where the case leaves it open.
      case value(ExpectedCell.Outcome, text: String?)
    }
  }

  let entries: [Entry]
  let files: [WorkedCaseFile]
  private let checks: [RaisingCheck]

  /// - Parameters:
  ///   - files: Of `checks/`.
  ///   - checks: All that validators can raise.
  package init(_ catalog: Catalog, files: [WorkedCaseFile], checks: [RaisingCheck]) {
    self.files = files
    self.checks = checks
    var covered: [String: Int] = [:]
    for file in files {
      let ids =
        file.cases.flatMap(\.covers) + file.authority.flatMap(\.covers)
        + file.sharing.flatMap(\.covers) + file.subjects.flatMap(\.covers)
      for id in ids { covered[id, default: 0] += 1 }
    }
    func carrying(_ isMeant: (DataElement) -> Bool) -> [String] {
      catalog.categories.filter { category in
        (category.elements + category.children.flatMap(\.elements)).contains {
          isMeant($0.element)
        }
      }.map(\.id)
    }
    let rules = catalog.rules.map { rule in
      Entry(
        kind: .rule, id: rule.id, name: rule.name, english: rule.english,
        categories: [rule.category], rules: [rule.id], severity: rule.severity,
        cases: covered[rule.id] ?? 0)
    }
    let authority = catalog.authority.rules.map { rule in
      Entry(
        kind: .authority, id: rule.id, name: rule.name, english: rule.english,
        categories: catalog.authority.entity(rule.entity).map { [$0.category] } ?? [],
        rules: [rule.id], severity: rule.severity, cases: covered[rule.id] ?? 0)
    }
    let elements = catalog.elements.map { element in
      Entry(
        kind: .element, id: element.id, name: element.name, english: element.english,
        alias: element.identifier,
        categories: carrying { $0.identifier == element.identifier }, rules: [element.id + "."],
        severity: nil,
        cases: Self.cases(of: element, files).count)
    }
    let lists = catalog.codeLists.map { list in
      let users = catalog.elements.filter { $0.codeList == list.id }
      return Entry(
        kind: .codeList, id: list.id, name: list.name, english: list.english,
        categories: carrying { $0.codeList == list.id },
        rules: users.flatMap { ["\($0.id).domain", "\($0.id).in-force"] }, severity: nil,
        cases: Self.cases(of: list, catalog, files, checks).count)
    }
    let issues = catalog.issueTypes.map { type in
      Entry(
        kind: .issue, id: type.code.rawValue, name: type.name, english: type.english,
        categories: [], rules: [], severity: nil,
        cases: files.flatMap(\.cases).count { $0.expect.contains { $0.code == type.code } })
    }
    entries =
      rules + authority + elements + lists + issues + Self.others(catalog, files, covered)
  }

  func entry(_ id: String) -> Entry? { entries.first { $0.id == id } }

  /// Where the rule of a finding is described: a rule by itself, the check of an element with the element.
  func entry(ofRule rule: String) -> Entry? {
    entry(rule)
      ?? Self.withoutTable(rule).split(separator: ".").first.flatMap { entry(String($0)) }
  }

  /// `ZF04003.required` of `parties/ZF04003.required`, the check of the element in the rows of a child table.
  static func withoutTable(_ rule: String) -> Substring {
    rule.split(separator: "/").last ?? Substring(rule)
  }

  /// What the validators look at in the values of an element.
  func checks(of element: DataElement) -> [RaisingCheck] {
    Set(checks.filter { $0.rule.hasPrefix(element.id + ".") }).sorted {
      ($0.rule, $0.issue, $0.expectedEnglish) < ($1.rule, $1.issue, $1.expectedEnglish)
    }
  }

  private static func cases(
    of element: DataElement, _ files: [WorkedCaseFile]
  ) -> [WorkedCase] {
    files.flatMap(\.cases).filter { test in
      test.covers.contains(element.identifier) || test.covers.contains(element.id)
        || test.expect.contains { $0.element == element.identifier }
    }
  }

  /// Those in which a value of the list is wrong.
  private static func cases(
    of list: CodeList, _ catalog: Catalog, _ files: [WorkedCaseFile], _ checks: [RaisingCheck]
  ) -> [WorkedCase] {
    let users = catalog.elements.filter { $0.codeList == list.id }
    let rules = Set(users.flatMap { ["\($0.id).domain", "\($0.id).in-force"] })
    let issues = Set(checks.filter { rules.contains($0.rule) }.map(\.issue))
    let names = Set(users.map(\.identifier))
    return files.flatMap(\.cases).filter { test in
      test.expect.contains { found in
        found.rule == nil && issues.contains(found.code)
          && found.element.map { names.contains($0) } ?? false
      }
    }
  }

  /// The worked cases of a definition, in the order of the files.
  func cases(of entry: Entry, _ catalog: Catalog) -> [Case] {
    let tests: [WorkedCase]
    switch entry.kind {
    case .rule: tests = files.flatMap(\.cases).filter { $0.covers.contains(entry.id) }
    case .element:
      tests =
        catalog.elements.first { $0.id == entry.id }.map { Self.cases(of: $0, files) } ?? []
    case .issue:
      tests = files.flatMap(\.cases).filter { test in
        test.expect.contains { $0.code.rawValue == entry.id }
      }
    case .codeList:
      tests = catalog.codeList(entry.id).map { Self.cases(of: $0, catalog, files, checks) } ?? []
    case .category: tests = files.flatMap(\.cases).filter { $0.category == entry.id }
    case .system: tests = files.flatMap(\.cases).filter { $0.system == entry.id }
    case .authority: return authorityCases(entry.id)
    case .negativeItem, .tier: return sharingCases { $0.covers.contains(entry.id) }
    case .mask: return sharingCases { Self.shows(entry.id, $0) }
    case .matching: return subjectCases(entry.id)
    }
    return tests.map { test in
      Case(
        name: test.name, place: "\(test.place.file):\(test.place.line)", subject: test.category,
        given: Self.sorted(test.given), system: test.system ?? "",
        outcome: test.expect.map {
          Outcome(
            code: $0.code.rawValue, rule: $0.rule ?? "", element: $0.element ?? "",
            severity: $0.severity)
        })
    }
  }

  private func authorityCases(_ id: String) -> [Case] {
    files.flatMap(\.authority).filter { $0.covers.contains(id) }.map { test in
      Case(
        name: test.name, place: "\(test.place.file):\(test.place.line)", subject: test.entity,
        given: test.records.flatMap { saying in
          Self.sorted(saying.given, "\(saying.system) ")
        }, system: "",
        outcome: test.decisions.map { decision in
          let winner =
            test.records.indices.contains(decision.winner - 1)
            ? test.records[decision.winner - 1].system : ""
          return Outcome(
            code: "", rule: "\(decision.rule) → \(winner)", element: decision.basis.rawValue,
            severity: nil)
        })
    }
  }

  /// - Parameter speaker: Stands before each element.
  static func sorted(
    _ values: WorkedCase.Values, _ speaker: String = ""
  ) -> [(element: String, value: String?)] {
    values.sorted { $0.key < $1.key }.map { (speaker + $0.key, $0.value) }
  }
}
