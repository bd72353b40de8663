import Catalog
import Foundation
import Records
import Warehouse

/// Held deliveries, reasons of returns, timeliness, pending records, files.
extension ReportPage {
  private func head(_ names: [(String, isNumber: Bool)]) -> HTML {
    let cells: [HTML] = names.map { name, isNumber in
      isNumber
        ? "<th scope=\"col\" class=\"n\">\(name)</th>" : "<th scope=\"col\">\(name)</th>"
    }
    return "<thead><tr>\(cells)</tr></thead>"
  }

  private func cell(_ name: String, _ content: HTML, _ kind: String = "") -> HTML {
    "<td data-name=\"\(name)\" class=\"\(kind)\">\(content)</td>"
  }

  // MARK: Held

  var heldSection: HTML? {
    guard !report.held.isEmpty else { return nil }
    let tonight = report.held.filter { !$0.isOlder }
    let older = report.held.filter(\.isOlder)
    let title = language.of("挂起的批次", "Held deliveries")
    let own: HTML =
      tonight.isEmpty
      ? "<p>\(language.of("本夜没有新挂起的批次。", "None of this night's."))</p>"
      : heldTable(tonight, ReportLimits.held, title)
    let earlier = language.of(
      "以前各夜挂起、仍在等待的 \(older.count) 批", "\(older.count) of earlier nights that wait still")
    let rest: HTML =
      older.isEmpty
      ? ""
      : """
      <details><summary>\(earlier)</summary>
      \(heldTable(older, ReportLimits.olderHeld, earlier))
      </details>
      """
    return section("held", title, "<div>\(own)\(heldNote)\(rest)</div>")
  }

  private func heldTable(
    _ entries: [MorningReport.HeldDelivery], _ limit: Int, _ title: String
  ) -> HTML {
    let names = [
      language.of("批次", "delivery"), language.of("系统 · 类别", "system · category"),
      language.of("文件", "file"), language.of("记录", "records"), language.of("原因", "reason"),
      language.of("怎么办", "what to do"),
    ]
    let rows: [HTML] = entries.prefix(limit).map { entry in
      let delivery = entry.delivery
      let count = delivery.balance.read == 0 ? "–" : language.number(delivery.balance.read)
      let link = ReportLink.open(
        .held, system: delivery.system, category: delivery.category)
      return """
        <tr>\(cell(names[0], "\(linked(.delivery(delivery.id), Int(delivery.id)))\(age(entry))", "n"))
        \(cell(names[1], "\(delivery.system) \(categoryName(delivery.category))"))
        \(cell(names[2], foreign(delivery.fileName)))
        \(cell(names[3], linked(link, "\(count)"), "n"))
        \(cell(names[4], reasons(entry)))
        \(cell(names[5], advice(entry)))</tr>

        """
    }
    let table: HTML = """
      <table class="stack">
      \(head(zip(names, [true, false, false, true, false, false]).map { ($0, isNumber: $1) }))
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
    return scrolling(title, table) + more(rows.count, of: entries.count)
  }

  /// The night in which an older delivery came.
  private func age(_ entry: MorningReport.HeldDelivery) -> HTML {
    guard entry.isOlder else { return "" }
    let night = entry.delivery.archivePath.prefix(10).suffix(5).replacing("/", with: "-")
    return " <span class=\"tag near\">\(language.of("\(night) 起", "since \(night)"))</span>"
  }

  private func reasons(_ entry: MorningReport.HeldDelivery) -> HTML {
    let known: [HTML] = entry.reasons.map { reason in
      let issue = report.catalog.issueType(reason.code)
      let title = language.of(issue?.name ?? "", issue?.english ?? "")
      let text = language.of(reason.chinese, reason.message)
      return
        "<span class=\"tag\" title=\"\(title)\">\(reason.code.rawValue)</span> \(foreign(text))<br/>"
    }
    return known.isEmpty ? "–" : HTML.joined(known)
  }

  private func advice(_ entry: MorningReport.HeldDelivery) -> HTML {
    switch entry.decision {
    case .released: return "\(language.of("此后已放行", "released since"))"
    case .rejected: return "\(language.of("此后已拒收", "rejected since"))"
    case .waiting: break
    }
    var texts: [String] = []
    for reason in entry.reasons {
      let text = language.of(reason.kind.adviceChinese, reason.kind.adviceEnglish)
      if !texts.contains(text) { texts.append(text) }
    }
    return "\(texts.prefix(2).joined(separator: language.of("；", "; ")))"
  }

  private var heldNote: HTML {
    let decided = report.held.count - report.undecided.count
    let since =
      decided > 0
      ? language.of(
        "其中 \(decided) 批在本夜之后已有决定，其记录计入处理它的那一夜。",
        "\(decided) of them have been decided since; their records count in the night that took them. "
      )
      : ""
    return """
      <p class="note">\(
        since
          + language.of(
            "挂起的批次整批不入库，也不退回。核实后放行或拒收：",
            "Nothing of a held delivery is loaded or returned. After a look at it: "))
      <code>qingyuan deliveries release N --reason … --by …</code> \(language.of("或", "or"))
      <code>qingyuan deliveries reject N --reason … --by …</code></p>
      """
  }

  // MARK: Causes

  var causeSection: HTML? {
    guard !report.causes.isEmpty else { return nil }
    let all = report.causes.reduce(0) { $0 + $1.count }
    let names = [
      language.of("问题", "issue"), language.of("规则与数据元", "rule and element"),
      language.of("处数", "findings"), language.of("比前夜", "change"), language.of("占比", "share"),
      language.of("系统", "systems"),
    ]
    let rows: [HTML] = report.causes.prefix(ReportLimits.causes).map { cause in
      let issue = IssueCode(rawValue: cause.code).flatMap { report.catalog.issueType($0) }
      let name = language.of(issue?.name ?? "", issue?.english ?? "")
      let share = Double(cause.count) / Double(max(1, all))
      let width = max(1, cause.count * 100 / max(1, report.causes[0].count))
      let change =
        report.previousNight == nil ? "–" : language.difference(cause.count - cause.previous)
      let link = ReportLink.cause(
        code: cause.code, rule: cause.rule, element: cause.element, night: report.night)
      return """
        <tr>\(cell(names[0], "<span class=\"tag\">\(cause.code)</span> \(name)"))
        \(cell(names[1], ruleText(cause)))
        \(cell(names[2], linked(link, "\(language.number(cause.count))"), "n"))
        \(cell(names[3], "\(change)", "n"))
        \(cell(names[4], "\(language.percent(share))\(bar(width))", "n"))
        \(cell(names[5], systems(of: cause)))</tr>

        """
    }
    let table: HTML = """
      <table class="stack">
      \(head(zip(names, [false, false, true, true, true, false]).map { ($0, isNumber: $1) }))
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
    let kinds = report.causes.count
    let counted = linked(.open(.returned, night: report.night), all)
    let notes =
      report.noteCount > 0 ? linked(.notes(night: report.night), report.noteCount) : "0"
    let summary: HTML =
      language == .chinese
      ? "退回记录共有 \(counted) 处问题，分 \(language.number(kinds)) 种。另有 \(notes) 处提示，记录照常入库。"
      : """
      \(counted) findings of \(language.number(kinds)) kinds returned records. \(notes) notes were kept with accepted records.
      """
    return section(
      "causes", language.of("退回的主要原因", "Why records were returned"),
      "<div><p>\(summary)</p>\(scrolling(language.of("退回的主要原因", "reasons of returns"), table))\(more(rows.count, of: kinds))</div>"
    )
  }

  /// A file carries its widths in itself; a page that is served may not.
  private func bar(_ width: Int) -> HTML {
    place(.open(.returned)) == nil
      ? "<span class=\"bar\"><i style=\"width:\(width)%\"></i></span>"
      : "<progress class=\"bar\" max=\"100\" value=\"\(width)\" aria-hidden=\"true\"></progress>"
  }

  /// The name of a rule between elements, or the element whose own check it is.
  func ruleText(_ cause: MorningReport.Cause) -> HTML {
    let element = report.catalog.element(cause.element)
    let elementName = element.map { language.of($0.name, $0.english) } ?? ""
    if let name = ruleName(cause.rule) {
      let of: HTML = elementName.isEmpty ? "" : " <span class=\"muted\">· \(elementName)</span>"
      return "\(cause.rule) \(name)\(of)"
    }
    if elementName.isEmpty {
      return "\(language.of("整条记录", "the record")) <code>\(cause.rule)</code>"
    }
    return "\(elementName) <code class=\"muted\">\(cause.rule)</code>"
  }

  /// Of a rule between elements or records, or of one that names an owner; nil for anything else.
  func ruleName(_ id: String) -> String? {
    report.catalog.rules.first { $0.id == id }.map { language.of($0.name, $0.english) }
      ?? report.catalog.authority.rules.first { $0.id == id }.map {
        language.of($0.name, $0.english)
      }
  }

  private func systems(of cause: MorningReport.Cause) -> HTML {
    let shown: [HTML] = cause.systems.prefix(ReportLimits.systemsOfCause).map { sum in
      let link = ReportLink.cause(
        code: cause.code, rule: cause.rule, element: cause.element, system: sum.system,
        night: report.night)
      return "\(sum.system) \(linked(link, sum.count))"
    }
    let rest = cause.systems.count - ReportLimits.systemsOfCause
    let more = rest > 0 ? language.of("，另 \(rest) 个系统", ", \(rest) more") : ""
    return "\(HTML.joined(shown, by: language.of("、", ", ")))\(more)"
  }

  // MARK: Timeliness

  var timelinessSection: HTML? {
    let contracts = report.timeliness
    guard !contracts.isEmpty else { return nil }
    let groups = lateGroups
    let onTime = contracts.count { $0.state == .onTime }
    let due = contracts.count { $0.state != .notDue }
    let summary = language.of(
      "本夜应到 \(due) 个类别：按时 \(onTime)，逾期补到 \(report.late.count)，未到 "
        + "\(report.missing.count)；另有 \(contracts.count - due) 个本夜不应到。",
      "\(due) categories were due: \(onTime) on time, \(report.late.count) late, "
        + "\(report.missing.count) missing; \(contracts.count - due) were not due.")
    guard !groups.isEmpty else {
      return section(
        "timeliness", language.of("报送时限", "Timeliness"), "<div><p>\(summary)</p></div>")
    }
    let names = [
      language.of("系统", "system"), language.of("类别", "categories"),
      language.of("约定", "contract"), language.of("应到", "due"), language.of("实到", "came"),
      language.of("逾期", "overdue"),
    ]
    let rows: [HTML] = groups.map { group in
      let first = group[0]
      let isMissing = first.state == .missing
      let tag: HTML =
        isMissing
        ? "<span class=\"tag bad\">\(language.of("未到", "missing"))</span>"
        : "<span class=\"tag near\">\(language.of("补到", "late"))</span>"
      return """
        <tr>\(cell(names[0], "\(first.system) \(systemName(first.system))"))
        \(cell(names[1], "\(categories(group))"))
        \(cell(names[2], "\(cadence(first.cadence))"))
        \(cell(names[3], "\(day(first.expected))", "n"))
        \(cell(names[4], came(first), "n"))
        \(cell(names[5], "\(tag) \(overdue(first))"))</tr>

        """
    }
    let table: HTML = """
      <table class="stack">
      \(head(zip(names, [false, false, false, true, true, false]).map { ($0, isNumber: $1) }))
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
    return section(
      "timeliness", language.of("报送时限", "Timeliness"),
      "<div><p>\(summary)</p>\(scrolling(language.of("报送时限", "timeliness"), table))</div>")
  }

  /// Missing and late categories; those of one system with the same dates together.
  private var lateGroups: [[Timeliness]] {
    var groups: [[Timeliness]] = []
    for entry in report.missing + report.late {
      let index = groups.firstIndex {
        $0[0].system == entry.system && $0[0].state == entry.state
          && $0[0].expected == entry.expected && $0[0].arrived == entry.arrived
      }
      if let index { groups[index].append(entry) } else { groups.append([entry]) }
    }
    return groups.sorted { ($1[0].workingDays ?? 0) < ($0[0].workingDays ?? 0) }
  }

  private func categories(_ group: [Timeliness]) -> String {
    let contracted = report.cells(of: group[0].system).count { $0.isContracted }
    if group.count == contracted {
      return language.of("全部 \(contracted) 个类别", "all \(contracted) categories")
    }
    return group.map { categoryName($0.category) }.joined(separator: language.of("、", ", "))
  }

  private func day(_ number: Int?) -> String {
    number.map { CivilDate(dayNumber: $0).description } ?? "–"
  }

  private func came(_ entry: Timeliness) -> HTML {
    guard let day = entry.arrived else {
      return entry.state == .missing ? "\(language.of("从未", "never"))" : "–"
    }
    let date = CivilDate(dayNumber: day).description
    let night = linked(.deliveries(system: entry.system, night: date), "\(date)")
    return entry.state == .missing ? "\(language.of("上次 ", "last "))\(night)" : night
  }

  private func overdue(_ entry: Timeliness) -> String {
    guard let days = entry.workingDays else {
      return language.of("日历无该年", "not in the calendar")
    }
    let tonight = CivilDate(report.night)?.dayNumber
    if days == 0, entry.expected == tonight { return language.of("本夜应到", "due tonight") }
    return days == 0
      ? language.of("不足 1 个工作日", "less than a working day")
      : language.of("\(days) 个工作日", days == 1 ? "1 working day" : "\(days) working days")
  }

  private func cadence(_ text: String) -> String {
    let words = text.split(separator: "-").map(String.init)
    guard language == .chinese, let first = words.first else { return text }
    let days = [
      "sunday": "日", "monday": "一", "tuesday": "二", "wednesday": "三", "thursday": "四",
      "friday": "五", "saturday": "六",
    ]
    switch first {
    case "nightly": return "每夜"
    case "hourly": return "每小时（按夜汇集）"
    case "weekly": return "每周" + (words.dropFirst().first.flatMap { days[$0] } ?? "")
    case "monthly": return "每月" + (words.dropFirst().first.map { "\($0)日" } ?? "")
    default: return text
    }
  }

  // MARK: Pending

  var pendingSection: HTML? {
    guard !report.pending.isEmpty else { return nil }
    let names = [
      language.of("系统 · 类别", "system · category"), language.of("等待什么", "what for"),
      language.of("记录", "records"), language.of("超过 5 个工作日", "over 5 working days"),
      language.of("超过 10 个工作日", "over 10 working days"), language.of("最早", "since"),
    ]
    let rows: [HTML] = report.pending.prefix(ReportLimits.pending).map { entry in
      let rule = report.catalog.rules.first { $0.id == entry.rule }
      let what = rule.map { "\($0.id) \(language.of($0.name, $0.english))" } ?? entry.rule
      let link = ReportLink.open(.pending, system: entry.system, category: entry.category)
      return """
        <tr>\(cell(names[0], "\(entry.system) \(categoryName(entry.category))"))
        \(cell(names[1], "\(what.isEmpty ? "–" : what)"))
        \(cell(names[2], linked(link, "\(language.number(entry.records))"), "n"))
        \(cell(names[3], entry.overFive > 0 ? linked(link, entry.overFive) : "0", "n"))
        \(cell(names[4], entry.overTen > 0 ? linked(link, entry.overTen) : "0", "n"))
        \(cell(names[5], "\(entry.since)", "n"))</tr>

        """
    }
    let table: HTML = """
      <table class="stack">
      \(head(zip(names, [false, false, true, true, true, true]).map { ($0, isNumber: $1) }))
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
    return section(
      "pending", language.of("待引用的记录", "Pending records"),
      "<div>\(scrolling(language.of("待引用的记录", "pending records"), table))\(more(rows.count, of: report.pending.count))\(note(language.of("所引用的记录到达后重新判定；满 10 个工作日仍未到的退回。一条记录等待两项的，两行各计一次。", "They are judged again when what they refer to arrives, and returned after 10 working days. A record that waits for two things counts in both lines.")))</div>"
    )
  }

  // MARK: Files

  var fileSection: HTML? {
    struct Entry {
      var tag: String
      var file: String
      var text: String
      var delivery: Int64?
    }
    var entries: [Entry] = []
    for (path, reason) in report.inbox.unreadable {
      entries.append(.init(tag: language.of("无法读取", "unreadable"), file: path, text: reason))
    }
    for delivery in report.drift {
      entries.append(
        .init(
          tag: language.of("列变化", "columns"),
          file: "\(delivery.system) \(delivery.fileName)", text: drift(delivery.drift),
          delivery: delivery.id))
    }
    for delivery in report.repeated {
      entries.append(
        .init(
          tag: language.of("重复文件", "repeated"),
          file: "\(delivery.system) \(delivery.fileName)",
          text: language.of("与以前的批次逐字节相同，未再处理", delivery.reason),
          delivery: delivery.id))
    }
    for (path, reason) in report.inbox.waiting {
      entries.append(.init(tag: language.of("留待下次", "waiting"), file: path, text: reason))
    }
    for (path, reason) in report.inbox.unknown {
      entries.append(.init(tag: language.of("未接收", "left"), file: path, text: reason))
    }
    guard !entries.isEmpty else { return nil }
    let names = [
      language.of("情况", "what"), language.of("文件", "file"), language.of("说明", "more"),
    ]
    let rows: [HTML] = entries.prefix(ReportLimits.files).map { entry in
      let file = entry.delivery.map { linked(.delivery($0), foreign(entry.file)) }
      return """
        <tr>\(cell(names[0], "<span class=\"tag\">\(entry.tag)</span>"))
        \(cell(names[1], file ?? foreign(entry.file)))
        \(cell(names[2], foreign(entry.text)))</tr>

        """
    }
    let table: HTML = """
      <table class="stack">
      \(head(names.map { ($0, isNumber: false) }))
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
    let title = language.of("文件与列", "Files and columns")
    return section(
      "files", title, "<div>\(scrolling(title, table))\(more(rows.count, of: entries.count))</div>")
  }

  /// What the ledger says of a delivery's columns, see ``DriftReport``.
  private func drift(_ text: String) -> String {
    guard language == .chinese else { return text.replacing("\n", with: "; ") }
    return text.split(separator: "\n").map { line in
      for (kind, chinese) in [("new", "新增"), ("missing", "缺少"), ("renamed", "改名")]
      where line.hasPrefix(kind + ":") || line.hasPrefix(kind + " (") {
        guard let mark = line.range(of: ": ") else { continue }
        let names = line[mark.upperBound...].replacing(" for ", with: " ← ")
        return "\(chinese)：\(names)"
      }
      return String(line)
    }.joined(separator: ";")
  }
}

extension HTML {
  package static func joined(_ parts: [HTML], by separator: String = "") -> HTML {
    guard !separator.isEmpty, let first = parts.first else { return "\(parts)" }
    return parts.dropFirst().reduce(first) { "\($0)\(separator)\($1)" }
  }
}
