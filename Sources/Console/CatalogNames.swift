import Catalog
import Pipeline

/// What things of the catalog are called in a language.
struct CatalogNames {
  private let catalog: Catalog
  private let language: ReportLanguage

  init(_ catalog: Catalog, _ language: ReportLanguage) {
    self.catalog = catalog
    self.language = language
  }

  func system(_ id: String) -> String {
    catalog.system(id).map { language.of($0.name, $0.english) } ?? id
  }

  func category(_ id: String) -> String {
    catalog.category(id).map { language.of($0.name, $0.english) } ?? id
  }

  func element(_ id: String) -> String {
    catalog.element(id).map { language.of($0.name, $0.english) } ?? id
  }

  func issue(_ code: String) -> String {
    if code.isEmpty { return language.of("复核未通过", "withheld by the second check") }
    return IssueCode(rawValue: code).flatMap { catalog.issueType($0) }
      .map { language.of($0.name, $0.english) } ?? code
  }

  /// Of a rule between elements its name; of the check of an element what is checked.
  func rule(_ id: String) -> String {
    if let rule = catalog.rules.first(where: { $0.id == id }) {
      return "\(id) \(language.of(rule.name, rule.english))"
    }
    if let rule = catalog.authority.rules.first(where: { $0.id == id }) {
      return "\(id) \(language.of(rule.name, rule.english))"
    }
    return id
  }
}
