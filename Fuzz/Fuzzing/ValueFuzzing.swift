import Catalog
import Records
import Standardization

/// Any text as a date, a moment, an amount, a code, a name or a number of a document: what it is
/// standardized to, read again as it stands in the warehouse, is itself.
enum ValueFuzzing {
  static func run(_ input: FuzzInput) {
    // Readers get the text of a decoder.
    let text = Array(String(decoding: input.bytes, as: UTF8.self).utf8)
    checkDates(text, input)
    checkNumbers(text, input)
    checkStandardized(text)
  }

  private static func checkDates(_ text: [UInt8], _ input: FuzzInput) {
    let forms = DateForms(rawValue: input.options & 7)
    switch readDate(text.span, forms: forms) {
    case .date(let day, _):
      expect((-719_162...2_932_896).contains(day), "a date lies in the years 1 to 9999")
      let canonical = Array(CivilDate(dayNumber: day).description.utf8)
      expect(
        readDate(canonical.span) == .date(dayNumber: day, wasCanonical: true),
        "\(CivilDate(dayNumber: day)) reads as itself")
    case .dateTime(let seconds):
      if case .dateTime(let other, _, _) = readDateTime(text.span, forms: forms) {
        expect(seconds == other, "a moment is the same moment for both readers")
      }
    case .impossible, .unreadable: break
    }
    _ = readDateTime(text.span, forms: forms)
  }

  private static func checkNumbers(_ text: [UInt8], _ input: FuzzInput) {
    let digits = 1 + input.cut % 18
    var form = NumberForm(
      totalDigits: digits, decimals: Int(input.options & 7) % (digits + 1),
      unitPower: [0, 4, 8, -4][Int(input.options >> 3 & 3)],
      percent: [.refused, .asNumber, .asFraction, .refused][Int(input.options >> 5 & 3)],
      unit: input.has(2) ? "日" : "")
    form.takesAnyUnit = input.has(7)
    guard case .number(let scaled, _) = readNumber(text.span, form: form) else { return }
    let limit = Int128(10).power(form.totalDigits)
    expect(-limit < Int128(scaled) && Int128(scaled) < limit, "no more digits than the form has")
    let plain = NumberForm(totalDigits: form.totalDigits, decimals: form.decimals)
    let canonical = Array(decimal(scaled, form.decimals).utf8)
    expect(
      readNumber(canonical.span, form: plain) == .number(scaled, changed: false),
      "\(decimal(scaled, form.decimals)) reads as itself")
  }

  private static func decimal(_ scaled: Int64, _ decimals: Int) -> String {
    var digits = String(scaled.magnitude)
    while digits.count <= decimals { digits = "0" + digits }
    let sign = scaled < 0 ? "-" : ""
    guard decimals > 0 else { return sign + digits }
    return sign + digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }

  // MARK: Columns

  private static let catalog: Catalog = {
    var catalog = Catalog()
    catalog.codeLists = [
      CodeList(
        id: "C", name: "C", english: "C", origin: "test",
        values: [("01", "警告"), ("02", "罚款"), ("03", "没收违法所得"), ("09", "其他")].map {
          PermissibleValue(code: $0.0, label: $0.1, english: $0.0)
        })
    ]
    return catalog
  }()

  /// Kinds of columns: name, type, notation, domain, several values.
  private static let kinds: [(String, ElementType, String, ValueDomain, Bool)] = [
    ("code", .text, "n2", .codeList("C"), false), ("codes", .text, "n2", .codeList("C"), true),
    ("text", .text, "c..50", .freeText, false), ("texts", .text, "c..50", .freeText, true),
    ("doc_no", .text, "c..50", .check("doc_no"), false),
    ("review_no", .text, "c..50", .check("review_no"), false),
    ("resident_id", .text, "an18", .check("resident_id"), false),
    ("phone", .text, "c..20", .check("phone"), false),
    ("org_code", .text, "an9", .check("org_code"), false),
    ("uscc", .text, "an18", .check("uscc"), false),
  ]

  private static let category = Category(
    id: "X", number: 1, name: "X", english: "X", group: "A",
    elements: kinds.map { kind in
      CategoryElement(
        element: DataElement(
          id: kind.0, identifier: kind.0, name: kind.0, english: kind.0, definition: "", group: "",
          type: kind.1, notation: kind.2,
          representation: Representation(kind.2, numeric: false) ?? .date,
          domain: kind.3, isMultiValued: kind.4, origin: "test"),
        obligation: .optional, isKey: false)
    },
    entityKey: [], isIssuerScoped: false, eventTime: "", deliveredBy: [], origin: "test")

  private static let fromWarehouse = CanonicalReader.standardizer(catalog, category, kinds.map(\.0))

  private static let fromExport: Standardizer = {
    let mapping = CategoryMapping(
      category: category.id, files: [],
      columns: kinds.map { ColumnMapping(column: $0.0, element: $0.0) })
    let adapter = SourceAdapter(
      system: "S", version: 1, format: .csv, encoding: "utf-8", categories: [mapping],
      origin: "test")
    return Standardizer(
      catalog: catalog, category: category, adapter: adapter, mapping: mapping,
      columns: Array(kinds.indices), values: [:])
  }()

  /// Standardized, and read as it then stands in the warehouse.
  private static func checkStandardized(_ text: [UInt8]) {
    let first = standardize(Array(repeating: text, count: kinds.count), by: fromExport)
    let values = kinds.indices.map { column in
      let ref = first.columns[column].texts[0]
      return ref.isAbsent ? [] : Array(first.text[ref.range])
    }
    let second = standardize(values, by: fromWarehouse)
    expect(second.changes.isEmpty, "nothing is changed again")
    for (column, kind) in kinds.enumerated() where first.columns[column].states[0] == .present {
      let ref = second.columns[column].texts[0]
      expect(second.columns[column].states[0] == .present, "\(kind.0) is present again")
      expect(Array(second.text[ref.range]) == values[column], "\(kind.0) is as it was")
      expect(
        first.columns[column].numbers[0] == second.columns[column].numbers[0],
        "\(kind.0) has the same number")
    }
  }

  private static func standardize(
    _ values: [[UInt8]], by standardizer: Standardizer
  ) -> ElementChunk {
    var chunk = RecordChunk(columnCount: kinds.count, stride: 1)
    let row = chunk.appendRecord(
      position: SourcePosition(recordNumber: 1, line: 1, byteOffset: 0), raw: .absent)
    for (column, value) in values.enumerated() {
      chunk.setField(row, column, chunk.text.appendText(value.span))
    }
    var result = ElementChunk(recordCount: 1, columnCount: kinds.count, text: [])
    standardizer.standardize(&chunk, into: &result)
    return result
  }
}

extension Int128 {
  fileprivate func power(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(1) { product, _ in product * self }
  }
}
