/// 国民经济行业小类代码: `F5211`, or `5211` with the section derived.
///
/// - Source: GB/T 4754-2017; the ranges of divisions by section from memory (facts §2).
package enum IndustryCode {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    let hasLetter = value.count > 0 && !isDigitByte(value[0])
    let start = hasLetter ? 1 : 0
    guard value.count == start + 4 else { return .invalid(lengthReason(value, start + 4)) }
    guard let number = decimal(value, start, 4) else {
      return .invalid(.character(at: firstNonDigit(value, from: start) ?? 1))
    }
    guard let section = section(ofDivision: number / 100) else { return .invalid(.division) }
    guard number / 10 % 10 != 0 else { return .invalid(.form) }
    guard hasLetter else { return .valid }
    if isLowercaseByte(value[0]) { return .invalid(.letterCase) }
    guard value[0] >= UInt8(ascii: "A"), value[0] <= UInt8(ascii: "T") else {
      return .invalid(.prefix)
    }
    return value[0] == section ? .valid : .invalid(.section)
  }

  /// The letter A to T (ASCII) of a two-digit division, or nil if there is no such division.
  package static func section(ofDivision division: Int) -> UInt8? {
    guard division >= 1, division <= 97 else { return nil }
    let lastDivisions = [
      5, 12, 43, 46, 50, 52, 60, 62, 65, 69, 70, 72, 75, 79, 82, 83, 85, 90, 96, 97,
    ]
    for (index, last) in lastDivisions.enumerated() where division <= last {
      return UInt8(ascii: "A") + UInt8(truncatingIfNeeded: index)
    }
    return nil
  }
}
