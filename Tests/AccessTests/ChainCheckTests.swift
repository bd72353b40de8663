import Access
import Foundation
import TestSupport
import Testing

@Suite("The chain of the access log")
struct ChainCheckTests {
  private let chain = Chain(12)

  // MARK: Lines

  @Test func `what is written is read back`() throws {
    for text in [
      "", "用途", "a \"quoted\" \\ text", "line\nbreak\r\t\u{0}\u{1F}\u{7F}", "\u{2028}🙂{}[],:",
    ] {
      var event = AccessEvent.sample(3)
      event.purpose = LoggedText(cleaning: text)
      event.reference = text
      let file = AttachedFile(name: "keys/000009", hash: ChainHash(of: [1]))
      let entry = AccessEntry(sequence: 9, event, file: file, previous: ChainHash(of: [2]))
      #expect(entry.line.filter { $0 == 10 }.count == 1 && entry.line.last == 10)
      let read = try #require(WrittenEntry(line: entry.line.dropLast()))
      #expect(read.isIntact && read.hash == entry.hash && read.previous == entry.previous)
      #expect(read.sequence == 9 && read.time == event.time && read.file == file)
      #expect(read.user == "user3" && read.department == "市场监管局")
      #expect(read.purpose == text && read.reference == text && read.keys == event.keys)
      #expect(read.elements == event.elements && read.rows == 3 && read.category == "PEN")
      #expect(read.action == .read && read.outcome == .denied && read.rule == "T3")
    }
  }

  @Test(arguments: ["\"sequence\":9,", "\"rows\":3,"])
  func `numbers that nobody writes are no entry`(_ number: String) throws {
    let entry = AccessEntry(sequence: 9, .sample(3), file: nil, previous: ChainHash(of: [2]))
    let line = String(decoding: entry.line.dropLast(), as: UTF8.self)
    try #require(line.contains(number) && WrittenEntry(line: Array(line.utf8)) != nil)
    let largest = number.prefix { $0 != ":" } + ":9223372036854775807,"
    #expect(WrittenEntry(line: Array(line.replacing(number, with: largest).utf8)) == nil)
  }

  @Test func `an untouched log has no faults`() {
    for count in 0...12 {
      let chain = Chain(count)
      let report = check(chain.bytes, chain.anchor)
      #expect(report.faults == [] && report.tornBytes == 0 && !report.isUnanchored)
      #expect(report.entries == count && report.newest == count)
    }
  }

  @Test func `the hash is SHA-256 over the line before it`() {
    #expect(
      ChainHash(of: Array("abc".utf8)).hexadecimal
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let line = String(decoding: chain.entries[4].line, as: UTF8.self)
    let parts = line.components(separatedBy: ",\"hash\":")
    #expect(parts.count == 2)
    #expect(ChainHash(of: Array(parts[0].utf8)) == chain.entries[4].hash)
    #expect(line.contains("\"previous\":\"\(chain.entries[3].hash)\""))
  }

  // MARK: Tampering

  @Test func `every changed byte is found in its line`() {
    let small = Chain(4)
    let bytes = small.bytes
    for index in bytes.indices {
      let line = bytes[..<index].count { $0 == 10 } + 1
      for change: UInt8 in [1, 0x20, 0xFF] {
        var changed = bytes
        changed[index] ^= change
        let report = check(changed, small.anchor)
        #expect(report.faults.first?.line == line, "byte \(index) ^ \(change): \(report.faults)")
      }
    }
  }

  /// Random edits of lines and bytes; the first fault names the first line that differs, or the one
  /// behind an entry that stands twice.
  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func `random tampering is found where it was done`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<500 {
      let chain = Chain(Int.random(in: 1...20, using: &generator))
      let original = chain.bytes
      var tampering = Tampering(original)
      let kinds = (0..<Int.random(in: 1...2, using: &generator)).map { _ in
        tampering.apply(&generator)
      }
      guard tampering.bytes != original else { continue }
      let report = check(tampering.bytes, chain.anchor)
      let differs = firstDifference(original, tampering.bytes)
      let found = report.faults.first?.line ?? 0
      #expect(
        found == differs || found == differs + 1,
        "seed \(seed), round \(round), \(kinds): line \(differs), found \(report.faults)")
    }
  }

  @Test func `a deleted entry is named`() {
    var lines = chain.entries.map(\.line)
    lines.remove(at: 4)
    let report = check(Array(lines.joined()), chain.anchor)
    #expect(
      report.faults == [ChainFault(.missing, line: 5, sequence: 6, expected: "5")])
  }

  @Test func `two entries that changed places are named`() {
    var lines = chain.entries.map(\.line)
    lines.swapAt(4, 5)
    let report = check(Array(lines.joined()), chain.anchor)
    #expect(
      report.faults == [
        ChainFault(.missing, line: 5, sequence: 6, expected: "5"),
        ChainFault(.misplaced, line: 6, sequence: 5, expected: "7"),
      ])
  }

  @Test func `an inserted entry with a right hash of its own is named`() {
    var lines = chain.entries.map(\.line)
    let forged = AccessEntry(
      sequence: 6, .sample(77), file: nil, previous: chain.entries[4].hash)
    lines.insert(forged.line, at: 5)
    let report = check(Array(lines.joined()), chain.anchor)
    #expect(report.faults.first == ChainFault(.misplaced, line: 7, sequence: 6, expected: "7"))
  }

  @Test func `an entry that was replaced by another one with a right hash breaks the next link`() {
    var lines = chain.entries.map(\.line)
    let forged = AccessEntry(
      sequence: 6, .sample(77), file: nil, previous: chain.entries[4].hash)
    lines[5] = forged.line
    let report = check(Array(lines.joined()), chain.anchor)
    #expect(
      report.faults == [
        ChainFault(.unlinked, line: 7, sequence: 7, expected: forged.hash.hexadecimal)
      ])
  }

  @Test func `a chain that was computed anew is another one than the anchor and the notary know`()
    throws
  {
    var forged = Chain(3)
    for number in 50..<59 { forged.add(.sample(number)) }
    var anchor = try #require(chain.anchor)
    let report = check(forged.bytes, anchor)
    #expect(report.faults.map(\.kind) == [.rewritten])
    #expect(report.faults.first?.sequence == 12)
    // Even with a new anchor, whoever kept an earlier head knows.
    anchor = try #require(forged.anchor)
    #expect(check(forged.bytes, anchor).faults == [])
    let notary = ChainWitness(sequence: 7, hash: chain.entries[6].hash, source: "--head")
    #expect(check(forged.bytes, anchor, [notary]).faults.map(\.sequence) == [7])
    let early = ChainWitness(sequence: 3, hash: chain.entries[2].hash, source: "--head")
    #expect(check(forged.bytes, anchor, [early]).faults == [])
  }

  @Test func `a cut end is found at every byte`() {
    let bytes = chain.bytes
    for size in bytes.indices {
      let report = check(Array(bytes[..<size]), chain.anchor)
      let lines = bytes[..<size].count { $0 == 10 }
      #expect(report.faults.first?.kind == .cut, "\(size)")
      #expect(report.faults.first?.line == lines + 1, "\(size)")
      #expect(report.faults.first?.expected == "\(lines + 1)–12", "\(size)")
      #expect(report.tornBytes == 0)
    }
  }

  @Test func `a log and an anchor that were both cut are known to whoever kept a head`() {
    let short = Chain(5)
    let notary = ChainWitness(sequence: 9, hash: chain.entries[8].hash, source: "--head")
    let report = check(short.bytes, short.anchor, [notary])
    #expect(report.faults.map(\.kind) == [.cut])
    #expect(report.faults.first?.source == "--head")
  }

  @Test func `a missing anchor is a fault once there are entries`() {
    #expect(check(chain.bytes, nil).faults.map(\.kind) == [.anchorMissing])
    #expect(check([], nil).faults == [])
  }

  @Test func `an anchor with another end is a fault`() throws {
    var anchor = try #require(chain.anchor)
    anchor.byteCount -= 1
    #expect(check(chain.bytes, anchor).faults.map(\.kind) == [.rewritten])
  }

  // MARK: Interrupted writers

  @Test func `the beginning of a line behind the anchor is an interruption and no tampering`() {
    var longer = chain
    longer.add(.sample(12))
    let line = longer.entries[12].line
    for size in 0..<line.count {
      let report = check(chain.bytes + line[..<size], chain.anchor)
      #expect(report.faults == [] && report.tornBytes == size && !report.isUnanchored)
    }
    let report = check(longer.bytes, chain.anchor)
    #expect(report.faults == [] && report.tornBytes == 0 && report.isUnanchored)
  }

  @Test func `more than one entry behind the anchor is no interruption`() {
    var longer = chain
    longer.add(.sample(12))
    #expect(check(longer.bytes + [0x7B], chain.anchor).faults.map(\.kind) == [.unanchored])
    longer.add(.sample(13))
    #expect(check(longer.bytes, chain.anchor).faults.map(\.kind) == [.unanchored])
  }

  @Test func `only what an anchor writes is an anchor`() throws {
    let anchor = try #require(chain.anchor)
    #expect(ChainAnchor(line: anchor.line) == anchor)
    for index in anchor.line.indices {
      var line = anchor.line
      line[index] = UInt8(ascii: "x")
      #expect(ChainAnchor(line: line) == nil, "byte \(index)")
      #expect(ChainAnchor(line: Array(anchor.line[..<index])) == nil)
    }
    #expect(ChainAnchor(line: anchor.line + [10]) == nil)
    let behindAll = ChainAnchor(sequence: .max, hash: anchor.hash, byteCount: anchor.byteCount)
    #expect(ChainAnchor(line: behindAll.line) == nil)
  }

  // MARK: Words

  @Test func `every kind of fault has words in both languages`() {
    for kind in ChainFault.Kind.allCases {
      let fault = ChainFault(kind, line: 3, sequence: 7, expected: "EXPECTED", source: "SOURCE")
      #expect(fault.english.allSatisfy(\.isASCII) || kind == .malformed, "\(fault.english)")
      #expect(fault.chinese.contains { !$0.isASCII })
      if kind != .anchorMissing {
        #expect(fault.english.contains("EXPECTED") && fault.chinese.contains("EXPECTED"))
      }
    }
  }

  private func firstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int {
    let common = zip(left, right).prefix { $0 == $1 }.count
    return left[..<common].count { $0 == 10 } + 1
  }
}

/// Changes a log as somebody would who may write to the file.
struct Tampering {
  private(set) var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var lines: [[UInt8]] {
    get { bytes.split(separator: 10).map { Array($0) + [10] } }
    set { bytes = Array(newValue.joined()) }
  }

  /// - Returns: What was done.
  mutating func apply(_ generator: inout SeededGenerator) -> String {
    let count = lines.count
    guard count > 0 else { return "nothing" }
    let line = Int.random(in: 0..<count, using: &generator)
    let other = Int.random(in: 0..<count, using: &generator)
    switch Int.random(in: 0..<7, using: &generator) {
    case 0:
      let index = Int.random(in: bytes.indices, using: &generator)
      bytes[index] ^= UInt8.random(in: 1...255, using: &generator)
      return "byte \(index)"
    case 1:
      lines.remove(at: line)
      return "deleted \(line + 1)"
    case 2:
      lines.swapAt(line, other)
      return "swapped \(line + 1) and \(other + 1)"
    case 3:
      lines.insert(lines[other], at: line)
      return "inserted \(other + 1) before \(line + 1)"
    case 4:
      let size = Int.random(in: bytes.indices, using: &generator)
      bytes.removeSubrange(size...)
      return "cut at \(size)"
    case 5:
      let index = Int.random(in: bytes.indices, using: &generator)
      let end = min(bytes.count, index + Int.random(in: 1...40, using: &generator))
      bytes.removeSubrange(index..<end)
      return "removed \(index)..<\(end)"
    default:
      lines.insert(Array("{\"sequence\":\(line + 1)}\n".utf8), at: line)
      return "a foreign line before \(line + 1)"
    }
  }
}
