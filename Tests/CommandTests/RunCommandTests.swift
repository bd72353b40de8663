import Glibc
import Foundation
import TestSupport
import Testing

/// Nights through the program alone, on the second pipeline where the definitions do not matter: it
/// loads ten times faster.
@Suite("Nights from the command line")
struct RunCommandTests {
  private let definitions: TemporaryFolder
  private let pipelines: String

  init() throws {
    definitions = try TemporaryFolder("lenient")
    pipelines = try TestPipeline.makeLenient(in: definitions)
  }

  private func library() throws -> (CommandHome, TestPipeline) {
    (try CommandHome(pipelines), try TestPipeline(pipelines))
  }

  private func loans(_ numbers: ClosedRange<Int>, _ more: Values = [:]) -> [Values] {
    numbers.map { number in
      ["entry_no": "L-\(number)", "loan_no": "LN\(number)"].merging(more) { $1 }
    }
  }

  private func sheet(_ pipeline: TestPipeline, _ records: [Values]) throws -> [UInt8] {
    try pipeline.sheet("LOAN", records, system: "LIB").utf8
  }

  @Test func `a clean night exits with 0 and shows what came`() throws {
    let (home, pipeline) = try library()
    try home.deliver("loan_1.csv", sheet(pipeline, loans(1...30)), system: "LIB")
    let result = try home.night("2026-03-02")
    #expect(result.code == 0, "\(result.errorText)")
    let screen = result.outputText
    for text in [
      "night 2026-03-02", "LOAN 借阅", "100.00 %", "% met", "missing MUS", "warehouse.sqlite",
    ] {
      #expect(screen.contains(text), "\(screen)")
    }
    #expect(!screen.contains("\u{1B}"))
    #expect(try Files.text(home.path + "/report/2026-03-02.txt") == screen)
    let kept = try JSONSerialization.jsonObject(
      with: Data(Files.bytes(home.path + "/report/2026-03-02.json")))
    #expect((kept as? [String: Any])?["night"] as? String == "2026-03-02")
    // Stages go to standard error, as log lines.
    #expect(result.errorText.contains("judge loan_1.csv: 30 of 30 records"))
    #expect(!result.errorText.contains("\r"))
  }

  @Test func `the report of a night can be made again, in two languages`() throws {
    let (home, pipeline) = try library()
    for (number, night) in [(1, "2026-03-02"), (2, "2026-03-03")] {
      try home.deliver(
        "loan_\(number).csv", sheet(pipeline, loans(number...(number + 20))), system: "LIB")
      #expect(try home.night(night).code == 0)
    }
    let first = home.path + "/report/2026-03-02.html"
    let written = try Files.bytes(first)
    let text = try Files.text(first)
    #expect(text.contains("lang=\"zh-CN\"") && text.contains("2026年3月2日"))
    // Later nights change nothing of it.
    let again = home.folder + "again.html"
    #expect(try home.run("report", "--night", "2026-03-02", "--output", again).code == 0)
    #expect(try Files.bytes(again) == written)
    #expect(try home.run("report", "--english").code == 0)
    let english = try Files.text(home.path + "/report/2026-03-03.en.html")
    #expect(english.contains("lang=\"en\"") && english.contains("3 March 2026"))
    #expect(try home.run("report", "--night", "2026-03-04").code == 3)
    #expect(try home.run("report", "--night", "soon").code == 64)
    #expect(try home.run("report", "--output", "/nowhere/at/all.html").code == 3)
  }

  @Test func `no line of the screen is wider than a terminal of 100 columns`() throws {
    let (home, pipeline) = try library()
    try home.deliver("loan_1.csv", sheet(pipeline, loans(1...30)), system: "LIB")
    let lines = try home.night("2026-03-02").outputText.split(separator: "\n")
    // The paths at the end are as long as they are.
    for line in lines.dropLast(4) {
      let width = line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
      #expect(width <= 100, "\(width): \(line)")
    }
  }

  @Test func `a night without deliveries claims no target`() throws {
    let (home, _) = try library()
    let result = try home.night("2026-03-02")
    #expect(result.code == 0, "\(result.errorText)")
    #expect(result.outputText.contains("% not judged"), "\(result.outputText)")
  }

  @Test func `missed thresholds exit with 1`() throws {
    let (home, pipeline) = try library()
    try home.deliver(
      "loan_1.csv",
      sheet(pipeline, loans(1...8) + loans(9...10, ["due_on": "20260101"])), system: "LIB")
    let result = try home.night("2026-03-02")
    #expect(result.code == 1)
    #expect(result.outputText.contains("80.00 %"))
    #expect(result.outputText.contains("missed"))
  }

  @Test func `a held delivery exits with 1 and is named with its reason`() throws {
    let (home, pipeline) = try library()
    try home.deliver("loan_1.csv", sheet(pipeline, loans(1...3)), system: "LIB")
    try home.deliver("loan_2.csv", Array("No;Changed\n1;2\n".utf8), system: "LIB")
    let result = try home.night("2026-03-02")
    #expect(result.code == 1)
    #expect(result.outputText.contains("held LIB loan_2.csv (delivery 2): Q21 "))
  }

  /// Rules that count working days held of every record of such a night, and nobody saw it.
  @Test func `a night beyond the calendar is not begun, and its end is told before`()
    throws
  {
    let home = try CommandHome(Repository.pipelines)
    let beyond = try home.night("2031-01-06")
    #expect(beyond.code == 2)
    #expect(beyond.errorText.contains("add catalog/calendar/2031.yaml"), "\(beyond.errorText)")
    #expect(!Files.exists(home.path + "/warehouse/warehouse.sqlite"))
    #expect(try !home.night("2026-06-01").errorText.contains("calendar"))
    let late = try home.night("2026-12-01")
    #expect(late.errorText.contains("catalog/calendar/2027.yaml"), "\(late.errorText)")
  }

  @Test func `the result as JSON`() throws {
    let (home, pipeline) = try library()
    try home.deliver(
      "loan_1.csv",
      sheet(pipeline, loans(1...9) + loans(10...10, ["due_on": "20260101"])), system: "LIB")
    let result = try home.night("2026-03-02", "--json")
    let all = try object(result.outputText)
    #expect(all["attainment"] as? Double == 0.9)
    #expect(all["withinThresholds"] as? Bool == false)
    #expect(all["missing"] as? [String] == ["MUS"])
    let lines = try #require(all["lines"] as? [[String: Any]])
    try #require(lines.count == 1)
    #expect(lines[0]["read"] as? Int == 10 && lines[0]["returned"] as? Int == 1)
  }

  @Test func `the ledger lists, releases and rejects`() throws {
    let (home, pipeline) = try library()
    let wrong = loans(1...20, ["due_on": "20260101"])
    try home.deliver("loan_1.csv", sheet(pipeline, wrong), system: "LIB")
    try home.deliver("loan_2.csv", Array("No;Changed\n1;2\n".utf8), system: "LIB")
    #expect(try home.night("2026-03-02").code == 1)
    let held = try home.run("deliveries", "--status", "held", "--json").outputLines
    #expect(
      try held.map { try object($0)["file_name"] as? String } == ["loan_1.csv", "loan_2.csv"])
    #expect(try home.run("deliveries release", "1").code == 64)
    let released = try home.run("review release", "1", "--reason", "seen", "--by", "甲一", "--json")
    #expect(released.code == 0, "\(released.errorText)")
    let told = try object(released.outputText)
    #expect(told["delivery"] as? Int == 1 && told["status"] as? String == "taken")
    #expect(try home.run("deliveries release", "1", "--reason", "a", "--by", "b").code == 64)
    #expect(try home.run("deliveries reject", "2", "--reason", "a", "--by", "b").code == 0)
    #expect(try home.run("deliveries reject", "99", "--reason", "a", "--by", "b").code == 64)
    let logged = try home.run("audit list", "--json").outputLines.map { try object($0) }
    let decisions = logged.filter { ($0["action"] as? String)?.hasPrefix("delivery-") == true }
    #expect(
      decisions.map { "\($0["action"] ?? "") \($0["reference"] ?? "") \($0["outcome"] ?? "")" }
        == [
          "delivery-release delivery:1 allowed", "delivery-release delivery:1 denied",
          "delivery-reject delivery:2 allowed", "delivery-reject delivery:99 denied",
        ])
    #expect(decisions[0]["purpose"] as? String == "seen")
    #expect(try home.night("2026-03-03").code == 1)
    let all = try home.run("deliveries", "--json").outputLines.map { try object($0) }
    try #require(all.map { $0["status"] as? String } == ["loaded", "rejected"])
    #expect(all[0]["returned"] as? String == "20")
    #expect((all[0]["reason"] as? String)?.contains("released by 甲一: seen") == true)
  }

  @Test func `a query reads the present and a past night`() throws {
    let (home, pipeline) = try library()
    try home.deliver("loan_1.csv", sheet(pipeline, loans(1...3)), system: "LIB")
    _ = try home.night("2026-03-02")
    try home.deliver(
      "loan_2.csv",
      sheet(pipeline, loans(2...2, ["changed_at": "20260302T080000", "due_on": "20260220"])),
      system: "LIB")
    _ = try home.night("2026-03-03")
    let sql = "SELECT due_on FROM LOAN WHERE loan_no = 'LN2'"
    #expect(try home.query(sql).map { $0["due_on"] as? String } == ["2026-02-20"])
    #expect(
      try home.query(sql, asOf: "2026-03-02").map { $0["due_on"] as? String } == ["2026-02-10"])
    #expect(
      try home.run("query", sql, "--format", "csv").outputText == "due_on\n2026-02-20\n")
    #expect(try home.run("query", sql).outputText == "due_on    \n2026-02-20\n")
    #expect(try home.run("query", "--as-of", "2026-01-01", sql).code == 3)
    #expect(try home.run("query", "--as-of", "soon", sql).code == 64)
  }

  @Test(
    arguments: [
      "DELETE FROM LOAN_version", "DROP TABLE run", "SELECT * FROM nowhere", "SELEC 1", "",
      "ATTACH '/tmp/x' AS x", "PRAGMA journal_mode = DELETE", "SELECT 1; DELETE FROM run",
    ])
  func `a query can only read`(_ sql: String) throws {
    let (home, pipeline) = try library()
    try home.deliver("loan_1.csv", sheet(pipeline, loans(1...3)), system: "LIB")
    _ = try home.night("2026-03-02")
    let before = try home.dump()
    let result = try home.run("query", sql)
    #expect(result.code != 0 && result.code < 128, "\(sql): \(result.code)")
    #expect(try home.dump() == before)
  }

  @Test func `verify says that the warehouse is whole, and when it is not`() throws {
    let (home, pipeline) = try library()
    try home.deliver("loan_1.csv", sheet(pipeline, loans(1...3)), system: "LIB")
    _ = try home.night("2026-03-02")
    #expect(try home.run("verify").code == 0)
    let file = home.path + "/warehouse/warehouse.sqlite"
    let sql = "DELETE FROM LOAN_version WHERE loan_no = 'LN2'"
    let tool = try Program("/usr/bin/env", ["sqlite3", file, sql]).wait()
    try #require(tool.code == 0, "\(tool.errorText)")
    let broken = try home.run("verify")
    #expect(broken.code == 1)
    #expect(!broken.outputLines.isEmpty)
  }

  @Test func `a dump is the same twice and empty of run numbers`() throws {
    let (home, pipeline) = try library()
    try home.deliver("loan_1.csv", sheet(pipeline, loans(1...3)), system: "LIB")
    _ = try home.night("2026-03-02")
    let dump = try home.dump()
    #expect(try home.dump() == dump)
    #expect(String(decoding: dump, as: UTF8.self).contains("LOAN|"))
  }

  @Test(arguments: ["query", "deliveries", "verify", "dump", "report"])
  func `a home without a warehouse is no place to read from`(_ command: String) throws {
    let home = try CommandHome(Repository.secondPipeline)
    let more =
      switch command {
      case "query": ["SELECT 1"]
      case "dump": ["--out", home.folder + "dump"]
      default: [String]()
      }
    let result = try QingyuanProgram.run(
      [command, "--home", home.path] + more
        + (command == "deliveries" ? [] : ["--pipelines", home.pipelines]))
    #expect(result.code == 3, "\(result.outputText)\(result.errorText)")
    #expect(!Files.exists(home.path))
  }

  @Test func `the second run says who holds the warehouse, and exits with 3`() throws {
    let (home, pipeline) = try library()
    try home.deliver("loan_1.csv", sheet(pipeline, loans(1...400)), system: "LIB")
    let first = try home.start("run", "--no-wait", "--night", "2026-03-02")
    let lock = home.path + "/warehouse/warehouse.lock"
    while (try? Files.text(lock))?.contains("command") != true { usleep(200) }
    // Stopped, it keeps the lock as long as the test needs.
    kill(first.processID, SIGSTOP)
    // The console beside it goes first, unless somebody has decided otherwise.
    let process = __priority_which_t(PRIO_PROCESS.rawValue)
    let own = getpriority(process, 0)
    #expect(getpriority(process, id_t(first.processID)) == (own == 0 ? 5 : own))
    let second = try home.night("2026-03-02")
    kill(first.processID, SIGCONT)
    #expect(second.code == 3)
    #expect(second.errorText.contains("process \(first.processID)"), "\(second.errorText)")
    #expect(second.errorText.contains("qingyuan run"))
    #expect(try first.wait().code == 0)
    #expect(try home.query("SELECT count(*) AS n FROM LOAN")[0]["n"] as? Int == 400)
  }

  @Test func `a disk without the room that the definitions ask for is not begun on`() throws {
    let folder = try TemporaryFolder("room")
    let copy = folder + "pipelines"
    try FileManager.default.copyItem(atPath: Repository.secondPipeline, toPath: copy)
    let settings = try Files.text(copy + "/nightly.yaml")
      .replacing("free-space-gigabytes: 1\n", with: "free-space-gigabytes: 1000000\n")
    try Data(settings.utf8).write(to: URL(fileURLWithPath: copy + "/nightly.yaml"))
    let home = try CommandHome(copy)
    try home.deliver("loan_1.csv", [1], system: "LIB")
    let result = try home.night("2026-03-02")
    #expect(result.code == 3)
    #expect(result.errorText.contains("MB free"))
    #expect(Files.exists(home.path + "/inbox/LIB/loan_1.csv"))
  }

  @Test func `a folder that cannot be written is a matter of the machine`() throws {
    let home = try CommandHome(Repository.secondPipeline)
    try home.folder.write("home", "a file in the place of the folder")
    let result = try home.night("2026-03-02")
    #expect(result.code == 3, "\(result.code) \(result.errorText)")
  }
}
