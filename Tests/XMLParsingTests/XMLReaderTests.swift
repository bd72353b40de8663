import Records
import Testing

@testable import XMLParsing

@Suite("XML: values and records")
struct XMLReaderTests {
  struct ValueCase: Sendable, CustomTestStringConvertible {
    var path: String
    var record: String
    var value: String?
    var fault: RecordFault.Kind?
    var testDescription: String { "\(path) in \(record)" }

    init(_ path: String, _ record: String, _ value: String?, fault: RecordFault.Kind? = nil) {
      self.path = path
      self.record = record
      self.value = value
      self.fault = fault
    }
  }

  static let xsi = #"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#

  static let valueCases: [ValueCase] = [
    .init("T", "<C><T>案由</T></C>", "案由"),
    .init("T", "<C><T> a b </T></C>", " a b "),
    .init("T", "<C><T> \n\t</T></C>", ""),
    .init("T", "<C><T/></C>", ""),
    .init("T", "<C><T></T></C>", ""),
    .init("T", "<C></C>", nil),
    .init("T", "<C/>", nil),
    .init("T", "<C><X/></C>", nil),
    .init("T", "<C><T><![CDATA[a<b>&amp;]]></T></C>", "a<b>&amp;"),
    .init("T", "<C><T>x<![CDATA[y]]>z</T></C>", "xyz"),
    .init("T", "<C><T><![CDATA[]]></T></C>", ""),
    .init("T", "<C><T><![CDATA[a]]b]]]]></T></C>", "a]]b]]"),
    .init("T", "<C><T><![CDATA[a\r\nb\rc\r]]></T></C>", "a\nb\nc\n"),
    .init("T", "<C><T>&lt;&gt;&amp;&apos;&quot;</T></C>", "<>&'\""),
    .init("T", "<C><T>&#20013;&#x6587;</T></C>", "中文"),
    .init("T", "<C><T>a&#10;b</T></C>", "a\nb"),
    .init("T", "<C><T>a\r\nb\rc</T></C>", "a\nb\nc"),
    .init("T", "<C><T>a<!-- no -->b</T></C>", "ab"),
    .init("T", "<C><T>a<?pi x > y?>b</T></C>", "ab"),
    .init("T", "<C><T>罚<b>款</b>元</T></C>", "罚款元"),
    .init("T", "<C><T><b>款</b><T>x</T></T></C>", "款x"),
    .init("T", "<C>\u{1F600}<T>\u{1F600}</T></C>", "\u{1F600}"),
    .init("T", "<C><T \(xsi) xsi:nil='true'/></C>", nil),
    .init("T", "<C><T \(xsi) xsi:nil=' 1 '/></C>", nil),
    .init("T", "<C><T \(xsi) xsi:nil='false'/></C>", ""),
    .init("T", "<C><T nil='true'/></C>", ""),
    .init("T", "<C \(xsi.replacing("xsi", with: "i"))><T i:nil='true'></T></C>", nil),
    .init("T", "<C><T xmlns='urn:x'>v</T></C>", "v"),
    .init("T", "<C><p:T xmlns:p='urn:x'>v</p:T></C>", "v"),
    .init("u:T", "<C><p:T xmlns:p='urn:u'>v</p:T></C>", "v"),
    .init("u:T", "<C><T xmlns='urn:u'>v</T></C>", "v"),
    .init("u:T", "<C><T>v</T></C>", nil),
    .init("u:T", "<C><u:T xmlns:u='urn:other'>v</u:T></C>", nil),
    .init("none:T", "<C><none:T xmlns:none='urn:u'>v</none:T></C>", nil),
    .init("@id", "<C id='1&lt;&#x41;'/>", "1<A"),
    .init("@id", "<C id=\"a'b>c\"/>", "a'b>c"),
    .init("@id", "<C id=''/>", ""),
    .init("@id", "<C/>", nil),
    .init("@id", "<C id='a\n\tb'/>", "a  b"),
    .init("@u:id", "<C xmlns:p='urn:u' p:id='7' id='8'/>", "7"),
    .init("@type", "<C \(xsi) xsi:type='x'/>", nil),
    .init("T/@code", "<C><T code='02'>罚款</T></C>", "02"),
    .init("A/B/T", "<C><A><B><T>v</T></B></A></C>", "v"),
    .init("A/B/T", "<C><A/><A><B><T>v</T></B></A></C>", "v"),
    .init("A/T", "<C><T>no</T><A><T>v</T></A></C>", "v"),
    .init("A/T", "<C><A><X><T>no</T></X></A></C>", nil),
    .init("A", "<C><A> <T>a</T> <T>b</T> </A></C>", " a b "),
    .init("A[]", "<C><A>1</A><A>2</A><A>3</A></C>", "1;2;3"),
    .init("A[]", "<C><A/><A>2</A><A/></C>", ";2;"),
    .init("A[]", "<C><A \(xsi) xsi:nil='1'/><A>2</A></C>", "2"),
    .init("A[]/T", "<C><A><T>1</T></A><A/><A><T>3</T></A></C>", "1;3"),
    .init("A[]/@k", "<C><A k='1'/><A k='2'/></C>", "1;2"),
    .init("A/T[]", "<C><A><T>1</T><T>2</T></A></C>", "1;2"),
    .init("A[1]", "<C><A>1</A><A>2</A></C>", "1"),
    .init("A[2]", "<C><A>1</A><B/><A>2</A></C>", "2"),
    .init("A[3]", "<C><A>1</A><A>2</A></C>", nil),
    .init("A[2]/T", "<C><A><T>1</T></A><A><T>2</T></A></C>", "2"),
    .init("A[]/T[2]", "<C><A><T>1</T><T>2</T></A><A><T>3</T><T>4</T></A></C>", "2;4"),
    .init(".", "<C>text</C>", "text"),
    .init(".", "<C>a<T>b</T>c</C>", "abc"),
    .init("..", "<C>text</C>", nil),
    .init("../@k", "<C/>", nil),
    .init("T", "<C><T>1</T><T>2</T></C>", "1", fault: .duplicateName),
    .init("T", "<C><T/><T/></C>", "", fault: .duplicateName),
    .init("A/T", "<C><A><T>1</T></A><A><T>2</T></A></C>", "1", fault: .duplicateName),
    .init("A/@k", "<C><A k='1'/><A k='2'/></C>", "1", fault: .duplicateName),
    .init("A[]/T", "<C><A><T>1</T><T>2</T></A></C>", "1", fault: .duplicateName),
    .init("A[2]/T", "<C><A><T/><T/></A><A><T>2</T></A></C>", "2"),
    .init("@k", "<C k='1' p:k='2' xmlns:p='urn:p'/>", "1", fault: .duplicateName),
    .init("T", "<C><T>a\u{FFFD}b</T></C>", "a\u{FFFD}b", fault: .undecodableBytes),
  ]

  @Test("a path finds its value", arguments: valueCases)
  func value(_ item: ValueCase) {
    let shape = RecordShape("R/C[]", [item.path], namespaces: ["u": "urn:u"])
    let text = "<R>\n" + item.record + "\n</R>"
    let document = read(text, shape)
    #expect(document.fault == nil)
    #expect(document.values == [[item.value]])
    #expect(document.records.first?.raw == item.record)
    #expect(document.records.first?.faults.map(\.kind) == (item.fault.map { [$0] } ?? []))
    #expect(document.records.first?.position.line == 2)
    #expect(document.records.first?.position.byteOffset == 4)
  }

  @Test("an empty attribute in a document without any text")
  func noText() {
    #expect(read("<C k=''/>", RecordShape("C", ["@k"])).values == [[""]])
  }

  @Test("an absent field that was there is in the census")
  func nilIsSeen() {
    let text = "<R \(Self.xsi)><C><A xsi:nil='true'/></C><C><A xsi:nil='true'/></C></R>"
    let document = read(text, RecordShape("R/C[]", ["A", "B"]))
    #expect(document.values == [[nil, nil], [nil, nil]])
    #expect(document.census.hasColumn == [true, false])
  }

  @Test("one element may be meant with and without its namespace")
  func severalNodes() {
    let shape = RecordShape(
      "R/c:C[]", ["T", "c:T", "c:T/@k", "T[2]"], total: "R/C/N", namespaces: ["c": "urn:c"])
    let text = """
      <x:R xmlns:x="urn:c"><x:C><x:T k="1">a</x:T><N>7</N></x:C><C/>\
      <x:C><T>b</T><x:T>c</x:T></x:C></x:R>
      """
    let document = read(text, shape)
    #expect(document.values == [["a", "a", "1", nil], ["b", "c", nil, "c"]])
    #expect(document.census.total == 7)
    #expect(document.records[1].faults.map(\.kind) == [.duplicateName])
  }

  @Test("records of a unit carry the unit with themselves alone")
  func deepRecords() {
    let text = """
      <c:E xmlns:c="urn:c">
      <c:Site no="1"><Name>工地</Name><Devices>
        <Device><No>a</No></Device> <!-- x -->
        <Device><No>b</No></Device></Devices><Tail>t1</Tail></c:Site>
      <c:Site no="2"><Devices/></c:Site>
      <c:Site no="3"><Devices><Device><No>c</No></Device></Devices></c:Site>
      </c:E>
      """
    let shape = RecordShape(
      "c:E/c:Site[]/Devices/Device[]", ["No", "../../@no", "../../Name", "../../Tail", "../../.."],
      namespaces: ["c": "urn:c"])
    let document = read(text, shape)
    #expect(document.fault == nil)
    #expect(
      document.values == [
        ["a", "1", "工地", "t1", nil], ["b", "1", "工地", "t1", nil], ["c", "3", nil, nil, nil],
      ])
    #expect(document.census.unitCount == 3)
    #expect(
      document.records[0].raw
        == """
        <c:Site no="1"><Name>工地</Name><Devices>
          <Device><No>a</No></Device> <!-- x -->
          </Devices><Tail>t1</Tail></c:Site>
        """.replacing("\n    ", with: "\n  "))
    #expect(document.records[2].raw.hasPrefix("<c:Site no=\"3\">"))
    #expect(document.records.map(\.position.line) == [3, 4, 6])
    #expect(
      document.records.map(\.position.byteOffset)
        == ["<Device><No>a", "<Device><No>b", "<Device><No>c"].map { offset(of: $0, in: text) })
    #expect(document.records.map(\.position.recordNumber) == [1, 2, 3])
    for record in document.records {
      let again = read(
        document.frame.openTags.joined() + record.raw + document.frame.closeTags.joined(), shape)
      #expect(again.values == [record.fields])
    }
  }

  @Test("a unit that is large beside its records is not repeated")
  func largeRest() {
    let filler = String(repeating: "x", count: XMLReader.repeatedBytes)
    let text = "<R><U><F>\(filler)</F><C><T>1</T></C><C><T>2</T></C></U></R>"
    let document = read(text, RecordShape("R/U[]/C[]", ["T", "../F"]))
    #expect(document.records.map(\.raw) == ["<C><T>1</T></C>", "<C><T>2</T></C>"])
    #expect(document.records.map { $0.faults.map(\.kind) } == [[.recordSize], [.recordSize]])
    #expect(document.values == [["1", filler], ["2", filler]])
  }

  @Test("fields around records, at every level, before and after them")
  func levels() {
    let text = """
      <R><U><A><C><T>1</T></C><C><T>2</T></C><K>a1</K></A><A><K>a2</K><C><T>3</T></C></A>\
      <K>u</K></U></R>
      """
    let document = read(text, RecordShape("R/U[]/A[]/C[]", ["T", "../K", "../../K"]))
    #expect(document.values == [["1", "a1", "u"], ["2", "a1", "u"], ["3", "a2", "u"]])
  }

  @Test("children are rows of their record")
  func children() {
    let shape = RecordShape(
      "R/C[]", ["No", "P[]/N"],
      children: [("P[]", ["N", "@k", "../No"]), ("D/E[]", [".", "../@d"])])
    let text = """
      <R><C><P k="1"><N>甲</N></P><No>1</No><P><N>乙</N></P></C><C><No>2</No></C>\
      <C><D d="x"><E>e1</E><E/></D><P/></C></R>
      """
    let document = read(text, shape)
    #expect(document.values == [["1", "甲;乙"], ["2", nil], [nil, nil]])
    #expect(document.records[0].children == [[["甲", "1", "1"], ["乙", nil, "1"]], []])
    #expect(document.records[1].children == [[], []])
    #expect(document.records[2].children == [[[nil, nil, nil]], [["e1", "x"], ["", "x"]]])
  }

  @Test("one record of several, by number")
  func chosenRecord() {
    let text = "<R><U><C>1</C><C>2</C></U><U><C>3</C></U></R>"
    #expect(read(text, RecordShape("R/U[]/C[2]", ["."])).values == [["2"]])
  }

  @Test("a document that is one record")
  func wholeDocument() {
    let text = "<?xml version='1.0'?>\n<M><H><No>1</No></H><B><T>x</T></B></M>\n"
    let document = read(text, RecordShape("M/B", ["T", "../H/No"]))
    #expect(document.values == [["x", "1"]])
    #expect(document.records[0].raw == "<M><H><No>1</No></H><B><T>x</T></B></M>")
    #expect(document.frame == XMLFrame())
    #expect(document.census.unitCount == 1)
    #expect(read("<Any><T>x</T></Any>", RecordShape("", ["T"])).values == [["x"]])
  }

  @Test("the frame is the tags around the first unit as they were written")
  func frame() {
    let text = """
      <?xml version="1.0"?><!-- <no> --><e:Export  a='>' xmlns:e="urn:e"\n ><Empty/><L></L>\
      <Cases ><Case/></Cases><Cases x="2"><Case/></Cases></e:Export>
      """
    let document = read(text, RecordShape("Export/Cases/Case[]", []))
    #expect(
      document.frame.openTags
        == ["<e:Export  a='>' xmlns:e=\"urn:e\"\n >", "<Cases >"])
    #expect(document.frame.closeTags == ["</e:Export>", "</Cases>"])
    #expect(document.records.count == 2)
    #expect(
      read("<Export><Cases/></Export>", RecordShape("Export/Cases/Case[]", [])).frame == .init())
  }

  struct CensusCase: Sendable {
    var text: String
    var hasUnits: Bool
    var units: Int
    var total: Int?
    var unreadable: String?
  }

  @Test(
    "what the document says about itself",
    arguments: [
      CensusCase(
        text: "<E><H><N> 2 </N></H><Cs><C/><C/></Cs></E>", hasUnits: true, units: 2, total: 2),
      CensusCase(text: "<E><H><N>0</N></H><Cs/></E>", hasUnits: true, units: 0, total: 0),
      CensusCase(text: "<E><H/></E>", hasUnits: false, units: 0),
      CensusCase(text: "<X><Cs><C/></Cs></X>", hasUnits: false, units: 0),
      CensusCase(
        text: "<E><H><N>两</N></H><Cs><C/></Cs></E>", hasUnits: true, units: 1, unreadable: "两"),
      CensusCase(
        text: "<E><H><N>-1</N></H><Cs/></E>", hasUnits: true, units: 0, unreadable: "-1"),
      CensusCase(
        text: "<E><H><N>99999999999999999999</N></H></E>", hasUnits: false, units: 0,
        unreadable: "99999999999999999999"),
      CensusCase(text: "<E><H><N>1</N><N>2</N></H></E>", hasUnits: false, units: 0, total: 3),
    ])
  func census(_ item: CensusCase) {
    let census = read(item.text, RecordShape("E/Cs/C[]", [], total: "E/H/N")).census
    #expect(census.hasUnits == item.hasUnits)
    #expect(census.unitCount == item.units)
    #expect(census.total == item.total)
    #expect(census.unreadableTotal == item.unreadable)
    #expect(census.documentCount == 1)
  }

  @Test("a total may be an attribute")
  func attributeTotal() {
    let document = read("<E n='12'><C/></E>", RecordShape("E/C[]", [], total: "E/@n"))
    #expect(document.census.total == 12)
  }

  @Test("what the shape does not name is reported once, by its path")
  func unknown() {
    let text = """
      <E xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" v="1"><Head/><C id="1" xml:lang="zh"
       xsi:type="x"><T k="1">a<b>c</b></T><New><Deep/></New><A><B/><Z/></A><Known/>\
      <p:Q xmlns:p="u"/>\
      </C><C no="1"><New/></C></E>
      """
    let shape = RecordShape("E/C[]", ["T", "A/B"], ignored: ["Known", "@id"])
    #expect(read(text, shape).census.unknown == ["T/@k", "New", "A/Z", "Q", "@no"])
    let many = (0..<400).map { "<N\($0)/>" }.joined()
    #expect(read("<E><C>\(many)</C></E>", shape).census.unknown.count == 256)
    let deep = RecordShape("E/U[]/C[]", ["T"])
    #expect(
      read("<E><U><X/><C><Y/><T/></C></U></E>", deep).census.unknown == ["X", "Y"])
  }

  @Test("a byte-order mark is no part of the document")
  func byteOrderMark() {
    let text = "\u{FEFF}<?xml version='1.0'?><R><C/></R>"
    for cut in 0...5 {
      let document = read(text, RecordShape("R/C[]", []), cuts: [cut], pieceBytes: cut + 1)
      #expect(document.fault == nil)
      #expect(document.records.map(\.position.byteOffset) == [27])
    }
  }

  @Test(
    "what the declaration says of the encoding does not matter",
    arguments: [
      "GB2312", "GBK", "GB18030", "UTF-16", "utf-16le", "UTF-32", "ISO-8859-1", "Shift_JIS",
      "EBCDIC-CP-US", "UCS-4", "nonsense", "US-ASCII", "UTF-8",
    ])
  func lyingDeclaration(_ encoding: String) {
    let text = "<?xml version=\"1.0\" encoding=\"\(encoding)\"?><R><C><T>清源é😀</T></C></R>"
    for pieceBytes in [1, 3, 64, 65536] {
      let document = read(text, RecordShape("R/C[]", ["T"]), pieceBytes: pieceBytes)
      #expect(document.fault == nil)
      #expect(document.values == [["清源é😀"]])
    }
  }

  @Test("a chunk is full by records or by bytes, and one record may be larger")
  func chunks() {
    let text =
      "<R>" + (0..<10).map { "<C>\($0)\($0 == 5 ? "xxxxxxxxxx" : "")</C>" }.joined() + "</R>"
    let shape = RecordShape("R/C[]", [])
    var limits = DocumentLimits()
    limits.chunkRecords = 4
    #expect(read(text, shape, limits: limits).chunks == [4, 4, 2])
    limits.chunkBytes = 17
    #expect(read(text, shape, limits: limits).chunks == [2, 2, 1, 1, 2, 2])
  }

  @Test("what the caller throws comes out")
  func throwing() {
    struct Full: Error {}
    var reader = XMLReader(RecordShape("R/C[]", []), limits: DocumentLimits())
    #expect(throws: Full.self) {
      try reader.feed(Array("<R><C/></R>".utf8).span, isLast: true) { (_: inout RecordChunk) in
        throw Full()
      }
    }
  }
}
