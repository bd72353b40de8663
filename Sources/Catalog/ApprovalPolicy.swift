/// Who answers a request for data, and how fast (`sharing/approvals.yaml`).
///
/// Days are working days of the calendar; the day on which the time begins to run is day 0.
package struct ApprovalPolicy: Sendable, Hashable {
  /// From the request to the first approval.
  package var firstApprovalWorkdays = 5
  /// From the request to the answer: second approval or refusal.
  package var answerWorkdays = 10
  /// From the second approval to the grant.
  package var grantWorkdays = 20
  /// Longest period of a grant, in days of the calendar.
  package var longestPeriodDays = 366
  /// From an objection to the verification with the source.
  package var objectionVerifyWorkdays = 5
  /// From an objection to its correction or dismissal.
  package var objectionCloseWorkdays = 10
  /// Departments whose people give the first and the second approval; empty for any.
  package var firstApprovers: [String] = []
  package var secondApprovers: [String] = []

  package init() {}
}
