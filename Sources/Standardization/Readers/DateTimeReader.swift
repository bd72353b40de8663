import Records

/// What a value is as a date with a time of day.
package enum DateTimeReading: Hashable, Sendable {
  /// - Parameters:
  ///   - seconds: Since 1970-01-01T00:00:00 by the clock of +08:00.
  ///   - wasCanonical: Written `20260301T093000`, `2026-03-01T09:30:00` or `2026-03-01 09:30:00`, so
  ///     there is no change to record.
  ///   - dateOnly: The value has no time; the seconds are those of 00:00:00.
  case dateTime(seconds: Int64, wasCanonical: Bool, dateOnly: Bool)
  /// Written as a date and time, but not in the calendar or on the clock.
  case impossible
  case unreadable
}

/// Reads a date with a time of day in any form of the exports; a time without a zone is +08:00.
///
/// - Parameters:
///   - bytes: UTF-8, trimmed or not.
///   - forms: What the element or adapter allows beyond the unmistakable forms.
/// - Source: facts §3.3, §3.5 (local time, almost never stated).
package func readDateTime(_ bytes: Span<UInt8>, forms: DateForms = []) -> DateTimeReading {
  if let reading = canonicalDateTime(bytes) { return reading }
  guard let text = FoldedScalars(bytes), text.count > 0 else { return .unreadable }
  switch readMoment(text, forms) {
  case .success(let moment):
    guard let seconds = moment.secondsInCalendar else { return .impossible }
    return .dateTime(seconds: seconds, wasCanonical: false, dateOnly: moment.seconds == nil)
  case .failure(.impossible): return .impossible
  case .failure(.unreadable): return .unreadable
  }
}

func canonicalDateTime(_ bytes: Span<UInt8>) -> DateTimeReading? {
  let date: (year: Int, month: Int, day: Int)?
  let time: (hour: Int, minute: Int, second: Int)
  if bytes.count == 15, bytes[8] == UInt8(ascii: "T") {
    date = canonicalDateParts(bytes.extracting(0..<8))
    guard let clock = digits(bytes, 9, 6) else { return nil }
    time = (clock / 10_000, clock / 100 % 100, clock % 100)
  } else if bytes.count == 19, bytes[10] == UInt8(ascii: "T") || bytes[10] == 0x20 {
    date = dashedDateParts(bytes)
    guard bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let hour = digits(bytes, 11, 2), let minute = digits(bytes, 14, 2),
      let second = digits(bytes, 17, 2)
    else { return nil }
    time = (hour, minute, second)
  } else {
    return nil
  }
  // 24:00:00 and the like are left to the slow path.
  guard let date, time.hour < 24 else { return nil }
  guard time.minute < 60, time.second < 60,
    let day = CivilDate(year: date.year, month: date.month, day: date.day)
  else { return .impossible }
  let seconds = day.dayNumber * 86_400 + time.hour * 3600 + time.minute * 60 + time.second
  return .dateTime(seconds: Int64(seconds), wasCanonical: true, dateOnly: false)
}
