import Access
import Catalog
import Pipeline
import Review

/// What can be done about one record, and what was done.
struct ActForms {
  let record: RecordCase
  /// About the record in all its attempts, oldest first.
  let acts: [RecordAct]
  let session: Session
  let language: ReportLanguage
  let catalog: Catalog
  let now: Int64
  /// What was typed, where it has to be typed again.
  var form: [String: String] = [:]
  /// Why it was not taken; nil where nothing was asked.
  var problem: HTML?
  /// Users that records of the system can be assigned to.
  var people: [String]

  static let valuePrefix = "value."

  /// The name of a field: `value.ELEMENT`, in a row `value.TABLE.NUMBER.ELEMENT`.
  static func name(of change: FieldChange) -> String {
    let place = change.row.map { "\($0.table).\($0.number)." } ?? ""
    return valuePrefix + place + change.element
  }

  /// What a field is about.
  static func place(_ name: String) -> (element: String, row: FieldChange.Row?) {
    let rest = name.dropFirst(valuePrefix.count)
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let number = Int(parts[1]), (1...1_000_000).contains(number) else {
      return (String(rest), nil)
    }
    return (String(parts[2]), FieldChange.Row(table: String(parts[0]), number: number))
  }

  private var words: ActWords { ActWords(catalog, language) }

  var html: HTML {
    let alert: HTML =
      problem.map { "<div class=\"alert\" role=\"alert\" id=\"problem\">\($0)</div>" } ?? ""
    let title = language.of("处理", "What to do")
    let history = ActHistory(acts: acts, account: session.account, words: words, now: now)
    return """
      <section class="sheet acts" id="acts" aria-labelledby="acts-title"><h2 id="acts-title">\(title)</h2>
      \(alert)\(history.html)\(forms)</section>
      """
  }

  private var forms: HTML {
    let offered = ActKind.onRecords.filter { kind in
      ActDesk.may(kind, session.account.role)
        && (record.isInQuarantine && record.closedNight == nil || kind == .comment
          || kind == .assign)
    }
    return HTML.joined(offered.map(entry))
  }

  private func entry(_ kind: ActKind) -> HTML {
    let isOpen = form["kind"] == kind.rawValue
    let name = language.of(kind.chinese, kind.english)
    return """
      <details\(flag: "open", isOpen)><summary>\(name)</summary>
      <form method="post" action="/record/\(Int(record.row))/act">
      <input type="hidden" name="form" value="\(session.formToken)"/>
      <input type="hidden" name="kind" value="\(kind.rawValue)"/>
      <p class="note">\(words.advice(kind))</p>
      \(kind == .correct ? values : "")\(ActFields(kind, form, people, language).html)
      <button>\(name)</button></form></details>

      """
  }

  /// Fields with reasons first, the others folded.
  private var values: HTML {
    let fields = record.fields.filter { $0.element != nil && $0.isEditable }
    let wrong = fields.filter { !$0.reasons.isEmpty }
    let rest = fields.filter { $0.reasons.isEmpty }
    let hidden = record.fields.count { $0.element != nil && !$0.isEditable && !$0.name.isEmpty }
    let note: HTML =
      hidden == 0
      ? ""
      : "<p class=\"note\">\(language.of("另有 \(hidden) 项超出您的查看级别，不能在此更正。", "\(hidden) more are above your clearance and cannot be changed here."))</p>"
    let others: HTML =
      rest.isEmpty
      ? ""
      : "<details\(flag: "open", wrong.isEmpty)><summary>\(language.of("其他 \(rest.count) 项", "\(rest.count) others"))</summary><div class=\"values\">\(rest.map(input))</div></details>"
    return "<div class=\"values\">\(wrong.map(input))</div>\(others)\(rows)\(note)"
  }

  /// What stands in rows inside: a table that a reason is about is open.
  private var rows: HTML {
    let lists: [HTML] = record.rows.filter { $0.fields.contains { !$0.isEmpty } }.map { list in
      let isWrong = list.reasons.contains { !$0.isEmpty }
      let rows: [HTML] = list.fields.enumerated().map { index, fields in
        let row = FieldChange.Row(table: list.table.name, number: index + 1)
        let inputs: [HTML] = fields.map { input($0.element, $0.text, row) }
        let title = language.of("第 \(index + 1) 行", "Row \(index + 1)")
        return "<h4>\(title)</h4><div class=\"values\">\(inputs)</div>"
      }
      return
        "<details\(flag: "open", isWrong)><summary>\(language.of(list.table.title, list.table.english))</summary>\(rows)</details>"
    }
    return HTML.joined(lists)
  }

  private func input(_ field: RecordCase.Field) -> HTML {
    guard let element = field.element else { return "" }
    return input(element, field.received.text ?? "", nil)
  }

  private func input(
    _ element: DataElement, _ received: String, _ row: FieldChange.Row?
  ) -> HTML {
    let name = Self.name(of: FieldChange(element: element.identifier, text: "", row: row))
    let value = form[name] ?? received
    let mark: HTML =
      element.core.isEmpty
      ? "" : " <span class=\"tag near\">\(language.of("核心，须审批", "core, needs approval"))</span>"
    let line: HTML =
      "<input id=\"\(name)\" name=\"\(name)\" maxlength=\"4000\" value=\"\(value)\"/>"
    // A field of one line would lose its line breaks; the first of a text area is no part of the text.
    let lines: HTML =
      "<textarea id=\"\(name)\" name=\"\(name)\" rows=\"4\" maxlength=\"4000\">\n\(HTML.lines(value))</textarea>"
    return """
      <p><label for="\(name)">\(language.of(element.name, element.english)) <span class="muted">\(element.id)</span>\(mark)</label>
      \(value.contains(where: \.isNewline) ? lines : line)</p>

      """
  }
}

/// The fields that acts of a kind have in common, of one record or of many.
struct ActFields {
  private let kind: ActKind
  private let form: [String: String]
  private let people: [String]
  private let language: ReportLanguage

  init(
    _ kind: ActKind, _ form: [String: String], _ people: [String], _ language: ReportLanguage
  ) {
    self.kind = kind
    // What was typed into the form of another act is not for this one.
    self.form = form["kind"] == kind.rawValue ? form : [:]
    self.people = people
    self.language = language
  }

  var html: HTML {
    switch kind {
    case .assign:
      let options: [HTML] = people.map { user in
        "<option value=\"\(user)\"\(flag: "selected", form["assignee"] == user)>\(user)</option>"
      }
      return """
        <p><label for="assignee">\(language.of("由谁处理", "Who"))</label>
        <select id="assignee" name="assignee" required="required">\(options)</select></p>
        \(text(language.of("说明（可不填）", "Words (may be empty)"), isRequired: false))
        """
    case .comment: return text(language.of("备注", "Comment"))
    case .sendBack: return text(language.of("附言", "Note"))
    case .waive:
      return """
        <p><label for="until">\(language.of("到期日", "Last day"))</label>
        <input id="until" name="until" type="date" required="required" value="\(form["until"] ?? "")"/></p>
        \(text(language.of("理由", "Why")))
        """
    case .correct: return text(language.of("更正依据", "Why"))
    case .override:
      return """
        <p><label for="last-night">\(language.of("最后一夜", "Last night"))</label>
        <input id="last-night" name="until" type="date" required="required" value="\(form["until"] ?? "")"/></p>
        \(text(language.of("依据", "Why")))
        """
    case .code, .approve, .refuse, .undo: return ""
    }
  }

  private func text(_ label: String, isRequired: Bool = true) -> HTML {
    let id = "words-\(kind.rawValue)"
    return """
      <p><label for="\(id)">\(label)</label>
      <textarea id="\(id)" name="words" rows="2" maxlength="500"\(flag: "required", isRequired)>\(form["words"] ?? "")</textarea></p>
      """
  }
}

/// Acts in their order, with what became of them.
struct ActHistory {
  let acts: [RecordAct]
  let account: Account
  let words: ActWords
  let now: Int64

  var html: HTML {
    guard !acts.isEmpty else { return "" }
    let rows: [HTML] = acts.map { act in
      """
      <tr><th scope="row">\(words.link(act, "#\(Int(act.id)) \(words.kind(act.kind))", for: account))</th>
      <td>\(act.person.user) <span class="muted">\(act.person.department)</span></td>
      <td class="short">\(words.time(act.time))</td>
      <td>\(words.say(act, account.clearance))</td>
      <td class="short">\(words.standing(act.standing(at: now)))</td></tr>

      """
    }
    let title = words.language.of("已做的处理", "What was done")
    return """
      <div class="scroll" role="region" tabindex="0" aria-label="\(title)"><table class="lines"><thead><tr>
      <th scope="col">\(words.language.of("操作", "act"))</th><th scope="col">\(words.language.of("何人", "who"))</th>
      <th scope="col">\(words.language.of("何时", "when"))</th><th scope="col">\(words.language.of("内容", "what"))</th>
      <th scope="col">\(words.language.of("结果", "standing"))</th></tr></thead><tbody>\(rows)</tbody></table></div>
      """
  }
}

/// What ``ActWords/say(_:_:)`` shows of an act, for the access log.
extension RecordAct {
  /// Identifiers of the elements of which it shows a value.
  func shownElements(_ catalog: Catalog, _ clearance: SharingTier) -> [String] {
    let changes = details.changes ?? details.stated?.all(catalog) ?? []
    let stated = changes.filter { !$0.text.isEmpty }.map(\.element)
    return (stated + (details.code.map { [$0.element] } ?? [])).filter { name in
      (catalog.element(name)?.tier ?? .restricted) <= clearance
    }
  }

  /// The golden record whose key it shows.
  func shownSubject(_ catalog: Catalog, _ clearance: SharingTier) -> SubjectKey? {
    details.stated.flatMap { stated in
      guard let entity = catalog.authority.entity(stated.entity),
        let key = stated.shownKey(catalog, clearance)
      else { return nil }
      return SubjectKey(category: entity.category, parts: key)
    }
  }
}

/// What the console calls acts.
struct ActWords {
  let catalog: Catalog
  let language: ReportLanguage

  init(_ catalog: Catalog, _ language: ReportLanguage) {
    self.catalog = catalog
    self.language = language
  }

  func kind(_ kind: ActKind) -> String { language.of(kind.chinese, kind.english) }

  /// An act has a page for those whose business all of its records are.
  func link(_ act: RecordAct, _ text: String, for account: Account) -> HTML {
    act.isSeen(by: account) ? "<a href=\"/act/\(Int(act.id))\">\(text)</a>" : "\(text)"
  }

  func time(_ second: Int64) -> String {
    String(Moment.text(second).replacing("T", with: " ").prefix(16))
  }

  func standing(_ standing: RecordAct.Standing) -> String {
    switch standing {
    case .stands: language.of("有效", "stands")
    case .waiting: language.of("待审批", "waits for approval")
    case .refused: language.of("已驳回", "refused")
    case .undone: language.of("已撤销", "undone")
    case .expired: language.of("已到期", "expired")
    }
  }

  /// A short tag for a list; nil where an act is not worth one.
  func tag(_ act: RecordAct, now: Int64) -> String? {
    switch (act.kind, act.standing(at: now)) {
    case (.assign, .stands): act.details.assignee.map { language.of("指派 \($0)", "to \($0)") }
    case (.correct, .stands): language.of("已更正，待下一夜", "corrected, next night")
    case (.sendBack, .stands): language.of("已附言退回", "returned with a note")
    case (.comment, .stands): language.of("有备注", "comment")
    case (.waive, .stands):
      act.details.until.map { language.of("豁免至 \($0)", "waived until \($0)") }
    case (.code, .stands): language.of("代码已确认", "code confirmed")
    case (.override, .stands):
      act.details.until.map { language.of("取值覆盖至 \($0)", "value overridden until \($0)") }
    case (.waive, .waiting), (.correct, .waiting), (.code, .waiting), (.override, .waiting):
      language.of("\(act.kind.chinese)待审批", "\(act.kind.english): waits")
    default: nil
    }
  }

  /// What was said and stated; values above a person's clearance are left out.
  func say(_ act: RecordAct, _ clearance: SharingTier) -> HTML {
    let details = act.details
    let changes: [HTML] = (details.changes ?? details.stated?.all(catalog) ?? []).map { change in
      let element = catalog.element(change.element)
      let name = element.map { language.of($0.name, $0.english) } ?? change.element
      let mayTell = (element?.tier ?? .restricted) <= clearance
      let value: HTML =
        mayTell
        ? "<bdi>\(change.text.isEmpty ? "–" : language.cut(change.text))</bdi>"
        : "<span class=\"mask\">\(language.of("受限，不显示", "withheld"))</span>"
      let place = change.row.map { language.of("第 \($0.number) 行 ", "row \($0.number) ") } ?? ""
      return "<p>\(place)\(name) → \(value)</p>"
    }
    let to = details.assignee.map { language.of("交给 \($0)", "to \($0)") } ?? ""
    let until = details.until.map { language.of("至 \($0)", "until \($0)") } ?? ""
    let start = [to, until].filter { !$0.isEmpty }.joined(separator: " ")
    let decision: HTML =
      act.decision.map { decision in
        let kind = kind(decision.isApproval ? .approve : .refuse)
        return "<p class=\"muted\">\(kind)：\(decision.person.user) \(decision.words)</p>"
      } ?? ""
    let code: HTML =
      details.code.map { change in
        (catalog.element(change.element)?.tier ?? .restricted) <= clearance
          ? "<p>\(say(change))</p>"
          : "<p><span class=\"mask\">\(language.of("受限，不显示", "withheld"))</span></p>"
      } ?? ""
    let golden: HTML = details.stated.map { "<p>\(name($0, clearance))</p>" } ?? ""
    return "\(start) \(details.words)\(golden)\(changes)\(code)\(decision)"
  }

  /// The golden record that values are stated of; without its key where a person may not see it.
  private func name(_ stated: StatedValues, _ clearance: SharingTier) -> HTML {
    let entity = catalog.authority.entity(stated.entity)
    let name = entity.map { language.of($0.name, $0.english) } ?? ""
    let rule = stated.rule.map { " \($0)" } ?? ""
    if let keys = stated.keys {
      let count = language.number(keys.count)
      return
        "\(stated.entity) \(name) \(language.of("\(count) 条综合记录", "\(count) golden records"))"
    }
    let key: HTML =
      stated.shownKey(catalog, clearance).map { "<bdi>\($0.joined(separator: "|"))</bdi>" }
      ?? "<span class=\"mask\">\(language.of("受限，不显示", "withheld"))</span>"
    return "\(stated.entity) \(name) \(key)\(rule)"
  }

  /// What a value was said to mean.
  func say(_ change: CodeListChange) -> HTML {
    let list = catalog.codeList(change.list)
    let name = list.map { "\($0.id) \(language.of($0.name, $0.english))" } ?? change.list
    if let new = change.added {
      return
        "<bdi>\(change.spelling)</bdi> → \(name) \(language.of("新代码", "new code")) <code>\(new.code)</code> <bdi>\(language.of(new.label, new.english))</bdi>"
    }
    let code = change.synonymOf ?? ""
    let value = list?.values.first { $0.code == code }
    return
      "<bdi>\(change.spelling)</bdi> = \(name) <code>\(code)</code> \(value.map { language.of($0.label, $0.english) } ?? "")"
  }

  func advice(_ kind: ActKind) -> String {
    switch kind {
    case .assign: language.of("指派给能处理该系统的专员。", "To somebody who works on this system.")
    case .comment: language.of("备注只在本系统内可见。", "Comments stay in the console.")
    case .sendBack:
      language.of(
        "记录连同附言按原格式再次放入该系统的退回目录。",
        "The record goes into the returns of its system once more, with the note.")
    case .waive:
      language.of(
        "经另一人审批后，到期前不再催办；记录仍为退回，仍计入未达标。",
        "After a second person agrees nobody is asked to work on it; it stays returned and counts as failed."
      )
    case .correct:
      language.of(
        "提交时立即按同一套规则校验；通过后作为专员更正批次，由下一夜判定入库。写法与来源系统一致。",
        "Judged at once by the same rules; then the next night takes it as a delivery. Write values as the source would."
      )
    case .override:
      language.of(
        "覆盖这些记录所指的综合记录的一项取值：从下一夜起先于各系统的说法，到期或权威来源变动后自动结束。",
        "One value of the golden records that these records speak of: it counts before all systems from the next night on, and ends with its last night or when the owner's value moves."
      )
    case .code, .approve, .refuse, .undo: ""
    }
  }
}
