import Records

/// Working days from the official notices. A year that is not in the calendar has no answer.
package struct WorkingDayCalendar: Sendable {
  /// One entry per day from the first day of the first year: working days up to and including it.
  private var cumulative: [Int32] = []
  private var firstDay = 0
  package private(set) var years: [Int] = []

  package init() {}

  /// - Parameter workingDays: For every year, the day numbers that are worked.
  /// - Returns: nil if the years are not consecutive.
  package init?(workingDays: [Int: Set<Int>]) {
    let years = workingDays.keys.sorted()
    guard let first = years.first, let last = years.last, last - first + 1 == years.count,
      let start = CivilDate(year: first, month: 1, day: 1),
      let end = CivilDate(year: last, month: 12, day: 31)
    else { return nil }
    self.years = years
    firstDay = start.dayNumber
    var total: Int32 = 0
    var year = first
    for day in start.dayNumber...end.dayNumber {
      year = CivilDate(dayNumber: day).year
      if workingDays[year]?.contains(day) == true { total += 1 }
      cumulative.append(total)
    }
  }

  /// Whether `day` (days since 1970-01-01) is worked; nil outside the calendar.
  package func isWorkingDay(_ day: Int) -> Bool? {
    guard let here = count(upTo: day) else { return nil }
    return here - (count(upTo: day - 1) ?? 0) == 1
  }

  /// Working days after `from` up to and including `to`; negative if `to` is earlier.
  ///
  /// - Returns: nil if a day lies outside the calendar.
  package func workingDays(from: Int, to: Int) -> Int? {
    guard let start = count(upTo: from), let end = count(upTo: to) else { return nil }
    return end - start
  }

  /// The `count`-th working day after `day` (before it, if negative); day 0 is not counted.
  ///
  /// - Returns: nil if the answer lies outside the calendar.
  package func adding(_ count: Int, to day: Int) -> Int? {
    guard let start = self.count(upTo: day), let last = cumulative.last,
      count <= Int(last) - start
    else { return nil }
    if count == 0 { return day }
    let target = count > 0 ? start + count : self.count(upTo: day - 1).map { $0 + count + 1 } ?? 0
    guard target >= 1 else { return nil }
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if Int(cumulative[middle]) < target { low = middle + 1 } else { high = middle }
    }
    return firstDay + low
  }

  private func count(upTo day: Int) -> Int? {
    let index = day - firstDay
    if index == -1 { return 0 }
    guard index >= 0, index < cumulative.count else { return nil }
    return Int(cumulative[index])
  }
}
