import JSONParsing
import Records
import Testing

@Suite struct JSONOutlineTests {
  @Test func valuesAreListedWithTheirPaths() {
    let text = """
      {"data":{"list":[{"name":"甲\\n","n":1.50},[],[[true]],{}],"\\u0061/b":null},"":{"x":[]}}
      [1,{"y":2}] "s"
      """
    let (lines, fault) = outline(Array(text.utf8))
    #expect(fault == nil)
    #expect(
      lines == [
        OutlineLine("/data/list[1]/name", .string, "甲\n"),
        OutlineLine("/data/list[1]/n", .number, "1.50"),
        OutlineLine("/data/list[2]", .array, "[]"),
        OutlineLine("/data/list[3][1][1]", .boolean, "true"),
        OutlineLine("/data/list[4]", .object, "{}"), OutlineLine("/data/a/b", .null, "null"),
        OutlineLine("//x", .array, "[]"), OutlineLine("#2/[1]", .number, "1"),
        OutlineLine("#2/[2]/y", .number, "2"), OutlineLine("#3/", .string, "s"),
      ])
    #expect(outline(Array("{}".utf8)).lines == [OutlineLine("/", .object, "{}")])
    #expect(outline(Array(" 12".utf8)).lines == [OutlineLine("/", .number, "12")])
  }

  @Test func linesAreDocuments() {
    let (lines, fault) = outline(Array("{\"a\":1}\r\n\n[2]\n".utf8), isLines: true)
    #expect(fault == nil)
    #expect(lines == [OutlineLine("/a", .number, "1"), OutlineLine("#2/[1]", .number, "2")])
    #expect(outline(Array("1 2".utf8), isLines: true).fault?.kind == .malformed)
    #expect(outline(Array("1 2".utf8), isLines: false).fault == nil)
    let cut = outline(Array("1\n[\n2]".utf8), isLines: true).fault
    #expect(cut?.kind == .truncated && cut?.line == 2)
    #expect(outline([], isLines: true).fault == nil)
    #expect(outline([], isLines: false).fault?.kind == .truncated)
  }

  @Test func limitsAreFaults() {
    var limits = DocumentLimits()
    limits.recordBytes = 100
    for length in [96, 98, 99, 200] {
      let text = Array(("[\"" + String(repeating: "x", count: length) + "\"]").utf8)
      #expect((outline(text, limits: limits).fault == nil) == (length <= 98), "\(length)")
      let number = Array(("[" + String(repeating: "1", count: length) + "]").utf8)
      #expect((outline(number, limits: limits).fault == nil) == (length <= 100), "\(length)")
    }
    let twice = outline(Array("{\"a\":1,\n\"a\":2}".utf8))
    #expect(twice.fault?.line == 2 && twice.fault?.byteOffset == 8 && twice.lines.count == 1)
  }
}
