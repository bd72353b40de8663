package import Records

/// A kind of thing of which there is one golden record for each match key (一数一源).
///
/// Every category has one entity of its own name that carries all of its elements; others carry what
/// their match key, their rules and their strategies name.
package struct GoldenEntity: Sendable {
  /// Name in tables and commands: the category's code, or a word of its own, e.g. `PERSON`.
  package var id: String
  package var name: String
  package var english: String
  /// The category whose records speak of it.
  package var category: String
  /// Identifiers of the elements that tell one from another, the issuer included where the number is
  /// its own (semantics.md §6): nothing is added to them. A record that lacks one stands alone.
  package var matchKey: [String]
  /// The records of ``category`` that speak of it; nil: all of the category.
  package var when: Expression?
  /// Identifiers, in the order of the category.
  package var elements: [String]
  /// Elements that are not decided by their order alone.
  package var strategies: [ElementStrategy]
  /// Rows inside records that speak of it too; none where ``id`` is a category.
  package var childRows: [SpeakingRows] = []
  /// Categories whose records show what is golden under the match key that they carry.
  package var copiedTo: [String] = []
  package var origin: String

  package init(
    id: String, name: String, english: String, category: String, matchKey: [String],
    when: Expression? = nil, elements: [String], strategies: [ElementStrategy] = [],
    origin: String
  ) {
    self.id = id
    self.name = name
    self.english = english
    self.category = category
    self.matchKey = matchKey
    self.when = when
    self.elements = elements
    self.strategies = strategies
    self.origin = origin
  }
}

/// How a value is chosen among the records of one key where no rule names an owner.
package struct ElementStrategy: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Of the record that was changed last. What holds without a strategy.
    case recency
    /// Of the record that was changed first.
    case oldest
    /// Of the record with the most of these elements filled.
    case mostComplete = "most-complete"
    /// Every value of a many-valued element, each once.
    case union
    /// The largest number or last day.
    case largest
    /// The smallest number or first day.
    case smallest
  }

  package var kind: Kind
  /// Identifiers. Of `mostComplete` they come together, from one record; otherwise each by itself.
  package var elements: [String]
  package var origin: String

  package init(kind: Kind, elements: [String], origin: String) {
    self.kind = kind
    self.elements = elements
    self.origin = origin
  }
}

/// Who may speak for a group of elements.
package enum AuthoritySource: Sendable, Hashable {
  /// The system with this code.
  case system(String)
  /// `OWNER`: the home system of the agency that the record names (semantics.md §11).
  case homeOfAgency
  /// `FIRST`: whoever registered it first.
  case first
}

/// One element by which records of equal authority are put in order.
package struct AuthorityTieBreak: Sendable, Hashable {
  package var element: String
  /// The latest or largest wins; otherwise the earliest or smallest. A record without a value comes last.
  package var isLatest: Bool

  package init(element: String, isLatest: Bool) {
    self.element = element
    self.isLatest = isLatest
  }
}

/// Names the owner of a group of elements. The group comes together: all of it from one record.
///
/// Where neither the owner nor a fallback has delivered the key, the best valid values stand, marked
/// `unowned` (semantics.md §11).
package struct AuthorityRule: Sendable {
  /// E.g. `AR01`.
  package var id: String
  package var name: String
  package var english: String
  /// ``GoldenEntity/id``.
  package var entity: String
  /// Holds for records for which this is true; nil: for all.
  package var when: Expression?
  /// Identifiers, in the order of the entity.
  package var elements: [String]
  package var owner: AuthoritySource
  /// In this order; none: nobody may overrule the owner.
  package var fallback: [AuthoritySource]
  package var tieBreaks: [AuthorityTieBreak]
  /// First and last day on which the rule holds, by the day of the night.
  package var from: CivilDate?
  package var until: CivilDate?
  /// What a disagreement with the winner does to the losing record.
  package var severity: Severity
  package var version: Int
  package var fixChinese: String
  package var fixEnglish: String
  package var origin: String

  package init(
    id: String, name: String, english: String, entity: String, when: Expression? = nil,
    elements: [String], owner: AuthoritySource, fallback: [AuthoritySource] = [],
    tieBreaks: [AuthorityTieBreak], from: CivilDate? = nil, until: CivilDate? = nil,
    severity: Severity = .note, version: Int = 1, fixChinese: String = "",
    fixEnglish: String = "", origin: String
  ) {
    self.id = id
    self.name = name
    self.english = english
    self.entity = entity
    self.when = when
    self.elements = elements
    self.owner = owner
    self.fallback = fallback
    self.tieBreaks = tieBreaks
    self.from = from
    self.until = until
    self.severity = severity
    self.version = version
    self.fixChinese = fixChinese
    self.fixEnglish = fixEnglish
    self.origin = origin
  }

  /// What a disagreement with an owner is called on the record that differs.
  package static let issue = IssueCode.q34

  /// Whether the rule holds on a day.
  package func holds(on day: CivilDate) -> Bool {
    (from.map { $0 <= day } ?? true) && (until.map { day <= $0 } ?? true)
  }
}

/// A decision of a person about the home system of an agency, before what the agencies' own records say.
package struct AgencyHome: Sendable, Hashable {
  package var agency: String
  package var system: String
  package var origin: String

  package init(agency: String, system: String, origin: String) {
    self.agency = agency
    self.system = system
    self.origin = origin
  }
}

/// Whose values count: entities, rules and the table of agencies behind `OWNER`.
package struct AuthorityPolicy: Sendable {
  /// One for each category, in its order, then the others.
  package var entities: [GoldenEntity] = []
  package var rules: [AuthorityRule] = []
  /// The category of whose records agencies are known: its system is the home of each agency that it
  /// names.
  package var agencyCategory = ""
  /// Identifier of the element that names the agency.
  package var agencyElement = ""
  package var agencyHomes: [AgencyHome] = []
  /// Hash of what the file says, as hexadecimal digits. No part of the rule set's: it decides between
  /// records and never about one.
  package var hash = ""

  package init() {}

  package func entity(_ id: String) -> GoldenEntity? { entities.first { $0.id == id } }

  /// In the order of the file.
  package func rules(for entity: String) -> [AuthorityRule] { rules.filter { $0.entity == entity } }
}
