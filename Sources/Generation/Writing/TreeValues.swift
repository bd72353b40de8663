/// A record in a document, with the records that lie in it.
struct TreeRecord: Sendable {
  var draft: Draft
  /// Decide how its values are spelled.
  var dice: Dice
  var inner: [TreeRecord] = []
}

/// Where in a unit a branch is being written.
struct TreePlace {
  /// The record whose columns the branch has, and those that lie in it.
  var record: TreeRecord
  var level = 0
  /// Of the innermost repetition.
  var item = 0
  /// Row of a child table.
  var row: (child: String, number: Int)?

  /// - Parameter record: The unit; its draft is not looked at where units are no records.
  init(_ record: TreeRecord, level: Int = 0) {
    self.record = record
    self.level = level
  }
}

extension TreePlace {
  /// The record to which a column belongs; what stands above records is that of the first of them.
  func draft(of leaf: Branch.Leaf) -> Draft? {
    leaf.level > level ? record.inner.first?.draft : record.draft
  }
}

extension TreeForm {
  func spelling(_ leaf: Branch.Leaf, _ place: TreePlace) -> ColumnSpelling {
    if let child = leaf.child, let columns = children[child] { return columns[leaf.column] }
    return levels[leaf.level][leaf.column]
  }

  /// What stands at a leaf.
  func value(_ leaf: Branch.Leaf, _ spelling: ColumnSpelling, _ place: TreePlace) -> Value {
    guard let field = spelling.field else { return .none }
    if let child = leaf.child {
      return place.record.draft.value(field, ofRow: place.row?.number ?? 0, in: child)
    }
    guard let value = place.draft(of: leaf)?[field] else { return .none }
    switch leaf.selection {
    case .whole: return value
    case .item(let number): return number == place.item ? value : .none
    case .each: return value.item(place.item)
    }
  }

  /// How many items a repeated branch has.
  func count(_ branch: Branch, _ place: TreePlace) -> Int {
    if let child = branch.child { return place.record.draft.rowCount(child) }
    return items(branch, place)
  }

  /// Whether a member or element may be left out where it holds nothing: a column that must not be
  /// missing from a file may not.
  func mayBeOmitted(_ branch: Branch, _ place: TreePlace) -> Bool {
    guard !branch.isRepeated, branch.members.isEmpty, let leaf = branch.leaf else { return false }
    let spelling = spelling(leaf, place)
    guard spelling.isOptional else { return false }
    return value(leaf, spelling, place).isEmpty
  }

  private func items(_ branch: Branch, _ place: TreePlace) -> Int {
    var count = 0
    if let leaf = branch.leaf {
      let spelling = spelling(leaf, place)
      switch leaf.selection {
      case .whole: break
      case .each: count = spelling.field.flatMap { place.draft(of: leaf)?[$0].itemCount } ?? 0
      case .item(let number):
        let isEmpty = spelling.field.flatMap { place.draft(of: leaf)?[$0].isEmpty } ?? true
        count = isEmpty ? 0 : number + 1
      }
    }
    for member in branch.members where member.child == nil && member.nested == nil {
      count = max(count, items(member, place))
    }
    return count
  }
}

extension Value {
  /// How many values it is made of.
  var itemCount: Int {
    switch self {
    case .none: 0
    case .texts(let texts): texts.count
    case .codes(let codes): codes.count
    default: 1
    }
  }

  /// One of the values of which it is made.
  func item(_ number: Int) -> Value {
    switch self {
    case .texts(let texts): number < texts.count ? .text(texts[number]) : .none
    case .codes(let codes): number < codes.count ? .code(codes[number]) : .none
    default: number == 0 ? self : .none
    }
  }
}
