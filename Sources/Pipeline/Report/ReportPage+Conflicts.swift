import Warehouse

/// Where systems disagree with the owners of values (一数一源).
extension ReportPage {
  var conflictSection: HTML? {
    guard !report.conflicts.isEmpty else { return nil }
    let title = language.of("与权威来源不一致", "Differences from owners")
    let rules = Dictionary(grouping: report.conflicts, by: \.rule).map {
      (rule: $0.key, sums: $0.value.sorted { ($1.standing, $0.system) < ($0.standing, $1.system) })
    }.sorted {
      ($1.sums.sum(\.standing), $0.rule) < ($0.sums.sum(\.standing), $1.rule)
    }
    let summary = language.of(
      "共有 \(language.number(report.conflicts.sum(\.standing))) 个值与权威来源不一致（Q34）：本夜新增 "
        + "\(language.number(report.conflicts.sum(\.new)))，本夜消除 "
        + "\(language.number(report.conflicts.sum(\.settled)))。合并后的记录取权威来源的值。",
      "\(language.number(report.conflicts.sum(\.standing))) values differ from their owners' (Q34): "
        + "\(language.number(report.conflicts.sum(\.new))) new, "
        + "\(language.number(report.conflicts.sum(\.settled))) settled. Golden records have the owners' "
        + "values.")
    return section(
      "conflicts", title,
      "<div><p>\(summary)</p>\(scrolling(title, conflictTable(rules)))\(more(min(rules.count, ReportLimits.causes), of: rules.count))</div>"
    )
  }

  private func conflictTable(_ rules: [(rule: String, sums: [ConflictSum])]) -> HTML {
    let names = [
      language.of("规则", "rule"), language.of("现有", "standing"), language.of("新增", "new"),
      language.of("消除", "settled"), language.of("系统", "systems"),
    ]
    let heads: [HTML] = names.enumerated().map { place, name in
      (1...3).contains(place)
        ? "<th scope=\"col\" class=\"n\">\(name)</th>" : "<th scope=\"col\">\(name)</th>"
    }
    let rows: [HTML] = rules.prefix(ReportLimits.causes).map { rule, sums in
      let standing = sums.sum(\.standing)
      let counts: [HTML] = [
        standing > 0 ? linked(.conflicts(rule: rule), standing) : "0",
        "\(language.number(sums.sum(\.new)))", "\(language.number(sums.sum(\.settled)))",
      ]
      let numbers: [HTML] = zip(names.dropFirst(), counts).map {
        "<td data-name=\"\($0)\" class=\"n\">\($1)</td>"
      }
      return """
        <tr><td data-name="\(names[0])" class="">\(rule) \(ruleName(rule) ?? "")</td>
        \(numbers)
        <td data-name="\(names[4])" class="">\(systems(of: sums))</td></tr>

        """
    }
    return """
      <table class="stack">
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
  }

  private func systems(of sums: [ConflictSum]) -> HTML {
    let all = sums.filter { $0.standing > 0 }
    let shown: [HTML] = all.prefix(ReportLimits.systemsOfCause).map { sum in
      "\(sum.system) \(linked(.conflicts(rule: sum.rule, system: sum.system), sum.standing))"
    }
    let rest = all.count - ReportLimits.systemsOfCause
    let more = rest > 0 ? language.of("，另 \(rest) 个系统", ", \(rest) more") : ""
    return "\(HTML.joined(shown, by: language.of("、", ", ")))\(more)"
  }
}

extension Array where Element == ConflictSum {
  fileprivate func sum(_ count: (ConflictSum) -> Int) -> Int { reduce(0) { $0 + count($1) } }
}
