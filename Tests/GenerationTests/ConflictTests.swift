import Catalog
import Foundation
import Testing

@testable import Generation

/// What one system says otherwise than the owner of the fact.
@Suite struct ConflictTests {
  private static func rules() throws -> [AuthorityRule] {
    try #require(GeneratedSet.catalog).authority.rules
  }

  /// The witness has a table of its own; both say the same.
  @Test func `the generator knows the same owners and elements as the definitions`() throws {
    let catalog = try #require(GeneratedSet.catalog)
    let known = Kind.allCases.flatMap { Ownership.rules($0) }
    #expect(known.count == 23)
    for rule in try Self.rules() {
      let own = try #require(known.first { $0.rule == rule.id })
      let entity = try #require(catalog.authority.entity(rule.entity))
      #expect(own.kind.id == entity.category)
      #expect(own.fields.map(\.identifier).sorted() == rule.elements.sorted(), "\(rule.id)")
      #expect(own.key.map(\.identifier) == entity.matchKey, "\(rule.id)")
      switch (rule.owner, own.owner) {
      case (.system(let code), .bureau(let bureau)): #expect(code == bureau.id)
      case (.first, .first): #expect(rule.id == "AR23")
      case (.homeOfAgency, .home): #expect(["AR20", "AR21", "AR22"].contains(rule.id))
      // Whom others repeat here is the police itself.
      case (.system("MPS"), .home): #expect(["AR14", "AR15"].contains(rule.id))
      default: Issue.record("\(rule.id): \(rule.owner), \(own.owner)")
      }
    }
  }

  @Test(arguments: [3 as UInt64])
  func `each rule is contradicted, and the truth says by whom`(seed: UInt64) throws {
    // A week, so that the offices of Saturday and Sunday come too.
    let set = try GeneratedSet(records: 8000, nights: 7, seed: seed, faults: 0.03)
    let rules = Dictionary(
      uniqueKeysWithValues: try Self.rules().map { ($0.id, $0.elements) })
    let links = try set.links().filter { $0.code == "Q34" && $0.rule.hasPrefix("AR") }
    #expect(Set(links.map(\.rule)) == Set(rules.keys))
    for link in links {
      #expect(rules[link.rule]?.contains(link.element ?? "") == true, "\(link)")
      #expect(link.severity == "note")
    }
    func line(_ night: Int, _ system: String, _ category: String, _ record: String) -> String {
      "\(night) \(system) \(category) \(record)"
    }
    let standing = Set(
      links.map { "\(line($0.night, $0.system, $0.category, $0.record_id)) \($0.rule)" })
    var planted = 0
    for truth in try set.truth() {
      for finding in truth.between ?? [] where finding.rule.hasPrefix("AR") {
        planted += 1
        let place = line(truth.night, truth.system, truth.category, truth.record_id)
        #expect(standing.contains("\(place) \(finding.rule)"), "\(truth)")
        // Nobody sees it in the record alone.
        #expect(truth.expect.isEmpty)
      }
    }
    #expect(planted > 60)
  }

  @Test func `a fine is told a night before its owner says it, and differs from then on`() throws {
    let set = try GeneratedSet(records: 4000, nights: 2, seed: 3, faults: 0.05)
    let rumours = try set.truth().filter { $0.fault == "other-fine-before-owner" }
    #expect(!rumours.isEmpty)
    let links = try set.links()
    for rumour in rumours {
      #expect(rumour.night == 1 && rumour.expect.isEmpty)
      let own = links.filter {
        $0.system == rumour.system && $0.category == "PEN" && $0.record_id == rumour.record_id
      }
      #expect(!own.contains { $0.night == 1 && $0.rule == "AR20" }, "\(rumour)")
    }
    let known = Set(rumours.map { "\($0.system) \($0.record_id)" })
    let late = links.filter { $0.night == 2 && $0.category == "PEN" }
      .filter { known.contains("\($0.system) \($0.record_id)") }
    #expect(late.contains { $0.rule == "AR20" && $0.element == "fine_amount" })
    #expect(late.contains { $0.rule == "CR53" && $0.severity == "return" })
    // In one night nobody comes late.
    let one = try GeneratedSet(records: 4000, nights: 1, seed: 3, faults: 0.05)
    #expect(try !one.truth().contains { $0.fault == "other-fine-before-owner" })
  }

  @Test func `a conflict lasts until the record is corrected`() throws {
    let set = try GeneratedSet(records: 4000, nights: 6, seed: 5, faults: 0.05)
    let links = try set.links().filter { $0.code == "Q34" && $0.rule.hasPrefix("AR") }
    let nights = Dictionary(grouping: links) { "\($0.system) \($0.category) \($0.record_id)" }
      .mapValues { Set($0.map(\.night)) }
    #expect(nights.values.contains { $0.count == 6 })
    #expect(nights.values.contains { $0.min() == 1 && $0.count < 6 })
    #expect(nights.values.contains { ($0.min() ?? 1) > 1 })
  }

  @Test func `a name differs for the rule of the register and for the owner`() throws {
    let set = try GeneratedSet(records: 30_000, nights: 1, seed: 6, faults: 0.2)
    let links = try set.links().filter { $0.category == "ENT" }
    var found = 0
    for (rule, element) in [
      ("CR51", "subject_name"), ("CR52", "registration_status_code"),
    ] {
      let records = Set(links.filter { $0.rule == rule }.map { $0.system + $0.record_id })
      found += records.count
      let conflicts = links.filter { $0.rule == "AR01" && $0.element == element }
      #expect(records == Set(conflicts.map { $0.system + $0.record_id }), "\(rule)")
    }
    #expect(found > 0)
  }

  @Test func `echoes and what they repeat find each other`() throws {
    let population = Population(records: 9000, nights: 5)
    let city = City(seed: 8, start: GeneratedSet.start, population: population)
    var found = 0
    for bureau in Bureau.allCases {
      for kind in Kind.allCases {
        let own = city.seen(by: bureau)
        for echo in own.echoes(kind, turn: 5) {
          guard let origin = own.origin(ofEcho: echo, kind) else { continue }
          found += 1
          let echoes = city.seen(by: origin.bureau).echoes(of: origin.index, kind)
          #expect(echoes.contains(RecordPlace(bureau: bureau, index: echo)))
        }
      }
    }
    #expect(found > 150)
    let alone = City(
      seed: 8, start: GeneratedSet.start, population: population, hasEchoes: false)
    #expect(alone.seen(by: .sam).echoes(.lic, turn: 5).isEmpty)
  }

  @Test func `what rows inside records say is known to the definitions, and is contradicted`()
    throws
  {
    let catalog = try #require(GeneratedSet.catalog)
    let known = Kind.allCases.flatMap { Ownership.rules(ofRowsIn: $0) }
    #expect(known.map(\.rule) == ["AR14"])
    for own in known {
      let rule = try #require(Self.rules().first { $0.id == own.rule })
      let entity = try #require(catalog.authority.entity(rule.entity))
      #expect(own.ownerKind.id == entity.category)
      let rows = try #require(entity.childRows.first { $0.category == own.kind.id })
      let holder = try #require(catalog.category(rows.category))
      let said = rule.elements.filter { element in
        if case .row = rows.source(of: element, in: entity, holder) { true } else { false }
      }
      #expect(own.fields.map(\.identifier).sorted() == said.sorted())
      #expect(own.key.map(\.identifier) == entity.matchKey)
    }
    let set = try GeneratedSet(records: 6000, nights: 2, seed: 3, faults: 0.05)
    let links = try set.links().filter { $0.rule == "AR14" && $0.category == "PEN" }
    #expect(!links.isEmpty)
    #expect(links.allSatisfy { $0.system == "URB" && $0.element == "person_name" })
  }

  @Test func `nobody is the second party to a case and a party to another`() throws {
    let city = City(
      seed: 8, start: GeneratedSet.start, population: Population(records: 9000, nights: 5))
    var seen: Set<String> = []
    for bureau in Bureau.allCases {
      let own = city.seen(by: bureau)
      for index in 0..<2000 {
        #expect(seen.insert(own.person(index).residentID).inserted)
        if index % 7 == 3 { #expect(seen.insert(own.companion(index).residentID).inserted) }
      }
    }
  }

  @Test func `no two cases have one person or one vehicle`() throws {
    let request = GenerationRequest(
      records: 150_000, nights: 1, seed: 9, faultRate: 0, category: nil, start: GeneratedSet.start)
    let catalog = try #require(GeneratedSet.catalog)
    let generator = try #require(Generator(request, catalog))
    var persons: Set<String> = []
    var vehicles: Set<String> = []
    for bureau in Bureau.allCases {
      for record in generator.records(bureau, .cas) {
        if let number = record["person_id_no"] { #expect(persons.insert(number).inserted) }
        if let plate = record["vehicle_plate_no"] { #expect(vehicles.insert(plate).inserted) }
      }
    }
    #expect(persons.count > 3000 && vehicles.count > 1000)
  }
}
