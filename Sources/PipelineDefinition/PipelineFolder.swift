package import Catalog

/// What a pipeline folder says and everything that is wrong with it.
package struct LoadResult: Sendable {
  /// The catalog; nil if there is any error.
  package var catalog: Catalog?
  package var settings: RunSettings
  package var workedCases: [WorkedCaseFile]
  /// Rules that lack a worked case with or without a finding.
  package var uncoveredRules: [String]
  /// Issue codes that no worked case expects.
  package var uncoveredIssues: [IssueCode]
  /// By file and line.
  package var problems: [Problem]

  package var errors: [Problem] { problems.filter { $0.severity == .error } }
  package var warnings: [Problem] { problems.filter { $0.severity == .warning } }
}

/// A folder of definitions on disk.
package enum PipelineFolder {
  /// Reads and checks all files below `path`.
  ///
  /// Never throws and never stops at the first problem.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - knownChecks: The kinds of identifier checks that the program can make; nil if any kind
  ///     may be named.
  ///   - patternProblem: What is wrong with a regular expression in the eyes of the engine that
  ///     will run it; nil if nothing is. Regular expressions of Swift are understood if not given.
  /// - Returns: The catalog, if nothing is wrong with it, and all problems.
  ///   - nameProblem: Which name of the catalog the warehouse cannot have, and why; nil if it can have all.
  package static func load(
    _ path: String, knownChecks: Set<String>? = nil,
    patternProblem: ((String) -> String?)? = nil,
    nameProblem: ((Catalog) -> (name: String, message: String)?)? = nil
  ) -> LoadResult {
    let log = ProblemLog()
    let files = FolderReader.files(in: path, log: log)
    return check(
      files, log: log,
      Abilities(checks: knownChecks, patternProblem: patternProblem, nameProblem: nameProblem))
  }

  /// Reads and checks files, which are sorted by path.
  static func check(_ files: [SourceFile], log: ProblemLog, _ abilities: Abilities) -> LoadResult {
    let isMissing = !log.problems.isEmpty && files.isEmpty
    let definitions = isMissing ? Definitions() : FolderLoader.load(files, log: log)
    let coverage =
      isMissing ? Coverage() : Linter.run(definitions, abilities, log: log)
    if !isMissing { checkNames(definitions, abilities, log) }
    let problems = Set(log.problems).sorted()
    let isUsable = !problems.contains { $0.severity == .error }
    return LoadResult(
      catalog: isUsable ? definitions.catalog : nil, settings: definitions.settings,
      workedCases: definitions.checks, uncoveredRules: coverage.rules,
      uncoveredIssues: coverage.issues, problems: problems)
  }

  /// What is stored needs a name of its own, in which capital letters count for nothing.
  private static func checkNames(
    _ definitions: Definitions, _ abilities: Abilities, _ log: ProblemLog
  ) {
    guard !log.problems.contains(where: { $0.severity == .error }),
      let problem = abilities.nameProblem?(definitions.catalog)
    else { return }
    let isElement = definitions.catalog.elements.contains { $0.identifier == problem.name }
    let path: DefinitionPath = isElement ? .element(problem.name) : .category(problem.name)
    log.report(.duplicateIdentifier, at: definitions.places.place(path), problem.message)
  }
}
