package import Catalog
package import Records

/// What one check found in one record. Data, never an error (design.md D2).
///
/// The parts that every finding of a check shares stand once, in its ``CheckDescription``.
package struct Finding: Sendable, Hashable {
  /// Row of the chunk.
  package var row: Int32
  /// Index into the validator's descriptions.
  package var check: Int32
  /// The observed value, in the arena of the chunk; absent where nothing was delivered.
  package var value: TextRef
  /// What would have been right for this record, where the description cannot say it for all.
  package var expected: TextRef

  package init(
    row: Int, check: Int, value: TextRef = .absent, expected: TextRef = .absent
  ) {
    self.row = Int32(truncatingIfNeeded: row)
    self.check = Int32(truncatingIfNeeded: check)
    self.value = value
    self.expected = expected
  }
}

/// What the findings of one check have in common.
package struct CheckDescription: Sendable, Hashable {
  package var issue: IssueCode
  /// Rule id (`CR11`), or element number and check kind (`ZF12007.range`).
  package var rule: String
  package var version: Int
  /// Identifier of the element; nil for rules between elements and for whole records.
  package var element: String?
  package var severity: Severity
  /// What would have been right.
  package var expectedChinese: String
  package var expectedEnglish: String
  /// The strictest tier among the elements whose values the finding may show.
  package var tier: SharingTier
  /// The check looks at one element alone, so that a failure counts against core accuracy.
  package var isElementAccuracy: Bool

  package init(
    issue: IssueCode, rule: String, version: Int = 1, element: String? = nil,
    severity: Severity, expectedChinese: String, expectedEnglish: String,
    tier: SharingTier = .restricted, isElementAccuracy: Bool = false
  ) {
    self.issue = issue
    self.rule = rule
    self.version = version
    self.element = element
    self.severity = severity
    self.expectedChinese = expectedChinese
    self.expectedEnglish = expectedEnglish
    self.tier = tier
    self.isElementAccuracy = isElementAccuracy
  }
}

/// The descriptions of a validator's checks, in the order in which they were compiled.
struct CheckRegistry {
  private(set) var descriptions: [CheckDescription] = []

  /// Issues of one element alone that count against core accuracy (semantics.md §2).
  private static let coreIssues: Set<IssueCode> = [.q21, .q23, .q24, .q27, .q28, .q29]

  /// - Returns: The index under which findings refer to the description.
  mutating func add(_ description: CheckDescription) -> Int {
    descriptions.append(description)
    return descriptions.count - 1
  }

  /// Adds the description of a check of one element.
  mutating func add(
    _ element: DataElement, _ issue: IssueCode, _ kind: String, severity: Severity = .return,
    chinese: String, english: String
  ) -> Int {
    add(
      CheckDescription(
        issue: issue, rule: "\(element.id).\(kind)", element: element.identifier,
        severity: element.isAdvisory ? .note : severity, expectedChinese: chinese,
        expectedEnglish: english, tier: element.tier,
        isElementAccuracy: Self.coreIssues.contains(issue)))
  }
}

/// A check of one element over the records of a chunk. One check kind, one file.
protocol ElementCheck: Sendable {
  /// - Parameters:
  ///   - chunk: Standardized records.
  ///   - scope: Rows to leave out and the dates that count as today.
  ///   - findings: Appended to, rows ascending.
  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding])
}

/// What checks need to know beside the records.
struct CheckScope {
  /// Rows that are not judged: malformed records, deletions.
  var isSkipped: [Bool]
  /// The date and the tables of the identifier checks.
  var identifiers: IdentifierContext
}
