/// How records that name a registered subject find its registration (S2).
///
/// An exact code links, and so do registration number and normalized name together. Anything weaker only
/// proposes candidates to a person.
package struct SubjectMatching: Sendable {
  /// A category whose records name a subject.
  package struct Source: Sendable, Hashable {
    package var category: String
    /// Identifiers; nil where the category has no such element.
    package var code: String?
    package var number: String?
    /// Identifiers of elements with the name; the first one that a record fills counts.
    package var names: [String]
    package var origin: String

    package init(
      category: String, code: String?, number: String?, names: [String], origin: String
    ) {
      self.category = category
      self.code = code
      self.number = number
      self.names = names
      self.origin = origin
    }
  }

  /// What a rule does with a record whose code is in no registration.
  package enum UnknownCode: String, Sendable, CaseIterable {
    /// Number and name link all the same: codes change, numbers do not.
    case link
    /// The code speaks against it: a person decides.
    case candidate
  }

  /// A rule that links without a person.
  package struct LinkRule: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
      case code
      case numberAndName = "number-and-name"
    }

    package var id: String
    package var name: String
    package var english: String
    package var kind: Kind
    package var unknownCode: UnknownCode
    package var origin: String

    package init(
      id: String, name: String, english: String, kind: Kind, unknownCode: UnknownCode,
      origin: String
    ) {
      self.id = id
      self.name = name
      self.english = english
      self.kind = kind
      self.unknownCode = unknownCode
      self.origin = origin
    }
  }

  /// How the registration numbers of a record and of a registration compare.
  package enum NumberEvidence: String, Sendable, CaseIterable {
    case same
    case different
    /// One of them has none.
    case unknown
  }

  /// How the names compare, the strongest first.
  package enum NameEvidence: String, Sendable, CaseIterable {
    /// Normalized they are the same.
    case same
    /// They differ in places, legal form or brackets alone.
    case core
    /// One is a branch of the other.
    case branch
    /// One character differs.
    case near
    case other
  }

  /// Weak evidence that proposes a candidate.
  package struct CandidateRule: Sendable, Hashable {
    package var id: String
    /// Why, for a person.
    package var name: String
    package var english: String
    package var number: NumberEvidence
    package var subjectName: NameEvidence
    /// 1…100.
    package var score: Int
    package var origin: String

    package init(
      id: String, name: String, english: String, number: NumberEvidence,
      subjectName: NameEvidence, score: Int, origin: String
    ) {
      self.id = id
      self.name = name
      self.english = english
      self.number = number
      self.subjectName = subjectName
      self.score = score
      self.origin = origin
    }
  }

  /// What makes two spellings of a name the same.
  package struct Names: Sendable, Hashable {
    package enum Step: String, Sendable, CaseIterable {
      case halfWidth = "half-width"
      case lowerCase = "lower-case"
      case noSpaces = "no-spaces"
    }

    package var steps: [Step] = []
    /// Characters and what stands for them.
    package var folds: [Character: Character] = [:]
    package var dropped: Set<Character> = []
    /// Of legal forms, longest first.
    package var endings: [String] = []
    /// Words that a name may have or lack.
    package var words: [String] = []
    /// Endings of branches; what stands before the legal form of the whole is its name.
    package var branches: [String] = []
    /// Characters that a core needs before one of them may differ.
    package var nearLength = 5

    package init() {}
  }

  /// The registered subjects; its match key is ``code``.
  package var entity = ""
  /// Identifiers of the entity's elements.
  package var code = ""
  package var number = ""
  package var name = ""
  /// Identifier of the element with the source's number of a record, which every source carries: acts of
  /// people are about it, whatever version is shown.
  package var record = ""
  package var sources: [Source] = []
  package var names = Names()
  package var links: [LinkRule] = []
  package var candidates: [CandidateRule] = []
  /// Candidates of one record.
  package var limit = 5
  /// A candidate that is further behind the best one than this is not proposed; 100 proposes all.
  package var margin = 100
  /// A core or half of a name that more registrations share than this is no evidence.
  package var crowd = 50
  /// What a code that is in no registration takes from a candidate's score.
  package var unknownCodeDeduction = 0
  /// Why, for a person.
  package var unknownCodeReason = ""
  package var unknownCodeEnglish = ""
  package var origin = ""
  /// Hash of what the file says, as hexadecimal digits.
  package var hash = ""

  package init() {}

  /// The rule of a kind; nil if the file has none.
  package func link(_ kind: LinkRule.Kind) -> LinkRule? { links.first { $0.kind == kind } }

  package func source(_ category: String) -> Source? {
    sources.first { $0.category == category }
  }
}
