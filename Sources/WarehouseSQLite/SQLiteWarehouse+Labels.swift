import GRDB
package import Warehouse

/// Findings that depend on other records or on the day.
extension SQLiteWarehouse {
  /// Makes the labels of rows what they are now; what was there and is there no more is closed by the
  /// publication. May be repeated.
  package func replaceLabels(_ update: LabelUpdate) throws {
    guard !update.rows.isEmpty else { return }
    let connection = try current()
    try connection.transaction("labelling \(update.rows.count) rows", durable: false) { database in
      let rows = "(SELECT c0 FROM \(BatchModuleName.table))"
      // What an earlier attempt of this publication did.
      try connection.withBatch(.rows(update.rows)) {
        for table in ["label", "review"] {
          try database.execute(
            sql: "DELETE FROM \(table) WHERE row_id IN \(rows) AND opened_by = ?",
            arguments: [update.publication])
          try database.execute(
            sql: "UPDATE \(table) SET closed_by = NULL WHERE row_id IN \(rows) AND closed_by = ?",
            arguments: [update.publication])
        }
        try database.execute(
          sql: "UPDATE review SET closed_by = ? WHERE row_id IN \(rows) AND closed_by IS NULL",
          arguments: [update.publication])
      }
      try storeLabels(update, connection, database)
      try storeReviews(update, connection, database)
    }
  }

  package func endReviews(_ rows: [Int64], category: String, publication: Int64) throws {
    guard !rows.isEmpty, let tables = model.category(category) else { return }
    let connection = try current()
    try connection.transaction("ending reviews of \(category)", durable: false) { database in
      try connection.withBatch(.rows(rows)) {
        try database.execute(
          sql: """
            UPDATE review SET closed_by = ?1
            WHERE row_id IN (SELECT c0 FROM \(BatchModuleName.table)) AND closed_by IS NULL
            AND NOT EXISTS (
              SELECT 1 FROM \(SQLName.quoted(tables.records.name)) AS t
              WHERE t.row_id = review.row_id AND (t.closed_by IS NULL OR t.closed_by >= ?1))
            """, arguments: [publication])
      }
    }
  }

  private func storeLabels(
    _ update: LabelUpdate, _ connection: Connection, _ database: Database
  ) throws {
    // What stands open in the same words stays; `n` are the labels as they are now.
    let same = """
      n.row_id = l.row_id AND n.rule = l.rule AND n.rule_version = l.rule_version
      AND n.value IS l.value AND n.expected IS l.expected
      """
    try database.execute(
      sql: "CREATE TEMP TABLE IF NOT EXISTS new_label AS SELECT * FROM label WHERE 0")
    try database.execute(sql: "DELETE FROM temp.new_label")
    if let labels = update.labels, labels.rowCount > 0 {
      let names = TableModel.labels.batchColumns.map(\.name)
      let insertion = try connection.statement(
        "INSERT INTO temp.new_label (\(names.joined(separator: ", ")), opened_by) SELECT "
          + "\(names.indices.map { "c\($0)" }.joined(separator: ", ")), \(update.publication) "
          + "FROM \(BatchModuleName.table) ORDER BY c0", database)
      try connection.withBatch(labels) { try insertion.run() }
    }
    try connection.withBatch(.rows(update.rows)) {
      try database.execute(
        sql: """
          UPDATE label AS l SET closed_by = \(update.publication)
          WHERE l.row_id IN (SELECT c0 FROM \(BatchModuleName.table)) AND l.closed_by IS NULL
          AND NOT EXISTS (SELECT 1 FROM temp.new_label AS n WHERE \(same))
          """)
    }
    try database.execute(
      sql: """
        INSERT INTO label SELECT n.* FROM temp.new_label AS n WHERE NOT EXISTS (
          SELECT 1 FROM label AS l WHERE l.row_id = n.row_id AND l.closed_by IS NULL AND \(same))
        """)
  }

  private func storeReviews(
    _ update: LabelUpdate, _ connection: Connection, _ database: Database
  ) throws {
    let insertion = try database.cachedStatement(
      sql: "INSERT INTO review (row_id, opened_by, review_day) VALUES (?, ?, ?)")
    for review in update.reviews {
      try insertion.execute(arguments: [review.row, update.publication, review.day])
    }
  }

  /// Rows with a day of review (`2026-03-01`) on or before `day`, ascending, behind row `id`; those that
  /// the publication which is being made has settled are among them.
  package func reviewRows(day: String, after id: Int64, limit: Int) throws -> [Int64] {
    try current().access("looking for rows to review") { database in
      try Int64.fetchAll(
        database,
        sql: """
          SELECT DISTINCT row_id FROM review WHERE review_day <= ? AND row_id > ?
          AND (closed_by IS NULL OR closed_by > (SELECT number FROM publication))
          ORDER BY 1 LIMIT ?
          """, arguments: [day, id, limit])
    }
  }
}
