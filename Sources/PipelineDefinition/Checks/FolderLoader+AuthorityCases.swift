import Catalog
import Records

extension FolderLoader {
  mutating func authorityCase(_ fields: Fields, _ file: String) -> AuthorityCase {
    let name = fields.requiredText("name")
    let path = DefinitionPath("checks", file, name)
    if !name.isEmpty { _ = claim(path, fields, key: "name") }
    for key in ["covers", "entity"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    var result = AuthorityCase(
      name: name, covers: fields.texts("covers"), entity: fields.requiredText("entity"),
      records: [], homes: [:], today: fields.date("today"), decisions: [], conflicts: [],
      values: [:], place: fields.place)
    for home in fields.textsByName("homes") {
      definitions.places.record(path.at("homes", home.name), home.node.place)
      result.homes[home.name] = home.text
    }
    if fields.required("records") != nil {
      for (index, record) in fields.maps("records", what: "record of a case").enumerated() {
        result.records.append(saying(record, path.at("records", String(index + 1))))
      }
    }
    if fields.required("expect") != nil, let expect = fields.map("expect") {
      loadOutcome(expect, path.at("expect"), &result)
    }
    fields.finish()
    return result
  }

  private mutating func saying(
    _ fields: Fields, _ path: DefinitionPath
  ) -> AuthorityCase.Saying {
    var saying = AuthorityCase.Saying(
      system: fields.requiredText("system"), given: values(fields, "given", path))
    definitions.places.record(path.at("system"), fields.place("system"))
    saying.category = fields.text("category")
    if let table = fields.text("child") {
      saying.row = AuthorityCase.Row(
        table: table, values: values(fields, "row", path.at("row")))
    }
    for key in ["category", "child"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    fields.finish()
    return saying
  }

  /// An empty list of decisions says that no rule decides; a missing one says nothing.
  private mutating func loadOutcome(
    _ fields: Fields, _ path: DefinitionPath, _ result: inout AuthorityCase
  ) {
    if fields.required("decisions") != nil {
      for entry in fields.maps("decisions", what: "decision") {
        let rule = entry.requiredText("rule")
        definitions.places.record(path.at("decisions", rule), entry.place)
        let basis = entry.required("basis").flatMap {
          entry.choice($0, "basis", AuthorityCase.Basis.self)
        }
        result.decisions.append(
          AuthorityCase.Decision(
            rule: rule, winner: entry.requiredInteger("winner"), basis: basis ?? .owner))
        entry.finish()
      }
    }
    for (index, entry) in fields.maps("conflicts", what: "conflict").enumerated() {
      definitions.places.record(path.at("conflicts", String(index)), entry.place)
      result.conflicts.append(
        AuthorityCase.Conflict(
          rule: entry.requiredText("rule"), record: entry.requiredInteger("record"),
          element: entry.requiredText("element")))
      entry.finish()
    }
    result.values = values(fields, "values", path.at("values"))
    fields.finish()
  }
}
