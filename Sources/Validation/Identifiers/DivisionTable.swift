/// What the table says about a division code.
package enum DivisionStatus: Hashable, Sendable {
  case known
  /// In the table, but not in force in the year asked for.
  case outsideItsYears
  /// A province of the table, a county it does not know: a note, because tables age.
  case unknownCounty
  case unknownProvince
  /// Not six digits, or all zeros.
  case malformed
}

/// Codes of GB/T 2260 with the years they were in force.
///
/// A class that never changes, so that passing the context of a check copies one reference.
///
/// - Source: GB/T 2260; semantics.md §6: a dated table built from a public package.
package final class DivisionTable: Sendable {
  /// One code in one span of years.
  package struct Entry: Hashable, Sendable {
    /// Six digits as a number.
    package var code: Int
    /// First and last year in force.
    package var years: ClosedRange<Int>

    /// Without years the code counts as in force always.
    package init(code: Int, years: ClosedRange<Int> = 0...9999) {
      self.code = code
      self.years = years
    }
  }

  /// Name and version of the package the codes come from.
  package let origin: String
  /// A bit per code, so that a look-up without a year reads one word.
  private let bits: [UInt64]
  private let provinces: [UInt64]
  /// By code, then year.
  private let entries: [Entry]

  /// - Parameters:
  ///   - entries: In any order; codes that are not six digits are left out.
  ///   - origin: Name and version of the package the codes come from.
  package init(_ entries: some Sequence<Entry>, origin: String) {
    let sorted = entries.filter { $0.code >= 100_000 && $0.code <= 999_999 }
      .sorted { ($0.code, $0.years.lowerBound) < ($1.code, $1.years.lowerBound) }
    var bits = [UInt64](repeating: 0, count: 15_625)
    var provinces: [UInt64] = [0, 0]
    for entry in sorted {
      bits[entry.code >> 6] |= 1 << UInt64(entry.code & 63)
      let province = entry.code / 10_000
      provinces[province >> 6] |= 1 << UInt64(province & 63)
    }
    self.origin = origin
    self.bits = bits
    self.provinces = provinces
    self.entries = sorted
  }

  /// Number of entries; a code with two spans of years counts twice.
  package var count: Int { entries.count }

  /// Whether a six-digit code was in force in any year.
  package func isKnown(_ code: Int) -> Bool {
    guard code >= 0, code <= 999_999 else { return false }
    return bits[code >> 6] & (1 << UInt64(code & 63)) != 0
  }

  /// What the table says about a code.
  ///
  /// - Parameters:
  ///   - code: As a number of six digits.
  ///   - year: Year in which it must have been in force; nil for any year.
  package func status(_ code: Int, in year: Int? = nil) -> DivisionStatus {
    guard code >= 1, code <= 999_999 else { return .malformed }
    guard isKnown(code) else {
      let province = code / 10_000
      let isProvince = provinces[province >> 6] & (1 << UInt64(province & 63)) != 0
      return isProvince ? .unknownCounty : .unknownProvince
    }
    guard let year else { return .known }
    return isInForce(code, year) ? .known : .outsideItsYears
  }

  /// What the table says about a code as written.
  ///
  /// - Parameters:
  ///   - code: The raw value.
  ///   - year: Year in which it must have been in force; nil for any year.
  package func status(_ code: Span<UInt8>, in year: Int? = nil) -> DivisionStatus {
    guard code.count == 6, let number = decimal(code, 0, 6) else { return .malformed }
    return status(number, in: year)
  }

  private func isInForce(_ code: Int, _ year: Int) -> Bool {
    var lower = 0
    var upper = entries.count
    while lower < upper {
      let middle = (lower + upper) / 2
      if entries[middle].code < code { lower = middle + 1 } else { upper = middle }
    }
    while lower < entries.count, entries[lower].code == code {
      if entries[lower].years.contains(year) { return true }
      lower += 1
    }
    return false
  }
}
