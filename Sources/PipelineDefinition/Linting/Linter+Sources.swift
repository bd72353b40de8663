import Catalog
import Records

extension Linter {
  private static let encodings = [
    "utf-8", "utf-8-bom", "gb18030", "gbk", "gb2312", "utf-16", "utf-16le", "utf-16be",
  ]

  func checkSources() {
    for adapter in catalog.adapters { check(adapter) }
    for category in catalog.categories {
      for id in category.deliveredBy {
        guard catalog.system(id) != nil,
          let adapter = catalog.adapter(id),
          !adapter.categories.contains(where: { $0.category == category.id })
        else { continue }
        log.report(
          .categoryNotMapped, at: places.place(.adapter(id)),
          "source \(id): category \(category.id) names the system under delivered-by and the "
            + "adapter does not read it; add it or remove the system there")
      }
    }
    for system in catalog.systems where catalog.adapter(system.id) == nil {
      log.report(
        .unusedSystem, at: places.place(.system(system.id)),
        "system \(system.id) has no adapter; add sources/\(system.id).yaml")
    }
  }

  private func check(_ adapter: SourceAdapter) {
    let path = DefinitionPath.adapter(adapter.system)
    system(adapter.system, at: places.place(path), "source")
    checkForm(of: adapter, path)
    if catalog.nullSpellings[adapter.nullSpellings] == nil {
      unknown(
        .unknownNullSpellings, "source: the list of null spellings", adapter.nullSpellings,
        at: places.place(path.at("null-spellings")), among: catalog.nullSpellings.keys)
    }
    if adapter.version < 1 {
      log.report(
        .outOfRange, at: places.place(path.at("version")),
        "source: the version is \(adapter.version), expected 1 or more")
    }
    for mapping in adapter.categories {
      let path = path.at(mapping.category)
      let place = places.place(path)
      guard let category = category(mapping.category, at: place, "source") else { continue }
      if !category.deliveredBy.contains(adapter.system) {
        log.report(
          .categoryNotDelivered, at: place,
          "source: category \(category.id) does not name \(adapter.system) under delivered-by; "
            + "add it there or remove the mapping")
      }
      MappingCheck(linter: self, adapter: adapter, mapping: mapping, category: category, path: path)
        .run()
    }
    checkFiles(of: adapter, path)
  }

  private func checkForm(of adapter: SourceAdapter, _ path: DefinitionPath) {
    if !Self.encodings.contains(adapter.encoding) {
      log.report(
        .unknownWord, at: places.place(path.at("encoding")),
        "source: the encoding is \"\(adapter.encoding)\", expected "
          + Self.encodings.joined(separator: ", "),
        suggestion: nearest(to: adapter.encoding, among: Self.encodings))
    }
    for path in adapter.document.paths {
      checkPrefixes(path, adapter, at: places.place(.adapter(adapter.system)))
    }
    let said = definitions.systemForms[adapter.system]
    for (key, told, own) in [
      ("format", said?.format, adapter.format.rawValue),
      ("encoding", said?.encoding, adapter.encoding),
    ] {
      guard let told, told != own else { continue }
      log.report(
        .formatMismatch, at: places.place(DefinitionPath.system(adapter.system).at(key)),
        "system \(adapter.system): the \(key) is \"\(told)\" here and \"\(own)\" in its adapter; "
          + "correct one of them")
    }
  }

  /// Prefixes of the path's names are those of the document's namespaces.
  func checkPrefixes(_ path: FieldPath, _ adapter: SourceAdapter, at place: Place) {
    guard adapter.format == .xml else { return }
    for step in path.steps {
      let name: String
      switch step {
      case .child(let text), .attribute(let text): name = text
      case .each, .item: continue
      }
      guard let colon = name.firstIndex(of: ":") else { continue }
      let prefix = String(name[..<colon])
      guard adapter.document.namespaces[prefix] == nil else { continue }
      log.report(
        .unknownPrefix, at: place,
        "source \(adapter.system): \"\(path)\" uses the prefix \"\(prefix)\", which has no namespace; "
          + "add it under document, namespaces",
        suggestion: nearest(to: prefix, among: adapter.document.namespaces.keys))
    }
  }

  // MARK: Files

  private func checkFiles(of adapter: SourceAdapter, _ path: DefinitionPath) {
    var seen: [(mapping: CategoryMapping, glob: Glob)] = []
    for mapping in adapter.categories {
      let place = places.place(path.at(mapping.category, "files"))
      if mapping.files.isEmpty {
        log.report(
          .invalidPatternOfFiles, at: place,
          "source: category \(mapping.category) has no file pattern; add one")
      }
      var own: [(mapping: CategoryMapping, glob: Glob)] = []
      for pattern in mapping.files {
        guard let glob = glob(pattern, at: place) else { continue }
        for other in seen where other.glob.overlaps(glob) && !share(other.mapping, mapping) {
          log.report(
            .overlappingFiles, at: place,
            "source: a file can fit \"\(pattern)\" of \(mapping.category) and "
              + "\"\(other.glob)\" of \(other.mapping.category); make the patterns differ")
        }
        own.append((mapping, glob))
      }
      seen += own
      if let pattern = mapping.fullIf {
        _ = glob(pattern, at: places.place(path.at(mapping.category, "full-if")))
      }
    }
  }

  /// Whether two categories take their records from the same files: the same patterns, and records at
  /// different places of the document.
  private func share(_ one: CategoryMapping, _ other: CategoryMapping) -> Bool {
    one.files == other.files && one.records != other.records
  }

  private func glob(_ pattern: String, at place: Place) -> Glob? {
    do {
      return try Glob(pattern)
    } catch {
      log.report(
        .invalidPatternOfFiles, at: place,
        "source: the file pattern \"\(pattern)\" cannot be read: \(error)")
      return nil
    }
  }
}

extension DocumentForm {
  fileprivate var paths: [FieldPath] { [records, total].compactMap { $0 } }
}
