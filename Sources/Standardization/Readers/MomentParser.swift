import Records

/// A date with or without a time of day, as one value spells it.
struct Moment {
  /// Days since 1970-01-01.
  var dayNumber: Int
  /// Seconds of the day, 0 to 86,400; nil if the value has no time.
  var seconds: Int?
  /// Offset from UTC that the value states, in minutes.
  var zoneMinutes: Int?

  /// Seconds since 1970-01-01T00:00:00 by the clock of +08:00.
  var localSeconds: Int64 {
    let written = Int64(dayNumber) * 86_400 + Int64(seconds ?? 0)
    guard let zoneMinutes else { return written }
    return written + Int64(480 - zoneMinutes) * 60
  }
}

/// Why a value gave no ``Moment``.
enum MomentFailure: Error {
  case impossible
  case unreadable
}

/// Reads every spelling of a date and a time that exports use, except the two fast canonical ones.
///
/// - Source: facts §3.3. Assumed beyond it: 元月, 廿, 号 for 日, 24:00 as the end of the day.
struct MomentParser {
  let text: FoldedScalars
  var position = 0

  init(_ text: FoldedScalars) { self.text = text }

  mutating func parse() throws(MomentFailure) -> Moment {
    let dayNumber = try parseDate()
    var moment = Moment(dayNumber: dayNumber)
    if position < text.count {
      moment.seconds = try parseTime()
      moment.zoneMinutes = try parseZone()
    }
    guard position == text.count else { throw .unreadable }
    return moment
  }

  // MARK: Date

  private mutating func parseDate() throws(MomentFailure) -> Int {
    let digits = digitRun(from: 0)
    switch digits {
    case 4: return try parseSeparatedDate(year: number(0, 4), after: 4)
    case 8: return try day(number(0, 4), number(4, 2), number(6, 2), after: 8)
    case 12, 14:
      guard text.count == digits else { throw .unreadable }
      return try day(number(0, 4), number(4, 2), number(6, 2), after: 8)
    case 0: return try parseSeparatedDate(year: chineseYear(), after: 4)
    default: throw .unreadable
    }
  }

  /// Four Chinese digits; a letter O between them is meant as 〇.
  private func chineseYear() throws(MomentFailure) -> Int {
    var year = 0
    for index in 0..<4 {
      let scalar = text[index]
      let letterO = index > 0 && (scalar == "O" || scalar == "o")
      guard let digit = letterO ? 0 : chineseDigit(scalar) else { throw .unreadable }
      year = year * 10 + digit
    }
    guard text[4] == "年" || text[4] == " " else { throw .unreadable }
    return year
  }

  private mutating func parseSeparatedDate(
    year: Int, after start: Int
  ) throws(MomentFailure) -> Int {
    position = start
    skipSpace()
    let separator = text[position]
    guard isDateSeparator(separator) else { throw .unreadable }
    position += 1
    let month = try parseMonth(separator)
    skipSpace()
    guard text[position] == (separator == "年" ? "月" : separator) else { throw .unreadable }
    position += 1
    skipSpace()
    guard let dayOfMonth = readSmallNumber(text, at: &position) else { throw .unreadable }
    if separator == "年" {
      skipSpace()
      guard ["日", "号", "號"].contains(text[position]) else { throw .unreadable }
      position += 1
    }
    return try day(year, month, dayOfMonth, after: position)
  }

  private mutating func parseMonth(_ separator: Unicode.Scalar) throws(MomentFailure) -> Int {
    skipSpace()
    if separator == "年", text[position] == "元" {
      position += 1
      return 1
    }
    guard let month = readSmallNumber(text, at: &position) else { throw .unreadable }
    return month
  }

  private func isDateSeparator(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "-" || scalar == "/" || scalar == "." || scalar == "年"
  }

  private mutating func day(
    _ year: Int, _ month: Int, _ day: Int, after end: Int
  ) throws(MomentFailure) -> Int {
    position = end
    guard let date = CivilDate(year: year, month: month, day: day) else { throw .impossible }
    return date.dayNumber
  }

  // MARK: Time

  private mutating func parseTime() throws(MomentFailure) -> Int {
    skipSpace()
    if text[position] == "T" || text[position] == "t" { position += 1 }
    skipSpace()
    let period = readPeriod()
    skipSpace()
    var time = try parseClock()
    skipSpace()
    let latin = readLatinPeriod()
    guard period == nil || latin == nil else { throw .unreadable }
    time.hour = try adjusted(hour: time.hour, period ?? latin)
    guard time.minute < 60, time.second < 60 else { throw .impossible }
    let seconds = time.hour * 3600 + time.minute * 60 + time.second
    guard seconds <= 86_400 else { throw .impossible }
    return seconds
  }

  private struct Clock {
    var hour: Int
    var minute = 0
    var second = 0
  }

  private mutating func parseClock() throws(MomentFailure) -> Clock {
    let run = digitRun(from: position)
    if run == 4 || run == 6 {
      let start = position
      position += run
      skipFraction()
      return Clock(
        hour: number(start, 2), minute: number(start + 2, 2),
        second: run == 6 ? number(start + 4, 2) : 0)
    }
    guard let hour = readSmallNumber(text, at: &position) else { throw .unreadable }
    skipSpace()
    switch text[position] {
    case ":": return try parseColonClock(hour)
    case "时", "時", "点", "點": return try parseChineseClock(hour)
    default: throw .unreadable
    }
  }

  private mutating func parseColonClock(_ hour: Int) throws(MomentFailure) -> Clock {
    position += 1
    skipSpace()
    guard let minute = readSmallNumber(text, at: &position) else { throw .unreadable }
    guard text[position] == ":" else { return Clock(hour: hour, minute: minute) }
    position += 1
    skipSpace()
    guard let second = readSmallNumber(text, at: &position) else { throw .unreadable }
    skipFraction()
    return Clock(hour: hour, minute: minute, second: second)
  }

  private mutating func parseChineseClock(_ hour: Int) throws(MomentFailure) -> Clock {
    position += 1
    skipSpace()
    var clock = Clock(hour: hour)
    if text[position] == "整" || text[position] == "半" {
      clock.minute = text[position] == "半" ? 30 : 0
      position += 1
      return clock
    }
    guard let minute = readSmallNumber(text, at: &position) else { return clock }
    clock.minute = minute
    skipSpace()
    guard text[position] == "分" else { return clock }
    position += 1
    skipSpace()
    guard let second = readSmallNumber(text, at: &position) else { return clock }
    skipSpace()
    guard text[position] == "秒" else { throw .unreadable }
    position += 1
    clock.second = second
    return clock
  }

  /// Fractions of a second are cut off: no element keeps them.
  private mutating func skipFraction() {
    guard text[position] == "." || text[position] == ",", isDigit(text[position + 1]) else {
      return
    }
    position += 1
    while isDigit(text[position]) { position += 1 }
  }

  // MARK: Periods of the day

  private enum Period {
    case beforeNoon
    case noon
    case afterNoon
    case night
    case latinAM
  }

  private mutating func readPeriod() -> Period? {
    let found: (Period, Int)? =
      switch (text[position], text[position + 1]) {
      case ("上", "午"), ("早", "上"), ("早", "晨"), ("清", "晨"), ("凌", "晨"): (.beforeNoon, 2)
      case ("中", "午"): (.noon, 2)
      case ("下", "午"), ("傍", "晚"): (.afterNoon, 2)
      case ("晚", "上"), ("夜", "间"), ("夜", "里"): (.night, 2)
      case ("晚", _): (.night, 1)
      default: nil
      }
    guard let found else { return readLatinPeriod() }
    position += found.1
    return found.0
  }

  private mutating func readLatinPeriod() -> Period? {
    guard text[position + 1] == "M" || text[position + 1] == "m" else { return nil }
    switch text[position] {
    case "A", "a":
      position += 2
      return .latinAM
    case "P", "p":
      position += 2
      return .afterNoon
    default: return nil
    }
  }

  /// 上午12时 and 晚上12时 can mean two moments; they are not guessed.
  private func adjusted(hour: Int, _ period: Period?) throws(MomentFailure) -> Int {
    guard hour <= 24 else { throw .impossible }
    switch period {
    case nil: return hour
    case .beforeNoon:
      guard hour < 12 else { throw hour == 12 ? .unreadable : .impossible }
      return hour
    case .latinAM:
      guard hour <= 12 else { throw .impossible }
      return hour % 12
    case .noon:
      guard (11...14).contains(hour) || hour <= 2 else { throw .impossible }
      return hour <= 2 ? hour + 12 : hour
    case .afterNoon: return hour < 12 ? hour + 12 : hour
    case .night:
      guard hour != 12, hour != 0 else { throw .unreadable }
      return hour < 12 ? (hour < 5 ? hour : hour + 12) : hour
    }
  }

  // MARK: Zone

  private mutating func parseZone() throws(MomentFailure) -> Int? {
    let sign: Int
    switch text[position] {
    case "Z", "z":
      position += 1
      return 0
    case "+": sign = 1
    case "-": sign = -1
    default: return nil
    }
    position += 1
    let run = digitRun(from: position)
    guard run == 2 || run == 4 else { throw .unreadable }
    let hours = number(position, 2)
    var minutes = run == 4 ? number(position + 2, 2) : 0
    position += run
    if run == 2, text[position] == ":" {
      guard digitRun(from: position + 1) == 2 else { throw .unreadable }
      minutes = number(position + 1, 2)
      position += 3
    }
    guard hours <= 14, minutes < 60 else { throw .impossible }
    return sign * (hours * 60 + minutes)
  }

  // MARK: Helpers

  private func digitRun(from start: Int) -> Int {
    var end = start
    while isDigit(text[end]) { end += 1 }
    return end - start
  }

  private func number(_ start: Int, _ length: Int) -> Int {
    var value = 0
    for index in start..<start + length { value = value * 10 + Int(text[index].value) - 0x30 }
    return value
  }

  private mutating func skipSpace() {
    while text[position] == " " { position += 1 }
  }
}
