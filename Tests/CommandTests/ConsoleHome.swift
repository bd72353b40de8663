import Catalog
import Foundation
import TestSupport
import Testing

/// Suites that share one home, one after the other: each reads the access log to which all of them write.
@Suite("Console on the sample nights", .serialized)
enum SampleConsole {}

/// The sample nights with people who may look at them; made once for all tests of the console.
struct ConsoleHome: Sendable {
  static let shared = Result { try ConsoleHome() }
  static let password = "sample password 清源"

  let home: CommandHome

  /// - Parameter more: Bytes of what the second night gets beside the sample, by path below the inbox.
  init(
    secondNight more: [String: [UInt8]] = [:], pipelines: String = Repository.pipelines
  ) throws {
    home = try CommandHome(pipelines)
    for (number, date) in [(1, "2026-03-06"), (2, "2026-03-07")] {
      let night = Repository.root + "/SampleData/night-\(number)"
      for name in Files.below(night) {
        try home.folder.write("home/inbox/\(name)", try Files.bytes(night + "/" + name))
      }
      for (name, bytes) in more where number == 2 {
        try home.folder.write("home/inbox/\(name)", bytes)
      }
      let result = try home.night(date)
      try #require(result.code <= 1, "\(result.errorText)")
    }
    try add("sam", "steward", systems: "SAM", "shared")
    try add("mem", "steward", systems: "MEM,MPS", "restricted")
    try add("open", "steward", systems: "SAM", "public")
    try add("chief", "operator", systems: nil, "restricted")
    try add("auditor", "auditor", systems: nil, "restricted")
    try add("boss", "approver", systems: nil, "restricted")
  }

  func add(
    _ name: String, _ role: String, systems: String?, _ clearance: String
  ) throws {
    let more = systems.map { ["--systems", $0] } ?? []
    let result = try QingyuanProgram.run(
      [
        "user", "add", name, "--role", role, "--department", "市场监管局", "--clearance", clearance,
        "--password-stdin", "--home", home.path, "--pipelines", home.pipelines,
      ] + more, input: Array((Self.password + "\n").utf8))
    try #require(result.code == 0, "\(result.errorText)")
  }

  /// Rows of a query: record, system, category.
  func returned(_ condition: String) throws -> [[String: Any]] {
    try home.query("SELECT * FROM returned_record WHERE \(condition) ORDER BY record")
  }

  /// Received values of a record that a clearance may not see, of at least four characters. What stands in an
  /// open value too is no secret and left out.
  func values(above clearance: SharingTier, row: Int) throws -> [String] {
    let catalog = try TestPipeline.real.get().catalog
    let detail = try home.run("review show", "\(row)", "--json")
    let fields = try #require(try object(detail.outputText)["fields"] as? [[String: Any]])
    func isOpen(_ field: [String: Any]) -> Bool {
      (field["element"] as? String).flatMap { catalog.element($0) }
        .map { $0.tier <= clearance } ?? false
    }
    let open = fields.filter(isOpen).compactMap { $0["received"] as? String }
      .joined(separator: "\n")
    return fields.filter { !isOpen($0) }.compactMap { $0["received"] as? String }
      .filter { $0.count >= 4 && !open.contains($0) }
  }

  /// The access log as `audit list --json` prints it.
  func log() throws -> [[String: Any]] {
    let result = try home.run("audit list", "--json")
    try #require(result.code == 0, "\(result.errorText)")
    return try result.outputLines.map { try object($0) }
  }
}

/// A console that runs as long as this lives.
final class RunningConsole {
  let client: WebClient
  private let program: Program

  init(_ home: CommandHome) throws {
    program = try QingyuanProgram.start([
      "serve", "--address", "127.0.0.1:0", "--home", home.path, "--pipelines", home.pipelines,
    ])
    var port: Int?
    for _ in 0..<1200 where port == nil {
      usleep(50_000)
      port = program.errorsSoFar.firstMatch(of: /http:\/\/127\.0\.0\.1:([0-9]+)\//)
        .flatMap { Int($0.1) }
    }
    client = WebClient(port: try #require(port, "\(program.errorsSoFar)"))
  }

  deinit {
    program.kill()
    _ = try? program.wait()
  }

  var errors: String { program.errorsSoFar }

  /// Signs somebody in and gives what their browser sends from then on.
  func signIn(_ user: String, _ password: String = ConsoleHome.password) throws -> Visitor {
    let reply = try client.post("/sign-in", Form.text(["user": user, "password": password]))
    try #require(reply.status == 303, "\(reply.status)")
    let cookie = try #require(
      reply.headers["set-cookie"]?.firstMatch(of: /qingyuan=([0-9a-f]{64});/)?.1)
    return Visitor(client: client, cookie: "qingyuan=\(cookie)")
  }
}

/// Somebody with a session.
struct Visitor {
  let client: WebClient
  let cookie: String

  func get(_ path: String) throws -> WebReply { try client.get(path, headers: ["Cookie": cookie]) }

  /// The page of a path that must be there.
  func page(_ path: String) throws -> String {
    let reply = try get(path)
    try #require(reply.status == 200, "\(path): \(reply.status)")
    return reply.body
  }

  func post(
    _ path: String, _ values: [String: String], headers: [String: String] = [:]
  ) throws -> WebReply {
    try client.post(
      path, Form.text(values), headers: headers.merging(["Cookie": cookie]) { _, own in own })
  }

  /// What forms of this session carry.
  func formToken() throws -> String {
    String(
      try #require(try page("/night").firstMatch(of: /name="form" value="([0-9a-f]{64})"/)?.1))
  }

  /// Sends a form as a page of this session makes it.
  func send(_ path: String, _ values: [String: String]) throws -> WebReply {
    try post(path, values.merging(["form": try formToken()]) { own, _ in own })
  }
}

enum Form {
  static func text(_ values: [String: String]) -> String {
    values.map { encoded($0.key) + "=" + encoded($0.value) }.joined(separator: "&")
  }

  static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      return scalar.properties.isAlphabetic && scalar.isASCII || ("0"..."9").contains(scalar)
        ? String(scalar) : String(format: "%%%02X", byte)
    }.joined()
  }
}
