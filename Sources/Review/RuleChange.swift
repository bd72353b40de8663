package import Access
package import Catalog
import Validation

/// A rule as somebody would have it, for trying it on what was delivered before anyone commits it (V11).
package struct RuleChange: Sendable {
  package var rule: String
  /// Empty where it applies to every record.
  package var when: String
  package var holds: String
  package var severity: Severity

  package init(rule: String, when: String, holds: String, severity: Severity) {
    self.rule = rule
    self.when = when
    self.holds = holds
    self.severity = severity
  }

  /// As pages name what was compared.
  package static func text(_ rule: Rule) -> String {
    let when = rule.when.map { "when \($0.source) " } ?? ""
    return "\(rule.id) v\(rule.version): \(when)holds \(rule.holds.source) (\(rule.severity))"
  }

  /// The definitions with the changed rule in place of the present one.
  ///
  /// - Throws: ``Denial`` for a rule that cannot be tried, and for what the linter would report.
  package func applied(to catalog: Catalog) throws(Denial) -> (
    catalog: Catalog, present: Rule, changed: Rule
  ) {
    guard let index = catalog.rules.firstIndex(where: { $0.id == rule }),
      catalog.rules[index].kind == .inRecord,
      let category = catalog.category(catalog.rules[index].category)
    else {
      throw Denial(
        "not-tried", chinese: "只能试算一条记录之内的规则。",
        english: "Only rules within a record can be tried.")
    }
    let present = catalog.rules[index]
    var changed = present
    changed.when = when.isEmpty ? nil : try parsed(when, "适用条件", "applies when", catalog, present)
    changed.holds = try parsed(holds, "应满足", "must hold", catalog, present)
    changed.severity = severity
    guard
      changed.when?.root.canonicalText != present.when?.root.canonicalText
        || changed.holds.root.canonicalText != present.holds.root.canonicalText
        || changed.severity != present.severity
    else {
      throw Denial(
        "unchanged", chinese: "与现在的规则相同，没有可比较的。",
        english: "This is the present rule; there is nothing to compare.")
    }
    changed.version += 1
    var result = catalog
    result.rules[index] = changed
    for system in category.deliveredBy {
      do {
        _ = try CategoryValidator(catalog: result, category: category, system: system)
      } catch {
        throw Denial(
          "rule-meaning", chinese: "\(system) 的参数不适合这条规则：\(error)。",
          english: "It does not fit the parameters of \(system): \(error).")
      }
    }
    return (result, present, changed)
  }

  private func parsed(
    _ source: String, _ chinese: String, _ english: String, _ catalog: Catalog, _ rule: Rule
  ) throws(Denial) -> Expression {
    let expression: Expression
    do {
      expression = try Expression.parse(source)
    } catch {
      throw Denial(
        "rule-syntax",
        chinese: "“\(chinese)”读不懂：\(Self.place(error.offset, source).chinese)，\(error.message)。",
        english:
          "“\(english)” cannot be read: \(Self.place(error.offset, source).english), \(error.message)."
      )
    }
    let checker = ExpressionChecker(
      catalog: catalog, category: rule.category, parameters: rule.parameters)
    guard let problem = checker.checkCondition(expression).first else { return expression }
    let place = Self.place(problem.offset, source)
    throw Denial(
      "rule-meaning", chinese: "“\(chinese)”有误：\(place.chinese)，\(problem)。",
      english: "“\(english)” is wrong: \(place.english), \(problem).")
  }

  /// People count characters, offsets count bytes.
  private static func place(_ offset: Int, _ source: String) -> (chinese: String, english: String) {
    let before = String(decoding: source.utf8.prefix(offset), as: UTF8.self).count
    return ("第 \(before + 1) 个字符", "character \(before + 1)")
  }
}
