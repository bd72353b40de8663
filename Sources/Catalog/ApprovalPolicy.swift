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
  /// What people of departments may read without a grant.
  package var readers: [ReaderTier] = []
  package var alerts = OverreachPolicy()

  package init() {}
}

/// The tier that people of some departments read without a grant.
package struct ReaderTier: Sendable, Hashable {
  package var departments: [String]
  package var tier: SharingTier
  package var origin: String

  package init(departments: [String], tier: SharingTier, origin: String) {
    self.departments = departments
    self.tier = tier
    self.origin = origin
  }
}

extension ApprovalPolicy {
  /// What people of a department may read without a grant; ``SharingTier/public`` for a department that is
  /// not named.
  package func baseTier(of department: String) -> SharingTier {
    readers.first { $0.departments.contains(department) }?.tier ?? .public
  }
}

/// When a person's reading is more than it should be (`sharing/approvals.yaml`).
package struct OverreachPolicy: Sendable, Hashable {
  /// Days before a day with whose greatest it is compared.
  package var baselineDays = 30
  /// How many times the records of the greatest of these days a day may have.
  package var rowsFactor = 5
  /// Records of a day below which nothing is said.
  package var rowsMinimum = 500
  /// Denied acts of a day from which on it is said.
  package var deniedPerDay = 5

  package init() {}
}
