package import Access

/// Something that people with the right to it decide about: a request for data, later perhaps a waiver, a
/// correction of core values, an override.
///
/// It is what a page needs to show any of them; what may be done, and by whom, is decided by whoever keeps
/// it (``ApprovalSource``).
package struct Approval: Sendable {
  /// Two languages.
  package struct Words: Sendable, Hashable {
    package var chinese: String
    package var english: String

    package init(_ chinese: String, _ english: String) {
      self.chinese = chinese
      self.english = english
    }
  }

  package struct Fact: Sendable {
    package var name: Words
    package var value: Words

    package init(_ name: Words, _ value: Words) {
      self.name = name
      self.value = value
    }
  }

  /// What a check says to it.
  package struct Remark: Sendable {
    package var words: Words
    package var code: String
    /// It cannot be approved.
    package var isRefusal: Bool
  }

  package struct Step: Sendable {
    package var words: Words
    /// nil for what the program did.
    package var person: Person?
    /// Seconds since 1970-01-01T00:00:00Z.
    package var time: Int64
    package var text: String
    package var isLate: Bool
  }

  /// Something that can be done.
  package struct Act: Sendable {
    /// What a form sends.
    package var id: String
    package var words: Words
    /// What is asked for in words; nil where nothing is.
    package var note: Words?
    package var needsReason: Bool
    /// Why the person may not do it; nil where it may.
    package var denial: Denial?
  }

  /// Kind and number: `share-R000001`; unique among all kinds.
  package var id: String
  package var kind: Words
  package var title: Words
  package var state: Words
  package var asker: Person
  /// Seconds since 1970-01-01T00:00:00Z.
  package var asked: Int64
  /// Last day of the step that people owe, as days since 1970-01-01; nil where they owe none.
  package var due: Int?
  package var isOverdue: Bool
  package var facts: [Fact]
  package var remarks: [Remark]
  package var steps: [Step]
  /// What can be done in its state, the act that moves it on first; empty once it is decided.
  package var acts: [Act]

  /// Whether it waits for the person it was made for: the act that moves it on is theirs.
  package var isOpen: Bool { acts.first.map { $0.denial == nil } ?? false }
}

/// Keeps things of one kind that are to be decided.
package protocol ApprovalSource {
  /// What the numbers of this kind begin with: `share`.
  var prefix: String { get }
  /// All that are not decided and a number of those decided last, as `person` sees them.
  func approvals(for person: Person, at now: Int64) throws -> [Approval]
  /// - Parameter id: ``Approval/id``.
  /// - Returns: nil where there is no such thing.
  func approval(_ id: String, for person: Person, at now: Int64) throws -> Approval?
  /// Does what a person wants done; the entry in the access log is part of it.
  ///
  /// - Throws: ``Denial`` where it is not allowed.
  func take(_ act: String, _ text: String, on id: String, by person: Person, at now: Int64) throws
}
