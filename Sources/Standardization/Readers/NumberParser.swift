/// A number as digits and a power of ten.
struct DecimalParts {
  var isNegative = false
  /// At most 19 digits.
  var mantissa: UInt64 = 0
  var exponent = 0
  /// Digits of ``mantissa``, leading zeros not counted.
  var significantDigits = 0
  /// A digit other than 0 did not fit into ``mantissa`` and lies behind the decimal point.
  var lostDigits = false
}

/// Reads the spellings of a number that are no plain decimal.
struct NumberParser {
  private let text: FoldedScalars
  private let form: NumberForm
  private var position = 0
  private var parts = DecimalParts()
  /// The value names its own unit of money.
  private var namesMoney = false
  /// The value has 万, 亿 or the like.
  private var hasMagnitude = false

  init(_ text: FoldedScalars, _ form: NumberForm) {
    self.text = text
    self.form = form
  }

  mutating func parse() -> NumberReading {
    if let qualifier = readQualifier() { return qualifier }
    skipSpace()
    readSign()
    readCurrencyPrefix()
    readSign()
    if isDigit(text[position]) || (text[position] == "." && isDigit(text[position + 1])) {
      if let failure = readDigits() { return failure }
      if let reading = readExponent() { return reading }
      if text[position] == "L", position + 1 == text.count { return .qualified(.below) }
      guard readSuffix() else { return .notANumber }
    } else {
      guard readChinese() else { return .notANumber }
    }
    skipSpace()
    guard position == text.count else { return .notANumber }
    guard let unitPower else { return .notANumber }
    return scaled(parts, exponent: parts.exponent + unitPower + form.decimals)
  }

  private var unitPower: Int? {
    if namesMoney { return -form.elementPower }
    return hasMagnitude && (form.unitPower != 0 || form.elementPower != 0) ? nil : form.unitPower
  }

  // MARK: Qualifiers

  private mutating func readQualifier() -> NumberReading? {
    switch text[0] {
    case "<", "≤", "≦": return bounded(.below, from: text[1] == "=" ? 2 : 1)
    case ">", "≥", "≧": return bounded(.above, from: text[1] == "=" ? 2 : 1)
    case "小": return text[1] == "于" ? bounded(.below, from: 2) : nil
    case "大": return text[1] == "于" ? bounded(.above, from: 2) : nil
    case "未", "不", "低", "N", "n", "阴", "阳", "痕", "微", "(": break
    default: return nil
    }
    for (word, qualifier) in qualifierWords where matches(text, word) {
      return .qualified(qualifier)
    }
    return nil
  }

  /// A limit must follow the sign; what unit it has does not matter.
  private func bounded(_ qualifier: NumberQualifier, from start: Int) -> NumberReading {
    let index = text[start] == " " ? start + 1 : start
    let isLimit = isDigit(text[index]) || text[index] == "."
    return isLimit ? .qualified(qualifier) : .notANumber
  }

  // MARK: Digits

  private mutating func readSign() {
    guard text[position] == "-" || text[position] == "+", !parts.isNegative else { return }
    parts.isNegative = text[position] == "-"
    position += 1
    skipSpace()
  }

  private mutating func readCurrencyPrefix() {
    guard form.isMoney else { return }
    switch text[position] {
    case "¥", "￥":
      position += 1
    case "人" where text[position + 1] == "民" && text[position + 2] == "币":
      position += 3
    case "R" where text[position + 1] == "M" && text[position + 2] == "B",
      "C" where text[position + 1] == "N" && text[position + 2] == "Y":
      position += 3
    default: return
    }
    skipSpace()
    if text[position] == ":" { position += 1 }
    skipSpace()
  }

  /// Integer digits with their separators, then the fraction.
  ///
  /// - Returns: nil on success.
  private mutating func readDigits() -> NumberReading? {
    var group = 0
    var separator: Unicode.Scalar?
    while true {
      let scalar = text[position]
      if isDigit(scalar) {
        group += 1
        guard take(scalar, isFraction: false) else { return .overflow }
      } else if isGroupSeparator(scalar), isDigit(text[position + 1]) {
        guard separator == nil || scalar == separator else { return .notANumber }
        guard separator == nil ? (1...3).contains(group) : group == 3 else { return .notANumber }
        separator = scalar
        group = 0
      } else {
        break
      }
      position += 1
    }
    guard separator == nil || group == 3 else { return .notANumber }
    guard text[position] == "." else { return nil }
    position += 1
    while isDigit(text[position]) {
      guard take(text[position], isFraction: true) else { return .overflow }
      position += 1
    }
    return nil
  }

  private func isGroupSeparator(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "," || scalar == " "
  }

  private mutating func take(_ scalar: Unicode.Scalar, isFraction: Bool) -> Bool {
    let digit = UInt64(scalar.value) - 0x30
    guard parts.significantDigits < 19 else {
      parts.lostDigits = parts.lostDigits || digit != 0
      return isFraction
    }
    parts.mantissa = parts.mantissa * 10 + digit
    if parts.mantissa > 0 { parts.significantDigits += 1 }
    if isFraction { parts.exponent -= 1 }
    return true
  }

  /// `E+17`. Excel writes whole numbers of twelve digits and more this way and drops their tail.
  ///
  /// - Returns: nil if there is no exponent, or it lost nothing.
  private mutating func readExponent() -> NumberReading? {
    guard text[position] == "E" || text[position] == "e" else { return nil }
    var index = position + 1
    let negative = text[index] == "-"
    if negative || text[index] == "+" { index += 1 }
    var power = 0
    let start = index
    while isDigit(text[index]), index < start + 3 {
      power = power * 10 + Int(text[index].value) - 0x30
      index += 1
    }
    guard index > start else { return .notANumber }
    position = index
    if !negative, power >= 11, power + parts.exponent > 0 { return .excelDamage }
    parts.exponent += negative ? -power : power
    return nil
  }

  // MARK: Units

  private mutating func readSuffix() -> Bool {
    skipSpace()
    readMagnitude()
    if readMoneyUnit() { return true }
    switch text[position] {
    case "%":
      position += 1
      guard form.percent != .refused, !hasMagnitude else { return false }
      if form.percent == .asFraction { parts.exponent -= 2 }
      return true
    case "\0": return true
    default: return readElementUnit()
    }
  }

  /// 千, 万, 百万, 亿, 万亿 and the like.
  private mutating func readMagnitude() {
    if let power = chineseUnitPower(text[position]) {
      parts.exponent += power
      hasMagnitude = true
      position += 1
    }
    while let power = chineseMyriadPower(text[position]) {
      parts.exponent += power
      hasMagnitude = true
      position += 1
    }
  }

  /// 元, 元整, 元人民币.
  private mutating func readMoneyUnit() -> Bool {
    skipSpace()
    guard form.isMoney,
      text[position] == "元" || text[position] == "圆" || text[position] == "圓"
    else { return false }
    namesMoney = true
    position += 1
    readWhole()
    if text[position] == "人", text[position + 1] == "民", text[position + 2] == "币" {
      position += 3
    }
    return true
  }

  private mutating func readWhole() {
    if text[position] == "整" || text[position] == "正" { position += 1 }
  }

  private mutating func readElementUnit() -> Bool {
    guard !form.unit.isEmpty else { return false }
    for scalar in form.unit.unicodeScalars {
      guard text[position] == scalar else { return false }
      position += 1
    }
    return true
  }

  private mutating func skipSpace() {
    while text[position] == " " { position += 1 }
  }

  // MARK: Chinese numerals

  /// Amounts in capitals with 元角分, and everyday numerals with 点.
  private mutating func readChinese() -> Bool {
    var integer = ChineseIntegerParser(text: text, position: position)
    guard let whole = integer.parse() else { return false }
    position = integer.position
    parts.mantissa = whole
    skipSpace()
    switch text[position] {
    case "点", "點": return readChineseFraction()
    case "元" where form.isMoney, "圆" where form.isMoney, "圓" where form.isMoney,
      "块" where form.isMoney:
      position += 1
      namesMoney = true
      return readCents(jiao: nil)
    case "角" where form.isMoney, "毛" where form.isMoney, "分" where form.isMoney:
      guard whole <= 9 else { return false }
      namesMoney = true
      parts.mantissa = 0
      return readCents(jiao: Int(whole))
    default: return readSuffix()
    }
  }

  private mutating func readChineseFraction() -> Bool {
    position += 1
    var length = 0
    while let digit = chineseDigit(text[position]) {
      guard length < 6, parts.mantissa < 1_000_000_000_000 else { return false }
      parts.mantissa = parts.mantissa * 10 + UInt64(digit)
      parts.exponent -= 1
      length += 1
      position += 1
    }
    return length > 0 && readSuffix()
  }

  /// What stands behind 元: 角, 分 and 整, with zeros where a place is empty.
  ///
  /// - Parameter first: The digit before the first 角 or 分, where there was no 元.
  private mutating func readCents(jiao first: Int?) -> Bool {
    var cents = 0
    var lastPlace = 100
    var digit = first
    while true {
      while digit == nil, chineseDigit(text[position]) == 0, chineseDigit(text[position + 1]) != nil
      {
        position += 1
      }
      if digit == nil, let next = chineseDigit(text[position]) {
        digit = next
        position += 1
      }
      guard let value = digit else { break }
      let place: Int
      switch text[position] {
      case "角", "毛": place = 10
      case "分": place = 1
      default:
        // 壹元零整 and the like: an empty place that a form left standing.
        guard value == 0 else { return false }
        place = 0
      }
      guard place < lastPlace else { return false }
      if place > 0 { position += 1 }
      cents += value * place
      lastPlace = place
      digit = nil
    }
    readWhole()
    let (hundredfold, isTooLarge) = parts.mantissa.multipliedReportingOverflow(by: 100)
    let (mantissa, overflow) = hundredfold.addingReportingOverflow(UInt64(cents))
    guard !isTooLarge, !overflow else { return false }
    parts.mantissa = mantissa
    parts.exponent -= 2
    return true
  }

  // MARK: Scaling

  private func scaled(_ parts: DecimalParts, exponent: Int) -> NumberReading {
    let limit = powersOfTen(form.totalDigits)
    guard exponent < 0 else {
      guard parts.mantissa > 0 else { return .number(0, changed: true) }
      guard exponent <= 18 else { return .overflow }
      let (value, overflow) = parts.mantissa.multipliedReportingOverflow(by: powersOfTen(exponent))
      guard !overflow, value < limit else { return .overflow }
      let number = signed(value)
      return parts.lostDigits ? .tooManyDecimals(rounded: number) : .number(number, changed: true)
    }
    let mantissa = withoutBinaryTail(parts, exponent: exponent)
    guard -exponent <= 19 else {
      return mantissa == 0 ? .number(0, changed: true) : .tooManyDecimals(rounded: 0)
    }
    let divisor = powersOfTen(-exponent)
    let remainder = mantissa % divisor
    let quotient = mantissa / divisor + (remainder >= divisor - remainder ? 1 : 0)
    guard quotient < limit else { return .overflow }
    let isLoss = remainder != 0 || (parts.lostDigits && mantissa == parts.mantissa)
    return isLoss
      ? .tooManyDecimals(rounded: signed(quotient))
      : .number(
        signed(quotient), changed: true)
  }

  private func signed(_ value: UInt64) -> Int64 {
    let number = Int64(truncatingIfNeeded: value)
    return parts.isNegative ? -number : number
  }

  /// The mantissa rounded to six decimals of the unscaled number if what lies behind them is noise of
  /// binary floating point: at least 15 digits in all, and less than 1/10,000 of the sixth decimal.
  private func withoutBinaryTail(_ parts: DecimalParts, exponent: Int) -> UInt64 {
    let dropped = form.decimals - exponent - 6
    guard parts.significantDigits >= 15, dropped >= 5, dropped <= 18 else { return parts.mantissa }
    let divisor = powersOfTen(dropped)
    let remainder = parts.mantissa % divisor
    let noise = divisor / 10_000
    if remainder <= noise { return parts.mantissa - remainder }
    if divisor - remainder <= noise { return parts.mantissa + (divisor - remainder) }
    return parts.mantissa
  }
}

private let qualifierWords: [(StaticString, NumberQualifier)] = [
  ("未检出", .notDetected), ("未检测出", .notDetected), ("未检到", .notDetected),
  ("ND", .notDetected), ("nd", .notDetected), ("N.D.", .notDetected), ("N.D", .notDetected),
  ("(ND)", .notDetected), ("低于检出限", .below), ("低于检测限", .below),
  ("阴性", .negative), ("阴性(-)", .negative), ("阳性", .positive), ("阳性(+)", .positive),
  ("痕量", .trace), ("微量", .trace),
]
