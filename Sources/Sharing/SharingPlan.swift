package import Catalog
import Records
package import Validation

/// What one audience may see of one category, compiled from the policy.
///
/// A pure function of the records and the dates: no clock, no file, no database.
///
/// - Tiers: a value is shown if the strictest of the tiers of its element, its category and its record is
///   not above the reader's. Where the element's mask says so, its masked form takes its place; otherwise
///   it is withheld. A record of which nothing could be shown is denied.
/// - Negative list: items are asked of every record and its child rows; true and unknown both close
///   (semantics.md §1, §12). They come last and can only close.
/// - Free text that is still shown to readers below restricted is cleaned (semantics.md §4).
package struct SharingPlan: Sendable {
  /// Bytes of the secret of hashes; a shorter one could be tried out.
  package static let minimumSecret = 16

  struct Item: Sendable {
    var action: NegativeAction
    var predicate: PredicatePlan
    var reason: Int
    /// Columns of the scope in the category.
    var columns: [Int]
    /// By child table, columns of the scope in the table.
    var childColumns: [[Int]]
  }

  struct Condition: Sendable {
    var predicate: PredicatePlan
    var tier: SharingTier
    var reason: Int
  }

  package let category: Category
  package let audience: Audience
  /// What the decisions' `reason` refers to.
  package let reasons: [SharingReason]
  let own: TablePlan
  /// By child table of the category.
  let children: [TablePlan]
  let items: [Item]
  let conditions: [Condition]
  let masks: [CompiledMask]
  let cleaner: FreeTextCleaner
  let freeTextReason: Int
  /// Decision of a record about which no condition says anything.
  let base: RowDecision
  private let calendar: WorkingDayCalendar

  /// - Parameter secret: Key of hashes, the same from night to night; at least ``minimumSecret`` bytes
  ///   where a mask needs it. Whoever knows it can tell values from their hashes.
  /// - Throws: ``SharingError``.
  package init(
    catalog: Catalog, category: Category, audience: Audience, secret: [UInt8]
  ) throws(SharingError) {
    guard let policy = catalog.sharing else {
      throw SharingError(.noPolicy, "the definitions have no sharing/, so nothing may be shared")
    }
    self.category = category
    self.audience = audience
    calendar = catalog.calendar
    var reasons = ReasonTable()
    let box = try MaskBox(policy, catalog, secret)
    masks = box.masks
    cleaner = try FreeTextCleaner(policy) { id throws(SharingError) in try box.mask(id) }
    own = TablePlan(
      category.elements, category, policy, audience, &reasons, mask: box.index)
    var tables: [TablePlan] = []
    for table in category.children {
      tables.append(
        TablePlan(table.elements, category, policy, audience, &reasons, mask: box.index))
    }
    children = tables
    let (own, children) = (own, children)
    conditions = try Self.conditions(policy, catalog, category, &reasons)
    items = try Self.items(policy, catalog, category, audience, &reasons, own, children)
    freeTextReason = reasons.index(.freeText)
    let isOpen = own.isOpen || children.contains(where: \.isOpen)
    let tier = policy.tier(ofCategory: category.id)
    base = RowDecision(
      isKept: isOpen, reason: reasons.index(SharingReason(category, tier: tier)), isUnknown: false)
    self.reasons = reasons.reasons
  }

  private static func conditions(
    _ policy: SharingPolicy, _ catalog: Catalog, _ category: Category,
    _ reasons: inout ReasonTable
  ) throws(SharingError) -> [Condition] {
    var result: [Condition] = []
    for condition in policy.tierConditions {
      let what = "tier condition \(condition.id)"
      guard let predicate = try PredicatePlan(condition.predicate, catalog, category, what) else {
        continue
      }
      result.append(
        Condition(
          predicate: predicate, tier: condition.tier,
          reason: reasons.index(SharingReason(condition))))
    }
    return result
  }

  private static func items(
    _ policy: SharingPolicy, _ catalog: Catalog, _ category: Category, _ audience: Audience,
    _ reasons: inout ReasonTable, _ own: TablePlan, _ children: [TablePlan]
  ) throws(SharingError) -> [Item] {
    var result: [Item] = []
    for item in policy.items where item.tiers.contains(audience.tier) {
      guard
        let predicate = try PredicatePlan(
          item.predicate, catalog, category, "negative item \(item.id)")
      else { continue }
      result.append(
        Item(
          action: item.action, predicate: predicate, reason: reasons.index(SharingReason(item)),
          columns: item.scope.compactMap(own.index),
          childColumns: children.map { item.scope.compactMap($0.index) }))
    }
    return result
  }

  /// Prepares the dates of a run.
  ///
  /// - Parameters:
  ///   - today: Days since 1970-01-01.
  ///   - now: Seconds since 1970-01-01T00:00:00, local time +08:00.
  package func context(today: Int, now: Int64) -> EvaluationContext {
    EvaluationContext(today: today, night: today, now: now, calendar: calendar)
  }

  /// Columns of which some value may leave; the others are left out of what is built.
  package var openColumns: [Int] {
    own.columns.indices.filter { own.columns[$0].base.outcome != .withheld }
  }

  /// As ``openColumns``, of a child table.
  package func openColumns(ofTable table: Int) -> [Int] {
    children[table].columns.indices.filter {
      children[table].columns[$0].base.outcome != .withheld
    }
  }

  /// The mask that a value of the category was put behind.
  ///
  /// - Parameters:
  ///   - table: Index of a child table; nil for the record itself.
  /// - Returns: nil for a value that is shown or withheld, and for free text, which has several.
  package func mask(of decision: CellDecision, table: Int? = nil, column: Int) -> Mask? {
    guard decision.outcome == .masked, decision.reason != freeTextReason else { return nil }
    let plan = table.map { children[$0] } ?? own
    return masks[plan.columns[column].mask].mask
  }
}

/// The masks of a policy, compiled once.
private struct MaskBox {
  private(set) var masks: [CompiledMask] = []
  private var indices: [String: Int] = [:]

  private static let blank = Mask(
    id: "blank", name: "置空", english: "nothing", kind: .blank, origin: "our choice")

  init(_ policy: SharingPolicy, _ catalog: Catalog, _ secret: [UInt8]) throws(SharingError) {
    let counties = CountyTree(
      policy.masks.contains { $0.kind == .county } ? catalog.divisions : [])
    // What has no mask of its own shows nothing.
    for mask in [Self.blank] + policy.masks {
      indices[mask.id] = masks.count
      masks.append(
        try CompiledMask(mask, policy: policy, counties: counties, secret: secret))
    }
  }

  func index(_ id: String?) -> Int { id.flatMap { indices[$0] } ?? 0 }

  func mask(_ id: String) throws(SharingError) -> CompiledMask {
    guard let index = indices[id] else {
      throw SharingError(.unknownMask, "the policy has no mask \(id)")
    }
    return masks[index]
  }
}
