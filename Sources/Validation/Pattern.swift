import Synchronization

/// Why a pattern of the catalog cannot be compiled.
package struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Byte of the pattern, from 0.
  package var offset: Int
  /// What was found and what was expected, without the place.
  package var message: String

  package init(offset: Int, message: String) {
    self.offset = offset
    self.message = message
  }

  package var description: String { "byte \(offset): \(message)" }
}

/// A regular expression of the catalog, compiled to a table that reads each byte once.
///
/// Characters are Unicode scalars in UTF-8. Understood are literals, `.` (anything but a newline),
/// classes `[a-z]` and `[^a-z]`, `\s \S \d \D \w \W`, `\n \r \t`, `\uXXXX`, `\` before a sign,
/// groups, `|`, `? * + {m} {m,} {m,n}`, `^` at the beginning and `$` at the end of an outermost
/// alternative. `\d` and `\w` are ASCII, `\s` is the white space of Unicode.
///
/// Not offered, because a table cannot do it: back references, look-around, lazy quantifiers (there
/// are no captures to be lazy about).
package struct Pattern: Sendable {
  /// Most states that the table may have; 1024 states of 20 classes of bytes take 40 KiB.
  package static let maximumStates = 4096
  /// Most characters that a pattern may have, after `{m,n}` is written out.
  package static let maximumParts = 20_000

  package let source: String
  /// Column of the table by byte.
  private let classes: [UInt8]
  private let classCount: Int
  /// Row of the next state by row and class; row 0 is the state that nothing leaves.
  private let table: [UInt32]
  private let accepts: [Bool]

  /// - Throws: ``PatternError`` where the pattern cannot be understood or needs too many states.
  package init(_ source: String) throws(PatternError) {
    var parser = PatternParser(source)
    let automaton = PatternAutomaton(try parser.alternatives())
    let builder = try PatternTable(automaton, length: source.utf8.count)
    self.source = source
    classes = builder.classes
    classCount = builder.classCount
    let count = UInt32(builder.classCount)
    table = builder.table.map { UInt32($0) * count }
    accepts = builder.accepts
  }

  /// The pattern of a text, compiled once for the process: the catalog's few dozen patterns are asked
  /// for again by every category and system.
  ///
  /// - Throws: ``PatternError`` where the pattern cannot be understood or needs too many states.
  package static func compiled(_ source: String) throws(PatternError) -> Pattern {
    if let pattern = known.withLock({ $0[source] }) { return pattern }
    let pattern = try Pattern(source)
    known.withLock { $0[source] = pattern }
    return pattern
  }

  private static let known = Mutex<[String: Pattern]>([:])

  /// Number of states of the table.
  package var stateCount: Int { accepts.count }

  /// Whether `text` fits the pattern: all of it, as far as `^` and `$` say so.
  ///
  /// - Complexity: O(length of `text`), no allocation.
  package func matches(_ text: Span<UInt8>) -> Bool {
    let (classes, table) = (classes.span, table.span)
    var row = classCount
    for index in text.indices {
      row = Int(table[row + Int(classes[Int(text[index])])])
      if row == 0 { return false }
    }
    return accepts[row / classCount]
  }
}

/// A set of Unicode scalars, as ascending ranges.
private struct ScalarSet {
  var ranges: [ClosedRange<UInt32>]

  static let all = ScalarSet(ranges: [0...0xD7FF, 0xE000...0x10FFFF])
  static let digits = ScalarSet(ranges: [0x30...0x39])
  static let wordCharacters = ScalarSet(ranges: [
    0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A,
  ])
  static let whitespace = ScalarSet(ranges: [
    0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A,
    0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
  ])

  var inverted: ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
      next = max(next, range.upperBound + 1)
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    // Surrogates are no characters.
    return ScalarSet(
      ranges: result.flatMap { range -> [ClosedRange<UInt32>] in
        Self.all.ranges.filter { $0.overlaps(range) }.map { $0.clamped(to: range) }
      })
  }

  /// Sequences of byte ranges that together are the UTF-8 of the set.
  var byteSequences: [[ClosedRange<UInt8>]] {
    ranges.flatMap { Self.split($0.lowerBound, $0.upperBound) }
  }

  private static func split(_ low: UInt32, _ high: UInt32) -> [[ClosedRange<UInt8>]] {
    for limit: UInt32 in [0x7F, 0x7FF, 0xFFFF] where low <= limit && high > limit {
      return split(low, limit) + split(limit + 1, high)
    }
    guard high > 0x7F else { return [[UInt8(low)...UInt8(high)]] }
    for count: UInt32 in 1...3 {
      let mask: UInt32 = (1 << (6 * count)) - 1
      guard low & ~mask != high & ~mask else { continue }
      if low & mask != 0 { return split(low, low | mask) + split((low | mask) + 1, high) }
      if high & mask != mask { return split(low, (high & ~mask) - 1) + split(high & ~mask, high) }
    }
    return [zip(utf8(low), utf8(high)).map { $0...$1 }]
  }

  private static func utf8(_ scalar: UInt32) -> [UInt8] {
    Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? []
  }
}

/// What a pattern says, as a tree.
private indirect enum PatternNode {
  case empty
  case set(ScalarSet)
  case sequence([PatternNode])
  case choice([PatternNode])
  /// `maximum` is nil for any number.
  case repeated(PatternNode, minimum: Int, maximum: Int?)

  /// Number of character sets after repetitions are written out.
  var partCount: Int {
    switch self {
    case .empty: 0
    case .set: 1
    case .sequence(let nodes), .choice(let nodes):
      nodes.reduce(0) { min($0 + $1.partCount, 1_000_000) }
    case .repeated(let node, let minimum, let maximum):
      min(node.partCount * max(maximum ?? minimum + 1, 1), 1_000_000)
    }
  }
}

/// One outermost alternative with its anchors.
private struct PatternAlternative {
  var node: PatternNode
  var isAnchoredAtStart: Bool
  var isAnchoredAtEnd: Bool
}

/// Reads patterns by recursive descent.
private struct PatternParser {
  private static let maximumNesting = 32
  private static let maximumRepetitions = 1000

  private var scalars: [Unicode.Scalar]
  private var offsets: [Int] = []
  private var position = 0
  private var nesting = 0

  init(_ source: String) {
    scalars = Array(source.unicodeScalars)
    var offset = 0
    for scalar in scalars {
      offsets.append(offset)
      offset += UTF8.width(scalar)
    }
    offsets.append(offset)
  }

  mutating func alternatives() throws(PatternError) -> [PatternAlternative] {
    guard scalars.count <= 4096 else {
      throw PatternError(
        offset: 0, message: "the pattern has \(scalars.count) characters, expected at most 4096")
    }
    var result: [PatternAlternative] = []
    repeat {
      let isAnchored = take("^")
      let node = try sequence()
      result.append(
        PatternAlternative(
          node: node, isAnchoredAtStart: isAnchored, isAnchoredAtEnd: take("$")))
    } while take("|")
    if let next { throw failure("found \"\(next)\", expected | or the end") }
    let count = result.reduce(0) { min($0 + $1.node.partCount, 1_000_000) }
    guard count <= Pattern.maximumParts else {
      throw PatternError(
        offset: 0,
        message: "written out, the pattern has more than \(Pattern.maximumParts) characters")
    }
    return result
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private func failure(_ message: String) -> PatternError {
    PatternError(offset: offsets[min(position, scalars.count)], message: message)
  }

  private mutating func sequence() throws(PatternError) -> PatternNode {
    var nodes: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")", scalar != "$" {
      nodes.append(try repetition())
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func repetition() throws(PatternError) -> PatternNode {
    let node = try atom()
    let bounds: (Int, Int?)
    if take("?") {
      bounds = (0, 1)
    } else if take("*") {
      bounds = (0, nil)
    } else if take("+") {
      bounds = (1, nil)
    } else if next == "{" {
      bounds = try braces()
    } else {
      return node
    }
    if let next, "?*+{".unicodeScalars.contains(next) {
      throw failure("found \"\(next)\", a second quantifier; put a group around the first")
    }
    return .repeated(node, minimum: bounds.0, maximum: bounds.1)
  }

  /// `{m}`, `{m,}` or `{m,n}`.
  private mutating func braces() throws(PatternError) -> (Int, Int?) {
    position += 1
    let minimum = try number()
    var maximum: Int? = minimum
    if take(",") { maximum = next == "}" ? nil : try number() }
    guard take("}") else { throw failure("expected \"}\"") }
    if let maximum, maximum < minimum { throw failure("the bounds are in the wrong order") }
    return (minimum, maximum)
  }

  private mutating func number() throws(PatternError) -> Int {
    var value = 0
    let start = position
    while let scalar = next, let digit = Int(String(scalar)), scalar.isASCII {
      value = value * 10 + digit
      position += 1
      guard value <= Self.maximumRepetitions else {
        throw failure("more than \(Self.maximumRepetitions) repetitions")
      }
    }
    guard position > start else { throw failure("expected a number") }
    return value
  }

  private mutating func atom() throws(PatternError) -> PatternNode {
    guard let scalar = next else { return .empty }
    switch scalar {
    case "(": return try group()
    case "[": return .set(try characterClass())
    case ".":
      position += 1
      return .set(ScalarSet(ranges: [0x0A...0x0A]).inverted)
    case "\\": return .set(try escape())
    case "^": throw failure("\"^\" stands only at the beginning; write \\^ for the sign")
    case "?", "*", "+", "{", "}", "]":
      throw failure("found \"\(scalar)\" with nothing before it; write \\\(scalar) for the sign")
    default:
      position += 1
      return .set(ScalarSet(ranges: [scalar.value...scalar.value]))
    }
  }

  private mutating func group() throws(PatternError) -> PatternNode {
    position += 1
    if take("?") {
      guard take(":") else { throw failure("only (…) and (?:…) are groups") }
    }
    guard nesting < Self.maximumNesting else {
      throw failure("groups are nested more than \(Self.maximumNesting) deep")
    }
    nesting += 1
    var nodes: [PatternNode] = []
    repeat { nodes.append(try sequence()) } while take("|")
    nesting -= 1
    if next == "$" {
      throw failure("\"$\" stands only at the end of an outermost alternative; write \\$")
    }
    guard take(")") else { throw failure("the group has no \")\"") }
    return nodes.count == 1 ? nodes[0] : .choice(nodes)
  }

  private mutating func characterClass() throws(PatternError) -> ScalarSet {
    let start = position
    position += 1
    let isInverted = take("^")
    var ranges: [ClosedRange<UInt32>] = []
    var isFirst = true
    while let scalar = next, scalar != "]" || isFirst {
      isFirst = false
      let set = try member()
      guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        ranges += set.ranges
        continue
      }
      position += 1
      let upper = try member()
      guard let low = set.single, let high = upper.single else {
        throw failure("a range needs one character on each side")
      }
      guard low <= high else { throw failure("the bounds are in the wrong order") }
      // A range never holds surrogates; they are no characters.
      ranges += ScalarSet.all.ranges.filter { $0.overlaps(low...high) }
        .map { $0.clamped(to: low...high) }
    }
    guard take("]") else {
      throw PatternError(offset: offsets[start], message: "the class has no \"]\"")
    }
    let set = ScalarSet(ranges: ranges)
    return isInverted ? set.inverted : set
  }

  private mutating func member() throws(PatternError) -> ScalarSet {
    if next == "\\" { return try escape() }
    guard let scalar = next else { throw failure("expected a character") }
    position += 1
    return ScalarSet(ranges: [scalar.value...scalar.value])
  }

  private mutating func escape() throws(PatternError) -> ScalarSet {
    position += 1
    guard let scalar = next else { throw failure("nothing follows \"\\\"") }
    position += 1
    switch scalar {
    case "s": return .whitespace
    case "S": return ScalarSet.whitespace.inverted
    case "d": return .digits
    case "D": return ScalarSet.digits.inverted
    case "w": return .wordCharacters
    case "W": return ScalarSet.wordCharacters.inverted
    case "n": return ScalarSet(ranges: [0x0A...0x0A])
    case "r": return ScalarSet(ranges: [0x0D...0x0D])
    case "t": return ScalarSet(ranges: [0x09...0x09])
    case "u": return try hexadecimal()
    default:
      guard scalar.isASCII, !scalar.properties.isAlphabetic, scalar.value > 0x20,
        !("0"..."9").contains(scalar)
      else {
        position -= 1
        throw failure("\"\\\(scalar)\" has no meaning")
      }
      return ScalarSet(ranges: [scalar.value...scalar.value])
    }
  }

  private mutating func hexadecimal() throws(PatternError) -> ScalarSet {
    let end = position + 4
    guard end <= scalars.count,
      let value = UInt32(
        String(String.UnicodeScalarView(scalars[position..<end])), radix: 16),
      Unicode.Scalar(value) != nil, scalars[position] != "+", scalars[position] != "-"
    else { throw failure("expected four hexadecimal digits of a character") }
    position = end
    return ScalarSet(ranges: [value...value])
  }
}

extension ScalarSet {
  /// The scalar of a set of one.
  fileprivate var single: UInt32? {
    guard ranges.count == 1, ranges[0].count == 1 else { return nil }
    return ranges[0].lowerBound
  }
}

/// The pattern as an automaton over bytes that may be in several states at once.
private struct PatternAutomaton {
  struct State {
    var empty: [Int] = []
    var bytes: [(range: ClosedRange<UInt8>, next: Int)] = []
  }

  private(set) var states: [State] = [State()]
  let start = 0
  private(set) var end = 0
  /// Reached only through an alternative without `$`: whatever follows is accepted.
  private(set) var openEnd = 0

  init(_ alternatives: [PatternAlternative]) {
    end = add()
    openEnd = add()
    states[openEnd].bytes.append((0...255, openEnd))
    for alternative in alternatives {
      let first = add()
      states[start].empty.append(first)
      if !alternative.isAnchoredAtStart { states[first].bytes.append((0...255, first)) }
      let last = append(alternative.node, after: first)
      states[last].empty.append(alternative.isAnchoredAtEnd ? end : openEnd)
    }
  }

  func accepts(_ state: Int) -> Bool { state == end || state == openEnd }

  private mutating func add() -> Int {
    states.append(State())
    return states.count - 1
  }

  /// - Returns: The state that is reached when `node` has been read from `state`.
  private mutating func append(_ node: PatternNode, after state: Int) -> Int {
    switch node {
    case .empty: return state
    case .set(let set): return append(set, after: state)
    case .sequence(let nodes):
      var last = state
      for node in nodes { last = append(node, after: last) }
      return last
    case .choice(let nodes):
      let join = add()
      for node in nodes {
        let first = add()
        states[state].empty.append(first)
        states[append(node, after: first)].empty.append(join)
      }
      return join
    case .repeated(let node, let minimum, let maximum):
      var last = state
      for _ in 0..<minimum { last = append(node, after: last) }
      return maximum.map { optional(node, $0 - minimum, after: last) } ?? loop(node, after: last)
    }
  }

  private mutating func optional(_ node: PatternNode, _ count: Int, after state: Int) -> Int {
    let join = add()
    var last = state
    for _ in 0..<count {
      states[last].empty.append(join)
      let first = add()
      states[last].empty.append(first)
      last = append(node, after: first)
    }
    states[last].empty.append(join)
    return join
  }

  private mutating func loop(_ node: PatternNode, after state: Int) -> Int {
    let head = add()
    let join = add()
    states[state].empty.append(head)
    states[head].empty.append(join)
    let first = add()
    states[head].empty.append(first)
    states[append(node, after: first)].empty.append(head)
    return join
  }

  private mutating func append(_ set: ScalarSet, after state: Int) -> Int {
    let join = add()
    // States shared by the sequences that end alike keep the automaton small.
    var tails: [[ClosedRange<UInt8>]: Int] = [:]
    for sequence in set.byteSequences {
      var next = join
      for index in sequence.indices.dropFirst().reversed() {
        let tail = Array(sequence[index...])
        if let known = tails[tail] {
          next = known
        } else {
          let made = add()
          states[made].bytes.append((sequence[index], next))
          tails[tail] = made
          next = made
        }
      }
      states[state].bytes.append((sequence[0], next))
    }
    return join
  }
}

/// The table of an automaton, made by following sets of its states.
private struct PatternTable {
  private(set) var classes: [UInt8]
  private(set) var classCount: Int
  private(set) var table: [UInt16] = []
  private(set) var accepts: [Bool] = []

  init(_ automaton: PatternAutomaton, length: Int) throws(PatternError) {
    (classes, classCount) = Self.classes(automaton)
    var representatives = Array(repeating: 0, count: classCount)
    for byte in (0..<256).reversed() { representatives[Int(classes[byte])] = byte }
    var numbers: [[Int]: Int] = [[]: 0]
    var sets: [[Int]] = [[]]
    let start = Self.closure([automaton.start], automaton)
    numbers[start] = 1
    sets.append(start)
    var current = 0
    while current < sets.count {
      accepts.append(sets[current].contains { automaton.accepts($0) })
      for byte in representatives {
        let next = Self.closure(Self.step(sets[current], UInt8(byte), automaton), automaton)
        if numbers[next] == nil {
          guard sets.count < Pattern.maximumStates else {
            throw PatternError(
              offset: length,
              message: "the pattern needs more than \(Pattern.maximumStates) states; "
                + "make it less ambiguous, or bound repetitions lower")
          }
          numbers[next] = sets.count
          sets.append(next)
        }
        table.append(UInt16(numbers[next] ?? 0))
      }
      current += 1
    }
  }

  /// Bytes that no part of the automaton tells apart share a class.
  private static func classes(_ automaton: PatternAutomaton) -> ([UInt8], Int) {
    var begins = Array(repeating: false, count: 257)
    for state in automaton.states {
      for (range, _) in state.bytes {
        begins[Int(range.lowerBound)] = true
        begins[Int(range.upperBound) + 1] = true
      }
    }
    var classes: [UInt8] = []
    var current = 0
    for byte in 0..<256 {
      if byte > 0, begins[byte] { current += 1 }
      classes.append(UInt8(current))
    }
    return (classes, current + 1)
  }

  private static func step(
    _ set: [Int], _ byte: UInt8, _ automaton: PatternAutomaton
  ) -> [Int] {
    var result: [Int] = []
    for state in set {
      for (range, next) in automaton.states[state].bytes where range.contains(byte) {
        result.append(next)
      }
    }
    return result
  }

  /// The states with all that are reached without reading, ascending, without those that only lead
  /// on: two sets that differ in nothing else are the same state of the table.
  private static func closure(_ set: [Int], _ automaton: PatternAutomaton) -> [Int] {
    var seen: Set<Int> = []
    var stack = set
    while let state = stack.popLast() {
      guard seen.insert(state).inserted else { continue }
      stack += automaton.states[state].empty
    }
    return seen.filter { !automaton.states[$0].bytes.isEmpty || automaton.accepts($0) }.sorted()
  }
}
