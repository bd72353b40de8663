import Catalog
import Foundation
import Generation
import Testing

@Suite struct GeneratorTests {
  /// Lines of totals and notes at the end of a file.
  private static func footers(_ category: String) -> Int {
    switch category {
    case "PEN": 2
    case "CAS", "MON": 1
    default: 0
    }
  }

  @Test func `every field is an element of the catalog`() throws {
    let catalog = try #require(GeneratedSet.catalog)
    for field in Field.allCases {
      #expect(catalog.element(field.identifier) != nil, "\(field)")
    }
  }

  @Test func `the same seed gives the same bytes`() throws {
    let first = try GeneratedSet(
      records: 900, nights: 3, seed: 5, faults: 0.05, hasFileFaults: true)
    let second = try GeneratedSet(
      records: 900, nights: 3, seed: 5, faults: 0.05, hasFileFaults: true)
    #expect(first.paths == second.paths)
    for path in first.paths { #expect(try first.bytes(path) == second.bytes(path), "\(path)") }
  }

  @Test func `another seed gives other records`() throws {
    let first = try GeneratedSet(records: 300, seed: 5)
    let second = try GeneratedSet(records: 300, seed: 6)
    #expect(first.paths == second.paths)
    for path in first.paths where !path.hasSuffix(".ok") && path.hasPrefix("night") {
      #expect(try first.bytes(path) != second.bytes(path), "\(path)")
    }
  }

  @Test func `all categories come every night with the records that the balance names`() throws {
    let set = try GeneratedSet(records: 3000, nights: 3, seed: 3, faults: 0.04, bureau: .sam)
    for night in try set.expected().nights {
      #expect(Set(night.files.map(\.category)).count == Kind.allCases.count)
      for file in night.files where file.status == "loaded" && file.file.hasSuffix(".csv") {
        let records = try set.records(night: night.night, file.file)
        #expect(records.count - 1 - Self.footers(file.category) == file.balance.read, "\(file)")
      }
    }
  }

  @Test func `balances add up`() throws {
    let set = try GeneratedSet(records: 2000, nights: 4, seed: 8, faults: 0.05, hasFileFaults: true)
    for file in try set.expected().nights.flatMap(\.files) {
      let balance = file.balance
      let sum =
        balance.accepted + balance.unchanged + balance.duplicate + balance.returned
        + balance.pending + balance.deleted + balance.held
      #expect(balance.read == sum, "\(file)")
    }
  }

  @Test func `a set without faults expects nothing`() throws {
    let set = try GeneratedSet(records: 600, nights: 3, seed: 2)
    #expect(try set.truth().isEmpty)
    for file in try set.expected().nights.flatMap(\.files) {
      #expect(file.balance.returned == 0 && file.balance.duplicate == 0)
      #expect(file.balance.pending == 0)
    }
  }

  @Test func `every system comes in its nights with what it delivers`() throws {
    let set = try GeneratedSet(records: 3000, nights: 7, seed: 3)
    for night in try set.expected().nights {
      let systems = Dictionary(grouping: night.files, by: \.system).mapValues { files in
        Set(files.map(\.category))
      }
      let weekday = (GeneratedSet.start + night.night - 1 + 4) % 7
      #expect((systems["MNR"] != nil) == (weekday == 0))
      #expect((systems["ARA"] != nil) == (weekday == 6))
      guard night.night == 1 else { continue }
      for bureau in Bureau.allCases where bureau != .mnr && bureau != .ara {
        let kinds = Kind.allCases.filter { bureau.delivers($0) }.map(\.id)
        #expect(systems[bureau.id] == Set(kinds))
      }
    }
  }

  @Test func `one category fills one file with the records asked for`() throws {
    let set = try GeneratedSet(records: 5000, category: .pen)
    #expect(
      set.paths == ["expected.json", "links.jsonl", "truth.jsonl", "行政处罚_20260302.csv"])
    #expect(try set.expected().nights[0].files.map(\.balance.read) == [5000])
  }
}
