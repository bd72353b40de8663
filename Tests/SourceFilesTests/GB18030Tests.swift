import Foundation
import Testing
import TestSupport

@testable import SourceFiles

@Suite("GB 18030")
struct GB18030Tests {
  /// Every scalar value but U+FFFD, which stands for damage.
  static let scalars = (UInt32(0)...0x10FFFF).filter {
    !(0xD800...0xDFFF).contains($0) && $0 != 0xFFFD
  }

  static func utf8(_ scalar: UInt32) -> [UInt8] {
    Unicode.Scalar(scalar).map { Array(String($0).utf8) } ?? []
  }

  static func decode(_ bytes: [UInt8], cuts: [Int] = []) -> (text: [UInt8], bad: [Int]) {
    var decoder = GB18030Decoder()
    var text: [UInt8] = []
    var start = 0
    for cut in cuts where cut >= start && cut < bytes.count {
      decoder.decode(Array(bytes[start..<cut]).span, isLast: false, to: &text)
      start = cut
    }
    decoder.decode(Array(bytes[start...]).span, isLast: true, to: &text)
    #expect(decoder.badByteCount == decoder.badOffsets.count)
    #expect(decoder.consumed == bytes.count)
    return (text, decoder.badOffsets)
  }

  static func encode(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    GB18030Encoder().encode(text.span, to: &bytes)
    return bytes
  }

  @Test("all of Unicode is encoded one to one and decoded back")
  func roundTrip() {
    let text = Self.scalars.flatMap(Self.utf8)
    let bytes = Self.encode(text)
    let decoded = Self.decode(bytes)
    #expect(decoded.text == text)
    #expect(decoded.bad == [])
    #expect(GB18030Decoder.originalLength(ofDecoded: text.span) == bytes.count)
  }

  /// Code points whose code changed since the edition of 2000, with which Python works.
  static let exchanged = Set(
    GB18030Mapping.exchanged.flatMap { [UInt32($0.0), UInt32($0.1)] })

  @Test("agrees with Python's codec on every code point but those of later editions")
  func agreesWithPython() throws {
    let script = """
      import sys
      for i in range(0x110000):
        if i != 10 and i != 0xFFFD and not 0xD800 <= i < 0xE000:
          sys.stdout.buffer.write(chr(i).encode('gb18030') + b'\\n')
      """
    let points = Self.scalars.filter { $0 != 10 }
    #expect(Self.differences(points, try python(script)) == Self.exchanged)
  }

  /// Code points whose code is not the one in `output`, which has one line for each.
  static func differences(_ points: [UInt32], _ output: [UInt8]) -> Set<UInt32> {
    var different: Set<UInt32> = []
    let encoder = GB18030Encoder()
    var ours: [UInt8] = []
    var at = 0
    for point in points {
      ours.removeAll(keepingCapacity: true)
      encoder.append(point, to: &ours)
      ours.append(10)
      var end = at
      while end < output.count, output[end] != 10 { end += 1 }
      if end == output.count || !ours.elementsEqual(output[at...end]) { different.insert(point) }
      at = end + 1
    }
    #expect(at == output.count)
    return different
  }

  @Test("agrees with the system's iconv on every code point it knows")
  func agreesWithIconv() throws {
    // glibc maps both codes of an exchanged character to the new code point, or none; and six pairs
    // of FE51… to the second plane, where GB 18030-2022 leaves the private use area.
    let six: Set<UInt32> = [0xE816, 0xE817, 0xE818, 0xE831, 0xE83B, 0xE855]
    let theirTwins: Set<UInt32> = [0x20087, 0x20089, 0x200CC, 0x215D7, 0x2298F, 0x241FE]
    let points = Self.scalars.filter { $0 != 10 }
    let text = points.flatMap { Self.utf8($0) + [UInt8(10)] }
    guard let output = try run(["iconv", "-c", "-f", "UTF-8", "-t", "GB18030"], input: text),
      !output.isEmpty
    else { return }
    let different = Self.differences(points, output)
    let before = Set(GB18030Mapping.exchanged.dropFirst().map { UInt32($0.0) })
    #expect(different.subtracting(before).subtracting(six).subtracting(theirTwins) == [])
  }

  @Test("the pairs that GB 18030-2022 changed give its code points")
  func edition2022() {
    let pairs: [(UInt16, UInt32)] = [
      (0xFE59, 0x9FB4), (0xFE61, 0x9FB5), (0xFE66, 0x9FB6), (0xFE67, 0x9FB7), (0xFE6D, 0x9FB8),
      (0xFE7E, 0x9FB9), (0xFE90, 0x9FBA), (0xFEA0, 0x9FBB), (0xA6D9, 0xFE10), (0xA6DA, 0xFE12),
      (0xA6DB, 0xFE11), (0xA6DC, 0xFE13), (0xA6DD, 0xFE14), (0xA6DE, 0xFE15), (0xA6DF, 0xFE16),
      (0xA6EC, 0xFE17), (0xA6ED, 0xFE18), (0xA6F3, 0xFE19), (0xA8BC, 0x1E3F),
    ]
    for (code, point) in pairs {
      #expect(Self.decode([UInt8(code >> 8), UInt8(code & 0xFF)]).text == Self.utf8(point))
    }
    #expect(Self.decode([0x82, 0x35, 0x90, 0x37]).text == Self.utf8(0xE81E))
    #expect(Self.decode([0x84, 0x31, 0x82, 0x36]).text == Self.utf8(0xE78D))
  }

  @Test(
    "names of facts.md §3.1",
    arguments: [
      ("镕", [0xE9, 0x46]), ("喆", [0x86, 0xB4]), ("䶮", [0xFE, 0x9F]),
      ("㐂", [0x81, 0x39, 0xEF, 0x31]), ("𬬭", [0x99, 0x33, 0xA5, 0x39]), ("〔", [0xA1, 0xB2]),
      ("〇", [0xA9, 0x96]),
    ] as [(String, [UInt8])])
  func names(text: String, bytes: [UInt8]) {
    #expect(Self.decode(bytes).text == Array(text.utf8))
    #expect(Self.encode(Array(text.utf8)) == bytes)
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8]
    var text: String
    var bad: [Int]
    var testDescription: String { bytes.map { String($0, radix: 16) }.joined(separator: " ") }
  }

  static let damages = [
    Damage(bytes: [0x80, 0x41], text: "\u{FFFD}A", bad: [0]),
    Damage(bytes: [0xFF, 0xFF], text: "\u{FFFD}\u{FFFD}", bad: [0, 1]),
    Damage(bytes: [0xD0, 0x2C, 0x31], text: "\u{FFFD},1", bad: [0]),
    Damage(bytes: [0xD0, 0x0A], text: "\u{FFFD}\n", bad: [0]),
    Damage(bytes: [0xD0, 0x7F], text: "\u{FFFD}\u{7F}", bad: [0]),
    Damage(bytes: [0x41, 0xD0], text: "A\u{FFFD}", bad: [1]),
    Damage(bytes: [0x81, 0x30], text: "\u{FFFD}0", bad: [0]),
    Damage(bytes: [0x81, 0x30, 0x81], text: "\u{FFFD}0\u{FFFD}", bad: [0, 2]),
    Damage(bytes: [0x81, 0x30, 0x2C, 0x2C], text: "\u{FFFD}0,,", bad: [0]),
    Damage(bytes: [0x81, 0x30, 0x81, 0x2C], text: "\u{FFFD}0\u{FFFD},", bad: [0, 2]),
    // Behind the last code of the first plane, and behind U+10FFFF.
    Damage(bytes: [0x84, 0x31, 0xA5, 0x30], text: "\u{FFFD}1\u{FFFD}0", bad: [0, 2]),
    Damage(bytes: [0xE3, 0x32, 0x9A, 0x36], text: "\u{FFFD}2\u{FFFD}6", bad: [0, 2]),
    // U+FFFD itself.
    Damage(bytes: [0x84, 0x31, 0xA4, 0x37], text: "\u{FFFD}1\u{FFFD}7", bad: [0, 2]),
  ]

  @Test("an undecodable byte becomes one U+FFFD and takes nothing with it", arguments: damages)
  func damage(_ example: Damage) {
    let text = Array(example.text.utf8)
    let decoded = Self.decode(example.bytes)
    #expect(decoded.text == text)
    #expect(decoded.bad == example.bad)
    #expect(GB18030Decoder.originalLength(ofDecoded: text.span) == example.bytes.count)
  }

  @Test("blocks may be cut anywhere", arguments: 0..<50 as Range<UInt64>)
  func cuts(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    for _ in 0..<60 {
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes += Array("abcdefghij,\n".utf8)
      case 1: bytes.append(UInt8.random(in: 0...255, using: &generator))
      default:
        let scalar = Self.scalars[Int.random(in: 0..<40_000, using: &generator)]
        bytes += Self.encode(Self.utf8(scalar))
      }
    }
    let whole = Self.decode(bytes)
    #expect(String(validating: whole.text, as: UTF8.self) != nil)
    #expect(GB18030Decoder.originalLength(ofDecoded: whole.text.span) == bytes.count)
    #expect(Self.decode(bytes, cuts: Array(bytes.indices)) == whole, "seed \(seed)")
    for cut in bytes.indices { #expect(Self.decode(bytes, cuts: [cut]) == whole, "seed \(seed)") }
  }
}
