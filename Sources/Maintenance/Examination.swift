/// What the doctor found out about one part of an installation.
package struct Examination: Sendable, Equatable {
  package enum Area: String, Sendable, CaseIterable {
    case warehouse
    /// Rows against balance sheets.
    case balances
    /// Originals against the ledger.
    case archive
    case returns
    case reports
    case tiers
    case accessLog = "access log"
    case permissions
    case work
    case disk
  }

  package enum State: String, Sendable {
    case ok
    /// Worth knowing; nothing is wrong.
    case note
    case problem
    /// Could not be looked at.
    case skipped
  }

  package var area: Area
  package var state: State
  /// One sentence, without values of records.
  package var message: String
  /// What to do; empty where nothing is to be done.
  package var remedy: String

  package init(_ area: Area, _ state: State, _ message: String, remedy: String = "") {
    self.area = area
    self.state = state
    self.message = message
    self.remedy = remedy
  }
}
