package import Access
import Catalog
import GRDB

extension ShareStore {
  /// A step that is to be taken, with what the log says of it.
  struct Step {
    var subject: String
    /// Kind and body of a new subject.
    var opening: (kind: String, body: any Encodable)?
    var kind: String
    var person: Person
    var time: Int64
    var body: any Encodable
    var event: AccessEvent
  }

  /// Records a request and what the checks say to it.
  ///
  /// - Parameters:
  ///   - checks: All that a request must pass.
  ///   - make: Gives the request the number that it gets.
  /// - Returns: The case: checked, or refused with the reasons.
  /// - Throws: ``Denial`` where it cannot be a request at all; that too is in the log.
  package func submit(
    _ person: Person, _ now: Int64, checks: [any ComplianceCheck],
    _ make: (String) throws(Denial) -> ShareRequest
  ) throws -> ShareCase {
    var result: ShareCase?
    let draft = AccessEvent(
      time: now, person: person, action: .shareRequest, outcome: .allowed, rule: "request")
    try act(draft) { database in
      let request = try make(try database.nextID("R", "share"))
      let opened = ShareCase(opening: request, checks, catalog)
      result = opened
      return opened.steps.map { step in
        var event = self.event(request, draft)
        if step.kind != .requested {
          event.action = .shareCheck
          event.outcome = step.kind == .refused ? .denied : .allowed
          let codes = step.remarks.map { "\($0.severity.rawValue):\($0.code)" }
          event.rule = codes.isEmpty ? "no-remarks" : codes.uniqued.joined(separator: " ")
        }
        return Step(
          subject: request.id, opening: step.kind == .requested ? ("share", request) : nil,
          kind: step.kind.rawValue, person: person, time: now, body: step, event: event)
      }
    }
    return try Self.made(result)
  }

  /// Takes a step with a request.
  ///
  /// - Parameter id: Of the request or its grant.
  /// - Throws: ``Denial`` where it is not allowed; that is in the log.
  package func take(
    _ action: ShareAct, on id: String, by person: Person, at now: Int64
  ) throws -> ShareCase {
    var result: ShareCase?
    var draft = AccessEvent(
      time: now, person: person, action: action.action, outcome: .allowed, rule: "approvals")
    draft.reference = LoggedText(cleaning: id).text
    try act(draft) { database in
      guard let stored = try database.subject(Self.requestID(id), "share") else {
        throw Self.unknown(id)
      }
      var found = try ShareCase(stored)
      draft = event(found.request, draft)
      let step = try Self.loggable(draft) { () throws(Denial) in
        try found.take(action, by: person, at: now, catalog)
      }
      result = found
      var event = draft
      event.rule = step.isLate ? "approvals-late" : "approvals"
      if let grant = found.grant { event.reference = "\(found.request.id) \(grant.id)" }
      return [
        Step(
          subject: found.request.id, kind: step.kind.rawValue, person: person, time: now,
          body: step, event: event)
      ]
    }
    return try Self.made(result)
  }

  /// Records an objection; from now on the record is marked.
  package func object(
    _ person: Person, _ now: Int64, _ make: (String) throws(Denial) -> Objection
  ) throws -> ObjectionCase {
    var result: ObjectionCase?
    let draft = AccessEvent(
      time: now, person: person, action: .objectionRaise, outcome: .allowed, rule: "objections")
    try act(draft) { database in
      let objection = try make(try database.nextID("O", "objection"))
      let opened = ObjectionCase(opening: objection)
      result = opened
      return opened.steps.map { step in
        Step(
          subject: objection.id, opening: ("objection", objection), kind: step.kind.rawValue,
          person: person, time: now, body: step, event: event(objection, draft))
      }
    }
    return try Self.made(result)
  }

  /// Takes a step with an objection.
  package func take(
    _ kind: ObjectionStep.Kind, _ text: String, on id: String, by person: Person, at now: Int64
  ) throws -> ObjectionCase {
    var result: ObjectionCase?
    let action: AccessAction =
      switch kind {
      case .raised: .objectionRaise
      case .verified: .objectionVerify
      case .corrected: .objectionCorrect
      case .dismissed: .objectionDismiss
      }
    var draft = AccessEvent(
      time: now, person: person, action: action, outcome: .allowed, rule: "objections")
    draft.reference = LoggedText(cleaning: id).text
    try act(draft) { database in
      guard let stored = try database.subject(id, "objection") else { throw Self.unknown(id) }
      var found = try ObjectionCase(stored)
      draft = event(found.objection, draft)
      let step = try Self.loggable(draft) { () throws(Denial) in
        try found.take(kind, text, by: person, at: now)
      }
      result = found
      return [
        Step(
          subject: id, kind: step.kind.rawValue, person: person, time: now, body: step, event: draft
        )
      ]
    }
    return try Self.made(result)
  }

  private static func unknown(_ id: String) -> Denial {
    Denial(
      "unknown-number", chinese: "没有编号为“\(id)”的事项",
      english: "there is no request or objection \(id)")
  }

  private static func made<Made>(_ result: Made?) throws -> Made {
    if let result { return result }
    throw AccessLogError(.store, "nothing was done")
  }

  private func event(_ request: ShareRequest, _ draft: AccessEvent) -> AccessEvent {
    var event = draft
    event.category = catalog.category(request.category)?.id ?? ""
    // A name that is not in the catalog may be anything.
    event.elements = request.elements.filter { catalog.element($0) != nil }
    event.condition = LoggedText(condition: request.condition, catalog: catalog)
    event.purpose = LoggedText(cleaning: request.purpose)
    event.reference = request.id
    return event
  }

  private func event(_ objection: Objection, _ draft: AccessEvent) -> AccessEvent {
    var event = draft
    event.category = objection.category
    event.elements = objection.element.map { [$0] } ?? []
    event.reference = objection.id
    return event
  }

  private static func loggable<Result>(
    _ event: AccessEvent, _ body: () throws(Denial) -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch {
      throw LoggedDatabase.LoggedDenial(denial: error, event: event)
    }
  }

  private func act(_ draft: AccessEvent, _ decide: (Database) throws -> [Step]) throws {
    try store.act(draft) { database, writer in
      for step in try decide(database) {
        try database.insert(step, try writer.append(step.event))
      }
    }
  }
}
