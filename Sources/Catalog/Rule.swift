/// What a finding does to its record or delivery (design.md D2).
package enum Severity: String, Sendable, CaseIterable, Comparable {
  /// Kept, labelled.
  case note
  /// The record goes back to its source.
  case `return`
  /// The delivery waits for a person.
  case hold

  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  package var rank: Int {
    switch self {
    case .note: 0
    case .return: 1
    case .hold: 2
    }
  }
}

/// The three questions asked of new data (2026年行政执法智慧监管工作计划, 一、2).
package enum Dimension: String, Sendable, CaseIterable {
  case completeness
  case accuracy
  case consistency

  package var name: String {
    switch self {
    case .completeness: "完整性"
    case .accuracy: "准确性"
    case .consistency: "一致性"
    }
  }
}

/// The fixed vocabulary of what can be wrong with a record.
package enum IssueCode: String, Sendable, CaseIterable, Comparable {
  case q11 = "Q11"
  case q12 = "Q12"
  case q13 = "Q13"
  case q14 = "Q14"
  case q15 = "Q15"
  case q21 = "Q21"
  case q22 = "Q22"
  case q23 = "Q23"
  case q24 = "Q24"
  case q25 = "Q25"
  case q26 = "Q26"
  case q27 = "Q27"
  case q28 = "Q28"
  case q29 = "Q29"
  case q31 = "Q31"
  case q32 = "Q32"
  case q33 = "Q33"
  case q34 = "Q34"
  case q35 = "Q35"
  case q36 = "Q36"
  case q37 = "Q37"

  package var dimension: Dimension {
    if rawValue.hasPrefix("Q1") { return .completeness }
    return rawValue.hasPrefix("Q2") ? .accuracy : .consistency
  }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Texts of an issue code, for people.
package struct IssueType: Sendable {
  package var code: IssueCode
  package var name: String
  package var english: String
  package var descriptionChinese: String
  package var descriptionEnglish: String
  /// Templates with `{element}`, `{value}`, `{expected}`, `{rule}`, `{record}`, `{line}`.
  package var messageChinese: String
  package var messageEnglish: String
  package var fixChinese: String
  package var fixEnglish: String
  package var origin: String
  package var exampleChinese: String
  package var exampleEnglish: String

  package init(
    code: IssueCode, name: String, english: String, descriptionChinese: String,
    descriptionEnglish: String, messageChinese: String, messageEnglish: String,
    fixChinese: String, fixEnglish: String, origin: String, exampleChinese: String = "",
    exampleEnglish: String = ""
  ) {
    self.exampleChinese = exampleChinese
    self.exampleEnglish = exampleEnglish
    self.code = code
    self.name = name
    self.english = english
    self.descriptionChinese = descriptionChinese
    self.descriptionEnglish = descriptionEnglish
    self.messageChinese = messageChinese
    self.messageEnglish = messageEnglish
    self.fixChinese = fixChinese
    self.fixEnglish = fixEnglish
    self.origin = origin
  }
}

/// A rule between elements or records. It states what must hold.
package struct Rule: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case inRecord = "in-record"
    case reference
    case crossSystem = "cross-system"
  }

  package var id: String
  package var category: String
  package var name: String
  package var english: String
  package var kind: Kind
  package var when: Expression?
  package var holds: Expression
  package var severity: Severity
  package var issue: IssueCode
  /// Values of `$name`, by system; the empty system is the default.
  package var parameters: [String: [String: String]]
  package var version: Int
  package var fixChinese: String
  package var fixEnglish: String
  package var origin: String

  package init(
    id: String, category: String, name: String, english: String, kind: Kind,
    when: Expression?, holds: Expression, severity: Severity, issue: IssueCode,
    parameters: [String: [String: String]] = [:], version: Int = 1, fixChinese: String = "",
    fixEnglish: String = "", origin: String
  ) {
    self.id = id
    self.category = category
    self.name = name
    self.english = english
    self.kind = kind
    self.when = when
    self.holds = holds
    self.severity = severity
    self.issue = issue
    self.parameters = parameters
    self.version = version
    self.fixChinese = fixChinese
    self.fixEnglish = fixEnglish
    self.origin = origin
  }
}
