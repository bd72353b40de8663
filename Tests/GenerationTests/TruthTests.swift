import Foundation
import Generation
import Testing

@Suite struct TruthTests {
  @Test func `truth lines refer to existing records`() throws {
    let set = try GeneratedSet(records: 8000, nights: 3, seed: 4, faults: 0.05, bureau: .sam)
    let truth = try set.truth()
    #expect(truth.count > 150)
    for line in truth where line.file.hasSuffix(".csv") {
      let records = try set.records(night: line.night, line.file)
      let record = try #require(records.indices.contains(line.record) ? records[line.record] : nil)
      // The record's own number may be what was spoiled.
      if line.expect.contains(where: { $0.element == "source_record_id" }) { continue }
      #expect(record.starts(with: line.record_id.utf8), "\(line)")
    }
  }

  @Test func `about as many records are spoiled as asked for`() throws {
    let set = try GeneratedSet(records: 30_000, seed: 4, faults: 0.02)
    let read = try set.expected().nights[0].files.reduce(0) { $0 + $1.balance.read }
    let records = Set(try set.truth().map { $0.system + $0.file + $0.record_id })
    #expect((0.015...0.022).contains(Double(records.count) / Double(read)))
  }

  @Test func `every category goes through its kinds of fault`() throws {
    var faults: Set<String> = []
    var rules: Set<String> = []
    for kind in Kind.allCases {
      // Penalties have the most kinds of fault.
      let records = kind == .pen ? 12_000 : 2500
      let set = try GeneratedSet(records: records, seed: 1, faults: 0.1, category: kind)
      for line in try set.truth() {
        faults.insert(line.fault)
        rules.formUnion(line.expect.map(\.rule))
      }
    }
    #expect(faults.count >= 70)
    // Rules within a record; those between records are not planted.
    let own = (1...40).map { $0 < 10 ? "CR0\($0)" : "CR\($0)" } + ["CR60", "CR61", "CR62"]
    #expect(own.filter { !rules.contains($0) } == [])
  }

  @Test func `returned records are those with a finding that returns`() throws {
    let set = try GeneratedSet(records: 4000, seed: 9, faults: 0.05)
    let truth = try set.truth()
    for file in try set.expected().nights[0].files {
      let returned = truth.filter { line in
        line.file == file.file && line.category == file.category && line.system == file.system
          && line.expect.contains { $0.severity == "return" }
      }
      #expect(file.balance.returned == returned.count, "\(file)")
    }
  }

  @Test func `what hangs together shows in the findings between records`() throws {
    let set = try GeneratedSet(records: 6000, nights: 2, seed: 12, faults: 0.05)
    let links = try set.links()
    let rules = Set(links.map(\.rule))
    #expect(rules.isSuperset(of: ["CR41", "CR43", "CR48", "CR50", "CR56"]))
    // Each penalty and measure that waits after the first night says for what.
    for (kind, own) in [("PEN", ["CR41", "CR42"]), ("COE", ["CR44"])] {
      let waiting = Set(
        links.filter { $0.night == 1 && $0.category == kind && own.contains($0.rule) }
          .map { $0.system + $0.record_id })
      let pending = try set.expected().nights[0].files.filter { $0.category == kind }
        .reduce(0) { $0 + $1.balance.pending }
      #expect(waiting.count == pending)
      #expect(pending > 0)
    }
    // The cases of one system come a night late, and then nobody waits for them any more.
    let late = links.filter { $0.system == "CUL" && $0.rule == "CR41" }
    #expect(late.filter { $0.night == 1 }.count > late.filter { $0.night == 2 }.count)
  }

  @Test func `files that are damaged as a whole are held`() throws {
    let set = try GeneratedSet(records: 300, nights: 1, seed: 3, hasFileFaults: true)
    let held = try set.expected().nights[0].files.filter { $0.status == "held" }
    #expect(held.count == 6)
    #expect(held.allSatisfy { $0.balance.read == $0.balance.held && $0.balance.read > 0 })
    #expect(
      try set.truth().compactMap(\.hold).sorted() == ["Q15", "Q15", "Q21", "Q28", "Q31", "Q31"])
  }
}
