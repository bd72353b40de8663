import Foundation
import Warehouse

/// The files below a folder.
struct FileTree {
  let root: String

  init(_ root: String) { self.root = root }

  /// Paths relative to the root, in order of their bytes; links are not followed. Empty where there is no
  /// such folder.
  ///
  /// - Throws: `WarehouseError` for a folder that cannot be read to its end: a backup without the rest would
  ///   look like a whole one.
  func files() throws -> [String] {
    var found: [String] = []
    var folders = [""]
    while let folder = folders.popLast() {
      let path = folder.isEmpty ? root : root + "/" + folder
      for name in try PosixFile.names(in: path) ?? [] {
        let relative = folder.isEmpty ? name : folder + "/" + name
        switch try FileStatus(root + "/" + relative)?.kind {
        case .folder?: folders.append(relative)
        case .file?: found.append(relative)
        default: break
        }
      }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Bytes free on the disk of a folder.
  static func freeBytes(of folder: String) throws -> Int64 {
    do {
      let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder)
      return (attributes[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
    } catch {
      throw WarehouseError(
        .fileAccess, "asking for the free space of \(folder): \(error.localizedDescription)")
    }
  }
}

/// Bytes in words: `12.3 MB`.
struct Size: CustomStringConvertible {
  let bytes: Int64

  init(_ bytes: Int64) { self.bytes = bytes }

  var description: String {
    var (value, unit) = (Double(bytes), "bytes")
    for next in ["KB", "MB", "GB", "TB"] where value >= 1000 {
      (value, unit) = (value / 1000, next)
    }
    return unit == "bytes" ? "\(bytes) bytes" : String(format: "%.1f %@", value, unit)
  }
}
