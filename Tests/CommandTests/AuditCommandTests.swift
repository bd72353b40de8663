import Foundation
import Glibc
import TestSupport
import Testing

@Suite("qingyuan audit")
struct AuditCommandTests {
  private let home: CommandHome

  /// With the small pipeline, whose definitions are read quickly.
  init() throws { home = try CommandHome(Repository.secondPipeline) }

  private var access: String { home.path + "/access" }
  private var log: String { access + "/log.jsonl" }

  private static let who = ["--user", "li", "--department", "文化局", "--now", "2026-03-02T09:00:00"]

  private func record(_ key: String, _ more: String...) throws -> ProgramResult {
    try QingyuanProgram.run(Self.recording(home, key) + more)
  }

  /// The arguments that record one reading.
  private static func recording(_ home: CommandHome, _ key: String) -> [String] {
    [
      "audit", "record", "READER", key, "--elements", "card_no", "--purpose", "核查 \(key)", "--home",
      home.path, "--pipelines", home.pipelines,
    ] + who
  }

  private func verify(_ more: String...) throws -> (code: Int32, report: [String: Any]) {
    let result = try QingyuanProgram.run(["audit", "verify", "--json", "--home", home.path] + more)
    try #require(result.code <= 1, "\(result.errorText)")
    return (result.code, try object(result.outputText))
  }

  private func faults(_ more: String...) throws -> [[String: Any]] {
    let result = try QingyuanProgram.run(["audit", "verify", "--json", "--home", home.path] + more)
    let faults = try object(result.outputText)["faults"] as? [[String: Any]] ?? []
    #expect(result.code == (faults.isEmpty ? 0 : 1), "\(result.errorText)")
    return faults
  }

  private func entries(_ more: String...) throws -> [[String: Any]] {
    let result = try QingyuanProgram.run(["audit", "list", "--json", "--home", home.path] + more)
    try #require(result.code == 0, "\(result.errorText)")
    return try result.outputLines.map { try object($0) }
  }

  private func rewrite(_ change: (inout [String]) -> Void) throws {
    var lines = try Files.text(log).split(separator: "\n").map(String.init)
    change(&lines)
    try Data((lines.map { $0 + "\n" }).joined().utf8).write(to: URL(fileURLWithPath: log))
  }

  // MARK: Questions

  @Test func `who has seen a record is told for few and for many keys`() throws {
    let many = (1...300).map { "1\($0)" }.joined(separator: "\n")
    let file = try home.folder.write("keys", many + "\n")
    try #require(try record("10000001").code == 0)
    try #require(try record("10000001", "--denied").code == 0)
    let bulk = try home.run(
      "audit record", "READER", "--keys-from", file, "--elements", "card_no,reader_name",
      "--purpose", "名单", "--user", "wang", "--department", "公安局", "--where", "reader_name = '张三'")
    try #require(bulk.code == 0, "\(bulk.errorText)")
    func seen(_ key: String) throws -> [String] {
      let result = try home.run("audit who-saw", "READER", key, "--json")
      #expect(result.code == 0)
      return try result.outputLines.map {
        let entry = try object($0)
        return "\(entry["user"] ?? "") \(entry["outcome"] ?? "") \(entry["rows"] ?? "")"
      }
    }
    #expect(try seen("10000001") == ["li allowed 1", "li denied 1"])
    #expect(try seen("1") == [])
    for key in ["11", "1150", "1300"] { #expect(try seen(key) == ["wang allowed 300"]) }
    #expect(try seen("1301") == [])
    #expect(try home.run("audit who-saw", "VISIT", "11").outputLines == [])
    // Neither keys nor restricted values stand in the log.
    let text = try Files.text(log)
    #expect(
      !text.contains("\"1150\"") && !text.contains("张三") && text.contains("reader_name = '…'"))
    #expect(try faults().isEmpty)
  }

  @Test func `entries are listed by time, user and outcome`() throws {
    for (user, moment) in [
      ("li", "2026-03-02T09:00:00"), ("wang", "2026-03-02T23:59:59"),
      ("li", "2026-03-03T00:00:00"),
    ] {
      let result = try home.run(
        "audit record", "READER", "1", "--elements", "card_no", "--purpose", "x", "--user", user,
        "--department", "局", "--now", moment)
      try #require(result.code == 0)
    }
    let denied = try home.run(
      "audit record", "READER", "1", "--elements", "card_no", "--purpose", "电话13812345678",
      "--user",
      "LI", "--department", "局", "--now", "2026-03-04T00:00:00", "--denied")
    try #require(denied.code == 0)
    func numbers(_ list: [[String: Any]]) -> [Int] { list.compactMap { $0["sequence"] as? Int } }
    #expect(numbers(try entries()) == [1, 2, 3, 4, 5])
    #expect(numbers(try entries("--to", "2026-03-02")) == [1, 2, 3])
    #expect(numbers(try entries("--from", "2026-03-03")) == [4, 5])
    #expect(
      numbers(try entries("--from", "2026-03-02T23:59:59", "--to", "2026-03-03T00:00:00")) == [
        3, 4,
      ])
    #expect(numbers(try entries("--user", "Li")) == [1, 2, 4, 5])
    #expect(numbers(try entries("--denied")) == [5])
    #expect(try entries("--denied").first?["purpose"] as? String == "电话<masked, 11 characters>")
    let text = try QingyuanProgram.run(["audit", "list", "--denied", "--home", home.path])
    #expect(text.outputText.contains("拒绝") && text.outputLines.count == 1)
  }

  @Test func `without a log there is nothing to verify and no head`() throws {
    #expect(try home.run("audit head").code == 3)
    let (code, report) = try verify()
    #expect(code == 0 && report["entries"] as? Int == 0)
    #expect(!Files.exists(home.path), "looking makes nothing")
  }

  // MARK: Tampering

  @Test func `verify names line and sequence of what was done`() throws {
    for key in 1...6 { try #require(try record("\(key)").code == 0) }
    let head = try #require(try home.run("audit head").outputLines.first)
    let original = try Files.bytes(log)
    func kinds(_ more: [String] = []) throws -> [String] {
      let result = try QingyuanProgram.run(
        ["audit", "verify", "--json", "--home", home.path] + more)
      let list = try object(result.outputText)["faults"] as? [[String: Any]] ?? []
      #expect(result.code == (list.isEmpty ? 0 : 1))
      return list.map { "\($0["kind"] ?? "") \($0["line"] ?? "–") \($0["sequence"] ?? "–")" }
    }
    #expect(try kinds(["--head", head]) == [])
    try rewrite { $0[3] = $0[3].replacing("\"li\"", with: "\"wu\"") }
    #expect(try kinds() == ["edited 4 4"])
    try Data(original).write(to: URL(fileURLWithPath: log))
    try rewrite { $0.remove(at: 2) }
    #expect(try kinds() == ["missing 3 4"])
    try Data(original).write(to: URL(fileURLWithPath: log))
    try rewrite { $0.swapAt(4, 5) }
    #expect(try kinds() == ["missing 5 6", "misplaced 6 5"])
    try Data(original).write(to: URL(fileURLWithPath: log))
    try rewrite { $0.insert($0[1], at: 4) }
    #expect(try kinds() == ["misplaced 5 2"])
    try Data(original).write(to: URL(fileURLWithPath: log))
    try rewrite { $0.removeLast(2) }
    #expect(try kinds() == ["cut 6 –"])
    let shown = try QingyuanProgram.run(["audit", "verify", "--home", home.path])
    #expect(shown.code == 1 && shown.outputText.contains("第6行:末尾被截去;此处应为第6–7号记录"))
    let english = try QingyuanProgram.run(["audit", "verify", "--english", "--home", home.path])
    #expect(english.outputText.contains("line 6: the end is cut off; expected entry 6–7"))
    // Questions are answered and say that the answer cannot be trusted.
    let asked = try home.run("audit who-saw", "READER", "3")
    #expect(
      asked.code == 1 && asked.outputLines.count == 1 && asked.errorText.contains("audit verify"))
    #expect(try record("7").code == 3)
    try Data(original).write(to: URL(fileURLWithPath: log))
    #expect(try kinds(["--head", head]) == [])
  }

  @Test func `a log that was written anew is known to the notary`() throws {
    for key in 1...3 { try #require(try record("\(key)").code == 0) }
    let head = try #require(try home.run("audit head").outputLines.first)
    try FileManager.default.removeItem(atPath: access)
    for key in 4...8 { try #require(try record("\(key)").code == 0) }
    #expect(try faults().isEmpty)
    let found = try faults("--head", head)
    #expect(found.map { $0["kind"] as? String } == ["rewritten"])
    #expect(found.first?["sequence"] as? Int == 4)
  }

  // MARK: Several processes, killed processes, a full disk

  @Test func `many processes at once give one chain`() throws {
    var running: [Program] = []
    var heads: [String] = []
    func finish(_ program: Program) throws {
      let result = try program.wait()
      #expect(result.code == 0, "\(result.errorText)")
      heads += result.outputLines
    }
    for key in 0..<200 {
      running.append(try QingyuanProgram.start(Self.recording(home, "\(key)")))
      if running.count == 8 { try finish(running.removeFirst()) }
    }
    for program in running { try finish(program) }
    #expect(Set(heads).count == 200)
    let list = try entries()
    #expect(list.count == 201)
    // What each process was told is in the log.
    let logged = Set(list.map { "\($0["sequence"] ?? ""):\($0["hash"] ?? "")" })
    #expect(Set(heads).isSubset(of: logged))
    #expect(try faults("--head", heads[0], "--head", heads[100]).isEmpty)
  }

  /// Every entry that its writer was told of stays; whatever else is left, the log is sound.
  @Test func `writers that are killed leave a log that goes on`() throws {
    let seed: UInt64 = 404
    var generator = SeededGenerator(seed: seed)
    let clock = ContinuousClock()
    let whole = try clock.measure { try #require(try record("0").code == 0) }
    var longest = Int(whole / .microseconds(1))
    var heads: [String] = []
    var killed = 0
    for key in 1...60 {
      let programs = [
        try QingyuanProgram.start(Self.recording(home, "\(key)")),
        try QingyuanProgram.start(Self.recording(home, "1\(key)")),
      ]
      usleep(useconds_t(Int.random(in: longest / 4...longest, using: &generator)))
      programs[0].kill()
      for program in programs {
        let result = try program.wait()
        if result.code == -SIGKILL {
          killed += 1
          longest += longest / 8
        } else {
          // How long a writer takes changes with what else the machine does.
          longest -= longest / 16
          #expect(result.code == 0, "seed \(seed), key \(key): \(result.errorText)")
        }
        heads += result.outputLines.filter { $0.utf8.count > 64 }
      }
    }
    let (code, report) = try verify()
    #expect(code == 0, "seed \(seed): \(report)")
    #expect(killed > 10, "seed \(seed): \(killed) kills")
    try #require(try record("999").code == 0)
    let logged = Set(try entries().map { "\($0["sequence"] ?? ""):\($0["hash"] ?? "")" })
    #expect(Set(heads).isSubset(of: logged), "seed \(seed)")
    #expect(try faults().isEmpty)
  }

  /// `ulimit` counts blocks of 512 bytes; the log grows until one line does not fit any more.
  ///
  /// - Parameter isFatal: The limit ends the process, as a machine that stops; otherwise the write fails, as
  ///   on a full disk.
  @Test(arguments: [true, false])
  func `a file that cannot grow leaves a log that goes on`(_ isFatal: Bool) throws {
    try #require(try record("0").code == 0)
    var stopped = 0
    for key in 1...10 {
      let blocks = try Files.bytes(log).count / 512 + 1
      let before = try Files.bytes(log)
      let signal = isFatal ? "--default-signal" : "--ignore-signal"
      let program = try Program(
        "/bin/sh",
        [
          "-c", "ulimit -c 0; ulimit -f \(blocks); exec env \(signal)=XFSZ \"$0\" \"$@\"",
          QingyuanProgram.path,
        ]
          + Self.recording(home, "\(key)"))
      let result = try program.wait()
      let (code, report) = try verify()
      #expect(code == 0, "\(report)")
      let torn = report["tornBytes"] as? Int ?? 0
      if result.code != 0 {
        stopped += 1
        #expect(result.code == (isFatal ? -SIGXFSZ : 3), "\(result.errorText)")
        #expect(result.output.isEmpty)
        // A failed write is taken back; a dead process cannot.
        let after = try Files.bytes(log)
        #expect(after.starts(with: before) && (torn > 0) == (after.count > before.count))
        if !isFatal { #expect(after == before) }
      }
      try #require(try record("1\(key)").code == 0)
      #expect(try faults().isEmpty)
    }
    #expect(stopped > 3, "\(stopped)")
    let torn = try entries().count { $0["action"] as? String == "line-torn" }
    #expect(isFatal ? torn > 0 : torn == 0, "\(torn)")
  }
}
