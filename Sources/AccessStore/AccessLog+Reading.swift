package import Access
import Glibc
package import Records
import Warehouse

extension AccessLog {
  /// The parts of a log at one moment; reading them needs no lock, since nothing of it changes.
  private struct Snapshot {
    var size: Int
    var anchor: ChainAnchor?
    var announced: ChainAnchor?
    var isAnchorBroken: Bool
  }

  /// Walks through the whole log and checks everything that can be checked.
  ///
  /// - Parameters:
  ///   - witnesses: Who else knows entries: a notary, the store of requests.
  ///   - onEntry: Called for every line that is an entry, in order, damaged ones too.
  /// - Returns: An empty report where there is no log.
  package func verify(
    _ witnesses: [ChainWitness] = [], onEntry: (WrittenEntry) throws -> Void = { _ in }
  ) throws -> ChainReport {
    let snapshot = try snapshot()
    var check = ChainCheck(
      anchor: snapshot.anchor, announced: snapshot.announced, witnesses: witnesses)
    var damages: [ChainFault] = []
    var line = 0
    let rest = try eachLine(upTo: snapshot.size) { bytes in
      line += 1
      guard let entry = check.add(line: bytes) else { return }
      if let damage = try self.damage(of: entry, line: line) { damages.append(damage) }
      try onEntry(entry)
    }
    var report = check.finish(rest: rest)
    if snapshot.isAnchorBroken, !report.faults.contains(where: { $0.kind == .anchorMissing }) {
      damages.append(ChainFault(.anchorMissing, line: nil, sequence: nil, expected: ""))
    }
    report.faults = (report.faults + damages).sorted()
    return report
  }

  private func snapshot() throws -> Snapshot {
    // While a writer is at work, the log is ahead of its anchor.
    try withoutWriters { try unlockedSnapshot() }
  }

  private func unlockedSnapshot() throws -> Snapshot {
    var size = 0
    if PosixFile.exists(logPath) { size = try PosixFile(logPath, flags: O_RDONLY).size() }
    do {
      return Snapshot(
        size: size, anchor: try anchor(), announced: try announced(), isAnchorBroken: false)
    } catch let error as AccessLogError where error.code == .tampered {
      return Snapshot(size: size, anchor: nil, isAnchorBroken: true)
    }
  }

  /// Calls `body` with every line without its newline.
  ///
  /// - Returns: Bytes behind the last newline.
  private func eachLine(upTo size: Int, _ body: ([UInt8]) throws -> Void) throws -> Int {
    guard size > 0 else { return 0 }
    let file = try PosixFile(logPath, flags: O_RDONLY)
    var rest: [UInt8] = []
    var done = 0
    while done < size {
      let block = try file.read(min(1 << 20, size - done))
      guard !block.isEmpty else { break }
      done += block.count
      var start = block.startIndex
      while let end = block[start...].firstIndex(of: 10) {
        try body(rest + block[start..<end])
        rest.removeAll(keepingCapacity: true)
        start = end + 1
      }
      rest += block[start...]
    }
    return rest.count
  }

  /// What is wrong with the file that an entry vouches for; nil if nothing is.
  private func damage(of entry: WrittenEntry, line: Int) throws -> ChainFault? {
    guard let file = entry.file else { return nil }
    let isSafe = !file.name.hasPrefix("/") && !file.name.split(separator: "/").contains("..")
    if isSafe, let bytes = try content(of: file.name), ChainHash(of: bytes) == file.hash {
      return nil
    }
    return ChainFault(
      .file, line: line, sequence: entry.sequence, expected: file.hash.hexadecimal,
      source: file.name)
  }

  private func content(of name: String) throws -> [UInt8]? {
    let path = folder + "/" + name
    guard PosixFile.exists(path) else { return nil }
    let file = try PosixFile(path, flags: O_RDONLY)
    return try file.read(try file.size())
  }

  /// Whether the entry handed out, or refused, the record with this key.
  package func entry(_ entry: WrittenEntry, concerns key: Fingerprint) throws -> Bool {
    if entry.keys.contains(key) { return true }
    guard let file = entry.file, file.name.hasPrefix("keys/"),
      let bytes = try content(of: file.name)
    else { return false }
    var low = 0
    var high = bytes.count / 16
    while low < high {
      let middle = (low + high) / 2
      let found = Self.fingerprint(bytes[(middle * 16)..<(middle * 16 + 16)])
      if found == key { return true }
      if found < key { low = middle + 1 } else { high = middle }
    }
    return false
  }

  private static func fingerprint(_ bytes: ArraySlice<UInt8>) -> Fingerprint {
    func half(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return Fingerprint(high: half(bytes.prefix(8)), low: half(bytes.suffix(8)))
  }
}
