import ArgumentParser
import Catalog
import Records

struct WorkdaysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workdays", abstract: "Count in working days of the official calendar.",
    subcommands: [Add.self, Count.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The N-th working day after a date; the date itself is day 0.")

    @Argument(help: "Date, as 2026-02-12.") var date: String
    @Argument(help: "Working days; negative counts back.") var count: Int
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      let day = try LocalClock.day(date, option: "date")
      guard let result = catalog.calendar.adding(count, to: day) else {
        throw outsideCalendar(catalog.calendar.years)
      }
      print(CivilDate(dayNumber: result))
    }
  }

  struct Count: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Working days after FROM up to and including TO.")

    @Argument(help: "Date, as 2026-02-12.") var from: String
    @Argument(help: "Date, as 2026-02-28.") var to: String
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      guard
        let count = catalog.calendar.workingDays(
          from: try LocalClock.day(from, option: "from"), to: try LocalClock.day(to, option: "to"))
      else { throw outsideCalendar(catalog.calendar.years) }
      print(count)
    }
  }
}

/// A year without an official notice has no answer, and none is guessed.
private func outsideCalendar(_ years: [Int]) -> CommandFailure {
  let known = years.first.flatMap { first in years.last.map { "\(first) to \($0)" } } ?? "no year"
  return CommandFailure(
    CommandFailure.configuration,
    "the calendar of working days has \(known); add catalog/calendar/YYYY.yaml for more")
}
