import Records

/// The spellings of dates and times that pass through spreadsheets.
enum DateSpelling {
  /// 9999-12-31, the end of what has no end.
  static let openEnd = 2_932_896

  static func write(date day: Int, _ dice: inout Dice, into output: inout [UInt8]) {
    let date = CivilDate(dayNumber: day)
    guard day != openEnd else {
      output.append(contentsOf: dice.pick(["长期", "9999-12-31", "99991231", "2099-12-31"]).utf8)
      return
    }
    switch dice.roll(100) {
    case 0..<50: writeParts(date, "-", "-", padded: true, into: &output)
    case 50..<68: writeParts(date, "/", "/", padded: false, into: &output)
    case 68..<78:
      writeParts(date, "年", "月", padded: false, into: &output)
      output.append(contentsOf: "日".utf8)
    case 78..<88: writeParts(date, "", "", padded: true, into: &output)
    case 88..<92: writeParts(date, ".", ".", padded: true, into: &output)
    case 92..<95:
      writeParts(date, "-", "-", padded: true, into: &output)
      output.append(contentsOf: " 00:00:00".utf8)
    case 95..<97: output.append(contentsOf: String(day + 25_569).utf8)
    // Thirteen digits; fewer could be a date of twelve.
    case 97..<99 where day > 11_600:
      output.append(contentsOf: String((day * 86_400 - 28_800) * 1000).utf8)
    default: output.append(contentsOf: chinese(date).utf8)
    }
  }

  static func write(time seconds: Int, _ dice: inout Dice, into output: inout [UInt8]) {
    let date = CivilDate(dayNumber: seconds / 86_400)
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
    switch dice.roll(100) {
    case 0..<64:
      writeParts(date, "-", "-", padded: true, into: &output)
      writeClock(hour, minute, second, " ", into: &output)
    case 64..<80 where second == 0:
      writeParts(date, "/", "/", padded: false, into: &output)
      output.append(contentsOf: " \(hour):\(Spelling.padded(minute, 2))".utf8)
    case 80..<86 where second == 0:
      writeParts(date, "年", "月", padded: false, into: &output)
      output.append(contentsOf: "日\(hour)时\(minute)分".utf8)
    case 86..<90:
      writeParts(date, "-", "-", padded: true, into: &output)
      writeClock(hour, minute, second, "T", into: &output)
      output.append(contentsOf: "+08:00".utf8)
    case 90..<92: output.append(contentsOf: String((seconds - 28_800) * 1000).utf8)
    case 92..<95 where second == 0 && hour < 12:
      writeParts(date, "年", "月", padded: false, into: &output)
      output.append(contentsOf: "日上午\(hour)时\(Spelling.padded(minute, 2))分".utf8)
    default:
      writeParts(date, "/", "/", padded: true, into: &output)
      writeClock(hour, minute, second, " ", into: &output)
    }
  }

  private static func writeParts(
    _ date: CivilDate, _ first: String, _ second: String, padded: Bool,
    into output: inout [UInt8]
  ) {
    Spelling.append(date.year, 4, to: &output)
    output.append(contentsOf: first.utf8)
    Spelling.append(date.month, padded ? 2 : 1, to: &output)
    output.append(contentsOf: second.utf8)
    Spelling.append(date.day, padded ? 2 : 1, to: &output)
  }

  private static func writeClock(
    _ hour: Int, _ minute: Int, _ second: Int, _ before: String, into output: inout [UInt8]
  ) {
    output.append(contentsOf: before.utf8)
    for (index, part) in [hour, minute, second].enumerated() {
      if index > 0 { output.append(UInt8(ascii: ":")) }
      Spelling.append(part, 2, to: &output)
    }
  }

  /// 二〇二六年三月一日
  private static func chinese(_ date: CivilDate) -> String {
    let digits = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"]
    let year = String(date.year).compactMap(\.wholeNumberValue).map { digits[$0] }.joined()
    func small(_ number: Int) -> String {
      let tens = number / 10
      let head = tens == 0 ? "" : (tens == 1 ? "" : digits[tens]) + "十"
      return head + (number % 10 == 0 ? "" : digits[number % 10])
    }
    return "\(year)年\(small(date.month))月\(small(date.day))日"
  }
}
