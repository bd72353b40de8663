import Access
import Pipeline
import Records
import Review

/// What waits for decisions, and what was decided.
struct ApprovalsPage: ConsoleView {
  let approvals: [Approval]
  let language: ReportLanguage
  /// Acts on records that wait for the person too, and how many they are.
  let acts: HTML
  let actCount: Int

  /// Decided ones that are shown.
  private static let shownDecided = 100

  private func words(_ words: Approval.Words) -> String { of(words.chinese, words.english) }

  var content: HTML {
    let waiting = approvals.filter { $0.due != nil }
    let mine = waiting.filter(\.isOpen).sorted { ($0.due ?? 0, $0.id) < ($1.due ?? 0, $1.id) }
    let others = waiting.filter { !$0.isOpen }
    let count = mine.count + actCount
    let decided = approvals.filter { $0.due == nil }.suffix(Self.shownDecided).reversed()
    return """
      \(list("mine", of("等您审批（\(count)）", "Waiting for you (\(count))"), mine, of("没有等您审批的事项。", "Nothing waits for you."), of("期限", "due"), more: acts))
      \(others.isEmpty ? "" : list("others", of("等其他人（\(others.count)）", "Waiting for others (\(others.count))"), others, "", of("期限", "due")))
      \(list("decided", of("已办结", "Decided"), Array(decided), of("还没有办结的事项。", "Nothing was decided yet."), ""))
      """
  }

  private func list(
    _ id: String, _ title: String, _ approvals: [Approval], _ nothing: String, _ due: String,
    more: HTML = ""
  ) -> HTML {
    guard !approvals.isEmpty else {
      return section(id, title, more.text.isEmpty ? "<p>\(nothing)</p>" : more)
    }
    let rows: [HTML] = approvals.map { approval in
      let late: HTML =
        approval.isOverdue ? " <span class=\"tag bad\">\(of("逾期", "overdue"))</span>" : ""
      let day = approval.due.map { CivilDate(dayNumber: $0).description } ?? "·"
      return """
        <tr><th scope="row"><a href="/approvals/\(approval.id)">\(words(approval.title))</a><span class="what">\(words(approval.kind))</span></th>
        <td><bdi>\(approval.asker.department)</bdi><span class="what">\(approval.asker.user)</span></td>
        <td>\(words(approval.state))</td><td class="short">\(String(Moment.text(approval.asked).prefix(10)))</td>
        <td class="short">\(day)\(late)</td></tr>

        """
    }
    return section(
      id, title,
      table(
        title,
        [
          (of("事项", "matter"), false), (of("申请方", "asked by"), false),
          (of("状态", "state"), false), (of("申请日", "asked on"), false), (due, false),
        ], rows) + more)
  }
}

/// One thing to be decided, with all that is needed for it.
struct ApprovalPage: ConsoleView {
  let approval: Approval
  let language: ReportLanguage
  let session: Session
  /// Why the last try was refused.
  let problem: Denial?

  private func words(_ words: Approval.Words) -> String { of(words.chinese, words.english) }

  var title: String { words(approval.title) }

  var content: HTML {
    let alert: HTML =
      problem.map { "<p class=\"alert\" role=\"alert\">\(of($0.chinese, $0.english))</p>" } ?? ""
    return """
      <p><a href="/approvals">← \(of("审批", "Approvals"))</a></p>
      \(alert)\(about)\(remarks)\(decision)\(history)
      """
  }

  private var about: HTML {
    let late = approval.isOverdue ? of("（逾期）", " (overdue)") : ""
    let due = approval.due.map { CivilDate(dayNumber: $0).description + late } ?? ""
    return section(
      "about", words(approval.kind),
      facts(
        [
          (of("状态", "state"), words(approval.state)),
          (
            of("申请方", "asked by"),
            "\(approval.asker.department) \(approval.asker.user)"
          ), (of("申请时间", "asked"), moment(approval.asked)), (of("本步期限", "this step by"), due),
        ] + approval.facts.map { (words($0.name), words($0.value)) }))
  }

  private func moment(_ second: Int64) -> String {
    String(Moment.text(second).prefix(19)).replacing("T", with: " ")
  }

  private var remarks: HTML {
    let items: [HTML] = approval.remarks.map { remark in
      let sign: HTML =
        remark.isRefusal
        ? "<span class=\"tag bad\">\(of("不得共享", "refused"))</span>"
        : "<span class=\"tag near\">\(of("请核对", "look"))</span>"
      return "<li>\(sign) \(words(remark.words)) <code>\(remark.code)</code></li>"
    }
    return section(
      "remarks", of("合规核查", "What the checks say"),
      items.isEmpty
        ? "<p>\(of("没有意见。", "They have nothing against it."))</p>"
        : "<ul class=\"plain\">\(items)</ul>")
  }

  private var decision: HTML {
    guard !approval.acts.isEmpty else { return "" }
    let forms: [HTML] = approval.acts.map { act in
      if let denial = act.denial {
        return """
          <p><b>\(words(act.words))</b>：<span class="muted">\(of(denial.chinese, denial.english))</span></p>
          """
      }
      let required: HTML = act.needsReason ? " required=\"required\"" : ""
      let note: HTML =
        act.note.map {
          """
          <label>\(words($0)) <input name="text" maxlength="500"\(required)/></label>
          """
        } ?? ""
      return """
        <form class="search" method="post" action="/approvals/\(approval.id)">
        <input type="hidden" name="form" value="\(session.formToken)"/><input type="hidden" name="act" value="\(act.id)"/>\(note)
        <button>\(words(act.words))</button></form>
        """
    }
    return section("decision", of("办理", "Decide"), HTML.joined(forms))
  }

  private var history: HTML {
    let rows: [HTML] = approval.steps.map { step in
      let late: HTML = step.isLate ? " <span class=\"tag bad\">\(of("逾期", "late"))</span>" : ""
      return """
        <tr><td class="short">\(moment(step.time))</td><td>\(words(step.words))\(late)</td>
        <td><bdi>\(step.person.map { "\($0.department) \($0.user)" } ?? of("（自动）", "(program)"))</bdi></td><td><bdi>\(step.text)</bdi></td></tr>

        """
    }
    return section(
      "history", of("办理经过", "What was done"),
      table(
        of("办理经过", "history"),
        [
          (of("时间", "time"), false), (of("步骤", "step"), false), (of("人", "person"), false),
          (of("意见", "note"), false),
        ], rows))
  }
}
