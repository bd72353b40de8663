import Records
import Testing
import TestSupport

@testable import Catalog
@testable import Validation

@Suite struct ExpressionKernelTests {
  private static let catalog = ConditionMaker.catalog
  private static let category = ConditionMaker.category

  private func evaluate(
    _ source: String, _ records: [TestRecord], value: String? = nil
  ) throws -> ([Truth], EvaluationReport) {
    let scope = ExpressionScope(
      catalog: Self.catalog, category: Self.category,
      valueElement: value.flatMap { Self.catalog.element($0) })
    let compiled = try CompiledExpression(try Expression.parse(source), scope: scope)
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
    let report = compiled.evaluate(
      ExpressionFixture.chunk(records, Self.category, Self.catalog),
      context: ExpressionFixture.context, scratch: &scratch, into: &truths)
    return (truths, report)
  }

  private func truth(_ source: String, _ record: TestRecord, value: String? = nil) throws -> Truth {
    try evaluate(source, [record], value: value).0[0]
  }

  @Test func theTruthTablesAreThoseOfThreeValues() {
    let all: [Truth] = [.false, .true, .unknown]
    #expect(all.map { !$0 } == [.true, .false, .unknown])
    func table(_ body: (Truth, Truth) -> Truth) -> String {
      all.map { a in all.map { b in ["F", "T", "U"][Int(body(a, b).rawValue)] }.joined() }
        .joined(separator: " ")
    }
    #expect(table { $0.and($1) } == "FFF FTU FUU")
    #expect(table { $0.or($1) } == "FTU TTT UTU")
    #expect(table { $0.implies($1) } == "TTT FTU UTU")
    #expect(table { $0.equals($1) } == "TFU FTU UUU")
  }

  @Test func presenceIsNeverUnknown() throws {
    let records: [TestRecord] = [["money": "1"], ["money": .unreadable], [:]]
    #expect(try evaluate("money present", records).0 == [.true, .true, .false])
    #expect(try evaluate("money absent", records).0 == [.false, .false, .true])
    #expect(try evaluate("money >= 0", records).0 == [.true, .unknown, .unknown])
  }

  @Test(
    "a month or a year later is the same day or the month's last",
    arguments: [
      ("2026-01-31", "1 months", "2026-02-28"), ("2024-01-31", "1 months", "2024-02-29"),
      ("2026-03-31", "-1 months", "2026-02-28"), ("2024-02-29", "1 years", "2025-02-28"),
      ("2024-02-29", "4 years", "2028-02-29"), ("2026-12-15", "1 months", "2027-01-15"),
      ("2026-01-15", "-1 months", "2025-12-15"), ("2026-05-31", "25 months", "2028-06-30"),
    ])
  func calendarArithmetic(start: String, step: String, end: String) throws {
    let record: TestRecord = ["first_day": .text(start), "start_time": .text(start + "T10:20:30")]
    #expect(try truth("first_day + \(step) = date '\(end)'", record) == .true)
    #expect(try truth("date(start_time + \(step)) = date '\(end)'", record) == .true)
    #expect(try truth("start_time + \(step) - start_time > 90000 days", record) == .false)
  }

  @Test func aDayOutsideTheCalendarIsUnknownAndReported() throws {
    let (truths, report) = try evaluate(
      "first_day + 5 workdays <= last_day",
      [
        ["first_day": "2026-03-02", "last_day": "2026-03-09"],
        ["first_day": "2024-02-29", "last_day": "2026-03-09"],
        ["first_day": "2027-12-30", "last_day": "2028-03-09"], ["last_day": "2028-03-09"],
      ])
    #expect(truths == [.true, .unknown, .unknown, .unknown])
    #expect(report.missingYears(in: ExpressionFixture.calendar) == [2024, 2028])
    let (_, other) = try evaluate(
      "workdays(first_day, last_day) > 3", [["first_day": "2026-03-02", "last_day": "2030-01-01"]])
    #expect(other.missingYears(in: ExpressionFixture.calendar) == [2030])
  }

  @Test func theTableOfWorkingDaysIsTheCalendar() {
    let table = ExpressionFixture.context.workdays
    let calendar = ExpressionFixture.calendar
    let first = (CivilDate(year: 2025, month: 1, day: 1)?.dayNumber ?? 0)
    let last = (CivilDate(year: 2027, month: 12, day: 31)?.dayNumber ?? 0)
    for day in stride(from: first, through: last, by: 3) {
      for count in [-400, -22, -1, 0, 1, 2, 7, 20, 300] {
        #expect(
          table.adding(Int64(count), to: Int64(day)).map { Int($0) }
            == calendar.adding(count, to: day), "\(CivilDate(dayNumber: day)) \(count)")
      }
      #expect(
        table.workingDays(from: Int64(first), to: Int64(day)).map { Int($0) }
          == calendar.workingDays(from: first, to: day))
    }
    #expect(table.adding(.max, to: .max) == nil)
    #expect(table.adding(.min, to: .min) == nil)
    #expect(WorkdayTable(WorkingDayCalendar()).adding(1, to: 0) == nil)
  }

  @Test func overflowIsUnknownAndCounted() throws {
    let record: TestRecord = ["large": "999999999999.999999"]
    let (truths, report) = try evaluate("large * large >= 0", [record])
    #expect(truths == [.unknown])
    #expect(report.overflowCount == 1)
    #expect(try truth("large / money = 1", ["large": "5", "money": "0"]) == .unknown)
    #expect(try truth("large / 3 = 0.666667", ["large": "2"]) == .true)
    #expect(try truth("-large / 3 = -0.666667", ["large": "2"]) == .true)
    #expect(try truth("(whole * 9000000) hours <= 1 days", ["whole": "9"]) == .false)
    #expect(
      try truth("year(first_day + 9000000 days) > 0", ["first_day": "2026-01-01"]) == .unknown)
    #expect(try truth("first_day + 90000 years > today", ["first_day": "2026-01-01"]) == .unknown)
  }

  @Test func decimalsAreExact() throws {
    let record: TestRecord = ["money": "0.10", "ratio": "0.2", "whole": "3"]
    #expect(try truth("money + ratio = 0.3", record) == .true)
    #expect(try truth("money * whole = 0.3", record) == .true)
    #expect(try truth("ceil(money) = 1", record) == .true)
    #expect(try truth("ceil(-money) = 0", record) == .true)
    #expect(try truth("money in (0.1, 0.25)", record) == .true)
    #expect(try truth("whole in (0.1, 3.00)", record) == .true)
  }

  /// What cannot be folded into constants is compared item by item; a single one was a program that traps.
  @Test func aListMayHaveOneItem() throws {
    let record: TestRecord = ["money": "0.10", "end_time": "2026-03-01T00:00:00", "whole": "3"]
    #expect(try truth("end_time in (date '2026-03-01')", record) == .true)
    #expect(try truth("end_time in (date '2026-03-02')", record) == .false)
    #expect(try truth("end_time in (date '2026-03-02')", [:]) == .unknown)
    #expect(try truth("money in (0.1004)", record) == .false)
    #expect(try truth("whole in (3.000)", record) == .true)
    #expect(try truth("end_time in (today)", record) == .false)
  }

  @Test func aCodeOutsideAnOpenListEqualsNoCode() throws {
    let record: TestRecord = ["open_kind": "99", "open_kinds": "01;99"]
    #expect(try truth("open_kind = '01'", record) == .false)
    #expect(try truth("open_kind != '01'", record) == .true)
    #expect(try truth("open_kind in ('01', '02')", record) == .false)
    #expect(try truth("open_kind >= '01'", record) == .unknown)
    #expect(try truth("open_kinds has '01'", record) == .true)
    #expect(try truth("open_kinds subset of ('01', '02')", record) == .false)
  }

  @Test func textsAreCutByCharacters() throws {
    let record: TestRecord = ["name": "甲a乙𠮷b", "names": "甲1;乙2;"]
    #expect(try truth("substr(name, 2, 3) = 'a乙𠮷'", record) == .true)
    #expect(try truth("substr(name, 9, 3) = ''", record) == .true)
    #expect(try truth("substr(name, 4, 99) = '𠮷b'", record) == .true)
    #expect(try truth("length(name) = 5", record) == .true)
    #expect(try truth("substr(names, 1, 1) subset of ('甲', '乙')", record) == .true)
    #expect(try truth("count distinct names = 2", record) == .true)
    #expect(try truth("names has '乙'", record) == .false)
    #expect(try truth("names = name", ["names": "甲;乙", "name": "乙"]) == .true)
  }

  /// Each compared with each would take a minute, and hours for the largest record there may be.
  @Test func aHundredThousandValuesAreCompared() throws {
    let many = (0..<100_000).map(String.init).joined(separator: ";")
    let record: TestRecord = ["names": .text(many + ";7"), "more_names": .text(many)]
    #expect(try truth("count distinct names = 100000", record) == .true)
    #expect(try truth("names subset of more_names", record) == .true)
    #expect(try truth("names has 'x'", record) == .false)
  }

  @Test(arguments: [
    ("ＡＢＣ（集团）　有限·公司", "abc(集团)有限公司"), ("A【b】[C]〔d〕", "a(b)(c)(d)"),
    ("  Ａ．b\t", "a.b"), ("甲・乙•丙‧丁", "甲乙丙丁"), ("𠮷Ä«»", "𠮷Ä«»"), ("", ""), ("《x》", "《x》"),
  ])
  func namesAreNormalized(name: String, expected: String) {
    var bytes: [UInt8] = []
    NameNormalizer.append(Array(name.utf8).span, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }

  @Test func malformedNamesDoNotTrap() {
    for bytes: [UInt8] in [[0xE5], [0xE5, 0xBC], [0xFF, 0x41], [0x80, 0x80], [0xF0, 0x9F]] {
      var result: [UInt8] = []
      NameNormalizer.append(bytes.span, to: &result)
      #expect(!result.isEmpty)
    }
  }

  @Test func valueIsTheElementOfTheDomain() throws {
    #expect(
      try truth("value <= today", ["first_day": "2026-03-10"], value: "first_day") == .true)
    #expect(
      try truth("value <= today", ["first_day": "2026-03-11"], value: "first_day") == .false)
    #expect(try truth("value present", [:], value: "first_day") == .false)
  }

  @Test func anElementThatTheCategoryLacksIsNullInADomain() throws {
    var catalog = Self.catalog
    catalog.elements += ExpressionFixture.catalog.elements
    let scope = ExpressionScope(
      catalog: catalog, category: Self.category, valueElement: catalog.element("first_day"))
    let expression = try Expression.parse(
      "value >= decision_date & party_type_code = '1' | party_type_code has '1'")
    #expect(throws: ExpressionError.self) { try CompiledExpression(expression, scope: scope) }
    let bound = try CompiledExpression(
      try Expression.parse("value >= decision_date | party_type_code = '1'"),
      scope: ExpressionScope(
        catalog: merged(catalog), category: Self.category,
        valueElement: catalog.element("first_day")))
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
    _ = bound.evaluate(
      ExpressionFixture.chunk([["first_day": "2026-01-01"]], Self.category, Self.catalog),
      context: ExpressionFixture.context, scratch: &scratch, into: &truths)
    #expect(truths == [.unknown])
  }

  private func merged(_ catalog: Catalog) -> Catalog {
    var catalog = catalog
    catalog.codeLists += ExpressionFixture.catalog.codeLists
    return catalog
  }

  @Test func evaluationLeavesTheChunkToItsOwner() throws {
    let scope = ExpressionScope(catalog: Self.catalog, category: Self.category)
    let compiled = try CompiledExpression(
      try Expression.parse("substr(name, 1, 1) = '甲' & normalized(name) = label"), scope: scope)
    let records: [TestRecord] = [["name": "甲A", "label": "甲a"]]
    let chunk = ExpressionFixture.chunk(records, Self.category, Self.catalog)
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
    _ = compiled.evaluate(
      chunk, context: ExpressionFixture.context, scratch: &scratch, into: &truths)
    #expect(truths == [.true])
    #expect(scratch.texts.allSatisfy { $0.arena.isEmpty })
  }

  @Test func oneScratchServesAllConditionsAndSizes() throws {
    let scope = ExpressionScope(catalog: Self.catalog, category: Self.category)
    let sources = ["money > 1", "name = label | whole + 1 > 2", "0 < money <= large < 10"]
    let compiled = try sources.map {
      try CompiledExpression(try Expression.parse($0), scope: scope)
    }
    var shared = ExpressionScratch()
    for count in [5, 0, 17, 1, 1024, 3] {
      var maker = ConditionMaker(generator: SeededGenerator(seed: UInt64(count)))
      let records = (0..<count).map { _ in maker.record() }
      let chunk = ExpressionFixture.chunk(records, Self.category, Self.catalog)
      for condition in compiled {
        var fresh = ExpressionScratch()
        var (a, b): ([Truth], [Truth]) = ([], [])
        _ = condition.evaluate(
          chunk, context: ExpressionFixture.context, scratch: &shared, into: &a)
        _ = condition.evaluate(
          chunk, context: ExpressionFixture.context, scratch: &fresh, into: &b)
        #expect(a == b)
        #expect(a.count == count)
      }
    }
  }

  @Test func parametersOfASystemOverrideTheDefault() throws {
    let rule = Rule(
      id: "R", category: "AAA", name: "", english: "", kind: .inRecord, when: nil,
      holds: try Expression.parse("whole <= $limit"), severity: .note, issue: .q31,
      parameters: ["": ["limit": "20", "other": "1"], "MEE": ["limit": "7"]], origin: "test")
    #expect(rule.parameters(for: "SAM") == ["limit": "20", "other": "1"])
    #expect(rule.parameters(for: "MEE") == ["limit": "7", "other": "1"])
  }

  @Test func keysAreFoundInTheClause() throws {
    let scope = ExpressionScope(catalog: Self.catalog, category: Self.category)
    let compiled = try CompiledExpression(
      try Expression.parse(
        "exists BBB where (other.name = substr(name, 1, 2) & other.whole = whole & "
          + "label = other.label & other.kind = '01')"), scope: scope)
    let reference = try #require(compiled.references.first)
    #expect(reference.category == "BBB")
    #expect(reference.keyElements == ["name", "label"])
    #expect(reference.keyColumns == [0, 1])
    var scratch = ExpressionScratch()
    let chunk = ExpressionFixture.chunk(
      [["name": "甲乙丙", "label": "x"], ["name": "甲"], ["label": "x", "name": "丁"]],
      Self.category, Self.catalog)
    let probes = reference.probes(chunk, context: ExpressionFixture.context, scratch: &scratch)
    #expect(probes.rows == [0, 2])
    #expect(probes.keys.map { $0.map { probes.text.string($0) } } == [["甲乙", "丁"], ["x", "x"]])
  }

  @Test(
    "what cannot be compiled is an error with its place",
    arguments: [
      ("nothing > 1", 0), ("kind = '77'", 7), ("money > name", 0), ("$x > 1", 0),
      ("exists CCC where (other.name = name)", 0), ("substr(name, 0, 1) = 'a'", 13),
      ("count BBB where (other.name = names) > 1", 0), ("names != name", 6),
      ("abs(money) present", 0), ("money", 0), ("first_day + 3 hours > today", 10),
    ])
  func refuses(source: String, offset: Int) throws {
    let scope = ExpressionScope(catalog: Self.catalog, category: Self.category)
    let expression = try Expression.parse(source)
    let error = #expect(throws: ExpressionError.self) {
      try CompiledExpression(expression, scope: scope)
    }
    #expect(error?.offset == offset)
  }
}
