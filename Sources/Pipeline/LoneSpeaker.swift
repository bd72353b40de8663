package import Catalog
import Reconciliation
import Records
package import Warehouse

/// A record that nobody else's stand beside. Most are, so what rules say of them is not stored with each.
package struct LoneSpeaker {
  /// A rule that holds for the record, and what its system is to it.
  package struct Decision: Sendable {
    package var rule: AuthorityRule
    /// `owner`, `fallback` or `unowned`.
    package var basis: String
  }

  private let catalog: Catalog
  private let configuration: RunConfiguration
  private let homes: AgencyHomes

  /// - Parameter mentions: Which systems' records name which agencies (`GoldenStore`).
  package init(
    _ catalog: Catalog, _ configuration: RunConfiguration, mentions: [AgencyMention]
  ) {
    self.catalog = catalog
    self.configuration = configuration
    homes = AgencyHomes(catalog.authority, catalog, mentions)
  }

  /// - Parameters:
  ///   - values: As text, by element of the entity's category.
  ///   - night: Days since 1970-01-01.
  /// - Returns: In the order of the rules.
  package func decisions(
    _ entity: GoldenEntity, system: String, values: [String: String], night: Int
  ) throws -> [Decision] {
    guard let category = catalog.category(entity.category) else { return [] }
    let moment = RunMoment(night: night, today: night, now: Int64(night) * 86_400 + 7200)
    let rules = try GoldenRules(catalog, entity, category, moment, configuration)
    let chunk = CaseJudge(catalog, configuration).standardized([values], category, "")
    let (members, _) = rules.members(
      chunk, systems: [system], places: [.record], home: { homes.system(of: $0) })
    return rules.composer.compose([0], of: members).decisions.map {
      Decision(rule: rules.composer.rules[$0.rule], basis: $0.basis.rawValue)
    }
  }
}
