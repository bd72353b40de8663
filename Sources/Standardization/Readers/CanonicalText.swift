package import Records

// The canonical text of standardized values, as the catalog's representations want it.

extension Array where Element == UInt8 {
  /// Appends `20260301`.
  ///
  /// - Parameter dayNumber: Days since 1970-01-01; years 1 to 9999.
  package mutating func appendDate(_ dayNumber: Int) -> TextRef {
    let offset = count
    let date = CivilDate(dayNumber: dayNumber)
    appendPadded(date.year, width: 4)
    appendPadded(date.month, width: 2)
    appendPadded(date.day, width: 2)
    return text(from: offset)
  }

  /// Appends `20260301T093000`.
  ///
  /// - Parameter seconds: Since 1970-01-01T00:00:00, local time.
  package mutating func appendDateTime(_ seconds: Int64) -> TextRef {
    let offset = count
    let day = floorDivide(seconds, 86_400)
    let time = Int(seconds - day * 86_400)
    _ = appendDate(Int(day))
    append(UInt8(ascii: "T"))
    appendPadded(time / 3600, width: 2)
    appendPadded(time / 60 % 60, width: 2)
    appendPadded(time % 60, width: 2)
    return text(from: offset)
  }

  /// Appends the decimal that `scaled` stands for, with all its decimals: `12300.00`.
  ///
  /// - Parameters:
  ///   - scaled: The value × 10^decimals.
  ///   - decimals: 0 to 18.
  package mutating func appendNumber(_ scaled: Int64, decimals: Int) -> TextRef {
    let offset = count
    if scaled < 0 { append(UInt8(ascii: "-")) }
    let divisor = powersOfTen(decimals)
    let magnitude = scaled.magnitude
    appendPadded(Int(truncatingIfNeeded: magnitude / divisor), width: 1)
    if decimals > 0 {
      append(UInt8(ascii: "."))
      appendPadded(Int(truncatingIfNeeded: magnitude % divisor), width: decimals)
    }
    return text(from: offset)
  }

  private mutating func appendPadded(_ value: Int, width: Int) {
    var digits = 1
    var divisor = 1
    while digits < width || value / divisor >= 10 {
      guard digits < 19 else { break }
      divisor *= 10
      digits += 1
    }
    while divisor > 0 {
      append(UInt8(truncatingIfNeeded: 0x30 + value / divisor % 10))
      divisor /= 10
    }
  }
}
