import Access
import AccessStore
import Catalog
import Pipeline
import Records
import Review

/// The access log for auditors: whether it is what was written, and what stands in it.
struct AuditPage: ConsoleView {
  let log: EntryPage
  let verification: Verification?
  let catalog: Catalog
  let language: ReportLanguage
  let request: AuditRequest
  let session: Session
  /// What is wrong with what was asked for.
  let problem: String?

  /// The last time that the whole chain was walked through.
  struct Verification: Sendable {
    var report: ChainReport
    /// Of the last days, found on the way.
    var alerts: [OverreachAlert] = []
    /// Seconds since 1970-01-01T00:00:00Z.
    var time: Int64
  }

  private var names: CatalogNames { CatalogNames(catalog, language) }

  var content: HTML {
    let alert: HTML = problem.map { "<p class=\"alert\" role=\"alert\">\($0)</p>" } ?? ""
    return "\(alert)\(chain)\(alerts)\(filter)\(entries)"
  }

  // MARK: The chain

  private static let shownFaults = 50

  private var chain: HTML {
    let button: HTML = """
      <form method="post" action="/audit/verify"><input type="hidden" name="form" value="\(session.formToken)"/><button>\(of("现在核验", "Verify now"))</button></form>
      """
    guard let verification else {
      return section(
        "chain", of("日志完整性", "Is the log what was written?"),
        "<p>\(of("日志较大，打开本页时不自动核验。", "The log is large and is not verified with every page."))</p>\(button)"
      )
    }
    let report = verification.report
    let time = String(Moment.text(verification.time).prefix(19)).replacing("T", with: " ")
    let count = language.number(report.entries)
    let verdict: HTML =
      report.faults.isEmpty
      ? "<p><span class=\"tag good\">✓ \(of("完整", "intact"))</span> \(of("\(count) 条记录逐条相连，与锚点和审批库一致（\(time) 核验）", "\(count) entries follow from each other and agree with the anchor and the store of requests (verified \(time))"))</p>"
      : "<p class=\"alert\">\(of("\(count) 条记录中有 \(report.faults.count) 处异常（\(time) 核验）", "\(report.faults.count) faults in \(count) entries (verified \(time))"))</p>"
    let faults: [HTML] = report.faults.prefix(Self.shownFaults).map {
      "<li>\(of($0.chinese, $0.english))</li>"
    }
    let list: HTML = faults.isEmpty ? "" : "<ol>\(faults)</ol>"
    let torn: HTML =
      report.tornBytes > 0 || report.isUnanchored
      ? "<p class=\"note\">\(of("最后一次写入曾中断，不是篡改。", "The last writer was interrupted, which is no tampering."))</p>"
      : ""
    return section(
      "chain", of("日志完整性", "Is the log what was written?"), "\(verdict)\(list)\(torn)\(button)")
  }

  // MARK: Alerts

  /// Days that are looked at, today among them; our choice: an auditor looks every week.
  static let alertDays = 7

  private var alerts: HTML {
    guard let found = verification?.alerts else { return "" }
    let title = of(
      "越权读取预警（最近 \(Self.alertDays) 天）", "Readings to be looked at (last \(Self.alertDays) days)")
    let items: [HTML] = found.reversed().map { alert in
      let entries = AuditRequest(user: alert.user, day: CivilDate(dayNumber: alert.day))
      return
        "<li><span class=\"tag bad\">\(kind(alert.kind))</span> <a href=\"\(entries.address.text)\">\(of(alert.chinese, alert.english))</a></li>"
    }
    return section(
      "alerts", title,
      items.isEmpty
        ? "<p>\(of("没有。起报的数值见 sharing/approvals.yaml。", "None. From which numbers on stands in sharing/approvals.yaml."))</p>"
        : "<ul class=\"plain\">\(items)</ul>")
  }

  private func kind(_ kind: OverreachAlert.Kind) -> String {
    switch kind {
    case .rowsRise: of("远多于平日", "far more than before")
    case .deniedOften: of("多次被拒绝", "often denied")
    case .outsideGrant: of("超出授权", "outside grants")
    }
  }

  // MARK: Entries

  private var filter: HTML {
    let outcomes = [
      ("", of("全部", "all")), ("allowed", of("允许", "allowed")), ("denied", of("拒绝", "denied")),
    ]
    let categories =
      [("", of("全部", "all"))]
      + catalog.categories.map { ($0.id, "\($0.id) \(names.category($0.id))") }
    return """
      <form class="search" method="get" action="/audit" role="search">
      \(field("from", of("从", "from"), request.from, type: "date"))
      \(field("to", of("到", "to"), request.to, type: "date"))
      \(field("user", of("用户", "user"), request.user))
      \(select("outcome", of("结果", "outcome"), outcomes, chosen: request.outcome))
      \(select("category", of("类别", "category"), categories, chosen: request.category))
      \(field("key", of("业务键（各部分用 | 隔开）", "key (parts separated by |)"), request.key))
      \(field("reference", of("编号", "reference"), request.reference))
      <button>\(of("查找", "Find"))</button></form>
      """
  }

  private var entries: HTML {
    let rows = log.entries.map(row)
    let list: HTML =
      rows.isEmpty
      ? "<p>\(of("没有符合条件的记录", "No entry fits"))</p>"
      : table(
        of("访问日志", "access log"),
        [
          (of("序号", "number"), true), (of("时间", "time"), false), (of("人", "person"), false),
          (of("行为", "act"), false), (of("数据", "data"), false), (of("记录", "records"), true),
          (of("结果", "outcome"), false),
        ], rows)
    let scanned: HTML =
      log.next == nil || log.entries.count == AuditRequest.perPage
      ? ""
      : "<p class=\"note\">\(of("已查看 \(language.number(log.scanned)) 条，可继续向前查找。", "\(language.number(log.scanned)) entries were looked at; go on to older ones."))</p>"
    let next = log.next.map { request.address.with("before", "\($0)").text }
    return """
      <div class="sheet">\(list)\(scanned)\(pages(first: request.before == nil ? nil : request.address.text, next: next))</div>
      """
  }

  private func row(_ entry: WrittenEntry) -> HTML {
    let time = String(Moment.text(entry.time).prefix(19)).replacing("T", with: " ")
    let outcome: HTML =
      entry.outcome == .allowed
      ? "<span class=\"tag good\">\(of("允许", "allowed"))</span>"
      : "<span class=\"tag bad\">\(of("拒绝", "denied"))</span>"
    let broken: HTML =
      entry.isIntact ? "" : " <span class=\"tag bad\">\(of("已被改动", "changed"))</span>"
    let elements = entry.elements.map(names.element).joined(separator: of("、", ", "))
    let about = [entry.condition, entry.purpose].filter { !$0.isEmpty }.joined(separator: " · ")
    let category =
      entry.category.isEmpty ? "" : "\(entry.category) \(names.category(entry.category))"
    return """
      <tr><td class="n">\(entry.sequence)\(broken)</td><td class="short">\(time)</td>
      <td class="short"><bdi>\(entry.user)</bdi><span class="what">\(entry.department)</span></td>
      <td>\(AuditWords.act(entry.action, language))<span class="what">\(entry.reference)</span></td>
      <td>\(category)<span class="what">\(language.cut(elements))</span><span class="what">\(language.cut(about))</span></td>
      <td class="n">\(entry.rows == 0 ? "·" : language.number(entry.rows))</td>
      <td>\(outcome)<span class="what">\(entry.rule)</span></td></tr>

      """
  }
}

/// What acts are called.
enum AuditWords {
  static func act(_ action: AccessAction, _ language: ReportLanguage) -> String {
    words[action.rawValue].map { language.of($0, action.rawValue) } ?? action.rawValue
  }

  private static let words = [
    "log-opened": "启用日志", "line-torn": "写入中断", "act-interrupted": "办理中断",
    "read": "读取", "export": "导出", "share-explain": "查询可见范围", "share-trace": "追溯",
    "query": "查询", "query-result": "查询结果", "why": "查询取值来源", "share-request": "提出共享申请",
    "share-check": "合规核查", "share-approve": "批准共享", "share-refuse": "拒绝共享",
    "share-grant": "授权", "share-revoke": "撤销授权", "objection-raise": "提出异议",
    "objection-verify": "核实异议", "objection-correct": "更正异议", "objection-dismiss": "驳回异议",
    "console-sign-in": "登录", "console-sign-out": "退出", "console-queue": "查看队列",
    "console-record": "查看记录", "console-audit": "查看访问日志",
    "account-add": "新增账户", "account-enable": "启用账户", "account-disable": "停用账户",
    "account-password": "更改口令", "incident-acknowledge": "确认问题事件", "incident-assign": "分派问题事件",
    "incident-resolve": "解决问题事件", "console-patch": "下载定义补丁", "review-code": "确认代码",
    "override-set": "覆盖取值", "override-retire": "收回覆盖", "review-override": "覆盖取值",
  ]
}

/// Which entries are asked for.
struct AuditRequest {
  /// Days, as `2026-03-01`.
  var from: String
  var to: String
  var user: String
  var outcome: String
  var category: String
  var key: String
  var reference: String
  var before: Int?

  static let perPage = 50
  /// Lines looked at for one page: a second of work at most.
  static let scanned = 100_000

  init(_ values: [String: String]) {
    func text(_ name: String) -> String { String((values[name] ?? "").prefix(200)) }
    from = text("from")
    to = text("to")
    user = text("user")
    outcome = text("outcome")
    category = text("category")
    key = text("key")
    reference = text("reference")
    before = values["before"].flatMap { Int($0) }
  }

  /// What one person did on one day.
  init(user: String, day: CivilDate) {
    self.init(["user": user, "from": "\(day)", "to": "\(day)"])
  }

  /// The first page.
  var address: Address {
    Address("/audit").with("from", from).with("to", to).with("user", user)
      .with("outcome", outcome).with("category", category).with("key", key)
      .with("reference", reference)
  }
}
