import Catalog
import Records

extension Linter {
  func checkCalendar() {
    for (earlier, later) in zip(definitions.years, definitions.years.dropFirst())
    where later.year != earlier.year + 1 {
      log.report(
        .calendarYear, at: later.place,
        "calendar: \(later.year) follows \(earlier.year), expected \(earlier.year + 1); "
          + "add the years between")
    }
    for year in definitions.years { check(year) }
  }

  private func check(_ year: CalendarYear) {
    var holidays: Set<Int> = []
    for holiday in year.holidays {
      let (from, until) = (holiday.from, holiday.until)
      if until < from {
        log.report(
          .datesOutOfOrder, at: holiday.place,
          "holiday: it ends on \(until), before \(from); correct one of them")
        continue
      }
      if from.year != year.year || until.year != year.year {
        day(holiday.place, "the holiday \(from) to \(until) leaves the year \(year.year)")
        continue
      }
      for number in from.dayNumber...until.dayNumber where !holidays.insert(number).inserted {
        day(holiday.place, "\(CivilDate(dayNumber: number)) belongs to two holidays")
      }
    }
    var seen: Set<Int> = []
    for (date, place) in year.makeUpDays {
      if date.year != year.year {
        day(place, "the make-up day \(date) is not in \(year.year)")
      } else if date.weekday <= 5 {
        day(place, "the make-up day \(date) is not at a weekend")
      } else if holidays.contains(date.dayNumber) {
        day(place, "the make-up day \(date) is a holiday as well")
      } else if !seen.insert(date.dayNumber).inserted {
        day(place, "the make-up day \(date) stands twice")
      }
    }
  }

  private func day(_ place: Place, _ message: String) {
    log.report(.calendarDay, at: place, "calendar: \(message); correct the date")
  }

  /// Codes without their province, and codes that are valid twice on one day.
  func checkDivisions() {
    let file = "catalog/divisions.csv"
    let provinces = Set(
      catalog.divisions.map(\.code).filter { $0.hasSuffix("0000") }.map { $0.prefix(2) })
    var missing: Set<Substring> = []
    var last: [String: Division] = [:]
    for (division, line) in zip(catalog.divisions, definitions.divisionLines) {
      let place = Place(file: file, line: line)
      let province = division.code.prefix(2)
      if !provinces.contains(province), missing.insert(province).inserted {
        log.report(
          .missingProvince, at: place,
          "division \(division.code) lies in \(province)0000, which is not in the table; add it")
      }
      if let other = last[division.code], division.overlaps(other) {
        log.report(
          .divisionTable, at: place,
          "division \(division.code) is valid from \(division.from) and the line above it "
            + "\(other.until.map { "until \($0)" } ?? "without an end"); correct one of them")
      }
      last[division.code] = division
    }
  }
}

extension Division {
  func overlaps(_ other: Division) -> Bool {
    if let until, until < other.from { return false }
    if let until = other.until, until < from { return false }
    return true
  }
}
