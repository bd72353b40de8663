package import Catalog

/// Somebody says that a record is wrong (数据异议). From then on its readers see a mark, until it is
/// corrected or the objection dismissed.
///
/// - Source: DB3208/T 219—2024 公共数据异议处理工作规范: raise, accept, mark, verify and handle, unmark.
package struct Objection: Sendable, Hashable, Codable {
  /// `O000001`.
  package var id: String
  package var raiser: Person
  package var category: String
  /// Of the record that is objected to; see ``SubjectKey/parts``.
  package var key: [String]
  /// Identifier of the element that is said to be wrong; nil for the record as a whole.
  package var element: String?
  package var reason: String
  package var time: Int64
  /// Last days, as days since 1970-01-01.
  package var verificationDue: Int
  package var closingDue: Int

  /// - Throws: ``Denial`` with code `reason`, `unknown-category`, `unknown-element` or `calendar`.
  package init(
    id: String, raiser: Person, category: String, key: [String], element: String?, reason: String,
    time: Int64, catalog: Catalog
  ) throws(Denial) {
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw Denial("reason", chinese: "须说明理由", english: "give the reason")
    }
    guard let found = catalog.category(category) else {
      throw Denial(
        "unknown-category", chinese: "数据类别“\(category)”不存在",
        english: "category \"\(category)\" does not exist")
    }
    if let element, found.column(of: element) == nil {
      throw Denial(
        "unknown-element", chinese: "\(found.name)没有数据元“\(element)”",
        english: "category \(category) has no element \"\(element)\"")
    }
    let day = Moment.dayNumber(time)
    let policy = catalog.approvals
    verificationDue = try catalog.calendar.deadline(policy.objectionVerifyWorkdays, after: day)
    closingDue = try catalog.calendar.deadline(policy.objectionCloseWorkdays, after: day)
    self.id = id
    self.raiser = raiser
    self.category = category
    self.key = key
    self.element = element
    self.reason = reason
    self.time = time
  }
}

package enum ObjectionState: String, Sendable, CaseIterable {
  case raised, verified, corrected, dismissed

  package var chinese: String {
    switch self {
    case .raised: "已提出"
    case .verified: "已核实"
    case .corrected: "已更正"
    case .dismissed: "不予更正"
    }
  }
}

/// One step in the history of an objection.
package struct ObjectionStep: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Codable { case raised, verified, corrected, dismissed }

  package var kind: Kind
  package var person: Person
  package var time: Int64
  /// What the source says, how it was corrected, or why it was dismissed.
  package var text: String
  package var isLate = false
}

/// An objection and all that happened to it.
package struct ObjectionCase: Sendable, Hashable {
  package let objection: Objection
  package private(set) var steps: [ObjectionStep]

  package init(objection: Objection, steps: [ObjectionStep]) {
    self.objection = objection
    self.steps = steps
  }

  package init(opening objection: Objection) {
    self.objection = objection
    steps = [
      ObjectionStep(
        kind: .raised, person: objection.raiser, time: objection.time, text: objection.reason)
    ]
  }

  package var state: ObjectionState {
    switch steps.last?.kind {
    case .verified: .verified
    case .corrected: .corrected
    case .dismissed: .dismissed
    case .raised, nil: .raised
    }
  }

  /// Whether readers of the record see the mark.
  package var isMarked: Bool { state == .raised || state == .verified }

  /// Last day of the step that people owe; nil where they owe none.
  package var due: Int? {
    switch state {
    case .raised: objection.verificationDue
    case .verified: objection.closingDue
    case .corrected, .dismissed: nil
    }
  }

  package func isOverdue(at now: Int64) -> Bool {
    due.map { Moment.dayNumber(now) > $0 } ?? false
  }

  /// Takes a step. Nothing is corrected or dismissed before the source was asked, and the raiser does not
  /// decide on the own objection.
  ///
  /// - Throws: ``Denial`` with code `state`, `four-eyes`, `reason` or `clock`.
  package mutating func take(
    _ kind: ObjectionStep.Kind, _ text: String, by person: Person, at now: Int64
  ) throws(Denial) -> ObjectionStep {
    guard (steps.last?.time ?? now) <= now else {
      throw Denial("clock", chinese: "时间早于上一步", english: "the time lies before the last step")
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw Denial("reason", chinese: "须说明理由", english: "give the reason")
    }
    let isInOrder = kind == .verified ? state == .raised : kind != .raised && state == .verified
    guard isInOrder else {
      throw Denial(
        "state", chinese: "当前状态为“\(state.chinese)”,不能办理此事项",
        english: "the objection is \(state.rawValue); this step is not possible now")
    }
    guard !person.isSameUser(as: objection.raiser) else {
      throw Denial(
        "four-eyes", chinese: "异议人不得办理本人的异议",
        english: "the raiser may not decide on the own objection")
    }
    let step = ObjectionStep(
      kind: kind, person: person, time: now, text: text, isLate: isOverdue(at: now))
    steps.append(step)
    return step
  }
}
