package import Records
import Standardization

/// 公民身份号码: six digits of division, eight of birth, three of sequence, a check character.
///
/// Differs from python-stdnum: the place is looked up in all years and an unknown county is a warning;
/// a birth date after today is invalid. 83 (Taiwan residents' permits) counts as a province.
///
/// - Source: GB 11643-1999; facts §2, §2.1; semantics.md §4 (masked values).
package enum ResidentID {
  /// In characters.
  package static let length = 18

  /// Judges the raw value. 15-digit numbers are invalid until upgraded.
  ///
  /// - Complexity: O(18), no allocation.
  package static func check(
    _ value: Span<UInt8>, _ context: borrowing IdentifierContext
  ) -> IdentifierVerdict {
    guard value.count == length else { return otherLength(value) }
    // Σ dᵢ·2^(17−i) by Horner's rule; the weights 7 9 10 5 … are these powers mod 11.
    var sum: UInt32 = 0
    var excess: UInt8 = 0
    for index in 0..<17 {
      let digit = value[index] &- 0x30
      excess |= digit > 9 ? 1 : 0
      sum = sum &* 2 &+ UInt32(digit)
    }
    let last = value[17]
    guard excess == 0, isDigitByte(last) || last == UInt8(ascii: "X") else {
      return characterVerdict(value)
    }
    guard isProvinceCode(pair(value, 0)) else { return .invalid(.division) }
    let year = pair(value, 6) &* 100 &+ pair(value, 8)
    let month = pair(value, 10)
    let day = pair(value, 12)
    guard isDate(year, month, day) else { return .invalid(.date) }
    let packedBirth = (year &* 100 &+ month) &* 100 &+ day
    guard packedBirth <= context.packedToday else { return .invalid(.futureDate) }
    let expected = UInt8(truncatingIfNeeded: (12 &- sum &* 2 % 11) % 11)
    let found = last == UInt8(ascii: "X") ? 10 : last &- 0x30
    guard expected == found else { return checkVerdict(value, expected) }
    guard let table = context.divisions else { return .valid }
    let code = (pair(value, 0) * 100 + pair(value, 2)) * 100 + pair(value, 4)
    return table.isKnown(code) ? .valid : .warning(.division)
  }

  /// The day of birth, as days since 1970-01-01, of a value that is 18 characters long.
  ///
  /// - Returns: nil if there is no such day.
  package static func birthDayNumber(_ value: Span<UInt8>) -> Int? {
    guard value.count == length, let year = decimal(value, 6, 4), let month = decimal(value, 10, 2),
      let day = decimal(value, 12, 2)
    else { return nil }
    return CivilDate(year: year, month: month, day: day)?.dayNumber
  }

  /// Whether the sequence is odd, which it is for men; nil if the value is no identity number.
  package static func isMale(_ value: Span<UInt8>) -> Bool? {
    guard value.count == length, isDigitByte(value[16]) else { return nil }
    return value[16] & 1 == 1
  }

  /// Appends the 18-character form of a 15-digit number; see `upgradedResidentID(_:into:)`.
  package static func upgrade(
    _ value: Span<UInt8>, into arena: inout TextArena
  ) -> TextRef? {
    upgradedResidentID(value, into: &arena)
  }

  /// Whether the source hid digits: 15 or 18 places of digits and at least four `*`, X only at the end.
  package static func isMasked(_ value: Span<UInt8>) -> Bool {
    guard value.count == 18 || value.count == 15 else { return false }
    var stars = 0
    for index in value.indices {
      let byte = value[index]
      if byte == UInt8(ascii: "*") {
        stars += 1
      } else if !isDigitByte(byte), byte != UInt8(ascii: "X") || index != 17 {
        return false
      }
    }
    return stars >= 4
  }

  private static func pair(_ value: Span<UInt8>, _ index: Int) -> Int {
    Int(value[index]) &* 10 &+ Int(value[index + 1]) &- 0x30 &* 11
  }

  /// Nobody in the registers was born before 1850 (our choice).
  private static func isDate(_ year: Int, _ month: Int, _ day: Int) -> Bool {
    guard year >= 1850, month >= 1, month <= 12, day >= 1 else { return false }
    return day <= 28 || day <= CivilDate.daysInMonth(year: year, month: month)
  }

  private static func otherLength(_ value: Span<UInt8>) -> IdentifierVerdict {
    if isMasked(value) { return .warning(.masked) }
    if value.count == 15, firstNonDigit(value, from: 0) == nil { return .invalid(.oldForm) }
    return .invalid(lengthReason(value, length))
  }

  private static func characterVerdict(_ value: Span<UInt8>) -> IdentifierVerdict {
    if isMasked(value) { return .warning(.masked) }
    if value[17] == UInt8(ascii: "x"), firstNonDigit(value, from: 0) == 18 {
      return .invalid(.letterCase)
    }
    return .invalid(.character(at: firstNonDigit(value, from: 0) ?? 18))
  }

  private static func checkVerdict(
    _ value: Span<UInt8>, _ expected: UInt8
  ) -> IdentifierVerdict {
    if hasZeroedTail(value) { return .invalid(.excelZeros) }
    let character = expected == 10 ? UInt8(ascii: "X") : 0x30 + expected
    return .invalid(.checkCharacter(expected: character, found: value[17]))
  }
}
