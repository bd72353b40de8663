import Catalog
import Records

/// What the file of one year says.
struct CalendarYear {
  struct Holiday {
    var from: CivilDate
    var until: CivilDate
    var place: Place
  }

  var year: Int
  var holidays: [Holiday]
  /// Days at a weekend that are worked.
  var makeUpDays: [(date: CivilDate, place: Place)]
  var place: Place

  /// Day numbers of the days that are worked: Monday to Friday without holidays, with make-up days.
  var workingDays: Set<Int> {
    guard let first = CivilDate(year: year, month: 1, day: 1),
      let last = CivilDate(year: year, month: 12, day: 31)
    else { return [] }
    var days = Set(
      (first.dayNumber...last.dayNumber).filter { CivilDate(dayNumber: $0).weekday <= 5 })
    for holiday in holidays where holiday.from <= holiday.until {
      for day in holiday.from.dayNumber...holiday.until.dayNumber { days.remove(day) }
    }
    for day in makeUpDays where day.date.year == year { days.insert(day.date.dayNumber) }
    return days
  }
}

extension FolderLoader {
  mutating func loadCalendarYear(_ file: LoadedFile) {
    let fields = file.fields
    let number = fields.requiredInteger("year")
    _ = (fields.requiredText("name"), fields.requiredText("english"), origin(fields))
    var year = CalendarYear(
      year: number, holidays: [], makeUpDays: [], place: fields.place("year"))
    if fields.required("holidays") != nil {
      for holiday in fields.maps("holidays", what: "holiday") { add(holiday, &year) }
    }
    for node in fields.list("make-up-workdays") {
      guard let date = date(node, fields) else { continue }
      year.makeUpDays.append((date, node.place))
    }
    fields.finish()
    guard number != 0,
      claim(DefinitionPath("calendar", String(number)), fields, key: "year")
    else { return }
    checkFileName(file.path, String(number), fields, key: "year")
    guard number >= 1900, number <= 2200 else {
      log.report(
        .calendarYear, at: fields.place("year"),
        "calendar: the year is \(number), expected 1900 to 2200; correct it")
      return
    }
    definitions.years.append(year)
  }

  private func add(_ fields: Fields, _ year: inout CalendarYear) {
    let from = fields.required("from") == nil ? nil : fields.date("from")
    let until = fields.required("to") == nil ? nil : fields.date("to")
    _ = (fields.requiredText("name"), fields.requiredText("english"), fields.text("origin"))
    fields.finish()
    guard let from, let until else { return }
    year.holidays.append(.init(from: from, until: until, place: fields.place("from")))
  }

  private func date(_ node: DocumentNode, _ fields: Fields) -> CivilDate? {
    if case .scalar(let text, _) = node.content, let date = CivilDate(text) { return date }
    log.report(
      .invalidDate, at: node.place,
      "\(fields.what): found \(node.shown), expected a day of the calendar as 2026-01-31")
    return nil
  }

  /// Puts the years together. Years that do not follow each other are a problem of the linter.
  mutating func finishCalendar() {
    definitions.years.sort { $0.year < $1.year }
    var days: [Int: Set<Int>] = [:]
    for year in definitions.years { days[year.year] = year.workingDays }
    if let calendar = WorkingDayCalendar(workingDays: days) {
      definitions.catalog.calendar = calendar
    }
  }
}
