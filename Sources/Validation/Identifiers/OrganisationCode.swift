/// 组织机构代码: eight digits or capital letters and a check, with or without a hyphen before it.
///
/// - Source: GB 11714-1997; facts §2.
package enum OrganisationCode {
  /// Judges the raw value: `60003734-1` or `600037341`.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    let hyphenated = value.count == 10 && value[8] == UInt8(ascii: "-")
    guard value.count == 9 || hyphenated else { return .invalid(lengthReason(value, 9)) }
    for index in 0..<8 {
      let byte = value[index]
      if isLowercaseByte(byte) { return .invalid(.letterCase) }
      guard isDigitByte(byte) || isUppercaseByte(byte) else {
        return .invalid(.character(at: index + 1))
      }
    }
    let last = value[value.count - 1]
    if last == UInt8(ascii: "x") { return .invalid(.letterCase) }
    guard isDigitByte(last) || last == UInt8(ascii: "X") else {
      return .invalid(.character(at: value.count))
    }
    let check = expectedCheck(value, from: 0)
    let expected = check == 10 ? UInt8(ascii: "X") : UInt8(truncatingIfNeeded: 0x30 + check)
    guard last == expected else {
      return .invalid(.checkCharacter(expected: expected, found: last))
    }
    return isFiller(value) ? .invalid(.filler) : .valid
  }

  /// The check value, 0 to 10 (X), of the eight characters from `start`, which must be 0-9 or A-Z.
  static func expectedCheck(_ value: Span<UInt8>, from start: Int) -> Int {
    let sum =
      part(value[start]) * 3 + part(value[start + 1]) * 7 + part(value[start + 2]) * 9
      + part(value[start + 3]) * 10 + part(value[start + 4]) * 5 + part(value[start + 5]) * 8
      + part(value[start + 6]) * 4 + part(value[start + 7]) * 2
    return Int(bitPattern: (11 - sum % 11) % 11)
  }

  private static func part(_ byte: UInt8) -> UInt {
    UInt(byte) &- (byte <= 0x39 ? 0x30 : 0x37)
  }
}
