import Foundation

/// A file that is written from beginning to end.
final class DeliveryFile {
  private let handle: FileHandle
  private var pending: [UInt8] = []
  private var written = 0
  private var patches: [(offset: Int, bytes: [UInt8])] = []
  private let container: Container
  private let inner: String

  /// - Parameters:
  ///   - container: What is put in one is kept in memory until ``close()``.
  ///   - inner: Name of the file in the container.
  /// - Throws: If the file cannot be made.
  init(_ path: String, container: Container = .none, inner: String = "") throws {
    self.container = container
    self.inner = inner
    let manager = FileManager.default
    let folder = (path as NSString).deletingLastPathComponent
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard manager.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
    self.handle = handle
  }

  static func contents(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  func write(_ bytes: [UInt8]) throws {
    pending.append(contentsOf: bytes)
    if container == .none, pending.count > 1 << 20 { try flush() }
  }

  /// Bytes so far, without any container.
  var count: Int { written + pending.count }

  /// Replaces bytes that were written before.
  func patch(at offset: Int, _ bytes: [UInt8]) { patches.append((offset, bytes)) }

  func close() throws {
    for patch in patches where patch.offset >= written {
      let start = patch.offset - written
      pending.replaceSubrange(start..<start + patch.bytes.count, with: patch.bytes)
    }
    let flushed = written
    pending = container.wrap(pending, name: inner)
    try flush()
    for patch in patches where patch.offset < flushed {
      try handle.seek(toOffset: UInt64(patch.offset))
      try handle.write(contentsOf: Data(patch.bytes))
    }
    try handle.close()
  }

  private func flush() throws {
    try handle.write(contentsOf: Data(pending))
    written += pending.count
    pending.removeAll(keepingCapacity: true)
  }
}
