import Foundation
import TestSupport
import Testing

/// An installation in a folder of its own, used through the program alone.
final class CommandHome: Sendable {
  let folder: TemporaryFolder
  let pipelines: String
  var path: String { folder + "home" }

  init(_ pipelines: String = Repository.pipelines) throws {
    folder = try TemporaryFolder("command")
    self.pipelines = pipelines
  }

  func deliver(_ name: String, _ bytes: [UInt8], system: String = "SAM") throws {
    try folder.write("home/inbox/\(system)/\(name)", bytes)
  }

  private func arguments(_ command: String, _ more: [String]) -> [String] {
    // These lists need no definitions.
    let withoutDefinitions = ["deliveries", "audit head", "audit verify", "audit list"]
    return command.split(separator: " ").map(String.init) + ["--home", path]
      + (withoutDefinitions.contains(command) ? [] : ["--pipelines", pipelines]) + more
  }

  func start(_ command: String, _ more: String...) throws -> Program {
    try QingyuanProgram.start(arguments(command, more))
  }

  func run(_ command: String, _ more: String...) throws -> ProgramResult {
    try QingyuanProgram.run(arguments(command, more))
  }

  /// Runs a night.
  func night(_ date: String, _ more: String...) throws -> ProgramResult {
    try QingyuanProgram.run(arguments("run --no-wait --night \(date)", more))
  }

  /// Rows of a query, one JSON object each.
  func query(_ sql: String, asOf night: String? = nil) throws -> [[String: Any]] {
    let more = night.map { ["--as-of", $0] } ?? []
    let result = try QingyuanProgram.run(
      arguments("query --format json", more + [sql]))
    try #require(result.code == 0, "\(result.errorText)")
    return try result.outputLines.map { try object($0) }
  }

  /// The canonical dump.
  func dump() throws -> [UInt8] {
    let result = try run("dump", "--out", folder + "dump")
    try #require(result.code == 0, "\(result.errorText)")
    return try Files.bytes(folder + "dump")
  }

  /// Names and bytes of everything in the returns.
  func returns() throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in Files.below(path + "/returns") {
      result[name] = try Files.bytes(path + "/returns/" + name)
    }
    return result
  }
}

/// A JSON object.
func object(_ text: some StringProtocol) throws -> [String: Any] {
  let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
  return try #require(value as? [String: Any])
}

/// Shorthand for a command that needs no home.
func qingyuan(_ arguments: String...) throws -> ProgramResult { try QingyuanProgram.run(arguments) }
