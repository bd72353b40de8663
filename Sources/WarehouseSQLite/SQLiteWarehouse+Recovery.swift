import GRDB
package import Warehouse

/// How unpublished work is taken back.
///
/// Until its publication a step also notes, in `state_undo`, each state as it was before the step,
/// and in `closing_undo` each row that it closed. Both are appended in the order of the steps and
/// emptied once the pointer has moved. Taking a delivery back means: remove its rows (they are a
/// range of row ids), reopen what it closed, and give each state it touched the value of its first
/// note. Where a later delivery of the same run has changed one of these states again, the earlier
/// one cannot go alone. A fresh build is taken back as a whole; it notes only states that were there,
/// for records that go back before the publication.
extension SQLiteWarehouse {
  /// Deliveries that have rows above the pointer, in the order of the ledger: to be resumed from
  /// their segments, or discarded.
  package func unpublishedDeliveries() throws -> [DeliveryEntry] {
    try loading().access("looking for unpublished rows in \(path)") { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT d.* FROM delivery AS d JOIN run AS r ON r.id = d.run
          WHERE d.loaded_blocks > 0 AND r.publication > (SELECT number FROM publication)
          ORDER BY d.id
          """
      ).map(Self.entry)
    }
  }

  /// Takes back everything that an unpublished delivery put into the warehouse; its ledger entry
  /// stays, as `judged` where it was `loaded`.
  ///
  /// - Throws: ``WarehouseError``: `.notFound`, `.inconsistentStep` where it is published,
  ///   `.dependentDelivery` where another must be discarded first (or all at once), `.freshBuild`
  ///   while one is open, or where a fresh build loaded it beside others.
  package func discardUnpublished(delivery: Int64) throws {
    let waiting = try unpublishedDeliveries()
    guard waiting.contains(where: { $0.id == delivery }) else {
      let entry = try self.delivery(id: delivery)
      guard let entry, entry.loadedBlocks == 0 else {
        throw WarehouseError(
          entry == nil ? .notFound : .inconsistentStep,
          "delivery \(delivery) is not in the ledger, or it is published; it cannot be discarded")
      }
      return
    }
    try discard([delivery], keepsOthers: waiting.count > 1)
  }

  /// Takes back everything above the pointer.
  package func discardAllUnpublished() throws {
    try discard(
      try unpublishedDeliveries().map(\.id) + [LoadStep.night], keepsOthers: false)
  }

  /// Takes back the rows of a delivery of which no state has been stored yet: it is held.
  package func withdrawRows(delivery: Int64) throws {
    let connection = try loading()
    try connection.transaction("withdrawing delivery \(delivery)", durable: false) { database in
      bulk?.withdraw(delivery: delivery)
      let discard = Discard(list: "\(delivery)", database: database, model: model)
      try discard.removeRows(
        delivery, category: try category(ofDelivery: delivery, database), areGone: false)
      try discard.forget()
    }
  }

  private func discard(_ deliveries: [Int64], keepsOthers: Bool) throws {
    guard build == nil else {
      throw WarehouseError(.freshBuild, "abandon the fresh build of \(path) instead of discarding")
    }
    guard !deliveries.isEmpty else { return }
    let doing = "discarding \(deliveries.count) unpublished deliveries in \(path)"
    try live.transaction(doing, durable: true) { database in
      let discard = Discard(
        list: deliveries.map(String.init).joined(separator: ", "), database: database, model: model)
      let isWhole = try discard.includesFreshBuild()
      if isWhole {
        guard !keepsOthers else {
          throw WarehouseError(
            .freshBuild, "a fresh build loaded these deliveries together; discard all of them")
        }
        try discard.emptyEverything()
      } else {
        try discard.checkDependents()
        try discard.reopen(deliveries, category: { try category(ofDelivery: $0, database) })
        try discard.restoreStates()
        // Composed of rows that may be gone; the next attempt composes them again.
        try Self.removeUnpublishedGolden(database, model)
        try Self.removeUnpublishedSubjects(database, model)
      }
      if deliveries.contains(LoadStep.night) { try discard.removeOutcomes() }
      for delivery in deliveries where delivery != LoadStep.night {
        try discard.removeRows(
          delivery, category: try category(ofDelivery: delivery, database), areGone: isWhole)
      }
      try discard.forget()
    }
  }
}

/// What was closed or opened, in the column `is_return` of `closing_undo`.
enum ClosingKind: Int {
  case row = 0
  case returned = 1
  case waiting = 2
  /// A row that waited and was shown.
  case opened = 3
}

/// The parts of taking deliveries back, inside the transaction.
private struct Discard {
  /// Ids of the deliveries, as an SQL list.
  let list: String
  let database: Database
  let model: WarehouseModel

  func includesFreshBuild() throws -> Bool {
    try Bool.fetchOne(
      database, sql: "SELECT max(loaded_by_build) FROM delivery WHERE id IN (\(list))") ?? false
  }

  /// A fresh build begins with an empty warehouse and ends before the first publication.
  func emptyEverything() throws {
    for table in model.tables {
      try database.execute(sql: "DELETE FROM \(SQLName.quoted(table.name))")
    }
    for table in ["record_state", "entity_state", "state_undo", "closing_undo"] {
      try database.execute(sql: "DELETE FROM \(table)")
    }
  }

  func checkDependents() throws {
    let dependent = try Int64.fetchOne(
      database,
      sql: """
        SELECT min(later.delivery) FROM state_undo AS mine JOIN state_undo AS later
          ON later.is_entity = mine.is_entity AND later.key = mine.key
          AND later.sequence > mine.sequence
        WHERE mine.delivery IN (\(list)) AND later.delivery NOT IN (\(list))
        """)
    guard let dependent else { return }
    throw WarehouseError(
      .dependentDelivery,
      "delivery \(dependent) changed records of delivery \(list) after it; discard it first, or "
        + "all unpublished deliveries together")
  }

  func reopen(_ deliveries: [Int64], category: (Int64) throws -> String) throws {
    let owners = try Int64.fetchAll(
      database,
      sql: """
        SELECT DISTINCT row_id >> 32 FROM closing_undo
        WHERE is_return = \(ClosingKind.row.rawValue) AND delivery IN (\(list)) ORDER BY 1
        """)
    for category in Set(try owners.map(category)).sorted() {
      guard let tables = model.category(category) else { continue }
      try undo(.row, "UPDATE \(SQLName.quoted(tables.records.name)) SET closed_by = NULL")
    }
    try undo(.returned, "UPDATE quarantined_record SET closed_by = NULL")
    try undo(.waiting, "UPDATE waiting_record SET closed_by = NULL, wait_outcome = NULL")
    for tables in model.categories {
      let name = SQLName.quoted(tables.records.name)
      try undo(.opened, "UPDATE \(name) SET opened_by = \(TableModel.parked)")
    }
  }

  private func undo(_ kind: ClosingKind, _ update: String) throws {
    try database.execute(
      sql: """
        \(update) WHERE row_id IN (
          SELECT row_id FROM closing_undo
          WHERE is_return = \(kind.rawValue) AND delivery IN (\(list)))
        """)
  }

  /// Takes back what a run did to records of earlier nights: labels, and returns of what had waited with
  /// their findings.
  func removeOutcomes() throws {
    let pointer = "(SELECT number FROM publication)"
    for table in [TableModel.labels.name, TableModel.reviews.name] {
      try database.execute(sql: "DELETE FROM \(table) WHERE opened_by > \(pointer)")
      try database.execute(
        sql: "UPDATE \(table) SET closed_by = NULL WHERE closed_by > \(pointer)")
    }
    for table in [TableModel.quarantine.name, TableModel.findings.name] {
      try database.execute(sql: "DELETE FROM \(table) WHERE opened_by > \(pointer)")
    }
  }

  func restoreStates() throws {
    let first = { (isEntity: Int) in
      """
      (SELECT *, min(sequence) FROM state_undo
       WHERE is_entity = \(isEntity) AND delivery IN (\(list)) GROUP BY key)
      """
    }
    for (table, isEntity, columns) in [
      ("record_state", 0, StateSQL.recordColumns("")),
      ("entity_state", 1, "key, row_id, update_time, record"),
    ] {
      try database.execute(
        sql: """
          DELETE FROM \(table) WHERE key IN (SELECT key FROM state_undo
            WHERE is_entity = \(isEntity) AND delivery IN (\(list)))
          """)
      try database.execute(
        sql: """
          INSERT INTO \(table) (\(columns)) SELECT \(columns) FROM \(first(isEntity))
          WHERE existed = 1
          """)
    }
  }

  func removeRows(_ delivery: Int64, category: String, areGone: Bool) throws {
    guard !areGone else { return }
    let tables = model.category(category)
    let names =
      [tables?.records.name].compactMap { $0 } + (tables?.inner.map(\.name) ?? [])
      + TableModel.shared.map(\.name)
    let rows = SQLiteWarehouse.rowIDs(ofDelivery: delivery)
    for name in names {
      try database.execute(
        sql: "DELETE FROM \(SQLName.quoted(name)) WHERE row_id BETWEEN ? AND ?",
        arguments: [rows.lowerBound, rows.upperBound])
    }
  }

  func forget() throws {
    for table in ["state_undo", "closing_undo", "measure"] {
      try database.execute(sql: "DELETE FROM \(table) WHERE delivery IN (\(list))")
    }
    try database.execute(
      sql: """
        UPDATE delivery SET loaded_blocks = 0, loaded_by_build = 0,
          status = CASE status WHEN 'loaded' THEN 'judged' ELSE status END
        WHERE id IN (\(list))
        """)
  }
}
