/// How numbers of one element are written and stored.
package struct NumberForm: Hashable, Sendable {
  /// What `%` behind a number means for the element.
  package enum Percent: Sendable {
    /// Not a number of this element.
    case refused
    /// The element's unit is percent: `98.5%` is 98.5.
    case asNumber
    /// The element is a ratio: `98.5%` is 0.985.
    case asFraction
  }

  /// Digits of the representation, decimals included: 16 for `n..16,2`. At most 18.
  package var totalDigits: Int
  /// Decimals of the representation; readings are scaled by 10 to this power.
  package var decimals: Int
  /// Power of ten by which the column's header unit differs from the element's: 4 for 万元 to 元.
  package var unitPower: Int
  /// Power of ten of the element's own unit of money: 4 for 万元. What names 元 itself is divided by it.
  package var elementPower = 0
  /// Whether 元, 角, 分 and signs of currency are read; elsewhere 分 is a point, and 元 is wrong.
  package var isMoney = true
  /// What `%` behind a number means.
  package var percent: Percent
  /// The element's unit, which may stand behind the number: `30日`. Not for amounts of money.
  package var unit: String
  /// Any unit may stand behind the number, because another element says which it is: `38.2 mg/m3`.
  package var takesAnyUnit = false

  /// - Traps: If `totalDigits` is not in 1...18 or `decimals` not in 0...totalDigits.
  package init(
    totalDigits: Int, decimals: Int, unitPower: Int = 0, percent: Percent = .refused,
    unit: String = ""
  ) {
    precondition((1...18).contains(totalDigits) && (0...totalDigits).contains(decimals))
    self.totalDigits = totalDigits
    self.decimals = decimals
    self.unitPower = unitPower
    self.percent = percent
    self.unit = unit
  }
}

/// A laboratory's answer that is not a number: null with the qualifier kept (semantics.md §6).
package enum NumberQualifier: UInt8, Hashable, Sendable, CaseIterable {
  /// 未检出, ND.
  case notDetected
  /// `<0.05`, and `0.05L` as environmental monitoring writes it.
  case below
  /// `>1000`.
  case above
  /// 阴性.
  case negative
  /// 阳性.
  case positive
  /// 痕量, 微量.
  case trace
}

/// What a value is as a number, exactly.
package enum NumberReading: Hashable, Sendable {
  /// - Parameters:
  ///   - scaled: The value × 10^decimals.
  ///   - changed: Not a plain decimal, so there is a change to record.
  case number(Int64, changed: Bool)
  /// Has more decimals than the representation; `rounded` is half-up, away from zero.
  case tooManyDecimals(rounded: Int64)
  /// More digits than the representation.
  case overflow
  case qualified(NumberQualifier)
  /// Excel's scientific notation, which has lost digits: `9.15E+17`.
  case excelDamage
  case notANumber
}

/// Reads an exact decimal number in any form of the exports; binary floating point is never used.
///
/// A unit inside the value (`1.2万元`, `12300元`, capitals with 元) overrides the header's
/// ``NumberForm/unitPower``; 万 or 亿 without 元 does not, because it may repeat the header's unit.
/// In a column with a header unit, or of an element that is counted in 万元, such a value is refused.
///
/// Digits that look like the tail of a binary fraction (`0.30000000000000004`) are not a loss: such
/// a number is rounded to six decimals first.
///
/// - Parameter bytes: UTF-8, trimmed or not.
/// - Source: facts §3.3, amounts; semantics.md §6, qualifiers. Assumed: `0.05L`, the tail rule.
package func readNumber(_ bytes: Span<UInt8>, form: NumberForm) -> NumberReading {
  if form.unitPower == 0, let scaled = plainNumber(bytes, form) {
    return .number(scaled, changed: false)
  }
  guard let text = FoldedScalars(bytes), text.count > 0 else { return .notANumber }
  var parser = NumberParser(text, form)
  let reading = parser.parse()
  if case .number(let scaled, _) = reading, form.unitPower == 0, isPlainDecimal(bytes) {
    return .number(scaled, changed: false)
  }
  if reading == .notANumber, form.takesAnyUnit, let end = unitStart(bytes) {
    let number = readNumber(bytes.extracting(0..<end), form: form)
    if case .number(let scaled, _) = number { return .number(scaled, changed: true) }
    return number
  }
  return reading
}

/// Where a unit begins behind a plain decimal; nil if there is none. `E` and digits are no unit.
private func unitStart(_ bytes: Span<UInt8>) -> Int? {
  var end = 0
  while end < bytes.count,
    (0x30...0x39).contains(bytes[end]) || bytes[end] == UInt8(ascii: ".")
      || (end == 0 && bytes[end] == UInt8(ascii: "-"))
  {
    end += 1
  }
  guard end > 0, end < bytes.count, (0x30...0x39).contains(bytes[end - 1]) else { return nil }
  var start = end
  while start < bytes.count, bytes[start] == 0x20 { start += 1 }
  guard start < bytes.count else { return nil }
  let isLetter = (bytes[start] | 0x20) &- 0x61 <= 25
  guard isLetter || bytes[start] >= 0x80 || bytes[start] == UInt8(ascii: "%") else { return nil }
  if bytes[start] | 0x20 == UInt8(ascii: "e"), start == end, start + 1 < bytes.count,
    (0x30...0x39).contains(bytes[start + 1]) || bytes[start + 1] == UInt8(ascii: "+")
      || bytes[start + 1] == UInt8(ascii: "-")
  {
    return nil
  }
  return end
}

/// `-?d+(.d+)?` that fits the form as it stands; nil means "look closer", not "no number".
private func plainNumber(_ bytes: Span<UInt8>, _ form: NumberForm) -> Int64? {
  let count = bytes.count
  guard count > 0, count <= 20 else { return nil }
  let negative = bytes[0] == UInt8(ascii: "-")
  var index = negative ? 1 : 0
  let start = index
  var value: Int64 = 0
  var digitCount = 0
  var pointIndex = -1
  while index < count {
    let byte = bytes[index]
    let digit = byte &- 0x30
    if digit <= 9 {
      value = value &* 10 &+ Int64(digit)
      digitCount += 1
    } else if byte == UInt8(ascii: "."), pointIndex < 0, index > start, index + 1 < count {
      pointIndex = index
    } else {
      return nil
    }
    index += 1
  }
  let decimals = pointIndex < 0 ? 0 : count - pointIndex - 1
  let missing = form.decimals - decimals
  guard digitCount > 0, missing >= 0, digitCount + missing <= form.totalDigits else { return nil }
  value = value &* Int64(truncatingIfNeeded: powersOfTen(missing))
  return negative ? -value : value
}

private func isPlainDecimal(_ bytes: Span<UInt8>) -> Bool {
  var points = 0
  for index in bytes.indices {
    let byte = bytes[index]
    if byte == UInt8(ascii: ".") {
      points += 1
      guard points == 1, index > 0, index + 1 < bytes.count else { return false }
    } else if byte == UInt8(ascii: "-") {
      guard index == 0 else { return false }
    } else if byte < 0x30 || byte > 0x39 {
      return false
    }
  }
  return true
}

/// 10 to the power of 0...19.
@inline(__always)
func powersOfTen(_ power: Int) -> UInt64 {
  var result: UInt64 = 1
  for _ in 0..<power { result &*= 10 }
  return result
}
