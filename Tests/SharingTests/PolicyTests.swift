import PipelineDefinition
import Records
import SharingWitness
import TestSupport
import Testing

@testable import Catalog
@testable import Sharing

/// The policy of the product against what the documents demand.
@Suite struct PolicyTests {
  /// Identifier, categories, action and readers of the 21 items, as the draft of the list has them.
  private static let list = """
    NL01 CMP deny_record public+shared
    NL02 RND deny_record all
    NL03 CAS;INS;EVD;TRF;PEN;COE;REC;CMP;OPN deny_record all
    NL04 CMP mask_field public+shared
    NL05 CMP mask_field public+shared
    NL06 PEN;CAS;VIO deny_record public+shared
    NL07 CAS;PEN;COE;VIO;LIC;INS;REC;TRF;REV mask_field public+shared
    NL08 ENT mask_field public+shared
    NL09 AGO mask_field public+shared
    NL10 RND deny_record public+shared
    NL11 RND mask_field public+shared
    NL12 CAS mask_field public+shared
    NL13 CAS deny_record public
    NL14 TRF deny_record public+shared
    NL15 TRF deny_record public+shared
    NL16 PEN deny_record public
    NL17 PEN deny_record public
    NL18 FAC mask_field public+shared
    NL19 EVD deny_field public+shared
    NL20 PEN deny_record public+shared
    NL21 CMP mask_field public+shared
    """

  private static let workedCases =
    (try? TestPipeline.real.get()).map { PipelineFolder.load($0.path).workedCases } ?? []

  @Test func `the negative list has its 21 items`() throws {
    let policy = try #require(try SharingFixture.catalog().sharing)
    let found = policy.items.map { item in
      let tiers = SharingTier.allCases.filter(item.tiers.contains).map(\.rawValue)
      let readers = tiers.count == 3 ? "all" : tiers.joined(separator: "+")
      let categories = item.predicate.categories.joined(separator: ";")
      return "\(item.id) \(categories) \(item.action.rawValue) \(readers)"
    }
    #expect(policy.items.count == 21)
    #expect(policy.itemCount == 21)
    #expect(found.joined(separator: "\n") == Self.list)
  }

  @Test func `every element and every category has a tier`() throws {
    let catalog = try SharingFixture.catalog()
    let policy = try #require(catalog.sharing)
    let counts = SharingTier.allCases.map { tier in catalog.elements.count { $0.tier == tier } }
    #expect(counts == [121, 179, 27])
    #expect(Set(policy.categoryTiers.map(\.category)) == Set(catalog.categories.map(\.id)))
    // What nobody has named is closed.
    #expect(policy.tier(ofCategory: "XXX") == .restricted)
  }

  @Test func `every element that holds a name is looked for in free text`() throws {
    let catalog = try SharingFixture.catalog()
    let policy = try #require(catalog.sharing)
    let names = catalog.elements.filter(\.isName).map(\.identifier)
    #expect(Set(names) == Set(policy.freeText.names))
  }

  @Test func `items without a condition name only restricted elements`() throws {
    let catalog = try SharingFixture.catalog()
    for item in try #require(catalog.sharing).items where item.predicate.conditions.isEmpty {
      for name in item.scope { #expect(catalog.element(name)?.tier == .restricted, "\(item.id)") }
    }
  }

  @Test func `without a policy nothing can be compiled`() throws {
    var catalog = try SharingFixture.catalog()
    catalog.sharing = nil
    #expect {
      _ = try SharingFixture.plan("PEN", .public, catalog)
    } throws: {
      ($0 as? SharingError)?.code == .noPolicy
    }
  }

  /// Each item keeps something back that nothing else does: without it, a worked case lets it out.
  @Test(arguments: (1...21).map { $0 < 10 ? "NL0\($0)" : "NL\($0)" })
  func `an item that is switched off lets out what it kept`(id: String) throws {
    let catalog = try SharingFixture.catalog()
    var without = catalog
    without.sharing?.items.removeAll { $0.id == id }
    var opened = 0
    for file in Self.workedCases {
      for example in file.sharing where example.covers.contains(id) {
        opened += try Self.openness(example, file, without) - Self.openness(example, file, catalog)
      }
    }
    #expect(opened > 0)
  }

  /// Number of values that leave whole.
  private static func openness(
    _ example: SharingCase, _ file: WorkedCaseFile, _ catalog: Catalog
  ) throws -> Int {
    let plan = try SharingFixture.plan(
      example.category, example.audience, granted: Set(example.granted), catalog)
    let record = file.record(example.given, category: example.category)
    let group = TestGroup(
      record: record.mapValues(TestValue.text),
      rows: example.rows.mapValues { rows in
        rows.map { $0.compactMapValues { $0 }.mapValues(TestValue.text) }
      })
    let (_, _, decisions) = SharingFixture.decide([group], plan, catalog)
    guard decisions.rows[0].isKept else { return 0 }
    return decisions.columns.count { $0.cell(0).outcome == .shown }
  }
}
