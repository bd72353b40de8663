/// 统一社会信用代码: 18 characters of department, class, division, organisation code and check.
///
/// Where this differs from python-stdnum: letters are allowed in the first two places (N, Y and A are
/// departments), and a wrong inner organisation code is a warning.
///
/// - Source: GB 32100-2015; facts §2, §2.1. The warning for other departments is assumed.
package enum UnifiedSocialCreditCode {
  /// In characters.
  package static let length = 18

  /// Judges the raw value.
  ///
  /// - Complexity: O(18), no allocation.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    guard value.count == length else { return .invalid(lengthReason(value, length)) }
    return checkFirst18(value)
  }

  /// Judges the first 18 bytes of `value`, which has at least that many.
  static func checkFirst18(_ value: Span<UInt8>) -> IdentifierVerdict {
    // Σ cᵢ·3ⁱ by Horner's rule stays below 2³³, so that one remainder does for all.
    var sum: UInt = 0
    var flags: UInt8 = 0
    for index in stride(from: 16, through: 8, by: -1) {
      let digit = usccValues[Int(value[index])]
      flags |= digit
      sum = sum &* 3 &+ UInt(digit)
    }
    var divisionExcess: UInt8 = 0
    for index in stride(from: 7, through: 2, by: -1) {
      let digit = usccValues[Int(value[index])]
      flags |= digit
      divisionExcess |= (9 &- digit) & 0x80
      sum = sum &* 3 &+ UInt(digit)
    }
    let classDigit = usccValues[Int(value[1])]
    let department = usccValues[Int(value[0])]
    flags |= classDigit | department | usccValues[Int(value[17])]
    guard flags & 0x80 == 0, divisionExcess == 0 else { return .invalid(characterReason(value)) }
    sum = (sum &* 3 &+ UInt(classDigit)) &* 3 &+ UInt(department)
    let expected = (31 - sum % 31) % 31
    guard expected == UInt(usccValues[Int(value[17])]) else {
      return .invalid(checkReason(value, expected: Int(expected)))
    }
    guard innerCheckHolds(value) else { return .warning(.organisationCode) }
    return isDepartment(department) ? .valid : .warning(.prefix)
  }

  /// The check character of 17 characters, or nil if one is outside the alphabet.
  package static func checkCharacter(_ value: Span<UInt8>) -> UInt8? {
    guard value.count >= 17 else { return nil }
    var sum = 0
    for index in stride(from: 16, through: 0, by: -1) {
      let digit = usccValues[Int(value[index])]
      guard digit < 31 else { return nil }
      sum = sum * 3 + Int(digit)
    }
    return usccAlphabet[(31 - sum % 31) % 31]
  }

  /// 1 编制, 2 外交, 3 司法行政, 4 文化, 5 民政, 6 旅游, 7 宗教, 8 工会, 9 市场监管, A 军队, N 农业农村, Y 其他.
  private static func isDepartment(_ digit: UInt8) -> Bool {
    (1...10).contains(digit) || digit == 22 || digit == 30
  }

  /// Places 9 to 17 are an organisation code of GB 11714 with its own check.
  private static func innerCheckHolds(_ value: Span<UInt8>) -> Bool {
    let last = value[16]
    let check = OrganisationCode.expectedCheck(value, from: 8)
    return check == 10 ? last == UInt8(ascii: "X") : Int(last) - 0x30 == check
  }

  private static func characterReason(_ value: Span<UInt8>) -> IdentifierReason {
    for index in 0..<length {
      let byte = value[index]
      if isLowercaseByte(byte) { return .letterCase }
      let digit = usccValues[Int(byte)]
      if digit > 30 || ((2..<8).contains(index) && digit > 9) { return .character(at: index + 1) }
    }
    return .form
  }

  private static func checkReason(_ value: Span<UInt8>, expected: Int) -> IdentifierReason {
    if zeroedTail(value) { return .excelZeros }
    return .checkCharacter(expected: usccAlphabet[expected], found: value[17])
  }

  private static func zeroedTail(_ value: Span<UInt8>) -> Bool {
    for index in 0..<15 where !isDigitByte(value[index]) { return false }
    return value[15] == 0x30 && value[16] == 0x30 && value[17] == 0x30
  }
}

/// 0-9 and A-Y without I, O, S, V (Z is out as well).
private let usccAlphabet: [UInt8] = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

/// Value of a character, 255 for those outside the alphabet.
private let usccValues: [UInt8] = [
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 255, 255, 255, 255, 255,
  255, 10, 11, 12, 13, 14, 15, 16, 17, 255, 18, 19, 20, 21, 22, 255,
  23, 24, 25, 255, 26, 27, 255, 28, 29, 30, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
]
