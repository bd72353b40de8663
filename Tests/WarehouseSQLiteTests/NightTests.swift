import Catalog
import Foundation
import GRDB
import Reconciliation
import Records
import Testing
import Warehouse

@testable import WarehouseSQLite

@Suite struct NightTests {
  @Test func nothingIsVisibleBeforeThePublication() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    try nights.warehouse.apply(
      nights.step(run, delivery, block: 1, [Penalty(id: 1, document: "A")], returned: [2, 3]))
    let views = [
      "PEN", "PEN_history", "PEN_each_penalty_type_code", "returned_record", "pending_record",
      "finding_current", "delivery_ledger",
    ]
    for view in views { #expect(try nights.texts("SELECT 'x' FROM \(view)").isEmpty, "\(view)") }
    try nights.finish(run, delivery)
    for view in views where view != "pending_record" {
      #expect(try !nights.texts("SELECT 'x' FROM \(view)").isEmpty, "\(view)")
    }
    #expect(try nights.warehouse.currentPublication() == 1)
    #expect(try nights.warehouse.lastRun()?.status == .published)
  }

  @Test func valuesAreShownInTheirUnits() throws {
    let nights = try Nights()
    try nights.night(
      "2026-03-01", [Penalty(id: 1, document: "A", fen: 123_456, types: ["01", "09"])])
    let row = try WarehouseReader(folder: nights.folder).read {
      try Row.fetchOne($0, sql: "SELECT * FROM PEN")
    }
    #expect(row?["fine_amount"] == 1234.56)
    #expect(row?["fine_amount_fen"] == Int64(123_456))
    #expect(row?["capital"] == 1.5)
    #expect(row?["days"] == 3)
    #expect(row?["decision_date"] == "2024-10-05")
    #expect(row?["source_update_time"] == "2023-11-14T22:13:21")
    #expect(row?["record"] == Int64(1) << 32 | 1)
    #expect(row?["delivery"] == 1)
    #expect(row?["record_number"] == 1)
    #expect(row?["publication"] == 1)
    #expect(row?["penalty_type_code"] == "01;09")
    #expect(
      try nights.texts("SELECT value FROM PEN_each_penalty_type_code ORDER BY ordinal")
        == ["01", "09"])
  }

  @Test func versionsFollowEachOtherAndEveryNightCanBeReadAgain() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A"), Penalty(id: 2, document: "B")])
    try nights.night("2026-03-02", [Penalty(id: 1, document: "A2", types: ["05"])], returned: [3])
    try nights.night("2026-03-04", [Penalty(id: 3, document: "C")])
    let current = "SELECT penalty_doc_no FROM PEN ORDER BY 1"
    #expect(try nights.texts(current) == ["A2", "B", "C"])
    #expect(
      try nights.texts(
        "SELECT penalty_doc_no || ' ' || night || ' ' || coalesce(closed_night, '-') "
          + "FROM PEN_history ORDER BY 1")
        == [
          "A 2026-03-01 2026-03-02", "A2 2026-03-02 -", "B 2026-03-01 -", "C 2026-03-04 -",
        ])
    #expect(try nights.texts("SELECT source_record_id FROM returned_record").isEmpty)

    let reader = try WarehouseReader(folder: nights.folder)
    func asOf(_ night: String) throws -> [String] {
      try reader.showAsOf(night: night, catalog: Fixture.catalog)
      return try reader.read { try String.fetchAll($0, sql: current) }
    }
    #expect(try asOf("2026-03-01") == ["A", "B"])
    #expect(
      try reader.read {
        try String.fetchAll(
          $0, sql: "SELECT closed_night FROM PEN_history WHERE closed_night IS NOT NULL")
      }.isEmpty)
    #expect(try asOf("2026-03-03") == ["A2", "B"])
    #expect(
      try reader.read {
        try String.fetchAll($0, sql: "SELECT source_record_id FROM returned_record")
      } == ["R3"])
    #expect(
      try reader.read { try String.fetchAll($0, sql: "SELECT code FROM finding_current") }
        == ["Q24"])
    #expect(try asOf("2026-03-04") == ["A2", "B", "C"])
    #expect(throws: WarehouseError.self) { try asOf("2026-02-28") }
    #expect(throws: WarehouseError.self) {
      try reader.showAsOf(publication: 4, catalog: Fixture.catalog)
    }
    let select = try AsOf.select(view: "PEN", WarehouseModel(Fixture.catalog), publication: 1)
    #expect(
      try nights.texts("SELECT penalty_doc_no FROM (\(select ?? "")) ORDER BY 1") == ["A", "B"])
    expectSound(try nights.warehouse.verify())
  }

  @Test func aReaderSeesWholeNightsOnly() async throws {
    let nights = try Nights()
    try nights.night("2026-03-01", (1...100).map { Penalty(id: $0, document: "A\($0)") })
    let folder = nights.folder
    let polling = Task {
      var seen: Set<String> = []
      let reader = try WarehouseReader(folder: folder)
      while !Task.isCancelled {
        let row = try reader.read { database in
          try String.fetchOne(
            database,
            sql: "SELECT count(*) || ' ' || min(substr(penalty_doc_no, 1, 1)) || "
              + "max(substr(penalty_doc_no, 1, 1)) || ' ' || (SELECT count(*) FROM PEN) FROM PEN")
        }
        if let row { seen.insert(row) }
        await Task.yield()
      }
      return seen
    }
    for (night, letter) in [("2026-03-02", "B"), ("2026-03-03", "C")] {
      let run = try nights.begin(night)
      let delivery = try nights.deliver(run, content: letter)
      for block in 1...10 {
        let first = (block - 1) * 10 + 1
        let penalties = (first..<first + 10).map { Penalty(id: $0, document: "\(letter)\($0)") }
        try nights.warehouse.apply(
          nights.step(run, delivery, block: block, first: first, penalties))
        try await Task.sleep(for: .milliseconds(3))
      }
      try nights.finish(run, delivery)
      try await Task.sleep(for: .milliseconds(20))
    }
    polling.cancel()
    let seen = try await polling.value
    #expect(seen.isSubset(of: ["100 AA 100", "100 BB 100", "100 CC 100"]), "\(seen)")
    #expect(seen.contains("100 CC 100"))
  }

  @Test func aStepThatWasAppliedIsSkipped() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    let step = nights.step(run, delivery, block: 2, [Penalty(id: 1, document: "A")])
    try nights.warehouse.apply(step)
    try nights.reopen()
    #expect(try nights.warehouse.delivery(id: delivery.id)?.loadedBlocks == 2)
    try nights.warehouse.apply(step)
    var stale = delivery
    stale.status = .judged
    try nights.warehouse.update(stale)
    #expect(try nights.warehouse.delivery(id: delivery.id)?.loadedBlocks == 2)
    try nights.finish(run, delivery)
    #expect(try nights.texts("SELECT penalty_doc_no FROM PEN") == ["A"])
    expectSound(try nights.warehouse.verify())
  }

  @Test func publishingIsInOrderAndCanBeRepeated() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    #expect(throws: WarehouseError.self) {
      try nights.warehouse.publish(run: run.id, publication: 2)
    }
    try nights.warehouse.publish(run: run.id, publication: 1)
    try nights.warehouse.publish(run: run.id, publication: 1)
    #expect(try nights.warehouse.currentPublication() == 1)
    #expect(
      try nights.texts("SELECT night || published_at FROM publication_night")
        == ["2026-03-012026-03-01T03:10:00+08:00"])
    let next = try nights.begin("2026-03-02")
    #expect(next.id == 2 && next.publication == 2)
    let delivery = try nights.deliver(next)
    let late = LoadStep(delivery: delivery.id, publication: 1, loadedBlocks: 1)
    let error = #expect(throws: WarehouseError.self) { try nights.warehouse.apply(late) }
    #expect(error?.code == .inconsistentStep)
  }

  @Test func closingWhatIsNotThereIsRefused() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A")])
    try nights.night("2026-03-02", [Penalty(id: 1, document: "B")])
    let run = try nights.begin("2026-03-03")
    let delivery = try nights.deliver(run)
    // One that never was, one of no delivery, and one that an earlier publication closed.
    for row in [Penalty.rowID(1, 77), Penalty.rowID(50, 1), Penalty.rowID(1, 1)] {
      let step = LoadStep(
        delivery: delivery.id, publication: run.publication, loadedBlocks: 1, closedRows: [row])
      #expect(throws: WarehouseError.self) { try nights.warehouse.apply(step) }
    }
    // What the same publication closed before stays as it is: key and record may both have a successor.
    let row = Penalty.rowID(2, 1)
    for block in 2...3 {
      try nights.warehouse.apply(
        LoadStep(
          delivery: delivery.id, publication: run.publication, loadedBlocks: block,
          closedRows: [row, row]))
    }
  }

  @Test func returnsStreamWithTheirFindings() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    try nights.warehouse.apply(nights.step(run, delivery, block: 1, [], returned: [5, 6]))
    try nights.warehouse.apply(
      LoadStep(
        delivery: delivery.id, publication: run.publication, loadedBlocks: 2,
        batches: Penalty.quarantine([7], delivery: delivery.id, first: 3, status: "pending")))
    try nights.finish(run, delivery)
    var found: [QuarantinedRecord] = []
    try nights.warehouse.returns(delivery: delivery.id, publication: 1) { found.append($0) }
    #expect(found.map(\.raw) == ["R5,罚没", "R6,罚没"])
    #expect(found.map(\.recordNumber) == [1, 2])
    #expect(
      found[0].findings == [
        StoredFinding(
          code: "Q24", rule: "penalty.list", ruleVersion: 1, element: "penalty_type_code",
          severity: "return", value: "罚没", expected: "")
      ])
    #expect(try nights.texts("SELECT source_record_id FROM pending_record") == ["R7"])
    try nights.night("2026-03-02", [Penalty(id: 5, document: "E")])
    found = []
    try nights.warehouse.returns(delivery: delivery.id, publication: 1) { found.append($0) }
    #expect(found.map(\.raw) == ["R6,罚没"])
  }

  @Test func statesComeBackByKeyAndByStream() throws {
    let nights = try Nights()
    #expect(try !nights.warehouse.hasState(stream: 7))
    try nights.night("2026-03-01", (1...500).map { Penalty(id: $0, document: "A\($0)") })
    #expect(try nights.warehouse.hasState(stream: 7))
    #expect(try !nights.warehouse.hasState(stream: 6) && !nights.warehouse.hasState(stream: 8))
    let keys = [1, 7, 500, 501].map { Fixture.key($0) }.sorted()
    let states = try nights.warehouse.recordStates(keys)
    #expect(states.map(\.key) == keys.filter { $0 != Fixture.key(501) })
    let first = states.first { $0.key == Fixture.key(1) }
    #expect(first?.rowID == nights.rows[1])
    #expect(first?.entity == Fixture.key(1, stream: 9))
    #expect(first?.accepted == Fixture.key(100, stream: 1))
    let entities = try nights.warehouse.entityStates(
      [1, 2].map { Fixture.key($0, stream: 9) }.sorted())
    #expect(Set(entities.map(\.updateTime)) == [5, .min])
    var scanned: [Fingerprint] = []
    try nights.warehouse.scanRecordStates(stream: 7) { scanned.append($0.key) }
    #expect(scanned == (1...500).map { Fixture.key($0) }.sorted())
    var last: [RecordState] = []
    try nights.warehouse.scanRecordStates(stream: .max) { last.append($0) }
    #expect(last.isEmpty)
  }

  @Test func theLastStreamHasAnEnd() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    let highest = Fingerprint(high: .max, low: .max)
    try nights.warehouse.apply(
      LoadStep(
        delivery: delivery.id, publication: 1, loadedBlocks: 1,
        recordStates: [
          RecordState(key: highest, accepted: nil, rowID: nil, returnedRowID: nil, attempts: 1)
        ]))
    #expect(try nights.warehouse.hasState(stream: .max))
    #expect(try !nights.warehouse.hasState(stream: .max - 1))
  }

  @Test func removedEntitiesGoOnlyWithTheirRow() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A"), Penalty(id: 2, document: "B")])
    let run = try nights.begin("2026-03-02")
    let delivery = try nights.deliver(run, content: "two")
    let keys = [1, 2].map { Fixture.key($0, stream: 9) }.sorted()
    var step = LoadStep(delivery: delivery.id, publication: 2, loadedBlocks: 1)
    step.removedEntities = [
      ShownRow(key: Fixture.key(1, stream: 9), rowID: Penalty.rowID(1, 1)),
      ShownRow(key: Fixture.key(2, stream: 9), rowID: 4),
    ]
    try nights.warehouse.apply(step)
    #expect(
      try nights.warehouse.entityStates(keys).map(\.key) == [Fixture.key(2, stream: 9)])
  }

  @Test(arguments: [1, 2, 5, 40])
  func statesAreFoundWhereverTheyStand(everyNth: Int) throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    var random = SystemRandomNumberGenerator()
    let all = (0..<8000).map { _ in
      Fingerprint(high: random.next(), low: random.next()).inStream(7)
    }.sorted()
    let stored = all.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    try nights.warehouse.apply(
      LoadStep(
        delivery: delivery.id, publication: 1, loadedBlocks: 1,
        recordStates: stored.enumerated().map {
          RecordState(
            key: $0.element, accepted: nil, rowID: nil, returnedRowID: nil, attempts: $0.offset)
        },
        entityStates: stored.enumerated().map {
          EntityState(
            key: $0.element, rowID: Int64($0.offset), updateTime: 1, record: $0.element)
        }))
    let wanted = all.enumerated().filter { $0.offset.isMultiple(of: everyNth) }.map(\.element)
    let known = Set(stored)
    let expected = wanted.filter(known.contains)
    for _ in 1...3 {
      #expect(try nights.warehouse.recordStates(wanted).map(\.key) == expected)
      #expect(try nights.warehouse.entityStates(wanted).map(\.key) == expected)
    }
    let place = Dictionary(uniqueKeysWithValues: stored.enumerated().map { ($1, $0) })
    #expect(
      try nights.warehouse.recordStates(wanted).allSatisfy { $0.attempts == place[$0.key] })
  }

  @Test func overtakenRecordsShowNoRowAndKeepTheRest() throws {
    let nights = try Nights()
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A"), Penalty(id: 2, document: "B")])
    let run = try nights.begin("2026-03-02")
    let delivery = try nights.deliver(run, content: "two")
    let keys = [1, 2].map { Fixture.key($0) }.sorted()
    let before = try nights.warehouse.recordStates(keys)
    var step = LoadStep(delivery: delivery.id, publication: 2, loadedBlocks: 1)
    step.closedRows = [Penalty.rowID(1, 1)]
    step.overtakenRecords = [
      ShownRow(key: Fixture.key(1), rowID: Penalty.rowID(1, 1)),
      ShownRow(key: Fixture.key(2), rowID: 4),
    ]
    try nights.warehouse.apply(step)
    let expected = before.map { state in
      var state = state
      if state.key == Fixture.key(1) {
        state.rowID = nil
        state.entity = nil
      }
      return state
    }
    #expect(try nights.warehouse.recordStates(keys) == expected)
    try nights.warehouse.discardUnpublished(delivery: delivery.id)
    #expect(try nights.warehouse.recordStates(keys) == before)
  }

  @Test func measuresAddUpAndAreReplaced() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    let measure = Measure(delivery: delivery.id, name: "filled", element: "uscc", value: 3)
    try nights.warehouse.replaceMeasures([measure, measure], delivery: delivery.id)
    #expect(try nights.warehouse.measures(run: run.id).map(\.value) == [6])
    try nights.warehouse.replaceMeasures([measure], delivery: delivery.id)
    #expect(try nights.warehouse.measures(run: run.id) == [measure])
  }

  @Test func theLedgerKeepsEveryField() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    var entry = Fixture.entry(run)
    entry.isFull = true
    entry.reason = "Q15 截断\n第二行"
    entry.encoding = "gb18030"
    entry.batchNumber = "B-1"
    entry.drift = "新列: x"
    entry = try nights.warehouse.enter([entry])[0]
    #expect(entry.id == 1)
    entry.status = .held
    var number = 0
    for path in [
      \Balance.read, \.accepted, \.unchanged, \.duplicate, \.returned, \.pending, \.held,
      \.deleted, \.acceptedFirst, \.returnedFirst, \.removed,
    ] {
      number += 1
      entry.balance[keyPath: path] = number
    }
    try nights.warehouse.update(entry)
    try nights.reopen()
    #expect(try nights.warehouse.delivery(id: 1) == entry)
    #expect(try nights.warehouse.deliveries(run: run.id) == [entry])
    #expect(try nights.warehouse.deliveries(status: .held) == [entry])
    #expect(try nights.warehouse.deliveries(status: .taken).isEmpty)
    #expect(
      try nights.warehouse.delivery(
        system: "SAM", category: entry.category, content: "c0ffee", length: 100) == entry)
    #expect(
      try nights.warehouse.delivery(
        system: "SAM", category: entry.category, content: "c0ffee", length: 99) == nil)
    #expect(try nights.warehouse.runs(limit: 5) == [run])
    entry.id = 44
    #expect(throws: WarehouseError.self) { try nights.warehouse.update(entry) }
  }

  // MARK: Records that waited in vain

  /// `PEN` with rows inside its records.
  private static var withVehicles: Catalog {
    var catalog = Fixture.catalog
    catalog.categories[0].children = [
      ChildTable(
        name: "vehicles", title: "", english: "", elements: [Fixture.element("plate_no")],
        origin: "assumed")
    ]
    return catalog
  }

  @Test(arguments: [.published, .returned, .replaced, .deleted] as [WaitingOutcome])
  func rowsInsideOfARecordGoAndStayWithIt(outcome: WaitingOutcome) throws {
    let nights = try Nights()
    try nights.reopen(Self.withVehicles)
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    var step = nights.step(run, delivery, block: 1, [Penalty(id: 1, document: "A")])
    let row = Penalty.rowID(delivery.id, 1)
    var text = TextArena()
    step.batches.append(
      TableBatch(
        table: "PEN_vehicles", rowCount: 2,
        columns: [
          .integers([row, row]), .integers([1, 2]),
          .texts(["京A1", "京A2"].map { text.appendText($0) }),
        ], text: text))
    step.batches += Penalty.quarantine([1], delivery: delivery.id, first: 1, status: "pending")
    step.parkedRows = [row]
    if outcome != .published {
      step.recordStates = []
      step.entityStates = []
    }
    try nights.warehouse.apply(step)
    try nights.finish(run, delivery)
    #expect(try nights.texts("SELECT plate_no FROM PEN_vehicles") == ["京A1", "京A2"])

    let next = try nights.begin("2026-03-02")
    let entry = try nights.deliver(next, content: "two")
    var closing = LoadStep(delivery: entry.id, publication: next.publication, loadedBlocks: 1)
    closing.closedWaiting = [ClosedWaiting(rowID: row, outcome: outcome)]
    if outcome == .published { closing.openedRows = [row] }
    try nights.warehouse.apply(closing)
    try nights.finish(next, entry)
    #expect(
      try nights.texts("SELECT plate_no FROM PEN_vehicles").count == (outcome == .published ? 2 : 0)
    )
    expectSound(try nights.warehouse.verify())
  }

  /// An earlier program left them.
  @Test func rowsWithoutARecordAreRemovedFromFilesThatHaveThem() throws {
    let nights = try Nights()
    try nights.reopen(Self.withVehicles)
    try nights.night("2026-03-01", [Penalty(id: 1, document: "A")])
    let row = Penalty.rowID(1, 1)
    try nights.warehouse.close()
    let file = try DatabaseQueue(path: nights.warehouse.path)
    try file.write { database in
      try database.execute(
        sql: "INSERT INTO PEN_vehicles VALUES (?, 1, '京A1'), (?, 1, '京A2')",
        arguments: [row, row + 7])
      try database.execute(
        sql: "DELETE FROM grdb_migrations WHERE identifier = '0009-rows-without-a-record'")
    }
    try file.close()
    try nights.reopen(Self.withVehicles)
    #expect(try nights.texts("SELECT plate_no FROM PEN_vehicles") == ["京A1"])
    #expect(try nights.texts("SELECT value FROM PEN_penalty_type_code") == ["01"])
    expectSound(try nights.warehouse.verify())
  }
}
