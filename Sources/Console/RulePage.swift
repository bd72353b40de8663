import Catalog
import Pipeline
import PipelineDefinition
import Records
import Sharing
import Warehouse

/// One definition: what it says, where it comes from, what it found last night, the cases that show it.
struct RulePage: ConsoleView {
  let entry: RuleBook.Entry
  let book: RuleBook
  let catalog: Catalog
  /// What readers of a tier see, by category.
  let plans: (SharingTier) -> [String: SharingPlan]
  let findings: NightFindings
  let night: String
  let language: ReportLanguage
  /// Numbers lead to the queue.
  let mayOpen: Bool

  var names: CatalogNames { CatalogNames(catalog, language) }
  var words: ConsoleWords { ConsoleWords(language) }

  var title: String { "\(entry.id) \(of(entry.name, entry.english))" }

  var content: HTML {
    let back: HTML = """
      <p><a href="/rules?kind=\(entry.kind.rawValue)">← \(RulesPage.name(entry.kind, language))</a></p>
      """
    return "\(back)\(description)\(isCounted ? nightly : "")\(cases)"
  }

  /// What others were found to have done wrong is not counted as nothing.
  private var isCounted: Bool {
    switch entry.kind {
    case .system: findings.systems?.contains(entry.id) ?? true
    default: entry.kind.judges
    }
  }

  // MARK: What it says

  private var description: HTML {
    switch entry.kind {
    case .rule: catalog.rules.first { $0.id == entry.id }.map(rule) ?? ""
    case .authority: catalog.authority.rules.first { $0.id == entry.id }.map(authority) ?? ""
    case .element: catalog.elements.first { $0.id == entry.id }.map(element) ?? ""
    case .codeList: catalog.codeList(entry.id).map(codeList) ?? ""
    case .issue: catalog.issueTypes.first { $0.code.rawValue == entry.id }.map(issue) ?? ""
    case .category: catalog.category(entry.id).map(category) ?? ""
    case .matching: catalog.matching.map(matchingRule) ?? ""
    case .negativeItem, .tier, .mask: catalog.sharing.map(sharingRule) ?? ""
    case .system: catalog.system(entry.id).map(system) ?? ""
    }
  }

  func sheet(_ entries: [(String, String)], _ more: HTML = "") -> HTML {
    "<div class=\"sheet\">\(facts(entries))\(more)</div>"
  }

  func paragraph(_ title: String, _ text: String) -> HTML {
    text.isEmpty ? "" : "<p><b>\(title)</b> \(text)</p>"
  }

  func note(_ text: String) -> HTML { "<p class=\"note\">\(text)</p>" }

  func code(_ title: String, _ text: String) -> HTML {
    "<p><b>\(title)</b> <code>\(text)</code></p>"
  }

  var originTitle: String { of("依据：", "Origin: ") }
  private var fixTitle: String { of("怎么改：", "What to do: ") }

  private func rule(_ rule: Rule) -> HTML {
    let when: HTML = rule.when.map { code(of("适用条件：", "Applies when: "), $0.description) } ?? ""
    let parameters: [HTML] = rule.parameters.keys.sorted().map { system in
      let values = (rule.parameters[system] ?? [:]).sorted { $0.key < $1.key }
        .map { "$\($0.key) = \($0.value)" }.joined(separator: ", ")
      return code(system.isEmpty ? of("参数：", "Parameters: ") : "\(system): ", values)
    }
    return sheet(
      [
        (of("严重程度", "severity"), words.severity(rule.severity.rawValue)),
        (of("比较范围", "compares"), kind(rule.kind)), (of("版本", "version"), "\(rule.version)"),
      ],
      HTML.joined([
        when, code(of("应满足：", "Must hold: "), rule.holds.description), "\(parameters)",
        links(of("类别：", "Category: "), [rule.category]),
        links(of("问题类型：", "Issue: "), [rule.issue.rawValue]),
        links(of("涉及的数据元：", "Elements: "), ids(ofElements: rule.namedElements.sorted())),
        paragraph(fixTitle, of(rule.fixChinese, rule.fixEnglish)),
        paragraph(originTitle, language.origin(rule.origin)),
      ]))
  }

  private func kind(_ kind: Rule.Kind) -> String {
    switch kind {
    case .inRecord: of("一条记录之内", "within a record")
    case .reference: of("与被引用的记录", "with the record referred to")
    case .crossSystem: of("与其他系统的记录", "with records of other systems")
    }
  }

  private func authority(_ rule: AuthorityRule) -> HTML {
    let when: HTML = rule.when.map { code(of("适用条件：", "Applies when: "), $0.description) } ?? ""
    let fallback = rule.fallback.map(source).joined(separator: " → ")
    let ties = rule.tieBreaks.map { tie in
      names.element(tie.element)
        + (tie.isLatest ? of("（新者优先）", " (latest)") : of("（早者优先）", " (earliest)"))
    }
    return sheet(
      [
        (of("综合记录", "entity"), rule.entity), (of("权威来源", "owner"), source(rule.owner)),
        (
          of("其次", "then"),
          fallback.isEmpty ? of("无：其他系统不得取代", "nobody may overrule the owner") : fallback
        ),
        (of("同等时", "ties"), ties.joined(separator: of("，", ", "))),
        (of("不一致时", "disagreement"), words.severity(rule.severity.rawValue)),
        (of("自", "from"), rule.from?.description ?? ""),
        (of("至", "until"), rule.until?.description ?? ""),
        (of("版本", "version"), "\(rule.version)"),
      ],
      HTML.joined([
        when, links(of("数据元：", "Elements: "), ids(ofElements: rule.elements)),
        links(of("系统：", "Systems: "), rule.systems),
        paragraph(fixTitle, of(rule.fixChinese, rule.fixEnglish)),
        paragraph(originTitle, language.origin(rule.origin)),
      ]))
  }

  private func source(_ source: AuthoritySource) -> String {
    switch source {
    case .system(let code): "\(code) \(names.system(code))"
    case .homeOfAgency: of("执法机关所属系统", "home system of the agency")
    case .first: of("先登记者", "whoever registered it first")
    }
  }

  private func element(_ element: DataElement) -> HTML {
    let core = element.core.compactMap { domain in
      catalog.coreDomains.first { $0.domain == domain }.map { of($0.name, $0.english) }
    }
    return sheet(
      [
        (of("标识符", "identifier"), element.identifier),
        (of("表示格式", "form"), element.notation + (element.unit.map { " \($0)" } ?? "")),
        (of("核心数据", "core data"), core.sorted().joined(separator: of("、", ", "))),
        (of("多值", "several values"), element.isMultiValued ? of("是", "yes") : ""),
      ],
      HTML.joined([
        paragraph(of("定义：", "Definition: "), element.definition),
        links(of("代码表：", "Code list: "), element.codeList.map { [$0] } ?? []),
        links(of("共享层级：", "Tier: "), [RuleBook.id(of: element.tier)]),
        links(of("所属类别：", "Carried by: "), entry.categories),
        links(of("提供的系统：", "Delivered by: "), systems(delivering: element.identifier)),
        links(
          of("提到它的定义：", "Definitions that name it: "), mentions(of: element.identifier)),
        paragraph(originTitle, language.origin(element.origin)),
      ])) + checks(of: element) + readers(of: element)
  }

  private func checks(of element: DataElement) -> HTML {
    let rows: [HTML] = book.checks(of: element).map { check in
      """
      <tr><th scope="row">\(names.rule(check.rule))<span class="what">\(check.rule)</span></th>
      <td><a href="/rules/\(check.issue.rawValue)"><span class="tag">\(check.issue.rawValue)</span> \(names.issue(check.issue.rawValue))</a></td>
      <td class="short">\(words.severity(check.severity.rawValue))</td>
      <td>\(of(check.expectedChinese, check.expectedEnglish))</td></tr>

      """
    }
    guard !rows.isEmpty else { return "" }
    let title = of("检查", "Checks")
    return section(
      "checks", title,
      table(
        title,
        [
          (of("检查", "check"), false), (of("问题类型", "issue"), false),
          (of("严重程度", "severity"), false), (of("应为", "expected"), false),
        ], rows))
  }

  func tier(_ tier: SharingTier) -> String {
    let name = RuleBook.name(of: tier)
    return of(name.chinese, name.english)
  }

  private func issue(_ type: IssueType) -> HTML {
    sheet(
      [(of("维度", "dimension"), of(type.code.dimension.name, type.code.dimension.rawValue))],
      paragraph("", of(type.descriptionChinese, type.descriptionEnglish))
        + paragraph(fixTitle, of(type.fixChinese, type.fixEnglish))
        + paragraph(originTitle, language.origin(type.origin)))
  }

  // MARK: Last night

  /// Lines of one page; the most frequent ones come first.
  private static let shownSums = 200

  private var nightly: HTML {
    let sums = findings.of(entry).sorted {
      (-$0.count, $0.system, $0.rule) < (-$1.count, $1.system, $1.rule)
    }
    let rest = sums.count - Self.shownSums
    let more: HTML =
      rest > 0 ? "<p class=\"note\">\(of("另 \(rest) 行", "\(rest) more lines"))</p>" : ""
    let title = of("\(night) 的发现", "Findings of \(night)")
    guard !sums.isEmpty else {
      return section("night", title, "<p>\(of("没有。", "None."))</p>")
    }
    let rows: [HTML] = sums.prefix(Self.shownSums).map { sum in
      let number: HTML = "\(language.number(sum.count))"
      let address = QueueAddress.of(
        .cause(code: sum.code, rule: sum.rule, element: sum.element, night: night)
      )
      .map { Address($0).with("system", sum.system).text }
      // Notes are no reason for a record to be in the queue.
      let isNote = sum.severity == Severity.note.rawValue
      let count: HTML =
        mayOpen && !isNote ? "<a href=\"\(address ?? "")\">\(number)</a>" : number
      return """
        <tr><th scope="row">\(sum.system) \(names.system(sum.system))</th>
        <td><span class="tag">\(sum.code)</span> \(names.rule(sum.rule))</td>
        <td>\(sum.element.isEmpty ? of("整条记录", "the record") : names.element(sum.element))</td>
        <td class="short">\(words.severity(sum.severity))</td><td class="n">\(count)</td></tr>

        """
    }
    return section(
      "night", title,
      table(
        title,
        [
          (of("系统", "system"), false), (of("问题", "issue"), false), (of("数据元", "element"), false),
          (of("严重程度", "severity"), false), (of("发现", "findings"), true),
        ], rows) + more)
  }

  // MARK: Worked cases

  private static let shownCases = 40

  private var cases: HTML {
    let all = book.cases(of: entry, catalog)
    guard !all.isEmpty else { return "" }
    let rows: [HTML] = all.prefix(Self.shownCases).map { test in
      let given: [HTML] = test.given.map { element, value in
        let name = element.split(separator: " ").last.map(String.init) ?? element
        let system = element.hasSuffix(" " + name) ? element.dropLast(name.count) : ""
        return """
          <li>\(String(system))\(names.element(name)) = \(value.map { "<bdi>\(language.cut($0))</bdi>" as HTML } ?? "<span class=\"muted\">\(of("空", "nothing"))</span>")</li>
          """
      }
      let outcome: [HTML] = test.outcome.map { found in
        let tag: HTML = found.code.isEmpty ? "" : "<span class=\"tag\">\(found.code)</span> "
        let what: [String] = [
          found.rule, found.element.isEmpty ? "" : names.element(found.element),
          found.shared.map(shared) ?? "", found.severity.map { words.severity($0.rawValue) } ?? "",
        ]
        return "<li>\(tag)\(what.filter { !$0.isEmpty }.joined(separator: " "))</li>"
      }
      let result: HTML =
        outcome.isEmpty
        ? "<span class=\"tag good\">✓ \(entry.kind == .matching ? of("不关联，也没有候选", "no link, no candidate") : of("通过", "passes"))</span>"
        : "<ul class=\"plain\">\(outcome)</ul>"
      return """
        <tr><th scope="row">\(test.name)<span class="what">\(test.place)</span></th>
        <td>\(test.system) \(test.subject)\(test.audience.map { "<span class=\"what\">\(tier($0))</span>" as HTML } ?? "")</td><td><ul class="plain">\(given)</ul></td><td>\(result)</td></tr>

        """
    }
    let title = of("用例 \(all.count) 个", "\(all.count) worked cases")
    let rest = all.count - Self.shownCases
    let more: HTML =
      rest > 0
      ? "<p>\(of("另 \(rest) 个见 Pipelines/checks。", "\(rest) more in Pipelines/checks."))</p>" : ""
    return section(
      "cases", title,
      table(
        title,
        [
          (of("用例", "case"), false), (of("类别", "category"), false),
          (
            entry.kind == .matching
              ? of("记录所载；[ ] 内为登记", "what the record says; [ ] are registrations")
              : of("与完整记录的不同", "differs from the complete record"), false
          ),
          (of("结果", "outcome"), false),
        ], rows) + more)
  }
}
