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

  /// Raised with every change of the program that may change what is decided about a record or how a masked
  /// form is written: what was decided before is then decided anew.
  package static let version = 2

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
  /// Elements that conditions and items read.
  private let predicateElements: Set<String>
  private let calendar: WorkingDayCalendar

  /// - Parameter secret: Key of hashes, the same from night to night; at least ``minimumSecret`` bytes
  ///   where a mask needs it. Whoever knows it can tell values from their hashes.
  /// - Throws: ``SharingError``.
  package init(
    catalog: Catalog, category: Category, audience: Audience, secret: [UInt8]
  ) throws(SharingError) {
    try self.init(try SharingKit(catalog: catalog, secret: secret), category, audience)
  }

  /// - Throws: ``SharingError``.
  package init(
    _ kit: SharingKit, _ category: Category, _ audience: Audience
  ) throws(SharingError) {
    let (catalog, policy, box) = (kit.catalog, kit.policy, kit.box)
    self.category = category
    self.audience = audience
    calendar = catalog.calendar
    var reasons = ReasonTable()
    masks = box.masks
    cleaner = kit.cleaner
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
    predicateElements = Self.predicateElements(policy, category, audience)
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
    for item in policy.items where audience.isConcerned(by: item) {
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

  private static func predicateElements(
    _ policy: SharingPolicy, _ category: Category, _ audience: Audience
  ) -> Set<String> {
    let predicates =
      policy.tierConditions.map(\.predicate)
      + policy.items.filter(audience.isConcerned).map(\.predicate)
    var result: Set<String> = []
    for predicate in predicates {
      guard case .when(let expression) = predicate.reach(category.id) else { continue }
      result.formUnion(expression.elementNames)
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

  /// Whether a record of the category can leave at all.
  package var isOpen: Bool { base.isKept }

  /// Columns whose values leave as they are with every record that leaves, whatever it says; decisions
  /// about them need not be asked for.
  package var settledColumns: Set<Int> {
    Set(own.columns.indices.filter { isSettled($0) })
  }

  /// Whether every record of the category leaves, whatever it says.
  package var keepsEveryRecord: Bool {
    base.isKept && conditions.isEmpty && !items.contains { $0.action == .denyRecord }
  }

  private func isSettled(_ column: Int) -> Bool {
    let plan = own.columns[column]
    guard plan.base.outcome == .shown, !plan.isCleaned else { return false }
    // With grants, the tier of a record closes values and not the record.
    guard audience.granted.isEmpty || plan.isGranted || conditions.isEmpty else { return false }
    return !items.contains { $0.action != .denyRecord && $0.columns.contains(column) }
  }

  private var isAnyCleaned: Bool {
    ([own] + children).contains { $0.columns.contains(where: \.isCleaned) }
  }

  /// Columns that ``decide(_:rows:context:scratch:into:)`` must be given for it to decide about all but
  /// the ``settledColumns``.
  package var neededColumns: [Int] {
    let settled = settledColumns
    let open = Set(openColumns).subtracting(settled)
    return own.columns.indices.filter { open.contains($0) || isRead(own.columns[$0]) }
  }

  /// As ``neededColumns``, of a child table.
  package func neededColumns(ofTable table: Int) -> [Int] {
    let open = Set(openColumns(ofTable: table))
    let columns = children[table].columns
    return columns.indices.filter { open.contains($0) || isRead(columns[$0]) }
  }

  private func isRead(_ column: TablePlan.Column) -> Bool {
    predicateElements.contains(column.element.identifier) || (column.isName && isAnyCleaned)
  }

  /// The mask that values of an element are put behind.
  package func mask(ofColumn column: Int, table: Int? = nil) -> Mask {
    masks[(table.map { children[$0] } ?? own).columns[column].mask].mask
  }

  /// What becomes of the values of an element that may leave, for those who read them; empty where all are
  /// as they were.
  package func treatment(ofColumn column: Int, table: Int? = nil) -> String {
    let plan = (table.map { children[$0] } ?? own).columns[column]
    let mask = masks[plan.mask].mask.name
    if plan.base.outcome == .masked { return mask }
    let closing = items.filter {
      $0.action != .denyRecord
        && scope(of: $0, table).contains(column)
    }.map { "\(reasons[$0.reason].id)\($0.action == .denyField ? "不提供" : mask)" }
    return (closing + (plan.isCleaned ? [SharingReason.freeText.name] : []))
      .joined(separator: ";")
  }

  private func scope(of item: Item, _ table: Int?) -> [Int] {
    table.map { item.childColumns[$0] } ?? item.columns
  }

  /// The mask that a value of the category was put behind.
  ///
  /// - Parameters:
  ///   - table: Index of a child table; nil for the record itself.
  /// - Returns: nil for a value that is shown or withheld, and for free text, which has several.
  package func mask(of decision: CellDecision, table: Int? = nil, column: Int) -> Mask? {
    guard decision.outcome == .masked, decision.reason != freeTextReason else { return nil }
    return mask(ofColumn: column, table: table)
  }
}

/// What the plans of all categories and audiences have in common, compiled once.
package struct SharingKit: Sendable {
  let catalog: Catalog
  let policy: SharingPolicy
  /// Tells one secret from another and says nothing about it.
  package let secretMark: String
  let cleaner: FreeTextCleaner
  fileprivate let box: MaskBox

  /// - Parameter secret: As of ``SharingPlan/init(catalog:category:audience:secret:)``.
  /// - Throws: ``SharingError``.
  package init(catalog: Catalog, secret: [UInt8]) throws(SharingError) {
    guard let policy = catalog.sharing else {
      throw SharingError(.noPolicy, "the definitions have no sharing/, so nothing may be shared")
    }
    self.catalog = catalog
    self.policy = policy
    secretMark = CompiledMask.mark(of: secret)
    let box = try MaskBox(policy, catalog, secret)
    self.box = box
    cleaner = try FreeTextCleaner(policy) { id throws(SharingError) in try box.mask(id) }
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
