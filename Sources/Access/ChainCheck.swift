/// Number and hash of an entry that somebody else keeps: the anchor beside the log, a notary, the store of
/// requests.
package struct ChainWitness: Sendable, Hashable {
  package var sequence: Int
  package var hash: ChainHash
  /// Who says so, for messages.
  package var source: String

  package init(sequence: Int, hash: ChainHash, source: String) {
    self.sequence = sequence
    self.hash = hash
    self.source = source
  }
}

/// The newest entry of the log, kept in a file of its own.
package struct ChainAnchor: Sendable, Hashable {
  package var sequence: Int
  package var hash: ChainHash
  /// Bytes of the log up to the end of that entry.
  package var byteCount: Int

  package init(sequence: Int, hash: ChainHash, byteCount: Int) {
    self.sequence = sequence
    self.hash = hash
    self.byteCount = byteCount
  }

  /// Entries or bytes: what comes next can be counted on from there.
  private static let mostOfAny = 999_999_999_999_999

  /// The content of the anchor's file.
  package var line: [UInt8] { Array("\(sequence) \(hash) \(byteCount)\n".utf8) }

  /// - Returns: nil for anything that ``line`` does not give.
  package init?(line: [UInt8]) {
    let parts = String(decoding: line, as: UTF8.self).split(
      separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, let sequence = Int(parts[0]), let hash = ChainHash(String(parts[1])),
      let byteCount = Int(parts[2].dropLast())
    else { return nil }
    self.init(sequence: sequence, hash: hash, byteCount: byteCount)
    let counts = 1...Self.mostOfAny
    guard counts.contains(sequence), counts.contains(byteCount), self.line == line else {
      return nil
    }
  }

  /// Whole entries that a writer which dies may leave behind this anchor: those that it had announced, by the
  /// anchor under its other name, before it wrote the first; one where nothing was announced.
  ///
  /// - Parameter announced: nil where there is no such file, or it is no anchor.
  package func mostBehind(_ announced: ChainAnchor?) -> Int {
    guard let announced, announced.byteCount > byteCount else { return 1 }
    return max(1, announced.sequence - sequence)
  }
}

/// Walks the lines of a log and finds every place where the chain does not hold.
///
/// After a fault it goes on from what it found, so that one change is one fault or two, and a second change
/// further down is found too.
package struct ChainCheck {
  private(set) var faults: [ChainFault] = []
  private var line = 0
  private var byteCount = 0
  /// Sequence that the next line should have.
  private var expected = 1
  /// Hashes that the next line may name as its previous one.
  private var links: Set<ChainHash> = [.zero]
  /// Of the entries that somebody vouches for, and of the newest.
  private var hashes: [Int: ChainHash] = [:]
  private var ends: [Int: Int] = [:]
  private var newest: (sequence: Int, line: Int) = (0, 0)
  private var lastLineIsBroken = false
  private let anchor: ChainAnchor?
  private let announced: ChainAnchor?
  private let witnesses: [ChainWitness]
  private let vouched: Set<Int>

  /// - Parameters:
  ///   - anchor: nil where there is no file.
  ///   - announced: What the writer after it was about to anchor; nil where there is none.
  ///   - witnesses: Others who know an entry; in any order.
  package init(
    anchor: ChainAnchor?, announced: ChainAnchor? = nil, witnesses: [ChainWitness] = []
  ) {
    self.anchor = anchor
    self.announced = announced
    self.witnesses = witnesses
    vouched = Set(witnesses.map(\.sequence) + [anchor, announced].compactMap { $0?.sequence })
  }

  /// Takes the next line, without its newline.
  ///
  /// - Returns: The entry, if the line is one.
  @discardableResult
  package mutating func add(line bytes: [UInt8]) -> WrittenEntry? {
    line += 1
    byteCount += bytes.count + 1
    guard let entry = WrittenEntry(line: bytes) else {
      faults.append(ChainFault(.malformed, line: line, sequence: nil, expected: "\(expected)"))
      lastLineIsBroken = true
      return nil
    }
    defer { lastLineIsBroken = false }
    if entry.isIntact {
      place(entry)
    } else {
      // Its sequence may be what was changed; it stands where an entry is expected.
      faults.append(
        ChainFault(
          .edited, line: line, sequence: entry.sequence, expected: entry.computedHash.hexadecimal))
      follow(entry, as: expected)
    }
    if vouched.contains(entry.sequence) {
      hashes[entry.sequence] = entry.computedHash
      ends[entry.sequence] = byteCount
    }
    return entry
  }

  /// Compares the entry's place with the chain so far.
  private mutating func place(_ entry: WrittenEntry) {
    let sequence = entry.sequence
    // A broken line may have been an entry or have come on top of them.
    if lastLineIsBroken, sequence == expected + 1 {
      follow(entry, as: sequence)
      return
    }
    if sequence < expected {
      faults.append(ChainFault(.misplaced, line: line, sequence: sequence, expected: "\(expected)"))
      return
    }
    if sequence > expected {
      faults.append(ChainFault(.missing, line: line, sequence: sequence, expected: "\(expected)"))
    } else if !links.contains(entry.previous) {
      let shown = links.map(\.hexadecimal).min() ?? ""
      faults.append(ChainFault(.unlinked, line: line, sequence: sequence, expected: shown))
    }
    follow(entry, as: sequence)
  }

  /// Goes on from `entry`. The line after an edited one links to what stood there before.
  private mutating func follow(_ entry: WrittenEntry, as sequence: Int) {
    expected = sequence + 1
    links = [entry.hash, entry.computedHash]
    newest = (sequence, line)
  }

  /// Compares the end of the log with what others say.
  ///
  /// - Parameter rest: Bytes after the last newline.
  package consuming func finish(rest: Int) -> ChainReport {
    var torn = 0
    var isUnanchored = false
    let sequence = newest.sequence
    if let anchor {
      if sequence < anchor.sequence {
        let last = "\(sequence + 1)–\(anchor.sequence)"
        faults.append(ChainFault(.cut, line: line + 1, sequence: nil, expected: last))
      } else {
        checkAnchor(anchor)
        let group = anchor.mostBehind(announced)
        isUnanchored = sequence > anchor.sequence
        let isForeign =
          sequence == announced?.sequence && hashes[sequence] != announced?.hash && group > 1
        if sequence > anchor.sequence + group || (isUnanchored && group == 1 && rest > 0)
          || isForeign
        {
          faults.append(
            ChainFault(
              .unanchored, line: line, sequence: sequence, expected: "\(anchor.sequence)"))
        } else {
          torn = rest
        }
      }
    } else if sequence > 1 || line > 1 || (sequence == 1 && rest > 0) {
      faults.append(ChainFault(.anchorMissing, line: line, sequence: sequence, expected: ""))
    } else {
      isUnanchored = sequence == 1
      torn = rest
    }
    for witness in witnesses.sorted(by: { ($0.sequence, $0.source) < ($1.sequence, $1.source) }) {
      check(witness)
    }
    return ChainReport(
      entries: line, newest: sequence, faults: faults.sorted(), tornBytes: torn,
      isUnanchored: isUnanchored)
  }

  private mutating func checkAnchor(_ anchor: ChainAnchor) {
    check(ChainWitness(sequence: anchor.sequence, hash: anchor.hash, source: "anchor"))
    if faults.isEmpty, let end = ends[anchor.sequence], end != anchor.byteCount {
      faults.append(
        ChainFault(
          .rewritten, line: newest.line, sequence: anchor.sequence, expected: "\(anchor.byteCount)",
          source: "anchor"))
    }
  }

  private mutating func check(_ witness: ChainWitness) {
    guard hashes[witness.sequence] != witness.hash else { return }
    let isCut = hashes[witness.sequence] == nil && witness.sequence > newest.sequence
    // An entry that is edited or missing inside the log has its fault already.
    faults.append(
      ChainFault(
        isCut ? .cut : .rewritten, line: isCut ? line + 1 : nil, sequence: witness.sequence,
        expected: isCut ? "\(witness.sequence)" : witness.hash.hexadecimal, source: witness.source))
  }
}

/// What a walk through the log found.
package struct ChainReport: Sendable, Hashable {
  /// Lines of the log.
  package var entries: Int
  /// Highest sequence; 0 where there is none.
  package var newest: Int
  /// In the order of the lines.
  package var faults: [ChainFault]
  /// Bytes of a line whose writing was interrupted, which is no tampering; 0 if there is none.
  package var tornBytes: Int
  /// The newest entries are ahead of the anchor, as was announced: their writer died between the two.
  package var isUnanchored: Bool

  package init(
    entries: Int, newest: Int, faults: [ChainFault], tornBytes: Int, isUnanchored: Bool
  ) {
    self.entries = entries
    self.newest = newest
    self.faults = faults
    self.tornBytes = tornBytes
    self.isUnanchored = isUnanchored
  }
}
