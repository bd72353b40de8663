import Catalog
import Records

/// A member of an object or an element in an element, with the columns whose values it holds.
///
/// The tree of a unit is made once from an adapter's paths; a class that never changes, so that going
/// through it copies nothing.
final class Branch: Sendable {
  /// Name as the path has it, with the prefix of its namespace; empty for the unit itself.
  let name: String
  let isAttribute: Bool
  /// Stands for every item of an array, for every element of the name.
  let isRepeated: Bool
  let leaf: Leaf?
  let members: [Branch]
  /// Level of the records that lie here; the unit is level 0.
  let nested: Int?
  /// Table whose rows lie here.
  let child: String?
  let attributes: [Branch]
  let elements: [Branch]

  /// What a branch has of a record.
  struct Leaf: Sendable {
    /// Level of the records to which the column belongs.
    var level: Int
    /// Place of the column among those of its owner.
    var column: Int
    /// Table of the rows to which the column belongs; nil for the record itself.
    var child: String?
    var selection: Selection
  }

  enum Selection: Sendable, Equatable {
    /// The whole value, in one place.
    case whole
    /// One of several values in each item.
    case each
    /// Only in this item.
    case item(Int)
  }

  fileprivate init(_ growth: Growth, _ name: String, isAttribute: Bool = false) {
    self.name = name
    self.isAttribute = isAttribute
    isRepeated = growth.isRepeated
    // What holds others has no text of its own.
    leaf = growth.order.contains { $0.first != "@" } ? nil : growth.leaf
    nested = growth.nested
    child = growth.child
    members = growth.order.map { key in
      let isAttribute = key.first == "@"
      return Branch(
        growth.members[key] ?? Growth(), isAttribute ? String(key.dropFirst()) : key,
        isAttribute: isAttribute)
    }
    attributes = members.filter(\.isAttribute)
    elements = members.filter { !$0.isAttribute }
  }
}

/// A branch while its tree is made.
private final class Growth {
  var isRepeated = false
  var leaf: Branch.Leaf?
  var nested: Int?
  var child: String?
  var members: [String: Growth] = [:]
  var order: [String] = []

  func member(_ name: String) -> Growth {
    if let known = members[name] { return known }
    let made = Growth()
    members[name] = made
    order.append(name)
    return made
  }

  /// The branch to which steps lead, and which of its items is meant.
  func follow(_ steps: some Sequence<FieldPath.Step>) -> (Growth, Branch.Selection) {
    var place = self
    var selection = Branch.Selection.whole
    for step in steps {
      switch step {
      case .child(let name): place = place.member(name)
      case .attribute(let name): place = place.member("@" + name)
      case .each:
        place.isRepeated = true
        selection = .each
      case .item(let number):
        place.isRepeated = true
        if selection == .whole { selection = .item(number) }
      }
    }
    return (place, selection)
  }
}

/// The form of the documents that hold one category's records, or those of two, one inside the other.
struct TreeForm: Sendable {
  /// From the root to the units: names of elements or members, attributes excluded.
  let path: [FieldPath.Step]
  /// The unit.
  let unit: Branch
  /// Columns by level: those of the unit, of the records in it, of the records in those.
  let levels: [[ColumnSpelling]]
  let children: [String: [ColumnSpelling]]
  /// Whether the units are no records themselves; then level 0 has no columns.
  let isGathered: Bool
  /// Columns of level 1 that stand in the unit: records that share them share the unit.
  let shared: [Int]

  /// - Parameters:
  ///   - mapping: Whose records are, or lie in, the units.
  ///   - required: Identifiers of the elements that all its records have.
  ///   - follower: A category whose records lie in those of `mapping`.
  init(
    _ mapping: CategoryMapping, required: Set<String>, follower: CategoryMapping?,
    _ adapter: SourceAdapter,
    _ habits: Habits, usesOldNames: Bool, _ catalog: Catalog
  ) {
    let records = (mapping.records ?? adapter.document.records)?.steps ?? []
    let isLine = adapter.format == .ndjson && adapter.document.records == nil
    let head = isLine ? 0 : (records.firstIndex(of: .each).map { $0 + 1 } ?? 0)
    path = Array(records[..<head])
    let inner = Array(records[head...])
    isGathered = !inner.isEmpty
    var growth = TreeGrowth(usesOldNames: usesOldNames)
    func spellings(_ columns: [ColumnMapping], _ required: Set<String>? = nil) -> [ColumnSpelling] {
      columns.map { column in
        let isRequired = column.element.map { required?.contains($0) ?? true } ?? false
        return ColumnSpelling(
          column, header: TreeGrowth.header(column, usesOldNames), isRequired: isRequired, habits,
          catalog)
      }
    }
    var levels = [isGathered ? [] : spellings(mapping.columns, required)]
    if isGathered { levels.append(spellings(mapping.columns, required)) }
    shared = growth.grow(mapping.columns, at: inner, level: levels.count - 1)
    var children: [String: [ColumnSpelling]] = [:]
    for child in mapping.children {
      guard let path = child.path else { continue }
      growth.grow(child, at: inner + path.steps)
      children[child.name] = spellings(child.columns)
    }
    if let follower {
      let steps = (follower.records ?? adapter.document.records)?.steps ?? []
      growth.grow(follower.columns, at: Array(steps.dropFirst(head)), level: levels.count)
      levels.append(spellings(follower.columns))
    }
    self.levels = levels
    self.children = children
    unit = growth.tree
  }
}

/// Grows the tree of a unit.
private struct TreeGrowth {
  private let root = Growth()
  private let usesOldNames: Bool

  init(usesOldNames: Bool) { self.usesOldNames = usesOldNames }

  var tree: Branch { Branch(root, "") }

  /// Grows the columns of records that lie at `place` in the unit.
  ///
  /// - Returns: Columns that stand above the record.
  @discardableResult
  mutating func grow(_ columns: [ColumnMapping], at place: [FieldPath.Step], level: Int) -> [Int] {
    var above: [Int] = []
    if level > 0 { root.follow(place).0.nested = level }
    for (index, column) in columns.enumerated() {
      guard let path = FieldPath(Self.header(column, usesOldNames)) else { continue }
      let base = Self.up(place, path.parents)
      let (leaf, selection) = root.follow(base).0.follow(path.steps)
      if base.count < place.count {
        above.append(index)
        // What both know of is the outer record's.
        guard leaf.leaf == nil else { continue }
      }
      leaf.leaf = Branch.Leaf(level: level, column: index, child: nil, selection: selection)
    }
    return above
  }

  /// Grows the rows of a child table.
  mutating func grow(_ child: ChildMapping, at place: [FieldPath.Step]) {
    let rows = root.follow(place).0
    rows.child = child.name
    for (index, column) in child.columns.enumerated() {
      guard let path = FieldPath(Self.header(column, usesOldNames)) else { continue }
      rows.follow(path.steps).0.leaf = Branch.Leaf(
        level: 0, column: index, child: child.name, selection: .whole)
    }
  }

  static func header(_ column: ColumnMapping, _ usesOldNames: Bool) -> String {
    usesOldNames ? column.also.first ?? column.column : column.column
  }

  /// The place some objects or elements above another; the marks of arrays go with their names.
  private static func up(_ place: [FieldPath.Step], _ parents: Int) -> [FieldPath.Step] {
    var rest = place
    for _ in 0..<parents {
      while let last = rest.popLast() {
        if case .child = last { break }
      }
    }
    return rest
  }
}
