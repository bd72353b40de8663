import Catalog
import Pipeline
import TestSupport
import Testing
import Warehouse

@Suite("Rules for a record that speaks alone")
struct LoneSpeakerTests {
  private static let agency = "11510104MB0000027D"

  /// System, entity, what differs from the base record of its category, and rule and basis of each decision.
  @Test(
    arguments: [
      ("SAM", "ENT", [:], ["AR01 owner"]), ("MEE", "ENT", [:], ["AR01 unowned"]),
      ("SAM", "ENT", ["uscc": "12510104450012345X"], []),
      ("NHC", "LIC", ["licence_type_code": "01"], ["AR04 fallback"]),
      ("MEE", "LIC", ["licence_type_code": "07"], ["AR07 owner"]),
      ("SAM", "LIC", ["licence_type_code": "07"], ["AR07 unowned"]),
      ("URB", "PEN", ["agency_uscc": agency], ["AR20 owner"]),
      ("SAM", "PEN", ["agency_uscc": agency], ["AR20 unowned"]),
      ("NHC", "CMP", [:], ["AR23 owner"]),
      ("MPS", "PERSON", ["person_name": "张三"], ["AR14 owner"]),
      ("URB", "PERSON", ["person_name": "张三", "agency_uscc": agency], ["AR14 fallback"]),
      ("HUD", "PERSON", ["person_name": "张三", "agency_uscc": agency], ["AR14 unowned"]),
    ] as [(String, String, [String: String], [String])])
  func `a system is owner, fallback or nobody`(
    _ system: String, _ name: String, _ more: [String: String], _ expected: [String]
  ) throws {
    let pipeline = try TestPipeline.real.get()
    let catalog = pipeline.catalog
    let entity = try #require(catalog.authority.entity(name))
    let speaker = LoneSpeaker(
      catalog, RunConfiguration(),
      mentions: [AgencyMention(agency: Self.agency, system: "URB", recordCount: 1)])
    let base = pipeline.base[entity.category] ?? [:]
    let found = try speaker.decisions(
      entity, system: system, values: base.merging(more) { $1 }, night: 20_500)
    #expect(found.map { "\($0.rule.id) \($0.basis)" } == expected)
  }
}
