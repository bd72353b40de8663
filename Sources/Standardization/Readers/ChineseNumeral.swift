/// The digit that a scalar stands for: everyday, capital and traditional forms, 〇 and its look-alikes.
func chineseDigit(_ scalar: Unicode.Scalar) -> Int? {
  switch scalar {
  case "〇", "零", "○", "◯": 0
  case "一", "壹", "弌", "壱": 1
  case "二", "贰", "貳", "弍", "两", "兩": 2
  case "三", "叁", "叄", "參", "弎": 3
  case "四", "肆": 4
  case "五", "伍": 5
  case "六", "陆", "陸": 6
  case "七", "柒": 7
  case "八", "捌": 8
  case "九", "玖": 9
  default: nil
  }
}

/// 十, 百, 千 and their capitals, as a power of ten.
func chineseUnitPower(_ scalar: Unicode.Scalar) -> Int? {
  switch scalar {
  case "十", "拾": 1
  case "百", "佰": 2
  case "千", "仟": 3
  default: nil
  }
}

/// 万 and 亿, as a power of ten.
func chineseMyriadPower(_ scalar: Unicode.Scalar) -> Int? {
  switch scalar {
  case "万", "萬": 4
  case "亿", "億": 8
  default: nil
  }
}

/// Reads a number below 100 as dates and times write it: `3`, `03`, `三`, `十`, `十一`, `二十`, `廿一`,
/// `三十一`, `零三`.
///
/// - Returns: nil if no number starts at `position`, which is then unchanged.
func readSmallNumber(_ text: FoldedScalars, at position: inout Int) -> Int? {
  if isDigit(text[position]) {
    var value = 0
    var length = 0
    while length < 3, isDigit(text[position + length]) {
      value = value * 10 + Int(text[position + length].value) - 0x30
      length += 1
    }
    guard length <= 2 else { return nil }
    position += length
    return value
  }
  return readSmallChineseNumber(text, at: &position)
}

private func readSmallChineseNumber(_ text: FoldedScalars, at position: inout Int) -> Int? {
  var index = position
  var tens: Int?
  let first = chineseDigit(text[index])
  if first == 0 {
    index += 1
    if chineseDigit(text[index]) == nil, chineseUnitPower(text[index]) == nil {
      position = index
      return 0
    }
  }
  switch text[index] {
  case "十", "拾": tens = 1
  case "廿": tens = 2
  case "卅": tens = 3
  default:
    guard let digit = chineseDigit(text[index]) else { return nil }
    index += 1
    guard chineseUnitPower(text[index]) == 1 else {
      position = index
      return digit
    }
    tens = digit
  }
  index += 1
  let ones = chineseDigit(text[index]) ?? 0
  if chineseDigit(text[index]) != nil { index += 1 }
  position = index
  return (tens ?? 0) * 10 + ones
}

/// Reads a whole number in Chinese numerals: with units (`壹万贰仟叁佰`, `十二万三千`) or digit by
/// digit (`二〇二六`).
///
/// Shortened speech is refused because it can be read two ways: `十二万三`, `三百五`, `壹仟贰`.
/// Preprinted forms with their zeros (`零佰零拾`) are read.
struct ChineseIntegerParser {
  let text: FoldedScalars
  /// Where the number starts; behind its last scalar after ``parse()``.
  var position: Int

  private var total: UInt64 = 0
  private var myriads: UInt64 = 0
  private var section: UInt64 = 0
  private var pending: Int?
  private var zeroBefore = false
  /// Power of the last unit of the section; 4 when the section has none yet.
  private var lastPower = 4
  private var isFirst = true

  init(text: FoldedScalars, position: Int) {
    self.text = text
    self.position = position
  }

  /// - Returns: nil if the scalars at `position` are no number of the accepted kinds.
  mutating func parse() -> UInt64? {
    if chineseDigit(text[position]) != nil, chineseDigit(text[position + 1]) != nil,
      !isZeroBeforeUnit
    {
      return parseDigits()
    }
    let start = position
    while true {
      let scalar = text[position]
      if let digit = chineseDigit(scalar) {
        guard takeDigit(digit) else { return nil }
      } else if let power = chineseUnitPower(scalar) {
        guard takeUnit(power, scalar) else { return nil }
      } else if let power = chineseMyriadPower(scalar) {
        guard takeMyriad(power) else { return nil }
      } else {
        break
      }
      position += 1
    }
    guard position > start, closeSection() else { return nil }
    return total + myriads * 10_000 + section
  }

  /// `零五佰`: the zero belongs to a higher unit that a form left empty.
  private var isZeroBeforeUnit: Bool {
    chineseDigit(text[position]) == 0
      && (chineseUnitPower(text[position + 2]) != nil
        || chineseMyriadPower(text[position + 2]) != nil)
  }

  private mutating func parseDigits() -> UInt64? {
    var value: UInt64 = 0
    var length = 0
    while let digit = chineseDigit(text[position]) {
      guard length < 18 else { return nil }
      value = value * 10 + UInt64(digit)
      length += 1
      position += 1
    }
    return chineseUnitPower(text[position]) == nil ? value : nil
  }

  private mutating func takeDigit(_ digit: Int) -> Bool {
    guard pending == nil else { return false }
    if digit == 0 {
      zeroBefore = true
    } else {
      pending = digit
    }
    isFirst = false
    return true
  }

  private mutating func takeUnit(_ power: Int, _ scalar: Unicode.Scalar) -> Bool {
    guard power < lastPower else { return false }
    let digit: Int
    if let pending {
      digit = pending
    } else if zeroBefore, scalar != "十" {
      digit = 0
    } else if power == 1, section == 0, isFirst || lastPower == 4 {
      digit = 1
    } else {
      return false
    }
    section += UInt64(digit) * [1, 10, 100, 1000][power]
    lastPower = power
    pending = nil
    zeroBefore = false
    isFirst = false
    return true
  }

  private mutating func takeMyriad(_ power: Int) -> Bool {
    guard closeSection(), !isFirst else { return false }
    if power == 4 {
      guard myriads == 0 else { return false }
      myriads = section
    } else {
      guard total == 0 else { return false }
      total = (myriads * 10_000 + section) * 100_000_000
      myriads = 0
    }
    section = 0
    lastPower = 4
    zeroBefore = false
    afterMyriad = true
    return true
  }

  /// A section has been closed, so that a bare digit behind it would be shortened speech.
  private var afterMyriad = false

  private mutating func closeSection() -> Bool {
    guard let digit = pending else { return true }
    let isStart = lastPower == 4 && !afterMyriad
    guard isStart || lastPower == 1 || zeroBefore else { return false }
    section += UInt64(digit)
    pending = nil
    return true
  }
}
