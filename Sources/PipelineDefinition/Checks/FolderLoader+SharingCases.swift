import Catalog
import Records

extension FolderLoader {
  mutating func sharingCase(_ fields: Fields, _ file: String) -> SharingCase {
    let name = fields.requiredText("name")
    let path = DefinitionPath("checks", file, name)
    if !name.isEmpty { _ = claim(path, fields, key: "name") }
    places(of: ["covers", "category", "granted"], fields, path)
    let audience = fields.required("audience").flatMap {
      fields.choice($0, "audience", SharingTier.self)
    }
    var result = SharingCase(
      name: name, covers: fields.texts("covers"), category: fields.requiredText("category"),
      audience: audience ?? .restricted, granted: fields.texts("granted"),
      given: values(fields, "given", path.at("given")), rows: [:], today: fields.date("today"),
      fate: .kept, by: nil, because: .holds, cells: [], place: fields.place)
    if let rows = fields.map("rows") {
      for table in rows.keys {
        let path = path.at("rows", table)
        definitions.places.record(path, rows.keyPlace(table))
        result.rows[table] = rows.list(table).compactMap { node in
          Fields(node, what: "child row", log: log).map { values($0, path) }
        }
      }
    }
    if fields.required("expect") != nil, let expect = fields.map("expect") {
      loadExpectation(expect, path.at("expect"), &result)
    }
    fields.finish()
    return result
  }

  private mutating func loadExpectation(
    _ fields: Fields, _ path: DefinitionPath, _ result: inout SharingCase
  ) {
    let fate = fields.required("record").flatMap {
      fields.choice($0, "record", SharingCase.Fate.self)
    }
    result.fate = fate ?? .kept
    result.by = fields.text("by")
    if let by = result.by { definitions.places.record(path.at("by", by), fields.place("by")) }
    result.because = fields.choice("because") ?? .holds
    for cell in fields.maps("cells", what: "expected value") {
      if let cell = expectedCell(cell, path) { result.cells.append(cell) }
    }
    fields.finish()
  }

  private mutating func expectedCell(_ fields: Fields, _ path: DefinitionPath) -> ExpectedCell? {
    let element = fields.requiredText("element")
    let outcome = fields.required("outcome").flatMap {
      fields.choice($0, "outcome", ExpectedCell.Outcome.self)
    }
    let cell = ExpectedCell(
      table: fields.text("table"), row: fields.integer("row") ?? 1, element: element,
      outcome: outcome ?? .shown, text: fields.text("text"), mask: fields.text("mask"),
      by: fields.text("by"), because: fields.choice("because") ?? .holds)
    for (key, name) in [("element", element), ("mask", cell.mask ?? ""), ("by", cell.by ?? "")] {
      definitions.places.record(path.at(key, name), fields.place(key))
    }
    if let table = cell.table {
      definitions.places.record(path.at("table", table), fields.place("table"))
    }
    fields.finish()
    return outcome == nil || element.isEmpty ? nil : cell
  }
}
