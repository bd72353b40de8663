import Catalog
import Pipeline
import Records
import SourceFiles
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// References over whole nights: in any order, killed anywhere, and at the cost of the night.
@Suite("References over nights")
struct ReferenceNightTests {
  private struct Stop: Error {}

  /// A file of a delivery.
  private struct File: Sendable {
    var category: String
    var name: String
    var records: [Values]
  }

  private func deliver(_ files: [File], to home: TestHome) throws {
    for file in files { try home.deliver(file.category, file.name, file.records) }
  }

  /// What readers see, without where it came from.
  private func visible(_ home: TestHome) throws -> [[String]] {
    try home.rows(
      "SELECT 'PEN', source_record_id, case_no, source_update_time FROM PEN UNION ALL "
        + "SELECT 'CAS', source_record_id, case_no, source_update_time FROM CAS UNION ALL "
        + "SELECT 'COE', source_record_id, case_no, source_update_time FROM COE UNION ALL "
        + "SELECT 'VIO', source_record_id, violation_doc_no, '' FROM VIO UNION ALL "
        + "SELECT 'finding ' || f.category, f.rule, coalesce(f.value, ''), f.expected "
        + "FROM finding_current AS f WHERE f.rule LIKE 'CR%' ORDER BY 1, 2, 3, 4")
  }

  // MARK: One night or three

  /// Records of several categories that point to each other; later versions of some.
  private func world(_ generator: inout SeededGenerator) -> [File] {
    let cases = (1...6).map { number in
      File(category: "CAS", name: "案件办理_\(number).csv", records: [enforcementCase(number)])
    }
    var files = cases + [File(category: "AGO", name: "执法人员_1.csv", records: officers)]
    for number in 1...8 {
      let target = Int.random(in: 1...6, using: &generator)
      files.append(
        File(
          category: "PEN", name: "行政处罚_\(number).csv",
          records: [penalty(number, ["case_no": "QY-CAS-\(target)"])]))
      if Bool.random(using: &generator) {
        let other = Int.random(in: 1...6, using: &generator)
        files.append(
          File(
            category: "PEN", name: "行政处罚_\(number)b.csv",
            records: [penalty(number, updated: 2, ["case_no": "QY-CAS-\(other)"])]))
      }
      files.append(
        File(
          category: "VIO", name: "违法记录_\(number).csv",
          records: [
            [
              "source_record_id": "V-\(number)", "violation_record_no": "QY-VIO-\(number)",
              "violation_doc_no":
                "清市监罚〔2026〕\(number + Int.random(in: 0...1, using: &generator) * 50)号",
            ]
          ]))
    }
    files.append(
      File(
        category: "COE", name: "行政强制_1.csv",
        records: [["case_no": "QY-CAS-\(Int.random(in: 1...6, using: &generator))"]]))
    return files
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `one night and three end with the same visible rows`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let files = world(&generator)
    let whole = try TestHome(TestPipeline.real)
    try deliver(files, to: whole)
    try whole.run("2026-06-04")
    let expected = try visible(whole)
    #expect(!expected.isEmpty)
    for _ in 0..<2 {
      let parts = try TestHome(TestPipeline.real)
      let shuffled = files.shuffled(using: &generator)
      let cuts = [shuffled.count / 3, shuffled.count * 2 / 3]
      try deliver(Array(shuffled[..<cuts[0]]), to: parts)
      try parts.run("2026-06-02")
      try deliver(Array(shuffled[cuts[0]..<cuts[1]]), to: parts)
      try parts.run("2026-06-03")
      try deliver(Array(shuffled[cuts[1]...]), to: parts)
      try parts.run("2026-06-04")
      #expect(try visible(parts) == expected, "seed \(seed)")
      #expect(try parts.pending() == whole.pending(), "seed \(seed)")
    }
  }

  // MARK: Killed anywhere

  /// Nights in which records wait, are shown, go back, and in which systems contradict each other.
  private func deliverNight(_ number: Int, to home: TestHome) throws {
    func other(_ name: String, _ records: [Values]) throws {
      try home.deliver(
        name, home.sheet("PEN", records, system: "URB").utf8, system: "URB")
    }
    func own(_ category: String, _ name: String, _ records: [Values]) throws {
      try home.deliver(name, home.sheet(category, records).utf8)
    }
    switch number {
    case 1:
      try own("AGO", "AGO_1.csv", officers)
      try own("ENT", "ENT_1.csv", [[:]])
      try own("LIC", "LIC_1.csv", [[:]])
      try own("CAS", "CAS_1.csv", [enforcementCase(1)])
      try own("PEN", "PEN_1.csv", [penalty(1), penalty(2), penalty(3), penalty(4)])
      try other("PEN_2.csv", [penalty(1, ["source_record_id": "U-1"])])
    case 2:
      try own("CAS", "CAS_2.csv", [enforcementCase(2)])
      try own(
        "ENT", "ENT_2.csv",
        [["operation_type_code": "3", "source_update_time": "2026-04-02 01:00:00"]])
      try own("PEN", "PEN_3.csv", [penalty(3, updated: 2, ["case_no": "QY-CAS-9"]), penalty(5)])
      try other(
        "PEN_4.csv",
        [
          penalty(
            1, updated: 2,
            [
              "source_record_id": "U-1", "fine_amount": "8000", "penalty_content": "罚款8000元",
              "paid_amount": "",
            ]),
          penalty(1, document: 5, ["source_record_id": "U-5", "fine_amount": "8000"]),
        ])
    default:
      try own("CAS", "CAS_3.csv", [enforcementCase(5), enforcementCase(77)])
      try own("ENT", "ENT_3.csv", [["source_update_time": "2026-04-03 01:00:00"]])
    }
  }

  private static let dates = ["2026-06-02", "2026-06-03", "2026-06-30"]
  private static let pipeline = TestPipeline.real.map { $0.withPlainAdapters() }

  private func content(_ home: TestHome) throws -> ([String], [[UInt8]]) {
    let files = Files.below(home.home.returns)
    return (
      try home.dump(),
      try files.map { try Array($0.utf8) + Files.bytes(home.home.returns + "/" + $0) }
    )
  }

  @Test func `a run that is killed between any two changes ends the same`() throws {
    let undisturbed = try TestHome(Self.pipeline)
    for (index, date) in Self.dates.enumerated() {
      try deliverNight(index + 1, to: undisturbed)
      try undisturbed.run(date)
    }
    #expect(try undisturbed.penalties() == ["P-1", "P-2", "P-5", "U-1", "U-5"])
    #expect(
      try undisturbed.column("SELECT fine_amount FROM PEN WHERE source_record_id = 'U-1'")
        == ["5000.0"])
    #expect(
      try undisturbed.column("SELECT source_record_id FROM returned_record ORDER BY 1")
        == ["P-3", "P-4", "U-1"])
    let expected = try content(undisturbed)
    var stop = 0
    var isStopped = true
    while isStopped {
      let home = try TestHome(Self.pipeline)
      isStopped = false
      for (index, date) in Self.dates.enumerated() {
        try deliverNight(index + 1, to: home)
        var left = stop
        func count() throws {
          left -= 1
          if left < 0 {
            isStopped = true
            throw Stop()
          }
        }
        do {
          try home.interrupted(date) { engine in
            engine.beforeApplying = { _ in try count() }
            engine.beforeLabelling = { _ in try count() }
            engine.beforePublishing = count
          }
        } catch is Stop {
          try home.run(date)
        }
      }
      let found = try content(home)
      #expect(found.0 == expected.0, "after \(stop) changes")
      #expect(found.1 == expected.1, "after \(stop) changes")
      // Every change at first, then some: a night is much the same from there on.
      stop += stop < 4 ? 1 : 4
    }
    #expect(stop > 12)
  }

  @Test func `rules that change in the middle take back what waited`() throws {
    let home = try TestHome(Self.pipeline)
    try deliverNight(1, to: home)
    try home.run(Self.dates[0])
    let before = try home.dump()
    try deliverNight(2, to: home)
    #expect(throws: Stop.self) {
      try home.interrupted(Self.dates[1]) { $0.beforePublishing = { throw Stop() } }
    }
    let engine = try home.open()
    try engine.discardAllUnpublished()
    #expect(try engine.verify() == [])
    try engine.close()
    let lines = try home.dump().filter { !$0.hasPrefix("delivery|") }
    #expect(lines == before.filter { !$0.hasPrefix("delivery|") })
    try home.run(Self.dates[1])
  }

  // MARK: Cost

  @Test func `a night looks up the keys of its own records alone`() throws {
    func probes(_ size: Int) throws -> [Int] {
      let home = try TestHome(TestPipeline.real)
      try home.deliver("AGO", "执法人员_1.csv", officers)
      try home.deliver("CAS", "案件办理_1.csv", (1...size).map { enforcementCase($0) })
      try home.deliver(
        "VIO", "违法记录_1.csv",
        (1...size).map {
          ["source_record_id": "V-\($0)", "violation_record_no": "QY-VIO-\($0)"]
        })
      try home.deliver("行政处罚_1.csv", penalties: (1...size).map { penalty($0) })
      try home.run("2026-06-02")
      try home.deliver("CAS", "案件办理_2.csv", [enforcementCase(size + 1)])
      try home.deliver("行政处罚_2.csv", penalties: [penalty(size + 1)])
      var watched: WatchedEngine?
      try home.run("2026-06-03") { watched = $0 }
      return (watched?.queries ?? []).map { $0.probes.first?.count ?? 0 }
    }
    let small = try probes(20)
    let large = try probes(400)
    #expect(small == large)
    #expect(large.reduce(0, +) < 60)
    #expect(!large.isEmpty)
  }

  @Test func `every look-up uses an index`() throws {
    let home = try TestHome(TestPipeline.real)
    try home.deliver("AGO", "执法人员_1.csv", officers)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.deliver("LIC", "资质许可_1.csv", [[:]])
    var watched: WatchedEngine?
    try home.run("2026-06-02") { watched = $0 }
    try home.deliver(
      "AGO", "执法人员_2.csv",
      [["officer_cert_valid_to": "20281231", "source_update_time": "2026-05-02 01:00:00"]])
    try home.deliver("ENT", "市场主体登记_1.csv", [[:]])
    try home.run("2026-06-03") { watched = $0 }
    let queries = try #require(watched).queries
    let engine = try home.open()
    for query in queries {
      let plan = try engine.plan(of: query)
      #expect(plan.contains { $0.contains("SEARCH") && $0.contains("INDEX") }, "\(plan)")
      #expect(
        !plan.contains { $0.hasPrefix("SCAN") && !$0.contains("VIRTUAL TABLE") }, "\(plan)")
    }
    #expect(queries.contains { $0.key.multiValued != nil })
    try engine.close()
  }

  // MARK: Systems that contradict each other

  @Test(arguments: [true, false])
  func `the other system's record goes back, whichever came first`(ownFirst: Bool) throws {
    let home = try TestHome(Self.pipeline)
    func own() throws {
      try home.deliver("PEN_1.csv", home.sheet("PEN", [penalty(1)]).utf8)
    }
    func other() throws {
      try home.deliver(
        "PEN_1.csv",
        home.sheet(
          "PEN", [penalty(1, ["source_record_id": "U-1", "fine_amount": "8000"])], system: "URB"
        ).utf8, system: "URB")
    }
    try home.deliver("AGO_1.csv", home.sheet("AGO", officers).utf8)
    try home.deliver("CAS_1.csv", home.sheet("CAS", [enforcementCase(1)]).utf8)
    if ownFirst { try own() } else { try other() }
    if ownFirst { try other() } else { try own() }
    let night = try home.run("2026-06-02")
    let delivery = try #require(night.deliveries.first { $0.system == "URB" })
    #expect(delivery.summary == "loaded 1: returned 1")
    #expect(try home.penalties() == ["P-1"])
    #expect(try home.reasons("U-1").contains("CR53"))
    let name = try #require(home.returns("2026-06-02", system: "URB").first)
    let returned = String(
      decoding: try home.returnBytes("2026-06-02", name, system: "URB"), as: UTF8.self)
    #expect(returned.contains("Q34"))
    #expect(returned.contains("U-1"))
  }
}

extension TestHome {
  /// Runs a night that is going to end early.
  func interrupted(_ night: String, watch: (WatchedEngine) -> Void) throws {
    let day = try #require(CivilDate(night)).dayNumber
    let engine = try open()
    let watched = WatchedEngine(engine)
    watch(watched)
    let run = NightlyRun(
      home: home, catalog: pipeline.catalog, configuration: configuration, engine: watched,
      reader: FileDeliveryReader(limits: limits), returns: FileReturnWriter(limits: limits),
      maskSecret: Files.maskSecret,
      moment: RunMoment(night: day, today: day, now: Int64(day) * 86_400 + 7200),
      progress: SilentProgress(), waitsForStability: false)
    defer { try? engine.close() }
    _ = try run.run()
  }
}
