import GRDB
import Warehouse

extension WarehouseReader {
  /// Visits the counts of judged records and of values in them, by system, category and element, over the
  /// last published runs.
  ///
  /// - Parameters:
  ///   - runs: How many; the cost grows with them and not with the history.
  ///   - body: Gets an empty element for the number of judged records.
  package func coverage(
    runs: Int, _ body: (_ system: String, _ category: String, _ element: String, Int) -> Void
  ) throws {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT d.system, d.category, m.element, sum(m.value) AS value
          FROM delivery AS d JOIN measure AS m ON m.delivery = d.id
          WHERE m.name IN (?, ?) AND d.run IN (
            SELECT id FROM run WHERE status <> 'running' ORDER BY id DESC LIMIT ?)
          GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
          """, arguments: [Measure.judged, Measure.filled, runs])
      while let row = try rows.next() {
        body(row["system"], row["category"], row["element"], row["value"])
      }
    }
  }
}
