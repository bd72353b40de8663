/// 手机号码: 1, a digit from 3 to 9, nine digits.
///
/// - Source: facts §2, from memory.
package enum MobileNumber {
  /// Judges the raw value: no country code, no separators.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    if value.count > 0, value[0] == UInt8(ascii: "+") { return .invalid(.prefix) }
    guard value.count == 11 else { return .invalid(lengthReason(value, 11)) }
    if let position = firstNonDigit(value, from: 0) { return .invalid(.character(at: position)) }
    guard value[0] == 0x31, value[1] >= 0x33 else { return .invalid(.prefix) }
    return .valid
  }
}
