/// The part of `bytes` that is left when invisible edges and Excel's text marks are taken off.
///
/// Taken off at both ends: ASCII white space, NBSP, spaces of any width, none among them.
/// Taken off at the front: the one apostrophe by which Excel keeps a number as text, unless the value
/// also ends in one. `="051010"`, another Excel habit, gives what stands between the quotes.
///
/// - Source: facts §3.2 (tabs and apostrophes of Excel); the `="…"` rule is assumed.
/// - Complexity: O(bytes taken off).
package func trimmedRange(_ bytes: Span<UInt8>) -> Range<Int> {
  guard bytes.count > 0 else { return 0..<0 }
  var range = withoutSpace(bytes, 0..<bytes.count)
  guard !range.isEmpty else { return range }
  let first = bytes[range.lowerBound]
  let last = bytes[range.upperBound - 1]
  if first == UInt8(ascii: "'"), last != first || range.count == 1 {
    range = withoutSpace(bytes, range.lowerBound + 1..<range.upperBound)
  } else if first == UInt8(ascii: "="), last == UInt8(ascii: "\""), range.count > 3,
    bytes[range.lowerBound + 1] == last
  {
    range = withoutSpace(bytes, range.lowerBound + 2..<range.upperBound - 1)
  }
  return range
}

/// Whether ``trimmedRange(_:)`` would take anything off; true may be a false alarm, false never.
@inline(__always)
package func mayNeedTrimming(_ bytes: Span<UInt8>) -> Bool {
  guard bytes.count > 0 else { return false }
  let first = bytes[0]
  let last = bytes[bytes.count - 1]
  if first <= 0x20 || last <= 0x20 { return true }
  if first == UInt8(ascii: "'") || first == UInt8(ascii: "=") { return true }
  if edgeLead(first) { return true }
  guard last & 0xC0 == 0x80, bytes.count > 1 else { return false }
  return bytes[bytes.count - 2] == 0xC2 || bytes.count > 2 && edgeLead(bytes[bytes.count - 3])
}

private func edgeLead(_ byte: UInt8) -> Bool {
  byte == 0xC2 || byte == 0xE2 || byte == 0xE3 || byte == 0xEF
}

private func withoutSpace(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
  var lower = range.lowerBound
  var upper = range.upperBound
  while lower < upper {
    let length = spaceLength(bytes, at: lower, end: upper)
    if length == 0 { break }
    lower += length
  }
  while lower < upper {
    let length = spaceLengthBefore(bytes, upper, start: lower)
    if length == 0 { break }
    upper -= length
  }
  return lower..<upper
}

private func spaceLength(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
  let byte = bytes[index]
  if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) { return 1 }
  if byte == 0xC2 { return index + 1 < end && bytes[index + 1] == 0xA0 ? 2 : 0 }
  guard edgeLead(byte), index + 2 < end else { return 0 }
  return isWideSpace(byte, bytes[index + 1], bytes[index + 2]) ? 3 : 0
}

private func spaceLengthBefore(_ bytes: Span<UInt8>, _ end: Int, start: Int) -> Int {
  let byte = bytes[end - 1]
  if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) { return 1 }
  if byte == 0xA0, end - 2 >= start, bytes[end - 2] == 0xC2 { return 2 }
  guard byte & 0xC0 == 0x80, end - 3 >= start else { return 0 }
  return isWideSpace(bytes[end - 3], bytes[end - 2], byte) ? 3 : 0
}

/// U+3000, U+2000 to U+200F, U+202F, U+2060, U+FEFF: spaces of any width, none among them.
private func isWideSpace(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
  switch first {
  case 0xE3: second == 0x80 && third == 0x80
  case 0xE2:
    second == 0x80 ? third <= 0x8F || third == 0xAF : second == 0x81 && third == 0xA0
  case 0xEF: second == 0xBB && third == 0xBF
  default: false
  }
}
