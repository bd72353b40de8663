package import Catalog

/// Who asks.
package struct Audience: Sendable, Hashable {
  /// What the reader may see.
  package var tier: SharingTier
  /// Elements that a grant shows although their tier is higher. The negative list outranks it.
  package var granted: Set<String>

  package init(tier: SharingTier, granted: Set<String> = []) {
    self.tier = tier
    self.granted = granted
  }

  /// Whether what the reader gets leaves the house. A grant of the restricted tier opens elements of that tier
  /// and makes nobody a reader of the whole warehouse.
  var isOutside: Bool { tier < .restricted || !granted.isEmpty }

  /// Whether an item of the negative list is kept from the reader.
  func isConcerned(by item: NegativeItem) -> Bool {
    granted.isEmpty ? item.tiers.contains(tier) : item.concernsGrant(of: tier)
  }
}

/// Why a policy cannot be compiled.
package struct SharingError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The pipeline folder has no `sharing/`; nothing may leave.
    case noPolicy = "no-policy"
    /// A condition cannot be compiled, which the linter would have said.
    case condition
    /// A mask that the policy does not define.
    case unknownMask = "unknown-mask"
    /// A hash needs a secret of at least ``SharingPlan/minimumSecret`` bytes.
    case secretMissing = "secret-missing"
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "\(code.rawValue): \(message)" }
}
