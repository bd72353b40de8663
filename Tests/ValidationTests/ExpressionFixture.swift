import Records

@testable import Catalog
@testable import Validation

/// One value of a test record; an element that is not there is null.
enum TestValue: Hashable, ExpressibleByStringLiteral {
  case text(String)
  case unreadable

  init(stringLiteral value: String) { self = .text(value) }
}

typealias TestRecord = [String: TestValue]

/// Catalogs and chunks made of tables.
enum ExpressionFixture {
  /// The catalog of the product's rules.
  static let catalog = make(
    elements: ExpressionTables.elements, lists: ExpressionTables.codeLists,
    categories: ExpressionTables.categories)

  static func make(elements: String, lists: String, categories: String) -> Catalog {
    var catalog = Catalog()
    catalog.codeLists = lines(lists).map { fields in
      let isExtensible = fields[0].hasSuffix("+")
      let id = isExtensible ? String(fields[0].dropLast()) : fields[0]
      return CodeList(
        id: id, name: id, english: id, origin: "test", isExtensible: isExtensible,
        values: fields.dropFirst().map { PermissibleValue(code: $0, label: $0, english: $0) })
    }
    catalog.elements = lines(elements).map { element($0) }
    let elements = catalog.elements
    catalog.categories = lines(categories).map { fields in
      let carried = fields.dropFirst().compactMap { name in
        elements.first { $0.identifier == name }
      }
      return Category(
        id: fields[0], number: 1, name: fields[0], english: fields[0], group: "A",
        elements: carried.map {
          CategoryElement(element: $0, obligation: .optional, isKey: false)
        },
        entityKey: [], isIssuerScoped: false, eventTime: "", deliveredBy: [], origin: "test")
    }
    return catalog
  }

  private static func lines(_ table: String) -> [[String]] {
    table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  private static func element(_ fields: [String]) -> DataElement {
    let type = ElementType(rawValue: fields[1]) ?? .text
    return DataElement(
      id: fields[0], identifier: fields[0], name: fields[0], english: fields[0], definition: "",
      group: "", type: type, notation: fields[2],
      representation: Representation(fields[2], numeric: type == .number) ?? .date,
      domain: fields[3] == "-" ? .freeText : .codeList(fields[3]),
      isMultiValued: fields[4] == "many", origin: "test")
  }

  /// A calendar in which Monday to Friday are worked, 2025 to 2027.
  static let calendar: WorkingDayCalendar = {
    var days: [Int: Set<Int>] = [:]
    for year in 2025...2027 {
      for month in 1...12 {
        for day in 1...CivilDate.daysInMonth(year: year, month: month) {
          guard let date = CivilDate(year: year, month: month, day: day) else { continue }
          days[year, default: []].formUnion(date.weekday <= 5 ? [date.dayNumber] : [])
        }
      }
    }
    return WorkingDayCalendar(workingDays: days) ?? WorkingDayCalendar()
  }()

  static let today = CivilDate(year: 2026, month: 3, day: 10)?.dayNumber ?? 0

  static let context = EvaluationContext(
    today: today, night: today - 1, now: Int64(today) * 86_400 + 43_200, calendar: calendar)

  // MARK: Records

  static func chunk(
    _ records: [TestRecord], _ category: Category, _ catalog: Catalog
  ) -> ElementChunk {
    var chunk = ElementChunk(
      recordCount: records.count, columnCount: category.elements.count, text: [])
    for (column, carried) in category.elements.enumerated() {
      let element = carried.element
      for (row, record) in records.enumerated() {
        switch record[element.identifier] {
        case nil: break
        case .unreadable:
          chunk.columns[column].setUnreadable(row, chunk.text.appendText("?"))
        case .text(let text):
          let number = number(text, element, catalog)
          chunk.columns[column].set(row, chunk.text.appendText(text), number: number)
        }
      }
    }
    return chunk
  }

  static func number(_ text: String, _ element: DataElement, _ catalog: Catalog) -> Int64 {
    switch element.expressionType {
    case .number(let decimals):
      let number = ExactNumber(text) ?? ExactNumber(digits: 0, decimals: 0)
      return number.digits * powerOfTen(decimals - number.decimals)
    case .date: return Int64(CivilDate(text)?.dayNumber ?? 0)
    case .dateTime: return seconds(text)
    case .code(let list):
      return Int64(catalog.codeList(list)?.index(of: text) ?? -1)
    case .codes(let list):
      return text.split(separator: ";").reduce(into: 0) { bits, code in
        let index = catalog.codeList(list)?.index(of: String(code)) ?? 63
        bits |= index < 63 ? 1 << Int64(index) : ElementColumn.unknownCodeBit
      }
    default: return 0
    }
  }

  /// Reads `2026-03-01T10:20:30`.
  static func seconds(_ text: String) -> Int64 {
    let day = CivilDate(text.prefix(10))?.dayNumber ?? 0
    let parts = text.dropFirst(11).split(separator: ":").map { Int64($0) ?? 0 }
    return Int64(day) * 86_400 + parts[0] * 3600 + parts[1] * 60 + parts[2]
  }
}
