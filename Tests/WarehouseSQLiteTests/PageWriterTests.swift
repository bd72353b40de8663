import Foundation
import GRDB
import Records
import Testing
import TestSupport
import Warehouse

@testable import WarehouseSQLite

/// Pages that are written beside SQLite, read by SQLite.
@Suite struct PageWriterTests {
  private static let table = TableModel(
    name: "t",
    columns: [
      TableModel.Column("row_id", .integer, required: true),
      TableModel.Column("opened_by", .integer, required: true),
      TableModel.Column("closed_by", .integer), TableModel.Column("short", .text, required: true),
      TableModel.Column("long", .text), TableModel.Column("bytes", .blob),
      TableModel.Column("number", .integer), TableModel.Column("day", .text),
      TableModel.Column("moment", .text), TableModel.Column("same", .integer),
      TableModel.Column("name", .text), TableModel.Column("none", .text),
    ], primaryKey: ["row_id"])

  /// A database with the table twice, and a place for what it held when it was closed.
  private final class File {
    let path = Fixture.folder() + ".sqlite"
    let queue: DatabaseQueue
    let pages: PageFile

    init(pageSize: Int) throws {
      var configuration = Configuration()
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA page_size = \(pageSize)")
        try database.execute(sql: "PRAGMA journal_mode = OFF")
        try database.execute(sql: "PRAGMA cache_size = 50")
      }
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: PageWriterTests.table.creation)
        try database.execute(
          sql: PageWriterTests.table.creation.replacingOccurrences(of: "\"t\"", with: "slow"))
      }
      pages = try PageFile(path: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func root(_ table: String) throws -> Int {
      try queue.read { database in
        try Int.fetchOne(
          database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table])
      } ?? 0
    }

    func check() throws -> [String] {
      try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
    }

    func rows(_ table: String) throws -> [Row] {
      try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM \(table) ORDER BY row_id") }
    }

    /// Inserts into `slow` as every other load does.
    func insert(_ batch: TableBatch, publication: Int64) throws {
      try queue.writeWithoutTransaction { database in
        let module = try BatchModule(columnCount: 16, in: database)
        try module.withBatch(batch) {
          try database.execute(
            sql: PageWriterTests.table.insertion.replacingOccurrences(of: "\"t\"", with: "slow"),
            arguments: [publication])
        }
      }
    }

    func append(_ batch: TableBatch, to writer: LeafWriter, publication: Int64) throws {
      let bytes = batch.columns.reduce(0) { sum, column in
        switch column {
        case .texts(let texts), .blobs(let texts): sum + texts.reduce(0) { $0 + $1.length }
        default: sum + 19 * batch.rowCount
        }
      }
      try pages.reserve(writer.pageLimit(rows: batch.rowCount, bytes: bytes))
      let image = BatchImage(columnCount: 16)
      try image.withBatch(batch) { try writer.append(image, publication: publication) }
    }

    func link(_ writer: LeafWriter) throws {
      try pages.reserve(1)
      try writer.close()
      let leaves = writer.pages.sorted { $0.rows.lowerBound < $1.rows.lowerBound }
      try pages.reserve(TreePages.pageCount(leaves: leaves.count, pageSize: pages.pageSize))
      try TreePages.link(leaves, root: try root("t"), in: pages)
      try pages.giveBackUnused()
      try pages.announceChange()
    }
  }

  private static let edges: [Int64] = [
    .min + 1, .max, -1, 0, 1, 2, 127, 128, -128, -129, 32767, 32768, -32768, -32769, 8_388_607,
    8_388_608, -8_388_608, -8_388_609, 2_147_483_647, 2_147_483_648, -2_147_483_648,
    -2_147_483_649, 140_737_488_355_327, 140_737_488_355_328, -140_737_488_355_328,
    -140_737_488_355_329, BatchColumn.null,
  ]

  /// Rows with values of every kind and length; `longest` bytes at most in one of them.
  private static func batch(
    _ ids: Range<Int64>, longest: Int, _ random: inout SeededGenerator
  ) -> TableBatch {
    var text = TextArena()
    func texts(_ longest: Int, required: Bool = false) -> [TextRef] {
      ids.map { _ in
        if !required, Int.random(in: 0..<3, using: &random) == 0 { return .absent }
        let length = Int.random(in: 0...longest, using: &random)
        let start = text.count
        for _ in 0..<length { text.append(UInt8.random(in: 32...126, using: &random)) }
        return text.text(from: start)
      }
    }
    func numbers(_ range: ClosedRange<Int64>) -> [Int64] {
      ids.map { _ in
        Int.random(in: 0..<4, using: &random) == 0
          ? BatchColumn.null : Int64.random(in: range, using: &random)
      }
    }
    let columns: [BatchColumn] = [
      .integers(Array(ids)), .texts(texts(20, required: true)), .texts(texts(longest)),
      .blobs(texts(150)), .integers(ids.map { _ in edges.randomElement(using: &random) ?? 0 }),
      .dates(numbers(-719_162...2_932_896)),
      .dateTimes(numbers(-62_135_596_800...253_402_300_799)), .constantInteger(300),
      .constantText("常"), .constantText(nil),
    ]
    return TableBatch(table: "t", rowCount: ids.count, columns: columns, text: text)
  }

  @Test(arguments: [512, 1024, 4096, 16384, 65536], [1, 2, 3] as [UInt64])
  func sqliteReadsWhatItWouldHaveWritten(pageSize: Int, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let file = try File(pageSize: pageSize)
    let writer = LeafWriter(Self.table, in: file.pages)
    // Deliveries do not come in the order of their numbers.
    for delivery in ([1, 3, 2, 7, 5] as [Int64]).prefix(seed == 3 ? 1 : 5) {
      let first = delivery << 32
      for part in 0..<3 as Range<Int64> {
        let count = seed == 3 ? 1 : Int64.random(in: 1...300, using: &random)
        let longest = [10, pageSize / 2, pageSize * 3].randomElement(using: &random) ?? 0
        let ids = first + part * 1000..<first + part * 1000 + count
        let batch = Self.batch(ids, longest: longest, &random)
        try file.append(batch, to: writer, publication: delivery)
        try file.insert(batch, publication: delivery)
      }
      try writer.close()
    }
    try file.link(writer)
    #expect(try file.check() == ["ok"])
    let rows = try file.rows("t")
    #expect(!rows.isEmpty)
    #expect(try rows == file.rows("slow"))
    // What was reserved and not used is used by what comes next, and SQLite changes rows as its own.
    try file.queue.write { database in
      try database.execute(sql: "UPDATE t SET closed_by = 123456789 WHERE row_id % 3 = 0")
      try database.execute(sql: "DELETE FROM t WHERE row_id % 7 = 0")
      try database.execute(sql: "CREATE INDEX by_short ON t (short)")
    }
    #expect(try file.check() == ["ok"])
  }

  @Test func aTableWithoutRowsStaysEmpty() throws {
    let file = try File(pageSize: 1024)
    try file.link(LeafWriter(Self.table, in: file.pages))
    #expect(try file.check() == ["ok"])
    #expect(try file.rows("t").isEmpty)
  }

  @Test func aTreeOfManyLevels() throws {
    var random = SeededGenerator(seed: 9)
    let file = try File(pageSize: 512)
    let writer = LeafWriter(Self.table, in: file.pages)
    for part in 0..<20 as Range<Int64> {
      let batch = Self.batch(part * 500..<(part + 1) * 500, longest: 200, &random)
      try file.append(batch, to: writer, publication: 1)
    }
    try file.link(writer)
    // A page of 512 bytes refers to some 50 others.
    #expect(writer.pages.count > 50 * 50)
    #expect(try file.check() == ["ok"])
    #expect(try file.rows("t").map { $0["row_id"] as Int64 } == Array(0..<10_000))
    let one = try file.queue.read {
      try Int64.fetchOne($0, sql: "SELECT row_id FROM t WHERE row_id = 7777")
    }
    #expect(one == 7777)
  }

  @Test func sqliteWritesBetweenOurPages() throws {
    var random = SeededGenerator(seed: 4)
    let file = try File(pageSize: 1024)
    let writer = LeafWriter(Self.table, in: file.pages)
    for part in 0..<30 as Range<Int64> {
      let batch = Self.batch(part * 50..<(part + 1) * 50, longest: 900, &random)
      try file.append(batch, to: writer, publication: 1)
      try file.insert(batch, publication: 1)
    }
    try file.link(writer)
    #expect(try file.check() == ["ok"])
    #expect(try file.rows("t") == file.rows("slow"))
  }

  @Test func thePageOfTheLockBelongsToNobody() throws {
    let file = try File(pageSize: 65536)
    try file.queue.close()
    // As if the file had nearly a gigabyte.
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file.path))
    try handle.seek(toOffset: 28)
    try handle.write(contentsOf: Data([0, 0, 0x3F, 0xFC]))
    try handle.close()
    let pages = try PageFile(path: file.path)
    try pages.reserve(10)
    let taken = try (0..<10).map { _ in try pages.take() }
    #expect(Set(taken).count == 10)
    #expect(taken.contains(16384) && taken.contains(16386) && !taken.contains(16385))
  }

  @Test func aPageThatWasNotReservedIsRefused() throws {
    let file = try File(pageSize: 512)
    #expect(throws: WarehouseError.self) { try file.pages.take() }
  }

  /// What SQLite would refuse is refused.
  @Test(arguments: [
    ("number in a text", 1, BatchColumn.constantInteger(5)),
    ("nothing where something is required", 1, .constantText(nil)),
    ("text in a number", 4, .constantText("12")),
    ("a day after the year 9999", 5, .dates([2_932_897, 0])),
    ("a row twice", 0, .integers([5, 5])), ("a row between others", 0, .integers([5, 9, 7])),
    ("one id for all", 0, .constantInteger(5)),
  ])
  func valuesThatDoNotFit(what: String, column: Int, value: BatchColumn) throws {
    var random = SeededGenerator(seed: 1)
    let file = try File(pageSize: 1024)
    let writer = LeafWriter(Self.table, in: file.pages)
    var batch = Self.batch(1..<(value.count == 3 ? 4 : 3), longest: 10, &random)
    batch.columns[column] = value
    let error = #expect(throws: WarehouseError.self, "\(what)") {
      try file.append(batch, to: writer, publication: 1)
    }
    #expect(error?.code == .malformedBatch)
  }
}
