import Catalog
import Foundation
import GRDB
import Reconciliation
import Records
import Testing
import Warehouse

@testable import WarehouseSQLite

@Suite struct FreshBuildTests {
  private static let steps = 4

  private func load(_ nights: Nights, _ run: RunEntry, _ delivery: DeliveryEntry) throws {
    for block in 1...Self.steps {
      let first = block * 50
      // Two records of each step come again in the next, so that states change within the build.
      let penalties = (first - 2..<first + 50).map { Penalty(id: $0, document: "\(block)/\($0)") }
      try nights.warehouse.apply(
        nights.step(run, delivery, block: block, first: block * 100, penalties, returned: [block]))
    }
  }

  private func firstNight(_ nights: Nights, fresh: Bool) throws {
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    if fresh { try nights.warehouse.beginFreshBuild() }
    try load(nights, run, delivery)
    if fresh { try nights.warehouse.finishFreshBuild() }
    try nights.finish(run, delivery)
  }

  @Test func aFreshBuildGivesTheSameContent() throws {
    let plain = try Nights()
    try firstNight(plain, fresh: false)
    var options = Nights.options
    options.checksFreshBuild = true
    let fresh = try Nights(options)
    try firstNight(fresh, fresh: true)
    #expect(try fresh.dump() == plain.dump())
    expectSound(try fresh.warehouse.verify())
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fresh.folder).contains {
        $0.contains("building")
      } == false)
    func indexes(_ nights: Nights) throws -> [String?] {
      try nights.texts("SELECT sql FROM sqlite_schema WHERE type = 'index' ORDER BY name")
    }
    #expect(try indexes(fresh) == indexes(plain))
    #expect(try fresh.texts("PRAGMA journal_mode") == ["wal"])
    try fresh.night("2026-03-02", [Penalty(id: 60, document: "new")])
    try plain.night("2026-03-02", [Penalty(id: 60, document: "new")])
    #expect(try fresh.dump() == plain.dump())
  }

  /// One run had all deliveries when the statistics were made; every night has a run of its own afterwards.
  @Test func laterNightsAskTheIndexesOfTheLedger() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    for number in 0..<200 { _ = try nights.deliver(run, content: "more-\(number)") }
    try nights.warehouse.beginFreshBuild()
    try load(nights, run, delivery)
    try nights.warehouse.finishFreshBuild()
    try nights.finish(run, delivery)
    #expect(try nights.texts("SELECT tbl FROM sqlite_stat1").contains("PEN_version"))
    func plan(_ sql: String) throws -> [String] {
      try DatabaseQueue(path: nights.warehouse.path).read { database in
        try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] }
      }
    }
    for sql in [
      "SELECT count(*) FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id WHERE r.night > '2026'",
      "SELECT * FROM delivery WHERE run = 7 ORDER BY id",
    ] {
      let steps = try plan(sql)
      #expect(steps.contains { $0.contains("INDEX delivery_run (run=?)") }, "\(steps)")
    }
    let open = try plan("SELECT row_id FROM quarantined_record WHERE closed_by IS NULL")
    #expect(open.contains { $0.hasPrefix("SEARCH") }, "\(open)")
  }

  @Test func statesCanBeReadWhileBuilding() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    try nights.warehouse.beginFreshBuild()
    #expect(try !nights.warehouse.hasState(stream: 7))
    try nights.warehouse.apply(
      nights.step(run, delivery, block: 1, [Penalty(id: 1, document: "A")]))
    #expect(try nights.warehouse.hasState(stream: 7))
    #expect(try nights.warehouse.recordStates([Fixture.key(1)]).count == 1)
    var second = nights.step(run, delivery, block: 2, first: 2, [Penalty(id: 1, document: "B")])
    second.removedEntities = [
      ShownRow(key: Fixture.key(1, stream: 9), rowID: Penalty.rowID(1, 1))
    ]
    try nights.warehouse.apply(second)
    let key = Fixture.key(1, stream: 9)
    #expect(try nights.warehouse.entityStates([key]).map(\.rowID) == [Penalty.rowID(1, 2)])
    var third = LoadStep(delivery: 1, publication: 1, loadedBlocks: 3)
    third.removedEntities = [ShownRow(key: key, rowID: Penalty.rowID(1, 2))]
    try nights.warehouse.apply(third)
    #expect(try nights.warehouse.entityStates([key]).isEmpty)
    var count = 0
    try nights.warehouse.scanRecordStates(stream: 7) { _ in count += 1 }
    #expect(count == 1)
  }

  @Test func whatWasThereBeforeADeliveryIsNotedWhileBuilding() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let first = try nights.deliver(run, content: "first")
    let second = try nights.deliver(run, content: "second")
    try nights.warehouse.beginFreshBuild()
    var step = nights.step(run, first, block: 1, [Penalty(id: 1, document: "A")])
    step.beginsStream = true
    try nights.warehouse.apply(step)
    let records = [Fixture.key(1), Fixture.key(2)].sorted()
    let entities = [Fixture.key(1, stream: 9), Fixture.key(2, stream: 9)].sorted()
    let record = try #require(try nights.warehouse.recordStates(records).first)
    let entity = try #require(try nights.warehouse.entityStates(entities).first)
    try nights.warehouse.apply(
      nights.step(
        run, second, block: 1, [Penalty(id: 1, document: "B"), Penalty(id: 2, document: "C")]))
    try nights.warehouse.finishFreshBuild()
    // They outlive the process that built.
    try nights.reopen()
    let warehouse = nights.warehouse
    #expect(try warehouse.recordStatesBefore(delivery: first.id, records).isEmpty)
    #expect(
      try warehouse.recordStatesBefore(delivery: second.id, records).compactMapValues { $0 }
        == [record.key: record])
    #expect(
      try warehouse.entityStatesBefore(delivery: second.id, entities).compactMapValues { $0 }
        == [entity.key: entity])
    // Taken back, nothing of the build is left, of its notes neither.
    try warehouse.discardAllUnpublished()
    #expect(try warehouse.recordStatesBefore(delivery: second.id, records).isEmpty)
    #expect(try warehouse.recordStates(records).isEmpty)
  }

  /// The folder as a `kill -9` at this moment would leave it, opened by the next process.
  private func afterKill(_ nights: Nights) throws -> Nights {
    let other = try Nights()
    try other.warehouse.close()
    try FileManager.default.removeItem(atPath: other.folder)
    try FileManager.default.copyItem(atPath: nights.folder, toPath: other.folder)
    other.warehouse = try SQLiteWarehouse(
      folder: other.folder, catalog: Fixture.catalog, options: Nights.options)
    return other
  }

  @Test func killedAtAnyStageTheFileIsTheOldOrTheNewOne() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    try nights.warehouse.beginFreshBuild()
    try load(nights, run, delivery)
    var entry = delivery
    entry.status = .loaded
    try nights.warehouse.update(entry)
    var states: [FreshBuildStage: Int] = [:]
    nights.warehouse.stageReached = { stage in
      let survivor = try afterKill(nights)
      #expect(try survivor.warehouse.verify() == [], "\(stage)")
      states[stage] = try survivor.warehouse.delivery(id: 1)?.loadedBlocks
      #expect(!FileManager.default.fileExists(atPath: survivor.warehouse.buildingPath))
      #expect(try survivor.warehouse.lastRun()?.status == .running)
      #expect(try survivor.warehouse.currentPublication() == 0)
      let again = try survivor.warehouse.delivery(id: 1) ?? entry
      #expect(again.status == (again.loadedBlocks == 0 ? .taken : .loaded), "\(stage)")
      if again.loadedBlocks == 0 { try survivor.warehouse.beginFreshBuild() }
      try load(survivor, run, again)
      if again.loadedBlocks == 0 { try survivor.warehouse.finishFreshBuild() }
      try survivor.finish(run, again)
      let calm = try Nights()
      try firstNight(calm, fresh: false)
      #expect(try survivor.dump() == calm.dump(), "\(stage)")
    }
    try nights.warehouse.finishFreshBuild()
    #expect(states[.liveClosed] == 0 && states[.logUnlinked] == 0)
    #expect(states[.renamed] == Self.steps && states[.folderSynchronized] == Self.steps)
    #expect(states.count == FreshBuildStage.allCases.count)
  }

  @Test func killedWhileLoadingNothingIsThere() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    try nights.warehouse.beginFreshBuild()
    var late = Fixture.entry(run, content: "late")
    late = try nights.warehouse.enter([late])[0]
    late.status = .judged
    try nights.warehouse.update(late)
    try load(nights, run, delivery)
    let survivor = try afterKill(nights)
    #expect(try !survivor.warehouse.holdsRecords())
    #expect(try survivor.warehouse.deliveries(run: 1).map(\.status) == [.taken, .judged])
    #expect(try survivor.warehouse.deliveries(run: 1).map(\.loadedBlocks) == [0, 0])
    #expect(try survivor.warehouse.unpublishedDeliveries().isEmpty)
  }

  @Test func aReaderOfTheOldFileGoesOnReadingIt() throws {
    let nights = try Nights()
    let old = try WarehouseReader(folder: nights.folder)
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    #expect(try old.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM PEN") } == 0)
    try nights.warehouse.beginFreshBuild()
    try load(nights, run, delivery)
    try nights.warehouse.finishFreshBuild()
    try nights.finish(run, delivery)
    #expect(try old.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM PEN") } == 0)
    #expect(try old.read { try Int.fetchOne($0, sql: "SELECT number FROM publication") } == 0)
    let new = try WarehouseReader(folder: nights.folder)
    #expect(try new.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM PEN") } == 202)
    try nights.night("2026-03-02", [Penalty(id: 999, document: "new")])
    #expect(try new.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM PEN") } == 203)
    #expect(try old.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM PEN") } == 0)
  }

  @Test func anOldWriterThatClosesLateLeavesTheNewLogAlone() throws {
    let nights = try Nights()
    let other = try DatabaseQueue(path: nights.warehouse.path)
    #expect(try other.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM PEN") } == 0)
    try firstNight(nights, fresh: true)
    try nights.night("2026-03-02", [Penalty(id: 999, document: "new")])
    try other.close()
    #expect(FileManager.default.fileExists(atPath: nights.warehouse.path + "-wal"))
    try nights.night("2026-03-03", [Penalty(id: 998, document: "newer")])
    let survivor = try afterKill(nights)
    #expect(try survivor.texts("SELECT 'x' FROM PEN").count == 204)
    expectSound(try survivor.warehouse.verify())
  }

  @Test func aFreshBuildNeedsAnEmptyWarehouse() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A")])
    let error = #expect(throws: WarehouseError.self) { try nights.warehouse.beginFreshBuild() }
    #expect(error?.code == .freshBuild)
    #expect(throws: WarehouseError.self) { try nights.warehouse.finishFreshBuild() }
  }

  /// Rows that replace, wait and are taken out again, looked for at different moments of the build.
  private func eventful(
    _ nights: Nights, lookingAfter moments: Set<Int>
  ) throws -> [[[Int64]]] {
    let warehouse = nights.warehouse
    let run = try nights.begin("2026-03-01")
    try warehouse.beginFreshBuild()
    let key = LookupKey(category: "PEN", elements: ["penalty_doc_no"])
    var found: [[[Int64]]] = []
    func look(_ moment: Int) throws {
      guard moments.contains(moment) else { return }
      try warehouse.prepareLookups([key])
      var text = TextArena()
      let probes = (0..<60).map { text.appendText("A/\($0)") }
      let rows = try warehouse.candidates(
        CandidateQuery(
          key: key, probes: [probes], text: text, elements: [], publication: run.publication))
      found.append([rows.rowIDs])
    }
    func penalties(_ ids: Range<Int>, _ letter: String) -> [Penalty] {
      ids.map { Penalty(id: $0, document: "\(letter)/\($0)", types: ["01", "02"]) }
    }
    let deliveries = try (0..<4).map { try nights.deliver(run, content: "\($0)") }
    try look(0)
    // The third delivery comes before the first, and the second is held.
    try warehouse.apply(
      nights.step(run, deliveries[2], block: 1, penalties(0..<40, "A"), returned: [90, 91]))
    try look(1)
    var rows = nights.rows
    try warehouse.apply(nights.step(run, deliveries[0], block: 1, penalties(40..<60, "A")))
    rows = nights.rows
    let held = LoadStep(
      delivery: deliveries[1].id, publication: run.publication, loadedBlocks: 1,
      batches: Penalty.batches(penalties(200..<260, "held"), delivery: deliveries[1].id))
    try warehouse.apply(held)
    try look(2)
    try warehouse.withdrawRows(delivery: deliveries[1].id)
    nights.rows = rows
    var last = nights.step(run, deliveries[3], block: 1, penalties(30..<50, "B"), returned: [])
    last.parkedRows = [Penalty.rowID(deliveries[3].id, 3), Penalty.rowID(deliveries[3].id, 7)]
    last.closedReturns = nights.returned.values.sorted()
    try warehouse.apply(last)
    try look(3)
    try warehouse.finishFreshBuild()
    try look(4)
    var entries = deliveries
    for index in entries.indices where index != 1 {
      entries[index].status = .loaded
      try warehouse.update(entries[index])
    }
    try warehouse.publish(run: run.id, publication: run.publication)
    return found
  }

  @Test(arguments: [[], [0], [1], [2], [3], [0, 1, 2, 3, 4], [4]] as [Set<Int>])
  func whoeverLooksFindsTheRowsThatAreThere(moments: Set<Int>) throws {
    var options = Nights.options
    options.checksFreshBuild = true
    options.pageSize = 1024
    let pages = try Nights(options)
    let found = try eventful(pages, lookingAfter: moments)
    options.writesPages = false
    let inserted = try Nights(options)
    #expect(try found == eventful(inserted, lookingAfter: moments))
    #expect(found.count == moments.count)
    #expect(try pages.dump() == inserted.dump())
    #expect(try pages.texts("SELECT penalty_doc_no FROM PEN").count == 58)
    let bare = "SELECT row_id FROM PEN_version ORDER BY row_id"
    #expect(try pages.read(bare, Int64.self) == inserted.read(bare, Int64.self))
    for nights in [pages, inserted] {
      let waiting = "SELECT count(*) FROM PEN_version WHERE opened_by > 1000"
      #expect(try nights.read(waiting, Int.self) == [2])
      #expect(try nights.texts("PRAGMA integrity_check") == ["ok"])
    }
  }

  /// What a load asks on its way must not hand its rows over, or nothing is won.
  @Test func rowsAreHeldBackUntilSomebodyReadsThem() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    let warehouse = nights.warehouse
    try warehouse.beginFreshBuild()
    try load(nights, run, delivery)
    _ = try warehouse.hasState(stream: 7)
    _ = try warehouse.recordStates([Fixture.key(1)])
    _ = try warehouse.deliveries(run: run.id)
    _ = try warehouse.hasWaiting(category: "PEN")
    _ = try warehouse.overrides(standing: true)
    try warehouse.prepareLookups([LookupKey(category: "ENT", elements: ["uscc"])])
    #expect(warehouse.bulk?.takes("PEN_version") == true)
    #expect(warehouse.bulk?.takes("ENT_version") == false)
    var count = 0
    try warehouse.openRows(
      delivery: delivery.id, publication: run.publication, category: "PEN",
      elements: ["penalty_doc_no"]
    ) { count += $0.recordCount }
    #expect(count == 202)
    #expect(warehouse.bulk?.takes("PEN_version") == false)
  }

  @Test func aFailedStepSpoilsTheBuildOnly() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    try nights.warehouse.beginFreshBuild()
    #expect(throws: WarehouseError.self) { try nights.warehouse.beginFreshBuild() }
    #expect(throws: WarehouseError.self) {
      try nights.warehouse.publish(run: run.id, publication: 1)
    }
    let step = nights.step(run, delivery, block: 1, [Penalty(id: 1, document: "A")])
    try nights.warehouse.apply(step)
    var twice = step
    twice.loadedBlocks = 2
    #expect(throws: WarehouseError.self) { try nights.warehouse.apply(twice) }
    for call in [
      { try nights.warehouse.apply(step) }, { try nights.warehouse.finishFreshBuild() },
      { _ = try nights.warehouse.hasState(stream: 7) },
    ] {
      let error = #expect(throws: WarehouseError.self) { try call() }
      #expect(error?.code == .freshBuild)
    }
    try nights.warehouse.abandonFreshBuild()
    try nights.warehouse.apply(step)
    try nights.finish(run, delivery)
    expectSound(try nights.warehouse.verify())
  }

  @Test func aFreshlyBuiltNightIsDiscardedAsAWhole() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let one = try nights.deliver(run, content: "one")
    let two = try nights.deliver(run, content: "two")
    try nights.warehouse.beginFreshBuild()
    try nights.warehouse.apply(nights.step(run, one, block: 1, [Penalty(id: 1, document: "A")]))
    try nights.warehouse.apply(nights.step(run, two, block: 1, [Penalty(id: 2, document: "B")]))
    try nights.warehouse.finishFreshBuild()
    let error = #expect(throws: WarehouseError.self) {
      try nights.warehouse.discardUnpublished(delivery: one.id)
    }
    #expect(error?.code == .freshBuild)
    try nights.warehouse.discardAllUnpublished()
    #expect(try !nights.warehouse.holdsRecords())
    #expect(try !nights.warehouse.hasState(stream: 7))
    try nights.warehouse.beginFreshBuild()
  }

  /// The file was made for another catalog, by a night that came to nothing.
  @Test(arguments: [true, false], [true, false])
  func valuesStandInTheirColumnsWhateverCatalogMadeTheFile(isFresh: Bool, hadRows: Bool) throws {
    var other = Fixture.catalog
    other.categories[0].elements.insert(Fixture.element("remark"), at: 2)
    other.categories[0].elements.swapAt(3, 4)
    other.categories[0].elements.removeAll { $0.element.identifier == "days" }
    let nights = try Nights()
    try nights.warehouse.close()
    try FileManager.default.removeItem(atPath: nights.folder)
    nights.warehouse = try SQLiteWarehouse(
      folder: nights.folder, catalog: other, options: Nights.options)
    if hadRows {
      let run = try nights.begin("2026-02-28")
      let entry = try nights.deliver(run, content: "other")
      var rows = Penalty.batches([Penalty(id: 1, document: "A")], delivery: entry.id)[0]
      rows.columns.remove(at: 13)
      rows.columns.insert(.constantText(nil), at: 6)
      try nights.warehouse.apply(
        LoadStep(
          delivery: entry.id, publication: run.publication, loadedBlocks: 1, batches: [rows]))
      try nights.reopen()
      try nights.warehouse.discardAllUnpublished()
    }
    try nights.reopen()
    let columns = try nights.texts("SELECT name FROM pragma_table_info('PEN_version')")
    #expect(columns.contains("remark") == false)
    try firstNight(nights, fresh: isFresh)
    let plain = try Nights()
    try firstNight(plain, fresh: false)
    let values = """
      SELECT penalty_doc_no || ' ' || agency_uscc || ' ' || uscc || ' ' || days || ' ' || fine_amount
      FROM PEN ORDER BY record
      """
    let found = try nights.texts(values)
    #expect(try found == plain.texts(values) && found.count > 100)
    expectSound(try nights.warehouse.verify())
  }

  /// Rows keep an earlier catalog's table as it is: SQLite is told by name which value goes where.
  @Test func pagesAreNotWrittenForATableWithOtherColumns() throws {
    let nights = try Nights()
    try nights.warehouse.close()
    let file = try DatabaseQueue(path: nights.warehouse.path)
    try file.write { database in
      try database.execute(sql: "ALTER TABLE PEN_version ADD COLUMN gone TEXT")
      let model = try WarehouseModel(Fixture.catalog)
      let rows = try BulkRows(path: nights.warehouse.path, model, database)
      #expect(!rows.takes("PEN_version") && rows.takes("ENT_version"))
    }
  }
}
