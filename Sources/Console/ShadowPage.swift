import Access
import Catalog
import Pipeline
import Review

/// Shadow runs that were kept, the newest first.
struct ShadowListPage: ConsoleView {
  let results: [ShadowResult]
  /// The rule that is tried now, or whose trial did not end well.
  let trial: RuleTrials.Trial?
  let language: ReportLanguage

  static func title(_ language: ReportLanguage) -> String {
    language.of("规则试算", "Shadow runs")
  }

  var content: HTML {
    let advice: HTML = """
      \(trial.map { TrialPage.line($0, language) } ?? "")<p class="note">\(of("在改规则之前看哪些判定会变：在规则页上填写改动，或用命令比较两套定义：", "Which verdicts would change, before a rule is changed: on the page of the rule, or of whole definitions by "))<code>qingyuan shadow --pipelines Changed --keep \(of("名称", "NAME"))</code></p>
      """
    guard !results.isEmpty else {
      return section(
        "shadow", Self.title(language),
        "<p>\(of("还没有保存过试算结果。", "No shadow run was kept yet."))</p>\(advice)")
    }
    let rows: [HTML] = results.map { result in
      """
      <tr><th scope="row"><a href="/shadow/\(result.name)"><bdi>\(result.name)</bdi></a></th>
      <td><bdi>\(result.user)</bdi><span class="what">\(result.department)</span></td>
      <td class="short">\(String(Moment.text(result.time).prefix(16)).replacing("T", with: " "))</td>
      <td class="n">\(result.firstNight) – \(result.lastNight)</td>
      <td class="n">\(language.number(result.summary.changes.count))</td></tr>

      """
    }
    return section(
      "shadow", Self.title(language),
      table(
        Self.title(language),
        [
          (of("名称", "name"), false), (of("何人", "who"), false), (of("何时", "when"), false),
          (of("批次所在的夜", "nights"), true), (of("变化", "changes"), true),
        ], rows) + advice)
  }
}

/// One shadow run: which verdicts would change, by rule, element and system, with examples.
struct ShadowPage: ConsoleView {
  let result: ShadowResult
  /// Of systems that the person sees.
  let changes: [ShadowSummary.Change]
  /// The person sees all systems, so that the sums are theirs too.
  let isWhole: Bool
  /// Rows of records that can be opened.
  let records: Set<Int64>
  let catalog: Catalog
  let language: ReportLanguage

  private var names: CatalogNames { CatalogNames(catalog, language) }
  private var words: ConsoleWords { ConsoleWords(language) }

  /// Changes that are shown; those that turn most verdicts come first.
  static let shownChanges = 200

  var content: HTML {
    "<p><a href=\"/shadow\">← \(ShadowListPage.title(language))</a></p>\(about)\(list)"
  }

  private var about: HTML {
    let summary = result.summary
    func number(_ value: Int) -> String { language.number(value) }
    var entries = [
      (of("何人", "who"), "\(result.department) \(result.user)"),
      (
        of("何时", "when"),
        String(Moment.text(result.time).prefix(16)).replacing("T", with: " ")
      ), (of("批次所在的夜", "nights"), "\(result.firstNight) – \(result.lastNight)"),
    ]
    if isWhole {
      entries += [
        (of("批次", "deliveries"), number(summary.deliveries)),
        (of("记录", "records"), number(summary.records)),
        (
          of("退回", "returned"),
          "\(number(summary.returnedBefore)) → \(number(summary.returnedAfter))"
        ), (of("新退回", "would go back"), number(summary.newlyReturned)),
        (of("不再退回", "would not any more"), number(summary.newlyAccepted)),
        (
          of("挂起有变的批次", "deliveries held otherwise"),
          summary.holds.isEmpty ? "" : number(summary.holds.count)
        ),
        (
          of("已不在归档中的批次", "not in the archive any more"),
          summary.missing == 0 ? "" : number(summary.missing)
        ),
      ]
    }
    let rules: HTML =
      summary.notCompared.isEmpty
      ? ""
      : "<p class=\"note\">\(of("涉及其他记录、没有比较的规则：", "Not compared, since they look at other records: "))\(summary.notCompared.joined(separator: of("、", ", ")))</p>"
    let compared: HTML = """
      <p><b>\(of("现在：", "Present: "))</b> <code>\(result.against)</code></p>
      <p><b>\(of("改动后：", "Changed: "))</b> <code>\(result.changed)</code></p>
      """
    return section("about", result.name, facts(entries) + compared + rules)
  }

  private var list: HTML {
    let title = of("会变的判定", "What would change")
    guard !changes.isEmpty else {
      return section("changes", title, "<p>\(of("没有变化。", "Nothing."))</p>")
    }
    let rows: [HTML] = changes.prefix(Self.shownChanges).map { change in
      let examples: [HTML] = change.examples.map(example)
      let what =
        change.element.isEmpty ? of("整条记录", "the record") : names.element(change.element)
      return """
        <tr><th scope="row"><span class="tag">\(change.code)</span> \(names.rule(change.rule))<span class="what">\(what)</span></th>
        <td>\(change.system) \(names.category(change.category))</td>
        <td class="short">\(severity(change.before)) → \(severity(change.after))</td>
        <td class="n">\(language.number(change.records))</td>
        <td class="n">\(change.verdicts == 0 ? "·" : language.number(change.verdicts))</td>
        <td><ul class="plain">\(examples)</ul></td></tr>

        """
    }
    let rest = changes.count - Self.shownChanges
    let more: HTML = rest > 0 ? "<p class=\"note\">\(of("另 \(rest) 项", "\(rest) more"))</p>" : ""
    return section(
      "changes", title,
      table(
        title,
        [
          (of("问题", "issue"), false), (of("系统 · 类别", "system · category"), false),
          (of("前 → 后", "before → after"), false), (of("记录", "records"), true),
          (of("判定改变", "verdicts"), true), (of("例", "examples"), false),
        ], rows) + more)
  }

  private func severity(_ severity: String?) -> String {
    severity.map { words.severity($0) } ?? of("无", "none")
  }

  private func example(_ example: ShadowSummary.Example) -> HTML {
    let place = of(
      "第 \(example.recordNumber) 条，第 \(example.line) 行",
      "record \(example.recordNumber), line \(example.line)")
    let row = example.row
    let text: HTML =
      records.contains(row) ? "<a href=\"/record/\(Int(row))\">\(place)</a>" : "\(place)"
    return "<li><bdi>\(language.cut(example.file))</bdi> \(text)</li>"
  }
}

extension ShadowSummary.Example {
  /// The record's row, if it stands in quarantine.
  var row: Int64 { delivery << 32 | Int64(recordNumber) }
}
