import Catalog

extension FolderLoader {
  mutating func loadRules(_ file: LoadedFile) {
    let fields = file.fields
    let category = fields.requiredText("category")
    checkFileName(file.path, category, fields, key: "category")
    let inherited = fields.text("origin")
    let entries = fields.required("rules") == nil ? [] : fields.maps("rules", what: "rule")
    for rule in entries {
      loadRule(rule, category: category, categoryPlace: fields.place("category"), inherited)
    }
    fields.finish()
  }

  private mutating func loadRule(
    _ fields: Fields, category: String, categoryPlace: Place, _ inherited: String?
  ) {
    let id = fields.requiredText("id")
    let path = DefinitionPath.rule(id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    definitions.places.record(path.at("category"), categoryPlace)
    let placeholder = Expression(source: "true", root: .boolean(true, offset: 0))
    var holds = placeholder
    if fields.required("holds") != nil {
      holds = expression(fields, "holds", path.at("holds")) ?? placeholder
    } else {
      definitions.broken.insert(path.at("holds"))
    }
    var rule = Rule(
      id: id, category: category, name: fields.requiredText("name"),
      english: fields.requiredText("english"), kind: requiredChoice(fields, "kind") ?? .inRecord,
      when: expression(fields, "when", path.at("when")), holds: holds,
      severity: requiredChoice(fields, "severity") ?? .return,
      issue: requiredChoice(fields, "issue") ?? .q31, origin: origin(fields, inherited: inherited))
    rule.version = fields.integer("version") ?? 1
    rule.fixChinese = fields.requiredText("fix")
    rule.fixEnglish = fields.text("fix-english") ?? ""
    rule.parameters = parameters(fields)
    for key in ["name", "english", "parameters", "parameters-by-system", "kind", "version"]
    where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    definitions.catalog.rules.append(rule)
    fields.finish()
  }

  private func requiredChoice<Choice: RawRepresentable & CaseIterable>(
    _ fields: Fields, _ key: String
  ) -> Choice? where Choice.RawValue == String {
    fields.required(key).flatMap { fields.choice($0, key) }
  }

  private func parameters(_ fields: Fields) -> [String: [String: String]] {
    var result: [String: [String: String]] = [:]
    if let map = fields.map("parameters") { result[""] = values(map) }
    if let systems = fields.map("parameters-by-system") {
      for system in systems.keys {
        if let map = systems.map(system) { result[system] = values(map) }
      }
    }
    return result
  }

  private func values(_ map: Fields) -> [String: String] {
    var result: [String: String] = [:]
    for name in map.keys { result[name] = map.scalar(name) }
    return result
  }
}
