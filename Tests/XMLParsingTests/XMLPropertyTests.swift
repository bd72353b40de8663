import Foundation
import Records
import Testing

@testable import XMLParsing

/// Random documents of one vocabulary, so that the paths of a shape often meet something.
struct DocumentMaker {
  var random: SeededGenerator

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }
  private mutating func one<T>(_ of: [T]) -> T { of[Int.random(in: 0..<of.count, using: &random)] }

  mutating func document() -> String {
    var text = one([
      "", "<?xml version='1.0' encoding='GB2312'?>", "\u{FEFF}<?xml version=\"1.0\"?>\r\n",
    ])
    text += one([
      "", "<!-- <C> -->", "<?p <C> ?>\n",
      "<!DOCTYPE R [<!ENTITY e 'ent&#38;#10;&amp;'> <!-- > --> <!ATTLIST T d CDATA 'def'>]>",
    ])
    let hasEntity = text.contains("ENTITY")
    text += "<R" + one(["", " xmlns='urn:r'", " a='>'", "\n xmlns:p='urn:p' "]) + ">"
    for _ in 0..<Int.random(in: 0..<5, using: &random) {
      text += filler(hasEntity) + unit(hasEntity)
    }
    return text + filler(hasEntity) + "</R" + one(["", " "]) + ">" + one(["", "\n", "<!--x-->"])
  }

  private mutating func unit(_ hasEntity: Bool) -> String {
    var text = "<U" + attributes() + ">"
    for _ in 0..<Int.random(in: 0..<4, using: &random) {
      text += filler(hasEntity) + (chance(70) ? record(hasEntity) : field(hasEntity, 1))
    }
    return text + "</U>"
  }

  private mutating func record(_ hasEntity: Bool) -> String {
    if chance(5) { return "<C/>" }
    var text = "<C" + attributes() + ">"
    for _ in 0..<Int.random(in: 0..<6, using: &random) {
      text += filler(hasEntity) + field(hasEntity, 0)
    }
    return text + "</C>"
  }

  private mutating func field(_ hasEntity: Bool, _ depth: Int) -> String {
    let name = one(["T", "A", "B", "N", "X"])
    if chance(15) { return "<\(name)\(attributes())/>" }
    var text = "<\(name)\(attributes())>"
    for _ in 0..<Int.random(in: 0..<4, using: &random) {
      text += depth < 3 && chance(35) ? field(hasEntity, depth + 1) : content(hasEntity)
    }
    return text + "</\(name)>"
  }

  private mutating func attributes() -> String {
    var text = ""
    if chance(25) { text += one([" k='1'", " k=\"&lt;>\"", "\nk='清&#x20;源' ", " k = ''"]) }
    if chance(10) { text += " xmlns='urn:\(Int.random(in: 0..<3, using: &random))'" }
    if chance(10) {
      text +=
        " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='\(one(["true", "false"]))'"
    }
    if chance(8) { text += " xmlns:q='urn:q' q:z='9'" }
    return text
  }

  private mutating func content(_ hasEntity: Bool) -> String {
    one([
      "x", "案由", " ", "\n\t", "\r\n", "\r", "&amp;", "&#10;", "&#x4e2d;", "<![CDATA[]]>", "]", "]]",
      "<![CDATA[<C>&x;]]]]>", "<!-- </C> -->", "<?p </C> ?>", "a\u{FFFD}b", "\u{1F600}", "'\">",
      hasEntity ? "&e;" : ";",
    ])
  }

  private mutating func filler(_ hasEntity: Bool) -> String {
    chance(60) ? "" : one(["\n", "  ", "\r\n", "<!-- <U> -->", "<?p?>", "t", "<X><C>no</C></X>"])
  }
}

@Suite("XML: properties over random documents")
struct XMLPropertyTests {
  static let paths = [
    "T", "A", "A/T", "A[]", "A[]/B[]", "B[2]", "B[2]/T", "@k", "T/@k", "N/A/B", ".", "T/@d",
  ]
  static let outer = ["../@k", "../T", "../A[]/T", "../N"]

  static let flat = RecordShape(
    "R/U[]", paths, children: [("A[]", [".", "@k", "B"]), ("C[]/T[]", ["."])])
  static let deep = RecordShape(
    "R/U[]/C[]", paths + outer, children: [("A[]", [".", "@k", "B[]"])])

  private func documents(_ count: Int, seed: UInt64) -> [String] {
    (0..<count).map { index in
      var maker = DocumentMaker(random: SeededGenerator(seed: seed &+ UInt64(index)))
      return maker.document()
    }
  }

  @Test("what comes out does not depend on how the text is cut", arguments: [flat, deep])
  func cuts(_ shape: RecordShape) {
    var limits = DocumentLimits()
    limits.chunkRecords = 3
    for text in documents(60, seed: 1) {
      let bytes = Array(text.utf8)
      let whole = read(bytes, shape, limits: limits)
      #expect(whole.fault == nil, "\(text)")
      for pieceBytes in [1, 2, 3, 4, 5, 7, 11, 16, 33, 100] {
        #expect(read(bytes, shape, limits: limits, pieceBytes: pieceBytes) == whole, "\(text)")
      }
      for cut in stride(from: 0, through: bytes.count, by: 3) {
        #expect(
          read(bytes, shape, limits: limits, cuts: [cut], pieceBytes: cut + 1) == whole, "\(text)")
      }
    }
  }

  @Test("nor do faults and limits, whatever byte is lost or put in")
  func damaged() {
    var limits = DocumentLimits()
    limits.chunkRecords = 2
    limits.fields = 8
    limits.nesting = 5
    limits.recordBytes = 120
    var random = SeededGenerator(seed: 7)
    var faults = 0
    for text in documents(300, seed: 1000) {
      var bytes = Array(text.utf8)
      let at = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.remove(at: at)
      case 1: bytes.insert(contentsOf: "<".utf8, at: at)
      case 2: bytes.insert(contentsOf: "</C>".utf8, at: at)
      default: bytes = Array(bytes[..<at])
      }
      // The caller hands over UTF-8 only.
      bytes = Array(String(decoding: bytes, as: UTF8.self).utf8)
      let whole = read(bytes, Self.deep, limits: limits)
      if whole.fault != nil { faults += 1 }
      for pieceBytes in [1, 3, 17] {
        let cut = read(bytes, Self.deep, limits: limits, pieceBytes: pieceBytes)
        #expect(cut.records == whole.records, "\(String(decoding: bytes, as: UTF8.self))")
        #expect(cut.fault?.kind == whole.fault?.kind, "\(String(decoding: bytes, as: UTF8.self))")
      }
    }
    #expect(faults > 150)
  }

  @Test("a raw text is a slice of the document, and reads back inside of its frame")
  func readBack() {
    for text in documents(300, seed: 5000) {
      let all = read(text, Self.flat)
      for record in all.records {
        let start = record.position.byteOffset
        let slice = Array(text.utf8)[start..<start + record.raw.utf8.count]
        #expect(String(decoding: slice, as: UTF8.self) == record.raw)
        #expect(record.position.line == lines(text, before: start) + 1)
      }
      for shape in [Self.flat, Self.deep] {
        let document = read(text, shape)
        for record in document.records
        where !record.raw.contains("&e;") && !text.contains("ATTLIST") {
          // Numbers count the records that were cut out; no path here does.
          let again = read(
            document.frame.openTags.joined() + record.raw + document.frame.closeTags.joined(), shape
          )
          #expect(again.fault == nil)
          #expect(again.values == [record.fields], "\(text)")
          #expect(again.records.map(\.children) == [record.children], "\(text)")
          #expect(again.records.map(\.raw) == [record.raw])
        }
      }
    }
  }

  private func lines(_ text: String, before offset: Int) -> Int {
    let bytes = Array(text.utf8)[..<offset]
    return bytes.indices.filter { index in
      bytes[index] == 13 || (bytes[index] == 10 && (index == 0 || bytes[index - 1] != 13))
    }.count
  }

  /// Evaluates the paths in Python, on the trees of `xml.etree`.
  private static let script = """
    import json, re, sys, xml.etree.ElementTree as ET
    NIL = '{http://www.w3.org/2001/XMLSchema-instance}nil'
    def local(name): return name.rsplit('}', 1)[-1]
    def text(e):
        if (e.get(NIL) or '').strip() in ('true', '1'): return None
        t = ''.join(e.itertext())
        return '' if not t.strip(' \\t\\r\\n') else t
    def find(nodes, path):
        for step in path.split('/') if path not in ('', '.') else []:
            if step.startswith('@'):
                return [v for n in nodes for k, v in n.attrib.items()
                        if local(k) == step[1:] and 'XMLSchema' not in k]
            name, _, choice = step.partition('[')
            found = []
            for n in nodes:
                kids = [k for k in n if isinstance(k.tag, str) and local(k.tag) == name]
                if choice not in ('', ']'):
                    number = int(choice[:-1])
                    kids = kids[number - 1:number]
                found += kids
            nodes = found
        return nodes
    def value(node, path):
        found = [v if isinstance(v, str) else text(v) for v in find([node], path)]
        if '[]' not in path: found = found[:1]
        found = [v for v in found if v is not None]
        return ';'.join(found) if found else None
    def row(node, parents, paths):
        out = []
        for p in paths:
            at = node
            while p.startswith('../'): at, p = parents[at], p[3:]
            out.append(value(at, p))
        return out
    def document(text_, records, paths, children):
        root = ET.fromstring(text_.encode('utf-8').replace(b"encoding='GB2312'", b''))
        parents = {k: n for n in root.iter() for k in n}
        rows = []
        for r in find([root], records):
            rows.append({'fields': row(r, parents, paths),
                         'children': [[row(c, parents, p) for c in find([r], path)]
                                      for path, p in children]})
        return rows
    job = json.load(open(sys.argv[1], encoding='utf-8'))
    out = [document(t, job['records'], job['paths'], list(zip(job['children'], job['childPaths'])))
           for t in job['texts']]
    json.dump(out, open(sys.argv[2], 'w'))
    """

  private struct Job: Encodable {
    var texts: [String]
    var records: String
    var paths: [String]
    var children: [String]
    var childPaths: [[String]]
  }

  private struct Row: Decodable, Equatable {
    var fields: [String?]
    var children: [[[String?]]]
  }

  @Test(
    "expat and ElementTree find the same values", .enabled(if: Witness.python != nil),
    arguments: [false, true])
  func witness(_ isDeep: Bool) throws {
    let texts = documents(600, seed: 9000)
    let shape = isDeep ? Self.deep : Self.flat
    let job = Job(
      texts: texts, records: isDeep ? "U/C" : "U",
      paths: Self.paths + (isDeep ? Self.outer : []), children: isDeep ? ["A"] : ["A", "C/T"],
      childPaths: isDeep ? [[".", "@k", "B[]"]] : [[".", "@k", "B"], ["."]])
    let rows = try Witness.run(Self.script, job, as: [[Row]].self)
    var count = 0
    for (text, expected) in zip(texts, rows) {
      let document = read(text, shape)
      // Where a path meets several elements, which of them counts is told by a fault.
      #expect(
        document.records.map { Row(fields: $0.fields, children: $0.children) } == expected,
        "\(text)")
      count += expected.count
    }
    #expect(count > 500)
  }
}
