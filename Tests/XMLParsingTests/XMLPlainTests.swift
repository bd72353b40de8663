import Foundation
import Records
import Testing

@testable import XMLParsing

/// What is read without libxml2 has to come out as libxml2 would have it: records, fields, positions,
/// faults and their messages.
@Suite("XML: plain content read without libxml2")
struct XMLPlainTests {
  // MARK: - Documents

  /// Random documents that are plain in the main, and have one of each unusual thing now and then.
  struct Maker {
    var random: SeededGenerator
    /// Percent of the places that have something unusual.
    var oddness: Int
    /// What stands between the first and the last tag of the document.
    private(set) var content = ""
    private var prefixes: [String] = []

    init(_ seed: Int, oddness: Int) {
      random = SeededGenerator(seed: UInt64(seed))
      self.oddness = oddness
    }

    mutating func chance(_ percent: Int) -> Bool {
      Int.random(in: 0..<100, using: &random) < percent
    }
    mutating func one<T>(_ of: [T]) -> T { of[Int.random(in: 0..<of.count, using: &random)] }

    static let heads = [
      "", "<?xml version='1.0'?>",
      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes' ?>\r\n",
      "\u{FEFF}<?xml version='1.0' encoding='GB18030'?>\n", "<!-- <R> -->\n", "\n\n",
      "<?p <R> ?><!-- x -->", "<!DOCTYPE R>", "<!DOCTYPE R [<!ENTITY e 'v&#38;w'>]>",
      "<!DOCTYPE R [<!ATTLIST T d CDATA 'def'>]>",
    ]
    static let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
    /// First tags, and the prefixes that they declare.
    static let roots: [(String, [String])] = [
      ("<R>", []), ("<R\n>", []), ("<R xmlns='urn:r'>", []),
      ("<R xmlns:p='urn:p' a='1>2'>", ["p:"]),
      ("<R xmlns='' \(xsi)>", ["xsi:"]), ("<p:R xmlns:p='urn:p'>", ["p:"]),
      ("<R xmlns='urn:r' xmlns:p='urn:r' xmlns:q='urn:q' >", ["p:", "q:"]),
      ("<R xmlns:p='urn:p' xmlns:q='urn:p' \(xsi)>", ["p:", "q:", "xsi:"]),
    ]
    static let breaks = ["\n", "\r\n", "\r", " ", "\n  ", "\t", ""]

    mutating func document() -> String {
      var text = oddness > 0 ? one(Self.heads) : one(Array(Self.heads[..<7]))
      let root: String
      (root, prefixes) = one(Self.roots)
      content = one(Self.breaks)
      let units = Int.random(in: 0..<8, using: &random)
      for _ in 0..<units { content += element(one(["U", "U", "U", "X"]), 0) + one(Self.breaks) }
      text += root + content + (root.hasPrefix("<p:R") ? "</p:R>" : "</R>")
      return text + one(["", "", "\n", "<!-- end -->", oddness > 0 ? "x" : "", " \r\n"])
    }

    private mutating func element(_ name: String, _ depth: Int) -> String {
      let written = prefix(8) + name
      let tag = "<" + written + attributes() + one(["", "", "", " ", "\n"])
      if chance(12) { return tag + "/>" }
      var text = tag + ">"
      let count = depth == 0 ? Int.random(in: 0..<9, using: &random) : chance(60) ? 1 : 3
      for _ in 0..<count {
        let isElement = depth == 0 ? chance(75) : depth < 5 && chance(25)
        text +=
          isElement
          ? element(
            one(["C", "T", "A", "B", "N", "名称", "LongerThanEight", "QuiteALongNameOfAnElement"]),
            depth + 1)
          : run()
      }
      return text + "</" + written + one(["", "", "", " ", "\n"]) + ">"
    }

    /// Seldom one that is not declared.
    private mutating func prefix(_ percent: Int) -> String {
      guard chance(percent) else { return "" }
      if chance(oddness) { return one(["p:", "q:", "xsi:"]) }
      return prefixes.isEmpty ? "" : one(prefixes)
    }

    private mutating func attributes() -> String {
      var text = ""
      var names = ["k", "code", "date", "nil", "属性", "aVeryLongAttributeName"].shuffled(
        using: &random)
      while chance(25), let local = names.popLast() {
        let name = prefix(40) + local
        let value = one([
          "1", "", "true", "a&lt;b", "清源", "x\ny", "&#10;", "'", ">", "a \t b", "\r\n",
        ])
        let quote = value.contains("'") ? "\"" : one(["'", "\""])
        text += one([" ", "\n", "  "]) + name + one(["=", "=", " = "]) + quote + value + quote
      }
      if chance(oddness) {
        text += one([
          " xmlns='urn:u'", " xmlns:p='urn:other'",
          " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'",
          " xml:lang='zh'", " k='&e;'", " k='<'", " k=v", " k", " k='1'k='2'", " 1='x'",
          " a:b:c='1'", " :='1'",
          " xml:space='preserve'", " k='\u{1}'", " xmlns=''", " nope:k='1'",
        ])
      }
      return text
    }

    private mutating func run() -> String {
      if chance(oddness) {
        return one([
          "<?p </C> ?>", "&e;", "]]>", "&", "<", "& ", "&#0;", "&#xFFFF;", "&amp", "&#x110000;",
          "\u{1}",
          "\u{FFFE}", "<!-- -- -->", "<!x>", "</>", "<>", "< T>", "</C>", "<T", "<1/>", "<T/",
          "<T / >",
          "<![CDATA[a\r\nb]]>", "<![CDATA[", "<!--", "<!---->", "<a:b:c/>", "<nope:T/>", "<:T/>",
          "&#;", "&#x;",
          "&#00000000000065;", "&lt ;", "<xml:T/>", "<xmlns/>", "<T xmlns:p='urn:x'><p:T/></T>",
          "\u{0}",
          "<T xmlns=''>1</T>", "<?xml version='1.0'?>",
        ])
      }
      return one([
        "x", "案由", " ", "\n\t", "\r\n", "\r", "&amp;", "&#10;", "&#x4e2d;", "&#13;", "&lt;b&gt;",
        "&quot;&apos;",
        "<![CDATA[]]>", "]", "]]", ">", "]>", "<![CDATA[<C>&x;]]]]>", "<!-- </C> -->", "<!---->",
        "a\u{FFFD}b",
        "\u{1F600}", "'\">", "2026-06-15 08:00:00", "清源市北塔区交通运输局，经查明当事人违法事实清楚", "&#65;&#x1F600;",
        "\u{7F}\u{85}", "\u{10FFFD}", "x<!-- a - b -->y<![CDATA[ z ]]>",
      ])
    }
  }

  static let paths = [
    "T", "A", "A/T", "A[]", "A[]/B[]", "B[2]", "B[2]/T", "@k", "T/@k", "N/A/B", ".", "名称",
    "LongerThanEight",
    "C/@date", "QuiteALongNameOfAnElement", "p:T",
  ]
  static let spaces = ["p": "urn:p"]
  static let shapes = [
    RecordShape(
      "R/U[]", paths, children: [("A[]", [".", "@k", "B"]), ("C[]/T[]", ["."])], namespaces: spaces),
    RecordShape(
      "R/U[]/C[]", paths + ["../@k", "../T", "../A[]/T"], children: [("A[]", [".", "@k", "B[]"])],
      total: "R/X/N", namespaces: spaces),
    RecordShape("R/U[]", ["T", "A", "B", "N", "C", "名称", "@code", "LongerThanEight"]),
  ]

  /// Compares both ways to read a text.
  ///
  /// - Returns: What came out.
  @discardableResult
  private func compare(
    _ bytes: [UInt8], _ shape: RecordShape, _ limits: DocumentLimits = DocumentLimits(),
    cuts: [Int] = [], pieceBytes: Int = XMLReader.pieceBytes
  ) -> ReadDocument {
    let plain = read(bytes, shape, limits: limits, cuts: cuts, pieceBytes: pieceBytes)
    let whole = read(
      bytes, shape, limits: limits, cuts: cuts, pieceBytes: pieceBytes, isLibXML2Only: true)
    #expect(
      plain == whole, "\(String(decoding: bytes, as: UTF8.self)) by \(pieceBytes) cut at \(cuts)")
    return plain
  }

  // MARK: - Comparisons

  @Test("random documents, plain and unusual", arguments: [0, 1, 4, 12], [0, 1, 2])
  func randomDocuments(_ oddness: Int, _ shape: Int) {
    var faults = 0
    var records = 0
    for seed in 0..<700 {
      var maker = Maker(seed * 4 + shape * 100_000 + 17, oddness: oddness)
      let document = compare(Array(maker.document().utf8), Self.shapes[shape])
      faults += document.fault == nil ? 0 : 1
      records += document.records.count
    }
    // Both sides are met.
    #expect(faults < 600 && (oddness == 0 || faults > 20), "\(faults)")
    #expect(records > (oddness == 0 ? 300 : 5), "\(records)")
  }

  @Test("the other generator's documents")
  func otherDocuments() {
    for seed in 0..<600 {
      var maker = DocumentMaker(random: SeededGenerator(seed: UInt64(seed + 40_000)))
      let bytes = Array(maker.document().utf8)
      for shape in [XMLPropertyTests.flat, XMLPropertyTests.deep] { compare(bytes, shape) }
    }
  }

  @Test("any byte changed, lost or put in; also what is not UTF-8", arguments: [0, 3])
  func damaged(_ oddness: Int) {
    var random = SeededGenerator(seed: 99)
    for seed in 0..<900 {
      var maker = Maker(seed + 7000, oddness: oddness)
      var bytes = Array(maker.document().utf8)
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.remove(at: at)
        case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 2:
          let added = "<>&;/='\"] \n\rxT!-".utf8.randomElement(using: &random) ?? 0
          bytes.insert(added, at: at)
        case 3: bytes.swapAt(at, Int.random(in: 0..<bytes.count, using: &random))
        case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 9)], at: at)
        default: bytes = Array(bytes[..<max(1, at)])
        }
      }
      compare(bytes, Self.shapes[seed % 3])
    }
  }

  @Test("well-formed documents and others, whole and wherever they are cut")
  func wellFormedness() {
    let shape = RecordShape("a", [".", "@b"])
    let inside = RecordShape("r/a[]", [".", "@b"])
    for text in XMLWellFormednessTests.good + XMLWellFormednessTests.bad.map(\.0) {
      compare(Array(text.utf8), shape)
      compare(Array("<r>\n\(text)\n</r>".utf8), inside)
      compare(Array("<r><a>&amp;</a><x>\(text)</x></r>".utf8), inside)
    }
  }

  @Test("wherever the text is cut, the records are the same")
  func cuts() {
    for seed in 0..<25 {
      var maker = Maker(seed + 300, oddness: seed % 5 == 0 ? 2 : 0)
      let bytes = Array(maker.document().utf8)
      let shape = Self.shapes[seed % 3]
      let whole = compare(bytes, shape)
      for pieceBytes in [1, 2, 3, 5, 8, 13, 21, 64] {
        let cut = read(bytes, shape, pieceBytes: pieceBytes)
        #expect(cut.records == whole.records && cut.census == whole.census)
        #expect(cut.fault?.kind == whole.fault?.kind)
      }
      for cut in 0...bytes.count {
        let parts = read(bytes, shape, cuts: [cut], pieceBytes: cut + 1)
        #expect(
          parts.records == whole.records && parts.fault?.kind == whole.fault?.kind,
          "\(String(decoding: bytes, as: UTF8.self)) at \(cut)")
      }
    }
  }

  @Test("limits of units hold alike")
  func limits() {
    var limits = DocumentLimits()
    limits.chunkRecords = 2
    limits.fields = 8
    limits.nesting = 4
    limits.recordBytes = 150
    for seed in 0..<500 {
      var maker = Maker(seed + 20_000, oddness: seed % 3)
      compare(Array(maker.document().utf8), Self.shapes[seed % 3], limits)
    }
    // Units whose bytes are given up before they end.
    let filler = String(repeating: "<F a='1'>清源</F>\n", count: 9000)
    let text = "<R><U><T>1</T>\(filler)<T>2</T></U><U><T>3</T></U></R>"
    for fields in [20, 100_000] {
      limits.fields = fields
      limits.recordBytes = 100_000
      for pieceBytes in [999, 65536] {
        let document = compare(Array(text.utf8), Self.shapes[2], limits, pieceBytes: pieceBytes)
        #expect(document.records.count == 2)
      }
    }
  }

  @Test("a fault far behind, in another piece, has its line and its place")
  func farFault() {
    for (index, end) in ["</U></R>", "<T></X>", "&nope;", "<T a='1' a='2'/>", "]]>", "\u{1}", ""]
      .enumerated()
    {
      var text = "<R>\n<U\n a='\n'>\r\n<A><B x='1'\n>"
      for number in 0..<9000 {
        text += "<T>\(number)</T>\(number % 7 == 0 ? "\n" : "")<N a='\n\n'/>"
      }
      text += "</B>\n" + end
      let document = compare(Array(text.utf8), Self.shapes[index % 3])
      #expect(document.fault != nil)
      #expect((document.fault?.line ?? 0) > 1000)
    }
  }

  // MARK: - What stays plain

  /// Bytes of a text that were not given to libxml2.
  private func plainBytes(_ text: String) -> Int {
    var reader = XMLReader(Self.shapes[0], limits: DocumentLimits())
    let bytes = Array(text.utf8)
    reader.feed(bytes.span, isLast: true) { (_: inout RecordChunk) in }
    #expect(reader.fault == nil)
    return reader.input.source.plainBytes
  }

  @Test("a plain document is read without libxml2, but for its first and its last tag")
  func staysPlain() {
    let head = "<?xml version='1.0' encoding='UTF-8'?>\n<R xmlns='urn:r' xmlns:p='urn:p' "
    let xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
    let unit = """
      <U k="1" p:k='&lt;a&#65;' ><T>案由 &amp; &#x4e2d;</T>\r\n<A/><B ></B ><p:T xsi:nil='true'/>\
      <C><![CDATA[<x>]]><!-- no - --></C><N><A><B>]] ></B></A></N><名称 属性='x\ny'>值</名称></U>\n
      """
    for count in [1, 20_000] {
      let content = String(repeating: unit, count: count)
      #expect(plainBytes(head + xsi + content + "</R>\n") == content.utf8.count)
    }
    for seed in 0..<400 {
      var maker = Maker(seed, oddness: 0)
      let text = maker.document()
      // Two prefixes may make one name of two, which is a fault.
      guard read(text, Self.shapes[0]).fault == nil else { continue }
      #expect(plainBytes(text) == maker.content.utf8.count, "\(text.debugDescription)")
    }
  }

  @Test(
    "from something unusual on, libxml2 reads",
    arguments: [
      "<?p?>", "<T xmlns:z='urn:z'/>", "<T xml:lang='zh'/>", "<![CDATA[a\rb]]>",
      "<T>\(String(repeating: "x", count: 1 << 20))y</T>",
    ])
  func handsOver(_ odd: String) {
    let before = "<U><T>1</T></U>"
    let bytes = plainBytes("<R>\(before)\(odd)<U><T>2</T></U></R>")
    // The start tag of the long text is read before the text is known to be long.
    #expect((before.utf8.count...before.utf8.count + 3).contains(bytes))
  }

  @Test("a document with a type is libxml2's from the beginning")
  func documentType() {
    #expect(plainBytes("<!DOCTYPE R><R><U/></R>") == 0)
  }
}
