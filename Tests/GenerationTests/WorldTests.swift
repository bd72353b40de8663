import Generation
import Testing

/// The invented city holds together: what the rules between records ask for is there.
@Suite struct WorldTests {
  private static func generator(records: Int, seed: UInt64) throws -> Generator {
    let request = GenerationRequest(
      records: records, nights: 3, seed: seed, faultRate: 0, category: nil,
      start: GeneratedSet.start)
    let catalog = try #require(GeneratedSet.catalog)
    return try #require(Generator(request, catalog))
  }

  /// All records of a category, of all systems that come every night or of all that do not.
  private static func all(_ generator: Generator, _ kind: Kind, weekly: Bool? = nil)
    -> [GeneratedRecord]
  {
    Bureau.allCases.filter { bureau in
      weekly.map { $0 == (bureau == .mnr || bureau == .ara) } ?? true
    }.flatMap { generator.records($0, kind) }
  }

  private static func key(_ record: GeneratedRecord, _ identifiers: String...) -> String {
    record.bureau.id + "|" + identifiers.map { record[$0] ?? "?" }.joined(separator: "|")
  }

  @Test(arguments: [1 as UInt64, 2, 3]) func `references find their targets`(seed: UInt64) throws {
    let city = try Self.generator(records: 6000, seed: seed)
    let cases = Set(Self.all(city, .cas).map { Self.key($0, "case_no") })
    for kind in [Kind.pen, .coe, .evd] {
      for record in Self.all(city, kind) {
        #expect(cases.contains(Self.key(record, "case_no")), "\(record)")
      }
    }
    let penalties = Set(Self.all(city, .pen).map { Self.key($0, "penalty_doc_no") })
    for record in Self.all(city, .vio) {
      #expect(penalties.contains(Self.key(record, "violation_doc_no")))
    }
    for record in Self.all(city, .rev) where record["penalty_doc_no"] != nil {
      #expect(penalties.contains(Self.key(record, "penalty_doc_no")))
    }
    let inspections = Set(Self.all(city, .ins).map { Self.key($0, "inspection_no") })
    for record in Self.all(city, .rec) {
      #expect(inspections.contains(Self.key(record, "inspection_no")))
    }
    let tasks = Set(Self.all(city, .rnd).compactMap { $0["task_no"] })
    for record in Self.all(city, .ins) where record["inspection_mode_code"] == "1" {
      #expect(record["task_no"].map { tasks.contains($0) } == true)
    }
    let subjects = Set(city.records(.sam, .ent).compactMap { $0["uscc"] })
    for kind in [Kind.lic, .pen, .ins] {
      for record in Self.all(city, kind) {
        #expect(record["uscc"].map { subjects.contains($0) } ?? true)
      }
    }
  }

  @Test func `officers hold certificates on the day of a decision`() throws {
    let city = try Self.generator(records: 6000, seed: 4)
    var validity: [String: ClosedRange<String>] = [:]
    for officer in Self.all(city, .ago) {
      let number = try #require(officer["officer_cert_no"])
      let from = try #require(officer["officer_cert_valid_from"])
      let end = try #require(officer["officer_cert_valid_to"])
      #expect(validity[number] == nil)
      validity[number] = from...end
    }
    for penalty in Self.all(city, .pen) {
      let day = try #require(penalty["decision_date"])
      for number in penalty.values["officer_cert_no"] ?? [] {
        #expect(validity[number]?.contains(day) == true)
      }
    }
  }

  @Test(arguments: [5 as UInt64, 6]) func `violations are counted over all systems`(seed: UInt64)
    throws
  {
    let city = try Self.generator(records: 12_000, seed: seed)
    var decisions: [String: [String]] = [:]
    for penalty in Self.all(city, .pen) {
      if let subject = penalty["uscc"] {
        decisions[subject, default: []].append(try #require(penalty["decision_date"]))
      }
    }
    // Penalties of two systems against one subject are there, or the count says nothing.
    #expect(decisions.values.contains { $0.count > 2 })
    var counts: Set<Int> = []
    for record in Self.all(city, .vio) {
      guard let subject = record["uscc"] else { continue }
      let day = try #require(record["violation_date"])
      let count = decisions[subject]?.count { $0 < day } ?? 0
      counts.insert(count)
      #expect(record["violation_count_3y"] == String(count), "\(record)")
    }
    #expect(counts.count > 1)
  }

  @Test func `grave penalties show in the credit records and in the register`() throws {
    let city = try Self.generator(records: 25_000, seed: 7)
    let grave = Self.all(city, .pen).filter {
      $0.values["penalty_kind_code"]?.contains("0603") == true
    }
    #expect(!grave.isEmpty)
    let status = Dictionary(
      uniqueKeysWithValues: city.records(.sam, .ent).map {
        ($0["uscc"] ?? "", $0["registration_status_code"] ?? "")
      })
    #expect(grave.allSatisfy { status[$0["uscc"] ?? ""] == "2" })
    let subjects = Set(grave.compactMap { $0["uscc"] })
    for record in city.records(.sam, .crd) where subjects.contains(record["uscc"] ?? "") {
      #expect(record["serious_illegal_flag"] == "1")
    }
  }

  @Test func `copies of the register say what it says`() throws {
    let city = try Self.generator(records: 9000, seed: 8)
    let names = Dictionary(
      uniqueKeysWithValues: city.records(.sam, .ent).map {
        ($0["uscc"] ?? "", [$0["subject_name"], $0["registration_status_code"]])
      })
    for copy in Self.all(city, .ent) {
      let own = try #require(names[copy["uscc"] ?? ""])
      #expect(copy["subject_name"] == own[0])
      #expect(copy["registration_status_code"].map { $0 == own[1] } ?? true)
    }
    for licence in Self.all(city, .lic) where licence["licence_status_code"] == "1" {
      #expect(names[licence["uscc"] ?? ""]?[1] != "4")
    }
  }

  @Test func `failed readings are young or have a case`() throws {
    let city = try Self.generator(records: 8000, seed: 9)
    var filings: [String: [String]] = [:]
    for record in Self.all(city, .cas) where record["case_source_code"] == "06" {
      if let subject = record["uscc"], let day = record["filing_date"] {
        filings[subject, default: []].append(day)
      }
    }
    var withCase = 0
    for reading in Self.all(city, .mon) where reading["monitor_result_code"] == "2" {
      guard let subject = reading["uscc"] else { continue }
      let day = String(try #require(reading["monitor_time"]).prefix(10))
      if day >= "2026-02-09" { continue }
      withCase += 1
      #expect(filings[subject]?.contains { $0 >= day } == true, "\(reading)")
    }
    #expect(withCase > 5)
  }

  @Test func `no matter is inspected more than twice a year`() throws {
    let city = try Self.generator(records: 10_000, seed: 10)
    var visits: [String: Int] = [:]
    for record in Self.all(city, .ins) {
      guard let subject = record["uscc"] else { continue }
      let year = record["inspection_date"]?.prefix(4) ?? ""
      visits[Self.key(record, "agency_uscc", "item_code") + subject + year, default: 0] += 1
    }
    #expect(visits.values.contains(2))
    #expect(visits.values.allSatisfy { $0 <= 2 })
  }
}
