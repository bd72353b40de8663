/// For which records something holds: a condition by category.
package struct RecordPredicate: Sendable {
  /// In the order of the file.
  package var categories: [String]
  /// Conditions by category. A category without one is meant with all its records.
  package var conditions: [String: Expression]

  package init(categories: [String], conditions: [String: Expression]) {
    self.categories = categories
    self.conditions = conditions
  }

  /// What is known of a category before its records are seen.
  package enum Reach: Sendable {
    case never
    case always
    case when(Expression)
  }

  package func reach(_ category: String) -> Reach {
    guard categories.contains(category) else { return .never }
    return conditions[category].map { .when($0) } ?? .always
  }
}

/// The lowest tier at which anything of a category may leave the warehouse.
package struct CategoryTier: Sendable {
  package var category: String
  package var tier: SharingTier
  package var origin: String

  package init(category: String, tier: SharingTier, origin: String) {
    self.category = category
    self.tier = tier
    self.origin = origin
  }
}

/// An element that is guarded more strictly in one category than elsewhere.
package struct ElementTier: Sendable {
  package var category: String
  package var element: String
  package var tier: SharingTier
  package var origin: String

  package init(category: String, element: String, tier: SharingTier, origin: String) {
    self.category = category
    self.element = element
    self.tier = tier
    self.origin = origin
  }
}

/// A tier of some records of a category. Where the condition is unknown, so is the tier, and an unknown
/// tier is ``SharingTier/restricted`` (design.md, D7).
package struct TierCondition: Sendable {
  package var id: String
  package var name: String
  package var english: String
  package var predicate: RecordPredicate
  package var tier: SharingTier
  package var origin: String

  package init(
    id: String, name: String, english: String, predicate: RecordPredicate, tier: SharingTier,
    origin: String
  ) {
    self.id = id
    self.name = name
    self.english = english
    self.predicate = predicate
    self.tier = tier
    self.origin = origin
  }
}

/// What becomes of a record or value that the negative list names.
package enum NegativeAction: String, Sendable, CaseIterable {
  /// The record and its child rows do not leave.
  case denyRecord = "deny_record"
  /// The values do not leave.
  case denyField = "deny_field"
  /// The values leave only behind the mask of their element.
  case maskField = "mask_field"
}

/// An item of 《行政执法数据共享负面清单》.
///
/// It holds where its condition is true *or unknown* (semantics.md §1), and outranks every tier, grant
/// and approval.
package struct NegativeItem: Sendable {
  package var id: String
  package var name: String
  package var english: String
  package var predicate: RecordPredicate
  /// Identifiers of the elements meant. Of ``NegativeAction/denyRecord`` it only documents
  /// (semantics.md §12).
  package var scope: [String]
  package var action: NegativeAction
  /// The readers it is kept from.
  package var tiers: Set<SharingTier>
  package var origin: String

  package init(
    id: String, name: String, english: String, predicate: RecordPredicate, scope: [String],
    action: NegativeAction, tiers: Set<SharingTier>, origin: String
  ) {
    self.id = id
    self.name = name
    self.english = english
    self.predicate = predicate
    self.scope = scope
    self.action = action
    self.tiers = tiers
    self.origin = origin
  }

  /// Whether it is kept from what a grant of a tier hands out.
  ///
  /// That goes to another department, whatever its tier: nothing that is kept from departments is in it.
  package func concernsGrant(of tier: SharingTier) -> Bool {
    tiers.contains(tier) || tiers.contains(min(tier, .shared))
  }
}

/// What `Pipelines/sharing` says: who may see what, and behind which mask.
package struct SharingPolicy: Sendable {
  package var categoryTiers: [CategoryTier] = []
  package var elementTiers: [ElementTier] = []
  package var tierConditions: [TierCondition] = []
  /// Number of items that the document says its list has.
  package var itemCount = 0
  package var items: [NegativeItem] = []
  package var masks: [Mask] = []
  package var assignments: [MaskAssignment] = []
  /// Surnames of more than one character.
  package var compoundSurnames: [String] = []
  package var freeText = FreeTextPolicy()
  /// Hash of what the files say, as hexadecimal digits; comments do not count. What was built with
  /// another one is built anew.
  package var contentHash = ""

  package init() {}

  package func mask(_ id: String) -> Mask? { masks.first { $0.id == id } }

  /// Tier of a whole category; one that is not named is restricted.
  package func tier(ofCategory id: String) -> SharingTier {
    categoryTiers.first { $0.category == id }?.tier ?? .restricted
  }

  /// Tier of an element in a category, without regard to the category's own.
  package func tier(of element: DataElement, in category: String) -> SharingTier {
    let own = elementTiers.first { $0.category == category && $0.element == element.identifier }
    return max(element.tier, own?.tier ?? .public)
  }

  /// The mask of an element: the one given to it by name, else by its check, else by its type.
  ///
  /// - Returns: nil if nothing is said; the value is then hidden altogether.
  package func assignment(for element: DataElement) -> MaskAssignment? {
    if let own = assignments.first(where: { $0.elements.contains(element.identifier) }) {
      return own
    }
    if case .check(let kind) = element.domain,
      let own = assignments.first(where: { $0.checks.contains(kind) })
    {
      return own
    }
    if element.codeList != nil { return nil }
    return assignments.first { $0.types.contains(element.type) }
  }
}
