import Foundation

/// A text file of the folder.
struct SourceFile {
  /// Relative to the folder, with `/`.
  var path: String
  var text: String
}

/// Finds and reads the files of the folder.
///
/// The folder may come from anywhere: links out of it, devices, huge and damaged files are
/// problems, never read.
struct FolderReader {
  static let maximumBytes = 8 * 1024 * 1024
  static let maximumFiles = 10_000
  static let maximumDepth = 8

  let root: String
  let log: ProblemLog
  private var files: [SourceFile] = []

  private init(root: String, log: ProblemLog) {
    self.root = root
    self.log = log
  }

  /// The readable files below `path`, by relative path.
  static func files(in path: String, log: ProblemLog) -> [SourceFile] {
    let root = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    var reader = FolderReader(root: root, log: log)
    guard reader.type(at: root) == .typeDirectory else {
      log.report(
        .missingFolder, at: Place(file: path),
        "the folder does not exist or is not a folder; give the path of the pipeline folder")
      return []
    }
    reader.visit("", depth: 0)
    return reader.files.sorted { $0.path < $1.path }
  }

  private mutating func visit(_ folder: String, depth: Int) {
    guard depth <= Self.maximumDepth else {
      log.report(
        .unreadableFile, at: Place(file: folder),
        "the folder lies more than \(Self.maximumDepth) levels deep; move it up")
      return
    }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: absolute(folder))
    } catch {
      unreadable(folder, "the folder cannot be read: \(error.localizedDescription)")
      return
    }
    for name in names.sorted() where !name.hasPrefix(".") {
      visitEntry(folder.isEmpty ? name : "\(folder)/\(name)", depth: depth)
    }
  }

  private mutating func visitEntry(_ path: String, depth: Int) {
    guard let type = type(of: path) else { return }
    switch type {
    case .typeDirectory:
      visit(path, depth: depth + 1)
    case .typeRegular:
      read(path)
    case .typeSymbolicLink:
      let target = URL(fileURLWithPath: absolute(path)).resolvingSymlinksInPath().path
      let isInside = target.hasPrefix(root + "/")
      let isFile = self.type(at: target) == .typeRegular
      guard isInside, isFile else {
        log.report(
          .linkOutOfFolder, at: Place(file: path),
          "the link leads to \(isInside ? "something that is not a file" : "a place outside")"
            + "; put the file itself here")
        return
      }
      read(path)
    default:
      unreadable(path, "found a device, socket or pipe, expected a file; remove it")
    }
  }

  private mutating func read(_ path: String) {
    guard FileKind(path).isRead else { return }
    guard files.count < Self.maximumFiles else {
      if files.count == Self.maximumFiles {
        unreadable(path, "the folder has more than \(Self.maximumFiles) files; remove some")
      }
      return
    }
    let url = URL(fileURLWithPath: absolute(path)).resolvingSymlinksInPath()
    let size =
      (try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int) ?? 0
    guard size <= Self.maximumBytes else {
      log.report(
        .fileTooLarge, at: Place(file: path),
        "the file has \(size) bytes, expected at most \(Self.maximumBytes); split it")
      return
    }
    do {
      let data = try Data(contentsOf: url)
      if let text = decoded([UInt8](data), path) {
        files.append(SourceFile(path: path, text: text))
      }
    } catch {
      unreadable(path, "the file cannot be read: \(error.localizedDescription)")
    }
  }

  private func decoded(_ bytes: [UInt8], _ path: String) -> String? {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
    if let text = String(validating: content, as: UTF8.self) { return text }
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    log.report(
      .invalidEncoding, at: Place(file: path, line: bad + 1),
      "the line is not UTF-8; save the file as UTF-8")
    return nil
  }

  // MARK: Paths

  private func absolute(_ path: String) -> String { path.isEmpty ? root : "\(root)/\(path)" }

  private func type(of path: String) -> FileAttributeType? {
    if let type = type(at: absolute(path)) { return type }
    unreadable(path, "the file cannot be read; check its permissions")
    return nil
  }

  private func type(at path: String) -> FileAttributeType? {
    try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
  }

  private func unreadable(_ path: String, _ message: String) {
    log.report(.unreadableFile, at: Place(file: path.isEmpty ? "." : path), message)
  }
}
