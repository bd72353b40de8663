import Foundation
import GRDB
import Glibc
import TestSupport
import Testing

/// A home with two nights, returns, tier files and an access log.
private final class Installation {
  let library: LibraryHome
  var home: CommandHome { library.home }
  var path: String { home.path }
  static let day = ["--day", "2026-03-04"]

  init() throws {
    library = try LibraryHome()
    try library.loans(20)
    try library.visits()
    try library.night("2026-03-02")
    try library.grant("READER", "card_no")
    // The fee is no number: these go back.
    try library.loans(3, ["fee": "viel", "entry_no": "L-x", "loan_no": "LNx"])
    try library.night("2026-03-03")
  }

  func doctor(_ more: String...) throws -> ProgramResult {
    try QingyuanProgram.run(
      ["doctor", "--home", path, "--pipelines", home.pipelines] + Self.day + more)
  }

  func backup(_ more: String...) throws -> ProgramResult {
    try QingyuanProgram.run(
      ["backup", "--home", path, "--pipelines", home.pipelines, "--to", home.folder + "backups"]
        + more)
  }

  var backups: [String] {
    let folder = home.folder + "backups"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      .filter { !$0.hasPrefix(".") }.map { folder + "/" + $0 }
  }

  /// The first file below a folder of the home with an ending.
  func file(_ folder: String, _ ending: String) throws -> String {
    let found = Files.below("\(path)/\(folder)").first { $0.hasSuffix(ending) }
    return "\(path)/\(folder)/\(try #require(found))"
  }

  func change(_ path: String, at offset: Int, to bytes: [UInt8]) throws {
    _ = chmod(path, 0o600)
    var content = try Files.bytes(path)
    content.replaceSubrange(offset..<min(content.count, offset + bytes.count), with: bytes)
    try Data(content).write(to: URL(fileURLWithPath: path))
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

  func sql(_ statement: String) throws {
    let queue = try DatabaseQueue(path: path + "/warehouse/warehouse.sqlite")
    try queue.write { try $0.execute(sql: statement) }
    try queue.close()
  }
}

@Suite("Doctor") struct DoctorTests {
  @Test func `heads of the access log that were kept elsewhere are compared`() throws {
    let home = try Installation()
    let listed = try home.home.run("audit list")
    try #require(listed.code == 0, "\(listed.errorText)")
    let head = try #require(try home.home.run("audit head").outputLines.first)
    #expect(try home.doctor("--quick", "--head", head).code == 0)
    let other = (head.split(separator: ":").first ?? "") + ":" + String(repeating: "0", count: 64)
    let result = try home.doctor("--quick", "--head", other)
    #expect(result.code == 1)
    #expect(result.outputText.contains("is not what was written"))
    #expect(try home.doctor("--quick", "--head", "x").code == 64)
  }

  @Test func `a sound installation has nothing to report`() throws {
    let home = try Installation()
    let result = try home.doctor()
    #expect(result.code == 0, "\(result.outputText)\(result.errorText)")
    #expect(result.outputLines.last == "all is well")
    let parsed = try JSONSerialization.jsonObject(
      with: Data(try home.doctor("--json", "--quick").outputText.utf8))
    let lines = try #require(parsed as? [[String: String]])
    #expect(Set(lines.compactMap { $0["state"] }) == ["ok"])
    #expect(
      Set(lines.compactMap { $0["area"] }) == [
        "warehouse", "balances", "archive", "returns", "reports", "tiers", "access log",
        "permissions", "work", "disk",
      ])
    // Every area had something to look at.
    let text = result.outputText
    #expect(text.contains("3 originals have the bytes that were entered"))
    #expect(text.contains("1 deliveries of the last"))
    #expect(text.contains("2 nights have their reports"))
    #expect(text.contains("entries are what was written"))
  }

  fileprivate struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var area: String
    var state = "problem"
    var words: String
    var act: @Sendable (Installation) throws -> Void
  }

  fileprivate static let damages = [
    Damage(testDescription: "an original is lost", area: "archive", words: "is missing") {
      try $0.remove($0.file("archive", "loan_1.csv"))
    },
    Damage(
      testDescription: "an original has another byte", area: "archive",
      words: "is not the file that was entered"
    ) { try $0.change($0.file("archive", "garden_1.json"), at: 40, to: [0x20]) },
    Damage(testDescription: "an original is cut", area: "archive", words: "is not the file") {
      let path = try $0.file("archive", "garden_1.json")
      _ = chmod(path, 0o600)
      _ = truncate(path, 100)
    },
    Damage(
      testDescription: "a file that nobody entered", area: "archive", state: "note",
      words: "the ledger does not know"
    ) { try $0.home.folder.write("home/archive/2026/03/02/LIB/stranger.csv", [1]) },
    Damage(testDescription: "a receipt is lost", area: "returns", words: "has no receipt") {
      try $0.remove($0.file("returns", ".receipt.json"))
    },
    Damage(testDescription: "a returned file is lost", area: "returns", words: "退回") {
      let receipt = try $0.file("returns", ".receipt.json")
      let name = try object(Files.text(receipt))["returnedFile"] as? String
      let folder = receipt.split(separator: "/").dropLast().joined(separator: "/")
      try $0.remove("/\(folder)/\(try #require(name))")
    },
    Damage(testDescription: "a receipt is cut", area: "returns", words: "no readable receipt") {
      let receipt = try $0.file("returns", ".receipt.json")
      _ = chmod(receipt, 0o600)
      _ = truncate(receipt, 40)
    },
    Damage(
      testDescription: "a report is lost", area: "reports", state: "note", words: "2026-03-02"
    ) { try $0.remove($0.path + "/report/2026-03-02.html") },
    Damage(testDescription: "a tier file is lost", area: "tiers", words: "is missing") {
      try $0.remove($0.path + "/tiers/public.sqlite")
    },
    Damage(testDescription: "a tier file is of another night", area: "tiers", words: "shows") {
      let queue = try DatabaseQueue(path: $0.path + "/tiers/shared.sqlite")
      try queue.write {
        try $0.execute(sql: "UPDATE about SET value = '1' WHERE name = 'publication'")
      }
    },
    Damage(testDescription: "a row is lost", area: "balances", words: "balance sheet says") {
      try $0.sql("DELETE FROM LOAN_version WHERE row_id = (SELECT min(row_id) FROM LOAN_version)")
    },
    Damage(testDescription: "a returned record is lost", area: "balances", words: "balance") {
      try $0.sql("DELETE FROM quarantined_record")
    },
    Damage(testDescription: "a row is there twice", area: "warehouse", words: "LOAN") {
      try $0.sql("UPDATE LOAN_version SET opened_by = closed_by + 1 WHERE closed_by IS NOT NULL")
      try $0.sql("UPDATE LOAN_version SET closed_by = 0 WHERE closed_by IS NULL")
    },
    Damage(testDescription: "a balance does not add up", area: "balances", words: "unaccounted") {
      try $0.sql("UPDATE delivery SET read = read + 1 WHERE id = 1")
    },
    Damage(testDescription: "a damaged page", area: "warehouse", words: "") {
      let path = $0.path + "/warehouse/warehouse.sqlite"
      let size = try Files.bytes(path).count
      try $0.change(path, at: size / 2, to: [UInt8](repeating: 0xAB, count: size / 4))
    },
    Damage(testDescription: "a header that is no database's", area: "warehouse", words: "") {
      try $0.change(
        $0.path + "/warehouse/warehouse.sqlite", at: 0, to: Array("Not a database at all".utf8))
    },
    Damage(
      testDescription: "an entry of the log is edited", area: "access log",
      words: "is not what was written"
    ) {
      let path = $0.path + "/access/log.jsonl"
      let text = try String(decoding: Files.bytes(path), as: UTF8.self)
      try Data(text.replacingOccurrences(of: "zhang", with: "zhong").utf8)
        .write(to: URL(fileURLWithPath: path))
    },
    Damage(
      testDescription: "the log has lost its end", area: "access log",
      words: "is not what was written"
    ) {
      let path = $0.path + "/access/log.jsonl"
      let lines = try Files.text(path).split(separator: "\n", omittingEmptySubsequences: true)
      try Data((lines.dropLast().joined(separator: "\n") + "\n").utf8)
        .write(to: URL(fileURLWithPath: path))
    },
    Damage(
      testDescription: "the folder of the log is lost", area: "access log", words: "mask.secret"
    ) { try $0.remove($0.path + "/access") },
    Damage(
      testDescription: "everybody can enter the archive", area: "permissions", words: "chmod 700"
    ) { _ = chmod($0.path + "/archive", 0o755) },
    Damage(
      testDescription: "a segment was left", area: "work", state: "note", words: "was cut off"
    ) { try $0.home.folder.write("home/work/delivery-9.segment", [1]) },
  ]

  @Test(arguments: damages)
  fileprivate func `finds`(_ damage: Damage) throws {
    let home = try Installation()
    try damage.act(home)
    let result = try home.doctor("--json")
    #expect(result.code == (damage.state == "problem" ? 1 : 0), "\(result.errorText)")
    let parsed = try JSONSerialization.jsonObject(with: Data(result.outputText.utf8))
    let lines = try #require(parsed as? [[String: String]])
    let found = lines.filter { $0["area"] == damage.area && $0["state"] == damage.state }
    #expect(
      found.contains { damage.words.isEmpty || "\($0)".contains(damage.words) },
      "\(result.outputText)")
    // What is wrong comes with what to do.
    #expect(found.allSatisfy { $0["remedy"] != "" })
  }

  @Test func `while somebody writes the rest is examined`() throws {
    let home = try Installation()
    let lock = open(home.path + "/warehouse/warehouse.lock", O_RDWR)
    defer { close(lock) }
    try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let result = try home.doctor()
    #expect(result.code == 3)
    #expect(result.outputText.contains("skipped  warehouse    warehouse is in use by process"))
    #expect(result.outputText.contains("ok       access log"))
  }
}

@Suite("Backup and restore") struct BackupTests {
  @Test func `a backup is whole, shares what has not changed, and is verified by others`() throws {
    let home = try Installation()
    let first = try home.backup()
    #expect(first.code == 0, "\(first.errorText)")
    try #require(home.backups.count == 1)
    let path = home.backups[0]
    #expect(try qingyuan("backup", "verify", path).code == 0)
    // Another program reads the list.
    let sums = Process()
    sums.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    sums.arguments = ["-c", "--quiet", "--strict", "SHA256SUMS"]
    sums.currentDirectoryURL = URL(fileURLWithPath: path)
    try sums.run()
    sums.waitUntilExit()
    #expect(sums.terminationStatus == 0)
    let listed = try String(decoding: Files.bytes(path + "/SHA256SUMS"), as: UTF8.self)
      .split(separator: "\n").map { String($0.dropFirst(66)) }
    #expect(Set(listed + ["SHA256SUMS"]) == Set(Files.below(path)))
    // Nothing of it is for others.
    for file in Files.below(path) {
      let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + file)
      let mode = try #require(attributes[.posixPermissions] as? Int)
      #expect(mode & 0o022 == 0, "\(file)")
    }
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o700)

    sleep(1)
    let second = try home.backup("--keep", "1")
    #expect(second.code == 0, "\(second.errorText)")
    #expect(second.outputText.contains("removed \(path)"))
    try #require(home.backups.count == 1 && home.backups[0] != path)
    #expect(!second.outputText.contains(" 0 of them as in the last backup"))
    #expect(try qingyuan("backup", "verify", home.backups[0]).code == 0)
  }

  @Test func `what is restored is what was there, and the next night goes on`() throws {
    let home = try Installation()
    #expect(try home.backup().code == 0)
    let other = try CommandHome(home.home.pipelines)
    let restored = try QingyuanProgram.run(["restore", home.backups[0], "--home", other.path])
    #expect(restored.code == 0, "\(restored.errorText)")
    #expect(try other.dump() == home.home.dump())
    #expect(try other.returns() == home.home.returns())
    #expect(try other.run("audit verify").code == 0)
    for one in [other, home.home] {
      try one.deliver(
        "loan_2.csv", Files.bytes(home.file("archive", "loan_1.csv")), system: "LIB")
      #expect(try one.night("2026-03-04").code <= 1)
    }
    #expect(try other.dump() == home.home.dump())
    let doctor = try QingyuanProgram.run(
      ["doctor", "--home", other.path, "--pipelines", other.pipelines] + Installation.day)
    #expect(doctor.code == 0, "\(doctor.outputText)")
  }

  @Test func `a damaged warehouse is put aside`() throws {
    let home = try Installation()
    let dump = try home.home.dump()
    #expect(try home.backup().code == 0)
    try home.change(
      home.path + "/warehouse/warehouse.sqlite", at: 0, to: [UInt8](repeating: 7, count: 5000))
    try home.home.deliver("loan_9.csv", [1, 2, 3], system: "LIB")
    #expect(try home.doctor().code == 1)
    let refused = try QingyuanProgram.run(["restore", home.backups[0], "--home", home.path])
    #expect(refused.code == 3 && refused.errorText.contains("--replace"))
    let restored = try QingyuanProgram.run(
      ["restore", home.backups[0], "--home", home.path, "--replace"])
    #expect(restored.code == 0, "\(restored.errorText)")
    #expect(try home.home.dump() == dump)
    // What waits to be taken waits still, and what was damaged can be looked at.
    #expect(Files.below(home.path + "/inbox") == ["LIB/loan_9.csv"])
    let folder = (home.path as NSString).deletingLastPathComponent
    let aside = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("home.replaced-") }
    try #require(aside.count == 1)
    #expect(Files.below("\(folder)/\(aside[0])/warehouse").contains("warehouse.sqlite"))
  }

  @Test(arguments: ["changed", "lost", "added"])
  func `a damaged backup is found and puts nothing into place`(_ damage: String) throws {
    let home = try Installation()
    #expect(try home.backup().code == 0)
    let path = home.backups[0]
    let victim = try #require(Files.below(path).first { $0.hasSuffix("loan_1.csv") })
    switch damage {
    case "changed": try home.change("\(path)/\(victim)", at: 10, to: [0x7F])
    case "lost": try home.remove("\(path)/\(victim)")
    default: try Data([1]).write(to: URL(fileURLWithPath: "\(path)/home/archive/new"))
    }
    let check = try qingyuan("backup", "verify", path)
    #expect(check.code == 1)
    #expect(check.outputText.contains(damage == "added" ? "home/archive/new" : victim))
    guard damage != "added" else { return }
    let other = try CommandHome(home.home.pipelines)
    let restored = try QingyuanProgram.run(["restore", path, "--home", other.path])
    #expect(restored.code == 3, "\(restored.outputText)")
    #expect(Files.below((other.path as NSString).deletingLastPathComponent) == [])
  }

  @Test func `originals are kept whatever they are called`() throws {
    let home = try Installation()
    let names = ["a.sqlite", "b.new", "c-wal", "d.lock", "lock", "e\nf\\n\\g.csv"]
    for name in names { try home.home.folder.write("home/archive/2026/03/02/LIB/\(name)", [1, 2]) }
    let made = try home.backup()
    #expect(made.code == 0, "\(made.errorText)")
    let kept = Files.below(home.backups[0] + "/home/archive/2026/03/02/LIB")
    #expect(Set(names).isSubset(of: kept))
    #expect(try qingyuan("backup", "verify", home.backups[0]).code == 0)
    let sums = Process()
    sums.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    sums.arguments = ["-c", "--quiet", "--strict", "SHA256SUMS"]
    sums.currentDirectoryURL = URL(fileURLWithPath: home.backups[0])
    try sums.run()
    sums.waitUntilExit()
    #expect(sums.terminationStatus == 0)
  }

  @Test func `a backup that was killed is no backup, and the next one removes it`() throws {
    let home = try Installation()
    let killed = home.home.folder + "backups/2026-01-01T000000.part"
    try FileManager.default.createDirectory(
      atPath: killed + "/home", withIntermediateDirectories: true)
    #expect(try qingyuan("backup", "verify", killed).code == 3)
    #expect(try home.backup().code == 0)
    #expect(home.backups.count == 1 && !home.backups[0].hasSuffix(".part"))
  }

  /// They were taken for backups, and real ones removed in their place.
  @Test func `what others keep beside the backups stays, and is counted as none`() throws {
    let home = try Installation()
    let others = ["zz/SHA256SUMS", "2026-release/SHA256SUMS", "movie.mp4.part"]
    for name in others { try home.home.folder.write("backups/\(name)", "text") }
    for _ in 0..<2 {
      #expect(try home.backup("--keep", "1").code == 0)
      sleep(1)
    }
    for name in others { #expect(Files.exists(home.home.folder + "backups/\(name)"), "\(name)") }
    #expect(home.backups.count == others.count + 1)
  }

  /// What a writer left that died among its entries counted as tampering in what was restored.
  @Test func `the access log of a killed writer is backed up with what it announced`() throws {
    let home = try Installation()
    let anchor = home.path + "/access/anchor"
    let before = try Files.bytes(anchor)
    for _ in 0..<3 { #expect(try home.home.run("query", "SELECT count(*) FROM LOAN").code == 0) }
    try Data(Files.bytes(anchor)).write(to: URL(fileURLWithPath: anchor + ".new"))
    try Data(before).write(to: URL(fileURLWithPath: anchor))
    #expect(try home.backup().code == 0)
    let check = try qingyuan("backup", "verify", home.backups[0])
    #expect(check.code == 0, "\(check.outputText)")
    let other = try CommandHome(home.home.pipelines)
    #expect(try QingyuanProgram.run(["restore", home.backups[0], "--home", other.path]).code == 0)
    #expect(try other.run("audit verify").code == 0)
    #expect(try other.run("query", "SELECT count(*) FROM LOAN").code == 0)
  }

  /// They were left out without a word, and the backup was called whole.
  @Test func `originals behind a link are no part of a backup that says it is whole`() throws {
    let home = try Installation()
    let original = (try home.file("archive", "loan_1.csv") as NSString).deletingLastPathComponent
    let disk = home.home.folder + "disk"
    try FileManager.default.moveItem(atPath: original, toPath: disk)
    try FileManager.default.createSymbolicLink(atPath: original, withDestinationPath: disk)
    let refused = try home.backup()
    #expect(refused.code == 3 && refused.errorText.contains(original), "\(refused.errorText)")
    #expect(home.backups.isEmpty)
    // Behind this one is nothing.
    try home.remove(original)
    try FileManager.default.moveItem(atPath: disk, toPath: original)
    try FileManager.default.createSymbolicLink(
      atPath: original + "/nowhere", withDestinationPath: disk)
    #expect(try home.backup().code == 0)
  }

  /// Where killed after the first rename and after the second: the inbox stayed behind for good.
  @Test(arguments: ["put aside", "inbox moved"])
  func `a restore that was killed leaves the inbox to the next`(_ place: String) throws {
    let home = try Installation()
    #expect(try home.backup().code == 0)
    try home.home.deliver("loan_9.csv", [1, 2, 3], system: "LIB")
    let aside = home.path + ".replaced-2026-01-01T000000"
    try FileManager.default.moveItem(atPath: home.path, toPath: aside)
    if place == "inbox moved" {
      let building = home.path + ".restoring"
      try FileManager.default.createDirectory(
        atPath: building, withIntermediateDirectories: true)
      try FileManager.default.moveItem(atPath: aside + "/inbox", toPath: building + "/inbox")
    }
    let restored = try QingyuanProgram.run(["restore", home.backups[0], "--home", home.path])
    #expect(restored.code == 0, "\(restored.errorText)")
    #expect(Files.below(home.path + "/inbox") == ["LIB/loan_9.csv"])
    #expect(!Files.exists(home.path + ".restoring"))
    #expect(try home.home.night("2026-03-04").code <= 1)
  }

  /// Departments could not fetch their returns, nor readers open the tier files.
  @Test func `what others read is for others after a restore too`() throws {
    let home = try Installation()
    func modes() throws -> [Int?] {
      try ["", "/report", "/returns"].map {
        try FileManager.default.attributesOfItem(atPath: home.path + $0)[.posixPermissions] as? Int
      }
    }
    _ = chmod(home.path, 0o711)
    let before = try modes()
    #expect(try home.backup().code == 0)
    #expect(
      try QingyuanProgram.run(["restore", home.backups[0], "--home", home.path, "--replace"]).code
        == 0)
    #expect(try modes() == before)
  }

  /// The second removed the files that the first was writing.
  @Test func `two backups to one folder are not made at once`() throws {
    let home = try Installation()
    let folder = home.home.folder + "backups"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let other = open(folder + "/.lock", O_RDWR | O_CREAT, 0o600)
    #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
    let refused = try home.backup()
    #expect(refused.code == 3 && refused.errorText.contains("is being made"))
    // Programs that other tests have started may have the folder open too.
    flock(other, LOCK_UN)
    close(other)
    #expect(try home.backup().code == 0)
  }

  @Test func `refused inside the home, and while somebody writes to what is replaced`() throws {
    let home = try Installation()
    let inside = try QingyuanProgram.run([
      "backup", "--home", home.path, "--pipelines", home.home.pipelines, "--to",
      home.path + "/backups",
    ])
    #expect(inside.code == 3 && inside.errorText.contains("inside the home"))
    #expect(try home.backup().code == 0)
    let lock = open(home.path + "/warehouse/warehouse.lock", O_RDWR)
    defer { close(lock) }
    try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let restored = try QingyuanProgram.run(
      ["restore", home.backups[0], "--home", home.path, "--replace"])
    #expect(restored.code == 3 && restored.errorText.contains("in use by process"))
    // A backup is made beside whoever writes.
    sleep(1)
    #expect(try home.backup().code == 0)
  }
}
