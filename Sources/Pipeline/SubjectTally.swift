package import Warehouse

/// What a night came to know of the subjects that its records name.
package struct SubjectTally: Sendable, Equatable {
  private var counts: [SubjectKnowledge: Int] = [:]

  /// - Parameter measures: Others than ``Measure/subjects`` do not count.
  package init(_ measures: [Measure]) {
    for measure in measures where measure.name == Measure.subjects {
      guard let knowledge = SubjectKnowledge(rawValue: measure.domain) else { continue }
      counts[knowledge, default: 0] += Int(measure.value)
    }
  }

  package subscript(knowledge: SubjectKnowledge) -> Int { counts[knowledge] ?? 0 }

  /// Records that name a subject.
  package var total: Int { counts.values.reduce(0, +) }
}
