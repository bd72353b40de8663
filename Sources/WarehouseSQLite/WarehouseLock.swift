import Glibc
import Records
package import Warehouse

/// The lock that makes a process the only writer of a warehouse folder.
///
/// An advisory lock (`flock`) on `warehouse.lock`, which the system releases when the process ends,
/// however it ends. The file says who holds it; a reader needs no lock.
package struct WarehouseLock: ~Copyable {
  private let file: PosixFile

  /// Name of the file.
  package static let fileName = "warehouse.lock"

  /// Takes the lock of `folder`.
  ///
  /// - Parameters:
  ///   - command: What the process is doing, for the message of the second one.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  /// - Throws: ``WarehouseError`` with code `.inUse` that names the holder.
  package init(folder: String, command: String, now: Int64) throws(WarehouseError) {
    let path = folder + "/" + Self.fileName
    let opened = try PosixFile(path, flags: O_RDWR | O_CREAT)
    guard try opened.tryLock() else {
      throw WarehouseError(.inUse, Self.message(try opened.read(4096), path: path))
    }
    let lines = [
      "process \(PosixFile.processID)", "host \(PosixFile.hostName)",
      "since \(LocalTime.text(now))", "command \(command.split(separator: "\n").joined())",
    ]
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    // In this order the file is never empty for a second process that reads it just now.
    try opened.write(bytes)
    try opened.truncate(to: bytes.count)
    file = opened
  }

  private static func message(_ bytes: [UInt8], path: String) -> String {
    var fields: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if let name = parts.first { fields[String(name)] = parts.dropFirst().first.map(String.init) }
    }
    let process = fields["process"] ?? "unknown"
    let host = fields["host"].map { " on \($0)" } ?? ""
    let since = fields["since"].map { " since \($0)" } ?? ""
    let command = fields["command"].map { " (\($0))" } ?? ""
    return "warehouse is in use by process \(process)\(host)\(since)\(command); wait for it to end "
      + "(lock: \(path))"
  }
}

/// Points in time as people here read them.
package enum LocalTime {
  /// `2026-03-01T03:10:00+08:00`.
  ///
  /// - Parameter seconds: Since 1970-01-01T00:00:00Z.
  package static func text(_ seconds: Int64) -> String {
    let local = Int(seconds) + 8 * 3600
    let day = local >= 0 ? local / 86400 : (local - 86399) / 86400
    let second = local - day * 86400
    let parts = [second / 3600, second / 60 % 60, second % 60].map { number in
      number < 10 ? "0\(number)" : "\(number)"
    }
    return "\(CivilDate(dayNumber: day))T\(parts.joined(separator: ":"))+08:00"
  }
}
