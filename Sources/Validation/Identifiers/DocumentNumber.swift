/// 文号: `机关代字〔年份〕序号号`. Unique per agency and year only.
///
/// - Source: 党政机关公文格式 GB/T 9704 as remembered; facts §2. The range of years is our choice.
package enum DocumentNumber {
  /// Judges the raw value: other brackets are invalid until normalised.
  package static func check(
    _ value: Span<UInt8>, _ context: borrowing IdentifierContext
  ) -> IdentifierVerdict {
    guard let open = firstIndex(of: "〔", in: value) else {
      return .invalid(missingBracket(value))
    }
    guard open > 0 else { return .invalid(.prefix) }
    for index in 0..<open where value[index] <= 0x20 {
      return .invalid(.character(at: index + 1))
    }
    guard let year = decimal(value, open + 3, 4), stands("〕", in: value, at: open + 7),
      (1949...context.currentYear + 1).contains(year)
    else { return .invalid(.year) }
    return checkSerial(value, from: open + 10)
  }

  /// Letters, digits and hyphens with at least one digit, 第 before, 号 behind, nothing more.
  private static func checkSerial(_ value: Span<UInt8>, from start: Int) -> IdentifierVerdict {
    var index = stands("第", in: value, at: start) ? start + 3 : start
    var digits = 0
    while index < value.count, isSerialByte(value[index]) {
      if isDigitByte(value[index]) { digits += 1 }
      index += 1
    }
    guard digits > 0 else { return .invalid(.serial) }
    guard stands("号", in: value, at: index) else { return .invalid(.form) }
    return index + 3 == value.count ? .valid : .invalid(.form)
  }

  private static func isSerialByte(_ byte: UInt8) -> Bool {
    isDigitByte(byte) || isUppercaseByte(byte) || isLowercaseByte(byte) || byte == 0x2D
  }

  private static func missingBracket(_ value: Span<UInt8>) -> IdentifierReason {
    for index in value.indices
    where value[index] == UInt8(ascii: "[") || value[index] == UInt8(ascii: "(") {
      return .brackets
    }
    let others: [Unicode.Scalar] = ["（", "［", "【", "﹝"]
    return others.contains { firstIndex(of: $0, in: value) != nil } ? .brackets : .form
  }
}
