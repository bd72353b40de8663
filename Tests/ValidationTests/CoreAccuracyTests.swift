import Records
import TestSupport
import Testing

@testable import Catalog
@testable import Validation

/// What core accuracy looks at when records are read back (semantics.md §2).
@Suite struct CoreAccuracyTests {
  @Test func `the checks of core elements are those of the whole category`() throws {
    let catalog = try TestPipeline.real.get().catalog
    var found = 0
    for category in catalog.categories {
      let domains = catalog.coreDomains.filter { $0.records[category.id] != nil }.map(\.domain)
      let core = Set(
        category.elements.map(\.element).filter { !$0.core.isDisjoint(with: domains) }
          .map(\.identifier))
      guard let (reducedCatalog, reduced) = catalog.coreOnly(category) else {
        #expect(core.isEmpty, "\(category.id)")
        continue
      }
      found += 1
      func checks(_ catalog: Catalog, _ category: Category) throws -> [String] {
        try CategoryValidator(catalog: catalog, category: category, system: "SAM").descriptions
          .filter { $0.isElementAccuracy && core.contains($0.element ?? "") }
          .map { "\($0.rule) \($0.issue) \($0.severity)" }.sorted()
      }
      #expect(try checks(reducedCatalog, reduced) == checks(catalog, category), "\(category.id)")
      #expect(reduced.elements.count < category.elements.count, "\(category.id)")
    }
    #expect(found > 10)
  }

  @Test func `what a check reads beside its element is there`() throws {
    let catalog = try TestPipeline.real.get().catalog
    func names(_ id: String) throws -> Set<String> {
      let category = try #require(catalog.category(id))
      return Set(
        try #require(catalog.coreOnly(category)).category.elements.map(\.element.identifier))
    }
    #expect(try names("PEN").isSuperset(of: ["violation_code", "enforcement_field_code", "uscc"]))
    #expect(try !names("PEN").contains("agency_name"))
    #expect(try names("LIC").contains("licence_type_code"))
  }

  @Test func `relations between values are no matter of core accuracy`() throws {
    let catalog = try TestPipeline.real.get().catalog
    for category in catalog.categories {
      let validator = try CategoryValidator(catalog: catalog, category: category, system: "SAM")
      let issues = Set(validator.descriptions.filter(\.isElementAccuracy).map(\.issue))
      #expect(issues.isSubset(of: [.q21, .q23, .q24, .q27, .q28, .q29]), "\(category.id)")
    }
  }
}
