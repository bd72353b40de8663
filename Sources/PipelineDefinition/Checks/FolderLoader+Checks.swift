import Catalog
import Records

extension FolderLoader {
  mutating func loadChecks(_ file: LoadedFile) {
    let fields = file.fields
    var result = WorkedCaseFile(path: file.path, base: [:], today: fields.date("today"), cases: [])
    _ = fields.text("origin")
    // A file may be about what leaves, whose value counts or whom records mean, and judge no record; who is
    // meant is told by few elements, so that these cases have no base record.
    let isAboutSubjects = fields.has("subjects")
    if fields.has("base") || !isAboutSubjects, fields.required("base") != nil,
      let base = fields.map("base")
    {
      for category in base.keys {
        let values = self.values(base, category, DefinitionPath("checks", file.path, category))
        result.base[category] = values.compactMapValues { $0 }
      }
    }
    let isOther = fields.has("sharing") || fields.has("authority") || isAboutSubjects
    if isOther || fields.required("cases") != nil {
      for entry in fields.maps("cases", what: "worked case") {
        result.cases.append(workedCase(entry, file.path))
      }
    }
    for entry in fields.maps("sharing", what: "sharing case") {
      result.sharing.append(sharingCase(entry, file.path))
    }
    for entry in fields.maps("authority", what: "authority case") {
      result.authority.append(authorityCase(entry, file.path))
    }
    for entry in fields.maps("subjects", what: "subject case") {
      result.subjects.append(subjectCase(entry, file.path))
    }
    definitions.checks.append(result)
    fields.finish()
  }

  private mutating func workedCase(_ fields: Fields, _ file: String) -> WorkedCase {
    let name = fields.requiredText("name")
    let path = DefinitionPath("checks", file, name)
    if !name.isEmpty { _ = claim(path, fields, key: "name") }
    for key in ["covers", "category", "system"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    var result = WorkedCase(
      name: name, covers: fields.texts("covers"), category: fields.requiredText("category"),
      given: values(fields, "given", path.at("given")), others: [:],
      system: fields.text("system"), today: fields.date("today"), expect: [],
      place: fields.place)
    if let others = fields.map("others") {
      for category in others.keys {
        let path = path.at("others", category)
        definitions.places.record(path, others.keyPlace(category))
        result.others[category] = others.list(category).compactMap { node in
          Fields(node, what: "other record", log: log).map { values($0, path) }
        }
      }
    }
    // An empty list says that nothing is found; a missing one says nothing.
    if fields.required("expect") != nil {
      result.expect = fields.maps("expect", what: "expected finding").compactMap {
        expected($0, path)
      }
    }
    fields.finish()
    return result
  }

  mutating func values(
    _ fields: Fields, _ key: String, _ path: DefinitionPath
  ) -> WorkedCase.Values {
    definitions.places.record(path, fields.keyPlace(key))
    return fields.map(key).map { values($0, path) } ?? [:]
  }

  mutating func values(_ map: Fields, _ path: DefinitionPath) -> WorkedCase.Values {
    var result: WorkedCase.Values = [:]
    for element in map.keys {
      definitions.places.record(path.at(element), map.keyPlace(element))
      result[element] = .some(map.node(element).flatMap { map.text($0, element) })
    }
    return result
  }

  private mutating func expected(_ fields: Fields, _ path: DefinitionPath) -> ExpectedFinding? {
    let code = fields.required("code").flatMap { fields.choice($0, "code", IssueCode.self) }
    let severity = fields.required("severity").flatMap {
      fields.choice($0, "severity", Severity.self)
    }
    let rule = fields.text("rule")
    let element = fields.text("element")
    for (key, name) in [("rule", rule), ("element", element)] {
      if let name { definitions.places.record(path.at("expect", name), fields.place(key)) }
    }
    fields.finish()
    guard let code, let severity else { return nil }
    return ExpectedFinding(code: code, severity: severity, rule: rule, element: element)
  }
}
