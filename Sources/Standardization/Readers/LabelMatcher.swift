import Records

/// Maps what a source wrote for a coded element to the permissible value it means.
///
/// Read are the code, the label, any synonym, code and label together (`罚款(02)`, `02-罚款`, `02 罚款`),
/// a code without its leading zero or with one too many where only one code can be meant, `2.0` for
/// `2`, in either case and width.
///
/// - Source: facts §3.3, codes and labels mixed; the catalog's alias lists.
package struct LabelMatcher: Sendable {
  /// One permissible value.
  package struct Value: Sendable {
    /// As the value domain has it: `02`.
    package var code: String
    /// The official name.
    package var label: String
    /// Other names that mean this value and no other.
    package var synonyms: [String]

    /// - Parameters: See the properties.
    package init(code: String, label: String, synonyms: [String] = []) {
      self.code = code
      self.label = label
      self.synonyms = synonyms
    }
  }

  /// A label in the wild that means several codes, or none that could be decided.
  package struct Alias: Sendable {
    /// The label as sources write it.
    package var text: String
    /// Empty: not decidable; never guessed, shown to the steward with the ``note``.
    package var codes: [String]
    /// Why it cannot be decided, for the steward.
    package var note: String

    /// - Parameters: See the properties.
    package init(text: String, codes: [String], note: String = "") {
      self.text = text
      self.codes = codes
      self.note = note
    }
  }

  /// What a value means.
  package enum Match: Hashable, Sendable {
    /// - Parameters:
    ///   - index: Of the permissible value, in the order given.
    ///   - exact: Written as the code itself, so there is no change to record.
    case code(Int, exact: Bool)
    /// One label for several values, ascending: 罚没 is 罚款 and 没收违法所得.
    case many([Int])
    /// The label cannot be decided; index into ``LabelMatcher/reasons``.
    case undecidable(reason: Int)
    /// Code and label stand together and disagree: `03-警告`.
    case contradiction(code: Int, label: Int)
    case unknown
  }

  /// The codes, in the order given.
  package let codes: [String]
  /// Why a label is undecidable.
  package private(set) var reasons: [String] = []
  /// Spellings that two values claim, and aliases whose codes do not exist; for the loader to report.
  package private(set) var problems: [String] = []

  /// The codes one behind the other, and where each stands.
  private var codeBytes: TextArena = []
  private var codeRefs: [TextRef] = []
  private var table = ByteTable()
  private var targets: [Match] = []
  /// In bytes; much longer values need not be looked at.
  private var longestKey = 0

  /// - Parameters:
  ///   - values: The permissible values in the order of their domain.
  ///   - aliases: Labels in the wild beyond the synonyms.
  package init(values: [Value], aliases: [Alias] = []) {
    codes = values.map(\.code)
    codeRefs = codes.map { codeBytes.appendText($0) }
    for (index, value) in values.enumerated() {
      add(Array(value.code.utf8), .code(index, exact: true))
    }
    for (index, value) in values.enumerated() {
      for text in [value.code, value.label] + value.synonyms {
        addNormalized(text, .code(index, exact: false))
      }
    }
    for alias in aliases { add(alias) }
    addLooseCodes()
    for (index, value) in values.enumerated() { addPairs(value, .code(index, exact: false)) }
  }

  /// Labels of 是 for a flag's ``Value/synonyms``.
  ///
  /// - Source: facts §3.3.
  package static let yesSpellings = ["是", "1", "Y", "yes", "true", "√", "✓", "有"]
  /// Labels of 否 for a flag's ``Value/synonyms``.
  package static let noSpellings = ["否", "0", "N", "no", "false", "×", "✗", "没有"]

  /// Finds what `bytes` means.
  ///
  /// - Parameter bytes: UTF-8, trimmed.
  /// - Complexity: One hash lookup for codes and labels spelled as the catalog has them; otherwise one
  ///   allocation.
  package func match(_ bytes: Span<UInt8>) -> Match {
    if let target = table[bytes] { return targets[target] }
    guard bytes.count > 0, bytes.count <= longestKey * 2 + 16 else { return .unknown }
    let normalized = Self.normalized(bytes)
    if let target = table[normalized.span] { return inexact(targets[target]) }
    return matchCodeWithLabel(normalized)
  }

  /// What a text means that is spelled as the catalog has it, or nil.
  func exactTarget(_ bytes: Span<UInt8>) -> Match? { table[bytes].map { targets[$0] } }

  /// The value of a code spelled exactly as the catalog has it, or nil.
  func exactCode(_ bytes: Span<UInt8>) -> Int? {
    guard let target = table[bytes], case .code(let index, true) = targets[target] else {
      return nil
    }
    return index
  }

  /// The index of a code, spelled exactly.
  package func index(ofCode code: String) -> Int? { codes.firstIndex(of: code) }

  // MARK: Building

  private mutating func add(_ key: [UInt8], _ target: Match) {
    longestKey = max(longestKey, key.count)
    targets.append(target)
    if let present = table.insert(key, targets.count - 1) {
      targets.removeLast()
      report(key, targets[present], target)
    }
  }

  private mutating func report(_ key: [UInt8], _ present: Match, _ target: Match) {
    guard inexact(present) != inexact(target) else { return }
    problems.append("\"\(String(decoding: key, as: UTF8.self))\" has two meanings")
  }

  private mutating func addNormalized(_ text: String, _ target: Match) {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { return }
    add(bytes, target)
    let normalized = Self.normalized(bytes.span)
    if normalized != bytes { add(normalized, target) }
  }

  private mutating func add(_ alias: Alias) {
    let indices = alias.codes.compactMap { index(ofCode: $0) }
    guard indices.count == alias.codes.count else {
      problems.append("\"\(alias.text)\" maps to a code that is not in the list")
      return
    }
    switch indices.count {
    case 0:
      reasons.append(alias.note)
      addNormalized(alias.text, .undecidable(reason: reasons.count - 1))
    case 1: addNormalized(alias.text, .code(indices[0], exact: false))
    default: addNormalized(alias.text, .many(indices.sorted()))
    }
  }

  /// The spellings of code and label together that whole systems use; the rest is taken apart.
  private mutating func addPairs(_ value: Value, _ target: Match) {
    let (code, label) = (value.code, value.label)
    guard !code.isEmpty, !label.isEmpty else { return }
    for text in ["\(code)-\(label)", "\(code) \(label)", "\(label)(\(code))", "\(label)（\(code)）"] {
      let key = Array(text.utf8)
      if table[key.span] == nil { add(key, target) }
    }
  }

  /// `2` for `02` and `02` for `2`, where that is no other code and no two codes share it.
  private mutating func addLooseCodes() {
    var owners: [[UInt8]: [Int]] = [:]
    for (index, code) in codes.enumerated() {
      let bytes = Array(code.utf8)
      guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { continue }
      let stripped = Array(bytes.drop { $0 == 0x30 })
      owners[stripped.isEmpty ? [0x30] : stripped, default: []].append(index)
      owners[[0x30] + bytes, default: []].append(index)
    }
    let unambiguous = owners.filter { $0.value.count == 1 && table[$0.key.span] == nil }
    for (key, indices) in unambiguous.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      add(key, .code(indices[0], exact: false))
    }
  }

  // MARK: Matching

  private func inexact(_ match: Match) -> Match {
    if case .code(let index, _) = match { return .code(index, exact: false) }
    return match
  }

  /// Trimmed, narrow, lower case.
  private static func normalized(_ bytes: Span<UInt8>) -> [UInt8] {
    let range = trimmedRange(bytes)
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      if let narrow = narrowForm(bytes, at: index, .identifier) {
        result.append(lowercased(narrow))
        index += 3
      } else {
        result.append(lowercased(bytes[index]))
        index += 1
      }
    }
    return result
  }

  /// `罚款(02)`, `02(罚款)`, `02-罚款`, `罚款-02`, `02罚款`, `2.0`.
  private func matchCodeWithLabel(_ text: [UInt8]) -> Match {
    if text.last == UInt8(ascii: ")"), let open = text.lastIndex(of: UInt8(ascii: "(")), open > 0 {
      return agreed(text[..<open], text[(open + 1)..<(text.count - 1)])
    }
    if text.count > 2, text[text.count - 2] == 0x2E, text[text.count - 1] == 0x30,
      let target = table[text.span.extracting(0..<(text.count - 2))]
    {
      return inexact(targets[target])
    }
    let head = text.prefix(while: isCodeByte)
    if !head.isEmpty, head.count < text.count {
      return agreed(head, text[head.endIndex...])
    }
    var tail = 0
    while tail < text.count, isCodeByte(text[text.count - 1 - tail]) { tail += 1 }
    guard tail > 0, tail < text.count else { return .unknown }
    return agreed(text[..<(text.count - tail)], text[(text.count - tail)...])
  }

  private func isCodeByte(_ byte: UInt8) -> Bool {
    (byte >= 0x30 && byte <= 0x39) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
  }

  /// Both parts must be known, and mean the same.
  private func agreed(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Match {
    let first = Array(withoutJoints(left))
    let second = Array(withoutJoints(right))
    // Two codes side by side are two values.
    guard !first.allSatisfy(isCodeByte) || !second.allSatisfy(isCodeByte) else { return .unknown }
    guard let one = table[first.span], let other = table[second.span] else { return .unknown }
    guard case .code(let index, _) = targets[one], case .code(let second, _) = targets[other] else {
      return .unknown
    }
    return index == second
      ? .code(index, exact: false) : .contradiction(code: index, label: second)
  }

  /// Takes the characters off that join a code and a label.
  private func withoutJoints(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let joints: [UInt8] = [0x20, 0x2D, 0x2E, 0x3A, 0x5F, 0x7C]
    var part = part.drop { joints.contains($0) }
    while let last = part.last, joints.contains(last) { part.removeLast() }
    return part
  }
}
