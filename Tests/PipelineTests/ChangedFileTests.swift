import Catalog
import Foundation
import Pipeline
import Records
import SourceFiles
import Synchronization
import TestSupport
import Testing
import Warehouse

/// Somebody still writes to a file that is being received.
@Suite("Files that change while they are read")
struct ChangedFileTests {
  enum Moment: String, CaseIterable {
    /// It was looked at, and is still in the inbox.
    case inspected
    /// It was read once, in the archive.
    case surveyed
  }

  /// Changes the file at one moment, once.
  private final class Changing: DeliveryReader {
    private let reader = FileDeliveryReader()
    private let moment: Moment
    private let change: @Sendable (String) throws -> Void
    private let isDone = Mutex(false)

    init(_ moment: Moment, _ change: @escaping @Sendable (String) throws -> Void) {
      self.moment = moment
      self.change = change
    }

    private func changeOnce(_ path: String) throws {
      let isFirst = isDone.withLock { done in
        defer { done = true }
        return !done
      }
      if isFirst { try change(path) }
    }

    func inspect(_ path: String, _ adapter: SourceAdapter) throws -> FileInspection {
      let found = try reader.inspect(path, adapter)
      if moment == .inspected { try changeOnce(path) }
      return found
    }

    func sha256(_ path: String) throws -> String { try reader.sha256(path) }

    func read(
      _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
      _ mapping: CategoryMapping, exactPositions: Bool, onHeader: ([[String]]) throws -> Void,
      onChunk: (inout RecordChunk) throws -> Void
    ) throws -> ReadSummary {
      if moment == .surveyed, exactPositions { try changeOnce(path) }
      return try reader.read(
        path, inspection, adapter, mapping, exactPositions: exactPositions, onHeader: onHeader,
        onChunk: onChunk)
    }
  }

  /// Writes into the file as it stands, as a transfer does that has not ended.
  private static func edit(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = try Files.bytes(path)
    body(&bytes)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.write(contentsOf: Data(bytes))
    try file.truncate(atOffset: UInt64(bytes.count))
    try file.close()
  }

  @Test(arguments: Moment.allCases, ["", ".gz", ".zip"])
  func `a file that changed is held, and nothing of it is loaded`(
    _ moment: Moment, _ ending: String
  ) throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", [penalty(1), penalty(2)])
    func packed(_ bytes: [UInt8]) throws -> [UInt8] {
      switch ending {
      case ".gz": try gzip(bytes)
      case ".zip": try zip("行政处罚_1.csv", bytes)
      default: bytes
      }
    }
    try home.deliver("行政处罚_1.csv\(ending)", packed(sheet.gb18030))
    // As many records, and one of them is another.
    let other = try packed(home.sheet("PEN", [penalty(1), penalty(3)]).gb18030)
    let reader = Changing(moment) { path in try Self.edit(path) { $0 = other } }
    let outcome = try home.run("2026-06-02", reader: reader)
    let held = try outcome.only()
    #expect(held.status == .held)
    #expect(held.reason.hasPrefix("Q15"), "\(held.reason)")
    #expect(held.reason.contains("changed"), "\(held.reason)")
    #expect(try home.column("SELECT record FROM PEN") == [])
    // What was not taken is the next run's; what was is delivered again.
    if moment == .surveyed { try home.deliver("行政处罚_2.csv\(ending)", other) }
    #expect(try home.run("2026-06-03").only().summary == "loaded 2: accepted 2")
  }
}
