import Catalog

/// What the worked cases leave out.
struct Coverage {
  var rules: [String] = []
  var issues: [IssueCode] = []
}

extension Linter {
  func checkWorkedCases() -> Coverage {
    for file in definitions.checks {
      let path = DefinitionPath("checks", file.path)
      for (id, values) in file.base.sorted(by: { $0.key < $1.key }) {
        check(Array(values.keys), of: id, path.at(id), "base")
      }
      for example in file.cases { check(example, file, path.at(example.name)) }
      for example in file.sharing { check(example, file, path.at(example.name)) }
      for example in file.authority { check(example, file, path.at(example.name)) }
      for example in file.subjects { check(example, file, path.at(example.name)) }
    }
    checkRoles()
    checkSharingCoverage()
    checkAuthorityCoverage()
    checkMatchingCoverage()
    return coverage()
  }

  func check(
    _ names: [String], of id: String, _ path: DefinitionPath, _ what: String
  ) {
    guard let category = category(id, at: places.place(path), what) else { return }
    for name in names.sorted() {
      carried(name, by: category, at: places.place(path.at(name)), what)
    }
  }

  private func check(_ example: WorkedCase, _ file: WorkedCaseFile, _ path: DefinitionPath) {
    let what = "case \"\(example.name)\""
    check(Array(example.given.keys), of: example.category, path.at("given"), what)
    for id in Set(example.others.keys).union([example.category]).sorted()
    where categories[id] != nil && file.base[id] == nil {
      log.report(
        .missingBase, at: places.place(path),
        "\(what): the file has no base record of \(id); add it under \"base\"")
    }
    for (id, records) in example.others.sorted(by: { $0.key < $1.key }) {
      let names = Set(records.flatMap { Array($0.keys) })
      check(Array(names), of: id, path.at("others", id), what)
    }
    if let id = example.system { self.system(id, at: places.place(path.at("system")), what) }
    for id in example.covers { rule(id, at: places.place(path.at("covers")), what) }
    for finding in example.expect {
      if let id = finding.rule { rule(id, at: places.place(path.at("expect", id)), what) }
      if let name = finding.element, let category = categories[example.category] {
        carried(name, by: category, at: places.place(path.at("expect", name)), what)
      }
    }
  }

  private func rule(_ id: String, at place: Place, _ what: String) {
    let ids = catalog.rules.map(\.id)
    if !ids.contains(id) { unknown(.unknownRule, "\(what): rule", id, at: place, among: ids) }
  }

  // MARK: Coverage

  /// Every rule has a case with its finding and one without; every issue code has a case.
  private func coverage() -> Coverage {
    guard !definitions.checks.isEmpty else {
      return Coverage(rules: catalog.rules.map(\.id), issues: IssueCode.allCases)
    }
    let cases = definitions.checks.flatMap(\.cases)
    var failing: Set<String> = []
    var passing: Set<String> = []
    var issues: Set<IssueCode> = []
    for example in cases {
      let found = Set(example.expect.compactMap(\.rule))
      failing.formUnion(found)
      passing.formUnion(Set(example.covers).subtracting(found))
      issues.formUnion(example.expect.map(\.code))
    }
    var result = Coverage()
    for rule in catalog.rules {
      let lacks = [
        failing.contains(rule.id) ? nil : "with its finding",
        passing.contains(rule.id) ? nil : "without a finding",
      ].compactMap { $0 }
      guard !lacks.isEmpty else { continue }
      result.rules.append(rule.id)
      log.report(
        .uncoveredRule, at: places.place(.rule(rule.id)),
        "rule \(rule.id) has no worked case \(lacks.joined(separator: " and none "))"
          + "; add one to checks/")
    }
    result.issues = IssueCode.allCases.filter { !issues.contains($0) }
    return result
  }

  // MARK: Roles

  private func checkRoles() {
    let roles = definitions.settings.roles
    for (key, name) in [
      ("record-identifier", roles.recordIdentifier), ("update-time", roles.updateTime),
      ("batch", roles.batch), ("agency", roles.agency), ("system", roles.system),
      ("operation", roles.operation), ("secrecy", roles.secrecy),
    ] {
      guard let name, elements[name] == nil else { continue }
      unknown(
        .unknownElement, "role \(key): element", name,
        at: places.place(DefinitionPath("roles", key)), among: elements.keys)
    }
    checkSecrecy(roles)
    checkTypes(roles)
    for (key, name, codes) in [
      ("deletion-code", roles.operation, roles.deletionCode.map { [$0] } ?? []),
      ("secret-codes", roles.secrecy, roles.secretCodes),
    ] {
      guard let element = name.flatMap({ elements[$0] }) else { continue }
      for code in codes {
        guard let objection = element.objection(to: code, in: catalog) else { continue }
        log.report(
          .unknownCode, at: places.place(DefinitionPath("roles", key)),
          "role \(key): \(objection.message)", suggestion: objection.near)
      }
    }
  }

  /// Which version of a record counts is told by a moment, and what a record is by one text.
  private func checkTypes(_ roles: RunSettings.Roles) {
    if let name = roles.updateTime, let element = elements[name],
      element.type != .date && element.type != .dateTime || element.isMultiValued
    {
      wrongRole("update-time", name, "a date or a moment")
    }
    for (key, name) in [
      ("record-identifier", roles.recordIdentifier), ("batch", roles.batch),
      ("agency", roles.agency), ("system", roles.system), ("operation", roles.operation),
    ] {
      guard let name, let element = elements[name],
        element.type != .text || element.isMultiValued
      else { continue }
      wrongRole(key, name, "one text")
    }
  }

  private func wrongRole(_ key: String, _ name: String, _ expected: String) {
    log.report(
      .wrongType, at: places.place(DefinitionPath("roles", key)),
      "role \(key): element \"\(name)\" is not \(expected)")
  }

  /// Without codes, or without the element that has them, records of state secrets would enter like others.
  private func checkSecrecy(_ roles: RunSettings.Roles) {
    let place = places.place(DefinitionPath("roles", "secret-codes"))
    switch (roles.secrecy, roles.secretCodes.isEmpty) {
    case (nil, true): return
    case (nil, false):
      log.report(
        .missingKey, at: place,
        "role secret-codes: no element is named that has them; add \"secrecy\"")
    case (.some, true):
      log.report(
        .missingKey, at: places.place(DefinitionPath("roles", "secrecy")),
        "role secrecy: no code is named that must never enter; add \"secret-codes\"")
    case (let name?, false):
      guard let element = elements[name], element.codeList == nil else { return }
      log.report(
        .unknownCode, at: places.place(DefinitionPath("roles", "secrecy")),
        "role secrecy: element \"\(name)\" has no code list; name one whose codes say how secret a record is"
      )
    }
  }
}
