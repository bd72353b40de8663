import Testing
import TestSupport

@testable import Validation

@Suite struct PatternTests {
  private func matches(_ pattern: String, _ text: String) throws -> Bool {
    fits(try Pattern(pattern), Array(text.utf8))
  }

  private func fits(_ pattern: Pattern, _ bytes: [UInt8]) -> Bool { pattern.matches(bytes.span) }

  @Test(arguments: [
    (
      #"^\S.{0,63}$"#, ["a", "甲 乙", "𠮷", String(repeating: "甲", count: 64)],
      ["", " a", "\u{3000}甲", String(repeating: "甲", count: 65), "a\nb"]
    ),
    (#"^[A-Z]{3}[0-9]{8}[0-9]{3}$"#, ["SAM20260301001"], ["SAM2026030100", "sam20260301001"]),
    (#"^[A-Z0-9\-]{6,40}$"#, ["A-1234", "------"], ["A-123", "A_1234", "Ａ-1234"]),
    (#"^D[AW][0-9]{3}$"#, ["DA001", "DW999"], ["DB001", "DA0011", "xDA001"]),
    (#"^[0-9]{6}20[0-9]{2}[0-9A-Z]{2,10}$"#, ["5101002026AB"], ["5101001926AB", "5101002026A"]),
    (#"^[0-9a-f]{64}$"#, [String(repeating: "0f", count: 32)], [String(repeating: "0", count: 63)]),
    (
      #"^(0x)?[0-9A-Fa-f]{16,128}$"#,
      ["0x0123456789abcdef", "0123456789ABCDEF", String(repeating: "a", count: 128)],
      ["0x0123456789abcde", "0X0123456789abcdef", String(repeating: "a", count: 129)]
    ),
    (
      #"^https?://[^ ]+$"#, ["http://a", "https://甲.cn/b?c"], ["https://", "ftp://a", "http://a b"]
    ),
    ("^(川[A-Z]|京.)[0-9]+$", ["川A1", "京\u{20BB7}23"], ["川a1", "京1", "川A"]),
    ("^[一-龥]+$", ["甲乙"], ["甲a", "", "々"]),
    (#"^[^一-龥\s]*$"#, ["", "abc", "々"], ["甲", "a b", "a\u{3000}"]),
    (#"^\d+\.\d{2}$"#, ["1.00"], ["1x00", "１.00", "1.0"]),
    (#"^\w+\W\w+$"#, ["a_1-b", "a甲b"], ["ab", "a--b"]),
    (#"^\u4e00[\u4e01-\u4e03]$"#, ["一丁", "一七"], ["一一", "一"]),
    ("^a|b$", ["a", "ax", "b", "xb"], ["x", "bx", ""]),
    ("a", ["a", "xax"], ["x", ""]),
    ("^$", [""], ["a"]), ("", ["", "a"], []),
    ("^(?:a{2}|b{2,}|c?)$", ["aa", "bb", "bbbb", "c", ""], ["a", "b", "cc"]),
    ("^(a*)*$", ["", "aaaa"], ["b"]), ("^[]a]$", ["]", "a"], ["b"]), ("^[a-]$", ["-", "a"], ["b"]),
    (#"^[\S]$"#, ["a"], [" "]), (#"^\($"#, ["("], [")"]), ("^(a|)b$", ["ab", "b"], ["a"]),
    ("^[^a]$", ["\u{10FFFF}", "\u{800}", "\u{7FF}", "\u{E000}", "\u{D7FF}"], ["a", "bb"]),
  ])
  func patterns(pattern: String, fitting: [String], others: [String]) throws {
    for text in fitting { #expect(try matches(pattern, text), "\(text)") }
    for text in others { #expect(try !matches(pattern, text), "\(text)") }
  }

  @Test func bytesThatAreNoCharactersDoNotFit() throws {
    let pattern = try Pattern("^.$")
    for bytes: [UInt8] in [
      [0x80], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
      [0xE0, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ] {
      #expect(!fits(pattern, bytes))
    }
  }

  @Test func everyScalarFitsTheDotOnce() throws {
    let dot = try Pattern("^.$")
    let inverse = try Pattern(#"^[\s\S]$"#)
    for value in (UInt32(0)...0x10FFFF).filter({ $0 < 0x3000 || $0 % 97 == 0 || $0 > 0x10FFF0 }) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let bytes = Array(String(Character(scalar)).utf8)
      #expect(fits(dot, bytes) == (value != 0x0A))
      #expect(fits(inverse, bytes))
    }
  }

  @Test(arguments: [
    ("^(a", 3, "no \")\""), ("a)", 1, "found \")\""), ("[a", 0, "no \"]\""), ("*a", 0, "nothing"),
    ("a**", 2, "second quantifier"), ("a{2", 3, "expected \"}\""), ("a{3,2}", 6, "wrong order"),
    ("a{x}", 2, "expected a number"), ("a{1001}", 6, "more than 1000"), ("[b-a]", 4, "wrong order"),
    (#"[\d-z]"#, 5, "one character"), (#"\q"#, 1, "no meaning"), (#"\1"#, 1, "no meaning"),
    ("\\", 1, "nothing follows"), ("(?=a)", 2, "are groups"), ("a^b", 1, "beginning"),
    ("(a$)", 2, "outermost"), ("a$b", 2, "expected | or the end"), (#"\u12"#, 2, "four hex"),
    ("甲)", 3, "found \")\""), ("^(a|b)*a(a|b){14}$", 18, "more than 4096 states"),
    ("((a{999}){999}){999}", 0, "more than 20000"),
    (String(repeating: "(", count: 40) + "a", 33, "more than 32 deep"),
  ])
  func refuses(pattern: String, offset: Int, message: String) {
    let error = #expect(throws: PatternError.self) { try Pattern(pattern) }
    #expect(error?.offset == offset)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func everyPrefixOfAPatternIsReadOrRefused() {
    let source = #"^(?:[\S甲-乙]{2,5}|\u4e00?|[^a-z]\.)+\d*$"#
    for length in 0...source.unicodeScalars.count {
      _ = try? Pattern(String(String.UnicodeScalarView(source.unicodeScalars.prefix(length))))
    }
  }

  /// A backtracking matcher over the same small language, for comparison.
  @Test(arguments: 0..<20)
  func agreesWithBacktracking(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let tree = BacktrackingPattern.random(3, &generator)
      let pattern = try Pattern("^(?:\(tree.source))$")
      for _ in 0..<20 {
        let text = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
          ["a", "b", "甲", "乙"][Int.random(in: 0..<4, using: &generator)]
        }
        let expected = tree.ends(text, 0).contains(text.count)
        #expect(
          fits(pattern, Array(text.joined().utf8)) == expected,
          "seed \(seed): \(tree.source) on \(text.joined())")
      }
    }
  }
}

/// A pattern as a tree that gives the set of places where a match may end.
private indirect enum BacktrackingPattern {
  case letter(String)
  case any
  case outside(String)
  case sequence(BacktrackingPattern, BacktrackingPattern)
  case choice(BacktrackingPattern, BacktrackingPattern)
  case repeated(BacktrackingPattern, Int, Int?)

  static func random(_ depth: Int, _ generator: inout SeededGenerator) -> Self {
    let letters = ["a", "b", "甲", "乙"]
    switch Int.random(in: 0..<(depth > 0 ? 7 : 3), using: &generator) {
    case 0: return .letter(letters[Int.random(in: 0..<4, using: &generator)])
    case 1: return .any
    case 2: return .outside(letters[Int.random(in: 0..<4, using: &generator)])
    case 3, 4: return .sequence(random(depth - 1, &generator), random(depth - 1, &generator))
    case 5: return .choice(random(depth - 1, &generator), random(depth - 1, &generator))
    default:
      let minimum = Int.random(in: 0...2, using: &generator)
      let maximum = minimum + Int.random(in: 0...2, using: &generator)
      return .repeated(
        random(depth - 1, &generator), minimum, Bool.random(using: &generator) ? maximum : nil)
    }
  }

  var source: String {
    switch self {
    case .letter(let letter): letter
    case .any: "."
    case .outside(let letter): "[^\(letter)]"
    case .sequence(let a, let b): "(?:\(a.source))(?:\(b.source))"
    case .choice(let a, let b): "(?:\(a.source)|\(b.source))"
    case .repeated(let a, let minimum, let maximum):
      "(?:\(a.source)){\(minimum),\(maximum.map(String.init) ?? "")}"
    }
  }

  func ends(_ text: [String], _ start: Int) -> Set<Int> {
    switch self {
    case .letter(let letter): start < text.count && text[start] == letter ? [start + 1] : []
    case .any: start < text.count ? [start + 1] : []
    case .outside(let letter): start < text.count && text[start] != letter ? [start + 1] : []
    case .sequence(let a, let b):
      a.ends(text, start).reduce(into: []) { $0.formUnion(b.ends(text, $1)) }
    case .choice(let a, let b): a.ends(text, start).union(b.ends(text, start))
    case .repeated(let a, let minimum, let maximum): repeated(a, minimum, maximum, text, start)
    }
  }

  private func repeated(
    _ node: Self, _ minimum: Int, _ maximum: Int?, _ text: [String], _ start: Int
  ) -> Set<Int> {
    var current: Set<Int> = [start]
    var result: Set<Int> = minimum == 0 ? [start] : []
    let most = maximum ?? minimum + text.count + 1
    for count in stride(from: 1, through: most, by: 1) {
      current = current.reduce(into: []) { $0.formUnion(node.ends(text, $1)) }
      if count >= minimum { result.formUnion(current) }
    }
    return result
  }
}
