/// Writes numbers with an exponent as plain decimals, without a detour over floating point.
enum NumberText {
  /// Digits of a plain decimal; a longer one stays as it was sent. Our choice.
  static let maximumDigits = 40

  /// - Parameter text: Any text; a total may be a string.
  /// - Returns: `1.5e3` as `1500`, `2E-3` as `0.002`; nil if it has no exponent or too many digits.
  static func plain(_ text: some Collection<UInt8>) -> [UInt8]? {
    var digits: [UInt8] = []
    var point: Int?
    var rest = Array(text)[...]
    let isNegative = rest.first == Byte.minus
    if isNegative { rest.removeFirst() }
    while let byte = rest.first, byte == Byte.point || Byte.isDigit(byte) {
      if byte == Byte.point { point = digits.count } else { digits.append(byte) }
      rest.removeFirst()
    }
    guard let mark = rest.first, mark | 0x20 == UInt8(ascii: "e"),
      let exponent = exponent(rest.dropFirst())
    else { return nil }
    guard !digits.isEmpty, digits.count <= maximumDigits, abs(exponent) <= maximumDigits else {
      return nil
    }
    let whole = (point ?? digits.count) + exponent
    var integer = Array(digits.prefix(max(0, whole)))
    integer += Array(repeating: Byte.zero, count: max(0, whole - digits.count))
    var fraction = Array(repeating: Byte.zero, count: max(0, -whole))
    fraction += digits.dropFirst(max(0, whole))
    integer = Array(integer.drop { $0 == Byte.zero })
    if integer.isEmpty { integer = [Byte.zero] }
    guard integer.count + fraction.count <= maximumDigits else { return nil }
    return (isNegative ? [Byte.minus] : []) + integer
      + (fraction.isEmpty ? [] : [Byte.point] + fraction)
  }

  /// nil if it is none, or far beyond what is written out.
  private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
    var rest = text
    let isNegative = rest.first == Byte.minus
    if isNegative || rest.first == Byte.plus { rest.removeFirst() }
    guard !rest.isEmpty, rest.allSatisfy(Byte.isDigit) else { return nil }
    rest = rest.drop { $0 == Byte.zero }
    guard rest.count <= 3 else { return nil }
    let value = rest.reduce(0) { $0 * 10 + Int($1 - Byte.zero) }
    return isNegative ? -value : value
  }
}
