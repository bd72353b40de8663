import Catalog
import Pipeline

/// Who sends what, how, and what becomes of exports that changed; and the kinds of records that are sent.
extension RulePage {
  func system(_ system: SourceSystem) -> HTML {
    let parameters = catalog.rules.filter { $0.parameters[system.id] != nil }.map(\.id)
    let authority = catalog.authority.rules.filter { $0.systems.contains(system.id) }.map(\.id)
    let adapter = catalog.adapter(system.id)
    return sheet(
      [
        (of("执法领域", "field of enforcement"), system.enforcementField),
        (of("同等时的次序", "rank in ties"), "\(system.order)"),
      ],
      HTML.joined([
        links(of("一数一源规则：", "Rules of owners: "), authority),
        links(of("有本系统参数的规则：", "Rules with parameters of its own: "), parameters),
        paragraph(originTitle, language.origin(system.origin)),
      ])) + (adapter.map(self.adapter) ?? "")
  }

  private func adapter(_ adapter: SourceAdapter) -> HTML {
    let title = of("怎样报送", "How it delivers")
    let form = section(
      "form", title,
      facts([
        (of("联系人", "contact for returns"), adapter.returnContact),
        (of("多久一次", "how often"), cadence(adapter.cadence)),
        (of("截止", "until"), adapter.cutOff), (of("时区", "time zone"), adapter.timeZone),
        (of("完整的标志", "complete when"), ready(adapter)),
        (of("格式", "format"), format(adapter)), (of("编码", "encoding"), adapter.encoding),
        (of("页脚", "footers"), adapter.footers.joined(separator: of("、", ", "))),
        (of("空值写法", "null spellings"), adapter.nullSpellings),
        (of("适配器版本", "version of the adapter"), "\(adapter.version)"),
      ]) + paragraph(originTitle, language.origin(adapter.origin)))
    return form + limits(adapter) + mappings(adapter) + codeMaps(adapter)
  }

  private func cadence(_ text: String) -> String {
    let parts = text.split(separator: "-", maxSplits: 1).map(String.init)
    switch (parts.first, parts.dropFirst().first) {
    case ("nightly", _): return of("每夜", "every night")
    case ("hourly", _): return of("每小时", "every hour")
    case ("weekly", nil): return of("每周", "every week")
    case ("weekly", let day?): return of("每周\(Self.weekdays[day] ?? day)", "every \(day)")
    case ("monthly", nil): return of("每月", "every month")
    case ("monthly", let day?): return of("每月 \(day) 日", "day \(day) of every month")
    default: return text
    }
  }

  private static let weekdays = [
    "sunday": "日", "monday": "一", "tuesday": "二", "wednesday": "三", "thursday": "四",
    "friday": "五", "saturday": "六",
  ]

  private func ready(_ adapter: SourceAdapter) -> String {
    adapter.readySigns.map { sign in
      switch sign {
      case .manifest: of("清单文件", "its manifest is there")
      case .ok: of("完成标记", "its mark is there")
      case .stable:
        of("静止 \(adapter.stableSeconds) 秒", "it rests for \(adapter.stableSeconds) seconds")
      }
    }.joined(separator: of("，或", ", or "))
  }

  private func format(_ adapter: SourceAdapter) -> String {
    guard adapter.format == .csv else { return adapter.format.rawValue }
    let delimiter = adapter.delimiter == 9 ? "⇥" : String(UnicodeScalar(adapter.delimiter))
    return of(
      "csv，以 \(delimiter) 分隔，表头 \(adapter.headerRows) 行",
      "csv, \(delimiter) between fields, \(adapter.headerRows) header rows")
  }

  // MARK: Limits

  /// From when on a delivery waits for a person, and what is done about other columns.
  private func limits(_ adapter: SourceAdapter) -> HTML {
    let returned = language.percent(adapter.maximumReturnedShare)
    let mojibake = language.percent(adapter.mojibakeLimit)
    let rows: [(title: String, words: String)] = [
      (of("多出的列", "a new column"), drift(adapter.newColumn)),
      (of("缺少的列", "a missing column"), drift(adapter.missingColumn)),
      (of("读不懂的列", "an unreadable column"), drift(adapter.unreadableColumn)),
      (
        of("退回过多", "too many returned"),
        of(
          "已核验不少于 \(adapter.minimumJudged) 条、退回超过 \(returned) 的，挂起",
          "held over \(returned) of at least \(adapter.minimumJudged) judged records")
      ),
      (
        of("乱码", "wrongly decoded"),
        of(
          "乱码不少于 \(adapter.minimumMojibake) 字、占比达 \(mojibake) 的，挂起",
          "held from \(mojibake) of all characters on, if \(adapter.minimumMojibake) or more")
      ),
    ]
    let title = of("挂起与列变化", "Holds and changed columns")
    return section(
      "limits", title,
      table(
        title, [(of("情形", "case"), false), (of("处理", "what is done"), false)],
        rows.map { "<tr><th scope=\"row\">\($0.title)</th><td>\($0.words)</td></tr>" }))
  }

  private func drift(_ policy: DriftPolicy) -> String {
    switch policy {
    case .freeze: of("挂起，由人决定", "the delivery is held for a person")
    case .evolve: of("接收并提示", "accepted with a note")
    case .returnRow: of("逐条退回", "every record goes back")
    case .dropValue: of("忽略该列并提示", "the column is ignored, with a note")
    }
  }

  // MARK: Mappings

  private func mappings(_ adapter: SourceAdapter) -> HTML {
    let title = of("报送的类别", "What it delivers")
    let rows: [HTML] = adapter.categories.map { mapping in
      let columns = mapping.allColumns
      let full = mapping.fullIf.map { of("，\($0) 为全量", ", \($0) in full") } ?? ""
      let delivery =
        switch mapping.delivery {
        case .incremental: of("增量", "changes")
        case .full: of("全量", "in full")
        }
      return """
        <tr><th scope="row">\(link(mapping.category))</th><td><code>\(mapping.files.joined(separator: " "))</code></td>
        <td>\(delivery + full)</td><td class="n">\(columns.count { $0.element != nil })</td>
        <td class="n">\(columns.count { $0.element == nil })</td><td class="n">\(columns.count { !$0.codes.isEmpty })</td>
        <td class="n">\(mapping.constants.count + mapping.generated.count)</td></tr>

        """
    }
    return section(
      "mappings", title,
      table(
        title,
        [
          (of("类别", "category"), false), (of("文件", "files"), false),
          (of("方式", "delivered"), false), (of("用到的列", "columns used"), true),
          (of("不用的列", "not used"), true), (of("代码对照", "code maps"), true),
          (of("固定值", "constants"), true),
        ], rows) + HTML.joined(adapter.categories.map(columns)))
  }

  private func columns(_ mapping: CategoryMapping) -> HTML {
    let rows: [HTML] = mapping.allColumns.map { column in
      let element = column.element.flatMap(catalog.element)
      let also = column.also.joined(separator: of("、", ", "))
      let target: HTML = element.map { link($0.id) } ?? "\(of("不用", "not used"))"
      return """
        <tr><th scope="row"><bdi>\(column.column)</bdi>\(also.isEmpty ? "" : "<span class=\"what\">\(also)</span>" as HTML)</th>
        <td>\(target)</td><td>\(column.unit ?? "·")</td><td>\(column.isOptional ? of("可缺", "may be missing") : "·")</td></tr>

        """
    }
    let title = "\(mapping.category) \(names.category(mapping.category))"
    let list = table(
      title,
      [
        (of("列", "column"), false), (of("数据元", "element"), false), (of("单位", "unit"), false),
        (of("可否缺列", "may be missing"), false),
      ], rows)
    return "<details><summary>\(title)</summary>\(list)</details>"
  }

  /// Its own labels for codes.
  private func codeMaps(_ adapter: SourceAdapter) -> HTML {
    let rows: [HTML] = adapter.categories.flatMap { mapping in
      mapping.allColumns.filter { !$0.codes.isEmpty }.map { column -> HTML in
        let element = column.element.flatMap(catalog.element)
        let codes = column.codes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        return """
          <tr><th scope="row">\(mapping.category) <bdi>\(column.column)</bdi></th><td>\(links([element?.id, element?.codeList].compactMap { $0 }))</td>
          <td><bdi>\(codes.joined(separator: of("、", ", ")))</bdi></td></tr>

          """
      }
    }
    guard !rows.isEmpty else { return "" }
    let title = of("代码对照", "Code maps")
    return section(
      "codes", title,
      table(
        title,
        [
          (of("类别与列", "category and column"), false),
          (of("数据元与代码表", "element and code list"), false),
          (of("写法 = 代码", "label = code"), false),
        ], rows))
  }

  // MARK: Categories

  func category(_ category: Category) -> HTML {
    let group = catalog.groups.first { $0.id == category.group }.map { of($0.name, $0.english) }
    let guards = (catalog.sharing?.items ?? []).filter {
      $0.predicate.categories.contains(category.id)
    }
    let tiers = (catalog.sharing?.tierConditions ?? []).filter {
      $0.predicate.categories.contains(category.id)
    }
    let tier = catalog.sharing.map { [RuleBook.id(of: $0.tier(ofCategory: category.id))] } ?? []
    return sheet(
      [
        (of("序号", "number"), "\(category.number)"), (of("数据组", "group"), group ?? ""),
        (
          of("主键只在发出机关内唯一", "key is unique only inside its issuer"),
          category.isIssuerScoped ? of("是", "yes") : ""
        ),
      ],
      HTML.joined([
        links(of("业务主键：", "Key: "), ids(ofElements: category.entityKey)),
        links(of("记录日期：", "Dated by: "), ids(ofElements: [category.eventTime])),
        links(of("报送系统：", "Delivered by: "), category.deliveredBy),
        links(of("规则：", "Rules: "), catalog.rules(for: category.id).map(\.id)),
        links(of("共享分级：", "Tier: "), tier + tiers.map(\.id)),
        links(of("负面清单：", "Negative list: "), guards.map(\.id)),
        paragraph(originTitle, language.origin(category.origin)),
      ]))
      + elements(category.elements, "elements", of("数据元", "Elements"))
      + HTML.joined(
        category.children.map { child in
          elements(child.elements, "rows-\(child.name)", of(child.title, child.english))
        })
  }

  private func elements(_ list: [CategoryElement], _ id: String, _ title: String) -> HTML {
    let rows: [HTML] = list.map { carried in
      let obligation: HTML =
        switch carried.obligation {
        case .required: "\(of("必填", "required"))"
        case .optional: "\(of("选填", "optional"))"
        case .conditional(let when):
          "\(of("条件必填：", "required where ")) <code>\(when.description)</code>"
        }
      return """
        <tr><th scope="row">\(link(carried.element.id))<span class="what">\(carried.element.identifier)</span></th>
        <td>\(obligation)</td><td>\(carried.isKey ? "✓" : "·")</td></tr>

        """
    }
    return section(
      id, title,
      table(
        title,
        [
          (of("数据元", "element"), false), (of("填写", "obligation"), false),
          (of("主键", "key"), false),
        ], rows))
  }
}
