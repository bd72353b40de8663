import Catalog
import Foundation
import Testing

@testable import PipelineDefinition

@Suite struct ReadingTests {
  @Test(arguments: [
    ("02", "number"), ("0x1F", "number"), ("1e3", "number"), ("-1.5", "number"), (".5", "number"),
    (".inf", "number"), ("true", "flag"), ("FALSE", "flag"), ("yes", "text"), ("no", "text"),
    ("null", "null"), ("~", "null"), ("", "null"), ("2026-03-01", "text"), ("1.2.3", "text"),
    ("03:00", "text"), ("a1", "text"), (".", "text"), ("-", "text"),
  ])
  func `a plain scalar is what YAML 1.2 takes it for`(text: String, expected: String) {
    let found =
      switch PlainScalar(text, style: .plain) {
      case .null: "null"
      case .flag: "flag"
      case .number: "number"
      case .text: "text"
      }
    #expect(found == expected)
    guard case .text = PlainScalar(text, style: .quoted) else {
      Issue.record("quoted \(text)")
      return
    }
  }

  @Test(arguments: [
    ("a: &x 1\nb: *x", 2), ("a: \"x &y z\"\nb: 2", nil), ("a: [*x]\nb: &x 1", 1),
    ("a: \"*全量*\"\nb: &c 1", nil), ("files: [\"x_*.csv\"]\nb: &c 1", nil), ("a: x & y * z", nil),
    ("{\"a\":&x 1,\"b\":*x}", 1), ("- *a\n", nil),
  ])
  func `anchors with aliases are seen wherever they could be`(text: String, line: Int?) {
    #expect(AliasScan.firstAlias(in: text) == line)
  }

  @Test func `the place inside a text counts from its first character`() throws {
    let log = ProblemLog()
    let root = try #require(
      DocumentReader.read("a: 罚款 > 1\nb: \"罚款 > 2\"\nc: |\n  x\n  y > 3\n", file: "f", log: log))
    guard case .map(let entries) = root.content else {
      Issue.record("no mapping")
      return
    }
    #expect(entries[0].value.place(atByte: 7) == Place(file: "f", line: 1, column: 7))
    #expect(entries[1].value.place(atByte: 7) == Place(file: "f", line: 2, column: 8))
    #expect(entries[2].value.place(atByte: 4).line == 5)
  }

  @Test func `keys that stand twice are named in one order`() {
    let log = ProblemLog()
    let text = ["e", "b", "d", "a", "c"].map { "\($0): 1\n" }.joined()
    _ = DocumentReader.read(text + text, file: "f", log: log)
    #expect(log.problems.map(\.code) == [.duplicateKey])
    #expect(log.problems.first?.message.contains(#""a", "b", "c", "d", "e" more"#) == true)
  }

  @Test func `where keys that stand twice are no words, no line is named`() {
    let log = ProblemLog()
    let text = "a: 1\n? - x\n: 1\nb: 2\n? - x\n: 2\nb: 3\na: 4\n"
    _ = DocumentReader.read(text, file: "f", log: log)
    #expect(log.problems.map(\.code) == [.duplicateKey])
    #expect(log.problems.first?.place.line == 0)
    #expect(
      log.problems.first?.message.contains(#""a", "b", a list or a mapping as a key more"#) == true)
  }

  @Test func `the examples of the format's document are YAML`() throws {
    let url = Repository.root.appendingPathComponent("Documentation/pipelines-format.md")
    let parts = try String(contentsOf: url, encoding: .utf8).components(separatedBy: "```yaml\n")
    #expect(parts.count > 10)
    let blocks = parts.dropFirst().compactMap { $0.components(separatedBy: "\n```").first }
    // The tables of the catalog stand in one block, each under the name of its file.
    let documents = blocks.flatMap { block in
      block.replacingOccurrences(of: "\n\n# catalog/", with: "\u{1F}# catalog/")
        .components(separatedBy: "\u{1F}")
    }
    for block in documents {
      let log = ProblemLog()
      #expect(DocumentReader.read(block, file: "example", log: log) != nil, "\(block)")
      #expect(log.problems == [])
    }
  }

  @Test func `a pattern is judged by the engine that will run it`() throws {
    let folder = try TestFolder()
    let result = PipelineFolder.load(folder.url.path) {
      $0.contains("{8}") ? "byte 9: too long" : nil
    }
    let problem = try #require(result.problems.first)
    #expect(problem.code == .invalidPattern)
    #expect(problem.message.hasSuffix("\"^[0-9]{8}$\" cannot be used: byte 9: too long"))
  }

  @Test func `an expression's problem has its column`() throws {
    let folder = try TestFolder()
    try folder.edit("rules/LOAN.yaml", "\"due_on > borrowed_on\"", "\"due_on > borowed_on\"")
    let problem = try #require(folder.load().problems.first)
    #expect(problem.place == Place(file: "rules/LOAN.yaml", line: 8, column: 22))
    #expect(
      problem.description
        == "rules/LOAN.yaml:8:22: error: rule R1: element \"borowed_on\" does not exist; "
        + "define it or correct the name; did you mean \"borrowed_on\"? [unknown-element]")
  }

  @Test(arguments: [
    ("rules/PEN.yaml", true), ("rules/PEN.yml", false), ("rules/a/PEN.yaml", false),
    ("catalog/code-lists/CL01-x.yaml", true), ("nightly.yaml", true), ("catalog/x.yaml", false),
    ("checks/a.yaml", true), ("catalog/divisions.csv", true),
  ])
  func `a path tells what a file is for`(path: String, isKnown: Bool) {
    #expect((FileKind(path) != .unknown) == isKnown)
  }
}

@Suite struct ConditionReachTests {
  private static func supply(_ id: String) -> ConditionReach.Supply {
    switch id {
    case "fixed": .constant("A")
    case "several": .constant("A;B")
    case "never": .nothing
    default: .column
    }
  }

  private static let cases: [(String, ConditionReach)] = [
    ("fixed = 'A'", .isTrue), ("fixed = 'B'", .isFalse), ("'B' != fixed", .isTrue),
    ("fixed in ('B', 'A')", .isTrue), ("fixed in ('B', 'C')", .isFalse),
    ("never = 'A'", .isUnknown),
    ("never present", .isFalse), ("never absent", .isTrue), ("fixed present", .isTrue),
    ("free = 'A'", .anything), ("free present", [.isTrue, .isFalse]), ("never > free", .isUnknown),
    ("free = 'A' & fixed = 'B'", .isFalse), ("free = 'A' | fixed = 'A'", .isTrue),
    ("never = 'A' | free present", [.isTrue, .isUnknown]),
    ("never = 'A' & free present", [.isUnknown, .isFalse]), ("not fixed = 'A'", .isFalse),
    ("fixed = 'A' => free present", [.isTrue, .isFalse]), ("fixed = 'B' => never = 'A'", .isTrue),
    ("fixed = 'A' <=> fixed = 'B'", .isFalse), ("several has 'B'", .isTrue),
    ("several has 'C'", .isFalse), ("several subset of ('A', 'B', 'C')", .isTrue),
    ("several subset of ('A')", .isFalse), ("exists X where (other.a = never)", .anything),
    ("default(never, 'A') = 'A'", .anything),
  ]

  @Test(arguments: cases)
  func `a condition can come to what its elements allow`(
    text: String, expected: ConditionReach
  ) throws {
    #expect(ConditionReach.of(try Expression.parse(text).root, Self.supply) == expected)
  }
}

@Suite struct ValueFitTests {
  @Test(arguments: [
    ("an18", "91110000600037341L", true), ("an18", "9111", false), ("a3", "SAM", true),
    ("a3", "S1M", false), ("n2", "02", true), ("n2", "2", false), ("c..4", "处罚决定", true),
    ("c..4", "处罚决定书", false), ("YYYYMMDD", "20260229", false), ("YYYYMMDD", "20240229", true),
    ("YYYYMMDDThhmmss", "20240229T235959", true), ("YYYYMMDDThhmmss", "20240229", false),
  ])
  func `a text fits its form or does not`(notation: String, value: String, fits: Bool) throws {
    let form = try #require(Representation(notation, numeric: false))
    #expect(form.admits(value) == fits)
  }

  @Test(arguments: [
    ("n..5,2", "123.45", true), ("n..5,2", "1234.5", true), ("n..5,2", "1.234", false),
    ("n..5,2", "123456", false), ("n..3", "-1", true), ("n..3", "x", false),
  ])
  func `a number fits its form or does not`(notation: String, value: String, fits: Bool) throws {
    let form = try #require(Representation(notation, numeric: true))
    #expect(form.admits(value) == fits)
  }

  @Test(arguments: [
    ("千元", "元", true), ("万元", "元", true), ("元", "万元", true), ("元", "元", true),
    ("千克", "克", true), ("千克", "元", false), ("元", nil, false), ("千元", "千元", true),
  ])
  func `units convert by a power of ten`(unit: String, own: String?, converts: Bool) {
    #expect(UnitOfMeasure.converts(unit, to: own) == converts)
  }
}
