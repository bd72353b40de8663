import GRDB
import Pipeline
import TestSupport
import Testing

/// Rows that a rule looks at again when days have passed.
@Suite("Days of review")
struct ReviewDayTests {
  /// A failed reading of May 20, which is looked at again after thirty days.
  private func reading(_ more: Values = [:]) -> Values {
    ["monitor_result_code": "2", "monitor_value": "0.6", "monitor_time": "2026-05-20 10:00:00"]
      .merging(more) { $1 }
  }

  private func openReviews(_ home: TestHome) throws -> [(day: String, isClosed: Bool)] {
    let queue = try DatabaseQueue(path: home.home.warehouse + "/warehouse.sqlite")
    return try queue.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT r.review_day AS day, t.closed_by IS NOT NULL AS closed FROM review AS r
          JOIN MON_version AS t USING (row_id) WHERE r.closed_by IS NULL ORDER BY r.row_id
          """
      ).map { ($0["day"], $0["closed"]) }
    }
  }

  /// Every later night read them again, for good.
  @Test func `a row that was replaced before its day is looked at once more and never again`()
    throws
  {
    let home = try TestHome(TestPipeline.real)
    try home.deliver("ENT", "市场主体登记_1.csv", [[:]])
    try home.deliver("MON", "监测抽检_1.csv", [reading()])
    try home.run("2026-06-02")
    try home.deliver(
      "MON", "监测抽检_2.csv",
      [reading(["monitor_value": "0.7", "source_update_time": "2026-06-02 18:00:00"])])
    try home.run("2026-06-03")
    let open = try openReviews(home)
    #expect(open.map(\.isClosed) == [true, false])
    try home.run("2026-06-25")
    #expect(try openReviews(home).isEmpty)
    #expect(
      try home.column(
        "SELECT f.rule FROM finding_current AS f JOIN MON USING (record) WHERE f.rule = 'CR58'")
        == ["CR58"])
  }
}
