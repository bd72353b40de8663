import Records
import Testing

@testable import Catalog
@testable import Validation

/// The rules and conditions of the product, in the language, over small records.
@Suite struct ExpressionRuleTests {
  struct RuleText: Sendable, CustomTestStringConvertible {
    var id: String
    var category: String
    var when: String?
    var holds: String

    var testDescription: String { id }
  }

  static let rules: [RuleText] = ExpressionTables.rules.split(separator: "\n").map { line in
    let parts = line.split(separator: "|", maxSplits: 3).map(String.init)
    return RuleText(
      id: parts[0], category: parts[1], when: parts[2] == "-" ? nil : parts[2], holds: parts[3])
  }

  static let conditions: [(String, String)] = ExpressionTables.conditions.split(separator: "\n")
    .map { (String($0.prefix(3)), String($0.dropFirst(4))) }

  private static let parameters = ["": ["limit": "20"], "MEE": ["limit": "7"]]

  private static func scope(
    _ category: String, _ parameters: [String: String] = ["limit": "20"]
  ) throws -> ExpressionScope {
    let catalog = ExpressionFixture.catalog
    return ExpressionScope(
      catalog: catalog, category: try #require(catalog.category(category)),
      parameters: parameters)
  }

  @Test func theTablesAreWhole() {
    #expect(Self.rules.count == 62)
    #expect(Self.conditions.count == 87)
  }

  @Test(arguments: rules)
  func everyRuleIsCheckedAndCompiled(rule: RuleText) throws {
    let checker = ExpressionChecker(
      catalog: ExpressionFixture.catalog, category: rule.category, parameters: Self.parameters)
    for source in [rule.when, rule.holds].compactMap({ $0 }) {
      let expression = try Expression.parse(source)
      #expect(checker.checkCondition(expression) == [])
      _ = try CompiledExpression(expression, scope: try Self.scope(rule.category))
    }
  }

  @Test(arguments: conditions)
  func everyConditionIsCheckedAndCompiled(category: String, source: String) throws {
    let checker = ExpressionChecker(catalog: ExpressionFixture.catalog, category: category)
    let expression = try Expression.parse(source)
    #expect(checker.checkCondition(expression) == [])
    let compiled = try CompiledExpression(expression, scope: try Self.scope(category))
    #expect(compiled.references.isEmpty)
  }

  /// The outcome of a rule for one record: of `holds` where `when` is true or missing.
  private func outcome(
    _ id: String, _ record: TestRecord, _ others: [String: [TestRecord]] = [:],
    limit: String = "20"
  ) throws -> Truth {
    let rule = try #require(Self.rules.first { $0.id == id })
    let catalog = ExpressionFixture.catalog
    let scope = try Self.scope(rule.category, ["limit": limit])
    var records: [String: ElementChunk] = [:]
    for (name, list) in others {
      let category = try #require(catalog.category(name))
      records[name] = ExpressionFixture.chunk(list, category, catalog)
    }
    let chunk = ExpressionFixture.chunk([record], scope.category, catalog)
    var scratch = ExpressionScratch()
    var result = Truth.unknown
    for source in [rule.when, rule.holds].compactMap({ $0 }) {
      let compiled = try CompiledExpression(try Expression.parse(source), scope: scope)
      var truths: [Truth] = []
      _ = try compiled.evaluate(
        chunk, context: ExpressionFixture.context, scratch: &scratch,
        lookup: InMemoryRecordLookup(records: records), into: &truths)
      result = truths[0]
      if source == rule.when, result != .true { return .unknown }
    }
    return result
  }

  @Test func publicityHasItsLimitInWorkingDays() throws {
    // 2026-03-02 is a Monday; seven working days later is Wednesday 2026-03-11.
    var record: TestRecord = [
      "publicity_flag": "1", "decision_date": "2026-03-02", "publicity_date": "2026-03-11",
    ]
    #expect(try outcome("CR09", record, limit: "7") == .true)
    record["publicity_date"] = "2026-03-12"
    #expect(try outcome("CR09", record, limit: "7") == .false)
    #expect(try outcome("CR09", record, limit: "20") == .true)
    record["publicity_date"] = "2026-03-01"
    #expect(try outcome("CR09", record) == .false)
    record["publicity_flag"] = "0"
    #expect(try outcome("CR09", record) == .unknown)
    record["publicity_flag"] = "1"
    record["publicity_date"] = .unreadable
    record["decision_date"] = nil
    #expect(try outcome("CR09", record) == .unknown)
  }

  @Test func fineAndItsAmountGoTogether() throws {
    #expect(try outcome("CR11", ["penalty_type_code": "01;03", "fine_amount": "5"]) == .true)
    #expect(try outcome("CR11", ["penalty_type_code": "01;03", "fine_amount": "0"]) == .false)
    #expect(try outcome("CR11", ["penalty_type_code": "01", "fine_amount": "0.01"]) == .false)
    #expect(try outcome("CR11", ["penalty_type_code": "01", "fine_amount": "0"]) == .true)
    #expect(try outcome("CR11", ["penalty_type_code": "03"]) == .unknown)
    #expect(try outcome("CR11", ["fine_amount": "5"]) == .unknown)
  }

  @Test func detailsOfAPenaltyFitItsTypes() throws {
    #expect(
      try outcome("CR14", ["penalty_kind_code": "0301", "penalty_type_code": "03;04"]) == .true)
    #expect(
      try outcome("CR14", ["penalty_kind_code": "0301;0603", "penalty_type_code": "03"]) == .false)
  }

  @Test func datesAndTimesOfACaseAreInOrder() throws {
    var record: TestRecord = [
      "accept_time": "2026-03-02T15:00:00", "filing_date": "2026-03-02",
      "investigate_start_time": "2026-03-02T09:00:00", "closed_date": "2026-04-01",
    ]
    #expect(try outcome("CR18", record) == .true)
    record["closed_date"] = "2026-03-01"
    #expect(try outcome("CR18", record) == .false)
    record["filing_date"] = nil
    record["closed_date"] = nil
    #expect(try outcome("CR18", record) == .false)
    record["accept_time"] = nil
    #expect(try outcome("CR18", record) == .unknown)
  }

  @Test func anOpenLimitIsNoLimit() throws {
    let base: TestRecord = ["monitor_result_code": "1", "data_validity_code": "N"]
    var record = base.merging(["monitor_value": "7.5", "limit_high": "8"]) { $1 }
    #expect(try outcome("CR34", record) == .true)
    record["limit_high"] = "7.4999"
    #expect(try outcome("CR34", record) == .false)
    record["limit_high"] = nil
    #expect(try outcome("CR34", record) == .unknown)
    record["limit_low"] = "7.6"
    #expect(try outcome("CR34", record) == .false)
  }

  @Test func ratiosAreComparedWithinATolerance() throws {
    var record: TestRecord = [
      "monitor_value": "15", "limit_high": "9", "exceed_ratio": "0.667",
    ]
    #expect(try outcome("CR35", record) == .true)
    record["exceed_ratio"] = "0.717"
    #expect(try outcome("CR35", record) == .false)
    record["exceed_ratio"] = "0.716"
    #expect(try outcome("CR35", record) == .true)
    record["limit_high"] = "0"
    #expect(try outcome("CR35", record) == .unknown)
  }

  @Test func everyOfficerNeedsACertificateInForce() throws {
    let officers: [TestRecord] = [
      [
        "officer_cert_no": "A1", "officer_cert_valid_from": "2025-01-01",
        "officer_cert_valid_to": "2026-12-31",
      ],
      [
        "officer_cert_no": "A2", "officer_cert_valid_from": "2025-01-01",
        "officer_cert_valid_to": "2026-03-01",
      ],
      ["officer_cert_no": "A3", "officer_cert_valid_from": "2025-01-01"],
    ]
    func outcome(_ numbers: TestValue?) throws -> Truth {
      var record: TestRecord = ["decision_date": "2026-03-02"]
      record["officer_cert_no"] = numbers
      return try self.outcome("CR42", record, ["AGO": officers])
    }
    #expect(try outcome("A1;A3") == .true)
    #expect(try outcome("A1;A2") == .false)
    #expect(try outcome("A1;A9") == .false)
    #expect(try outcome(nil) == .unknown)
    #expect(try outcome(.unreadable) == .unknown)
  }

  @Test func aReferenceNeedsItsTarget() throws {
    let cases: [TestRecord] = [
      ["case_no": "C1", "source_system_code": "SAM"], ["case_no": "C2"], [:],
    ]
    let record: TestRecord = ["case_no": "C1", "source_system_code": "SAM"]
    #expect(try outcome("CR41", record, ["CAS": cases]) == .true)
    #expect(try outcome("CR41", record, ["CAS": []]) == .false)
    #expect(try outcome("CR41", record) == .false)
    #expect(try outcome("CR41", ["source_system_code": "SAM"], ["CAS": cases]) == .unknown)
    #expect(try outcome("CR45", ["case_no": "C2"], ["CAS": cases]) == .true)
    #expect(try outcome("CR45", ["case_no": "C3"], ["CAS": cases]) == .false)
    #expect(try outcome("CR45", [:], ["CAS": cases]) == .true)
  }

  @Test func namesOfTwoSystemsAreComparedNormalized() throws {
    let record: TestRecord = [
      "uscc": "91X", "source_system_code": "SAM", "subject_name": "甲（集团） 公司",
    ]
    var other: TestRecord = [
      "uscc": "91X", "source_system_code": "MEE", "subject_name": "甲(集团)公司",
    ]
    #expect(try outcome("CR51", record, ["ENT": [other]]) == .true)
    other["subject_name"] = "乙公司"
    #expect(try outcome("CR51", record, ["ENT": [other]]) == .false)
    other["subject_name"] = nil
    #expect(try outcome("CR51", record, ["ENT": [other]]) == .unknown)
    other["uscc"] = "92X"
    #expect(try outcome("CR51", record, ["ENT": [other]]) == .true)
  }

  @Test func recordsAreCountedInAWindow() throws {
    func penalty(_ date: String) -> TestRecord { ["uscc": "91X", "decision_date": .text(date)] }
    let penalties = [
      penalty("2023-03-10"), penalty("2023-03-11"), penalty("2026-03-10"), penalty("2026-03-11"),
      ["uscc": "91Y", "decision_date": "2026-03-10"], ["uscc": "91X"],
    ]
    var record: TestRecord = [
      "uscc": "91X", "violation_date": "2026-03-10", "violation_count_3y": "2",
    ]
    #expect(try outcome("CR56", record, ["PEN": penalties]) == .true)
    record["violation_count_3y"] = "3"
    #expect(try outcome("CR56", record, ["PEN": penalties]) == .false)
    record["violation_count_3y"] = "0"
    #expect(try outcome("CR56", record) == .true)
    record["uscc"] = nil
    #expect(try outcome("CR56", record, ["PEN": penalties]) == .unknown)
  }

  @Test func aFailedSampleNeedsACaseWithinThirtyDays() throws {
    let record: TestRecord = [
      "monitor_result_code": "2", "uscc": "91X", "monitor_time": "2026-02-01T08:00:00",
    ]
    func found(_ date: String) -> [String: [TestRecord]] {
      ["CAS": [["uscc": "91X", "case_source_code": "06", "filing_date": .text(date)]]]
    }
    #expect(try outcome("CR58", record, found("2026-02-01")) == .true)
    #expect(try outcome("CR58", record, found("2026-03-03")) == .true)
    #expect(try outcome("CR58", record, found("2026-03-04")) == .false)
    #expect(try outcome("CR58", record, found("2026-01-31")) == .false)
  }

  @Test(arguments: [
    ("CR05", ["uscc": "91510104MA6C7K2P9X", "org_code": "MA6C7K2P9"], Truth.true),
    ("CR05", ["uscc": "91510104MA6C7K2P9X", "org_code": "MA6C7K2P8"], .false),
    ("CR20", ["filing_date": "2026-01-01", "closed_date": "2026-04-01"], .true),
    ("CR20", ["filing_date": "2026-01-01", "closed_date": "2026-04-02"], .false),
    (
      "CR20", ["filing_date": "2026-01-01", "closed_date": "2026-04-02", "extension_days": "1"],
      .true
    ),
    ("CR22", ["sample_base_count": "105", "sample_ratio": "2.5", "sample_count": "4"], .true),
    ("CR22", ["sample_base_count": "105", "sample_ratio": "2.5", "sample_count": "5"], .false),
    ("CR23", ["officer_cert_no": "A;B;A"], .true), ("CR23", ["officer_cert_no": "A;A"], .false),
    ("CR23", [:], .unknown),
    (
      "CR31",
      [
        "major_env_clue_flag": "1", "clue_found_time": "2026-03-01T10:00:00",
        "transfer_time": "2026-03-03T10:00:00",
      ], .true
    ),
    (
      "CR31",
      [
        "major_env_clue_flag": "1", "clue_found_time": "2026-03-01T10:00:00",
        "transfer_time": "2026-03-03T10:00:01",
      ], .false
    ),
    (
      "CR32", ["transfer_time": "2026-03-06T17:00:00", "responded_time": "2026-03-11T23:59:59"],
      .true
    ),
    (
      "CR32", ["transfer_time": "2026-03-06T17:00:00", "responded_time": "2026-03-12T00:00:00"],
      .false
    ),
    ("CR39", ["credit_grade_code": "B", "credit_score": "849.9"], .true),
    ("CR39", ["credit_grade_code": "B", "credit_score": "850"], .false),
    ("CR60", ["agency_uscc": "11510104MB", "division_code": "510104"], .true),
    ("CR60", ["agency_uscc": "11510104MB", "division_code": "510000"], .true),
    ("CR60", ["agency_uscc": "11510104MB", "division_code": "510700"], .false),
  ])
  func inRecordRules(id: String, record: TestRecord, expected: Truth) throws {
    #expect(try outcome(id, record) == expected)
  }
}
