package import Access

/// Why records go back: one mistake in the export of one system. A record with two mistakes has two causes.
package struct IncidentCause: Sendable, Hashable {
  package var system: String
  package var category: String
  package var code: String
  package var rule: String
  /// Empty where the record as a whole is meant.
  package var element: String
}

/// Where an incident stands; people move it forward only.
package enum IncidentState: String, Sendable, CaseIterable {
  case new
  case acknowledged
  case assigned
  /// A person says that it is settled, and why.
  case resolved
  /// A night showed no record with the cause any more.
  case gone

  package var isOpen: Bool { self != .resolved && self != .gone }

  package var chinese: String {
    switch self {
    case .new: "新发现"
    case .acknowledged: "已确认"
    case .assigned: "已分派"
    case .resolved: "已解决"
    case .gone: "已消失"
    }
  }
}

/// What a person does with an incident.
package enum IncidentAct: Sendable, Hashable {
  case acknowledge
  /// To a user.
  case assign(to: String)
  case resolve(reason: String)

  package var action: AccessAction {
    switch self {
    case .acknowledge: .incidentAcknowledge
    case .assign: .incidentAssign
    case .resolve: .incidentResolve
    }
  }
}

/// One step of an incident's history. Steps are added and never changed.
package struct IncidentStep: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case opened, acknowledged, assigned, resolved, gone
  }

  package var kind: Kind
  /// nil for what a night did.
  package var person: Person?
  /// Seconds since 1970-01-01T00:00:00Z; nil for what a night did.
  package var time: Int64?
  /// The last night that had been published then.
  package var night: String
  /// Records that had the cause then.
  package var records: Int
  /// To whom it was assigned, or the reason why it is resolved.
  package var text: String
}

/// All records with one cause, as a thing to be settled. There is never more than one open for a cause.
package struct Incident: Sendable {
  package var id: Int64
  package var cause: IncidentCause
  package internal(set) var state: IncidentState
  /// Night of the oldest record with the cause when the incident opened.
  package var since: String
  /// Records with the cause as of ``night``; what it ended with once it is closed.
  package var records: Int
  /// Of them, came in the last night.
  package var fresh: Int
  /// The last night that was looked at while it was open.
  package var night: String
  package internal(set) var assignee: String
  /// Oldest first.
  package internal(set) var steps: [IncidentStep]

  /// Takes a step, if it is allowed.
  ///
  /// - Throws: ``Denial`` with the rule that forbids it.
  mutating func take(_ act: IncidentAct, by person: Person, at now: Int64) throws(Denial) {
    guard state.isOpen else {
      throw Denial(
        "state", chinese: "问题事件\(state.chinese)，不能再办理",
        english: "the incident is \(state.rawValue); nothing more can be done with it")
    }
    var step = IncidentStep(
      kind: .acknowledged, person: person, time: now, night: night, records: records, text: "")
    switch act {
    case .acknowledge:
      guard state == .new else {
        throw Denial(
          "state", chinese: "问题事件\(state.chinese)，无须再确认",
          english: "the incident is \(state.rawValue) already")
      }
      state = .acknowledged
    case .assign(let user):
      step.kind = .assigned
      step.text = user
      assignee = user
      state = .assigned
    case .resolve(let reason):
      guard reason.contains(where: { !$0.isWhitespace }) else {
        throw Denial("reason", chinese: "须说明理由", english: "give the reason")
      }
      step.kind = .resolved
      step.text = reason
      state = .resolved
    }
    steps.append(step)
  }
}

extension AccessAction {
  package static let incidentAcknowledge = AccessAction(rawValue: "incident-acknowledge")
  package static let incidentAssign = AccessAction(rawValue: "incident-assign")
  package static let incidentResolve = AccessAction(rawValue: "incident-resolve")
}
