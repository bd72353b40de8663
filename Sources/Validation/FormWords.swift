import Catalog

extension DataElement {
  /// What a value of the element looks like, with the representation rule that says so.
  var formChinese: String { "\(representation.chinese)(表示规则\(notation))" }

  var formEnglish: String { "\(representation.english) (\(notation))" }
}

extension Representation {
  /// In words, such as `最多16位数字,其中小数2位`.
  fileprivate var chinese: String {
    switch self {
    case .text(let characters, let length):
      let count = length.lowerBound == length.upperBound ? "" : "最多"
      return switch characters {
      case .letters: "\(count)\(length.upperBound)位字母"
      case .digits: "\(count)\(length.upperBound)位数字"
      case .alphanumeric: "\(count)\(length.upperBound)位字母或数字"
      case .any: "\(count)\(length.upperBound)个字符"
      }
    case .decimal(let digits, 0): return "整数,最多\(digits)位"
    case .decimal(let digits, let decimals): return "数值,最多\(digits)位,其中小数\(decimals)位"
    case .date: return "日期"
    case .dateTime: return "日期和时间"
    }
  }

  fileprivate var english: String {
    switch self {
    case .text(let characters, let length):
      let count = length.lowerBound == length.upperBound ? "" : "at most "
      return switch characters {
      case .letters: "\(count)\(length.upperBound) letters"
      case .digits: "\(count)\(length.upperBound) digits"
      case .alphanumeric: "\(count)\(length.upperBound) letters or digits"
      case .any: "\(count)\(length.upperBound) characters"
      }
    case .decimal(let digits, 0): return "a whole number of at most \(digits) digits"
    case .decimal(let digits, let decimals):
      return "a number of at most \(digits) digits, \(decimals) of them decimals"
    case .date: return "a date"
    case .dateTime: return "a date and time"
    }
  }
}

extension CodeList {
  /// As it is called in messages.
  var chinese: String { "代码表“\(name)”(\(id))" }
}

/// Conditions of the catalog in the words of whoever fills in a record: names of elements instead of
/// identifiers, labels beside codes.
///
/// What has no simple words (counts, other records, arithmetic) is shown as it is written.
struct ConditionWords {
  private let catalog: Catalog

  init(_ setup: CheckSetup) { catalog = setup.catalog }

  /// What a value must keep, such as `不早于“处罚决定日期”`.
  func requirement(_ expression: Expression) -> String {
    words(expression.root) ?? "满足条件\(expression.source)"
  }

  /// When something must be there, such as `“是否公示”为1(是)`.
  func condition(_ expression: Expression) -> String {
    words(expression.root) ?? "满足条件\(expression.source)"
  }

  private func words(_ node: Expression.Node) -> String? {
    switch node {
    case .comparison(let operands, let operators, _):
      guard operands.count == 2, let relation = operators.first else { return nil }
      return comparison(operands[0], relation, operands[1])
    case .membership(let element, let values, _):
      return subject(element).flatMap { name in
        let labels = values.compactMap { label($0, of: element) }
        guard labels.count == values.count else { return nil }
        return "\(name)为\(labels.joined(separator: "、"))之一"
      }
    case .has(let element, let value, _):
      guard let name = subject(element), let label = label(value, of: element) else { return nil }
      return "\(name)包含\(label)"
    case .present(let element, _): return subject(element).map { "\($0)已填写" }
    case .absent(let element, _): return subject(element).map { "\($0)未填写" }
    case .and(let nodes, _): return joined(nodes, by: "且")
    case .or(let nodes, _): return joined(nodes, by: "或者")
    default: return nil
    }
  }

  private func joined(_ nodes: [Expression.Node], by word: String) -> String? {
    let parts = nodes.compactMap { node -> String? in
      if case .or = node { return words(node).map { "(\($0))" } }
      return words(node)
    }
    return parts.count == nodes.count ? parts.joined(separator: ",\(word)") : nil
  }

  private func comparison(
    _ left: Expression.Node, _ relation: Expression.ComparisonOperator, _ right: Expression.Node
  ) -> String? {
    let isTime = isMoment(left) || isMoment(right)
    let word =
      switch relation {
      case .equal: "为"
      case .notEqual: "不为"
      case .less: isTime ? "早于" : "小于"
      case .lessOrEqual: isTime ? "不晚于" : "不大于"
      case .greater: isTime ? "晚于" : "大于"
      case .greaterOrEqual: isTime ? "不早于" : "不小于"
      }
    guard let object = subject(right) ?? label(right, of: left) else { return nil }
    if case .value = left { return word + object }
    return subject(left).map { $0 + word + object }
  }

  private func subject(_ node: Expression.Node) -> String? {
    switch node {
    case .element(let identifier, isOther: false, _):
      catalog.element(identifier).map { "“\($0.name)”" }
    case .today: "今天"
    case .night: "当晚"
    case .now: "当前时间"
    default: nil
    }
  }

  /// A literal, with its label where it is a code.
  private func label(_ node: Expression.Node, of element: Expression.Node) -> String? {
    switch node {
    case .number(let text, _), .date(let text, _): return text
    case .text(let code, _):
      guard case .element(let identifier, _, _) = element,
        let list = catalog.element(identifier)?.codeList.flatMap({ catalog.codeList($0) }),
        let value = list.index(of: code).map({ list.values[$0] })
      else { return code }
      return "\(code)(\(value.label))"
    default: return nil
    }
  }

  private func isMoment(_ node: Expression.Node) -> Bool {
    switch node {
    case .today, .night, .now, .date: true
    case .element(let identifier, _, _):
      [.date, .dateTime].contains(catalog.element(identifier)?.type)
    default: false
    }
  }
}
