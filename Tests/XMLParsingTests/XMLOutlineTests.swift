import Records
import Testing

@testable import XMLParsing

@Suite("XML: outline")
struct XMLOutlineTests {
  private func outline(
    _ text: String, limits: DocumentLimits = DocumentLimits(),
    pieceBytes: Int = XMLReader.pieceBytes
  ) -> (values: [String], fault: DocumentFault?) {
    var outline = XMLOutline(limits: limits, pieceBytes: pieceBytes)
    var values: [String] = []
    outline.feed(Array(text.utf8).span, isLast: true) { (path, kind, text) in
      values.append(kind == .empty ? "\(path) empty" : "\(path) = \(text)")
    }
    return (values, outline.fault)
  }

  @Test("values come with their paths", arguments: [1, 7, 65536])
  func values(_ pieceBytes: Int) {
    let text = """
      <?xml version="1.0"?><!DOCTYPE E [<!ENTITY org "局">]>
      <E date="1" xmlns:p="urn:p"><!-- c --><C id="7"><No>a&amp;&org;</No><p:No>x</p:No></C>
        <C> <No/> <T>m<b>i</b>x<?pi?>ed<b>2</b></T></C><C k=""/><D><![CDATA[ ]]></D></E>
      """
    let read = outline(text, pieceBytes: pieceBytes)
    #expect(read.fault == nil)
    #expect(
      read.values == [
        "/E/@date = 1", "/E/C/@id = 7", "/E/C/No = a&局", "/E/C/No = x",
        "/E/C[2]/No empty", "/E/C[2]/T/b = i", "/E/C[2]/T/b[2] = 2", "/E/C[2]/T = mxed",
        "/E/C[3]/@k = ", "/E/C[3] empty", "/E/D empty",
      ])
  }

  @Test("a document that is not well-formed has a fault, and its place")
  func faults() {
    let broken = outline("<E>\n<A>1</A>\n<B></C></E>")
    #expect(broken.values == ["/E/A = 1"])
    #expect(broken.fault?.kind == .malformed)
    #expect(broken.fault?.line == 3)
    #expect(outline("<E><A>").fault?.kind == .truncated)
    #expect(outline("").fault?.kind == .truncated)
    var limits = DocumentLimits()
    limits.nesting = 3
    #expect(outline("<a><b><c/></b></a>", limits: limits).fault == nil)
    #expect(outline("<a><b><c><d/></c></b></a>", limits: limits).fault?.kind == .nesting)
  }

  @Test("a long text is cut at the limit")
  func longText() {
    var limits = DocumentLimits()
    limits.recordBytes = 1000
    let read = outline("<a>" + String(repeating: "x", count: 300_000) + "</a>", limits: limits)
    #expect(read.values.map(\.count) == [1000 + "/a = ".count])
  }
}
