import Foundation
import TestSupport
import Testing

@Suite("Reads in the access log, alerts, and marks of objections")
struct ReadLogTests {
  private let library: LibraryHome

  init() throws {
    library = try LibraryHome()
    try library.loans(30)
    try library.readers()
    try library.night()
  }

  private func query(_ sql: String, _ more: [String] = []) throws -> ProgramResult {
    try QingyuanProgram.run(
      [
        "query", sql, "--format", "json", "--home", library.home.path, "--pipelines",
        library.home.pipelines, "--user", "chen", "--now", "2026-03-03T10:00:00",
      ] + more)
  }

  private func reads() throws -> [String] {
    try library.logged().filter { ($0["action"] as? String) != "log-opened" }.map { entry in
      let elements = (entry["elements"] as? [String] ?? []).joined(separator: ",")
      return "\(entry["action"] ?? "") \(entry["category"] ?? "")[\(elements)] "
        + "\(entry["rows"] ?? "") \(entry["reference"] ?? "")"
    }
  }

  @Test func `a query is in the log with what it reads and how much`() throws {
    #expect(
      try query("SELECT loan_no, fee_fen FROM LOAN WHERE loan_no < 'LN2'").outputLines.count == 11)
    #expect(try query("SELECT count(*) FROM LOAN").code == 0)
    #expect(
      try query("SELECT origin_system, loan_no FROM LOAN WHERE fee < 3").outputLines.count == 2)
    #expect(
      try query("SELECT count(*) AS n FROM delivery_ledger", ["--department", "文化局"]).code == 0)
    #expect(
      try query("SELECT l.fee, r.card_no FROM LOAN l JOIN READER r ON r.card_no = l.card_no").code
        == 0)
    #expect(
      try reads() == [
        "query LOAN[fee,loan_no] 0 ", "query-result LOAN[fee,loan_no] 0 rows:11",
        "query LOAN[] 0 ", "query-result LOAN[] 0 rows:1",
        "query LOAN[fee,loan_no,origin_system] 0 ",
        "query-result LOAN[fee,loan_no,origin_system] 2 rows:2",
        "query [] 0 ", "query-result [] 0 rows:1",
        "query LOAN[card_no,fee] 0 ", "query READER[card_no] 0 ", "query-result [] 0 rows:30",
      ])
    let saw = try library.home.run("audit who-saw", "LOAN", "LIB", "LN1", "--json")
    #expect(saw.outputLines.count == 1)
    let first = try #require(try library.logged().dropFirst().first)
    #expect(
      first["condition"] as? String == "SELECT loan_no, fee_fen FROM LOAN WHERE loan_no < '…'")
    #expect(first["department"] as? String == "未注明" && first["user"] as? String == "chen")
    // What is no query is not answered.
    let before = try reads().count
    for sql in [
      "DELETE FROM delivery", "ATTACH '\(library.home.path)/access/requests.sqlite' AS other",
      "PRAGMA query_only = 0", "BEGIN",
    ] {
      let result = try query(sql)
      #expect(result.code == 3 && result.errorText.contains("only queries run"), "\(sql)")
    }
    #expect(try reads().count == before)
  }

  @Test func `a query without definitions is counted all the same`() throws {
    let result = try QingyuanProgram.run([
      "query", "SELECT origin_system, loan_no FROM LOAN", "--home", library.home.path,
      "--pipelines", library.home.path + "/none", "--user", "chen",
    ])
    #expect(result.code == 0, "\(result.errorText)")
    #expect(try reads().last == "query-result LOAN[loan_no,origin_system] 0 rows:30")
  }

  @Test func `a dump is a read of every record`() throws {
    let out = library.home.folder + "dump"
    for more in [[], ["--canonical"]] {
      let result = try QingyuanProgram.run(
        [
          "dump", "--out", out, "--home", library.home.path, "--pipelines", library.home.pipelines,
          "--user", "chen", "--purpose", "比对",
        ] + more)
      #expect(result.code == 0, "\(result.errorText)")
    }
    let entries = try library.logged().suffix(2)
    #expect(
      entries.map {
        "\($0["action"] ?? "") \($0["rule"] ?? "") \($0["user"] ?? "") \($0["purpose"] ?? "")"
      }
        == ["dump content chen 比对", "dump golden-values chen 比对"])
    let saw = try library.home.run("audit who-saw", "LOAN", "LIB", "LN1", "--json")
    #expect(saw.outputLines.count == 2)
    // What cannot be logged is not written.
    try library.home.folder.write("home/access/anchor", "no anchor")
    let denied = try library.home.run("dump", "--out", out + "-2")
    #expect(denied.code == 3 && !FileManager.default.fileExists(atPath: out + "-2"))
  }

  @Test func `alerts tell who reads too much, by their exit code too`() throws {
    func alerts(_ more: String...) throws -> ProgramResult {
      try library.act("audit alerts --json", more, at: "2026-03-03T23:00:00")
    }
    #expect(try alerts().code == 0)
    _ = try query("SELECT fee FROM LOAN LIMIT 19", ["--department", "文化局"])
    #expect(try alerts().code == 0)
    _ = try query("SELECT fee FROM LOAN LIMIT 1", ["--department", "文化局"])
    for _ in 0..<3 { #expect(try library.export("G000001").code == 1) }
    _ = try query("SELECT loan_no FROM LOAN LIMIT 1")
    let found = try alerts()
    #expect(found.code == 1)
    #expect(
      try found.outputLines.map {
        let alert = try object($0)
        return "\(alert["kind"] ?? "") \(alert["department"] ?? "") \(alert["user"] ?? "") "
          + "\(alert["count"] ?? "") \(alert["subjects"] ?? "")"
      } == [
        "denied-often 文化局 li 3 []", "outside-grant 未注明 chen 1 [\"LOAN.loan_no\"]",
        "rows-rise 文化局 chen 20 []",
      ])
    #expect(try alerts("--from", "2026-03-04", "--to", "2026-03-05").code == 0)
    let text = try library.act("audit alerts", [], at: "2026-03-03T23:00:00")
    #expect(text.outputText.contains("rows-rise 文化局 chen 2026-03-03 读取20条"))
  }

  private func marks() throws -> [String] {
    try query(
      "SELECT loan_no, objection, objection_since FROM LOAN WHERE objection IS NOT NULL"
    ).outputLines.map {
      let row = try object($0)
      return "\(row["loan_no"] ?? "") \(row["objection"] ?? "") \(row["objection_since"] ?? "")"
    }
  }

  private func raise(_ key: [String], _ more: [String] = []) throws {
    let raised = try library.act(
      "objection raise", key + ["--reason", "金额有误"] + more, by: "zhao", of: "商户")
    try #require(raised.code == 0, "\(raised.errorText)")
  }

  /// One that read the others' before they were there took their marks away again.
  @Test func `objections of the same moment are all marked`() throws {
    let raising = try (1...6).map { number in
      try QingyuanProgram.start([
        "objection", "raise", "--home", library.home.path, "--pipelines", library.home.pipelines,
        "--user", "zhao", "--department", "商户", "--now", LibraryHome.now, "LOAN", "LIB",
        "LN\(number)", "--reason", "金额有误",
      ])
    }
    for program in raising { #expect(try program.wait().code == 0) }
    #expect(try marks().count == 6)
  }

  @Test func `readers see the mark until the objection is closed, over nights too`() throws {
    #expect(try marks() == [])
    try raise(["LOAN", "LIB", "LN3"], ["--element", "fee"])
    #expect(try marks() == ["LN3 raised 2026-03-03"])
    let grant = try library.grant("LOAN", "loan_no,fee")
    func exported() throws -> [[String]] {
      let folder = try library.folder(try library.export(grant))
      let rows = CSVSheet.rows(of: try Files.text(folder + "/LOAN.csv"))
      try FileManager.default.removeItem(atPath: folder)
      return rows.filter { $0[1] == "LN3" }.map { Array($0[3...4]) }
    }
    #expect(try exported() == [["raised", "2026-03-03"]])
    let explained = try library.act(
      "share explain --json zhang LOAN LIB LN3", ["--reader-department", "公安局"])
    let record = (try object(explained.outputText)["records"] as? [[String: Any]])?.first
    #expect(
      (record?["objections"] as? [[String: String]])?.first?["element"] == "fee")
    // A new version of the record has the mark as well.
    try library.loans(30, ["changed_at": "20260302T080000", "fee": "9.00"])
    try library.night("2026-03-03")
    #expect(try marks() == ["LN3 raised 2026-03-03"])
    #expect(
      try query("SELECT fee FROM LOAN WHERE objection = 'raised'").outputLines == ["{\"fee\":9}"])
    // And in what leaves that very night.
    #expect(try marksThatLeave() == "[('LOAN', 'raised', '2026-03-03')]")
    let late = try library.act("objection list --json", ["--overdue"], at: "2026-03-07T09:00:00")
    #expect(late.outputLines.count == 1)
    #expect(
      try library.act("objection list --json", ["--overdue"], at: "2026-03-06T23:59:59").output
        == [])
    _ = try library.act("objection verify", ["O000001", "--reason", "属实"])
    #expect(try marks() == ["LN3 verified 2026-03-03"])
    _ = try library.act("objection correct", ["O000001", "--reason", "已更正"])
    #expect(try marks() == [])
    #expect(try exported() == [["", ""]])
  }

  /// The marks in the file of the shared tier.
  private func marksThatLeave() throws -> String {
    let program =
      "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("
      + "'SELECT category, state, since FROM objection').fetchall())"
    let result = try Program(
      "/usr/bin/env",
      ["python3", "-c", program, library.home.path + "/tiers/shared.sqlite"]
    ).wait()
    return try #require(result.outputLines.first, "\(result.errorText)")
  }

  @Test func `what leaves shows the marks of the day without a new night`() throws {
    func leaves() throws -> String {
      let built = try library.home.run("tiers", "--day", "2026-03-02")
      #expect(built.code == 0, "\(built.errorText)")
      return try marksThatLeave()
    }
    #expect(try leaves() == "[]")
    try raise(["LOAN", "LIB", "LN3"])
    #expect(try leaves() == "[('LOAN', 'raised', '2026-03-03')]")
    _ = try library.act("objection verify", ["O000001", "--reason", "属实"])
    #expect(try leaves() == "[('LOAN', 'verified', '2026-03-03')]")
    _ = try library.act("objection dismiss", ["O000001", "--reason", "与原件一致"])
    #expect(try leaves() == "[]")
  }

  @Test func `why is in the log and shows the mark`() throws {
    try raise(["READER", "00000002"])
    func why(_ more: String...) throws -> ProgramResult {
      try library.home.run("why", "READER", "00000002", more.first ?? "--json")
    }
    let found = try why()
    #expect(found.code == 0, "\(found.errorText)")
    let marks = try object(found.outputText)["objections"] as? [[String: Any]]
    #expect(marks?.first?["id"] as? String == "O000001")
    #expect(
      try library.home.run("why", "READER", "00000002").outputText.contains("objection O000001"))
    let entry = try #require(try library.logged().last)
    #expect(entry["action"] as? String == "why" && entry["rows"] as? Int == 1)
    #expect((entry["elements"] as? [String])?.contains("phone") == true)
    let saw = try library.home.run("audit who-saw", "READER", "00000002", "--json")
    #expect(saw.outputLines.count == 2)
    #expect(try library.home.run("why", "READER", "00000009").code == 1)
    #expect(try library.logged().last?["rule"] as? String == "no-record")
  }
}
