import Catalog

/// Authority in words: whose values count, and of what.
struct AuthorityExplanation {
  let catalog: Catalog
  let english: Bool

  func rule(_ rule: AuthorityRule) -> String {
    var lines = ["\(rule.id) \(rule.name) (\(rule.english))"]
    if let entity = catalog.authority.entity(rule.entity) {
      lines.append(
        "entity \(entity.id) \(entity.name), one for each \(entity.matchKey.joined(separator: " + ")), "
          + "severity \(rule.severity.rawValue), version \(rule.version)")
      if let when = entity.when { lines.append("of:    \(entity.category) where \(when)") }
    }
    if let when = rule.when { lines.append("when:  \(when)") }
    if let days = days(rule) { lines.append("days:  \(days)") }
    let fallback = rule.fallback.map { words($0) }.joined(separator: ", then ")
    lines.append("owner: \(words(rule.owner))")
    lines.append("fallback: \(fallback.isEmpty ? "NONE" : fallback)")
    let breaks = rule.tieBreaks.map { "\($0.isLatest ? "latest" : "earliest") \($0.element)" }
    if !breaks.isEmpty { lines.append("tie-break: \(breaks.joined(separator: ", then "))") }
    lines += rule.elements.map { element($0) }
    if !english { lines.append("处理建议:\(rule.fixChinese)") }
    if !rule.fixEnglish.isEmpty { lines.append("What to do: \(rule.fixEnglish)") }
    lines.append("Origin: \(rule.origin)")
    return lines.joined(separator: "\n")
  }

  func entity(_ entity: GoldenEntity) -> String {
    var lines = [
      "\(entity.id) \(entity.name) (\(entity.english))",
      "from \(entity.category), one for each \(entity.matchKey.joined(separator: " + "))",
    ]
    if let when = entity.when { lines.append("when:  \(when)") }
    lines += entity.childRows.map { rows in
      let named = rows.named.sorted { $0.key < $1.key }.map { "\($0.value) as \($0.key)" }
      return "and from rows of \(rows.category) \(rows.table)"
        + (named.isEmpty ? "" : ", \(named.joined(separator: ", "))")
        + (rows.when.map { ", where \($0)" } ?? "")
    }
    let rules = catalog.authority.rules(for: entity.id).map(\.id).joined(separator: " ")
    lines.append("rules: \(rules.isEmpty ? "none" : rules)")
    if !entity.copiedTo.isEmpty {
      lines.append("copied to: \(entity.copiedTo.joined(separator: " ")), by its key")
    }
    for strategy in entity.strategies {
      lines.append("\(strategy.kind.rawValue): \(strategy.elements.joined(separator: ", "))")
    }
    lines += entity.elements.map { element($0) }
    lines.append("Origin: \(entity.origin)")
    return lines.joined(separator: "\n")
  }

  private func element(_ identifier: String) -> String {
    "  \(identifier) \(catalog.element(identifier)?.name ?? "")"
  }

  private func words(_ source: AuthoritySource) -> String {
    switch source {
    case .system(let id): "\(id) \(catalog.system(id)?.name ?? "")"
    case .homeOfAgency: "OWNER, the home system of \(catalog.authority.agencyElement)"
    case .first: "FIRST, whoever registered it first"
    }
  }

  private func days(_ rule: AuthorityRule) -> String? {
    let parts = [rule.from.map { "from \($0)" }, rule.until.map { "until \($0)" }]
    let text = parts.compactMap { $0 }.joined(separator: " ")
    return text.isEmpty ? nil : text
  }
}
