import Records
import SharingWitness
import TestSupport
import Testing

@testable import Catalog
@testable import Sharing

/// Random records of every category under the product's policy, against the naive witness.
@Suite struct SharingPropertyTests {
  static let categories = [
    "ENT", "LIC", "VIO", "CRD", "FAC", "AGO", "RND", "INS", "CAS", "PEN", "COE", "REC", "EVD",
    "TRF", "CMP", "OPN", "MON", "REV",
  ]

  /// Makes records whose texts say where they stand, so that each is found again.
  struct Maker {
    var generator: SeededGenerator
    let catalog: Catalog
    private var serial = 0

    init(seed: UInt64, catalog: Catalog) {
      generator = SeededGenerator(seed: seed)
      self.catalog = catalog
    }

    mutating func group(_ category: Category) -> TestGroup {
      var group = TestGroup(record: record(category.elements))
      for table in category.children where Bool.random(using: &generator) {
        let count = Int.random(in: 1...3, using: &generator)
        group.rows[table.name] = (0..<count).map { _ in record(table.elements) }
      }
      return group
    }

    private mutating func record(_ elements: [CategoryElement]) -> TestRecord {
      var record: TestRecord = [:]
      for element in elements.map(\.element) {
        let dice = Int.random(in: 0..<100, using: &generator)
        if dice < 12 { continue }
        let text = text(element)
        record[element.identifier] =
          dice < 15 && (element.codeList != nil || element.type != .text)
          ? .unreadable("?\(text)") : .text(text)
      }
      return record
    }

    private mutating func text(_ element: DataElement) -> String {
      serial += 1
      if let list = element.codeList.flatMap({ catalog.codeList($0) }) {
        return code(list, isMultiValued: element.isMultiValued)
      }
      switch element.type {
      case .flag: return Bool.random(using: &generator) ? "1" : "0"
      case .number: return "\(serial % 90 + 1)"
      case .date, .dateTime:
        let day = SharingFixture.today + Int.random(in: -300...300, using: &generator)
        return "\(CivilDate(dayNumber: day))"
      case .text: return element.isName ? "名\(letters(serial))" : "文\(letters(serial))末"
      }
    }

    /// Mostly one of the first codes, on which conditions turn.
    private mutating func code(_ list: CodeList, isMultiValued: Bool) -> String {
      let codes = list.values.map(\.code)
      let first = codes[Int.random(in: 0..<min(codes.count, 9), using: &generator)]
      guard isMultiValued, Bool.random(using: &generator) else { return first }
      let second = codes[Int.random(in: 0..<codes.count, using: &generator)]
      return first == second ? first : "\(first);\(second)"
    }

    /// The serial without a digit, so that free text finds no number in it.
    private func letters(_ number: Int) -> String {
      String(
        String.UnicodeScalarView(
          String(number + 100_000).unicodeScalars.compactMap { Unicode.Scalar($0.value + 0x4E30) }))
    }
  }

  private static func audience(_ seed: Int, _ category: Category) -> Audience {
    let tier = SharingTier.allCases[seed % 3]
    guard seed % 4 == 0 else { return Audience(tier: tier) }
    let names = category.elements.map(\.element.identifier).enumerated()
    return Audience(
      tier: tier, granted: Set(names.filter { $0.offset % 5 == seed % 5 }.map(\.element)))
  }

  @Test(arguments: categories)
  func `every record and value is decided as the naive witness decides`(id: String) throws {
    let catalog = try SharingFixture.catalog()
    let policy = try #require(catalog.sharing)
    let category = try #require(catalog.category(id))
    for seed in 0..<12 {
      var maker = Maker(seed: UInt64(seed), catalog: catalog)
      let groups = (0..<12).map { _ in maker.group(category) }
      let audience = Self.audience(seed, category)
      let plan = try SharingFixture.plan(id, audience.tier, granted: audience.granted, catalog)
      let (_, rows, decisions) = SharingFixture.decide(groups, plan, catalog)
      let witness = NaiveSharing(
        policy: policy, category: category, audience: audience, today: SharingFixture.today)
      for (row, group) in groups.enumerated() {
        let found = decisions.rows[row]
        let expected = witness.denial(group)
        #expect(found.isKept == (expected == nil), "seed \(seed), row \(row): \(expected as Any)")
        guard found.isKept, expected == nil else {
          #expect(plan.reasons[found.reason].id == expected?.by, "seed \(seed), row \(row)")
          #expect(found.isUnknown == expected?.isUnknown, "seed \(seed), row \(row)")
          continue
        }
        let differences = Self.differences(group, row, plan, rows, decisions, witness)
        #expect(differences == [], "seed \(seed), row \(row), \(audience)")
      }
    }
  }

  private static func differences(
    _ group: TestGroup, _ row: Int, _ plan: SharingPlan, _ rows: [SharingRows],
    _ decisions: SharingDecisions, _ witness: NaiveSharing
  ) -> [String] {
    var result: [String] = []
    func compare(_ cell: CellDecision, _ place: NaiveSharing.Place, _ element: DataElement) {
      let expected = witness.verdict(place, group)
      let reason = plan.reasons[cell.reason]
      // Whether free text had to be cleaned is another test's matter.
      if reason.kind == .freeText, expected.outcome == .shown { return }
      let found = NaiveSharing.Verdict(
        outcome: cell.outcome, by: reason.id, isUnknown: cell.isUnknown)
      if found != expected { result.append("\(place): \(found), expected \(expected)") }
    }
    for (column, entry) in plan.category.elements.enumerated() {
      let place = NaiveSharing.Place(element: entry.element.identifier)
      compare(decisions.columns[column].cell(row), place, entry.element)
    }
    for list in rows {
      let table = plan.category.children[list.table]
      let own = list.owners.indices.filter { Int(list.owners[$0]) == row }
      for (number, index) in own.enumerated() {
        for (column, entry) in table.elements.enumerated() {
          let place = NaiveSharing.Place(
            table: table.name, row: number, element: entry.element.identifier)
          compare(decisions.children[list.table][column].cell(index), place, entry.element)
        }
      }
    }
    return result
  }

  /// Every text says where it stands: what the witness does not show is in no arena that leaves.
  @Test(arguments: categories)
  func `nothing that is not shown leaves, not even in the arena`(id: String) throws {
    let catalog = try SharingFixture.catalog()
    let policy = try #require(catalog.sharing)
    let category = try #require(catalog.category(id))
    for (seed, tier) in [SharingTier.public, .shared, .public, .shared].enumerated() {
      var maker = Maker(seed: UInt64(1000 + seed), catalog: catalog)
      let groups = (0..<40).map { _ in maker.group(category) }
      let plan = try SharingFixture.plan(id, tier, catalog)
      let (chunk, rows, decisions) = SharingFixture.decide(groups, plan, catalog)
      let released = decisions.released(chunk, rows: rows)
      let left =
        released.records.text.string(TextRef(offset: 0, length: released.records.text.count))
        + released.children.map { list in
          list.rows.text.string(TextRef(offset: 0, length: list.rows.text.count))
        }.joined()
      let witness = NaiveSharing(
        policy: policy, category: category, audience: Audience(tier: tier),
        today: SharingFixture.today)
      for (row, group) in groups.enumerated() {
        let isKept = witness.denial(group) == nil
        #expect(released.sourceRows.contains(row) == isKept, "seed \(seed), row \(row)")
        for place in witness.places(group) {
          guard let text = Self.uniqueText(place, group, catalog) else { continue }
          let isShown = isKept && witness.verdict(place, group).outcome == .shown
          #expect(left.contains(text) == isShown, "seed \(seed), row \(row), \(place)")
        }
      }
    }
  }

  /// The text at a place, if no other place has the same.
  private static func uniqueText(
    _ place: NaiveSharing.Place, _ group: TestGroup, _ catalog: Catalog
  ) -> String? {
    let rows = group.rows[place.table] ?? []
    let record =
      place.table.isEmpty
      ? group.record : rows.indices.contains(place.row) ? rows[place.row] : [:]
    guard let element = catalog.element(place.element), element.type == .text,
      element.codeList == nil
    else { return nil }
    return record[place.element]?.text
  }

  /// Free text of every record names the names, numbers and telephones of the record and its rows.
  @Test(arguments: [
    ("PEN", SharingTier.public), ("PEN", .shared), ("INS", .public), ("INS", .shared),
    ("CAS", .shared), ("COE", .shared),
  ])
  func `names and numbers of a record do not leave in its free text`(
    id: String, tier: SharingTier
  ) throws {
    let catalog = try SharingFixture.catalog()
    let policy = try #require(catalog.sharing)
    let category = try #require(catalog.category(id))
    var maker = Maker(seed: 77, catalog: catalog)
    let numbers = ["510104190001010018", "13800000001", "6222020000000000012"]
    var names: [[String]] = []
    var groups: [TestGroup] = []
    for _ in 0..<40 {
      // A sound record, so that it leaves, with random names.
      let random = maker.group(category)
      let changes = random.record.filter { policy.freeText.names.contains($0.key) }
      var group = TestGroup(record: try SharingFixture.record(id, changes), rows: random.rows)
      for table in group.rows.keys {
        group.rows[table] = group.rows[table]?.map { row in
          row.merging(["party_type_code": "4", "minor_flag": "0"]) { _, sound in sound }
        }
      }
      let all = ([group.record] + group.rows.values.flatMap { $0 }).flatMap { record in
        policy.freeText.names.compactMap { record[$0]?.text }
      }.flatMap { $0.split(separator: ";").map(String.init) }
      for name in policy.freeText.elements where category.column(of: name) != nil {
        group.record[name] = .text((all + numbers).joined(separator: "、"))
      }
      names.append(all)
      groups.append(group)
    }
    let plan = try SharingFixture.plan(id, tier, catalog)
    let (chunk, rows, decisions) = SharingFixture.decide(groups, plan, catalog)
    let released = decisions.released(chunk, rows: rows)
    #expect(released.sourceRows.count == groups.count)
    var looked = 0
    for (place, row) in released.sourceRows.enumerated() {
      for name in policy.freeText.elements {
        guard let column = category.column(of: name) else { continue }
        let text = released.records.text.string(released.records.columns[column].texts[place])
        for secret in names[row] + numbers { #expect(!text.contains(secret), "\(name): \(text)") }
        looked += text.isEmpty ? 0 : 1
      }
    }
    #expect(looked >= groups.count, "no free text left, so nothing was looked at")
  }
}
