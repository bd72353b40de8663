import Catalog

/// Conditions: comparisons, membership, logic and references.
extension ExpressionCompiler {
  typealias Comparison = Expression.ComparisonOperator
  typealias Texts = ExpressionProgram.Texts

  /// Compiles a condition; the answer is the buffer of truths.
  mutating func truth(_ node: Node) throws(ExpressionError) -> Int {
    switch node {
    case .boolean(let flag, _): return emitTruth { .truth(Truth(flag), into: $0) }
    case .comparison(let operands, let operators, _):
      return try comparison(operands, operators, node)
    case .membership(let element, let list, _): return try membership(element, list, node)
    case .has(let element, let value, _): return try has(element, value, node)
    case .subset(let element, let list, _): return try subset(element, list)
    case .subsetOfElement(let element, let values, _):
      let (left, right) = (try texts(element), try texts(values))
      return emitTruth { .subset(left, right, into: $0) }
    case .present(let element, _): return try presence(element, true)
    case .absent(let element, _): return try presence(element, false)
    case .exists(let category, let condition, _):
      let index = try reference(.exists, category, condition, node)
      return emitTruth { .exists(reference: index, into: $0) }
    case .every(let element, let category, let condition, _):
      let index = try reference(.every(element), category, condition, node)
      return emitTruth { .exists(reference: index, into: $0) }
    default: return try logic(node)
    }
  }

  private mutating func logic(_ node: Node) throws(ExpressionError) -> Int {
    switch node {
    case .not(let inner, _):
      let inner = try truth(inner)
      return emitTruth { .not(inner, into: $0) }
    case .and(let nodes, _):
      let parts = try truths(nodes)
      return emitTruth { .and(parts, into: $0) }
    case .or(let nodes, _):
      let parts = try truths(nodes)
      return emitTruth { .or(parts, into: $0) }
    case .implies(let left, let right, _):
      let (a, b) = (try truth(left), try truth(right))
      return emitTruth { .implies(a, b, into: $0) }
    case .equivalent(let left, let right, _):
      let (a, b) = (try truth(left), try truth(right))
      return emitTruth { .equivalent(a, b, into: $0) }
    default: throw failure(node, "expected a condition")
    }
  }

  private mutating func truths(_ nodes: [Node]) throws(ExpressionError) -> [Int] {
    var slots: [Int] = []
    for node in nodes { slots.append(try truth(node)) }
    return slots
  }

  private mutating func presence(_ node: Node, _ isPresent: Bool) throws(ExpressionError) -> Int {
    var operand = TextOperand.null
    switch node {
    case .element, .value:
      let element = try value(node)
      switch element.storage {
      case .text(let texts): operand = texts
      case .number(.column(let column)): operand = .column(column)
      case .number(.slot): operand = try gathered(node)
      default: break
      }
    default: throw failure(node, "only an element can be present or absent")
    }
    return emitTruth { .present(operand, isPresent: isPresent, into: $0) }
  }

  private mutating func gathered(_ node: Node) throws(ExpressionError) -> TextOperand {
    if case .element(let name, true, _) = node, case .pairs(let other?, _) = mode,
      let column = other.column(of: name)
    {
      return texts(column, .other)
    }
    let name: String? =
      if case .element(let name, _, _) = node { name } else { scope.valueElement?.identifier }
    guard let column = name.flatMap({ scope.category.column(of: $0) }) else {
      throw failure(node, "not an element of the category")
    }
    return texts(column, .own)
  }

  // MARK: Comparisons

  private mutating func comparison(
    _ nodes: [Node], _ operators: [Comparison], _ node: Node
  ) throws(ExpressionError) -> Int {
    var values: [Value] = []
    for node in nodes { values.append(try value(node)) }
    if values.contains(where: \.type.isTextual) {
      return try textComparison(values, nodes, operators, node)
    }
    if values.count == 2 {
      let (left, right) = try unified(values, nodes)
      return emitTruth { .compare(left, operators[0], right, into: $0) }
    }
    let links = try links(values, nodes)
    return emitTruth { .chain(links, operators, into: $0) }
  }

  private mutating func unified(
    _ values: [Value], _ nodes: [Node]
  ) throws(ExpressionError) -> (NumberOperand, NumberOperand) {
    if values.contains(where: { $0.type == .date }) {
      return (try day(values[0], nodes[0]), try day(values[1], nodes[1]))
    }
    let links = try links(values, nodes, keepsScalars: true)
    return (links[0].operand, links[1].operand)
  }

  /// The members of a chain in one unit, save for dates and date-times, which the chain unites.
  private mutating func links(
    _ values: [Value], _ nodes: [Node], keepsScalars: Bool = false
  ) throws(ExpressionError) -> [ExpressionProgram.Link] {
    var decimals = 0
    var span = ExpressionType.Span.days
    for value in values {
      if case .number(let own) = value.type { decimals = max(decimals, own) }
      if value.type == .duration(.seconds) { span = .seconds }
    }
    var links: [ExpressionProgram.Link] = []
    for (value, node) in zip(values, nodes) {
      var operand = try number(value, node)
      switch (value.type, values[0].type) {
      case (.number(let own), .number):
        operand = try scaled(operand, by: powerOfTen(decimals - own), node)
      case (.duration, .duration): operand = try exact(value, node, span)
      case (.date, .date), (.date, .dateTime), (.dateTime, .date), (.dateTime, .dateTime): break
      default:
        throw failure(
          node, "\(values[0].type.words) cannot be compared with \(value.type.words)")
      }
      links.append(
        ExpressionProgram.Link(
          operand: keepsScalars ? operand : column(operand),
          isDateTime: value.type == .dateTime, isConstant: value.isConstant))
    }
    return links
  }

  private mutating func textComparison(
    _ values: [Value], _ nodes: [Node], _ operators: [Comparison], _ node: Node
  ) throws(ExpressionError) -> Int {
    var operands: [TextOperand] = []
    for (value, node) in zip(values, nodes) { operands.append(try text(value, node)) }
    guard values.count == 2 else {
      let texts = operands
      return emitTruth {
        .chainTexts(texts, isConstant: values.map(\.isConstant), operators, into: $0)
      }
    }
    if values.contains(where: \.type.isMultiValued) {
      guard operators == [.equal] else {
        throw failure(node, "a many-valued element can only be compared with =")
      }
      let sides = zip(operands, values).map {
        Texts(operand: $0, isMultiValued: $1.type.isMultiValued)
      }
      return emitTruth { .shares(sides[0], sides[1], into: $0) }
    }
    if let slot = try codeComparison(values[0], operators[0], values[1], nodes[1]) { return slot }
    if let slot = try codeComparison(values[1], operators[0].mirrored, values[0], nodes[0]) {
      return slot
    }
    let texts = operands
    return emitTruth { .compareTexts(texts[0], operators[0], texts[1], into: $0) }
  }

  /// A code against a constant: one look into a table of all permissible values.
  private mutating func codeComparison(
    _ left: Value, _ sign: Comparison, _ right: Value, _ node: Node
  ) throws(ExpressionError) -> Int? {
    guard case .code = left.type, let text = right.constant, let codes = left.codes else {
      return nil
    }
    let list = try list(of: left, node)
    _ = try index(of: text, in: list, node)
    return outcomes(codes, list, outside: Self.outside(sign)) { code in
      sign.holds(Self.order(code, text))
    }
  }

  private static func outside(_ sign: Comparison) -> Truth {
    switch sign {
    case .equal: .false
    case .notEqual: .true
    default: .unknown
    }
  }

  private static func order(_ left: String, _ right: String) -> Int {
    if left.utf8.elementsEqual(right.utf8) { return 0 }
    return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
  }

  private mutating func outcomes(
    _ codes: NumberOperand, _ list: CodeList, outside: Truth, _ holds: (String) -> Bool
  ) -> Int {
    let table = [outside] + list.values.map { Truth(holds($0.code)) }
    return emitTruth { .code(codes, outcomes: table, into: $0) }
  }

  private func list(of value: Value, _ node: Node) throws(ExpressionError) -> CodeList {
    guard let list = value.type.codeList.flatMap({ scope.catalog.codeList($0) }) else {
      throw failure(node, "the code list is not in the catalog")
    }
    return list
  }

  private func index(
    of text: String, in list: CodeList, _ node: Node
  ) throws(ExpressionError) -> Int {
    guard let index = list.index(of: text) else {
      throw failure(node, "'\(text)' is not a code of \(list.id)")
    }
    return index
  }

  // MARK: Lists

  private mutating func membership(
    _ element: Node, _ list: [Node], _ node: Node
  ) throws(ExpressionError) -> Int {
    let left = try value(element)
    var items: [Value] = []
    for item in list { items.append(try value(item)) }
    if left.type.isTextual { return try textMembership(left, element, items, list) }
    if let constants = constants(items, left.type) {
      let operand = try number(left, element)
      return emitTruth { .isIn(operand, constants, into: $0) }
    }
    var parts: [Int] = []
    for item in list {
      parts.append(try comparison([element, item], [.equal], node))
    }
    if parts.count == 1 { return parts[0] }
    let slots = parts
    return emitTruth { .or(slots, into: $0) }
  }

  /// The items as numbers in the unit of `type`; nil if one needs a unit of its own.
  private func constants(_ items: [Value], _ type: ExpressionType) -> [Int64]? {
    var numbers: [Int64] = []
    for item in items {
      guard case .number(.constant(let number)) = item.storage else { return nil }
      switch (item.type, type) {
      case (.number(let own), .number(let decimals)) where own <= decimals:
        let (scaled, isOverflow) = number.multipliedReportingOverflow(
          by: powerOfTen(decimals - own))
        guard !isOverflow else { return nil }
        numbers.append(scaled)
      case (.date, .date): numbers.append(number)
      default: return nil
      }
    }
    return numbers
  }

  private mutating func textMembership(
    _ left: Value, _ element: Node, _ items: [Value], _ nodes: [Node]
  ) throws(ExpressionError) -> Int {
    guard !left.type.isMultiValued else {
      throw failure(element, "\"in\" tests one value")
    }
    var texts: [String] = []
    for (item, node) in zip(items, nodes) {
      guard let text = item.constant else { throw failure(node, "a list holds constants") }
      texts.append(text)
    }
    if case .code = left.type, let codes = left.codes {
      let list = try list(of: left, element)
      for (text, node) in zip(texts, nodes) { _ = try index(of: text, in: list, node) }
      return outcomes(codes, list, outside: .false) { texts.contains($0) }
    }
    let operand = try text(left, element)
    let bytes = texts.map { Array($0.utf8) }
    return emitTruth { .textIn(operand, bytes, into: $0) }
  }

  private mutating func texts(_ node: Node) throws(ExpressionError) -> Texts {
    let value = try value(node)
    return Texts(operand: try text(value, node), isMultiValued: value.type.isMultiValued)
  }

  /// Bits of codes; nil if the element is no code list or the list has more than 63 values.
  private func mask(_ element: Value, _ texts: [(String?, Node)]) throws(ExpressionError) -> Int64?
  {
    guard case .codes = element.type, element.codes != nil else { return nil }
    let list = try list(of: element, texts[0].1)
    guard list.values.count <= 63 else { return nil }
    var mask: Int64 = 0
    for (text, node) in texts {
      guard let text else { return nil }
      mask |= 1 << Int64(try index(of: text, in: list, node))
    }
    return mask
  }

  private mutating func has(
    _ element: Node, _ item: Node, _ node: Node
  ) throws(ExpressionError) -> Int {
    let (left, right) = (try value(element), try value(item))
    guard left.type.isMultiValued, !right.type.isMultiValued else {
      throw failure(node, "\"has\" needs a many-valued element and one value")
    }
    if let mask = try mask(left, [(right.constant, item)]), let codes = left.codes {
      return emitTruth { .hasBits(codes, mask, into: $0) }
    }
    let sides = [
      Texts(operand: try text(left, element), isMultiValued: true),
      Texts(operand: try text(right, item), isMultiValued: false),
    ]
    return emitTruth { .shares(sides[0], sides[1], into: $0) }
  }

  private mutating func subset(_ element: Node, _ list: [Node]) throws(ExpressionError) -> Int {
    let left = try value(element)
    var items: [(String?, Node)] = []
    for node in list { items.append((try value(node).constant, node)) }
    if let mask = try mask(left, items), let codes = left.codes {
      return emitTruth { .onlyBits(codes, mask, into: $0) }
    }
    let joined = items.compactMap(\.0).joined(separator: ";")
    let sides = [
      Texts(operand: try text(left, element), isMultiValued: left.type.isMultiValued),
      Texts(operand: .constant(Array(joined.utf8)), isMultiValued: true),
    ]
    return emitTruth { .subset(sides[0], sides[1], into: $0) }
  }

  // MARK: References

  mutating func reference(
    _ kind: CompiledReference.Kind, _ category: String, _ condition: Node, _ node: Node
  ) throws(ExpressionError) -> Int {
    guard case .records = mode else {
      throw failure(node, "a reference cannot stand inside another one")
    }
    guard let other = scope.catalog.category(category) else {
      throw failure(node, "\"\(category)\" is not a category")
    }
    return add(
      try CompiledReference(kind: kind, other: other, condition: condition, scope: scope, node))
  }
}
