import Catalog
import Records
import Standardization

/// Accuracy: an identifier passes its own check: check characters (Q27), form (Q21), codes of a table
/// (Q24: divisions, postal zones, industries), dates inside (Q29), spreadsheet damage (Q28). Warnings are notes.
struct IdentifierTest {
  private let kind: IdentifierKind
  private let divisions: DivisionTable
  /// Descriptions by issue, for failures and for warnings.
  private let failures: [IssueCode: Int]
  private let warnings: [IssueCode: Int]
  /// Column and code that say whether a certificate is a resident identity card.
  private let cardColumn: Int?
  private let cardIndex: Int64
  /// Column of the licence type, and its codes as numbers.
  private let licenceColumn: Int?
  private let licenceTypes: [Int]

  private static let issues: [IssueCode] = [.q21, .q24, .q27, .q28, .q29]

  init?(_ element: DataElement, _ setup: CheckSetup, _ registry: inout CheckRegistry) {
    guard case .check(let name) = element.domain, let kind = IdentifierKind(rawValue: name) else {
      return nil
    }
    self.kind = kind
    divisions = setup.divisions
    let definition = setup.catalog.identifiers.first { $0.kind == name }
    let chinese = definition.map { "\($0.name):\($0.formChinese)" } ?? name
    let english = definition.map { "\($0.english): \($0.formEnglish)" } ?? name
    var failures: [IssueCode: Int] = [:]
    var warnings: [IssueCode: Int] = [:]
    for issue in Self.issues {
      let severity: Severity = kind.isAdvisory && issue != .q28 ? .note : .return
      failures[issue] = registry.add(
        element, issue, "check.\(name)", severity: severity, chinese: chinese, english: english)
      warnings[issue] = registry.add(
        element, issue, "check.\(name).note", severity: .note, chinese: chinese, english: english)
    }
    self.failures = failures
    self.warnings = warnings
    (cardColumn, cardIndex) = Self.cardType(kind, element, setup)
    (licenceColumn, licenceTypes) = Self.licenceType(kind, element, setup)
  }

  /// Whether a description is about damage.
  func isDamage(_ check: Int) -> Bool { failures[.q28] == check }

  /// - Returns: Index of the description of what is wrong; nil if nothing is.
  func failure(
    _ value: Span<UInt8>, _ chunk: borrowing ElementChunk, _ row: Int, _ scope: CheckScope
  ) -> Int? {
    guard cardColumn != nil || licenceColumn != nil else {
      return failure(kind.check(value, scope.identifiers))
    }
    var context = scope.identifiers
    if let cardColumn {
      context.isResidentIdentityCard =
        chunk.columns[cardColumn].states[row] == .present
        && chunk.columns[cardColumn].numbers[row] == cardIndex
    }
    if let licenceColumn, chunk.columns[licenceColumn].states[row] == .present {
      let index = Int(chunk.columns[licenceColumn].numbers[row])
      context.licenceType = licenceTypes.indices.contains(index) ? licenceTypes[index] : nil
    }
    return failure(kind.check(value, context))
  }

  private func failure(_ verdict: IdentifierVerdict) -> Int? {
    switch verdict {
    case .valid, .notApplicable: return nil
    case .warning(let reason): return warnings[Self.issue(reason, kind)]
    // What the source hid cannot be checked, and is no reason to send the record back.
    case .invalid(.masked): return warnings[.q27]
    case .invalid(let reason): return failures[Self.issue(reason, kind)]
    }
  }

  static func issue(_ reason: IdentifierReason, _ kind: IdentifierKind) -> IssueCode {
    switch reason {
    case .checkCharacter, .organisationCode, .masked: .q27
    case .date, .futureDate: .q29
    case .scientificNotation, .excelZeros: .q28
    // A code of a table; inside an identity number or a credit code it speaks for a mistyped number.
    case .division: [.division, .postal, .industry].contains(kind) ? .q24 : .q27
    case .section: .q24
    default: .q21
    }
  }

  /// Identifier of the element beside a number that says what kind of number it is; nil if none does.
  static func companion(of element: DataElement) -> String? {
    guard case .check(let name) = element.domain else { return nil }
    switch IdentifierKind(rawValue: name) {
    case .residentIDIf111 where element.identifier.hasSuffix("_no"):
      return element.identifier.dropLast(2) + "type_code"
    case .licenceByType: return "licence_type_code"
    default: return nil
    }
  }

  /// The certificate type stands beside the number: `person_id_no` and `person_id_type_code`.
  private static func cardType(
    _ kind: IdentifierKind, _ element: DataElement, _ setup: CheckSetup
  ) -> (Int?, Int64) {
    guard kind == .residentIDIf111, let name = companion(of: element),
      let column = setup.category.column(of: name),
      let list = setup.category.elements[column].element.codeList.flatMap(setup.catalog.codeList),
      let index = list.index(of: "111")
    else { return (nil, -2) }
    return (column, Int64(index))
  }

  private static func licenceType(
    _ kind: IdentifierKind, _ element: DataElement, _ setup: CheckSetup
  ) -> (Int?, [Int]) {
    guard kind == .licenceByType, let name = companion(of: element),
      let column = setup.category.column(of: name),
      let list = setup.category.elements[column].element.codeList.flatMap(setup.catalog.codeList)
    else { return (nil, []) }
    return (column, list.values.map { Int($0.code) ?? -1 })
  }
}
