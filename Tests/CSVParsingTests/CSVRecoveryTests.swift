import Records
import Testing

@testable import CSVParsing

@Suite("CSV recovery")
struct CSVRecoveryTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    /// Lines between two good records `g1,x,y` and `g2,x,y` under a header of three columns.
    var middle: String
    var dialect = CSVDialect()
    var faults: [RecordFault.Kind]
    /// Bytes of the malformed records.
    var raws: [String]

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "too few", middle: "1,2\n", faults: [.fieldCount], raws: ["1,2"]),
    Case(name: "too many", middle: "1,2,3,4\n", faults: [.fieldCount], raws: ["1,2,3,4"]),
    Case(name: "stray quote", middle: "1,a\"b,3\n", faults: [.strayQuote], raws: ["1,a\"b,3"]),
    Case(
      name: "two stray quotes", middle: "1,a\"b\"c,3\n", faults: [.strayQuote],
      raws: ["1,a\"b\"c,3"]),
    Case(
      name: "text after quote", middle: "1,\"a\"b,3\n", faults: [.strayQuote], raws: ["1,\"a\"b,3"]),
    Case(
      name: "space before quote", middle: "1, \"a\",3\n", faults: [.strayQuote],
      raws: ["1, \"a\",3"]),
    Case(name: "unclosed", middle: "1,\"a,3\n", faults: [.unclosedQuote], raws: ["1,\"a,3"]),
    Case(
      name: "unclosed twice", middle: "1,\"a,3\n4,\"5,6\n",
      faults: [.strayQuote], raws: ["1,\"a,3\n4,\"5,6"]),
    Case(
      name: "unclosed over lines", middle: "1,\"a\nb\nc,3\n", faults: [.unclosedQuote],
      raws: ["1,\"a\nb\nc,3"]),
    Case(
      name: "unclosed, then a quoted record", middle: "1,\"a,3\n",
      faults: [.unclosedQuote], raws: ["1,\"a,3"]),
    Case(
      name: "NUL", middle: "1,a\0b,3\n", faults: [.controlCharacter], raws: ["1,a\0b,3"]),
    Case(
      name: "control in quotes", middle: "1,\"a\u{1}b\u{7F}\",3\n", faults: [.controlCharacter],
      raws: ["1,\"a\u{1}b\u{7F}\",3"]),
    Case(
      name: "replacement", middle: "1,\u{FFFD}\u{FFFD},3\n", faults: [.undecodableBytes],
      raws: ["1,\u{FFFD}\u{FFFD},3"]),
    Case(
      name: "wrong count over lines", middle: "1,\"a\nb c\"\n", faults: [.fieldCount],
      raws: ["1,\"a\nb c\""]),
    Case(
      name: "quote over lines, then text", middle: "1,\"a\nb\"c,3\n", faults: [.strayQuote],
      raws: ["1,\"a\nb\"c,3"]),
    Case(
      name: "long record", middle: "1,\(String(repeating: "x", count: 60)),3\n",
      dialect: CSVDialect(maximumRecordBytes: 40), faults: [.recordSize],
      raws: ["1,\(String(repeating: "x", count: 60)),3"]),
    Case(
      name: "long quoted record", middle: "1,\"\(String(repeating: "x", count: 60))\",3\n",
      dialect: CSVDialect(maximumRecordBytes: 40), faults: [.recordSize],
      raws: ["1,\"\(String(repeating: "x", count: 60))\",3"]),
    Case(
      name: "many fields", middle: String(repeating: ",", count: 9) + "\n",
      dialect: CSVDialect(maximumFields: 8), faults: [.fieldLimit],
      raws: [String(repeating: ",", count: 9)]),
    Case(
      name: "blank lines around", middle: "\n1,\"a\n\n", faults: [.unclosedQuote],
      raws: ["1,\"a"]),
  ]

  @Test(
    "a malformed record is one row with a fault and leaves its neighbours intact",
    arguments: cases)
  func recovers(_ example: Case) {
    for good in ["x,y", "\"x\",\"y\""] {
      let text = "a,b,c\ng1,\(good)\n\(example.middle)g2,\(good)\ng3,\(good)\n"
      let reading = readEveryWay(text, example.dialect)
      #expect(reading.faults == example.faults)
      let faulty = reading.rows.filter { !$0.faults.isEmpty }
      #expect(faulty.map(\.raw) == example.raws)
      let intact = reading.rows.filter { $0.faults.isEmpty }
      #expect(intact.map(\.fields) == [["g1", "x", "y"], ["g2", "x", "y"], ["g3", "x", "y"]])
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(intact.last?.position.line == lines.count - 1)
    }
  }

  @Test("a malformed record at the end of the file is found")
  func atTheEnd() {
    let reading = readEveryWay("a,b\n1,2\n3,\"4\n5,6\n7,\"8")
    #expect(reading.fields == [["1", "2"], ["3", "\"4"], ["5", "6"], ["7", "\"8"]])
    #expect(reading.faults == [.unclosedQuote, .unclosedQuote])
  }

  @Test("faults say what was found, expected and where")
  func faultDetails() {
    let reading = readEveryWay("a,b\n1,2,3\n1\n甲,x\"y\n\"z\"w,2\nv,\"u\n\u{1}\u{2},\u{FFFD}\n")
    #expect(
      reading.rows.flatMap(\.faults) == [
        RecordFault(row: 0, kind: .fieldCount, found: 3, expected: 2, offsetInRecord: 4),
        RecordFault(row: 0, kind: .fieldCount, found: 1, expected: 2, offsetInRecord: 1),
        RecordFault(row: 0, kind: .strayQuote, found: 2, expected: 2, offsetInRecord: 5),
        RecordFault(row: 0, kind: .strayQuote, found: 2, expected: 2, offsetInRecord: 3),
        RecordFault(row: 0, kind: .unclosedQuote, found: 2, expected: 2, offsetInRecord: 2),
        RecordFault(row: 0, kind: .undecodableBytes, found: 1, expected: 0, offsetInRecord: 3),
        RecordFault(row: 0, kind: .controlCharacter, found: 2, expected: 0, offsetInRecord: 0),
      ])
    #expect(reading.fields[1] == ["1", nil])
  }

  @Test("faults of the header are reported beside it")
  func header() {
    let reading = readEveryWay("a,\"b\n1,2\n3,4\n")
    #expect(reading.headerFaults.map(\.kind) == [.unclosedQuote])
    #expect(reading.header == [["a", "\"b"]])
    #expect(reading.fields == [["1", "2"], ["3", "4"]])
  }

  @Test("an overlong record keeps its first bytes and says how long it was")
  func overlong() {
    let long = String(repeating: "长", count: 50_000)
    let text = "a,b\n1,2\n3,\(long)\n5,6\n"
    let bytes = Array(text.utf8)
    let dialect = CSVDialect(maximumRecordBytes: 100_000)
    for path in CSVReader.Path.allCases {
      let reading = read(bytes, dialect, path: path, cuts: stride(from: 1, to: 200_000, by: 997))
      #expect(reading.fields == [["1", "2"], ["3", nil], ["5", "6"]])
      #expect(
        reading.rows[1].faults == [
          RecordFault(
            row: 0, kind: .recordSize, found: 150_002, expected: 100_000,
            offsetInRecord: 100_000)
        ])
      #expect(reading.rows[1].raw.utf8.count == 65_534)
      #expect(reading.rows[1].raw.hasSuffix("长"))
      #expect(reading.rows[2].position.byteOffset == 4 + 4 + 150_003)
    }
  }

  @Test("a stray quote at the beginning does not swallow a large file")
  func largeFile() {
    var text = "a,b,c\n1,\"2,3\n"
    for row in 0..<20_000 { text += "\(row),好,z\n" }
    let bytes = Array(text.utf8)
    for path in CSVReader.Path.allCases {
      let reading = read(bytes, CSVDialect(maximumRecordBytes: 100_000), path: path)
      #expect(reading.rows.count == 20_001)
      #expect(reading.faultyRows == [0])
    }
  }

  @Test("lines that never become a record again end up in pieces of 64 KiB")
  func hopeless() {
    var text = "a,b,c\n"
    for row in 0..<20_000 { text += "\(row),\"x\ny\"z\n" }
    for path in CSVReader.Path.allCases {
      let reading = read(Array(text.utf8), path: path)
      #expect(reading.faultyRows.count == reading.rows.count)
      #expect(reading.rows.allSatisfy { $0.raw.utf8.count <= 66_000 })
      #expect(reading.rows.map { $0.raw.utf8.count + 1 }.reduce(6, +) == text.utf8.count)
    }
  }
}
