import Catalog

/// What a shadow run found, in the form in which it is printed and kept.
package struct ShadowSummary: Sendable, Codable {
  package struct Change: Sendable, Codable {
    package var system: String
    package var category: String
    package var code: String
    package var rule: String
    /// Empty where the record as a whole is meant.
    package var element: String
    /// Severity; nil where the side does not find it.
    package var before: String?
    package var after: String?
    package var records: Int
    /// Of the records, go back under one side only.
    package var verdicts: Int
    package var examples: [Example]
  }

  package struct Example: Sendable, Codable {
    package var delivery: Int64
    package var file: String
    package var recordNumber: Int
    package var line: Int
    package var verdictChanges: Bool
  }

  package struct Hold: Sendable, Codable {
    package var delivery: Int64
    package var file: String
    package var heldAfter: Bool
  }

  package var deliveries: Int
  package var missing: Int
  package var records: Int
  package var returnedBefore: Int
  package var returnedAfter: Int
  package var newlyReturned: Int
  package var newlyAccepted: Int
  package var changes: [Change]
  package var holds: [Hold]
  package var notInBoth: [String]
  package var notCompared: [String]

  package init(_ report: ShadowReport) {
    deliveries = report.deliveries
    missing = report.missing
    records = report.records
    returnedBefore = report.returnedBefore
    returnedAfter = report.returnedAfter
    newlyReturned = report.newlyReturned
    newlyAccepted = report.newlyAccepted
    changes = report.sorted.map { key, change in
      Change(
        system: key.system, category: key.category, code: key.code, rule: key.rule,
        element: key.element, before: key.before?.rawValue, after: key.after?.rawValue,
        records: change.records, verdicts: change.turned,
        examples: change.examples.map {
          Example(
            delivery: $0.delivery, file: $0.fileName, recordNumber: $0.recordNumber, line: $0.line,
            verdictChanges: $0.isTurned)
        })
    }
    holds = report.holds.map {
      Hold(delivery: $0.delivery, file: $0.fileName, heldAfter: $0.isHeldAfter)
    }
    notInBoth = report.unplanned.sorted()
    notCompared = report.uncomparedRules
  }
}
