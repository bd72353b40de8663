/// A pattern over file names: `*`, `?`, `[…]`, `{a,b}`.
///
/// Works on characters as people count them; canonically equivalent spellings are equal. `/` is a
/// character like any other, since names are matched and not paths. `\` takes the meaning away from
/// the character after it.
package struct Glob: Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with a pattern.
  package struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Character of the pattern, from 0.
    package var offset: Int
    package var message: String

    package var description: String { "\(message) at character \(offset + 1)" }
  }

  enum Token: Sendable, Hashable {
    /// Any characters, also none.
    case anyMany
    case anyOne
    case literal(Character)
    case oneOf(CharacterClass)
  }

  /// `[a-z0-9_]`, `[!…]`.
  struct CharacterClass: Sendable, Hashable {
    var ranges: [ClosedRange<Character>]
    var isExcluding: Bool

    func contains(_ character: Character) -> Bool {
      ranges.contains { $0.contains(character) } != isExcluding
    }
  }

  /// Most sequences that braces may stand for.
  package static let maximumAlternatives = 64
  /// Most characters of a pattern.
  package static let maximumLength = 1024

  package let pattern: String
  /// One list of tokens for every way through the braces.
  let alternatives: [[Token]]

  package var description: String { pattern }

  /// - Throws: ``PatternError`` for an open bracket or brace, an empty class or a pattern that is
  ///   too long.
  package init(_ pattern: String) throws(PatternError) {
    self.pattern = pattern
    var parser = GlobParser(pattern)
    alternatives = try parser.parse()
  }

  /// Whether the whole of `name` fits the pattern.
  ///
  /// - Complexity: O(length of `name` × length of the pattern) for every alternative.
  package func matches(_ name: String) -> Bool {
    let characters = Array(name)
    return alternatives.contains { Self.matches($0, characters) }
  }

  /// Goes back only to the last `*`, so that no name takes exponential time.
  private static func matches(_ tokens: [Token], _ name: [Character]) -> Bool {
    var token = 0
    var position = 0
    var resume: (token: Int, position: Int)?
    while position < name.count {
      if token < tokens.count {
        if case .anyMany = tokens[token] {
          token += 1
          resume = (token, position)
          continue
        }
        if accepts(tokens[token], name[position]) {
          token += 1
          position += 1
          continue
        }
      }
      guard let last = resume else { return false }
      token = last.token
      position = last.position + 1
      resume = (last.token, position)
    }
    return tokens[token...].allSatisfy { $0 == .anyMany }
  }

  private static func accepts(_ token: Token, _ character: Character) -> Bool {
    switch token {
    case .anyMany, .anyOne: true
    case .literal(let own): own == character
    case .oneOf(let set): set.contains(character)
    }
  }
}

// MARK: Overlap

extension Glob {
  /// Whether some name fits both patterns.
  ///
  /// Two excluding classes are taken to overlap, although together they could exclude everything.
  package func overlaps(_ other: Glob) -> Bool {
    alternatives.contains { left in
      other.alternatives.contains { right in Self.overlap(left, right) }
    }
  }

  /// Fills, from the end, the table of which rests of the two patterns have a common name.
  private static func overlap(_ left: [Token], _ right: [Token]) -> Bool {
    var below = [Bool](repeating: false, count: right.count + 1)
    for i in stride(from: left.count, through: 0, by: -1) {
      var row = [Bool](repeating: false, count: right.count + 1)
      for j in stride(from: right.count, through: 0, by: -1) {
        let a = i < left.count ? left[i] : nil
        let b = j < right.count ? right[j] : nil
        switch (a, b) {
        case (nil, nil): row[j] = true
        case (.anyMany, .some): row[j] = below[j] || row[j + 1]
        case (.some, .anyMany): row[j] = row[j + 1] || below[j]
        case (.anyMany, nil): row[j] = below[j]
        case (nil, .anyMany): row[j] = row[j + 1]
        case (.some(let a), .some(let b)): row[j] = below[j + 1] && meet(a, b)
        case (nil, .some), (.some, nil): row[j] = false
        }
      }
      below = row
    }
    return below[0]
  }

  /// Whether one character fits both.
  private static func meet(_ left: Token, _ right: Token) -> Bool {
    switch (left, right) {
    case (.literal(let a), _): return accepts(right, a)
    case (_, .literal(let b)): return accepts(left, b)
    case (.oneOf(let a), .oneOf(let b)):
      if a.isExcluding, b.isExcluding { return true }
      if !a.isExcluding, !b.isExcluding {
        return a.ranges.contains { range in b.ranges.contains { $0.overlaps(range) } }
      }
      let (chosen, excluded) = a.isExcluding ? (b, a) : (a, b)
      return chosen.ranges.contains { range in
        !excluded.ranges.contains { $0.contains(range.lowerBound) && $0.contains(range.upperBound) }
      }
    default: return true
    }
  }
}

/// Reads a pattern and multiplies the braces out.
private struct GlobParser {
  private let characters: [Character]
  private var position = 0
  private var depth = 0

  init(_ pattern: String) { characters = Array(pattern) }

  mutating func parse() throws(Glob.PatternError) -> [[Glob.Token]] {
    guard characters.count <= Glob.maximumLength else {
      throw error("the pattern has more than \(Glob.maximumLength) characters")
    }
    return try sequence()
  }

  private func error(_ message: String) -> Glob.PatternError {
    Glob.PatternError(offset: position, message: message)
  }

  /// Up to the end, or to `,` or `}` inside braces.
  private mutating func sequence() throws(Glob.PatternError) -> [[Glob.Token]] {
    var results: [[Glob.Token]] = [[]]
    while position < characters.count {
      let character = characters[position]
      if depth > 0, character == "," || character == "}" { break }
      let parts = try part(character)
      guard results.count * parts.count <= Glob.maximumAlternatives else {
        throw error("the braces stand for more than \(Glob.maximumAlternatives) patterns")
      }
      results = results.flatMap { result in parts.map { result + $0 } }
    }
    return results
  }

  private mutating func part(_ character: Character) throws(Glob.PatternError) -> [[Glob.Token]] {
    switch character {
    case "*":
      position += 1
      return [[.anyMany]]
    case "?":
      position += 1
      return [[.anyOne]]
    case "[": return [[.oneOf(try characterClass())]]
    case "{": return try braces()
    case "\\": return [[.literal(try escaped())]]
    default:
      position += 1
      return [[.literal(character)]]
    }
  }

  private mutating func escaped() throws(Glob.PatternError) -> Character {
    guard position + 1 < characters.count else { throw error("nothing follows the \\") }
    position += 2
    return characters[position - 1]
  }

  private mutating func braces() throws(Glob.PatternError) -> [[Glob.Token]] {
    let start = position
    var results: [[Glob.Token]] = []
    depth += 1
    guard depth <= 8 else { throw error("braces are nested more than 8 deep") }
    repeat {
      position += 1
      results += try sequence()
    } while position < characters.count && characters[position] == ","
    guard position < characters.count else {
      position = start
      throw error("the { has no }")
    }
    depth -= 1
    position += 1
    return results
  }

  private mutating func characterClass() throws(Glob.PatternError) -> Glob.CharacterClass {
    let start = position
    position += 1
    var result = Glob.CharacterClass(ranges: [], isExcluding: false)
    if position < characters.count, characters[position] == "!" || characters[position] == "^" {
      result.isExcluding = true
      position += 1
    }
    while position < characters.count {
      if characters[position] == "]", !result.ranges.isEmpty {
        position += 1
        return result
      }
      result.ranges.append(try range())
    }
    position = start
    throw error("the [ has no ]")
  }

  private mutating func range() throws(Glob.PatternError) -> ClosedRange<Character> {
    let first = try member()
    guard position + 1 < characters.count, characters[position] == "-",
      characters[position + 1] != "]"
    else { return first...first }
    position += 1
    let last = try member()
    guard first <= last else { throw error("the range \(first)-\(last) is upside down") }
    return first...last
  }

  private mutating func member() throws(Glob.PatternError) -> Character {
    if characters[position] == "\\" { return try escaped() }
    position += 1
    return characters[position - 1]
  }
}
