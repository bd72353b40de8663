import Catalog
import Pipeline
import Records
import SourceFiles
import Synchronization
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// Runs that end before their end; `Scripts/torture` does the same to the program from outside.
@Suite("Interrupted runs")
struct InterruptionTests {
  /// Writes no return.
  private struct NoWriter: ReturnWriter {
    func write(
      to path: String, original: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
      _ mapping: CategoryMapping, records: ((ReturnedRecord) throws -> Void) throws -> Void
    ) throws -> Int { throw PipelineError(.environment, "the disk is full") }
  }

  /// Reads files until it has done so a number of times.
  private final class ShortReader: DeliveryReader {
    private let reader = FileDeliveryReader()
    private let left: Mutex<Int>

    init(_ calls: Int) { left = Mutex(calls) }

    private func count() throws {
      let isOver = left.withLock { left in
        left -= 1
        return left < 0
      }
      if isOver { throw PipelineError(.environment, "the disk is gone") }
    }

    func inspect(_ path: String, _ adapter: SourceAdapter) throws -> FileInspection {
      try count()
      return try reader.inspect(path, adapter)
    }

    func sha256(_ path: String) throws -> String {
      try count()
      return try reader.sha256(path)
    }

    func read(
      _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
      _ mapping: CategoryMapping, exactPositions: Bool, onHeader: ([[String]]) throws -> Void,
      onChunk: (inout RecordChunk) throws -> Void
    ) throws -> ReadSummary {
      try count()
      return try reader.read(
        path, inspection, adapter, mapping, exactPositions: exactPositions, onHeader: onHeader,
        onChunk: onChunk)
    }
  }

  /// - Returns: Whether the run ended early.
  private func interrupt(
    _ home: TestHome, _ night: String, after calls: Int,
    returns: any ReturnWriter = FileReturnWriter()
  ) throws -> Bool {
    let day = try #require(CivilDate(night)).dayNumber
    let engine = try home.open()
    let run = NightlyRun(
      home: home.home, catalog: home.pipeline.catalog, configuration: home.configuration,
      engine: engine, reader: ShortReader(calls), returns: returns, maskSecret: Files.maskSecret,
      moment: RunMoment(night: day, today: day, now: Int64(day) * 86_400 + 7200),
      progress: SilentProgress(), waitsForStability: false)
    do {
      _ = try run.run()
      return false
    } catch let error as PipelineError where error.code == .environment {
      return true
    }
  }

  private func deliver(_ night: Int, to home: TestHome) throws {
    switch night {
    case 1:
      try home.deliver(
        "行政处罚_1.csv", penalties: (1...5).map { penalty($0) } + [penalty(6, missingAgency)])
      try home.deliver("投诉举报_1.csv", home.sheet("CMP", [[:]]).gb18030)
    default:
      try home.deliver(
        "行政处罚_全量_2.csv",
        penalties: [penalty(1), penalty(2, updated: 2), penalty(6), penalty(7, missingAgency)])
    }
  }

  private func content(_ home: TestHome) throws -> ([String], [[UInt8]]) {
    let files = Files.below(home.home.returns)
    return (
      try home.dump(),
      try files.map { try Array($0.utf8) + Files.bytes(home.home.returns + "/" + $0) }
    )
  }

  @Test func `a run that fails at any reading is resumed and ends the same`() throws {
    let undisturbed = try TestHome(TestPipeline.alone)
    for night in 1...2 {
      try deliver(night, to: undisturbed)
      try undisturbed.run("2026-06-0\(night + 1)")
    }
    let expected = try content(undisturbed)
    var calls = 0
    var isInterrupted = true
    while isInterrupted {
      let home = try TestHome(TestPipeline.alone)
      isInterrupted = false
      for night in 1...2 {
        try deliver(night, to: home)
        let date = "2026-06-0\(night + 1)"
        if try interrupt(home, date, after: calls) { isInterrupted = true }
        if try interrupt(home, date, after: calls + 1) { isInterrupted = true }
        try home.run(date)
      }
      let found = try content(home)
      #expect(found.0 == expected.0, "after \(calls) calls")
      #expect(found.1 == expected.1, "after \(calls) calls")
      calls += 1
    }
    #expect(calls > 6)
  }

  @Test func `the next night finishes an interrupted one under its own date`() throws {
    let undisturbed = try TestHome(TestPipeline.alone)
    let home = try TestHome(TestPipeline.alone)
    for one in [undisturbed, home] { try deliver(1, to: one) }
    try undisturbed.run("2026-06-02")
    // Both files are taken, the second is not yet judged.
    #expect(try interrupt(home, "2026-06-02", after: 5))
    for one in [undisturbed, home] {
      try deliver(2, to: one)
      let outcome = try one.run("2026-06-03")
      #expect(outcome.run.night == "2026-06-03")
      #expect(outcome.deliveries.map(\.fileName) == ["行政处罚_全量_2.csv"])
    }
    #expect(try content(home).0 == content(undisturbed).0)
    #expect(try content(home).1 == content(undisturbed).1)
    let sql = "SELECT source_record_id FROM PEN ORDER BY 1"
    #expect(
      try home.column(sql, asOf: "2026-06-02") == undisturbed.column(sql, asOf: "2026-06-02"))
  }

  @Test func `what was published before the run was killed is in the next outcome`() throws {
    let home = try TestHome(TestPipeline.alone)
    try deliver(1, to: home)
    #expect(try interrupt(home, "2026-06-02", after: 100, returns: NoWriter()))
    #expect(try home.column("SELECT count(*) FROM PEN") == ["5"])
    let outcome = try home.run("2026-06-02")
    #expect(
      outcome.deliveries.map(\.summary) == [
        "loaded 1: accepted 1", "loaded 6: accepted 5, returned 1",
      ])
    #expect(!outcome.missing.contains("SAM"))
    #expect(!outcome.isWithinThresholds)
    #expect(home.returns("2026-06-02").count == 1)
    // The night after is told of its own alone.
    #expect(try home.run("2026-06-03").deliveries.isEmpty)
  }

  /// Signs go to the archive before their file: what a run that goes on finds is of the next file of the name.
  @Test func `a sign that lies there when a killed run goes on is that of the next file`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1)]).gb18030
    try home.deliver("行政处罚_1.csv", bytes)
    try home.manifest("行政处罚_1.csv", size: bytes.count)
    // Taken, and not yet judged.
    #expect(try interrupt(home, "2026-06-02", after: 1))
    let next = try home.sheet("PEN", [penalty(2), penalty(3)]).gb18030
    try home.manifest("行政处罚_1.csv", size: next.count)
    try home.run("2026-06-02")
    #expect(home.inbox() == ["行政处罚_1.csv.manifest.json"])
    try home.deliver("行政处罚_1.csv", next)
    try home.run("2026-06-03")
    #expect(home.inbox() == [])
    #expect(
      try home.column("SELECT source_record_id FROM PEN ORDER BY 1") == ["P-1", "P-2", "P-3"])
  }

  /// Cannot read one file the second time.
  private struct FlakyReader: DeliveryReader {
    struct Broken: Error {}
    let reader = FileDeliveryReader()
    let name: String

    func inspect(_ path: String, _ adapter: SourceAdapter) throws -> FileInspection {
      try reader.inspect(path, adapter)
    }

    func sha256(_ path: String) throws -> String { try reader.sha256(path) }

    func read(
      _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
      _ mapping: CategoryMapping, exactPositions: Bool, onHeader: ([[String]]) throws -> Void,
      onChunk: (inout RecordChunk) throws -> Void
    ) throws -> ReadSummary {
      let summary = try reader.read(
        path, inspection, adapter, mapping, exactPositions: exactPositions, onHeader: onHeader,
        onChunk: onChunk)
      if exactPositions, path.contains(name) { throw Broken() }
      return summary
    }
  }

  @Test(arguments: [false, true])
  func `a file that cannot be read to its end is held, and the night goes on`(isLater: Bool) throws
  {
    let home = try TestHome(TestPipeline.alone)
    if isLater {
      try home.deliver("行政处罚_0.csv", penalties: [penalty(9)])
      try home.run("2026-06-01")
    }
    try deliver(1, to: home)
    let day = try #require(CivilDate("2026-06-02")).dayNumber
    let engine = try home.open()
    let outcome = try NightlyRun(
      home: home.home, catalog: home.pipeline.catalog, configuration: home.configuration,
      engine: engine, reader: FlakyReader(name: "行政处罚"), returns: FileReturnWriter(),
      maskSecret: Files.maskSecret,
      moment: RunMoment(night: day, today: day, now: Int64(day) * 86_400 + 7200),
      progress: SilentProgress(), waitsForStability: false
    ).run()
    #expect(try engine.verify() == [])
    try engine.close()
    #expect(
      Set(outcome.deliveries.map(\.summary)) == ["loaded 1: accepted 1", "held 6: held 6"])
    #expect(try home.column("SELECT count(*) FROM PEN") == [isLater ? "1" : "0"])
    #expect(try home.column("SELECT count(*) FROM CMP") == ["1"])
    #expect(Files.below(home.home.work) == [])
  }

  @Test func `a run that goes on under other rules is judged anew as a whole`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_0.csv", penalties: [penalty(9)])
    try home.run("2026-06-01")
    try deliver(1, to: home)
    // The first file is loaded, the second not yet.
    #expect(try interrupt(home, "2026-06-02", after: 5))
    let engine = try home.open()
    let run = try #require(try engine.lastRun())
    #expect(try !engine.unpublishedDeliveries().isEmpty)
    try engine.setRuleSet("other rules", run: run.id)
    try engine.close()
    let outcome = try home.run("2026-06-02")
    #expect(outcome.run.id == run.id)
    #expect(
      outcome.deliveries.map(\.summary) == [
        "loaded 1: accepted 1", "loaded 6: accepted 5, returned 1",
      ])
    let after = try home.open()
    #expect(try after.lastRun()?.ruleSetHash == home.pipeline.catalog.ruleSetHash)
    try after.close()
  }
}
