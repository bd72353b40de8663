import Records
import Testing

@testable import CSVParsing

@Suite("CSV records")
struct CSVReaderTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    var dialect = CSVDialect()
    var header: [[String]] = [["a", "b"]]
    var rows: [[String?]]

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "empty file", text: "", header: [], rows: []),
    Case(name: "header only", text: "a,b\n", rows: []),
    Case(name: "header only, no line break", text: "a,b", rows: []),
    Case(name: "LF", text: "a,b\n1,2\n3,4\n", rows: [["1", "2"], ["3", "4"]]),
    Case(name: "CRLF", text: "a,b\r\n1,2\r\n3,4\r\n", rows: [["1", "2"], ["3", "4"]]),
    Case(name: "CR", text: "a,b\r1,2\r3,4\r", rows: [["1", "2"], ["3", "4"]]),
    Case(
      name: "mixed", text: "a,b\n1,2\r\n3,4\r5,6", rows: [["1", "2"], ["3", "4"], ["5", "6"]]),
    Case(name: "no last line break", text: "a,b\n1,2", rows: [["1", "2"]]),
    Case(name: "byte-order mark", text: "\u{FEFF}a,b\n1,2\n", rows: [["1", "2"]]),
    Case(name: "quoted", text: "a,b\n\"1\",\"2\"\n", rows: [["1", "2"]]),
    Case(name: "quoted header", text: "\"a\",\"b\"\n1,2\n", rows: [["1", "2"]]),
    Case(name: "empty fields", text: "a,b\n,\n\"\",\"\"\n", rows: [["", ""], ["", ""]]),
    Case(
      name: "doubled quotes", text: "a,b\n\"x \"\"y\"\" z\",\"\"\"\"\n\"\"\"\"\"\",2\n",
      rows: [["x \"y\" z", "\""], ["\"\"", "2"]]),
    Case(
      name: "doubled quotes at the end of the file", text: "a,b\n1,\"\"\"\"",
      rows: [["1", "\""]]),
    Case(
      name: "line breaks in quotes", text: "a,b\n\"1\n2\",\"3\r\n4\"\r\n\"5\r6\",7\n",
      rows: [["1\n2", "3\r\n4"], ["5\r6", "7"]]),
    Case(
      name: "delimiter in quotes", text: "a,b\n\"1,2\",\",\"\n", rows: [["1,2", ","]]),
    Case(
      name: "blank lines", text: "\n\na,b\n\n1,2\r\n\r\n\n3,4\n\n",
      rows: [["1", "2"], ["3", "4"]]),
    Case(
      name: "one column with blank lines", text: "a\n1\n\n2\n\"\"\n", header: [["a"]],
      rows: [["1"], ["2"], [""]]),
    Case(
      name: "semicolon", text: "a;b\n1,5;2\n", dialect: CSVDialect(delimiter: 0x3B),
      rows: [["1,5", "2"]]),
    Case(
      name: "tab", text: "a\tb\n1\t\"2\"\n", dialect: CSVDialect(delimiter: 0x09),
      rows: [["1", "2"]]),
    Case(
      name: "bar", text: "a|b\n1|2\n", dialect: CSVDialect(delimiter: 0x7C), rows: [["1", "2"]]),
    Case(name: "sep line", text: "sep=;\r\na;b\r\n1;2\r\n", rows: [["1", "2"]]),
    Case(name: "sep line, mark", text: "\u{FEFF}SEP=|\na|b\n1|2\n", rows: [["1", "2"]]),
    Case(
      name: "no sep line", text: "sep=,b\n1,2\n", header: [["sep=", "b"]], rows: [["1", "2"]]),
    Case(name: "only a sep line", text: "sep=;", header: [], rows: []),
    Case(
      name: "no header", text: "1,2\n3,4\n", dialect: CSVDialect(headerRows: 0), header: [],
      rows: [["1", "2"], ["3", "4"]]),
    Case(
      name: "two header rows", text: "名称,代码\nname,code\n1,2\n",
      dialect: CSVDialect(headerRows: 2), header: [["名称", "代码"], ["name", "code"]],
      rows: [["1", "2"]]),
    Case(
      name: "blank columns of the header", text: "a,b,,\n1,2\n3,4,,\n5,6,\"\"\n7,8,,\n",
      rows: [["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]]),
    Case(
      name: "a delimiter behind every record",
      text: "a,b\n\n1,2,\r\n\r\n3,\"4\n\",\n5,6,\"\"\n7,8\n",
      rows: [["1", "2"], ["3", "4\n"], ["5", "6"], ["7", "8"]]),
    Case(
      name: "blank columns behind two header rows", text: "a,b\nx,y,,\n1,2,,\n",
      dialect: CSVDialect(headerRows: 2), header: [["a", "b"], ["x", "y"]], rows: [["1", "2"]]),
    Case(
      name: "tab kept", text: "a,b\n\"510104\t\",2\t\n", rows: [["510104\t", "2\t"]]),
    Case(
      name: "Chinese", text: "名称,案由\n成都市某某公司,\"未按规定，\n登记\"\n",
      header: [["名称", "案由"]], rows: [["成都市某某公司", "未按规定，\n登记"]]),
  ]

  @Test("reads what RFC 4180 and real exports contain, every way the same", arguments: cases)
  func reads(_ example: Case) {
    let reading = readEveryWay(example.text, example.dialect)
    #expect(reading.header == example.header)
    #expect(reading.fields == example.rows)
    #expect(reading.faults == [])
    #expect(reading.headerFaults == [])
  }

  @Test(
    "an empty field too many is a fault where the file has none throughout",
    arguments: [
      // In the middle, at the beginning, in the only record, at the end without a line break.
      ("a,b\n1,2\n3,4,\n5,6\n", [1]), ("a,b\n1,2,\n3,4\n", [0]), ("a,b\n1,2,\n", [0]),
      ("a,b\n1,2\n3,4,", [1]), ("a,b\n1,2,", [0]), ("a,b\n1,2\n3,4,\"\"\n", [1]),
      // More than the file is used to; records that disagree; what follows is no record.
      ("a,b,\n1,2,\n3,4,,\n", [1]), ("a,b\n1,2,\n3,4,\n5,6,,\n", [2]),
      ("a,b\n1,2,\n3,4,,\n", [0, 1]), ("a,b\n1,2,\n3,4,5\n6,7,\n", [0, 1, 2]),
      ("a,b\n1,\"2\n\",\n3,4\n", [0]), ("a,b\n1,2,\n3,\"4\n", [0, 1]),
    ])
  func surplus(_ text: String, _ faulty: [Int]) {
    let reading = readEveryWay(text)
    #expect(reading.faultyRows == faulty, "\(reading.rows)")
  }

  @Test("chunks hold no more records and bytes than the dialect says")
  func chunkSizes() {
    let text = "a,b\n1,2\n3,4\n5,6\n7,8\n9,0\n"
    let bytes = CSVDialect(chunkBytes: 7)
    #expect(readEveryWay(text, CSVDialect(chunkRecords: 2)).chunks == [2, 2, 1])
    #expect(readEveryWay(text, bytes).chunks == [2, 2, 1])
    #expect(readEveryWay("a,b\n1,2\n3,444444444\n5,6\n", bytes).chunks == [1, 1, 1])
    #expect(readEveryWay(text).chunks == [5])
  }

  @Test("positions count records, physical lines and bytes from the byte-order mark on")
  func positions() {
    let reading = readEveryWay("\u{FEFF}a,b\r\n\r\n1,\"x\r\ny\n\"\r\n\n二,2\r3,4")
    #expect(
      reading.rows.map(\.position) == [
        SourcePosition(recordNumber: 1, line: 3, byteOffset: 10),
        SourcePosition(recordNumber: 2, line: 7, byteOffset: 22),
        SourcePosition(recordNumber: 3, line: 8, byteOffset: 28),
      ])
    #expect(reading.rows.map(\.raw) == ["1,\"x\r\ny\n\"", "二,2", "3,4"])
    #expect(reading.blankLines == 2)
  }

  @Test("lines of totals and notes are left out only at the end")
  func footers() {
    let dialect = CSVDialect(footerPrefixes: ["合计", "注"])
    let text = "a,b\n合计,1\n1,2\n注:x\n\n合计\n"
    let reading = readEveryWay(text, dialect)
    #expect(reading.fields == [["合计", "1"], ["1", "2"]])
    #expect(reading.faults == [])
    #expect(reading.footers == 2)
    let inside = readEveryWay("a,b\n合计\n注:x\n1,2\n \"合计\",3\n\"合计\",4\n", dialect)
    #expect(inside.fields.map(\.first) == ["合计", "注:x", "1", " \"合计\""])
    #expect(inside.faults == [.fieldCount, .fieldCount, .strayQuote])
    #expect(inside.rows.map(\.position.recordNumber) == [1, 2, 3, 4])
    #expect(inside.rows.map(\.position.line) == [2, 3, 4, 5])
    #expect(inside.footers == 1)
  }

  @Test("more lines of totals than are held back become records")
  func manyFooters() {
    let dialect = CSVDialect(footerPrefixes: ["合计"])
    let text = "a,b\n" + String(repeating: "合计,1\n", count: 100)
    let reading = read(text, dialect)
    #expect(reading.rows.count == 100 - CSVReader.maximumFooters)
    #expect(reading.footers == CSVReader.maximumFooters)
    #expect(reading == read(Array(text.utf8), dialect, path: .plain, cuts: 0..<text.utf8.count))
  }

  @Test("chunks are full at 1024 records or 768 KiB, wherever the feed was cut")
  func chunks() {
    let text = "a,b\n" + String(repeating: "1,2\n", count: 3000)
    #expect(read(text).chunks == [1024, 1024, 952])
    let wide = "a,b\n" + String(repeating: "1,\(String(repeating: "x", count: 9998))\n", count: 200)
    let bytes = Array(wide.utf8)
    let reading = read(bytes)
    #expect(reading.chunks == [78, 78, 44])
    for path in CSVReader.Path.allCases {
      #expect(read(bytes, path: path, cuts: stride(from: 0, to: bytes.count, by: 777)) == reading)
    }
  }

  @Test("an error of the receiver ends the feed")
  func receiverThrows() {
    struct Stop: Error {}
    var reader = CSVReader(CSVDialect())
    let bytes = Array("a\n1\n".utf8)
    #expect(throws: Stop.self) {
      try reader.feed(bytes.span, isLast: true) { _ in throw Stop() }
    }
  }
}

@Suite("CSV reader's reports")
struct CSVReaderReportTests {
  @Test(
    "the header is handed out once, before the first chunk, whatever the file is",
    arguments: [
      ("", []), ("a,b\n", [["a", "b"]]), ("a,b", [["a", "b"]]), ("a,b\n1,2\n", [["a", "b"]]),
    ] as [(String, [[String]])])
  func header(text: String, rows: [[String]]) {
    for piece in [1, 2, 100] {
      var reader = CSVReader(CSVDialect())
      var calls: [[[String]]] = []
      var chunks = 0
      let bytes = Array(text.utf8)
      var start = 0
      repeat {
        let end = min(bytes.count, start + piece)
        reader.feed(
          Array(bytes[start..<end]).span, isLast: end == bytes.count,
          onHeader: { rows in
            #expect(chunks == 0)
            calls.append(rows)
          }, onChunk: { _ in chunks += 1 })
        start = end
      } while start < bytes.count
      #expect(calls == [rows])
    }
  }

  @Test(
    "a file that stops in the middle of a record is truncated",
    arguments: [
      ("a,b\n1,2\n", false), ("a,b\n1,2", false), ("a,b\n1", true), ("a,b\n1,\"2", true),
      ("a,b\n1\n", false), ("a,b\n1,2,3", false), ("", false),
    ])
  func truncated(text: String, expected: Bool) {
    for path in CSVReader.Path.allCases {
      var reader = CSVReader(CSVDialect(), path: path)
      reader.feed(Array(text.utf8).span, isLast: true) { _ in }
      #expect(reader.isTruncated == expected)
    }
  }
}

@Suite("CSV writer")
struct CSVWriterTests {
  static func written(_ fields: [String], _ writer: CSVWriter) -> String {
    var writer = writer
    writer.write(fields)
    return String(decoding: writer.output, as: UTF8.self)
  }

  @Test(
    "a value is quoted only when it has to be",
    arguments: [
      (["a", "b c", "中"], "a,b c,中\n"), (["a,b", "c\"d", "e\nf"], "\"a,b\",\"c\"\"d\",\"e\nf\"\n"),
      ([""], "\"\"\n"), (["", ""], ",\n"), (["sep=;"], "\"sep=;\"\n"), (["a\rb"], "\"a\rb\"\n"),
      ([], "\n"),
    ] as [([String], String)])
  func quoting(fields: [String], expected: String) {
    let writer = CSVWriter(lineEnding: .lf, neutralizesFormulas: false)
    #expect(Self.written(fields, writer) == expected)
  }

  @Test(
    "a formula is neutralized, a number is not",
    arguments: [
      ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+1+1", "'+1+1"), ("-1-1", "'-1-1"),
      ("-12.5", "-12.5"), ("+3", "+3"), ("-", "'-"), ("-.5", "'-.5"), ("-5.", "'-5."),
      ("\tx", "'\tx"), ("\rx", "\"'\rx\""), ("=A1,\"b\"", "\"'=A1,\"\"b\"\"\""), ("a=1", "a=1"),
      ("-1.2.3", "'-1.2.3"),
    ])
  func formulas(value: String, expected: String) {
    #expect(Self.written([value, "x"], CSVWriter()) == expected + ",x\r\n")
  }
}
