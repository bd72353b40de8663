import Catalog
import Records

/// The reasons of a plan, each once.
struct ReasonTable {
  private(set) var reasons: [SharingReason] = []

  mutating func index(_ reason: SharingReason) -> Int {
    if let index = reasons.firstIndex(of: reason) { return index }
    reasons.append(reason)
    return reasons.count - 1
  }
}

/// What is known about the columns of a category or child table before any record is seen.
struct TablePlan: Sendable {
  struct Column: Sendable {
    var element: DataElement
    /// By the tiers alone.
    var base: CellDecision
    /// Index of the element's mask in the plan's.
    var mask: Int
    /// A grant shows it, whatever the tiers say.
    var isGranted: Bool
    /// Numbers and names in it are masked.
    var isCleaned: Bool
    /// Its values are names that are looked for in free text.
    var isName: Bool
  }

  var columns: [Column]
  /// Columns whose values are names.
  let nameColumns: [Int]

  init(
    _ elements: [CategoryElement], _ category: Category, _ policy: SharingPolicy,
    _ audience: Audience, _ reasons: inout ReasonTable, mask: (String?) -> Int
  ) {
    columns = elements.map { entry in
      let element = entry.element
      let assignment = policy.assignment(for: element)
      let isCleaned =
        audience.isOutside
        && policy.freeText.elements.contains(element.identifier)
      return Column(
        element: element,
        base: Self.base(element, assignment, category, policy, audience, &reasons),
        mask: mask(assignment?.mask),
        isGranted: audience.granted.contains(element.identifier), isCleaned: isCleaned,
        isName: policy.freeText.names.contains(element.identifier))
    }
    nameColumns = elements.indices.filter {
      policy.freeText.names.contains(elements[$0].element.identifier)
    }
  }

  /// The strictest of the element's tier and the category's against the reader's.
  private static func base(
    _ element: DataElement, _ assignment: MaskAssignment?, _ category: Category,
    _ policy: SharingPolicy, _ audience: Audience, _ reasons: inout ReasonTable
  ) -> CellDecision {
    let own = policy.tier(of: element, in: category.id)
    let whole = policy.tier(ofCategory: category.id)
    let ofElement = SharingReason(
      kind: .elementTier, id: element.identifier, name: element.name, english: element.english,
      tier: own)
    let reason = whole > own ? SharingReason(category, tier: whole) : ofElement
    if max(own, whole) <= audience.tier {
      return CellDecision(outcome: .shown, reason: reasons.index(reason))
    }
    if audience.granted.contains(element.identifier) {
      var grant = ofElement
      grant.kind = .grant
      return CellDecision(outcome: .shown, reason: reasons.index(grant))
    }
    // The masked form may leave where the value may not; the category still holds it back.
    if let release = assignment?.release, max(release, whole) <= audience.tier {
      return CellDecision(outcome: .masked, reason: reasons.index(ofElement))
    }
    return CellDecision(outcome: .withheld, reason: reasons.index(reason))
  }

  func index(of identifier: String) -> Int? {
    columns.firstIndex { $0.element.identifier == identifier }
  }

  var isOpen: Bool { columns.contains { $0.base.outcome != .withheld } }
}

extension SharingReason {
  init(_ category: Category, tier: SharingTier) {
    self.init(
      kind: .categoryTier, id: category.id, name: category.name, english: category.english,
      tier: tier)
  }

  init(_ condition: TierCondition) {
    self.init(
      kind: .tierCondition, id: condition.id, name: condition.name, english: condition.english,
      tier: condition.tier)
  }

  init(_ item: NegativeItem) {
    self.init(kind: .negativeItem, id: item.id, name: item.name, english: item.english, tier: nil)
  }

  static let freeText = SharingReason(
    kind: .freeText, id: "free-text", name: "自由文本脱敏", english: "free text is cleaned", tier: nil)
}
