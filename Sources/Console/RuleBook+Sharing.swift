import Catalog
import PipelineDefinition

/// Definitions that say nothing about a record being right: whom it means, who may see it, who sends it.
extension RuleBook {
  /// Of the page that says how subjects are matched, whatever the rule.
  static let matchingID = "matching"

  /// Names of masks and tiers are words that anything could have.
  static func id(ofMask mask: String) -> String { "mask-\(mask)" }
  static func id(of tier: SharingTier) -> String { "tier-\(tier.rawValue)" }

  static func name(of tier: SharingTier) -> (chinese: String, english: String) {
    switch tier {
    case .public: ("公共服务类", "public")
    case .shared: ("内部共享类", "shared")
    case .restricted: ("受限使用类", "restricted")
    }
  }

  /// Of all tiers, as `sharing/tiers.yaml` says; the catalog keeps the origins of its entries.
  static let originOfTiers = "2026年行政执法智慧监管工作计划, 一、3 (公共服务类、内部共享类、受限使用类)"

  /// - Parameter covered: Number of worked cases by what they are about.
  static func others(
    _ catalog: Catalog, _ files: [WorkedCaseFile], _ covered: [String: Int]
  ) -> [Entry] {
    let tests = files.flatMap(\.cases)
    let categories = catalog.categories.map { category in
      Entry(
        kind: .category, id: category.id, name: category.name, english: category.english,
        categories: [category.id], rules: [],
        cases: tests.count { $0.category == category.id })
    }
    let systems = catalog.systems.map { system in
      let delivered = Set(catalog.adapter(system.id)?.categories.map(\.category) ?? [])
      return Entry(
        kind: .system, id: system.id, name: system.name, english: system.english,
        categories: catalog.categories.map(\.id).filter { delivered.contains($0) }, rules: [],
        cases: tests.count { $0.system == system.id })
    }
    let subjects = catalog.matching.map { matching($0, covered) } ?? []
    let readers = catalog.sharing.map { sharing($0, files, covered) } ?? []
    return categories + subjects + readers + systems
  }

  private static func matching(
    _ matching: SubjectMatching, _ covered: [String: Int]
  ) -> [Entry] {
    let whole = (id: matchingID, name: "主体匹配", english: "matching of subjects")
    let rules: [(id: String, name: String, english: String)] =
      [whole] + matching.links.map { (id: $0.id, name: $0.name, english: $0.english) }
      + matching.candidates.map { (id: $0.id, name: $0.name, english: $0.english) }
    return rules.map { rule in
      Entry(
        kind: .matching, id: rule.id, name: rule.name, english: rule.english,
        categories: matching.sources.map(\.category), rules: [], cases: covered[rule.id] ?? 0)
    }
  }

  private static func sharing(
    _ policy: SharingPolicy, _ files: [WorkedCaseFile], _ covered: [String: Int]
  ) -> [Entry] {
    let items = policy.items.map { item in
      Entry(
        kind: .negativeItem, id: item.id, name: item.name, english: item.english,
        categories: item.predicate.categories, rules: [], cases: covered[item.id] ?? 0)
    }
    let tiers = SharingTier.allCases.map { tier in
      let name = name(of: tier)
      return Entry(
        kind: .tier, id: id(of: tier), name: name.chinese, english: name.english, categories: [],
        rules: [], cases: 0)
    }
    let conditions = policy.tierConditions.map { condition in
      Entry(
        kind: .tier, id: condition.id, name: condition.name, english: condition.english,
        categories: condition.predicate.categories, rules: [], cases: covered[condition.id] ?? 0)
    }
    let masks = policy.masks.map { mask in
      let id = id(ofMask: mask.id)
      return Entry(
        kind: .mask, id: id, name: mask.name, english: mask.english, categories: [], rules: [],
        cases: files.flatMap(\.sharing).count { shows(id, $0) })
    }
    return items + tiers + conditions + masks
  }

  /// Whether a case shows what a mask makes of a value.
  static func shows(_ mask: String, _ test: SharingCase) -> Bool {
    test.cells.contains { cell in cell.mask.map { id(ofMask: $0) } == mask }
  }

  // MARK: Worked cases

  func sharingCases(_ isMeant: (SharingCase) -> Bool) -> [Case] {
    files.flatMap(\.sharing).filter(isMeant).map { test in
      var given = Self.sorted(test.given)
      for (table, rows) in test.rows.sorted(by: { $0.key < $1.key }) {
        for (index, values) in rows.enumerated() {
          given += Self.sorted(values, "\(table)[\(index + 1)] ")
        }
      }
      let record = Outcome(
        code: "", rule: test.by ?? "", element: "", severity: nil, shared: .record(test.fate))
      let cells = test.cells.map { cell in
        Outcome(
          code: "", rule: cell.by.flatMap { $0 == cell.element ? nil : $0 } ?? "",
          element: cell.element, severity: nil, shared: .value(cell.outcome, text: cell.text))
      }
      return Case(
        name: test.name, place: "\(test.place.file):\(test.place.line)", subject: test.category,
        audience: test.audience, given: given, system: "",
        outcome: [record] + cells)
    }
  }

  /// Registrations are numbered as the case has them.
  func subjectCases(_ id: String) -> [Case] {
    files.flatMap(\.subjects).filter { $0.covers.contains(id) }.map { test in
      var given = Self.sorted(test.given)
      for (index, values) in test.registered.enumerated() {
        given += Self.sorted(values, "[\(index + 1)] ")
      }
      let link = test.link.map { ["\($0.rule) → \($0.subject)"] } ?? []
      let found = link + test.candidates.map { "\($0.rule) → \($0.subject) (\($0.score))" }
      return Case(
        name: test.name, place: "\(test.place.file):\(test.place.line)", subject: test.category,
        given: given, system: "",
        outcome: found.map { Outcome(code: "", rule: $0, element: "", severity: nil) })
    }
  }

  /// What a mask makes of an invented value, as a worked case has it.
  struct MaskExample: Sendable, Hashable {
    var element: String
    /// nil for free text, in which there are several.
    var mask: String?
    var value: String
    var shown: String
  }

  /// Those of all worked cases, each once.
  func maskExamples(_ isMeant: (ExpectedCell) -> Bool) -> [MaskExample] {
    var result: [MaskExample] = []
    for file in files {
      for test in file.sharing {
        let record = file.record(test.given, category: test.category)
        for cell in test.cells where cell.outcome == .masked && isMeant(cell) {
          let value: String?
          if let table = cell.table {
            value = test.rows[table]?.dropFirst(cell.row - 1).first?[cell.element] ?? nil
          } else {
            value = record[cell.element]
          }
          guard let value, let shown = cell.text, !shown.isEmpty else { continue }
          let example = MaskExample(
            element: cell.element, mask: cell.mask, value: value, shown: shown)
          if !result.contains(example) { result.append(example) }
        }
      }
    }
    return result
  }
}
