import SourceFiles

/// Any bytes: one decision and one text however they are cut, offsets that lead back into the original,
/// and a way back to the same bytes where nothing was damaged.
enum EncodingFuzzing {
  static func run(_ input: FuzzInput) {
    let bytes = input.bytes
    if input.isOdd {
      expect(
        decide(bytes, cut: nil) == decide(bytes, cut: input.cut), "decision cut at \(input.cut)")
    }
    let encoding = SourceEncoding.allCases[Int(input.options) % SourceEncoding.allCases.count]
    let whole = decode(bytes, encoding, cut: nil)
    let parts = decode(bytes, encoding, cut: input.cut)
    expect(whole == parts, "\(encoding) cut at \(input.cut)")
    expect(String(validating: whole.text, as: UTF8.self) != nil, "\(encoding) gives UTF-8")
    expect(zip(whole.bad, whole.bad.dropFirst()).allSatisfy { $0 < $1 }, "bad offsets ascend")
    expect(whole.bad.allSatisfy { $0 < bytes.count }, "bad offsets lie in the original")
    switch encoding {
    case .utf8: check(utf8: bytes, whole)
    case .gb18030: check(gb18030: bytes, whole)
    case .utf8BOM, .utf16LE, .utf16BE: break
    }
  }

  private static func decide(_ bytes: [UInt8], cut: Int?) -> EncodingDecision {
    var detector = EncodingDetector()
    if let cut { detector.feed(bytes.span.extracting(0..<cut)) }
    detector.feed(bytes.span.extracting((cut ?? 0)..<bytes.count))
    return detector.decision()
  }

  private static func decode(
    _ bytes: [UInt8], _ encoding: SourceEncoding, cut: Int?
  ) -> (text: [UInt8], bad: [Int]) {
    var decoder = TextDecoder(encoding)
    var text: [UInt8] = []
    if let cut {
      decoder.decode(bytes.span.extracting(0..<cut), isLast: false, to: &text)
      expect(decoder.decodedLength <= cut, "no more is decoded than was given")
    }
    decoder.decode(bytes.span.extracting((cut ?? 0)..<bytes.count), isLast: true, to: &text)
    expect(decoder.badByteCount == decoder.badOffsets.count, "every bad byte has an offset")
    expect(decoder.decodedLength == bytes.count, "all is decoded")
    return (text, decoder.badOffsets)
  }

  private static func check(utf8 bytes: [UInt8], _ decoded: (text: [UInt8], bad: [Int])) {
    let isValid = String(validating: bytes, as: UTF8.self) != nil
    expect(decoded.bad.isEmpty == isValid, "UTF-8 is valid where the standard library says so")
    if isValid { expect(decoded.text == bytes, "valid UTF-8 stays as it is") }
  }

  private static func check(gb18030 bytes: [UInt8], _ decoded: (text: [UInt8], bad: [Int])) {
    expect(
      GB18030Decoder.originalLength(ofDecoded: decoded.text.span) == bytes.count,
      "length of the original")
    guard decoded.bad.isEmpty else { return }
    var again: [UInt8] = []
    GB18030Encoder().encode(decoded.text.span, to: &again)
    expect(again == bytes, "GB 18030 goes back as it came")
  }
}
