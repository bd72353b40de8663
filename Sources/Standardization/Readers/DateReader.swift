import Records

/// Spellings of a date that an element or an adapter allows beyond the unmistakable ones.
package struct DateForms: OptionSet, Sendable {
  /// The bits of the set.
  package let rawValue: UInt8

  /// - Parameter rawValue: The bits of the set.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Ten digits are seconds since 1970 UTC, thirteen are milliseconds.
  package static let epoch = DateForms(rawValue: 1)
  /// `46082` is a day of Excel's calendar; a fraction is the time of day.
  package static let excelSerial = DateForms(rawValue: 2)
  /// 长期, 永久, 无固定期限 and 2099-12-31 mean 9999-12-31 (semantics.md §6).
  package static let openEnd = DateForms(rawValue: 4)
}

/// What a value is as a date.
package enum DateReading: Hashable, Sendable {
  /// - Parameters:
  ///   - dayNumber: Days since 1970-01-01.
  ///   - wasCanonical: Written `20260301` or `2026-03-01`, so there is no change to record.
  case date(dayNumber: Int, wasCanonical: Bool)
  /// A date with a time of day other than midnight; seconds since 1970-01-01T00:00:00 at +08:00.
  case dateTime(seconds: Int64)
  /// Written as a date, but not in the calendar: 2026年2月30日, 1900-01-00.
  case impossible
  case unreadable
}

/// The day number of 9999-12-31, which stands for an open end.
package let openEndDayNumber = 2_932_896

/// Day numbers of the years 1 to 9999. A time in another zone, or 24:00, can lead out of them.
private let calendarDays = -719_162...openEndDayNumber

/// Reads a date in any form of the exports.
///
/// Canonical forms cost one pass over the bytes; no form allocates.
///
/// - Parameters:
///   - bytes: UTF-8, trimmed or not.
///   - forms: What the element or adapter allows beyond the unmistakable forms.
/// - Source: facts §3.3. Not read, because it can mean two things: `3/1/2026`, a two-digit year.
package func readDate(_ bytes: Span<UInt8>, forms: DateForms = []) -> DateReading {
  if let parts = canonicalDateParts(bytes) {
    guard let date = CivilDate(year: parts.year, month: parts.month, day: parts.day) else {
      return .impossible
    }
    return dateReading(date.dayNumber, canonical: true, forms)
  }
  if let reading = quickDate(bytes, forms) { return reading }
  guard let text = FoldedScalars(bytes), text.count > 0 else { return .unreadable }
  if forms.contains(.openEnd), isOpenEnd(text) {
    return .date(dayNumber: openEndDayNumber, wasCanonical: false)
  }
  switch readMoment(text, forms) {
  case .success(let moment):
    // The day that is written counts: 9999-12-31T23:59:59Z is the open end of those who write times.
    if isOpenEnd(moment.dayNumber, forms) {
      return .date(dayNumber: openEndDayNumber, wasCanonical: false)
    }
    guard let seconds = moment.secondsInCalendar else { return .impossible }
    let dayNumber = floorDivide(seconds, 86_400)
    guard seconds == dayNumber * 86_400 else { return .dateTime(seconds: seconds) }
    return dateReading(Int(dayNumber), canonical: false, forms)
  case .failure(.impossible): return .impossible
  case .failure(.unreadable): return .unreadable
  }
}

extension Moment {
  /// ``localSeconds``; nil outside the years 1 to 9999.
  var secondsInCalendar: Int64? {
    let seconds = localSeconds
    return calendarDays.contains(Int(floorDivide(seconds, 86_400))) ? seconds : nil
  }
}

/// The common spellings in plain ASCII that are not canonical: `2026/3/1`, `2026-03-01 00:00:00`.
///
/// - Returns: nil means "look closer".
private func quickDate(_ bytes: Span<UInt8>, _ forms: DateForms) -> DateReading? {
  if bytes.count == 19, case .dateTime(let seconds, _, _)? = canonicalDateTime(bytes) {
    let dayNumber = floorDivide(seconds, 86_400)
    guard seconds == dayNumber * 86_400 || isOpenEnd(Int(dayNumber), forms) else {
      return .dateTime(seconds: seconds)
    }
    return dateReading(Int(dayNumber), canonical: false, forms)
  }
  guard bytes.count >= 8, bytes.count <= 10, let year = digits(bytes, 0, 4) else { return nil }
  let separator = bytes[4]
  guard separator >= UInt8(ascii: "-"), separator <= UInt8(ascii: "/") else { return nil }
  let monthLength = bytes[6] == separator ? 1 : 2
  let dayStart = 6 + monthLength
  guard bytes[5 + monthLength] == separator, (1...2).contains(bytes.count - dayStart),
    let month = digits(bytes, 5, monthLength),
    let day = digits(bytes, dayStart, bytes.count - dayStart)
  else { return nil }
  guard let date = CivilDate(year: year, month: month, day: day) else { return .impossible }
  return dateReading(date.dayNumber, canonical: false, forms)
}

private func dateReading(_ dayNumber: Int, canonical: Bool, _ forms: DateForms) -> DateReading {
  if dayNumber != openEndDayNumber, isOpenEnd(dayNumber, forms) {
    return .date(dayNumber: openEndDayNumber, wasCanonical: false)
  }
  return .date(dayNumber: dayNumber, wasCanonical: canonical)
}

/// 9999-12-31, and 2099-12-31, the filler that systems without an open end use.
private func isOpenEnd(_ dayNumber: Int, _ forms: DateForms) -> Bool {
  forms.contains(.openEnd) && (dayNumber == openEndDayNumber || dayNumber == 47_481)
}

/// `20260301` or `2026-03-01`, taken apart; the calendar is not asked.
func canonicalDateParts(_ bytes: Span<UInt8>) -> (year: Int, month: Int, day: Int)? {
  if bytes.count == 8 {
    guard let year = digits(bytes, 0, 4), let rest = digits(bytes, 4, 4) else { return nil }
    return (year, rest / 100, rest % 100)
  }
  guard bytes.count == 10 else { return nil }
  return dashedDateParts(bytes)
}

func dashedDateParts(_ bytes: Span<UInt8>) -> (year: Int, month: Int, day: Int)? {
  guard bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else {
    return nil
  }
  guard let year = digits(bytes, 0, 4), let month = digits(bytes, 5, 2),
    let day = digits(bytes, 8, 2)
  else { return nil }
  return (year, month, day)
}

/// The number that `length` ASCII digits at `start` spell, or nil.
func digits(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> Int? {
  var value = 0
  for index in start..<start + length {
    let digit = bytes[index] &- 0x30
    guard digit <= 9 else { return nil }
    value = value &* 10 &+ Int(digit)
  }
  return value
}

/// Epoch numbers, Excel serials, then everything with a calendar date in it.
func readMoment(_ text: FoldedScalars, _ forms: DateForms) -> Result<Moment, MomentFailure> {
  if let moment = epochMoment(text, forms) { return .success(moment) }
  if forms.contains(.excelSerial), let reading = excelMoment(text) { return reading }
  var parser = MomentParser(text)
  do throws(MomentFailure) {
    return .success(try parser.parse())
  } catch {
    return .failure(error)
  }
}

private func epochMoment(_ text: FoldedScalars, _ forms: DateForms) -> Moment? {
  guard forms.contains(.epoch), text.count == 10 || text.count == 13 else { return nil }
  var value: Int64 = 0
  for index in 0..<text.count {
    guard isDigit(text[index]) else { return nil }
    value = value * 10 + Int64(text[index].value) - 0x30
  }
  let seconds = text.count == 13 ? value / 1000 : value
  let day = floorDivide(seconds, 86_400)
  return Moment(dayNumber: Int(day), seconds: Int(seconds - day * 86_400), zoneMinutes: 0)
}

/// The day of an Excel serial number.
///
/// Excel's calendar has a 1900-02-29 that never was: serials below 60 count from 1899-12-31, those
/// above from 1899-12-30, and 60 is no day.
///
/// - Returns: nil for 0, 60 and anything outside 1900 to 9999.
/// - Source: facts §3.3 (46082 is 2026-03-01).
package func excelDayNumber(_ serial: Int) -> Int? {
  guard serial >= 1, serial != 60, serial <= 2_958_465 else { return nil }
  return serial - 25_569 + (serial < 60 ? 1 : 0)
}

/// Four digits are a year rather than a serial, more than five a month or a date.
private func excelMoment(_ text: FoldedScalars) -> Result<Moment, MomentFailure>? {
  var serial = 0
  var length = 0
  while isDigit(text[length]), length < 6 {
    serial = serial * 10 + Int(text[length].value) - 0x30
    length += 1
  }
  guard length > 0, length <= 5, length != 4 else { return nil }
  var seconds: Int?
  if length < text.count {
    guard text[length] == ".", let time = excelTime(text, from: length + 1) else { return nil }
    seconds = time
  }
  guard let dayNumber = excelDayNumber(serial) else { return .failure(.impossible) }
  return .success(Moment(dayNumber: dayNumber, seconds: seconds))
}

/// The fraction of a day as seconds, rounded to the nearest.
private func excelTime(_ text: FoldedScalars, from start: Int) -> Int? {
  var numerator = 0
  var denominator = 1
  for index in start..<max(start, text.count) {
    guard isDigit(text[index]) else { return nil }
    if denominator < 1_000_000_000_000 {
      numerator = numerator * 10 + Int(text[index].value) - 0x30
      denominator *= 10
    }
  }
  guard denominator > 1 else { return nil }
  return (numerator * 86_400 + denominator / 2) / denominator
}

private func isOpenEnd(_ text: FoldedScalars) -> Bool {
  let words: [StaticString] = ["长期", "永久", "长期有效", "永久有效", "无固定期限", "无期限", "长久"]
  return words.contains { matches(text, $0) }
}

/// Whether `text` is exactly `word`.
func matches(_ text: FoldedScalars, _ word: StaticString) -> Bool {
  var index = 0
  for scalar in word.description.unicodeScalars {
    guard text[index] == scalar else { return false }
    index += 1
  }
  return index == text.count
}

func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}
