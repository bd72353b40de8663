import Catalog
import Warehouse

extension DataDictionary {
  /// The dictionary in Chinese and English, as Markdown.
  package var markdown: String {
    var lines = ["# 数据字典 Data dictionary", "", "规则集 Rule set: `\(ruleSetHash)`", ""]
    if let publication {
      lines.append(
        "更新 Updated: \(publication.publishedAt) (night \(publication.night), publication "
          + "\(publication.publication))")
    } else {
      lines.append("未连接数据仓库 Without a warehouse")
    }
    for view in views { lines += Self.section(view) }
    lines += ["", "## 值域 Code lists"]
    for list in codeLists {
      lines += ["", "### \(list.id) \(list.name) \(list.english)", ""]
      lines += Self.table(
        ["代码 code", "名称 label", "English"],
        list.values.map { ["`\($0.code)`", $0.label, $0.english] })
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(_ view: View) -> [String] {
    var lines = ["", "## `\(view.name)` \(view.title.chinese) \(view.title.english)", ""]
    if let quality = view.quality {
      let share = quality.attainment.map { Self.percent($0) } ?? "–"
      lines += [
        "最近 Last: \(quality.lastNight) (\(quality.systems.joined(separator: ", "))), 达标率 attainment "
          + "\(share), \(quality.balance)", "",
      ]
    }
    return lines
      + table(
        [
          "列 column", "类型 type", "名称 name", "English", "表示 form", "值域 list", "分级 tier",
          "权威来源 owner",
        ],
        view.columns.map { column in
          [
            "`\(column.name)`", column.type, column.title.chinese, column.title.english,
            column.form.isEmpty ? "" : "`\(column.form)`", column.codeList ?? "",
            column.tier?.rawValue ?? "", column.owner?.chinese ?? "",
          ]
        })
  }

  private static func table(_ header: [String], _ rows: [[String]]) -> [String] {
    func line(_ cells: [String]) -> String {
      "| "
        + cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") }
        .joined(separator: " | ") + " |"
    }
    return [line(header), line(header.map { _ in "---" })] + rows.map(line)
  }

  /// `98.25 %`, cut and not rounded: what is not reached is not shown as reached.
  static func percent(_ share: Double) -> String {
    let hundredths = Int(share * 10_000 + 1e-6)
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
  }
}
