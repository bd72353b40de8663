import Records

/// All paths of a shape as one tree, rooted at the unit, that a parser follows in step with the text.
///
/// Paths that may meet the same value share a node: an item of an array has the paths of `[]` and
/// those of its own `[2]` together, so that there is exactly one node for each value.
struct UnitPlan {
  /// What happens at a node when a value is met there.
  enum Goal {
    /// The value goes into a column of the open row, or into a slot if `slot` is given.
    case column(space: Int, column: Int, isJoined: Bool, slot: Int?)
    /// The value is a row.
    case row(space: Int)
    /// The value holds rows as its items.
    case container(space: Int)
    /// The items of the value are, or contain, one record each.
    case recordArray
    /// An enclosing object of rows: its slot goes into all of them once it ends.
    case scope(slot: Int)
    /// The number of units, as the sender counts them.
    case total
    /// Known and without meaning.
    case ignored
  }

  struct Node {
    var goals: [Goal] = []
    /// In the order in which the shape names them.
    var members: [(name: [UInt8], node: Int)] = []
    /// Items that have no node in `items`.
    var each: Int?
    var items: [(index: Int, node: Int)] = []
    /// How an unknown member of the node is written: this, a slash, its name.
    var censusPrefix = ""
  }

  /// A column that stands above its rows: it is collected in a slot and handed down.
  struct Slot {
    var space: Int
    var column: Int
  }

  /// The first is the unit.
  private(set) var nodes: [Node] = []
  private(set) var slots: [Slot] = []
  /// By space: 0 is the records, then the children in order.
  let columnCounts: [Int]
  /// From the unit to its records.
  let recordSteps: [FieldPath.Step]

  private struct Pattern {
    var steps: ArraySlice<FieldPath.Step>
    var goal: Goal
  }

  /// - Parameter unitIsDocument: Units are whole documents, whatever the path of the records says.
  init(_ shape: RecordShape, unitIsDocument: Bool) {
    let all = shape.records.steps
    let unitEnd = unitIsDocument ? nil : all.firstIndex(of: .each)
    recordSteps = unitEnd.map { Array(all[($0 + 1)...]) } ?? all
    columnCounts = [shape.columns.count] + shape.children.map(\.columns.count)
    var patterns: [Pattern] = []
    addRows(recordSteps, space: 0, from: 0, &patterns)
    if let last = recordSteps.lastIndex(of: .each) {
      patterns.append(Pattern(steps: recordSteps[..<last], goal: .recordArray))
    }
    addColumns(shape.columns, space: 0, rows: recordSteps, floor: 0, &patterns)
    for (index, child) in shape.children.enumerated() where child.path.parents == 0 {
      let rows = recordSteps + child.path.steps
      addRows(rows, space: index + 1, from: recordSteps.count, &patterns)
      addColumns(
        child.columns, space: index + 1, rows: rows, floor: recordSteps.count, &patterns)
    }
    if unitEnd == nil, let total = shape.total, total.parents == 0 {
      patterns.append(Pattern(steps: total.steps[...], goal: .total))
    }
    for name in shape.ignored.sorted() {
      patterns.append(Pattern(steps: [.child(name)], goal: .ignored))
    }
    _ = add(patterns, at: [])
  }

  private mutating func addRows(
    _ steps: [FieldPath.Step], space: Int, from: Int, _ patterns: inout [Pattern]
  ) {
    patterns.append(Pattern(steps: steps[...], goal: .row(space: space)))
    for index in steps.indices where index >= from && steps[index] == .each {
      patterns.append(Pattern(steps: steps[..<index], goal: .container(space: space)))
    }
  }

  /// Adds columns of rows at `rows`, which may go up as far as the node at `floor`.
  private mutating func addColumns(
    _ paths: [FieldPath], space: Int, rows: [FieldPath.Step], floor: Int,
    _ patterns: inout [Pattern]
  ) {
    for (column, path) in paths.enumerated() {
      var base = rows
      var ups = path.parents
      while ups > 0, base.count > floor {
        if case .child? = base.popLast() { ups -= 1 }
      }
      guard ups == 0, !path.steps.contains(where: \.isAttribute) else { continue }
      var slot: Int?
      if path.parents > 0 {
        patterns.append(Pattern(steps: base[...], goal: .scope(slot: slots.count)))
        slot = slots.count
        slots.append(Slot(space: space, column: column))
      }
      let goal = Goal.column(
        space: space, column: column, isJoined: path.steps.contains(.each), slot: slot)
      patterns.append(Pattern(steps: (base + path.steps)[...], goal: goal))
    }
  }

  /// Adds the node where `patterns` stand, and those below.
  private mutating func add(_ patterns: [Pattern], at place: [FieldPath.Step]) -> Int {
    let index = nodes.count
    nodes.append(Node())
    var node = Node()
    node.censusPrefix = censusPath(place)
    node.goals = patterns.filter(\.steps.isEmpty).map(\.goal)
    var isSeen: Set<FieldPath.Step> = []
    for pattern in patterns {
      guard let step = pattern.steps.first, isSeen.insert(step).inserted else { continue }
      let below = patterns.compactMap { other -> Pattern? in
        guard let first = other.steps.first, Self.meets(first, step) else { return nil }
        return Pattern(steps: other.steps.dropFirst(), goal: other.goal)
      }
      let child = add(below, at: place + [step])
      switch step {
      case .child(let name): node.members.append((Array(name.utf8), child))
      case .each: node.each = child
      case .item(let item): node.items.append((item, child))
      case .attribute: break
      }
    }
    nodes[index] = node
    return index
  }

  /// Whether a path that goes on with `step` meets the value at `place`.
  private static func meets(_ step: FieldPath.Step, _ place: FieldPath.Step) -> Bool {
    if case .item = place { return step == place || step == .each }
    return step == place
  }

  /// How a place in the unit is written, from the record: what is not below it begins with `..`.
  private func censusPath(_ place: [FieldPath.Step]) -> String {
    var common = 0
    while common < min(place.count, recordSteps.count),
      Self.meets(recordSteps[common], place[common])
    {
      common += 1
    }
    if common == recordSteps.count { return Self.text(place[common...]) }
    // Back to an object from which both go down.
    while common > 0, !Self.isChild(recordSteps[common]) { common -= 1 }
    let ups = recordSteps[common...].count(where: Self.isChild)
    let down = Self.text(place[common...])
    return (Array(repeating: "..", count: ups) + (down.isEmpty ? [] : [down]))
      .joined(separator: "/")
  }

  private static func isChild(_ step: FieldPath.Step) -> Bool {
    if case .child = step { return true }
    return false
  }

  private static func text(_ steps: ArraySlice<FieldPath.Step>) -> String {
    var text = ""
    for step in steps {
      switch step {
      case .child(let name): text += (text.isEmpty ? "" : "/") + name
      case .attribute(let name): text += (text.isEmpty ? "@" : "/@") + name
      case .each: text += "[]"
      case .item(let index): text += "[\(index + 1)]"
      }
    }
    return text
  }
}
