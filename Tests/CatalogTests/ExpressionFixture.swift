@testable import Catalog

/// A small catalog: penalties, officers and licences.
enum ExpressionFixture {
  static let catalog: Catalog = {
    var catalog = Catalog()
    catalog.codeLists = [
      list("CL02", ["0:否", "1:是"]),
      list("CL13", ["1:企业", "2:个体工商户", "3:其他组织", "4:自然人"]),
      list("CL42", ["01:警告", "02:通报批评", "03:罚款", "04:没收违法所得", "05:其他处罚"]),
      list("CL43", ["0101:警告", "0301:罚款", "0601:吊销许可证件"]),
      list("CL66", ["G1:一级", "G10:十级"]),
      list("CL99", ["A1:甲", "A2:乙"], isExtensible: true),
    ]
    catalog.elements = elements
    catalog.categories = [
      category(
        "PEN",
        [
          "case_no", "uscc", "party_type_code", "penalty_type_code", "penalty_kind_code",
          "fine_amount", "paid_amount", "decision_date", "publicity_date", "source_update_time",
          "officer_cert_no", "publicity_flag", "item_count", "grade_code", "open_code",
          "benchmark_code", "division_code",
        ]),
      category(
        "AGO", ["officer_cert_no_one", "officer_cert_valid_from", "officer_cert_valid_to"]),
      category("CAS", ["case_no", "uscc", "filing_date", "party_type_code"]),
    ]
    return catalog
  }()

  private static let elements: [DataElement] = [
    element("case_no", .text, "c..64"), element("uscc", .text, "an18"),
    element("party_type_code", .text, "n1", list: "CL13"),
    element("penalty_type_code", .text, "n2", list: "CL42", isMultiValued: true),
    element("penalty_kind_code", .text, "n4", list: "CL43", isMultiValued: true),
    element("fine_amount", .number, "n..16,2"), element("paid_amount", .number, "n..16,2"),
    element("item_count", .number, "n..3"), element("decision_date", .date, "YYYYMMDD"),
    element("publicity_date", .date, "YYYYMMDD"), element("filing_date", .date, "YYYYMMDD"),
    element("source_update_time", .dateTime, "YYYYMMDDThhmmss"),
    element("officer_cert_no", .text, "an..20", isMultiValued: true),
    element("officer_cert_no_one", .text, "an..20"),
    element("officer_cert_valid_from", .date, "YYYYMMDD"),
    element("officer_cert_valid_to", .date, "YYYYMMDD"),
    element("publicity_flag", .flag, "n1", list: "CL02"),
    element("grade_code", .text, "an..3", list: "CL66"),
    element("open_code", .text, "an2", list: "CL99"), element("benchmark_code", .text, "an..20"),
    element("division_code", .text, "n6"), element("licence_no", .text, "c..60"),
  ]

  static func checker(
    _ category: String? = "PEN", parameters: [String: [String: String]] = [:],
    value: String? = nil
  ) -> ExpressionChecker {
    ExpressionChecker(
      catalog: catalog, category: category, valueElement: value.flatMap { catalog.element($0) },
      parameters: parameters)
  }

  private static func element(
    _ identifier: String, _ type: ElementType, _ notation: String, list: String? = nil,
    isMultiValued: Bool = false
  ) -> DataElement {
    DataElement(
      id: identifier, identifier: identifier, name: identifier, english: identifier,
      definition: "", group: "", type: type, notation: notation,
      representation: Representation(notation, numeric: type == .number) ?? .date,
      domain: list.map { .codeList($0) } ?? .freeText, isMultiValued: isMultiValued,
      origin: "test")
  }

  private static func list(
    _ id: String, _ values: [String], isExtensible: Bool = false
  ) -> CodeList {
    CodeList(
      id: id, name: "", english: "", origin: "test", isExtensible: isExtensible,
      values: values.map { value in
        let parts = value.split(separator: ":").map(String.init)
        return PermissibleValue(code: parts[0], label: parts[1], english: "")
      })
  }

  private static func category(_ id: String, _ identifiers: [String]) -> Category {
    let carried = identifiers.compactMap { identifier in
      elements.first { $0.identifier == identifier }
    }
    return Category(
      id: id, number: 1, name: id, english: id, group: "A",
      elements: carried.map {
        CategoryElement(element: $0, obligation: .optional, isKey: false)
      },
      entityKey: [], isIssuerScoped: false, eventTime: "", deliveredBy: [], origin: "test")
  }
}
