package import Records

/// Appends the one spelling of a person's name: every middle dot as `·` (U+00B7), no space between
/// two Han characters, private-use characters as ``normalizedPrivateUse(_:into:)`` gives them.
///
/// An ASCII full stop counts as a middle dot only between two non-ASCII characters, so `J.Smith`
/// stays. Dropping the space of `张　三` is assumed; the original is kept by the change record.
///
/// - Returns: nil if the name is spelled that way already; then nothing was appended.
/// - Source: facts §3.3, names with middle dots.
package func normalizedName(_ bytes: Span<UInt8>, into arena: inout TextArena) -> TextRef? {
  guard mayNeedNameNormalization(bytes) else { return nil }
  let offset = arena.count
  var previous: Unicode.Scalar = "\0"
  var index = 0
  var changed = false
  var spaces = (end: -1, precedeHan: false)
  while index < bytes.count {
    let scalar = decodeScalar(bytes, at: &index)
    let next = peek(bytes, index)
    let isBlank = isSpace(scalar)
    // Once for a run of spaces, however long it is.
    if isBlank, index > spaces.end { spaces = endOfSpaces(bytes, index) }
    if isBlank, isHan(previous) || isSpace(previous), spaces.precedeHan {
      changed = true
      continue
    }
    let spelled = nameScalar(scalar, previous: previous, next: next)
    changed = changed || spelled != scalar
    arena.appendScalar(spelled)
    previous = spelled
  }
  guard changed else {
    arena.removeSubrange(offset...)
    return nil
  }
  return arena.text(from: offset)
}

private func nameScalar(
  _ scalar: Unicode.Scalar, previous: Unicode.Scalar, next: Unicode.Scalar
) -> Unicode.Scalar {
  switch scalar.value {
  case 0x2022, 0x2027, 0x2219, 0x22C5, 0x30FB, 0xFF65, 0xFE52, 0xFF0E: "\u{B7}"
  case 0x2E: previous.value > 0x7F && next.value > 0x7F ? "\u{B7}" : scalar
  case 0xE000...0xF8FF: standardScalar(privateUse: scalar) ?? scalar
  default: scalar
  }
}

private func mayNeedNameNormalization(_ bytes: Span<UInt8>) -> Bool {
  for index in bytes.indices {
    switch bytes[index] {
    case 0x20, 0x2E, 0xE2, 0xE3, 0xEE, 0xEF: return true
    default: continue
    }
  }
  return false
}

private func peek(_ bytes: Span<UInt8>, _ index: Int) -> Unicode.Scalar {
  var position = index
  return index < bytes.count ? decodeScalar(bytes, at: &position) : "\0"
}

/// Where the spaces at `index` end, and whether a Han character follows.
private func endOfSpaces(_ bytes: Span<UInt8>, _ index: Int) -> (end: Int, precedeHan: Bool) {
  var position = index
  while position < bytes.count {
    let start = position
    let scalar = decodeScalar(bytes, at: &position)
    if !isSpace(scalar) { return (start, isHan(scalar)) }
  }
  return (position, false)
}

private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
  scalar == " " || scalar == "\u{3000}" || scalar == "\u{A0}"
}

/// Unified ideographs with their extensions, and 〇.
package func isHan(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x323AF, 0xF900...0xFAFF, 0x3007: true
  default: false
  }
}

/// Appends `bytes` with the private-use characters of older GB18030 decoders as GB18030-2022 has
/// them, so that two decoders of one file agree.
///
/// - Returns: nil if there are none; then nothing was appended.
/// - Source: GB 18030-2022, the 18 characters moved out of the private use area (facts §3.1).
package func normalizedPrivateUse(
  _ bytes: Span<UInt8>, into arena: inout TextArena
) -> TextRef? {
  guard holdsPrivateUse(bytes) else { return nil }
  let offset = arena.count
  var index = 0
  var changed = false
  while index < bytes.count {
    let scalar = decodeScalar(bytes, at: &index)
    let spelled = standardScalar(privateUse: scalar)
    changed = changed || spelled != nil
    arena.appendScalar(spelled ?? scalar)
  }
  guard changed else {
    arena.removeSubrange(offset...)
    return nil
  }
  return arena.text(from: offset)
}

/// U+E000 to U+EFFF, where all 18 stand, have the lead byte 0xEE.
private func holdsPrivateUse(_ bytes: Span<UInt8>) -> Bool {
  for index in bytes.indices where bytes[index] == 0xEE { return true }
  return false
}

/// The code point that GB18030-2022 gives to a private-use character of GB18030-2005.
///
/// - Returns: nil for every other scalar.
package func standardScalar(privateUse scalar: Unicode.Scalar) -> Unicode.Scalar? {
  switch scalar.value {
  case 0xE78D: "\u{FE10}"
  case 0xE78E: "\u{FE12}"
  case 0xE78F: "\u{FE11}"
  case 0xE790...0xE796: Unicode.Scalar(scalar.value - 0xE790 + 0xFE13)
  case 0xE81E: "\u{9FB4}"
  case 0xE826: "\u{9FB5}"
  case 0xE82B: "\u{9FB6}"
  case 0xE82C: "\u{9FB7}"
  case 0xE832: "\u{9FB8}"
  case 0xE843: "\u{9FB9}"
  case 0xE854: "\u{9FBA}"
  case 0xE864: "\u{9FBB}"
  default: nil
  }
}
