import Records
import Testing

@testable import Catalog
@testable import Validation

/// Checks of single elements, through the validator of a category that is made of them.
@Suite struct ElementCheckTests {
  private static func element(
    _ name: String, _ notation: String, _ domain: ValueDomain, isMultiValued: Bool = false
  ) throws -> DataElement {
    let type: ElementType =
      switch notation {
      case "YYYYMMDD": .date
      case "YYYYMMDDThhmmss": .dateTime
      case let notation where notation.hasPrefix("n"): .number
      default: .text
      }
    return DataElement(
      id: name, identifier: name, name: name, english: name, definition: "", group: "",
      type: type, notation: notation,
      representation: try #require(Representation(notation, numeric: type == .number)),
      domain: domain, isMultiValued: isMultiValued, origin: "test")
  }

  /// Findings as `Q23 value.range`.
  ///
  /// - Parameter missing: Elements of the catalog that the category does not carry.
  private static func findings(
    _ elements: [DataElement], _ record: TestRecord, missing: [DataElement] = [],
    earliest: CivilDate? = nil
  ) throws -> [String] {
    var catalog = Catalog()
    catalog.earliestDate = earliest
    catalog.elements = elements + missing
    let category = Category(
      id: "X", number: 1, name: "X", english: "X", group: "A",
      elements: elements.map {
        CategoryElement(element: $0, obligation: .optional, isKey: false)
      },
      entityKey: [], isIssuerScoped: false, eventTime: "", deliveredBy: [], origin: "test")
    catalog.categories = [category]
    let validator = try CategoryValidator(catalog: catalog, category: category, system: "S")
    let today = ExpressionFixture.today
    let context = validator.context(
      ValidationDates(today: today, night: today, now: Int64(today) * 86_400 + 43_200))
    var findings: [Finding] = []
    validator.validate(
      ExpressionFixture.chunk([record], category, catalog), skipping: [false],
      context: context, into: &findings)
    return findings.map {
      let description = validator.descriptions[Int($0.check)]
      return "\(description.issue.rawValue) \(description.rule)"
    }
  }

  struct RangeCase: Sendable, CustomTestStringConvertible {
    var value: String
    var notation: String
    var range: (String, String)
    var bound: String?
    var boundNotation = "n..9,2"
    var isWrong: Bool

    init(
      _ value: String, _ notation: String, _ low: String, _ high: String, _ bound: String? = nil,
      _ boundNotation: String = "n..9,2", isWrong: Bool
    ) {
      self.value = value
      self.notation = notation
      range = (low, high)
      self.bound = bound
      self.boundNotation = boundNotation
      self.isWrong = isWrong
    }

    var testDescription: String {
      "\(value) (\(notation)) in \(range.0),\(range.1), \(bound ?? "none") (\(boundNotation))"
    }
  }

  private static let day = "YYYYMMDD"
  private static let moment = "YYYYMMDDThhmmss"

  static let ranges: [RangeCase] = [
    // Constants with as many, fewer and more decimals than the element.
    RangeCase("1.00", "n..9,2", "[1.00", "]", isWrong: false),
    RangeCase("0.99", "n..9,2", "[1", "]", isWrong: true),
    RangeCase("1.00", "n..9,2", "(1", "]", isWrong: true),
    RangeCase("0.00", "n..9,2", "[0.005", "]", isWrong: true),
    RangeCase("0.01", "n..9,2", "[0.005", "]", isWrong: false),
    RangeCase("99.99", "n..9,2", "[", "99.995]", isWrong: false),
    RangeCase("100.00", "n..9,2", "[", "99.995]", isWrong: true),
    RangeCase("-3", "n..3", "[-2.5", "]", isWrong: true),
    RangeCase("-2", "n..3", "[-2.5", "]", isWrong: false),
    // Another element with as many, fewer and more decimals.
    RangeCase("9.99", "n..9,2", "[", "b]", "9.99", isWrong: false),
    RangeCase("9.99", "n..9,2", "[", "b)", "9.99", isWrong: true),
    RangeCase("10.01", "n..9,2", "[", "b]", "10", "n..3", isWrong: true),
    RangeCase("10.00", "n..9,2", "[", "b]", "10", "n..3", isWrong: false),
    RangeCase("10", "n..3", "[", "b]", "9.99", isWrong: true),
    RangeCase("9", "n..3", "[", "b]", "9.99", isWrong: false),
    RangeCase("9", "n..3", "[b", "]", "9.01", isWrong: true),
    RangeCase("10", "n..3", "[b", "]", "9.99", isWrong: false),
    RangeCase("1.00", "n..9,2", "[b", "]", "999999999999999999", "n..18", isWrong: true),
    RangeCase("1.00", "n..9,2", "[", "b]", "-999999999999999999", "n..18", isWrong: true),
    RangeCase("1.00", "n..9,2", "[b", "]", nil, isWrong: false),
    // Dates and date-times, at the coarser precision.
    RangeCase("2026-03-02", day, "[b", "]", "2026-03-02", day, isWrong: false),
    RangeCase("2026-03-02", day, "(b", "]", "2026-03-02", day, isWrong: true),
    RangeCase("2026-03-01", day, "[b", "]", "2026-03-02", day, isWrong: true),
    RangeCase("1969-12-31", day, "[b", "]", "1969-12-31T10:00:00", moment, isWrong: false),
    RangeCase("2026-03-02", day, "[b", "]", "2026-03-02T10:00:00", moment, isWrong: false),
    RangeCase("2026-03-01", day, "[b", "]", "2026-03-02T10:00:00", moment, isWrong: true),
    RangeCase("2026-03-02T10:00:00", moment, "[", "b]", "2026-03-02", day, isWrong: false),
    RangeCase("2026-03-03T00:00:00", moment, "[", "b]", "2026-03-02", day, isWrong: true),
    RangeCase(
      "2026-03-02T10:00:00", moment, "[", "b]", "2026-03-02T09:59:59", moment, isWrong: true),
    RangeCase(
      "2026-03-02T10:00:00", moment, "[", "b]", "2026-03-02T10:00:00", moment, isWrong: false),
  ]

  @Test(arguments: ranges) func `a value lies in the range of its element`(
    _ test: RangeCase
  ) throws {
    func bound(_ text: String, _ isInclusive: Bool) -> RangeBound? {
      if text.isEmpty { return nil }
      return text == "b"
        ? .element("b", inclusive: isInclusive) : .number(text, inclusive: isInclusive)
    }
    let low = bound(String(test.range.0.dropFirst()), test.range.0.hasPrefix("["))
    let high = bound(String(test.range.1.dropLast()), test.range.1.hasSuffix("]"))
    var record: TestRecord = ["a": .text(test.value)]
    record["b"] = test.bound.map { .text($0) }
    let issue = test.notation.hasPrefix("n") ? "Q23" : "Q22"
    let free: ValueDomain =
      test.boundNotation.hasPrefix("n") ? .range(lower: nil, upper: nil) : .anyDate
    #expect(
      try Self.findings(
        [
          Self.element("a", test.notation, .range(lower: low, upper: high)),
          Self.element("b", test.boundNotation, free),
        ], record) == (test.isWrong ? ["\(issue) a.range"] : []))
  }

  @Test func `a range whose bound the category lacks is open at that end`() throws {
    let range = ValueDomain.range(
      lower: .number("0", inclusive: true), upper: .element("b", inclusive: true))
    let elements = [try Self.element("a", "n..3", range)]
    #expect(try Self.findings(elements, ["a": "-1"]) == ["Q23 a.range"])
    #expect(try Self.findings(elements, ["a": "500"]) == [])
  }

  @Test(arguments: [
    ("value <= today & value >= start", "2026-03-11", ["Q29 a.order"]),
    ("value <= today & value >= start", "2026-03-10", []),
    ("start <= value <= today", "2026-03-11", ["Q29 a.order"]),
    ("value >= start", "2026-03-11", []),
    ("value >= date '2000-01-01' & value >= start", "1999-12-31", ["Q22 a.order"]),
  ])
  func `an element that the category lacks takes nothing else from a condition`(
    _ condition: String, _ value: String, _ expected: [String]
  ) throws {
    let start = try Self.element("start", Self.day, .anyDate)
    let elements = [
      try Self.element("a", Self.day, .holds(try Expression.parse(condition)))
    ]
    #expect(
      try Self.findings(elements, ["a": .text(value)], missing: [start]) == expected)
  }

  @Test(arguments: [
    ("甲一;乙二", false), ("甲一;#REF!", true), ("########;乙二", true), ("甲一;#N/A;乙二", true),
    ("甲一;??", true), ("是否属实?;乙二", false), ("#;###", false), ("甲;烫烫烫;乙", true),
    // Three sound names with rare characters are no text in the wrong encoding.
    ("陶喆;斂;屾;澶", false),
  ])
  func `each of several values is judged for damage by itself`(
    _ text: String, _ isDamaged: Bool
  ) throws {
    let element = try Self.element("a", "c..100", .freeText, isMultiValued: true)
    #expect(
      try Self.findings([element], ["a": .text(text)]) == (isDamaged ? ["Q28 a.damage"] : []))
  }

  @Test(arguments: [
    ("1899-12-31", true), ("1900-01-01", true), ("1902-12-31", true), ("1903-01-01", false),
    ("1970-01-01", false), ("9999-12-31", false),
  ])
  func `no date lies before the earliest of the catalog`(_ text: String, _ isWrong: Bool) throws {
    let date = try Self.element("a", Self.day, .anyDate)
    let time = try Self.element("b", Self.moment, .anyDate)
    let earliest = try #require(CivilDate("1903-01-01"))
    let record: TestRecord = ["a": .text(text), "b": .text(text + "T00:00:00")]
    #expect(
      try Self.findings([date, time], record, earliest: earliest)
        == (isWrong ? ["Q29 a.earliest", "Q29 b.earliest"] : []))
    #expect(try Self.findings([date, time], record) == [])
  }
}
