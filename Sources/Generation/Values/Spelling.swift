import Records

/// Plain ways to write numbers and dates.
enum Spelling {
  static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// `20260301`
  static func compactDate(_ day: Int) -> String {
    let date = CivilDate(dayNumber: day)
    return padded(date.year, 4) + padded(date.month, 2) + padded(date.day, 2)
  }

  static func year(_ day: Int) -> Int { CivilDate(dayNumber: day).year }
}
