/// Which records of the queue are meant; every part narrows.
package struct QueueFilter: Sendable, Hashable {
  /// The dimensions by which the queue is cut.
  package enum Facet: String, Sendable, CaseIterable {
    case status
    case system
    case category
    case code
    case rule
    case element
    case severity
    case age
    /// In which the record came, as `2026-03-01`.
    case night
    case attempt
  }

  /// How long a record has been here, in working days of the calendar.
  package enum Age: String, Sendable, CaseIterable {
    case today = "0"
    case week = "1-5"
    case fortnight = "6-10"
    case older = "11+"

    init(workingDays: Int) {
      switch workingDays {
      case ...0: self = .today
      case ...5: self = .week
      case ...10: self = .fortnight
      default: self = .older
      }
    }
  }

  /// How often a record came back, where more often is one kind.
  package static let lastAttempt = 3

  package var choices: [Facet: String] = [:]
  /// Words that the cause is looked for by, or the beginning of a key.
  package var text = ""

  package init() {}

  package subscript(_ facet: Facet) -> String? {
    get { choices[facet] }
    set { choices[facet] = newValue }
  }
}
