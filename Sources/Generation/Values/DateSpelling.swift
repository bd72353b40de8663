import Records

enum DateForm: Sendable {
  /// `2026-03-01`, `2026/3/1`, `2026年3月1日`, `20260301`, `2026.03.01`, `2026-03-01 00:00:00`
  case dashed, slashed, words, compact, dotted, midnight
  /// Days as a spreadsheet counts them, milliseconds since 1970, `二〇二六年三月一日`.
  case serial, epoch, numerals
}

enum TimeForm: Sendable {
  /// `2026-03-01 09:30:00`, `2026/03/01 09:30:00`, `2026/3/1 9:30`, `2026年3月1日9时30分`
  case dashed, slashed, short, words
  /// `2026-03-01T09:30:00+08:00`, milliseconds since 1970, `20260301093000`, `2026年3月1日上午9时30分`
  case zoned, epoch, compact, morning
}

/// The spellings of dates and times that pass through spreadsheets.
enum DateSpelling {
  /// 9999-12-31, the end of what has no end.
  static let openEnd = 2_932_896

  static func write(
    date day: Int, as forms: [DateForm], _ dice: inout Dice, into output: inout [UInt8]
  ) {
    let date = CivilDate(dayNumber: day)
    let form = dice.pick(forms)
    guard day != openEnd else {
      let endless =
        form == .epoch ? ["9999-12-31"] : ["长期", "9999-12-31", "99991231", "2099-12-31"]
      output.append(contentsOf: dice.pick(endless).utf8)
      return
    }
    switch form {
    case .dashed: writeParts(date, "-", "-", padded: true, into: &output)
    case .slashed: writeParts(date, "/", "/", padded: false, into: &output)
    case .words:
      writeParts(date, "年", "月", padded: false, into: &output)
      output.append(contentsOf: "日".utf8)
    case .compact: writeParts(date, "", "", padded: true, into: &output)
    case .dotted: writeParts(date, ".", ".", padded: true, into: &output)
    case .midnight:
      writeParts(date, "-", "-", padded: true, into: &output)
      output.append(contentsOf: " 00:00:00".utf8)
    case .serial: output.append(contentsOf: String(day + 25_569).utf8)
    // Thirteen digits; fewer could be a date of twelve.
    case .epoch where day > 11_600:
      output.append(contentsOf: String((day * 86_400 - 28_800) * 1000).utf8)
    case .epoch: writeParts(date, "-", "-", padded: true, into: &output)
    case .numerals: output.append(contentsOf: chinese(date).utf8)
    }
  }

  static func write(
    time seconds: Int, as forms: [TimeForm], _ dice: inout Dice, into output: inout [UInt8]
  ) {
    let date = CivilDate(dayNumber: seconds / 86_400)
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
    switch dice.pick(forms) {
    case .short where second == 0:
      writeParts(date, "/", "/", padded: false, into: &output)
      output.append(contentsOf: " \(hour):\(Spelling.padded(minute, 2))".utf8)
    case .words where second == 0:
      writeParts(date, "年", "月", padded: false, into: &output)
      output.append(contentsOf: "日\(hour)时\(minute)分".utf8)
    case .zoned:
      writeParts(date, "-", "-", padded: true, into: &output)
      writeClock(hour, minute, second, "T", into: &output)
      output.append(contentsOf: "+08:00".utf8)
    case .epoch: output.append(contentsOf: String((seconds - 28_800) * 1000).utf8)
    case .compact:
      writeParts(date, "", "", padded: true, into: &output)
      for part in [hour, minute, second] { Spelling.append(part, 2, to: &output) }
    case .morning where second == 0 && hour < 12:
      writeParts(date, "年", "月", padded: false, into: &output)
      output.append(contentsOf: "日上午\(hour)时\(Spelling.padded(minute, 2))分".utf8)
    case .dashed:
      writeParts(date, "-", "-", padded: true, into: &output)
      writeClock(hour, minute, second, " ", into: &output)
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
