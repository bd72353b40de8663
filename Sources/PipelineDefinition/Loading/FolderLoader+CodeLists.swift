import Catalog

extension FolderLoader {
  mutating func loadCodeList(_ file: LoadedFile) {
    let fields = file.fields
    let id = fields.requiredText("id")
    let path = DefinitionPath.codeList(id)
    guard !id.isEmpty, claim(path, fields, key: "id") else { return }
    checkFileName(file.path, id, fields, key: "id")
    var list = CodeList(
      id: id, name: fields.requiredText("name"), english: fields.requiredText("english"),
      origin: origin(fields), isExtensible: fields.flag("extensible") ?? false, values: [])
    if fields.required("values") != nil {
      for value in fields.maps("values", what: "value of \(id)") { add(value, path, &list) }
    }
    for alias in fields.maps("aliases", what: "alias of \(id)") {
      let label = alias.requiredText("label")
      let codes = alias.required("codes") == nil ? [] : alias.texts("codes")
      _ = alias.text("origin")
      definitions.places.record(path.at("aliases", label), alias.place)
      list.aliases.append(.init(label: label, codes: codes))
      alias.finish()
    }
    for entry in fields.maps("undecidable", what: "undecidable label of \(id)") {
      let label = entry.requiredText("label")
      _ = entry.text("origin")
      definitions.places.record(path.at("undecidable", label), entry.place)
      list.undecidable.append(.init(label: label, reason: entry.requiredText("reason")))
      entry.finish()
    }
    definitions.catalog.codeLists.append(list)
    fields.finish()
  }

  private mutating func add(_ fields: Fields, _ path: DefinitionPath, _ list: inout CodeList) {
    let value = PermissibleValue(
      code: fields.requiredText("code"), label: fields.requiredText("label"),
      english: fields.requiredText("english"), synonyms: fields.texts("synonyms"),
      from: fields.date("from"), until: fields.date("until"))
    _ = fields.text("origin")
    if !value.code.isEmpty {
      let place = path.at("values", value.code)
      if definitions.places.contains(place) {
        log.report(
          .duplicateCode, at: fields.place("code"),
          "\(fields.what): code \"\(value.code)\" stands already at "
            + "\(definitions.places.place(place)); remove one")
      } else {
        definitions.places.record(place, fields.place)
      }
    }
    if let from = value.from, let until = value.until, until < from {
      log.report(
        .datesOutOfOrder, at: fields.place("until"),
        "\(fields.what): \"until\" \(until) lies before \"from\" \(from); correct one")
    }
    list.values.append(value)
    fields.finish()
  }
}
