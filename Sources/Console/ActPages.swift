import Access
import Catalog
import Pipeline
import Review

/// One act: what it is about, what became of it, what can still be done.
struct ActPage {
  let act: RecordAct
  /// Some of its records.
  let targets: [ActStore.Target]
  let session: Session
  let catalog: Catalog
  let language: ReportLanguage
  let now: Int64
  var problem: HTML?
  /// What came of a confirmed code: the name of its patch and its text.
  var patch: (name: String, text: String)?
  /// What is to be said of records that it was meant for and left as they are.
  var left: HTML = ""

  static let shownTargets = 10
  /// Records of ``left`` that are shown.
  static let shownLeft = 20

  private var words: ActWords { ActWords(catalog, language) }

  var title: String { "#\(act.id) \(words.kind(act.kind))" }

  var content: HTML {
    let alert: HTML = problem.map { "<div class=\"alert\" role=\"alert\">\($0)</div>" } ?? ""
    let links: [HTML] = targets.prefix(Self.shownTargets).map { target in
      """
      <li><a href="/record/\(Int(target.row))">\(target.system) \(language.of("批次 \(target.row >> 32) 第 \(target.row & 0xFFFF_FFFF) 条", "delivery \(target.row >> 32), record \(target.row & 0xFFFF_FFFF)"))</a></li>

      """
    }
    let rest = act.records - links.count
    let more: HTML =
      rest > 0 ? "<li>\(language.of("另 \(rest) 条", "\(rest) more"))</li>" : ""
    let recipe: HTML =
      act.details.filter == nil
      ? ""
      : "<p class=\"note\">\(language.of("已记为配方：", "Recorded as a recipe: "))<code>qingyuan recipe apply \(Int(act.details.recipe ?? act.id))</code></p>"
    let history = ActHistory(acts: [act], account: session.account, words: words, now: now)
    let records: HTML =
      act.records == 0
      ? ""
      : "<div class=\"sheet\"><h2>\(language.of("\(language.number(act.records)) 条记录", "\(language.number(act.records)) records"))</h2><ul>\(links)\(more)</ul></div>"
    return """
      \(alert)\(left)<div class="sheet">\(history.html)\(recipe)</div>\(changed)
      \(records)
      \(decisions)
      """
  }

  private var changed: HTML {
    guard let patch else { return "" }
    return """
      <section class="sheet" aria-labelledby="patch"><h2 id="patch">\(language.of("对定义的修改", "Change of the definitions"))</h2>
      <pre class="raw" tabindex="0">\(patch.text)</pre><p><a class="button" href="/codes/\(patch.name)" download="\(patch.name)">\(language.of("下载补丁", "Download the patch"))</a></p>\(CodeForm.advice(language))</section>
      """
  }

  private var decisions: HTML {
    let account = session.account
    var forms: [HTML] = []
    let isOther = !act.person.isSameUser(as: account.person)
    if ActDesk.may(.approve, account.role), act.standing(at: now) == .waiting, isOther {
      forms += [button(.approve), button(.refuse)]
    }
    let isOwn = account.role == .operator || !isOther
    if ActDesk.may(.undo, account.role), isOwn, act.isUndoable(at: now) {
      forms.append(button(.undo))
    }
    guard !forms.isEmpty else { return "" }
    return "<div class=\"sheet acts\">\(forms)</div>"
  }

  private func button(_ kind: ActKind) -> HTML {
    let text: HTML =
      kind == .undo
      ? ""
      : "<p><label for=\"words-\(kind.rawValue)\">\(language.of(kind == .refuse ? "理由" : "说明（可不填）", kind == .refuse ? "Why" : "Words (may be empty)"))</label><textarea id=\"words-\(kind.rawValue)\" name=\"words\" rows=\"2\" maxlength=\"500\"></textarea></p>"
    return """
      <form method="post" action="/act/\(Int(act.id))/\(kind.rawValue)">
      <input type="hidden" name="form" value="\(session.formToken)"/>\(text)
      <button>\(words.kind(kind))</button></form>

      """
  }
}

/// What people did, newest first; what waits for this person before everything else.
struct ActListPage {
  let acts: [RecordAct]
  /// All that wait for a second person.
  let open: [RecordAct]
  let session: Session
  let catalog: Catalog
  let language: ReportLanguage
  let now: Int64

  /// What a second person has to agree to, and this one may.
  var mine: [RecordAct] {
    open.filter { act in
      session.account.role == .approver && act.standing(at: now) == .waiting
        && !act.person.isSameUser(as: session.account.person)
    }
  }

  /// Those of ``mine`` for a page that has a sheet for them; nothing where there is none.
  var waiting: HTML {
    let mine = self.mine
    guard !mine.isEmpty else { return "" }
    let title = language.of(
      "豁免、更正、代码和覆盖（\(mine.count)）", "Waivers, corrections, codes and overrides (\(mine.count))")
    return "<h3>\(title)</h3>\(history(mine))"
  }

  private var waitingSheet: HTML {
    let mine = self.mine
    return mine.isEmpty
      ? "" : sheet(language.of("等您审批（\(mine.count)）", "Waiting for you (\(mine.count))"), mine)
  }

  var content: HTML {
    guard !acts.isEmpty else {
      return
        "<div class=\"sheet\"><p>\(language.of("还没有人处理过您负责的记录。", "Nothing has been done about your records yet."))</p></div>"
    }
    return waitingSheet + sheet(language.of("最近的处理", "What was done lately"), acts)
  }

  private func sheet(_ title: String, _ acts: [RecordAct]) -> HTML {
    "<div class=\"sheet\"><h2>\(title)</h2>\(history(acts))</div>"
  }

  private func history(_ acts: [RecordAct]) -> HTML {
    ActHistory(
      acts: acts, account: session.account, words: ActWords(catalog, language), now: now
    ).html
  }
}

/// Doing the same to all records of a filter: how many they are, ten of them, and the forms.
struct BulkPage {
  let count: Int
  /// Of the records, as the queue shows them.
  let examples: HTML
  let request: QueueRequest
  let session: Session
  let catalog: Catalog
  let language: ReportLanguage
  var form: [String: String] = [:]
  var problem: HTML?
  let people: [String]

  static let shownExamples = 10

  private var words: ActWords { ActWords(catalog, language) }

  var content: HTML {
    let alert: HTML = problem.map { "<div class=\"alert\" role=\"alert\">\($0)</div>" } ?? ""
    let back: HTML = """
      <p><a href="\(request.start.text)">\(language.of("← 返回队列", "← back to the queue"))</a></p>
      """
    guard count > 0 else {
      return """
        \(alert)<div class="sheet"><p>\(language.of("没有符合条件的记录，不需要处理。", "No record fits; there is nothing to do."))</p>
        \(back)</div>
        """
    }
    let number = language.number(count)
    let forms: [HTML] = ActKind.onMany.filter { ActDesk.may($0, session.account.role) }
      .map(entry)
    return """
      \(alert)<div class="sheet"><div class="summary"><p><b>\(language.of("将一次处理 \(number) 条记录", "\(number) records in one step"))</b>\(
        language.of("，以下为其中 \(min(count, Self.shownExamples)) 条", "; \(min(count, Self.shownExamples)) of them"))</p>
      \(back)</div>\(examples)</div>
      <section class="sheet acts" aria-labelledby="acts-title"><h2 id="acts-title">\(language.of("处理", "What to do"))</h2>
      <p class="note">\(language.of("整步可以撤销，并记为配方，次日可重放。", "The whole step can be undone, and is recorded as a recipe that can be replayed."))</p>\(forms)</section>
      """
  }

  private func entry(_ kind: ActKind) -> HTML {
    let category = request.filter[.category].flatMap { catalog.category($0) }
    if kind == .correct, category == nil {
      return
        "<p class=\"note\">\(language.of("批量更正和覆盖须先在筛选中选定一个类别。", "To correct or override many, choose one category in the filter first."))</p>"
    }
    let hasPreview = kind == .correct || kind == .override
    var fields: HTML = ""
    if kind == .correct { fields = value(category) }
    if kind == .override {
      guard let category else { return "" }
      fields =
        OverrideField(
          category: category, catalog: catalog, clearance: session.account.clearance,
          language: language, form: form
        ).html
      if fields.text.isEmpty { return "" }
    }
    let name = language.of(kind.chinese, kind.english)
    let filter: [HTML] = (request.hidden + [("q", request.filter.text)]).map { name, value in
      "<input type=\"hidden\" name=\"filter.\(name)\" value=\"\(value)\"/>"
    }
    let isOpen = form["kind"] == kind.rawValue
    return """
      <details\(flag: "open", isOpen)><summary>\(name)</summary>
      <form method="post" action="/queue/act"><input type="hidden" name="form" value="\(session.formToken)"/>
      <input type="hidden" name="kind" value="\(kind.rawValue)"/><input type="hidden" name="expected" value="\(count)"/>\(filter)
      <p class="note">\(words.advice(kind))</p>\(fields)\(ActFields(kind, form, people, language).html)
      \(hasPreview ? preview : "")<button>\(language.of("对 \(language.number(count)) 条\(name)", "\(name): \(language.number(count)) records"))</button></form></details>

      """
  }

  /// Before the button that does it, so that the return key does nothing yet.
  private var preview: HTML {
    """
    <button name="preview" value="1" formnovalidate="formnovalidate">\(language.of("预览", "Preview"))</button>

    """
  }

  private func value(_ category: Category?) -> HTML {
    let chosen = form["element"] ?? request.filter[.element]
    let options: [HTML] = (category?.elements ?? []).map(\.element)
      .filter { $0.tier <= session.account.clearance }
      .map { element in
        "<option value=\"\(element.identifier)\"\(flag: "selected", element.identifier == chosen)>\(language.of(element.name, element.english)) \(element.id)</option>"
      }
    return """
      <p><label for="element">\(language.of("数据元", "Element"))</label><select id="element" name="element">\(options)</select></p>
      <p><label for="value">\(language.of("统一改为", "New value in all of them"))</label><input id="value" name="value" maxlength="4000" value="\(form["value"] ?? "")"/></p>
      """
  }
}
