package import Catalog
import Records
package import Sharing

/// One value of a test record; an element that is not there is null.
package enum TestValue: Hashable, ExpressibleByStringLiteral {
  case text(String)
  /// Present, and nothing that its type can be.
  case unreadable(String)

  package init(stringLiteral value: String) { self = .text(value) }

  package var text: String {
    switch self {
    case .text(let text), .unreadable(let text): text
    }
  }
}

package typealias TestRecord = [String: TestValue]

/// A record and, by child table, its rows.
package struct TestGroup {
  package var record: TestRecord
  package var rows: [String: [TestRecord]]

  package init(record: TestRecord, rows: [String: [TestRecord]] = [:]) {
    self.record = record
    self.rows = rows
  }
}

/// A second, naive way to decide: one record at a time, on strings and optionals, straight from
/// semantics.md §1, §2 of the plan's tiers and §12. Shares only the parser and the policy's types.
package struct NaiveSharing {
  package struct Verdict: Equatable, CustomStringConvertible {
    package var outcome: CellDecision.Outcome
    package var by: String
    package var isUnknown: Bool

    package init(outcome: CellDecision.Outcome, by: String, isUnknown: Bool = false) {
      self.outcome = outcome
      self.by = by
      self.isUnknown = isUnknown
    }

    package var description: String { "\(outcome) by \(by)\(isUnknown ? " (unknown)" : "")" }
  }

  /// Where a value stands; `table` is empty for the record itself.
  package struct Place: Hashable {
    package var table = ""
    package var row = 0
    package var element: String

    package init(table: String = "", row: Int = 0, element: String) {
      self.table = table
      self.row = row
      self.element = element
    }
  }

  let policy: SharingPolicy
  let category: Category
  let audience: Audience
  let today: Int

  /// - Parameter today: Days since 1970-01-01.
  package init(policy: SharingPolicy, category: Category, audience: Audience, today: Int) {
    self.policy = policy
    self.category = category
    self.audience = audience
    self.today = today
  }

  // MARK: Records

  /// What denies the record; nil if it is kept.
  package func denial(_ group: TestGroup) -> (by: String, isUnknown: Bool)? {
    for item in policy.items where item.action == .denyRecord && concerns(item) {
      let truth = whole(item.predicate, group)
      if truth != false { return (item.id, truth == nil) }
    }
    let places = self.places(group)
    if places.allSatisfy({ tierVerdict($0).outcome == .withheld }) { return (category.id, false) }
    for condition in policy.tierConditions
    where condition.predicate.categories.contains(category.id) {
      let truth = whole(condition.predicate, group)
      let tier = truth == nil ? .restricted : condition.tier
      if truth != false, tier > audience.tier, !hasGrant { return (condition.id, truth == nil) }
    }
    return nil
  }

  private var hasGrant: Bool {
    let carried = category.elements + category.children.flatMap(\.elements)
    return carried.contains { audience.granted.contains($0.element.identifier) }
  }

  private func concerns(_ item: NegativeItem) -> Bool {
    // A grant goes to a department, however high its tier.
    let isDepartment = !audience.granted.isEmpty && audience.tier == .restricted
    let isMeant = item.tiers.contains(audience.tier) || isDepartment && item.tiers.contains(.shared)
    return isMeant && item.predicate.categories.contains(category.id)
  }

  /// All places of the category, and of those rows that the group has.
  package func places(_ group: TestGroup) -> [Place] {
    var result = category.elements.map { Place(element: $0.element.identifier) }
    for table in category.children {
      let count = max(1, group.rows[table.name]?.count ?? 0)
      for row in 0..<count {
        result += table.elements.map {
          Place(table: table.name, row: row, element: $0.element.identifier)
        }
      }
    }
    return result
  }

  // MARK: Values

  /// What becomes of a value of a record that is kept, before free text is cleaned.
  package func verdict(_ place: Place, _ group: TestGroup) -> Verdict {
    var result = tierVerdict(place)
    if !audience.granted.contains(place.element) {
      for condition in policy.tierConditions
      where condition.predicate.categories.contains(category.id) {
        let truth = whole(condition.predicate, group)
        let tier = truth == nil ? .restricted : condition.tier
        guard truth != false, tier > audience.tier, result.outcome < .withheld else { continue }
        result = Verdict(outcome: .withheld, by: condition.id, isUnknown: truth == nil)
      }
    }
    var isListed = false
    for item in policy.items
    where item.action != .denyRecord && concerns(item) && item.scope.contains(place.element) {
      let truth = truth(item.predicate, place, group)
      if truth == false { continue }
      let outcome: CellDecision.Outcome = item.action == .denyField ? .withheld : .masked
      guard outcome > result.outcome || outcome == result.outcome && !isListed else { continue }
      result = Verdict(outcome: outcome, by: item.id, isUnknown: truth == nil)
      isListed = true
    }
    return result
  }

  private func tierVerdict(_ place: Place) -> Verdict {
    guard
      let element = category.elements.map(\.element).first(where: {
        $0.identifier == place.element
      })
    else { return Verdict(outcome: .withheld, by: place.element) }
    let overrides = policy.elementTiers.filter {
      $0.category == category.id && $0.element == place.element
    }
    let own = ([element.tier] + overrides.map(\.tier)).max() ?? .restricted
    let whole = policy.categoryTiers.first { $0.category == category.id }?.tier ?? .restricted
    let by = whole > own ? category.id : place.element
    if own <= audience.tier, whole <= audience.tier { return Verdict(outcome: .shown, by: by) }
    if audience.granted.contains(place.element) {
      return Verdict(outcome: .shown, by: place.element)
    }
    if let release = policy.assignment(for: element)?.release, release <= audience.tier,
      whole <= audience.tier
    {
      return Verdict(outcome: .masked, by: place.element)
    }
    return Verdict(outcome: .withheld, by: by)
  }

  // MARK: Conditions

  private func condition(_ predicate: RecordPredicate) -> Expression? {
    predicate.conditions[category.id]
  }

  private func truth(_ predicate: RecordPredicate, _ place: Place, _ group: TestGroup) -> Bool? {
    guard let condition = condition(predicate) else { return true }
    guard let table = category.children.first(where: { $0.name == place.table }) else {
      return truth(condition.root, group.record)
    }
    return truth(condition, table, row: place.row, group)
  }

  /// A row answers with its own values where its table has them.
  private func truth(
    _ condition: Expression, _ table: ChildTable, row: Int, _ group: TestGroup
  ) -> Bool? {
    guard let rows = group.rows[table.name], row < rows.count else {
      return truth(condition.root, group.record)
    }
    var record = group.record
    for element in table.elements.map(\.element.identifier) { record[element] = rows[row][element] }
    return truth(condition.root, record)
  }

  /// True if it is of the record or one of its rows, else unknown if it might be.
  private func whole(_ predicate: RecordPredicate, _ group: TestGroup) -> Bool? {
    guard let condition = condition(predicate) else { return true }
    var truths = [truth(condition.root, group.record)]
    for table in category.children {
      for row in (group.rows[table.name] ?? []).indices {
        truths.append(truth(condition, table, row: row, group))
      }
    }
    if truths.contains(true) { return true }
    return truths.contains(nil) ? nil : false
  }

  private func truth(_ node: Expression.Node, _ record: TestRecord) -> Bool? {
    switch node {
    case .boolean(let flag, _): return flag
    case .not(let inner, _): return truth(inner, record).map { !$0 }
    case .and(let nodes, _):
      let truths = nodes.map { truth($0, record) }
      if truths.contains(false) { return false }
      return truths.contains(nil) ? nil : true
    case .or(let nodes, _):
      let truths = nodes.map { truth($0, record) }
      if truths.contains(true) { return true }
      return truths.contains(nil) ? nil : false
    case .present(.element(let name, _, _), _): return record[name] != nil
    case .absent(.element(let name, _, _), _): return record[name] == nil
    case .membership(let left, let list, _):
      return value(left, record).map { list.compactMap(text).contains($0) }
    case .has(let left, let item, _):
      return values(left, record).map { $0.contains(text(item) ?? "") }
    case .subset(let left, let list, _):
      return values(left, record).map { Set($0).isSubset(of: list.compactMap(text)) }
    case .comparison(let operands, let signs, _) where operands.count == 2:
      return compare(operands[0], signs[0], operands[1], record)
    default:
      fatalError("the policy uses a form that this witness does not know: \(node)")
    }
  }

  private func compare(
    _ left: Expression.Node, _ sign: Expression.ComparisonOperator, _ right: Expression.Node,
    _ record: TestRecord
  ) -> Bool? {
    guard let value = value(left, record) else { return nil }
    if case .today = right {
      let day = CivilDate(value)?.dayNumber ?? 0
      return sign == .less ? day < today : day <= today
    }
    return sign == .equal ? value == text(right) : value != text(right)
  }

  private func value(_ node: Expression.Node, _ record: TestRecord) -> String? {
    guard case .element(let name, _, _) = node, case .text(let text)? = record[name] else {
      return nil
    }
    return text
  }

  private func values(_ node: Expression.Node, _ record: TestRecord) -> [String]? {
    value(node, record)?.split(separator: ";").map(String.init)
  }

  private func text(_ node: Expression.Node) -> String? {
    if case .text(let text, _) = node { text } else { nil }
  }
}
