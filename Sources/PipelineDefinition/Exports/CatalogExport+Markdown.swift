package import Catalog

extension CatalogExport {
  /// The data dictionary in Chinese and English.
  package static func markdown(_ catalog: Catalog) -> String {
    var lines = [
      "# 数据字典 Data dictionary", "",
      "规则集 Rule set: `\(catalog.ruleSetHash)`", "",
      "| | |", "|---|---:|",
      "| 数据元 data elements | \(catalog.elements.count) |",
      "| 值域 code lists | \(catalog.codeLists.count) |",
      "| 业务数据类别 categories | \(catalog.categories.count) |",
      "| 规则 rules | \(catalog.rules.count) |",
      "| 来源系统 source systems | \(catalog.systems.count) |", "",
    ]
    lines += systems(catalog)
    lines += ["## 业务数据类别 Categories", ""]
    for category in catalog.categories { lines += section(category, catalog) }
    lines += ["## 数据元 Data elements", ""]
    for group in catalog.elementGroups { lines += section(group, catalog) }
    lines += ["## 值域 Code lists", ""]
    for list in catalog.codeLists { lines += section(list) }
    lines += issueTypes(catalog)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func systems(_ catalog: Catalog) -> [String] {
    let rows = catalog.systems.map { [$0.id, $0.name, $0.english, $0.origin] }
    return ["## 来源系统 Source systems", ""]
      + table(["代码 code", "名称 name", "English", "依据 origin"], rows)
  }

  private static func section(_ category: Category, _ catalog: Catalog) -> [String] {
    let rows = category.elements.map { entry in
      [
        entry.element.id, "`\(entry.element.identifier)`", entry.element.name,
        obligation(entry.obligation), entry.isKey ? "✓" : "",
      ]
    }
    let rules = catalog.rules(for: category.id).map { rule in
      let when = rule.when.map { "\($0) ⇒ " } ?? ""
      return [
        rule.id, rule.name, rule.english, "`\(when)\(rule.holds)`", rule.severity.rawValue,
        rule.issue.rawValue,
      ]
    }
    var lines = [
      "### \(category.id) \(category.name) \(category.english)", "",
      "主键 Key: " + category.entityKey.map { "`\($0)`" }.joined(separator: ", "),
      "业务时间 Event time: `\(category.eventTime)`",
      "来源 Delivered by: " + category.deliveredBy.joined(separator: ", "),
      "依据 Origin: \(category.origin)", "",
    ]
    lines += table(
      ["编号 id", "标识 identifier", "名称 name", "约束 obligation", "主键 key"], rows)
    guard !rules.isEmpty else { return lines }
    let header = ["规则 rule", "名称 name", "English", "须成立 must hold", "处置 severity", "问题 issue"]
    return lines + table(header, rules)
  }

  private static func obligation(_ obligation: Obligation) -> String {
    switch obligation {
    case .required: "必填 required"
    case .conditional(let condition): "条件 if `\(condition)`"
    case .optional: "可选 optional"
    }
  }

  private static func section(_ group: ElementGroup, _ catalog: Catalog) -> [String] {
    let rows = catalog.elements.filter { $0.group == group.name }.map { element in
      [
        element.id, "`\(element.identifier)`", element.name, element.english, element.definition,
        "`\(element.notation)`", "`\(element.domain.notation)`", element.unit ?? "",
        element.coreNames.joined(separator: ", "), element.tier.rawValue, element.origin,
      ]
    }
    return ["### \(group.number) \(group.name) \(group.english)", ""]
      + table(
        [
          "编号 id", "标识 identifier", "名称 name", "English", "定义 definition", "表示 form",
          "值域 domain", "单位 unit", "核心 core", "分级 tier", "依据 origin",
        ], rows)
  }

  private static func section(_ list: CodeList) -> [String] {
    let rows = list.values.map { value in
      [
        value.code, value.label, value.english, value.synonyms.joined(separator: "; "),
        value.from.map { "\($0)" } ?? "", value.until.map { "\($0)" } ?? "",
      ]
    }
    let kind = list.isExtensible ? "可扩展 extensible" : "封闭 closed"
    let title = "### \(list.id) \(list.name) \(list.english)"
    return [title, "", "\(kind); 依据 Origin: \(list.origin)", ""]
      + table(["代码 code", "名称 label", "English", "同义 synonyms", "自 from", "至 until"], rows)
  }

  private static func issueTypes(_ catalog: Catalog) -> [String] {
    let rows = catalog.issueTypes.map { type in
      [
        type.code.rawValue, type.code.dimension.name, type.name, type.english,
        type.descriptionChinese, type.descriptionEnglish,
      ]
    }
    return ["## 问题类型 Issue types", ""]
      + table(["代码 code", "维度 dimension", "名称 name", "English", "说明", "description"], rows)
  }

  static func table(_ header: [String], _ rows: [[String]]) -> [String] {
    let lines = [header, header.map { _ in "---" }] + rows
    return lines.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" } + [""]
  }

  private static func escaped(_ cell: String) -> String {
    cell.map { $0 == "|" ? "\\|" : $0.isNewline ? " " : String($0) }.joined()
  }
}
