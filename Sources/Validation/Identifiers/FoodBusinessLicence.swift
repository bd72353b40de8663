import Standardization

/// 食品经营许可证编号: JY, business form 1 to 3, six digits of place, six of sequence, check digit.
///
/// The place is not always a code of GB/T 2260 (Beijing prints district and street): it is not looked up.
///
/// - Source: 《食品经营许可证》编号规则; facts §2. The check is ISO 7064 MOD 11,10.
package enum FoodBusinessLicence {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    checkLicence(value, prefix: "JY", first: UInt8(ascii: "1")...UInt8(ascii: "3"))
  }
}

/// Two letters, 14 digits of which the last is the check digit.
func checkLicence(
  _ value: Span<UInt8>, prefix: StaticString, first: ClosedRange<UInt8>
) -> IdentifierVerdict {
  if value.count >= 2, isLowercaseByte(value[0]) || isLowercaseByte(value[1]) {
    return .invalid(.letterCase)
  }
  guard standsText(prefix, in: value, at: 0) else {
    if isScientificNotation(value) { return .invalid(.scientificNotation) }
    return .invalid(standsText("QS", in: value, at: 0) ? .oldForm : .prefix)
  }
  guard value.count == 16 else { return .invalid(lengthReason(value, 16)) }
  guard first.contains(value[2]) else { return .invalid(.character(at: 3)) }
  guard let expected = mod11And10(value, from: 2, digits: 13), isDigitByte(value[15]) else {
    return .invalid(.character(at: firstNonDigit(value, from: 2) ?? 16))
  }
  guard expected == Int(value[15]) - 0x30 else {
    return .invalid(
      .checkCharacter(expected: UInt8(truncatingIfNeeded: 0x30 + expected), found: value[15]))
  }
  return .valid
}
