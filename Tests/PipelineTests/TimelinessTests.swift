import Catalog
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline

@Suite("Deliveries against their contract")
struct TimelinessTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var cadence: String
    /// Nights with a run, the last one is tonight, as `06-02` of 2026.
    var runs: [String]
    /// Those in which the category came.
    var came: [String]
    var state: Timeliness.State
    var expected: String?
    var days: Int?

    var testDescription: String { "\(cadence) \(runs.last ?? "") came \(came)" }
  }

  // 1 June 2026 is a Monday; 19 to 21 June are the Dragon Boat holidays.
  static let examples = [
    Example(
      cadence: "nightly", runs: ["06-01", "06-02"], came: ["06-01", "06-02"], state: .onTime,
      expected: "06-02", days: 0),
    Example(
      cadence: "nightly", runs: ["06-01", "06-02"], came: ["06-01"], state: .missing,
      expected: "06-02", days: 0),
    Example(
      cadence: "nightly", runs: ["06-01", "06-02", "06-03", "06-04"], came: ["06-01"],
      state: .missing, expected: "06-02", days: 2),
    Example(
      cadence: "nightly", runs: ["06-01", "06-02", "06-03"], came: ["06-01", "06-03"], state: .late,
      expected: "06-02", days: 1),
    // Missed on Friday, Saturday and Sunday: on Monday that is one working day.
    Example(
      cadence: "nightly", runs: ["06-04", "06-05", "06-06", "06-07", "06-08"], came: ["06-04"],
      state: .missing, expected: "06-05", days: 1),
    Example(
      cadence: "nightly", runs: ["06-17", "06-18", "06-22", "06-23"], came: ["06-17"],
      state: .missing, expected: "06-18", days: 2),
    // Never came: missing since the first night there is.
    Example(
      cadence: "nightly", runs: ["06-01", "06-02", "06-03"], came: [], state: .missing,
      expected: "06-01", days: 2),
    // Nobody ran for a week; what came since then was not late.
    Example(
      cadence: "nightly", runs: ["06-01", "06-08"], came: ["06-01", "06-08"], state: .onTime,
      expected: "06-02", days: 4),
    Example(
      cadence: "weekly-sunday", runs: ["06-07", "06-10"], came: ["06-07"], state: .notDue),
    Example(
      cadence: "weekly-sunday", runs: ["06-07", "06-10"], came: ["06-07", "06-10"], state: .onTime,
      expected: "06-10", days: 0),
    Example(
      cadence: "weekly-sunday", runs: ["06-06", "06-07", "06-08", "06-09"], came: [],
      state: .missing, expected: "06-07", days: 2),
    Example(
      cadence: "weekly-sunday", runs: ["06-07", "06-08", "06-09"], came: ["06-09"], state: .late,
      expected: "06-07", days: 2),
    Example(
      cadence: "monthly-5", runs: ["06-05", "06-09"], came: [], state: .missing, expected: "06-05",
      days: 2),
    Example(cadence: "monthly-5", runs: ["06-05", "06-09"], came: ["06-05"], state: .notDue),
  ]

  private final class Nights {
    let home: TestHome

    init(_ example: Example) throws {
      home = try TestHome(TestPipeline.real)
      for (number, run) in example.runs.enumerated() {
        if example.came.contains(run) {
          try home.deliver("行政处罚_\(number).csv", penalties: [penalty(number + 1)])
        }
        try home.run("2026-\(run)")
      }
    }
  }

  @Test(arguments: examples)
  func `a delivery is on time, late, missing or not due`(_ example: Example) throws {
    let home = try Nights(example).home
    let catalog = home.pipeline.catalog
    var adapter = try #require(catalog.adapter("SAM"))
    adapter.cadence = example.cadence
    let night = try #require(CivilDate("2026-\(example.runs.last ?? "")")).dayNumber
    let engine = try home.open()
    let ledger = try NightLedger(engine, upTo: night)
    try engine.close()
    let found = Timeliness(
      adapter, "PEN", ledger.arrivals[.init(system: "SAM", category: "PEN")], ledger, night: night,
      calendar: catalog.calendar)
    #expect(found.state == example.state)
    let expected = found.expected.map { String(CivilDate(dayNumber: $0).description.dropFirst(5)) }
    #expect(expected == example.expected)
    #expect(found.workingDays == example.days)
    #expect(
      found.arrived.map { String(CivilDate(dayNumber: $0).description.dropFirst(5)) }
        == example.came.last)
  }

  @Test func `a year that the calendar does not have gives no working days`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.run("2031-06-02")
    let missing = try home.run("2031-06-04").missingCategories
    #expect(missing.count { $0.system == "SAM" } == 18)
    #expect(missing.allSatisfy { $0.workingDays == nil })
  }
}
