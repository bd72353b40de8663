/// The spellings of a number in a column that may have a larger unit than the element.
struct NumberSpelling {
  /// Power of ten from the element's unit to the column's: 4 for 元 in a column of 万元.
  var shift: Int
  var isMoney: Bool
  var isPercent: Bool

  func write(_ number: Int, decimals: Int, _ dice: inout Dice, into output: inout [UInt8]) {
    let sort = dice.roll(100)
    let plain = Self.decimal(number, decimals: decimals + shift)
    switch sort {
    case 0..<4 where isMoney && number >= 0:
      output.append(contentsOf: (Self.decimal(number, decimals: decimals) + "元").utf8)
    case 4..<6 where isMoney && number > 0 && decimals == 2 && number % 100 == 0:
      output.append(contentsOf: Self.capitals(number / 100).utf8)
    case 6..<10 where number >= 1000: output.append(contentsOf: Self.grouped(plain).utf8)
    case 10..<14: output.append(contentsOf: (plain.contains(".") ? plain + "0" : plain).utf8)
    case 14..<24 where isPercent: output.append(contentsOf: (plain + "%").utf8)
    default: output.append(contentsOf: plain.utf8)
    }
  }

  func writePlain(_ number: Int, decimals: Int, into output: inout [UInt8]) {
    output.append(contentsOf: Self.decimal(number, decimals: decimals + shift).utf8)
  }

  /// `number` ÷ 10^decimals without zeros at the end.
  static func decimal(_ number: Int, decimals: Int) -> String {
    var (rest, places) = (abs(number), decimals)
    while places > 0, rest % 10 == 0 {
      rest /= 10
      places -= 1
    }
    var digits = String(rest)
    if places > 0 {
      digits = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
      let point = digits.index(digits.endIndex, offsetBy: -places)
      digits = digits[..<point] + "." + digits[point...]
    }
    return number < 0 ? "-" + digits : digits
  }

  private static func grouped(_ plain: String) -> String {
    let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
    var result = ""
    for (index, digit) in parts[0].enumerated() {
      if index > 0, (parts[0].count - index) % 3 == 0, digit.isNumber { result += "," }
      result.append(digit)
    }
    return parts.count > 1 ? result + "." + parts[1] : result
  }

  /// 壹万贰仟叁佰元整, below 100,000,000.
  static func capitals(_ yuan: Int) -> String {
    let digits = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"]
    func section(_ number: Int) -> String {
      var text = ""
      var skipped = false
      for (unit, size) in [("仟", 1000), ("佰", 100), ("拾", 10), ("", 1)] {
        let digit = number / size % 10
        if digit == 0 {
          skipped = !text.isEmpty
        } else {
          text += (skipped ? "零" : "") + digits[digit] + unit
          skipped = false
        }
      }
      return text
    }
    let (high, low) = (yuan / 10_000 % 10_000, yuan % 10_000)
    guard high > 0 else { return section(low) + "元整" }
    let zero = low > 0 && low < 1000 ? "零" : ""
    return section(high) + "万" + zero + section(low) + "元整"
  }
}
