import Catalog

/// What the program that will use the definitions can do.
struct Abilities {
  /// Kinds of identifier checks; nil for any.
  var checks: Set<String>?
  /// What is wrong with a regular expression; nil if nothing is.
  var patternProblem: ((String) -> String?)?
  /// Why a warehouse cannot have the names of a catalog: the name, and the reason; nil if it can.
  var nameProblem: ((Catalog) -> (name: String, message: String)?)?
}

/// Checks what the files say against each other.
///
/// Knows no name and no number of ours: whatever it demands follows from the files or the types.
struct Linter {
  let definitions: Definitions
  let abilities: Abilities
  let log: ProblemLog
  /// Elements and categories by name, since the catalog's own look-ups walk its lists.
  let elements: [String: DataElement]
  let categories: [String: Category]

  var catalog: Catalog { definitions.catalog }
  var places: PlaceIndex { definitions.places }

  private init(_ definitions: Definitions, _ abilities: Abilities, log: ProblemLog) {
    self.definitions = definitions
    self.abilities = abilities
    self.log = log
    let catalog = definitions.catalog
    elements = Dictionary(catalog.elements.map { ($0.identifier, $0) }) { first, _ in first }
    categories = Dictionary(catalog.categories.map { ($0.id, $0) }) { first, _ in first }
  }

  /// - Returns: What the worked cases do not cover.
  static func run(_ definitions: Definitions, _ abilities: Abilities, log: ProblemLog) -> Coverage {
    let linter = Linter(definitions, abilities, log: log)
    linter.checkElements()
    linter.checkCodeLists()
    linter.checkCategories()
    linter.checkRules()
    linter.checkAuthority()
    linter.checkMatching()
    linter.checkTables()
    linter.checkCalendar()
    linter.checkApprovals()
    linter.checkDivisions()
    linter.checkSources()
    linter.checkSharing()
    linter.checkTexts()
    return linter.checkWorkedCases()
  }

  // MARK: Names

  /// Reports a name that nothing has.
  func unknown(
    _ code: ProblemCode, _ what: String, _ name: String, at place: Place,
    among candidates: some Sequence<String>
  ) {
    log.report(
      code, at: place, "\(what) \"\(name)\" does not exist; define it or correct the name",
      suggestion: nearest(to: name, among: candidates))
  }

  /// The element, if it exists and the category carries it; otherwise a problem and nil.
  @discardableResult
  func carried(
    _ name: String, by category: Category, at place: Place, _ purpose: String
  ) -> DataElement? {
    guard let element = elements[name] else {
      unknown(.unknownElement, "\(purpose): element", name, at: place, among: elements.keys)
      return nil
    }
    guard category.column(of: name) != nil else {
      let own = category.elements.map(\.element.identifier)
      log.report(
        .elementNotCarried, at: place,
        "\(purpose): category \(category.id) does not carry the element \"\(name)\"; "
          + "add it to the category or name another",
        suggestion: nearest(to: name, among: own))
      return nil
    }
    return element
  }

  /// The category, or a problem and nil.
  func category(_ id: String, at place: Place, _ purpose: String) -> Category? {
    if let category = categories[id] { return category }
    unknown(.unknownCategory, "\(purpose): category", id, at: place, among: categories.keys)
    return nil
  }

  /// Reports a system that does not exist.
  @discardableResult
  func system(_ id: String, at place: Place, _ purpose: String) -> SourceSystem? {
    if let system = catalog.system(id) { return system }
    unknown(.unknownSystem, "\(purpose): system", id, at: place, among: catalog.systems.map(\.id))
    return nil
  }
}
