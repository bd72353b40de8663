import Catalog

extension FolderLoader {
  mutating func subjectCase(_ fields: Fields, _ file: String) -> SubjectCase {
    let name = fields.requiredText("name")
    let path = DefinitionPath("checks", file, name)
    if !name.isEmpty { _ = claim(path, fields, key: "name") }
    for key in ["covers", "category"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    var result = SubjectCase(
      name: name, covers: fields.texts("covers"), category: fields.requiredText("category"),
      given: values(fields, "given", path.at("given")), registered: [], link: nil, candidates: [],
      place: fields.place)
    if fields.required("registered") != nil {
      for (index, entry) in fields.maps("registered", what: "registration").enumerated() {
        let path = path.at("registered", String(index + 1))
        definitions.places.record(path, entry.place)
        result.registered.append(values(entry, path))
        entry.finish()
      }
    }
    // An empty one says that nothing is found; a missing one says nothing.
    if fields.required("expect") != nil, let expect = fields.map("expect") {
      loadFound(expect, path.at("expect"), &result)
    }
    fields.finish()
    return result
  }

  private mutating func loadFound(
    _ fields: Fields, _ path: DefinitionPath, _ result: inout SubjectCase
  ) {
    if let link = fields.map("link", what: "link") {
      definitions.places.record(path.at("link"), link.place)
      result.link = (link.requiredText("subject"), link.requiredText("rule"))
      link.finish()
    }
    for (index, entry) in fields.maps("candidates", what: "candidate").enumerated() {
      definitions.places.record(path.at("candidates", String(index)), entry.place)
      result.candidates.append(
        SubjectCase.Candidate(
          subject: entry.requiredText("subject"), rule: entry.requiredText("rule"),
          score: entry.requiredInteger("score")))
      entry.finish()
    }
    fields.finish()
  }
}
