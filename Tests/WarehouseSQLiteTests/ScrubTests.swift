import Foundation
import GRDB
import TestSupport
import Testing
import Warehouse

@testable import WarehouseSQLite

/// Real databases that lived for a while, and what is left in their pages of what they no longer hold.
@Suite("Cleared pages")
struct ScrubTests {
  /// A database with tables of all kinds, in which rows come, go and change.
  private final class World {
    let folder: TemporaryFolder
    var path: String { folder + "world.sqlite" }
    private(set) var live: [Int64: String] = [:]
    private(set) var gone: Set<String> = []
    private var random: SeededGenerator
    private var keys: [Int64] = []
    private var next: Int64 = 1
    private let pageSize: Int
    private let clears: Bool

    /// - Parameter clears: Whether SQLite clears what it deletes, where it stands.
    init(_ seed: Int, pageSize: Int, clears: Bool = true) throws {
      folder = try TemporaryFolder("scrub")
      random = SeededGenerator(seed: UInt64(seed))
      self.pageSize = pageSize
      self.clears = clears
      try open { database in
        try database.execute(
          sql: """
            CREATE TABLE plain (id INTEGER PRIMARY KEY, body TEXT, number INTEGER) STRICT;
            CREATE TABLE keyed (id INTEGER, part INTEGER, body TEXT, PRIMARY KEY (id, part))
              STRICT, WITHOUT ROWID;
            CREATE INDEX plain_body ON plain (body);
            """)
      }
    }

    func open(_ body: (Database) throws -> Void) throws {
      var configuration = Configuration()
      let (size, clears) = (pageSize, clears)
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA page_size = \(size)")
        try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        try database.execute(sql: "PRAGMA secure_delete = \(clears ? "ON" : "OFF")")
        try database.execute(sql: "PRAGMA journal_mode = OFF")
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write(body)
      _ = try queue.writeWithoutTransaction { database in
        try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum")
      }
      try queue.close()
    }

    /// A text that nothing else is like, from a few bytes to several pages long.
    private func text() -> String {
      let words = (0..<2).map { _ in
        String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
      }
      let lengths = [0, 10, 60, pageSize / 8, pageSize / 4, pageSize / 4, pageSize / 8, 60, 10]
      let most =
        Int.random(in: 0..<20, using: &random) == 0
        ? 3 * pageSize : lengths[Int.random(in: 0..<lengths.count, using: &random)]
      let count = Int.random(in: 0...most, using: &random)
      return "q" + words.joined(separator: "q") + String(repeating: "·~", count: count / 3)
    }

    private func forget(_ text: String?) {
      if let text { gone.insert(String(text.prefix { $0 != "·" })) }
    }

    func churn(_ count: Int) throws {
      try open { database in
        for _ in 0..<count {
          let place = keys.isEmpty ? 0 : Int.random(in: 0..<keys.count, using: &random)
          let victim = keys.isEmpty ? nil : keys[place]
          switch Int.random(in: 0..<10, using: &random) {
          case 0..<4:
            let own = text()
            // Between the others too, so that pages split in the middle.
            next += Int64.random(in: 1...9, using: &random)
            let id = Bool.random(using: &random) ? next : -next
            try database.execute(
              sql: "INSERT INTO plain VALUES (?, ?, ?)", arguments: [id, own, id])
            try database.execute(
              sql: "INSERT INTO keyed VALUES (?, 1, ?)", arguments: [id, own])
            live[id] = own
            keys.append(id)
          case 4..<7:
            guard let victim else { continue }
            let own = text()
            forget(live.updateValue(own, forKey: victim))
            for table in ["plain", "keyed"] {
              try database.execute(
                sql: "UPDATE \(table) SET body = ? WHERE id = ?", arguments: [own, victim])
            }
          default:
            guard let victim else { continue }
            forget(live.removeValue(forKey: victim))
            keys.swapAt(place, keys.count - 1)
            keys.removeLast()
            for table in ["plain", "keyed"] {
              try database.execute(sql: "DELETE FROM \(table) WHERE id = ?", arguments: [victim])
            }
          }
        }
      }
    }

    func dump() throws -> [String] {
      try DatabaseQueue(path: path).read { database in
        #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
        #expect(try Int.fetchOne(database, sql: "PRAGMA freelist_count") == 0)
        return try ["plain", "keyed"].flatMap { table in
          try Row.fetchAll(database, sql: "SELECT * FROM \(table) ORDER BY id").map {
            "\(table) \($0)"
          }
        }
          + String.fetchAll(
            database, sql: "SELECT body FROM plain INDEXED BY plain_body ORDER BY 1")
      }
    }

    /// How many of the texts that went are still in the bytes.
    func remains() throws -> Int {
      let bytes = try Files.bytes(path)
      let places = Dictionary(
        grouping: bytes.indices.dropLast(8).filter { bytes[$0] == UInt8(ascii: "q") },
        by: { Data(bytes[$0..<$0 + 8]) })
      return gone.count { text in
        let wanted = Array(text.utf8)
        return (places[Data(wanted.prefix(8))] ?? []).contains {
          bytes[$0...].starts(with: wanted)
        }
      }
    }
  }

  @Test(arguments: [512, 1024, 4096, 16384, 65536])
  func `nothing that was deleted is left, and everything else is as it was`(pageSize: Int) throws {
    let world = try World(1, pageSize: pageSize, clears: false)
    for _ in 0..<4 { try world.churn(400) }
    let before = try world.dump()
    #expect(try world.remains() > 20)
    _ = try FileScrub.run(world.path)
    #expect(try world.remains() == 0)
    #expect(try world.dump() == before)
    #expect(world.gone.count > 300 && world.live.count > 20)
  }

  @Test func `SQLite clears what it deletes where it stands, and leaves the copies`() throws {
    var left = 0
    for seed in 1...3 {
      let world = try World(seed, pageSize: 16384)
      for _ in 0..<3 { try world.churn(1500) }
      left += try world.remains()
      let before = try world.dump()
      _ = try FileScrub.run(world.path)
      #expect(try world.remains() == 0)
      #expect(try world.dump() == before)
    }
    #expect(left > 0)
  }

  @Test func `pages that did not change since they were cleared need not be looked at`() throws {
    let world = try World(11, pageSize: 4096, clears: false)
    for _ in 0..<8 { try world.churn(400) }
    let all = try FileScrub.run(world.path)
    #expect(try world.remains() == 0)
    var left = 0
    for _ in 0..<6 {
      let old = world.folder + "old.sqlite"
      try? FileManager.default.removeItem(atPath: old)
      try FileManager.default.copyItem(atPath: world.path, toPath: old)
      try world.churn(12)
      left += try world.remains()
      let before = try world.dump()
      let looked = try FileScrub.run(world.path, against: old)
      #expect(looked > 0 && looked < all)
      #expect(try world.remains() == 0)
      #expect(try world.dump() == before)
    }
    #expect(left > 0)
  }

  @Test func `a cleared file has nothing more to be cleared`() throws {
    let world = try World(21, pageSize: 1024)
    for _ in 0..<3 { try world.churn(300) }
    _ = try FileScrub.run(world.path)
    let once = try Files.bytes(world.path)
    _ = try FileScrub.run(world.path)
    #expect(try Files.bytes(world.path) == once)
  }

  @Test func `the end of an overflow page and of the pointer map is cleared`() throws {
    let world = try World(31, pageSize: 512)
    try world.open { database in
      try database.execute(
        sql: "INSERT INTO plain VALUES (1, ?, 1)", arguments: [String(repeating: "x", count: 700)])
    }
    var bytes = try Files.bytes(world.path)
    let before = try world.dump()
    // What an earlier value of the page could have left there: behind the last byte of the payload.
    let last = try #require(
      bytes.indices.dropLast().last {
        bytes[$0] == UInt8(ascii: "x") && bytes[$0 + 1] != UInt8(ascii: "x")
      })
    let rest = (last + 1..<(last / 512 + 1) * 512)
    #expect(rest.count > 20)
    for index in rest { bytes[index] = 0x5A }
    let mapEnd = 2 * 512 - 3
    bytes[mapEnd] = 0x5A
    try Data(bytes).write(to: URL(fileURLWithPath: world.path))
    #expect(try world.dump() == before)
    _ = try FileScrub.run(world.path)
    let cleared = try Files.bytes(world.path)
    #expect(rest.allSatisfy { cleared[$0] == 0 } && cleared[mapEnd] == 0)
    #expect(try world.dump() == before)
  }

  @Test func `a page that is none of a tree is damage and no work`() throws {
    let world = try World(41, pageSize: 1024)
    try world.churn(300)
    var bytes = try Files.bytes(world.path)
    // The first cell of a leaf lies behind the page.
    let leaf = try #require(
      (2..<bytes.count / 1024).first { bytes[$0 * 1024] == 13 && bytes[$0 * 1024 + 4] > 0 })
    bytes[leaf * 1024 + 8] = 0xFF
    try Data(bytes).write(to: URL(fileURLWithPath: world.path))
    #expect(throws: WarehouseError.self) { try FileScrub.run(world.path) }
    let plain = world.folder + "plain.sqlite"
    try DatabaseQueue(path: plain).write { try $0.execute(sql: "CREATE TABLE t (a)") }
    #expect(throws: WarehouseError.self) { try FileScrub.run(plain) }
  }
}
