import Catalog
import Pipeline
import Warehouse

/// Findings of a night, found by what they are about.
struct FindingIndex: Sendable {
  private let byCode: [String: [FindingSum]]
  /// By the rule, and by its beginning up to the first point.
  private let byRule: [String: [FindingSum]]
  private let bySystem: [String: [FindingSum]]

  init(_ sums: [FindingSum]) {
    byCode = Dictionary(grouping: sums, by: \.code)
    bySystem = Dictionary(grouping: sums, by: \.system)
    var byRule: [String: [FindingSum]] = [:]
    for sum in sums {
      let rule = RuleBook.withoutTable(sum.rule)
      byRule[String(rule), default: []].append(sum)
      if let point = rule.firstIndex(of: ".") {
        byRule[String(rule[...point]), default: []].append(sum)
      }
    }
    self.byRule = byRule
  }

  /// - Parameter entry: Of the ``RuleBook``.
  func of(_ entry: RuleBook.Entry) -> [FindingSum] {
    switch entry.kind {
    case .issue: byCode[entry.id] ?? []
    case .system: bySystem[entry.id] ?? []
    default: entry.rules.flatMap { byRule[$0] ?? [] }
    }
  }
}

/// Findings of the last night, as far as the person may count them.
struct NightFindings {
  let index: FindingIndex
  /// nil for all.
  let systems: Set<String>?

  /// - Parameter entry: Of the ``RuleBook``.
  func of(_ entry: RuleBook.Entry) -> [FindingSum] {
    index.of(entry).filter { systems?.contains($0.system) ?? true }
  }
}

/// The list of all definitions, cut by kind and category, found by words.
struct RulesPage: ConsoleView {
  let book: RuleBook
  let catalog: Catalog
  let findings: NightFindings
  let night: String
  let language: ReportLanguage
  let request: RulesRequest
  /// Shadow runs are theirs to look at.
  let mayOpen: Bool

  private var names: CatalogNames { CatalogNames(catalog, language) }

  static func name(_ kind: RuleBook.Kind, _ language: ReportLanguage) -> String {
    switch kind {
    case .rule: language.of("一致性规则", "rules")
    case .authority: language.of("一数一源规则", "authority rules")
    case .element: language.of("数据元", "data elements")
    case .codeList: language.of("代码表", "code lists")
    case .issue: language.of("问题类型", "issue types")
    case .category: language.of("数据类别", "categories")
    case .matching: language.of("主体匹配", "subject matching")
    case .negativeItem: language.of("负面清单", "negative list")
    case .tier: language.of("共享分级", "sharing tiers")
    case .mask: language.of("脱敏方式", "masks")
    case .system: language.of("来源系统", "systems")
    }
  }

  var content: HTML {
    let words = request.text.lowercased().split(whereSeparator: \.isWhitespace)
    let fitting = book.entries.filter { entry in
      let category = request.category
      guard category.isEmpty || entry.categories.isEmpty || entry.categories.contains(category)
      else { return false }
      guard !words.isEmpty else { return true }
      let text = "\(entry.id) \(entry.name) \(entry.english) \(entry.alias)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
    // What is looked for is shown whatever its kind.
    let isThere = words.isEmpty || fitting.contains { $0.kind == request.kind }
    let current = isThere ? request.kind : fitting.first?.kind ?? request.kind
    let shown = fitting.filter { entry in
      entry.kind == current || words == [Substring(entry.id.lowercased())]
    }
    func kinds(_ name: String, _ meant: (RuleBook.Kind) -> Bool) -> HTML {
      tabs(
        name,
        RuleBook.Kind.allCases.filter(meant).map { kind in
          (
            title:
              "\(Self.name(kind, language)) \(language.number(fitting.count { $0.kind == kind }))",
            address: request.address.with("kind", kind == .rule ? nil : kind.rawValue).text,
            isCurrent: kind == current
          )
        })
    }
    let judging = kinds(of("判断数据的定义", "what judges records"), \.judges)
    let others = kinds(of("其他定义", "other definitions")) { !$0.judges }
    let list: HTML =
      shown.isEmpty
      ? "<p>\(of("没有符合条件的条目", "Nothing fits"))</p>"
      : table(
        Self.name(current, language),
        [
          (of("编号与名称", "number and name"), false), (of("类别", "categories"), false),
          (of("严重程度", "severity"), false), (of("\(night) 发现", "findings of \(night)"), true),
          (of("用例", "worked cases"), true),
        ], shown.map(row))
    let shadow: HTML =
      mayOpen
      ? "<p><a href=\"/shadow\">\(ShadowListPage.title(language)) →</a></p>" : ""
    return "\(search)\(shadow)<div class=\"sheet\">\(judging)\(others)\(list)</div>"
  }

  private var search: HTML {
    let categories =
      [("", of("全部类别", "all categories"))]
      + catalog.categories.map { ($0.id, "\($0.id) \(names.category($0.id))") }
    let label = of("按编号或名称查找", "find by number or name")
    return """
      <form class="search" method="get" action="/rules" role="search">
      <input type="hidden" name="kind" value="\(request.kind.rawValue)"/>
      <input name="q" type="search" maxlength="200" value="\(request.text)" placeholder="\(label)" aria-label="\(label)"/>
      \(select("category", of("类别", "category"), categories, chosen: request.category))
      <button>\(of("查找", "Find"))</button></form>
      """
  }

  private func row(_ entry: RuleBook.Entry) -> HTML {
    let count = findings.of(entry).reduce(0) { $0 + $1.count }
    let severity = entry.severity.map { ConsoleWords(language).severity($0.rawValue) } ?? "·"
    let categories =
      entry.categories.count > 6
      ? of("\(entry.categories.count) 个类别", "\(entry.categories.count) categories")
      : entry.categories.joined(separator: " ")
    return """
      <tr><th scope="row"><a href="/rules/\(entry.id)">\(entry.id) \(language.of(entry.name, entry.english))</a>\(
        entry.alias.isEmpty ? "" : "<span class=\"what\">\(entry.alias)</span>" as HTML)</th>
      <td>\(categories.isEmpty ? "·" : categories)</td><td class="short">\(severity)</td>
      <td class="n">\(count == 0 ? "·" : language.number(count))</td>
      <td class="n">\(entry.cases == 0 ? "·" : language.number(entry.cases))</td></tr>

      """
  }
}

/// What the list was asked for.
struct RulesRequest {
  var kind: RuleBook.Kind
  var category: String
  var text: String

  init(_ values: [String: String]) {
    kind = values["kind"].flatMap(RuleBook.Kind.init) ?? .rule
    category = String((values["category"] ?? "").prefix(20))
    text = String((values["q"] ?? "").prefix(200))
  }

  var address: Address {
    Address("/rules").with("kind", kind == .rule ? nil : kind.rawValue)
      .with("category", category).with("q", text)
  }
}
