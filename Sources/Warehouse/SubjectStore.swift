package import Reconciliation

/// A page of registrations that a publication touches, with what their records say.
package struct SubjectPage: Sendable {
  /// One record's word about a registration.
  package struct Statement: Sendable, Hashable {
    package var code: String
    package var number: String?
    package var name: String
    /// Of the golden record, or of the only record.
    package var isGolden: Bool

    package init(code: String, number: String?, name: String, isGolden: Bool) {
      self.code = code
      self.number = number
      self.name = name
      self.isGolden = isGolden
    }
  }

  /// Numbers that the engine gave the codes, ascending.
  package var keys: [Int64]
  /// By number; a code of which nobody speaks any more has none.
  package var codes: [String]
  package var statements: [Statement]

  package init(keys: [Int64], codes: [String], statements: [Statement]) {
    self.keys = keys
    self.codes = codes
    self.statements = statements
  }
}

/// What registrations say, in the forms in which it is compared.
package struct SubjectUpdate: Sendable {
  package struct Entry: Sendable, Hashable {
    package var statement: SubjectPage.Statement
    package var name: SubjectName

    package init(statement: SubjectPage.Statement, name: SubjectName) {
      self.statement = statement
      self.name = name
    }
  }

  package var publication: Int64
  /// All codes of the page.
  package var codes: [String]
  package var entries: [Entry]

  package init(publication: Int64, codes: [String], entries: [Entry]) {
    self.publication = publication
    self.codes = codes
    self.entries = entries
  }
}

/// What a record says of its subject, as stored.
package struct StoredMention: Sendable, Hashable {
  package var row: Int64
  package var category: String
  package var system: String
  /// The source's number of the record.
  package var recordID: String
  /// nil where it is missing or came masked.
  package var code: String?
  package var number: String?
  package var name: String?
  /// Whether readers see the record, and no registration has its code.
  package var isOpen: Bool

  package init(
    row: Int64, category: String, system: String, recordID: String, code: String?, number: String?,
    name: String?, isOpen: Bool
  ) {
    self.row = row
    self.category = category
    self.system = system
    self.recordID = recordID
    self.code = code
    self.number = number
    self.name = name
    self.isOpen = isOpen
  }
}

/// What was found for some records; what stood before of them and stands no more is closed.
package struct SubjectMatchUpdate: Sendable {
  package struct Entry: Sendable, Hashable {
    package var mention: StoredMention
    package var name: SubjectName?
    package var matches: [Match]

    package init(mention: StoredMention, name: SubjectName?, matches: [Match]) {
      self.mention = mention
      self.name = name
      self.matches = matches
    }
  }

  /// A link or a candidate.
  package struct Match: Sendable, Hashable {
    package var subject: String
    package var isLink: Bool
    /// Of the definition; `confirmed` where a person decided.
    package var rule: String
    package var score: Int?
    /// For a person, in Chinese.
    package var reason: String
    package var act: Int64?

    package init(
      subject: String, isLink: Bool, rule: String, score: Int?, reason: String, act: Int64?
    ) {
      self.subject = subject
      self.isLink = isLink
      self.rule = rule
      self.score = score
      self.reason = reason
      self.act = act
    }

    /// Stands for a rule where a person decided.
    package static let confirmed = "confirmed"
  }

  package var publication: Int64
  /// All rows that were looked at.
  package var rows: [Int64]
  package var entries: [Entry]

  package init(publication: Int64, rows: [Int64], entries: [Entry]) {
    self.publication = publication
    self.rows = rows
    self.entries = entries
  }
}

/// What finds registrations: texts of one mention.
package struct SubjectProbe: Sendable, Hashable {
  package var number: String?
  package var name: SubjectName?
  /// Codes that are looked up whatever else the mention says.
  package var codes: [String]

  package init(number: String?, name: SubjectName?, codes: [String]) {
    self.number = number
    self.name = name
    self.codes = codes
  }
}

/// A person's act about a record and a registration. Acts are never changed or removed; one that takes
/// another back names it.
package struct SubjectAct: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case confirm
    case reject
    case undo
  }

  /// Given out by the warehouse.
  package var id: Int64
  package var kind: Kind
  /// The row that the person looked at.
  package var row: Int64
  package var category: String
  package var system: String
  /// The source's number of the record.
  package var recordID: String
  package var subject: String
  /// What both sides said then (``SubjectMention/evidence``, ``RegisteredSubject/evidence``).
  package var mention: String
  package var registration: String
  /// The act that is taken back.
  package var undone: Int64?
  package var author: String
  package var reason: String
  /// Local time, as `2026-03-01T09:00:00`.
  package var time: String
  /// The publication that counted it first; nil while it waits for the next night.
  package var openedBy: Int64?

  package init(
    id: Int64 = 0, kind: Kind, row: Int64, category: String, system: String, recordID: String,
    subject: String, mention: String, registration: String, undone: Int64? = nil, author: String,
    reason: String, time: String, openedBy: Int64? = nil
  ) {
    self.id = id
    self.kind = kind
    self.row = row
    self.category = category
    self.system = system
    self.recordID = recordID
    self.subject = subject
    self.mention = mention
    self.registration = registration
    self.undone = undone
    self.author = author
    self.reason = reason
    self.time = time
    self.openedBy = openedBy
  }
}

/// What is known of the subject that a record names; the domain of ``Measure/subjects``.
package enum SubjectKnowledge: String, Sendable, CaseIterable {
  /// Its code is registered.
  case code
  /// Linked by registration number and name.
  case number
  /// A person confirmed it.
  case person
  /// A person has to decide.
  case candidates
  /// Nobody who is registered is like it.
  case unknown
}

/// Keeps which registration a record's subject is.
package protocol SubjectStore: AnyObject {
  /// Makes ready to match for a publication, taking back what an attempt that was killed left.
  ///
  /// - Parameter policy: Hash of everything that decides what matches.
  /// - Returns: Whether everything is matched anew: nothing was published under this policy before.
  func beginSubjects(publication: Int64, policy: String) throws -> Bool
  /// Collects the registrations that a publication touches.
  ///
  /// - Parameter more: Codes that are collected too.
  func collectSubjects(
    publication: Int64, run: Int64, all: Bool, more: [String]
  ) throws
  /// Up to `limit` of the collected registrations behind `key`; nil at the end.
  func subjectPage(publication: Int64, after key: Int64, limit: Int) throws -> SubjectPage?
  /// Stores what registrations say, and notes what changed.
  func storeSubjects(_ update: SubjectUpdate) throws
  /// Collects the rows whose subject may be another one than before: those that the publication opens or
  /// closes, those that what changed of registrations is about, and those of acts that no night counted.
  func collectMentions(publication: Int64, run: Int64, all: Bool) throws
  /// Up to `limit` of the collected rows behind `row`; nil at the end.
  func mentionPage(publication: Int64, after row: Int64, limit: Int) throws -> [StoredMention]?
  func storeMatches(_ update: SubjectMatchUpdate) throws
  /// Counts what is known of the subjects of a run's records (``Measure/subjects``). May be repeated.
  func countSubjects(publication: Int64, run: Int64) throws
  /// Notes that a publication has been matched under a policy.
  func endSubjects(publication: Int64, policy: String) throws

  /// Ascending by number.
  func subjectActs() throws -> [SubjectAct]
  /// - Returns: The number that it got.
  func add(_ act: SubjectAct) throws -> Int64
  /// What a row says of its subject as of the last publication; nil where readers do not see it, or its
  /// category names none.
  func mention(row: Int64) throws -> StoredMention?
}
