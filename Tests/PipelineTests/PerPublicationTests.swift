import Foundation
import Pipeline
import Synchronization
import TestSupport
import Testing
import WarehouseSQLite

@testable import Console

/// What takes seconds is made once, however many wait for it.
@Suite("Made for a publication")
struct PerPublicationTests {
  @Test func `many who wait for the same make it once, and again for the next night`() throws {
    let home = try TestHome(TestPipeline.alone)
    let value = PerPublication<Int>()
    let made = Mutex<[Int64]>([])
    let got = Mutex<[Int?]>([])
    @Sendable func ask(_ reader: WarehouseReader, mayWait: Bool = true) throws -> Int? {
      try value.value(reader, mayWait: mayWait) { last in
        made.withLock { $0.append(last.publication) }
        Thread.sleep(forTimeInterval: 0.2)
        return Int(last.publication)
      }
    }
    try home.deliver("行政处罚_1.csv", penalties: (1...5).map { penalty($0) })
    try home.run("2026-06-02")
    let readers = try (0..<6).map { _ in try WarehouseReader(folder: home.home.warehouse) }
    func askTogether() {
      DispatchQueue.concurrentPerform(iterations: readers.count) { place in
        let found = try? ask(readers[place])
        got.withLock { $0.append(found) }
      }
    }
    askTogether()
    #expect(made.withLock { $0 } == [1])
    #expect(got.withLock { $0 } == Array(repeating: 1, count: readers.count))
    try home.deliver("行政处罚_2.csv", penalties: (6...9).map { penalty($0) })
    try home.run("2026-06-03")
    #expect(try ask(readers[0], mayWait: false) == 1)
    got.withLock { $0 = [] }
    askTogether()
    #expect(made.withLock { $0 } == [1, 2])
    #expect(got.withLock { $0 } == Array(repeating: 2, count: readers.count))
  }
}
