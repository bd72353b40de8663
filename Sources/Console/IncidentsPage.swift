import Access
import Catalog
import Pipeline
import Records
import Review
import WarehouseSQLite

/// What goes wrong, cause by cause, and how long departments have had their returns.
struct IncidentsPage: ConsoleView {
  let incidents: [Incident]
  let clock: ReturnClock
  let workdays: Int
  let catalog: Catalog
  let language: ReportLanguage
  let request: IncidentsRequest

  private static let perPage = 60

  private var names: CatalogNames { CatalogNames(catalog, language) }

  var content: HTML { "\(list)\(returns)" }

  // MARK: Incidents

  private var list: HTML {
    let fitting = incidents.filter { request.system.isEmpty || $0.cause.system == request.system }
    let first = (request.page - 1) * Self.perPage
    let choices = IncidentStore.Choice.allCases.map { choice in
      (
        title: name(choice), address: request.address.with("show", choice.rawValue).text,
        isCurrent: choice == request.choice
      )
    }
    let systems =
      [("", of("全部系统", "all systems"))]
      + Set(incidents.map(\.cause.system)).union([request.system]).subtracting([""]).sorted()
      .map { ($0, "\($0) \(names.system($0))") }
    let filter: HTML = """
      <form class="search" method="get" action="/incidents"><input type="hidden" name="show" value="\(request.choice.rawValue)"/>
      \(select("system", of("系统", "system"), systems, chosen: request.system))<button>\(of("筛选", "Filter"))</button></form>
      """
    let rows = fitting.dropFirst(first).prefix(Self.perPage).map(row)
    let body: HTML =
      rows.isEmpty
      ? "<p>\(of("没有这样的问题事件。", "There is no such incident."))</p>"
      : table(
        of("问题事件", "incidents"),
        [
          (of("问题", "issue"), false), (of("系统 · 类别", "system · category"), false),
          (of("状态", "state"), false), (of("记录", "records"), true),
          (of("昨夜新增", "last night"), true), (of("自", "since"), true),
        ], rows)
    let isMore = first + Self.perPage < fitting.count
    return """
      \(filter)<div class="sheet"><div class="summary"><p><b>\(of("\(language.number(fitting.count)) 个问题事件", "\(language.number(fitting.count)) incidents"))</b></p>\(tabs(of("显示", "show"), choices))</div>
      \(body)
      \(pages(
        back: request.page > 1 ? request.address.with("page", "\(request.page - 1)").text : nil,
        next: isMore ? request.address.with("page", "\(request.page + 1)").text : nil))</div>
      """
  }

  private func name(_ choice: IncidentStore.Choice) -> String {
    switch choice {
    case .open: of("未了结", "open")
    case .closed: of("已了结", "closed")
    case .all: of("全部", "all")
    }
  }

  private func row(_ incident: Incident) -> HTML {
    let cause = incident.cause
    let what =
      cause.element.isEmpty ? of("整条记录", "the record") : names.element(cause.element)
    let assignee: HTML =
      incident.assignee.isEmpty
      ? "" : "<span class=\"what\"><bdi>\(incident.assignee)</bdi></span>"
    return """
      <tr><th scope="row"><a href="/incidents/\(Int(incident.id))"><span class="tag">\(cause.code)</span> \(
        names.issue(cause.code))</a><span class="what">\(what) · \(names.rule(cause.rule))</span></th>
      <td>\(cause.system) \(names.category(cause.category))</td>
      <td class="short">\(IncidentWords(language).state(incident.state))\(assignee)</td>
      <td class="n">\(language.number(incident.records))</td>
      <td class="n">\(incident.fresh == 0 ? "·" : "+" + language.number(incident.fresh))</td>
      <td class="n">\(incident.since)</td></tr>

      """
  }

  // MARK: The clock

  private var returns: HTML {
    let title = of(
      "退回整改时限（\(workdays) 个工作日）", "Returns: time for an answer (\(workdays) working days)")
    let totals = clock.totals
    guard !totals.isEmpty else {
      return section("clock", title, "<p>\(of("没有未整改的退回记录。", "No return is open."))</p>")
    }
    let rows: [HTML] = totals.map { total in
      let address = Address("/queue").with("status", "returned").with("system", total.system)
        .with("view", "records").with("sort", "oldest").text
      // Which of them are late no filter of the queue says: the oldest come first.
      let late: HTML =
        total.overdue == 0
        ? "<span class=\"tag good\">✓</span>"
        : "<span class=\"tag bad\">\(language.number(total.overdue))</span>"
      let waived: HTML =
        total.waived == 0
        ? ""
        : "<span class=\"what\"><a href=\"\(Address("/queue").with("waived", "1").with("system", total.system).text)\">\(of("其中豁免 \(language.number(total.waived))", "\(language.number(total.waived)) waived"))</a></span>"
      let due = total.oldest.due.map { CivilDate(dayNumber: $0).description } ?? "–"
      return """
        <tr><th scope="row"><a href="\(address)">\(total.system) \(names.system(total.system))</a></th>
        <td class="n">\(language.number(total.records))\(waived)</td><td class="n">\(late)</td>
        <td class="n">\(total.oldest.night)</td><td class="n">\(language.number(total.oldest.age))</td>
        <td class="n">\(due)</td></tr>

        """
    }
    return section(
      "clock", title,
      table(
        title,
        [
          (of("系统", "system"), false), (of("未整改", "open"), true), (of("逾期", "overdue"), true),
          (of("最早退回", "oldest return"), true), (of("已过工作日", "working days"), true),
          (of("应于", "due"), true),
        ], rows))
  }
}

/// What the list was asked for.
struct IncidentsRequest {
  var choice: IncidentStore.Choice
  var system: String
  /// From 1.
  var page: Int

  init(_ values: [String: String]) {
    choice = values["show"].flatMap(IncidentStore.Choice.init) ?? .open
    system = String((values["system"] ?? "").prefix(20))
    page = min(100_000, max(1, values["page"].flatMap { Int($0) } ?? 1))
  }

  /// The first page.
  var address: Address {
    Address("/incidents").with("show", choice == .open ? nil : choice.rawValue)
      .with("system", system)
  }
}

/// What steps and states are called.
struct IncidentWords {
  private let language: ReportLanguage

  init(_ language: ReportLanguage) { self.language = language }

  func state(_ state: IncidentState) -> String { language.of(state.chinese, state.rawValue) }

  func step(_ step: IncidentStep) -> String {
    switch step.kind {
    case .opened: language.of("出现", "opened")
    case .acknowledged: language.of("确认", "acknowledged")
    case .assigned: language.of("分派给 \(step.text)", "assigned to \(step.text)")
    case .resolved: language.of("解决：\(step.text)", "resolved: \(step.text)")
    case .gone: language.of("不再出现，自动关闭", "gone; closed by the night")
    }
  }
}

/// One incident: its records, what was done, what can be done.
struct IncidentPage: ConsoleView {
  let incident: Incident
  let catalog: Catalog
  let rules: RuleBook
  let language: ReportLanguage
  let session: Session
  /// Users to whom it may be assigned; empty for people who only look.
  let assignees: [String]
  let mayAct: Bool
  /// Why the last try was refused.
  let problem: Denial?

  private var names: CatalogNames { CatalogNames(catalog, language) }
  private var words: IncidentWords { IncidentWords(language) }

  var title: String {
    of("问题事件 \(incident.id)", "Incident \(incident.id)") + " · "
      + names.issue(incident.cause.code)
  }

  var content: HTML {
    let alert: HTML =
      problem.map { "<p class=\"alert\" role=\"alert\">\(of($0.chinese, $0.english))</p>" } ?? ""
    return """
      <p><a href="/incidents">← \(of("问题事件", "Incidents"))</a></p>\(alert)\(about)\(acts)\(history)
      """
  }

  private var about: HTML {
    let cause = incident.cause
    // What waits for others may have the same cause, and counts for no incident.
    let status = cause.rule == ReviewSource.recheckRule ? "withheld" : "returned"
    let queue = Address("/queue").with("status", status).with("system", cause.system)
      .with("category", cause.category).choosing(.code, cause.code).choosing(.rule, cause.rule)
      .choosing(.element, cause.element).text
    let link: HTML =
      incident.state == .gone
      ? ""
      : "<p><a href=\"\(queue)\">\(of("查看这些记录", "Look at the records"))</a></p>"
    let rule: HTML =
      rules.entry(ofRule: cause.rule).map { entry in
        "<p>\(of("规则：", "Rule: "))<a href=\"/rules/\(entry.id)\">\(names.rule(cause.rule))</a></p>"
      } ?? ""
    return section(
      "about", of("是什么", "What it is"),
      facts([
        (of("状态", "state"), words.state(incident.state)),
        (of("负责人", "assigned to"), incident.assignee),
        (of("系统", "system"), "\(cause.system) \(names.system(cause.system))"),
        (of("类别", "category"), "\(cause.category) \(names.category(cause.category))"),
        (of("问题类型", "issue"), "\(cause.code) \(names.issue(cause.code))"),
        (
          of("数据元", "element"),
          cause.element.isEmpty ? of("整条记录", "the record") : names.element(cause.element)
        ), (of("自", "since"), incident.since),
        (
          of("记录", "records"),
          language.number(incident.records)
            + of("（截至 \(incident.night)）", " (as of \(incident.night))")
        ), (of("当夜新增", "came that night"), language.number(incident.fresh)),
      ]) + rule + link)
  }

  private var acts: HTML {
    guard mayAct, incident.state.isOpen else { return "" }
    func form(_ act: String, _ name: String, _ more: HTML) -> HTML {
      """
      <form class="search" method="post" action="/incidents/\(Int(incident.id))">
      <input type="hidden" name="form" value="\(session.formToken)"/><input type="hidden" name="act" value="\(act)"/>\(more)<button>\(name)</button></form>

      """
    }
    let acknowledge: HTML =
      incident.state == .new
      ? form(
        "acknowledge", of("确认", "Acknowledge"), "<span>\(of("我已知悉此问题。", "I have seen it."))</span>")
      : ""
    let assign = form(
      "assign", of("分派", "Assign"),
      select("to", of("交给", "to"), assignees.map { ($0, $0) }, chosen: incident.assignee))
    let resolve = form(
      "resolve", of("解决", "Resolve"),
      """
      <label>\(of("理由", "reason")) <input name="text" maxlength="500" required="required"/></label>
      """)
    return section("acts", of("办理", "What to do"), "\(acknowledge)\(assign)\(resolve)")
  }

  private var history: HTML {
    let rows: [HTML] = incident.steps.map { step in
      let when = step.time.map {
        String(Moment.text($0).prefix(19)).replacing("T", with: " ")
      }
      let who = step.person.map { "\($0.department) \($0.user)" } ?? of("（自动）", "(the night)")
      return """
        <tr><td class="short">\(when ?? step.night)</td><td><bdi>\(words.step(step))</bdi></td>
        <td><bdi>\(who)</bdi></td><td class="n">\(language.number(step.records))</td></tr>

        """
    }
    return section(
      "history", of("经过", "History"),
      table(
        of("经过", "history"),
        [
          (of("时间", "time"), false), (of("步骤", "step"), false), (of("人", "person"), false),
          (of("记录", "records"), true),
        ], rows))
  }
}
