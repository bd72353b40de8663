import Catalog
import Records

/// What could be read of the folder, with the places of all of it.
///
/// Faulty entries stay in, with harmless values in place of what could not be read, so that one
/// mistake gives one problem and not one for every use.
struct Definitions {
  var catalog = Catalog()
  var settings = RunSettings()
  var checks: [WorkedCaseFile] = []
  var places = PlaceIndex()
  /// Format and encoding of a system as `systems.yaml` tells them.
  var systemForms: [String: (format: String?, encoding: String?)] = [:]
  /// Expressions and domains that could not be read; what stands in their place is not checked.
  var broken: Set<DefinitionPath> = []
  /// Years of the calendar, with what the files say.
  var years: [CalendarYear] = []
  /// Line of every division, as in the catalog.
  var divisionLines: [Int] = []
}

/// Turns the files of the folder into ``Definitions``.
struct FolderLoader {
  var definitions = Definitions()
  let log: ProblemLog
  private var documents: [FileKind: [(file: SourceFile, root: DocumentNode)]] = [:]
  private var contents: ContentHasher
  private var sharingContents: ContentHasher

  /// Reads `files`, which are sorted by path.
  static func load(_ files: [SourceFile], log: ProblemLog) -> Definitions {
    var loader = FolderLoader(log: log)
    loader.parse(files)
    loader.checkRequired(files)
    loader.loadCatalog(files)
    return loader.definitions
  }

  private init(log: ProblemLog) {
    self.log = log
    contents = ContentHasher()
    sharingContents = ContentHasher()
  }

  private mutating func parse(_ files: [SourceFile]) {
    for file in files {
      let kind = FileKind(file.path)
      if kind == .unknown {
        log.report(
          .unknownFile, at: Place(file: file.path),
          "the file has no place in the folder and would not be read; move or remove it",
          suggestion: nearest(to: file.path, among: FileKind.knownPaths))
      } else if kind == .divisions {
        contents.add(file.path, lines: file.text)
      } else if let root = DocumentReader.read(file.text, file: file.path, log: log) {
        documents[kind, default: []].append((file, root))
        if kind.decidesVerdicts { contents.add(file.path, root) }
        if kind.isSharing { sharingContents.add(file.path, root) }
      }
    }
  }

  private func checkRequired(_ files: [SourceFile]) {
    let paths = Set(files.map(\.path))
    for path in FileKind.required where !paths.contains(path) {
      log.report(.missingFile, at: Place(file: path), "the file is missing; add it")
    }
    for (kind, folder) in FileKind.requiredFolders
    where !files.contains(where: { FileKind($0.path) == kind }) {
      log.report(
        .missingFile, at: Place(file: folder), "the folder has no files; add at least one")
    }
    guard files.contains(where: { FileKind($0.path).isSharing }) else { return }
    for (_, path) in FileKind.sharing where !paths.contains(path) {
      log.report(
        .missingFile, at: Place(file: path),
        "the file is missing and others of sharing/ are there; add it")
    }
  }

  private mutating func loadCatalog(_ files: [SourceFile]) {
    each(.systems, "the systems") { $0.loadSystems($1) }
    definitions.catalog.systems.sort { ($0.order, $0.id) < ($1.order, $1.id) }
    each(.nullSpellings, "the null spellings") { $0.loadNullSpellings($1) }
    each(.identifiers, "the identifiers") { $0.loadIdentifiers($1) }
    each(.issueTypes, "the issue types") { $0.loadIssueTypes($1) }
    each(.industries, "the industries") { $0.loadIndustries($1) }
    each(.dates, "the dates") { $0.loadDates($1) }
    each(.groups, "the groups") { $0.loadGroups($1) }
    each(.codeList, "code list") { $0.loadCodeList($1) }
    each(.elements, "element group") { $0.loadElements($1) }
    each(.category, "category") { $0.loadCategory($1) }
    each(.domains, "the core domains") { $0.loadDomains($1) }
    each(.rules, "the rules") { $0.loadRules($1) }
    // The run's gate stands for every adapter that has none of its own.
    each(.nightly, "the nightly run") { $0.loadSettings($1) }
    each(.approvals, "the approvals") { $0.loadApprovals($1) }
    each(.source, "source") { $0.loadSource($1) }
    loadSharing()
    each(.check, "the worked cases") { $0.loadChecks($1) }
    each(.calendar, "calendar") { $0.loadCalendarYear($1) }
    finishCalendar()
    if let file = files.first(where: { FileKind($0.path) == .divisions }) { loadDivisions(file) }
    definitions.catalog.categories.sort { ($0.number, $0.id) < ($1.number, $1.id) }
    // Entities follow the order of the categories and their keys the roles of the run.
    each(.authority, "authority") { $0.loadAuthority($1) }
    finishAuthority()
    each(.matching, "the matching of subjects") { $0.loadMatching($1) }
    let order = definitions.catalog.systems.map(\.id)
    definitions.catalog.adapters.sort { left, right in
      let places = [left, right].map { order.firstIndex(of: $0.system) ?? .max }
      return (places[0], left.system) < (places[1], right.system)
    }
    definitions.catalog.ruleSetHash = contents.hexadecimal
  }

  /// The policy is there as soon as one of its files is; without any, nothing is shared.
  private mutating func loadSharing() {
    guard FileKind.sharing.contains(where: { documents[$0.kind] != nil }) else { return }
    definitions.catalog.sharing = SharingPolicy()
    each(.sharingTiers, "the tiers") { $0.loadTiers($1) }
    each(.masks, "the masks") { $0.loadMasks($1) }
    each(.freeText, "free text") { $0.loadFreeText($1) }
    each(.negativeList, "the negative list") { $0.loadNegativeList($1) }
    definitions.catalog.sharing?.contentHash = sharingContents.hexadecimal
  }

  /// Calls `load` with the mapping of every document of one kind, in the order of the paths.
  private mutating func each(
    _ kind: FileKind, _ what: String, _ load: (inout FolderLoader, LoadedFile) -> Void
  ) {
    for (file, root) in documents[kind] ?? [] {
      guard let fields = Fields(root, what: what, log: log) else { continue }
      load(&self, LoadedFile(path: file.path, root: root, fields: fields))
    }
  }

  // MARK: Shared

  /// Origin of an entry: its own, or the one at the head of the file.
  func origin(_ fields: Fields, inherited: String? = nil) -> String {
    if let origin = fields.text("origin"), !origin.isEmpty { return origin }
    if let inherited, !inherited.isEmpty { return inherited }
    log.report(
      .missingOrigin, at: fields.place,
      "\(fields.what) has no origin and neither has its file; "
        + "name the document and clause, or say \"assumed: why\"")
    return ""
  }

  /// Reports a second definition of the same name.
  ///
  /// - Returns: Whether the name is new.
  mutating func claim(_ path: DefinitionPath, _ fields: Fields, key: String) -> Bool {
    let place = fields.place(key)
    if definitions.places.contains(path) {
      let first = definitions.places.place(path)
      let name = path.components.last ?? ""
      log.report(
        .duplicateIdentifier, at: place,
        "\(fields.what): \"\(name)\" is defined already at \(first); rename or remove one")
      return false
    }
    definitions.places.record(path, place)
    return true
  }

  /// Reads an expression; one that cannot be read is replaced by `true`.
  mutating func expression(_ fields: Fields, _ key: String, _ path: DefinitionPath) -> Expression? {
    guard let node = fields.node(key), let text = fields.text(node, key) else { return nil }
    return expression(node, text, path)
  }

  mutating func expression(
    _ node: DocumentNode, _ text: String, _ path: DefinitionPath
  ) -> Expression {
    definitions.places.record(path, node)
    do {
      return try Expression.parse(text)
    } catch {
      log.report(
        .expressionSyntax, at: node.place(atByte: error.offset),
        "the expression cannot be read: \(error.message)")
      definitions.broken.insert(path)
      return Expression(source: text, root: .boolean(true, offset: 0))
    }
  }

  /// Reports a file whose name does not begin with the code inside it.
  func checkFileName(_ path: String, _ code: String, _ fields: Fields, key: String) {
    let name = stem(of: path)
    guard !code.isEmpty, name != code, !name.hasPrefix(code + "-") else { return }
    log.report(
      .fileName, at: fields.place(key),
      "\"\(key)\" is \"\(code)\" and the file is named \"\(name).yaml\"; rename one of them")
  }
}

/// One parsed file.
struct LoadedFile {
  var path: String
  var root: DocumentNode
  var fields: Fields
}
