import Catalog
import Warehouse

/// Attainment and balance by system and category.
extension ReportPage {
  /// Points below the target from which on a cell counts as far from it; ours.
  private static let farPoints = 0.05

  /// Categories by systems; left out where there is one system, whose balance says the same.
  var matrixSection: HTML? {
    let systems = report.shownSystems
    guard systems.count > 1 else { return nil }
    let rows: [HTML] = report.categories.map { category in
      let cells = report.cells.filter { $0.category == category.id }
      var sum = Balance()
      for cell in cells { sum += cell.tonight?.balance ?? Balance() }
      let columns: [HTML] = systems.map { system in
        matrixCell(cells.first { $0.system == system.system.id })
      }
      return """
        <tr><th scope="row"><b>\(category.id)</b><span class="long">\(
          language.of(category.name, category.english))</span></th>
        \(columns)\(sumCell(sum, .open(nil, category: category.id, night: report.night)))</tr>

        """
    }
    let table: HTML = """
      <table class="matrix">
      <thead><tr><td></td>\(systems.map(matrixHead))<th scope="col">\(
        language.of("合计", "all"))</th></tr></thead>
      <tbody>
      \(rows)
      </tbody>
      <tfoot><tr><th scope="row">\(language.of("合计", "all"))</th>\(
        systems.map { sumCell($0.tonight, .open(nil, system: $0.system.id, night: report.night)) })\(
          sumCell(report.total, .open(.returned, night: report.night)))</tr></tfoot>
      </table>
      """
    let title = language.of("达标率：系统 × 类别", "Attainment by system and category")
    return section(
      "attainment", title, "<div>\(scrolling(title, table))\(legend)\(unconnected)</div>")
  }

  private func matrixHead(_ summary: MorningReport.SystemSummary) -> HTML {
    let name = systemName(summary.system.id)
    let full: HTML = language == .chinese ? "<span class=\"full\">\(name)</span>" : ""
    return """
      <th scope="col"><a href="#system-\(summary.system.id)" title="\(name)">\(full)\(
        summary.system.id)</a></th>
      """
  }

  private func matrixCell(_ cell: MorningReport.Cell?) -> HTML {
    guard let cell, let sum = cell.tonight else {
      guard let cell, cell.isContracted else { return "<td class=\"empty\"></td>" }
      guard let timeliness = cell.timeliness, timeliness.state == .missing else {
        return "<td class=\"empty\">·</td>"
      }
      let days = timeliness.workingDays ?? 0
      let overdue =
        days > 0 ? language.of("逾 \(days) 日", "\(days) d") : language.of("本夜", "tonight")
      return "<td class=\"gone\">\(language.of("未到", "missing"))<span>\(overdue)</span></td>"
    }
    return balanceCell(
      sum.balance, held: sum.held,
      .open(nil, system: cell.system, category: cell.category, night: report.night))
  }

  private func sumCell(_ balance: Balance, _ link: ReportLink) -> HTML {
    balance.read == 0
      ? "<td class=\"empty sum\">·</td>" : balanceCell(balance, held: 0, link, "sum")
  }

  private func balanceCell(
    _ balance: Balance, held: Int, _ link: ReportLink, _ more: String = ""
  ) -> HTML {
    let mark: HTML = held > 0 ? "<span>\(language.of("挂起 \(held) 批", "\(held) held"))</span>" : ""
    guard let share = balance.attainment else {
      let text = balance.held > 0 || held > 0 ? "" : language.of("无新增", "nothing new")
      return "<td class=\"\(more)\">–<span>\(text)</span>\(mark)</td>"
    }
    let below = share < report.attainmentTarget
    let far = share < report.attainmentTarget - Self.farPoints
    let sign = far ? "▼" : below ? "▽" : ""
    let counts =
      "\(language.compact(balance.returnedFirst))/"
      + language.compact(balance.acceptedFirst + balance.returnedFirst)
    return """
      <td class="\(far ? "far" : below ? "near" : "met") \(more)">\(
        linked(link, "\(sign)\(language.shortPercent(share))<span>\(counts)</span>"))\(mark)</td>
      """
  }

  private var legend: HTML {
    let far = language.percent(report.attainmentTarget - Self.farPoints)
    let entries: [HTML] = [
      "<li><span class=\"tag good\">99.1</span> \(language.of("达到 \(target)", "meets \(target)"))</li>",
      "<li><span class=\"tag near\">▽96.6</span> \(language.of("低于 \(target)", "below \(target)"))</li>",
      "<li><span class=\"tag bad\">▼91.3</span> \(language.of("低于 \(far)", "below \(far)"))</li>",
      "<li><span class=\"tag\">–</span> \(language.of("来了但没有首次报送的记录", "came, no first submissions"))</li>",
      "<li>· \(language.of("本夜不应到", "not due"))</li>",
      "<li>\(language.of("“逾 5 日”：逾期 5 个工作日", "\"5 d\": 5 working days overdue"))</li>",
      "<li>\(language.of("大字为达标率（%），小字“4/120”为首次报送 120 条中退回 4 条", "large: attainment in per cent; small: 4/120 for 4 of 120 first submissions returned"))</li>",
    ]
    return "<ul class=\"legend\">\n\(entries)\n</ul>"
  }

  private var unconnected: HTML {
    let names = report.systems.filter { system in
      !report.shownSystems.contains { $0.system.id == system.system.id }
    }.map { "\($0.system.id) \(systemName($0.system.id))" }
    guard !names.isEmpty else { return "" }
    return note(
      language.of("尚未接入：", "Not connected yet: ")
        + names.joined(separator: language.of("、", ", ")) + language.of("。", "."))
  }

  // MARK: Balance

  /// The table of one system stands where the matrix of several would; theirs are an appendix.
  var singleBalance: HTML? { report.shownSystems.count > 1 ? nil : balanceSection }
  var appendedBalance: HTML? { report.shownSystems.count > 1 ? balanceSection : nil }

  private var balanceSection: HTML? {
    let systems = report.shownSystems
    guard !systems.isEmpty else { return nil }
    let isOpen = systems.count <= 2
    let parts: [HTML] = systems.map { balance($0, isOpen: isOpen) }
    let rest: HTML = systems.count > 1 ? "" : unconnected
    return section(
      "balance", language.of("各系统平衡表", "Balance of each system"), "\(parts)\(rest)")
  }

  private func balance(_ summary: MorningReport.SystemSummary, isOpen: Bool) -> HTML {
    let id = summary.system.id
    let share = summary.tonight.attainment
    let sums = language.of(
      "\(summary.deliveries) 批 · 读取 \(language.number(summary.tonight.read)) · 退回 "
        + "\(language.number(summary.tonight.returned)) · 达标率 \(language.percent(share))",
      "\(summary.deliveries) deliveries · read \(language.number(summary.tonight.read)) · returned "
        + "\(language.number(summary.tonight.returned)) · attainment \(language.percent(share))")
    let sign: HTML = isBelow(share) ? " <span class=\"tag bad\">▼</span>" : ""
    let heads: [HTML] = BalanceTerm.allCases.map {
      "<th scope=\"col\" class=\"n\">\($0.name(language))</th>"
    }
    let rows: [HTML] = report.cells(of: id).compactMap { cell in
      // Of a system that sent nothing the sums say all there is.
      guard summary.deliveries > 0 else { return nil }
      guard cell.tonight != nil || cell.isContracted || cell.yearToDate.read > 0 else { return nil }
      return balanceRow(cell)
    }
    let body: HTML = rows.isEmpty ? "" : "<tbody>\n\(rows)\n</tbody>"
    let table: HTML = """
      <table>
      <thead><tr><th scope="col">\(language.of("类别", "category"))</th>\(heads)<th scope="col" class="n">\(
        language.of("达标率", "attainment"))</th><th scope="col" class="n">\(
        language.of("本年累计", "year to date"))</th></tr></thead>
      \(body)
      <tfoot>\(balanceCells(language.of("合计", "total"), summary.tonight, summary.yearToDate, system: id))</tfoot>
      </table>
      """
    let open: HTML = isOpen ? " open=\"open\"" : ""
    return """
      <details id="system-\(id)"\(open)>
      <summary><span class="name">\(id) \(systemName(id))</span>\(sign)<span class="sums">\(sums)</span></summary>
      \(scrolling("\(id) \(language.of("平衡表", "balance"))", table))
      </details>

      """
  }

  private func balanceRow(_ cell: MorningReport.Cell) -> HTML {
    let name = "\(cell.category) \(categoryName(cell.category))"
    guard let sum = cell.tonight else {
      let text =
        cell.timeliness?.state == .missing
        ? language.of("应到未到", "missing") : language.of("本夜不应到", "not due")
      let link = yearLink(system: cell.system, category: cell.category)
      let year: HTML = "\(language.percent(cell.yearToDate.attainment))"
      return """
        <tr><th scope="row">\(name)</th><td colspan="\(BalanceTerm.allCases.count + 1)" class="muted">\(text)</td>
        <td class="n">\(cell.yearToDate.read > 0 ? linked(link, year) : year)</td></tr>

        """
    }
    return balanceCells(
      name, sum.balance, cell.yearToDate, system: cell.system, category: cell.category,
      uncounted: sum.uncounted)
  }

  /// - Parameter uncounted: Deliveries that were held before their records were counted: what is read and
  ///   held is the least that it can be.
  private func balanceCells(
    _ name: String, _ balance: Balance, _ year: Balance, system: String, category: String? = nil,
    uncounted: Int = 0
  ) -> HTML {
    let cells: [HTML] = BalanceTerm.allCases.map { term in
      let value = term.count(balance)
      let link = link(term, system: system, category: category)
      guard uncounted == 0 || term != .read && term != .held else {
        let least = value == 0 ? "–" : language.number(value) + "+"
        return "<td class=\"n\">\(linked(link, "\(least)"))</td>"
      }
      return number(value, link)
    }
    func rate(_ share: Double?, _ link: ReportLink? = nil) -> HTML {
      let text: HTML = "\(isBelow(share) ? "▼ " : "")\(language.percent(share))"
      let content = link.map { linked($0, text) } ?? text
      return "<td class=\"\(isBelow(share) ? "n low" : "n")\">\(content)</td>"
    }
    let all = year.read > 0 ? yearLink(system: system, category: category) : nil
    return """
      <tr><th scope="row">\(name)</th>\(cells)\(rate(balance.attainment))\(rate(year.attainment, all))</tr>

      """
  }
}
