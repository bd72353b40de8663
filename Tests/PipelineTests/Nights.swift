import Catalog
import Crypto
import Foundation
import Pipeline
import Records
import SourceFiles
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import qingyuan

/// An installation in a folder of its own, in which a test delivers files and runs nights.
final class TestHome {
  let pipeline: TestPipeline
  var configuration: RunConfiguration
  var limits: ReadingLimits
  let folder: TemporaryFolder
  var home: HomeFolder { HomeFolder(folder.path + "/home") }
  /// Seconds since 1970 UTC; what the lock and the publication note.
  private let notes = CollectedNotes()

  init(_ pipeline: Result<TestPipeline, any Error>) throws {
    self.pipeline = try pipeline.get()
    configuration = RunConfiguration(self.pipeline.settings)
    limits = ReadingLimits(self.pipeline.settings)
    folder = try TemporaryFolder("night")
  }

  /// What the runs said, line by line.
  var said: [String] { notes.lines }

  // MARK: Deliveries

  func deliver(_ name: String, _ bytes: [UInt8], system: String = "SAM") throws {
    try folder.write("home/inbox/\(system)/\(name)", bytes)
  }

  /// A delivery of records of one category in the form of its system's adapter.
  func sheet(
    _ category: String, _ records: [Values], system: String = "SAM",
    renaming: [String: String] = [:], extra: [(String, String)] = []
  ) throws -> CSVSheet {
    try pipeline.sheet(category, records, system: system, renaming: renaming, extra: extra)
  }

  /// Delivers a file of penalties in GB18030.
  func deliver(_ name: String, penalties: [Values]) throws {
    try deliver(name, sheet("PEN", penalties).gb18030)
  }

  func inbox(_ system: String = "SAM") -> [String] { Files.below(home.inbox(of: system)) }

  func manifest(
    _ name: String, size: Int? = nil, sha256: String? = nil, records: Int? = nil,
    system: String = "SAM"
  ) throws {
    var object: [String: Any] = ["name": name]
    object["size"] = size
    object["sha256"] = sha256
    object["records"] = records
    let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
    try deliver("\(name).manifest.json", Array(data), system: system)
  }

  // MARK: Runs

  /// Runs a night and checks that every delivery of it balances and that the warehouse is whole.
  ///
  /// - Parameter watch: Says where to interfere with the engine.
  @discardableResult
  func run(
    _ night: String, waits: Bool = false, reader: (any DeliveryReader)? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, watch: ((WatchedEngine) -> Void)? = nil
  ) throws -> RunOutcome {
    let day = try #require(CivilDate(night)).dayNumber
    let engine = try open()
    // A night that ends early may still be held by a thread that has done its work.
    defer { try? engine.close() }
    let watched = WatchedEngine(engine)
    watch?(watched)
    let run = NightlyRun(
      home: home, catalog: pipeline.catalog, configuration: configuration,
      engine: watched, reader: reader ?? FileDeliveryReader(limits: limits),
      returns: FileReturnWriter(limits: limits), maskSecret: Files.maskSecret,
      moment: RunMoment(night: day, today: day, now: Int64(day) * 86_400 + 7200),
      progress: notes, waitsForStability: waits)
    let outcome = try run.run()
    for delivery in outcome.deliveries {
      let what = "\(delivery.fileName) is out of balance: \(delivery.balance)"
      #expect(delivery.balance.difference == 0, "\(what)", sourceLocation: sourceLocation)
    }
    #expect(try engine.verify() == [], sourceLocation: sourceLocation)
    try engine.close()
    #expect(Files.below(home.work) == [], sourceLocation: sourceLocation)
    return outcome
  }

  func open() throws -> SQLiteWarehouse {
    var options = SQLiteWarehouse.Options()
    options.now = { 1_781_000_000 }
    return try SQLiteWarehouse(
      folder: home.warehouse, catalog: pipeline.catalog, options: options)
  }

  // MARK: Reading

  /// Published content in its canonical form.
  func dump() throws -> [String] {
    let engine = try open()
    let path = folder + "dump"
    try engine.canonicalDump(to: path)
    try engine.close()
    return try Files.text(path).split(separator: "\n").map(String.init)
  }

  /// The dump's lines of one table.
  func dump(of table: String) throws -> [String] {
    try dump().filter { $0.hasPrefix(table + "|") }
  }

  /// Rows of a query, cells as text, NULL as nothing.
  func rows(_ sql: String, asOf night: String? = nil) throws -> [[String]] {
    let reader = try WarehouseReader(folder: home.warehouse)
    if let night { try reader.showAsOf(night: night, catalog: pipeline.catalog) }
    var result: [[String]] = []
    try reader.rows(sql) { _ in
    } onRow: { row in
      result.append(row.map(Self.text))
    }
    return result
  }

  /// First column of a query.
  func column(_ sql: String, asOf night: String? = nil) throws -> [String] {
    try rows(sql, asOf: night).compactMap(\.first)
  }

  private static func text(_ value: WarehouseReader.Value) -> String {
    switch value {
    case .null: ""
    case .integer(let number): String(number)
    case .real(let number): String(number)
    case .text(let text): text
    case .blob(let count): "<\(count) bytes>"
    }
  }

  /// Return files of a night by name, receipts left out.
  func returns(_ night: String, system: String = "SAM") -> [String] {
    Files.below("\(home.returns)/\(system)/\(night)").filter {
      !$0.hasSuffix(".receipt.json") && $0 != "receipt.json"
    }
  }

  func returnBytes(_ night: String, _ name: String, system: String = "SAM") throws -> [UInt8] {
    try Files.bytes("\(home.returns)/\(system)/\(night)/\(name)")
  }

  /// Lets a held delivery pass, or refuses it, as the command does.
  func decide(_ delivery: Int64, release: Bool) throws {
    let engine = try open()
    var entry = try #require(try engine.delivery(id: delivery))
    #expect(entry.status == .held)
    if release {
      entry.status = .taken
      entry.reason = "\(DeliveryEntry.releasedPrefix) by the test: checked\n\(entry.reason)"
      entry.balance = Balance()
    } else {
      entry.status = .rejected
      entry.reason = "rejected by the test: wrong\n\(entry.reason)"
    }
    try engine.update(entry)
    try engine.close()
  }
}

/// Keeps what a run says.
private final class CollectedNotes: ProgressReporter {
  private(set) var lines: [String] = []

  func begin(_ stage: RunStage, _ delivery: String, total: Int) {}
  func advance(to done: Int) {}
  func end() {}
  func note(_ message: String) { lines.append(message) }
}

/// 64 hexadecimal digits.
func sha256(_ bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}

extension RunOutcome {
  /// The delivery of a file.
  func delivery(_ name: String) throws -> DeliveryEntry {
    try #require(deliveries.first { $0.fileName == name }, "no delivery \(name)")
  }

  /// Status and counts of the only delivery.
  func only() throws -> DeliveryEntry {
    #expect(deliveries.count == 1)
    return try #require(deliveries.first)
  }
}

extension DeliveryEntry {
  /// `loaded 3: accepted 2, returned 1`; counts of 0 are left out.
  var summary: String {
    let counts = [
      ("accepted", balance.accepted), ("unchanged", balance.unchanged),
      ("duplicate", balance.duplicate), ("returned", balance.returned),
      ("pending", balance.pending), ("held", balance.held), ("deleted", balance.deleted),
      ("removed", balance.removed),
    ].filter { $0.1 != 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return "\(status.rawValue) \(balance.read)" + (counts.isEmpty ? "" : ": \(counts)")
  }
}
