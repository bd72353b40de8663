import Foundation
import Testing

@testable import PipelineDefinition

/// Folders of the repository, found from where this file stands.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let secondPipeline = root.appendingPathComponent("Tests/Fixtures/second-pipeline").path
  static let pipelines = root.appendingPathComponent("Pipelines").path
}

/// The identifier checks that the program of the tests can make.
let checksOfTheProgram: Set<String> = ["mobile", "uscc"]

/// A copy of the second pipeline, to break things in; removed when it goes out of use.
final class TestFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("pipeline-\(UUID().uuidString)")
    let original = URL(fileURLWithPath: Repository.secondPipeline).resolvingSymlinksInPath()
    try FileManager.default.copyItem(at: original, to: url)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ path: String) -> URL { url.appendingPathComponent(path) }

  func text(_ path: String) throws -> String {
    try String(contentsOf: file(path), encoding: .utf8)
  }

  func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: file(path))
  }

  /// Replaces the first occurrence of `old`, which must be there.
  func edit(_ path: String, _ old: String, _ new: String) throws {
    let text = try text(path)
    let range = try #require(text.range(of: old), "\(path) has no \"\(old)\"")
    try write(text.replacingCharacters(in: range, with: new), to: path)
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(at: file(path)) }

  /// First line with `mark`, from 1; 0 for an empty mark.
  func line(of mark: String, in path: String) throws -> Int {
    if mark.isEmpty { return 0 }
    let lines = try text(path).components(separatedBy: "\n")
    return try #require(lines.firstIndex { $0.contains(mark) }, "\(path): \(mark)") + 1
  }

  func load() -> LoadResult { PipelineFolder.load(url.path, knownChecks: checksOfTheProgram) }
}
