import CSeparatorIndex
import Testing
import TestSupport

@testable import CSVParsing

@Suite("Structural index")
struct StructuralIndexTests {
  /// What an index gave: separators, marks, anomalies, and the state at the end.
  struct Result: Equatable {
    var separators: [UInt32] = []
    var marks: [UInt32] = []
    var anomalies: [UInt32] = []
    var state: [UInt8] = []
  }

  static func index(_ bytes: [UInt8], _ variant: qy_variant, pieces: [Int]) -> Result {
    var result = Result()
    var state = qy_index_start(0x2C, 0x22)
    var start = 0
    for end in pieces + [bytes.count] where end >= start {
      let piece = Array(bytes[start..<end])
      let room = piece.count + Int(QY_INDEX_SLACK)
      var separators = [UInt32](repeating: 0, count: room)
      var marks = separators
      var anomalies = separators
      let counts = unsafe qy_csv_index_by(
        variant, piece, piece.count, UInt32(start), &state, &separators, &marks, &anomalies)
      result.separators += separators[..<counts.separators]
      result.marks += marks[..<counts.marks]
      result.anomalies += anomalies[..<counts.anomalies]
      start = end
    }
    result.state = [
      state.inside, state.after_separator, state.after_closing, state.after_replacement,
    ]
    return result
  }

  static let alphabet: [UInt8] = [
    0x2C, 0x2C, 0x22, 0x22, 0x22, 0x0A, 0x0D, 0x61, 0x62, 0xE4, 0xB8, 0xAD, 0xEF, 0xBF, 0xBD, 0x00,
    0x7F, 0x09, 0x20,
  ]

  @Test("all variants agree, whole and in pieces", arguments: 0..<300 as Range<UInt64>)
  func variants(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = (0..<Int.random(in: 0..<700, using: &generator)).map { _ in
      Self.alphabet.randomElement(using: &generator) ?? 0
    }
    let expected = Self.index(bytes, qy_variant_plain, pieces: Array(0..<bytes.count))
    for variant in [qy_variant_plain, qy_variant_sse2, qy_variant_avx2, qy_variant_best] {
      #expect(Self.index(bytes, variant, pieces: []) == expected, "seed \(seed)")
      let cut = Int.random(in: 0...bytes.count, using: &generator)
      #expect(Self.index(bytes, variant, pieces: [cut]) == expected, "seed \(seed), cut \(cut)")
    }
  }

  @Test("separators, marks and anomalies of a small text")
  func example() {
    let text = Array("a,\"b\"\"c\n\",d\"\n\"e\"f,\0\n".utf8)
    for variant in [qy_variant_plain, qy_variant_sse2, qy_variant_avx2] {
      let result = Self.index(text, variant, pieces: [])
      #expect(result.separators == [1, 9])
      #expect(result.marks == [5, 7, 12, 19])
      #expect(result.anomalies == [11, 14, 15, 18])
    }
  }

  @Test(
    "UTF-8 is validated like Swift does it, by all variants", arguments: 0..<300 as Range<UInt64>)
  func utf8(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    let size = Int.random(in: 0..<5000, using: &generator)
    while bytes.count < size {
      let scalar = Unicode.Scalar(
        [
          UInt32.random(in: 0...0x7F, using: &generator),
          UInt32.random(in: 0x80...0x7FF, using: &generator),
          UInt32.random(in: 0x800...0xFFFF, using: &generator),
          UInt32.random(in: 0x10000...0x10FFFF, using: &generator),
        ].randomElement(using: &generator) ?? 0)
      bytes += Array(UTF8.encode(scalar ?? "中") ?? UTF8.EncodedScalar())
    }
    if seed % 3 > 0, !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[at] = UInt8.random(in: 0...255, using: &generator)
    }
    let isValid = String(validating: bytes, as: UTF8.self) != nil
    let plain = unsafe qy_utf8_valid_prefix_by(qy_variant_plain, bytes, bytes.count)
    let best = unsafe qy_utf8_valid_prefix(bytes, bytes.count)
    #expect(plain == best, "seed \(seed)")
    #expect((plain == bytes.count) == isValid, "seed \(seed)")
    #expect(String(validating: bytes[..<plain], as: UTF8.self) != nil, "seed \(seed)")
    #expect((TextDamage.utf8(bytes.span, isLast: true).badByteCount == 0) == isValid)
  }

  @Test("every sequence of two bytes, and every third byte after a lead, at a block's border")
  func utf8Exhaustive() {
    for first in UInt8(0x80)...0xFF {
      for second in UInt8(0)...0xFF {
        var block = [UInt8](repeating: 0x61, count: 2048)
        // At the border of a vector and in the middle of one.
        for at in [1022, 1023, 1040] {
          block[at] = first
          block[at + 1] = second
          block[at + 2] = 0x80
          block[at + 3] = first >= 0xF0 ? 0x80 : 0x61
          let plain = unsafe qy_utf8_valid_prefix_by(qy_variant_plain, block, block.count)
          let best = unsafe qy_utf8_valid_prefix(block, block.count)
          if plain != best { #expect(plain == best, "\(first) \(second) at \(at)") }
          for index in at...at + 3 { block[index] = 0x61 }
        }
      }
    }
  }
}
