import Catalog
import Records
import Testing

@testable import Standardization

@Suite("Standardizing chunks")
struct StandardizerTests {
  private static func element(_ name: String, _ domain: ValueDomain = .freeText) -> CategoryElement
  {
    CategoryElement(
      element: DataElement(
        id: name, identifier: name, name: name, english: name, definition: "", group: "",
        type: .text, notation: "c..50", representation: .text(.any, length: 0...50),
        domain: domain, origin: "test"),
      obligation: .optional, isKey: false)
  }

  /// Records of a party: its name and kind; kind `4` moves the name.
  private static func standardizer() -> Standardizer {
    var catalog = Catalog()
    catalog.codeLists = [
      CodeList(
        id: "C", name: "C", english: "C", origin: "test",
        values: ["1", "4"].map { PermissibleValue(code: $0, label: $0, english: $0) })
    ]
    var category = Category(
      id: "X", number: 1, name: "X", english: "X", group: "A",
      elements: [
        Self.element("subject"), Self.element("kind", .codeList("C")), Self.element("person"),
      ],
      entityKey: [], isIssuerScoped: false, eventTime: "", deliveredBy: [], origin: "test")
    category.moves = [
      ElementMove(from: "subject", to: "person", element: "kind", codes: ["4"], origin: "test")
    ]
    let mapping = CategoryMapping(
      category: "X", files: [],
      columns: ["subject", "kind"].map { ColumnMapping(column: $0, element: $0) })
    let adapter = SourceAdapter(
      system: "S", version: 1, format: .csv, encoding: "utf-8", categories: [mapping],
      origin: "test")
    return Standardizer(
      catalog: catalog, category: category, adapter: adapter, mapping: mapping, columns: [0, 1],
      values: [:])
  }

  @Test("A column that only moves fill keeps nothing of an earlier chunk")
  func reuse() {
    let standardizer = Self.standardizer()
    var result = standardizer.makeResult()
    func persons(_ records: [(String, String)]) -> [String] {
      var chunk = RecordChunk(columnCount: 2)
      for (index, record) in records.enumerated() {
        let row = chunk.appendRecord(
          position: SourcePosition(recordNumber: index + 1, line: 1, byteOffset: 0), raw: .absent)
        chunk.setField(row, 0, chunk.text.appendText(record.0))
        chunk.setField(row, 1, chunk.text.appendText(record.1))
      }
      standardizer.standardize(&chunk, into: &result)
      return (0..<records.count).map { result.text.string(result.columns[2].texts[$0]) }
    }
    #expect(persons([("甲公司", "1"), ("乙五的名字很长", "4")]) == ["", "乙五的名字很长"])
    #expect(persons([("丙", "4"), ("丁", "1")]) == ["丙", ""])
  }

  @Test(
    "Of several values those that say there is none do not count",
    arguments: [
      ("1;4", "1;4"), ("1;-", "1"), (";4", "4"), ("-; 无 ;4", "4"), ("-;/", nil), (";", nil),
      ("无;", nil), ("9;-", "9?"), ("、", nil), ("，、", nil), ("1、无", "1"), ("无，4", "4"),
      ("1，-、4", "1;4"), ("-、无", nil), ("1| - |4", "1;4"),
    ])
  func valuesThatAreNone(_ cell: String, _ expected: String?) {
    var catalog = Catalog()
    catalog.nullSpellings = ["default": ["-", "/", "无"]]
    catalog.codeLists = [
      CodeList(
        id: "C", name: "C", english: "C", origin: "test",
        values: ["1", "4"].map { PermissibleValue(code: $0, label: $0, english: $0) })
    ]
    var many = Self.element("kinds", .codeList("C"))
    many.element.isMultiValued = true
    #expect(Self.standardized(cell, many, catalog) == expected)
    // Of texts every spelling is a value.
    guard expected?.hasSuffix("?") != true else { return }
    many.element.domain = .freeText
    #expect(Self.standardized(cell, many, catalog) == expected)
  }

  /// Found by `Scripts/fuzz values`: a number of a document was present and empty.
  @Test(
    "What prints nothing is no value, whatever the column",
    arguments: ["doc_no", "review_no", "phone", "org_code", "uscc", ""],
    ["\u{200C}", "\u{2003}", "'\u{2060}", "\u{200E} \u{202F}"])
  func nothing(_ check: String, _ cell: String) {
    let element = Self.element("x", check.isEmpty ? .freeText : .check(check))
    #expect(Self.standardized(cell, element, Catalog()) == nil)
  }

  /// Found by `Scripts/fuzz values`: a wide apostrophe became Excel's, and that an empty number.
  @Test(
    "A number of a document that is only Excel's mark is no value",
    arguments: ["doc_no", "review_no"],
    [("＇", nil), ("＇\u{2060}", nil), ("＇ ＇", "''"), ("＇1", "1")])
  func onlyMarks(_ check: String, _ cell: (String, String?)) {
    #expect(Self.standardized(cell.0, Self.element("x", .check(check)), Catalog()) == cell.1)
  }

  /// 注册资本(万元) of SAM, and columns that say no unit.
  @Test(
    "An amount in an element of 万元 is the same however it is written",
    arguments: [nil, "万元", "元"], ["500万元", "5000000元", "伍佰万元整", "0.05亿元"])
  func capital(_ unit: String?, _ cell: String) throws {
    var element = Self.element("registered_capital", .freeText)
    element.element.type = .number
    element.element.representation = try #require(Representation("n..18,6", numeric: true))
    element.element.unit = "万元"
    #expect(Self.standardized(cell, element, Catalog(), unit: unit) == "500000000")
  }

  @Test(
    "An unknown value of an extensible list leaves the known ones their codes",
    arguments: [
      ("经营、新", "SC01;新"), ("新;SC02;经营", "SC01;SC02;新"), ("新、新", "新"), ("乙、甲", "乙;甲"),
      ("甲 乙", "甲 乙"), ("甲 乙、经营", "SC01;甲 乙"), ("SC01;新", "SC01;新"), ("经营", "SC01"),
    ])
  func knownAndUnknown(_ cell: String, _ expected: String) {
    var catalog = Catalog()
    catalog.codeLists = [
      CodeList(
        id: "C", name: "C", english: "C", origin: "test", isExtensible: true,
        values: [
          PermissibleValue(code: "SC01", label: "经营", english: "trade"),
          PermissibleValue(code: "SC02", label: "运输", english: "transport"),
        ])
    ]
    var many = Self.element("kinds", .codeList("C"))
    many.element.isMultiValued = true
    #expect(Self.standardized(cell, many, catalog) == expected)
    #expect(Self.standardized(expected, many, catalog) == expected)
  }

  @Test(
    "An industry class gets the letter of its section",
    arguments: [
      ("5199", "F5199"), ("F5199", "F5199"), ("f5199", "F5199"), ("0111", "A0111"),
      ("9999", "9999"), ("519", "519"), ("51999", "51999"), ("五一九九", "五一九九"),
    ])
  func industries(_ cell: String, _ expected: String) {
    var catalog = Catalog()
    catalog.industries = [
      IndustrySection(letter: "A", name: "农业", english: "farming", divisions: 1...5),
      IndustrySection(letter: "F", name: "批发零售", english: "trade", divisions: 51...52),
    ]
    #expect(Self.standardized(cell, Self.element("class", .check("gbt4754")), catalog) == expected)
  }

  @Test(
    "What is standardized is not changed again",
    arguments: [
      ("org_code", "ma61t000-x", "MA61T000X"), ("org_code", "MA61T000X", "MA61T000X"),
      ("org_code", "---", "---"), ("phone", "028 8651 2345", "02886512345"),
    ])
  func once(_ check: String, _ cell: String, _ expected: String) {
    let element = Self.element("value", .check(check))
    #expect(Self.standardized(cell, element, Catalog()) == expected)
    #expect(Self.standardized(expected, element, Catalog()) == expected)
  }

  @Test(
    "What stands in a warehouse is read as it stands there",
    arguments: [
      ("''1", "'1"), ("Ｎ／Ａ", "N/A"), ("'\u{FEFF}-'", "'\u{FEFF}-'"), ("=\"'1\"", "'1"),
    ])
  func canonical(_ cell: String, _ expected: String) {
    var catalog = Catalog()
    catalog.nullSpellings = ["default": ["-", "N/A"]]
    var category = Category(
      id: "X", number: 1, name: "X", english: "X", group: "A", elements: [Self.element("value")],
      entityKey: [], isIssuerScoped: false, eventTime: "", deliveredBy: [], origin: "test")
    #expect(Self.standardized(cell, Self.element("value"), catalog) == expected)
    category.elements[0].element.isMultiValued = true
    var chunk = RecordChunk(columnCount: 1)
    let row = chunk.appendRecord(
      position: SourcePosition(recordNumber: 1, line: 1, byteOffset: 0), raw: .absent)
    chunk.setField(row, 0, chunk.text.appendText(expected))
    let read = CanonicalReader(catalog, category).read(&chunk).records
    #expect(read.columns[0].states[0] == .present)
    #expect(read.text.string(read.columns[0].texts[0]) == expected)
    #expect(read.changes.isEmpty)
  }

  /// A value of one element, with `?` where it is not readable; nil for none.
  private static func standardized(
    _ cell: String, _ element: CategoryElement, _ catalog: Catalog, unit: String? = nil
  ) -> String? {
    let name = element.element.identifier
    let category = Category(
      id: "X", number: 1, name: "X", english: "X", group: "A", elements: [element], entityKey: [],
      isIssuerScoped: false, eventTime: "", deliveredBy: [], origin: "test")
    let mapping = CategoryMapping(
      category: "X", files: [],
      columns: [ColumnMapping(column: name, element: name, unit: unit)])
    let standardizer = Standardizer(
      catalog: catalog, category: category,
      adapter: SourceAdapter(
        system: "S", version: 1, format: .csv, encoding: "utf-8", categories: [mapping],
        origin: "test"),
      mapping: mapping, columns: [0], values: [:])
    var result = standardizer.makeResult()
    var chunk = RecordChunk(columnCount: 1)
    let row = chunk.appendRecord(
      position: SourcePosition(recordNumber: 1, line: 1, byteOffset: 0), raw: .absent)
    chunk.setField(row, 0, chunk.text.appendText(cell))
    standardizer.standardize(&chunk, into: &result)
    let column = result.columns[0]
    switch column.states[0] {
    case .null: return nil
    case .present where element.element.type == .number: return "\(column.numbers[0])"
    case .present: return result.text.string(column.texts[0])
    case .unreadable: return result.text.string(column.texts[0]) + "?"
    }
  }
}
