import Catalog

/// Which elements of the catalog arrive from whom.
extension ReportPage {
  /// A line for each system, and the whole matrix folded away: it is for stewards who look something up,
  /// and would fill seven sheets of paper.
  var coverageSection: HTML? {
    let matrix = report.coverage
    let chosen = matrix.systems.indices.filter { matrix.summary(system: $0).mapped > 0 }
    guard !chosen.isEmpty else { return nil }
    let title = language.of("数据元覆盖：系统 × 数据元", "Coverage: elements by system")
    let rows: [HTML] = chosen.map { coverageRow($0) }
    let heads: [HTML] = [
      "<th scope=\"col\">\(language.of("系统", "system"))</th>",
      "<th scope=\"col\" class=\"n\">\(language.of("已对应", "mapped"))</th>",
      "<th scope=\"col\" class=\"n\">\(language.of("有值", "with values"))</th>",
      "<th scope=\"col\">\(language.of("已对应而从未有值", "mapped and never seen"))</th>",
    ]
    let table: HTML = """
      <table>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
    let count = language.number(matrix.elements.count)
    let nights = language.number(report.trend.count)
    let scope = note(
      language.of(
        "共 \(count) 项数据元，统计近 \(nights) 夜参加校验的记录。",
        "\(count) elements; judged records of the last \(nights) nights."))
    let all = language.of("全部 \(count) 项", "all \(count) elements")
    let whole = scrolling(all, wholeCoverage(chosen))
    return section(
      "coverage", title,
      """
      <div>\(scrolling(title, table))\(scope)
      <details class="screen"><summary>\(all)</summary>\(whole)</details></div>
      """)
  }

  private func coverageRow(_ system: Int) -> HTML {
    let matrix = report.coverage
    let summary = matrix.summary(system: system)
    let unseen = matrix.elements.indices.filter { matrix.cells[$0][system] == .neverSeen }
    let shown = unseen.prefix(ReportLimits.neverSeen).map {
      language.of(matrix.elements[$0].name, matrix.elements[$0].identifier)
    }
    let rest = unseen.count - shown.count
    let names = shown.joined(separator: language.of("、", ", "))
    let more = rest > 0 ? language.of("，另有 \(rest) 项", ", and \(rest) more") : ""
    let id = matrix.systems[system].id
    return """
      <tr><th scope="row"><b>\(id)</b> \(systemName(id))</th>\(number(summary.mapped, .elements))\(
        number(summary.seen, .elements))<td>\(names.isEmpty ? "·" : names + more)</td></tr>

      """
  }

  /// Every element by every system, as lines of text: four thousand cells of a table would make the page
  /// half as large again. The name stands last, where its width moves nothing.
  private func wholeCoverage(_ systems: [Int]) -> HTML {
    let matrix = report.coverage
    func line(_ first: String, _ cells: [String], _ last: String) -> String {
      let columns = cells.map { String(repeating: " ", count: max(1, 4 - $0.count)) + $0 }
      return first + columns.joined() + (last.isEmpty ? "" : "  " + last)
    }
    let indent = String(repeating: " ", count: matrix.elements.first?.id.count ?? 0)
    let head = line(indent, systems.map { matrix.systems[$0].id }, "")
    let lines: [HTML] = zip(matrix.elements, matrix.cells).map { element, cells in
      let name = language.of(element.name, element.identifier)
      return "\(line(element.id, systems.map { cells[$0].sign }, name))\n"
    }
    let legend = note(
      language.of(
        "数字为有值记录的百分比；! 已对应而从未有值；? 已对应而尚无记录；– 类别有此项而系统未提供；空白：该系统的类别没有此项。",
        "Numbers: per cent of the records with a value; ! mapped, never seen; ? mapped, no records yet; "
          + "– not delivered by the system; blank: not in its categories."))
    return "\(legend)<pre class=\"coverage\">\(head)\n\(lines)</pre>"
  }
}
