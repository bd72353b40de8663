import Foundation
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline

@Suite("What is kept, and how long")
struct RetentionTests {
  private func archive(_ home: TestHome) -> [String] { Files.below(home.home.archive) }

  /// Three nights with one returned record each.
  private func makeHome(_ days: (archive: Int, returns: Int)) throws -> TestHome {
    let home = try TestHome(TestPipeline.alone)
    home.configuration.archiveDays = days.archive
    home.configuration.returnsDays = days.returns
    for (index, day) in ["2026-03-01", "2026-03-02", "2026-03-03"].enumerated() {
      try home.deliver(
        "行政处罚_\(day).csv", penalties: [penalty(index), penalty(index + 10, unknownPenaltyType)])
      try home.manifest("行政处罚_\(day).csv", records: 2)
      try home.run(day)
    }
    return home
  }

  @Test func `files go when their night is more than so many days ago`() throws {
    let home = try makeHome((10, 5))
    #expect(archive(home).count == 6)
    #expect(home.returns("2026-03-01").count == 1)
    // The time a file was written says nothing.
    for name in archive(home) {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 0)],
        ofItemAtPath: home.home.archive + "/" + name)
    }
    try home.run("2026-03-07")
    #expect(archive(home).count == 6)
    #expect(home.returns("2026-03-01") == [])
    #expect(home.returns("2026-03-02").count == 1)
    #expect(home.said.last { $0.hasPrefix("retention: 0 files of the archive") } != nil)
    try home.run("2026-03-12")
    #expect(archive(home).count == 4)
    #expect(archive(home).allSatisfy { !$0.hasPrefix("2026/03/01") })
    #expect(!Files.exists(home.home.archive + "/2026/03/01"))
    #expect(Files.exists(home.home.archive + "/2026/03/02"))
    #expect(home.said.contains { $0.hasPrefix("retention: 2 files of the archive") })
    try home.run("2026-05-01")
    #expect(archive(home) == [])
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.home.archive) == [])
    #expect(Files.below(home.home.returns) == [])
  }

  @Test func `an earlier night and one in the future remove nothing`() throws {
    let home = try makeHome((100_000, 100_000))
    let before = archive(home)
    try home.run("2026-02-01")
    home.configuration.archiveDays = 36_500
    try home.run("2999-01-01")
    #expect(archive(home) == before)
  }

  @Test func `what a held delivery needs stays, however old it is`() throws {
    let home = try TestHome(TestPipeline.alone)
    home.configuration.archiveDays = 1
    home.configuration.returnsDays = 1
    let bytes = try home.sheet("PEN", [penalty(1)]).gb18030
    try home.deliver("行政处罚_1.csv", bytes)
    try home.manifest("行政处罚_1.csv", records: 7)
    try home.deliver("行政处罚_2.csv", penalties: [penalty(2)])
    let outcome = try home.run("2026-03-01")
    #expect(try outcome.delivery("行政处罚_1.csv").status == .held)
    try home.run("2026-04-01")
    let left = archive(home)
    #expect(left.count == 2, "\(left)")
    #expect(left.allSatisfy { $0.contains("行政处罚_1.csv") })
    // A person lets it pass; a night later it goes too.
    let engine = try home.open()
    var held = try #require(try engine.deliveries(status: .held).first)
    held.status = .taken
    held.reason = DeliveryEntry.releasedPrefix + " by a test"
    try engine.update(held)
    try engine.close()
    #expect(try home.run("2026-04-02").only().status == .loaded)
    #expect(archive(home) == left)
    try home.run("2026-04-10")
    #expect(archive(home) == [])
  }

  @Test func `what an unfinished run needs stays`() throws {
    let home = try makeHome((1, 1))
    #expect(archive(home).count == 4, "\(archive(home))")
    let engine = try home.open()
    let first = try #require(try engine.runs(limit: .max).first { $0.night == "2026-03-02" })
    try engine.setRunStatus(.running, run: first.id)
    let retention = Retention(home: home.home, engine: engine, archiveDays: 1, returnsDays: 1)
    let today = try #require(CivilDate("2026-06-01")).dayNumber
    let removed = try retention.apply(today: today)
    try engine.close()
    #expect(removed.originals == 2)
    #expect(archive(home).count == 2)
    #expect(archive(home).allSatisfy { $0.hasPrefix("2026/03/02") })
    #expect(home.returns("2026-03-02").count == 1)
    #expect(home.returns("2026-03-03") == [])
  }

  @Test func `what is no night is left alone`() throws {
    let home = try makeHome((1, 1))
    try home.folder.write("home/archive/notes.txt", "x")
    try home.folder.write("home/archive/2020/99/01/SAM/x.csv", "x")
    try home.folder.write("home/archive/2020/1/01/SAM/x.csv", "x")
    try home.folder.write("home/returns/SAM/notes/x.csv", "x")
    try home.run("2026-06-01")
    #expect(
      archive(home) == ["2020/1/01/SAM/x.csv", "2020/99/01/SAM/x.csv", "notes.txt"])
    #expect(Files.below(home.home.returns) == ["SAM/notes/x.csv"])
  }
}
