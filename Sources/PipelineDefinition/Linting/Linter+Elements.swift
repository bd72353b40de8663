import Catalog

extension Linter {
  func checkElements() {
    let used = Set(catalog.categories.flatMap { $0.elements.map(\.element.identifier) })
    for element in catalog.elements {
      let path = DefinitionPath.element(element.identifier)
      if !definitions.broken.contains(path.at("domain")) { checkDomain(of: element, path) }
      if catalog.nullSpellings[element.nullSpellings] == nil {
        unknown(
          .unknownNullSpellings, "element: the list of null spellings", element.nullSpellings,
          at: places.place(path.at("nulls")), among: catalog.nullSpellings.keys)
      }
      if !used.contains(element.identifier) {
        log.report(
          .unusedElement, at: places.place(path),
          "element \"\(element.identifier)\" is carried by no category; use it or remove it")
      }
      for domain in CoreDomain.allCases where element.core.contains(domain) {
        checkCore(domain, path)
      }
    }
  }

  private func checkCore(_ domain: CoreDomain, _ path: DefinitionPath) {
    guard !catalog.coreDomains.contains(where: { $0.domain == domain }) else { return }
    log.report(
      .missingDomain, at: places.place(path.at("core")),
      "element: catalog/domains.yaml does not say which records belong to \(domain.rawValue); "
        + "add the domain")
  }

  private func checkDomain(of element: DataElement, _ path: DefinitionPath) {
    let place = places.place(path.at("domain"))
    switch element.domain {
    case .codeList(let id): checkCodes(of: element, id, place)
    case .check(let kind): checkKind(kind, element, place)
    case .pattern(let pattern): checkPattern(pattern, element, place)
    case .range(let lower, let upper): checkRange(lower, upper, element, place)
    case .holds(let expression):
      check(
        expression, at: path.at("holds"), Scope(category: nil, valueElement: element),
        "domain of \(element.identifier)")
    case .anyDate:
      if element.type != .date && element.type != .dateTime {
        mismatch(element, "any-date", "a date or date-time", place)
      }
    case .freeText:
      if element.type == .date || element.type == .dateTime {
        mismatch(element, "free-text", "a text", place)
      }
    }
  }

  private func mismatch(
    _ element: DataElement, _ domain: String, _ expected: String, _ place: Place
  ) {
    log.report(
      .invalidDomain, at: place,
      "element \"\(element.identifier)\" is a \(element.type.rawValue) and its domain is "
        + "\(domain), which is for \(expected); change one of them")
  }

  private func checkCodes(of element: DataElement, _ id: String, _ place: Place) {
    guard let list = catalog.codeList(id) else {
      unknown(
        .unknownCodeList, "element: code list", id, at: place,
        among: catalog.codeLists.map(\.id))
      return
    }
    guard element.type == .text || element.type == .flag else {
      mismatch(element, "a code list", "a text or flag", place)
      return
    }
    let misfits = list.values.map(\.code).filter { !element.representation.admits($0) }
    guard let first = misfits.first else { return }
    log.report(
      .domainOutsideRepresentation, at: place,
      "element \"\(element.identifier)\": code \"\(first)\" of \(id) does not fit the "
        + "representation \(element.notation)"
        + (misfits.count > 1 ? ", nor do \(misfits.count - 1) others" : "")
        + "; change one of them")
  }

  private func checkKind(_ kind: String, _ element: DataElement, _ place: Place) {
    let kinds = catalog.identifiers.map(\.kind)
    if element.type != .text { mismatch(element, "an identifier check", "a text", place) }
    if !kinds.contains(kind) {
      unknown(.unknownCheck, "element: identifier check", kind, at: place, among: kinds)
    }
  }

  private func checkPattern(_ pattern: String, _ element: DataElement, _ place: Place) {
    if element.type != .text { mismatch(element, "a pattern", "a text", place) }
    if let message = TextPattern.problem(in: pattern, abilities.patternProblem) {
      log.report(
        .invalidPattern, at: place, "element: the pattern \"\(pattern)\" \(message)")
    }
  }

  // MARK: Ranges

  private func checkRange(
    _ lower: RangeBound?, _ upper: RangeBound?, _ element: DataElement, _ place: Place
  ) {
    if element.type == .text || element.type == .flag {
      mismatch(element, "a range", "a number or date", place)
      return
    }
    for bound in [lower, upper] {
      switch bound {
      case .number(let text, _): checkBound(text, element, place)
      case .element(let name, _): checkBound(element: name, element, place)
      case nil: break
      }
    }
    guard case .number(let low, let hasLow) = lower, case .number(let high, let hasHigh) = upper,
      let a = Double(low), let b = Double(high), a > b || (a == b && !(hasLow && hasHigh))
    else { return }
    log.report(
      .invalidDomain, at: place,
      "element \"\(element.identifier)\": no value lies between \(low) and \(high); "
        + "correct the range")
  }

  private func checkBound(_ text: String, _ element: DataElement, _ place: Place) {
    guard element.type == .number else {
      mismatch(element, "a range of numbers", "a number", place)
      return
    }
    guard !element.representation.admits(text) else { return }
    log.report(
      .domainOutsideRepresentation, at: place,
      "element \"\(element.identifier)\": the bound \(text) does not fit the representation "
        + "\(element.notation); change one of them")
  }

  private func checkBound(element name: String, _ element: DataElement, _ place: Place) {
    guard let other = elements[name] else {
      unknown(.unknownElement, "range: element", name, at: place, among: elements.keys)
      return
    }
    let dates: Set<ElementType> = [.date, .dateTime]
    guard other.type == element.type || dates.isSuperset(of: [other.type, element.type]) else {
      log.report(
        .invalidDomain, at: place,
        "element \"\(element.identifier)\" is a \(element.type.rawValue) and its bound "
          + "\"\(name)\" a \(other.type.rawValue); compare like with like")
      return
    }
  }
}
