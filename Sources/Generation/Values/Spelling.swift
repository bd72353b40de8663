import Records

/// Plain ways to write numbers and dates.
enum Spelling {
  static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Appends the digits of a number that is not negative, at least `width` of them.
  static func append(_ number: Int, _ width: Int, to output: inout [UInt8]) {
    var size = 1
    var count = 1
    while count < width || number / size >= 10 {
      size *= 10
      count += 1
    }
    while size > 0 {
      output.append(0x30 + UInt8(truncatingIfNeeded: number / size % 10))
      size /= 10
    }
  }

  /// `20260301`
  static func compactDate(_ day: Int) -> String {
    let date = CivilDate(dayNumber: day)
    return padded(date.year * 10_000 + date.month * 100 + date.day, 8)
  }

  /// `2026-03-01`
  static func date(_ day: Int) -> String { CivilDate(dayNumber: day).description }

  /// Two digits.
  static func hexadecimal(_ byte: UInt32) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }

  static func year(_ day: Int) -> Int { CivilDate(dayNumber: day).year }
}
