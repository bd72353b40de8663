package import Catalog

/// A name of a subject, in the forms in which it is compared.
package struct SubjectName: Sendable, Hashable {
  /// Two spellings of one name are the same here.
  package var normalized: String
  /// Without legal form and places; of a branch, that of the whole.
  package var core: String
  package var isBranch: Bool
  /// Halves of the core, with its length; nil where it is too short to be told by one of them.
  package var head: String?
  package var tail: String?

  package init(
    normalized: String, core: String, isBranch: Bool, head: String? = nil, tail: String? = nil
  ) {
    self.normalized = normalized
    self.core = core
    self.isBranch = isBranch
    self.head = head
    self.tail = tail
  }

  /// Whether the cores differ in exactly one character.
  package func isNear(_ other: SubjectName) -> Bool {
    // The same halves exist only in cores of the same length that are long enough.
    guard head != nil, other.head != nil else { return false }
    return Self.isNear(core, other.core)
  }

  /// Whether two texts of the same length differ in exactly one character.
  package static func isNear(_ one: String, _ other: String) -> Bool {
    guard isPlain(one), isPlain(other) else { return isNear(Array(one), Array(other)) }
    return isNear(Array(one.unicodeScalars), Array(other.unicodeScalars))
  }

  private static func isNear<Unit: Equatable>(_ left: [Unit], _ right: [Unit]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).count { $0 != $1 } == 1
  }

  private static func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { PlainLetters.holds($0) }
  }
}

/// Gives names the forms in which they are compared, as `matching.yaml` says.
package struct SubjectNamer: Sendable {
  private let names: SubjectMatching.Names
  /// Of the words, those of one character, which most are.
  private let letters: Set<Character>
  private let longWords: [String]
  private var plain: PlainNamer?

  package init(_ names: SubjectMatching.Names) {
    self.names = names
    letters = Set(names.words.filter { $0.count == 1 }.compactMap(\.first))
    longWords = names.words.filter { $0.count > 1 }
    plain = PlainNamer(names) { [self] in normalized($0) }
  }

  /// - Returns: nil for a name of which nothing is left.
  package func name(_ text: String) -> SubjectName? {
    plain?.name(text) ?? nameByCharacters(text)
  }

  /// The same for any text; letters that join with their neighbours are told apart as people see them.
  package func nameByCharacters(_ text: String) -> SubjectName? {
    let normalized = normalized(text)
    guard !normalized.isEmpty else { return nil }
    let (core, isBranch) = core(of: normalized)
    var name = SubjectName(normalized: normalized, core: core, isBranch: isBranch)
    let characters = Array(core)
    if characters.count >= names.nearLength {
      // One different character leaves one half as it is.
      let half = characters.count / 2
      name.head = "\(characters.count)|" + String(characters[..<half])
      name.tail = "\(characters.count)|" + String(characters[half...])
    }
    return name
  }

  private func normalized(_ text: String) -> String {
    let (isHalf, isLower, hasNoSpaces) = (
      names.steps.contains(.halfWidth), names.steps.contains(.lowerCase),
      names.steps.contains(.noSpaces)
    )
    var result = ""
    for character in text {
      var character = isHalf ? halfWidth(character) : character
      if isLower, character.isASCII { character = Character(character.lowercased()) }
      if hasNoSpaces, character.isWhitespace { continue }
      character = names.folds[character] ?? character
      if names.dropped.contains(character) { continue }
      result.append(character)
    }
    return result
  }

  private func halfWidth(_ character: Character) -> Character {
    guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else {
      return character
    }
    switch scalar.value {
    case 0x3000: return " "
    case 0xFF01...0xFF5E:
      return Unicode.Scalar(scalar.value - 0xFEE0).map(Character.init) ?? character
    default: return character
    }
  }

  private func core(of normalized: String) -> (core: String, isBranch: Bool) {
    var rest = Substring(normalized)
    var isBranch = false
    if let branch = names.branches.first(where: { rest.hasSuffix($0) }) {
      let before = rest.dropLast(branch.count)
      // The whole's name ends with its legal form, the place of the branch comes behind it.
      let ends = names.endings.compactMap { ending in
        before.firstRange(of: ending).map { (range: $0, length: ending.count) }
      }
      if let end = ends.min(by: {
        ($0.range.lowerBound, $1.length) < ($1.range.lowerBound, $0.length)
      }) {
        rest = before[..<end.range.upperBound]
        isBranch = true
      }
    }
    if let ending = names.endings.first(where: { rest.hasSuffix($0) && rest.count > $0.count }) {
      rest = rest.dropLast(ending.count)
    }
    var core = String(rest)
    for word in longWords { core = core.replacing(word, with: "") }
    core.removeAll { letters.contains($0) }
    // A name of nothing but places and forms is told by all of it.
    return (core.isEmpty ? normalized : core, isBranch)
  }
}
