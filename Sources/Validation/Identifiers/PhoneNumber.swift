import Standardization

/// 联系电话: area code and subscriber, 400 and 800 numbers, hotlines, mobile numbers.
///
/// - Source: facts §2, from memory; advisory. Assumed: 123xx, 95xxx and 96xxx hotlines, extensions of up
///   to six digits, mobile numbers in a field for phones.
package enum PhoneNumber {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    guard value.count > 0 else { return .invalid(.form) }
    if value[0] == UInt8(ascii: "+") { return .invalid(.prefix) }
    for index in value.indices
    where !isDigitByte(value[index]) && value[index] != UInt8(ascii: "-") {
      let isExcel = isScientificNotation(value)
      return .invalid(isExcel ? .scientificNotation : .character(at: index + 1))
    }
    switch value[0] {
    case UInt8(ascii: "0"): return checkArea(value)
    case UInt8(ascii: "4"), UInt8(ascii: "8"):
      if isServiceNumber(value) { return .valid }
    case UInt8(ascii: "1"):
      if value.count == 11 { return MobileNumber.check(value) }
    default: break
    }
    if isHotline(value) { return .valid }
    return .invalid((7...8).contains(value.count) ? .areaCode : .form)
  }

  private static func checkArea(_ value: Span<UInt8>) -> IdentifierVerdict {
    guard value.count > 3 else { return .invalid(.form) }
    let isShort = value[1] == 0x31 || value[1] == 0x32
    guard value[1] != 0x30, !isShort || value[1] == 0x32 || value[2] == 0x30 else {
      return .invalid(.areaCode)
    }
    var index = isShort ? 3 : 4
    guard index < value.count, decimal(value, 0, index) != nil else { return .invalid(.areaCode) }
    if value[index] == UInt8(ascii: "-") { index += 1 }
    let start = index
    while index < value.count, isDigitByte(value[index]) { index += 1 }
    guard (7...8).contains(index - start) else {
      return .invalid(.length(found: index - start, expected: 8))
    }
    guard value[start] >= 0x32 else { return .invalid(.character(at: start + 1)) }
    return isExtension(value, from: index) ? .valid : .invalid(.form)
  }

  private static func isExtension(_ value: Span<UInt8>, from start: Int) -> Bool {
    if start == value.count { return true }
    let digits = value.count - start - 1
    return (1...6).contains(digits) && firstNonDigit(value, from: start + 1) == nil
  }

  /// 400-812-3456, 4008123456, 400-8123456.
  private static func isServiceNumber(_ value: Span<UInt8>) -> Bool {
    guard value.count > 3, value[1] == 0x30, value[2] == 0x30 else { return false }
    var digits = 0
    for index in value.indices where isDigitByte(value[index]) { digits += 1 }
    let hyphens = value.count - digits
    guard digits == 10, hyphens <= 2 else { return false }
    return hyphens == 0 || value[3] == UInt8(ascii: "-") && value[value.count - 1] != 0x2D
  }

  private static func isHotline(_ value: Span<UInt8>) -> Bool {
    if value.count == 3 { return [110, 119, 120, 122].contains(decimal(value, 0, 3) ?? 0) }
    guard value.count == 5 || value.count == 6, let number = decimal(value, 0, value.count) else {
      return false
    }
    if value.count == 6 { return number / 1000 == 951 || number / 1000 == 952 }
    return number / 100 == 123 || number / 1000 == 95 || number / 1000 == 96
  }
}
