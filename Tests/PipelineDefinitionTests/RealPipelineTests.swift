import Catalog
import Foundation
import Records
import Testing
import Validation

@testable import PipelineDefinition

/// The definitions that the product ships with.
@Suite struct RealPipelineTests {
  private static func count(_ folder: String) -> Int {
    let path = "\(Repository.pipelines)/\(folder)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.count { $0.hasSuffix(".yaml") }
  }

  /// Adapters are added system by system; until all are there, the systems without one are noted.
  static let hasAllAdapters = count("sources") >= 12

  private static let result = PipelineFolder.load(
    Repository.pipelines, knownChecks: Set(IdentifierKind.allCases.map(\.rawValue)),
    patternProblem: { source in
      do {
        _ = try Pattern(source)
        return nil
      } catch {
        return "\(error)"
      }
    })

  private func catalog() throws -> Catalog {
    try #require(Self.result.catalog, "\(Self.result.errors.prefix(20))")
  }

  @Test func `the folder has no problems`() {
    #expect(Self.result.problems.filter { $0.code != .unusedSystem } == [])
    #expect(Self.result.uncoveredRules == [])
    #expect(Self.result.uncoveredIssues == [.q15])
  }

  @Test
  func `every authority rule has a case that it resolves and one that its owner leaves alone`()
    throws
  {
    let cases = Self.result.workedCases.flatMap(\.authority)
    let rules = try catalog().authority.rules
    #expect(rules.count == 23)
    for rule in rules {
      #expect(cases.contains { $0.resolves(rule.id) }, "\(rule.id)")
      #expect(cases.contains { $0.leavesAlone(rule) }, "\(rule.id)")
    }
  }

  @Test(.enabled(if: hasAllAdapters, "not all adapters are written"))
  func `every system has an adapter`() throws {
    #expect(Self.result.problems == [])
    #expect(try catalog().adapters.map(\.system) == (try catalog().systems.map(\.id)))
  }

  @Test func `the numbers are those of the plan`() throws {
    let catalog = try catalog()
    #expect(catalog.systems.count == 12)
    #expect(catalog.categories.count == 18)
    #expect(catalog.groups.count == 3)
    #expect(Set(catalog.categories.map(\.group)).count == 3)
    #expect(catalog.elements.count == 327)
    #expect(catalog.elementGroups.count == 20)
    #expect(catalog.codeLists.count == 73)
    #expect(catalog.codeLists.map(\.values.count).reduce(0, +) == 530)
    #expect(catalog.categories.map(\.elements.count).reduce(0, +) == 621)
    #expect(catalog.rules.count == 62)
    #expect(catalog.issueTypes.count == 21)
    #expect(catalog.authority.rules.count == 23)
    #expect(catalog.authority.entities.count == 20)
  }

  @Test func `every category is delivered and every system delivers`() throws {
    let catalog = try catalog()
    let delivering = Set(catalog.categories.flatMap(\.deliveredBy))
    #expect(delivering == Set(catalog.systems.map(\.id)))
    #expect(catalog.categories.allSatisfy { !$0.deliveredBy.isEmpty })
  }

  @Test func `penalties have nine types and fifty labels`() throws {
    let list = try #require(try catalog().codeList("CL42"))
    #expect(list.values.count == 9)
    var labels = Set(list.values.flatMap { [$0.label] + $0.synonyms })
    labels.formUnion(list.aliases.map(\.label))
    labels.formUnion(list.undecidable.map(\.label))
    // Two official labels join several kinds; nobody writes them out.
    let joined = list.values.filter { ["06", "07"].contains($0.code) }.map(\.label)
    #expect(labels.subtracting(joined).count == 50)
  }

  @Test func `three years have their working days`() throws {
    let calendar = try catalog().calendar
    #expect(calendar.years == [2024, 2025, 2026])
    for (year, days) in [(2024, 251), (2025, 248), (2026, 248)] {
      let start = try #require(CivilDate(year: year, month: 1, day: 1)).dayNumber
      let end = try #require(CivilDate(year: year, month: 12, day: 31)).dayNumber
      let first = calendar.isWorkingDay(start) == true ? 1 : 0
      #expect(calendar.workingDays(from: start, to: end).map { $0 + first } == days)
    }
  }

  @Test func `exports can be made of everything`() throws {
    let catalog = try catalog()
    #expect(CatalogExport.markdown(catalog).utf8.count > 100_000)
    #expect(CatalogExport.csv(catalog).utf8.count { $0 == UInt8(ascii: "\n") } >= 328)
    for category in catalog.categories {
      for text in [
        CatalogExport.jsonSchema(category, in: catalog),
        CatalogExport.tableSchema(category, in: catalog),
      ] {
        _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
      }
    }
  }
}
