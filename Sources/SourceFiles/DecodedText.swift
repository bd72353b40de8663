/// The text of a file, whatever its container and encoding.
package enum DecodedText {
  /// Reads a file in blocks of UTF-8, without byte-order mark.
  ///
  /// - Parameter body: Gets every block, the last one with true.
  /// - Returns: What the bytes said about the encoding.
  package static func blocks(
    of path: String, _ body: (Span<UInt8>, Bool) throws -> Void
  ) throws -> EncodingDecision {
    let survey = try FileSurvey.of(path: path)
    var source = try ByteSource(path: path)
    var decoder = TextDecoder(survey.encoding.encoding)
    try source.decodedBlocks(&decoder) { text, position in
      let hasMark =
        position.decodedOffset == 0 && text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB
        && text[2] == 0xBF
      try body(hasMark ? text.extracting(3..<text.count) : text, position.isLast)
    }
    return survey.encoding
  }
}
