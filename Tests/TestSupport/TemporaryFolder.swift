import Foundation

/// A folder that is removed with the test that made it.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init(_ name: String = "qingyuan") throws {
    path = FileManager.default.temporaryDirectory.path + "/\(name)-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package static func + (folder: TemporaryFolder, name: String) -> String {
    folder.path + "/" + name
  }

  /// Writes a file, with the folders on the way to it.
  ///
  /// - Returns: Its path.
  @discardableResult
  package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }
}

/// What lies on the disk.
package enum Files {
  /// Key of hashes in what test nights release.
  package static let maskSecret = Array("a secret of the tests alone".utf8)

  /// Paths of all regular files below `folder`, relative to it, sorted.
  package static func below(_ folder: String) -> [String] {
    let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return all.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  package static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  package static func text(_ path: String) throws -> String {
    String(decoding: try bytes(path), as: UTF8.self)
  }

  package static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  /// Files below `folder` that contain `text`, in UTF-8 or GB18030, whatever their format.
  ///
  /// - Parameter skipping: Names of folders directly below `folder` that are not looked at.
  package static func holding(
    _ text: String, below folder: String, skipping: Set<String> = []
  ) throws -> [String] {
    let needles = [Data(text.utf8), Data(gb18030(text))]
    return try below(folder).filter { name in
      guard !skipping.contains(String(name.prefix { $0 != "/" })) else { return false }
      let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
      return needles.contains { data.range(of: $0) != nil }
    }
  }
}

/// Folders of the repository, found from where this file stands.
package enum Repository {
  package static let root: String = {
    var path = #filePath as NSString
    for _ in 0..<3 { path = path.deletingLastPathComponent as NSString }
    return path as String
  }()

  package static var pipelines: String { root + "/Pipelines" }
  package static var secondPipeline: String { root + "/Tests/Fixtures/second-pipeline" }
}
