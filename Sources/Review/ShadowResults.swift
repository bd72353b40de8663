package import Access
import Foundation
package import Pipeline
import Warehouse

/// A shadow run that was kept for others to look at.
package struct ShadowResult: Sendable, Codable {
  package var name: String
  /// Who ran it, and when, in seconds since 1970-01-01T00:00:00Z.
  package var user: String
  package var department: String
  package var time: Int64
  /// The nights whose deliveries were judged.
  package var firstNight: String
  package var lastNight: String
  /// Folders of the definitions, as they were named.
  package var against: String
  package var changed: String
  package var summary: ShadowSummary

  package init(
    name: String, _ person: Person, time: Int64, firstNight: String, lastNight: String,
    against: String, changed: String, _ summary: ShadowSummary
  ) {
    self.name = name
    user = person.user
    department = person.department
    self.time = time
    self.firstNight = firstNight
    self.lastNight = lastNight
    self.against = against
    self.changed = changed
    self.summary = summary
  }
}

/// Kept shadow runs, each a file of JSON in ``HomeFolder/review``. There is no value in them.
package struct ShadowResults: Sendable {
  private let folder: String
  private static let suffix = ".json"

  package init(_ home: HomeFolder) { folder = home.review + "/shadow" }

  /// ASCII letters, digits, `-`, `_` and, not at the beginning, `.`; at most 60.
  package static func isName(_ name: String) -> Bool {
    (1...60).contains(name.count) && !name.hasPrefix(".")
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "-_.".contains($0) }
  }

  /// Replaces what was kept under the name.
  package func keep(_ result: ShadowResult) throws {
    try PosixFile.makePrivateFolder(folder)
    try PosixFile.replace(path(result.name), with: try Self.bytes(result), mode: 0o600)
    try PosixFile.synchronizeFolder(folder)
  }

  /// - Returns: nil where nothing was kept under the name.
  package func result(_ name: String) throws -> ShadowResult? {
    guard Self.isName(name), let bytes = try PosixFile.contents(of: path(name)) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(ShadowResult.self, from: Data(bytes))
  }

  /// All of them, the newest first.
  package func all() throws -> [ShadowResult] {
    try (PosixFile.names(in: folder) ?? []).filter { $0.hasSuffix(Self.suffix) }
      .compactMap { try result(String($0.dropLast(Self.suffix.count))) }
      .sorted { ($1.time, $0.name) < ($0.time, $1.name) }
  }

  private func path(_ name: String) -> String { folder + "/" + name + Self.suffix }

  /// One object with keys in their order, as programs print it.
  package static func bytes(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}
