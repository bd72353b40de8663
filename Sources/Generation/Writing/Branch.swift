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
  /// Records of another category that lie here.
  let nested: Int?
  /// Table whose rows lie here.
  let child: String?
  let attributes: [Branch]
  let elements: [Branch]

  /// What a branch has of a record.
  struct Leaf: Sendable {
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
    leaf = growth.leaf
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

/// The form of the documents that hold one category's records, or those of several.
struct TreeForm: Sendable {
  /// From the root to the units: names of elements or members, attributes excluded.
  let path: [FieldPath.Step]
  /// The unit.
  let unit: Branch
  /// Of the category whose units these are.
  let columns: [ColumnSpelling]
  let children: [String: [ColumnSpelling]]
  /// Columns of records that lie in the units of another category, or in units that nobody is.
  let nested: [ColumnSpelling]
  /// Whether the units are no records themselves, so that ``nested`` is what the file is about.
  let isGathered: Bool
  /// Columns of ``nested`` that stand in the unit: records that share them share the unit.
  let shared: [Int]

  /// - Parameters:
  ///   - mapping: Whose records are, or lie in, the units.
  ///   - follower: A category whose records lie in those of `mapping`.
  init(
    _ mapping: CategoryMapping, follower: CategoryMapping?, _ adapter: SourceAdapter,
    _ habits: Habits, usesOldNames: Bool, _ catalog: Catalog
  ) {
    let records = (mapping.records ?? adapter.document.records)?.steps ?? []
    let isLine = adapter.format == .ndjson && adapter.document.records == nil
    let head = isLine ? 0 : (records.firstIndex(of: .each).map { $0 + 1 } ?? 0)
    path = Array(records[..<head])
    let inner = Array(records[head...])
    isGathered = !inner.isEmpty
    let root = Growth()
    var shared: [Int] = []
    func spelling(_ column: ColumnMapping) -> ColumnSpelling {
      ColumnSpelling(column, header: Self.header(column, usesOldNames), habits, catalog)
    }
    /// Grows the columns of a record that lies at `place` in the unit.
    func grow(_ columns: [ColumnMapping], at place: [FieldPath.Step]) {
      for (index, column) in columns.enumerated() {
        guard let path = FieldPath(Self.header(column, usesOldNames)) else { continue }
        let base = Self.up(place, path.parents)
        let (branch, _) = root.follow(base)
        let (leaf, selection) = branch.follow(path.steps)
        leaf.leaf = Branch.Leaf(column: index, child: nil, selection: selection)
        if base.count < place.count { shared.append(index) }
      }
    }
    var children: [String: [ColumnSpelling]] = [:]
    if isGathered {
      grow(mapping.columns, at: inner)
      root.follow(inner).0.nested = 0
      columns = []
      nested = mapping.columns.map(spelling)
    } else {
      grow(mapping.columns, at: [])
      columns = mapping.columns.map(spelling)
      for child in mapping.children {
        guard let path = child.path else { continue }
        let (place, _) = root.follow(path.steps)
        place.child = child.name
        for (index, column) in child.columns.enumerated() {
          guard let inside = FieldPath(Self.header(column, usesOldNames)) else { continue }
          let (leaf, _) = place.follow(inside.steps)
          leaf.leaf = Branch.Leaf(column: index, child: child.name, selection: .whole)
        }
        children[child.name] = child.columns.map(spelling)
      }
      var own: [ColumnSpelling] = []
      if let follower {
        let steps = (follower.records ?? adapter.document.records)?.steps ?? []
        let place = Array(steps.dropFirst(head))
        let (branch, _) = root.follow(place)
        branch.nested = 0
        for (index, column) in follower.columns.enumerated() {
          // What stands above them is the record's own.
          guard let path = FieldPath(column.column), path.parents == 0 else { continue }
          let (leaf, selection) = branch.follow(path.steps)
          leaf.leaf = Branch.Leaf(column: index, child: nil, selection: selection)
        }
        own = follower.columns.map(spelling)
      }
      nested = own
    }
    self.children = children
    self.shared = shared
    unit = Branch(root, "")
  }

  private static func header(_ column: ColumnMapping, _ usesOldNames: Bool) -> String {
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
