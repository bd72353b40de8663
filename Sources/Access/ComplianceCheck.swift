package import Catalog

/// What a check says to a request.
package struct ComplianceRemark: Sendable, Hashable, Codable {
  package enum Severity: String, Sendable, Codable {
    /// For the approvers to see.
    case flag
    /// Nobody can approve it.
    case refusal
  }

  package var severity: Severity
  /// Short, stable, lower case, or the number of a negative-list item.
  package var code: String
  /// Element or category that it is about.
  package var subject: String
  package var chinese: String
  package var english: String

  package init(
    _ severity: Severity, _ code: String, subject: String, chinese: String, english: String
  ) {
    self.severity = severity
    self.code = code
    self.subject = subject
    self.chinese = chinese
    self.english = english
  }
}

/// A check that a request passes before any person may approve it. Every check says all it has to say.
package protocol ComplianceCheck: Sendable {
  /// - Returns: In a fixed order; empty where there is nothing to say.
  func remarks(on request: ShareRequest, _ catalog: Catalog) -> [ComplianceRemark]
}

/// Whether category, elements and condition exist and lie within the tier asked for.
///
/// An element of a higher tier is refused and not silently left out: a request is answered as it stands. A
/// condition over a higher tier is refused too, because the rows that fulfil it tell the value.
package struct ElementTierCheck: ComplianceCheck {
  package init() {}

  package func remarks(on request: ShareRequest, _ catalog: Catalog) -> [ComplianceRemark] {
    guard let category = catalog.category(request.category) else {
      let near = suggestion(for: request.category, among: catalog.categories.map(\.id))
      return [
        refusal(
          "unknown-category", request.category, chinese: "数据类别“\(request.category)”不存在",
          english: "category \"\(request.category)\" does not exist", near: near)
      ]
    }
    let asked = request.sharingTier
    var remarks = request.elements.compactMap { self.remark($0, category, asked, catalog) }
    if let condition = request.condition {
      remarks += self.remarks(condition: condition, category, asked, catalog)
    }
    if asked == .restricted {
      remarks.append(
        ComplianceRemark(
          .flag, "restricted-tier", subject: request.category, chinese: "申请受限使用类数据,请核对必要性",
          english: "data of the restricted tier is asked for; look whether it is needed"))
    }
    return remarks
  }

  private func remark(
    _ name: String, _ category: Category, _ asked: SharingTier, _ catalog: Catalog
  ) -> ComplianceRemark? {
    guard let element = catalog.element(name) else {
      return refusal(
        "unknown-element", name, chinese: "数据元“\(name)”不在目录中",
        english: "element \"\(name)\" is not in the catalog",
        near: suggestion(for: name, among: category.elements.map(\.element.identifier)))
    }
    guard category.column(of: name) != nil else {
      return refusal(
        "element-not-carried", name, chinese: "\(category.name)没有数据元“\(element.name)”",
        english: "category \(category.id) has no element \"\(name)\"")
    }
    guard element.tier > asked else { return nil }
    return refusal(
      "element-above-tier", name,
      chinese: "“\(element.name)”属\(element.tier.chinese),高于所申请的\(asked.chinese)",
      english: "\"\(name)\" is \(element.tier.rawValue), above the tier \(asked.rawValue) asked for"
    )
  }

  private func remarks(
    condition: String, _ category: Category, _ asked: SharingTier, _ catalog: Catalog
  ) -> [ComplianceRemark] {
    let expression: Expression
    do {
      expression = try Expression.parse(condition)
    } catch {
      return [
        refusal(
          "condition-syntax", category.id,
          chinese: "行条件无法解析(第\(error.offset + 1)字节): \(error.message)",
          english: "the condition cannot be read at byte \(error.offset): \(error.message)")
      ]
    }
    let checker = ExpressionChecker(catalog: catalog, category: category.id)
    var remarks = checker.checkCondition(expression).map { problem in
      refusal(
        "condition-meaning", category.id, chinese: "行条件有误(第\(problem.offset + 1)字节): \(problem)",
        english: "the condition, at byte \(problem.offset): \(problem)")
    }
    var seen: Set<String> = []
    for use in checker.elements(in: expression) where seen.insert(use.identifier).inserted {
      if let other = use.otherCategory {
        remarks.append(
          refusal(
            "condition-other-records", use.identifier, chinese: "行条件不得引用其他类别(\(other))",
            english: "a row condition looks at the record itself, not at category \(other)"))
      } else if let element = catalog.element(use.identifier), element.tier > asked {
        remarks.append(
          refusal(
            "condition-above-tier", use.identifier,
            chinese: "行条件中的“\(element.name)”属\(element.tier.chinese),高于所申请的\(asked.chinese)",
            english: "the condition names \"\(use.identifier)\", which is "
              + "\(element.tier.rawValue), above the tier \(asked.rawValue) asked for"))
      }
    }
    return remarks
  }

  private func refusal(
    _ code: String, _ subject: String, chinese: String, english: String, near: String? = nil
  ) -> ComplianceRemark {
    ComplianceRemark(
      .refusal, code, subject: subject, chinese: chinese + (near.map { ";是否为“\($0)”?" } ?? ""),
      english: english + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
  }
}

extension SharingTier {
  /// Its name in the work plan (数据资源分级分类管理).
  package var chinese: String {
    switch self {
    case .public: "公共服务类"
    case .shared: "内部共享类"
    case .restricted: "受限使用类"
    }
  }
}
