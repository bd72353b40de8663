import Foundation
import Testing
import TestSupport

@testable import CSVParsing
@testable import SourceFiles

@Suite("Text encoding")
struct TextEncodingTests {
  static func decide(
    _ bytes: [UInt8], hint: SourceEncoding? = nil, piece: Int = .max
  ) -> EncodingDecision {
    var detector = EncodingDetector()
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + min(piece, bytes.count))
      detector.feed(Array(bytes[start..<end]).span)
      start = end
    }
    return detector.decision(adapterHint: hint)
  }

  static func gb(_ text: String) -> [UInt8] { GB18030Tests.encode(Array(text.utf8)) }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var hint: SourceEncoding?
    var encoding: SourceEncoding
    var reason: EncodingDecision.Reason
    var testDescription: String { name }
  }

  static let sentence = "成都市某某公司,未按规定登记,行政处罚决定书〔2026〕12号\n"

  static let cases = [
    Case(name: "empty", bytes: [], encoding: .utf8, reason: .ascii),
    Case(
      name: "ASCII", bytes: Array("a,b\n".utf8), hint: .gb18030, encoding: .utf8, reason: .ascii),
    Case(name: "UTF-8", bytes: Array(sentence.utf8), encoding: .utf8, reason: .valid),
    Case(
      name: "UTF-8, adapter wrong", bytes: Array(sentence.utf8), hint: .gb18030, encoding: .utf8,
      reason: .valid),
    Case(
      name: "UTF-8 with mark", bytes: Array("\u{FEFF}名称".utf8), hint: .gb18030,
      encoding: .utf8BOM, reason: .byteOrderMark),
    Case(name: "GBK", bytes: gb(sentence), encoding: .gb18030, reason: .valid),
    Case(
      name: "GBK, adapter wrong", bytes: gb(sentence), hint: .utf8, encoding: .gb18030,
      reason: .valid),
    Case(name: "valid both ways", bytes: gb("模模"), encoding: .utf8, reason: .valid),
    Case(
      name: "valid both ways, adapter", bytes: gb("模模"), hint: .gb18030, encoding: .gb18030,
      reason: .adapter),
    Case(
      name: "damaged UTF-8", bytes: Array(sentence.utf8) + [0xFF] + Array(sentence.utf8),
      encoding: .utf8, reason: .fewestBadBytes),
    Case(
      name: "damaged GBK", bytes: gb(sentence) + [0xFF] + gb(sentence), encoding: .gb18030,
      reason: .fewestBadBytes),
    Case(
      name: "cut UTF-8", bytes: Array("a,".utf8) + Array("名称名称".utf8).dropLast(),
      encoding: .utf8, reason: .fewestBadBytes),
    Case(
      name: "UTF-16", bytes: [0xFF, 0xFE, 0x61, 0], encoding: .utf16LE, reason: .byteOrderMark),
    Case(
      name: "UTF-16 big", bytes: [0xFE, 0xFF, 0, 0x61], encoding: .utf16BE, reason: .byteOrderMark),
  ]

  @Test("one decision for the whole file, however it is cut", arguments: cases)
  func decides(_ example: Case) {
    let decision = Self.decide(example.bytes, hint: example.hint)
    #expect(decision.encoding == example.encoding)
    #expect(decision.reason == example.reason)
    #expect(decision.length == example.bytes.count)
    for piece in [1, 2, 3, 5, 7] {
      #expect(Self.decide(example.bytes, hint: example.hint, piece: piece) == decision)
    }
  }

  @Test("bad bytes are counted and the first one is located")
  func damage() {
    let bytes = Array("名称,".utf8) + [0xFF, 0xC3] + Array(Self.sentence.utf8)
    let decision = Self.decide(bytes)
    #expect(decision.damage == .init(badByteCount: 2, firstOffset: 7))
    #expect(decision.encoding == .utf8)
    let cut = Self.decide(Array(Array("名称".utf8).dropLast()))
    #expect(cut.encoding == .utf8)
    #expect(cut.damage == .init(badByteCount: 2, firstOffset: 3, isCut: true))
  }

  @Test("counting stops for an encoding that is hopelessly behind")
  func hopeless() {
    let bytes = Self.gb(String(repeating: Self.sentence, count: 1000))
    let decision = Self.decide(bytes)
    #expect(decision.encoding == .gb18030)
    #expect(decision.utf8.isLowerBound)
    #expect(decision.gb18030 == .init())
  }

  @Test("signs of text decoded wrongly are counted")
  func mojibake() {
    #expect(Self.decide(Array("琛屾斂澶勭綒,行政处罚".utf8)).mojibake.utf8ReadAsGBK == 6)
    #expect(Self.decide(Array("è¡æ\u{94}¿å¤\u{84}".utf8)).mojibake.utf8ReadAsLatin1 == 2)
    #expect(Self.decide(Array("è¡Œæ”¿".utf8)).mojibake.utf8ReadAsLatin1 == 2)
    #expect(Self.decide(Array("锟斤拷锟斤拷,锟斤拷".utf8)).mojibake.replacementReadAsGBK == 3)
    let replaced = Self.decide(Array("a\u{FFFD}\u{FFFD},\u{FFFD}中\u{FFFD}".utf8)).mojibake
    #expect(replaced.replacements == 4)
    #expect(replaced.replacementRuns == 3)
    #expect(Self.decide(Array(Self.sentence.utf8)).mojibake.suspiciousCharacters == 0)
  }

  @Test(
    "every double-encoded sentence is found and no correct one",
    arguments: 0..<30 as Range<UInt64>)
  func doubleEncoded(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    // Characters of the first level of GB 2312, which nearly all text consists of.
    let text = (0..<2000).flatMap { _ -> [UInt8] in
      let lead = UInt8.random(in: 0xB0...0xD6, using: &generator)
      let trail = UInt8.random(in: 0xA1...0xFE, using: &generator)
      return GB18030Tests.decode([lead, trail]).text
    }
    #expect(Self.decide(text).mojibake.share < 0.01, "seed \(seed)")
    let wrong = GB18030Tests.decode(text).text
    #expect(Self.decide(wrong).mojibake.share > 0.9, "seed \(seed)")
    for piece in [1, 2, 3, 1000] {
      #expect(Self.decide(wrong, piece: piece) == Self.decide(wrong), "seed \(seed)")
    }
  }

  static func decode(_ bytes: [UInt8], _ encoding: SourceEncoding, piece: Int) -> (
    text: String, decoder: TextDecoder
  ) {
    var decoder = TextDecoder(encoding)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
      let end = min(bytes.count, start + piece)
      decoder.decode(Array(bytes[start..<end]).span, isLast: false, to: &text)
    }
    decoder.decode([UInt8]().span, isLast: true, to: &text)
    return (String(decoding: text, as: UTF8.self), decoder)
  }

  @Test("UTF-8 is passed on and its bad bytes are replaced one by one")
  func utf8() {
    let bytes =
      Array("a中".utf8) + [0xFF, 0xE4, 0xB8, 0x2C] + Array("𬬭".utf8) + [0xED, 0xA0, 0x80, 0xF0]
    for piece in 1...bytes.count {
      let decoded = Self.decode(bytes, .utf8, piece: piece)
      #expect(decoded.text == "a中\u{FFFD}\u{FFFD}\u{FFFD},𬬭\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
      #expect(decoded.decoder.badOffsets == [4, 5, 6, 12, 13, 14, 15])
      #expect(decoded.decoder.originalOffset(ofDecoded: 4 + 9) == 7)
      #expect(decoded.decoder.originalOffset(ofDecoded: 4) == 4)
    }
  }

  @Test("UTF-16 with its surrogates", arguments: [SourceEncoding.utf16LE, .utf16BE])
  func utf16(encoding: SourceEncoding) {
    let units = Array("\u{FEFF}a中𬬭\n".utf16) + [0xD800, 0x61, 0xDC00]
    let bytes = units.flatMap { unit -> [UInt8] in
      let pair = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      return encoding == .utf16LE ? pair : pair.reversed()
    }
    for piece in 1...bytes.count {
      let decoded = Self.decode(bytes, encoding, piece: piece)
      #expect(decoded.text == "\u{FEFF}a中𬬭\n\u{FFFD}a\u{FFFD}")
      #expect(decoded.decoder.badOffsets == [12, 16])
      #expect(encoding.originalLength(ofDecoded: Array(decoded.text.utf8).span) == bytes.count)
    }
  }
}
