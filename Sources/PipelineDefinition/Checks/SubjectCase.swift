/// What a record says of its subject, what is registered, and what must be found.
package struct SubjectCase: Sendable {
  /// A registration that a person may be asked about.
  package struct Candidate: Sendable, Hashable {
    package var subject: String
    package var rule: String
    package var score: Int
  }

  package var name: String
  /// Identifiers of the rules that the case is about.
  package var covers: [String]
  /// Of the record.
  package var category: String
  /// What the record says, whole.
  package var given: WorkedCase.Values
  /// What registrations say, whole, in the order of the file; a second one of a code is what another system
  /// says of it.
  package var registered: [WorkedCase.Values]
  /// The registration and the rule that links it; nil for none.
  package var link: (subject: String, rule: String)?
  /// All of them, best first.
  package var candidates: [Candidate]
  package var place: Place

  /// Identifiers of the rules by which something is found.
  package var deciding: Set<String> { Set(candidates.map(\.rule) + [link?.rule].compactMap { $0 }) }
}
