import Catalog
import Foundation
import GRDB
import Pipeline
import PipelineDefinition
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// The files of the tiers after real nights.
@Suite("Tier files")
struct TierFileTests {
  private func home() throws -> TestHome { try TestHome(TestPipeline.alone) }

  private func rows(
    _ home: TestHome, _ sql: String, tier: SharingTier = .public
  ) throws -> [[String]] {
    try DatabaseQueue(path: home.home.tierFile(tier)).read { database in
      try Row.fetchAll(database, sql: sql).map { row in
        (0..<row.count).map { index in
          let value: DatabaseValue = row[index]
          return value.isNull ? "" : String(describing: value.storage.value ?? "")
        }
      }
    }
  }

  private func penalty(_ number: Int, _ more: Values = [:]) -> Values {
    [
      "source_record_id": "P-\(number)", "penalty_doc_no": "清市监处罚〔2026〕\(number)号",
      "publicity_flag": "1", "publicity_date": "2026-05-01",
      "publicity_end_date": "2027-05-01", "penalty_revoked_flag": "0",
    ].merging(more) { _, new in new }
  }

  @Test func `a night leaves a file for each tier, with the rights of its readers`() throws {
    let home = try home()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1), penalty(2, ["publicity_flag": "0"])])
    try home.run("2026-06-01")
    #expect(Files.below(home.home.tiers) == ["public.sqlite", "shared.sqlite"])
    for (tier, mode) in [(SharingTier.public, 0o644), (.shared, 0o640)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: home.home.tierFile(tier))
      #expect((attributes[.posixPermissions] as? Int) == mode)
    }
    let warehouse = try FileManager.default.attributesOfItem(
      atPath: home.home.warehouse + "/warehouse.sqlite")
    #expect((warehouse[.posixPermissions] as? Int) == 0o600)
    let sql = "SELECT penalty_doc_no FROM PEN ORDER BY 1"
    #expect(try rows(home, sql) == [["清市监处罚〔2026〕1号"]])
    #expect(try rows(home, sql, tier: .shared).count == 2)
  }

  @Test func `what a table shows is what the warehouse's view shows`() throws {
    let home = try home()
    try home.deliver("行政处罚_1.csv", penalties: (1...3).map { penalty($0) })
    try home.run("2026-06-01")
    let columns = try rows(home, "SELECT name FROM pragma_table_xinfo('PEN')").map { $0[0] }
    #expect(columns.starts(with: ["record", "delivery", "record_number", "publication"]))
    let masked = Set(
      try rows(home, "SELECT column_name FROM dictionary WHERE table_name = 'PEN' AND mask <> ''")
        .map { $0[0] })
    let plain = columns.filter { !masked.contains($0) }.map { "\"\($0)\"" }.joined(separator: ", ")
    let sql = "SELECT \(plain) FROM PEN ORDER BY record"
    #expect(try rows(home, sql) == home.rows(sql))
    #expect(
      try rows(home, "SELECT record, ordinal, value FROM PEN_each_penalty_type_code ORDER BY 1, 2")
        == home.rows(
          "SELECT record, ordinal, value FROM PEN_each_penalty_type_code ORDER BY 1, 2"))
  }

  @Test func `publicity that ends takes the record out, although nothing was delivered`() throws {
    let home = try home()
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1, ["publicity_end_date": "2026-06-02"]), penalty(2)])
    try home.run("2026-06-01")
    #expect(try rows(home, "SELECT count(*) FROM PEN") == [["2"]])
    try home.run("2026-06-02")
    #expect(try rows(home, "SELECT count(*) FROM PEN") == [["2"]])
    try home.run("2026-06-03")
    #expect(try rows(home, "SELECT penalty_doc_no FROM PEN") == [["清市监处罚〔2026〕2号"]])
  }

  @Test func `a decision that is withdrawn is gone from the bytes of the file`() throws {
    let home = try home()
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [penalty(1, ["violation_desc": "销售来历不明的进口冷冻肉"]), penalty(2)])
    try home.run("2026-06-01")
    let search = ByteSearch(["销售来历不明的进口冷冻肉"])
    #expect(!search.found(in: try Files.bytes(home.home.tierFile(.public))).isEmpty)
    try home.deliver(
      "行政处罚_2.csv",
      penalties: [
        penalty(
          1,
          [
            "violation_desc": "销售来历不明的进口冷冻肉", "penalty_revoked_flag": "1",
            "source_update_time": "2026-06-01 20:00:00",
          ])
      ])
    try home.run("2026-06-02")
    #expect(search.found(in: try Files.bytes(home.home.tierFile(.public))) == [])
    #expect(!search.found(in: try Files.bytes(home.home.tierFile(.shared))).isEmpty)
  }

  @Test func `the same nights give the same bytes`() throws {
    let files = try (1...2).map { _ in
      let home = try home()
      try home.deliver("行政处罚_1.csv", penalties: (1...20).map { penalty($0) })
      try home.run("2026-06-01")
      let anew = try [SharingTier.public, .shared].map { try Files.bytes(home.home.tierFile($0)) }
      try home.deliver(
        "行政处罚_2.csv",
        penalties: (5...9).map {
          penalty($0, ["remark": "已更正", "source_update_time": "2026-06-01 20:00:00"])
        })
      try home.run("2026-06-02")
      #expect(home.said.count { $0.contains("is brought up to date, 10 records changed") } == 2)
      return anew
        + (try [SharingTier.public, .shared].map { try Files.bytes(home.home.tierFile($0)) })
    }
    #expect(files[0] == files[1])
  }

  @Test func `a run that is repeated leaves a file that is up to date`() throws {
    let home = try home()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-01")
    let path = home.home.tierFile(.public)
    func number() throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    }
    let first = try number()
    let engine = try home.open()
    let day = try #require(CivilDate("2026-06-01")).dayNumber
    func pass(_ catalog: Catalog) -> TierPass {
      TierPass(
        catalog: catalog, engine: engine, publication: 1, home: home.home,
        secret: Files.maskSecret, moment: RunMoment(night: day, today: day, now: 0),
        progress: SilentProgress())
    }
    try pass(home.pipeline.catalog).apply()
    #expect(try number() == first)
    // Another policy, another file.
    var catalog = home.pipeline.catalog
    catalog.sharing?.contentHash = "another"
    try pass(catalog).apply()
    #expect(try number() != first)
    try engine.close()
  }

  @Test func `files are built while somebody else writes to the warehouse`() throws {
    let home = try home()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-01")
    let engine = try SQLiteWarehouse(
      folder: home.home.warehouse, catalog: home.pipeline.catalog, options: impatient)
    let writer = try DatabaseQueue(path: home.home.warehouse + "/" + SQLiteWarehouse.fileName)
    let day = try #require(CivilDate("2026-06-02")).dayNumber
    try writer.writeWithoutTransaction { database in
      try database.inTransaction(.immediate) {
        let outcomes = try TierPass(
          catalog: home.pipeline.catalog, engine: engine, publication: 1, home: home.home,
          secret: Files.maskSecret, moment: RunMoment(night: day, today: day, now: 0),
          progress: SilentProgress()
        ).apply(again: true)
        #expect(outcomes.map(\.way) == [.anew(records: 1), .anew(records: 1)])
        return .rollback
      }
    }
    try engine.close()
  }

  /// Whoever has to wait for a lock fails at once.
  private var impatient: SQLiteWarehouse.Options {
    var options = SQLiteWarehouse.Options()
    options.busyTimeout = 0.1
    return options
  }

  @Test func `readers keep the file that they have opened`() throws {
    let home = try home()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-01")
    let reader = try DatabaseQueue(path: home.home.tierFile(.public))
    let count = { try reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM PEN") } }
    #expect(try count() == 1)
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2)])
    try home.run("2026-06-02")
    #expect(try count() == 1)
    #expect(try rows(home, "SELECT count(*) FROM PEN") == [["2"]])
  }

  @Test func `an unfinished file is never shown and is made anew`() throws {
    let home = try home()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    // What a killed run left behind.
    try home.folder.write("home/tiers/public.sqlite.building", Array("half a file".utf8))
    try home.folder.write("home/tiers/public.sqlite.building-journal", Array("and its log".utf8))
    try home.run("2026-06-01")
    #expect(Files.below(home.home.tiers) == ["public.sqlite", "shared.sqlite"])
    #expect(try rows(home, "SELECT value FROM about WHERE name = 'night'") == [["2026-06-01"]])
    // The same beside a file that is there: it stands until the next one takes its place.
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2)])
    let old = try Files.bytes(home.home.tierFile(.public))
    try home.folder.write("home/tiers/public.sqlite.building", Array(old.prefix(old.count / 2)))
    try home.run("2026-06-02")
    #expect(Files.below(home.home.tiers) == ["public.sqlite", "shared.sqlite"])
    #expect(try rows(home, "SELECT count(*) FROM PEN") == [["2"]])
  }

  @Test(arguments: ["NULL", "x'00ff'", "7"])
  func `what is no file of a tier is replaced, whatever it says about itself`(value: String) throws
  {
    let home = try home()
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-01")
    try FileManager.default.removeItem(atPath: home.home.tierFile(.public))
    try DatabaseQueue(path: home.home.tierFile(.public)).write { database in
      try database.execute(
        sql: "CREATE TABLE about (name, value); INSERT INTO about VALUES ('tier', \(value))")
    }
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2)])
    try home.run("2026-06-02")
    #expect(try rows(home, "SELECT count(*) FROM PEN") == [["2"]])
  }
}
