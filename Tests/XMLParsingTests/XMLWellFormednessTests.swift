import Foundation
import Records
import Testing

@testable import XMLParsing

@Suite("XML: well-formed or not")
struct XMLWellFormednessTests {
  /// Well-formed documents.
  static let good: [String] = [
    "<a/>", "<a></a>", "<a />", "<a\n/>", "<a></a >", " <a/>", "\n\n<a/>\n\n", "<a/><!--x-->",
    "<a/><?p?>", "<?p?><a/>", "<!-- x --><a/>", "<?xml version='1.0'?><a/>",
    "<?xml version=\"1.0\" encoding='UTF-8' standalone='yes'?><a/>", "<a>x</a>", "<a>&lt;</a>",
    "<a>&#65;&#x4e2d;</a>", "<a>]] ></a>", "<a>></a>", "<a>\"'</a>", "<a b='1'/>",
    "<a b='1' c=\"2\"/>", "<a b = '1'/>", "<a b='>'/>", "<a b='\"'/>", "<a b=\"'\"/>",
    "<a b='/>'/>", "<a b=''/>", "<a b='&#10;'/>", "<a\tb='1'\r\nc='2'/>", "<a><![CDATA[]]></a>",
    "<a><![CDATA[<b>]]></a>", "<a><![CDATA[]]]]></a>", "<a><![CDATA[]]]]><![CDATA[>]]></a>",
    "<a><!----></a>", "<a><!-- - --></a>", "<a><!-- <b> & --></a>", "<a><?p <b> & ?></a>",
    "<a><?p ??></a>", "<中文/>", "<中文 属性='值'>x</中文>", "<_a.-1/>", "<a:b xmlns:a='u'/>",
    "<a xmlns='u'><b xmlns=''/></a>", "<a xmlns:p='u'><p:b xmlns:p='v'/><p:c/></a>",
    "<a xmlns:p='u' xmlns:q='u' p:x='1' x='2'/>", "<a xml:lang='zh'/>", "<a xml:space='preserve'/>",
    "<!DOCTYPE a><a/>", "<!DOCTYPE a []><a/>", "<!DOCTYPE a [ ]><a/>",
    "<!DOCTYPE a SYSTEM 'x>y'><a/>", "<!DOCTYPE a PUBLIC 'p' 's'><a/>",
    "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "<!DOCTYPE a [<!ENTITY e '>]>'>]><a>&e;</a>",
    "<!DOCTYPE a [<!-- ' ]> --><?p ]> ?><!ENTITY e 'x'>]><a b='&e;'>&e;</a>",
    "<!DOCTYPE a [<!ENTITY e 'x&#38;y'>]><a>&e;z;</a>".replacing("&#38;y", with: "y"),
    "<!DOCTYPE a [<!ENTITY e '1'><!ENTITY f '&e;2'>]><a>&f;</a>",
    "<!DOCTYPE a [<!ENTITY e '1'><!ENTITY e '2'>]><a>&e;</a>",
    "<!DOCTYPE a [<!ELEMENT a (#PCDATA)><!ATTLIST a b CDATA 'd' c (x|y) #IMPLIED>]><a/>",
    "<!DOCTYPE a [<!NOTATION n SYSTEM 'x'><!ENTITY u SYSTEM 'y' NDATA n>]><a/>",
    "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a/>",
    "<!DOCTYPE a [<!ENTITY % p 'x'>]><a/>", "<a>\u{10FFFF}\u{E000}\u{FFFD}</a>", "<a>\t\r\n</a>",
    "<a>\u{85}\u{2028}</a>", "<a><b/><b/><b></b></a>",
    "<a b='\u{A0}'>\u{3000}</a>", "<a>&#x10FFFF;</a>", "<a b='&apos;&quot;&amp;&lt;&gt;'/>",
  ]

  /// Documents that are not, and what is wrong: `t` for those that end too early.
  static let bad: [(String, String)] = [
    ("", "t"), (" ", "t"), ("<", "t"), ("<a", "t"), ("<a ", "t"), ("<a>", "t"), ("<a></", "t"),
    ("<a></a", "t"), ("<a b", "t"), ("<a b='", "t"), ("<a b='1'", "t"), ("<a>x", "t"),
    ("<a><b></b>", "t"), ("<a><!-- x", "t"), ("<a><![CDATA[x", "t"), ("<a><![CDATA[x]]", "t"),
    ("<a><?p x", "t"), ("<!DOCTYPE a [", "t"), ("<!DOCTYPE a", "t"), ("<?xml version='1.0'", "t"),
    ("<a>&am", "t"), ("<a>&#6", "t"), ("<!-- x -->", "t"), ("<?xml version='1.0'?>", "t"),
    ("<a></b>", "m"), ("<a><b></a></b>", "m"), ("</a>", "m"), ("<a/></a>", "m"), ("<a/><b/>", "m"),
    ("<a/>x", "m"), ("x<a/>", "m"), ("x", "m"), ("{}", "m"), ("<a>&x;</a>", "m"), ("<a>&</a>", "m"),
    ("<a>& b</a>", "m"), ("<a>&x</a>", "m"), ("<a>&#0;</a>", "m"), ("<a>&#x110000;</a>", "m"),
    ("<a>&#8;</a>", "m"), ("<a>&#xZ;</a>", "m"), ("<a><</a>", "m"), ("<a>5 < 6</a>", "m"),
    ("<a>]]></a>", "m"), ("<a b=1/>", "m"), ("<a b/>", "m"), ("<a b='1'c='2'/>", "m"),
    ("<a b='<'/>", "m"), ("<a b='1' b='2'/>", "m"), ("<a b='&x;'/>", "m"), ("<a b='&'/>", "m"),
    ("<a <b/>", "m"), ("<1/>", "m"), ("<-a/>", "m"), ("<>", "m"), ("< a/>", "m"), ("<a / >", "m"),
    ("<a/ >", "m"), ("<a></a b='1'>", "m"), ("<a></ a>", "m"), ("<a><!-- -- --></a>", "m"),
    ("<a><!-- x ---></a>", "m"), ("<a><!x></a>", "m"), ("<a><! -- --></a>", "m"),
    ("<a><?xml version='1.0'?></a>", "m"), (" <?xml version='1.0'?><a/>", "m"),
    ("<?xml?><a/>", "m"), ("<?xml version='1.0' foo='x'?><a/>", "m"), ("<a><? p?></a>", "m"),
    ("<p:a/>", "m"), ("<a p:b='1'/>", "m"), ("<a xmlns:p=''/>", "m"),
    ("<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>", "m"), ("<a xmlns='u' xmlns='v'/>", "m"),
    ("<a xmlns:xmlns='u'/>", "m"), ("<a><b xmlns:p='u'/><p:c/></a>", "m"),
    ("<a>\u{0}</a>", "m"), ("<a>\u{1}</a>", "m"), ("<a>\u{B}</a>", "m"), ("<a b='\u{2}'/>", "m"),
    ("<a>\u{FFFE}</a>", "m"), ("<a><!-- \u{1} --></a>", "m"), ("<a><![CDATA[\u{1}]]></a>", "m"),
    ("<a>\u{0}\u{0}</a>", "m"), ("\u{0}", "m"), ("<a\u{0}/>", "m"),
    ("<!DOCTYPE a><!DOCTYPE a><a/>", "m"), ("<a/><!DOCTYPE a>", "m"), ("<a><!DOCTYPE a></a>", "m"),
    ("<!DOCTYPEa><a/>", "m"), ("<!DOCTYPEa []><a/>", "m"), ("<!DOCTYPE><a/>", "m"),
    ("<!DOCTYPE a [<!ENTITY e 'x>]><a/>", "t"), ("<!DOCTYPE a [<!ENTITY e>]><a/>", "m"),
    ("<!DOCTYPE a [<!ENTITY e '&#38;'>]><a>&e;</a>", "m"),
    ("<!DOCTYPE a [<!FOO>]><a/>", "m"), ("<![CDATA[x]]><a/>", "m"), ("<a/><![CDATA[x]]>", "m"),
    ("&amp;<a/>", "m"), ("<a/>&amp;", "m"), ("<a>x</a></a>", "m"), ("<A></a>", "m"),
    ("\u{FEFF}\u{FEFF}<a/>", "m"),
  ]

  private let shape = RecordShape("a", ["."])

  @Test("well-formed documents have no fault", arguments: good)
  func goodDocument(_ text: String) {
    for pieceBytes in [1, 2, 5, 65536] {
      #expect(read(text, shape, pieceBytes: pieceBytes).fault == nil)
    }
  }

  @Test("others have one", arguments: bad.indices)
  func badDocument(_ index: Int) throws {
    let (text, kind) = Self.bad[index]
    let document = read(text, shape)
    let fault = try #require(document.fault, "\(text)")
    #expect(fault.kind == (kind == "t" ? .truncated : .malformed), "\(text): \(fault)")
    #expect(document.records.isEmpty)
    #expect(!fault.message.isEmpty && !fault.message.contains("xmlParse"), "\(text): \(fault)")
    #expect(!fault.message.hasSuffix("\n") && !fault.message.hasSuffix(" "))
    #expect((0...text.utf8.count).contains(fault.byteOffset))
    if kind == "t" { #expect(fault.byteOffset == text.utf8.count) }
    for pieceBytes in 1...5 {
      let again = read(text, shape, pieceBytes: pieceBytes)
      #expect(again.fault?.kind == fault.kind, "\(text) by \(pieceBytes): \(again.fault as Any)")
      #expect(again.records.isEmpty)
    }
  }

  @Test("expat agrees", .enabled(if: Witness.python != nil))
  func witness() throws {
    let script = """
      import json, sys, xml.parsers.expat as expat
      def check(text):
          p = expat.ParserCreate(encoding='UTF-8', namespace_separator=' ')
          p.ExternalEntityRefHandler = lambda *a: 1
          try:
              p.Parse(text.encode('utf-8', 'surrogatepass'), True)
              return True
          except expat.ExpatError:
              return False
      json.dump([check(t) for t in json.load(open(sys.argv[1], encoding='utf-8'))],
                open(sys.argv[2], 'w'))
      """
    let texts = Self.good + Self.bad.map(\.0)
    let verdicts = try Witness.run(script, texts, as: [Bool].self)
    for (text, isGood) in zip(texts, verdicts) {
      #expect((read(text, shape).fault == nil) == isGood, "\(text)")
    }
  }

  @Test("a fault has its place", arguments: [1, 4, 65536])
  func place(_ pieceBytes: Int) {
    let text = "<a>\r\n<b>清源</b>\r<c>\n</d></a>"
    let document = read(text, shape, pieceBytes: pieceBytes)
    #expect(document.fault?.line == 4)
    #expect(document.fault?.byteOffset == offset(of: "</a>", in: text))
    #expect(document.fault?.message.hasPrefix("Opening and ending tag mismatch: c ") ?? false)
    let bare = read("\u{FEFF}<a>\n5 < 6</a>", shape, pieceBytes: pieceBytes)
    #expect(bare.fault?.byteOffset == 9)
    #expect(bare.fault?.line == 2)
  }

  @Test(
    "what stands where the document should begin is a fault at the beginning",
    arguments: [
      "<![CDATA[<'>x]]></a>", "<![CDATA[x]]>", "<![CDATA[", "x", "</a>", "&a;",
      "<![CDATA[u 'R><x\n!--x-@>n",
    ])
  func badBeginning(_ text: String) {
    for pieceBytes in [1, 4, 7, 65536] {
      let document = read(text, shape, pieceBytes: pieceBytes)
      #expect(document.fault != nil, "pieces of \(pieceBytes)")
      #expect(document.fault?.line == 1, "pieces of \(pieceBytes)")
      #expect((0...text.utf8.count).contains(document.fault?.byteOffset ?? -1))
    }
  }

  @Test("where no document may begin does not depend on what reads it")
  func badBeginningWithAndWithoutLibXML2() {
    let text = Array("<![CDATA[x y:z='u'v'w']><R><U><T>&e;</T></U></R>".utf8)
    let plain = read(text, shape)
    #expect(plain.fault?.byteOffset == 1)
    #expect(read(text, shape, isLibXML2Only: true).fault == plain.fault)
  }

  @Test(
    "the end of a CDATA section that never began has its place, behind any length of text",
    arguments: [0, 5, 299, 300, 301, 1000, 70_000])
  func straySectionEnd(_ length: Int) {
    let head = "<a>\n<b>" + String(repeating: "x", count: length)
    for isLibXML2Only in [false, true] {
      let fault = read(Array((head + "]]></b></a>").utf8), shape, isLibXML2Only: isLibXML2Only)
        .fault
      #expect(fault?.byteOffset == head.utf8.count && fault?.line == 2, "\(isLibXML2Only)")
    }
  }

  @Test("records before a fault that were handed out stay, nothing comes after it")
  func nothingAfter() {
    var limits = DocumentLimits()
    limits.chunkRecords = 2
    let text = "<R>" + (1...5).map { "<C>\($0)</C>" }.joined() + "</X>"
    let document = read(text, RecordShape("R/C[]", ["."]), limits: limits)
    #expect(document.values == [["1"], ["2"], ["3"], ["4"]])
    #expect(document.fault?.kind == .malformed)
  }
}
