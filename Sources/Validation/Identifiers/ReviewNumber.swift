import Standardization

/// 复议诉讼案号: a court's number of an administrative case, or the 文号 of a review decision.
///
/// - Source: 人民法院案件案号规则 as remembered; facts §2.
package enum ReviewNumber {
  /// Judges the raw value.
  package static func check(
    _ value: Span<UInt8>, _ context: borrowing IdentifierContext
  ) -> IdentifierVerdict {
    guard value.count > 0 else { return .invalid(.form) }
    if value[0] == UInt8(ascii: "(") { return checkCourt(value, context) }
    if stands("（", in: value, at: 0) || stands("〔", in: value, at: 0) {
      return .invalid(.brackets)
    }
    let verdict = DocumentNumber.check(value, context)
    guard verdict == .valid else { return verdict }
    return firstIndex(of: "复", in: value) != nil ? .valid : .warning(.form)
  }

  /// `(2026)川01行初123号`.
  private static func checkCourt(
    _ value: Span<UInt8>, _ context: borrowing IdentifierContext
  ) -> IdentifierVerdict {
    guard let year = decimal(value, 1, 4), value.count > 6, value[5] == UInt8(ascii: ")"),
      (1990...context.currentYear + 1).contains(year)
    else { return .invalid(.year) }
    guard let type = typeStart(value) else { return .invalid(.prefix) }
    guard stands("行", in: value, at: type) else { return .invalid(.form) }
    let start = type + 3 + (stands("赔", in: value, at: type + 3) ? 3 : 0)
    guard isProcedure(value, at: start) else { return .invalid(.form) }
    var index = start + 3
    while index < value.count, isDigitByte(value[index]) { index += 1 }
    guard index > start + 3, index - start - 3 <= 6 else { return .invalid(.serial) }
    guard stands("号", in: value, at: index) else { return .invalid(.form) }
    let rest = index + 3
    return rest == value.count || stands("之", in: value, at: rest) ? .valid : .invalid(.form)
  }

  /// Behind the court: 最高法, or a province or 兵 with up to four digits.
  private static func typeStart(_ value: Span<UInt8>) -> Int? {
    let isSupreme =
      stands("最", in: value, at: 6) && stands("高", in: value, at: 9)
      && stands("法", in: value, at: 12)
    if isSupreme { return 15 }
    var index = 6
    let scalar = decodeScalar(value, at: &index)
    guard isProvince(scalar) || scalar == "兵" else { return nil }
    let start = index
    while index < value.count, isDigitByte(value[index]) { index += 1 }
    return index - start <= 4 ? index : nil
  }

  private static func isProcedure(_ value: Span<UInt8>, at start: Int) -> Bool {
    let procedures: [Unicode.Scalar] = ["初", "终", "申", "再", "抗", "监", "提", "审", "辖", "保"]
    return procedures.contains { stands($0, in: value, at: start) }
  }
}
