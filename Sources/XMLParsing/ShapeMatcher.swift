import Records

/// Tells for every element which nodes of a ``ShapeTree`` it is, by two looks into tables.
///
/// An element may be several nodes at once, if one path says `Case` and another `c:Case`; so a
/// *state* is a set of nodes. Tables are filled when a name is first met.
struct ShapeMatcher {
  /// An element that no path knows, and all inside of it.
  static let unknown = 0
  /// The root node of the document.
  static let document = 1

  /// What the events of a node need, as plain numbers: no array inside of it is counted.
  struct NodePlan {
    var firstChild: Int32
    var nextSibling: Int32
    var scope: Int32
    /// Targets of its text, in ``ShapeMatcher/targets``.
    var firstText: Int32
    var textCount: Int32
    var isUnit: Bool
    var isRecord: Bool
    var isAroundUnit: Bool
    /// It may be where nothing but a value is.
    var isLeaf: Bool
  }

  struct TargetPlan {
    /// Its place in the shape's targets.
    var number: Int32
    var scope: Int32
    var slot: Int32
    var column: Int32
    var owner: Int32
    var hasChoices: Bool
    var isTotal: Bool
  }

  let tree: ShapeTree
  let plans: [NodePlan]
  /// Targets of texts, then of attributes.
  private(set) var targets: [TargetPlan]
  /// Nodes by state.
  private(set) var nodes: [[Int]] = [[], [0]]
  /// The node of a state that is one node only, else -1.
  private(set) var onlyNode: [Int] = [-1, 0]
  private var stateOfNodes: [[Int]: Int] = [[]: 0, [0]: 1]
  /// Targets of attributes, in ``targets``; 0 has none.
  private(set) var attributeTargets: [Range<Int>] = [0..<0]

  /// By state, then name: the state of a child element, or the number of the attribute's targets.
  private var childStates: [Int32] = []
  private var attributeActions: [Int32] = []
  private var nameCapacity = 64
  private static let unresolved: Int32 = -1

  init(_ tree: ShapeTree) {
    self.tree = tree
    var texts: [TargetPlan] = []
    plans = tree.nodes.indices.map { number in
      let node = tree.nodes[number]
      let first = texts.count
      texts += node.texts.map { Self.plan($0, tree) }
      let isUnit = number == tree.unit
      let isRecord = number == tree.record
      return NodePlan(
        firstChild: Int32(node.firstChild), nextSibling: Int32(node.nextSibling),
        scope: Int32(node.scope), firstText: Int32(first), textCount: Int32(node.texts.count),
        isUnit: isUnit, isRecord: isRecord, isAroundUnit: node.isAroundUnit,
        isLeaf: !isUnit && !isRecord && !node.isAroundUnit && node.scope < 0)
    }
    targets = texts
    resize()
  }

  private static func plan(_ number: Int, _ tree: ShapeTree) -> TargetPlan {
    let target = tree.targets[number]
    return TargetPlan(
      number: Int32(number), scope: Int32(target.scope), slot: Int32(target.slot),
      column: Int32(target.column), owner: Int32(target.owner), hasChoices: !target.choices.isEmpty,
      isTotal: target.isTotal)
  }

  /// The state of a child element; negative until it is resolved.
  @inline(__always)
  func childState(of state: Int, _ name: UInt32) -> Int {
    guard Int(name) < nameCapacity else { return -1 }
    return Int(childStates[state * nameCapacity + Int(name)])
  }

  /// Number of the targets of an attribute; negative until it is resolved.
  @inline(__always)
  func attributeAction(of state: Int, _ name: UInt32) -> Int {
    guard Int(name) < nameCapacity else { return -1 }
    return Int(attributeActions[state * nameCapacity + Int(name)])
  }

  /// Finds the state of a child element for the first time.
  ///
  /// - Returns: The state; and the path of the element if no path of the shape leads to it.
  mutating func resolveChild(
    of state: Int, _ number: UInt32, _ name: XMLName
  ) -> (state: Int, unknown: String?) {
    reserve(number)
    let parents = nodes[state]
    let children = parents.flatMap { tree.children(of: $0, named: name) }
    let found = self.state(of: children)
    childStates[state * nameCapacity + Int(number)] = Int32(found)
    guard children.isEmpty, !parents.contains(where: tree.coversChildren) else {
      return (found, nil)
    }
    return (found, parents.first.flatMap { tree.path(of: name.local, in: $0) })
  }

  /// Finds the targets of an attribute for the first time.
  ///
  /// - Returns: Their number; and the path of the attribute if no path of the shape leads to it.
  mutating func resolveAttribute(
    of state: Int, _ number: UInt32, _ name: XMLName
  ) -> (action: Int, unknown: String?) {
    reserve(number)
    let parents = nodes[state]
    let found = parents.flatMap { tree.attributeTargets(of: $0, named: name) }
    if !found.isEmpty {
      attributeTargets.append(targets.count..<targets.count + found.count)
      targets += found.map { Self.plan($0, tree) }
    }
    let action = found.isEmpty ? 0 : attributeTargets.count - 1
    attributeActions[state * nameCapacity + Int(number)] = Int32(action)
    guard found.isEmpty, !name.isTechnical else { return (action, nil) }
    return (action, parents.first.flatMap { tree.path(of: "@" + name.local, in: $0) })
  }

  private mutating func state(of nodes: [Int]) -> Int {
    if let state = stateOfNodes[nodes] { return state }
    let state = self.nodes.count
    self.nodes.append(nodes)
    onlyNode.append(nodes.count == 1 ? nodes[0] : -1)
    stateOfNodes[nodes] = state
    resize()
    return state
  }

  private mutating func reserve(_ name: UInt32) {
    guard Int(name) >= nameCapacity else { return }
    let old = nameCapacity
    while Int(name) >= nameCapacity { nameCapacity *= 2 }
    childStates = Self.widened(childStates, from: old, to: nameCapacity)
    attributeActions = Self.widened(attributeActions, from: old, to: nameCapacity)
  }

  private mutating func resize() {
    let missing = nodes.count * nameCapacity - childStates.count
    childStates += repeatElement(Self.unresolved, count: missing)
    attributeActions += repeatElement(Self.unresolved, count: missing)
    // Nothing inside of an unknown element is known or worth a word.
    for name in 0..<nameCapacity {
      childStates[name] = 0
      attributeActions[name] = 0
    }
  }

  private static func widened(_ table: [Int32], from old: Int, to new: Int) -> [Int32] {
    var wide: [Int32] = []
    wide.reserveCapacity(table.count / old * new)
    for row in 0..<table.count / old {
      wide += table[row * old..<(row + 1) * old]
      wide += repeatElement(row == 0 ? 0 : unresolved, count: new - old)
    }
    return wide
  }
}
