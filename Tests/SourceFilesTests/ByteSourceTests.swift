import Foundation
import Testing
import TestSupport

@testable import SourceFiles

@Suite("Byte source")
struct ByteSourceTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  static func text(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: 42)
    return (0..<count).map { _ in UInt8.random(in: 0x30...0x39, using: &generator) }
  }

  private func code(_ body: () throws -> Void) -> SourceFileError.Code? {
    do {
      try body()
    } catch {
      return (error as? SourceFileError)?.code
    }
    return nil
  }

  @Test("plain files of any size come back byte for byte", arguments: [0, 1, 262_144, 700_001])
  func plain(size: Int) throws {
    let bytes = Self.text(size)
    let path = try folder.write("a.csv", bytes)
    #expect(try readAll(path) == bytes)
  }

  @Test("the identity is XXH3-128 and length of the original bytes")
  func identity() throws {
    // Vectors of xxhsum 0.8.1 -H2.
    #expect(
      try FileIdentity.of(path: folder.write("empty", [])).description
        == "99aa06d3014798d86001c324468d497f-0")
    let bytes = Self.text(600_000)
    let path = try folder.write("a.csv", bytes)
    let packed = try folder.write("a.csv.gz", Self.gzip([bytes]))
    for file in [path, packed] {
      let survey = try FileSurvey.of(path: file)
      #expect(survey.identity == (try FileIdentity.of(path: file)))
      #expect(survey.encoding.length == bytes.count)
      #expect(survey.encoding.reason == .ascii)
    }
    #expect(try FileIdentity.of(path: path) != FileIdentity.of(path: packed))
  }

  @Test("a missing file and a folder are said to be so")
  func missing() throws {
    #expect(code { _ = try readAll(folder.path + "/none") } == .cannotOpen)
    #expect(code { _ = try readAll(folder.path) } == .cannotOpen)
  }

  // MARK: - gzip

  static func gzip(_ parts: [[UInt8]]) throws -> [UInt8] {
    let script = """
      import sys, gzip
      sys.stdout.buffer.write(gzip.compress(sys.stdin.buffer.read()))
      """
    return try parts.flatMap { try python(script, input: $0) }
  }

  @Test("gzip files of several members are one stream")
  func gzipMembers() throws {
    let parts = [Self.text(300_000), [], Self.text(10), Self.text(500_000)]
    let packed = try Self.gzip(parts)
    #expect(try readAll(folder.write("named.csv", packed)) == parts.flatMap { $0 })
    let padded = packed + [UInt8](repeating: 0, count: 1000)
    #expect(try readAll(folder.write("padded", padded)) == parts.flatMap { $0 })
  }

  @Test("a gzip file that is cut, damaged or followed by something is refused")
  func gzipDamage() throws {
    let packed = try Self.gzip([Self.text(50_000)])
    for cut in [3, 12, packed.count / 2, packed.count - 1] {
      let path = try folder.write("cut", Array(packed[..<cut]))
      #expect(code { _ = try readAll(path) } == .truncated, "cut at \(cut)")
    }
    var damaged = packed
    damaged[packed.count / 2] ^= 0x55
    #expect(code { _ = try readAll(folder.write("bad", damaged)) } == .corrupt)
    var checksum = packed
    checksum[packed.count - 6] ^= 1
    #expect(code { _ = try readAll(folder.write("crc", checksum)) } == .corrupt)
    #expect(code { _ = try readAll(folder.write("more", packed + [1, 2])) } == .corrupt)
  }

  @Test("a bomb is stopped by the ratio")
  func gzipBomb() throws {
    let packed = try Self.gzip([[UInt8](repeating: 0x30, count: 20_000_000)])
    let path = try folder.write("bomb", packed)
    #expect(code { _ = try readAll(path) } == .limitExceeded)
    #expect(try readAll(path, limits: DecompressionLimits(ratio: 2000)).count == 20_000_000)
  }

  // MARK: - zip

  /// Makes a zip archive from Python: `z` is the ZipFile, `data` the standard input.
  static func zip(_ body: String, _ data: [UInt8] = []) throws -> [UInt8] {
    let lines = body.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    return try python(
      """
      import sys, zipfile, io
      data = sys.stdin.buffer.read()
      class Pipe(io.RawIOBase):
        def writable(self): return True
        def write(self, b): sys.stdout.buffer.write(b); return len(b)
      out = io.BytesIO()
      with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
      \(lines)
      sys.stdout.buffer.write(out.getvalue())
      """, input: data)
  }

  @Test("stored and deflated entries, folders and traces of macOS passed over")
  func zipEntries() throws {
    let bytes = Self.text(700_000)
    let packed = try Self.zip(
      """
      z.writestr('folder/', '')
      z.writestr('__MACOSX/._a.csv', 'x')
      z.writestr('folder/a.csv', data)
      """, bytes)
    let path = try folder.write("a.zip", packed)
    #expect(try ByteSource.entries(path: path).map(\.name) == ["folder/a.csv"])
    #expect(try readAll(path) == bytes)
    let stored = try Self.zip("z.writestr('a.csv', data, zipfile.ZIP_STORED)", bytes)
    #expect(try readAll(folder.write("s.zip", stored)) == bytes)
    let empty = try Self.zip("z.writestr('a.csv', '')")
    #expect(try readAll(folder.write("e.zip", empty)) == [])
  }

  @Test("several entries are listed and one is read by name")
  func severalEntries() throws {
    let packed = try Self.zip(
      """
      z.writestr('a.csv', 'one')
      z.writestr('b.csv', 'two')
      """)
    let path = try folder.write("a.zip", packed)
    #expect(code { _ = try readAll(path) } == .severalEntries)
    #expect(code { _ = try readAll(path, entry: "c.csv") } == .noSuchEntry)
    #expect(try readAll(path, entry: "b.csv") == Array("two".utf8))
    #expect(try readAll(path, entry: "a.csv") == Array("one".utf8))
    let none = try folder.write("none.zip", Self.zip("pass"))
    #expect(code { _ = try readAll(none) } == .noSuchEntry)
  }

  @Test("sizes in a data descriptor, zip64 fields and a comment are understood")
  func zipForms() throws {
    let bytes = Self.text(100_000)
    let streamed = try python(
      """
      import sys, zipfile
      class Pipe:
        def write(self, b): return sys.stdout.buffer.write(b)
        def flush(self): sys.stdout.buffer.flush()
      with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('a.csv', sys.stdin.buffer.read())
        z.comment = b'a comment'
      """, input: bytes)
    #expect(try readAll(folder.write("d.zip", streamed)) == bytes)
    let zip64 = try Self.zip(
      """
      with z.open('a.csv', 'w', force_zip64=True) as f: f.write(data)
      """, bytes)
    #expect(try readAll(folder.write("64.zip", zip64)) == bytes)
    let large = try Self.zip(
      """
      zipfile.ZIP64_LIMIT = 10
      z.writestr('a.csv', data)
      """, bytes)
    #expect(try readAll(folder.write("l.zip", large)) == bytes)
  }

  @Test("names in GBK are read")
  func gbkNames() throws {
    // Python writes names in CP437 or UTF-8 only, so a placeholder of the same length is replaced.
    let name: [UInt8] = GB18030Tests.encode(Array("行政处罚.csv".utf8))
    let placeholder = [UInt8](repeating: 0x78, count: name.count)
    var packed = try Self.zip(
      "z.writestr('\(String(decoding: placeholder, as: UTF8.self))', 'data')")
    for at in packed.indices.dropLast(name.count)
    where Array(packed[at..<at + name.count]) == placeholder {
      packed.replaceSubrange(at..<at + name.count, with: name)
    }
    let path = try folder.write("gbk.zip", packed)
    #expect(try ByteSource.entries(path: path).map(\.name) == ["行政处罚.csv"])
    #expect(try readAll(path) == Array("data".utf8))
    let utf8 = try folder.write("utf8.zip", Self.zip("z.writestr('许可.csv', 'data')"))
    #expect(try ByteSource.entries(path: utf8).map(\.name) == ["许可.csv"])
  }

  @Test(
    "names that lead out of a folder are refused with the whole archive",
    arguments: ["../a.csv", "/etc/a.csv", "x/../../a.csv", "C:/a.csv", "..\\\\a.csv"])
  func pathTricks(name: String) throws {
    let packed = try Self.zip(
      """
      z.writestr('good.csv', 'x')
      z.writestr('\(name)', 'x')
      """)
    let path = try folder.write("t.zip", packed)
    #expect(code { _ = try readAll(path, entry: "good.csv") } == .unsafeName)
  }

  @Test(
    "numbers of 64 bits that lead out of the file are refused",
    arguments: [
      (24, UInt64.max), (24, 1 << 63), (32, .max), (32, UInt64(Int64.max)), (40, .max),
      (40, UInt64(Int64.max)), (48, .max), (48, UInt64(Int64.max)),
    ])
  func zip64Numbers(_ place: Int, _ value: UInt64) throws {
    let packed = try Self.zip("z.writestr('a.csv', 'data')")
    let end = packed.count - 22
    func little(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
    // The end record of the archive once more in 64 bits, with one number in it that is wrong.
    func number(_ at: Int, _ count: Int) -> UInt64 {
      (0..<count).reduce(0) { $0 | UInt64(packed[end + at + $1]) << UInt64(8 * $1) }
    }
    var wide = little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2)
    wide += little(0, 4) + little(0, 4) + little(number(10, 2), 8) + little(number(10, 2), 8)
    wide += little(number(12, 4), 8) + little(number(16, 4), 8)
    let sound = wide
    wide.replaceSubrange(place..<place + 8, with: little(value, 8))
    let locator = little(0x0706_4B50, 4) + little(0, 4) + little(UInt64(end), 8) + little(1, 4)
    let short =
      little(0x0605_4B50, 4) + little(0, 4) + little(0xFFFF, 2) + little(0xFFFF, 2)
      + little(0xFFFF_FFFF, 4) + little(0xFFFF_FFFF, 4) + little(0, 2)
    let head = Array(packed[..<end])
    #expect(
      try readAll(folder.write("sound.zip", head + sound + locator + short)) == Array("data".utf8))
    let path = try folder.write("w.zip", head + wide + locator + short)
    // The number of entries on this disk is nobody's business.
    if place == 24 {
      #expect(try readAll(path) == Array("data".utf8))
    } else {
      #expect([.corrupt, .limitExceeded].contains(code { _ = try readAll(path) }))
    }
  }

  @Test("a size of an entry that no file can have is refused")
  func zip64Entry() throws {
    // Its fields of 64 bits stand behind the name: header id 1, sizes first.
    let packed = try Self.zip(
      """
      zipfile.ZIP64_LIMIT = 10
      z.writestr('a.csv', data)
      """, Self.text(1000))
    let mark: [UInt8] = [0x50, 0x4B, 1, 2]
    let central = try #require(
      packed.indices.dropLast(4).last { Array(packed[$0..<$0 + 4]) == mark })
    let name = Int(packed[central + 28])
    let extra = central + 46 + name
    try #require(packed[extra] == 1 && packed[extra + 1] == 0)
    for value in 4..<Int(packed[extra + 2]) + 4 where (value - 4) % 8 == 0 {
      var broken = packed
      broken.replaceSubrange(
        extra + value..<extra + value + 8, with: [255, 255, 255, 255, 255, 255, 255, 127])
      let path = try folder.write("entry.zip", broken)
      let code = code { _ = try readAll(path) }
      #expect([.corrupt, .limitExceeded, .truncated].contains(code), "\(value)")
    }
  }

  @Test("archives that are cut, damaged, too many or too dense are refused")
  func zipDamage() throws {
    let packed = try Self.zip("z.writestr('a.csv', data)", Self.text(50_000))
    for cut in [10, packed.count / 2, packed.count - 1] {
      let path = try folder.write("cut.zip", Array(packed[..<cut]))
      #expect(code { _ = try readAll(path) } == .truncated, "cut at \(cut)")
    }
    for at in [60, 1000, packed.count / 2] {
      var damaged = packed
      damaged[at] ^= 0x55
      let path = try folder.write("bad.zip", damaged)
      let found = code { _ = try readAll(path) }
      #expect(found == .corrupt || found == .truncated, "byte \(at)")
    }
    let entries = "[z.writestr(f'{i}', 'x') for i in range(1001)]"
    let many = try folder.write("many.zip", Self.zip(entries))
    #expect(code { _ = try readAll(many) } == .limitExceeded)
    let dense = try folder.write("dense.zip", Self.zip("z.writestr('a.csv', b'0' * 20000000)"))
    #expect(code { _ = try readAll(dense) } == .limitExceeded)
    let locked = try Self.zip("z.writestr('a.csv', 'x')")
    var flagged = locked
    for at in flagged.indices.dropLast(10)
    where Array(flagged[at..<at + 4]) == [0x50, 0x4B, 1, 2] { flagged[at + 8] |= 1 }
    #expect(code { _ = try readAll(folder.write("locked.zip", flagged)) } == .unsupported)
  }

  @Test("no damage to an archive crashes the reader", arguments: 0..<40 as Range<UInt64>)
  func zipGarbage(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var packed = Self.archive
    for _ in 0..<Int.random(in: 1...8, using: &generator) {
      let at = Int.random(in: 0..<packed.count, using: &generator)
      packed[at] = UInt8.random(in: 0...255, using: &generator)
    }
    _ = try? readAll(try folder.write("g.zip", packed))
  }

  private static let archive: [UInt8] = {
    (try? zip(
      """
      z.writestr('a.csv', data)
      z.writestr('.b', data)
      """, Array("some text, some text, some text".utf8))) ?? []
  }()

  // MARK: - Decoded blocks

  @Test("decoded blocks say where they stand, in decoded and in original bytes")
  func decodedBlocks() throws {
    let line = "成都市某某公司,𬬭,12,abc\n"
    let text = String(repeating: line, count: 20_000)
    let original = GB18030Tests.encode(Array(text.utf8))
    let path = try folder.write("gb.csv.gz", Self.gzip([original]))
    let survey = try FileSurvey.of(path: path)
    #expect(survey.encoding.encoding == .gb18030)
    #expect(survey.container == .gzip)
    var source = try ByteSource(path: path)
    var decoder = TextDecoder(survey.encoding.encoding)
    var decoded: [UInt8] = []
    var originalOffset = 0
    var lastCount = 0
    try source.decodedBlocks(&decoder) { block, position in
      #expect(position.decodedOffset == decoded.count)
      #expect(position.originalOffset == originalOffset)
      originalOffset += GB18030Decoder.originalLength(ofDecoded: block)
      for index in block.indices { decoded.append(block[index]) }
      if position.isLast { lastCount += 1 }
    }
    #expect(decoded == Array(text.utf8))
    #expect(originalOffset == original.count)
    #expect(lastCount == 1)
    #expect(decoder.badByteCount == 0)
    #expect(source.identity == survey.identity)
  }
}
