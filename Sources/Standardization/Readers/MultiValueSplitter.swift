package import Records

/// Takes cells with several values apart: `罚款、没收违法所得；`.
///
/// Separators are 、 ； ; | , ， / and white space; empty parts and trailing separators vanish.
///
/// - Source: facts §3.3, multi-values.
package enum MultiValueSplitter {
  /// Cells with more parts than this keep the rest as one part; our choice against runaway cells.
  package static let maximumParts = 256

  /// Appends the byte ranges of the parts of free values (names, numbers) to `parts`.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8.
  ///   - splitsAtSpace: False for values that may hold spaces.
  package static func split(
    _ bytes: Span<UInt8>, splitsAtSpace: Bool = true, into parts: inout [Range<Int>]
  ) {
    var start = 0
    var index = 0
    while index < bytes.count, parts.count < maximumParts {
      let length =
        isInFormulaError(bytes, from: start, at: index)
        ? 0 : separatorLength(bytes, at: index, splitsAtSpace)
      if length > 0 {
        if index > start { parts.append(start..<index) }
        index += length
        start = index
      } else {
        index += 1
      }
    }
    if start < bytes.count { parts.append(start..<bytes.count) }
  }

  /// Whether there is any separator in `bytes`.
  package static func holdsSeparator(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices where separatorLength(bytes, at: index, true) > 0 { return true }
    return false
  }

  /// Whether the slash at `index` belongs to `#N/A` or `#DIV/0!`, which is one damaged value.
  private static func isInFormulaError(
    _ bytes: Span<UInt8>, from start: Int, at index: Int
  ) -> Bool {
    guard bytes[index] == UInt8(ascii: "/"), bytes[start] == UInt8(ascii: "#"),
      index + 1 < bytes.count
    else { return false }
    return index - start == 2 && bytes[index + 1] == UInt8(ascii: "A")
      || index - start == 4 && bytes[index + 1] == UInt8(ascii: "0")
  }

  static func separatorLength(
    _ bytes: Span<UInt8>, at index: Int, _ splitsAtSpace: Bool
  ) -> Int {
    switch bytes[index] {
    case 0x3B, 0x2C, 0x7C, 0x2F: return 1
    case 0x09, 0x0A, 0x0D, 0x20: return splitsAtSpace ? 1 : 0
    case 0xE3:
      guard index + 2 < bytes.count, bytes[index + 1] == 0x80 else { return 0 }
      return bytes[index + 2] == 0x81 || (splitsAtSpace && bytes[index + 2] == 0x80) ? 3 : 0
    case 0xEF:
      guard index + 2 < bytes.count else { return 0 }
      switch (bytes[index + 1], bytes[index + 2]) {
      case (0xBC, 0x9B), (0xBC, 0x8C), (0xBC, 0x8F), (0xBD, 0x9C): return 3
      default: return 0
      }
    default: return 0
    }
  }
}

extension LabelMatcher {
  /// What a cell with several coded values means.
  package struct ManyMatch: Hashable, Sendable {
    /// Bit `i` for permissible value `i`; ``ElementColumn/unknownCodeBit`` for any unknown value.
    package var mask: Int64 = 0
    /// False if the cell is written as codes, ascending, once each, joined by `;`.
    package var changed = false
    /// The first part that could not be decided: index into ``LabelMatcher/reasons``.
    package var undecidable: Int?
    /// Where parts stand that are unknown, undecidable or contradictory, in their order.
    package var troubles: [Range<Int>] = []
    /// The first of them.
    package var firstTrouble: Range<Int>? { troubles.first }
    /// Whether any part is unknown, undecidable or contradictory.
    package var hasUnknown: Bool { mask < 0 }
  }

  /// Finds what a cell with several values means.
  ///
  /// Labels may hold separators themselves (`暂扣许可证件、降低资质等级、吊销许可证件`): the whole text is
  /// tried first, then from each part the longest run of parts that is a label.
  ///
  /// - Parameter bytes: UTF-8, trimmed.
  /// - Precondition: At most 63 permissible values; those beyond count as unknown.
  package func matchMany(_ bytes: Span<UInt8>) -> ManyMatch {
    var result = ManyMatch()
    if let mask = canonicalMask(bytes) {
      result.mask = mask
      return result
    }
    if matchesPartsExactly(bytes, into: &result) { return result }
    let whole = match(bytes)
    if whole != .unknown {
      take(whole, 0..<bytes.count, bytes, into: &result)
      return result
    }
    var parts: [Range<Int>] = []
    MultiValueSplitter.split(bytes, into: &parts)
    var first = 0
    while first < parts.count {
      let (matched, last) = longestMatch(bytes, parts, from: first)
      take(matched, parts[first].lowerBound..<parts[last].upperBound, bytes, into: &result)
      first = last + 1
    }
    result.changed = true
    return result
  }

  /// Tries parts that are spelled as the catalog has them, without allocation of a normalized copy.
  ///
  /// - Returns: False, and nothing taken, if any part is spelled otherwise.
  private func matchesPartsExactly(_ bytes: Span<UInt8>, into result: inout ManyMatch) -> Bool {
    guard exactTarget(bytes) == nil else { return false }
    // A label that holds a separator itself may stand here in another width.
    for index in bytes.indices where bytes[index] == 0xEF { return false }
    var parts: [Range<Int>] = []
    MultiValueSplitter.split(bytes, into: &parts)
    guard parts.count > 1 else { return false }
    var found = ManyMatch()
    var first = 0
    while first < parts.count {
      var last = min(parts.count - 1, first + 7)
      var target: Match?
      while target == nil, last >= first {
        let range = parts[first].lowerBound..<parts[last].upperBound
        target = exactTarget(bytes.extracting(range))
        if target == nil { last -= 1 }
      }
      guard let target else { return false }
      take(target, parts[first].lowerBound..<parts[last].upperBound, bytes, into: &found)
      first = last + 1
    }
    found.changed = true
    result = found
    return true
  }

  /// The mask of codes ascending, joined by `;`: the form of our own exports, read without allocation.
  private func canonicalMask(_ bytes: Span<UInt8>) -> Int64? {
    var mask: Int64 = 0
    var last = -1
    var start = 0
    for index in 0...bytes.count where index == bytes.count || bytes[index] == UInt8(ascii: ";") {
      guard let code = exactCode(bytes.extracting(start..<index)), code > last, code < 63 else {
        return nil
      }
      mask |= 1 << Int64(code)
      last = code
      start = index + 1
    }
    return mask
  }

  private func longestMatch(
    _ bytes: Span<UInt8>, _ parts: [Range<Int>], from first: Int
  ) -> (Match, Int) {
    var last = min(parts.count - 1, first + 7)
    while last > first {
      let matched = match(bytes.extracting(parts[first].lowerBound..<parts[last].upperBound))
      if matched != .unknown { return (matched, last) }
      last -= 1
    }
    return (match(bytes.extracting(parts[first])), first)
  }

  private func take(
    _ match: Match, _ range: Range<Int>, _ bytes: Span<UInt8>, into result: inout ManyMatch
  ) {
    switch match {
    case .code(let index, let exact) where index < 63:
      result.mask |= bit(index)
      result.changed = result.changed || !exact
      return
    case .many(let indices):
      for index in indices { result.mask |= bit(index) }
      result.changed = true
      return
    case .undecidable(let reason):
      if result.undecidable == nil { result.undecidable = reason }
    case .code, .contradiction, .unknown: break
    }
    result.mask |= ElementColumn.unknownCodeBit
    result.changed = true
    // Blanks part labels, but the words of what no list knows belong together.
    if let last = result.troubles.last,
      trimmedRange(bytes.extracting(last.upperBound..<range.lowerBound)).isEmpty
    {
      result.troubles[result.troubles.count - 1] = last.lowerBound..<range.upperBound
    } else {
      result.troubles.append(range)
    }
  }

  private func bit(_ index: Int) -> Int64 {
    index < 63 ? 1 << Int64(index) : ElementColumn.unknownCodeBit
  }

  /// Appends the codes of `mask` in ascending order, joined by `;`.
  package func appendCodes(_ mask: Int64, into arena: inout TextArena) -> TextRef {
    let offset = arena.count
    for index in codes.indices where index < 63 && mask & (1 << Int64(index)) != 0 {
      if arena.count > offset { arena.append(UInt8(ascii: ";")) }
      arena.append(contentsOf: codes[index].utf8)
    }
    return arena.text(from: offset)
  }

  /// Appends the codes that a cell of an extensible list has, and behind them what the list does not know: each
  /// once, as it is written, in the order of its bytes, so that the order in which a source has them is no
  /// difference.
  package func appendKnownAndUnknown(
    _ match: ManyMatch, of bytes: Span<UInt8>, into arena: inout TextArena
  ) -> TextRef {
    var unknown: [[UInt8]] = []
    for range in match.troubles {
      let trimmed = trimmedRange(bytes.extracting(range))
      unknown.append(
        (range.lowerBound + trimmed.lowerBound..<range.lowerBound + trimmed.upperBound).map {
          bytes[$0]
        })
    }
    unknown.sort { $0.lexicographicallyPrecedes($1) }
    let offset = arena.count
    _ = appendCodes(match.mask, into: &arena)
    for (index, part) in unknown.enumerated()
    where !part.isEmpty && (index == 0 || part != unknown[index - 1]) {
      if arena.count > offset { arena.append(UInt8(ascii: ";")) }
      arena.append(contentsOf: part)
    }
    return arena.text(from: offset)
  }

  /// Appends the code of one permissible value.
  package func appendCode(_ index: Int, into arena: inout TextArena) -> TextRef {
    arena.appendText(codes[index])
  }
}
