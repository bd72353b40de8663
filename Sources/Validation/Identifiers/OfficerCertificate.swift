import Standardization

/// 执法证件号码: 8 to 14 digits, sometimes behind a province and up to two capital letters.
///
/// The least certain of all forms: the real check is a look-up in the register of officers.
///
/// - Source: facts §2, from memory; advisory.
package enum OfficerCertificate {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    guard value.count > 0 else { return .invalid(.form) }
    if isScientificNotation(value) { return .invalid(.scientificNotation) }
    var index = 0
    if value[0] >= 0x80 {
      guard isProvince(decodeScalar(value, at: &index)) else { return .invalid(.prefix) }
    }
    var letters = 0
    while index < value.count, isUppercaseByte(value[index]) {
      index += 1
      letters += 1
    }
    guard letters <= 2 else { return .invalid(.prefix) }
    if let position = firstNonDigit(value, from: index) {
      let isLower = isLowercaseByte(value[position - 1])
      return .invalid(isLower ? .letterCase : .character(at: position))
    }
    let digits = value.count - index
    if digits == 18 { return .invalid(.looksLikeResidentID) }
    guard (8...14).contains(digits) else {
      return .invalid(.length(found: digits, expected: digits < 8 ? 8 : 14))
    }
    return isFiller(value) ? .invalid(.filler) : .valid
  }
}
