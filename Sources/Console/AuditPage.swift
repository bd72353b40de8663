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
      <td>\(outcome)<span class="what">\(AuditWords.rule(entry.rule, language))</span></td></tr>

      """
  }
}

/// What acts are called, and what decided about them.
enum AuditWords {
  static func act(_ action: AccessAction, _ language: ReportLanguage) -> String {
    words[action.rawValue].map { language.of($0, action.rawValue) } ?? action.rawValue
  }

  /// What decided; of several each. What has no word stands as it is in the log: numbers of definitions.
  static func rule(_ rule: String, _ language: ReportLanguage) -> String {
    guard language == .chinese else { return rule }
    return rule.split(separator: " ").map { rules[String($0)] ?? String($0) }
      .joined(separator: "、")
  }

  private static let words = [
    "log-opened": "启用日志", "line-torn": "写入中断", "act-interrupted": "办理中断",
    "read": "读取", "export": "导出", "share-explain": "查询可见范围", "share-trace": "追溯",
    "query": "查询", "query-result": "查询结果", "why": "查询取值来源", "share-request": "提出共享申请",
    "share-check": "合规核查", "share-approve": "批准共享", "share-refuse": "拒绝共享",
    "share-grant": "授权", "share-revoke": "撤销授权", "objection-raise": "提出异议",
    "objection-verify": "核实异议", "objection-correct": "更正异议", "objection-dismiss": "驳回异议",
    "console-sign-in": "登录", "console-sign-out": "退出", "console-queue": "查看队列",
    "console-record": "查看记录", "console-values": "查看取值", "console-audit": "查看访问日志",
    "console-users": "查看账户", "account-unlock": "解锁账户", "delivery-hold": "恢复挂起",
    "account-add": "新增账户", "account-enable": "启用账户", "account-disable": "停用账户",
    "account-password": "更改口令", "account-change": "变更账户", "command-sign-in": "命令行操作",
    "incident-acknowledge": "确认问题事件", "incident-assign": "分派问题事件",
    "incident-resolve": "解决问题事件", "console-patch": "下载定义补丁", "review-code": "确认代码",
    "console-trial": "试算规则",
    "override-set": "覆盖取值", "override-retire": "收回覆盖", "review-override": "覆盖取值",
    "review-assign": "指派记录", "review-comment": "备注记录", "review-return": "附言退回",
    "review-waive": "豁免记录", "review-correct": "更正记录", "review-approve": "批准处理",
    "review-refuse": "驳回处理", "review-undo": "撤销处理", "delivery-release": "放行批次",
    "delivery-reject": "拒收批次", "subject-confirm": "确认主体归属", "subject-reject": "否定主体归属",
    "subject-undo": "撤回主体认定", "dump": "全量导出",
  ]

  private static let rules: [String: String] = [
    // Who asked, and how much they may see
    "password": "口令正确", "person": "本人操作", "account": "账户管理", "auditor": "审计员",
    "role": "角色不允许", "role-operator": "值班员", "role-steward": "数据专员", "role-approver": "审批人",
    "role-auditor": "审计员", "role-administrator": "管理员", "clearance-public": "可看公开内容",
    "clearance-shared": "可看内部共享内容", "clearance-restricted": "可看受限内容",
    "department": "须由指定部门办理", "four-eyes": "须由另一人办理", "system": "不属于其负责的系统",
    "disabled": "账户已停用", "own": "不能处理本人账户",
    // Signing in
    "credentials": "用户名或口令不对", "locked": "连续失败，暂时锁定", "unknown": "没有这个用户",
    "exists": "用户已存在", "weak-password": "口令不合要求", "systems": "负责系统不合要求",
    // The part of the program that decided
    "log": "日志", "sql": "SQL 查询", "review": "复核查询", "why": "取值来源查询", "match": "主体认定",
    "override": "取值覆盖", "deliveries": "批次处理", "incidents": "问题事件", "grant": "授权",
    "request": "共享申请", "no-remarks": "核查无意见", "approvals": "审批规则",
    "approvals-late": "审批规则（逾期）", "objections": "异议规则", "recorded-by-hand": "人工补记",
    // Why something was not done
    "not-found": "没有这条记录", "no-record": "没有这条记录", "unknown-record": "没有这条记录",
    "unknown-act": "没有这项处理", "unknown-override": "没有这项覆盖", "unknown-number": "没有这个编号",
    "unknown-category": "没有这个类别", "unknown-element": "没有这个数据元", "no-grant": "没有授权",
    "role-or-words": "角色不允许或未写理由", "not-held": "批次不在挂起状态", "not-stated": "取值不能这样覆盖",
    "words": "未写明内容", "reason": "未写明理由", "purpose": "未写明用途", "until": "到期日不合要求",
    "period": "期限不合要求", "elements": "未列明数据元", "condition": "行条件不合要求",
    "too-long": "文字过长", "too-many": "记录过多", "nothing": "没有可处理的记录",
    "nothing-changed": "没有改动", "changed": "记录数已变", "closed": "记录已结束",
    "already": "已有同类处理", "assignee": "不能指派给此人", "not-editable": "不能更正",
    "not-valid": "更正后仍不通过", "original-gone": "原件已过保存期", "decided": "已有结论",
    "retire": "须收回覆盖", "taken": "文件已被取走", "act": "没有这个办理事项", "state": "当前状态不允许",
    "ended": "覆盖都已结束", "names-none": "没有写全标识", "clock": "时间早于上一步", "calendar": "工作日历缺年份",
    "list": "没有这个代码表",
    "code": "没有这个代码", "not-a-code": "不是代码型数据元", "known": "代码已能识别",
    "texts": "文字不合要求", "form": "定义写法不能自动修改", "lint": "定义检查未通过",
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
