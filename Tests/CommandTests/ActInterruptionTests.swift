import Foundation
import TestSupport
import Testing

/// A process that is killed between an act and its file.
@Suite("Interrupted acts", .serialized)
struct ActInterruptionTests {
  /// Its records change under the tests, so that nobody else may look at them.
  private static let own = Result { try ConsoleHome() }

  private let fixture: ConsoleHome
  private let folder: TemporaryFolder
  private let shim: String

  init() throws {
    fixture = try Self.own.get()
    folder = try TemporaryFolder("killed")
    shim = folder + "faults.so"
    let built = try Program(
      "/usr/bin/env",
      [
        "sh", "-c",
        "$(command -v cc || command -v clang) -std=gnu17 -O2 -shared -fPIC -o \(shim) Tests/Faults/faults.c -ldl",
      ]
    ).wait()
    try #require(built.code == 0, "\(built.errorText)")
  }

  private func arguments(_ command: String, _ more: [String]) -> [String] {
    command.split(separator: " ").map(String.init) + more + [
      "--user", "chief", "--home", fixture.home.path, "--pipelines", fixture.home.pipelines,
    ]
  }

  /// Runs a command that is killed instead of its n-th call of a kind on a file below a folder.
  private func killed(
    at kind: String, _ number: Int, below place: String, _ command: String, _ more: [String]
  ) throws {
    let result = try Program(
      "/usr/bin/env",
      [
        "LD_PRELOAD=\(shim)", "FAULTS_UNDER=\(fixture.home.path)/\(place)", "FAULTS_KINDS=\(kind)",
        "FAULTS_AT=\(number)", "FAULTS_ACTION=kill", QingyuanProgram.path,
      ] + arguments(command, more)
    ).wait()
    #expect(result.code == -SIGKILL, "\(result.code): \(result.errorText)")
  }

  private func run(_ command: String, _ more: String...) throws -> ProgramResult {
    let result = try QingyuanProgram.run(arguments(command, more))
    #expect(result.code == 0, "\(result.errorText)")
    return result
  }

  private func acts() throws -> [[String: Any]] {
    try run("review acts", "--json").outputLines.map { try object($0) }
  }

  /// The acts as they stand in the store, without a command that would finish what was left.
  private func stored() throws -> Int {
    Int(
      try Program(
        "/usr/bin/env",
        [
          "python3", "-c",
          "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM act').fetchone()[0])",
          fixture.home.path + "/access/acts.sqlite",
        ]
      ).wait().outputText.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
  }

  /// Files below a folder: those that are sent, and those that are hidden.
  private func files(_ place: String) -> (sent: [String], hidden: [String]) {
    let names = Files.below(fixture.home.path + "/" + place).filter {
      $0.contains("专员") || $0.contains(".draft-")
    }
    return (names.filter { !$0.contains(".draft-") }, names.filter { $0.contains(".draft-") })
  }

  private func row(_ condition: String) throws -> String {
    "\(try #require(try fixture.returned(condition).first?["record"] as? Int))"
  }

  @Test func `what was committed is sent by the next command, and taken back again`() throws {
    let before = try acts().count
    for (place, command, more) in [
      (
        "inbox/SAM", "review correct",
        [
          try row("system = 'SAM' AND category = 'ENT' AND entity_key LIKE '9251%'"), "--set",
          "registered_division_code=510104",
        ]
      ),
      ("returns", "review return", [try row("system = 'SAM' AND category = 'INS'")]),
    ] {
      // Drafts get their names first; the last name that is given is the file's own.
      let count = try stored()
      for number in 1...5 {
        guard try stored() == count else { break }
        try killed(at: "name", number, below: place, command, more + ["--words", "电话核实"])
        #expect(files(place).sent.isEmpty, "\(command)")
      }
      // The act stands, its file has no name yet, and no run would take it.
      #expect(try stored() == count + 1, "\(command)")
      #expect(!files(place).hidden.isEmpty, "\(command)")
      let hidden = files(place).hidden.count - 1
      let act = try #require(try acts().first)
      #expect(act["standing"] as? String == "stands")
      #expect(files(place).sent.count == 1 && files(place).hidden.count == hidden, "\(command)")
      let id = "\(try #require(act["act"]))"

      // Killed before the file is taken back: nothing has happened.
      try killed(at: "name", 1, below: place, "review undo", [id])
      #expect(try acts().first?["standing"] as? String == "stands")
      #expect(files(place).sent.count == 1 && files(place).hidden.count == hidden, "\(command)")
      // Killed when it is taken back and before it is removed: the next command removes it.
      try killed(at: "remove", 1, below: place, "review undo", [id])
      #expect(files(place).sent.isEmpty && files(place).hidden.count == hidden + 1, "\(command)")
      #expect(try acts().first?["standing"] as? String == "undone")
      #expect(files(place).sent.isEmpty && files(place).hidden.count == hidden, "\(command)")
    }
    #expect(try acts().count == before + 2)
    #expect(try fixture.home.run("audit verify").code == 0)
  }

  /// Its draft was taken for one of which nobody knows.
  @Test func `what was committed is sent however many acts came since`() throws {
    let row = try row("system = 'SAM' AND category = 'ENT' AND entity_key LIKE '9251%'")
    let count = try stored()
    for number in 1...5 {
      guard try stored() == count else { break }
      try killed(
        at: "name", number, below: "inbox/SAM", "review correct",
        [row, "--set", "registered_division_code=510104", "--words", "电话核实"])
    }
    try #require(try stored() == count + 1 && files("inbox").sent.isEmpty)

    // In a copy, so that the acts of the others stay few.
    let copy = folder + "home"
    try FileManager.default.copyItem(atPath: fixture.home.path, toPath: copy)
    let added = try Program(
      "/usr/bin/env",
      [
        "python3", "-c",
        "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])",
        copy + "/access/acts.sqlite",
        """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
        INSERT INTO act SELECT id + i, 'comment', NULL, user, department, time, 0, body,
          log_sequence, log_hash FROM act, n WHERE id = (SELECT max(id) FROM act);
        """,
      ]
    ).wait()
    try #require(added.code == 0, "\(added.errorText)")
    func names() -> [String] { Files.below(copy + "/inbox") }
    for name in names() where name.contains(".draft-") {
      try FileManager.default.setAttributes(
        [.modificationDate: Date() - 7200], ofItemAtPath: copy + "/inbox/" + name)
    }
    let done = try QingyuanProgram.run([
      "review", "acts", "--user", "chief", "--home", copy, "--pipelines", fixture.home.pipelines,
    ])
    #expect(done.code == 0, "\(done.errorText)")
    #expect(names().count { $0.contains("专员更正") } == 1)
    #expect(!names().contains { $0.contains(".draft-") })

    let id = "\(try #require(try acts().first?["act"]))"
    _ = try run("review undo", id)
  }

  @Test func `what was not committed leaves nothing that anybody takes`() throws {
    let row = try row("system = 'SAM' AND category = 'INS'")
    let count = try acts().count
    // The first file that is synchronized in the folder of acts, once the draft is made.
    try killed(
      at: "sync", 1, below: "access", "review return", [row, "--words", "两条只能留一条"])
    #expect(try acts().count == count)
    #expect(files("returns").sent.isEmpty)
    let done = try run("review return", row, "--words", "两条只能留一条", "--json")
    #expect(try object(done.outputText)["standing"] as? String == "stands")
    #expect(files("returns").sent.count == 1)
    #expect(try fixture.home.run("audit verify").code == 0)
  }
}
