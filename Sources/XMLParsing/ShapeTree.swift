import Records

/// The paths of a shape as one tree of elements, from the root node of a document on.
///
/// A *scope* is an element from which fields are counted: the unit, a record, a row inside a
/// record, an element around them. Each instance of a scope has one slot per field. A *row kind* is
/// what makes a row: 0 is the record, the others are the shape's children.
struct ShapeTree {
  /// Name in a path; nil means any.
  struct Name: Hashable {
    var local: String?
    var namespace: String?

    func matches(_ name: XMLName) -> Bool {
      (local == nil || local == name.local) && (namespace == nil || namespace == name.namespace)
    }
  }

  /// One element among its like: `item` from 0.
  struct Choice: Hashable {
    var node: Int
    var item: Int
  }

  struct Attribute {
    var name: Name
    var targets: [Int]
  }

  struct Node {
    let parent: Int
    let name: Name
    let depth: Int
    var firstChild = -1
    var nextSibling = -1
    var attributes: [Attribute] = []
    /// Targets of the text of the element.
    var texts: [Int] = []
    var scope = -1
    var rowKinds: [Int] = []
    /// The unit is inside of it.
    var isAroundUnit = false
  }

  struct Scope {
    let node: Int
    /// The next scope around it, or -1.
    var parent = -1
    var slotCount = 0
  }

  /// Where a value goes to.
  struct Target {
    var scope: Int
    var slot: Int
    /// Column of the records, or -1.
    var column: Int
    var choices: [Choice]
    /// A second value inside of one instance of this node is one too many; -1 if there cannot be
    /// any.
    var owner: Int
    /// Not a field but the number of units.
    var isTotal = false
  }

  struct Place {
    var scope: Int
    var slot: Int
  }

  struct RowKind {
    var scope: Int
    var choices: [Choice]
    var owner: Int
    /// By column; nil if the path leads out of the unit.
    var columns: [Place?] = []
  }

  private(set) var nodes: [Node] = [
    Node(parent: -1, name: Name(local: nil, namespace: nil), depth: 0)
  ]
  private(set) var scopes: [Scope] = []
  private(set) var targets: [Target] = []
  private(set) var rowKinds: [RowKind] = []
  private(set) var unit = 0
  private(set) var record = 0
  private let namespaces: [String: String]

  init(_ shape: RecordShape) {
    namespaces = shape.namespaces
    let walk = walk(from: 0, shape.records.steps, isRoot: true)
    record = walk.node
    unit = walk.firstEach ?? ancestor(of: record, atDepth: 1)
    var around = nodes[unit].parent
    while around >= 0 {
      nodes[around].isAroundUnit = true
      around = nodes[around].parent
    }
    _ = scope(at: unit)
    addRows(at: walk, shape.columns, isRecord: true)
    for child in shape.children where child.path.parents == 0 {
      addRows(
        at: self.walk(from: record, child.path.steps), child.columns, isRecord: false)
    }
    if let total = shape.total { addTotal(total) }
    for index in scopes.indices { scopes[index].parent = scopeAround(scopes[index].node) }
  }

  // MARK: - Building

  private struct Walk {
    var node: Int
    var attribute: Name?
    var choices: [Choice] = []
    var owner: Int
    var firstEach: Int?
  }

  private mutating func walk(
    from start: Int, _ steps: [FieldPath.Step], isRoot: Bool = false
  ) -> Walk {
    var walk = Walk(node: start, owner: start)
    var isChosen = true
    for step in steps {
      isChosen = false
      switch step {
      case .child(let text): walk.node = child(of: walk.node, name(text))
      case .attribute(let text): walk.attribute = name(text)
      case .each:
        walk.owner = walk.node
        if walk.firstEach == nil { walk.firstEach = walk.node }
        isChosen = true
      case .item(let item):
        walk.owner = walk.node
        walk.choices.append(Choice(node: walk.node, item: item))
        isChosen = true
      }
    }
    // The path of the node itself: the root element, whatever its name.
    if isRoot, walk.node == 0 { walk.node = child(of: 0, Name(local: nil, namespace: nil)) }
    if isChosen { walk.owner = -1 }
    return walk
  }

  private func name(_ text: String) -> Name {
    guard let colon = text.firstIndex(of: ":") else { return Name(local: text, namespace: nil) }
    let prefix = String(text[..<colon])
    // A prefix that means nothing matches nothing.
    let namespace = namespaces[prefix] ?? (prefix == "xml" ? XMLName.xml : "\0")
    return Name(local: String(text[text.index(after: colon)...]), namespace: namespace)
  }

  private mutating func child(of parent: Int, _ name: Name) -> Int {
    var last = -1
    var next = nodes[parent].firstChild
    while next >= 0 {
      if nodes[next].name == name { return next }
      last = next
      next = nodes[next].nextSibling
    }
    nodes.append(Node(parent: parent, name: name, depth: nodes[parent].depth + 1))
    if last < 0 {
      nodes[parent].firstChild = nodes.count - 1
    } else {
      nodes[last].nextSibling = nodes.count - 1
    }
    return nodes.count - 1
  }

  private mutating func scope(at node: Int) -> Int {
    if nodes[node].scope < 0 {
      nodes[node].scope = scopes.count
      scopes.append(Scope(node: node))
    }
    return nodes[node].scope
  }

  private mutating func addRows(at walk: Walk, _ columns: [FieldPath], isRecord: Bool) {
    let kind = rowKinds.count
    // What is around the unit repeats as it likes.
    let isOwned = walk.owner >= 0 && nodes[walk.owner].depth >= nodes[unit].depth
    rowKinds.append(
      RowKind(
        scope: scope(at: walk.node), choices: walk.choices, owner: isOwned ? walk.owner : -1))
    nodes[walk.node].rowKinds.append(kind)
    for (index, path) in columns.enumerated() {
      rowKinds[kind].columns.append(
        addColumn(path, from: walk.node, column: isRecord ? index : -1))
    }
  }

  private mutating func addColumn(_ path: FieldPath, from row: Int, column: Int) -> Place? {
    let depth = nodes[row].depth - path.parents
    guard depth >= nodes[unit].depth else { return nil }
    let anchor = ancestor(of: row, atDepth: depth)
    let scope = scope(at: anchor)
    let place = Place(scope: scope, slot: scopes[scope].slotCount)
    scopes[scope].slotCount += 1
    let walk = walk(from: anchor, path.steps)
    addTarget(
      Target(
        scope: place.scope, slot: place.slot, column: column, choices: walk.choices,
        owner: walk.owner), at: walk)
    return place
  }

  private mutating func addTotal(_ path: FieldPath) {
    let walk = walk(from: 0, path.steps)
    guard walk.node > 0 else { return }
    addTarget(
      Target(
        scope: -1, slot: 0, column: -1, choices: walk.choices, owner: -1, isTotal: true), at: walk)
  }

  private mutating func addTarget(_ target: Target, at walk: Walk) {
    targets.append(target)
    let number = targets.count - 1
    guard let name = walk.attribute else {
      nodes[walk.node].texts.append(number)
      return
    }
    if let index = nodes[walk.node].attributes.firstIndex(where: { $0.name == name }) {
      nodes[walk.node].attributes[index].targets.append(number)
    } else {
      nodes[walk.node].attributes.append(Attribute(name: name, targets: [number]))
    }
  }

  // MARK: - Relations

  private func ancestor(of node: Int, atDepth depth: Int) -> Int {
    var node = node
    while nodes[node].depth > depth { node = nodes[node].parent }
    return node
  }

  private func scopeAround(_ node: Int) -> Int {
    var node = nodes[node].parent
    while node >= 0 {
      if nodes[node].scope >= 0 { return nodes[node].scope }
      node = nodes[node].parent
    }
    return -1
  }

  /// Children of `node` that an element of the name is.
  func children(of node: Int, named name: XMLName) -> [Int] {
    var found: [Int] = []
    var child = nodes[node].firstChild
    while child >= 0 {
      if nodes[child].name.matches(name) { found.append(child) }
      child = nodes[child].nextSibling
    }
    return found
  }

  /// Targets of an attribute of `node`.
  func attributeTargets(of node: Int, named name: XMLName) -> [Int] {
    nodes[node].attributes.flatMap { attribute -> [Int] in
      // `@type` does not mean `xsi:type`, unless it says so.
      let isMeant = !name.isTechnical || attribute.name.namespace != nil
      return isMeant && attribute.name.matches(name) ? attribute.targets : []
    }
  }

  /// Whether elements inside of `node` belong to its text.
  func coversChildren(_ node: Int) -> Bool {
    !nodes[node].texts.isEmpty && nodes[node].firstChild < 0
  }

  /// Path of a member of `node`, from the record or else from the unit; nil outside of units.
  func path(of member: String, in node: Int) -> String? {
    var names = [member]
    var node = node
    while node >= 0, node != record, node != unit {
      names.append(nodes[node].name.local ?? "*")
      node = nodes[node].parent
    }
    return node >= 0 ? names.reversed().joined(separator: "/") : nil
  }
}
