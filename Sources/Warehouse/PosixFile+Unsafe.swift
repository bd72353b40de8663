package import Glibc

/// An open file descriptor and the few calls on it that the warehouse needs.
///
/// Owns the descriptor and closes it at the end of its life. Every failure is a
/// ``WarehouseError`` with the path and the system's reason.
package struct PosixFile: ~Copyable {
  let descriptor: Int32
  /// Where it was opened; for messages.
  package let path: String

  /// Opens `path`.
  ///
  /// - Parameters:
  ///   - flags: As for `open(2)`; close-on-exec is added.
  ///   - mode: Permissions of a file that is created.
  package init(_ path: String, flags: Int32, mode: mode_t = 0o600) throws(WarehouseError) {
    let result = unsafe open(path, flags | O_CLOEXEC, mode)
    guard result >= 0 else { throw PosixFile.failure("opening", path) }
    descriptor = result
    self.path = path
  }

  deinit { _ = close(descriptor) }

  /// Writes all of `bytes` at the current place.
  package func write(_ bytes: [UInt8]) throws(WarehouseError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: $0[done...]).baseAddress, bytes.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw PosixFile.failure("writing", path) }
      done += count
    }
  }

  /// Reads up to `count` bytes from the current place; fewer only at the end of the file.
  package func read(_ count: Int) throws(WarehouseError) -> [UInt8] {
    precondition(count >= 0, "negative count")
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      while filled < count {
        let got = unsafe Glibc.read(
          descriptor, UnsafeMutableBufferPointer(rebasing: target[filled...]).baseAddress,
          count - filled)
        if got < 0, errno == EINTR { continue }
        failed = got < 0
        guard got > 0 else { break }
        filled += got
      }
    }
    guard !failed else { throw PosixFile.failure("reading", path) }
    return bytes
  }

  /// Moves the current place and returns it.
  @discardableResult
  package func seek(_ offset: Int, from whence: Int32 = SEEK_SET) throws(WarehouseError) -> Int {
    let place = lseek(descriptor, offset, whence)
    guard place >= 0 else { throw PosixFile.failure("seeking in", path) }
    return place
  }

  /// Bytes in the file.
  package func size() throws(WarehouseError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw PosixFile.failure("examining", path)
    }
    return Int(status.st_size)
  }

  /// Gives the file the time of its last change.
  package func setModified(_ time: FileStatus.Time) throws(WarehouseError) {
    let stamp = timespec(tv_sec: time.seconds, tv_nsec: time.nanoseconds)
    guard unsafe futimens(descriptor, [stamp, stamp]) == 0 else {
      throw PosixFile.failure("setting the time of", path)
    }
  }

  /// Cuts the file at `size` bytes.
  package func truncate(to size: Int) throws(WarehouseError) {
    guard ftruncate(descriptor, size) == 0 else { throw PosixFile.failure("truncating", path) }
  }

  /// Makes what was written durable.
  package func synchronize() throws(WarehouseError) {
    guard fsync(descriptor) == 0 else { throw PosixFile.failure("synchronizing", path) }
  }

  /// Takes the file's exclusive advisory lock without waiting.
  ///
  /// - Returns: False where another open file holds it.
  package func tryLock() throws(WarehouseError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw PosixFile.failure("locking", path) }
    return false
  }
}

extension PosixFile {
  /// Whether something stands at `path`.
  package static func exists(_ path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }

  /// Makes a folder only its owner can enter; its parents too. Folders that exist keep their mode.
  package static func makePrivateFolder(_ path: String) throws(WarehouseError) {
    try makeFolder(path, mode: 0o700)
  }

  /// Makes a folder; its parents too. Folders that exist keep their mode.
  package static func makeFolder(_ path: String, mode: mode_t) throws(WarehouseError) {
    if path.isEmpty || exists(path) { return }
    let parts = path.split(separator: "/").dropLast().joined(separator: "/")
    try makeFolder((path.hasPrefix("/") ? "/" : "") + parts, mode: mode)
    guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else {
      throw failure("making the folder", path)
    }
  }

  /// Gives a file new content at once: whoever reads it sees the old or the new, also after the process died.
  package static func replace(
    _ path: String, with bytes: [UInt8], mode: mode_t
  ) throws(WarehouseError) {
    // The same name each time, so that what a killed process left is used up by the next.
    let draft = path + ".new"
    try remove(draft)
    let file = try PosixFile(draft, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
    try file.write(bytes)
    try file.synchronize()
    try rename(draft, to: path)
  }

  /// Removes a file; nothing happens where there is none.
  package static func remove(_ path: String) throws(WarehouseError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("removing", path) }
  }

  /// Removes a folder with the files in it; nothing happens where there is none.
  ///
  /// - Throws: ``WarehouseError`` also where there is a folder in it.
  package static func removeFolder(_ path: String) throws(WarehouseError) {
    for name in try names(in: path) ?? [] { try remove(path + "/" + name) }
    guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw failure("removing", path) }
  }

  /// Removes a file, or a folder with everything in it; links are removed and not followed.
  package static func removeTree(_ path: String) throws(WarehouseError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw failure("examining", path) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return try remove(path) }
    for name in try names(in: path) ?? [] { try removeTree(path + "/" + name) }
    guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw failure("removing", path) }
  }

  /// All bytes of a small file; nil where there is none.
  package static func contents(of path: String) throws(WarehouseError) -> [UInt8]? {
    guard exists(path) else { return nil }
    let file = try PosixFile(path, flags: O_RDONLY)
    return try file.read(file.size())
  }

  /// Names of everything in a folder, sorted; nil where there is no folder.
  ///
  /// Foundation takes a folder that the disk cannot read to its end for a shorter one; a delivery in it
  /// would be passed over without a word.
  package static func names(in path: String) throws(WarehouseError) -> [String]? {
    guard let folder = unsafe opendir(path) else {
      guard errno == ENOENT || errno == ENOTDIR else { throw failure("opening", path) }
      return nil
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else { break }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw failure("reading the folder", path) }
    return names.sorted()
  }

  /// Renames a file over another.
  package static func rename(_ old: String, to new: String) throws(WarehouseError) {
    guard unsafe Glibc.rename(old, new) == 0 else {
      throw failure("renaming \(old) to", new)
    }
  }

  /// Gives a file a second name, which nobody may have.
  ///
  /// - Returns: False where something has the name already; then nothing was done.
  package static func link(_ old: String, to new: String) throws(WarehouseError) -> Bool {
    if unsafe Glibc.link(old, new) == 0 { return true }
    guard errno == EEXIST else { throw failure("linking \(old) to", new) }
    return false
  }

  /// Makes the entries of a folder durable: files made, renamed, removed.
  package static func synchronizeFolder(_ path: String) throws(WarehouseError) {
    try PosixFile(path, flags: O_RDONLY | O_DIRECTORY).synchronize()
  }

  /// Sets a file's permissions.
  package static func setMode(_ mode: mode_t, of path: String) throws(WarehouseError) {
    guard unsafe chmod(path, mode) == 0 else {
      throw failure("setting the permissions of", path)
    }
  }

  /// Seconds since 1970-01-01T00:00:00Z by the system's clock.
  package static func secondsNow() -> Int64 { Int64(time(nil)) }

  /// Number of this process.
  package static var processID: Int32 { getpid() }

  /// Name of this machine.
  package static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "" }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func failure(_ doing: String, _ path: String) -> WarehouseError {
    let reason = unsafe String(cString: strerror(errno))
    return WarehouseError(.fileAccess, "\(doing) \(path): \(reason)")
  }
}

/// What the system knows of a file.
package struct FileStatus: Sendable, Equatable {
  /// Since 1970-01-01T00:00:00Z.
  package struct Time: Sendable, Equatable {
    package var seconds: Int
    package var nanoseconds: Int
  }

  package enum Kind: Sendable {
    case file
    case folder
    /// A link, a device, a pipe.
    case other
  }

  package var kind: Kind
  /// Bytes.
  package var size: Int64
  /// Permissions, without the type.
  package var mode: mode_t
  /// Of the last change of its bytes.
  package var modified: Time

  /// Links are not followed.
  ///
  /// - Returns: nil where nothing stands at `path`.
  package init?(_ path: String) throws(WarehouseError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else {
        throw PosixFile.failure("examining", path)
      }
      return nil
    }
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      default: .other
      }
    size = Int64(status.st_size)
    mode = status.st_mode & 0o7777
    modified = Time(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }
}
