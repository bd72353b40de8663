import ArgumentParser
import Catalog

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "What an issue code, a rule, an element, a code list, a category, an entity or an identifier is."
  )

  @Argument(help: "E.g. Q24, CR11, AR01, fine_amount, ZF12007, CL42, PEN, PERSON.") var name: String

  @Flag(help: "English only.") var english = false

  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    let (catalog, _, _) = try pipeline.load()
    guard let text = explanation(catalog) else {
      let names =
        catalog.issueTypes.map(\.code.rawValue) + catalog.rules.map(\.id)
        + catalog.elements.map(\.identifier) + catalog.codeLists.map(\.id)
        + catalog.authority.rules.map(\.id) + catalog.authority.entities.map(\.id)
        + catalog.identifiers.map(\.kind)
      let hint = suggestion(for: name, among: names).map { "; did you mean \($0)?" } ?? ""
      throw CommandFailure(CommandFailure.usage, "\(name) is not known\(hint)")
    }
    print(text)
  }

  private func explanation(_ catalog: Catalog) -> String? {
    let upper = name.uppercased()
    if let issue = catalog.issueTypes.first(where: { $0.code.rawValue == upper }) {
      return self.issue(issue)
    }
    if let rule = catalog.rules.first(where: { $0.id == upper }) { return self.rule(rule) }
    let authority = AuthorityExplanation(catalog: catalog, english: english)
    if let rule = catalog.authority.rules.first(where: { $0.id == upper }) {
      return authority.rule(rule)
    }
    if let element = catalog.elements.first(where: {
      $0.identifier == name || $0.id == upper || $0.name == name
    }) {
      return self.element(element, catalog)
    }
    if let list = catalog.codeList(upper) { return self.list(list) }
    if let category = catalog.category(upper) { return self.category(category) }
    if let entity = catalog.authority.entity(upper) { return authority.entity(entity) }
    return catalog.identifiers.first { $0.kind == name || $0.name == name }.map(identifier)
  }

  private func issue(_ issue: IssueType) -> String {
    let heading = "\(issue.code.rawValue) \(issue.name) (\(issue.english))"
    let dimension = issue.code.dimension
    if english {
      return """
        \(heading), \(dimension.rawValue)
        \(issue.descriptionEnglish)
        What to do: \(issue.fixEnglish)
        Origin: \(issue.origin)
        """
    }
    return """
      \(heading),\(dimension.name)
      \(issue.descriptionChinese)
      \(issue.descriptionEnglish)
      处理建议:\(issue.fixChinese)
      What to do: \(issue.fixEnglish)
      Origin: \(issue.origin)
      """
  }

  private func rule(_ rule: Rule) -> String {
    var lines = [
      "\(rule.id) \(rule.name) (\(rule.english))",
      "category \(rule.category), \(rule.kind.rawValue), \(rule.issue.rawValue), "
        + "severity \(rule.severity.rawValue), version \(rule.version)",
    ]
    if let when = rule.when { lines.append("when:  \(when)") }
    lines.append("holds: \(rule.holds)")
    for system in rule.parameters.keys.sorted() {
      let values = (rule.parameters[system] ?? [:]).sorted { $0.key < $1.key }
        .map { "$\($0.key) = \($0.value)" }.joined(separator: ", ")
      lines.append("\(system.isEmpty ? "" : "\(system): ")\(values)")
    }
    if !rule.fixChinese.isEmpty { lines.append("处理建议:\(rule.fixChinese)") }
    lines.append("Origin: \(rule.origin)")
    return lines.joined(separator: "\n")
  }

  private func element(_ element: DataElement, _ catalog: Catalog) -> String {
    let categories = catalog.categories.filter { $0.column(of: element.identifier) != nil }
    var lines = [
      "\(element.id) \(element.identifier) \(element.name) (\(element.english))",
      element.definition,
      "type \(element.type.rawValue), representation \(element.notation)"
        + (element.unit.map { ", unit \($0)" } ?? "")
        + (element.isMultiValued ? ", several values" : ""),
      "tier \(element.tier.rawValue)"
        + (element.core.isEmpty
          ? "" : ", core for \(element.core.map(\.rawValue).sorted().joined(separator: ", "))"),
      "carried by \(categories.map(\.id).joined(separator: " "))", "Origin: \(element.origin)",
    ]
    if let list = element.codeList.flatMap(catalog.codeList) {
      lines.insert("value domain \(list.id) \(list.name), \(list.values.count) values", at: 3)
    }
    if case .check(let kind) = element.domain,
      let definition = catalog.identifiers.first(where: { $0.kind == kind })
    {
      lines.insert("check \(kind): \(form(definition))", at: 3)
    }
    return lines.joined(separator: "\n")
  }

  private func identifier(_ definition: IdentifierDefinition) -> String {
    var lines = ["\(definition.kind) \(definition.name) (\(definition.english))"]
    if !english { lines.append(definition.formChinese) }
    lines.append(definition.formEnglish)
    if !definition.standard.isEmpty { lines.append("Standard: \(definition.standard)") }
    if definition.isAdvisory { lines.append("advisory: a failed check is a note") }
    lines.append("Origin: \(definition.origin)")
    return lines.joined(separator: "\n")
  }

  private func form(_ definition: IdentifierDefinition) -> String {
    english ? definition.formEnglish : definition.formChinese
  }

  private func list(_ list: CodeList) -> String {
    var lines = [
      "\(list.id) \(list.name) (\(list.english))\(list.isExtensible ? ", extensible" : "")"
    ]
    lines += list.values.map { value in
      let synonyms =
        value.synonyms.isEmpty ? "" : "; also \(value.synonyms.joined(separator: ", "))"
      return "\(value.code)  \(value.label) (\(value.english))\(synonyms)"
    }
    lines += list.aliases.map { "\($0.label) = \($0.codes.joined(separator: " + "))" }
    lines += list.undecidable.map { "\($0.label): \($0.reason)" }
    lines.append("Origin: \(list.origin)")
    return lines.joined(separator: "\n")
  }

  private func category(_ category: Category) -> String {
    var lines = [
      "\(category.id) \(category.name) (\(category.english))",
      "key \(category.entityKey.joined(separator: " + ")), dated by \(category.eventTime), "
        + "delivered by \(category.deliveredBy.joined(separator: " "))",
    ]
    for entry in category.elements {
      let obligation =
        switch entry.obligation {
        case .required: entry.isKey ? "key" : "required"
        case .conditional(let condition): "required when \(condition)"
        case .optional: "optional"
        }
      lines.append("  \(entry.element.identifier) \(entry.element.name): \(obligation)")
    }
    lines.append("Origin: \(category.origin)")
    return lines.joined(separator: "\n")
  }
}
