package import Catalog
package import Warehouse

/// What stands in a finding in the place of a value that is not for everybody.
enum MaskedValue {
  private static let head = "<restricted, "
  private static let tail = " characters>"

  static func text(characters: Int) -> String { "\(head)\(characters)\(tail)" }

  /// The length of the value that `text` stands for; nil if it is a value itself.
  static func characters(of text: String) -> Int? {
    guard text.hasPrefix(head), text.hasSuffix(tail) else { return nil }
    return Int(text.dropFirst(head.count).dropLast(tail.count))
  }
}

/// Renders findings for people from the catalog's templates, at the edge and nowhere else.
package struct FindingTexts: Sendable {
  private let issues: [String: IssueType]
  private let elements: [String: DataElement]
  /// By rule, of records and of authority.
  private let fixes: [String: (chinese: String, english: String)]

  package init(_ catalog: Catalog) {
    issues = Dictionary(
      catalog.issueTypes.map { ($0.code.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
    elements = Dictionary(
      catalog.elements.map { ($0.identifier, $0) }, uniquingKeysWith: { first, _ in first })
    fixes = Dictionary(
      catalog.rules.map { ($0.id, ($0.fixChinese, $0.fixEnglish)) }
        + catalog.authority.rules.map { ($0.id, ($0.fixChinese, $0.fixEnglish)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The finding for somebody who may not see the value that it is about: what is expected instead may name
  /// it, or another one, and goes too.
  package static func masked(_ finding: StoredFinding) -> StoredFinding {
    var masked = finding
    masked.expected = ""
    if !finding.value.isEmpty, MaskedValue.characters(of: finding.value) == nil {
      masked.value = MaskedValue.text(characters: finding.value.count)
    }
    return masked
  }

  package func chinese(_ finding: StoredFinding, _ record: QuarantinedRecord) -> String {
    let element = elements[finding.element]?.name ?? "整条记录"
    var shown = finding
    if let count = MaskedValue.characters(of: finding.value) { shown.value = "受限内容,\(count)个字符" }
    return fill(
      issues[finding.code]?.messageChinese ?? "{rule}", shown, record, element: element)
  }

  package func english(_ finding: StoredFinding, _ record: QuarantinedRecord) -> String {
    let element = elements[finding.element]?.english ?? "the record"
    return fill(
      issues[finding.code]?.messageEnglish ?? "{rule}", finding, record, element: element)
  }

  package func fixChinese(_ finding: StoredFinding) -> String {
    if let fix = fixes[finding.rule]?.chinese, !fix.isEmpty { return fix }
    return issues[finding.code]?.fixChinese ?? ""
  }

  package func fixEnglish(_ finding: StoredFinding) -> String {
    if let fix = fixes[finding.rule]?.english, !fix.isEmpty { return fix }
    return issues[finding.code]?.fixEnglish ?? ""
  }

  private func fill(
    _ template: String, _ finding: StoredFinding, _ record: QuarantinedRecord, element: String
  ) -> String {
    let values = [
      "element": element, "value": finding.value, "expected": finding.expected,
      "rule": finding.rule, "record": String(record.recordNumber), "line": String(record.line),
    ]
    var result = ""
    var rest = template[...]
    while let open = rest.firstIndex(of: "["), let close = rest[open...].firstIndex(of: "]") {
      result += Self.fill(rest[..<open], values) { _ in }
      var isComplete = true
      let part = Self.fill(rest[rest.index(after: open)..<close], values) { value in
        if value.isEmpty { isComplete = false }
      }
      if isComplete { result += part }
      rest = rest[rest.index(after: close)...]
    }
    return result + Self.fill(rest, values) { _ in }
  }

  /// Puts values in the place of their names.
  private static func fill(
    _ template: Substring, _ values: [String: String], _ onValue: (String) -> Void
  ) -> String {
    var result = ""
    var rest = template
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { break }
      result += rest[..<open]
      let value = values[String(rest[rest.index(after: open)..<close])]
      if let value { onValue(value) }
      result += value ?? String(rest[open...close])
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }
}
