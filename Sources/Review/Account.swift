package import Access
package import Catalog

/// What a person may do with the console.
package enum AccountRole: String, Sendable, CaseIterable, Codable {
  case `operator`
  case steward
  case approver
  case auditor
  case administrator

  package var chinese: String {
    switch self {
    case .operator: "值班员"
    case .steward: "数据专员"
    case .approver: "审批人"
    case .auditor: "审计员"
    case .administrator: "管理员"
    }
  }

  /// Auditors look at what people did and administrators at accounts; neither needs a record for it.
  package var readsRecords: Bool { self != .auditor && self != .administrator }
}

/// A person who may sign in.
package struct Account: Sendable, Hashable {
  /// Who stands in the access log.
  package var person: Person
  package var role: AccountRole
  /// Codes of the systems whose records the person sees; nil for all of them. A steward always has a list.
  package var systems: Set<String>?
  /// Values above it are masked.
  package var clearance: SharingTier
  package var isEnabled: Bool

  package init(
    person: Person, role: AccountRole, systems: Set<String>?, clearance: SharingTier,
    isEnabled: Bool = true
  ) {
    self.person = person
    self.role = role
    self.systems = systems
    self.clearance = clearance
    self.isEnabled = isEnabled
  }

  /// Whether records of a system are the person's business.
  package func sees(_ system: String) -> Bool {
    role.readsRecords && (systems?.contains(system) ?? true)
  }
}

/// Why an account cannot be made or changed, or nobody is signed in.
package struct AccountRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case exists
    case unknown
    case weakPassword = "weak-password"
    case systems
    /// Name and password do not belong together; which of them is wrong is not said.
    case credentials
    /// After failures in a row; said in the words of ``credentials``.
    case locked
  }

  package var code: Code
  package var chinese: String
  package var english: String

  init(_ code: Code, _ chinese: String, _ english: String) {
    self.code = code
    self.chinese = chinese
    self.english = english
  }

  package var description: String { english }
}
