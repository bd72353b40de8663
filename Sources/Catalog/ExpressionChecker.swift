/// Something that is wrong with an expression.
package struct ExpressionProblem: Sendable, Hashable, CustomStringConvertible {
  /// Byte of the expression's source text, from 0.
  package var offset: Int
  /// What was found and what was expected, without the place.
  package var message: String
  /// What was probably meant.
  package var suggestion: String?

  package init(offset: Int, message: String, suggestion: String? = nil) {
    self.offset = offset
    self.message = message
    self.suggestion = suggestion
  }

  package var description: String {
    message + (suggestion.map { "; did you mean \"\($0)\"?" } ?? "")
  }
}

/// An element that an expression names.
package struct ElementUse: Sendable, Hashable {
  package var identifier: String
  /// Category of the other record; nil for the own record.
  package var otherCategory: String?
  package var offset: Int

  package init(identifier: String, otherCategory: String?, offset: Int) {
    self.identifier = identifier
    self.otherCategory = otherCategory
    self.offset = offset
  }
}

/// Checks expressions against the catalog: names, types, codes, and conditions that decide nothing.
package struct ExpressionChecker: Sendable {
  let catalog: Catalog
  let category: String?
  let valueElement: DataElement?
  let parameters: [String: [String]]

  /// - Parameters:
  ///   - category: Category whose records are looked at; nil if any element may be named, as in
  ///     the domain of an element that several categories carry.
  ///   - valueElement: What `value` stands for; nil outside domains of elements.
  ///   - parameters: Values by system and name, as in ``Rule/parameters``.
  package init(
    catalog: Catalog, category: String?, valueElement: DataElement? = nil,
    parameters: [String: [String: String]] = [:]
  ) {
    self.catalog = catalog
    self.category = category
    self.valueElement = valueElement
    var values: [String: [String]] = [:]
    for system in parameters.keys.sorted() {
      for (name, value) in parameters[system] ?? [:] { values[name, default: []].append(value) }
    }
    self.parameters = values
  }

  /// The type of `expression` and everything that is wrong with it, by offset.
  ///
  /// - Returns: ``ExpressionType/unresolved`` where a problem leaves the type open.
  package func check(_ expression: Expression) -> (ExpressionType, [ExpressionProblem]) {
    var walk = ExpressionWalk(checker: self)
    let type = walk.type(of: expression.root)
    var analysis = ConditionAnalysis(checker: self, faulty: Set(walk.problems.map(\.offset)))
    analysis.examine(expression.root)
    var seen: Set<ExpressionProblem> = []
    let problems = (walk.problems + analysis.problems).filter { seen.insert($0).inserted }
    let order = problems.indices.sorted {
      (problems[$0].offset, $0) < (problems[$1].offset, $1)
    }
    return (type, order.map { problems[$0] })
  }

  /// As ``check(_:)``, for a place where a condition is expected.
  package func checkCondition(_ expression: Expression) -> [ExpressionProblem] {
    let (type, problems) = check(expression)
    if type == .boolean || type == .unresolved { return problems }
    let problem = ExpressionProblem(
      offset: 0, message: "the expression is \(type.words), expected a condition")
    return [problem] + problems
  }

  /// Whether all of `conditions` might be true of one record; false only if that is proven.
  package func mayHoldTogether(_ conditions: [Expression]) -> Bool {
    var analysis = ConditionAnalysis(checker: self, faulty: [])
    return analysis.mayBeTrue(.and(conditions.map(\.root), offset: 0))
  }

  /// Every element named in `expression`, in the order of the text, repeated as often as it stands.
  package func elements(in expression: Expression) -> [ElementUse] {
    var uses: [ElementUse] = []
    collect(expression.root, nil, &uses)
    return uses
  }

  private func collect(_ node: Expression.Node, _ other: String?, _ uses: inout [ElementUse]) {
    var other = other
    switch node {
    case .element(let name, let isOther, let offset):
      uses.append(
        ElementUse(identifier: name, otherCategory: isOther ? other : nil, offset: offset))
    case .exists(let category, _, _), .count(let category, _, _): other = category
    case .every(let element, let category, _, let offset):
      uses.append(ElementUse(identifier: element, otherCategory: nil, offset: offset))
      other = category
    default: break
    }
    for child in node.children { collect(child, other, &uses) }
  }

  /// The element that `name` stands for; nil if it is unknown or its category does not carry it.
  func element(_ name: String, in category: String?) -> DataElement? {
    guard let category else { return catalog.element(name) }
    guard let found = catalog.category(category) else { return nil }
    return found.elements.first { $0.element.identifier == name }?.element
  }
}
