/// 邮政编码: six digits of which the first two are an allocated zone.
///
/// - Source: facts §2, zones from memory.
package enum PostalCode {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    guard value.count == 6 else { return .invalid(lengthReason(value, 6)) }
    guard let number = decimal(value, 0, 6) else {
      return .invalid(.character(at: firstNonDigit(value, from: 0) ?? 1))
    }
    if number == 0 { return .invalid(.filler) }
    switch number / 10_000 {
    case 1...7, 10...13, 15, 16, 20...27, 30...36, 40...47, 51...57, 61...67, 71...75, 81, 83...86:
      return .valid
    default: return .invalid(.division)
    }
  }
}
