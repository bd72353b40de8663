package import Access
package import Catalog
package import Sharing

/// The rule that decided about a value or a record, with where it comes from.
package struct DecidingRule: Sendable, Hashable {
  package var kind: String
  /// Identifier of the element, category, condition, item or grant.
  package var id: String
  package var name: String
  package var english: String
  package var origin: String
  /// Its condition was unknown, which closes as well (semantics.md §1).
  package var isUnknown: Bool

  /// - Parameter grant: The grant whose plan gave the reason; nil for a tier's.
  package init(
    _ reason: SharingReason, isUnknown: Bool, in category: Category, _ catalog: Catalog,
    grant: Grant?
  ) {
    kind = reason.kind.rawValue
    id = reason.id
    name = reason.name
    english = reason.english
    self.isUnknown = isUnknown
    origin = Self.origin(reason, category, catalog)
    if reason.kind == .grant, let grant { self = Self(grant) }
  }

  /// A grant that opens what its reader would not see without it.
  package init(_ grant: Grant) {
    kind = SharingReason.Kind.grant.rawValue
    id = grant.id
    name = "授权:\(grant.department)"
    english = "grant to \(grant.department)"
    origin = "\(grant.request.id), \(Moment.text(grant.granted))"
    isUnknown = false
  }

  private static func origin(
    _ reason: SharingReason, _ category: Category, _ catalog: Catalog
  ) -> String {
    let policy = catalog.sharing
    switch reason.kind {
    case .elementTier, .grant:
      let own = policy?.elementTiers.first {
        $0.category == category.id && $0.element == reason.id
      }
      return own?.origin ?? catalog.element(reason.id)?.origin ?? ""
    case .categoryTier:
      return policy?.categoryTiers.first { $0.category == reason.id }?.origin
        ?? "assumed: a category that sharing/tiers.yaml does not name is restricted"
    case .tierCondition: return policy?.tierConditions.first { $0.id == reason.id }?.origin ?? ""
    case .negativeItem: return policy?.items.first { $0.id == reason.id }?.origin ?? ""
    case .freeText: return "sharing/free-text.yaml"
    }
  }
}
