/// What a spreadsheet or a wrong encoding did to a value; the value cannot be repaired.
///
/// - Source: facts §3.1, §3.2; issue type Q28.
package enum Damage: UInt8, Hashable, Sendable, CaseIterable {
  /// `9.15101E+17`: Excel dropped digits.
  case scientificNotation = 1
  /// U+FFFD: a decoder met bytes it could not read.
  case replacementCharacter
  /// `?` where a character was that the target encoding lacks; `??` in any context.
  case questionMark
  /// UTF-8 read as GBK, or what that leaves behind when saved again (锟斤拷), or 烫烫烫.
  case readAsGBK
  /// UTF-8 read as Latin-1 or Windows-1252: `è¡Œæ”¿`.
  case readAsLatin
  /// A control character that no text export contains.
  case controlCharacter
  /// `#REF!`, `#N/A`, `#VALUE!` and the like.
  case formulaError
  /// `########`: the column was too narrow when it was exported.
  case hashes
}

/// What a value is, and so which signs of damage count.
package enum DamageContext: Sendable {
  /// Free text, where a question mark is a question mark.
  case text
  /// Names of persons, companies and places: a `?` is damage.
  case name
  /// Identifiers: `?` and scientific notation are damage.
  case identifier
}

/// Looks for damage in one value.
///
/// Damage of the encoding is judged by the first 32 Han characters: at least three of the kind that UTF-8
/// read as GBK produces, and at least half. A name of two characters is therefore not caught by itself;
/// the rest of its delivery is.
///
/// - Parameter bytes: UTF-8.
/// - Complexity: One pass over the bytes, no allocation.
package func damage(in bytes: Span<UInt8>, as context: DamageContext) -> Damage? {
  guard bytes.count > 0 else { return nil }
  if bytes[0] == UInt8(ascii: "#"), let sign = spreadsheetSign(bytes) { return sign }
  if bytes[0] == UInt8(ascii: "?") || bytes[0] == 0xEF, isOnlyQuestionMarks(bytes) {
    return .questionMark
  }
  if context == .identifier, isScientificNotation(bytes) { return .scientificNotation }
  var scan = DamageScan()
  var index = 0
  while index < bytes.count {
    let byte = bytes[index]
    if byte < 0x80 {
      scan.takeASCII(byte)
      index += 1
    } else if byte >= 0xE4, byte <= 0xE9, index + 2 < bytes.count {
      if scan.han < DamageScan.judgedCharacters {
        scan.takeIdeograph(byte, bytes[index + 1], bytes[index + 2])
      }
      index += 3
    } else {
      scan.take(decodeScalar(bytes, at: &index))
    }
  }
  return scan.result(context)
}

/// What one pass over a value counts.
private struct DamageScan {
  /// Enough to judge the encoding of a whole value; our choice.
  static let judgedCharacters = 32

  private(set) var han = 0
  private var suspicious = 0
  private var repeats = 0
  private var previous: UInt32 = 0
  private var isLeftover = false
  private var latinLeads = 0
  private var latinTails = 0
  private var latinTriples = 0
  private var hasReplacement = false
  private var hasQuestion = false
  private var hasControl = false

  mutating func takeASCII(_ byte: UInt8) {
    previous = 0
    latinTails = -1
    if byte < 0x20 {
      if byte != 0x09, byte != 0x0A, byte != 0x0D { hasControl = true }
    } else if byte == UInt8(ascii: "?") {
      hasQuestion = true
    } else if byte == 0x7F {
      hasControl = true
    }
  }

  mutating func take(_ scalar: Unicode.Scalar) {
    let value = scalar.value
    switch value {
    case 0xFFFD: hasReplacement = true
    case 0x80...0x2122: takeLatin(value)
    default: latinTails = -1
    }
    previous = value
  }

  /// Takes the three bytes of U+4000 to U+9FFF.
  mutating func takeIdeograph(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
    let value = UInt32(first & 0x0F) << 12 | UInt32(second & 0x3F) << 6 | UInt32(third & 0x3F)
    if value >= 0x4E00 { takeHan(value) }
    previous = value
  }

  private mutating func takeHan(_ value: UInt32) {
    let offset = Int(value - 0x4E00)
    han += 1
    latinTails = -1
    if mojibakeBits[offset >> 6] & (1 << UInt64(offset & 63)) != 0 { suspicious += 1 }
    // 锟斤拷 is U+FFFD twice in UTF-8, read as GBK; 烫 and 屯 are memory that was never written.
    if value == 0x65A4, previous == 0x951F { isLeftover = true }
    guard value == 0x70EB || value == 0x5C6F else { return }
    repeats = value == previous ? repeats + 1 : 0
    if repeats >= 2 { isLeftover = true }
  }

  /// A lead ä…é with one continuation counts as a pair, with two as a triple.
  private mutating func takeLatin(_ value: UInt32) {
    if (0xE4...0xE9).contains(value) {
      latinTails = 0
    } else if isContinuation(value), latinTails >= 0 {
      latinTails += 1
      if latinTails == 1 { latinLeads += 1 }
      if latinTails == 2 { latinTriples += 1 }
    } else {
      latinTails = -1
    }
    if (0x80...0x9F).contains(value) { hasControl = true }
  }

  /// A byte 80–BF as Latin-1 or Windows-1252 shows it.
  private func isContinuation(_ value: UInt32) -> Bool {
    switch value {
    case 0x80...0xBF, 0x152, 0x153, 0x160, 0x161, 0x178, 0x17D, 0x17E, 0x192, 0x2C6, 0x2DC,
      0x2013...0x203A, 0x20AC, 0x2122:
      true
    default: false
    }
  }

  func result(_ context: DamageContext) -> Damage? {
    if isLeftover || (suspicious >= 3 && suspicious * 2 >= han) { return .readAsGBK }
    if latinTriples > 0 || latinLeads > 1 { return .readAsLatin }
    if hasReplacement { return .replacementCharacter }
    if hasControl { return .controlCharacter }
    if hasQuestion, context != .text { return .questionMark }
    return nil
  }
}

/// Whether a value is nothing but two or more question marks, in half or full width: all that an
/// export leaves of a text whose characters it lacks.
private func isOnlyQuestionMarks(_ bytes: Span<UInt8>) -> Bool {
  var count = 0
  var index = 0
  while index < bytes.count {
    if bytes[index] == UInt8(ascii: "?") {
      index += 1
    } else if index + 2 < bytes.count, bytes[index] == 0xEF, bytes[index + 1] == 0xBC,
      bytes[index + 2] == 0x9F
    {
      index += 3
    } else {
      return false
    }
    count += 1
  }
  return count > 1
}

/// Whether the whole value is a number in scientific notation, as Excel shows long identifiers.
package func isScientificNotation(_ bytes: Span<UInt8>) -> Bool {
  guard bytes.count >= 3, bytes.count <= 24, bytes[0] >= 0x30, bytes[0] <= 0x39 else {
    return false
  }
  var index = 0
  var points = 0
  while index < bytes.count, isDigitByte(bytes[index]) || bytes[index] == UInt8(ascii: ".") {
    if bytes[index] == UInt8(ascii: ".") { points += 1 }
    index += 1
  }
  guard points <= 1, index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") else {
    return false
  }
  index += 1
  let signed =
    index < bytes.count
    && (bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-"))
  if signed { index += 1 }
  // Without a sign, 12E45 may be an identifier; with a point it cannot be.
  guard index < bytes.count, signed || points == 1 else { return false }
  while index < bytes.count {
    guard isDigitByte(bytes[index]) else { return false }
    index += 1
  }
  return true
}

/// Whether a value is 18 digits of which Excel zeroed the last three.
///
/// Excel keeps 15 significant digits. A real identifier may end in 000 as well, so this is a reason
/// only where the check character fails.
package func hasZeroedTail(_ bytes: Span<UInt8>) -> Bool {
  guard bytes.count == 18, bytes[0] != UInt8(ascii: "0") else { return false }
  for index in 0..<15 where !isDigitByte(bytes[index]) { return false }
  for index in 15..<18 where bytes[index] != UInt8(ascii: "0") { return false }
  return true
}

private func isDigitByte(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

private func spreadsheetSign(_ bytes: Span<UInt8>) -> Damage? {
  let errors: [StaticString] = [
    "#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!",
  ]
  for error in errors where equals(bytes, error) { return .formulaError }
  guard bytes.count >= 4 else { return nil }
  for index in bytes.indices where bytes[index] != UInt8(ascii: "#") { return nil }
  return .hashes
}

private func equals(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
  guard bytes.count == text.utf8CodeUnitCount else { return false }
  var index = 0
  for byte in text.description.utf8 {
    guard bytes[index] == byte else { return false }
    index += 1
  }
  return true
}
