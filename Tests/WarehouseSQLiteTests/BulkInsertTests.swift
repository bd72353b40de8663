import Catalog
import Foundation
import GRDB
import Records
import Testing
import TestSupport
import Warehouse

@testable import WarehouseSQLite

@Suite struct BulkInsertTests {
  /// A value as `INSERT … VALUES` would be given it.
  private static func plain(_ column: BatchColumn, _ row: Int, _ text: TextArena) -> DatabaseValue {
    func number(_ value: Int64) -> DatabaseValue {
      value == BatchColumn.null ? .null : value.databaseValue
    }
    func date(_ day: Int64) -> String { CivilDate(dayNumber: Int(day)).description }
    switch column {
    case .integers(let values): return number(values[row])
    case .constantInteger(let value): return number(value)
    case .dates(let days):
      return days[row] == BatchColumn.null ? .null : date(days[row]).databaseValue
    case .dateTimes(let seconds):
      guard seconds[row] != BatchColumn.null else { return .null }
      let day = Int64((Double(seconds[row]) / 86400).rounded(.down))
      let second = seconds[row] - day * 86400
      let time = String(
        format: "T%02d:%02d:%02d", Int(second / 3600), Int(second / 60 % 60), Int(second % 60))
      return (date(day) + time).databaseValue
    case .texts(let references):
      return references[row].isAbsent ? .null : text.string(references[row]).databaseValue
    case .blobs(let references):
      return references[row].isAbsent
        ? .null : Data(text[references[row].range]).databaseValue
    case .constantText(let value): return value?.databaseValue ?? .null
    }
  }

  private static let texts = [
    "", "a", "处罚决定书", "𠮷𠮷🙂", "'; DROP TABLE x; --", "line\nbreak\u{0}nul",
    String(repeating: "长", count: 40),
  ]

  /// Batches whose columns cycle through every kind, absent values included.
  private static func batch(rows: Int, _ random: inout SeededGenerator) -> TableBatch {
    var text = TextArena()
    func texts() -> [TextRef] {
      (0..<rows).map { _ in
        guard let value = Self.texts.randomElement(using: &random), Bool.random(using: &random)
        else { return .absent }
        return text.appendText(value)
      }
    }
    func numbers(_ range: ClosedRange<Int64>) -> [Int64] {
      (0..<rows).map { _ in
        Int.random(in: 0..<4, using: &random) == 0
          ? BatchColumn.null : Int64.random(in: range, using: &random)
      }
    }
    let columns: [BatchColumn] = [
      .integers((0..<rows).map { Int64($0) }), .texts(texts()), .blobs(texts()),
      .integers(numbers(Int64.min + 1...Int64.max)), .dates(numbers(-719_162...2_932_896)),
      .dateTimes(numbers(-62_135_596_800...253_402_300_799)), .constantInteger(7),
      .constantInteger(.min), .constantText("常"), .constantText(""), .constantText(nil),
    ]
    return TableBatch(table: "t", rowCount: rows, columns: columns, text: text)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func theBatchTableEqualsOneInsertPerRow(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let queue = try DatabaseQueue()
    try queue.writeWithoutTransaction { database in
      for name in ["fast", "slow"] {
        try database.execute(
          sql: "CREATE TABLE \(name) (c0 INTEGER PRIMARY KEY, c1 TEXT, c2 BLOB, c3 INTEGER, "
            + "c4 TEXT, c5 TEXT, c6 INTEGER, c7 INTEGER, c8 TEXT, c9 TEXT, c10 TEXT) STRICT")
      }
      let module = try BatchModule(columnCount: 11, in: database)
      for rows in [0, 1, 2, 3, 64, 1024] {
        let batch = Self.batch(rows: rows, &random)
        let names = (0..<11).map { "c\($0)" }.joined(separator: ", ")
        let insertion = try RawStatement(
          "INSERT INTO fast SELECT \(names) FROM qingyuan_batch", in: database)
        try module.withBatch(batch) { try insertion.run() }
        for row in 0..<rows {
          let values = batch.columns.map { Self.plain($0, row, batch.text) }
          try database.execute(
            sql: "INSERT INTO slow VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            arguments: StatementArguments(values))
        }
        let fast = try Row.fetchAll(database, sql: "SELECT * FROM fast ORDER BY c0")
        let slow = try Row.fetchAll(database, sql: "SELECT * FROM slow ORDER BY c0")
        #expect(fast.count == rows)
        #expect(fast == slow, "seed \(seed), \(rows) rows")
        try database.execute(sql: "DELETE FROM fast; DELETE FROM slow")
      }
    }
  }

  @Test func aMegabyteOfTextSurvives() throws {
    let queue = try DatabaseQueue()
    try queue.writeWithoutTransaction { database in
      let module = try BatchModule(columnCount: 2, in: database)
      var text = TextArena()
      let long = String(repeating: "行政处罚🙂", count: 66_000)
      let references = [text.appendText(long), .absent, text.appendText("x")]
      try database.execute(sql: "CREATE TABLE t (c0 TEXT) STRICT")
      let insertion = try RawStatement(
        "INSERT INTO t SELECT c0 FROM qingyuan_batch", in: database)
      try module.withBatch(
        TableBatch(table: "t", rowCount: 3, columns: [.texts(references)], text: text)
      ) { try insertion.run() }
      #expect(try String?.fetchAll(database, sql: "SELECT c0 FROM t") == [long, nil, "x"])
      #expect(long.utf8.count > 1 << 20)
    }
  }

  @Test func datesOutsideTheCalendarAreRefused() throws {
    let queue = try DatabaseQueue()
    try queue.writeWithoutTransaction { database in
      let module = try BatchModule(columnCount: 1, in: database)
      let scan = try RawStatement("SELECT c0 FROM qingyuan_batch", in: database)
      for column in [
        BatchColumn.dates([-719_163]), .dates([2_932_897]), .dates([.max]), .dateTimes([.max]),
        .dateTimes([.min + 1]),
      ] {
        let batch = TableBatch(table: "t", rowCount: 1, columns: [column])
        #expect(throws: WarehouseError.self) { try module.withBatch(batch) { try scan.run() } }
      }
    }
  }

  @Test func theBatchTableIsEmptyOutsideALoad() throws {
    let nights = try Nights()
    let count = try nights.warehouse.live.access("test") { database in
      try Int.fetchOne(database, sql: "SELECT count(*) FROM qingyuan_batch")
    }
    #expect(count == 0)
  }

  @Test func batchesOfTheWrongShapeAreRefusedAndNothingIsKept() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    let good = Penalty.batches([Penalty(id: 1, document: "A")], delivery: delivery.id)
    func code(_ change: (inout TableBatch) -> Void) -> WarehouseError.Code? {
      var bad = good[0]
      change(&bad)
      let step = LoadStep(
        delivery: delivery.id, publication: run.publication, loadedBlocks: 1,
        batches: [good[1], bad])
      return #expect(throws: WarehouseError.self) { try nights.warehouse.apply(step) }?.code
    }
    #expect(code { $0.columns.removeLast() } == .malformedBatch)
    #expect(code { $0.table = "run" } == .malformedBatch)
    #expect(code { $0.columns[0] = .integers([5]) } == .malformedBatch)
    #expect(code { $0.columns[1] = .integers([]) } == .malformedBatch)
    #expect(code { $0.columns[4] = .texts([TextRef(offset: 9999, length: 1)]) } == .malformedBatch)
    #expect(code { $0.columns[11] = .constantText("restricted") } == .database)
    #expect(try !nights.warehouse.holdsRecords())
    #expect(try nights.warehouse.delivery(id: delivery.id)?.loadedBlocks == 0)
    let step = LoadStep(
      delivery: 99, publication: run.publication, loadedBlocks: 1, batches: good)
    #expect(throws: WarehouseError.self) { try nights.warehouse.apply(step) }
  }

  @Test func messagesOfTheDatabaseQuoteNoValue() throws {
    let nights = try Nights()
    let run = try nights.begin("2026-03-01")
    let delivery = try nights.deliver(run)
    var batch = Penalty.batches([Penalty(id: 1, document: "A")], delivery: delivery.id)[0]
    batch.columns[11] = .constantText("川A·510104")
    let error = #expect(throws: WarehouseError.self) {
      try nights.warehouse.apply(
        LoadStep(
          delivery: delivery.id, publication: run.publication, loadedBlocks: 1, batches: [batch]))
    }
    #expect(error.map { "\($0)".contains("510104") } == false)
    #expect(error?.message.contains("PEN_version.fine_amount") == true)
  }
}
