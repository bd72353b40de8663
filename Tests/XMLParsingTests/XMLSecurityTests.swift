import Foundation
import Records
import Testing

@testable import XMLParsing

@Suite("XML: hostile documents")
struct XMLSecurityTests {
  private let shape = RecordShape("R/C[]", ["T"])

  private func document(_ declarations: String, _ body: String) -> String {
    "<?xml version=\"1.0\"?><!DOCTYPE R [\(declarations)]><R><C><T>\(body)</T></C></R>"
  }

  /// Seconds that `body` takes.
  /// Seconds of this thread's own work, so that what else the machine does is no part of it. The bounds
  /// tell linear from quadratic, which would take hours.
  private func time(_ body: () -> Void) -> Double {
    func now() -> Double {
      var moment = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &moment)
      return Double(moment.tv_sec) + Double(moment.tv_nsec) / 1e9
    }
    let start = now()
    body()
    return now() - start
  }

  @Test("internal entities of plain text are expanded, in texts and attributes")
  func internalEntities() {
    let text = """
      <!DOCTYPE R [<!ENTITY org "北京市&#20065;"><!ENTITY full "&org;·局&amp;">\
      <!ENTITY lt2 "&#38;#60;"><!ENTITY empty "">]>
      <R><C k="&full;&lt2;"><T>[&full;|&lt2;|&empty;]</T></C></R>
      """
    let document = read(text, RecordShape("R/C[]", ["T", "@k"]))
    #expect(document.fault == nil)
    #expect(document.values == [["[北京市乡·局&|<|]", "北京市乡·局&<"]])
    #expect(document.records[0].raw.contains("<T>[&full;|&lt2;|&empty;]</T>"))
  }

  @Test(
    "nothing outside of the file is opened, and a reference to it is a fault",
    arguments: [
      ("<!ENTITY e SYSTEM 'PATH'>", "&e;"),
      ("<!ENTITY e SYSTEM 'file://PATH'>", "&e;"),
      ("<!ENTITY e PUBLIC 'p' 'PATH'>", "x&e;y"),
      ("<!ENTITY e SYSTEM 'http://127.0.0.1:9/x'>", "&e;"),
      ("<!ENTITY % p SYSTEM 'PATH'> %p;", "x"),
      ("<!ENTITY % p 'x'> %p;", "x"),
      ("<!ENTITY % p '<!ENTITY e \"v\">'> %p;", "&e;"),
      ("<!ENTITY % p SYSTEM 'file://PATH'> %p; %q;", "&e;"),
      ("<!ENTITY e SYSTEM 'PATH'><!ENTITY f '&e;'>", "&f;"),
      ("<!ENTITY e '<b>x</b>'>", "&e;"),
      ("<!ENTITY e '&#60;C/>'>", "&e;"),
    ])
  func external(_ declarations: String, _ body: String) throws {
    let secret = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try "secret".write(to: secret, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: secret) }
    let text = document(declarations.replacing("PATH", with: secret.path), body)
    for pieceBytes in [1, 65536] {
      let document = read(text, shape, pieceBytes: pieceBytes)
      #expect(document.fault?.kind == .entity)
      #expect(document.records.isEmpty)
    }
  }

  @Test("a pipe that is named as a document type or an entity is not opened")
  func pipe() throws {
    // Whoever opened it for reading would wait for ever.
    let pipe = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try #require(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    let external = "<!DOCTYPE R SYSTEM '\(pipe)'><R><C><T>x</T></C></R>"
    #expect(read(external, shape).values == [["x"]])
    let both = "<!DOCTYPE R SYSTEM '\(pipe)' [<!ENTITY e SYSTEM '\(pipe)'>]><R><C><T>x</T></C></R>"
    #expect(read(both, shape).values == [["x"]])
    let standalone = "<?xml version='1.0' standalone='no'?>" + both
    #expect(read(standalone, shape).values == [["x"]])
    let instruction = "<?xml-stylesheet href='\(pipe)'?><?oasis-xml-catalog catalog='\(pipe)'?>"
    #expect(read(instruction + external, shape).values == [["x"]])
    let undeclared = "<!DOCTYPE R SYSTEM '\(pipe)'><R><C><T>&e;</T></C></R>"
    #expect(read(undeclared, shape).fault?.kind == .entity)
    let location =
      "<R xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
      + "xsi:noNamespaceSchemaLocation='\(pipe)'><C><T>x</T></C></R>"
    #expect(read(location, shape).values == [["x"]])
    let include =
      "<R xmlns:xi='http://www.w3.org/2001/XInclude'><C><xi:include href='\(pipe)'/>"
      + "<T>x</T></C></R>"
    #expect(read(include, shape).values == [["x"]])
  }

  @Test(
    "billions of laughs are stopped at once", arguments: ["text", "attribute", "empty", "default"])
  func laughs(_ place: String) {
    let seed = place == "empty" ? "" : "lol"
    var declarations = "<!ENTITY e0 \"\(seed)\">"
    for level in 1...12 {
      let inner = String(repeating: "&e\(level - 1);", count: 10)
      declarations += "<!ENTITY e\(level) \"\(inner)\">"
    }
    if place == "default" { declarations += "<!ATTLIST C k CDATA '&e12;'>" }
    let text =
      place == "attribute"
      ? "<!DOCTYPE R [\(declarations)]><R><C k='&e12;'/></R>"
      : document(declarations, place == "default" ? "" : "&e12;")
    let seconds = time {
      #expect(read(text, shape).fault?.kind == .entity)
    }
    #expect(seconds < 60)
  }

  @Test("quadratic blowup is stopped", arguments: [1, 2])
  func quadratic(_ way: Int) {
    let big = String(repeating: "a", count: 100_000)
    let declarations = way == 1 ? "<!ENTITY e '\(big)'>" : "<!ATTLIST T k CDATA '\(big)'>"
    let body = String(repeating: way == 1 ? "&e;" : "<T/>", count: 20_000)
    let seconds = time {
      #expect(read(document(declarations, body), shape).fault?.kind == .entity)
    }
    #expect(seconds < 60)
  }

  @Test("the budget of entities is one for the file, and exact")
  func budget() {
    var limits = DocumentLimits()
    limits.entityBytes = 100
    let declarations = "<!ENTITY e '0123456789'>"
    let ten = String(repeating: "&e;", count: 10)
    #expect(read(document(declarations, ten), shape, limits: limits).fault == nil)
    #expect(read(document(declarations, ten + "&e;"), shape, limits: limits).fault?.kind == .entity)
    let plenty = read(document(declarations, String(repeating: "&e;", count: 900_000)), shape)
    #expect(plenty.fault == nil)
    #expect(plenty.values[0][0]?.count == 9_000_000)
    // Predefined entities and characters are no expansions.
    let plain = String(repeating: "&amp;&#65;", count: 1000)
    #expect(read(document("", plain), shape, limits: limits).fault == nil)
  }

  @Test(
    "entities that contain themselves are a fault",
    arguments: [
      "<!ENTITY e '&e;'>", "<!ENTITY e '&f;'><!ENTITY f '&e;'>",
      "<!ENTITY e 'x&f;y'><!ENTITY f '&f;'>",
      (0..<40).map { "<!ENTITY e\($0 == 39 ? "" : "\($0)") '\($0 == 0 ? "x" : "&e\($0 - 1);")'>" }
        .joined(),
    ])
  func loops(_ declarations: String) {
    #expect(read(document(declarations, "&e;"), shape).fault?.kind == .entity)
    let attribute = "<!DOCTYPE R [\(declarations)]><R><C k='&e;'/></R>"
    #expect(read(attribute, shape).fault?.kind == .entity)
  }

  @Test("a huge document type is refused")
  func hugeDoctype() {
    let many = (0..<100_000).map { "<!ATTLIST R a\($0) CDATA ''>" }.joined()
    let seconds = time {
      #expect(read(document(many, "x"), shape).fault?.kind == .entity)
    }
    #expect(seconds < 60)
  }

  // MARK: - Limits of units

  @Test("nesting: a fault of the record inside of one, of the document outside")
  func nesting() {
    var limits = DocumentLimits()
    limits.nesting = 5
    func deep(_ count: Int) -> String {
      String(repeating: "<n>", count: count) + "x" + String(repeating: "</n>", count: count)
    }
    let text = "<R><C><T>1</T>\(deep(3))</C><C><T>2</T>\(deep(4))</C><C><T>3</T></C></R>"
    let document = read(text, shape, limits: limits)
    #expect(document.fault == nil)
    #expect(document.values == [["1"], ["2"], ["3"]])
    #expect(document.records.map { $0.faults.map(\.kind) } == [[], [.nesting], []])
    let fault = document.records[1].faults[0]
    #expect(fault.found == 6 && fault.expected == 5)
    #expect(fault.offsetInRecord == "<C><T>2</T><n><n><n>".utf8.count)
    let outside = read("<R>\(deep(4))<C/></R>", shape, limits: limits)
    #expect(outside.fault == nil)
    let tooDeep = read("<R>\n\(deep(5))<C/></R>", shape, limits: limits)
    #expect(tooDeep.fault?.kind == .nesting)
    #expect(tooDeep.fault?.byteOffset == "<R>\n<n><n><n><n>".utf8.count)
    #expect(tooDeep.fault?.line == 2)
    #expect(tooDeep.records.isEmpty)
  }

  @Test("a long comment before the root is read once", arguments: [65_536, 1_000_000])
  func longComment(_ pieceBytes: Int) {
    let comment = "<!-- " + String(repeating: ">", count: 4_000_000) + " -->"
    let seconds = time {
      let document = read(comment + "<R><C><T>1</T></C></R>", shape, pieceBytes: pieceBytes)
      #expect(document.fault == nil && document.values == [["1"]])
    }
    #expect(seconds < 60)
  }

  @Test("a bottomless document ends quickly")
  func bottomless() {
    let text = "<R><C>" + String(repeating: "<n>", count: 300_000)
    let seconds = time { #expect(read(text, shape).fault?.kind == .nesting) }
    #expect(seconds < 60)
  }

  @Test("a unit with too many fields is one record with a fault", arguments: [1, 100, 65536])
  func fieldLimit(_ pieceBytes: Int) {
    var limits = DocumentLimits()
    limits.fields = 4
    let text =
      "<R><C><T>1</T><a b='1'/></C><C><T>2</T><a b='1'/><c/></C><C><x/><x/><x/><x/><T/></C></R>"
    let document = read(text, shape, limits: limits, pieceBytes: pieceBytes)
    #expect(document.values == [["1"], ["2"], [nil]])
    #expect(document.records.map { $0.faults.map(\.kind) } == [[], [.fieldLimit], [.fieldLimit]])
    #expect(document.records[1].faults[0].found == 5)
    #expect(document.records[1].raw == "<C><T>2</T><a b='1'/><c/></C>")
    let deep = RecordShape("R/U[]/C[]", ["T", "../K"])
    let units = "<R><U><K>k</K><C><T>1</T></C><C><T>2</T></C></U><U><C><T>3</T></C></U></R>"
    let nested = read(units, deep, limits: limits)
    // The limit is crossed where the second record begins.
    #expect(nested.values == [[nil, "k"], ["3", nil]])
    #expect(nested.records.map { $0.faults.map(\.kind) } == [[.fieldLimit], []])
  }

  @Test("a unit that is too large is one record with a fault", arguments: [1000, 65536])
  func recordSize(_ pieceBytes: Int) {
    var limits = DocumentLimits()
    limits.recordBytes = 100_000
    let filler = String(repeating: "清", count: 40_000)
    let text = "<R><C><T>1</T></C><C><T>2</T><F>\(filler)</F><L>late</L></C><C><T>3</T></C></R>"
    let shape = RecordShape("R/C[]", ["T", "F", "L"])
    let document = read(text, shape, limits: limits, pieceBytes: pieceBytes)
    #expect(document.fault == nil)
    #expect(document.values == [["1", nil, nil], ["2", nil, nil], ["3", nil, nil]])
    #expect(document.records.map { $0.faults.map(\.kind) } == [[], [.recordSize], []])
    #expect(
      document.records[1].faults[0].found == "<C><T>2</T><F></F><L>late</L></C>".count + 120_000)
    #expect(document.records[1].raw.utf8.count == XMLReader.keptOfOverlong - 2)
    #expect(text.contains(document.records[1].raw))
    #expect(document.census.unitCount == 3)
    #expect(document.census.hasColumn == [true, true, true])
  }

  @Test("16 MiB in one element is a record like any other")
  func largeRecord() {
    let filler = String(repeating: "x", count: 16 << 20 - 200)
    for body in [filler, "<![CDATA[\(filler)]]>"] {
      let text = "<R><C><T>\(body)</T></C><C><T>2</T></C></R>"
      var document = ReadDocument()
      let seconds = time { document = read(text, shape) }
      #expect(document.values == [[filler], ["2"]])
      #expect(document.records[0].faults.isEmpty)
      #expect(seconds < 60)
    }
  }

  @Test(
    "tokens without end are refused, or passed by, in time",
    arguments: ["<!-- ", "<?p ", "<T k='", "<T ", "<![CDATA[", "&", "x", "<", "</"])
  func endless(_ start: String) {
    let text = "<R><C>" + start + String(repeating: "x", count: 4 << 20)
    let seconds = time { #expect(read(text, shape).fault != nil) }
    #expect(seconds < 60)
  }

  @Test("very many attributes, namespaces and names are refused in time")
  func many() {
    let attributes =
      "<R><C " + (0..<100_000).map { "a\($0)=''" }.joined(separator: " ") + "/></R>"
    let spaces =
      "<R><C " + (0..<5000).map { "xmlns:p\($0)='u\($0)'" }.joined(separator: " ") + "/></R>"
    let names = "<R>" + (0..<300_000).map { "<n\($0)/>" }.joined() + "</R>"
    for text in [attributes, spaces, names] {
      let seconds = time { #expect(read(text, shape).fault?.kind == .malformed) }
      #expect(seconds < 60)
    }
  }

  // MARK: - Memory

  /// Resident bytes of the process.
  private func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return try #require(Int(text.split(separator: " ")[1])) * 4096
  }

  @Test(
    "many megabytes on one line stream in constant memory",
    arguments: [
      ("<C><T>京市监罚〔2026〕1号</T></C>", 16), ("<X><Y>nothing of it</Y></X>", 10),
      ("one text of all", 10), ("<!--c-->", 10),
    ])
  func oneLine(_ unit: String, _ megabytes: Int) throws {
    let piece = Array(String(repeating: unit, count: (1 << 20) / unit.utf8.count).utf8)
    var reader = XMLReader(shape, limits: DocumentLimits())
    var count = 0
    reader.feed(Array("<R>".utf8).span, isLast: false) { (_: inout RecordChunk) in }
    var start = 0
    for index in 0..<megabytes {
      reader.feed(piece.span, isLast: false) { (chunk: inout RecordChunk) in
        count += chunk.recordCount
      }
      if index == 5 { start = try residentBytes() }
    }
    reader.feed(Array("</R>".utf8).span, isLast: true) { (chunk: inout RecordChunk) in
      count += chunk.recordCount
    }
    let grown = try residentBytes() - start
    #expect(reader.fault == nil)
    #expect(count == (unit.hasPrefix("<C>") ? megabytes * piece.count / unit.utf8.count : 0))
    // Other tests run beside this one.
    #expect(grown < 200 << 20)
  }

  @Test(
    "a unit over the limit streams in constant memory",
    arguments: ["<T>x</T>", "x", "<![CDATA[x]]>"])
  func largeUnit(_ content: String) throws {
    let piece = Array(String(repeating: content, count: (1 << 20) / content.utf8.count).utf8)
    var limits = DocumentLimits()
    limits.recordBytes = 1 << 20
    var reader = XMLReader(shape, limits: limits)
    var faults: [RecordFault.Kind] = []
    reader.feed(Array("<R><C>".utf8).span, isLast: false) { (_: inout RecordChunk) in }
    for _ in 0..<6 {
      reader.feed(piece.span, isLast: false) { (_: inout RecordChunk) in }
    }
    reader.feed(Array("</C><C/></R>".utf8).span, isLast: true) { (chunk: inout RecordChunk) in
      faults = chunk.faults.map(\.kind)
      #expect(chunk.recordCount == 2)
    }
    #expect(reader.fault == nil)
    #expect(faults == [.recordSize])
  }
}
