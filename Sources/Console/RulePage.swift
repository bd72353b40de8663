import Catalog
import Pipeline
import PipelineDefinition
import Records
import Warehouse

/// One definition: what it says, where it comes from, what it found last night, the cases that show it.
struct RulePage: ConsoleView {
  let entry: RuleBook.Entry
  let book: RuleBook
  let catalog: Catalog
  let findings: NightFindings
  let night: String
  let language: ReportLanguage
  /// Numbers lead to the queue.
  let mayOpen: Bool

  private var names: CatalogNames { CatalogNames(catalog, language) }
  private var words: ConsoleWords { ConsoleWords(language) }

  var title: String { "\(entry.id) \(of(entry.name, entry.english))" }

  var content: HTML {
    let back: HTML = """
      <p><a href="/rules?kind=\(entry.kind.rawValue)">← \(RulesPage.name(entry.kind, language))</a></p>
      """
    return "\(back)\(description)\(nightly)\(cases)"
  }

  // MARK: What it says

  private var description: HTML {
    switch entry.kind {
    case .rule: catalog.rules.first { $0.id == entry.id }.map(rule) ?? ""
    case .authority: catalog.authority.rules.first { $0.id == entry.id }.map(authority) ?? ""
    case .element: catalog.elements.first { $0.id == entry.id }.map(element) ?? ""
    case .codeList: catalog.codeList(entry.id).map(codeList) ?? ""
    case .issue: catalog.issueTypes.first { $0.code.rawValue == entry.id }.map(issue) ?? ""
    }
  }

  private func sheet(_ entries: [(String, String)], _ more: HTML = "") -> HTML {
    "<div class=\"sheet\">\(facts(entries))\(more)</div>"
  }

  private func paragraph(_ title: String, _ text: String) -> HTML {
    text.isEmpty ? "" : "<p><b>\(title)</b> \(text)</p>"
  }

  private func code(_ title: String, _ text: String) -> HTML {
    "<p><b>\(title)</b> <code>\(text)</code></p>"
  }

  private var originTitle: String { of("依据：", "Origin: ") }
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
        (of("类别", "category"), "\(rule.category) \(names.category(rule.category))"),
        (of("严重程度", "severity"), words.severity(rule.severity.rawValue)),
        (of("问题类型", "issue"), "\(rule.issue.rawValue) \(names.issue(rule.issue.rawValue))"),
        (of("比较范围", "compares"), kind(rule.kind)), (of("版本", "version"), "\(rule.version)"),
      ],
      "\(when)\(code(of("应满足：", "Must hold: "), rule.holds.description))\(parameters)"
        + "\(paragraph(fixTitle, of(rule.fixChinese, rule.fixEnglish)))"
        + "\(paragraph(originTitle, language.origin(rule.origin)))")
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
      "\(when)\(paragraph(of("数据元：", "Elements: "), rule.elements.map(names.element).joined(separator: of("、", ", "))))"
        + "\(paragraph(fixTitle, of(rule.fixChinese, rule.fixEnglish)))"
        + "\(paragraph(originTitle, language.origin(rule.origin)))")
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
    let list: HTML =
      element.codeList.flatMap(catalog.codeList).map { list in
        "<p><b>\(of("代码表：", "Code list: "))</b> <a href=\"/rules/\(list.id)\">\(list.id) \(of(list.name, list.english))</a></p>"
      } ?? ""
    let checks: [HTML] = book.checks(of: element).map { check in
      """
      <tr><th scope="row">\(names.rule(check.rule))<span class="what">\(check.rule)</span></th>
      <td><a href="/rules/\(check.issue.rawValue)"><span class="tag">\(check.issue.rawValue)</span> \(names.issue(check.issue.rawValue))</a></td>
      <td class="short">\(words.severity(check.severity.rawValue))</td>
      <td>\(of(check.expectedChinese, check.expectedEnglish))</td></tr>

      """
    }
    let carried = entry.categories.map { "\($0) \(names.category($0))" }
    return sheet(
      [
        (of("标识符", "identifier"), element.identifier),
        (of("表示格式", "form"), element.notation + (element.unit.map { " \($0)" } ?? "")),
        (of("共享层级", "tier"), tier(element.tier)),
        (of("核心数据", "core data"), core.sorted().joined(separator: of("、", ", "))),
        (of("多值", "several values"), element.isMultiValued ? of("是", "yes") : ""),
      ],
      "\(paragraph(of("定义：", "Definition: "), element.definition))\(list)"
        + "\(paragraph(of("所属类别：", "Carried by: "), carried.joined(separator: of("、", ", "))))"
        + "\(paragraph(originTitle, language.origin(element.origin)))")
      + (checks.isEmpty
        ? ""
        : section(
          "checks", of("检查", "Checks"),
          table(
            of("检查", "checks"),
            [
              (of("检查", "check"), false), (of("问题类型", "issue"), false),
              (of("严重程度", "severity"), false), (of("应为", "expected"), false),
            ], checks)))
  }

  private func tier(_ tier: SharingTier) -> String {
    switch tier {
    case .public: of("公共服务类", "public")
    case .shared: of("内部共享类", "shared")
    case .restricted: of("受限使用类", "restricted")
    }
  }

  private func codeList(_ list: CodeList) -> HTML {
    let users = catalog.elements.filter { $0.codeList == list.id }
    let links: [HTML] = users.map { "<a href=\"/rules/\($0.id)\">\(of($0.name, $0.english))</a> " }
    let rows: [HTML] = list.values.map { value in
      let days = [value.from?.description, value.until?.description]
      let span = days.contains { $0 != nil } ? "\(days[0] ?? "") – \(days[1] ?? "")" : "·"
      return """
        <tr><th scope="row"><code>\(value.code)</code></th><td>\(of(value.label, value.english))</td>
        <td>\(value.synonyms.joined(separator: of("、", ", ")))</td><td class="short">\(span)</td></tr>

        """
    }
    let others =
      list.aliases.map { "\($0.label) = \($0.codes.joined(separator: " + "))" }
      + list.undecidable.map { "\($0.label)：\($0.reason)" }
    return sheet(
      [
        (of("代码数", "values"), "\(list.values.count)"),
        (
          of("未知代码", "an unknown code"),
          list.isExtensible ? of("提示，记入新值观察", "is a note") : of("退回", "returns the record")
        ),
      ],
      "<p><b>\(of("用于：", "Used by: "))</b> \(links)</p>\(paragraph(originTitle, language.origin(list.origin)))"
    )
      + section(
        "values", of("代码", "Values"),
        table(
          of("代码", "values"),
          [
            (of("代码", "code"), false), (of("名称", "label"), false),
            (of("也写作", "also written"), false), (of("有效期", "in force"), false),
          ], rows) + paragraph(of("另：", "Besides: "), others.joined(separator: "；")))
  }

  private func issue(_ type: IssueType) -> HTML {
    sheet(
      [(of("维度", "dimension"), of(type.code.dimension.name, type.code.dimension.rawValue))],
      paragraph("", of(type.descriptionChinese, type.descriptionEnglish))
        + paragraph(fixTitle, of(type.fixChinese, type.fixEnglish))
        + paragraph(originTitle, language.origin(type.origin)))
  }

  // MARK: Last night

  private var nightly: HTML {
    let sums = findings.of(entry).sorted {
      (-$0.count, $0.system, $0.rule) < (-$1.count, $1.system, $1.rule)
    }
    let title = of("\(night) 的发现", "Findings of \(night)")
    guard !sums.isEmpty else {
      return section("night", title, "<p>\(of("没有。", "None."))</p>")
    }
    let rows: [HTML] = sums.map { sum in
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
        ], rows))
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
        let what = [found.rule, found.element.isEmpty ? "" : names.element(found.element)]
        return """
          <li>\(tag)\(what.filter { !$0.isEmpty }.joined(separator: " ")) \(found.severity.map { words.severity($0.rawValue) } ?? "")</li>
          """
      }
      let result: HTML =
        outcome.isEmpty
        ? "<span class=\"tag good\">✓ \(of("通过", "passes"))</span>"
        : "<ul class=\"plain\">\(outcome)</ul>"
      return """
        <tr><th scope="row">\(test.name)<span class="what">\(test.place)</span></th>
        <td>\(test.system) \(test.subject)</td><td><ul class="plain">\(given)</ul></td><td>\(result)</td></tr>

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
          (of("与完整记录的不同", "differs from the complete record"), false),
          (of("结果", "outcome"), false),
        ], rows) + more)
  }
}
