import Catalog
import Foundation
import Generation
import GRDB
import Pipeline
import PipelineDefinition
import Records
import Sharing
import SharingWitness
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import qingyuan

/// Searches everything that leaves, byte for byte, for values that must not: those that a second, naive
/// implementation of the policy withholds from a reader and shows nowhere else.
@Suite("Nothing leaks", .serialized)
struct LeakTests {
  static let night = "2026-03-03"
  static let today = CivilDate("2026-03-03")?.dayNumber ?? 0

  /// A generated city, and the night after some records of kinds that it has too few of.
  private static let world = Result { try LeakWorld() }

  private func world() throws -> LeakWorld { try Self.world.get() }

  private func tokens(_ world: LeakWorld, _ tier: SharingTier) throws -> [String] {
    try #require(world.forbidden[tier])
  }

  @Test(arguments: [SharingTier.public, .shared])
  func `a tier's file holds nothing that its readers may not see`(tier: SharingTier) throws {
    let world = try world()
    let tokens = try tokens(world, tier)
    // Enough of a test.
    #expect(tokens.count > 500)
    let bytes = try Files.bytes(world.home.home.tierFile(tier))
    #expect(ByteSearch(tokens).found(in: bytes) == [])
    // The search finds what is there: the warehouse holds them all.
    let whole = try Files.bytes(world.home.home.warehouse + "/warehouse.sqlite")
    #expect(ByteSearch(tokens).found(in: whole).count == tokens.count)
  }

  @Test func `reports, logs and screens hold nothing that departments may not see`() throws {
    let world = try world()
    let search = ByteSearch(try tokens(world, .shared))
    let reports = Files.below(world.home.home.report)
    #expect(
      reports.contains { $0.hasSuffix(".html") } && reports.contains { $0.hasSuffix(".json") })
    for name in reports {
      let found = search.found(in: try Files.bytes(world.home.home.report + "/" + name))
      #expect(found == [], "\(name)")
    }
    #expect(search.found(in: Array(world.home.said.joined(separator: "\n").utf8)) == [])
  }

  @Test func `a return holds nothing that its receiver neither sent nor may see`() throws {
    let world = try world()
    let tokens = try tokens(world, .shared)
    var packages = 0
    for system in world.catalog.systems.map(\.id) {
      let folder = "\(world.home.home.returns)/\(system)"
      let names = Files.below(folder)
      guard !names.isEmpty else { continue }
      let archive = world.home.home.archive
      let sent = try Files.below(archive).filter { $0.contains("/\(system)/") }.map {
        try Files.bytes("\(archive)/\($0)")
      }
      let own = Set(sent.flatMap { ByteSearch(tokens).found(in: $0) })
      let search = ByteSearch(tokens.filter { !own.contains($0) })
      for name in names {
        packages += 1
        #expect(search.found(in: try Files.bytes(folder + "/" + name)) == [], "\(system)/\(name)")
      }
    }
    #expect(packages >= 20)
  }

  @Test func `a file has no page that belongs to nothing, and lacks what is closed altogether`()
    throws
  {
    let world = try world()
    for tier in [SharingTier.public, .shared] {
      let database = try DatabaseQueue(path: world.home.home.tierFile(tier))
      try database.read { database in
        #expect(try Int.fetchOne(database, sql: "PRAGMA freelist_count") == 0)
        #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
        let tables = Set(
          try String.fetchAll(
            database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'"))
        #expect(tables.contains("PEN") && tables.contains("ENT"))
        #expect(tables.contains("CMP") == (tier == .shared))
        for table in tables {
          let columns = try String.fetchAll(
            database, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
          let secret = ["complainant_name", "complainant_phone", "person_mobile"]
          let open = tier == .shared ? ["person_mobile"] : []
          #expect(columns.filter { secret.contains($0) && !open.contains($0) } == [], "\(table)")
        }
      }
    }
  }

  @Test(arguments: [SharingTier.public, .shared])
  func `what was searched was brought up to date, and is what is built anew`(
    tier: SharingTier
  ) throws {
    let world = try world()
    #expect(world.home.said.count { $0.contains("is brought up to date") } == 2)
    let folder = try TemporaryFolder("anew")
    let anew = try world.tierFile(tier, in: folder) { _ in }
    #expect(try TierDump(world.home.home.tierFile(tier)).lines == TierDump(anew).lines)
  }

  /// What is taken out of the policy.
  enum Sabotage: Hashable, Sendable {
    case item(String, SharingTier)
    case condition(String)
    /// The tier of a category.
    case category(String)
    case freeText

    /// Whose file then leaks.
    var tier: SharingTier {
      switch self {
      case .item(_, let tier): tier
      case .freeText: .shared
      case .condition, .category: .public
      }
    }

    func apply(to policy: inout SharingPolicy) {
      switch self {
      case .item(let id, _): policy.items.removeAll { $0.id == id }
      case .condition(let id): policy.tierConditions.removeAll { $0.id == id }
      case .category(let id):
        for index in policy.categoryTiers.indices
        where policy.categoryTiers[index].category == id {
          policy.categoryTiers[index].tier = .public
        }
      case .freeText: policy.freeText.elements.removeAll()
      }
    }
  }

  static let sabotages: [Sabotage] =
    ["NL01", "NL06", "NL10", "NL14", "NL15", "NL18", "NL19", "NL20"].map { .item($0, .shared) }
    + ["NL16", "NL17"].map { .item($0, .public) }
    + [.condition("TC01")]
    + [.category("VIO"), .category("FAC"), .freeText]

  @Test(arguments: LeakTests.sabotages)
  func `without one of its rules the file leaks, and the search finds it`(sabotage: Sabotage) throws
  {
    let world = try world()
    let tokens = try tokens(world, sabotage.tier)
    let folder = try TemporaryFolder("sabotage")
    let path = try world.tierFile(sabotage.tier, in: folder, sabotage.apply)
    #expect(!ByteSearch(tokens).found(in: try Files.bytes(path)).isEmpty)
  }
}

private enum LeakError: Error {
  case nothingGenerated, noPolicy
}

/// One night of a city, and what its readers may not see.
private final class LeakWorld: @unchecked Sendable {
  let home: TestHome
  var catalog: Catalog { home.pipeline.catalog }
  private var groups: [String: [TestGroup]] = [:]
  /// By tier, texts that its readers may not see anywhere.
  private(set) var forbidden: [SharingTier: [String]] = [:]

  init() throws {
    home = try TestHome(TestPipeline.real)
    let request = GenerationRequest(
      records: 1_500, nights: 1, seed: 21, faultRate: 0.02, bureau: nil, category: nil,
      start: LeakTests.today - 1, hasFileFaults: false)
    let generated = try TemporaryFolder("generated")
    guard let generator = Generator(request, home.pipeline.catalog) else {
      throw LeakError.nothingGenerated
    }
    try generator.write(to: generated.path)
    for name in Files.below(generated + "night-1") {
      try home.folder.write("home/inbox/\(name)", try Files.bytes(generated + "night-1/\(name)"))
    }
    try home.run("2026-03-02")
    try deliverRareRecords()
    let outcome = try home.run(LeakTests.night)
    for name in ["行政处罚_9.csv", "线索移送_9.csv", "案件办理_9.csv"] {
      let delivery = try outcome.delivery(name)
      let findings = try home.rows(
        "SELECT record_number, code, rule, element, value, expected FROM finding_current "
          + "WHERE delivery = \(delivery.id) AND severity <> 'note'")
      #expect(delivery.balance.accepted == delivery.balance.read, "\(name): \(findings)")
    }
    let engine = try home.open()
    let report = try MorningReport(
      engine, catalog: home.pipeline.catalog, configuration: home.configuration,
      night: LeakTests.night, inbox: outcome.listing)
    try engine.close()
    let screen = OutcomeScreen(outcome, home.pipeline.catalog, showsDetails: true)
    let path = "\(home.home.report)/\(LeakTests.night)"
    try ReportFile.write(screen.text, to: path + ".txt")
    try ReportFile.write(screen.json, to: path + ".json")
    try ReportFile.write(report, .chinese, to: path + ".html")
    for category in home.pipeline.catalog.categories {
      groups[category.id] = try read(category)
    }
    guard let policy = home.pipeline.catalog.sharing else { throw LeakError.noPolicy }
    for tier in [SharingTier.public, .shared] {
      forbidden[tier] = try forbidden(to: tier, policy)
    }
  }

  /// Minors, clues of discipline inspection, withdrawn decisions: copies of what is there, so that what
  /// they refer to is.
  private func deliverRareRecords() throws {
    let penalty = try copy(of: "PEN", "party_type_code = '1' AND publicity_flag = '1'")
    func penalties(_ number: Int, _ more: Values) -> Values {
      penalty.merging([
        "source_record_id": "LEAK-\(number)", "penalty_doc_no": "清市监处罚〔2026〕990\(number)号",
        "violation_desc": "被查处的第\(number)号隐蔽行为", "remark": "",
      ]) { _, new in new }.merging(more) { _, new in new }
    }
    let person: Values = [
      "party_type_code": "4", "subject_name": "", "uscc": "", "org_code": "",
      "registration_no": "", "legal_rep_name": "", "legal_rep_id_type_code": "",
      "legal_rep_id_no": "", "registered_address": "", "person_id_type_code": "111",
    ]
    func natural(_ more: Values) -> Values { person.merging(more) { _, new in new } }
    try home.deliver(
      "行政处罚_9.csv",
      penalties: [
        penalties(
          1,
          natural([
            "person_name": "欧阳未成", "person_id_no": "510104201001010019", "minor_flag": "1",
          ])),
        penalties(2, ["penalty_revoked_flag": "1", "publicity_end_date": "2027-01-01"]),
        penalties(
          3,
          natural([
            "person_name": "欧阳成年", "person_id_no": "510104198001010014", "minor_flag": "0",
            "violation_desc": "欧阳成年在公共场所售卖假药",
          ])),
      ])
    try deliver(
      "线索移送_9.csv", "TRF", "true",
      [
        "source_record_id": "LEAK-4", "transfer_no": "QY2026YS0099999", "transfer_type_code": "4",
        "crime_suspect_flag": "0", "transfer_reason": "收受好处为无证经营通风报信",
      ])
    try deliver(
      "案件办理_9.csv", "CAS", "case_status_code = '07' AND party_type_code = '1'",
      ["source_record_id": "LEAK-5", "case_no": "QY2026AJ0099999", "close_method_code": "2"])
  }

  private func deliver(
    _ name: String, _ category: String, _ condition: String, _ more: Values
  ) throws {
    let record = try copy(of: category, condition).merging(more) { _, new in new }
    try home.deliver(name, home.sheet(category, [record]).gb18030)
  }

  /// The values of a record that SAM delivered.
  private func copy(of category: String, _ condition: String) throws -> Values {
    let names = try #require(catalog.category(category)).elements.map(\.element.identifier)
    let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
    let rows = try home.rows(
      "SELECT \(list) FROM \(category) WHERE source_system_code = 'SAM' AND \(condition) LIMIT 1")
    return Dictionary(uniqueKeysWithValues: zip(names, try #require(rows.first)))
  }

  /// Every published record with its rows, as text.
  private func read(_ category: Category) throws -> [TestGroup] {
    let names = category.elements.map(\.element.identifier)
    let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
    var groups: [TestGroup] = []
    var places: [String: Int] = [:]
    for row in try home.rows("SELECT record, \(list) FROM \(category.id) ORDER BY record") {
      places[row[0]] = groups.count
      groups.append(TestGroup(record: Self.record(names, row.dropFirst())))
    }
    for table in category.children {
      let names = table.elements.map(\.element.identifier)
      let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
      for row in try home.rows(
        "SELECT record, \(list) FROM \(category.id)_each_\(table.name) ORDER BY record, ordinal")
      {
        guard let place = places[row[0]] else { continue }
        groups[place].rows[table.name, default: []].append(
          Self.record(names, row.dropFirst()))
      }
    }
    return groups
  }

  private static func record(_ names: [String], _ values: ArraySlice<String>) -> TestRecord {
    var record: TestRecord = [:]
    for (name, value) in zip(names, values) where !value.isEmpty { record[name] = .text(value) }
    return record
  }

  private func forbidden(to tier: SharingTier, _ policy: SharingPolicy) throws -> [String] {
    // Free text may show what it is a part of, and nothing of what stands elsewhere.
    var (hidden, hiddenTexts): (Set<String>, Set<String>) = ([], [])
    var (shown, shownTexts): (Set<String>, Set<String>) = ([], [])
    for category in catalog.categories {
      let witness = NaiveSharing(
        policy: policy, category: category, audience: Audience(tier: tier),
        today: LeakTests.today)
      // Text only: a number or a code says nothing by itself.
      let texts = Set(
        (category.elements + category.children.flatMap(\.elements)).map(\.element)
          .filter { $0.type == .text && $0.codeList == nil }.map(\.identifier))
      for group in groups[category.id] ?? [] {
        let isDenied = witness.denial(group) != nil
        for place in witness.places(group) where texts.contains(place.element) {
          let record =
            place.table.isEmpty
            ? group.record
            : group.rows[place.table].flatMap {
              $0.indices.contains(place.row) ? $0[place.row] : nil
            }
          guard let text = record?[place.element]?.text else { continue }
          let isFree = policy.freeText.elements.contains(place.element)
          if isDenied || witness.verdict(place, group).outcome != .shown {
            if isFree { hiddenTexts.insert(text) } else { hidden.insert(text) }
          } else {
            if isFree { shownTexts.insert(text) } else { shown.insert(text) }
          }
        }
      }
    }
    let texts = Self.remaining(hiddenTexts, beside: shown.union(shownTexts))
    return Self.remaining(hidden, beside: shown).union(texts).sorted()
  }

  /// Texts that are in none of the others.
  private static func remaining(_ hidden: Set<String>, beside shown: Set<String>) -> Set<String> {
    let candidates = hidden.filter {
      $0.utf8.count >= ByteSearch.minimumLength && !shown.contains($0)
    }
    let known = Array(shown.joined(separator: "\n").utf8)
    return candidates.subtracting(ByteSearch(candidates.sorted()).found(in: known))
  }

  /// The file of a tier under a policy that lacks something.
  func tierFile(
    _ tier: SharingTier, in folder: TemporaryFolder, _ change: (inout SharingPolicy) -> Void
  ) throws -> String {
    var catalog = catalog
    guard var policy = catalog.sharing else {
      throw LeakError.noPolicy
    }
    change(&policy)
    catalog.sharing = policy
    let other = HomeFolder(folder + "home")
    try other.prepare()
    let engine = try home.open()
    try TierPass(
      catalog: catalog, engine: engine, publication: try engine.currentPublication(), home: other,
      secret: Files.maskSecret,
      moment: RunMoment(night: LeakTests.today, today: LeakTests.today, now: 0),
      progress: SilentProgress()
    ).apply()
    try engine.close()
    return other.tierFile(tier)
  }
}
