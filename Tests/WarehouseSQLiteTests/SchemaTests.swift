import Catalog
import Foundation
import GRDB
import Testing
import Warehouse

@testable import WarehouseSQLite

@Suite struct SchemaTests {
  @Test func aNewWarehouseHasTheCatalogsTablesAndViews() throws {
    let nights = try Nights()
    let names = try nights.texts(
      "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    ).compactMap { $0 }
    for name in [
      "ENT", "ENT_history", "ENT_version", "PEN", "PEN_each_penalty_type_code",
      "PEN_each_violation_code", "PEN_history", "PEN_penalty_type_code", "PEN_version",
      "delivery_ledger", "finding", "finding_current", "pending_record", "quarantined_record",
      "record_state", "returned_record",
    ] { #expect(names.contains(name), "\(name)") }
    let kinds = try nights.texts("SELECT type FROM pragma_table_info('PEN_version')")
    #expect(
      kinds.compactMap { $0 }.prefix(6) == [
        "INTEGER", "INTEGER", "INTEGER", "INTEGER", "INTEGER", "TEXT",
      ])
    #expect(try nights.texts("PRAGMA journal_mode") == ["wal"])
    #expect(try nights.read("PRAGMA page_size", Int.self) == [16384])
    #expect(try nights.read("PRAGMA application_id", Int.self) == [0x5159_5748])
    expectSound(try nights.warehouse.verify())
  }

  /// The page of a record asks for all its attempts.
  @Test(arguments: ["quarantined_record", "waiting_record"])
  func attemptsOfARecordAreLookedUp(_ table: String) throws {
    let nights = try Nights()
    let plan = try DatabaseQueue(path: nights.warehouse.path).read { database in
      try Row.fetchAll(
        database, sql: "EXPLAIN QUERY PLAN SELECT raw FROM \(table) WHERE record_key = 'x'"
      ).map { $0["detail"] as String }
    }
    #expect(plan.count == 1 && plan[0].contains("(record_key=?)"), "\(plan)")
  }

  @Test func openingAgainChangesNothing() throws {
    let nights = try Nights()
    let before = try nights.read("PRAGMA schema_version", Int.self)
    try nights.reopen()
    #expect(try nights.read("PRAGMA schema_version", Int.self) == before)
  }

  @Test func anIndexOverOtherColumnsIsMadeAnew() throws {
    let nights = try Nights()
    let index = "index_PEN_version_1"
    let ours = "SELECT sql FROM sqlite_schema WHERE name = '\(index)'"
    let wanted = try nights.texts(ours)
    try #require(wanted.count == 1)
    try nights.warehouse.close()
    let file = try DatabaseQueue(path: nights.warehouse.path)
    try file.write { database in
      try database.execute(sql: "DROP INDEX \(index)")
      try database.execute(sql: "CREATE INDEX \(index) ON PEN_version (opened_by)")
    }
    try file.close()
    try nights.reopen()
    #expect(try nights.texts(ours) == wanted)
  }

  @Test func aGrownCatalogAddsColumnsTablesAndViews() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A1")])
    var grown = Fixture.catalog
    grown.categories[0].elements.append(Fixture.element("remark"))
    grown.categories[0].elements.insert(Fixture.element("tags", many: true), at: 2)
    grown.categories.append(Fixture.category("CAS", [Fixture.element("case_no")], key: ["case_no"]))
    try nights.reopen(grown)
    #expect(try nights.texts("SELECT penalty_doc_no FROM PEN WHERE remark IS NULL") == ["A1"])
    #expect(try nights.texts("SELECT value FROM PEN_each_tags").isEmpty)
    #expect(try nights.texts("SELECT case_no FROM CAS").isEmpty)
    expectSound(try nights.warehouse.verify())

    // Rows of the new shape go in although the column stands elsewhere in the file.
    var batch = Penalty.batches([Penalty(id: 2, document: "A2")], delivery: 2)[0]
    batch.columns.insert(.constantText("x;y"), at: 6)
    batch.columns.append(.constantText("new"))
    let run = try nights.begin("2026-03-02")
    let delivery = try nights.deliver(run, content: "two")
    try nights.warehouse.apply(
      LoadStep(
        delivery: delivery.id, publication: run.publication, loadedBlocks: 1, batches: [batch]))
    try nights.finish(run, delivery)
    #expect(
      try nights.texts("SELECT penalty_doc_no || remark || tags FROM PEN WHERE remark = 'new'")
        == ["A2newx;y"])
  }

  @Test func aRemovedElementLeavesItsColumn() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A1")])
    var shrunk = Fixture.catalog
    shrunk.categories[0].elements.removeAll { $0.element.identifier == "days" }
    try nights.reopen(shrunk)
    #expect(try nights.read("SELECT days FROM PEN_version", Int.self) == [3])
    #expect(throws: WarehouseError.self) { try nights.texts("SELECT days FROM PEN") }
    try nights.reopen()
    #expect(try nights.read("SELECT days FROM PEN", Int.self) == [3])
  }

  @Test(arguments: [
    Fixture.element("fine_amount", .text), Fixture.element("fine_amount", .number, decimals: 4),
    Fixture.element("fine_amount", .number, decimals: 2, unit: "万元"),
    Fixture.element("fine_amount", .number, decimals: 2, unit: "元", many: true),
  ])
  func aRetypedElementIsRefused(element: CategoryElement) throws {
    let nights = try Nights()
    var changed = Fixture.catalog
    changed.categories[0].elements[7] = element
    let error = #expect(throws: WarehouseError.self) { try nights.reopen(changed) }
    #expect(error?.code == .retypedElement)
    #expect(error?.message.contains("PEN.fine_amount") == true)
    nights.warehouse = try SQLiteWarehouse(folder: nights.folder, catalog: Fixture.catalog)
  }

  @Test func namesThatClashAreRefused() {
    func error(_ change: (inout Catalog) -> Void) -> WarehouseError.Code? {
      var catalog = Fixture.catalog
      change(&catalog)
      return #expect(throws: WarehouseError.self) { try WarehouseModel(catalog) }?.code
    }
    let clash = WarehouseError.Code.nameClash
    #expect(error { $0.categories[1].id = "run" } == clash)
    #expect(error { $0.categories[1].id = "pen" } == clash)
    #expect(
      error { $0.categories[0].elements[0] = Fixture.element("history", many: true) } == clash)
    #expect(error { $0.categories[0].elements[0] = Fixture.element("row_id") } == clash)
    #expect(error { $0.categories[0].elements[0] = Fixture.element("Delivery") } == clash)
    #expect(error { $0.categories[0].elements[0] = Fixture.element("fine_amount_fen") } == clash)
  }

  @Test func oddNamesAreQuoted() throws {
    var catalog = Fixture.catalog
    let name = "a\"b'; DROP TABLE run; --"
    catalog.categories.append(
      Fixture.category(
        "select \"x\"", [Fixture.element(name), Fixture.element("many \"values\"", many: true)],
        key: [name]))
    let nights = try Nights()
    try nights.reopen(catalog)
    #expect(
      try nights.texts("SELECT \"a\"\"b'; DROP TABLE run; --\" FROM \"select \"\"x\"\"\"").isEmpty)
    #expect(try nights.warehouse.lastRun() == nil)
    expectSound(try nights.warehouse.verify())
  }

  @Test func whatIsNoWarehouseIsRefused() throws {
    let folder = Fixture.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/warehouse.sqlite"
    func code() -> WarehouseError.Code? {
      #expect(throws: WarehouseError.self) {
        _ = try SQLiteWarehouse(folder: folder, catalog: Fixture.catalog)
      }?.code
    }
    try Data("not a database, but long enough to have a header of a hundred bytes".utf8).write(
      to: URL(fileURLWithPath: path))
    #expect(code() == .corrupt)
    try FileManager.default.removeItem(atPath: path)
    let other = try DatabaseQueue(path: path)
    try other.write { try $0.execute(sql: "CREATE TABLE x (y)") }
    try other.close()
    #expect(code() == .notAWarehouse)
  }

  @Test func aNewerFileIsRefused() throws {
    let nights = try Nights()
    try nights.warehouse.close()
    let queue = try DatabaseQueue(path: nights.warehouse.path)
    try queue.write { try $0.execute(sql: "PRAGMA user_version = 2") }
    try queue.close()
    let error = #expect(throws: WarehouseError.self) {
      _ = try SQLiteWarehouse(folder: nights.folder, catalog: Fixture.catalog)
    }
    #expect(error?.code == .newerFormat)
    #expect(throws: WarehouseError.self) { _ = try WarehouseReader(folder: nights.folder) }
  }

  @Test func theSecondWriterLearnsWhoIsFirst() throws {
    let nights = try Nights()
    let error = #expect(throws: WarehouseError.self) {
      _ = try SQLiteWarehouse(folder: nights.folder, catalog: Fixture.catalog)
    }
    #expect(error?.code == .inUse)
    let text = error?.message ?? ""
    #expect(text.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
    #expect(text.contains("since 2026-03-01T03:10:00+08:00 (qingyuan)"))
  }
}
