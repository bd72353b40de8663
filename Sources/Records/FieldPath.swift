/// Where a value stands in a nested document: `parties[]/name`, `penalty/@code`, `../outletNo`.
///
/// Steps are separated by `/` and go down from a node, the record unless said otherwise:
///
/// | step | JSON | XML |
/// |---|---|---|
/// | `name` | member of the object | element, in any namespace unless it has a prefix |
/// | `name[]` | every item of the array | every element of the name |
/// | `name[2]` | the second item | the second element of the name |
/// | `[]`, `[2]` | items of an array that has no name: the document, an array in an array | – |
/// | `@name` | – | attribute |
/// | `..` | the enclosing object; arrays do not count | the enclosing element |
/// | `.` | the node itself | its text |
///
/// `..` and `.` stand at the beginning only.
package struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  package enum Step: Sendable, Hashable {
    /// A member or an element, by name.
    case child(String)
    case attribute(String)
    /// Every item of the array, every element of the name before.
    case each
    /// One item of the array, one of the elements of the name before; from 0.
    case item(Int)
  }

  /// How often the path goes up before it goes down.
  package let parents: Int
  package let steps: [Step]
  /// The path as written.
  package let description: String

  /// - Returns: nil if `text` is not a path. The empty text is the path of the node itself.
  package init?(_ text: String) {
    var parents = 0
    var steps: [Step] = []
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() where !text.isEmpty {
      if part == ".." {
        guard steps.isEmpty, parents == index else { return nil }
        parents += 1
      } else if part == "." {
        guard parts.count == 1 else { return nil }
      } else {
        guard let more = Self.steps(of: part) else { return nil }
        steps += more
      }
    }
    guard !steps.dropLast().contains(where: \.isAttribute) else { return nil }
    self.parents = parents
    self.steps = steps
    description = text
  }

  /// The path of the node itself.
  package static var itself: FieldPath {
    guard let path = FieldPath("") else { preconditionFailure("the empty path is a path") }
    return path
  }

  /// The values of several nodes may come together at this path.
  package var isRepeated: Bool { steps.contains(.each) }

  private static func steps(of part: Substring) -> [Step]? {
    var steps: [Step] = []
    let name = part.prefix { $0 != "[" }
    if name.first == "@" {
      guard name.count > 1, name.count == part.count else { return nil }
      return [.attribute(String(name.dropFirst()))]
    }
    if !name.isEmpty { steps.append(.child(String(name))) }
    var rest = part.dropFirst(name.count)
    while !rest.isEmpty {
      guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return nil }
      let index = rest[rest.index(after: rest.startIndex)..<end]
      if index.isEmpty {
        steps.append(.each)
      } else {
        guard let number = Int(index), number > 0 else { return nil }
        steps.append(.item(number - 1))
      }
      rest = rest[rest.index(after: end)...]
    }
    return steps.isEmpty ? nil : steps
  }
}

extension FieldPath.Step {
  package var isAttribute: Bool {
    if case .attribute = self { return true }
    return false
  }
}

extension FieldPath {
  /// The path to the unit that holds what this path leads to (``RecordShape``).
  package var unit: FieldPath {
    guard let each = steps.firstIndex(of: .each) else { return .itself }
    return FieldPath(parents: parents, steps: Array(steps[...each]))
  }

  private init(parents: Int, steps: [Step]) {
    self.parents = parents
    self.steps = steps
    description = ""
  }

  /// The path from the root of the document, for a path that leads on from the records at `records`:
  /// `data/visits[]/id` for `../id` below `data/visits[]/members[]`.
  ///
  /// - Returns: nil if it leads out of the document.
  package func absolute(below records: FieldPath) -> [Step]? {
    var base = records.steps
    for _ in 0..<parents {
      // Up to the object or element that holds the node: its name and what is behind it goes.
      while let last = base.popLast() {
        if case .child = last { break }
        if base.isEmpty { return nil }
      }
    }
    return base + steps
  }
}
