package import Catalog

/// A text that may stand in the access log: the only kind of text that an ``AccessEvent`` takes.
///
/// The log is read by auditors of all departments and kept for years, so values of restricted
/// elements never get in (style.md §5). What people typed is cleaned of everything that has the form of
/// an identity, phone or bank number; a condition over restricted elements loses its values.
package struct LoggedText: Sendable, Hashable {
  package let text: String

  /// Longest free text, in characters; the rest is cut.
  package static let maximumLength = 500
  /// Digits from which on a number may be a phone number (11), an identity number (15, 18) or an
  /// account; dates with time have 14 and are masked too, which costs nothing.
  private static let shortestNumber = 11

  package static let empty = LoggedText(unchecked: "")

  private init(unchecked text: String) { self.text = text }

  /// Cleans a text that a person typed.
  ///
  /// Digits may be full-width and stand apart by single blanks, hyphens or points, as people write
  /// phone and account numbers.
  package init(cleaning free: String) {
    var result = ""
    var run = ""
    var pending = ""
    func flush() {
      let digits = run.count { Self.isDigit($0) }
      if digits >= Self.shortestNumber {
        result += "<masked, \(run.count) characters>"
      } else {
        result += run
      }
      result += pending
      run = ""
      pending = ""
    }
    for character in free {
      if Self.isDigit(character) {
        run += pending
        pending = ""
        run.append(character)
      } else if !run.isEmpty, pending.isEmpty, " -.·–\u{3000}".contains(character) {
        pending.append(character)
      } else if !run.isEmpty, pending.isEmpty, "xX\u{FF58}\u{FF38}".contains(character) {
        run.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    text = result.count > Self.maximumLength ? result.prefix(Self.maximumLength) + "…" : result
  }

  /// A row condition. Where it names an element that is not public, every value in it is left out.
  ///
  /// - Parameter condition: nil for all rows.
  package init(condition: String?, catalog: Catalog) {
    guard let condition, !condition.isEmpty else {
      self = .empty
      return
    }
    guard let expression = try? Expression.parse(condition) else {
      self.init(unchecked: "<unreadable condition, \(condition.count) characters>")
      return
    }
    let isPublic = expression.root.elementNames.allSatisfy {
      (catalog.element($0)?.tier ?? .restricted) == .public
    }
    let shown = isPublic ? expression.root : expression.root.withoutValues
    self.init(cleaning: shown.canonicalText)
  }
}

extension LoggedText {
  private static func isDigit(_ character: Character) -> Bool {
    character.isASCIIDigit || ("\u{FF10}"..."\u{FF19}").contains(character)
  }
}

extension Expression.Node {
  /// Names of all elements, of the own and of other records.
  var elementNames: Set<String> {
    var names = children.reduce(into: Set<String>()) { $0.formUnion($1.elementNames) }
    if case .element(let name, _, _) = self { names.insert(name) }
    if case .every(let name, _, _, _) = self { names.insert(name) }
    return names
  }

  /// The same tree with `'…'` in place of texts and `0` in place of numbers and dates.
  var withoutValues: Self {
    func plain(_ node: Self) -> Self { node.withoutValues }
    switch self {
    case .number(_, let at): return .number("0", offset: at)
    case .text(_, let at), .date(_, let at): return .text("…", offset: at)
    case .boolean, .element, .parameter, .today, .night, .now, .value: return self
    case .duration(let node, let unit, let at): return .duration(plain(node), unit, offset: at)
    case .negated(let node, let at): return .negated(plain(node), offset: at)
    case .arithmetic(let left, let sign, let right, let at):
      return .arithmetic(plain(left), sign, plain(right), offset: at)
    case .comparison(let nodes, let signs, let at):
      return .comparison(operands: nodes.map(plain), operators: signs, offset: at)
    // Lists keep one value, so that their length says nothing either.
    case .membership(let node, let list, let at):
      return .membership(plain(node), list.prefix(1).map(plain), offset: at)
    case .subset(let node, let list, let at):
      return .subset(plain(node), list.prefix(1).map(plain), offset: at)
    case .has(let left, let right, let at): return .has(plain(left), plain(right), offset: at)
    case .subsetOfElement(let left, let right, let at):
      return .subsetOfElement(plain(left), plain(right), offset: at)
    case .present(let node, let at): return .present(plain(node), offset: at)
    case .absent(let node, let at): return .absent(plain(node), offset: at)
    case .not(let node, let at): return .not(plain(node), offset: at)
    case .and(let nodes, let at): return .and(nodes.map(plain), offset: at)
    case .or(let nodes, let at): return .or(nodes.map(plain), offset: at)
    case .implies(let left, let right, let at):
      return .implies(plain(left), plain(right), offset: at)
    case .equivalent(let left, let right, let at):
      return .equivalent(plain(left), plain(right), offset: at)
    case .call(let function, let nodes, let at):
      return .call(function, nodes.map(plain), offset: at)
    case .countDistinct(let node, let at): return .countDistinct(plain(node), offset: at)
    case .exists(let category, let node, let at):
      return .exists(category: category, plain(node), offset: at)
    case .count(let category, let node, let at):
      return .count(category: category, plain(node), offset: at)
    case .every(let name, let category, let node, let at):
      return .every(name, category: category, plain(node), offset: at)
    }
  }
}
