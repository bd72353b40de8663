/// 工商注册号: six digits of authority, eight of sequence, one check digit.
///
/// - Source: GS 15-2006; facts §2. The check is ISO 7064 MOD 11,10.
package enum RegistrationNumber {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    guard value.count == 15 else { return .invalid(lengthReason(value, 15)) }
    guard let expected = mod11And10(value, from: 0, digits: 14), isDigitByte(value[14]) else {
      return .invalid(.character(at: firstNonDigit(value, from: 0) ?? 1))
    }
    let found = Int(value[14]) - 0x30
    guard expected == found else {
      return .invalid(
        .checkCharacter(expected: UInt8(truncatingIfNeeded: 0x30 + expected), found: value[14]))
    }
    return isFiller(value) ? .invalid(.filler) : .valid
  }
}
