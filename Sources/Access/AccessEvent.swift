package import Records

/// The kinds of things that the log knows; others may be added beside their feature.
package struct AccessAction: Sendable, Hashable, RawRepresentable {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  // Of the log itself
  package static let logOpened = AccessAction(rawValue: "log-opened")
  package static let lineTorn = AccessAction(rawValue: "line-torn")
  package static let actInterrupted = AccessAction(rawValue: "act-interrupted")

  // Of readers
  package static let read = AccessAction(rawValue: "read")
  package static let export = AccessAction(rawValue: "export")
  package static let explain = AccessAction(rawValue: "share-explain")
  package static let trace = AccessAction(rawValue: "share-trace")
  package static let query = AccessAction(rawValue: "query")
  package static let queryResult = AccessAction(rawValue: "query-result")
  package static let why = AccessAction(rawValue: "why")
  /// Every record was written to a file.
  package static let dump = AccessAction(rawValue: "dump")

  // Of readers at the console
  package static let queue = AccessAction(rawValue: "console-queue")
  package static let record = AccessAction(rawValue: "console-record")

  // Of requests and grants
  package static let shareRequest = AccessAction(rawValue: "share-request")
  package static let shareCheck = AccessAction(rawValue: "share-check")
  package static let shareApprove = AccessAction(rawValue: "share-approve")
  package static let shareRefuse = AccessAction(rawValue: "share-refuse")
  package static let shareGrant = AccessAction(rawValue: "share-grant")
  package static let shareRevoke = AccessAction(rawValue: "share-revoke")

  // Of objections
  package static let objectionRaise = AccessAction(rawValue: "objection-raise")
  package static let objectionVerify = AccessAction(rawValue: "objection-verify")
  package static let objectionCorrect = AccessAction(rawValue: "objection-correct")
  package static let objectionDismiss = AccessAction(rawValue: "objection-dismiss")
}

/// What a person did or tried to do, before the log gives it a number.
package struct AccessEvent: Sendable, Hashable {
  package enum Outcome: String, Sendable, CaseIterable {
    case allowed
    case denied
  }

  /// Seconds since 1970-01-01T00:00:00Z.
  package var time: Int64
  package var person: Person
  package var action: AccessAction
  /// Category of the records; empty where it is not about records.
  package var category = ""
  /// Number of records that were handed out, or asked for and denied.
  package var rows = 0
  /// Fingerprints of the keys of all these records, sorted, each once; see ``SubjectKey``.
  package var keys: [Fingerprint] = []
  /// Identifiers of the elements that were handed out or asked for.
  package var elements: [String] = []
  /// Which rows were asked for.
  package var condition = LoggedText.empty
  package var purpose = LoggedText.empty
  /// Number of the request, grant or objection.
  package var reference = ""
  package var outcome: Outcome
  /// The rule that decided.
  package var rule: String

  package init(
    time: Int64, person: Person, action: AccessAction, outcome: Outcome, rule: String
  ) {
    self.time = time
    self.person = person
    self.action = action
    self.outcome = outcome
    self.rule = rule
  }

  /// Sets keys and number of rows.
  package mutating func see(_ keys: some Sequence<Fingerprint>) {
    self.keys = Set(keys).sorted()
    rows = self.keys.count
  }
}
