import GRDB
import Reconciliation
import Records
package import Warehouse

extension SQLiteWarehouse {
  /// Applies one step in one transaction.
  ///
  /// A step whose `loadedBlocks` is not above what the ledger holds for the delivery has been
  /// applied before and is skipped: number the steps of a delivery from 1, also one that only
  /// closes rows.
  ///
  /// - Throws: ``WarehouseError``: `.notFound` for an unknown delivery, `.malformedBatch`,
  ///   `.inconsistentStep` where a row to be closed does not exist or is not open.
  package func apply(_ step: LoadStep) throws { try apply(together: [step]) }

  /// Applies steps of several deliveries in one transaction.
  package func apply(together steps: [LoadStep]) throws {
    guard let first = steps.first else { return }
    // These read what they change.
    if steps.contains(where: \.changesWaitingRows) { try linkRows() }
    let connection = try loading()
    do {
      try connection.transaction(
        "loading delivery \(first.delivery)", durable: false,
        prepare: { try bulk?.reserve(steps) }
      ) { database in
        for step in steps { try apply(step, connection, database) }
      }
    } catch {
      if build != nil { failBuild(error) }
      throw error
    }
  }

  private func apply(_ step: LoadStep, _ connection: Connection, _ database: Database) throws {
    guard try step.delivery == LoadStep.night || isDue(step, database) else { return }
    let load = StepLoad(
      step: step, connection: connection, database: database, model: model, bulk: bulk)
    try load.insertBatches()
    try load.storeRecordStates()
    try load.storeEntityStates()
    try load.overtakeRecords()
    try load.openRows(categories: try categories(of: step.openedRows, database))
    try load.closeRows(categories: try categories(of: step.closedRows, database))
    try load.reopenRows(categories: try categories(of: step.reopenedRows, database))
    try load.closeReturns()
    try load.parkRows(categories: try categories(of: step.parkedRows, database))
    try load.closeWaiting()
    try load.replaceMeasures()
    try load.countBlocks()
  }

  /// Makes a change that had to wait for its rows.
  func apply(_ change: BulkRows.Change, _ connection: Connection, _ database: Database) throws {
    let load = StepLoad(
      step: change.step, connection: connection, database: database, model: model, bulk: nil)
    switch change.kind {
    case .close:
      try load.closeRows(categories: try categories(of: change.step.closedRows, database))
    case .closeReturns: try load.closeReturns()
    case .park: try load.parkRows(categories: try categories(of: change.step.parkedRows, database))
    }
  }

  private func isDue(_ step: LoadStep, _ database: Database) throws -> Bool {
    let loaded = try Int.fetchOne(
      database, sql: "SELECT loaded_blocks FROM delivery WHERE id = ?", arguments: [step.delivery])
    guard let loaded else {
      throw WarehouseError(.notFound, "the ledger has no delivery \(step.delivery)")
    }
    guard step.loadedBlocks > loaded else { return false }
    let pointer = try Self.pointer(database)
    guard step.publication > pointer else {
      throw WarehouseError(
        .inconsistentStep,
        "delivery \(step.delivery) is to be loaded for publication \(step.publication), "
          + "but \(pointer) is already published")
    }
    return true
  }

  /// The rows of each category; a row id names its delivery, and the ledger the category.
  private func categories(
    of rows: [Int64], _ database: Database
  ) throws -> [(category: String, rows: [Int64])] {
    var groups: [String: [Int64]] = [:]
    for row in rows {
      groups[try category(ofDelivery: row >> 32, database), default: []].append(row)
    }
    return groups.sorted { $0.key < $1.key }.map { (category: $0.key, rows: $0.value.sorted()) }
  }

  /// The category that the ledger holds for a delivery.
  func category(ofDelivery id: Int64, _ database: Database) throws -> String {
    if let category = categoryOfDelivery[id] { return category }
    let category = try String.fetchOne(
      database, sql: "SELECT category FROM delivery WHERE id = ?", arguments: [id])
    guard let category else {
      throw WarehouseError(.notFound, "a row belongs to delivery \(id), which the ledger lacks")
    }
    categoryOfDelivery[id] = category
    return category
  }
}

/// The parts of one step, inside its transaction.
struct StepLoad {
  let step: LoadStep
  let connection: Connection
  let database: Database
  let model: WarehouseModel
  /// Takes rows of a private build, and what is to be done to them later.
  let bulk: BulkRows?

  /// A private build is thrown away as a whole and keeps nothing to take back.
  private var keepsUndo: Bool { connection.mode == .live }

  /// Notes states as they are before the step, also in a private build: some of its records may go back
  /// alone. There it is enough to note what was there.
  private func keep(_ sql: (_ all: Bool) -> String) throws {
    guard keepsUndo || !step.beginsStream else { return }
    try run(sql(keepsUndo), step.delivery)
  }

  // MARK: Rows

  /// Appends the rows of every batch.
  func insertBatches() throws {
    for batch in step.batches where batch.rowCount > 0 {
      guard let table = model.table(batch.table) else {
        throw WarehouseError(.malformedBatch, "the warehouse has no table \(batch.table)")
      }
      let expected = table.batchColumns
      guard batch.columns.count == expected.count else {
        throw WarehouseError(
          .malformedBatch,
          "batch of \(batch.table) has \(batch.columns.count) columns, not \(expected.count)")
      }
      try checkRowIDs(batch, expected)
      if let bulk, bulk.takes(table.name) {
        try bulk.append(batch, delivery: step.delivery, publication: step.publication)
        continue
      }
      let insertion = try connection.statement(table.insertion, database)
      if table.hasOpening { insertion.bind(step.publication, at: 1) }
      try connection.withBatch(batch) { try insertion.run() }
    }
  }

  /// Rows outside the delivery's range could never be taken back.
  private func checkRowIDs(_ batch: TableBatch, _ columns: [TableModel.Column]) throws {
    guard step.delivery != LoadStep.night else { return }
    guard let index = columns.firstIndex(where: { $0.name == "row_id" }) else { return }
    let range = SQLiteWarehouse.rowIDs(ofDelivery: step.delivery)
    let isInside =
      switch batch.columns[index] {
      case .integers(let rows): rows.allSatisfy { range.contains($0) }
      case .constantInteger(let row): range.contains(row)
      default: false
      }
    guard isInside else {
      throw WarehouseError(
        .malformedBatch,
        "batch of \(batch.table) has row ids outside delivery \(step.delivery)")
    }
  }

  // MARK: States

  /// Replaces the states of records.
  func storeRecordStates() throws {
    guard !step.recordStates.isEmpty else { return }
    try connection.withBatch(.recordStates(step.recordStates)) {
      try keep(StateSQL.keepRecords(all:))
      try run(StateSQL.storeRecords)
    }
  }

  /// Replaces and removes the states of business keys.
  func storeEntityStates() throws {
    if !step.entityStates.isEmpty {
      try connection.withBatch(.entityStates(step.entityStates)) {
        try keep(StateSQL.keepEntities(all:))
        try run(StateSQL.storeEntities)
      }
    }
    if !step.removedEntities.isEmpty {
      try connection.withBatch(.shownRows(step.removedEntities)) {
        try keep(StateSQL.keepEntities(all:))
        try run(StateSQL.removeEntities)
      }
    }
  }

  /// Records that another one took the key from show no row any more.
  func overtakeRecords() throws {
    guard !step.overtakenRecords.isEmpty else { return }
    try connection.withBatch(.shownRows(step.overtakenRecords)) {
      try keep(StateSQL.keepRecords(all:))
      try run(StateSQL.overtakeRecords)
    }
  }

  private func run(_ sql: String, _ parameter: Int64? = nil) throws {
    let statement = try connection.statement(sql, database)
    if let parameter { statement.bind(parameter, at: 1) }
    try statement.run()
  }

  // MARK: Closings

  /// Closes versions, each in its category's table.
  func closeRows(categories: [(category: String, rows: [Int64])]) throws {
    for (category, rows) in categories {
      guard let tables = model.category(category) else {
        throw WarehouseError(
          .inconsistentStep, "rows of category \(category) are to be closed; the catalog lacks it")
      }
      if wait(.close, tables.records.name, { $0.closedRows = rows }) { continue }
      try close(rows, in: tables.records.name, .row)
    }
  }

  /// Closes returns.
  func closeReturns() throws {
    guard !step.closedReturns.isEmpty else { return }
    let returns = step.closedReturns
    if wait(.closeReturns, TableModel.quarantine.name, { $0.closedReturns = returns }) { return }
    try close(step.closedReturns.sorted(), in: TableModel.quarantine.name, .returned)
  }

  /// Keeps a change of rows that SQLite does not see yet.
  ///
  /// - Returns: Whether it has to wait.
  private func wait(
    _ kind: BulkRows.Change.Kind, _ table: String, _ fill: (inout LoadStep) -> Void
  ) -> Bool {
    guard let bulk, bulk.takes(table) else { return false }
    var later = LoadStep(
      delivery: step.delivery, publication: step.publication, loadedBlocks: step.loadedBlocks)
    fill(&later)
    bulk.later(BulkRows.Change(kind: kind, table: table, step: later))
    return true
  }

  private func close(_ rows: [Int64], in table: String, _ kind: ClosingKind) throws {
    let name = SQLName.quoted(table)
    let batch = TableBatch(
      table: table, rowCount: rows.count, columns: [.integers(rows)])
    try connection.withBatch(batch) {
      if keepsUndo {
        try run(
          "INSERT INTO closing_undo (delivery, is_return, row_id) "
            + "SELECT ?1, \(kind.rawValue), t.row_id FROM \(BatchModuleName.table) AS b "
            + "CROSS JOIN \(name) AS t ON t.row_id = b.c0 WHERE t.closed_by IS NULL",
          step.delivery)
      }
      try run(
        "UPDATE \(name) SET closed_by = ?1 WHERE closed_by IS NULL "
          + "AND row_id IN (SELECT c0 FROM \(BatchModuleName.table))", step.publication)
      guard database.changesCount < rows.count else { return }
      try checkClosed(table)
    }
  }

  /// A row that this publication has closed before stays as it is: its key and its record may both have
  /// a successor. Any other contradicts the warehouse.
  private func checkClosed(_ table: String) throws {
    let statement = try connection.statement(
      "SELECT count(*) FROM \(BatchModuleName.table) AS b "
        + "LEFT JOIN \(SQLName.quoted(table)) AS t ON t.row_id = b.c0 "
        + "WHERE t.row_id IS NULL OR t.closed_by <> ?1", database)
    statement.bind(step.publication, at: 1)
    defer { statement.reset() }
    guard try statement.step(), statement.integer(0) > 0 else { return }
    throw WarehouseError(
      .inconsistentStep,
      "delivery \(step.delivery) closes \(statement.integer(0)) rows of \(table) that do not "
        + "exist or were closed before")
  }

  // MARK: Waiting

  /// Hides rows of the delivery that wait for others.
  func parkRows(categories: [(category: String, rows: [Int64])]) throws {
    for (category, rows) in categories {
      if let table = model.category(category)?.records.name,
        wait(.park, table, { $0.parkedRows = rows })
      {
        continue
      }
      try update(
        rows, in: category,
        "SET opened_by = \(TableModel.parked) WHERE opened_by = \(step.publication)")
    }
  }

  /// Shows rows that waited.
  func openRows(categories: [(category: String, rows: [Int64])]) throws {
    for (category, rows) in categories {
      try note(rows, .opened)
      try update(
        rows, in: category,
        "SET opened_by = \(step.publication) WHERE opened_by = \(TableModel.parked)")
    }
  }

  /// Leaves rows in place that this publication had closed.
  func reopenRows(categories: [(category: String, rows: [Int64])]) throws {
    for (category, rows) in categories {
      try update(rows, in: category, "SET closed_by = NULL WHERE closed_by = \(step.publication)")
    }
  }

  private func update(_ rows: [Int64], in category: String, _ change: String) throws {
    guard let tables = model.category(category) else {
      throw WarehouseError(
        .inconsistentStep, "rows of category \(category) are to be changed; the catalog lacks it")
    }
    try connection.withBatch(
      TableBatch(table: "rows", rowCount: rows.count, columns: [.integers(rows)])
    ) {
      try database.execute(
        sql: "UPDATE \(SQLName.quoted(tables.records.name)) \(change) "
          + "AND row_id IN (SELECT c0 FROM \(BatchModuleName.table))")
      guard database.changesCount == rows.count else {
        throw WarehouseError(
          .inconsistentStep,
          "delivery \(step.delivery) changes rows of \(category) that are not as they should be")
      }
    }
  }

  private func note(_ rows: [Int64], _ kind: ClosingKind) throws {
    guard keepsUndo else { return }
    for row in rows {
      try database.execute(
        sql: "INSERT INTO closing_undo (delivery, is_return, row_id) VALUES (?, ?, ?)",
        arguments: [step.delivery, kind.rawValue, row])
    }
  }

  /// Ends the waiting of versions; what waited in vain goes to quarantine.
  func closeWaiting() throws {
    for (outcome, group) in Dictionary(grouping: step.closedWaiting, by: \.outcome)
      .sorted(by: { $0.key.rawValue < $1.key.rawValue })
    {
      let rows = group.map(\.rowID).sorted()
      try note(rows, .waiting)
      let batch = TableBatch(table: "rows", rowCount: rows.count, columns: [.integers(rows)])
      try connection.withBatch(batch) {
        let isOpen = "closed_by IS NULL AND row_id IN (SELECT c0 FROM \(BatchModuleName.table))"
        if outcome == .returned {
          let names = TableModel.quarantine.columns.map(\.name)
          let sources = names.map { name in
            switch name {
            case "opened_by": "\(step.publication)"
            case "closed_by": "NULL"
            case "status": "'returned'"
            default: name
            }
          }
          try database.execute(
            sql: "INSERT INTO quarantined_record (\(names.joined(separator: ", "))) "
              + "SELECT \(sources.joined(separator: ", ")) FROM waiting_record WHERE \(isOpen)")
        }
        try database.execute(
          sql: "UPDATE waiting_record SET closed_by = \(step.publication), "
            + "wait_outcome = '\(outcome.rawValue)' WHERE \(isOpen)")
        guard database.changesCount == rows.count else {
          throw WarehouseError(
            .inconsistentStep,
            "delivery \(step.delivery) ends the waiting of records that do not wait")
        }
      }
    }
  }

  /// Replaces measures with the same dimensions.
  func replaceMeasures() throws {
    for measure in step.measures {
      try database.execute(
        sql: "INSERT OR REPLACE INTO measure VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [
          step.delivery, measure.name, measure.domain, measure.element, measure.code, measure.value,
        ])
    }
  }

  /// Counts the step's blocks in the ledger. What a fresh build began stays its own, also when a step on
  /// the live file follows: only all of it together can be taken back.
  func countBlocks() throws {
    guard step.delivery != LoadStep.night else { return }
    let late = step.returnedLate
    if late.count > 0 {
      try database.execute(
        sql: "UPDATE delivery SET accepted = accepted - ?, returned = returned + ?, "
          + "accepted_first = accepted_first - ?, returned_first = returned_first + ? WHERE id = ?",
        arguments: [late.count, late.count, late.firstCount, late.firstCount, step.delivery])
    }
    try database.execute(
      sql: "UPDATE delivery SET loaded_blocks = ?, loaded_by_build = max(loaded_by_build, ?) "
        + "WHERE id = ?",
      arguments: [step.loadedBlocks, !keepsUndo, step.delivery])
  }
}

extension LoadStep {
  /// Whether rows of records that wait, or that were closed before, change.
  fileprivate var changesWaitingRows: Bool {
    !(openedRows.isEmpty && reopenedRows.isEmpty && closedWaiting.isEmpty)
  }
}

extension SQLiteWarehouse {
  /// Row ids that belong to a delivery.
  package static func rowIDs(ofDelivery id: Int64) -> ClosedRange<Int64> {
    id << 32...id << 32 | 0xFFFF_FFFF
  }
}
