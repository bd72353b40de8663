/// 排污许可证编号: a USCC, three digits of sequence, one capital letter that is no check.
///
/// Holders without a USCC have `H9` and 20 more characters; the trial rule gives that form, so it is a
/// warning.
///
/// - Source: HJ 608-2017, annex; facts §2.
package enum PollutantPermit {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    guard value.count == 22 else { return .invalid(lengthReason(value, 22)) }
    for index in 18..<21 where !isDigitByte(value[index]) {
      return .invalid(.character(at: index + 1))
    }
    if isLowercaseByte(value[21]) { return .invalid(.letterCase) }
    guard isUppercaseByte(value[21]) else { return .invalid(.character(at: 22)) }
    if standsText("H9", in: value, at: 0) { return withoutCreditCode(value) }
    return UnifiedSocialCreditCode.checkFirst18(value)
  }

  /// H9, six digits of division, nine characters, a letter.
  private static func withoutCreditCode(_ value: Span<UInt8>) -> IdentifierVerdict {
    for index in 2..<8 where !isDigitByte(value[index]) {
      return .invalid(.character(at: index + 1))
    }
    for index in 8..<18 where !isDigitByte(value[index]) && !isUppercaseByte(value[index]) {
      return .invalid(.character(at: index + 1))
    }
    return .warning(.oldForm)
  }
}
