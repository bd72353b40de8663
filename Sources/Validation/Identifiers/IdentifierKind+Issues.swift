package import Catalog

/// What a check of an identifier can say of a value, as issue codes.
package struct IdentifierIssues: Hashable, Sendable {
  /// Of values that are wrong.
  package var failures: Set<IssueCode>
  /// Of values that are odd; these are notes.
  package var warnings: Set<IssueCode> = []
}

extension IdentifierKind {
  /// The issues that this check can raise. For documentation: the checks themselves do not ask.
  package var issues: IdentifierIssues {
    switch self {
    case .plate, .documentNumber: IdentifierIssues(failures: [.q21])
    case .reviewNumber: IdentifierIssues(failures: [.q21], warnings: [.q21])
    case .mobile, .phone, .officerCertificate, .drugLicence, .hazchemSafetyLicence:
      IdentifierIssues(failures: [.q21, .q28])
    case .postal, .industry: IdentifierIssues(failures: [.q21, .q24, .q28])
    case .division: IdentifierIssues(failures: [.q21, .q24, .q28], warnings: [.q24])
    case .orgCode, .registrationNumber, .foodBusinessLicence, .foodProductionLicence:
      IdentifierIssues(failures: [.q21, .q27, .q28])
    case .uscc: IdentifierIssues(failures: [.q21, .q27, .q28], warnings: [.q21, .q27])
    case .pollutantPermit: IdentifierIssues(failures: [.q21, .q27, .q28], warnings: [.q21, .q27])
    case .licenceByType:
      IdentifierIssues(failures: [.q21, .q27, .q28], warnings: [.q21, .q27, .q28])
    case .residentID, .residentIDIf111:
      IdentifierIssues(failures: [.q21, .q27, .q28, .q29], warnings: [.q27])
    }
  }
}
