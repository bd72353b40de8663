/// Comparisons, membership and the codes in them.
extension ExpressionWalk {
  private enum Family: Hashable { case boolean, number, text, time, duration, unresolved }

  private func family(_ type: ExpressionType) -> Family {
    switch type {
    case .boolean: .boolean
    case .number: .number
    case .text, .texts, .code, .codes: .text
    case .date, .dateTime: .time
    case .duration: .duration
    case .unresolved: .unresolved
    }
  }

  private func isParameter(_ node: Node) -> Bool {
    if case .parameter = node { return true }
    return false
  }

  mutating func compare(
    _ operands: [Node], _ operators: [Expression.ComparisonOperator], _ offset: Int
  ) {
    var types = operands.map { type(of: $0) }
    if types.contains(where: { family($0) == .text }) {
      for index in types.indices where isParameter(operands[index]) && types[index] != .unresolved {
        types[index] = .text
      }
    }
    direction(operators, offset)
    if operands.allSatisfy(\.isConstant), !types.contains(.unresolved) {
      report(offset, "compares only constants")
    }
    for index in operators.indices where sameText(operands[index], operands[index + 1]) {
      report(offset, "compares \"\(operands[index].canonicalText)\" with itself")
    }
    guard sameFamily(operands, types, offset) else { return }
    switch types.map({ family($0) }).first(where: { $0 != .unresolved }) {
    case .boolean: report(offset, "conditions are compared with <=>")
    case .duration: compareDurations(operands, types)
    case .text: compareTexts(operands, types, operators, offset)
    case .number:
      let isEqual = operators.allSatisfy { $0 == .equal || $0 == .notEqual }
      for node in operands { demandRange(operands, node, isEqual: isEqual) }
    default: break
    }
  }

  /// Reports a number that the only element beside it cannot hold.
  private mutating func demandRange(_ nodes: [Node], _ constant: Node, isEqual: Bool) {
    let named = nodes.filter { !$0.isConstant }
    guard named.count == 1, let element = element(named[0]),
      case .decimal(let digits, let decimals) = element.representation,
      case .number(let text, let offset) = constant, let number = ExactNumber(text)
    else { return }
    var limit = ExactNumber(digits: 1, decimals: decimals).wide
    for _ in 0..<digits { limit *= 10 }
    let isFiner = isEqual && number.decimals > decimals
    guard number.wide >= limit || isFiner else { return }
    report(
      offset, "\(text) lies outside \(element.notation), the form of \"\(element.identifier)\"")
  }

  private func element(_ node: Node) -> DataElement? {
    switch node {
    case .element(let name, let isOther, _):
      checker.element(name, in: isOther ? other : checker.category)
    case .value: checker.valueElement
    default: nil
    }
  }

  private func sameText(_ left: Node, _ right: Node) -> Bool {
    !left.isConstant && left.canonicalText == right.canonicalText
  }

  private mutating func direction(
    _ operators: [Expression.ComparisonOperator], _ offset: Int
  ) {
    guard operators.count > 1 else { return }
    if operators.contains(.notEqual) {
      report(offset, "\"!=\" cannot stand in a chain; join two comparisons by &")
    }
    let rises = operators.contains { $0 == .less || $0 == .lessOrEqual }
    let falls = operators.contains { $0 == .greater || $0 == .greaterOrEqual }
    if rises && falls {
      report(offset, "a chain goes in one direction, found both < and >")
    }
  }

  /// Reports operands of different kinds.
  private mutating func sameFamily(
    _ operands: [Node], _ types: [ExpressionType], _ offset: Int
  ) -> Bool {
    guard let first = types.indices.first(where: { types[$0] != .unresolved }) else {
      return false
    }
    for index in types.indices
    where types[index] != .unresolved && family(types[index]) != family(types[first]) {
      mismatch(operands[first], types[first], operands[index], types[index])
      return false
    }
    return true
  }

  private mutating func mismatch(
    _ left: Node, _ leftType: ExpressionType, _ right: Node, _ rightType: ExpressionType
  ) {
    let message = "\(leftType.words) cannot be compared with \(rightType.words)"
    for (node, type, otherType) in [(left, leftType, rightType), (right, rightType, leftType)] {
      switch (node, family(otherType)) {
      case (.number(let digits, let offset), .text):
        report(offset, message + "; codes are quoted", "'\(digits)'")
      case (.number(let digits, let offset), .duration):
        report(offset, message + "; its unit is missing", "\(digits) days")
      case (.text(let text, let offset), .number) where ExactNumber(text) != nil:
        report(offset, message + "; numbers are not quoted", text)
      case (.text(let text, let offset), .time):
        report(offset, message + "; a day is written as date '2026-01-31'", "date '\(text)'")
      default:
        _ = type
        continue
      }
      return
    }
    report(right.offset, message)
  }

  private mutating func compareDurations(_ operands: [Node], _ types: [ExpressionType]) {
    for (node, type) in zip(operands, types) where type != .unresolved && !type.isExactDuration {
      report(
        node.offset,
        type == .duration(.workdays)
          ? "working days cannot be compared with a duration; compare workdays(from, to) with "
            + "a number, or add them to a date"
          : "months and years have no fixed length; add them to a date and compare dates")
    }
  }

  private mutating func compareTexts(
    _ operands: [Node], _ types: [ExpressionType], _ operators: [Expression.ComparisonOperator],
    _ offset: Int
  ) {
    for (type, index) in zip(types, types.indices) where type.isMultiValued {
      let others = operands.indices.filter { $0 != index }
      if operators != [.equal] {
        report(
          operands[index].offset,
          "a many-valued element cannot be compared with "
            + "\(operators[min(index, operators.count - 1)].rawValue); use has or subset of")
      } else if operands[others[0]].isConstant {
        let code = operands[others[0]].canonicalText
        report(
          operands[index].offset, "a many-valued element is tested with has",
          "\(operands[index].canonicalText) has \(code)")
      }
    }
    if operators.contains(where: { $0 != .equal && $0 != .notEqual }) {
      for (node, type) in zip(operands, types) where type.isTextual && !isFixedWidth(node, type) {
        report(
          node.offset,
          "only texts of a fixed width can be ordered, and "
            + "\"\(node.canonicalText)\" has none")
      }
    }
    let lists = Set(types.compactMap(\.codeList)).sorted()
    if lists.count > 1 {
      report(offset, "codes of \(lists.joined(separator: " and ")) cannot be compared")
    }
    if let coded = types.first(where: { $0.codeList != nil }) { demandCodes(operands, in: coded) }
  }

  private func isFixedWidth(_ node: Node, _ type: ExpressionType) -> Bool {
    switch node {
    case .text, .parameter, .call(.substr, _, _): true
    case .element, .value: element(node).map { isFixedWidth($0) } ?? true
    default: type == .unresolved
    }
  }

  private func isFixedWidth(_ element: DataElement) -> Bool {
    if let list = element.codeList.flatMap({ checker.catalog.codeList($0) }) {
      return Set(list.values.map(\.code.utf8.count)).count <= 1
    }
    switch element.representation {
    case .text(let characters, let length):
      return characters != .any && length.lowerBound == length.upperBound
    default: return true
    }
  }

  // MARK: Lists

  mutating func membership(_ node: Node, _ list: [Node], _ offset: Int) {
    let type = type(of: node)
    if type.isMultiValued {
      report(
        offset,
        "\"in\" tests one value and \"\(node.canonicalText)\" has several; "
          + "use has or subset of",
        "\(node.canonicalText) subset of (\(list.map(\.canonicalText).joined(separator: ", ")))")
    }
    demandConstants(list)
    for item in list {
      let itemType = self.type(of: item)
      if isParameter(item), type.isTextual { continue }
      guard type != .unresolved, itemType != .unresolved, family(type) != family(itemType) else {
        demandRange([node, item], item, isEqual: true)
        continue
      }
      mismatch(node, type, item, itemType)
    }
    demandCodes(list, in: type)
  }

  mutating func has(_ node: Node, _ value: Node, _ offset: Int) {
    let types = (type(of: node), type(of: value))
    if types.0 != .unresolved, !types.0.isMultiValued {
      report(
        offset, "\"has\" needs a many-valued element, found \(types.0.words)",
        "\(node.canonicalText) = \(value.canonicalText)")
    }
    guard types.0 != .unresolved, types.1 != .unresolved else { return }
    if types.1.isMultiValued {
      report(
        value.offset, "\"has\" tests one value, found \(types.1.words)",
        "\(value.canonicalText) subset of \(node.canonicalText)")
    } else if !types.1.isTextual, !isParameter(value) {
      mismatch(node, types.0, value, types.1)
    }
    if let mine = types.0.codeList, let theirs = types.1.codeList, mine != theirs {
      report(offset, "codes of \(mine) and \(theirs) cannot be compared")
    }
    demandCodes([value], in: types.0)
  }

  mutating func subset(_ node: Node, _ list: [Node], _ offset: Int) {
    let type = type(of: node)
    if type != .unresolved, !type.isMultiValued {
      report(
        offset, "\"subset of\" needs a many-valued element, found \(type.words)",
        "\(node.canonicalText) in (\(list.map(\.canonicalText).joined(separator: ", ")))")
    }
    demandConstants(list)
    for item in list {
      let itemType = self.type(of: item)
      guard type != .unresolved, itemType != .unresolved, !itemType.isTextual else { continue }
      if !isParameter(item) { mismatch(node, type, item, itemType) }
    }
    demandCodes(list, in: type)
  }

  mutating func subset(_ node: Node, of values: Node, _ offset: Int) {
    let types = [type(of: node), type(of: values)]
    for (node, type) in zip([node, values], types)
    where type != .unresolved && !type.isMultiValued {
      report(node.offset, "\"subset of\" needs a many-valued element, found \(type.words)")
    }
    let lists = Set(types.compactMap(\.codeList)).sorted()
    if lists.count > 1 {
      report(offset, "codes of \(lists.joined(separator: " and ")) cannot be compared")
    }
  }

  private mutating func demandConstants(_ list: [Node]) {
    var seen: Set<String> = []
    for item in list {
      if !item.isConstant {
        report(item.offset, "a list holds constants, found \"\(item.canonicalText)\"")
      } else if !seen.insert(item.canonicalText).inserted {
        report(item.offset, "\(item.canonicalText) stands twice in the list")
      }
    }
  }

  /// Reports texts among `nodes` that are not codes of the list of `type`.
  mutating func demandCodes(_ nodes: [Node], in type: ExpressionType) {
    guard let list = type.codeList.flatMap({ checker.catalog.codeList($0) }) else { return }
    for node in nodes {
      let texts: [String]
      switch node {
      case .text(let text, _): texts = [text]
      case .parameter(let name, _): texts = checker.parameters[name] ?? []
      default: texts = []
      }
      for text in texts where list.index(of: text) == nil {
        report(
          node.offset,
          "'\(text)' is not one of the \(list.values.count) values of \(list.id) "
            + list.name,
          meantCode(text, list))
      }
    }
  }

  /// The code whose label or synonym is `text`, or else the most similar code.
  private func meantCode(_ text: String, _ list: CodeList) -> String? {
    let value =
      list.values.first { $0.label == text || $0.english == text || $0.synonyms.contains(text) }
    if let value { return "'\(value.code)'" }
    let padded = list.values.first {
      $0.code.drop { $0 == "0" } == text.drop { $0 == "0" } && !text.isEmpty
    }
    if let padded { return "'\(padded.code)'" }
    if let label = suggestion(for: text, among: list.values.map(\.label)), text.utf8.count > 5,
      let value = list.values.first(where: { $0.label == label })
    {
      return "'\(value.code)'"
    }
    guard text.utf8.count >= 4 else { return nil }
    return suggestion(for: text, among: list.values.map(\.code)).map { "'\($0)'" }
  }
}
