import Testing

@testable import Catalog

@Suite struct ExpressionCheckerTests {
  private func problems(
    _ source: String, _ checker: ExpressionChecker = ExpressionFixture.checker()
  ) throws -> [ExpressionProblem] {
    checker.checkCondition(try Expression.parse(source))
  }

  @Test(
    "a well-formed condition has no problems",
    arguments: [
      "fine_amount > 0", "penalty_type_code has '03' <=> fine_amount > 0",
      "party_type_code in ('1', '2')", "penalty_type_code subset of ('01', '02')",
      "substr(penalty_kind_code, 1, 2) subset of penalty_type_code",
      "decision_date <= publicity_date <= decision_date + 7 workdays",
      "publicity_date <= source_update_time", "count distinct officer_cert_no >= 2",
      "exists CAS where (other.case_no = case_no)",
      "count CAS where (other.uscc = uscc & other.filing_date + 3 years >= decision_date) <= 2",
      "every officer_cert_no exists AGO where (other.officer_cert_no_one = officer_cert_no & "
        + "other.officer_cert_valid_from <= decision_date <= other.officer_cert_valid_to)",
      "paid_amount <= 2 * fine_amount + default(paid_amount, 0)",
      "abs(paid_amount - fine_amount) / 3 <= 0.05", "year(decision_date) = year(today)",
      "source_update_time + 24 hours >= now", "publicity_date - decision_date <= 90 days",
      "substr(uscc, 9, 9) = substr(case_no, 1, 9)", "normalized(case_no) != case_no",
      "party_type_code >= '2'", "workdays(decision_date, source_update_time) <= item_count",
      "decision_date + item_count days >= date '2026-01-01'", "open_code = 'A1'",
      "not (benchmark_code absent)", "length(uscc) = 18", "true",
    ])
  func accepts(source: String) throws {
    #expect(try problems(source) == [])
  }

  /// Source, part of the message, suggestion, offset.
  struct Wrong: Sendable, CustomTestStringConvertible {
    var source: String
    var message: String
    var suggestion: String?
    var offset: Int

    init(_ source: String, _ message: String, _ suggestion: String? = nil, at offset: Int) {
      self.source = source
      self.message = message
      self.suggestion = suggestion
      self.offset = offset
    }

    var testDescription: String { source }
  }

  private static let names: [Wrong] = [
    Wrong("fine_amuont > 0", "not an element", "fine_amount", at: 0),
    Wrong("licence_no present", "PEN does not carry", at: 0),
    Wrong("other.case_no = case_no", "only inside where", at: 0),
    Wrong("exists CSA where (other.case_no = case_no)", "not a category", "CAS", at: 0),
    Wrong(
      "exists CAS where (other.case_no = filing_date)", "does not carry", "other.filing_date",
      at: 34),
    Wrong("exists CAS where (other.casse_no = case_no)", "not an element", "other.case_no", at: 18),
    Wrong("fine_amount > $limt", "no parameter", "$limit", at: 14),
    Wrong("value > 0", "only in the domain", at: 0),
    Wrong("exists CAS where (other.case_no = 'x')", "no part of the clause", at: 0),
    Wrong("count CAS where (other.case_no = officer_cert_no) > 1", "\"count\" cannot", at: 33),
    Wrong(
      "exists CAS where (exists CAS where (other.case_no = case_no))", "inside another", at: 18),
  ]

  private static let kinds: [Wrong] = [
    Wrong("party_type_code = 1", "codes are quoted", "'1'", at: 18),
    Wrong("fine_amount = '5'", "not quoted", "5", at: 14),
    Wrong("decision_date > 5", "a date cannot be compared with a number", at: 16),
    Wrong("decision_date > '2026-01-01'", "a day is", "date '2026-01-01'", at: 16),
    Wrong("decision_date + 60 > today", "unit is missing", "60 days", at: 16),
    Wrong("publicity_date - decision_date <= 90", "unit is missing", "90 days", at: 34),
    Wrong("fine_amount + 3 days > 0", "unit is missing", "fine_amount days", at: 0),
    Wrong("publicity_date - decision_date <= 3 months", "no fixed length", at: 34),
    Wrong("publicity_date - decision_date <= 7 workdays", "working days cannot", at: 34),
    Wrong("decision_date + 3 hours > today", "only to a date-time", at: 14),
    Wrong("fine_amount < paid_amount > 0", "one direction", at: 12),
    Wrong("0 < fine_amount != paid_amount", "cannot stand in a chain", at: 2),
    Wrong("case_no > '5'", "fixed width", at: 0),
    Wrong("grade_code >= 'G1'", "fixed width", at: 0),
    Wrong("party_type_code = publicity_flag", "CL02 and CL13", at: 16),
    Wrong("penalty_type_code = '03'", "tested with has", "penalty_type_code has '03'", at: 0),
    Wrong("penalty_type_code != '03'", "use has", at: 0),
    Wrong("party_type_code has '1'", "needs a many-valued", "party_type_code = '1'", at: 16),
    Wrong(
      "penalty_type_code in ('01')", "tests one value", "penalty_type_code subset of ('01')",
      at: 18),
    Wrong("count distinct uscc >= 2", "many-valued", at: 0),
    Wrong("fine_amount", "expected a condition", at: 0),
    Wrong("fine_amount & case_no present", "expected a condition", at: 0),
    Wrong("(fine_amount > 0) = (paid_amount > 0)", "<=>", at: 18),
    Wrong("fine_amount * decision_date > 0", "has no meaning", at: 12),
    Wrong("substr(uscc, 0, 2) = '91'", "whole number from 1", at: 13),
    Wrong("decision_date + 1.5 days > today", "whole number", at: 16),
    Wrong(
      "60 days + decision_date > today", "not a date to a duration", "decision_date + 60 days",
      at: 8),
  ]

  private static let codes: [Wrong] = [
    Wrong("party_type_code = '企业'", "not one of the 4", "'1'", at: 18),
    Wrong("party_type_code in ('1', '01')", "not one of the 4", "'1'", at: 25),
    Wrong("penalty_type_code has '3'", "not one of the 5", "'03'", at: 22),
    Wrong("penalty_type_code subset of ('01', '77')", "not one of the 5", at: 35),
    Wrong("penalty_kind_code has '0302'", "not one of the 3", "'0301'", at: 22),
    Wrong("party_type_code in ('1', '1')", "stands twice", at: 25),
    Wrong("party_type_code in ('1', uscc)", "a list holds constants", at: 25),
  ]

  private static let idle: [Wrong] = [
    Wrong("party_type_code = '1' & party_type_code = '2'", "never be true", at: 22),
    Wrong("uscc = 'A' & uscc = 'B'", "never be true", at: 11),
    Wrong("case_no present & case_no absent", "never be true", at: 16),
    Wrong("case_no absent & case_no = 'x'", "never be true", at: 15),
    Wrong("case_no present | case_no absent", "never be false", at: 16),
    Wrong("party_type_code in ('1', '2', '3', '4')", "never be false", at: 16),
    Wrong("party_type_code >= '1'", "never be false", at: 16),
    Wrong("party_type_code > '4'", "never be true", at: 16),
    Wrong("5 < fine_amount < 3", "never be true", at: 2),
    Wrong("fine_amount > 5 & fine_amount <= 5", "never be true", at: 16),
    Wrong("1 < item_count < 2", "never be true", at: 2),
    Wrong("item_count > 1000", "outside n..3", at: 13),
    Wrong("item_count = 1.5", "outside n..3", at: 13),
    Wrong("item_count <= 999.5", "never be false", at: 11),
    Wrong("item_count in (1, 2) & item_count = 3", "never be true", at: 21),
    Wrong(
      "decision_date < date '2026-01-01' & decision_date >= date '2026-02-01'", "never be true",
      at: 34),
    Wrong("penalty_type_code has '03' & not penalty_type_code has '03'", "be true", at: 27),
    Wrong(
      "penalty_type_code subset of ('01') & penalty_type_code has '02'", "never be true", at: 35),
    Wrong("(uscc = case_no) & not (uscc = case_no)", "never be true", at: 17),
    Wrong("fine_amount > 0 => fine_amount > 0", "never be false", at: 16),
    Wrong("fine_amount = fine_amount", "with itself", at: 12),
    Wrong("1 < 2", "only constants", at: 2),
    Wrong(
      "exists CAS where (other.case_no = case_no & other.uscc = 'a' & other.uscc = 'b')",
      "never be true", at: 42),
    Wrong("fine_amount > 0 & false", "never be true", at: 16),
  ]

  @Test("a wrong condition is reported at its place", arguments: names + kinds + codes + idle)
  func reports(wrong: Wrong) throws {
    let checker = ExpressionFixture.checker(parameters: ["": ["limit": "20"]])
    let found = try problems(wrong.source, checker)
    #expect(found.count == 1, "\(found)")
    let first = try #require(found.first)
    #expect(first.message.contains(wrong.message), "\(first)")
    #expect(first.suggestion == wrong.suggestion)
    #expect(first.offset == wrong.offset)
  }

  @Test func allProblemsAreCollected() throws {
    let found = try problems(
      "fine_amuont > 0 & party_type_code = 1 & decision_date > 5 & x has 'a'")
    #expect(found.map(\.offset) == [0, 36, 56, 60])
  }

  @Test func parametersTakeTheTypeOfTheirValues() throws {
    let checker = ExpressionFixture.checker(
      parameters: ["": ["limit": "20", "from": "2026-01-01", "code": "1"], "MEE": ["limit": "7"]])
    let source =
      "decision_date + $limit workdays >= $from & party_type_code = $code & fine_amount > $limit"
    #expect(try problems(source, checker) == [])
    let wrong = ExpressionFixture.checker(parameters: ["": ["code": "1"], "MEE": ["code": "9"]])
    #expect(try problems("party_type_code = $code", wrong).map(\.offset) == [18])
  }

  @Test func valueStandsForTheElement() throws {
    let checker = ExpressionFixture.checker(nil, value: "publicity_date")
    #expect(try problems("value <= today & value >= decision_date", checker) == [])
    #expect(try problems("value >= licence_no", checker).count == 1)
  }

  @Test func elementsAreListedWithTheirCategory() throws {
    let expression = try Expression.parse(
      "every officer_cert_no exists AGO where (other.officer_cert_no_one = officer_cert_no) "
        + "& fine_amount > 0")
    let uses = ExpressionFixture.checker().elements(in: expression)
    #expect(
      uses.map { "\($0.otherCategory ?? "-").\($0.identifier)" } == [
        "-.officer_cert_no", "AGO.officer_cert_no_one", "-.officer_cert_no", "-.fine_amount",
      ])
  }
}
