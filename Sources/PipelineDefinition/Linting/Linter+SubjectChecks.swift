import Catalog

/// Worked cases of whom records mean.
extension Linter {
  func check(_ example: SubjectCase, _ file: WorkedCaseFile, _ path: DefinitionPath) {
    let what = "case \"\(example.name)\""
    guard let matching = catalog.matching else {
      log.report(
        .missingFile, at: places.place(path),
        "\(what): nothing says how subjects are matched; add matching.yaml or remove the case")
      return
    }
    let sources = matching.sources.map(\.category)
    if matching.source(example.category) == nil {
      unknown(
        .unknownCategory, "\(what): category with a subject", example.category,
        at: places.place(path.at("category")), among: sources)
    } else {
      check(Array(example.given.keys), of: example.category, path.at("given"), what)
    }
    if let entity = catalog.authority.entity(matching.entity) {
      for (index, said) in example.registered.enumerated() {
        let path = path.at("registered", String(index + 1))
        check(Array(said.keys), of: entity.category, path, what)
        for name in [matching.code, matching.name] where said[name] == nil {
          log.report(
            .missingKey, at: places.place(path),
            "\(what): registration \(index + 1) has no \"\(name)\", without which nobody is compared"
          )
        }
      }
    }
    for id in example.covers { matchingRule(id, at: places.place(path.at("covers")), what) }
    if let link = example.link {
      let place = places.place(path.at("expect", "link"))
      registered(link.subject, example, matching, at: place, what)
      unknownRule(link.rule, among: matching.links.map(\.id), at: place, what)
    }
    for (index, candidate) in example.candidates.enumerated() {
      let place = places.place(path.at("expect", "candidates", String(index)))
      registered(candidate.subject, example, matching, at: place, what)
      unknownRule(candidate.rule, among: matching.candidates.map(\.id), at: place, what)
    }
  }

  private func registered(
    _ subject: String, _ example: SubjectCase, _ matching: SubjectMatching, at place: Place,
    _ what: String
  ) {
    let codes = example.registered.compactMap { $0[matching.code] ?? nil }
    guard !codes.contains(subject) else { return }
    unknown(
      .unknownCode, "\(what): registration", subject, at: place, among: Array(Set(codes)).sorted())
  }

  private func matchingRule(_ id: String, at place: Place, _ what: String) {
    guard let matching = catalog.matching else { return }
    unknownRule(
      id, among: matching.links.map(\.id) + matching.candidates.map(\.id), at: place, what)
  }

  private func unknownRule(_ id: String, among ids: [String], at place: Place, _ what: String) {
    guard !ids.contains(id) else { return }
    unknown(.unknownRule, "\(what): rule of matching", id, at: place, among: ids)
  }

  // MARK: Coverage

  /// Every rule has a case in which it decides, and one about it in which it does not.
  func checkMatchingCoverage() {
    guard let matching = catalog.matching, !definitions.checks.isEmpty else { return }
    let cases = definitions.checks.flatMap(\.subjects)
    for id in matching.links.map(\.id) + matching.candidates.map(\.id) {
      let lacks = [
        cases.contains { $0.deciding.contains(id) } ? nil : "in which it decides",
        cases.contains { $0.covers.contains(id) && !$0.deciding.contains(id) }
          ? nil : "in which it does not",
      ].compactMap { $0 }
      guard !lacks.isEmpty else { continue }
      log.report(
        .uncoveredRule, at: places.place(DefinitionPath.matching.at("rules", id)),
        "rule \(id) has no worked case \(lacks.joined(separator: " and none "))"
          + "; add one to checks/")
    }
  }
}
