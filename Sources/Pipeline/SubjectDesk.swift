package import Catalog
import Reconciliation
package import Warehouse

/// Takes what people decide about the subjects of records (S2). What is accepted counts from the next night
/// on; nothing that was decided is ever removed.
package struct SubjectDesk {
  /// A person's word about one record and one registration.
  package struct Statement: Sendable {
    package var row: Int64
    package var subject: String
    package var author: String
    package var reason: String
    /// Local time, as `2026-03-01T09:00:00`.
    package var time: String

    package init(row: Int64, subject: String, author: String, reason: String, time: String) {
      self.row = row
      self.subject = subject
      self.author = author
      self.reason = reason
      self.time = time
    }
  }

  private let catalog: Catalog
  private let engine: any WarehouseEngine
  private let recording: (SubjectAct) throws -> Void

  /// - Parameter recording: Writes the entry of the access log, before an act is stored.
  package init(
    catalog: Catalog, engine: any WarehouseEngine,
    recording: @escaping (SubjectAct) throws -> Void
  ) {
    self.catalog = catalog
    self.engine = engine
    self.recording = recording
  }

  /// The record's subject is this registration.
  ///
  /// - Parameter storing: Whether it is stored, or only looked at.
  /// - Throws: ``StewardRefusal``; what the warehouse throws.
  package func confirm(_ statement: Statement, storing: Bool = true) throws -> SubjectAct {
    let (act, standing) = try prepare(.confirm, statement)
    if let other = standing.first(where: { $0.kind == .confirm }) {
      throw StewardRefusal(
        code: .refused,
        message: "act \(other.id) says that it is \(other.subject); take that back first")
    }
    if let other = standing.first(where: { $0.subject == act.subject }) {
      throw StewardRefusal(
        code: .refused, message: "act \(other.id) says that it is not; take that back first")
    }
    return try stored(act, storing)
  }

  /// The record's subject is not this registration, to which it is linked or for which it is a candidate.
  package func reject(_ statement: Statement, storing: Bool = true) throws -> SubjectAct {
    let (act, standing) = try prepare(.reject, statement)
    if let other = standing.first(where: { $0.subject == act.subject }) {
      let says =
        other.kind == .confirm ? "says that it is; take that back first" : "says so already"
      throw StewardRefusal(code: .refused, message: "act \(other.id) \(says)")
    }
    let bench = try bench()
    guard let mention = try engine.mention(row: act.row),
      try bench.entries([mention], engine).first?.matches.contains(where: {
        $0.subject == act.subject
      }) == true
    else {
      throw StewardRefusal(
        code: .refused,
        message: "\(act.subject) is neither the link nor a candidate of record \(act.row)")
    }
    return try stored(act, storing)
  }

  /// Takes an act back: the next night finds what it would have found without it.
  package func undo(
    _ id: Int64, author: String, reason: String, time: String, storing: Bool = true
  ) throws -> SubjectAct {
    try check(author: author, reason: reason)
    let acts = try engine.subjectActs()
    guard let act = acts.first(where: { $0.id == id }) else {
      throw StewardRefusal(code: .usage, message: "there is no act \(id)")
    }
    guard act.kind != .undo else {
      throw StewardRefusal(
        code: .refused, message: "act \(id) took another back; say again what is to hold")
    }
    if let other = acts.first(where: { $0.undone == id }) {
      throw StewardRefusal(code: .refused, message: "act \(other.id) took it back already")
    }
    var undo = act
    undo.id = 0
    undo.kind = .undo
    undo.undone = id
    undo.author = author
    undo.reason = reason
    undo.time = time
    undo.openedBy = nil
    return try stored(undo, storing)
  }

  // MARK: What is checked

  private func check(author: String, reason: String) throws {
    for (what, text) in [("reason", reason), ("author", author)]
    where text.allSatisfy(\.isWhitespace) {
      throw StewardRefusal(code: .usage, message: "the act needs a \(what)")
    }
    if let run = try engine.lastRun(), run.status == .running {
      throw StewardRefusal(
        code: .refused, message: "the run of \(run.night) has not finished; start it again first")
    }
  }

  private func bench() throws -> SubjectBench {
    guard let matching = catalog.matching else {
      throw StewardRefusal(
        code: .usage, message: "the definitions do not say how subjects are matched")
    }
    return SubjectBench(matching, try engine.subjectActs())
  }

  /// The act, and what stands of the same record and says the same of both sides.
  private func prepare(
    _ kind: SubjectAct.Kind, _ statement: Statement
  ) throws -> (act: SubjectAct, standing: [SubjectAct]) {
    try check(author: statement.author, reason: statement.reason)
    let bench = try bench()
    guard let mention = try engine.mention(row: statement.row) else {
      throw StewardRefusal(
        code: .usage,
        message: "no record \(statement.row) is shown, or its category names no subject")
    }
    guard mention.isOpen else {
      throw StewardRefusal(
        code: .refused,
        message: "record \(statement.row) names nobody, or names its subject by a registered code; "
          + "its source has to correct it")
    }
    let probe = SubjectProbe(number: nil, name: nil, codes: [statement.subject])
    guard let subject = try engine.registeredSubjects([probe]).first?.first else {
      throw StewardRefusal(
        code: .refused, message: "nobody is registered under \(statement.subject)")
    }
    let act = SubjectAct(
      kind: kind, row: mention.row, category: mention.category, system: mention.system,
      recordID: mention.recordID, subject: subject.code,
      mention: bench.mention(mention).evidence, registration: subject.evidence,
      author: statement.author, reason: statement.reason, time: statement.time)
    return (act, try standing(beside: act))
  }

  private func standing(beside act: SubjectAct) throws -> [SubjectAct] {
    let acts = try engine.subjectActs()
    let undone = Set(acts.compactMap(\.undone))
    return acts.filter { other in
      other.kind != .undo && !undone.contains(other.id) && other.category == act.category
        && other.system == act.system && other.recordID == act.recordID
        && other.mention == act.mention
        && (other.kind == .confirm || other.registration == act.registration)
    }
  }

  private func stored(_ act: SubjectAct, _ storing: Bool) throws -> SubjectAct {
    guard storing else { return act }
    try recording(act)
    var act = act
    act.id = try engine.add(act)
    return act
  }
}
