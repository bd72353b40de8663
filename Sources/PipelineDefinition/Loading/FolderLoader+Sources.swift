import Catalog
import Records

extension FolderLoader {
  mutating func loadSource(_ file: LoadedFile) {
    let fields = file.fields
    let system = fields.requiredText("system")
    let path = DefinitionPath.adapter(system)
    guard !system.isEmpty, claim(path, fields, key: "system") else { return }
    checkFileName(file.path, system, fields, key: "system")
    for key in ["null-spellings", "encoding", "csv", "version"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    var adapter = SourceAdapter(
      system: system, version: fields.requiredInteger("version"),
      format: fields.required("format").flatMap { fields.choice($0, "format") } ?? .csv,
      encoding: fields.text("encoding") ?? "utf-8",
      returnContact: fields.text("return-contact") ?? "",
      nullSpellings: fields.text("null-spellings") ?? "default", origin: origin(fields))
    adapter.timeZone = timeZone(fields)
    adapter.stableSeconds = definitions.settings.stableSeconds
    adapter.contentHash = ContentHasher.hash(of: file.root)
    loadDeliveries(fields, &adapter)
    loadForm(fields, &adapter)
    loadDocument(fields, &adapter)
    loadPolicies(fields, &adapter)
    if fields.required("categories") != nil {
      for mapping in fields.maps("categories", what: "category of \(system)") {
        if let mapping = self.mapping(mapping, path) { adapter.categories.append(mapping) }
      }
    }
    definitions.catalog.adapters.append(adapter)
    fields.finish()
  }

  /// The only one whose times are understood: what systems write is stored as it is written.
  func timeZone(_ fields: Fields) -> String {
    let known = "Asia/Shanghai"
    guard let zone = fields.text("time-zone"), zone != known else { return known }
    log.report(
      .unknownWord, at: fields.place("time-zone"),
      "\(fields.what): \"time-zone\" is \"\(zone)\"; times are taken as \(known) alone",
      suggestion: known)
    return known
  }

  private func loadDeliveries(_ fields: Fields, _ adapter: inout SourceAdapter) {
    guard let deliveries = fields.map("deliveries") else { return }
    let signs = deliveries.list("ready").compactMap {
      deliveries.choice($0, "ready", SourceAdapter.ReadySign.self)
    }
    if !signs.isEmpty { adapter.readySigns = signs }
    // Below a second a file would be taken while it is written, above a day never.
    if let seconds = deliveries.integer("stable-seconds") {
      if (1...86_400).contains(seconds) {
        adapter.stableSeconds = seconds
      } else {
        log.report(
          .outOfRange, at: deliveries.place("stable-seconds"),
          "\(deliveries.what): \"stable-seconds\" is \(seconds), expected 1 to 86400")
      }
    }
    if let cadence = deliveries.text("cadence") {
      if Cadence(cadence) == nil {
        log.report(
          .invalidCadence, at: deliveries.place("cadence"),
          "\(deliveries.what): \"cadence\" is \"\(cadence)\", expected nightly, hourly, weekly, "
            + "weekly-sunday to weekly-saturday, monthly, or monthly-1 to monthly-31",
          suggestion: nearest(to: cadence, among: Cadence.spellings))
      }
      adapter.cadence = cadence
    }
    if let cutOff = deliveries.text("cut-off") {
      if !ClockTime.isValid(cutOff) {
        log.report(
          .invalidTime, at: deliveries.place("cut-off"),
          "\(deliveries.what): \"cut-off\" is \"\(cutOff)\", expected a time as \"03:00\"")
      }
      adapter.cutOff = cutOff
    }
    deliveries.finish()
  }

  private func loadForm(_ fields: Fields, _ adapter: inout SourceAdapter) {
    guard let csv = fields.map("csv") else { return }
    if adapter.format != .csv {
      log.report(
        .formatMismatch, at: fields.keyPlace("csv"),
        "source: \"csv\" stands beside the format \"\(adapter.format.rawValue)\"; remove one")
    }
    if let delimiter = csv.text("delimiter") {
      let bytes = Array(delimiter.utf8)
      if bytes.count == 1, bytes[0] < 0x80, bytes[0] != 0x22, bytes[0] != 0x0A, bytes[0] != 0x0D {
        adapter.delimiter = bytes[0]
      } else {
        log.report(
          .invalidDelimiter, at: csv.place("delimiter"),
          "\(csv.what): the delimiter is \"\(delimiter)\", expected one ASCII character "
            + "other than a quote, as \",\" or \"\\t\"")
      }
    }
    if let rows = csv.integer("header-rows") {
      if (0...2).contains(rows) {
        adapter.headerRows = rows
      } else {
        log.report(
          .outOfRange, at: csv.place("header-rows"),
          "\(csv.what): \"header-rows\" is \(rows), expected 0 to 2")
      }
    }
    adapter.footers = csv.texts("footers")
    csv.finish()
  }

  private func loadDocument(_ fields: Fields, _ adapter: inout SourceAdapter) {
    guard let document = fields.map("document") else { return }
    if !adapter.format.isTree {
      log.report(
        .formatMismatch, at: fields.keyPlace("document"),
        "source: \"document\" stands beside the format \"csv\"; remove one")
    }
    adapter.document.records = path(document, "records")
    adapter.document.total = path(document, "total")
    for (prefix, uri, _) in document.textsByName("namespaces") {
      adapter.document.namespaces[prefix] = uri
    }
    document.finish()
  }

  /// A path inside a document.
  private func path(_ fields: Fields, _ key: String) -> FieldPath? {
    guard let text = fields.text(key) else { return nil }
    return path(text, at: fields.place(key), fields.what)
  }

  private func path(_ text: String, at place: Place, _ what: String) -> FieldPath? {
    if let path = FieldPath(text) { return path }
    log.report(
      .invalidPath, at: place,
      "\(what): \"\(text)\" is not a path inside a document; write steps as \"list[]\", "
        + "\"party[1]/name\", \"@code\" or \"../number\"")
    return nil
  }

  private func loadPolicies(_ fields: Fields, _ adapter: inout SourceAdapter) {
    if let drift = fields.map("drift") {
      if let policy = drift.choice("new-column", DriftPolicy.self) { adapter.newColumn = policy }
      if let policy = drift.choice("missing-column", DriftPolicy.self) {
        adapter.missingColumn = policy
      }
      if let policy = drift.choice("unreadable-column", DriftPolicy.self) {
        adapter.unreadableColumn = policy
      }
      drift.finish()
    }
    var gate = definitions.settings.gate
    loadGate(fields, &gate)
    adapter.maximumReturnedShare = gate.returnedShare
    adapter.minimumJudged = gate.minimumJudged
    adapter.mojibakeLimit = gate.mojibakeLimit
    adapter.minimumMojibake = gate.minimumMojibake
  }

  // MARK: Categories

  private mutating func mapping(_ fields: Fields, _ path: DefinitionPath) -> CategoryMapping? {
    let category = fields.requiredText("category")
    guard !category.isEmpty else { return nil }
    let path = path.at(category)
    guard claim(path, fields, key: "category") else { return nil }
    var mapping = CategoryMapping(
      category: category, files: fields.required("files") == nil ? [] : fields.texts("files"),
      delivery: fields.choice("delivery") ?? .incremental, fullIf: fields.text("full-if"),
      columns: [])
    for key in ["files", "full-if"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    mapping.records = self.path(fields, "records")
    for key in ["records", "rows-per"] where fields.has(key) {
      definitions.places.record(path.at(key), fields.place(key))
    }
    if fields.required("columns") != nil {
      for column in fields.maps("columns", what: "column of \(category)") {
        if let column = self.column(column, path) { mapping.columns.append(column) }
      }
    }
    mapping.rowsPer = fields.text("rows-per")
    if let children = fields.map("children") {
      for name in children.keys {
        guard let child = children.map(name, what: "\(name) of \(category)") else { continue }
        let path = path.at("children", name)
        definitions.places.record(path, children.keyPlace(name))
        mapping.children.append(self.child(child, name, path))
      }
      children.finish()
    }
    for key in ["constants", "generated"] {
      for (element, text, node) in fields.textsByName(key) {
        definitions.places.record(path.at(key, element), node)
        if key == "constants" { mapping.constants[element] = text }
        if key == "generated" { mapping.generated[element] = text }
      }
    }
    fields.finish()
    return mapping
  }

  private mutating func child(
    _ fields: Fields, _ name: String, _ path: DefinitionPath
  ) -> ChildMapping {
    var child = ChildMapping(name: name, path: self.path(fields, "path"), columns: [])
    if fields.required("columns") != nil {
      for column in fields.maps("columns", what: "column of \(name)") {
        if let column = self.column(column, path) { child.columns.append(column) }
      }
    }
    fields.finish()
    return child
  }

  private mutating func column(_ fields: Fields, _ path: DefinitionPath) -> ColumnMapping? {
    let name = fields.requiredText("column")
    let element = fields.requiredText("element")
    var column = ColumnMapping(
      column: name, also: fields.texts("also"), element: element == "none" ? nil : element,
      unit: fields.text("unit"), separators: fields.text("separators"),
      isOptional: fields.flag("optional") ?? false, line: fields.place.line)
    for (label, code, node) in fields.textsByName("codes") {
      column.codes[label] = code
      definitions.places.record(path.at("columns", name, "codes", label), node)
    }
    for key in ["element", "unit", "separators"] where fields.has(key) {
      definitions.places.record(path.at("columns", name, key), fields.place(key))
    }
    fields.finish()
    guard !name.isEmpty, !element.isEmpty else { return nil }
    return claim(path.at("columns", name), fields, key: "column") ? column : nil
  }
}

/// Times of day as `03:00`.
enum ClockTime {
  static func isValid(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
      let minute = Int(parts[1])
    else { return false }
    return (0..<24).contains(hour) && (0..<60).contains(minute)
  }
}
