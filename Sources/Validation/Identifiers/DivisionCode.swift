/// 行政区划代码: six digits of province, city and county.
///
/// - Source: GB/T 2260; semantics.md §6: an unknown county in a known province is a note, an unknown
///   province is invalid.
package enum DivisionCode {
  /// Judges the raw value against the context's table, or its province alone where there is none.
  package static func check(
    _ value: Span<UInt8>, _ context: borrowing IdentifierContext
  ) -> IdentifierVerdict {
    guard value.count == 6 else { return .invalid(lengthReason(value, 6)) }
    guard let code = decimal(value, 0, 6) else {
      return .invalid(.character(at: firstNonDigit(value, from: 0) ?? 1))
    }
    if code == 0 { return .invalid(.filler) }
    guard let table = context.divisions else {
      return isProvinceCode(code / 10_000) ? .valid : .invalid(.division)
    }
    switch table.status(code, in: context.divisionYear) {
    case .known: return .valid
    case .outsideItsYears, .unknownCounty: return .warning(.division)
    case .unknownProvince, .malformed: return .invalid(.division)
    }
  }
}

/// First two digits of GB/T 2260, with 83 as residence permits of Taiwan residents have it.
func isProvinceCode(_ code: Int) -> Bool {
  switch code {
  case 11...15, 21...23, 31...37, 41...46, 50...54, 61...65, 71, 81...83: true
  default: false
  }
}
