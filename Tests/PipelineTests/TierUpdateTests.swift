import Catalog
import Foundation
import GRDB
import PipelineDefinition
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline

/// Everything that a tier's file holds, as text: every row of every table and view, in order.
struct TierDump {
  private(set) var lines: [String] = []

  init(_ path: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    lines = try DatabaseQueue(path: path, configuration: configuration).read { database in
      #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
      #expect(try Int.fetchOne(database, sql: "PRAGMA freelist_count") == 0)
      let names = try String.fetchAll(
        database,
        sql: "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name")
      return try names.flatMap { name in
        try Row.fetchAll(database, sql: "SELECT * FROM \"\(name)\"").map { "\(name) \($0)" }
          .sorted()
      }
        + String.fetchAll(
          database, sql: "SELECT coalesce(sql, '') FROM sqlite_schema ORDER BY name")
    }
  }
}

/// Files that were brought up to date night after night are what is built anew.
@Suite("Tier files brought up to date")
struct TierUpdateTests {
  private static let tiers = [SharingTier.public, .shared]

  /// Characters in place of digits, which would be masked in free text.
  private static func word(_ number: Int) -> String {
    let digits = Array("零一二三四五六七八九")
    return String(String(number).map { digits[$0.wholeNumberValue ?? 0] })
  }

  private static func penalty(_ number: Int, _ more: Values = [:]) -> Values {
    [
      "source_record_id": "P-\(number)", "penalty_doc_no": "清市监处罚〔2026〕\(number)号",
      "publicity_flag": "1", "publicity_date": "2026-05-01",
      "publicity_end_date": "2027-05-01", "penalty_revoked_flag": "0",
    ].merging(more) { _, new in new }
  }

  private static func moment(_ night: String, today: String? = nil) throws -> RunMoment {
    let day = try #require(CivilDate(night)).dayNumber
    let today = try #require(CivilDate(today ?? night)).dayNumber
    return RunMoment(night: day, today: today, now: Int64(today) * 86_400 + 7200)
  }

  /// Makes the files of a home in `folder`, of the last publication of another one.
  @discardableResult
  private static func pass(
    _ home: TestHome, in folder: HomeFolder? = nil, _ moment: RunMoment, again: Bool = false,
    secret: [UInt8] = Files.maskSecret, _ change: (inout Catalog) -> Void = { _ in }
  ) throws -> [TierOutcome] {
    var catalog = home.pipeline.catalog
    change(&catalog)
    let engine = try home.open()
    defer { try? engine.close() }
    return try TierPass(
      catalog: catalog, engine: engine, publication: try engine.currentPublication(),
      home: folder ?? home.home, secret: secret, moment: moment, progress: SilentProgress()
    ).apply(again: again)
  }

  /// Some weeks of a small town: what is delivered, stated and objected to night after night.
  private final class Town {
    let home: TestHome
    private var random: SeededGenerator
    private var penalties: Set<Int> = []
    private var enterprises: Set<Int> = []
    private var count = 0
    /// Every text that a file ever held, and some that none should.
    private(set) var texts: [String] = []

    init(seed: UInt64) throws {
      home = try TestHome(Enterprises.pipeline)
      random = SeededGenerator(seed: seed)
    }

    private func chance(_ percent: Int) -> Bool {
      Int.random(in: 0..<100, using: &random) < percent
    }

    private func pick<Value>(_ values: [Value]) -> Value {
      values[Int.random(in: 0..<values.count, using: &random)]
    }

    private func text(_ before: String, _ after: String) -> String {
      count += 1
      texts.append(before + TierUpdateTests.word(1000 + count) + after)
      return texts[count - 1]
    }

    func night(_ day: Int) throws {
      let night = "2026-06-0\(day)"
      let time = "2026-06-0\(day - 1) 20:00:00"
      var records: [Values] = []
      for number in 1...12 where chance(40) {
        var more: Values = [
          "source_update_time": time, "violation_desc": text("销售编号", "的来历不明货物"),
          "publicity_date": pick(["2026-05-01", "2026-05-01", "2026-06-04", "2026-06-06"]),
          "publicity_end_date": pick(["2026-06-07", "2026-06-08", "2026-06-12", "2027-05-01"]),
          "penalty_revoked_flag": chance(20) ? "1" : "0",
        ]
        if penalties.contains(number), chance(15) {
          more["operation_type_code"] = "3"
          penalties.remove(number)
        } else {
          penalties.insert(number)
        }
        records.append(TierUpdateTests.penalty(number, more))
      }
      if !records.isEmpty { try home.deliver("行政处罚_\(day).csv", penalties: records) }
      for system in ["SAM", "MNR"] {
        var own: [Values] = []
        for number in 0..<Enterprises.codes.count where chance(35) {
          var more: Values = [
            "source_update_time": time, "subject_name": text("清源", "食品有限公司"),
          ]
          let place = number + (system == "SAM" ? 0 : 100)
          if system == "SAM", enterprises.contains(place), chance(25) {
            more["operation_type_code"] = "3"
            enterprises.remove(place)
          } else {
            enterprises.insert(place)
          }
          own.append(Enterprises.record(number, system, more))
        }
        if !own.isEmpty { try home.deliver(system, day, enterprises: own) }
      }
      if day == 4 || day == 7 { try state(until: "2026-06-0\(day + 1)", time: night) }
      if day == 5 || day == 7 { try object(since: night) }
      try home.run(night)
    }

    /// Somebody states the name of an enterprise.
    private func state(until: String, time: String) throws {
      guard
        let key = try home.column("SELECT uscc FROM ENT_golden WHERE members > 1 ORDER BY 1").first
      else { return }
      let engine = try home.open()
      defer { try? engine.close() }
      _ = try StewardDesk(
        catalog: home.pipeline.catalog, configuration: home.configuration, engine: engine
      ).state(
        StewardDesk.Statement(
          entity: "ENT", key: [key], rule: nil,
          values: [("subject_name", text("清源", "股份有限公司"))], author: "li", reason: "来函",
          until: try #require(CivilDate(until)), time: "\(time)T09:00:00"))
    }

    /// Somebody objects to some records; earlier objections are settled.
    private func object(since day: String) throws {
      let records = try home.column(
        "SELECT record FROM ENT UNION SELECT record FROM PEN ORDER BY 1")
      let marks = records.compactMap(Int64.init).filter { _ in chance(30) }.enumerated().map {
        RowMark(record: $1, id: "O-\(day)-\($0)", state: "raised", since: day, element: nil)
      }
      try #require(try ObjectionMarkTable.replace(folder: home.home.warehouse, with: marks))
    }
  }

  /// - Returns: How many texts of the past neither file holds.
  private func compare(_ town: Town, _ moment: RunMoment, _ what: String) throws -> Int {
    let folder = try TemporaryFolder("anew")
    let other = HomeFolder(folder + "home")
    try other.prepare()
    let outcomes = try Self.pass(town.home, in: other, moment)
    #expect(outcomes.count == 2)
    return try Self.tiers.reduce(0) { sum, tier in
      let path = town.home.home.tierFile(tier)
      let anew = try TierDump(other.tierFile(tier)).lines
      #expect(try TierDump(path).lines == anew, "\(what), \(tier)")
      let held = anew.joined(separator: "\n")
      let gone = town.texts.filter { !held.contains($0) }
      #expect(ByteSearch(gone).found(in: try Files.bytes(path)) == [], "\(what), \(tier)")
      return sum + gone.count
    }
  }

  @Test(arguments: [1, 2, 3])
  func `after any nights the file is what is built anew, and holds nothing of before`(
    seed: Int
  ) throws {
    let town = try Town(seed: UInt64(seed))
    var gone = 0
    for day in 2...8 {
      // Somebody may also ask for the files on a day without a night.
      if day == 6 {
        let moment = try Self.moment("2026-06-05", today: "2026-06-06")
        let outcomes = try Self.pass(town.home, moment)
        #expect(outcomes.allSatisfy { if case .updated = $0.way { true } else { false } })
        gone += try compare(town, moment, "day 6")
      }
      try town.night(day)
      gone += try compare(town, try Self.moment("2026-06-0\(day)"), "night \(day)")
    }
    // Only the first night has nothing to begin with.
    #expect(town.home.said.count { $0.contains("is built anew") } == 2)
    #expect(town.home.said.count { $0.contains("is brought up to date") } == 12)
    #expect(gone > 100)
    // What is asked for explicitly is built, and the same again.
    let before = try Self.tiers.map { try TierDump(town.home.home.tierFile($0)).lines }
    let outcomes = try Self.pass(town.home, try Self.moment("2026-06-08"), again: true)
    #expect(outcomes.allSatisfy { if case .anew = $0.way { true } else { false } })
    #expect(try Self.tiers.map { try TierDump(town.home.home.tierFile($0)).lines } == before)
  }

  @Test func `a night without anything changes nothing but what the file says of itself`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...5).map { Self.penalty($0) })
    try home.run("2026-06-01")
    let before = try TierDump(home.home.tierFile(.public)).lines.filter { !$0.hasPrefix("about") }
    try home.run("2026-06-02")
    #expect(home.said.count { $0.contains("is brought up to date, 0 records changed") } == 2)
    let after = try TierDump(home.home.tierFile(.public)).lines
    #expect(after.filter { !$0.hasPrefix("about") } == before)
    #expect(after.contains { $0.hasPrefix("about") && $0.contains("2026-06-02") })
  }

  private func firstNight() throws -> TestHome {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: (1...3).map { Self.penalty($0) })
    try home.run("2026-06-01")
    return home
  }

  private func isAnew(_ outcomes: [TierOutcome]) -> Bool {
    outcomes.count == 2
      && outcomes.allSatisfy { if case .anew = $0.way { true } else { false } }
  }

  @Test func `another secret, policy or catalog, or a rule that reads the hour: built anew`() throws
  {
    let home = try firstNight()
    func pass(
      _ day: Int, secret: [UInt8] = Files.maskSecret, _ change: (inout Catalog) -> Void = { _ in }
    ) throws -> [TierOutcome] {
      try Self.pass(
        home, try Self.moment("2026-06-01", today: "2026-06-0\(day)"), secret: secret, change)
    }
    #expect(!isAnew(try pass(2)))
    #expect(isAnew(try pass(3, secret: Array("another secret of the tests".utf8))))
    #expect(isAnew(try pass(4)))
    #expect(!isAnew(try pass(5)))
    #expect(isAnew(try pass(6) { $0.ruleSetHash = "another" }))
    #expect(isAnew(try pass(7) { $0.sharing?.contentHash = "another" }))
    #expect(isAnew(try pass(8)))
    let item = try NegativeItem.readingHour()
    #expect(isAnew(try pass(9) { $0.sharing?.items.append(item) }))
  }

  @Test func `the file of another warehouse is not what one begins with`() throws {
    let (home, other) = (try TestHome(TestPipeline.alone), try firstNight())
    try home.deliver("行政处罚_1.csv", penalties: (4...9).map { Self.penalty($0) })
    try home.run("2026-06-01")
    for tier in Self.tiers {
      try home.folder.write(
        "home/tiers/\(tier.rawValue).sqlite", try Files.bytes(other.home.tierFile(tier)))
    }
    try home.run("2026-06-02")
    #expect(home.said.count { $0.contains("is built anew") } == 4)
    let numbers = try TierDump(home.home.tierFile(.public)).lines.filter { $0.hasPrefix("PEN [") }
    #expect(numbers.count == 6)
  }

  @Test func `a damaged file is not what one begins with`() throws {
    let home = try firstNight()
    let path = home.home.tierFile(.public)
    let root = try DatabaseQueue(path: path).read {
      try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'PEN'") ?? 0
    }
    var bytes = try Files.bytes(path)
    let size = Int(bytes[16]) << 8 | Int(bytes[17])
    for index in (root - 1) * size..<root * size { bytes[index] = 0x55 }
    try home.folder.write("home/tiers/public.sqlite", bytes)
    try home.deliver(
      "行政处罚_2.csv",
      penalties: [Self.penalty(1, ["remark": "已更正", "source_update_time": "2026-06-01 20:00:00"])])
    try home.run("2026-06-02")
    #expect(home.said.contains { $0.contains("public.sqlite is built anew, 3 records; what was") })
    #expect(home.said.contains { $0.contains("shared.sqlite is brought up to date, 2 records") })
    #expect(Files.below(home.home.tiers) == ["public.sqlite", "shared.sqlite"])
    #expect(try TierDump(path).lines.count { $0.hasPrefix("PEN [") } == 3)
  }

  /// A thread may hold the one that failed for a moment longer than its work takes.
  @Test func `one that failed takes nothing from the one that builds the file anew`() throws {
    let home = try firstNight()
    let engine = try home.open()
    defer { try? engine.close() }
    let watched = WatchedEngine(engine)
    let failed = Held()
    watched.beforeFinishing = { writer, base in
      if base != nil {
        failed.hold(writer)
        throw WarehouseError(.database, "the disk cannot read it")
      }
      failed.release()
    }
    let outcomes = try TierPass(
      catalog: home.pipeline.catalog, engine: watched,
      publication: try engine.currentPublication(), home: home.home, secret: Files.maskSecret,
      moment: try Self.moment("2026-06-01", today: "2026-06-02"), progress: SilentProgress()
    ).apply()
    #expect(isAnew(outcomes))
    #expect(outcomes.allSatisfy { $0.reason == "the disk cannot read it" })
    #expect(Files.below(home.home.tiers) == ["public.sqlite", "shared.sqlite"])
    for tier in Self.tiers {
      #expect(try TierDump(home.home.tierFile(tier)).lines.contains { $0.contains("2026-06-02") })
    }
  }

  /// Unchecked: the lock.
  private final class Held: @unchecked Sendable {
    private let lock = NSLock()
    private var writers: [any TierWriter] = []

    func hold(_ writer: any TierWriter) { lock.withLock { writers.append(writer) } }
    func release() { lock.withLock { writers.removeAll() } }
  }
}
