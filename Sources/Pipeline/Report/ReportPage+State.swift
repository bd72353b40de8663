import Catalog
import Validation
import Warehouse

/// What needs a person first, and the figures of the night.
extension ReportPage {
  private enum Urgency: String {
    case bad
    case near
    case none
  }

  private struct Matter {
    var urgency: Urgency
    var tag: String
    var text: String
    var anchor: String
    /// Where the records are; of those that stand on no page the part of the report.
    var link: ReportLink?
  }

  var state: HTML {
    let matters = self.matters
    let urgent = matters.contains { $0.urgency == .bad }
    let open = matters.filter { $0.urgency != .none }
    let title =
      open.isEmpty
      ? language.of("✓ 本夜没有需要人工处理的事项", "✓ Nothing needs a person")
      : urgent
        ? language.of("需要处理", "Needs a person") : language.of("请留意", "Please note")
    let items: [HTML] = matters.map { matter in
      """
      <li><span class="tag \(matter.urgency.rawValue)">\(matter.tag)</span>
      <span><a href="\(matter.link.flatMap(place) ?? "#\(matter.anchor)")">\(matter.text)</a></span></li>
      """
    }
    let list: HTML = items.isEmpty ? "" : "\n<ul>\n\(items)\n</ul>"
    let kind = urgent ? "bad" : open.isEmpty ? "good" : "near"
    return """
      <div class="state \(kind)" role="region" aria-labelledby="state-title">
      <h2 id="state-title">\(title)</h2>\(list)
      </div>

      """
  }

  private var matters: [Matter] {
    [
      heldMatter, unreadableMatter, coreMatter, withheldMatter, targetMatter, missingMatter,
      pendingMatter, emptyMatter, lateMatter, driftMatter,
    ].compactMap { $0 }
  }

  private var heldMatter: Matter? {
    let held = report.undecided
    guard !held.isEmpty else { return nil }
    let older = held.count { $0.isOlder }
    let systems = names(held.map(\.delivery.system))
    let rest =
      older > 0 ? language.of("，其中 \(older) 批来自以前各夜", ", \(older) of them from earlier nights") : ""
    return Matter(
      urgency: .bad, tag: language.of("挂起", "held"),
      text: language.of(
        "\(held.count) 批数据等待人工决定（\(systems)）\(rest)",
        "\(held.count) deliveries wait for a decision (\(systems))\(rest)"),
      anchor: "held")
  }

  private var unreadableMatter: Matter? {
    let count = report.inbox.unreadable.count
    guard count > 0 else { return nil }
    return Matter(
      urgency: .bad, tag: language.of("无法读取", "unreadable"),
      text: language.of("收件箱中有 \(count) 个文件无法读取", "\(count) files in the inbox cannot be read"),
      anchor: "files")
  }

  private var coreMatter: Matter? {
    let domains = report.coreBelowTarget
    guard !domains.isEmpty else { return nil }
    let list = domains.map {
      "\(language.of($0.domain.name, $0.domain.english)) \(language.percent($0.published?.accuracy))"
    }.joined(separator: language.of("；", "; "))
    return Matter(
      urgency: .bad, tag: language.of("核心数据", "core data"),
      text: language.of(
        "发布后核心数据准确率未达标：\(list)", "core accuracy as published misses its target: \(list)"),
      anchor: "figures")
  }

  private var withheldMatter: Matter? {
    guard report.withheld > 0 else { return nil }
    let count = language.number(report.withheld)
    return Matter(
      urgency: .bad, tag: language.of("未发布", "withheld"),
      text: language.of(
        "\(count) 条已入库记录复核未通过，未予发布；请检查磁盘并重新报送",
        "\(count) accepted records failed the second check and are not published; check the disk and "
          + "deliver them again"), anchor: "figures", link: .open(.withheld))
  }

  private var targetMatter: Matter? {
    let below = report.belowTarget
    guard let worst = below.first else { return nil }
    let judged = report.cells.count { $0.tonight?.balance.attainment != nil }
    let lowest =
      "\(worst.system) \(categoryName(worst.category)) "
      + language.percent(worst.tonight?.balance.attainment)
    return Matter(
      urgency: .bad, tag: language.of("未达标", "below"),
      text: language.of(
        "\(judged) 个类别中有 \(below.count) 个达标率低于 \(target)，最低为 \(lowest)",
        "\(below.count) of \(judged) categories are below \(target); lowest \(lowest)"),
      anchor: report.shownSystems.count > 1 ? "attainment" : "balance")
  }

  private var missingMatter: Matter? {
    let missing = report.missing
    guard !missing.isEmpty else { return nil }
    let systems = names(missing.map(\.system))
    let longest = missing.compactMap(\.workingDays).max() ?? 0
    let overdue =
      longest > 0
      ? language.of("，最长已逾期 \(longest) 个工作日", ", up to \(longest) working days overdue") : ""
    return Matter(
      urgency: .near, tag: language.of("未到", "missing"),
      text: language.of(
        "\(missing.count) 个类别应到未到（\(systems)）\(overdue)",
        "\(missing.count) categories were due and did not come (\(systems))\(overdue)"),
      anchor: "timeliness")
  }

  private var pendingMatter: Matter? {
    let overdue = report.pending.reduce(0) { $0 + $1.overTen }
    guard overdue > 0 else { return nil }
    return Matter(
      urgency: .near, tag: language.of("待引用", "pending"),
      text: language.of(
        "\(language.number(overdue)) 条记录等待引用对象已超过 10 个工作日",
        "\(language.number(overdue)) records have waited for more than 10 working days"),
      anchor: "pending")
  }

  private var emptyMatter: Matter? {
    guard report.deliveryCount == 0 else { return nil }
    return Matter(
      urgency: .near, tag: language.of("无批次", "nothing came"),
      text: language.of("本夜没有收到任何批次", "no delivery came in this night"), anchor: "figures")
  }

  private var lateMatter: Matter? {
    guard !report.late.isEmpty else { return nil }
    return Matter(
      urgency: .none, tag: language.of("补到", "late"),
      text: language.of(
        "\(report.late.count) 个类别逾期后补到", "\(report.late.count) categories came after they were due"),
      anchor: "timeliness")
  }

  private var driftMatter: Matter? {
    guard !report.drift.isEmpty else { return nil }
    return Matter(
      urgency: .none, tag: language.of("列变化", "columns"),
      text: language.of(
        "\(report.drift.count) 批数据的列与约定不同，已按规则入库",
        "\(report.drift.count) deliveries had other columns than agreed and were taken"),
      anchor: "files")
  }

  /// Systems in their order, each once; a few of them.
  private func names(_ systems: [String]) -> String {
    let listed = report.systems.map(\.system.id).filter(Set(systems).contains)
    let shown = listed.prefix(ReportLimits.attention).joined(separator: language.of("、", ", "))
    let rest = listed.count - ReportLimits.attention
    return rest > 0 ? shown + language.of(" 等 \(listed.count) 个系统", " and \(rest) more") : shown
  }

  // MARK: Figures

  var figures: HTML? {
    let rates: [HTML] = [attainment, yearToDate] + report.core.flatMap(coreRates)
    let content: HTML = """
      <div>
      <dl class="rates">
      \(rates)
      </dl>
      <dl class="figures">
      \(counts)
      </dl>
      \(balanceNote)
      </div>
      """
    return section("figures", language.of("本夜概况", "The night in figures"), content)
  }

  private func rate(_ name: String, _ share: String, _ verdict: HTML, _ formula: HTML) -> HTML {
    """
    <div><dt>\(name)</dt><dd><span class="big">\(share)</span>\(verdict)
    <span class="small">\(formula)</span></dd></div>

    """
  }

  private func verdict(_ isMet: Bool, _ target: String) -> HTML {
    isMet
      ? "<span class=\"tag good\">\(language.of("✓ 达到 \(target)", "✓ meets \(target)"))</span>"
      : "<span class=\"tag bad\">\(language.of("▼ 低于 \(target)", "▼ below \(target)"))</span>"
  }

  private var attainment: HTML {
    let balance = report.total
    let share = balance.attainment
    let accepted = linked(link(.accepted), balance.acceptedFirst)
    let all = linked(link(.read), balance.acceptedFirst + balance.returnedFirst)
    var change = ""
    if let share, let before = report.previousTotal?.attainment {
      change = language.of(
        "；比前夜 \(language.points(share, before)) 个百分点",
        "; \(language.points(share, before)) points to the night before")
    }
    let formula: HTML =
      language == .chinese
      ? "= 首次报送入库 \(accepted) ÷（入库 + 退回）\(all)\(change)"
      : "= accepted \(accepted) ÷ (accepted + returned) \(all), first submissions\(change)"
    return rate(
      language.of("数据质量达标率（本夜，合计）", "quality attainment, this night in total"),
      language.percent(share),
      share == nil ? "" : verdict(!isBelow(share), target), formula)
  }

  private var yearToDate: HTML {
    let balance = report.yearToDate
    let share = balance.attainment
    let year = report.night.prefix(4)
    let accepted = linked(yearLink(.accepted), balance.acceptedFirst)
    let all = linked(yearLink(), balance.acceptedFirst + balance.returnedFirst)
    return rate(
      language.of("数据质量达标率（\(year) 年累计）", "quality attainment, \(year) to date"),
      language.percent(share), share == nil ? "" : verdict(!isBelow(share), target),
      "= \(accepted) ÷ \(all)")
  }

  private func coreRates(_ core: MorningReport.Core) -> [HTML] {
    let name = language.of(core.domain.name, core.domain.english)
    guard core.delivered != nil || core.published != nil else { return [] }
    let goal = language.percent(report.coreAccuracyTarget)
    var lines: [HTML] = []
    if let count = core.published {
      let failed = linked(.open(.withheld), count.failed)
      let words = language.of("个核心值", "core values")
      lines.append("= 1 − \(failed) ÷ \(language.number(count.checked)) \(words)")
    }
    if let count = core.delivered {
      let failed = linked(
        .coreMistakes(core.domain.domain, night: report.night), count.failed)
      let (share, checked) = (language.percent(count.accuracy), language.number(count.checked))
      var change = ""
      if let share = count.accuracy, let before = core.previousDelivered?.accuracy {
        change = language.of(
          "，比前夜 \(language.points(share, before)) 个百分点",
          ", \(language.points(share, before)) points to the night before")
      }
      lines.append(
        language == .chinese
          ? "报送时 \(share)（\(failed) ÷ \(checked) 有误）\(change)"
          : "as delivered \(share) (\(failed) of \(checked) wrong)\(change)")
    }
    return [
      rate(
        language.of("核心数据准确率 · \(name)（发布后）", "core accuracy · \(name), as published"),
        language.percent(core.published?.accuracy),
        core.published.map {
          verdict(($0.accuracy ?? 1) >= report.coreAccuracyTarget, goal)
        } ?? "", HTML.joined(lines, by: language.of("；", "; ")))
    ]
  }

  /// Records that wait are where people deal with them, others with their deliveries.
  func link(_ term: BalanceTerm, system: String? = nil, category: String? = nil) -> ReportLink {
    term.state.map { .open($0, system: system, category: category, night: report.night) }
      ?? .deliveries(
        term == .read ? nil : term, system: system, category: category, night: report.night)
  }

  private var counts: [HTML] {
    BalanceTerm.allCases.map { term in
      let value = term.count(report.total)
      let before = report.previousTotal.map { before -> HTML in
        let difference = language.difference(value - term.count(before))
        return "<span class=\"small\">\(language.of("比前夜", "change")) \(difference)</span>"
      }
      return """
        <div><dt>\(term.name(language))</dt><dd><span class="big">\(linked(link(term), value))</span>
        \(before ?? "")</dd></div>

        """
    }
  }

  private var balanceNote: HTML {
    let parts = BalanceTerm.allCases.map {
      "\($0.name(language)) \(language.number($0.count(report.total)))"
    }
    let sum = parts.dropFirst().joined(separator: " + ")
    let uncounted = report.cells.reduce(0) { $0 + ($1.tonight?.uncounted ?? 0) }
    var text = language.of("平衡式：", "Balance: ") + parts[0] + " = " + sum
    text += report.total.isBalanced ? " ✓" : language.of("（不平衡!）", " (out of balance!)")
    text += language.of("。", ". ")
    text += language.of(
      "未计入达标率：未变化、重复、删除，以及再次报送 \(language.number(report.total.resubmitted)) 条。",
      "Left out of attainment: unchanged, duplicate, deleted, and "
        + "\(language.number(report.total.resubmitted)) resubmissions.")
    if uncounted > 0 {
      text += language.of(
        "另有 \(uncounted) 批在清点记录之前即被挂起，其记录数未知。",
        " \(uncounted) deliveries were held before their records were counted.")
    }
    if let before = report.previousNight {
      text += language.of("前夜为 \(before)。", " The night before is \(before).")
    } else {
      text += language.of("这是第一夜，没有可比较的前夜。", " This is the first night; there is none before it.")
    }
    return note(text)
  }
}

extension MorningReport {
  /// Systems that have an adapter or delivered something, now or this year.
  package var shownSystems: [SystemSummary] {
    systems.filter { $0.isConnected || $0.deliveries > 0 || $0.yearToDate.read > 0 }
  }
}
