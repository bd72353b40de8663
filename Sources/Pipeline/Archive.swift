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
    return "\(date)/\(file.system)/\(content.prefix(12))-\(fitted(file.name))"
  }

  /// A name that leaves room for what is added to it: a file system takes 255 bytes.
  private func fitted(_ name: String) -> String {
    guard name.utf8.count > Self.maximumName else { return name }
    // What is longer is no extension, whatever stands before it.
    let last = (name as NSString).pathExtension
    let end = last.utf8.count > Self.maximumExtension ? "" : last
    var stem = end.isEmpty ? name : (name as NSString).deletingPathExtension
    while stem.utf8.count + end.utf8.count > Self.maximumName, !stem.isEmpty { stem.removeLast() }
    return end.isEmpty ? stem : "\(stem).\(end)"
  }

  private static let maximumName = 200
  private static let maximumExtension = 16

  func path(_ relative: String) -> String { home.archive + "/" + relative }

  func contains(_ relative: String) -> Bool {
    FileManager.default.fileExists(atPath: path(relative))
  }

  /// Moves an original in, and what its sender said of it; does nothing if it is there already.
  ///
  /// A rename where inbox and archive share a disk, else a copy that is durable before the file in the
  /// inbox goes. The signs go first: one that stayed would be held against the next file of that name.
  func take(_ source: String, as relative: String, isRestricted: Bool) throws(PipelineError) {
    let target = path(relative)
    let folder = (target as NSString).deletingLastPathComponent
    do {
      try PosixFile.makePrivateFolder(folder)
      try takeSigns(of: source, as: relative, isRestricted: isRestricted)
      if !PosixFile.exists(target) { try move(source, target, isRestricted) }
      try PosixFile.synchronizeFolder(folder)
      try PosixFile.remove(source)
    } catch {
      throw PipelineError(
        .environment, "cannot move \(source) to the archive \(target)", underlying: error)
    }
  }

  /// Moves the signs of completeness of a file to where its original is, or goes; one that says nothing
  /// is removed.
  func takeSigns(
    of source: String, as relative: String, isRestricted: Bool
  ) throws(PipelineError) {
    for sign in DeliverySign.beside(source) {
      try keep(sign, as: relative + sign.kind.rawValue, isRestricted: isRestricted)
    }
  }

  /// Puts a sign away that belongs to no file.
  func takeStray(_ path: String, system: String, night: Int) throws(PipelineError) {
    let kind = DeliverySign.Kind.allCases.first { path.hasSuffix($0.rawValue) }
    guard let kind, let sign = DeliverySign(kind, of: String(path.dropLast(kind.rawValue.count)))
    else { return }
    let stem = String(sign.name.dropLast(kind.rawValue.count))
    let date = CivilDate(dayNumber: night).description.replacingOccurrences(of: "-", with: "/")
    try keep(
      sign, as: "\(date)/\(system)/stray-\(fitted(stem))\(kind.rawValue)", isRestricted: true)
  }

  private func keep(
    _ sign: DeliverySign, as relative: String, isRestricted: Bool
  ) throws(PipelineError) {
    do {
      if sign.isUnreadable { throw WarehouseError(.fileAccess, sign.problem ?? "") }
      if let manifest = sign.manifest, manifest == DeliveryManifest() {
        try PosixFile.remove(sign.path)
        return
      }
      let target = try freePath(relative, for: sign)
      let folder = (target as NSString).deletingLastPathComponent
      try PosixFile.makePrivateFolder(folder)
      try move(sign.path, target, isRestricted)
      try PosixFile.synchronizeFolder(folder)
      try PosixFile.remove(sign.path)
    } catch {
      throw PipelineError(
        .environment, "cannot move \(sign.path) to the archive \(path(relative))",
        underlying: error)
    }
  }

  /// `NAME.manifest.json`, or `NAME.2.manifest.json` where an earlier one of other content has it:
  /// the same bytes may come again with a corrected manifest.
  private func freePath(_ relative: String, for sign: DeliverySign) throws -> String {
    let bytes = try PosixFile.contents(of: sign.path)
    let stem = String(relative.dropLast(sign.kind.rawValue.count))
    var target = path(relative)
    var number = 1
    while let there = try PosixFile.contents(of: target), there != bytes {
      number += 1
      target = path("\(stem).\(number)\(sign.kind.rawValue)")
    }
    return target
  }

  /// The file has its rights before it has its name: a killed run does not come back to what is there.
  private func move(_ source: String, _ target: String, _ isRestricted: Bool) throws {
    let mode: UInt32 = isRestricted ? 0o400 : 0o444
    do {
      try PosixFile.setMode(mode, of: source)
      try PosixFile.rename(source, to: target)
    } catch {
      guard errno == EXDEV else { throw error }
      let temporary = target + ".copying"
      try PosixFile.remove(temporary)
      try FileManager.default.copyItem(atPath: source, toPath: temporary)
      try PosixFile.setMode(mode, of: temporary)
      try PosixFile(temporary, flags: O_RDONLY).synchronize()
      try PosixFile.rename(temporary, to: target)
    }
  }
}
