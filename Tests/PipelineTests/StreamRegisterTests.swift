import Catalog
import SourceFiles
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline

/// States of records are known by the order of their system: with another one, nights doubled and lost records.
@Suite("Numbers under which records are stored")
struct StreamRegisterTests {
  private let folder: TemporaryFolder
  private let pipeline: TestPipeline

  init() throws {
    folder = try TemporaryFolder("streams")
    pipeline = try TestPipeline.real.get()
  }

  private func check(_ change: (inout Catalog) -> Void = { _ in }) throws {
    try StreamRegister.check(pipeline.editing(change).catalog, folder: folder.path)
  }

  @Test func `orders and numbers may not change, and new ones may not be those of others`() throws {
    try check()
    try check()
    #expect(throws: PipelineError.self) {
      try check { catalog in
        let first = catalog.systems[0].order
        catalog.systems[0].order = catalog.systems[1].order
        catalog.systems[1].order = first
      }
    }
    #expect(throws: PipelineError.self) { try check { $0.categories[3].number = 200 } }
    // In place of a system that has gone.
    #expect(throws: PipelineError.self) { try check { $0.systems[2].id = "NEW" } }
    // A system that goes keeps its number, and another one has one of its own.
    try check { $0.systems.removeLast() }
    try check { $0.systems[$0.systems.count - 1].order = $0.systems.last.map(\.order) ?? 0 }
    try check()
  }

  @Test func `a night takes note of them, and the next one keeps to them`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-03")
    let numbers = try Files.text(home.home.warehouse + "/streams.json")
    #expect(numbers.contains("\"SAM\" : 1"))
    let changed = home.pipeline.editing { $0.systems[0].order = 77 }
    let engine = try home.open()
    defer { try? engine.close() }
    let run = NightlyRun(
      home: home.home, catalog: changed.catalog, configuration: home.configuration, engine: engine,
      reader: FileDeliveryReader(limits: home.limits),
      returns: FileReturnWriter(limits: home.limits), maskSecret: Files.maskSecret,
      moment: RunMoment(night: 20_608, today: 20_608, now: 20_608 * 86_400),
      progress: SilentProgress(), waitsForStability: false)
    #expect(throws: PipelineError.self) { try run.run() }
  }
}
