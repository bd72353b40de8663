import Catalog
import Pipeline
import PipelineDefinition
import Records
import TestSupport
import Testing
import Warehouse

/// Every worked case of a rule between records, as deliveries of nights: what `test-rules` says of a
/// record must be what the nights end with, in whatever order the records come.
@Suite("Rules between records, in nights")
struct ReferenceCaseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var file: WorkedCaseFile
    var test: WorkedCase

    var testDescription: String { "\(test.covers.joined(separator: " ")) \(test.name)" }
  }

  /// Which of the record and of what it is compared with comes first.
  enum Order: CaseIterable, Sendable { case together, othersFirst, recordFirst }

  static let cases: [Case] = {
    let folder = PipelineFolder.load(Repository.pipelines)
    let ids = Set(folder.catalog?.rules.filter { $0.kind != .inRecord }.map(\.id) ?? [])
    return folder.workedCases.sorted { $0.path < $1.path }.flatMap { file in
      file.cases.filter { !ids.isDisjoint(with: $0.covers) }.map { Case(file: file, test: $0) }
    }
  }()

  private static let pipeline = TestPipeline.real.map { $0.withPlainAdapters() }

  @Test func `there is a passing and a failing case of every rule`() throws {
    let catalog = try TestPipeline.real.get().catalog
    for rule in catalog.rules where rule.kind != .inRecord {
      let own = Self.cases.filter { $0.test.covers.contains(rule.id) }
      #expect(own.contains { $0.test.isClean }, "\(rule.id)")
      #expect(
        own.contains { $0.test.expect.contains { $0.rule == rule.id } }, "\(rule.id)")
    }
  }

  @Test(arguments: cases, Order.allCases)
  func `nights find what the case expects`(_ one: Case, _ order: Order) throws {
    let catalog = try Self.pipeline.get().catalog
    let between = Set(catalog.rules.filter { $0.kind != .inRecord }.map(\.id))
    // A record with a mistake of its own is returned before it is compared with others.
    guard
      !one.test.expect.contains(where: {
        $0.severity >= .return && !between.contains($0.rule ?? "")
      })
    else { return }
    let home = try TestHome(Self.pipeline.map { $0.keepingReferences(Set(one.test.covers)) })
    let last = try #require(one.test.today ?? one.file.today).dayNumber
    if order != .recordFirst { try deliverOthers(one, to: home) }
    if order != .othersFirst { try deliverRecord(one, to: home) }
    if order != .together {
      try home.run(CivilDate(dayNumber: last - 1).description)
      if order == .othersFirst { try deliverRecord(one, to: home) }
      if order == .recordFirst { try deliverOthers(one, to: home) }
    }
    try home.run(CivilDate(dayNumber: last).description)
    let found = try home.column(
      """
      SELECT DISTINCT f.rule FROM finding_current AS f JOIN delivery_ledger AS d USING (delivery)
      WHERE d.file_name = '\(one.test.category)_record.csv' ORDER BY 1
      """
    ).filter(between.contains)
    let expected = Set(one.test.expect.compactMap(\.rule)).intersection(one.test.covers)
    #expect(found == expected.sorted(), "\(order)")
    try expectPlace(of: one, expected, catalog, home, order)
  }

  /// Where the record must be found in the end.
  private func expectPlace(
    of one: Case, _ expected: Set<String>, _ catalog: Catalog, _ home: TestHome, _ order: Order
  ) throws {
    let broken = catalog.rules.filter { expected.contains($0.id) && $0.severity >= .return }
    let file = "d.file_name = '\(one.test.category)_record.csv'"
    func count(_ view: String) throws -> [String] {
      try home.column(
        "SELECT count(*) FROM \(view) AS v JOIN delivery_ledger AS d USING (delivery) WHERE \(file)"
      )
    }
    let waits = broken.contains { $0.kind == .reference }
    // What an earlier night published is labelled and not taken back.
    let goesBack = broken.contains { $0.kind == .crossSystem } && order != .recordFirst
    #expect(try count("pending_record") == [waits ? "1" : "0"], "\(order)")
    #expect(try count("returned_record") == [goesBack ? "1" : "0"], "\(order)")
    #expect(try count(one.test.category) == [waits || goesBack ? "0" : "1"], "\(order)")
  }

  private func deliverRecord(_ one: Case, to home: TestHome) throws {
    let record = one.file.record(one.test.given, category: one.test.category)
    let system = one.test.system ?? record["source_system_code"] ?? "SAM"
    let sheet = try home.sheet(
      one.test.category, [full(record, one.test.category, home)], system: system)
    try home.deliver("\(one.test.category)_record.csv", sheet.utf8, system: system)
  }

  private func deliverOthers(_ one: Case, to home: TestHome) throws {
    for (category, records) in one.test.others.sorted(by: { $0.key < $1.key }) {
      var bySystem: [String: [Values]] = [:]
      for (index, values) in records.enumerated() {
        var record = one.file.record(values, category: category)
        record["source_record_id"] = "other-\(index)"
        bySystem[record["source_system_code"] ?? "SAM", default: []].append(
          full(record, category, home))
      }
      for (system, records) in bySystem.sorted(by: { $0.key < $1.key }) {
        let sheet = try home.sheet(category, records, system: system)
        try home.deliver("\(category)_others.csv", sheet.utf8, system: system)
      }
    }
  }

  /// Every element of the base record, so that what the case takes away is empty.
  private func full(_ record: [String: String], _ category: String, _ home: TestHome) -> Values {
    (home.pipeline.base[category] ?? [:]).mapValues { _ in "" }.merging(record) { $1 }
  }
}

extension TestPipeline {
  /// With adapters of every system for every category, whose columns are named as the elements.
  func withPlainAdapters() -> Self {
    editing { catalog in
      catalog.adapters = catalog.systems.map { system in
        let categories = catalog.categories.map { category in
          CategoryMapping(
            category: category.id, files: ["\(category.id)_*.csv"],
            columns: category.elements.map(\.element.identifier).filter {
              $0 != "source_system_code" && $0 != "batch_no"
            }.map { ColumnMapping(column: $0, element: $0) },
            constants: ["source_system_code": system.id], generated: ["batch_no": "delivery"])
        }
        return SourceAdapter(
          system: system.id, version: 1, format: .csv, encoding: "utf-8", categories: categories,
          origin: "test")
      }
    }
  }

  /// Without the rules between records that are not named.
  func keepingReferences(_ ids: Set<String>) -> Self {
    editing { $0.rules.removeAll { $0.kind != .inRecord && !ids.contains($0.id) } }
  }
}
