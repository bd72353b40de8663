package import Records

/// A division code and the days on which it was in force.
package struct Division: Sendable, Hashable {
  package var code: String
  package var name: String
  package var from: CivilDate
  package var until: CivilDate?

  package init(code: String, name: String, from: CivilDate, until: CivilDate?) {
    self.code = code
    self.name = name
    self.from = from
    self.until = until
  }
}

/// An industry section of GB/T 4754 and the two-digit divisions it holds.
package struct IndustrySection: Sendable, Hashable {
  package var letter: String
  package var name: String
  package var english: String
  package var divisions: ClosedRange<Int>

  package init(letter: String, name: String, english: String, divisions: ClosedRange<Int>) {
    self.letter = letter
    self.name = name
    self.english = english
    self.divisions = divisions
  }
}

/// A named check of an identifier, e.g. of the unified social credit code.
package struct IdentifierDefinition: Sendable {
  package var kind: String
  package var name: String
  package var english: String
  /// What a value looks like, in the words of whoever has to correct it.
  package var formChinese: String
  package var formEnglish: String
  package var isAdvisory: Bool
  package var origin: String
  /// Number of the standard, e.g. `GB 32100-2015`; empty if there is none.
  package var standard: String

  package init(
    kind: String, name: String, english: String, formChinese: String, formEnglish: String,
    isAdvisory: Bool, origin: String, standard: String = ""
  ) {
    self.standard = standard
    self.kind = kind
    self.name = name
    self.english = english
    self.formChinese = formChinese
    self.formEnglish = formEnglish
    self.isAdvisory = isAdvisory
    self.origin = origin
  }
}

/// A group of data elements; each stands in one file.
package struct ElementGroup: Sendable, Hashable {
  package var number: Int
  package var name: String
  package var english: String
  package var origin: String

  package init(number: Int, name: String, english: String, origin: String) {
    self.number = number
    self.name = name
    self.english = english
    self.origin = origin
  }
}

/// A core domain and, by category, the records that belong to it.
package struct CoreDomainDefinition: Sendable {
  package var domain: CoreDomain
  package var name: String
  package var english: String
  package var records: [String: Expression]
  package var origin: String

  package init(
    domain: CoreDomain, name: String, english: String, records: [String: Expression],
    origin: String
  ) {
    self.domain = domain
    self.name = name
    self.english = english
    self.records = records
    self.origin = origin
  }
}

/// Everything that `Pipelines/` says about data, as plain checked values.
///
/// Lists keep the order of the files, so that everything derived from them is the same every time.
package struct Catalog: Sendable {
  package var elementGroups: [ElementGroup] = []
  package var elements: [DataElement] = []
  package var codeLists: [CodeList] = []
  package var groups: [CategoryGroup] = []
  package var categories: [Category] = []
  package var rules: [Rule] = [] {
    didSet { rulesByCategory = Dictionary(grouping: rules, by: \.category) }
  }
  private var rulesByCategory: [String: [Rule]] = [:]
  package var authority = AuthorityPolicy()
  /// nil if the folder does not say how subjects are matched; then nothing is.
  package var matching: SubjectMatching?
  package var issueTypes: [IssueType] = []
  package var identifiers: [IdentifierDefinition] = []
  package var coreDomains: [CoreDomainDefinition] = []
  package var nullSpellings: [String: [String]] = [:]
  package var calendar = WorkingDayCalendar()
  package var approvals = ApprovalPolicy()
  /// No date of any element lies before it; nil if the catalog does not say.
  package var earliestDate: CivilDate?
  package var divisions: [Division] = []
  package var industries: [IndustrySection] = []
  package var systems: [SourceSystem] = []
  package var adapters: [SourceAdapter] = []
  /// nil if the folder says nothing about sharing; then nothing is shared.
  package var sharing: SharingPolicy?
  /// XXH3 or SHA-256 of everything that can change a verdict, as hexadecimal digits.
  package var ruleSetHash = ""

  package init() {}

  package func element(_ identifier: String) -> DataElement? {
    elements.first { $0.identifier == identifier }
  }

  package func codeList(_ id: String) -> CodeList? { codeLists.first { $0.id == id } }

  package func category(_ id: String) -> Category? { categories.first { $0.id == id } }

  package func system(_ id: String) -> SourceSystem? { systems.first { $0.id == id } }

  package func adapter(_ system: String) -> SourceAdapter? {
    adapters.first { $0.system == system }
  }

  /// In the order of the files.
  package func rules(for category: String) -> [Rule] { rulesByCategory[category] ?? [] }

  package func issueType(_ code: IssueCode) -> IssueType? {
    issueTypes.first { $0.code == code }
  }
}
