import Catalog
import Records
import Standardization

/// Accuracy: a value that could not be read as the type of its element, by reason: dates that are
/// none (Q21) or not in the calendar (Q29), numbers (Q21, Q23), labels and codes outside the value
/// domain (Q24), digits lost by a spreadsheet (Q28).
struct ReadabilityCheck: ElementCheck {
  let column: Int
  /// Index of the description by reason.
  let checks: [Int]

  init?(
    _ element: DataElement, column: Int, _ catalog: Catalog, _ registry: inout CheckRegistry
  ) {
    let list = element.codeList.flatMap(catalog.codeList)
    guard element.type != .text || list != nil else { return nil }
    self.column = column
    var checks = Array(repeating: -1, count: UnreadableReason.allCases.count + 1)
    for reason in UnreadableReason.allCases where Self.applies(reason, to: element, list) {
      let (issue, kind, chinese, english) = Self.description(reason, element, list)
      checks[Int(reason.rawValue)] = registry.add(
        element, issue, kind, chinese: chinese, english: english)
    }
    self.checks = checks
  }

  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding]) {
    for row in 0..<chunk.recordCount
    where chunk.columns[column].states[row] == .unreadable && !scope.isSkipped[row] {
      let reason = Int(chunk.columns[column].numbers[row])
      guard checks.indices.contains(reason), checks[reason] >= 0 else { continue }
      findings.append(
        Finding(row: row, check: checks[reason], value: chunk.columns[column].texts[row]))
    }
  }

  private static func applies(
    _ reason: UnreadableReason, to element: DataElement, _ list: CodeList?
  ) -> Bool {
    switch reason {
    case .notADate, .impossibleDate: element.type == .date || element.type == .dateTime
    case .notANumber, .numberTooLong, .tooManyDecimals, .spreadsheetDamage:
      element.type == .number
    case .unknownCode, .undecidableLabel: list != nil
    }
  }

  private static func description(
    _ reason: UnreadableReason, _ element: DataElement, _ list: CodeList?
  ) -> (IssueCode, String, String, String) {
    let form = element.notation
    let domain = list?.chinese ?? ""
    let domainEnglish = list.map { "\($0.id) (\($0.english), \($0.values.count) values)" } ?? ""
    return switch reason {
    case .notADate: (.q21, "date", "日期,写法如2026-03-01", "a date such as 2026-03-01")
    case .impossibleDate: (.q29, "calendar", "日历中存在的日期", "a date of the calendar")
    case .notANumber: (.q21, "number", element.formChinese, element.formEnglish)
    case .numberTooLong: (.q23, "digits", element.formChinese, "digits within \(form)")
    case .tooManyDecimals:
      (.q21, "decimals", element.formChinese, "decimals within \(form)")
    case .spreadsheetDamage:
      (.q28, "damage", "未被电子表格改写的数值", "a number that no spreadsheet has rounded")
    case .unknownCode:
      (.q24, "domain", "\(domain)中的代码或名称", "a value of \(domainEnglish)")
    case .undecidableLabel:
      (
        .q24, "undecidable", "\(domain)中含义唯一的代码或名称",
        "a value of \(domainEnglish) with one meaning"
      )
    }
  }
}
