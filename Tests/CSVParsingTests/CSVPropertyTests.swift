import Records
import Testing
import TestSupport

@testable import CSVParsing

@Suite("CSV properties")
struct CSVPropertyTests {
  static let pieces = [
    "a", "bc", ",", ",", "\"", "\"", "\"\"", "\n", "\n", "\r", "\r\n", ";", "\t", " ", "中",
    "\u{FFFD}", "\0", "1", "合计", "\n1,2,3\n", "\n\"1\",\"2\",\"3\"\n", "=",
  ]

  @Test(
    "any bytes are read the same by both paths at every cut",
    arguments: 0..<200 as Range<UInt64>)
  func garbage(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var text = "a,b,c\n"
    for _ in 0..<Int.random(in: 0..<60, using: &generator) {
      text += Self.pieces.randomElement(using: &generator) ?? ""
    }
    var dialect = CSVDialect(
      headerRows: Int.random(in: 0...2, using: &generator), footerPrefixes: ["合计"])
    if seed % 5 == 0 { dialect.maximumRecordBytes = 12 }
    if seed % 7 == 0 { dialect.maximumFields = 4 }
    let reading = readEveryWay(text, dialect)
    #expect(reading.rows.count <= text.utf8.count, "seed \(seed)")
  }

  @Test(
    "long garbage is read the same by both paths, however it is cut",
    arguments: 0..<40 as Range<UInt64>)
  func longGarbage(seed: UInt64) {
    var generator = SeededGenerator(seed: 1000 + seed)
    let faultRate = Double.random(in: 0...0.02, using: &generator)
    var text = "a,b,c\n"
    while text.utf8.count < 150_000 {
      if Double.random(in: 0...1, using: &generator) < faultRate {
        text += Self.pieces.randomElement(using: &generator) ?? ""
      } else {
        text +=
          ["1,2,3\n", "中文,\"x\ny\",\"a\"\"b\"\r\n", "\"\",,\"q,r\"\n"]
          .randomElement(using: &generator) ?? ""
      }
    }
    let bytes = Array(text.utf8)
    let plain = read(bytes, path: .plain)
    #expect(read(bytes) == plain, "seed \(seed)")
    let step = Int.random(in: 100...90_000, using: &generator)
    for path in CSVReader.Path.allCases {
      let cut = read(bytes, path: path, cuts: stride(from: step / 3, to: bytes.count, by: step))
      #expect(cut == plain, "seed \(seed), step \(step)")
    }
  }

  @Test(
    "raw bytes and terminators cover the file without gap or overlap",
    arguments: 0..<100 as Range<UInt64>)
  func coverage(seed: UInt64) {
    var generator = SeededGenerator(seed: 5000 + seed)
    var text = "a,b,c\n"
    for _ in 0..<200 { text += Self.pieces.randomElement(using: &generator) ?? "" }
    let bytes = Array(text.utf8)
    var end = 0
    var line = 1
    for row in read(bytes).rows {
      let gap = bytes[end..<row.position.byteOffset]
      if end > 0 { #expect(gap.allSatisfy { Byte.isLineBreak($0) }, "seed \(seed)") }
      let before = Array(bytes[..<row.position.byteOffset])
      line = 1 + lineBreaks(before)
      #expect(row.position.line == line, "seed \(seed)")
      end = row.position.byteOffset + row.raw.utf8.count
      #expect(Array(row.raw.utf8) == Array(bytes[row.position.byteOffset..<end]), "seed \(seed)")
    }
  }

  private func lineBreaks(_ bytes: [UInt8]) -> Int {
    var count = 0
    for index in bytes.indices {
      if bytes[index] == 13 || (bytes[index] == 10 && (index == 0 || bytes[index - 1] != 13)) {
        count += 1
      }
    }
    return count
  }

  @Test("what is written is read back", arguments: 0..<200 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let columns = Int.random(in: 1...6, using: &generator)
    let delimiter = CSVDialect.delimiters.randomElement(using: &generator) ?? 0x2C
    let ending: CSVWriter.LineEnding = Bool.random(using: &generator) ? .lf : .crlf
    var writer = CSVWriter(
      delimiter: delimiter, lineEnding: ending, neutralizesFormulas: false,
      writesByteOrderMark: Bool.random(using: &generator))
    let header = (0..<columns).map { "c\($0)" }
    var rows: [[String?]] = []
    let alphabet = Self.pieces.filter { $0 != "\0" && $0 != "\u{FFFD}" } + ["\u{FEFF}", "sep=;"]
    writer.write(header)
    // Few rows where every cut is tried, many where one is.
    let isSmall = seed % 4 == 0
    for _ in 0..<Int.random(in: 0...(isSmall ? 4 : 60), using: &generator) {
      let row = (0..<columns).map { _ in
        (0..<Int.random(in: 0...4, using: &generator))
          .map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
      }
      rows.append(row)
      writer.write(row)
    }
    let dialect = CSVDialect(delimiter: delimiter)
    let reading =
      isSmall ? readEveryWay(writer.output, dialect) : read(writer.output, dialect)
    let cut = Int.random(in: 0...writer.output.count, using: &generator)
    #expect(read(writer.output, dialect, path: .plain, cuts: [cut]) == reading, "seed \(seed)")
    #expect(reading.header == [header], "seed \(seed)")
    #expect(reading.fields == rows, "seed \(seed)")
    #expect(reading.faults.isEmpty, "seed \(seed)")
  }

  @Test("every planted breakage is found and nothing else", arguments: 0..<60 as Range<UInt64>)
  func planted(seed: UInt64) {
    var generator = SeededGenerator(seed: 9000 + seed)
    let breakages = [
      "B,2\n", "B,2,3,4\n", "B,x\"y,3\n", "B,\"x\"y,3\n", "B,\"2,3\n", "B,\"x\ny,3\n",
      "B,\0,3\n", "B,2,\"3\n", "B,\"2,\"3\",4\n",
    ]
    let goods = [
      "g,2,3\n", "g,\"2\",\"3\"\n", "g,\"a\nb\",3\r\n", "g,\"a\"\"b\",\"c,d\"\n", "g,,\n",
    ]
    var text = "a,b,c\n"
    var kinds: [Bool] = []
    for _ in 0..<300 {
      // Two breakages side by side may make one piece, so keep them apart.
      let isBroken = kinds.last == false && Int.random(in: 0..<10, using: &generator) == 0
      text += (isBroken ? breakages : goods).randomElement(using: &generator) ?? ""
      kinds.append(isBroken)
    }
    for path in CSVReader.Path.allCases {
      let reading = read(Array(text.utf8), path: path)
      #expect(reading.rows.map { $0.raw.hasPrefix("B") } == kinds, "seed \(seed)")
      #expect(reading.rows.map { !$0.faults.isEmpty } == kinds, "seed \(seed)")
    }
  }

  @Test("the work grows with the size of the file, not with its square")
  func linearTime() {
    let patterns = [
      "1,\"2,3\n", "\"\n", "\",\"\n", "1,\"x\ny\"z\n", "\"a\"\"\n", "x\"\"y,\"\n", "\n\"", "\",",
      "\"\"\"", "1,2,3\n\"", "\"1\n2\n3\n4\n5\",\n",
      "x\",\"y\n", "a\",\"b\",\"c\r\n",
    ]
    for pattern in patterns {
      var costs: [Int] = []
      for size in [200_000, 400_000] {
        let text = "a,b,c\n\"" + String(repeating: pattern, count: size / pattern.utf8.count)
        let bytes = Array(text.utf8)
        var reader = CSVReader(CSVDialect(maximumRecordBytes: 50_000))
        for start in stride(from: 0, to: bytes.count, by: 1000) {
          let end = min(bytes.count, start + 1000)
          reader.feed(Array(bytes[start..<end]).span, isLast: end == bytes.count) { _ in }
        }
        costs.append(reader.plainSteps)
        #expect(reader.plainSteps < 20 * bytes.count, "\(pattern.debugDescription)")
      }
      #expect(costs[1] < 3 * costs[0] + 100_000, "\(pattern.debugDescription) \(costs)")
    }
  }
}
