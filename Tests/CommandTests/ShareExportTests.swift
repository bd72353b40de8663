import Foundation
import TestSupport
import Testing

@Suite("Exports under a grant, and where data comes from")
struct ShareExportTests {
  private let library: LibraryHome

  init() throws {
    library = try LibraryHome()
    try library.loans()
    try library.night()
  }

  private func rows(_ path: String) throws -> [[String]] {
    CSVSheet.rows(of: try Files.text(path).replacingOccurrences(of: "\u{FEFF}", with: ""))
  }

  private func trace(_ name: String, _ text: String) throws -> [[String: Any]] {
    let file = try library.home.folder.write(name, text)
    let result = try library.act("share trace --json", [file])
    let found = try #require(try object(result.outputText)["findings"] as? [[String: Any]])
    #expect(result.code == (found.isEmpty ? 1 : 0), "\(result.errorText)")
    return found
  }

  private let elements = "loan_no,borrowed_on,fee"

  @Test func `what the grant covers leaves, and nothing else`() throws {
    let grant = try library.grant(
      "LOAN", elements, where: "borrowed_on >= date '2026-02-01'")
    let result = try library.export(grant)
    let folder = try library.folder(result)
    #expect(
      Files.below(folder) == ["LOAN.csv", "SHA256SUMS", "manifest.json", "schema.json"])
    let table = try rows(folder + "/LOAN.csv")
    #expect(
      table[0] == [
        "record", "loan_no", "borrowed_on", "fee", "objection", "objection_since", "qy_mark",
      ])
    // Even numbers were borrowed in February; multiples of five are books.
    let wanted = (1...70).filter { $0 % 2 == 0 && $0 % 5 != 0 }
    #expect(
      Set(table.dropFirst().map { $0[1] + " " + $0[3] })
        == Set(wanted.map { "LN\($0) \($0).50" }))
    #expect(table.dropFirst().map { $0[0] } == wanted.indices.map { "\($0 + 1)" })
    #expect(table.dropFirst().allSatisfy { $0[2] == "2026-02-02" && $0[4].isEmpty })
    let summary = try object(result.outputText)
    #expect(summary["rows"] as? Int == 28 && summary["chosen"] as? Int == 35)
    #expect(summary["denied"] as? [String: Int] == ["N2": 7])
    let manifest = try object(try Files.text(folder + "/manifest.json"))
    #expect(manifest["grant"] as? String == grant && manifest["rows"] as? Int == 28)
    #expect(manifest["expires"] as? String == "2026-03-31T23:59:59+08:00")
    #expect(manifest["purpose"] as? String == "联合惩戒")
    #expect(manifest["tier"] as? String == "shared" && manifest["night"] as? String == "2026-03-02")
    let sums = try Program(
      "/usr/bin/sha256sum", ["--check", "--quiet", "SHA256SUMS"], in: folder
    ).wait()
    #expect(sums.code == 0, "\(sums.errorText) \(sums.outputText)")
    #expect(try Files.text(folder + "/schema.json").contains("\"title\": \"借阅\""))
    // No card of a reader, in any file of the package.
    #expect(try Files.holding("00000001", below: folder) == [])
    let entry = try #require(try library.logged().last)
    #expect(entry["action"] as? String == "export" && entry["rows"] as? Int == 28)
    #expect(entry["elements"] as? [String] == ["loan_no", "borrowed_on", "fee"])
    #expect((entry["reference"] as? String)?.hasPrefix(grant + " X") == true)
    func saw(_ loan: String) throws -> [String] {
      let result = try library.home.run("audit who-saw", "LOAN", "LIB", loan, "--json")
      return try result.outputLines.compactMap { try object($0)["action"] as? String }
    }
    #expect(try saw("LN2") == ["export"])
    #expect(try saw("LN1") == [] && saw("LN10") == [])
    #expect(try QingyuanProgram.run(["audit", "verify", "--home", library.home.path]).code == 0)
  }

  @Test func `a grant is honoured to its last second, and a revoked one not again`() throws {
    let grant = try library.grant("LOAN", elements, until: "2026-03-10")
    #expect(try library.export(grant, at: "2026-03-10T23:59:59").code == 0)
    let late = try library.export(grant, at: "2026-03-11T00:00:00")
    #expect(late.code == 1 && late.errorText.contains("(grant-expired)"), "\(late.errorText)")
    let revoked = try library.act(
      "share revoke", [grant, "--reason", "用途已变"], at: "2026-03-05T12:00:00")
    #expect(revoked.code == 0)
    // Whatever the clock says.
    let again = try library.export(grant, at: "2026-03-05T12:00:00")
    #expect(again.code == 1 && again.errorText.contains("(grant-revoked)"))
    #expect(try library.export("G000009").errorText.contains("(unknown-number)"))
    let open = try library.act(
      "share request --json",
      [
        "--category", "LOAN", "--elements", elements, "--until", "2026-03-20", "--purpose", "x",
      ], by: "zhang", of: "公安局")
    #expect(open.code == 0)
    #expect(try library.export("R000002").errorText.contains("(no-grant)"))
    let denied = try library.logged().filter { $0["outcome"] as? String == "denied" }
    #expect(
      denied.map { "\($0["action"] ?? "") \($0["rule"] ?? "") \($0["reference"] ?? "")" } == [
        "export grant-expired \(grant)", "export grant-revoked \(grant)",
        "export unknown-number G000009", "export no-grant R000002",
      ])
    // Nothing was left behind but the one export.
    #expect(Set(Files.below(library.home.folder + "out").map { $0.prefix(7) }) == [grant.prefix(7)])
    let names = try FileManager.default.contentsOfDirectory(
      atPath: library.home.folder + "out")
    #expect(names.count == 1)
  }

  @Test func `a clock that was set back brings no grant to life again`() throws {
    let grant = try library.grant("LOAN", elements, until: "2026-03-10")
    #expect(try library.export(grant, at: "2026-03-11T00:00:00").code == 1)
    let back = try library.export(grant, at: "2026-03-10T11:00:00")
    #expect(back.code == 1 && back.errorText.contains("(clock)"), "\(back.errorText)")
    #expect(try library.logged().last?["rule"] as? String == "clock")
    #expect(Files.below(library.home.folder + "out") == [])
    // An entry within the period says nothing against an earlier moment of it.
    let longer = try library.grant("LOAN", elements, until: "2026-03-31")
    #expect(try library.export(longer, at: "2026-03-30T11:00:00").code == 0)
    #expect(try library.export(longer, at: "2026-03-29T11:00:00").code == 0)
  }

  @Test func `what a killed export left is removed by the next one, but not from under another`()
    throws
  {
    let grant = try library.grant("LOAN", elements)
    let left = "out/.G000001-X0123456789abcdef.part"
    let working = "out/.G000001-X0123456789abcde0.part"
    let foreign = "out/.G000001-notes.part"
    for folder in [left, working, foreign] {
      try library.home.folder.write(folder + "/LOAN.csv", "loan_no\nLN1\n")
    }
    let lock = open(library.home.folder + working, O_RDONLY)
    try #require(lock >= 0 && flock(lock, LOCK_EX) == 0)
    defer { close(lock) }
    #expect(try library.export(grant).code == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: library.home.folder + "out")
      .filter { $0.hasPrefix(".") }
    #expect(names.sorted().map { "out/" + $0 } == [working, foreign])
  }

  /// The negative list is kept from departments; a grant hands data to one, whatever its tier.
  @Test(arguments: ["csv", "ndjson", "sqlite"])
  func `no tier of a grant opens what the negative list keeps`(_ format: String) throws {
    try library.readers()
    try library.night("2026-03-03")
    let readers = try library.grant("READER", "card_no,phone", tier: "restricted")
    let folder = try library.folder(try library.export(readers, format))
    #expect(try Files.holding("138****0001", below: folder) == ["READER.\(format)"])
    #expect(try Files.holding("13800000001", below: folder) == [])
    let loans = try library.grant("LOAN", elements, tier: "restricted")
    let summary = try object(try library.export(loans, format).outputText)
    #expect(summary["rows"] as? Int == 56)
    #expect(summary["denied"] as? [String: Int] == ["N2": 14])
  }

  @Test(arguments: ["csv", "ndjson", "sqlite"])
  func `a leak names its recipient, whole or in part`(_ format: String) throws {
    let first = try library.grant("LOAN", elements)
    let second = try library.grant("LOAN", elements, department: "税务局")
    let one = try library.folder(try library.export(first, format))
    let other = try library.folder(try library.export(second, format))
    for (grant, folder, department) in [(first, one, "公安局"), (second, other, "税务局")] {
      let result = try library.act("share trace --json", [folder + "/LOAN." + format])
      let found = try #require(try object(result.outputText)["findings"] as? [[String: Any]])
      #expect(found.count == 1)
      #expect(found[0]["grant"] as? String == grant)
      #expect(found[0]["department"] as? String == department)
      #expect(found[0]["sureness"] as? String == "certain")
      #expect(found[0]["wholeRows"] as? Int == 56 && found[0]["changedRows"] as? Int == 0)
      #expect(found[0]["orderAscending"] as? Int == 55 && found[0]["orderPairs"] as? Int == 55)
    }
    #expect(try Files.bytes(one + "/LOAN." + format) != Files.bytes(other + "/LOAN." + format))
    // Made again in the same second, elsewhere: one export, told once.
    let again = try library.act(
      "share export",
      ["--grant", first, "--format", format, "--out", library.home.folder + "again"])
    #expect(again.code == 0, "\(again.errorText)")
    let result = try library.act("share trace --json", [one + "/LOAN." + format])
    #expect((try object(result.outputText)["findings"] as? [[String: Any]])?.count == 1)
  }

  @Test func `one row is enough, and a changed row is told`() throws {
    let grant = try library.grant("LOAN", elements)
    let folder = try library.folder(try library.export(grant))
    let lines = try Files.text(folder + "/LOAN.csv").split(separator: "\r\n").map(String.init)
    let single = try trace("one.txt", "see here: " + lines[17])
    #expect(single.count == 1 && single[0]["sureness"] as? String == "certain")
    #expect(single[0]["grant"] as? String == grant)
    var changed = lines
    changed[5] = changed[5].replacingOccurrences(of: "LN", with: "LM")
    let found = try trace("changed.csv", changed.joined(separator: "\r\n"))
    #expect(found[0]["wholeRows"] as? Int == 55 && found[0]["changedRows"] as? Int == 1)
  }

  @Test func `without the tags the order still speaks, until it is sorted`() throws {
    let grant = try library.grant("LOAN", elements)
    try library.grant("LOAN", elements, department: "税务局")
    let folder = try library.folder(try library.export(grant))
    _ = try library.export("G000002")
    // loan_no and fee alone, as a thief would cut them out; a third of the rows.
    let table = try rows(folder + "/LOAN.csv").map { [$0[1], $0[3]] }
    let part = [table[0]] + table[10..<30]
    func text(_ rows: [[String]]) -> String {
      rows.map { $0.joined(separator: ",") }.joined(separator: "\n")
    }
    let found = try trace("part.csv", text(part))
    #expect(found.count == 1)
    #expect(found[0]["grant"] as? String == grant)
    #expect(found[0]["sureness"] as? String == "very-likely" && found[0]["tags"] as? Int == 0)
    #expect(found[0]["orderPairs"] as? Int == 19)
    let sorted = [table[0]] + table.dropFirst().sorted { $0[0] < $1[0] }
    #expect(try trace("sorted.csv", text(sorted)).isEmpty)
    // Sorted, with the numbers of the export left in.
    let numbered = try rows(folder + "/LOAN.csv").map { [$0[0], $0[1]] }
    let shuffled = [numbered[0]] + numbered.dropFirst().sorted { $0[1] < $1[1] }
    #expect(try trace("numbered.csv", text(shuffled)).first?["grant"] as? String == grant)
    #expect(try trace("other.csv", "a,b\n1,2\nqy0123456789abcdef,3\n").isEmpty)
    #expect(try library.logged().filter { $0["action"] as? String == "share-trace" }.count == 4)
  }

  @Test func `rows inside records leave with their record`() throws {
    let more = try LibraryHome()
    try more.visits()
    try more.night()
    let grant = try more.grant("VISIT", "visit_no,fee")
    let folder = try more.folder(try more.export(grant, "ndjson"))
    let visits = try Files.text(folder + "/VISIT.ndjson").split(separator: "\n")
      .map { try object($0) }
    let groups = try Files.text(folder + "/VISIT_groups.ndjson").split(separator: "\n")
      .map { try object($0) }
    #expect(visits.count == 40 && groups.count == 40)
    for visit in visits {
      let number = try #require(visit["visit_no"] as? String)
      let id = try #require(Int(number.dropFirst()))
      let own = groups.filter { $0["record"] as? Int == visit["record"] as? Int }
      #expect(own.map { $0["fee"] as? Double } == Array(repeating: Double(id) + 0.5, count: id % 3))
      #expect(own.allSatisfy { $0["visited_at"] == nil })
    }
    let leaked = try Files.text(folder + "/VISIT_groups.ndjson").split(separator: "\n")[3]
    let file = try more.home.folder.write("leak.json", String(leaked))
    let result = try more.act("share trace --json", [file])
    let found = try #require(try object(result.outputText)["findings"] as? [[String: Any]])
    #expect(found.first?["grant"] as? String == grant && found.first?["wholeRows"] as? Int == 1)
  }
}
