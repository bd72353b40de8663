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

  /// A denial, with the event that it denies.
  private struct LoggedDenial: Error {
    var denial: Denial
    var event: AccessEvent
  }

  private static func loggable<Result>(
    _ event: AccessEvent, _ body: () throws(Denial) -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch {
      throw LoggedDenial(denial: error, event: event)
    }
  }

  /// Does one act: decides, writes the log, writes the steps.
  ///
  /// The entry is written before the steps are committed, so that nothing takes effect without an entry. A
  /// process that dies in between leaves an entry without effect; the next act says so in the log.
  private func act(_ draft: AccessEvent, _ decide: (Database) throws -> [Step]) throws {
    try log.withWriter(draft.person, draft.time) { writer in
      try recordInterrupted(writer, draft)
      let sequence = writer.anchor?.sequence ?? 0
      try write {
        try $0.execute(
          sql: "INSERT INTO open_act (reference, action, log_sequence) VALUES (?, ?, ?)",
          arguments: [draft.reference, draft.action.rawValue, sequence])
      }
      do {
        try write { database in
          for step in try decide(database) {
            try database.insert(step, try writer.append(step.event))
          }
          try database.execute(sql: "DELETE FROM open_act")
        }
      } catch {
        try close(error, draft, writer)
      }
    }
  }

  /// Writes a denied act to the log and throws the denial.
  private func close(
    _ error: any Error, _ draft: AccessEvent, _ writer: AccessLogWriter
  ) throws {
    var event = draft
    let denial: Denial
    switch error {
    case let error as LoggedDenial:
      event = error.event
      denial = error.denial
    case let error as Denial: denial = error
    default: throw error
    }
    event.outcome = .denied
    event.rule = denial.code
    _ = try writer.append(event)
    try write { try $0.execute(sql: "DELETE FROM open_act") }
    throw denial
  }

  /// Says in the log that an act may have an entry and has no effect.
  private func recordInterrupted(_ writer: AccessLogWriter, _ draft: AccessEvent) throws {
    let open = try read {
      try Row.fetchAll($0, sql: "SELECT reference, action, log_sequence FROM open_act")
    }
    guard let row = open.first else { return }
    let sequence: Int = row["log_sequence"]
    if (writer.anchor?.sequence ?? 0) > sequence {
      var event = AccessEvent(
        time: draft.time, person: draft.person, action: .actInterrupted, outcome: .allowed,
        rule: row["action"])
      event.reference = row["reference"]
      event.purpose = LoggedText(cleaning: "after entry \(sequence)")
      _ = try writer.append(event)
    }
    try write { try $0.execute(sql: "DELETE FROM open_act") }
  }
}
