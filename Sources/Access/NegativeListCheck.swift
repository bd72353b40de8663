package import Catalog

/// Whether the negative list and the tiers of the category leave anything of what is asked for.
///
/// What an item denies whatever the record says is refused at once, with the item: no approval can open it
/// (design.md, D7). What an item denies under a condition is told to the approvers and to the requester, who
/// will not find those rows or values in what they receive.
package struct NegativeListCheck: ComplianceCheck {
  package init() {}

  package func remarks(on request: ShareRequest, _ catalog: Catalog) -> [ComplianceRemark] {
    // Names that the catalog does not have are the matter of ElementTierCheck.
    guard let category = catalog.category(request.category) else { return [] }
    guard let policy = catalog.sharing else {
      return [
        ComplianceRemark(
          .refusal, "no-sharing-policy", subject: category.id, chinese: "未定义共享规则(sharing/),不得共享",
          english: "the definitions have no sharing/, so nothing may be shared")
      ]
    }
    let asked = Asked(request, category, catalog, policy)
    var remarks = asked.tierRemarks
    for item in policy.items where item.concernsGrant(of: asked.tier) {
      switch item.predicate.reach(category.id) {
      case .never: continue
      case .always: remarks += asked.remarks(always: item)
      case .when(let condition): remarks += asked.remarks(item, when: condition)
      }
    }
    return remarks
  }
}

/// A request beside the policy that it meets.
private struct Asked {
  let tier: SharingTier
  let category: Category
  let policy: SharingPolicy
  /// In the order asked for.
  let elements: [DataElement]
  /// Elements that the row condition reads.
  let conditionNames: Set<String>

  init(
    _ request: ShareRequest, _ category: Category, _ catalog: Catalog, _ policy: SharingPolicy
  ) {
    tier = request.sharingTier
    self.category = category
    self.policy = policy
    elements = request.elements.compactMap { name in
      category.column(of: name).map { category.elements[$0].element }
    }
    let condition = request.condition.flatMap { try? Expression.parse($0) }
    conditionNames = condition?.root.elementNames ?? []
  }

  private func remark(
    _ severity: ComplianceRemark.Severity, _ code: String, _ subject: String, _ chinese: String,
    _ english: String
  ) -> ComplianceRemark {
    ComplianceRemark(severity, code, subject: subject, chinese: chinese, english: english)
  }

  /// What the tiers of the category add to those of the elements.
  var tierRemarks: [ComplianceRemark] {
    let whole = policy.tier(ofCategory: category.id)
    if whole > tier {
      return [
        remark(
          .refusal, "category-above-tier", category.id,
          "\(category.name)整体属\(whole.chinese),高于所申请的\(tier.chinese)",
          "category \(category.id) is \(whole.rawValue), above the tier \(tier.rawValue) asked for")
      ]
    }
    return elements.compactMap { element in
      let here = policy.tier(of: element, in: category.id)
      // An element that is above the tier everywhere has been refused as such.
      guard here > tier, element.tier <= tier else { return nil }
      return remark(
        .refusal, "element-above-tier", element.identifier,
        "“\(element.name)”在\(category.name)中属\(here.chinese),高于所申请的\(tier.chinese)",
        "\"\(element.identifier)\" is \(here.rawValue) in \(category.id), above the tier "
          + "\(tier.rawValue) asked for")
    }
  }

  /// Whether something of a value is left behind its mask.
  private func isShownMasked(_ element: DataElement) -> Bool {
    guard let assignment = policy.assignment(for: element),
      let mask = policy.mask(assignment.mask)
    else { return false }
    return mask.kind != .blank
  }

  func remarks(always item: NegativeItem) -> [ComplianceRemark] {
    if item.action == .denyRecord {
      return [
        remark(
          .refusal, item.id, category.id, "负面清单\(item.id)“\(item.name)”:\(category.name)不得共享",
          "negative list \(item.id), \(item.english): no record of \(category.id) may be shared")
      ]
    }
    let asked = elements.filter { item.scope.contains($0.identifier) }.map { element in
      let title = "负面清单\(item.id)“\(item.name)”:“\(element.name)”"
      let english = "negative list \(item.id), \(item.english): \"\(element.identifier)\" "
      if item.action == .maskField, isShownMasked(element) {
        return remark(
          .flag, item.id, element.identifier, title + "只提供脱敏值", english + "leaves only masked")
      }
      return remark(
        .refusal, item.id, element.identifier, title + "不得共享", english + "may not be shared")
    }
    return asked
      + item.scope.filter(conditionNames.contains).map { name in
        remark(
          .refusal, item.id, name, "负面清单\(item.id)“\(item.name)”:行条件不得引用“\(name)”",
          "negative list \(item.id), \(item.english): a row condition may not read \"\(name)\", since "
            + "the rows that fulfil it tell the value")
      }
  }

  func remarks(_ item: NegativeItem, when condition: Expression) -> [ComplianceRemark] {
    let text = condition.root.canonicalText
    if item.action == .denyRecord {
      return [
        remark(
          .flag, item.id, category.id, "负面清单\(item.id)“\(item.name)”:符合 \(text) 或无法判断的记录不提供",
          "negative list \(item.id), \(item.english): rows are left out where \(text), or where that "
            + "cannot be told")
      ]
    }
    return elements.filter { item.scope.contains($0.identifier) }.map { element in
      let isMasked = item.action == .maskField && isShownMasked(element)
      return remark(
        .flag, item.id, element.identifier,
        "负面清单\(item.id)“\(item.name)”:符合 \(text) 或无法判断的记录,“\(element.name)”"
          + (isMasked ? "只提供脱敏值" : "不提供"),
        "negative list \(item.id), \(item.english): \"\(element.identifier)\" is "
          + (isMasked ? "masked" : "left out") + " where \(text), or where that cannot be told")
    }
  }
}
