package import Catalog
package import Records

/// A finding that a worked case expects.
package struct ExpectedFinding: Sendable, Hashable {
  package var code: IssueCode
  package var severity: Severity
  /// Identifier of the rule; nil for the check of an element.
  package var rule: String?
  /// Identifier of the element; nil where the case leaves it open.
  package var element: String?

  package init(code: IssueCode, severity: Severity, rule: String? = nil, element: String? = nil) {
    self.code = code
    self.severity = severity
    self.rule = rule
    self.element = element
  }
}

/// One record with its surroundings, and all findings that it must have.
package struct WorkedCase: Sendable {
  /// Values by element; nil takes the value of the base record away.
  package typealias Values = [String: String?]

  package var name: String
  /// Identifiers of the rules that the case is about.
  package var covers: [String]
  package var category: String
  /// What differs from the base record.
  package var given: Values
  /// Records of other categories; each varies the base record of its category.
  package var others: [String: [Values]]
  /// System that delivers the record; nil for any.
  package var system: String?
  /// Date of the run; nil for the date of the file.
  package var today: CivilDate?
  package var expect: [ExpectedFinding]
  package var place: Place

  /// Whether the record passes.
  package var isClean: Bool { expect.isEmpty }
}

/// One file of `checks/`.
package struct WorkedCaseFile: Sendable {
  package var path: String
  /// One complete valid record per category.
  package var base: [String: [String: String]]
  /// Date of the run for all cases that have none of their own.
  package var today: CivilDate?
  package var cases: [WorkedCase]
  /// Cases of what may leave.
  package var sharing: [SharingCase] = []
  /// Cases of whose value counts.
  package var authority: [AuthorityCase] = []
  /// Cases of whom records mean.
  package var subjects: [SubjectCase] = []

  /// The record of a case: the base record with what the case changes.
  package func record(_ values: WorkedCase.Values, category: String) -> [String: String] {
    var record = base[category] ?? [:]
    for (element, value) in values { record[element] = value }
    return record
  }
}
