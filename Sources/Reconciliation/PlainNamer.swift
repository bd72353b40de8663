import Catalog

/// Letters that never join with a neighbour, so that each is one character: what nearly every name consists of.
enum PlainLetters {
  /// Han characters, which stand for themselves unless the definitions say otherwise.
  static let han: [ClosedRange<UInt16>] = [0x3400...0x4DBF, 0x4E00...0x9FFF]
  /// Visible ASCII and the space; general and Chinese punctuation, without combining tone marks; full width.
  static let others: [ClosedRange<UInt16>] = [
    0x20...0x7E, 0xB7...0xB7, 0x2010...0x2027, 0x3000...0x3029, 0x30FB...0x30FB, 0xFE59...0xFE5E,
    0xFF01...0xFF5E,
  ]

  static func holds(_ scalar: Unicode.Scalar) -> Bool {
    guard let letter = UInt16(exactly: scalar.value) else { return false }
    return han.contains { $0.contains(letter) } || others.contains { $0.contains(letter) }
  }
}

/// Gives names their forms letter by letter, where every letter is plain; the same forms as by characters, in a
/// tenth of the time. Every registration is named once in a first load.
struct PlainNamer: Sendable {
  /// By letter: what is written for it; ``dropped``, or ``strange`` for what is not plain.
  private let written: [UInt16]
  private let words: [[UInt16]]
  private let letters: [UInt16]
  private let endings: [[UInt16]]
  private let branches: [[UInt16]]
  private let nearLength: Int

  private static let dropped: UInt16 = 0
  private static let strange: UInt16 = 0xFFFF

  /// - Parameter normalized: What is written for a text, by characters.
  /// - Returns: nil where the definitions themselves have words with other letters.
  init?(_ names: SubjectMatching.Names, _ normalized: (String) -> String) {
    guard let words = Self.plain(names.words), let endings = Self.plain(names.endings),
      let branches = Self.plain(names.branches)
    else { return nil }
    self.words = words.filter { $0.count > 1 }
    letters = words.filter { $0.count == 1 }.map { $0[0] }
    self.endings = endings
    self.branches = branches
    nearLength = names.nearLength
    var written = [UInt16](repeating: Self.strange, count: 1 << 16)
    for letter in PlainLetters.han.joined() { written[Int(letter)] = letter }
    let mentioned = (Array(names.folds.keys) + Array(names.dropped)).compactMap {
      Self.plain([String($0)])?.first?.first
    }
    for letter in Array(PlainLetters.others.joined()) + mentioned {
      let text = Unicode.Scalar(letter).map { normalized(String(Character($0))) } ?? ""
      if text.isEmpty {
        written[Int(letter)] = Self.dropped
      } else if let plain = Self.plain([text])?.first, plain.count == 1 {
        written[Int(letter)] = plain[0]
      } else {
        written[Int(letter)] = Self.strange
      }
    }
    self.written = written
  }

  private static func plain(_ texts: [String]) -> [[UInt16]]? {
    guard texts.allSatisfy({ $0.unicodeScalars.allSatisfy { PlainLetters.holds($0) } }) else {
      return nil
    }
    return texts.map { Array($0.utf16) }
  }

  /// - Returns: nil for a text with other letters, and for one of which nothing is left.
  func name(_ text: String) -> SubjectName? {
    var normalized: [UInt16] = []
    normalized.reserveCapacity(text.utf8.count)
    for unit in text.utf16 {
      let letter = written[Int(unit)]
      if letter == Self.strange { return nil }
      if letter != Self.dropped { normalized.append(letter) }
    }
    guard !normalized.isEmpty else { return nil }
    let (core, isBranch) = core(of: normalized)
    var name = SubjectName(
      normalized: Self.text(normalized[...]), core: Self.text(core[...]), isBranch: isBranch)
    if core.count >= nearLength {
      let half = core.count / 2
      name.head = "\(core.count)|" + Self.text(core[..<half])
      name.tail = "\(core.count)|" + Self.text(core[half...])
    }
    return name
  }

  private static func text(_ letters: ArraySlice<UInt16>) -> String {
    String(decoding: letters, as: UTF16.self)
  }

  private func core(of normalized: [UInt16]) -> (core: [UInt16], isBranch: Bool) {
    var rest = normalized[...]
    var isBranch = false
    if let branch = branches.first(where: { rest.ends(with: $0) }) {
      let before = rest.dropLast(branch.count)
      let ends = endings.compactMap { ending in
        before.place(of: ending).map { (place: $0, length: ending.count) }
      }
      if let end = ends.min(by: { ($0.place, $1.length) < ($1.place, $0.length) }) {
        rest = before[..<(end.place + end.length)]
        isBranch = true
      }
    }
    if let ending = endings.first(where: { rest.count > $0.count && rest.ends(with: $0) }) {
      rest = rest.dropLast(ending.count)
    }
    var core = Array(rest)
    for word in words {
      var start = 0
      while let place = core[start...].place(of: word) {
        core.removeSubrange(place..<place + word.count)
        start = place
      }
    }
    core.removeAll { letters.contains($0) }
    return (core.isEmpty ? normalized : core, isBranch)
  }
}

extension ArraySlice<UInt16> {
  fileprivate func ends(with word: [UInt16]) -> Bool {
    count >= word.count && suffix(word.count).elementsEqual(word)
  }

  /// Where a word stands first.
  fileprivate func place(of word: [UInt16]) -> Int? {
    guard let first = word.first, count >= word.count else { return nil }
    for place in startIndex...endIndex - word.count
    where self[place] == first && self[place..<place + word.count].elementsEqual(word) {
      return place
    }
    return nil
  }
}
