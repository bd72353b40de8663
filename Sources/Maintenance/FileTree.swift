import Foundation
import Warehouse

/// The files below a folder.
struct FileTree {
  let root: String

  init(_ root: String) { self.root = root }

  /// Paths relative to the root, in order of their bytes; links are not followed. Empty where there is no
  /// such folder.
  ///
  /// - Parameter isWhole: Whether a link or device is an error, as whoever copies the files would leave out
  ///   what lies behind it; one that leads nowhere has nothing behind it.
  /// - Throws: `WarehouseError` for a folder that cannot be read to its end: a backup without the rest would
  ///   look like a whole one.
  func files(isWhole: Bool = false) throws -> [String] {
    var found: [String] = []
    var folders = [""]
    while let folder = folders.popLast() {
      let path = folder.isEmpty ? root : root + "/" + folder
      for name in try PosixFile.names(in: path) ?? [] {
        let relative = folder.isEmpty ? name : folder + "/" + name
        switch try FileStatus(root + "/" + relative)?.kind {
        case .folder?: folders.append(relative)
        case .file?: found.append(relative)
        case .other? where isWhole && PosixFile.exists(root + "/" + relative):
          throw WarehouseError(
            .fileAccess,
            "\(root)/\(relative) is a link or a device, and what is behind it would be left out; move "
              + "it back, or mount its disk there")
        default: break
        }
      }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes the names of everything below the root durable.
  func synchronizeFolders() throws {
    var folders: Set<String> = [root]
    for file in try files() {
      var folder = (file as NSString).deletingLastPathComponent
      while !folder.isEmpty, folders.insert("\(root)/\(folder)").inserted {
        folder = (folder as NSString).deletingLastPathComponent
      }
    }
    for folder in folders { try PosixFile.synchronizeFolder(folder) }
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
