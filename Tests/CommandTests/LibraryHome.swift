import Foundation
import TestSupport
import Testing

/// A night of the second pipeline, with readers, loans and visits, in which people ask for data.
final class LibraryHome {
  let home: CommandHome
  private let definitions: TemporaryFolder
  private let pipeline: TestPipeline
  static let now = "2026-03-03T09:00:00"

  init() throws {
    definitions = try TemporaryFolder("lenient")
    let pipelines = try TestPipeline.makeLenient(in: definitions)
    home = try CommandHome(pipelines)
    pipeline = try TestPipeline(pipelines)
  }

  /// Loans 1 to `count`: each fifth is of a book, which the negative list keeps back; each seventh is not
  /// returned, which the public does not see.
  func loans(_ count: Int = 70, _ more: Values = [:]) throws {
    let records = (1...count).map { number -> Values in
      [
        "entry_no": "L-\(number)", "loan_no": "LN\(number)",
        "borrowed_on": number % 2 == 0 ? "20260202" : "20260110",
        "due_on": number % 2 == 0 ? "20260210" : "20260120",
        "returned_on": number % 7 == 0 ? "" : "20260228", "fee": "\(number).50",
        "medium_code": number % 5 == 0 ? "01" : "02",
      ].merging(more) { $1 }
    }
    try home.deliver(
      "loan_1.csv", pipeline.sheet("LOAN", records, system: "LIB").utf8, system: "LIB")
  }

  func readers() throws {
    let records = (1...3).map { number -> Values in
      ["entry_no": "R-\(number)", "card_no": "0000000\(number)", "phone": "1380000000\(number)"]
    }
    try home.deliver(
      "reader_1.csv", pipeline.sheet("READER", records, system: "LIB").utf8, system: "LIB")
  }

  func visits() throws {
    let visits = (1...40).map { id in
      let groups = (0..<(id % 3)).map { group in
        "{\"time\": \"20260301T0\(group)3000\", \"paid\": {\"fee\": \(id).5}}"
      }
      return """
        {"id": "E\(id)", "ticket": {"number": "T\(id)", "time": "2026-03-01T10:00:00"},
         "changed": "2026-03-01T18:00:00", "fee": "12.50", "weather": "晴",
         "groups": [\(groups.joined(separator: ","))], "members": []}
        """
    }
    let list = visits.joined(separator: ",")
    try home.deliver(
      "garden_1.json", Array("{\"code\":0,\"data\":{\"total\":40,\"visits\":[\(list)]}}".utf8),
      system: "GAR")
  }

  func night(_ date: String = "2026-03-02") throws {
    let result = try home.night(date)
    try #require(result.code <= 1, "\(result.errorText)")
  }

  func act(
    _ command: String, _ more: [String], by user: String = "li", of department: String = "文化局",
    at now: String = now
  ) throws -> ProgramResult {
    try QingyuanProgram.run(
      command.split(separator: " ").map(String.init) + [
        "--home", home.path, "--pipelines", home.pipelines, "--user", user, "--department",
        department, "--now", now,
      ] + more)
  }

  /// Asks for data as `zhang` of a department, and gets a grant of ninety days at the most.
  ///
  /// - Returns: The grant's number.
  @discardableResult
  func grant(
    _ category: String, _ elements: String, department: String = "公安局", tier: String = "shared",
    where condition: String? = nil, until: String = "2026-03-31", from now: String = now
  ) throws -> String {
    let asked = try act(
      "share request --json",
      [
        "--category", category, "--elements", elements, "--tier", tier, "--until", until,
        "--purpose", "联合惩戒",
      ] + (condition.map { ["--where", $0] } ?? []), by: "zhang", of: department, at: now)
    try #require(asked.code == 0, "\(asked.outputText) \(asked.errorText)")
    let id = try #require(try object(asked.outputText)["id"] as? String)
    for (command, user) in [("approve", "li"), ("approve", "wang"), ("grant", "li")] {
      let result = try act("share \(command)", [id], by: user, at: now)
      try #require(result.code == 0, "\(result.errorText)")
    }
    return id.replacingOccurrences(of: "R", with: "G")
  }

  /// Exports under a grant.
  func export(
    _ grant: String, _ format: String = "csv", at now: String = now, user: String = "li"
  ) throws -> ProgramResult {
    try act(
      "share export --json",
      ["--grant", grant, "--format", format, "--out", home.folder + "out"], by: user, at: now)
  }

  /// The folder that an export made.
  func folder(_ result: ProgramResult) throws -> String {
    try #require(result.code == 0, "\(result.errorText)")
    return try #require(try object(result.outputText)["folder"] as? String)
  }

  /// Entries of the access log: user, action, outcome, rule, reference.
  func logged() throws -> [[String: Any]] {
    let list = try QingyuanProgram.run(["audit", "list", "--json", "--home", home.path])
    try #require(list.code == 0, "\(list.errorText)")
    return try list.outputLines.map { try object($0) }
  }
}
