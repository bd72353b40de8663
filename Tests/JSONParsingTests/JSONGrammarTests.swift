import Foundation
import JSONParsing
import Records
import Testing

/// Texts that are JSON and texts that are not, in the spirit of JSONTestSuite.
enum GrammarCases {
  static let valid: [String] = [
    // Literals and white space
    "null", "true", "false", " true ", "\t1\r\n", "\n\r\t null",
    // Numbers
    "0", "-0", "1", "-1", "10", "120", "0.0", "-0.0", "0.1", "1.10", "1e0", "1E0", "1e+0", "1e-0",
    "0e0", "0E+1", "0e-1", "1.5e3", "-2.5E-3", "123456789012345678", "98765432109876543210",
    "123123123123123123123123123123123123123.5", "1e308", "1e400", "-1e-400", "1e999999999999999",
    "0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
    "1" + String(repeating: "0", count: 400),
    // Strings and escapes
    #""""#, #""a""#, #"" ""#, #""\"\\\/\b\f\n\r\t""#, #""\u0041""#, #""\u00e9\u00E9""#,
    #""\u4e2d\u6587""#, #""\ud83d\ude00""#, #""\uD83D\uDE00""#, #""\uDBFF\uDFFF""#, #""\uFFFF""#,
    #""\uFFFE""#, #""\u0000""#, #""\u001f""#, #""\u2028\u2029""#, "\"\u{2028}\u{2029}\"",
    "\"\u{7F}\"", "\"中文，。\"", "\"😀\"", "\"\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"",
    #""//""#, #""/*""#, #""[{,:}]""#, #""\\u0041""#, #""\\""#, #""a\\\"b""#,
    #""1234567""#, #""12345678""#, #""123456789""#, #""1234567\n""#, #""12345678\n""#,
    #""0123456789012345678901234567890123456789\u00e9""#,
    // Arrays and objects
    "[]", "[ ]", "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[[],[]]", "[null,true,false,\"\",0,{},[]]",
    "{}", "{ }", #"{"a":1}"#, #"{ "a" : 1 }"#, #"{"a":1,"b":2}"#, #"{"":0}"#, #"{"a":{"a":{}}}"#,
    #"{"a":[],"b":{}}"#, #"{"a":[{"a":1},{"a":2}]}"#, #"{"\u0000":1}"#, #"{"中":"文"}"#,
    #"{"a":1,"A":2,"á":3}"#, "{\"\\u00e1\":1,\"a\u{301}\":2}",
    String(repeating: "[", count: 64) + String(repeating: "]", count: 64),
    String(repeating: #"{"a":"#, count: 64) + "1" + String(repeating: "}", count: 64),
  ]

  /// Wrong inside; brackets and strings balance.
  static let balanced: [String] = [
    // Literals
    "nul", "nulll", "True", "TRUE", "tru", "truth", "NaN", "nan", "Infinity", "-Infinity",
    "undefined",
    "None", "x", "'a'", "`a`", "ａ", "#1", "$", "&", "*", "=", "\u{0}", "\u{B}", "\u{A0}",
    "\u{3000}",
    // Numbers
    "01", "-01", "00", "-", "+1", "1.", ".1", "-.1", "1.e1", "1e", "1E+", "1e-", "1e1.5", "0x10",
    "1_000", "1a", "--1", "-a", "1.2.3", "１", "1,5\"".replacing(",5\"", with: "．5"), "1e１", "-NaN",
    // Escapes and control characters
    #""\x41""#, #""\a""#, #""\'""#, #""\0""#, #""\U0041""#, #""\u""#, #""\u1""#, #""\u12""#,
    #""\u123""#, #""\u12G4""#, #""\u 123""#, #""\ud800""#, #""\udc00""#, #""\ude00\ud83d""#,
    #""\ud83d\ud83d""#, #""\ud83dx""#, #""\ud83d\n""#, #""\ud83d\u0041""#, #""\uDBFF\u""#,
    "\"\u{0}\"", "\"a\tb\"", "\"\r\"", "\"\u{1F}\"", "\"1234567\u{1}89\"", "\"\\\u{4E2D}\"",
    // Arrays
    "[1,]", "[,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[\"a\" \"b\"]", "[[] []]", "[1:2]", "[:]",
    "[a]", "[1,2,]", "[nul]", "[\"a\":1]", "[01]", "[-]", "[\u{FEFF}1]", "[1/**/]", "[{}{}]",
    // Objects
    "{1:2}", "{a:1}", #"{'a':1}"#, #"{"a"}"#, #"{"a":}"#, #"{"a" 1}"#, #"{"a"::1}"#, #"{"a":1,}"#,
    #"{,"a":1}"#, #"{"a":1,,"b":2}"#, #"{"a":1 "b":2}"#, #"{"a":1;"b":2}"#, "{,}", "{:}", "{1}",
    #"{"a",1}"#, #"{"a":1 2}"#, #"{"a":1:2}"#, #"{null:1}"#, #"{[]:1}"#, #"{{}:1}"#, #"{"a":nul}"#,
    #"{"a":[1,]}"#, #"{"a":{"b"}}"#, #"{"a":"\x"}"#, #"{"\x":1}"#, "{\"a\":1,//\n\"b\":2}",
    #"{"a":1/*c*/}"#, #"{"a":+1}"#, #"{"a":01}"#, #"{"a":.5}"#, "{\"a\u{1}\":1}", #"{"a":'b'}"#,
  ]

  /// The structure is lost, or a document ends early or late.
  static let broken: [String] = [
    "[", "{", "\"", "\"a", "\"\\", "\"\\\"", "[1", "[1,", "[\"a", "{\"a", "{\"a\"", "{\"a\":",
    "{\"a\":1", "{\"a\":1,", "[[1]", "[{}", "[[[[", "{\"a\":[", "]", "}", "[1}", "{\"a\":1]",
    "[[1]}", "{]", "[}", "[1]]", "{}}", "[1]x", "{}x", "1]", "\"a\"]", "[\"a]", "{\"a\":\"b}",
    "\"\\u12", "\"\\ud83d\\", "[1,{\"a\":[2}]", ",", ":", "[1],", "{}:", "\"a\"\"b",
    "{\"a\":\"b\"c\"}",
  ]

  /// Bytes in a string that are not UTF-8.
  static let undecodable: [[UInt8]] = [
    [0x80], [0xBF], [0xFF], [0xFE], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41],
    [0xE0, 0x80, 0x80],
    [0xE0, 0x9F, 0xBF], [0xE4, 0xB8], [0xE4, 0xB8, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
    [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
    [0xF4, 0x90, 0x80, 0x80],
    [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xE4, 0xE4, 0xB8, 0xAD],
    [0xC3, 0x28],
  ]
}

@Suite struct JSONGrammarTests {
  let values = shape("[]")

  @Test func thereAreEnoughCases() {
    let count =
      GrammarCases.valid.count + GrammarCases.balanced.count + GrammarCases.broken.count
      + GrammarCases.undecodable.count
    #expect(count >= 200)
  }

  @Test(arguments: GrammarCases.valid)
  func whatIsJSONIsRead(text: String) throws {
    #expect(outline(Array(text.utf8)).fault == nil, "\(text)")
    var limits = DocumentLimits()
    limits.nesting = 65
    let reading = read("[1,\(text),2]", values, limits: limits)
    #expect(reading.fault == nil && reading.fields.count == 3, "\(text)")
    #expect(!reading.faults.contains(.malformed), "\(text)")
    #expect(reading.fields.first == ["1"] && reading.fields.last == ["2"])
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if trimmed.hasPrefix("\"") {
      let witness = try #require(
        JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? String)
      #expect(reading.fields[1] == [witness], "\(text)")
    }
    if !trimmed.contains("\n") {
      let line = read(text + "\n", shape(""), isLines: true)
      #expect(line.fault == nil && line.rows.count == 1 && line.fields == [reading.fields[1]])
    }
  }

  @Test(arguments: GrammarCases.balanced)
  func anErrorInsideARecordStaysThere(text: String) {
    #expect(outline(Array(text.utf8)).fault != nil, "\(text)")
    for whole in ["[{\"a\":1},\(text),2]", "[{\"a\":1},{\"x\":\(text),\"y\":1},2]"] {
      let reading = read(whole, values)
      #expect(reading.fault == nil, "\(whole): \(reading)")
      #expect(reading.faults == [.malformed], "\(whole): \(reading)")
      #expect(reading.faultyRows == [1] && reading.fields.count == 3, "\(whole): \(reading)")
      #expect(reading.fields == [["{\"a\":1}"], [nil], ["2"]], "\(whole): \(reading)")
    }
  }

  @Test(arguments: GrammarCases.balanced + GrammarCases.broken)
  func aLineWithAnErrorHurtsNoOther(text: String) {
    let line = text.replacing("\n", with: " ").replacing("\r", with: "\\")
    let reading = read("{\"a\":1}\n\(line)\n[2]\n", shape(""), isLines: true)
    #expect(reading.fault == nil && reading.faults == [.malformed], "\(line): \(reading)")
    #expect(reading.fields == [["{\"a\":1}"], [nil], ["[2]"]], "\(line): \(reading)")
    let raw = line.trimmingCharacters(in: CharacterSet(charactersIn: " \t\r\n"))
    #expect(reading.rows.count == 3 && reading.rows[1].raw == raw, "\(line)")
    #expect(reading.rows.last?.position.line == 3)
  }

  @Test(arguments: GrammarCases.broken)
  func lostStructureEndsTheDocument(text: String) {
    #expect(outline(Array(text.utf8)).fault != nil, "\(text)")
    // Behind a bracket that is never closed, so that none of them ends well.
    let reading = read("[{\"a\":1},[\(text)", values)
    #expect(reading.fault != nil, "\(text): \(reading)")
    #expect(reading.fields.first == ["{\"a\":1}"], "\(text)")
  }

  @Test(arguments: GrammarCases.undecodable)
  func bytesThatAreNoCharacterAreAFaultOfTheRecord(bytes: [UInt8]) {
    let text = Array("[{\"a\":\"x".utf8) + bytes + Array("y\"},{\"a\":\"z\"}]".utf8)
    #expect(outline(text).fault?.kind == .malformed)
    for isLines in [false, true] {
      let whole = isLines ? Array(text.dropFirst().dropLast().map { $0 == 0x2C ? 0x0A : $0 }) : text
      let reading = read(whole, shape(isLines ? "" : "[]", ["a"]), isLines: isLines)
      #expect(reading.fault == nil && reading.faults == [.undecodableBytes], "\(reading)")
      let witness = String(decoding: [0x78] + bytes + [0x79], as: UTF8.self)
      #expect(reading.fields == [[witness], ["z"]])
      #expect(reading.rows[0].faults[0].offsetInRecord == 7)
      #expect(reading.rows[0].raw == "{\"a\":\"\(witness)\"}")
    }
  }

  @Test func bytesThatADecoderReplacedAreAFaultOfTheRecord() {
    let reading = read(
      "[{\"a\":\"x\u{FFFD}\u{FFFD}\"},{\"a\":\"\\ufffd\"},{\"a\":\"佽\"}]", shape("[]", ["a"]))
    #expect(reading.faultyRows == [0])
    #expect(
      reading.rows[0].faults == [
        RecordFault(row: 0, kind: .undecodableBytes, found: 2, offsetInRecord: 7)
      ])
    #expect(reading.fields == [["x\u{FFFD}\u{FFFD}"], ["\u{FFFD}"], ["佽"]])
  }

  @Test func escapesForControlCharactersAreReported() {
    let reading = read(#"[{"a":"x\u0000\b","b":1},{"a":"\t\n\r"}]"#, shape("[]", ["a", "b"]))
    #expect(
      reading.rows[0].faults == [
        RecordFault(row: 0, kind: .controlCharacter, found: 2, offsetInRecord: 7)
      ])
    #expect(reading.fields == [["x\u{0}\u{8}", "1"], ["\t\n\r", nil]])
    #expect(reading.faultyRows == [0])
  }

  @Test func aByteOrderMarkStandsAtTheBeginningOnly() {
    for isLines in [false, true] {
      let text = isLines ? "1\n2" : "[1,2]"
      let marked = read("\u{FEFF}" + text, shape(isLines ? "" : "[]"), isLines: isLines)
      #expect(marked.fault == nil && marked.fields == [["1"], ["2"]])
      #expect(marked.rows[0].position.byteOffset == (isLines ? 3 : 4))
    }
    #expect(read(" \u{FEFF}[1]", values).fault?.kind == .malformed)
    #expect(read("[1]\n\u{FEFF}[2]", values).fault?.kind == .malformed)
    #expect(outline(Array("\u{FEFF}[1]".utf8)).fault == nil)
    #expect(outline(Array("\u{FEFF}\u{FEFF}[1]".utf8)).fault != nil)
  }

  @Test(arguments: [
    ("1e3", "1000"), ("1.5e3", "1500"), ("-2.5E-3", "-0.0025"), ("1.50e1", "15.0"),
    ("12e-1", "1.2"),
    ("1e0", "1"), ("0e5", "0"), ("-0e0", "-0"), ("0.05e2", "5"),
    ("1e39", "1" + String(repeating: "0", count: 39)),
    ("1e40", "1e40"), ("1e-39", "0." + String(repeating: "0", count: 38) + "1"), ("1e-40", "1e-40"),
    ("1e99999999999999999999", "1e99999999999999999999"),
    ("330106199001011234", "330106199001011234"),
    ("1.10", "1.10"), ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("00000000001", ""), ("1.234567890123456789e18", "1234567890123456789"), ("10E+00002", "1000"),
  ])
  func numbersKeepTheirDigits(text: String, plain: String) {
    let reading = read("[{\"n\":\(text)}]", shape("[]", ["n"]))
    #expect(reading.fields == [[plain.isEmpty ? nil : plain]])
  }
}
