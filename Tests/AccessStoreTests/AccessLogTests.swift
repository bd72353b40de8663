import Access
import AccessStore
import Foundation
import Records
import Synchronization
import TestSupport
import Testing

@Suite("The files of the access log")
struct AccessLogTests {
  // MARK: Writing

  @Test func `entries are durable, numbered and anchored`() throws {
    let folder = try LogFolder()
    #expect(try folder.log.anchor() == nil)
    #expect(try folder.log.verify().entries == 0)
    let first = try folder.log.append(reading(1))
    #expect(first.sequence == 2, "the first entry vouches for the secret")
    let second = try folder.log.append(reading(2))
    #expect(second.previous == first.hash)
    let anchor = try #require(try folder.log.anchor())
    #expect(anchor.sequence == 3 && anchor.hash == second.hash)
    #expect(anchor.byteCount == (try folder.bytes().count))
    #expect(try folder.actions() == ["log-opened", "read", "read"])
    #expect(try folder.log.verify() == report(3))
  }

  @Test func `all files are for their owner only`() throws {
    let folder = try LogFolder()
    try folder.log.append(reading(1, keys: 100))
    let names = Files.below(folder.path)
    #expect(names == ["anchor", "fingerprint.key", "keys/000002", "lock", "log.jsonl"])
    for name in names {
      let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
      #expect((mode[.posixPermissions] as? Int ?? 0) & 0o077 == 0, "\(name)")
    }
    let mode = try FileManager.default.attributesOfItem(atPath: folder.path)
    #expect(mode[.posixPermissions] as? Int == 0o700)
  }

  @Test func `rows whose keys are not told are not logged`() throws {
    let folder = try LogFolder(1)
    var event = reading(1)
    event.rows = 3
    #expect(throws: AccessLogError.self) { try folder.log.append(event) }
    event = reading(1)
    event.keys.reverse()
    #expect(throws: AccessLogError.self) { try folder.log.append(event) }
    #expect(try folder.log.verify() == report(2))
  }

  // MARK: Who saw

  /// Below and above the number of keys that stand in the line.
  @Test(arguments: [1, 2, AccessEntry.inlineKeys, AccessEntry.inlineKeys + 1, 1000])
  func `every key of an entry is found, and no other`(_ count: Int) throws {
    let folder = try LogFolder(1)
    try folder.log.append(reading(7, keys: count))
    var found: WrittenEntry?
    _ = try folder.log.verify { found = $0 }
    let entry = try #require(found)
    #expect(entry.rows == count)
    #expect((entry.file == nil) == (count <= AccessEntry.inlineKeys))
    for low in 0..<count {
      let key = Fingerprint(high: 7, low: UInt64(low))
      #expect(try folder.log.entry(entry, concerns: key), "\(low)")
    }
    for key in [
      Fingerprint(high: 7, low: UInt64(count)), Fingerprint(high: 6, low: 0),
      Fingerprint(high: 8, low: 0),
    ] {
      #expect(try !folder.log.entry(entry, concerns: key))
    }
  }

  // MARK: Tampering

  @Test func `a changed or missing file of keys is named`() throws {
    let folder = try LogFolder(1)
    try folder.log.append(reading(7, keys: 100))
    try folder.log.append(reading(8))
    let keys = try folder.bytes("keys/000003")
    for index in stride(from: 0, to: keys.count, by: 37) {
      var changed = keys
      changed[index] ^= 1
      try folder.write(changed, "keys/000003")
      let faults = try folder.log.verify().faults
      #expect(faults.map(\.kind) == [.file] && faults.map(\.line) == [3])
      #expect(faults.first?.source == "keys/000003")
    }
    try FileManager.default.removeItem(atPath: folder.path + "/keys/000003")
    #expect(try folder.log.verify().faults.map(\.sequence) == [3])
    try folder.write(keys, "keys/000003")
    #expect(try folder.log.verify() == report(4))
  }

  @Test func `another secret is found, and a missing one stops the log`() throws {
    let folder = try LogFolder(2)
    let secret = try folder.bytes("fingerprint.key")
    try folder.write(Array(secret.reversed()), "fingerprint.key")
    #expect(try folder.log.verify().faults.map(\.sequence) == [1])
    try FileManager.default.removeItem(atPath: folder.path + "/fingerprint.key")
    #expect(throws: AccessLogError.self) { try folder.log.append(reading(3)) }
    #expect(!Files.exists(folder.path + "/fingerprint.key"))
  }

  /// The anchor is checked on each append, so that nothing grows on a log that was changed at its end.
  @Test func `nothing is appended to a log whose end is not the anchored one`() throws {
    let folder = try LogFolder(4)
    let original = try folder.bytes()
    var edited = original
    edited[original.count - 80] ^= 1
    let lines = original.split(separator: 10).map { Array($0) + [10] }
    let changes: [(String, [UInt8])] = [
      ("edited", edited), ("cut", Array(lines.dropLast().joined())),
      ("cut inside", Array(original.dropLast(5))), ("emptied", []),
      ("swapped", Array((lines.dropLast(2) + [lines[4], lines[3]]).joined())),
      ("added a line", original + lines[2]), ("added a foreign line", original + [65, 10]),
      ("added two lines", original + lines[2] + lines[3]),
      ("added to the middle", lines[0] + original),
    ]
    for (name, bytes) in changes {
      try folder.write(bytes)
      #expect(throws: AccessLogError.self, "\(name)") { try folder.log.append(reading(9)) }
      #expect(try folder.bytes() == bytes, "\(name)")
      #expect(try !folder.log.verify().faults.isEmpty, "\(name)")
    }
    try folder.write(original)
    try folder.log.append(reading(9))
    #expect(try folder.log.verify() == report(6))
  }

  @Test func `an anchor that is missing, broken or of yesterday is found`() throws {
    let folder = try LogFolder(2)
    let old = try folder.bytes("anchor")
    try folder.log.append(reading(5))
    try folder.log.append(reading(6))
    let anchor = try folder.bytes("anchor")
    try folder.write(old, "anchor")
    #expect(try folder.log.verify().faults.map(\.kind) == [.unanchored])
    #expect(throws: AccessLogError.self) { try folder.log.append(reading(9)) }
    try folder.write([], "anchor")
    #expect(try folder.log.verify().faults.map(\.kind) == [.anchorMissing])
    #expect(throws: AccessLogError.self) { try folder.log.append(reading(9)) }
    try FileManager.default.removeItem(atPath: folder.path + "/anchor")
    #expect(try folder.log.verify().faults.map(\.kind) == [.anchorMissing])
    #expect(throws: AccessLogError.self) { try folder.log.append(reading(9)) }
    try folder.write(anchor, "anchor")
    #expect(try folder.log.verify() == report(5))
  }

  @Test(arguments: [21, 22] as [UInt64])
  func `random tampering with the files is found in its line`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let folder = try LogFolder(8)
    let original = try folder.bytes()
    for round in 0..<150 {
      var bytes = original
      for _ in 0...Int.random(in: 0...2, using: &generator) {
        let index = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[index] ^= UInt8.random(in: 1...255, using: &generator)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        default: bytes.remove(at: index)
        }
      }
      guard bytes != original else { continue }
      try folder.write(bytes)
      let common = zip(original, bytes).prefix { $0 == $1 }.count
      let line = original[..<common].count { $0 == 10 } + 1
      let faults = try folder.log.verify().faults
      #expect(faults.first?.line == line, "seed \(seed), round \(round): line \(line), \(faults)")
    }
  }

  // MARK: Writers that die

  /// Everything that a writer can leave behind: the first bytes of its line, all of it, or all of it and the
  /// new anchor under its other name.
  @Test func `whatever a dying writer leaves of its line, the log goes on`() throws {
    let folder = try LogFolder(3)
    let anchor = try folder.bytes("anchor")
    let before = try folder.bytes()
    try folder.log.append(reading(3))
    let next = try folder.bytes("anchor")
    let line = Array(try folder.bytes()[before.count...])
    for size in 0...line.count {
      try? FileManager.default.removeItem(atPath: folder.path + "/torn")
      try folder.write(anchor, "anchor")
      try folder.write(size % 2 == 0 ? next : Array(next.dropLast(9)), "anchor.new")
      try folder.write(before + line[..<size])
      let left = try folder.log.verify()
      #expect(left.faults == [], "\(size)")
      #expect(
        left.tornBytes == (size < line.count ? size : 0)
          && left.isUnanchored == (size == line.count))
      let entry = try folder.log.append(reading(4))
      let isTorn = size > 0 && size < line.count
      #expect(entry.sequence == (size == 0 ? 5 : 6), "\(size)")
      #expect(try folder.log.verify() == report(entry.sequence), "\(size)")
      #expect(
        try folder.actions().suffix(2) == [
          size == 0 ? "read" : isTorn ? "line-torn" : "read", "read",
        ])
      if isTorn { #expect(try folder.bytes("torn/000005") == Array(line[..<size])) }
    }
  }

  private func appendTogether(_ events: [AccessEvent], _ folder: LogFolder) throws {
    try folder.log.withWriter(user("li"), events[0].time) { try $0.append(events) }
  }

  @Test func `entries that are appended together are the chain that they would be alone`() throws {
    let events = [reading(3), reading(4, keys: 100), reading(5), reading(6, keys: 70)]
    let together = try LogFolder(2)
    let alone = try LogFolder(2)
    try together.write(try alone.bytes("fingerprint.key"), "fingerprint.key")
    for name in ["log.jsonl", "anchor"] { try together.write(try alone.bytes(name), name) }
    try appendTogether(events, together)
    for event in events { try alone.log.append(event) }
    #expect(try together.bytes() == alone.bytes())
    #expect(Files.below(together.path) == Files.below(alone.path))
    for name in ["anchor", "keys/000005", "keys/000007"] {
      #expect(try together.bytes(name) == alone.bytes(name), "\(name)")
    }
    #expect(try together.log.verify() == report(7))
    var wrong = reading(9)
    wrong.rows = 3
    #expect(throws: AccessLogError.self) { try appendTogether([reading(8), wrong], together) }
    #expect(try together.log.verify() == report(7))
  }

  /// What was announced is known to the next writer; what is cut off was never told to anybody.
  @Test func `whatever a dying writer leaves of several lines, the log goes on`() throws {
    let folder = try LogFolder(3)
    let anchor = try folder.bytes("anchor")
    let before = try folder.bytes()
    try appendTogether([reading(3), reading(4), reading(5)], folder)
    let announced = try folder.bytes("anchor")
    let lines = Array(try folder.bytes()[before.count...])
    let ends = lines.indices.filter { lines[$0] == 10 }.map { $0 + 1 }
    let sizes = Set(stride(from: 0, through: lines.count, by: 97)).union(
      ends.flatMap { [$0 - 1, $0, min($0 + 1, lines.count)] })
    for size in sizes.sorted() {
      try? FileManager.default.removeItem(atPath: folder.path + "/torn")
      try folder.write(anchor, "anchor")
      try folder.write(announced, "anchor.new")
      try folder.write(before + lines[..<size])
      let whole = ends.count { $0 <= size }
      let torn = size - (ends.last { $0 <= size } ?? 0)
      let left = try folder.log.verify()
      #expect(left.faults == [] && left.tornBytes == torn, "\(size): \(left)")
      #expect(left.isUnanchored == (whole > 0), "\(size)")
      try folder.log.append(reading(9))
      let count = 4 + whole + (torn > 0 ? 1 : 0) + 1
      #expect(try folder.log.verify() == report(count), "\(size)")
      #expect(try folder.bytes().starts(with: before + lines[..<(size - torn)]), "\(size)")
      if torn > 0 {
        let name = "torn/00000\(5 + whole)"
        #expect(try folder.bytes(name) == Array(lines[(size - torn)..<size]), "\(size)")
      }
    }
  }

  @Test func `more lines than were announced, or others, are no dying writer's`() throws {
    let folder = try LogFolder(3)
    let anchor = try folder.bytes("anchor")
    let before = try folder.bytes()
    try appendTogether([reading(3), reading(4)], folder)
    let announced = try folder.bytes("anchor")
    try folder.log.append(reading(5))
    let three = try folder.bytes()
    try folder.write(before)
    try folder.write(anchor, "anchor")
    try appendTogether([reading(6), reading(7)], folder)
    let others = try folder.bytes()
    for (name, bytes) in [("more", three), ("others", others)] {
      try folder.write(anchor, "anchor")
      try folder.write(announced, "anchor.new")
      try folder.write(bytes)
      #expect(try folder.log.verify().faults.map(\.kind) == [.unanchored], "\(name)")
      #expect(throws: AccessLogError.self, "\(name)") { try folder.log.append(reading(9)) }
      #expect(try folder.bytes() == bytes, "\(name)")
    }
  }

  @Test func `a writer that dies while it sets a torn line aside loses nothing`() throws {
    let folder = try LogFolder(3)
    let before = try folder.bytes()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/torn", withIntermediateDirectories: false)
    // Set aside and not yet cut off; cut off and not yet recorded.
    for bytes in [before + [123, 34], before] {
      try folder.write([123, 34], "torn/000005")
      try folder.write(bytes)
      let anchor = try folder.bytes("anchor")
      try folder.log.append(reading(4))
      #expect(try folder.log.verify() == report(6))
      #expect(try folder.actions().suffix(2) == ["line-torn", "read"])
      let torn = try folder.bytes("torn/000005")
      #expect(torn == (bytes == before ? [123, 34] : [123, 34, 123, 34]))
      try folder.write(anchor, "anchor")
    }
  }

  @Test func `a writer that dies in its very first line loses nothing`() throws {
    let original = try LogFolder(1)
    let line = Array(try original.bytes().prefix { $0 != 10 }) + [10]
    for size in [1, 10, line.count - 1, line.count] {
      let folder = try LogFolder()
      try FileManager.default.createDirectory(
        atPath: folder.path, withIntermediateDirectories: false)
      try folder.write(try original.bytes("fingerprint.key"), "fingerprint.key")
      try folder.write(Array(line[..<size]))
      try folder.write([], "lock")
      #expect(try folder.log.verify().faults == [])
      try folder.log.append(reading(1))
      let expected = ["log-opened"] + (size < line.count ? ["line-torn"] : []) + ["read"]
      #expect(try folder.actions() == expected)
      #expect(try folder.log.verify() == report(expected.count))
    }
  }

  @Test func `a file of keys without its entry is written over`() throws {
    let folder = try LogFolder(1)
    try folder.log.append(reading(1, keys: 100))
    try folder.write([1, 2, 3], "keys/000004")
    try folder.log.append(reading(2, keys: 70))
    #expect(try folder.log.verify() == report(4))
    #expect(try folder.bytes("keys/000004").count == 70 * 16)
  }

  // MARK: Several writers

  @Test func `writers in several threads give one chain`() throws {
    let folder = try LogFolder()
    let path = folder.path
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 6) { thread in
      for number in 0..<40 {
        do {
          let keys = number % 10 == 0 ? 80 : 2
          try AccessLog(folder: path).append(reading(thread * 1000 + number, keys: keys))
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    var seen: Set<String> = []
    let found = try folder.log.verify { seen.insert($0.purpose) }
    #expect(found == report(241))
    #expect(seen.count == 241, "240 purposes and the one entry without")
  }

  @Test func `a reader beside a writer sees no torn line and no missing anchor`() throws {
    let folder = try LogFolder(1)
    let path = folder.path
    let problems = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 2) { thread in
      for number in 0..<120 {
        do {
          let log = AccessLog(folder: path)
          guard thread == 0 else {
            let found = try log.verify()
            if found != report(found.entries) { problems.withLock { $0.append("\(found)") } }
            continue
          }
          try log.append(reading(number))
        } catch {
          problems.withLock { $0.append("\(error)") }
        }
      }
    }
    #expect(problems.withLock { $0 } == [])
  }
}

/// A log of so many entries with nothing wrong.
func report(_ count: Int) -> ChainReport {
  ChainReport(entries: count, newest: count, faults: [], tornBytes: 0, isUnanchored: false)
}
