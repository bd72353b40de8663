import Catalog
import Pipeline
import PipelineDefinition
import Sharing

/// Who may see what: tiers, masks, the negative list, and what all of them make of an element.
extension RulePage {
  func sharingRule(_ policy: SharingPolicy) -> HTML {
    if let item = policy.items.first(where: { $0.id == entry.id }) { return negativeItem(item) }
    if let condition = policy.tierConditions.first(where: { $0.id == entry.id }) {
      return tierCondition(condition)
    }
    if let mask = policy.masks.first(where: { RuleBook.id(ofMask: $0.id) == entry.id }) {
      return wholeMask(mask, policy)
    }
    let tier = SharingTier.allCases.first { RuleBook.id(of: $0) == entry.id }
    return tier.map { wholeTier($0, policy) } ?? ""
  }

  /// What a worked case says that a reader gets.
  func shared(_ shared: RuleBook.Outcome.Shared) -> String {
    switch shared {
    case .record(.kept): of("可以提供", "leaves")
    case .record(.denied): of("整条不提供", "does not leave")
    case .value(.shown, _): of("原值", "as it is")
    case .value(.withheld, _): of("不提供", "withheld")
    case .value(.masked, let text):
      text.map { $0.isEmpty ? of("置空", "nothing") : of("脱敏为 \($0)", "masked: \($0)") }
        ?? of("脱敏", "masked")
    }
  }

  // MARK: The negative list

  private func negativeItem(_ item: NegativeItem) -> HTML {
    sheet(
      [
        (of("处理", "what becomes of it"), action(item.action)),
        (
          of("不给谁", "kept from readers of"),
          item.tiers.sorted().map(tier).joined(separator: of("、", ", "))
        ),
      ],
      HTML.joined([
        links(of("数据元：", "Elements: "), ids(ofElements: item.scope)),
        note(
          of(
            "条件成立或无法判断的，都按本项处理；分级、授权和审批都不能越过。",
            "It holds where its condition is true or unknown, and outranks every tier, grant and approval."
          )), paragraph(originTitle, language.origin(item.origin)),
      ])) + conditions(item.predicate)
  }

  private func action(_ action: NegativeAction) -> String {
    switch action {
    case .denyRecord: of("整条记录不提供", "the record does not leave")
    case .denyField: of("值不提供", "the values do not leave")
    case .maskField: of("值脱敏后提供", "the values leave masked")
    }
  }

  // MARK: Tiers

  private func tierCondition(_ condition: TierCondition) -> HTML {
    sheet(
      [(of("条件成立的记录", "records for which it holds"), tier(condition.tier))],
      HTML.joined([
        links(of("级别：", "Tier: "), [RuleBook.id(of: condition.tier)]),
        note(of("条件无法判断的记录为受限使用类。", "Where it is unknown, the record is restricted.")),
        paragraph(originTitle, language.origin(condition.origin)),
      ])) + conditions(condition.predicate)
  }

  private func wholeTier(_ tier: SharingTier, _ policy: SharingPolicy) -> HTML {
    let readers = catalog.approvals.readers.filter { $0.tier == tier }
    let reading =
      tier == .public
      ? of("所有部门，以及公众", "every department, and the public")
      : readers.flatMap(\.departments).joined(separator: of("、", ", "))
    let elements = catalog.elements.filter { $0.tier == tier }.map(\.id)
    let conditions = policy.tierConditions.filter { $0.tier == tier }.map(\.id)
    let title = of("数据元 \(elements.count) 项", "\(elements.count) elements")
    return sheet(
      [
        (
          of("不经授权可看的部门", "who reads it without a grant"),
          reading.isEmpty ? of("无", "nobody") : reading
        )
      ],
      HTML.joined([
        note(
          of(
            "一个值的级别取数据元、类别、记录条件三者中最严的；不明即受限。",
            "The tier of a value is the strictest of its element's, its category's and its record's; unknown is restricted."
          )), links(of("记录条件：", "Conditions of records: "), conditions),
        paragraph(originTitle, RuleBook.originOfTiers),
        HTML.joined(
          readers.map {
            paragraph(of("部门的依据：", "Origin of the readers: "), language.origin($0.origin))
          }), "<details><summary>\(title)</summary><p>\(links(elements))</p></details>",
      ])) + categories(of: tier, policy)
  }

  /// Categories of a tier, and elements that are of it in one category only.
  private func categories(of tier: SharingTier, _ policy: SharingPolicy) -> HTML {
    let whole: [HTML] = policy.categoryTiers.filter { $0.tier == tier }.map { entry in
      """
      <tr><th scope="row">\(link(entry.category))</th><td>\(of("整类", "the category"))</td><td>\(language.origin(entry.origin))</td></tr>

      """
    }
    let single: [HTML] = policy.elementTiers.filter { $0.tier == tier }.map { entry in
      """
      <tr><th scope="row">\(link(entry.category))</th><td>\(links(ids(ofElements: [entry.element])))</td><td>\(language.origin(entry.origin))</td></tr>

      """
    }
    guard !whole.isEmpty || !single.isEmpty else { return "" }
    let title = of("类别", "Categories")
    return section(
      "categories", title,
      table(
        title,
        [
          (of("类别", "category"), false), (of("范围", "what of it"), false),
          (of("依据", "origin"), false),
        ], whole + single))
  }

  // MARK: Masks

  private func wholeMask(_ mask: Mask, _ policy: SharingPolicy) -> HTML {
    let numbers = policy.freeText.numbers.filter { $0.mask == mask.id }
    let rows: [HTML] = policy.assignments.filter { $0.mask == mask.id }.map { assignment in
      let release = assignment.release.map(tier) ?? of("与原值相同", "as the value itself")
      return """
        <tr><td>\(meant(assignment))</td><td>\(release)</td><td>\(language.origin(assignment.origin))</td></tr>

        """
    }
    let title = of("用于", "What takes it")
    let uses: HTML =
      rows.isEmpty
      ? ""
      : section(
        "uses", title,
        table(
          title,
          [
            (of("数据元", "elements"), false),
            (of("脱敏后可给到", "masked it may leave from tier"), false),
            (of("依据", "origin"), false),
          ], rows))
    return sheet(
      [
        (of("怎么脱敏", "how"), form(mask.kind)),
        (
          of("自由文本中的", "in free text"),
          numbers.map { of($0.name, $0.english) }.joined(separator: of("、", ", "))
        ),
      ], paragraph(originTitle, language.origin(mask.origin)))
      + uses + examples { $0.mask == mask.id }
  }

  /// Elements by name, by check and by type.
  private func meant(_ assignment: MaskAssignment) -> HTML {
    let checks = assignment.checks.map { kind in
      catalog.identifiers.first { $0.kind == kind }.map { of($0.name, $0.english) } ?? kind
    }
    let types = assignment.types.map { type in
      switch type {
      case .text: of("其余文本", "any other text")
      case .number: of("其余数值", "any other number")
      case .date: of("其余日期", "any other date")
      case .dateTime: of("其余日期时间", "any other date with time")
      case .flag: of("其余标志", "any other flag")
      }
    }
    let others = (checks + types).joined(separator: of("、", ", "))
    return assignment.elements.isEmpty
      ? "\(others)" : "\(links(ids(ofElements: assignment.elements))) \(others)"
  }

  private func form(_ kind: Mask.Kind) -> String {
    switch kind {
    case .name: of("姓，后加两个星号", "the surname, then two stars")
    case .ends(let first, let last, let hidden):
      of(
        "留前 \(first) 位和后 \(last) 位，其余每字一个星号；隐去不足 \(hidden) 位的全部隐去",
        "the first \(first) and the last \(last) characters, a star for each one between; all stars where that hides fewer than \(hidden)"
      )
    case .county: of("地址到县（区）为止", "an address down to the county")
    case .year: of("只留年份", "the year alone")
    case .hash: of("加盐散列：相同的值仍然相同，推不回原值", "a hash under a secret: equal values stay equal")
    case .blank: of("什么都不给", "nothing")
    }
  }

  private func examples(_ isMeant: (ExpectedCell) -> Bool) -> HTML {
    let rows: [HTML] = book.maskExamples(isMeant).map { example in
      """
      <tr><th scope="row">\(names.element(example.element))</th><td><bdi>\(language.cut(example.value))</bdi></td><td><bdi>\(language.cut(example.shown))</bdi></td></tr>

      """
    }
    guard !rows.isEmpty else { return "" }
    let title = of("脱敏示例", "Examples of masks")
    return section(
      "masks", title,
      note(
        of(
          "值是用例里编造的；test-rules 用正式的脱敏程序核对。",
          "The values are invented for worked cases, which test-rules runs through the masks themselves."
        ))
        + table(
          title,
          [
            (of("数据元", "element"), false), (of("原值", "value"), false),
            (of("脱敏后", "masked"), false),
          ], rows))
  }

  // MARK: Elements

  /// What readers get of an element, and why it may be less.
  func readers(of element: DataElement) -> HTML {
    guard let policy = catalog.sharing else { return "" }
    let title = of("谁能看到什么", "Who sees what")
    let heads: [(String, isNumber: Bool)] =
      [(of("类别", "categories"), isNumber: false)]
      + SharingTier.allCases.map { (tier($0), isNumber: false) }
    let items = policy.items.filter { $0.scope.contains(element.identifier) }.map(\.id)
    let mask = policy.assignment(for: element).map { [RuleBook.id(ofMask: $0.mask)] } ?? []
    return section(
      "readers", title,
      table(title, heads, answers(element, policy))
        + links(of("脱敏方式：", "Mask: "), mask)
        + links(of("负面清单：", "Negative list: "), items))
      + examples { $0.element == element.identifier }
  }

  /// By category; categories of which the answers are the same stand together.
  private func answers(_ element: DataElement, _ policy: SharingPolicy) -> [HTML] {
    var answers: [(texts: [String], categories: [String])] = []
    for id in entry.categories {
      let texts = SharingTier.allCases.map { answer(element, id, $0, policy) }
      if let place = answers.firstIndex(where: { $0.texts == texts }) {
        answers[place].categories.append(id)
      } else {
        answers.append((texts, [id]))
      }
    }
    return answers.map { answer in
      let cells: [HTML] = answer.texts.map { "<td>\($0)</td>" }
      return "<tr><th scope=\"row\">\(answer.categories.joined(separator: " "))</th>\(cells)</tr>"
    }
  }

  /// As the plans decide that make what leaves, before any record is seen.
  private func answer(
    _ element: DataElement, _ category: String, _ reader: SharingTier, _ policy: SharingPolicy
  ) -> String {
    guard let plan = plans(reader)[category],
      let column = plan.category.column(of: element.identifier), plan.openColumns.contains(column)
    else { return of("不提供", "withheld") }
    let strictest = max(
      policy.tier(of: element, in: category), policy.tier(ofCategory: category))
    guard strictest > reader else { return of("原值", "as it is") }
    let mask = plan.mask(ofColumn: column)
    return of("脱敏：\(mask.name)", "masked: \(mask.english)")
  }
}
