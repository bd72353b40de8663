import Foundation

/// A file that is written from beginning to end.
package final class DeliveryFile {
  private let handle: FileHandle
  private var pending: [UInt8] = []

  /// - Throws: If the file cannot be made.
  package init(_ path: String) throws {
    let manager = FileManager.default
    let folder = (path as NSString).deletingLastPathComponent
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard manager.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
    self.handle = handle
  }

  package func write(_ bytes: [UInt8]) throws {
    pending.append(contentsOf: bytes)
    if pending.count > 1 << 20 { try flush() }
  }

  package func close() throws {
    try flush()
    try handle.close()
  }

  private func flush() throws {
    try handle.write(contentsOf: Data(pending))
    pending.removeAll(keepingCapacity: true)
  }
}
