import Foundation
import Glibc
import Records
import Warehouse

/// Where originals are kept: `archive/YYYY/MM/DD`, read-only.
struct Archive {
  let home: HomeFolder

  /// Path of an original relative to the archive: unique by delivery, whatever the file's name.
  func relativePath(_ file: InboxFile, content: String, night: Int) -> String {
    let date = CivilDate(dayNumber: night).description.replacingOccurrences(of: "-", with: "/")
    let name = file.name.replacingOccurrences(of: "/", with: "_")
    return "\(date)/\(file.system)/\(content.prefix(12))-\(name)"
  }

  func path(_ relative: String) -> String { home.archive + "/" + relative }

  func contains(_ relative: String) -> Bool {
    FileManager.default.fileExists(atPath: path(relative))
  }

  /// Moves an original in; does nothing if it is there already.
  ///
  /// A rename where inbox and archive share a disk, else a copy that is durable before the file in the
  /// inbox goes.
  func take(_ source: String, as relative: String, isRestricted: Bool) throws(PipelineError) {
    let target = path(relative)
    let folder = (target as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      if !FileManager.default.fileExists(atPath: target) {
        try move(source, target)
      }
      try PosixFile.setMode(isRestricted ? 0o400 : 0o444, of: target)
      try PosixFile.synchronizeFolder(folder)
      try PosixFile.remove(source)
      try removeSigns(of: source)
    } catch {
      throw PipelineError(.environment, "cannot move \(source) to the archive \(target): \(error)")
    }
  }

  /// Removes the signs of completeness of a file that is gone: a manifest that stayed would be held
  /// against the next file of that name.
  func removeSigns(of source: String) throws(PipelineError) {
    guard !FileManager.default.fileExists(atPath: source) else { return }
    do {
      for suffix in [".ok", ".manifest.json"] { try PosixFile.remove(source + suffix) }
    } catch {
      throw PipelineError(.environment, "cannot remove the signs of \(source): \(error)")
    }
  }

  private func move(_ source: String, _ target: String) throws {
    do {
      try PosixFile.rename(source, to: target)
    } catch {
      guard errno == EXDEV else { throw error }
      let temporary = target + ".copying"
      try PosixFile.remove(temporary)
      try FileManager.default.copyItem(atPath: source, toPath: temporary)
      try PosixFile(temporary, flags: O_RDWR).synchronize()
      try PosixFile.rename(temporary, to: target)
    }
  }
}
