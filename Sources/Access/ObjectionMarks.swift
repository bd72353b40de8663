/// What readers of a record see while somebody objects to it.
package struct ObjectionMark: Sendable, Hashable {
  /// Number of the objection.
  package var id: String
  package var state: ObjectionState
  /// When it was raised.
  package var since: Int64
  /// Identifier of the element that is said to be wrong; nil for the record as a whole.
  package var element: String?
  /// Last day (since 1970-01-01) of the step that people owe.
  package var due: Int?
}

/// The marks of all records at one moment, by key.
package struct ObjectionMarks: Sendable, Equatable {
  package private(set) var byKey: [SubjectKey: [ObjectionMark]] = [:]

  package static let none = ObjectionMarks([])

  /// - Parameter cases: Oldest first. Corrected and dismissed ones mark nothing.
  package init(_ cases: [ObjectionCase]) {
    for one in cases where one.isMarked {
      let objection = one.objection
      let key = SubjectKey(category: objection.category, parts: objection.key)
      byKey[key, default: []].append(
        ObjectionMark(
          id: objection.id, state: one.state, since: objection.time, element: objection.element,
          due: one.due))
    }
  }

  package var isEmpty: Bool { byKey.isEmpty }

  /// Oldest first.
  package func marks(of key: SubjectKey) -> [ObjectionMark] { byKey[key] ?? [] }
}
