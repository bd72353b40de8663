import Catalog
import Pipeline

extension ReportLanguage {
  /// An origin as the definitions give it; that it is assumed is said in the language of the page.
  func origin(_ text: String) -> String {
    let mark = "assumed:"
    guard self == .chinese, text.hasPrefix(mark) else { return text }
    return "推定：" + String(text.dropFirst(mark.count).drop(while: { $0 == " " }))
  }
}

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

  /// Of a rule between elements its name; of the check of an element or a record what is checked, in words.
  func rule(_ id: String) -> String {
    if let rule = catalog.rules.first(where: { $0.id == id }) {
      return "\(id) \(language.of(rule.name, rule.english))"
    }
    if let rule = catalog.authority.rules.first(where: { $0.id == id }) {
      return "\(id) \(language.of(rule.name, rule.english))"
    }
    if let words = Self.checks[id] { return language.of(words.0, words.1) }
    let parts = id.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, let words = Self.checks[parts[1]] ?? Self.family(parts[1]) else {
      return id
    }
    let check = language.of(words.0, words.1)
    guard let element = catalog.elements.first(where: { $0.id == parts[0] }) else { return check }
    return "\(language.of(element.name, element.english))：\(check)"
  }

  /// Checks of identifiers have the kind behind the point.
  private static func family(_ check: String) -> (String, String)? {
    check.hasPrefix("check.") ? ("代码或号码校验", "identifier check") : nil
  }

  /// What the checks of elements, and of records as a whole, look at.
  private static let checks: [String: (String, String)] = [
    "required": ("必填", "required"), "conditional": ("条件必填", "required where it applies"),
    "representation": ("表示格式", "form"), "date": ("日期格式", "form of a date"),
    "number": ("数值格式", "form of a number"), "digits": ("位数", "number of digits"),
    "decimals": ("小数位数", "decimals"), "calendar": ("日历", "calendar"),
    "order": ("日期先后", "order of dates"), "domain": ("代码值域", "code list"),
    "in-force": ("代码有效期", "code in force"), "range": ("数值范围", "range"),
    "pattern": ("编写格式", "pattern"), "damage": ("字符损坏", "damaged characters"),
    "undecidable": ("无法判断", "cannot be decided"),
    "duplicate": ("与另一条重复且不一致", "contradicts another"),
    "duplicateName": ("同一字段出现两次", "a field stands twice"),
    "malformed": ("结构损坏", "broken structure"),
    "undecodableBytes": ("字节无法解码", "bytes that cannot be decoded"),
    "unclosedQuote": ("引号未闭合", "unclosed quote"), "recordSize": ("记录过长", "record too large"),
    "fieldLimit": ("字段过多", "too many fields"), "nesting": ("嵌套过深", "nested too deep"),
    "gatheredLines": ("同一案件各行不一致", "lines of one record differ"),
    "controlCharacter": ("控制字符", "control character"), "strayQuote": ("引号不成对", "stray quote"),
    "fieldCount": ("字段数与表头不符", "number of fields"),
    "core-recheck": ("核心数据复核", "second check of core data"),
  ]
}
