package import Catalog
import Records

/// What conditions may ask about besides the records: the clock of the run and the calendar.
package struct EvaluationContext: Sendable {
  /// Date of the run, days since 1970-01-01.
  package var today: Int
  /// Date of the delivery, days since 1970-01-01.
  package var night: Int
  /// Moment of the run, seconds since 1970-01-01T00:00:00, local time +08:00.
  package var now: Int64
  package let calendar: WorkingDayCalendar
  let workdays: WorkdayTable

  package init(today: Int, night: Int, now: Int64, calendar: WorkingDayCalendar) {
    self.today = today
    self.night = night
    self.now = now
    self.calendar = calendar
    workdays = WorkdayTable(calendar)
  }
}

/// What an evaluation could not decide although values were there.
package struct EvaluationReport: Sendable, Hashable {
  /// Earliest and latest day that was asked for and lies outside the calendar of working days.
  /// D7: an unknown year is an error of the configuration.
  package private(set) var daysOutsideCalendar: ClosedRange<Int>?
  /// Number of values that went beyond 64 bits or the years 1 to 9999.
  package var overflowCount = 0

  package init() {}

  package mutating func addDayOutsideCalendar(_ day: Int) {
    let old = daysOutsideCalendar ?? day...day
    daysOutsideCalendar = min(old.lowerBound, day)...max(old.upperBound, day)
  }

  package mutating func add(_ other: Self) {
    overflowCount += other.overflowCount
    guard let days = other.daysOutsideCalendar else { return }
    addDayOutsideCalendar(days.lowerBound)
    addDayOutsideCalendar(days.upperBound)
  }

  /// The years that the calendar lacks, in order.
  package func missingYears(in calendar: WorkingDayCalendar) -> [Int] {
    guard let days = daysOutsideCalendar else { return [] }
    let bounds = [days.lowerBound, days.upperBound].map {
      CivilDate(dayNumber: min(max($0, WorkdayTable.firstDay), WorkdayTable.lastDay)).year
    }
    return (bounds[0]...bounds[1]).filter { !calendar.years.contains($0) }
  }
}

/// The calendar of working days, laid out so that adding days needs no search.
struct WorkdayTable: Sendable {
  /// 0001-01-01 and 9999-12-31.
  static let firstDay = -719_162
  static let lastDay = 2_932_896

  /// Day before the first day of the calendar.
  private var base = 0
  /// Working days up to and including each day, from ``base``.
  private var cumulative: [Int32] = []
  /// Every working day, ascending.
  private var worked: [Int32] = []

  init(_ calendar: WorkingDayCalendar) {
    guard let first = calendar.years.first, let last = calendar.years.last,
      let start = CivilDate(year: first, month: 1, day: 1),
      let end = CivilDate(year: last, month: 12, day: 31)
    else { return }
    base = start.dayNumber - 1
    cumulative = [0]
    for day in start.dayNumber...end.dayNumber {
      if calendar.isWorkingDay(day) == true { worked.append(Int32(day)) }
      cumulative.append(Int32(worked.count))
    }
  }

  /// Working days up to and including `day`; nil outside the calendar.
  @inline(__always)
  private func count(upTo day: Int64) -> Int? {
    let (index, isOverflow) = day.subtractingReportingOverflow(Int64(base))
    guard !isOverflow, index >= 0, index < Int64(cumulative.count) else { return nil }
    return Int(cumulative[Int(index)])
  }

  /// As ``WorkingDayCalendar/workingDays(from:to:)``.
  @inline(__always)
  func workingDays(from: Int64, to: Int64) -> Int64? {
    guard let start = count(upTo: from), let end = count(upTo: to) else { return nil }
    return Int64(end - start)
  }

  /// As ``WorkingDayCalendar/adding(_:to:)``.
  @inline(__always)
  func adding(_ number: Int64, to day: Int64) -> Int64? {
    guard number != 0 else { return count(upTo: day) == nil ? nil : day }
    guard let start = count(upTo: number > 0 ? day : day &- 1) else { return nil }
    let (target, isOverflow) = number.addingReportingOverflow(
      Int64(number > 0 ? start - 1 : start))
    guard !isOverflow, target >= 0, target < Int64(worked.count) else { return nil }
    return Int64(worked[Int(target)])
  }
}
