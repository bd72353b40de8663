import Foundation
import JSONParsing
import Records
import Testing

/// Documents made at random.
struct RandomDocuments {
  var generator: SeededGenerator
  let names = [
    "id", "name", "处罚", "a", "b", "list", "amount", "x\ny", "long member name 1", "q\"\\",
  ]

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

  mutating func space() -> String {
    ["", "", "", " ", "\n", "\t", "\r\n", "          "][number(0..<8)]
  }

  mutating func string() -> String {
    var text = "\""
    for _ in 0..<number(0..<14) {
      let parts = [
        "a", "Z", "0", " ", "中", "é", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u4e2d",
        "\\ud83d\\ude00",
        "{", "]", ",", ":", "，", "佽", "\\t", "\\u00E9", "bcdefgh",
      ]
      text += parts[number(0..<parts.count)]
    }
    return text + "\""
  }

  mutating func name(_ name: String) -> String {
    var text = "\""
    for scalar in name.unicodeScalars {
      if number(0..<20) == 0, scalar.value < 0x10000 {
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        text += ["\n": "\\n", "\"": "\\\"", "\\": "\\\\"][scalar] ?? String(Character(scalar))
      }
    }
    return text + "\""
  }

  mutating func scalar() -> String {
    switch number(0..<6) {
    case 0: "null"
    case 1: ["true", "false"][number(0..<2)]
    case 2: String(number(-1_000_000..<1_000_000))
    default: string()
    }
  }

  mutating func value(_ depth: Int) -> String {
    switch depth > 0 ? number(0..<4) : 0 {
    case 1: object(depth - 1)
    case 2: list(number(0..<4)) { $0.value(depth - 1) }
    default: scalar()
    }
  }

  mutating func list(_ count: Int, _ item: (inout Self) -> String) -> String {
    var text = "[" + space()
    for index in 0..<count {
      text += (index > 0 ? space() + "," + space() : "") + item(&self)
    }
    return text + space() + "]"
  }

  /// An object without line feeds.
  mutating func line(_ depth: Int) -> String {
    String(decoding: object(depth).utf8.map { $0 == 0x0A ? 0x20 : $0 }, as: UTF8.self)
  }

  mutating func object(_ depth: Int) -> String {
    var text = "{" + space()
    for (index, member) in names.shuffled(using: &generator).prefix(number(0..<8)).enumerated() {
      text += (index > 0 ? space() + "," + space() : "") + name(member) + space() + ":" + space()
      text += value(depth)
    }
    return text + space() + "}"
  }
}

@Suite struct JSONPropertyTests {
  static let columns = [
    "id", "name", "处罚", "a", "b", "a/b", "a/b/a", "list[]", "list[2]", "list[]/id", "list[]/a/b",
    "x\ny", "long member name 1", "q\"\\", "amount/[1]", "b[]/[]", "a/list[]/name", "name/name",
  ]

  /// What a path leads to, worked out over the tree that Foundation made.
  private func witness(_ node: Any, _ path: FieldPath) -> String?? {
    var nodes = [node]
    for step in path.steps {
      nodes = nodes.flatMap { node -> [Any] in
        switch step {
        case .child(let name): return (node as? [String: Any])?[name].map { [$0] } ?? []
        case .each: return node as? [Any] ?? []
        case .item(let index):
          let list = node as? [Any] ?? []
          return index < list.count ? [list[index]] : []
        case .attribute: return []
        }
      }
    }
    let texts = nodes.filter { !($0 is NSNull) }.map { node -> String? in
      if let text = node as? String { return text }
      if node is [Any] || node is [String: Any] { return nil }
      guard let number = node as? NSNumber else { return nil }
      if ["c", "B"].contains(String(cString: number.objCType)) {
        return number.boolValue ? "true" : "false"
      }
      return number.stringValue
    }
    if texts.contains(where: { $0 == nil }) { return nil }
    return .some(texts.isEmpty ? nil : texts.compactMap { $0 }.joined(separator: ";"))
  }

  @Test(arguments: 1...60)
  func everyColumnIsWhatFoundationReads(seed: UInt64) throws {
    var documents = RandomDocuments(seed: seed)
    let text = documents.list(30) { $0.object(4) }
    let tree = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    let reading = read(text, shape("[]", Self.columns))
    #expect(reading.fault == nil && reading.faults.isEmpty && reading.rows.count == tree.count)
    for (row, node) in zip(reading.rows, tree) {
      for (column, field) in zip(Self.columns, row.fields) {
        if let value = witness(node, path(column)) {
          #expect(field == value, "seed \(seed): \(column) of \(row.raw)")
        } else {
          #expect(field != nil, "seed \(seed): \(column) of \(row.raw)")
        }
      }
      let raw = try JSONSerialization.jsonObject(with: Data(row.raw.utf8))
      #expect((raw as? NSDictionary) == (node as NSDictionary))
    }
  }

  @Test(arguments: 1...40)
  func recordsInsideUnitsAreReadAndReadBack(seed: UInt64) throws {
    var documents = RandomDocuments(seed: seed)
    let text = documents.list(6) { documents in
      let before = documents.value(2)
      let records = documents.list(documents.number(0..<5)) { documents in
        "{\"n\":" + documents.scalar() + ",\"r\":"
          + documents.list(documents.number(0..<4)) { $0.object(2) } + ",\"m\":"
          + documents.value(1) + "}"
      }
      return "{\"k\":\(before),\"s\":\(records),\"z\":\(documents.scalar())}"
    }
    let form = shape("[]/s[]/r[]", ["id", "name", "list[]", "../n", "../m", "../../k", "../../z"])
    let reading = read(text, form)
    #expect(reading.fault == nil && reading.faults.isEmpty)
    let tree = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    let places = tree.flatMap { unit in
      (unit["s"] as? [[String: Any]] ?? []).flatMap { inner in
        (inner["r"] as? [[String: Any]] ?? []).map { [$0, inner, unit] }
      }
    }
    #expect(places.count == reading.rows.count)
    for (row, place) in zip(reading.rows, places) {
      for (column, field) in zip(form.columns, row.fields) {
        let down = column.description.drop { $0 == "." || $0 == "/" }
        if let value = witness(place[column.parents], path(String(down))) {
          #expect(field == value, "seed \(seed): \(column) of \(row.raw)")
        }
      }
      let again = read("[\(row.raw)]", form)
      #expect(again.fields == [row.fields] && again.rows.first?.raw == row.raw, "seed \(seed)")
    }
  }

  // MARK: - Pieces

  static let small: [(String, String, Bool)] = [
    ("[{\"a\":1,\"b\":\"x\\u4e2d\\ud83d\\ude00\"},{\"a\":\"中\u{FFFD}\"}]", "[]", false),
    (" [ { \"a\" : -1.5e+3 } , null , tru , 12 ]\n[\n{\"a\":[{\"a\":1,\"a\":2}]}]", "[]", false),
    (
      "\u{FEFF}{\"t\":\"1\\u0032\",\"l\":[{\"a\":1},{\"a\":nul},{\"a\":\"b\\x\"}],\"x\":{}}", "l[]",
      false
    ),
    ("{\"l\":[1],\"l\":2}", "l[]", false), ("[{\"a\":1},{\"a\":[}]", "[]", false),
    ("[{\"a\":1},{\"a\":\"\\ud83", "[]", false), ("[{\"a\":1} x", "[]", false),
    ("[1,2", "[]", false),
    ("[{\"l\":[{\"a\":1},{\"a\":2,\"b\":\"\\n\"}],\"b\":3},{\"l\":[]}]", "[]/l[]", false),
    ("{\"a\":1}\n{\"a\":\n\n x \r\n{\"a\":\"中\"} \r\n{\"a\":2} 3\n{\"a\":", "", true),
    ("{\"l\":[{\"a\":1},{\"a\":2}],\"t\":2}\n{\"l\":null}\n[]\n0", "l[]", true),
    ("{\"a\":1}{", "", false), ("12 13 \"x\" nul [", "", false),
    ("[\"aaaaaaaaaaaaaaaaaaaaaaaaa\",1]", "[]", false),
    ("[{\"a\":{\"x\":[[[[]]]]}},{\"a\":5}]", "[]", false),
    ("[{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":[5,6]},{}]", "[]", false),
    ("\u{FEFF}", "[]", false), ("", "", true),
    ("{\"x\":[1,{\"y\":\"z\"}],\"l\":[{\"a\":true}]} 1 ", "l[]", false),
    (
      "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}   \n{\"a\":2}\n{\"b\":\"ccccccccccccccccccccccccccccc",
      "", true
    ),
  ]

  private var tight: DocumentLimits {
    var limits = DocumentLimits()
    limits.recordBytes = 36
    limits.fields = 6
    limits.nesting = 6
    limits.chunkRecords = 2
    limits.chunkBytes = 40
    return limits
  }

  @Test(arguments: small)
  func everyCutGivesTheSame(text: String, records: String, isLines: Bool) {
    let form = shape(
      records, ["a", "b", "../b", "."], children: [("a[]", ["a"])], total: "t", ignored: ["e"])
    let bytes = Array(text.utf8)
    for damaged in [bytes, bytes.map { $0 == 0xE4 ? 0xFF : $0 }] {
      for limits in [DocumentLimits(), tight] {
        let whole = read(damaged, form, isLines: isLines, limits: limits)
        let seen = outline(damaged, isLines: isLines, limits: limits)
        for cut in 0...damaged.count {
          let cutReading = read(damaged, form, isLines: isLines, limits: limits, cuts: [cut])
          #expect(cutReading == whole, "cut at \(cut) of \(text)")
          let cutOutline = outline(damaged, isLines: isLines, limits: limits, cuts: [cut])
          #expect(
            cutOutline.lines == seen.lines && cutOutline.fault == seen.fault, "\(cut): \(text)")
          for second in cut...damaged.count where damaged.count < 48 {
            let twice = read(damaged, form, isLines: isLines, limits: limits, cuts: [cut, second])
            #expect(twice == whole, "cut at \(cut) and \(second) of \(text)")
          }
        }
        let bytewise = read(
          damaged, form, isLines: isLines, limits: limits, cuts: 0..<damaged.count)
        #expect(bytewise == whole, "\(text)")
      }
    }
  }

  @Test("a text that is too long, or malformed about there, is the same fault wherever it is cut")
  func faultsAboutTheLimit() {
    for length in 20...44 {
      for end in ["\\q", "\\ud83d\\q", "\\ud83d\\ude0", "\u{1}", "\\u12", "\":1}", "\\\\\":1}"] {
        let text = "{\"" + String(repeating: "n", count: length) + end
        let form = shape("list[]", ["a"])
        let whole = read(text, form, limits: tight)
        for cut in 0...text.utf8.count {
          let reading = read(text, form, limits: tight, cuts: [cut])
          #expect(reading == whole, "cut at \(cut) of \(text)")
        }
      }
    }
  }

  /// Changes a few bytes, so that anything may be wrong anywhere.
  private func damage(_ bytes: [UInt8], _ count: Int, _ documents: inout RandomDocuments) -> [UInt8]
  {
    var bytes = bytes
    let odd = Array("[]{}\",:\\\n\u{0}x1 \u{E4}\u{FF}".utf8) + [0xE4, 0xFF, 0x80, 0xBD]
    for _ in 0..<count {
      let place = documents.number(0..<bytes.count)
      switch documents.number(0..<3) {
      case 0: bytes[place] = odd[documents.number(0..<odd.count)]
      case 1: bytes.insert(odd[documents.number(0..<odd.count)], at: place)
      default: bytes.remove(at: place)
      }
    }
    return bytes
  }

  @Test(arguments: 1...80)
  func randomCutsOfDamagedFilesGiveTheSame(seed: UInt64) {
    var documents = RandomDocuments(seed: seed &+ 1000)
    let isLines = seed % 3 == 0
    var bytes: [UInt8]
    if isLines {
      let lines = (0..<40).map { _ in
        documents.line(3)
      }
      bytes = Array(lines.joined(separator: "\n").utf8)
    } else {
      bytes = Array(documents.list(40) { $0.object(3) }.utf8)
    }
    bytes = damage(bytes, [0, 1, 3][Int(seed % 4) % 3], &documents)
    let form = shape(
      isLines ? "" : "[]", Self.columns + ["list"], children: [("list[]", ["id", "../name"])])
    for limits in [DocumentLimits(), tight, roomy] {
      let whole = read(bytes, form, isLines: isLines, limits: limits)
      for _ in 0..<8 {
        let cuts = (0..<documents.number(1..<30)).map { _ in documents.number(0..<bytes.count) }
        let pieces = read(bytes, form, isLines: isLines, limits: limits, cuts: cuts.sorted())
        #expect(pieces == whole, "seed \(seed)")
      }
    }
  }

  private var roomy: DocumentLimits {
    var limits = DocumentLimits()
    limits.recordBytes = 300
    limits.fields = 20
    limits.chunkBytes = 700
    limits.chunkRecords = 7
    return limits
  }

  @Test(arguments: 1...6)
  func largeFilesAreReadTheSameInAnyPieces(seed: UInt64) {
    var documents = RandomDocuments(seed: seed &+ 77)
    let isLines = seed.isMultiple(of: 2)
    let objects = (0..<1500).map { _ in documents.line(3) }
    let joined = objects.joined(separator: isLines ? "\n" : ",\n")
    let bytes = Array((isLines ? joined : "[\(joined)]").utf8)
    let form = shape(isLines ? "" : "[]", Self.columns)
    let whole = read(bytes, form, isLines: isLines)
    #expect(whole.fault == nil && whole.faults.isEmpty && whole.rows.count == objects.count)
    #expect(whole.rows.map(\.raw) == objects)
    for _ in 0..<3 {
      let cuts = (0..<documents.number(1..<200)).map { _ in documents.number(0..<bytes.count) }
      #expect(read(bytes, form, isLines: isLines, cuts: cuts.sorted()) == whole, "seed \(seed)")
    }
  }

  /// What Foundation and the outline both read is the same; what Foundation refuses, the outline does.
  @Test(arguments: 1...40)
  func damagedDocumentsAreRefusedAsFoundationDoes(seed: UInt64) {
    var documents = RandomDocuments(seed: seed &+ 5000)
    for _ in 0..<25 {
      let bytes = damage(Array(documents.object(3).utf8), documents.number(0..<3), &documents)
      let isRead = outline(bytes).fault == nil
      guard isRead else { continue }
      let witness = try? JSONSerialization.jsonObject(
        with: Data(bytes), options: .fragmentsAllowed)
      // Several documents in one text, e.g. behind a bracket that was lost, are no business of its.
      let isOne = outline(bytes).lines.allSatisfy { !$0.path.hasPrefix("#") }
      #expect(!isOne || witness != nil, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
    }
  }

  @Test(arguments: 1...30)
  func aDamagedRecordHurtsNoOther(seed: UInt64) {
    var documents = RandomDocuments(seed: seed &+ 9000)
    for _ in 0..<20 {
      let good = documents.object(3)
      let inside = damage(Array("0,1 \"abc\" null -1.5e3 {\"k\":[]}".utf8), 2, &documents)
      // Nothing that could change the structure around it.
      let harmless = inside.filter { !"[]{}\"\\".utf8.contains($0) }
      let bad = Array("{\"k\":".utf8) + harmless + Array(",}".utf8)
      let bytes = Array("[\(good),".utf8) + bad + Array(",\(good)]".utf8)
      let reading = read(bytes, shape("[]", Self.columns))
      #expect(reading.fault == nil && reading.faultyRows == [1], "seed \(seed): \(reading)")
      #expect(reading.rows.count == 3 && reading.rows[0].fields == reading.rows[2].fields)
    }
  }
}
