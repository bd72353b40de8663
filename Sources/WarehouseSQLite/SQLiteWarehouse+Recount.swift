import Catalog
import GRDB
import Warehouse

extension SQLiteWarehouse {
  /// Counts the rows of every delivery and compares them with its balance sheet.
  ///
  /// Plain SQL over the tables, independent of what counted while they were filled: every record that was
  /// accepted, waits or was returned has a row, and no other has one.
  ///
  /// - Returns: How many deliveries were counted, and one line for each that does not fit; without values.
  package func recount() throws -> (deliveries: Int, problems: [String]) {
    let connection = try current()
    return try connection.access("recounting \(connection.path)") { database in
      var counted: [Int64: Int] = [:]
      for query in recountQueries {
        let rows = try Row.fetchCursor(database, sql: query)
        while let row = try rows.next() { counted[row[0], default: 0] += row[1] }
      }
      var problems: [String] = []
      var count = 0
      let deliveries = try Row.fetchCursor(
        database, sql: "SELECT *, accepted + returned + pending AS stored FROM delivery ORDER BY id"
      )
      while let row = try deliveries.next() {
        count += 1
        let id: Int64 = row["id"]
        let isLoaded = row["status"] == DeliveryStatus.loaded.rawValue
        let expected: Int = isLoaded ? row["stored"] : 0
        let found = counted.removeValue(forKey: id) ?? 0
        // A run that is not published may be in the middle of a load.
        let isOpen = [DeliveryStatus.taken, .judged].map(\.rawValue).contains(row["status"])
        if found != expected, !isOpen {
          problems.append(
            "delivery \(id) has rows of \(found) records, its balance sheet says \(expected)")
        }
        let balance = Balance(row)
        if !balance.isBalanced {
          problems.append(
            "delivery \(id) leaves \(balance.difference) records unaccounted for: \(balance)")
        }
      }
      problems += counted.keys.sorted().map {
        "\(counted[$0] ?? 0) rows are of delivery \($0), which the ledger does not know"
      }
      return (count, problems)
    }
  }

  /// Records of each delivery: those with a row, and those that were returned before they had one.
  private var recountQueries: [String] {
    let tables = model.categories.map { SQLName.quoted($0.records.name) }
    let versions = tables.map { "SELECT row_id >> 32, count(*) FROM \($0) GROUP BY 1" }
    let returned = model.categories.map { category in
      "SELECT q.row_id >> 32, count(*) FROM quarantined_record AS q "
        + "WHERE q.category = \(SQLName.literal(category.category.id)) AND NOT EXISTS (SELECT 1 "
        + "FROM \(SQLName.quoted(category.records.name)) AS t WHERE t.row_id = q.row_id) GROUP BY 1"
    }
    return versions + returned
  }
}
